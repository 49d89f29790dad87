#!/bin/sh
# Format, a second compiler, static analysis, the manual page. Prints each
# finding and a line of counts; fails on any.
set -u
cd "$(dirname "$0")/.."
passed=0
failed=0

check() { # check NAME COMMAND...
	name=$1
	shift
	if out=$("$@" 2>&1); then
		passed=$((passed + 1))
		echo "ok    $name"
	else
		failed=$((failed + 1))
		echo "FAIL  $name"
		printf '%s\n' "$out" | tail -n 40
	fi
}

format() {
	git ls-files '*.c' '*.h' | xargs clang-format --dry-run -Werror
}

second_compiler() {
	[ -f build-clang/build.ninja ] || cmake --preset clang || return 1
	cmake --build --preset clang
}

static_analysis() {
	cppcheck --quiet --std=c11 --inline-suppr --error-exitcode=1 -j 2 \
		--enable=warning,portability,performance --suppress=missingIncludeSystem \
		--suppress=unknownMacro --suppress=normalCheckLevelMaxBranches \
		-I mail -I . -D_GNU_SOURCE mail tui
}

manual() {
	mandoc -T lint -W warning docs/bouncebox.1
}

check "clang-format" format
check "clang, all warnings" second_compiler
check "cppcheck" static_analysis
check "manual page" manual
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
