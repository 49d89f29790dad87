#!/usr/bin/env python3
"""A mail that ends early, as fetched in part or cut on its way: each real bounce of
real/ up to each of its lines. Who is named in a part is named in the whole."""
import glob
import json
import os
import subprocess
import sys
import tempfile

PROGRAM = os.environ["BOUNCEBOX"]
FOLDER = os.path.join(os.environ["SOURCE"], "tests", "golden", "real")


def addresses(report):
    """Of all recipients, and whom the user wrote to."""
    return {r[key] for r in report["recipients"] for key in ("address", "original_recipient") if r[key]}


def read(prefixes):
    with tempfile.TemporaryDirectory() as folder:
        names = ["%s/%04d.eml" % (folder, i) for i in range(len(prefixes))]
        for name, data in zip(names, prefixes):
            with open(name, "wb") as f:
                f.write(data)
        out = subprocess.run([PROGRAM, "parse", "--json"] + names, stdout=subprocess.PIPE, check=True)
    return [json.loads(line) for line in out.stdout.decode().splitlines()]


def main():
    failed = total = 0
    for path in sorted(glob.glob(os.path.join(FOLDER, "*.eml"))):
        with open(path, "rb") as f:
            lines = f.read().splitlines(True)
        reports = read([b"".join(lines[:n + 1]) for n in range(len(lines))])
        whole = addresses(reports[-1])
        for n, report in enumerate(reports):
            total += 1
            more = {r["address"] for r in report["recipients"]} - whole
            if more or len(reports) != len(lines):
                failed += 1
                print("%s up to line %d names %s" % (os.path.basename(path), n + 1, ", ".join(sorted(more))))
                break
    print("%d beginnings of mails, %d name somebody else" % (total, failed))
    return 1 if failed or not total else 0


if __name__ == "__main__":
    sys.exit(main())
