#!/usr/bin/env python3
"""A report that brings the original back whole proves nothing: where copies of what is sent
are kept and none is of it, or another message has its Message-ID, that is said and asked
about; where none of that time are kept, nobody is troubled."""
import json, os, sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from box import Box  # noqa: E402
from report import REPORT  # noqa: E402
from scene import account, main  # noqa: E402

COPY = ("From: Alice Example <bounces@example.org>\r\nTo: bob%(n)d@partner.test\r\n"
        "Subject: %(subject)s\r\nDate: %(day)s 09:00:00 +0000\r\n"
        "Message-ID: <%(id)s.%(n)d@example.org>\r\n\r\nThe offer.\r\n")
ALONE = "the report alone says that it was ours"


def copy(n, subject=None, day="Fri, 20 Nov 2026", name="offer"):
    return COPY % {"n": n, "subject": subject or "Offer %d" % n, "day": day, "id": name}


def check(machine, n, guard, why, found):
    case = machine.cases("to:bob%d@partner.test" % n)["bob%d@partner.test" % n]["id"]
    dry = json.loads(machine.run("resend", "--dry-run", "--json", case).splitlines()[0])
    assert dry["guard"] == guard and why in dry["why"] and why in dry["warnings"], dry
    machine.run("resend", "--dry-run", case)
    assert found in machine.errors and why in machine.errors, machine.errors
    if why == "":
        assert "ours" not in dry["warnings"], dry["warnings"]
    return case


def all_ways(machine):
    check(machine, 1, "ok", "", "brought it back whole, and a copy is in Sent")
    check(machine, 3, "ask", "the copy of it in Sent is another message: Subject differs", "brought it back whole")
    case = check(machine, 2, "ask", ALONE, "brought it back whole")
    machine.run("resend", "--yes", case)  # by its id: a person has seen it


def on_server(scene):
    imap = scene.dovecot("kept")
    client = imap.client()
    for n in (1, 2, 3):
        client.append("INBOX", None, None, (REPORT % {"n": n}).replace("\n", "\r\n").encode())
    client.append("Sent", None, None, copy(1).encode())
    client.append("Sent", None, None, copy(3, subject="Something else").encode())
    client.logout()
    all_ways(scene.machine(account(imap, "maildir://%s/out" % scene.dir)))


def none_kept(scene):
    """Sent has nothing of that time, or not of that sender, or is not there"""
    imap = scene.dovecot("none")
    client = imap.client()
    client.append("INBOX", None, None, (REPORT % {"n": 2}).replace("\n", "\r\n").encode())
    client.append("Sent", None, None, copy(1, day="Mon, 20 Jul 2026").encode())
    client.append("Sent", None, None, copy(4, name="x").replace("bounces@", "carol@").encode())
    client.append("Sent", None, None, copy(5, name="bouncebox-note").encode())
    conf = account(imap, "maildir://%s/out" % scene.dir)
    check(scene.machine(conf), 2, "ok", "", "brought it back whole")
    check(scene.machine(conf.replace("[ui]", "copy-to = No such\n[ui]")), 2, "ok", "", "brought it back whole")
    client.append("Sent", None, None, copy(4, name="x").encode())
    client.logout()
    check(scene.machine(conf), 2, "ask", ALONE, "brought it back whole")


def on_disk(scene):
    box = Box(scene, "disk")
    for n in (1, 2, 3):
        box.put(n)
    check(box.machine, 2, "ok", "", "brought it back whole")
    for part in ("new", "cur", "tmp"):
        os.makedirs("%s/in/.Sent/%s" % (box.dir, part))
    for n, text in ((1, copy(1)), (3, copy(3, subject="Something else"))):
        with open("%s/in/.Sent/cur/%d:2,S" % (box.dir, n), "w", newline="") as f:
            f.write(text)
    all_ways(box.machine)
    assert len(box.sent()) == 1


def test(scene):
    for one in (on_server, none_kept, on_disk):
        one(scene)
        print("ok", one.__name__, flush=True)


main(test)
