#!/usr/bin/env python3
"""One bounce in many bytes: line ends of each kind and mixed, NULs, charsets that lie,
UTF-16, an mbox, a second mail behind it, a cut at any line. What is read stays the same."""
import base64
import json
import os
import subprocess
import sys
import tempfile

PROGRAM = os.environ["BOUNCEBOX"]

HEAD = """Return-Path: <>
From: Mail Delivery System <MAILER-DAEMON@mail.example.org>
To: alice@example.org
Subject: Undelivered Mail Returned to Sender
Message-ID: <b1@mail.example.org>
MIME-Version: 1.0
"""
WORDS = """Your message could not be delivered to the following recipient:

<bob@partner.example>: 550 5.1.1 Empfänger unbekannt
"""
REPORT = HEAD + """Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain; charset=utf-8

""" + WORDS + """
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example.org

Final-Recipient: rfc822; bob@partner.example
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 User unknown

--b
Content-Type: message/rfc822

From: alice@example.org
To: bob@partner.example, carol@other.example
Subject: Minutes
Message-ID: <m1@example.org>

Hello Bob
--b--
"""


def text(charset, body, encoding="8bit"):
    return (HEAD + "Content-Type: text/plain; charset=%s\nContent-Transfer-Encoding: %s\n\n"
            % (charset, encoding)).encode() + body


def mixed(mail):
    """LF, CRLF and CR by turns."""
    ends = [b"\n", b"\r\n", b"\r"]
    return b"".join(line + ends[i % 3] for i, line in enumerate(mail.split(b"\n")))


def shapes():
    plain = REPORT.encode()
    yield "LF", plain
    yield "CRLF", plain.replace(b"\n", b"\r\n")
    yield "CR", plain.replace(b"\n", b"\r")
    yield "CRCRLF", plain.replace(b"\n", b"\r\r\n")
    yield "NULs between words", plain.replace(b"Your message", b"Your\0message\0\0")
    yield "NULs at the end", plain + b"\0" * 5000
    yield "NULs at the end of lines", plain.replace(b"\n\n", b"\0\n\n", 1).replace(b"Hello", b"\0Hello")
    yield "no line end at the end", plain.rstrip()
    yield "an mbox line", b"From MAILER-DAEMON Fri Nov 20 10:14:00 2026\n" + plain
    yield "a quoted mbox line", b">From MAILER-DAEMON Fri Nov 20 10:14:00 2026\n" + plain
    yield "a byte order mark", b"\xef\xbb\xbf" + plain
    yield "empty lines in front", b"\n\n" + plain
    yield "bytes that are no charset", plain.replace("ä".encode(), b"\xff\xfe\x80")
    yield "boundary that never comes", plain.replace(b'boundary="b"', b'boundary="other"')
    yield "boundary with nothing in it", plain.replace(b'boundary="b"', b'boundary=""')
    yield "no boundary", plain.replace(b'; boundary="b"', b"")
    yield "the type of another report", plain.replace(b"delivery-status; b", b"\"Delivery-Status\" ; b")
    yield "cut in the original", plain[:plain.index(b"Subject: Minutes")]
    yield "cut behind the report", plain[:plain.index(b"--b\nContent-Type: message/rfc822")]
    yield "another mail behind it", plain + b"\nFrom: dave@example.net\nTo: eve@example.net\nSubject: Hi\n\nHi\n"
    yield "lines of 5,000 characters", plain.replace(b"Hello", b"x" * 5000)
    yield "mixed line ends in the text", text("utf-8", mixed(WORDS.encode()))
    yield "UTF-8", text("utf-8", WORDS.encode())
    yield "latin1", text("iso-8859-1", WORDS.encode("latin-1"))
    yield "latin1 that says UTF-8", text("utf-8", WORDS.encode("latin-1"))
    yield "UTF-8 that says latin1", text("iso-8859-1", WORDS.encode())
    yield "UTF-8 that says shift_jis", text("shift_jis", WORDS.encode())
    yield "UTF-8 that says us-ascii", text("us-ascii", WORDS.encode())
    yield "a charset that is none", text("x-unknown-4711", WORDS.encode())
    yield "UTF-16 LE in base64", text("utf-16le", base64.encodebytes(WORDS.encode("utf-16-le")), "base64")
    yield "UTF-16 with its mark in base64", text("utf-16", base64.encodebytes(WORDS.encode("utf-16")), "base64")
    yield "UTF-16 BE in base64", text("utf-16be", base64.encodebytes(WORDS.encode("utf-16-be")), "base64")
    yield "UTF-32 in base64", text("utf-32", base64.encodebytes(WORDS.encode("utf-32")), "base64")
    yield "UTF-7", text("utf-7", WORDS.encode("utf-7"), "7bit")
    yield "base64 with a broken end", text("utf-8", base64.encodebytes(WORDS.encode()).rstrip(b"=\n") + b"\n!!", "base64")
    yield "base64 that says 8bit is not", text("utf-8", WORDS.encode(), "x-odd")
    yield "quoted-printable that is none", text("utf-8", WORDS.encode(), "quoted-printable")


def main():
    failed = 0
    cases = list(shapes())
    with tempfile.TemporaryDirectory() as folder:
        names = []
        for i, (_, mail) in enumerate(cases):
            names.append("%s/%03d.eml" % (folder, i))
            with open(names[-1], "wb") as f:
                f.write(mail)
        out = subprocess.run([PROGRAM, "parse", "--json"] + names, stdout=subprocess.PIPE, check=True)
    want = ("bounce", [("bob@partner.example", "refused", "failed", "5.1.1", "550", "user-unknown")])
    lines = out.stdout.decode().splitlines()
    if len(lines) != len(cases):
        print("%d mails, %d answers" % (len(cases), len(lines)))
        failed = 1
    for (name, _), line in zip(cases, lines):
        got = json.loads(line)
        have = (got["kind"], [(r["address"], r["state"], r["action"], r["status"], r["reply_code"],
                               r["causes"][0]["cause"] if r["causes"] else "") for r in got["recipients"]])
        if have != want:
            failed += 1
            print("%s: %s" % (name, have))
    print("%d of %d read the same" % (len(cases) - failed, len(cases)))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
