#!/usr/bin/env python3
"""seeds.py FOLDER: what the fuzz targets begin with. FOLDER/mail has the mails of
tests/golden, FOLDER/text their bodies and the texts of the tables, FOLDER/header
their headers; FOLDER/dict is a dictionary of the sentences that bounces have in
common (libFuzzer's -dict)."""
import glob
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
GOLDEN = os.path.join(HERE, "..", "golden")
TABLES = os.path.join(HERE, "..", "..", "mail", "bounce")
MAX_BYTES = 24 * 1024
NAMES = ["Reporting-MTA: dns; ", "Final-Recipient: rfc822; ", "Original-Recipient: rfc822; ",
         "Action: failed", "Action: delayed", "Status: 5.1.1", "Diagnostic-Code: smtp; ",
         "Remote-MTA: dns; ", "Will-Retry-Until: ", "X-Failed-Recipients: ", "message/rfc822",
         "message/delivery-status", "multipart/report", "multipart/alternative", "text/html",
         "text/plain", "Content-Transfer-Encoding: base64", "quoted-printable", "boundary=", "--x--",
         "=?utf-8?q?", "=?utf-8?b?", "From ", "<!--", "-->", "<script>", "&amp;", "&#x", "550 5.1.1 ",
         "450 4.2.2 ", "<a@b.example>", "Received: ", "Message-ID: <m@x>", "Return-Path: <>"]


def mails():
    for name in ("formats.txt", "unmet.txt", "cold.txt"):
        text = open(os.path.join(GOLDEN, name), encoding="utf-8").read()
        for block in ("\n" + text).split("\n=== ")[1:]:
            yield block.split("\n", 2)[2].encode()
    for name in sorted(glob.glob(os.path.join(GOLDEN, "real", "*.eml"))):
        with open(name, "rb") as f:
            yield f.read()


def rows(table):
    for line in open(os.path.join(TABLES, table), encoding="utf-8"):
        if line.strip() and not line.startswith("#"):
            yield line.rstrip("\n").split("\t")


def put(folder, n, data):
    os.makedirs(folder, exist_ok=True)
    if len(data) <= MAX_BYTES:
        with open(os.path.join(folder, "%05d" % n), "wb") as f:
            f.write(data)


def main():
    folder = sys.argv[1]
    for n, mail in enumerate(mails()):
        header, _, body = re.sub(b"\r\n?", b"\n", mail).partition(b"\n\n")
        put(os.path.join(folder, "mail"), n, mail)
        put(os.path.join(folder, "text"), n, b"\0" + body)
        put(os.path.join(folder, "header"), n, header + b"\n\n")
    for n, row in enumerate(rows("diagnostics.tsv")):
        put(os.path.join(folder, "text"), 10000 + n, row[0].replace("*", " x ").encode())
    with open(os.path.join(folder, "dict"), "w", encoding="ascii") as f:
        words = {cell for row in rows("phrases.tsv") for cell in row[1:2] if len(cell) > 3}
        for word in sorted(words) + NAMES:
            quoted = "".join(chr(b) if 32 <= b < 127 and b not in b'"\\' else "\\x%02x" % b
                             for b in word.encode())
            f.write('"%s"\n' % quoted)
    return 0


if __name__ == "__main__":
    sys.exit(main())
