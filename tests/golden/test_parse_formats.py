#!/usr/bin/env python3
"""Every notice of formats.txt, unmet.txt and cold.txt is read as it says there."""
import json
import os
import re
import subprocess
import sys
import tempfile

PROGRAM = os.environ["BOUNCEBOX"]
GOLDEN = os.path.join(os.environ["SOURCE"], "tests", "golden")
RECIPIENT = re.compile("(.*?)(?:=(failed|delayed|delivered))?$")
SOURCES = ["formats.txt", "unmet.txt", "cold.txt"]


def blocks(text):
    for block in ("\n" + text).split("\n=== ")[1:]:
        name, expect, mail = block.split("\n", 2)
        yield name.strip(), [cell.strip() for cell in expect.split("|")], mail


def misses(got, expect):
    kind, recipients, action, status, reply, state, cause = (expect + ["-", "-"])[:7]
    if got["kind"] != kind:
        yield "kind", kind, got["kind"]
    want = dict(RECIPIENT.match(x).groups("") for x in recipients.split(",") if x)
    have = [r["address"] + ("<" + r["original_recipient"] if "<" in recipients else "") for r in got["recipients"]]
    if sorted(want) != sorted(have):
        yield "recipients", sorted(want), sorted(have)
    for r in got["recipients"]:
        mine = (("action", want.get(r["address"]) or action), ("status", status), ("reply_code", reply),
                ("state", state), ("cause", cause))
        r["cause"] = r["causes"][0]["cause"] if r["causes"] else ""
        for key, value in mine:
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
