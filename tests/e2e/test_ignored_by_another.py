#!/usr/bin/env python3
"""What one machine ignores, and opens again, the others see, whatever reports came
meanwhile and whoever read them: the keywords of all reports of a case count."""
import os, sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from report import REPORT  # noqa: E402
from scene import account, main  # noqa: E402


def put(imap, n):
    client = imap.client()
    client.append("INBOX", None, None, (REPORT % {"n": n}).replace("\n", "\r\n").encode())
    client.logout()


def again(imap, n, minute):
    text = (REPORT % {"n": n}).replace("<report.", "<again%d." % minute)
    text = text.replace("20 Nov 2026 09:14:00", "26 Nov 2026 09:%02d:00" % minute)
    client = imap.client()
    client.append("INBOX", None, None, text.replace("\n", "\r\n").encode())
    client.logout()


def flag(imap, uid, what):
    client = imap.client()
    client.select("INBOX")
    client.store(uid, "+FLAGS", what)
    client.logout()


def keywords(imap):
    client = imap.client()
    client.select("INBOX", readonly=True)
    _, rows = client.fetch("1:*", "(FLAGS)")
    client.logout()
    return ["bouncebox-ignored" in row.decode() for row in rows]


def test(scene):
    imap = scene.dovecot()
    for n in (0, 1):
        put(imap, n)
    conf = account(imap, "maildir://" + scene.dir + "/out")
    one, two = scene.machine(conf), scene.machine(conf)
    cases = one.cases()
    assert set(two.cases()) == set(cases)
    one.run("ignore", "--until", "next-bounce", cases["bob0@partner.test"]["id"])
    one.run("ignore", cases["bob1@partner.test"]["id"])
    assert keywords(imap) == [True, True]
    assert two.cases() == {} and len(two.cases("is:ignored")) == 2

    # both fail again; what is ignored for good stays so, also when somebody reads it
    again(imap, 1, 20)
    flag(imap, "3", "\\Seen")
    assert two.cases() == {}
    flag(imap, "3", "\\Flagged")
    assert two.cases() == {}, "a flag is no keyword of ours"
    again(imap, 0, 30)
    assert list(one.cases()) == ["bob0@partner.test"]
    now = keywords(imap)
    assert not now[0] and now[1] and not now[3], now
    assert list(two.cases()) == ["bob0@partner.test"], "the other machine hears of it"
    assert list(scene.machine(conf).cases()) == ["bob0@partner.test"], "and a new one"
    # undone by the other machine, which has no journal of it
    two.run("ignore", "--undo", cases["bob1@partner.test"]["id"])
    assert keywords(imap) == [False, False, False, False]
    assert sorted(two.cases()) == ["bob0@partner.test", "bob1@partner.test"]
    assert sorted(one.cases()) == ["bob0@partner.test", "bob1@partner.test"], "who ignored it hears of it"
    assert keywords(imap) == [False, False, False, False], "and does not tell it anew"
    # without a line to the server it is told with the next sync
    one.run("--offline", "ignore", cases["bob0@partner.test"]["id"])
    assert not any(keywords(imap))
    one.run("sync")
    assert keywords(imap) == [True, False, False, True], keywords(imap)
    assert list(two.cases()) == ["bob1@partner.test"]
    # taken back before the first one looks again; and once more is once more
    bob = cases["bob0@partner.test"]["id"]
    two.run("ignore", "--undo", bob)
    assert len(one.cases()) == 2 and "taken back on another machine" in one.run("show", bob)
    one.run("sync")
    assert not any(keywords(imap))
    one.run("ignore", bob)
    assert keywords(imap) == [True, False, False, True], keywords(imap)
    for machine in (one, two, one, two):
        got = list(machine.cases())
        assert got == ["bob1@partner.test"], (machine.dir, got, keywords(imap), machine.run("show", bob))
    # the second one has a journal of it too by now: it opens it once more, offline at first
    two.run("--offline", "ignore", "--undo", bob)
    assert sorted(two.cases("--offline")) == ["bob0@partner.test", "bob1@partner.test"]
    for machine in (two, one):
        assert sorted(machine.cases()) == ["bob0@partner.test", "bob1@partner.test"]
    one.run("ignore", bob)
    assert list(two.cases()) == ["bob1@partner.test"]
    # of two recipients in one report one is opened again here: that is no news from elsewhere
    both = (REPORT % {"n": 5}).replace("\n--b\nContent-Type: message/rfc822", """
Final-Recipient: rfc822; bob6@partner.test
Action: failed
Status: 4.4.1

--b
Content-Type: message/rfc822""")
    client = imap.client()
    client.append("INBOX", None, None, both.replace("\n", "\r\n").encode())
    client.logout()
    ids = [one.cases()["bob%d@partner.test" % n]["id"] for n in (5, 6)]
    one.run("ignore", *ids)
    assert keywords(imap)[4], keywords(imap)
    one.run("ignore", "--undo", ids[0])
    assert not keywords(imap)[4], keywords(imap)
    for _ in range(2):
        assert sorted(one.cases()) == ["bob1@partner.test", "bob5@partner.test"]


main(test)
