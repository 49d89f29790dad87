# What the tests of the command line share: a home of their own, and a way to
# say what was expected. Not a test itself.
set -u
: "${BOUNCEBOX:?}" "${SOURCE:?}"
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
export HOME="$tmp/home" XDG_CONFIG_HOME="$tmp/config" XDG_STATE_HOME="$tmp/state"
export XDG_CACHE_HOME="$tmp/cache" TMPDIR="$tmp" TZ=UTC LC_ALL=C.UTF-8 BOUNCEBOX_NOW=1795341600
mkdir -p "$HOME" "$XDG_CONFIG_HOME/bouncebox"
conf=$XDG_CONFIG_HOME/bouncebox/bouncebox.conf
failed=0

# run STATUS WORDS…: the program's exit status must be STATUS; its output is in
# $tmp/out, its errors in $tmp/err
run() {
	want=$1
	shift
	"$BOUNCEBOX" "$@" >"$tmp/out" 2>"$tmp/err" </dev/null
	got=$?
	if [ "$got" != "$want" ]; then
		fail "bouncebox $*: exit $got, wanted $want"
		head -5 "$tmp/out" "$tmp/err"
	fi
}

fail() {
	echo "FAILED: $*"
	failed=1
}

# says WORDS: they must be in the errors; prints WORDS: in the output
says() { grep -qF -- "$1" "$tmp/err" || { fail "not in the errors: $1"; cat "$tmp/err"; }; }
prints() { grep -qF -- "$1" "$tmp/out" || { fail "not in the output: $1"; head -20 "$tmp/out"; }; }
silent() { [ ! -s "$tmp/err" ] || { fail "errors where there should be none"; cat "$tmp/err"; }; }

finish() {
	[ $failed = 0 ] || exit 1
	echo passed
}
