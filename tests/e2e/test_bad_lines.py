#!/usr/bin/env python3
"""Bad lines: the connection is cut in IDLE, in the first whole read and in a claim; the
server says good-bye, restarts, hangs, or is forgotten by a router while the machine sleeps.
The screen says so, works on with what is cached, comes back by itself, reads nothing twice,
and what was done meanwhile goes out then, once."""
import os, re, signal, sys, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from proxy import Proxy  # noqa: E402
from report import REPORT  # noqa: E402
from scene import account, main, quote, wait_for  # noqa: E402
from sink import Sink  # noqa: E402

MANY = 1500


def put(imap, numbers):
    client = imap.client()
    for n in numbers:
        client.append("INBOX", None, None, (REPORT % {"n": n}).replace("\n", "\r\n").encode())
    client.logout()


class Line:
    """A server, a wire that can be cut, and a machine"""

    def __init__(self, scene, name, n, extra="timeout-seconds = 60"):
        self.scene, self.sink = scene, Sink(scene, "sink-" + name)
        self.imap = scene.dovecot(name)
        put(self.imap, range(n))
        self.proxy = Proxy(scene, self.imap.port)
        source = "imap+insecure://%s:%s@127.0.0.1:%d/INBOX" % (
            quote(self.imap.user), self.imap.password, self.proxy.port)
        out = "smtp+insecure://127.0.0.1:%d" % self.sink.port
        self.machine = scene.machine(account(self.imap, out, source, extra))

    def terminal(self):
        self.screen = self.scene.terminal(self.machine)
        return self.screen

    def keywords(self):
        client = self.imap.client()
        client.select("INBOX", readonly=True)
        rows = client.fetch("1:*", "(FLAGS)")[1]
        client.logout()
        return b" ".join(rows)

    def quit(self):
        self.screen.keys("Q")
        self.screen.shows("exit=0")
        self.screen.close()


def bodies(proxy):
    """{report: how often it came over the wire}"""
    count = {}
    for n in re.findall(rb"Message-ID: <report\.(\d+)@", proxy.history):
        count[int(n)] = count.get(int(n), 0) + 1
    return count


def first_read(scene):
    """Cut in the middle of the first whole read: what was read is kept, and not read again"""
    line = Line(scene, "first", MANY)
    line.machine.cases()  # so that the server has its indexes, and to know how much it is
    whole = len(line.proxy.history)
    other = scene.machine(open(line.machine.conf).read())
    line.machine, line.proxy.history = other, b""
    line.proxy.plan(cut_out=whole // 2)
    terminal = line.terminal()
    wait_for(lambda: line.proxy.connections >= 2 and len(line.proxy.history) >= whole // 2)
    line.proxy.plan()
    line.proxy.cut()
    wait_for(lambda: len(bodies(line.proxy)) == MANY)
    terminal.shows("%d open" % MANY)
    again = sum(n - 1 for n in bodies(line.proxy).values())
    print("first read: %d reports, %d connections, %d bytes (%d unbroken), %d came twice" % (
        MANY, line.proxy.connections - 1, len(line.proxy.history), whole, again), flush=True)
    # Those that were on their way when it was cut: less than half of what had been read.
    assert again < MANY // 4, again
    line.quit()
    line.proxy.history = b""
    assert len(line.machine.cases()) == MANY
    assert bodies(line.proxy) == {}, "all of it was in the cache"


def offline(scene):
    """Cut in IDLE, and nobody answers for a while: all that is cached can be read, what is
    done waits in the journal, and goes out once there is a line again"""
    line = Line(scene, "idle", 6)
    terminal = line.terminal()
    terminal.shows("6 open")
    terminal.shows("online")
    wait_for(lambda: b"IDLE" in line.proxy.said)
    line.proxy.stop()
    terminal.shows("OFFLINE")
    terminal.shows("next try in")
    # Reading: a case and its explanation.
    terminal.type("/bob3")
    terminal.keys("Enter", "Enter")
    terminal.shows("temporary · nobody is trying any more")
    terminal.keys("q")
    # Acting: one is ignored, one is to be sent, and both are seen to wait.
    terminal.keys("i")
    terminal.shows("5 open")
    terminal.type("/bob4")
    terminal.keys("Enter", "r")
    terminal.shows("there is no connection")
    terminal.keys("y")
    terminal.shows("goes as soon as there is a connection")
    terminal.shows("1 due")
    assert sum(line.sink.delivered().values()) == 0
    # Tried again and again, each time later.
    wait_for(lambda: int(re.search(r"next try in (\d+) s", terminal.screen() + "next try in 0 s")[1]) >= 4)
    line.proxy.history = b""
    line.proxy.start()
    terminal.shows("online", 120)
    wait_for(lambda: line.sink.delivered()["bob4@partner.test"] == 1)
    wait_for(lambda: b"bouncebox-ignored" in line.keywords() and b"bouncebox-resent" in line.keywords())
    wait_for(lambda: b"sending" not in line.keywords())
    terminal.shows("resent")
    # One report was read again, for what it brings back; none for the list.
    assert bodies(line.proxy).keys() <= {4}, bodies(line.proxy)
    put(line.imap, [7])
    terminal.shows("bob7@partner.test")
    assert sum(line.sink.delivered().values()) == 1
    line.quit()


def claim(scene):
    """Cut at the claim: it says that nothing was sent; with the next connection it goes, once"""
    line = Line(scene, "claim", 3)
    terminal = line.terminal()
    terminal.shows("3 open")
    terminal.shows("online")
    line.proxy.cut_at = b"+FLAGS.SILENT (bouncebox-sending"
    terminal.type("/bob1")
    terminal.keys("Enter", "r")
    terminal.shows("Send now to bob1@partner.test")
    terminal.keys("y")
    terminal.shows("not sent")
    wait_for(lambda: line.sink.delivered()["bob1@partner.test"] == 1)
    wait_for(lambda: b"bouncebox-resent" in line.keywords() and b"sending" not in line.keywords())
    line.quit()
    assert sum(line.sink.delivered().values()) == 1


def restart(scene):
    """The server says good-bye, then restarts"""
    line = Line(scene, "restart", 3)
    terminal = line.terminal()
    terminal.shows("online")
    wait_for(lambda: b"IDLE" in line.proxy.said)
    line.proxy.tell(b"* BYE back in a moment\r\n")
    terminal.shows("back in a moment")
    terminal.shows("online")
    connections = line.proxy.connections
    line.imap.stop()
    terminal.shows("OFFLINE")
    terminal.shows("next try in")
    line.imap.start_again()
    terminal.shows("online")
    assert line.proxy.connections > connections
    put(line.imap, [5])
    terminal.shows("bob5@partner.test")
    line.quit()
    assert {n: 1 for n in (0, 1, 2, 5)} == bodies(line.proxy), bodies(line.proxy)


def silence(scene):
    """Nobody answers and nothing is closed: seen by the try of keepalive-seconds; then asleep"""
    line = Line(scene, "silence", 3, "timeout-seconds = 3\nkeepalive-seconds = 2")
    terminal = line.terminal()
    terminal.shows("online")
    wait_for(lambda: line.proxy.said.count(b"IDLE") >= 2)  # it is renewed
    line.proxy.silence()
    begun = time.monotonic()
    terminal.shows("OFFLINE")
    print("silence: seen after %.1f s, of keepalive 2 and timeout 3" % (time.monotonic() - begun), flush=True)
    terminal.shows("timed out")
    terminal.keys("j")
    terminal.shows("3 open")
    line.proxy.speak()
    terminal.shows("online")
    # Asleep, and the line is dead on waking: a message that came meanwhile is there soon.
    terminal.shows("online")
    pid = int(terminal.tmux("list-panes", "-F", "#{pane_pid}"))
    with open("/proc/%d/task/%d/children" % (pid, pid)) as f:
        program = int(f.read().split()[0])
    os.kill(program, signal.SIGSTOP)
    line.proxy.speak()  # who is connected hears nothing any more
    put(line.imap, [8])
    os.kill(program, signal.SIGCONT)
    terminal.shows("bob8@partner.test")
    line.quit()


def test(scene):
    for check in (first_read, offline, claim, restart, silence):
        check(scene)
        print("ok", check.__name__, flush=True)


main(test)
