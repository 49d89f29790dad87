#!/usr/bin/env python3
"""What is being sent at this moment is not said to be due, and a note that waits is not said
to be a resend: in the list, the detail, show and JSON, here and in another process."""
import json, os, sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from report import REPORT  # noqa: E402
from scene import account, main, wait_for  # noqa: E402
from sink import Sink  # noqa: E402


def due_event(machine, case):
    shown = json.loads(machine.run("show", "--json", "--offline", case))
    event = [e for e in shown["events"] if e["event"] == "resend-due"]
    assert shown["handling"] == "due" and shown["due_at"] > "2026" and len(event) == 1, shown
    return event[0]["words"]


def test(scene):
    sink, imap = Sink(scene), scene.dovecot()
    client = imap.client()
    client.append("INBOX", None, None, (REPORT % {"n": 1}).replace("\n", "\r\n").encode())
    client.logout()
    conf = account(imap, "smtp+insecure://127.0.0.1:%d" % sink.port)
    machine = scene.machine(conf)
    case = machine.cases()["bob1@partner.test"]["id"]
    machine.run("resend", "--yes", "--at", "4h", case)
    assert due_event(machine, case) == ""
    assert "resend-due" in machine.run("show", "--offline", case)
    assert "resend due" in machine.run("list", "--offline", "is:due")
    machine.run("ignore", "--undo", case)

    go_on = scene.dir + "/go on"
    sink.plan({"wait": {"final": go_on}})
    terminal = scene.terminal(machine, size="140x60")
    terminal.shows("1 open")
    terminal.shows("online")
    terminal.keys("Enter")
    terminal.shows("Timeline")
    terminal.keys("r")
    terminal.shows("Send now")
    terminal.keys("y")
    wait_for(lambda: terminal.screen().count("sending") >= 1)
    screen = terminal.shows("just now")
    assert "resend due" not in screen and "Resend due" not in screen, screen
    assert due_event(machine, case) == "being sent just now"
    text = machine.run("show", "--offline", case)
    assert "Sending     just now" in text and " sending " in text and "resend-due" not in text, text
    assert "sending" in machine.run("list", "--offline", "is:due")
    machine.run("resend", "--yes", case, status=1)
    assert "a resend is being sent just now" in machine.errors, machine.errors
    with open(go_on, "w"):
        pass
    terminal.shows("resent")
    wait_for(lambda: machine.cases("--offline", "is:resent"))
    terminal.keys("Q")
    terminal.shows("exit=0")
    assert "being sent" not in machine.run("show", "--offline", case)

    machine.write_conf(conf.replace("undo-seconds = 0", "undo-seconds = 600"))
    terminal = scene.terminal(machine, size="140x60")
    terminal.shows("resent")
    terminal.shows("online")
    terminal.keys("c")
    terminal.shows("Another of theirs?")
    terminal.type("bob@home.test")
    terminal.keys("Enter")
    terminal.shows("away, to bob@home.test")
    terminal.keys("s")
    terminal.shows("1 due")
    terminal.keys("q")
    terminal.shows(" note ")
    assert due_event(machine, case) == "a note"
    text = machine.run("show", "--offline", case)
    assert "Note due" in text and "note-due" in text and "resend-due" not in text, text
    assert "note due" in machine.run("list", "--offline", "is:due")
    machine.run("resend", "--yes", case, status=1)
    assert "a note is due already" in machine.errors, machine.errors
    terminal.keys("Q")
    terminal.shows("Mail still waits for its undo")
    terminal.keys("y")
    terminal.shows("exit=0")


main(test)
