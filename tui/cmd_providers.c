#include "tui/cmd_providers.h"

#include <strings.h>

#define GOOGLE_HINT                                                                            \
	"Google wants an app password (myaccount.google.com/apppasswords), or auth = xoauth2 " \
	"with "                                                                                \
	"a command that prints a token."
#define MICROSOFT_HINT                                                                             \
	"Microsoft takes no passwords for IMAP: give a command that prints a token, such as oama " \
	"or "                                                                                      \
	"pizauth."

static const struct provider providers[] = {
    {"gmail.com googlemail.com", "imap.gmail.com", "smtps://smtp.gmail.com", "", GOOGLE_HINT},
    {"outlook.com hotmail.com live.com msn.com outlook.de hotmail.de hotmail.fr hotmail.co.uk",
	"outlook.office365.com", "smtp://smtp-mail.outlook.com", "xoauth2", MICROSOFT_HINT},
    {"onmicrosoft.com", "outlook.office365.com", "smtp://smtp.office365.com", "xoauth2",
	MICROSOFT_HINT},
    {"fastmail.com fastmail.fm messagingengine.com", "imap.fastmail.com",
	"smtps://smtp.fastmail.com", "",
	"Fastmail wants an app password (Settings, Privacy & Security, App passwords)."},
    {"icloud.com me.com mac.com", "imap.mail.me.com", "smtp://smtp.mail.me.com", "",
	"Apple wants an app-specific password (account.apple.com); the login name is what stands "
	"before the @."},
    {"yahoo.com yahoo.de yahoo.fr yahoo.co.uk ymail.com rocketmail.com", "imap.mail.yahoo.com",
	"smtps://smtp.mail.yahoo.com", "", "Yahoo wants an app password (Account security)."},
    {"aol.com", "imap.aol.com", "smtps://smtp.aol.com", "", "AOL wants an app password."},
    {"gmx.de gmx.net gmx.at gmx.ch", "imap.gmx.net", "smtps://mail.gmx.net", "",
	"GMX: switch IMAP on in the settings of the web mail first."},
    {"gmx.com", "imap.gmx.com", "smtps://mail.gmx.com", "",
	"GMX: switch IMAP on in the settings of the web mail first."},
    {"web.de", "imap.web.de", "smtps://smtp.web.de", "",
	"WEB.DE: switch IMAP on in the settings of the web mail first."},
    {"mailbox.org", "imap.mailbox.org", "smtps://smtp.mailbox.org", "", ""},
    {"posteo.de posteo.net", "posteo.de", "smtps://posteo.de", "", ""},
    {"zoho.com zohomail.com", "imap.zoho.com", "smtps://smtp.zoho.com", "", ""},
    {"yandex.ru yandex.com ya.ru", "imap.yandex.com", "smtps://smtp.yandex.com", "",
	"Yandex wants an app password."},
    {"mail.ru inbox.ru list.ru bk.ru", "imap.mail.ru", "smtps://smtp.mail.ru", "",
	"Mail.ru wants an app password."},
    {"orange.fr wanadoo.fr", "imap.orange.fr", "smtps://smtp.orange.fr", "", ""},
    {"free.fr", "imap.free.fr", "smtps://smtp.free.fr", "", ""},
    {"t-online.de", "secureimap.t-online.de", "smtps://securesmtp.t-online.de", "",
	"T-Online wants the password for mail programs."},
    {"qq.com", "imap.qq.com", "smtps://smtp.qq.com", "", "QQ wants an authorisation code."},
    {"163.com", "imap.163.com", "smtps://smtp.163.com", "", "163 wants an authorisation code."},
    {"uol.com.br", "imap.uol.com.br", "smtps://smtps.uol.com.br", "", ""},
};

static bool
has_word(const char *words, const char *word)
{
	struct slice rest = slice_of(words);

	while (rest.n > 0) {
		size_t n = slice_chr(rest, ' ');

		if (slice_iis(slice_sub(rest, 0, n), word))
			return true;
		rest = slice_from(rest, n == SLICE_NONE ? rest.n : n + 1);
	}
	return false;
}

struct provider
provider_of(struct arena *a, const char *domain)
{
	for (size_t i = 0; i < sizeof(providers) / sizeof(providers[0]); i++) {
		if (has_word(providers[i].domains, domain))
			return providers[i];
	}
	return (struct provider){domain, arena_printf(a, "imap.%s", domain),
	    arena_printf(a, "smtps://smtp.%s", domain), "", ""};
}
