#!/usr/bin/env python3
"""The first-run dialogue at a real terminal: what is answered becomes a file that
works and that only its owner may read; what does not work becomes none."""
import os, pty, select, signal, socket, stat, sys, tempfile, termios

BOUNCEBOX = os.environ["BOUNCEBOX"]
SECONDS = 60


class Dialogue:
    def __init__(self, home, *words):
        self.home, self.seen, self.at = home, "", 0
        self.conf = home + "/config/bouncebox/bouncebox.conf"
        env = {k: v for k, v in os.environ.items() if not k.startswith("XDG_")}
        env.update(HOME=home, XDG_CONFIG_HOME=home + "/config", XDG_STATE_HOME=home + "/state",
                   XDG_CACHE_HOME=home + "/cache", LC_ALL="C.UTF-8", TERM="xterm-256color")
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execve(BOUNCEBOX, [BOUNCEBOX, *words], env)

    def read(self):
        ready, _, _ = select.select([self.fd], [], [], SECONDS)
        if not ready:
            raise AssertionError("nothing came for %d s after:\n%s" % (SECONDS, self.seen))
        try:
            data = os.read(self.fd, 4096)
        except OSError:
            data = b""
        self.seen += data.decode("utf-8", "replace")
        return bool(data)

    def expect(self, text):
        """Waits for the text behind what was expected last"""
        while text not in self.seen[self.at:]:
            if not self.read():
                raise AssertionError("ended without %r:\n%s" % (text, self.seen))
        self.at = self.seen.index(text, self.at) + len(text)

    def answer(self, question, line):
        self.expect(question)
        os.write(self.fd, line.encode() + b"\n")

    def ended(self):
        while self.read():
            pass
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    def stop(self):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.fd)


def good(home):
    os.makedirs(home + "/Maildir/new")
    os.makedirs(home + "/Maildir/cur")
    d = Dialogue(home)
    d.answer("collects bounces: ", "no address")
    d.answer("collects bounces: ", "bounces@example.org")
    d.answer("[imap.example.org]: ", "maildir://%s/Maildir" % home)
    d.answer("[smtps://smtp.example.org]: ", "maildir://%s/out" % home)
    d.answer("Your name", "Alice Example")
    d.expect("Written to " + d.conf)
    d.stop()
    assert stat.S_IMODE(os.stat(d.conf).st_mode) == 0o600
    assert os.listdir(os.path.dirname(d.conf)) == ["bouncebox.conf"], os.listdir(os.path.dirname(d.conf))
    with open(d.conf) as f:
        text = f.read()
    assert "from = Alice Example <bounces@example.org>" in text, text


def unreachable(home):
    """Words, the answers once more, and no file; the password is never shown"""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    d = Dialogue(home)
    d.answer("collects bounces: ", "bounces@example.org")
    d.answer("[imap.example.org]: ", "127.0.0.1:%d" % port)
    d.answer("[bounces@example.org]: ", "")
    d.answer("[INBOX]: ", "")
    d.answer("Command", "")
    d.answer("Password", "s3cr3t word")
    d.answer("[smtps://smtp.example.org]: ", "none")
    d.answer("Your name", "")
    d.answer("(c)hange", "c")
    d.answer("[bounces@example.org]: ", "")
    d.answer("[127.0.0.1:%d]: " % port, "")
    d.answer("[bounces@example.org]: ", "")
    d.answer("[INBOX]: ", "")
    d.answer("Command", "echo s3cr3t word")
    d.answer("Outgoing", "")
    d.answer("Your name", "")
    d.answer("(c)hange", "l")
    assert d.ended() == 2
    assert "refused" in d.seen.lower(), d.seen
    assert d.seen.count("s3cr3t") == 1, "the password was shown:\n" + d.seen
    assert os.listdir(os.path.dirname(d.conf)) == [], os.listdir(os.path.dirname(d.conf))


def interrupted(home):
    """^C while a password is typed: nothing written, and the terminal echoes again"""
    d = Dialogue(home)
    d.answer("collects bounces: ", "bounces@example.org")
    d.answer("[imap.example.org]: ", "")
    d.answer("Login name", "")
    d.answer("[INBOX]: ", "")
    d.answer("Command", "")
    d.expect("Password")
    d.expect(": ")
    os.write(d.fd, b"half\x03")
    while "no configuration was written" not in d.seen and d.read():
        pass
    assert termios.tcgetattr(d.fd)[3] & termios.ECHO, "the terminal does not echo any more"
    assert d.ended() == 2
    assert "half" not in d.seen and not os.path.exists(d.conf)


for test in (good, unreachable, interrupted):
    with tempfile.TemporaryDirectory(prefix="bb-first-") as home:
        test(home)
        print("ok", test.__name__)
print("passed")
