/* The options of the configuration file: one row each. */
#include "base/conf.h"

#define ACCOUNT(member) offsetof(struct account, member)
#define UI(member) offsetof(struct conf, member)
#define AUTHS "auto, plain, login, cram-md5, scram-sha-1, scram-sha-256, xoauth2, oauthbearer"

const struct conf_option conf_options[] = {
    {"account", "source", CONF_URL, "",
	"imaps://USER@HOST/MAILBOX, imap:// (STARTTLS), imap+insecure:// (no TLS), "
	"maildir:///PATH or mbox:///PATH",
	"the mailbox that collects the bounces", ACCOUNT(source)},
    {"account", "source-cred-cmd", CONF_COMMAND, "", "a command that prints the password",
	"prints the password of the source, or a token, on its first line",
	ACCOUNT(source_cred_cmd)},
    {"account", "outgoing", CONF_URL, "",
	"smtps://USER@HOST, smtp:// (STARTTLS), smtp+insecure:// (no TLS), maildir:///PATH, "
	"or a command such as /usr/sbin/sendmail -i",
	"the way out for what is resent and for notes", ACCOUNT(outgoing)},
    {"account", "outgoing-cred-cmd", CONF_COMMAND, "", "a command that prints the password",
	"prints the password of outgoing, or a token, on its first line",
	ACCOUNT(outgoing_cred_cmd)},
    {"account", "from", CONF_STRING, "", "Name <user@domain>, or an address",
	"sender of notes and of Resent-From; without it the source's login name, if that is an "
	"address",
	ACCOUNT(from)},
    {"account", "addresses", CONF_STRING, "", "addresses and domains, with commas between",
	"further addresses and domains that are ours; other mail is not ours", ACCOUNT(addresses)},
    {"account", "copy-to", CONF_STRING, "", "the name of a mailbox",
	"gets a copy of each note; without it the mailbox that the server marks \\Sent",
	ACCOUNT(copy_to)},
    {"account", "postpone", CONF_STRING, "", "the name of a mailbox",
	"gets drafts; without it the mailbox that the server marks \\Drafts", ACCOUNT(postpone)},
    {"account", "search-in", CONF_STRING, "", "names of mailboxes, with commas between",
	"where originals are looked for, by Message-ID; without it copy-to", ACCOUNT(search_in)},
    {"account", "ca-file", CONF_STRING, "", "a file that can be read, in PEM format",
	"certificates to trust; without it the system's trust store", ACCOUNT(ca_file)},
    {"account", "auth", CONF_CHOICE, "auto", AUTHS,
	"how to log in at the source; xoauth2 and oauthbearer take a token for the password",
	ACCOUNT(auth)},
    {"account", "outgoing-auth", CONF_CHOICE, "", AUTHS,
	"how to log in at outgoing; without it as auth says", ACCOUNT(outgoing_auth)},
    {"account", "allow-cleartext", CONF_BOOL, "no", "yes, no",
	"lets imap+insecure:// and smtp+insecure:// leave this machine", ACCOUNT(allow_cleartext)},
    {"account", "timeout-seconds", CONF_UINT, "30", "1 to 3600",
	"how long a silent server is waited for", ACCOUNT(timeout_s)},
    {"account", "language", CONF_STRING, "en", "en, de, fr, es, ja", "the language of notes",
	ACCOUNT(language)},
    {"account", "lists", CONF_STRING, "", "addresses and domains, with commas between",
	"mailing lists: they drop a message that they have seen, so it is edited as new",
	ACCOUNT(lists)},
    {"account", "keep-dkim", CONF_BOOL, "yes", "yes, no",
	"keeps DKIM signatures on what is resent; no where the relay signs anew and refuses a "
	"second one",
	ACCOUNT(keep_dkim)},
    {"account", "contacts", CONF_STRING, "", "a file that can be read",
	"one line a domain: the domain, a tab, the address of its administrators",
	ACCOUNT(contacts)},

    {"ui", "account", CONF_STRING, "", "the name of an account in this file",
	"the account without -a; without it the first", UI(default_account)},
    {"ui", "theme", CONF_STRING, "default", "letters, digits, - and _", "the name of a theme file",
	UI(theme)},
    {"ui", "undo-seconds", CONF_UINT, "5", "0 to 3600",
	"how long a resend waits, so that it can be taken back", UI(undo_seconds)},
    {"ui", "ascii", CONF_BOOL, "no", "yes, no", "draws nothing beyond ASCII, even in UTF-8",
	UI(ascii)},
    {"ui", "mouse", CONF_BOOL, "yes", "yes, no", "takes wheel and clicks", UI(mouse)},
    {"ui", "bell", CONF_BOOL, "no", "yes, no", "rings for new bounces", UI(bell)},
    {"ui", "linear", CONF_BOOL, "no", "yes, no",
	"for screen readers: one thing below the other, nothing that ticks", UI(linear)},
    {"ui", "notify", CONF_COMMAND, "", "a command", "run when new bounces came", UI(notify)},
    {"ui", "editor", CONF_COMMAND, "", "a command",
	"edits notes; without it $VISUAL, $EDITOR or vi", UI(editor)},
};
const size_t conf_n_options = sizeof(conf_options) / sizeof(conf_options[0]);
