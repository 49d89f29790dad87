#!/usr/bin/env python3
"""The sample mailbox in a real terminal: what each key shows, at several sizes."""
import os, sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from postfix import wait_for  # noqa: E402
from scene import main  # noqa: E402


def gone(terminal, text):
    wait_for(lambda: text not in terminal.screen(), 60)


def start(scene, size="100x30", term="tmux-256color", words=("--demo",)):
    terminal = scene.terminal(scene.machine(""), *words, size=size, term=term)
    terminal.shows("press@zeta.example")
    return terminal


def find(terminal, words):
    terminal.keys("g")
    terminal.type("/" + words)
    terminal.keys("Enter")


def leave(terminal):
    terminal.keys("Q")
    terminal.shows("exit=0")
    terminal.close()


def explains(scene):
    terminal = start(scene)
    find(terminal, "bob@partner")
    screen = terminal.shows("nobody is trying any more")
    assert "No answer from host" in screen and "Likely causes" in screen, screen
    terminal.keys("Enter")
    terminal.shows("the case")
    terminal.keys("G")
    terminal.shows("Timeline")
    terminal.keys("q")
    terminal.shows("filter")
    leave(terminal)


def explanation(terminal):
    lines = terminal.screen().rstrip("\n").split("\n")
    rule = next(i for i, line in enumerate(lines) if line.startswith("──"))
    return lines[rule + 1:-2]


def held_keys(scene):
    """Where the keys pause the explanation is the row's own, and stays so."""
    terminal = start(scene, size="100x40")
    find(terminal, "bob@partner")
    terminal.shows("nobody is trying any more")
    bobs = explanation(terminal)
    terminal.type("jjjjjjjj")
    wait_for(lambda: explanation(terminal)[0] != bobs[0], 60)
    terminal.type("kkkkkkkkjkjkjk")
    wait_for(lambda: explanation(terminal) == bobs, 60)
    # A key that acts on the row waits for no pause.
    terminal.type("jjjjkkkk")
    terminal.keys("Enter")
    terminal.shows("the case")
    terminal.shows("nobody is trying any more")
    terminal.keys("q")
    wait_for(lambda: explanation(terminal) == bobs, 60)
    leave(terminal)


def raw_and_original(scene):
    terminal = start(scene)
    find(terminal, "bob@partner")
    terminal.keys("d")
    terminal.shows("the report as it came")
    terminal.shows("MAILER-DAEMON")
    terminal.keys("q")
    terminal.keys("o")
    terminal.shows("Message-ID:")
    terminal.keys("q")
    leave(terminal)


def resend_and_undo(scene):
    terminal = start(scene)
    find(terminal, "bob@partner")
    terminal.keys("r")
    terminal.shows("Send now to bob@partner.example? [y/n]")
    terminal.shows("Resent-To: bob@partner.example")
    terminal.keys("n")
    terminal.shows("nothing was sent")
    terminal.keys("R")
    terminal.shows("resend when?")
    terminal.keys("C-u")
    terminal.type("tomorrow 9")
    terminal.keys("Enter")
    terminal.shows("Send later to bob@partner.example? [y/n]")
    terminal.keys("y")
    terminal.shows("due tomorrow 09:00")
    terminal.keys("u")
    terminal.shows("taken back")
    gone(terminal, "due tomorrow")
    leave(terminal)


def guards(scene):
    """What a server still tries wants a word, what was refused goes only to another address"""
    terminal = start(scene)
    find(terminal, "gina@gamma")
    terminal.keys("r")
    terminal.shows("type resend:")
    terminal.type("y")
    terminal.keys("Enter")
    terminal.shows("nothing was sent")
    # Of one that is at hand in part only, too: who edits it as new should know.
    find(terminal, "press@zeta")
    terminal.keys("r")
    screen = terminal.shows("It does not go as it was")
    assert "a mail server still tries, until" in screen and "besides" in screen, screen
    terminal.keys("n")
    find(terminal, "jane@old")
    terminal.keys("r")
    terminal.shows("It does not go as it was")
    terminal.keys("e")  # an editor that changes nothing
    terminal.shows("It cannot go so")
    terminal.keys("x")
    terminal.shows("nothing was sent")
    leave(terminal)


def acts_in_the_case(scene):
    """A case that leaves the list while it is read stays readable"""
    terminal = start(scene)
    find(terminal, "bob@partner")
    terminal.keys("Enter")
    terminal.shows("the case")
    terminal.keys("i")
    terminal.shows("bob@partner.example: ignored")
    terminal.keys("G")
    terminal.shows("Timeline")
    terminal.keys("D")
    terminal.shows("not asked")
    terminal.keys("q")
    terminal.keys("q")
    terminal.shows("press@zeta.example")
    gone(terminal, "bob@partner.example  ")
    leave(terminal)


def ignore_and_undo(scene):
    terminal = start(scene)
    find(terminal, "bob@partner")
    terminal.keys("i")
    terminal.shows("bob@partner.example: ignored")
    terminal.keys("Down")
    gone(terminal, "bob@partner.example")
    terminal.keys("u")
    terminal.shows("no longer ignored")
    gone(terminal, " ignored ")
    terminal.shows("bob@partner.example")
    leave(terminal)


def filter_group_tag(scene):
    terminal = start(scene)
    terminal.type("\\code:4.2.2")
    gone(terminal, "press@zeta.example")
    terminal.keys("Escape")
    terminal.keys("g")
    terminal.shows("press@zeta.example")
    terminal.type("\\code:4.2.2")
    terminal.shows("filter code:4.2.2")
    terminal.shows("info@acme.test")
    gone(terminal, "bob@partner.example")
    terminal.keys("Enter")
    terminal.keys("\\")
    terminal.keys("C-u")
    terminal.keys("Enter")
    terminal.type("vdomain")
    terminal.keys("Enter")
    terminal.shows("grouped by domain")
    terminal.type("vnone")
    terminal.keys("Enter")
    terminal.keys("T")
    terminal.shows("tagged")
    terminal.keys("\\;")
    terminal.keys("i")
    terminal.shows("Ignore ")
    terminal.keys("n")
    leave(terminal)


def second_account(scene):
    terminal = start(scene)
    terminal.shows(" in all)")
    terminal.keys(">")
    terminal.shows("nora@oak.example")
    gone(terminal, "press@zeta.example")
    terminal.keys("A")
    terminal.shows("press@zeta.example")
    find(terminal, "nora@oak")
    terminal.keys("r")
    terminal.shows("Send now to nora@oak.example? [y/n]")
    terminal.keys("n")
    leave(terminal)


def commands_and_help(scene):
    terminal = start(scene)
    terminal.keys("?")
    terminal.shows("Each line of the list is a case")
    terminal.keys("q")
    terminal.type(":resnd")
    terminal.keys("Enter")
    terminal.shows("did you mean resend?")
    terminal.type(":theme nowhere")
    terminal.keys("Enter")
    terminal.shows("dracula")
    terminal.type(":theme mono")
    terminal.keys("Enter")
    terminal.keys("D")
    terminal.shows("journal")
    terminal.keys("q")
    leave(terminal)


def sizes(scene):
    terminal = start(scene, size="60x16")
    terminal.shows("Likely causes")
    for size, words in (("20x5", "too small"), ("40x8", "bouncebox"), ("170x50", "Likely causes"),
                        ("80x24", "Likely causes")):
        columns, rows = size.split("x")
        terminal.tmux("resize-window", "-x", columns, "-y", rows)
        terminal.shows(words)
    leave(terminal)


def terminals(scene):
    for term in ("xterm-256color", "vt100", "screen", "linux"):
        leave(start(scene, term=term))


def hostile(scene):
    """What strangers wrote moves nothing and turns nothing round"""
    terminal = start(scene)
    for name in ("escape.example", "bidi.example", "long.example", "broken.example"):
        find(terminal, name)
        terminal.keys("Enter")
        terminal.shows("the case")
        screen = terminal.screen()
        assert not any(c in screen for c in "\x1b\u202e\u2066\x9b"), screen
        terminal.keys("q")
        gone(terminal, "the case")
    leave(terminal)


def test(scene):
    for check in (explains, held_keys, raw_and_original, resend_and_undo, guards, acts_in_the_case,
                  ignore_and_undo, filter_group_tag, second_account, commands_and_help, sizes, terminals, hostile):
        check(scene)
        print("ok", check.__name__, flush=True)


main(test)
