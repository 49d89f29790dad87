#!/usr/bin/env python3
"""Reading bounces: messages a second, MB a second, peak memory and instructions a
message of `parse --json`; the same files merely read; the peers that Debian has, if
installed (python3-flufl.bounce, libmail-deliverystatus-bounceparser-perl); then what
one megabyte costs that was made to hurt. CORPUS names another folder of mails."""
import email
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time

PROGRAM = os.environ["BOUNCEBOX"]
FOLDER = os.environ.get("CORPUS") or os.path.join(os.environ["SOURCE"], "tests", "golden", "real")
BYTES = 40 * 1000 * 1000  # of the mailbox, about
FILES_TIMES = 40  # each file, so that the start does not count

PERL = r"""
use Mail::DeliveryStatus::BounceParser;
for my $n (1..3) { for my $f (@ARGV) {
  open my $h, '<', $f or next; local $/; my $t = <$h>;
  eval { Mail::DeliveryStatus::BounceParser->new($t)->addresses };
} }
"""


def show(name, seconds, messages, size, kib=None):
    memory = "%7.1f MiB" % (kib / 1024.0) if kib else "          -"
    print("%-28s %9.0f messages/s %8.1f MB/s %s"
          % (name, messages / seconds, size / seconds / 1e6, memory))


def run(command):
    """CPU seconds and peak memory in KiB of a command. The kernel counts what the
    caller held before the exec too: so GNU time stands between, which holds little."""
    time_program = shutil.which("time")
    if time_program:
        command = [time_program, "-f", "%U %S %M"] + command
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    words = process.stderr.read().decode().split()
    _, _, used = os.wait4(process.pid, 0)
    if time_program and len(words) >= 3:
        return used.ru_utime + used.ru_stime, int(words[-1])
    return used.ru_utime + used.ru_stime, used.ru_maxrss


def write_box(path, mails, copies):
    with open(path, "wb") as f:
        for _ in range(copies):
            for mail in mails:
                f.write(b"From MAILER-DAEMON Fri Nov 20 10:14:00 2026\n")
                f.write(mail.replace(b"\nFrom ", b"\n>From ") + b"\n\n")


def instructions(box, folder):
    """Of a whole run, start and end included; None without valgrind."""
    if not shutil.which("valgrind"):
        return None
    out = subprocess.run(["valgrind", "--tool=callgrind",
                          "--callgrind-out-file=" + os.path.join(folder, "callgrind"),
                          PROGRAM, "parse", "--json", box],
                         stdout=subprocess.DEVNULL, stderr=subprocess.PIPE).stderr.decode()
    found = re.search(r"refs:\s+([\d,]+)", out)
    return int(found.group(1).replace(",", "")) if found else None


HEAD = (b"From: Mail Delivery System <MAILER-DAEMON@mail.example.org>\n"
        b"To: alice@example.org\nSubject: failure notice\n")
MEGABYTE = 1000 * 1000
HOSTILE = [
    ("nested multiparts", HEAD + b"Content-Type: multipart/mixed; boundary=a\n\n",
     b"--a\nContent-Type: multipart/mixed; boundary=a\n\n"),
    ("boundaries", HEAD + b"Content-Type: multipart/report; boundary=x\n\n", b"--x\n\n"),
    ("near boundaries", HEAD + b"Content-Type: multipart/report; boundary=x\n\n", b"--xx\n--y\n"),
    ("encoded words", b"From: MAILER-DAEMON\nSubject: ", b"=?utf-8?q?a?= =?"),
    ("comments", b"Subject: failure notice\nFrom: ", b"("),
    ("header fields", HEAD, b"X-Long: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n"),
    ("one field", HEAD + b"X-Long: ", b"aaaaaaaa\n "),
    ("recipients", HEAD + b"Content-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\n",
     b"Final-Recipient: rfc822; u@partner.example\nAction: failed\n\n"),
    ("listed addresses", HEAD + b"\nThe following addresses failed:\n\n", b"u@b.example: 550 5.1.1 no\n"),
    ("a line of addresses", HEAD + b"\nfailed: ", b"a@b.c "),
    ("quotes", HEAD + b"\nfailed ", b'"@'),
    ("angle brackets", HEAD + b"\nfailed ", b"<a@"),
    ("half sentences", HEAD + b"\n", b"the following addresses had permanent "),
    ("fields that name nobody", HEAD + b"\n", b"Action: failed\n"),
    ("HTML that stays open", HEAD + b"Content-Type: text/html\n\n", b"<a <!-- &amp"),
    ("alias words", HEAD + b"Content-Type: message/delivery-status\n\nFinal-Recipient: rfc822; a@b.c\n",
     b"expanded expanded "),
]


def show_hostile(folder):
    """A thousand kB each; the program's start is taken off."""
    empty = os.path.join(folder, "empty")
    open(empty, "wb").write(HEAD)
    start = min(run([PROGRAM, "parse", "--json", empty])[0] for _ in range(5))
    for name, head, piece in HOSTILE:
        path = os.path.join(folder, "hostile")
        with open(path, "wb") as f:
            f.write(head + piece * (MEGABYTE // len(piece)))
        seconds, kib = min(run([PROGRAM, "parse", "--json", path]) for _ in range(3))
        print("1 MB of %-28s %6.1f ms %s" % (name, 1000 * max(0, seconds - start),
                                         "%7.1f MiB" % (kib / 1024.0)))


def main():
    files = sorted(os.path.join(f, n) for f, _, names in os.walk(FOLDER) for n in names
                   if n.endswith(".eml"))
    mails = [open(f, "rb").read() for f in files]
    size = sum(map(len, mails))
    copies = max(1, BYTES // size)
    with tempfile.TemporaryDirectory() as folder:
        box = os.path.join(folder, "mbox")
        write_box(box, mails, copies)
        seconds, kib = min(run([PROGRAM, "parse", "--json", box]) for _ in range(5))
        show("bouncebox parse --json", seconds, copies * len(mails), copies * size, kib)
        seconds, kib = min(run([PROGRAM, "--version"]) for _ in range(5))
        print("  of which the start: %.1f ms, %.1f MiB" % (1000 * seconds, kib / 1024.0))
        seconds, kib = min(run(["wc", "-l", box]) for _ in range(5))
        show("the same bytes, wc -l", seconds, copies * len(mails), copies * size, kib)
        names = files * FILES_TIMES
        many = len(names), size * FILES_TIMES
        seconds, kib = min(run([PROGRAM, "parse", "--json"] + names) for _ in range(5))
        show("bouncebox, a file each", seconds, *many, kib)
        floor, kib = min(run(["wc", "-l"] + names) for _ in range(5))
        show("the same files, wc -l", floor, *many, kib)
        print("  that is %.1f times the floor of reading them" % (seconds / floor))
        write_box(box, mails, 1)
        once = instructions(box, folder)
        write_box(box, mails, 2)
        twice = instructions(box, folder)
        if once and twice:
            print("bouncebox parse --json       %9.0f instructions/message"
                  % ((twice - once) / len(mails)))
        show_hostile(folder)
    try:
        from flufl.bounce import scan_message
    except ImportError:
        print("flufl.bounce                 not installed")
    else:
        begin = time.process_time()
        for mail in mails:
            scan_message(email.message_from_bytes(mail))
        show("flufl.bounce", time.process_time() - begin, len(mails), size,
             resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    probe = ["perl", "-MMail::DeliveryStatus::BounceParser", "-e", "1"]
    if not shutil.which("perl") or subprocess.run(probe, stderr=subprocess.DEVNULL).returncode:
        print("BounceParser                 not installed")
    else:
        seconds, kib = run(["perl", "-e", PERL] + files)
        show("BounceParser", seconds, 3 * len(mails), 3 * size, kib)
    return 0


if __name__ == "__main__":
    sys.exit(main())
