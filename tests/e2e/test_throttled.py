#!/usr/bin/env python3
"""Servers that ask for patience, in the words of Gmail and Microsoft 365: the login, the
reading and the sending go on when they may, by themselves, and nothing is lost or sent twice."""
import os, sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from proxy import Proxy  # noqa: E402
from report import REPORT  # noqa: E402
from scene import account, main, quote, wait_for  # noqa: E402
from sink import Sink  # noqa: E402

THROTTLED = b"NO Request is throttled. Suggested Backoff Time: %d milliseconds"
LATER = 1900000000  # after all that is due


class Place:
    def __init__(self, scene, name):
        self.scene, self.sink = scene, Sink(scene, "sink-" + name)
        self.imap = scene.dovecot(name)
        self.put(0, 1, 2)
        self.proxy = Proxy(scene, self.imap.port)
        source = "imap+insecure://%s:%s@127.0.0.1:%d/INBOX" % (
            quote(self.imap.user), self.imap.password, self.proxy.port)
        out = "smtp+insecure://127.0.0.1:%d" % self.sink.port
        self.machine = scene.machine(account(self.imap, out, source))

    def put(self, *numbers):
        client = self.imap.client()
        for n in numbers:
            client.append("INBOX", None, None, (REPORT % {"n": n}).replace("\n", "\r\n").encode())
        client.logout()


def login(scene):
    """A password that is right is not forgotten, and the time that is asked for is kept"""
    p = Place(scene, "login")
    p.proxy.lie = [(b"b1 OK [CAPABILITY", b"b1 " + THROTTLED % 92415 + b" [CAPABILITY")]
    p.machine.run("sync", status=4)
    assert "throttled" in p.machine.errors, p.machine.errors
    terminal = scene.terminal(p.machine)
    terminal.shows("next try in 93 s")
    assert p.proxy.connections == 2, p.proxy.connections
    p.proxy.lie = []
    terminal.keys("S")  # a person may be quicker
    terminal.shows("3 open")
    terminal.keys("q")
    terminal.shows("exit=0")


def reading(scene):
    """In the middle of it: the session is kept, and it is read on later"""
    p = Place(scene, "reading")
    p.proxy.lie = [(b"OK Fetch completed", THROTTLED % 3001)]
    terminal = scene.terminal(p.machine)
    terminal.shows("read again in 4 s: ")
    p.proxy.lie = []
    wait_for(lambda: b"IDLE" in p.proxy.said)
    p.put(3)
    terminal.shows("4 open")
    assert p.proxy.connections == 1, p.proxy.connections
    terminal.keys("q")
    terminal.shows("exit=0")


def sending(scene):
    """The way out is closed for a moment: what is to go waits, and goes once"""
    p = Place(scene, "sending")
    cases = p.machine.cases()
    p.sink.plan({"replies": {"mail": "421 4.7.0 Too many messages, try again in 4 seconds"}})
    p.machine.run("resend", "--yes", cases["bob0@partner.test"]["id"], status=1)
    assert "421 4.7.0" in p.machine.errors, p.machine.errors
    assert p.machine.cases()["bob0@partner.test"]["handling"] == "open"
    terminal = scene.terminal(p.machine)
    terminal.shows("3 open")
    terminal.shows("online")
    terminal.keys("T")
    terminal.shows("3 tagged")
    terminal.keys("\\;", "r")
    terminal.shows("Send now to 3 of 3 recipients")
    terminal.keys("y")
    terminal.shows("3 due")
    terminal.keys("m")
    terminal.shows("not sent before")
    assert sum(p.sink.delivered().values()) == 0
    terminal.keys("q")
    p.sink.plan({})
    wait_for(lambda: sum(p.sink.delivered().values()) == 3)
    wait_for(lambda: len(p.machine.cases("--offline", "is:resent")) == 3)
    terminal.keys("q")
    terminal.shows("exit=0")
    assert set(p.sink.delivered().values()) == {1}


def greeting(scene):
    """The same at the greeting, and without a screen: what is due stays due"""
    p = Place(scene, "greeting")
    case = p.machine.cases()["bob1@partner.test"]["id"]
    p.machine.run("resend", "--yes", "--at", "1h", case)
    p.machine.env["BOUNCEBOX_NOW"] = str(LATER)
    p.sink.plan({"replies": {"greeting": "421 4.3.2 Server busy"}})
    p.machine.run("sync", "--send-due", status=1)
    assert "Server busy" in p.machine.errors, p.machine.errors
    assert p.machine.cases()["bob1@partner.test"]["handling"] == "due"
    p.sink.plan({})
    p.machine.env["BOUNCEBOX_NOW"] = str(LATER + 3600)
    p.machine.run("sync", "--send-due")
    assert p.sink.delivered()["bob1@partner.test"] == 1


def test(scene):
    for check in (login, reading, sending, greeting):
        check(scene)
        print("ok", check.__name__, flush=True)


main(test)
