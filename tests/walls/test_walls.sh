#!/bin/bash
# The walls of the house, held against the tree; and first, that the check can
# fail: each rule is broken once in a tree of its own, and must be found there.
set -u
here=$(cd "$(dirname "$0")" && pwd)
source=${SOURCE:-$(cd "$here/../.." && pwd)}
tree=$(mktemp -d) || exit 1
trap 'rm -rf "$tree"' EXIT
failed=0

breaks() { # breaks FILE LINE WORDS TEXT: TEXT in FILE must be found at LINE with WORDS
	rm -rf "${tree:?}"/*
	mkdir -p "$tree/mail/base" "$tree/mail/msg" "$tree/mail/net" "$tree/mail/store" "$tree/tui" "$tree/tests"
	printf '#include <stddef.h>\nsize_t fine(void);\n' >"$tree/mail/base/fine.h"
	if ! out=$("$here/walls.py" "$tree"); then
		echo "the check fails on a tree without fault: $out"
		failed=1
	fi
	printf "$4" >"$tree/$1"
	if out=$("$here/walls.py" "$tree") || ! grep -qF "$1:$2: $3" <<<"$out"; then
		echo "not found: $1:$2: $3"
		echo "$out"
		failed=1
	fi
}

breaks mail/base/up.c 2 'base may not include "msg/field.h"' '\n#include "msg/field.h"\n'
breaks mail/msg/up.c 1 'msg may not include "bounce/report.h"' '#include "bounce/report.h"\n'
breaks mail/net/side.c 1 'net may not include "store/case.h"' '#include "store/case.h"\n'
breaks mail/store/side.c 1 'store may not include "net/imap.h"' '#include "net/imap.h"\n'
breaks mail/msg/lost.c 1 '"lost.h" names no room' '#include "lost.h"\n'
breaks tui/draw.c 1 '<ncursesw/curses.h> belongs to' '#include <ncursesw/curses.h>\n'
breaks mail/store/tls.c 1 '<openssl/ssl.h> belongs to' '#include <openssl/ssl.h>\n'
breaks tui/imap.c 1 '<libetpan/libetpan.h> belongs to' '#include <libetpan/libetpan.h>\n'
breaks mail/net/db.c 1 '<sqlite3.h> belongs to' '#include <sqlite3.h>\n'
breaks mail/msg/file.c 1 '<fcntl.h> in msg, which is pure' '#include <fcntl.h>\n'
breaks mail/msg/file.c 3 'fopen() in msg, which is pure' 'int x;\n/* fopen() */\nint y = fopen("a");\n'
breaks mail/msg/now.c 1 'time() in msg, which is pure' 'int t = time(0);\n'
breaks mail/msg/env.c 1 'getenv() in msg, which is pure' 'int t = getenv("X") != 0;\n'
breaks mail/base/copy.c 2 'strcpy() is never used here' 'char *s = "strcpy(";\nint i = strcpy(a, b);\n'
breaks mail/base/later.c 1 'a note to ourselves' '/* TO''DO */\n'
breaks mail/base/long.c 601 'over 600 lines' "$(printf 'int x;\\n%.0s' {1..601})"
breaks tests/long.py 601 'over 600 lines' "$(printf 'x = 1\\n%.0s' {1..601})"
breaks mail/base/deep.c 3 'deep has 81 lines' "void\ndeep(void)\n{\n$(printf '\tx;\\n%.0s' {1..81})}\n"
breaks mail/base/half.h 1 'does not stand alone' 'size_t half(void);\n'
[ "$failed" -eq 0 ] || exit 1

exec "$here/walls.py" "$source"
