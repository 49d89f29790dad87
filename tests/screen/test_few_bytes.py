#!/usr/bin/env python3
"""What a cursor's move costs on a slow line: the bar of two rows, and no colour twice."""
import fcntl, os, pty, re, select, struct, termios, time

LIMIT = 250
ROWS = [b"press@zeta", b"library@epsilon", b"choir@delta", b"gina@gamma", b"office@beta", b"news@alpha", b"bob@partner"]
DONE = re.compile(rb"\x1b\(B\x1b\[m(\r|\x1b\[[0-9;]*[A-HdG])*$")  # so curses ends what it puts


class Screen:
    def __init__(self, *words):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ.update(TERM="xterm-256color", LANG="C.UTF-8", COLUMNS="120", LINES="40")
            os.environ.pop("NO_COLOR", None)
            os.execv(os.environ["BOUNCEBOX"], [os.environ["BOUNCEBOX"], "--demo", *words])
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        self.after(b"", b" open", b"Enter", *ROWS)

    def after(self, keys, *words):
        """What it writes from the keys on, until all words and the end of a picture have come"""
        deadline, said = time.monotonic() + 60, b""
        os.write(self.fd, keys)
        while not all(w in said for w in words) or not DONE.search(said):
            assert time.monotonic() < deadline, "never came: %r in %r" % (words, said[-2000:])
            if select.select([self.fd], [], [], 1)[0]:
                said += os.read(self.fd, 65536)
        return said

    def end(self):
        os.write(self.fd, b"Q")
        try:
            while os.read(self.fd, 65536):
                pass
        except OSError:
            pass
        assert os.waitpid(self.pid, 0)[1] == 0


for theme in ("default", "mono"):
    screen = Screen("--theme", theme)
    screen.after(b"=\x0c", *ROWS)  # without the explanation, which follows when the keys pause
    steps = [(b"j", i, i + 1) for i in range(len(ROWS) - 1)] + [(b"k", i, i - 1) for i in range(len(ROWS) - 1, 0, -1)]
    rounds = [[len(screen.after(key, ROWS[old], ROWS[new])) for key, old, new in steps] for _ in range(3)]
    sizes = [min(r[i] for r in rounds) for i in range(len(steps))]  # the foot may say something meanwhile
    print("%s: bytes of a move: %s" % (theme, sizes), flush=True)
    assert max(sizes) < LIMIT, sizes
    screen.end()
print("passed")
