#!/usr/bin/env python3
"""Many resends at once: stopped before they go, and those left out that somebody else has
handled since the preview. On a Maildir."""
import json, os, signal, subprocess, sys, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from box import Box  # noqa: E402
from scene import main, wait_for  # noqa: E402


def stopped(scene):
    """What was about to go, in its undo time or held back by the pace, is stopped by a key: each
    says so, nothing of it goes later, and what is put off for later stays due"""
    box = Box(scene, "stop", extra="send-per-domain = 1\nsend-per-minute = 100")
    m = box.machine
    m.write_conf(open(m.conf).read().replace("undo-seconds = 0", "undo-seconds = 300"))
    for n in range(3):
        box.put(n)
    box.put(9, words={"partner.test": "other.test"})
    terminal = scene.terminal(m)
    terminal.shows("bob9@other.test")
    terminal.keys("C-c")
    terminal.shows("nothing waits to go out")
    terminal.keys("R")
    terminal.shows("resend when?")
    terminal.keys("C-u")
    terminal.type("4h")
    terminal.keys("Enter")
    terminal.shows("[y/n]")
    terminal.keys("y")
    terminal.shows("1 due")
    for key in ("C-c", "X"):
        terminal.keys("\\")
        terminal.shows("filter")
        terminal.keys("C-u")
        terminal.type("is:open")
        terminal.keys("Enter")
        terminal.keys("T")
        terminal.shows("3 tagged")
        terminal.keys("\\;")
        terminal.keys("r")
        terminal.shows("Send now to 3 of 3")
        terminal.keys("y")
        terminal.shows("4 due")
        if key == "X":  # the first goes, and the pace holds two back
            box.journal("UPDATE item SET due_at = created_at WHERE state = 0 AND due_at < created_at + 1000")
            terminal.keys("z", "z")
            terminal.shows("messages sent")
            wait_for(lambda: box.sent())
        terminal.keys(key)
        wait_for(lambda: box.journal("SELECT count(*) FROM item WHERE state IN (0, 1)") == [(1,)])
        terminal.shows("not sent, stopped")
        terminal.shows("1 due")
        if key == "C-c":
            terminal.shows("3 not sent, stopped: m shows each")
        terminal.keys("m")
        terminal.shows("@partner.test: not sent, stopped")
        terminal.keys("q")
    wait_for(lambda: "messages sent" not in terminal.screen())
    states = dict(box.journal("SELECT state, count(*) FROM item GROUP BY state"))
    terminal.keys("Q")
    terminal.shows("exit=0")
    assert states[0] == 1 and states[2] == len(box.sent()) and states[5] == 6 - states[2], states
    m.env["BOUNCEBOX_NOW"] = str(int(time.time()) + 3600)
    m.run("sync", "--send-due")
    assert states[2] == len(box.sent())


def interrupted(scene):
    """Without a screen C-c stops what waits for its turn, and each says so"""
    box = Box(scene, "interrupted", extra="send-per-domain = 1\nsend-per-minute = 100")
    m = box.machine
    for n in range(3):
        box.put(n)
    m.cases()
    process = subprocess.Popen([os.environ["BOUNCEBOX"], "resend", "--yes", "--json", "partner.test"], env=m.env,
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler))
    wait_for(lambda: box.journal("SELECT count(*) FROM item WHERE state = 2") == [(1,)])
    process.send_signal(signal.SIGINT)
    out, errors = process.communicate(timeout=60)
    got = sorted(x["result"] for x in map(json.loads, out.decode().splitlines()))
    assert got[:2] == ["not sent, stopped"] * 2 and "resent to" in got[2] and process.returncode == 1, (got, errors)
    m.run("sync", "--send-due")
    assert len(box.sent()) == 1 and m.cases("is:due") == {} and len(m.cases("is:open")) == 2


def handled_meanwhile(scene):
    """Between the preview of many and its yes somebody else handles some of them: those are
    left out, each with words, and the others go"""
    box = Box(scene, "meanwhile")
    m = box.machine
    for n in range(4):
        box.put(n)
    ids = {to: case["id"] for to, case in m.cases().items()}
    quick = lambda: (m.run("resend", "--yes", ids["bob1@partner.test"]),
                     m.run("ignore", ids["bob2@partner.test"]))
    terminal = scene.terminal(m)
    terminal.shows("bob3@partner.test")
    terminal.keys("T")
    terminal.shows("4 tagged")
    terminal.keys("\\;")
    terminal.keys("r")
    terminal.shows("Send now to 4 of 4")
    quick()
    assert len(box.sent()) == 1
    terminal.keys("y")
    terminal.shows("2 resent, 2 not sent: m shows each")
    terminal.keys("m")
    said = " ".join(terminal.shows("bob1@partner.test: ").split())
    assert "left out: somebody has handled it since the preview, it is resent now" in said, said
    assert "it is ignored now" in said, said
    terminal.keys("q", "Q")
    terminal.shows("exit=0")
    assert len(box.sent()) == 3
    # the same without a screen
    other = Box(scene, "meanwhile2")
    m, ids = other.machine, {}
    for n in range(4):
        other.put(n)
    ids.update({to: case["id"] for to, case in m.cases().items()})
    terminal = scene.terminal(m, "resend", "partner.test")
    terminal.shows("Resend 4 messages? [y/N]")
    quick()
    terminal.keys("y", "Enter")
    terminal.shows("exit=1")
    said = " ".join((terminal.screen() + open(terminal.errors).read()).split())
    assert "it is resent now" in said and "it is ignored now" in said, said
    assert len(other.sent()) == 3, other.sent()


def two_screens(scene):
    """Two windows of one person: y in both at the same moment, with the preview in both"""
    box = Box(scene, "screens")
    m = box.machine
    for n in range(4):
        box.put(n)
    both = [scene.terminal(m), scene.terminal(m)]
    for n in range(4):
        name = "bob%d@partner.test" % n
        for terminal in both:
            terminal.shows("bob3@partner.test")
            terminal.keys("/")
            terminal.type(name)
            terminal.keys("Enter")
            terminal.keys("r")
            terminal.shows("Send now to " + name)
        for terminal in both:
            terminal.keys("y")
        wait_for(lambda: box.journal("SELECT count(*) FROM item WHERE state = 2") == [(n + 1,)])
        said = [wait_for(lambda: next((w for w in ("resent to", "left out", "already", "another process")
                                       if w in t.screen()), "")) for t in both]
        assert sorted(said)[-1] == "resent to" and said[0] != said[1], said
    assert len(box.sent()) == 4
    for terminal in both:
        terminal.keys("Q")
        terminal.shows("exit=0")


def test(scene):
    for check in (stopped, interrupted, handled_meanwhile, two_screens):
        check(scene)
        print("ok", check.__name__, flush=True)


main(test)
