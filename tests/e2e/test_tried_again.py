#!/usr/bin/env python3
"""What was put off and finds no way out at its time stays due, and is tried again with
words, until it goes or a day is over: never twice, never lost, never in doubt."""
import json, os, re, sqlite3, sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from box import NOON  # noqa: E402
from proxy import Proxy  # noqa: E402
from report import REPORT  # noqa: E402
from scene import account, main, quote  # noqa: E402
from sink import Sink  # noqa: E402


class Place:
    """Both servers behind a line that can be cut; cases of bob0, bob1, …, put off by an hour"""

    def __init__(self, scene, name, n, secret=""):
        self.sink, self.imap = Sink(scene, "sink-" + name), scene.dovecot(name)
        client = self.imap.client()
        for i in range(n):
            client.append("INBOX", None, None, (REPORT % {"n": i}).replace("\n", "\r\n").encode())
        client.logout()
        self.to_imap, self.to_smtp = Proxy(scene, self.imap.port), Proxy(scene, self.sink.port)
        source = "imap+insecure://%s:%s@127.0.0.1:%d/INBOX" % (
            quote(self.imap.user), self.imap.password, self.to_imap.port)
        out = "smtp+insecure://%s127.0.0.1:%d" % (secret, self.to_smtp.port)
        self.machine = scene.machine(account(self.imap, out, source))
        self.at(NOON)
        self.ids = [self.machine.cases()["bob%d@partner.test" % i]["id"] for i in range(n)]

    def at(self, now):
        self.machine.env["BOUNCEBOX_NOW"] = str(now)

    def send_due(self, status):
        lines = self.machine.run("sync", "--send-due", "--json", status=status).splitlines()[1:]
        return {x["id"]: x for x in map(json.loads, lines)}

    def case(self, i):
        return json.loads(self.machine.run("show", "--json", self.ids[i]))

    def sent(self):
        return dict(self.sink.delivered())

    def claims(self):
        client = self.imap.client()
        client.select("INBOX", readonly=True)
        flags = b" ".join(x for x in client.fetch("1:*", "(FLAGS)")[1])
        client.logout()
        return flags.count(b"bouncebox-sending")


def no_way_out(scene):
    """The pauses grow; after a day it is open again; whoever waits is told at once"""
    p = Place(scene, "down", 3)
    p.machine.run("resend", "--yes", "--at", "1h", *p.ids[:2])
    p.to_smtp.stop()
    p.machine.run("resend", "--yes", p.ids[2], status=1)
    assert "Connection refused" in p.machine.errors, p.machine.errors
    assert p.case(2)["handling"] == "open", p.case(2)
    assert p.case(2)["reason"].startswith("not sent: "), p.case(2)["reason"]
    now = NOON + 3600
    for minutes in (5, 5, 10, 20, 40, 60, 60):
        p.at(now)
        told = p.send_due(1)
        assert len(told) == 2 and "not sent before" in told[p.ids[0]]["result"], told
        for i in (0, 1):
            case = p.case(i)
            assert case["handling"] == "due" and "Connection refused" in case["reason"], case
            assert case["due_at"][11:16] == "%02d:%02d" % divmod((now + 60 * minutes) // 60 % 1440, 60), case
        p.at(now + 60)
        assert p.send_due(0) == {}, "not yet"
        now += 60 * minutes
    p.machine.run("ignore", "--undo", p.ids[1])
    p.at(NOON + 3600 + 86400)
    told = p.send_due(1)
    assert "tried since 2026-11-26 13:00" in told[p.ids[0]]["error"], told
    case = p.case(0)
    assert case["handling"] == "open" and case["reason"].startswith("not sent: tried since"), case
    assert [e["event"] for e in case["events"]] == ["failed"], case["events"]
    p.to_smtp.start()
    p.send_due(0)
    assert p.sent() == {}, p.sent()


def goes_at_last(scene):
    """… and what a person said yes to is not forgotten meanwhile"""
    p = Place(scene, "login", 2, secret="alice:secret@")
    p.sink.plan({"features": ["AUTH PLAIN"], "user": "alice", "password": "secret"})
    p.machine.run("resend", "--yes", p.ids[0])
    p.at(NOON + 7200)
    p.machine.run("resend", "--yes", "--at", "1h", p.ids[0])  # although it was resent
    p.at(NOON + 3 * 3600)
    p.sink.plan({"features": ["AUTH PLAIN"], "user": "alice", "password": "another"})
    p.send_due(1)
    assert p.case(0)["handling"] == "due" and "535" in p.case(0)["reason"], p.case(0)
    p.at(NOON + 3 * 3600 + 300)
    p.sink.plan({"features": ["AUTH PLAIN"], "user": "alice", "password": "secret"})
    p.to_smtp.cut_at = b"DATA"
    p.send_due(1)
    assert p.case(0)["handling"] == "due", p.case(0)
    assert p.claims() == 0, "others may"
    journal = sqlite3.connect(p.machine.dir + "/state/bouncebox/journal.db")
    words = [row[0] for row in journal.execute("SELECT words FROM item WHERE state = 0")]
    journal.close()
    assert len(words) == 1 and re.match(r"confirmed again \d since ", words[0]), words
    p.at(NOON + 3 * 3600 + 600)
    p.send_due(0)
    p.send_due(0)
    assert p.sent() == {"bob0@partner.test": 2}, p.sent()
    assert p.case(0)["handling"] == "resent"


def refused(scene):
    """A no is a no"""
    p = Place(scene, "refused", 1)
    p.machine.run("resend", "--yes", "--at", "1h", p.ids[0])
    p.at(NOON + 3600)
    p.sink.plan({"replies": {"final": "550 5.7.1 not this one"}})
    p.send_due(1)
    assert p.case(0)["handling"] == "open" and "550 5.7.1" in p.case(0)["reason"], p.case(0)


def no_claim(scene):
    """The mailbox goes while it is claimed: nothing was sent, and no doubt; the others did
    not even begin, and wait for the next connection"""
    p = Place(scene, "claim", 2)
    p.machine.run("resend", "--yes", "--at", "1h", *p.ids)
    p.at(NOON + 3600)
    for cut in (b"bouncebox-sending", b"BODY.PEEK[]"):
        p.to_imap.cut_at = cut
        told = p.send_due(1)
        results = sorted(x["result"] for x in told.values())
        assert len(results) == 2 and results[0].startswith("not sent before "), results
        assert results[1].startswith("stays due: "), results
        assert sorted(p.case(i)["handling"] for i in (0, 1)) == ["due", "due"]
        assert p.sent() == {}
        p.at(NOON + 3600 + 600)
    p.at(NOON + 3600 + 3600)
    p.send_due(0)
    assert p.sent() == {"bob0@partner.test": 1, "bob1@partner.test": 1}, p.sent()
    assert p.claims() == 0


def awaited(scene):
    """In the foreground the same is a failure at once"""
    p = Place(scene, "now", 1)
    p.to_imap.cut_at = b"bouncebox-sending"
    p.machine.run("resend", "--yes", p.ids[0], status=None)
    assert p.machine.status in (1, 4), p.machine.errors
    assert p.case(0)["handling"] == "open" and p.sent() == {}


def on_screen(scene):
    """It stays due, says why, and can be taken back"""
    p = Place(scene, "screen", 1)
    p.to_smtp.stop()
    terminal = scene.terminal(p.machine)
    terminal.shows("1 open")
    terminal.shows("online")
    terminal.keys("r")
    terminal.shows("Send now")
    terminal.keys("y")
    terminal.shows("not sent before 2026-11-26 12:05")
    terminal.shows("1 due")
    terminal.keys("u")
    terminal.shows("1 open")
    terminal.keys("q")
    terminal.shows("exit=0")


def test(scene):
    for check in (no_way_out, goes_at_last, refused, no_claim, awaited, on_screen):
        check(scene)
        print("ok", check.__name__, flush=True)


main(test)
