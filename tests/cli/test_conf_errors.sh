#!/bin/sh
# A configuration with mistakes: all of them, with file, line, what was found and
# what is allowed; and no command does anything.
. "$SOURCE/tests/cli/common.sh"

# broken NAME WORDS…: the file on standard input is refused, with all these words
broken() {
	name=$1
	shift
	cat >"$conf"
	chmod 600 "$conf"
	run 2 --offline list
	for words in "$@"; do
		says "$words" || echo "  ($name)"
	done
	[ ! -s "$tmp/out" ] || fail "$name: something was printed"
}

broken "all at once" "$conf:2: source: more than one @" "write the @ of a user name" \
	"$conf:3: unknown key \"source-cred-comand\" in [a]: did you mean source-cred-cmd?" \
	"$conf:4: auth = ntlm: allowed is auto, plain" \
	"$conf:6: undo-seconds = soon: allowed is 0 to 3600" <<'C'
[a]
source = imaps://a@b@imap.example.org/INBOX
source-cred-comand = pass
auth = ntlm
[ui]
undo-seconds = soon
C
broken "no account" "there is no account" <<'C'
[ui]
theme = mono
C
broken "clear text" "clear text to imap.example.org" "allow-cleartext = yes" <<'C'
[a]
source = imap+insecure://u@imap.example.org/INBOX
C
broken "no section" "this stands in no (valid) section" <<'C'
source = maildir:///tmp
C
broken "unknown scheme" "no scheme that is known" "imaps://USER@HOST/MAILBOX" <<'C'
[a]
source = pop3://u@h
C

# a password: in a file that others may read, and never in a message
printf '[a]\nsource = imaps://u:s3cr3t@127.0.0.1:1/INBOX\n' >"$conf"
chmod 644 "$conf"
run 2 --offline list && says "chmod 600"
! grep -q s3cr3t "$tmp/err" "$tmp/out" || fail "the password was told"
chmod 600 "$conf"
printf '[a]\nsource = imaps://u:s3cr3t%%zz@127.0.0.1:1/INBOX\n' >"$conf"
run 2 --offline list && says "the password has a %"
! grep -q s3cr3t "$tmp/err" "$tmp/out" || fail "the password was told"

# an account that is not there
printf '[a]\nsource = maildir:///tmp\n' >"$conf"
run 2 -a b list && says "has no account b" && says "  a"

# keys that are none
printf '[a]\nsource = maildir:///nowhere\n' >"$conf"
run 1 list && says "/nowhere"
finish
