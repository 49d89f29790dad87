#!/usr/bin/env python3
"""A mailbox on the screen, beside neomutt, aerc and alpine where they are installed,
and beside a raw socket that drops what it reads: first screen cold and warm, with
100 ms round trip, the whole read, memory, bytes and commands, a cursor move.

    SIZES=1000,10000,100000   mailboxes (add 1000000 if you have the time, and 10 GB)
    MIXED=10000,100000        mailboxes in which one message in twenty is a bounce
    RUNS=3                    medians of so many
Everything runs on a private Dovecot on 127.0.0.1 in a folder that is removed."""
import os
import pty
import re
import select
import shutil
import signal
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import threading
import time
import fcntl
import termios

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import made_bounces

PROGRAM = os.environ["BOUNCEBOX"]
SOURCE = os.environ["SOURCE"]
SIZES = [int(n) for n in os.environ.get("SIZES", "1000,10000,100000").split(",")]
MIXED = [int(n) for n in os.environ.get("MIXED", "10000,100000").split(",") if n]
FETCH = "UID FETCH 1:* (UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[]<0.65536>)"
RUNS = int(os.environ.get("RUNS", "3"))
USER, PASS = "bounces@example.org", "secret"
NAME = re.compile(rb"u\d{7}")
REPEAT = re.compile(rb"(.)\x1b\[(\d+)b", re.S)
LIMIT_S = 180


def put(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as f:
        f.write(text)
    os.chmod(path, 0o600)


class Proxy:
    """Passes bytes on, `delay` seconds later each way; counts them, and turns: how
    often the client spoke after the server had."""

    def __init__(self, to, delay):
        self.to, self.delay = to, delay
        self.up = self.down = self.turns = 0
        self.server_spoke = True
        self.lock = threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                a, _ = self.listener.accept()
            except OSError:
                return
            b = socket.create_connection(("127.0.0.1", self.to))
            for s in (a, b):
                s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for src, dst, is_up in ((a, b, True), (b, a, False)):
                threading.Thread(target=self.pass_on, args=(src, dst, is_up), daemon=True).start()

    def pass_on(self, src, dst, is_up):
        waiting, is_open = [], True
        while is_open or waiting:
            left = max(0, waiting[0][0] - time.monotonic()) if waiting else None
            ready = select.select([src], [], [], left)[0] if is_open else time.sleep(left or 0)
            if ready:
                try:
                    data = src.recv(65536)
                except OSError:
                    data = b""
                is_open = bool(data)
                self.count(len(data), is_up)
                waiting.append((time.monotonic() + self.delay, data))
            while waiting and waiting[0][0] <= time.monotonic():
                data = waiting.pop(0)[1]
                try:
                    dst.sendall(data) if data else dst.shutdown(socket.SHUT_WR)
                except OSError:
                    return

    def count(self, n, is_up):
        with self.lock:
            if is_up:
                self.turns += self.server_spoke and n > 0
                self.up += n
            else:
                self.down += n
            self.server_spoke = not is_up

    def close(self):
        self.listener.close()


class Client:
    rows, quit, down, answers, caches = 30, b"q", b"j", (), ()

    def __init__(self, name, top):
        self.name, self.dir = name, os.path.join(top, name)
        os.makedirs(self.dir, exist_ok=True)

    def env(self):
        e = dict(os.environ, TERM="xterm-256color", LANG="C.UTF-8", HOME=self.dir + "/home")
        for k in ("config", "cache", "data", "state"):
            e["XDG_%s_HOME" % k.upper()] = os.path.join(self.dir, k)
        for d in ("home", "config", "cache", "data", "state"):
            os.makedirs(os.path.join(self.dir, d), exist_ok=True)
        return e

    def forget(self):
        for c in self.caches:
            shutil.rmtree(os.path.join(self.dir, c), ignore_errors=True)
            os.makedirs(os.path.join(self.dir, c))


class Bouncebox(Client):
    rows, quit, caches = 12, b"qq", ("cache",)

    def command(self, box, port):
        put(self.dir + "/config/bouncebox/bouncebox.conf",
            "[bench]\nsource = imap+insecure://bounces%%40example.org:%s@127.0.0.1:%d/%s\n"
            "outgoing = maildir://%s/out\nfrom = Bounces <%s>\n" % (PASS, port, box, self.dir, USER))
        return [PROGRAM]


class Neomutt(Client):
    caches = ("hcache",)

    def command(self, box, port):
        url = "imap://127.0.0.1:%d/" % port
        put(self.dir + "/rc", 'set imap_user="%s" imap_pass="%s"\nset folder="%s" spoolfile="%s%s"\n'
            'set ssl_starttls=no ssl_force_tls=no\nset header_cache="%s/hcache/" record="" postponed=""\n'
            "set imap_qresync=yes imap_condstore=yes sort=reverse-date\n" % (USER, PASS, url, url, box, self.dir))
        return ["neomutt", "-F", self.dir + "/rc"]


class Aerc(Client):
    quit, caches = b":quit\r", ("cache",)

    def command(self, box, port):
        conf = self.dir + "/config/aerc/"
        put(conf + "accounts.conf", "[bench]\nsource = imap+insecure://bounces%%40example.org:%s@127.0.0.1:%d\n"
            "default = %s\nfrom = Bounces <%s>\ncache-headers = true\ncopy-to = Sent\n" % (PASS, port, box, USER))
        for f in ("aerc.conf", "binds.conf"):
            shutil.copy("/usr/share/aerc/" + f, conf + f)
        return ["aerc"]


class Alpine(Client):
    """Shows the last page only, asks for the password and whether to keep it."""
    rows, quit, down = 4, b"qy", b"p"  # it begins at the last one
    answers = ((b"PASSWORD", PASS.encode() + b"\r"), (b"reserve password", b"n"))

    def command(self, box, port):
        put(self.dir + "/pinerc", "personal-name=Bounces\nuser-domain=example.org\nlast-version-used=6.26\n"
            "inbox-path={127.0.0.1:%d/user=%s/notls}INBOX\ndisable-these-authenticators=PLAIN\n" % (port, USER))
        return ["alpine", "-p", self.dir + "/pinerc", "-i", "-f", "{127.0.0.1:%d/user=%s/notls}%s" % (port, USER, box)]


class Terminal:
    def __init__(self, command, env):
        self.begin, self.out = time.monotonic(), b""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
            try:
                os.execvpe(command[0], command, env)
            finally:
                os._exit(127)  # not on as a second bench

    def read(self, wait):
        """The moment at which bytes came, or None."""
        if not select.select([self.fd], [], [], wait)[0]:
            return None
        try:
            data = os.read(self.fd, 65536)
        except OSError:
            raise RuntimeError("it ended: %r, status %s" % (self.out[-300:], os.waitpid(self.pid, 0)[1]))
        self.out += data
        return time.monotonic()

    def first_screen(self, rows, answers):
        answers, at = list(answers), self.begin
        while len(set(NAME.findall(REPEAT.sub(lambda m: m.group(1) * int(m.group(2)), self.out)))) < rows:
            at = self.read(0.2) or at
            if time.monotonic() - self.begin > LIMIT_S:
                raise RuntimeError("no screen: %r" % self.out[-300:])
            for a in list(answers):
                if a[0] in self.out:
                    os.write(self.fd, a[1])
                    answers.remove(a)
        return (at - self.begin) * 1000

    def settle(self, quiet):
        last, end = None, time.monotonic() + LIMIT_S
        while time.monotonic() < end:
            at = self.read(quiet)
            if at is None:
                break
            last = at
        return last

    def key(self, k):
        n, begin = len(self.out), time.monotonic()
        os.write(self.fd, k)
        last = self.settle(0.03) or begin
        moved = len(self.out) - n
        end = self.settle(0.15) or last
        return (last - begin) * 1000, moved, (end - begin) * 1000, len(self.out) - n

    def peak(self):
        """KiB of the program and its children."""
        total = 0
        for pid in [self.pid] + [int(p) for p in subprocess.run(
                ["pgrep", "-P", str(self.pid)], capture_output=True, text=True).stdout.split()]:
            try:
                total += int(re.search(r"VmHWM:\s+(\d+)", open("/proc/%d/status" % pid).read()).group(1))
            except (OSError, AttributeError):
                pass
        return total

    def close(self, keys):
        try:
            os.write(self.fd, keys)
            for _ in range(20):
                self.read(0.1)
                if os.waitpid(self.pid, os.WNOHANG)[0]:
                    break
            else:
                raise OSError
        except (OSError, RuntimeError):
            try:
                os.kill(self.pid, signal.SIGKILL)
                os.waitpid(self.pid, 0)
            except OSError:
                pass
        os.close(self.fd)


def once(c, box, port, with_keys):
    t = Terminal(c.command(box, port), c.env())
    try:
        out = {"ms": t.first_screen(c.rows, c.answers)}
        if with_keys:
            t.settle(1.0)
            time.sleep(1)
            t.settle(0.3)
            moves = [t.key(c.down) for _ in range(15)]
            # The cursor, and what is drawn once the keys pause.
            out["key"] = [statistics.median(m[i] for m in moves) for i in range(4)]
            out["mb"] = t.peak() / 1024
        return out
    finally:
        t.close(c.quit)


def raw(port, commands):
    """Seconds and bytes of a session that drops what it reads; all sent at once."""
    begin = time.monotonic()
    s = socket.create_connection(("127.0.0.1", port))
    tags = [b"t%d" % i for i in range(len(commands) + 1)]
    lines = ["LOGIN %s %s" % (USER, PASS)] + commands
    for tag, line in zip(tags, lines):
        s.sendall(tag + b" " + line.encode() + b"\r\n")
    seen, tail, room = 0, b"\r\n", bytearray(1 << 20)
    while tags:
        n = s.recv_into(room)
        if not n:
            raise RuntimeError("the server closed the connection")
        seen += n
        data = tail + bytes(room[:n])
        tags = [t for t in tags if b"\r\n" + t + b" OK" not in data]
        tail = data[-64:]
    s.close()
    return time.monotonic() - begin, seen


def whole(c, box, port):
    c.forget()
    c.command(box, port)
    begin = time.monotonic()
    p = subprocess.Popen([PROGRAM, "sync"], env=c.env(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(p.pid, 0)
    if status:
        raise RuntimeError("sync failed")
    return time.monotonic() - begin, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def med(values):
    return statistics.median(values)


def measure(c, box, port, n, is_peer):
    proxy = Proxy(port, 0.05)
    try:
        c.forget()
        once(c, box, port, False)  # the server's caches
        cold, warm = [], []
        for _ in range(RUNS):
            c.forget()
            cold.append(once(c, box, port, False)["ms"])
            if not is_peer:
                whole(c, box, port)
            warm.append(once(c, box, port, True))
        c.forget()
        far_cold = once(c, box, proxy.port, False)["ms"]
        wire = (proxy.up, proxy.down, proxy.turns)
        far_warm = once(c, box, proxy.port, False)["ms"]
    finally:
        proxy.close()
    print("%-10s %8d  cold %6.0f  warm %6.0f  far %6.0f /%6.0f ms  %6.1f MB  key %5.1f ms %5.0f B, all %5.1f ms %5.0f B  up %6d B  down %7.2f MB  turns %3d"
          % (c.name, n, med(cold), med([w["ms"] for w in warm]), far_cold, far_warm, med([w["mb"] for w in warm]),
             *(med([w["key"][i] for w in warm]) for i in range(4)), wire[0], wire[1] / 1e6, wire[2]), flush=True)


def mixed(c, box, port, n):
    """People's mail too: the raw socket reads all of it, we what may be a report."""
    raw(port, ["SELECT " + box, FETCH])
    whole(c, box, port)  # so that both find the server's caches warm
    pairs = [(raw(port, ["SELECT " + box, FETCH]), whole(c, box, port)) for _ in range(RUNS)]
    screens = []
    for _ in range(RUNS):
        c.forget()
        screens.append(once(c, box, port, False)["ms"])
    proxy = Proxy(port, 0)
    try:
        whole(c, box, proxy.port)
    finally:
        proxy.close()
    floor, took = med([p[0][0] for p in pairs]), med([p[1][0] for p in pairs])
    print("mixed      %8d  %6.2f s (%.2f s of CPU, %.0f MB) for %.1f MB, raw socket %.2f s for %.1f MB, ratio %.1f, first screen %.0f ms"
          % (n, took, med([p[1][1] for p in pairs]), med([p[1][2] for p in pairs]), proxy.down / 1e6, floor,
             pairs[0][0][1] / 1e6, took / floor, med(screens)), flush=True)


def main():
    top = tempfile.mkdtemp(prefix="bb", dir="/tmp")
    script = os.path.join(SOURCE, "tests", "lib", "dovecot.sh")
    # A million messages are more than a server's process may hold by default.
    started = subprocess.run([script, "start", top], capture_output=True, text=True,
                             env=dict(os.environ, IMAP_EXTRA="default_vsz_limit = 0"))
    if started.returncode:
        print(started.stderr.strip() or "no Dovecot")
        return 0
    server = dict(line.split("=", 1) for line in started.stdout.split() if "=" in line)
    server = {k: v.strip("'\"") for k, v in server.items()}
    os.chmod(top, 0o755)
    try:
        port = int(server["IMAP_PORT"])
        peers = [cls(cls.__name__.lower(), top) for cls in (Neomutt, Aerc, Alpine)]
        for n in SIZES:
            box = "B%d" % n
            made_bounces.fill(os.path.join(server["IMAP_MAILDIR"], "." + box), n, int(server.get("IMAP_UID", "5000")))
            raw(port, ["SELECT " + box, FETCH])  # the server's first look at it
            ours = Bouncebox("bouncebox", top)
            pairs = [(raw(port, ["SELECT " + box, FETCH]), whole(ours, box, port)) for _ in range(RUNS)]
            floor, took = med([p[0][0] for p in pairs]), med([p[1][0] for p in pairs])
            print("whole read %8d  %6.2f s (%.2f s of CPU, %.0f MB), raw socket %.2f s for %.1f MB, ratio %.1f"
                  % (n, took, med([p[1][1] for p in pairs]), med([p[1][2] for p in pairs]), floor,
                     pairs[0][0][1] / 1e6, took / floor), flush=True)
            small = [raw(port, ["SELECT " + box, "FETCH %d:* (UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[]<0.65536>)" % max(1, n - 39)])[0]
                     for _ in range(RUNS)]
            print("raw socket %8d  first screen %.0f ms" % (n, med(small) * 1000), flush=True)
            for c in [ours] + peers:
                if c is not ours and not shutil.which(c.name):
                    print("%-10s not installed" % c.name)
                    continue
                try:
                    measure(c, box, port, n, c is not ours)
                except (RuntimeError, OSError) as e:
                    print("%-10s %8d  %s" % (c.name, n, str(e)[:200]), flush=True)
        for n in MIXED:
            box = "M%d" % n
            made_bounces.fill(os.path.join(server["IMAP_MAILDIR"], "." + box), n, int(server.get("IMAP_UID", "5000")), 0.05)
            mixed(Bouncebox("bouncebox", top), box, port, n)
    finally:
        subprocess.run([script, "stop", top], capture_output=True)
        shutil.rmtree(top, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
