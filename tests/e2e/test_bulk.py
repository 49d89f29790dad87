#!/usr/bin/env python3
"""Many resends at once: those are left out that somebody else has handled since
the preview. On a Maildir."""
import os, sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from box import Box  # noqa: E402
from scene import main  # noqa: E402


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
    terminal.shows("2 done, 2 refused or failed: m shows each")
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


def test(scene):
    for check in (handled_meanwhile,):
        check(scene)
        print("ok", check.__name__, flush=True)


main(test)
