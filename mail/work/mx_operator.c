/* Big ones, and where a sender is heard. Pages change: the newest known. */
#include "work/mx_operator.h"

static const struct mx_operator mx_operators[] = {
    {"Google", "google.com googlemail.com", "gmail.com googlemail.com",
	"https://support.google.com/mail/contact/gmail_bulk_sender_escalation", ""},
    {"Outlook.com", "olc.protection.outlook.com hotmail.com",
	"outlook.com outlook.de outlook.fr outlook.es outlook.jp hotmail.com hotmail.de hotmail.fr "
	"hotmail.es hotmail.co.uk live.com live.de live.fr msn.com",
	"https://olcsupport.office.com/", ""},
    {"Microsoft 365", "protection.outlook.com mx.microsoft", "", "https://sender.office.com/", ""},
    {"Yahoo", "yahoodns.net",
	"yahoo.com yahoo.de yahoo.fr yahoo.es yahoo.co.uk yahoo.it ymail.com rocketmail.com "
	"aol.com "
	"aol.de verizon.net",
	"https://senders.yahooinc.com/contact", ""},
    {"Yahoo Japan", "yahoo.co.jp", "yahoo.co.jp ybb.ne.jp", "https://support.yahoo-net.jp/", ""},
    {"Apple iCloud", "icloud.com", "icloud.com me.com mac.com",
	"https://support.apple.com/en-us/102322", "icloudadmin@apple.com"},
    {"GMX and WEB.DE", "gmx.net web.de", "gmx.de gmx.net gmx.at gmx.ch gmx.com web.de mail.com",
	"https://postmaster.gmx.net/en/contact", ""},
    {"T-Online", "t-online.de", "t-online.de magenta.de", "https://postmaster.t-online.de/",
	"tobr@rx.t-online.de"},
    {"Mail.ru", "mail.ru", "mail.ru bk.ru inbox.ru list.ru internet.ru",
	"https://postmaster.mail.ru/", ""},
    {"Yandex", "yandex.ru yandex.net", "yandex.ru yandex.com ya.ru",
	"https://postoffice.yandex.com/", ""},
    {"Proofpoint", "pphosted.com ppe-hosted.com", "", "https://ipcheck.proofpoint.com/", ""},
    {"Mimecast", "mimecast.com mimecast-offshore.com", "", "https://community.mimecast.com/", ""},
    {"Barracuda", "barracudanetworks.com", "",
	"https://www.barracudacentral.org/rbl/removal-request", ""},
    {"Cisco (IronPort)", "iphmx.com", "", "https://talosintelligence.com/reputation_center/support",
	""},
    {"Broadcom (MessageLabs)", "messagelabs.com", "", "https://ipremoval.sms.symantec.com/", ""},
    {"OVHcloud", "ovh.net ovh.ca", "", "https://www.ovhcloud.com/en/contact/", ""},
    {"Zoho", "zoho.com zoho.eu zoho.in", "zoho.com zohomail.com",
	"https://www.zoho.com/mail/contact.html", ""},
    {"Fastmail", "messagingengine.com", "fastmail.com fastmail.fm",
	"https://www.fastmail.com/support/", "postmaster@fastmail.com"},
    {"Proton", "protonmail.ch", "proton.me protonmail.com pm.me",
	"https://proton.me/support/contact", ""},
    {"GoDaddy", "secureserver.net", "", "https://unblock.secureserver.net/", ""},
    {"Rackspace", "emailsrvr.com", "", "https://postmaster.emailsrvr.com/", ""},
    {"Comcast", "comcast.net", "comcast.net", "https://spa.xfinity.com/report", ""},
    {"Orange", "orange.fr wanadoo.fr", "orange.fr wanadoo.fr", "https://postmaster.orange.fr/", ""},
    {"Free", "free.fr", "free.fr", "https://postmaster.free.fr/", ""},
    {"Tencent QQ", "qq.com", "qq.com foxmail.com", "https://open.mail.qq.com/", ""},
};

/* Is the name one of the words, or in it? */
static bool
ends_in_one(struct slice name, const char *words)
{
	struct slice rest = slice_of(words);

	while (rest.n > 0) {
		size_t n = slice_chr(rest, ' ');
		struct slice word = slice_sub(rest, 0, n == SLICE_NONE ? rest.n : n);

		rest = slice_from(rest, n == SLICE_NONE ? rest.n : n + 1);
		if (slice_ieq(name, word) ||
		    (name.n > word.n && name.p[name.n - word.n - 1] == '.' &&
			slice_ieq(slice_from(name, name.n - word.n), word)))
			return true;
	}
	return false;
}

const struct mx_operator *
mx_operator_find(struct slice host, struct slice domain)
{
	for (size_t i = 0; i < sizeof(mx_operators) / sizeof(mx_operators[0]); i++) {
		if (ends_in_one(domain, mx_operators[i].domains) ||
		    ends_in_one(host, mx_operators[i].hosts))
			return &mx_operators[i];
	}
	return NULL;
}
