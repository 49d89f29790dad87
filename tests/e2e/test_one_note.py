#!/usr/bin/env python3
"""A note tells one party of what is theirs. On Maildirs."""
import os, sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from box import Box  # noqa: E402
from scene import main, wait_for  # noqa: E402

SPAM = {"Status: 4.4.1": "Status: 5.7.1",
        "X-Postfix; connect to mx.partner.test[192.0.2.7]:25: Connection timed out":
        "smtp; 550 5.7.1 This message looks like spam"}


def fill(scene, name, extra=""):
    """bob1, bob2 of one domain and cause, bob3 of another cause, bob4 of another domain"""
    box = Box(scene, name, extra=extra)
    for n in (1, 2):
        box.put(n)
    box.put(3, words=SPAM)
    box.put(4, words={"partner.test": "other.test"})
    return box


def nobody_else(scene):
    """Neither another recipient nor another domain hears of it, nor is marked as told; the same
    on the screen"""
    box = fill(scene, "alone")
    m = box.machine
    cases = m.cases()
    for words in (["--send", "--address", "priv@x.test", "partner.test"],
                  ["--print", "partner.test"], ["--draft", "is:open"]):
        m.run("note", *words, status=1)
        assert "not all of one recipient and cause" in m.errors, m.errors
        assert "one case at a time" in m.errors, m.errors
    for words in ("is:open", "partner.test", "code:4.4.1"):
        m.run("note", "--to", "postmaster", "--send", words, status=1)
        assert "not all of one domain and cause" in m.errors, m.errors
    terminal = scene.terminal(m)
    terminal.shows("bob4@other.test")
    terminal.keys("T")
    terminal.shows("4 tagged")
    terminal.keys("\\;")
    terminal.keys("p")
    terminal.shows("not all of one domain and cause")
    terminal.keys("Q")
    terminal.shows("exit=0")
    assert not box.sent() and len(m.cases("is:open")) == 4
    text = m.run("note", "--to", "postmaster", "--print", cases["bob2@partner.test"]["id"])
    assert "offer.1@" in text and "offer.2@" in text, text
    assert "offer.3@" not in text and "offer.4@" not in text and "spam" not in text, text
    m.run("note", "--to", "postmaster", "--send", "domain:partner.test code:4.4.1")
    assert sorted(m.cases("is:noted")) == ["bob1@partner.test", "bob2@partner.test"]


def test(scene):
    for check in (nobody_else,):
        check(scene)
        print("ok", check.__name__, flush=True)


main(test)
