#!/usr/bin/env python3
"""Two people who look at the same preview, and a machine that began to send and never came
back: whoever says yes knows what has gone since, and nobody waits for ever."""
import os, re, sys, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from postfix import wait_for  # noqa: E402
from report import REPORT  # noqa: E402
from scene import account, main  # noqa: E402
from sink import Sink  # noqa: E402

NAME = "bob1@partner.test"


def stand(scene, name):
    imap, sink = scene.dovecot(name), Sink(scene, "sink-" + name)
    client = imap.client()
    client.append("INBOX", None, None, (REPORT % {"n": 1}).replace("\n", "\r\n").encode())
    conf = account(imap, "smtp+insecure://127.0.0.1:%d" % sink.port)
    return client, sink, [scene.machine(conf) for _ in range(3)]


def flags(client):
    client.select("INBOX", readonly=True)
    return client.fetch("1", "(FLAGS)")[1][0].decode()


def same_preview(scene):
    """Resent once, and that is what both are asked about; who is second is told"""
    client, sink, (one, two, three) = stand(scene, "preview")
    case = one.cases()[NAME]["id"]
    one.run("resend", "--yes", case)
    terminal = scene.terminal(two)
    terminal.shows(" online")
    terminal.type("/is:resent")
    terminal.keys("Enter")
    terminal.shows(NAME)
    terminal.keys("r")
    terminal.shows("in spite of the warning? [y/n]")
    three.run("resend", "--yes", case)
    assert sink.delivered()[NAME] == 2
    terminal.keys("y")
    wait_for(lambda: any(w in terminal.screen() for w in ("once more meanwhile", "since the preview")), 60)
    assert sink.delivered()[NAME] == 2, "nobody said yes to a third"
    assert "bouncebox-again-1" in flags(client)
    # who is shown that may
    terminal.shows("bouncebox  bounces")
    asks = "in spite of the warning? [y/n]"
    wait_for(lambda: asks in terminal.screen() or terminal.keys("r") or time.sleep(1), 60)
    terminal.keys("y")
    wait_for(lambda: sink.delivered()[NAME] == 3, 60)


def never_came_back(scene):
    """Its claim is seen before anything is tried, and the word overrules it"""
    client, sink, (one, _, _) = stand(scene, "dead")
    client.select("INBOX")
    client.store("1", "+FLAGS", "bouncebox-sending-deadbeef")
    case = one.cases()[NAME]["id"]
    assert "another machine" in one.run("resend", "--dry-run", case) + one.errors
    one.run("resend", "--yes", case, status=1)
    assert "another machine sends it just now, or began to" in one.errors, one.errors
    terminal = scene.terminal(one)
    terminal.shows(NAME)
    terminal.shows(" online")
    terminal.keys("r")
    terminal.shows("type resend")
    terminal.type("resend")
    terminal.keys("Enter")
    wait_for(lambda: sink.delivered()[NAME] == 1, 60)
    wait_for(lambda: "sending" not in flags(client) and "resent" in flags(client), 60)


def again(n, minute):
    """A later report of the first delivery"""
    return (REPORT % {"n": n}).replace("<report.", "<report.%s." % minute).replace(
        "20 Nov 2026 09:14:00", "28 Nov 2026 23:%s:00" % minute)


def put(client, text):
    client.append("INBOX", None, None, text.replace("\n", "\r\n").encode())


def remove(client, uid):
    """Another mail program clears away what is dealt with"""
    client.select("INBOX")
    client.store("1", "+FLAGS", "\\Deleted")
    client.expunge()


def marks_go_with_the_report(scene):
    """… and whoever sent puts one on the next report, which does not name the resend"""
    client, sink, (one, two, three) = stand(scene, "gone")
    for machine in (one, two):
        machine.env["BOUNCEBOX_NOW"] = "1795640400"  # 25 Nov 21:00
    case = one.cases()[NAME]["id"]
    one.run("resend", "--yes", case)
    two.run("list", "is:resent")
    remove(client, "1")
    put(client, again(1, "10"))
    for machine in (one, two, three):
        machine.env["BOUNCEBOX_NOW"] = "1796000000"
    # one that saw the mark of before knows it still
    two.run("resend", "--yes", "to:" + NAME, status=1)
    assert "may have arrived" in two.errors, two.errors
    one.run("sync")
    assert "bouncebox-perhaps" in flags(client)
    # one that never saw it is told by the new mark
    three.run("resend", "--yes", "to:" + NAME, status=1)
    assert "may have arrived" in three.errors, three.errors
    assert three.cases()[NAME]["handling"] == "open", "and nothing is hidden"
    assert sink.delivered()[NAME] == 1


def one_of_two_with_a_newer_report(scene):
    """A report of two is not marked as resent because one of them was, and the other has news"""
    client, sink, (one, two, _) = stand(scene, "newer")
    other = "bob2@partner.test"
    block = "Final-Recipient: rfc822; %s\nAction: failed\nStatus: 4.4.1\n"
    both = (REPORT % {"n": 1}).replace("\nFinal-Recipient", "\n" + block % other + "\nFinal-Recipient").replace(
        "<report.1", "<report.both").replace("To: " + NAME, "To: %s, %s" % (NAME, other))
    put(client, both)
    put(client, again(1, "12").replace(NAME, other))
    ids = {name: c["id"] for name, c in one.cases().items()}
    assert set(ids) == {NAME, other}, ids
    one.run("resend", "--yes", ids[NAME])
    client.select("INBOX", readonly=True)
    marks = [row.decode() for row in client.fetch("1:*", "(FLAGS)")[1]]
    assert "bouncebox-resent" not in marks[1] and "bouncebox-part" in marks[1], marks
    two.run("resend", "--yes", "to:" + other, status=None)
    assert "resent from another" not in two.errors, two.errors


def ignored_or_noted_meanwhile(scene):
    """Put off here; there somebody deals with it otherwise"""
    client, sink, (one, two, _) = stand(scene, "meanwhile")
    case = one.cases()[NAME]["id"]
    one.run("resend", "--yes", "--at", "1m", case)
    two.run("ignore", case)
    one.env["BOUNCEBOX_NOW"] = "4000000000"
    one.run("sync", "--send-due", status=None)
    assert "ignores it meanwhile" in one.errors, one.errors
    assert sink.delivered()[NAME] == 0
    client, sink, (one, two, _) = stand(scene, "noted")
    case = one.cases()[NAME]["id"]
    one.run("ignore", case)
    one.run("ignore", "--undo", case)
    two.run("note", "--to", "postmaster", "--send", case)
    assert dict(one.cases(), **one.cases("is:noted"))[NAME]["handling"] == "noted"


def ignored_after_a_failed_resend(scene):
    """Taken back it is open again, here and there; and what the other ignores is seen here"""
    client, sink, (one, two, _) = stand(scene, "failed")
    for machine in (one, two):
        machine.env["BOUNCEBOX_NOW"] = "1795640400"
    case = one.cases()[NAME]["id"]
    one.run("resend", "--yes", case)
    resent = re.search(r"Resent-Message-ID: <[^>]*>\n", sink.messages()[0][1].decode().replace("\r", "")).group(0)
    put(client, again(1, "10").replace("From: Alice", resent + "From: Alice"))
    for machine in (one, two):
        machine.env["BOUNCEBOX_NOW"] = "1796000000"
    assert one.cases()[NAME]["handling"] == "open"
    one.run("ignore", case)
    assert two.cases() == {}
    one.run("ignore", "--undo", case)
    assert one.cases()[NAME]["handling"] == two.cases()[NAME]["handling"] == "open"
    two.run("ignore", case)
    assert one.cases() == {} and NAME in one.cases("is:ignored")


def test(scene):
    for check in (same_preview, never_came_back, marks_go_with_the_report, one_of_two_with_a_newer_report,
                  ignored_or_noted_meanwhile, ignored_after_a_failed_resend):
        check(scene)
        print("ok", check.__name__)


main(test)
