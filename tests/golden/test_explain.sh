#!/bin/sh
# What `explain` prints. With REWRITE=1 the golden files are written anew.
set -u
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
golden=$SOURCE/tests/golden/explain
failed=0
COLUMNS=80
BOUNCEBOX_NOW=1795500000
export COLUMNS BOUNCEBOX_NOW

fail() {
	echo "not ok: $*"
	failed=1
}

# golden NAME ARGUMENTS…
golden() {
	name=$1
	shift
	"$BOUNCEBOX" explain "$@" >"$work/out" 2>"$work/err" || fail "$name: exit $?"
	[ "${REWRITE:-}" = 1 ] && mkdir -p "$golden" && cp "$work/out" "$golden/$name.txt"
	diff -u "$golden/$name.txt" "$work/out" || fail "$name: not as in $name.txt"
	[ "$name" = json ] || awk -v w="$COLUMNS" 'length($0) > w {exit 1}' "$work/out" || fail "$name: a line is too long"
}

# ends STATUS WORDS ARGUMENTS…: exit status, and words on standard error.
ends() {
	want=$1
	words=$2
	shift 2
	"$BOUNCEBOX" explain "$@" >"$work/out" 2>"$work/err" </dev/null
	got=$?
	[ $got -eq "$want" ] || fail "explain $*: exit $got, not $want"
	grep -q "$words" "$work/err" || fail "explain $*: no '$words' in: $(cat "$work/err")"
	[ -s "$work/out" ] && fail "explain $*: something on standard output"
}

golden 4.4.1 4.4.1
golden 451 451
golden 5.7.1 5.7.1
golden 4.9.9 4.9.9
golden edge-blocking '550 5.4.1 Recipient address rejected: Access denied'
golden timeout 'connect to mx.partner.example[192.0.2.7]:25: Connection timed out'
golden gmail-spf '550-5.7.27 Gmail requires all senders to authenticate with SPF. gsmtp'
golden contradiction 'Status: 4.0.0, said: 554 5.7.1 Message blocked'
golden json --json '452 4.2.2 The email account that you tried to reach is over quota'
COLUMNS=48
golden narrow 4.4.1
COLUMNS=80

echo '450 4.7.1 greylisted' | "$BOUNCEBOX" explain - | grep -q 'Greylisted: come back later' || fail "reads standard input"
ends 2 'no status or reply code' 9.9.9
ends 2 'no status or reply code' 999
ends 3 'points to a cause' hello
ends 3 'points to a cause' -
ends 2 'explain what' --json
ends 2 'unknown option' --frob 4.4.1
ends 2 'explain what'

# Every registered code has each section, in words.
details="0:0 1:10 2:4 3:6 4:7 5:6 6:10 7:30"
n=0
for pair in $details; do
	subject=${pair%:*}
	detail=0
	while [ $detail -le "${pair#*:}" ]; do
		for class in 4 5; do
			code=$class.$subject.$detail
			"$BOUNCEBOX" explain $code >"$work/out" || fail "$code: exit $?"
			head -1 "$work/out" | grep -Eq "^$code  [A-Z(].{3,}" || fail "$code: no title"
			sed -n 2p "$work/out" | grep -Eq '^[A-Z].{20,}' || fail "$code: no meaning"
			for section in 'What to do' 'Permanent?' 'Wait how long?' 'Who can mend it' 'Prevent it?'; do
				grep -q "^$section" "$work/out" || fail "$code: no '$section'"
			done
		done
		n=$((n + 1))
		detail=$((detail + 1))
	done
done
[ $n -eq 81 ] || fail "$n registered codes, not 81"
[ $failed -eq 0 ] && echo "ok"
exit $failed
