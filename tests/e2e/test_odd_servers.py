#!/usr/bin/env python3
"""Odd servers are understood, hostile ones survived: noise between all answers, packets of one
byte, a message told twice, a mailbox numbered anew while it is open; answers that never end
or lie end in clear words, in bounded memory, and the screen answers meanwhile."""
import os, sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from report import REPORT  # noqa: E402
from scene import account, main, wait_for  # noqa: E402
from scripted_imap import Scripted  # noqa: E402

NOISE = (b"* OK [ALERT] the disk is 90% full {12}\r\n* XNEWS {5}\r\na)\r\n( (((\r\n* 1 RECENT\r\n"
         b"* 2 FETCH (FLAGS (\\Seen) ENVELOPE (NIL \"(\" NIL NIL NIL NIL NIL {2}\r\n)) NIL NIL))\r\n"
         b"* CAPABILITY IMAP4rev1 IDLE UIDPLUS LITERAL+\r\n* LIST () NIL {3}\r\na\"b\r\n"
         b"* FLAGS (" + b"k" * 70000 + b")\r\n* SEARCH\r\n* STATUS x (MESSAGES 3)\r\n"
         b"* NO something is slow\r\n* VANISHED 77:78\r\n")
MEMORY_KB = 150000  # a quiet one takes 37,000 with the sanitizers; a literal of 4 GB or a line without end is more


def reports(*numbers):
    return {n + 1: (REPORT % {"n": n}).replace("\n", "\r\n").encode() for n in numbers}


def machine_of(scene, server, extra="timeout-seconds = 20"):
    return scene.machine(account(server, "maildir://%s/out%d" % (scene.dir, scene.machines), server.source, extra)
                         .replace("ca-file = \n", ""))


def same(machine, n, what):
    cases = machine.cases()
    assert set(cases) == {"bob%d@partner.test" % k for k in range(n)}, (what, sorted(cases), machine.errors)
    assert all(c["reports"] == 1 for c in cases.values()), (what, cases)


def odd(scene):
    """All that is legal, at once, in packets of any size"""
    for chunk in (0, 1, 7):
        server = Scripted(scene, reports(*range(5)))
        server.chunk = chunk
        server.before = {verb: NOISE if chunk != 1 else NOISE.replace(b"k" * 70000, b"k")
                         for verb in ("LOGIN", "SELECT", "SEARCH", "FETCH", "LIST", "STORE")}
        server.folders = (b"* LIST (\\Noselect) \"/\" {1}\r\nx\r\n* LIST (\\HasNoChildren \\Sent) NIL {25}\r\n"
                          b"Gesendete &AMQ- {3}\"Post\"\r\n* LIST (\\Drafts) \"/\" \"Entw&APw-rfe \\\"neu\\\"\"\r\n")
        machine = machine_of(scene, server)
        same(machine, 5, "noise, chunk %d" % chunk)
        same(machine, 5, "noise and warm")
        machine.run("ignore", machine.cases()["bob3@partner.test"]["id"])
        assert server.flags == {4: {b"bouncebox-ignored"}}, server.flags
        checked = machine.run("check")
        assert "Entwürfe \"neu\"" in checked and "Gesendete Ä {3}\"Post\"" in checked, checked
        assert "bob3@partner.test" in machine.cases("is:ignored")


def rows(scene):
    """Rows in any order, twice, without dates, of messages that nobody knows, and empty"""
    server = Scripted(scene, reports(*range(4)))
    machine = machine_of(scene, server)
    server.row = lambda uid, items: [
        *items[::-1], b")\r\n* 9 FETCH (UID 4294967295 FLAGS ()", b")\r\n* 9 FETCH (FLAGS ()",
        b")\r\n* 1 FETCH (UID 0 FLAGS () BODY[]<0> {1}\r\nx", b")\r\n* %d FETCH (" % uid + b" ".join(items)]
    same(machine, 4, "twice")
    server.row = lambda uid, items: [b"INTERNALDATE NIL" if i.startswith(b"INTERNAL") else i for i in items]
    same(machine_of(scene, server), 4, "no dates")
    server.row = lambda uid, items: [b"RFC822.SIZE 99999999999999999999" if i.startswith(b"RFC822") else i
                                     for i in items]
    same(machine_of(scene, server), 4, "too large")
    server.row = lambda uid, items: [b"RFC822.SIZE 1" if i.startswith(b"RFC822") else i for i in items]
    same(machine_of(scene, server), 4, "too small")
    server.row = lambda uid, items: [b"BODY[]<0> NIL" if uid == 2 and i.startswith(b"BODY") else i for i in items]
    left = machine_of(scene, server).cases()
    assert len(left) == 3, left


def numbering(scene):
    """Another UIDVALIDITY: between two sessions, while it is open, while nobody speaks"""
    server = Scripted(scene, reports(*range(4)))
    machine = machine_of(scene, server)
    same(machine, 4, "first")
    machine.run("ignore", machine.cases()["bob0@partner.test"]["id"])
    server.uidvalidity, server.messages, server.flags = 8, {k + 50: m for k, m in server.messages.items()}, {}
    assert set(machine.cases()) == {"bob%d@partner.test" % k for k in (1, 2, 3)}, "the journal knows it"
    terminal = scene.terminal(machine)
    terminal.shows("3 open")
    wait_for(lambda: server.idling)
    server.messages = {1000 - k: m for k, m in reports(*range(6)).items()}
    server.uidvalidity = 9
    assert server.tell(b"* OK [UIDVALIDITY 9] restored from yesterday\r\n") == 1
    terminal.shows("5 open")
    terminal.shows("online")
    connections = server.connections
    # In the middle of an answer.
    wait_for(lambda: server.idling)
    server.messages = {2000 + k: m for k, m in reports(*range(7)).items()}
    server.uidvalidity = 10
    server.before["FETCH"] = b"* OK [UIDVALIDITY 11] again\r\n"
    server.tell(b"* 7 EXISTS\r\n")
    wait_for(lambda: server.connections > connections)
    server.before.clear()
    terminal.shows("6 open", 90)
    terminal.keys("Q")
    terminal.shows("exit=0")
    assert all(c["reports"] == 1 for c in machine.cases("--offline").values())


def endless(first, again):
    """Says something, and goes on for ever"""
    def speak(session, tag):
        session.say(first)
        while True:
            session.say(again * 1000)
    return speak


ROW = b"* 1 FETCH (UID 1 FLAGS () RFC822.SIZE 10 BODY[]<0> "
HOSTILE = (
    ("a literal of 4 GB", "FETCH", ROW + b"{4294967290}\r\n", "4294967290 bytes"),
    ("a literal that never comes to its end", "FETCH", endless(ROW + b"{65000}\r\n", b""), None),
    ("a line without end", "FETCH", endless(b"* 1 FETCH (FLAGS (", b"flag "), "line without end"),
    ("a status line without end", "SELECT", endless(b"* OK ", b"fine "), "status line without end"),
    ("literals without end", "FETCH", endless(b"* 1 FETCH (ENVELOPE (", b"{9}\r\n123456789 "), "too much"),
    ("nesting without end", "FETCH", endless(b"* 1 FETCH (X ", b"("), "nests its answer too deeply"),
    ("a UID over 32 bits", "FETCH", b"* 1 FETCH (UID 4294967296 FLAGS ())\r\nTAG OK x\r\n", "cannot be understood"),
    ("more found than there is", "SEARCH", endless(b"* SEARCH", b" 1 2 3"), "line without end"),
    ("noise without end", "FETCH", endless(b"", b"* OK still here\r\n"), None),
    ("rows without end", "FETCH", endless(b"", b"* 1 FETCH (UID 1 FLAGS ())\r\n"), None),
    ("numbers that are none", "SELECT", b"* 99999999999999999999 EXISTS\r\n* OK [UIDVALIDITY 0] x\r\n"
     b"* OK [UIDNEXT 99999999999] x\r\nTAG OK x\r\n", "no UIDVALIDITY"),
    ("the wrong tag", "SEARCH", b"zz OK x\r\n", "what nobody asked"),
)


def memory(terminal):
    """Kilobytes at most, and the id of the program"""
    pid = terminal.tmux("list-panes", "-F", "#{pane_pid}").strip()
    with open("/proc/%s/task/%s/children" % (pid, pid)) as f:
        program = f.read().split()[0]
    with open("/proc/%s/status" % program) as f:
        return int(next(line for line in f if line.startswith("VmHWM")).split()[1])


def hostile(scene):
    for what, verb, says, words in HOSTILE:
        server = Scripted(scene, reports(0, 1))
        machine = machine_of(scene, server, "timeout-seconds = 4")
        same(machine, 2, what)  # so that there is something to be seen
        server.messages = reports(1, 2, 3)  # one went, two came: all UIDs are compared
        server.instead[verb] = says
        terminal = scene.terminal(machine)
        if words:
            terminal.shows(words)
        else:
            wait_for(lambda: server.connections > 1)
        terminal.shows("2 open")
        terminal.keys("Enter")
        terminal.shows("Likely causes")
        peak = memory(terminal)
        terminal.keys("Q")
        terminal.shows("exit=0")
        terminal.close()
        assert peak < MEMORY_KB, "%s: %d kB" % (what, peak)
        server.instead.clear()
        assert set(machine.cases()) == {"bob%d@partner.test" % k for k in (1, 2, 3)}, "after " + what
        print("ok %s: %d kB" % (what, peak), flush=True)


def test(scene):
    for check in (odd, rows, numbering, hostile):
        check(scene)
        print("ok", check.__name__, flush=True)


main(test)
