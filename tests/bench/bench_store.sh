#!/bin/sh
# The store alone: filling the cache, showing the list, filtering, flags, removal.
set -eu
source=${SOURCE:-$(cd "$(dirname "$0")/../.." && pwd)}
[ -d "$source/build" ] || cmake -S "$source" --preset release >/dev/null
cmake --build "$source/build" --target store_bench >/dev/null
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
for n in ${CASES:-10000 100000}; do
	"$source/build/store_bench" "$n" "$folder"
done
