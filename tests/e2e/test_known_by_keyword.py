#!/usr/bin/env python3
"""What another machine resent is known here by its keyword alone: it is open again when it
fails again, done when it is quiet for six days, and never sent again unasked, whatever this
machine itself has sent of it before."""
import os, re, sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from report import REPORT  # noqa: E402
from scene import account, main  # noqa: E402

DAY = 86400
NOON = 1795694400  # 2026-11-26 12:00 UTC


def put(imap, n, again="", resent=""):
    """resent: the header line of the resend that it is about"""
    text = (REPORT % {"n": n}).replace("From: Alice", resent + "From: Alice")
    if again:
        text = text.replace("<report.", "<%s." % again.split()[0]).replace("20 Nov 2026 09:14:00", again)
    client = imap.client()
    client.append("INBOX", None, None, text.replace("\n", "\r\n").encode())
    client.logout()


def flag_seen(imap, uid):
    client = imap.client()
    client.select("INBOX")
    client.store(uid, "+FLAGS", "\\Seen")
    client.logout()


def handling(machine, name, days):
    machine.env["BOUNCEBOX_NOW"] = str(int(NOON + days * DAY))
    every = dict(machine.cases(), **machine.cases("is:done"), **machine.cases("is:resent"))
    return every[name]["handling"]


def quiet(scene, imap, conf):
    one, two = scene.machine(conf), scene.machine(conf)
    name = "bob0@partner.test"
    assert handling(two, name, 0) == handling(one, name, 0) == "open"
    one.run("resend", "--yes", one.cases()[name]["id"])
    assert handling(two, name, 1) == "resent"
    flag_seen(imap, "1")
    assert handling(two, name, 6.9) == "resent", "a flag is no news"
    assert handling(two, name, 7.1) == "done", "six days since it was seen to be resent"
    flag_seen(imap, "1:*")
    assert handling(two, name, 7.2) == "done"
    # first seen long after: nobody knows when it was sent, so it is waited for again
    three = scene.machine(conf)
    assert handling(three, name, 20) == "resent"
    assert handling(three, name, 26.1) == "done"
    # a later failure: open again everywhere, also where it was done
    put(imap, 0, "26 Nov 2026 13:00:00")
    for machine in (one, two, three, scene.machine(conf)):
        assert handling(machine, name, 27) == "open", machine.dir


def sent_by_both(scene, imap, conf, folder):
    """Each has sent it once, and it failed again each time: neither takes the other's for its own"""
    put(imap, 1)
    one, two = scene.machine(conf), scene.machine(conf)
    name = "bob1@partner.test"
    case = None

    seen = set()

    def sent():
        return len(messages())

    def messages():
        texts = [open(folder + "/new/" + f).read() for f in os.listdir(folder + "/new")]
        return [t for t in texts if "To: " + name in t]

    def last_resent():
        new = {re.search(r"Resent-Message-ID: <[^>]*>\n", t).group(0) for t in messages()} - seen
        seen.update(new)
        return new.pop()

    for n, (now, other) in enumerate(((one, two), (two, one), (one, two))):
        for machine in (one, two):
            assert handling(machine, name, n) == "open"
            case = machine.cases("to:" + name)[name]["id"]
        now.run("resend", "--yes", "to:" + name)
        assert sent() == n + 1, (n, sent())
        # the other still has it as open
        other.run("--offline", "resend", "--yes", "--at", "1h", case, status=None)
        other.env["BOUNCEBOX_NOW"] = str(int(NOON + n * DAY + 2 * 3600))
        other.run("sync", "--send-due", status=None)
        assert sent() == n + 1, "sent by both"
        assert handling(other, name, n + 0.2) == "resent"
        other.run("resend", "--yes", "to:" + name, status=1)
        assert sent() == n + 1
        put(imap, 1, "%d Nov 2026 %d:00:00" % (26 + n, 20 + n), last_resent())


def asked_about_something_else(scene, imap, conf, folder):
    """A yes to one warning, given before another machine sent it, is no yes to sending it twice"""
    text = (REPORT % {"n": 2}).replace("Subject: Offer", "List-Id: <offers.example.org>\nSubject: Offer").replace(
        "partner.test", "other.test")  # or it would be put off: partner.test has failed again
    client = imap.client()
    client.append("INBOX", None, None, text.replace("\n", "\r\n").encode())
    client.logout()
    one, two = scene.machine(conf), scene.machine(conf)
    for machine in (one, two):
        machine.env["BOUNCEBOX_NOW"] = str(NOON)
    case = one.cases()["bob2@other.test"]["id"]
    before = len(os.listdir(folder + "/new"))
    one.run("resend", "--yes", "--at", "1h", case)
    two.run("resend", "--yes", case)
    assert len(os.listdir(folder + "/new")) == before + 1
    one.env["BOUNCEBOX_NOW"] = str(NOON + 7200)
    one.run("sync", "--send-due", status=1)
    assert "resent from another machine meanwhile" in one.errors, one.errors
    assert len(os.listdir(folder + "/new")) == before + 1, "sent by both"
    # who was asked about that knows it
    one.run("resend", "--yes", case)
    assert len(os.listdir(folder + "/new")) == before + 2


def test(scene):
    imap = scene.dovecot()
    put(imap, 0)
    folder = scene.dir + "/out"
    conf = account(imap, "maildir://" + folder)
    quiet(scene, imap, conf)
    sent_by_both(scene, imap, conf, folder)
    asked_about_something_else(scene, imap, conf, folder)


main(test)
