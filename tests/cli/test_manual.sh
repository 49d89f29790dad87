#!/bin/sh
# The manual page says what the tables of the program say. With --update it is
# brought up to date instead; a person reads the difference.
set -eu
: "${BOUNCEBOX:?}" "${SOURCE:?}"
page=$SOURCE/docs/bouncebox.1
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cp "$page" "$tmp/page"
for part in options commands keys configuration; do
	"$BOUNCEBOX" help --manual "$part" >"$tmp/part"
	[ -s "$tmp/part" ] || { echo "help --manual $part prints nothing"; exit 1; }
	awk -v part="$part" -v file="$tmp/part" '
		$0 == ".\\\" " part ": begin" {
			print
			while ((getline line < file) > 0) print line
			is_inside = found = 1
			next
		}
		$0 == ".\\\" " part ": end" { is_inside = 0 }
		!is_inside { print }
		END { exit !found }' "$tmp/page" >"$tmp/next" || {
		echo "the manual has no place for: $part"
		exit 1
	}
	mv "$tmp/next" "$tmp/page"
done
if [ "${1-}" = --update ]; then
	cat "$tmp/page" >"$page"
elif ! diff -u "$page" "$tmp/page"; then
	echo "docs/bouncebox.1 is not what the tables say: tests/cli/test_manual.sh --update"
	exit 1
fi
if command -v mandoc >/dev/null; then
	mandoc -T lint -W warning "$page"
fi
