#include "tui/cmd.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define END                \
	{                  \
		0, 0, 0, 0 \
	}

const struct cmd_topic cmd_topics[] = {
    {"CASE",
	"A CASE is the id that list prints, or a beginning of it (four letters or more) that "
	"no other case has."},
    {"FILTER",
	"A FILTER is words, all of which must hold; a leading - negates one, and a bare word is "
	"looked for everywhere: to: domain: from: subject: code: (code:4.4 is a beginning) cause: "
	"state: (trying gave-up refused delivered unknown) mta: id: account: is: (open resent due "
	"doubt "
	"ignored noted done ours notours new) age: (age:<2d, age:>1w)."},
    {"JSON",
	"With --json resend, ignore, resolve, note and sync print one object for each case, also "
	"for one "
	"that was refused: id, recipient, ok, refused (a guard, or somebody quicker, said no), "
	"result (in words), error and todo (empty if ok), due_at (when it will go, if it has not "
	"gone yet)."},
};
const size_t cmd_topics_n = sizeof(cmd_topics) / sizeof(cmd_topics[0]);

const struct cmd_option cmd_global_options[] = {
    {"-a", "NAME", "", "use this account instead of the default one; the screen shows it first"},
    {"-c", "FILE", "", "read this configuration file"},
    {"--demo", "", "", "use the sample mailbox; nothing leaves this machine"},
    {"--offline", "", "", "do not connect: what is cached only"},
    {"--read-only", "", "", "write no flag, no mail and no draft"},
    {"--theme", "NAME", "", "use these colours"},
    {"--linear", "", "", "for screen readers: one thing below the other, nothing that ticks"},
    {"--log", "FILE", "", "write a log, readable by you only"},
    {"--version", "", "", "print the version"},
    {"--help", "", "", "print this, or the help of the command"},
    END,
};

static const struct cmd_option explain_options[] = {END};
static const struct cmd_option parse_options[] = {
    {"--json", "", "", "one JSON object a message and line"},
    END,
};
static const struct cmd_option list_options[] = {
    {"--json", "", "", "one JSON object a case and line"},
    END,
};
static const struct cmd_option show_options[] = {
    {"--json", "", "", "one JSON object"},
    END,
};
static const struct cmd_option resend_options[] = {
    {"--dry-run", "", "", "print the envelope and the exact bytes, and send nothing"},
    {"--edit", "", "",
	"change it in the editor first and send it as a new message, once; CASEs of one "
	"message go together"},
    {"--yes", "", "",
	"do not ask; what might arrive twice, or at the wrong one, goes only alone and by its id"},
    {"--at", "WHEN", "", "put it off until then: 4h, 13:00, tomorrow 9, 2026-11-30 8:00"},
    {"--json", "", "", "what came of each case as one JSON object a line"},
    END,
};
static const struct cmd_option ignore_options[] = {
    {"--reason", "TEXT", "", "remember why"},
    {"--until", "WHEN", "", "open again then: 4h, tomorrow 9, 2026-11-30 8:00, or next-bounce"},
    {"--dry-run", "", "", "say what would be done, and do nothing"},
    {"--json", "", "", "one JSON object a case and line"},
    {"--undo", "", "", "open the cases again; take back what is due to be sent"},
    END,
};
static const struct cmd_option resolve_options[] = {
    {"--went", "", "", "it went, at the time at which it was on the wire"},
    {"--not", "", "", "it did not go: the case is open again"},
    {"--undo", "", "", "in doubt again, unless something was done with the case since"},
    {"--dry-run", "", "", "say what would be done, and do nothing"},
    {"--json", "", "", "one JSON object a case and line; result has what is known"},
    END,
};
static const struct cmd_option note_options[] = {
    {"--to", "WHO", "recipient postmaster", "to whom: the recipient, or the domain's postmaster"},
    {"--address", "ADDRESS", "", "to this address; remembered for the recipient"},
    {"--print", "", "", "print the note (the default)"},
    {"--draft", "", "", "save it among the drafts"},
    {"--send", "", "", "send it"},
    {"--yes", "", "", "send it although that domain had a note today"},
    {"--undo", "", "", "take back a note that is due, or delete the draft that was saved"},
    {"--dry-run", "", "", "with --send, --draft or --undo: only show what would be done"},
    {"--json", "", "", "address, cases, warning and text, or what came of it, as JSON"},
    END,
};
static const struct cmd_option sync_options[] = {
    {"--send-due", "", "", "send what was put off and is due"},
    {"--dry-run", "", "", "with --send-due: say what would be sent, and send nothing"},
    {"--json", "", "", "counts, and what came of each case, as one JSON object a line"},
    END,
};
static const struct cmd_option help_options[] = {
    {"--completion", "SHELL", "bash zsh fish", "print a completion script for this shell"},
    {"--manual", "PART", "commands options configuration keys",
	"print a part of the manual page, made from the program's tables"},
    END,
};

const struct cmd cmd_table[] = {
    {"explain", "CODE|TEXT…|-", "explain a status code, a reply code or a diagnostic text",
	"4.4.1, 451, or the words of a report; - reads them from standard input.", cmd_explain,
	explain_options, false},
    {"parse", "[--json] PATH…|-", "read message files, Maildirs, folders and mbox files",
	"Folders are read with all that is below them; - reads one message from standard input.",
	cmd_parse, parse_options, false},
    {"list", "[--json] [FILTER]",
	"list the cases of the account: what is in doubt, then the newest first",
	"Fetches what is new first, unless --offline is given. Without is: in the filter it lists "
	"what is open.",
	cmd_list, list_options, true},
    {"show", "[--json] CASE", "show one case: facts, timeline, explanation, advice", "", cmd_show,
	show_options, true},
    {"resend", "[--dry-run] [--edit] [--yes] [--at WHEN] [--json] CASE…|FILTER",
	"send the original again, to the failed recipient only",
	"Refused for what is not ours, what is in doubt, and what waiting will not mend. A message "
	"that a mail server is still trying to deliver is sent only after the word resend was "
	"typed "
	"at a terminal. What might arrive twice, or at the wrong one (resent already, list mail, "
	"written by a program, a copy that was only guessed at), goes alone only, never with "
	"others, and with --yes only if its id is given, not a filter.",
	cmd_resend, resend_options, true},
    {"ignore", "[--reason TEXT] [--until WHEN] [--undo] [--dry-run] [--json] CASE…|FILTER",
	"take cases off the open list, everywhere",
	"With --until the case is open again at that time, or with the next report of a failure "
	"or a delay (next-bounce).",
	cmd_ignore, ignore_options, true},
    {"resolve", "[--went|--not|--undo] [--dry-run] [--json] CASE…|FILTER",
	"settle a case in doubt: it went, or it did not",
	"A resend or note is in doubt if nobody knows whether it went: the program was ended, or "
	"the line was lost, before the server said so. Without an option it prints what is known "
	"(the names by which the message is found in a mail log, what reports say, whether a copy "
	"is in Sent) and exits with 1. Nothing of the case is sent again before it is settled.",
	cmd_resolve, resolve_options, true},
    {"note",
	"[--to recipient|postmaster] [--address ADDRESS] [--print|--draft|--send] [--dry-run] "
	"[--json] CASE",
	"write a note to the recipient or to the administrators of the recipient's domain", "",
	cmd_note, note_options, true},
    {"sync", "[--send-due] [--dry-run] [--json]",
	"fetch what is new, without a screen: for cron and timers",
	"Prints how many cases are open, due and in doubt. It does not wait: what send-per-minute "
	"and send-per-domain hold back stays due for the next time, and so does, for a day, what "
	"finds no way out: its exit status is 1 then.",
	cmd_sync, sync_options, true},
    {"check", "", "check configuration, connection, login, folders and outgoing server",
	"One line each, with what to do about each failure.", cmd_check, NULL, true},
    {"help", "[COMMAND]", "tell what a command does", "", cmd_help, help_options, false},
};
const size_t cmd_table_n = sizeof(cmd_table) / sizeof(cmd_table[0]);

const struct cmd *
cmd_find(const char *name)
{
	for (size_t i = 0; i < cmd_table_n; i++) {
		if (strcmp(cmd_table[i].name, name) == 0)
			return &cmd_table[i];
	}
	return NULL;
}

static int
exit_of(enum err_code code)
{
	switch (code) {
	case ERR_USAGE:
	case ERR_CONF:
		return EXIT_MISUSE;
	case ERR_DNS:
	case ERR_CONNECT:
	case ERR_TLS:
	case ERR_LOGIN:
	case ERR_BUSY:
	case ERR_TIMEOUT:
	case ERR_CLOSED:
		return EXIT_NO_REACH;
	default:
		return EXIT_FAILED;
	}
}

int
cmd_fail(const struct err *e)
{
	fprintf(stderr, "bouncebox: %s\n", e->text);
	if (e->todo[0] != '\0')
		fprintf(stderr, "  %s\n", e->todo);
	return exit_of(e->code);
}

int
cmd_misuse(const char *fmt, ...)
{
	va_list ap;

	fputs("bouncebox: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputs("\n", stderr);
	return EXIT_MISUSE;
}
