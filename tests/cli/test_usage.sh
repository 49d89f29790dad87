#!/bin/sh
# Wrong use is told with what was meant, and with the status that scripts rely on.
. "$SOURCE/tests/cli/common.sh"

run 0 --version && prints "bouncebox "
run 0 --help && prints "Commands:"
run 0 -h && prints "Exit status:"
run 0 help
for command in explain parse list show resend ignore note sync check help; do
	run 0 help "$command" && prints "bouncebox $command"
	run 0 "$command" --help && prints "bouncebox $command"
done
run 0 help configuration && prints "source-cred-cmd"

run 2 lst && says "did you mean list?"
run 2 frobnicate && says "unknown command frobnicate"
run 2 --ofline list && says "did you mean --offline?"
run 2 --frobnicate && says "unknown option --frobnicate"
run 2 -a && says "-a needs an argument"
run 2 -c && says "-c needs an argument"
run 2 --demo=x list && says "--demo takes no argument"
run 2 list --jsno && says "did you mean --json?"
run 2 list --ofline && says "did you mean --offline?"
run 2 list --json=yes && says "--json takes no argument"
run 2 --demo list is:frobnicated && says "is:"
run 2 --demo list age:tomorrow && says "age:"
run 2 --demo list frobnicate:x && says "frobnicate"
run 2 show && says "give one CASE"
run 2 show a b && says "give one CASE"
run 2 resend && says "CASE"
run 2 ignore && says "CASE"
run 2 note && says "give one CASE"
run 2 note --to nobody abcd && says "recipient postmaster"
run 2 note --print --send abcd && says "one of --print, --draft and --send"
run 2 sync now && says "sync takes no further words"
run 2 check now && says "check takes no further words"
run 2 help frobnicate && says "no command frobnicate"
run 2 help --completion csh && says "bash zsh fish"
run 1 --read-only resend abcd && says "--read-only"
run 1 --read-only ignore abcd && says "--read-only"
run 1 --read-only note --send abcd && says "--read-only"
run 1 --read-only sync --send-due && says "--read-only"

# GnuTLS, which only libetpan brings, would tell of its start
GNUTLS_DEBUG_LEVEL=9 run 0 --version
[ ! -s "$tmp/err" ] || fail "GnuTLS was started: $(head -1 "$tmp/err")"

# no configuration, and nobody to ask
run 2 list && says "bouncebox.conf" && says "No such file"
run 2 -c "$tmp/nowhere.conf" list && says "$tmp/nowhere.conf"
run 2 && says "needs a terminal"
finish
