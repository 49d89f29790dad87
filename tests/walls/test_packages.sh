#!/bin/sh
# The one list of packages (./start packages) against what is linked and run: a
# machine that happens to have a package hides a missing line.
set -u
command -v dpkg-query >/dev/null 2>&1 || { echo "skipped: no dpkg here"; exit 77; }
cd "$SOURCE" || exit 1
listed=" $(./start packages 2>/dev/null | sed 's/^[a-z]*://' | tr '\n' ' ') "
failed=0
checked=0

owner_of() { # owner_of FILE: the package that owns it, through merged /usr and links
	real=$(realpath "$1")
	for f in "$1" "$real" "/usr$1" "/usr$real" "${1#/usr}" "${real#/usr}"; do
		dpkg-query -S "$f" 2>/dev/null
	done | head -n 1 | cut -d: -f1
}

is_covered() { # the package itself, or what a listed package depends on
	case $listed in *" $1 "*) return 0 ;; esac
	for p in $listed; do
		dpkg-query -W -f '${Pre-Depends} ${Depends}\n' "$p" 2>/dev/null
	done | tr ',|' '\n\n' | sed 's/(.*//; s/:any//; s/ //g' | grep -qx -- "$1"
}

check() { # check WHAT FILE
	checked=$((checked + 1))
	package=$(owner_of "$2")
	if [ -z "$package" ] || ! is_covered "$package"; then
		echo "not in the list of ./start: ${package:-?} ($1: $2)"
		failed=1
	fi
}

for library in $(readelf -d "$BOUNCEBOX" | sed -n 's/.*NEEDED.*\[\(.*\)\]/\1/p'); do
	file=$(ldd "$BOUNCEBOX" | awk -v l="$library" '$1 == l { print $3 }')
	[ -n "$file" ] && check linked "$file"
done
for command in cmake ninja gcc pkg-config python3 tmux openssl git mandoc dovecot tput; do
	file=$(PATH=$PATH:/usr/sbin command -v "$command") || continue
	# a python of somebody's own is as good as Debian's
	case $file in /usr/*|/bin/*|/sbin/*) check run "$file" ;; esac
done
echo "$checked checked"
[ "$checked" -gt 10 ] || { echo "too little was checked"; exit 1; }
exit $failed
