#!/usr/bin/env python3
"""Each line of docs/VIOLATIONS.md names a test, and there is such a test."""
import glob
import os
import re
import sys

ROOT = os.environ["SOURCE"]
SCRIPTS = {"bytes": "golden/test_parse_bytes.py", "ordinary": "golden/test_ordinary.py",
           "linear": "linear/test_linear.c", "prefixes": "golden/test_parse_prefixes.py"}


def read(*path):
    with open(os.path.join(ROOT, *path), encoding="utf-8") as f:
        return f.read()


def known_tests():
    names = set()
    for source in ("formats.txt", "unmet.txt", "cold.txt"):
        names |= set(re.findall(r"^=== (\S+)", read("tests", "golden", source), re.M))
    for path in glob.glob(os.path.join(ROOT, "tests", "golden", "real", "*")):
        names.add("real/" + os.path.splitext(os.path.basename(path))[0])
    for path in glob.glob(os.path.join(ROOT, "tests", "unit", "bounce", "*.c")):
        names |= {"`%s`" % n for n in re.findall(r"^(test_\w+)\(", read(path), re.M)}
    names |= {"`%s`" % n for n, script in SCRIPTS.items()
              if os.path.exists(os.path.join(ROOT, "tests", script))}
    return names


def main():
    failed = lines = 0
    known = known_tests()
    for number, line in enumerate(read("docs", "VIOLATIONS.md").splitlines(), 1):
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)]
        if len(cells) != 5 or cells[1] == "what is written" or cells[1].startswith("---"):
            continue
        lines += 1
        names = [n.strip() for n in cells[3].split(",") if n.strip() not in ("", "…")]
        missing = [n for n in names if n not in known]
        if missing or not names:
            failed += 1
            print("VIOLATIONS.md:%d: no such test: %s" % (number, ", ".join(missing) or "none is named"))
    print("%d lines, %d without a test" % (lines, failed))
    return 1 if failed or not lines else 0


if __name__ == "__main__":
    sys.exit(main())
