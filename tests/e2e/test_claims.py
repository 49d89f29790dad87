#!/usr/bin/env python3
"""Two people who look at the same preview, and a machine that began to send and never came
back: whoever says yes knows what has gone since, and nobody waits for ever."""
import os, sys, time

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


def test(scene):
    for check in (same_preview, never_came_back):
        check(scene)
        print("ok", check.__name__)


main(test)
