#!/usr/bin/env python3
"""Killed while it sends: nobody knows whether it went. What is known is said, what can be
found out is found out, and a person settles it, headless and on the screen."""
import email.utils, json, os, re, sqlite3, subprocess, sys, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from postfix import wait_for  # noqa: E402
from report import REPORT  # noqa: E402
from scene import account, main  # noqa: E402
from sink import Sink  # noqa: E402


class Place:
    """Two machines with one mailbox, and a server that says nothing when it is told so"""

    def __init__(self, scene):
        self.imap, self.sink = scene.dovecot(), Sink(scene)
        conf = account(self.imap, "smtp+insecure://127.0.0.1:%d" % self.sink.port)
        self.machine, self.other = scene.machine(conf), scene.machine(conf)
        for n in range(7):
            self.put(REPORT % {"n": n})
        self.ids = {to: c["id"] for to, c in self.machine.cases().items()}
        self.other.cases()

    def put(self, text, box="INBOX"):
        client = self.imap.client()
        assert client.append(box, None, None, text.replace("\n", "\r\n").encode())[0] == "OK"
        client.logout()

    def flags(self):
        client = self.imap.client()
        client.select("INBOX", readonly=True)
        flags = b" ".join(client.fetch("1:*", "(FLAGS)")[1]).decode()
        client.logout()
        return flags

    def is_on_the_wire(self):
        journal = sqlite3.connect(
            "file:%s/state/bouncebox/journal.db?mode=ro" % self.machine.dir, uri=True)
        n, = journal.execute(
            "SELECT count(*) FROM item WHERE state = 1 AND started_at > 0").fetchone()
        journal.close()
        return n > 0

    def kill(self, to, stall, *command):
        """While it waits for the reply that does not come; its case"""
        case = self.ids[to]
        before = len(self.sink.names())
        self.sink.plan({"stall": stall})
        program = subprocess.Popen(
            [os.environ["BOUNCEBOX"], *(command or ("resend", "--yes")), case],
            env=self.machine.env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        if stall == "final":
            wait_for(lambda: len(self.sink.names()) > before)
        else:
            wait_for(self.is_on_the_wire)
        program.kill()
        program.wait()
        self.sink.plan({})
        return case

    def names(self):
        """ENVID and Resent-Message-ID of the last that arrived"""
        envelope, message = self.sink.messages()[-1]
        return (re.search(rb"ENVID=(\S+)", envelope).group(1).decode(),
                re.search(rb"^Resent-Message-ID: (\S+)", message, re.M).group(1).decode())

    def show(self, case, machine=None):
        return json.loads((machine or self.machine).run("show", "--json", case))

    def handling(self, case, machine=None):
        return self.show(case, machine)["handling"]


def what_is_known(p):
    """Which one, when, through what, by which names; not "send it again" """
    case = p.kill("bob1@partner.test", "final")
    envid, name = p.names()
    text = p.machine.run("show", case)
    what = "a resend to bob1@partner.test, on the wire at "
    assert what in text and "through smtp+insecure://127.0.0.1:%d" % p.sink.port in text, text
    assert "Resent-Message-ID %s, ENVID %s" % (name, envid) in text, text
    assert "the program ended while it was sending" in text, text
    assert "no report has named it so far: that proves nothing" in text, text
    steps = text[text.index("What to do"):]
    assert re.search(r"diagnose +look on the server for a copy", steps), steps
    assert re.search(r"resolve +say what you found", steps), steps
    assert "in the mail log of 127.0.0.1" in steps and not re.search(r"^  resend", steps, re.M), steps
    shown = p.show(case)
    doubt, = [e for e in shown["events"] if e["event"] == "doubt"]
    assert what in doubt["words"] and name in doubt["words"] and envid in doubt["words"], doubt
    assert shown["reason"] == "the program ended while it was sending", shown["reason"]
    assert shown["explanation"]["steps"][0]["command"] == "diagnose", shown["explanation"]["steps"]
    # It stands first, whatever its date.
    first = json.loads(p.machine.run("list", "--json").splitlines()[0])
    assert (first["id"], first["handling"]) == (case, "doubt"), first
    assert case in p.machine.run("list").splitlines()[0], p.machine.run("list")
    return case, name


def ways_are_named(p, case):
    """Whoever is refused is told what to do"""
    hint = "bouncebox resolve " + case
    for words in (("resend", "--yes"), ("ignore",)):
        p.machine.run(*words, case, status=1)
        assert hint in p.machine.errors, (words, p.machine.errors)
        told = json.loads(p.machine.run(*words, "--json", case, status=1).splitlines()[0])
        assert not told["ok"] and hint in told["todo"], told
    p.machine.run("resolve", case, "--went", "--not", status=2)
    p.machine.run("resolve", p.ids["bob0@partner.test"], status=1)
    assert "not in doubt" in p.machine.errors, p.machine.errors


def what_can_be_found(p, case, name):
    """A copy on the server proves it; none proves nothing"""
    known = p.machine.run("resolve", case, status=1)
    assert re.search(r"copies +none is in Sent.*: that proves nothing", known), known
    assert name in known and re.search(r"mail log +in the mail log of", known), known
    assert "say which" in p.machine.errors, p.machine.errors
    # Of something else, and of an earlier one: no copy of this.
    p.put("From: a@example.org\nMessage-ID: <x@example.org>\nX-About: %s\n\n%s\n" % ("it", name), "Sent")
    assert "none is in Sent" in p.machine.run("resolve", case, status=1)
    p.put("Resent-Message-ID: %s\nFrom: a@example.org\nMessage-ID: <y@example.org>\n\nThe offer.\n" %
          name, "Sent")
    known = p.machine.run("resolve", case, status=1)
    assert "a copy is in Sent: it was taken, so it went" in known, known
    told = json.loads(p.machine.run("resolve", "--json", case, status=1))
    assert not told["ok"] and "a copy is in Sent" in told["result"] and told["id"] == case, told
    assert p.handling(case) == "doubt"
    offline = p.machine.run("--offline", "resolve", case, status=1)
    assert "not looked: there is no connection" in offline, offline


def it_went(p, case):
    """As of when it was on the wire; taken back, it is as if nothing had been said"""
    wire = [e["at"] for e in p.show(case)["events"] if e["event"] == "doubt"]
    assert "would be noted that it went" in p.machine.run("resolve", "--went", "--dry-run", case)
    assert p.handling(case) == "doubt"
    p.machine.run("--read-only", "resolve", "--went", case, status=1)
    time.sleep(1.1)
    p.machine.run("resolve", "--went", case)
    assert p.handling(case) == "resent" and "bouncebox-resent" in p.flags(), p.flags()
    assert [e["at"] for e in p.show(case)["events"] if e["event"] == "resent"] == wire
    assert p.handling(case, p.other) == "resent"
    p.machine.run("resolve", "--undo", "--dry-run", case)
    assert p.handling(case) == "resent"
    p.machine.run("resolve", "--undo", case)
    assert p.handling(case) == "doubt", p.show(case)
    assert [e["at"] for e in p.show(case)["events"] if e["event"] == "doubt"] == wire
    assert "bouncebox-resent" not in p.flags() and "bouncebox-sending" in p.flags(), p.flags()
    # Nobody else may send it meanwhile.
    p.other.cases()
    p.other.run("resend", "--yes", case, status=1)
    assert p.sink.delivered()["bob1@partner.test"] == 1
    p.machine.run("resolve", "--undo", case, status=1)
    assert "no answer to take back" in p.machine.errors, p.machine.errors
    p.machine.run("resolve", "--went", case)
    assert p.handling(case) == "resent" and "bouncebox-sending" not in p.flags(), p.flags()


def it_did_not(p):
    """Killed before the server had it: it goes, once; then the answer stands"""
    case = p.kill("bob2@partner.test", "data")
    assert p.handling(case) == "doubt" and "bob2@partner.test" not in p.sink.delivered()
    p.machine.run("resolve", "--not", case)
    assert p.handling(case) == "open"
    p.machine.run("resolve", "--undo", case)
    assert p.handling(case) == "doubt"
    p.machine.run("resend", "--yes", case, status=1)
    p.machine.run("resolve", "--not", case)
    p.machine.run("resend", "--yes", case)
    assert p.sink.delivered()["bob2@partner.test"] == 1
    p.machine.run("resolve", "--undo", case, status=1)
    assert "something was done since" in p.machine.errors, p.machine.errors
    assert p.handling(case) == "resent", p.show(case)


def report_of(n, envid, name, action="failed"):
    """About a resend, by its names"""
    text = (REPORT % {"n": n}).replace("report.%d@" % n, "second.%d@" % n)
    text = text.replace("Date: Fri, 20 Nov 2026 09:14:00 +0000",
                        "Date: " + email.utils.formatdate(time.time() + 1), 1)
    text = text.replace("Reporting-MTA:", "Original-Envelope-Id: %s\nReporting-MTA:" % envid)
    if action == "delivered":
        text = re.sub("Action: failed\nStatus: 4.4.1\nDiagnostic-Code.*\n",
                      "Action: delivered\nStatus: 2.0.0\n", text)
    return text.replace("\nFrom: Alice", "\nResent-Message-ID: %s\nFrom: Alice" % name)


def reports_tell(p):
    """A report that names it proves that it went, and counts as what came of it"""
    for n, action, words, then in ((3, "failed", "it went, and failed", "open"),
                                   (4, "delivered", "it went, and was delivered", "done")):
        case = p.kill("bob%d@partner.test" % n, "final")
        assert p.handling(case) == "doubt"
        p.put(report_of(n, *p.names(), action))
        p.machine.run("sync")
        assert p.handling(case) == "doubt"
        text = p.machine.run("show", case)
        assert re.search(r"the report of [0-9 :-]+ names it: " + words, text), text
        assert "that proves that it went" not in text, text
        p.machine.run("resolve", "--not", case, status=1)
        assert "it went: the report" in p.machine.errors, p.machine.errors
        assert p.handling(case) == "doubt"
        p.machine.run("resolve", "--went", case)
        assert p.handling(case) == then, p.show(case)
        assert p.handling(case, p.other) == then, p.show(case, p.other)


def of_a_note(p):
    """The same words and ways, for all of its cases"""
    for n in (11, 12):
        p.put((REPORT % {"n": n}).replace("partner.test", "other.test"))
    p.ids = {to: c["id"] for to, c in p.machine.cases().items()}
    case = p.kill("bob11@other.test", "final", "note", "--to", "postmaster", "--send")
    twin = p.ids["bob12@other.test"]
    name = re.search(rb"^Message-ID: (\S+)", p.sink.messages()[-1][1], re.M).group(1).decode()
    text = p.machine.run("show", twin)
    assert "a note to postmaster@other.test, on the wire at" in text, text
    assert "Sent as" in text and "Message-ID " + name in text, text
    p.put("From: a@example.org\nMessage-ID: %s\n\nA note.\n" % name, "Sent")
    assert "a copy is in Sent" in p.machine.run("resolve", case, status=1)
    p.machine.run("resolve", "--went", case)
    assert {p.handling(case), p.handling(twin)} == {"noted"}
    assert p.handling(twin, p.other) == "noted"
    p.machine.run("resolve", "--undo", twin)
    assert {p.handling(case), p.handling(twin)} == {"doubt"}
    assert {p.handling(case, p.other), p.handling(twin, p.other)} == {"open"}
    p.machine.run("resolve", "--not", twin)
    assert {p.handling(case), p.handling(twin)} == {"open"}


    # What comes back about a note is a case of its own.
    p.kill("bob11@other.test", "final", "note", "--to", "postmaster", "--yes", "--send")
    name = re.search(rb"^Message-ID: (\S+)", p.sink.messages()[-1][1], re.M).group(1).decode()
    p.put((REPORT % {"n": 13}).replace("bob13@partner.test", "postmaster@other.test")
          .replace("<offer.13@example.org>", name))
    text = p.machine.run("show", case)
    assert "names it: it went, and failed" in text and "say that it went" in text, text
    p.machine.run("resolve", "--not", case, status=1)
    p.machine.run("resolve", "--went", case)
    assert {p.handling(case), p.handling(twin)} == {"noted"}


def of_an_edited_message(p):
    """It is known by its own Message-ID"""
    p.machine.env["EDITOR"] = "true"
    case = p.kill("bob0@partner.test", "final", "resend", "--edit", "--yes")
    name = re.search(rb"^Message-ID: (\S+)", p.sink.messages()[-1][1], re.M).group(1).decode()
    text = p.machine.run("show", case)
    assert "a message that was edited to bob0@partner.test" in text, text
    assert "Message-ID %s, ENVID " % name in text and "Resent-" not in text, text
    assert "none is in Sent" in p.machine.run("resolve", case, status=1)
    p.put("From: a@example.org\nMessage-ID: %s\n\nThe offer.\n" % name, "Sent")
    assert "a copy is in Sent" in p.machine.run("resolve", case, status=1)
    p.machine.run("resolve", "--went", case)
    assert p.handling(case) == "resent"


def on_the_screen(scene, p):
    """The key that helps, three ways out, and back"""
    p.kill("bob5@partner.test", "data")
    case = p.ids["bob5@partner.test"]
    terminal = scene.terminal(p.machine, size="80x24")
    terminal.shows("IN DOUBT")
    screen = terminal.shows("x resolve")
    assert "bob5@partner.test" in screen.splitlines()[1], screen
    assert not re.search(r"\br resend\b", screen.splitlines()[-1]), screen
    terminal.shows("a resend to bob5@partner.test")
    terminal.shows("[D] look on the server for a copy")
    terminal.shows("[x] say what you found")
    terminal.keys("Enter")
    screen = terminal.shows("Resent-Message-ID")
    assert "send it again as soon" not in screen, screen
    terminal.keys("q", "r")
    terminal.shows("x says whether it went")
    terminal.keys("D")
    terminal.shows("copies           none is in")
    terminal.keys("q", "x")
    terminal.shows("[w] it went  [n] it did not  [s] send again")
    terminal.keys("n")
    terminal.shows("noted that it did not go")
    terminal.keys("u")
    terminal.shows("in doubt again")
    terminal.shows("IN DOUBT")
    assert p.handling(case) == "doubt"
    terminal.keys("x", "w")
    terminal.shows("noted that it went")
    terminal.keys("u")
    terminal.shows("IN DOUBT")
    # Send again: the preview at once, and only a yes sends it.
    terminal.keys("x")
    terminal.shows("[s] send again")
    terminal.keys("s")
    terminal.shows("Send now to bob5@partner.test")
    assert "bob5@partner.test" not in p.sink.delivered()
    terminal.keys("y")
    terminal.shows("resent to bob5@partner.test")
    assert p.sink.delivered()["bob5@partner.test"] == 1
    terminal.keys("Q")
    terminal.shows("exit=0")
    # A report that names it leaves one answer.
    p.kill("bob6@partner.test", "final")
    p.put(report_of(6, *p.names()))
    terminal = scene.terminal(p.machine, size="80x24")
    terminal.shows("names it: it went, and failed")
    terminal.keys("x")
    terminal.shows("A report names it, so it went. [w]")
    terminal.keys("w")
    terminal.shows("noted that it went")
    terminal.keys("Q")
    terminal.shows("exit=0")
    assert p.handling(p.ids["bob6@partner.test"]) == "open"


def test(scene):
    p = Place(scene)
    case, name = what_is_known(p)
    ways_are_named(p, case)
    what_can_be_found(p, case, name)
    it_went(p, case)
    it_did_not(p)
    reports_tell(p)
    of_a_note(p)
    of_an_edited_message(p)
    on_the_screen(scene, p)


main(test)
