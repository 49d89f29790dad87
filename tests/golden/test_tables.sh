#!/bin/sh
# The checker of the tables must catch each kind of mistake, by file, line and words.
set -u
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
failed=0
TAB=$(printf '\t')

# broken NAME FILE SED-EXPRESSION WORDS: the tables with one mistake must be refused with these words.
broken() {
	rm -rf "$work/src" "$work/out.c"
	mkdir "$work/src"
	cp "$SOURCE"/mail/bounce/*.tsv "$work/src"
	sed -i -e "$3" "$work/src/$2"
	if python3 "$SOURCE/mail/bounce/tables.py" "$work/src" "$work/out.c" 2>"$work/err"; then
		echo "not ok: $1: accepted"
		failed=1
	elif ! grep -Eq "/$2(:[0-9]+)?: .*$4" "$work/err"; then
		echo "not ok: $1: other words:"
		head -3 "$work/err"
		failed=1
	elif [ -e "$work/out.c" ]; then
		echo "not ok: $1: wrote a table all the same"
		failed=1
	fi
}

row() { # PATTERN CAUSE REMEDY VERDICT RESEND TIER
	printf '%s\\tTest\\t%s\\t%s\\ttest\\t-\\t%s\\t%s\\t%s' "$1" "$2" "$3" "$4" "$5" "$6"
}

mkdir "$work/same"
cp "$SOURCE"/mail/bounce/*.tsv "$work/same"
python3 "$SOURCE/mail/bounce/tables.py" "$work/same" "$work/good.c" || failed=1

broken "duplicate pattern" diagnostics.tsv "\$a $(row 'user unknown' user-unknown - hard no specific)" "duplicate pattern"
broken "shadowed in its tier" diagnostics.tsv "\$a $(row 'the user unknown here' user-unknown - hard no specific)" \
	"unreachable: 'the user unknown here' is caught by 'user unknown' in line [0-9]+"
broken "shadowed by a higher tier" diagnostics.tsv "\$a $(row 'some user unknown' user-unknown - hard no wrapper)" "unreachable"
broken "shadowed through a star" diagnostics.tsv "\$a $(row 'xx connect to *yy: connection refused' connect-refused - soft wait specific)" \
	"unreachable"
broken "unknown cause" diagnostics.tsv "\$a $(row 'zzz some words' no-such-cause - hard no specific)" "unknown cause 'no-such-cause'"
broken "bad verdict" diagnostics.tsv "\$a $(row 'zzz some words' loop - perhaps no specific)" "unknown verdict"
broken "bad advice" diagnostics.tsv "\$a $(row 'zzz some words' loop - hard never specific)" "unknown resend"
broken "bad tier" diagnostics.tsv "\$a $(row 'zzz some words' loop - hard no precise)" "unknown tier"
broken "empty remedy" diagnostics.tsv "\$a $(row 'zzz some words' loop '' hard no specific)" "empty remedy"
broken "capitals" diagnostics.tsv "\$a $(row 'Zzz some words' loop - hard no specific)" "capitals"
broken "two blanks" diagnostics.tsv "\$a $(row 'zzz  some words' loop - hard no specific)" "white space"
broken "star at the end" diagnostics.tsv "\$a $(row 'zzz some words*' loop - hard no specific)" "shorter than"
broken "an address" diagnostics.tsv "\$a $(row 'zzz bob@example.org' loop - hard no specific)" "holds an address"
broken "too few columns" diagnostics.tsv "\$a zzz${TAB}Test" "2 columns, not 9"
broken "wrong head" diagnostics.tsv "s/^pattern${TAB}vendor/pattern${TAB}vender/" "the columns must be"
broken "code with no title" codes.tsv "s/^X.4.1${TAB}[^${TAB}]*/X.4.1${TAB}/" "empty title"
broken "code with no meaning" codes.tsv "s/^\\(X.4.1${TAB}[^${TAB}]*${TAB}\\)[^${TAB}]*/\\1/" "empty meaning"
broken "code twice" codes.tsv "s/^X.4.2${TAB}/X.4.1${TAB}/" "duplicate code 'X.4.1'"
broken "code that is none" codes.tsv "s/^X.4.2${TAB}/X.4${TAB}/" "bad code 'X.4'"
broken "code with a strange owner" codes.tsv "/^X.4.2${TAB}/s/recipient-admin/somebody/" "unknown owner"
broken "cause missing" causes.tsv "/^greylist${TAB}/d" "no row for the cause 'greylist'"
broken "cause twice" causes.tsv "s/^rate${TAB}/greylist${TAB}/" "duplicate cause"
broken "cause with no meaning" causes.tsv "s/^\\(rate${TAB}[^${TAB}]*${TAB}\\)[^${TAB}]*/\\1/" "empty meaning"
broken "step with a command that is none" causes.tsv "/^rate${TAB}/s/resend-later:/send-again:/" "bad step"
broken "wait that is no number" causes.tsv "/^rate${TAB}/s/${TAB}3600${TAB}/${TAB}soon${TAB}/" "no number of seconds"
broken "vendor with no name" vendors.tsv "/^name${TAB}zoho${TAB}/d" "unknown vendor 'zoho'"
broken "token twice" vendors.tsv "\$a token${TAB}zoho${TAB}gsmtp${TAB}-${TAB}-${TAB}-${TAB}-${TAB}test" "duplicate token"
broken "reading with a bad code" vendors.tsv "s/${TAB}5.1.90${TAB}/${TAB}5.1.x${TAB}/" "bad code '5.1.x'"
broken "reading with an empty range" vendors.tsv "s/${TAB}5.7.606-649${TAB}/${TAB}5.7.649-606${TAB}/" "is empty"
broken "mail system with no lifetime" mtas.tsv "s/${TAB}432000${TAB}Postfix/${TAB}days${TAB}Postfix/" "no number of seconds"
[ $failed -eq 0 ] && echo "ok: every kind of mistake is refused"
exit $failed
