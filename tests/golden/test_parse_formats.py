#!/usr/bin/env python3
"""Every notice of formats.txt and unmet.txt is read as it says there."""
import json
import os
import subprocess
import sys
import tempfile

PROGRAM = os.environ["BOUNCEBOX"]
GOLDEN = os.path.join(os.environ["SOURCE"], "tests", "golden")
SOURCES = ["formats.txt", "unmet.txt"]


def blocks(text):
    for block in ("\n" + text).split("\n=== ")[1:]:
        name, expect, mail = block.split("\n", 2)
        yield name.strip(), [cell.strip() for cell in expect.split("|")], mail


def misses(got, expect):
    kind, recipients, action, status, reply = expect
    if got["kind"] != kind:
        yield "kind", kind, got["kind"]
    want = sorted(x for x in recipients.split(",") if x)
    have = sorted(r["address"] for r in got["recipients"])
    if want != have:
        yield "recipients", want, have
    for r in got["recipients"]:
        for key, value in (("action", action), ("status", status), ("reply_code", reply)):
            if value != "-" and r[key] != value:
                yield key, value, r[key]


def main():
    failed = total = 0
    cases = [case for name in SOURCES
             for case in blocks(open(os.path.join(GOLDEN, name), encoding="utf-8").read())]
    for end in ("\n", "\r\n", "\r"):
        with tempfile.TemporaryDirectory() as folder:
            for i, (_, _, mail) in enumerate(cases):
                with open("%s/%03d.eml" % (folder, i), "wb") as f:
                    f.write(mail.replace("\n", end).encode())
            names = ["%s/%03d.eml" % (folder, i) for i in range(len(cases))]
            out = subprocess.run([PROGRAM, "parse", "--json"] + names, stdout=subprocess.PIPE, check=True)
        for (name, expect, _), line in zip(cases, out.stdout.decode().splitlines()):
            total += 1
            wrong = list(misses(json.loads(line), expect))
            failed += bool(wrong)
            for what, want, have in wrong:
                print("%s (%r): %s: want %s, got %s" % (name, end, what, want, have))
    print("%d of %d read as expected" % (total - failed, total))
    return 1 if failed or not total else 0


if __name__ == "__main__":
    sys.exit(main())
