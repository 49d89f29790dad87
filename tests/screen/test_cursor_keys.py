#!/usr/bin/env python3
"""Cursor keys in both forms, whatever the terminal's description says of them: those of the
normal mode (ESC [ B) and of the application's (ESC O B). A lone ESC is a key of its own."""
import fcntl, os, pty, re, select, struct, termios, time

FORMS = {"normal": b"\x1b[%s", "application": b"\x1bO%s"}


class Program:
    """At a terminal that only remembers; the cursor's place is asked for by ^L, which draws all"""

    def __init__(self, term):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ.update(TERM=term, LANG="C.UTF-8", COLUMNS="100", LINES="30")
            os.execv(os.environ["BOUNCEBOX"], [os.environ["BOUNCEBOX"], "--demo"])
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
        self.said = b""
        self.until(rb" open", "the list")

    def until(self, pattern, what):
        """Reads until it was said; forgets what came before"""
        deadline = time.monotonic() + 60
        while not re.search(pattern, self.said, re.S):
            assert time.monotonic() < deadline, "never came: %s in %r" % (what, self.said[-2000:])
            if select.select([self.fd], [], [], 1)[0]:
                self.said += os.read(self.fd, 65536)
        self.said = b""

    def send(self, keys):
        os.write(self.fd, keys)

    def end(self):
        self.send(b"Q")
        status = None
        deadline = time.monotonic() + 60
        while status is None:
            assert time.monotonic() < deadline, "it does not end"
            try:
                if select.select([self.fd], [], [], 0.1)[0]:
                    self.said += os.read(self.fd, 65536)
            except OSError:
                pass
            pid, code = os.waitpid(self.pid, os.WNOHANG)
            status = code if pid else None
        assert os.waitstatus_to_exitcode(status) == 0, self.said[-2000:]


def check(term, form):
    p = Program(term)
    # Help opens, goes down by the cursor key and does not close: ESC would have closed it.
    p.send(b"?")
    p.until(rb"help: q back", "the help")
    for key in (b"B", b"B", b"A"):
        p.send(form.replace(b"%s", key))
    p.send(b"\x0c")
    p.until(rb"help: q back", "%s: the help is still there" % term)
    # In the line of a command they edit: "nxt", back by one, "e" between.
    p.send(b"q:")
    p.send(b"hlp" + form.replace(b"%s", b"D") * 2 + b"e\r\x0c")
    p.until(rb"help: q back", "%s: the help by its name" % term)
    # Alone it is a key of its own, which goes back.
    begun = time.monotonic()
    p.send(b"\x1b")
    p.until(rb"What to do|4.4.1", "%s: ESC goes back to the list" % term)
    p.send(b"Q")
    p.end()
    return time.monotonic() - begun


for name in ("xterm-256color", "screen-256color", "vt100"):
    for kind, sequence in FORMS.items():
        seconds = check(name, sequence)
        print("%s, %s form: understood; ESC and the end took %.2f s" % (name, kind, seconds), flush=True)
print("passed")
