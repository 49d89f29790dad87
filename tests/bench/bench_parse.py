#!/usr/bin/env python3
"""Reading bounces: messages a second, MB a second and peak memory of `parse --json`,
of the same files merely read, and of the peers that Debian has, if installed
(python3-flufl.bounce, libmail-deliverystatus-bounceparser-perl)."""
import email
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time

PROGRAM = os.environ["BOUNCEBOX"]
FOLDER = os.path.join(os.environ["SOURCE"], "tests", "golden", "real")
COPIES = 150

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
    """CPU seconds and peak memory in KiB of a command."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, _, used = os.wait4(process.pid, 0)
    return used.ru_utime + used.ru_stime, used.ru_maxrss


def main():
    files = sorted(os.path.join(FOLDER, f) for f in os.listdir(FOLDER) if f.endswith(".eml"))
    mails = [open(f, "rb").read() for f in files]
    size = sum(map(len, mails))
    with tempfile.TemporaryDirectory() as folder:
        box = os.path.join(folder, "mbox")
        with open(box, "wb") as f:
            for _ in range(COPIES):
                for mail in mails:
                    f.write(b"From MAILER-DAEMON Fri Nov 20 10:14:00 2026\n")
                    f.write(mail.replace(b"\nFrom ", b"\n>From ") + b"\n")
        seconds, kib = min(run([PROGRAM, "parse", "--json", box]) for _ in range(5))
        show("bouncebox parse --json", seconds, COPIES * len(mails), COPIES * size, kib)
        seconds, kib = min(run(["wc", "-l", box]) for _ in range(5))
        show("the same bytes, wc -l", seconds, COPIES * len(mails), COPIES * size, kib)
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
