#!/bin/sh
# The public collection of real bounces, where it lies beside the project: its own
# scorer says whether recipients, codes and actions are right often enough.
set -u
corpus=$SOURCE/../shared/corpus
scorer=$SOURCE/../shared/tools/score-corpus.py
if [ ! -d "$corpus" ] || [ ! -f "$scorer" ]; then
	echo "skipped: no ../shared/corpus beside the project"
	exit 77
fi
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
"$BOUNCEBOX" parse --json "$corpus/maildir" "$corpus/mailbox" >"$folder/out" || exit 1
python3 "$scorer" "$folder/out" "$corpus"
