#!/bin/bash
# The completion scripts are made from the tables: they are understood by their
# shells, and offer every command and option.
. "$SOURCE/tests/cli/common.sh"

commands=$("$BOUNCEBOX" help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p')
[ "$(echo "$commands" | wc -l)" -ge 10 ] || fail "help tells too few commands: $commands"
for shell in bash zsh fish; do
	run 0 help --completion $shell
	for command in $commands; do
		prints "$command"
	done
	prints "json"
	prints "dry-run"
	! command -v $shell >/dev/null || $shell -n "$tmp/out" || fail "$shell does not understand it"
done

# offered WORDS… CURRENT: what bash offers for the last word
offered() {
	COMP_WORDS=("$@")
	COMP_CWORD=$(($# - 1))
	COMPREPLY=()
	_bouncebox 2>/dev/null
	echo " ${COMPREPLY[*]} "
}
expect() {
	case $2 in
	*" $1 "*) ;;
	*) fail "bash does not offer $1 but:$2" ;;
	esac
}
"$BOUNCEBOX" help --completion bash >"$tmp/bash"
compopt() { :; }
. "$tmp/bash"
expect list "$(offered bouncebox l)"
expect --demo "$(offered bouncebox --d)"
expect --dry-run "$(offered bouncebox resend --d)"
expect postmaster "$(offered bouncebox note --to p)"
expect is:open "$(offered bouncebox list is:o)"
expect resend "$(offered bouncebox --demo help res)"
expect fish "$(offered bouncebox help --completion f)"
finish
