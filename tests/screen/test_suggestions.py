#!/usr/bin/env python3
"""A prompt that suggests something: typing replaces it, editing changes it, and what makes no
sense is asked for again, so that the rest of the typing runs no commands."""
import os, sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from box import Box  # noqa: E402
from scene import main, wait_for  # noqa: E402


def foot(terminal):
    return terminal.screen().rstrip("\n").splitlines()[-2]


def shows_foot(terminal, text):
    wait_for(lambda: foot(terminal).rstrip() == text)


def test(scene):
    box = Box(scene, "box")
    for n in (1, 2):
        box.put(n)
    m = box.machine
    terminal = scene.terminal(m)
    terminal.shows("bob1@partner.test")
    terminal.shows("What to do")
    terminal.keys("R")
    shows_foot(terminal, "resend when? 1h")
    terminal.type("gestern")
    shows_foot(terminal, "resend when? gestern")
    terminal.keys("Enter")
    terminal.shows("not a time to come (4h, 13:00, tomorrow 9, 2026-11-30 8:00): gestern")
    terminal.type("tomorrow 9")
    terminal.keys("Enter")
    terminal.shows("Send later to ")
    terminal.keys("n")
    terminal.shows("nothing was sent")
    terminal.keys("R")
    shows_foot(terminal, "resend when? 1h")
    terminal.keys("BSpace")
    terminal.type("d")
    shows_foot(terminal, "resend when? 1d")
    terminal.keys("Escape")
    terminal.keys("I")
    terminal.shows("next-bounce, 4h, tomorrow 9) next-bounce")
    terminal.type("because")
    terminal.shows("tomorrow 9) because")
    terminal.keys("Enter")
    terminal.shows("not a time to come (4h, tomorrow 9, 2026-11-30 8:00, next-bounce): because")
    terminal.type("next-bounce")
    terminal.keys("Enter")
    terminal.shows("why? (may stay empty)")
    terminal.type("because")
    terminal.keys("Enter")
    wait_for(lambda: len(m.cases("--offline", "is:ignored")) == 1)
    terminal.keys("Q")
    terminal.shows("exit=0")
    assert len(m.cases("is:open")) == 1


main(test)
