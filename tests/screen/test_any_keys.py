#!/usr/bin/env python3
"""Keys, clicks, sizes and rubbish in any order, from a fixed seed: the program, built with
sanitizers, ends well whatever comes: on the sample mailbox, and on two accounts that share
some of its bounces. KEYS=20000 SEED=7 makes it another, longer walk."""
import fcntl, os, pty, random, select, shutil, signal, struct, sys, tempfile, termios, time

KEYS = int(os.environ.get("KEYS", "1200"))
SEED = int(os.environ.get("SEED", "1"))
WORDS = [k.encode("latin1") for k in "jkgGqodP/nN\\sv=+-rRicpxuD tT;Sm?:yew<>aA\r\x1b\x03\x0c\t\x04\x15\x06\x02\x7f\x00\xff"]
WORDS += [b"domain\r", b"cause\r", b"none\r", b"day\r", b"code:4\r", b"1h\r", b"resend\r", b"theme nord\r", b"all\r", b"account\r", b"account:two\r",
          b"\x1b[A", b"\x1b[B", b"\x1b[5~", b"\x1b[6~", b"\x1b[<0;10;5M", b"\x1b[<65;10;5M",
          "é".encode(), "漢".encode(), "\u202e".encode()]


class Program:
    def __init__(self, words):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ.update(TERM="xterm-256color", LANG="C.UTF-8", EDITOR="true")
            os.execv(os.environ["BOUNCEBOX"], [os.environ["BOUNCEBOX"], *words])
        self.said = b""
        self.read_until(lambda: b" open" in self.said)

    def read(self, seconds):
        """False at the end"""
        if select.select([self.fd], [], [], seconds)[0]:
            try:
                self.said = (self.said + os.read(self.fd, 65536))[-4000:]
            except OSError:
                return False
        return True

    def read_until(self, is_done):
        deadline = time.monotonic() + 60
        while not is_done():
            assert time.monotonic() < deadline and self.read(1), self.said

    def resize(self, rows, columns):
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def end(self, how):
        while self.read(60):
            pass
        _, status = os.waitpid(self.pid, 0)
        os.close(self.fd)
        if status != 0:
            print("status %d after %s:\n%s" % (status, how, self.said.decode(errors="replace")))
            sys.exit(1)


def two_accounts(folder):
    """Two Maildirs with the sample's bounces, every third of them in both; words to start with"""
    sample = os.path.join(os.environ["SOURCE"], "mail/work/sample/inbox")
    conf = folder + "/bouncebox.conf"
    for name in ("one", "two"):
        for part in ("new", "cur", "tmp"):
            os.makedirs("%s/%s/%s" % (folder, name, part))
        with open(conf, "a") as f:
            f.write("[%s]\nsource = maildir://%s/%s\noutgoing = maildir://%s/out\n"
                    "from = Alice Example <alice@example.org>\n" % (name, folder, name, folder))
    for n, mail in enumerate(sorted(os.listdir(sample))):
        for name in {0: ("one",), 1: ("two",), 2: ("one", "two")}[n % 3]:
            shutil.copy(os.path.join(sample, mail), "%s/%s/new/" % (folder, name))
    os.environ.update(XDG_STATE_HOME=folder + "/state", XDG_CACHE_HOME=folder + "/cache")
    return ["-c", conf]


def walk(dice, words):
    program, starts = Program(words), 1
    for _ in range(KEYS // 2):
        if dice.random() < 0.02:
            program.resize(dice.choice([1, 3, 8, 16, 24, 50, 90]), dice.choice([1, 5, 40, 41, 60, 80, 132, 200]))
        try:
            os.write(program.fd, dice.choice(WORDS))
        except OSError:
            pass
        if not program.read(0.003):
            program.end("quitting")
            program, starts = Program(words), starts + 1
    os.kill(program.pid, signal.SIGTERM)
    program.end("SIGTERM")
    print("%d keys, %d starts, seed %d" % (KEYS // 2, starts, SEED))


def main():
    dice = random.Random(SEED)
    walk(dice, ["--demo"])
    with tempfile.TemporaryDirectory(prefix="bb-") as folder:
        walk(dice, two_accounts(folder))


main()
