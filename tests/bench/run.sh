#!/bin/sh
# Runs every bench_* beside this file and prints what they print. Figures, never a
# verdict: nothing here fails because a machine is slow.
set -u
cd "$(dirname "$0")/../.." || exit 1
BOUNCEBOX=${BOUNCEBOX:-$PWD/build/bouncebox}
SOURCE=$PWD
export BOUNCEBOX SOURCE
printf 'machine: %s cores, %s\n' "$(nproc)" "$(uname -srm)"
printf 'date:    %s\n\n' "$(date -u +%F)"
for bench in tests/bench/bench_*; do
	[ -x "$bench" ] || continue
	printf '== %s\n' "$(basename "$bench")"
	"$bench" || printf '(%s ended with %d)\n' "$(basename "$bench")" $?
	echo
done
