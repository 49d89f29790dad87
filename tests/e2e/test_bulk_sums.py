#!/usr/bin/env python3
"""What is said of many at once: what is due is due and not done; what came of it is summed up
when it has gone; what is undone is named. On a Maildir, to an SMTP server that refuses some."""
import os, sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from box import NOON, Box  # noqa: E402
from scene import main, wait_for  # noqa: E402
from sink import Sink  # noqa: E402


def open_box(scene, name, undo_seconds, extra=""):
    """Four that may go, and one that a server still tries"""
    sink = Sink(scene, "sink-" + name)
    sink.plan({"rcpt": {"bob%d@partner.test" % n: "550 5.7.1 no" for n in (2, 3)}})
    box = Box(scene, name, extra=extra)
    conf = open(box.machine.conf).read().replace("undo-seconds = 0", "undo-seconds = %d" % undo_seconds)
    box.machine.write_conf(conf.replace("maildir://%s/out" % box.dir, "smtp+insecure://127.0.0.1:%d" % sink.port))
    for n in range(4):
        box.put(n)
    box.put(4, words={"Action: failed": "Action: delayed"})
    return box, sink


def tag_all(terminal, n, *keys):
    terminal.keys("T")
    terminal.shows("%d tagged" % n)
    for key in ("\\;",) + keys:
        terminal.keys(key)


def in_their_time(scene):
    """Due, taken back, due again, gone"""
    box, sink = open_box(scene, "time", 3600)
    terminal = scene.terminal(box.machine, size="110x30")
    terminal.shows("bob4@partner.test")
    tag_all(terminal, 5, "r")
    terminal.shows("Send now to 4 of 5")
    terminal.keys("y")
    terminal.shows("u takes it back")
    terminal.shows("goes in ")
    terminal.keys("z")
    terminal.shows("paused")
    wait_for(lambda: "goes in " not in terminal.screen())
    terminal.keys("j")
    terminal.shows("4 due, 1 left out: m shows each")
    terminal.keys("u")
    terminal.shows("4 resends taken back: m shows each")
    terminal.keys("m")
    said = terminal.shows("the resend was taken back")
    assert "nothing to take back" not in said and "done" not in said, said
    terminal.keys("q")
    terminal.keys("z")
    wait_for(lambda: "paused" not in terminal.screen().splitlines()[0])
    tag_all(terminal, 5, "r")
    terminal.shows("Send now to 4 of 5")
    terminal.keys("y")
    terminal.shows("4 due")
    box.journal("UPDATE item SET due_at = created_at WHERE state = 0")
    terminal.keys("z", "z")
    terminal.shows("2 resent, 2 not sent, 1 left out: m shows each")
    terminal.keys("S")
    terminal.shows("everything new is here")
    terminal.keys("j")
    screen = terminal.shows("2 resent, 2 not sent, 1 left out: m shows each")
    rows = [line for line in screen.splitlines() if "not sent, GAVE UP" in line]
    assert len(rows) == 2 and "bob2@" in "".join(rows) and "bob3@" in "".join(rows), screen
    assert sink.delivered() == {"bob0@partner.test": 1, "bob1@partner.test": 1}, sink.delivered()
    terminal.keys("u")
    terminal.shows("nothing was taken back, 4 not: m shows each")
    terminal.keys("m")
    terminal.shows("too late, it was resent at")
    terminal.keys("q")
    wait_for(lambda: "m shows each" not in terminal.screen())
    terminal.keys("Q")
    terminal.shows("exit=0")
    lines = [line for line in box.machine.run("list").splitlines() if "not sent" in line]
    assert len(lines) == 2, lines
    assert [c["not_sent"] for _, c in sorted(box.machine.cases().items())] == [False, False, True, True, False]


def at_once(scene):
    """Without a time to take them back; and by another hand"""
    box, sink = open_box(scene, "once", 0)
    terminal = scene.terminal(box.machine, size="110x30")
    terminal.shows("bob4@partner.test")
    tag_all(terminal, 5, "r")
    terminal.shows("Send now to 4 of 5")
    terminal.keys("y")
    terminal.shows("2 resent, 3 not sent: m shows each")
    terminal.keys("Q")
    terminal.shows("exit=0")


def ignored(scene):
    """What was not ignored is not taken back, nor what was before; tags that are not meant stay"""
    box, sink = open_box(scene, "ignored", 3600)
    m = box.machine
    m.run("ignore", m.cases()["bob0@partner.test"]["id"])
    terminal = scene.terminal(m, size="110x30")
    terminal.shows("bob4@partner.test")
    terminal.type("/bob1")
    terminal.keys("Enter")
    terminal.keys("T")
    terminal.shows("4 tagged")
    terminal.keys("r")
    terminal.shows("Send now to bob1@partner.test")
    terminal.keys("y")
    terminal.shows("1 due")
    terminal.shows("4 tagged")
    terminal.keys("\\")
    terminal.shows("filter")
    terminal.keys("C-u")
    terminal.type("partner.test -is:done")
    terminal.keys("Enter")
    terminal.shows("bob0@partner.test")
    terminal.keys("T")
    terminal.shows("5 tagged")
    terminal.keys("\\;")
    terminal.keys("i")
    terminal.shows("Ignore 3 cases of 5 (left out: 1 due 1 ignored already)?")
    terminal.keys("y")
    wait_for(lambda: len(m.cases("--offline", "is:ignored")) == 4)
    terminal.keys("z")
    terminal.shows("paused")
    terminal.keys("u")
    terminal.shows("3 ignores taken back: m shows each")
    assert sorted(m.cases("--offline", "is:ignored")) == ["bob0@partner.test"]
    terminal.keys("u")
    terminal.shows("tags as before: 4 tagged")
    terminal.keys("u")
    terminal.shows("the resend was taken back")
    terminal.keys("Q")
    terminal.shows("exit=0")
    assert not sink.delivered()


def held_back(scene):
    """How many wait for the pace stands there no longer when they were stopped"""
    box, sink = open_box(scene, "held", 3600, "send-per-domain = 1\nsend-per-minute = 100")
    m = box.machine
    m.env["BOUNCEBOX_NOW"] = str(NOON)
    m.run("resend", "--yes", m.cases()["bob0@partner.test"]["id"])
    terminal = scene.terminal(m, size="110x30")
    terminal.shows("bob4@partner.test")
    terminal.keys("\\")
    terminal.shows("filter")
    terminal.keys("C-u")
    terminal.type("is:open")
    terminal.keys("Enter")
    tag_all(terminal, 4, "r")
    terminal.shows("Send now to 3 of 4")
    terminal.keys("y")
    terminal.shows("3 due")
    box.journal("UPDATE item SET due_at = created_at WHERE state = 0")
    terminal.keys("z", "z")
    terminal.shows("messages sent 0/3")
    terminal.keys("X")
    terminal.shows("3 not sent, stopped: m shows each")
    wait_for(lambda: "messages sent" not in terminal.screen())
    terminal.keys("Q")
    terminal.shows("exit=0")
    assert sink.delivered() == {"bob0@partner.test": 1}, sink.delivered()


def test(scene):
    for check in (held_back, in_their_time, at_once, ignored):
        check(scene)
        print("ok", check.__name__, flush=True)


main(test)
