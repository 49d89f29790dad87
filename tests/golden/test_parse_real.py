#!/usr/bin/env python3
"""What six mail servers really wrote (real/), read as one person read it.

real/expected.tsv has a line a recipient: '|' parts alternatives, an empty one says
that nothing is right too, '-' is not looked at, a leading '*' in
original_recipient says that either address may be named."""
import csv
import json
import os
import subprocess
import sys

PROGRAM = os.environ["BOUNCEBOX"]
FOLDER = os.path.join(os.environ["SOURCE"], "tests", "golden", "real")
WANTED = 98.0  # percent of each column


def low(text):
    return (text or "").strip().strip("<>").lower()


class Score:
    def __init__(self):
        self.right, self.total = {}, {}

    def check(self, column, good, name, want, got):
        self.total[column] = self.total.get(column, 0) + 1
        self.right[column] = self.right.get(column, 0) + bool(good)
        if not good:
            print("%s: %s: want %s, got %s" % (name, column, want, got))

    def percent(self, column):
        return 100.0 * self.right[column] / self.total[column]


def score_recipient(score, name, row, got):
    causes = got.get("causes") or [{}]
    for column, value in (("state", got.get("state")), ("action", got.get("action")),
                          ("status", got.get("status")), ("reply_code", got.get("reply_code")),
                          ("cause", causes[0].get("cause", ""))):
        if row[column] != "-":
            score.check(column, value in row[column].split("|"), name, row[column], value)
    original = row["original_recipient"]
    if original and not original.startswith("*"):
        have = got.get("original_recipient")
        score.check("original_recipient", low(have) == low(original), name, original, have)


def score_message(score, name, rows, got):
    score.check("kind", got.get("kind") == rows[0]["kind"], name, rows[0]["kind"], got.get("kind"))
    if rows[0]["kind"] == "other":
        return
    recipients = got.get("recipients") or []
    found = 0
    for row in rows:
        want = set(low(row["recipient"]).split("|"))
        hits = [r for r in recipients if {low(r["address"]), low(r["original_recipient"])} & want]
        found += bool(hits)
        score_recipient(score, name, row, hits[0] if hits else {})
    score.check("recipients", found == len(rows) == len(recipients), name,
                [row["recipient"] for row in rows], [r["address"] for r in recipients])
    original = got.get("original") or {}
    for column, key in (("original_message_id", "message_id"), ("original_part", "part")):
        want = [low(x) for x in rows[0][column].split("|")]
        score.check(column, low(original.get(key)) in want, name, want, original.get(key))


def main():
    expected = {}
    with open(os.path.join(FOLDER, "expected.tsv"), encoding="utf-8") as f:
        for row in csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE):
            expected.setdefault(row["file"], []).append(row)
    out = subprocess.run([PROGRAM, "parse", "--json", FOLDER], stdout=subprocess.PIPE, check=True)
    got = {}
    for line in out.stdout.decode().splitlines():
        report = json.loads(line)
        got[os.path.basename(report["file"])] = report
    score = Score()
    for name, rows in expected.items():
        score_message(score, name, rows, got.get(name, {}))
    for column in score.total:
        print("%-20s %6.1f %% of %d" % (column, score.percent(column), score.total[column]))
    bad = [c for c in score.total if score.percent(c) < WANTED]
    return 1 if bad or not score.total else 0


if __name__ == "__main__":
    sys.exit(main())
