#!/bin/sh
# The sample mailbox by commands: what is listed, shown, sent, noted; that the
# hostile part of it stays harmless; and that nothing stays behind. With --update
# the golden files are written anew; a person reads the difference.
. "$SOURCE/tests/cli/common.sh"
golden=$SOURCE/tests/cli/golden

# same NAME: the output is as in the golden file, paths and random ids aside
same() {
	sed -e "s|$tmp/bouncebox-demo-[A-Za-z0-9]*|DEMO|g" \
		-e 's/^\(\(Resent-\)\{0,1\}Message-ID: <bouncebox[a-z-]*\.[a-z2-7]*\)\.[^@]*@/\1.RANDOM@/' \
		"$tmp/out" >"$tmp/masked"
	if [ "$update" = yes ]; then
		cp "$tmp/masked" "$golden/$1"
	elif ! diff -u "$golden/$1" "$tmp/masked"; then
		fail "$1 is not as it was"
	fi
}
update=no
[ "${1-}" != --update ] || update=yes

# nothing_left: a sample into which no mail went is gone again
nothing_left() {
	for folder in "$tmp"/bouncebox-demo-*; do
		[ ! -e "$folder" ] || fail "left behind: $folder"
		rm -rf "$folder"
	done
}

# facts: each line of JSON without what better tables may change
facts() {
	python3 -c '
import json, sys
for line in sys.stdin:
    case = json.loads(line)
    print(case["id"], case["recipient"], case["state"], case["status"] or "-", case["handling"],
          case["reports"], case["timeline"], case["last_seen"], len(case["uids"]))
' <"$tmp/out" >"$tmp/facts" && mv "$tmp/facts" "$tmp/out"
}

run 0 --demo list --json && silent && facts && same list.txt
[ "$(wc -l <"$tmp/out")" -ge 40 ] || fail "fewer than 40 cases in the sample"
nothing_left
run 0 --demo list --json is:ours cause:connect-timeout && prints '"recipient":"bob@partner.example"'
run 0 --demo list is:notours && prints winner@elsewhere.example && prints nobody@victim.example
run 0 --demo list is:auto-reply && prints jens@winter.example
run 0 --demo list is:complaint
run 0 --demo list is:done && prints pia@recovered.example
run 3 --demo list subject:frobnicated && says "No case matches"
# no control character of the hostile reports comes out, and no bidi control
run 0 --demo list
! grep -qP '[\x00-\x08\x0b-\x1f\x7f]|\x{202e}|\x{2066}' "$tmp/out" || fail "controls in the list"

id() { "$BOUNCEBOX" --demo list --json "to:$1" | sed 's/.*"id":"\([^"]*\)".*/\1/;1q'; }
bob=$(id bob@partner.example)
jane=$(id jane@old.example)
dora=$(id dora@small.example)
tina=$(id tina@refused.example)
olga=$(id olga@escape.example)

run 0 --demo show "$bob" && sed -n '1,/^Timeline/p' "$tmp/out" >"$tmp/head" &&
	grep -v '^Others' "$tmp/head" >"$tmp/out" && same show.txt
run 0 --demo show "$bob" && prints "Permanent?" && prints "4.4.1"
run 0 --demo show --json "$bob" && prints '"events":[' && python3 -m json.tool <"$tmp/out" >/dev/null
run 0 --demo show "$(echo "$bob" | cut -c1-5)" && prints "$bob"
run 0 --demo show "$olga"
! grep -qP '[\x00-\x08\x0b-\x1f\x7f]' "$tmp/out" || fail "controls in a case"
run 3 --demo show zzzzzzzzzz

run 0 --demo resend --dry-run "$bob" && same dry-run.txt && says "Original: "
run 1 --demo resend --dry-run "$jane" && says "will not be sent"
run 1 --demo resend --yes "$jane" && says "will not be sent"
run 1 --demo resend --yes "$dora" && says "needs the word resend"
run 1 --demo resend --yes to:nobody@victim.example is:notours
run 2 --demo resend "$bob" && says "--yes"
# a report that names somebody else than it seems to: nobody gets it
run 1 --demo resend --yes inject.example && says "is no address"
[ -z "$(ls "$tmp"/bouncebox-demo-*/sent/new 2>/dev/null)" ] || fail "something was sent"
nothing_left
run 0 --demo resend --yes "$tina" && prints "$tina tina@refused.example" && says "Nothing left this machine"
sent=$(ls "$tmp"/bouncebox-demo-*/sent/new/* 2>/dev/null)
[ -f "$sent" ] && grep -q '^Resent-To: tina@refused.example' "$sent" || fail "not one mail was sent"
rm -rf "$tmp"/bouncebox-demo-*

run 0 --demo ignore "$jane" && prints "$jane jane@old.example"
run 0 --demo ignore domain:three.example && [ "$(wc -l <"$tmp/out")" = 3 ] || fail "not three ignored"
run 2 --demo ignore "$jane" domain:three.example && says "not both"
run 1 --demo --read-only ignore "$jane"
nothing_left

run 0 --demo note --print "$bob" && prints "To: bob@partner.example" &&
	prints "Minutes of the meeting" && prints "Connection timed out" && prints "In-Reply-To: "
run 0 --demo note --to postmaster "$bob" && prints "To: postmaster@partner.example" &&
	prints "connect to mx.partner.example[192.0.2.7]:25: Connection timed out"
! grep -q 'bob@' "$tmp/out" || fail "the note to the postmaster names the recipient in full"
nothing_left
run 0 --demo note --draft "$bob" && says "Drafts are in the Maildir"
[ -n "$(ls "$tmp"/bouncebox-demo-*/state/drafts/*/* 2>/dev/null)" ] || fail "there is no draft"
rm -rf "$tmp"/bouncebox-demo-*

run 0 --demo sync && prints " open (" && prints "in doubt"
run 0 --demo check && prints "configuration" && prints "outgoing"
nothing_left
finish
