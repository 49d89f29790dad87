#!/usr/bin/env python3
"""Notes on a real server: a note waits for its time and can be taken back until then; it is
sent once and copied to Sent once; a draft that was saved is deleted again, that one and no
other, with UIDPLUS and without, and stays where somebody has changed it."""
import email, email.policy, json, os, re, sqlite3, subprocess, sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from scene import account, main, wait_for  # noqa: E402
from report import REPORT  # noqa: E402
from sink import Sink  # noqa: E402

BARE = "IMAP4rev1 SASL-IR LITERAL+ ID IDLE"
OTHER = b"From: a@example.org\r\nSubject: another\r\n\r\nAnother.\r\n"


def put(imap, numbers):
    client = imap.client()
    for n in numbers:
        text = REPORT % {"n": n}
        client.append("INBOX", None, None, text.replace("\n", "\r\n").encode())
    client.logout()


def found(imap, folder, undeleted=False):
    client = imap.client()
    client.select(folder, readonly=True)
    _, numbers = client.search(None, "UNDELETED" if undeleted else "ALL")
    rows = [client.fetch(n.decode(), "(FLAGS BODY.PEEK[])")[1][0] for n in numbers[0].split()]
    client.logout()
    return [(r[0], email.message_from_bytes(r[1], policy=email.policy.default)) for r in rows]


def subjects(imap, folder):
    return sorted(str(m["Subject"]) for _, m in found(imap, folder))


def drafts_come_and_go(scene, imap, machine, case):
    client = imap.client()
    client.append("Drafts", r"(\Draft)", None, OTHER)
    client.logout()
    machine.run("note", "--undo", case, status=1)
    assert "nothing to take back" in machine.errors, machine.errors
    machine.run("note", "--to", "postmaster", "--draft", case)
    rows = found(imap, "Drafts")
    assert len(rows) == 2 and rb"\Draft" in rows[1][0], rows
    assert rows[1][1]["To"] == "postmaster@partner.test", rows[1][1]
    assert "would be deleted" in machine.run("note", "--undo", "--dry-run", case)
    assert len(found(imap, "Drafts")) == 2
    got = json.loads(machine.run("note", "--undo", "--json", case))
    assert got["ok"] and "was deleted from Drafts" in got["result"], got
    assert subjects(imap, "Drafts") == ["another"]
    machine.run("note", "--undo", case, status=1)
    assert "nothing to take back" in machine.errors, machine.errors


def changed_by_somebody(imap, machine, case):
    """Saved anew by a mail client: the same Message-ID, another UID"""
    machine.run("note", "--draft", case)
    client = imap.client()
    client.select("Drafts")
    number = client.search(None, "HEADER", "Message-ID", "bouncebox")[1][0].decode()
    raw = client.fetch(number, "(BODY.PEEK[])")[1][0][1]
    client.store(number, "+FLAGS", r"(\Deleted)")
    client.expunge()
    client.append("Drafts", r"(\Draft)", None, raw.replace(b"You have done nothing wrong", b"Never mind"))
    client.logout()
    machine.run("note", "--undo", case, status=1)
    assert "somebody has changed the draft" in machine.errors, machine.errors
    assert "stays in Drafts; delete it there" in machine.errors, machine.errors
    assert len(found(imap, "Drafts")) == 2
    client = imap.client()
    client.select("Drafts")
    number = client.search(None, "HEADER", "Message-ID", "bouncebox")[1][0].decode()
    client.store(number, "+FLAGS", r"(\Deleted)")
    client.expunge()
    client.logout()
    machine.run("note", "--undo", case, status=1)
    assert "no longer in Drafts" in machine.errors, machine.errors


def forget_uid(machine):
    """As a server leaves it that tells none"""
    with sqlite3.connect(machine.dir + "/state/bouncebox/journal.db") as db:
        for key, value in db.execute("SELECT key, value FROM memory WHERE key LIKE 'draft:%'").fetchall():
            if value:
                db.execute("UPDATE memory SET value = ? WHERE key = ?",
                           (re.sub(r"^(\w+)\n\d+\n", r"\1\n0\n", value), key))


def without_uidplus(scene, imap, machine, case):
    client = imap.client()
    assert "UIDPLUS" not in client.capability()[1][0].decode().split()
    for told in (True, False):
        machine.run("note", "--draft", case)
        if not told:
            forget_uid(machine)
        client.select("Drafts")
        client.store("1", "+FLAGS", r"(\Deleted)")
        machine.run("note", "--undo", case, status=1)
        assert "deletes all or none" in machine.errors, machine.errors
        assert "stays in Drafts; delete it there" in machine.errors, machine.errors
        assert len(found(imap, "Drafts")) == 2 and len(found(imap, "Drafts", True)) == 1
        client.store("1", "-FLAGS", r"(\Deleted)")
        machine.run("note", "--undo", case)
        assert subjects(imap, "Drafts") == ["another"]
    client.logout()


def on_the_screen(scene, imap, sink, machine, conf):
    """It waits, is taken back, and is not lost by it; a draft likewise; then it goes, once"""
    machine.write_conf(conf.replace("undo-seconds = 0", "undo-seconds = 3600"))
    terminal = scene.terminal(machine)
    terminal.shows("bob1@partner.test")
    terminal.shows(" online")
    terminal.type("/bob1")
    terminal.keys("Enter", "p")
    terminal.shows("away, to postmaster@partner.test")
    terminal.keys("s")
    terminal.shows("takes it back")
    wait_for(lambda: len(machine.cases("--offline", "is:due")) == 3)
    terminal.keys("u")
    terminal.shows("the note was taken back")
    assert machine.cases("--offline", "is:due") == {}
    terminal.keys("u")
    terminal.shows("away, to postmaster@partner.test")
    terminal.keys("d")
    terminal.shows("the draft is in Drafts")
    assert len(found(imap, "Drafts")) == 2
    terminal.keys("u")
    terminal.shows("the draft was deleted from Drafts")
    assert subjects(imap, "Drafts") == ["another"]
    terminal.keys("u")
    terminal.shows("away, to postmaster@partner.test")
    terminal.keys("s")
    terminal.shows("takes it back")
    wait_for(lambda: len(machine.cases("--offline", "is:due")) == 3)
    # A second one meanwhile is one too many.
    terminal.keys("p")
    terminal.shows("away, to postmaster@partner.test")
    terminal.keys("s")
    terminal.shows("Do it nevertheless?")
    terminal.keys("n")
    terminal.shows("away, to postmaster@partner.test")
    terminal.keys("x")
    terminal.keys("Q")
    terminal.shows("exit=0")
    assert not sink.delivered() and not found(imap, "Sent")


def to_another(scene, machine, conf, contacts):
    """The ladder: in show, without a screen, and by a key that leaves the text alone"""
    case = machine.cases()["bob1@partner.test"]["id"]
    shown = machine.run("show", case)
    assert "Whom to write to" in shown and "postmaster@partner.test" in shown, shown
    assert "mind: it lives on the very server that cannot be reached" in shown, shown
    got = json.loads(machine.run("note", "--to", "postmaster", "--json", case))
    assert [c["address"] for c in got["contacts"]] == [
        "postmaster@partner.test", "hostmaster@partner.test", "abuse@partner.test"], got["contacts"]
    assert all(c["is_down"] for c in got["contacts"])
    with open(contacts, "w") as f:
        f.write("# of ours\npartner.test it@helpdesk.test\n")
    machine.write_conf(conf.replace("[ui]", "contacts = %s\n[ui]" % contacts))
    got = json.loads(machine.run("note", "--to", "postmaster", "--json", case))
    assert got["to"] == "it@helpdesk.test" and got["warning"] == "", got
    machine.env["EDITOR"] = "sed -i 's/^Thank you,/To: be clear, thank you,/'"
    terminal = scene.terminal(machine)
    terminal.shows("bob1@partner.test")
    terminal.keys("p")
    terminal.shows("away, to it@helpdesk.test")
    terminal.keys("t")
    screen = terminal.shows("Write to which one?")
    assert "your contacts file names it" in screen and "2 postmaster@partner.test" in screen, screen
    terminal.keys("2")
    terminal.shows("away, to postmaster@partner.test")
    terminal.keys("t")
    terminal.shows("Write to which one?")
    terminal.keys("Escape")
    terminal.shows("away, to postmaster@partner.test")
    terminal.keys("v")
    screen = terminal.shows("To: postmaster@partner.test")
    terminal.keys("x")
    terminal.keys("q", "q", "q")
    terminal.shows("exit=0")
    machine.env["EDITOR"] = "true"
    machine.write_conf(conf)


def goes_once(imap, sink, machine, conf, case):
    """What was due when the program ended goes when its time has come, with all its cases"""
    machine.write_conf(conf)
    with sqlite3.connect(machine.dir + "/state/bouncebox/journal.db") as db:
        db.execute("UPDATE item SET due_at = created_at WHERE state = 0")
    machine.run("sync", "--send-due")
    machine.run("sync", "--send-due")
    assert sink.delivered() == {"postmaster@partner.test": 1}, sink.delivered()
    copies = found(imap, "Sent")
    assert len(copies) == 1 and rb"\Seen" in copies[0][0], copies
    sent = email.message_from_bytes(sink.messages()[0][1], policy=email.policy.default)
    assert sent["Message-ID"] == copies[0][1]["Message-ID"]
    report = [p for p in sent.walk() if p.get_filename() == "delivery-report.txt"]
    assert len(report) == 1 and "Final-Recipient" in report[0].get_content()
    text = sent.get_body(("plain",)).get_content()
    assert "report is attached" in text and re.search(r"size in bytes +\d{3}\s", text), text
    assert len(machine.cases("is:noted")) == 3
    machine.run("note", "--undo", case, status=1)
    assert "too late, a note was sent at" in machine.errors, machine.errors
    machine.run("note", "--to", "postmaster", "--send", case, status=1)
    assert "went there already" in machine.errors
    assert len(found(imap, "Sent")) == 1


def killed_while_sending(scene, imap, sink, machine):
    """The server has it, we were killed before it said so: in doubt with all its cases,
    and never sent again by itself"""
    client = imap.client()
    for n in (11, 12):
        text = (REPORT % {"n": n}).replace("partner.test", "other.test")
        client.append("INBOX", None, None, text.replace("\n", "\r\n").encode())
    client.logout()
    case = machine.cases()["bob11@other.test"]["id"]
    go = scene.dir + "/go"
    sink.plan({"wait": {"final": go}})
    program = subprocess.Popen(
        [os.environ["BOUNCEBOX"], "note", "--to", "postmaster", "--send", case], env=machine.env,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_for(lambda: sink.delivered()["postmaster@other.test"])
    program.kill()
    program.wait()
    with open(go, "w"):
        pass
    sink.plan({})
    copies = len(found(imap, "Sent"))
    machine.run("sync", "--send-due")
    doubt = machine.cases("is:doubt")
    assert sorted(doubt) == ["bob11@other.test", "bob12@other.test"], doubt
    machine.run("note", "--to", "postmaster", "--send", case, status=1)
    assert "went there already" in machine.errors, machine.errors
    machine.run("note", "--undo", case, status=1)
    machine.run("sync", "--send-due")
    assert sink.delivered()["postmaster@other.test"] == 1, sink.delivered()
    assert len(found(imap, "Sent")) == copies
    machine.run("resend", "--yes", case, status=1)
    assert "a note may have gone" in machine.errors, machine.errors
    # A person says that it did not go: that holds for all of its cases, and it may be sent.
    terminal = scene.terminal(machine)
    terminal.shows("bob11@other.test")
    terminal.type("/bob11")
    terminal.keys("Enter", "x")
    terminal.shows("It may have gone or not")
    terminal.keys("n")
    terminal.shows("noted that it did not go")
    terminal.keys("Q")
    terminal.shows("exit=0")
    assert machine.cases("is:doubt") == {} and "bob12@other.test" in machine.cases("is:open")
    machine.run("note", "--to", "postmaster", "--send", case)
    assert sink.delivered()["postmaster@other.test"] == 2


def without_a_line(scene, imap, sink, machine, conf):
    """What waits can be taken back though the server is gone"""
    machine.write_conf(conf.replace("undo-seconds = 0", "undo-seconds = 3600"))
    before = sink.delivered()
    terminal = scene.terminal(machine)
    terminal.shows(" online")
    terminal.shows("bob12@other.test")
    terminal.type("/bob12")
    terminal.keys("Enter", "c")
    terminal.shows("Another of theirs?")
    terminal.type("bob@elsewhere.test")
    terminal.keys("Enter")
    terminal.shows("away, to bob@elsewhere.test")
    terminal.keys("s")
    terminal.shows("takes it back")
    imap.stop()
    wait_for(lambda: " online" not in terminal.screen().splitlines()[0])
    terminal.keys("u")
    terminal.shows("the note was taken back")
    terminal.keys("Q")
    terminal.shows("exit=0")
    assert sink.delivered() == before


def refused(sink, machine, case):
    """What the server refuses is no note of today, and its address not known to be good"""
    sink.plan({"rcpt": {"bob@home.test": "550 5.7.1 no"}})
    machine.run("note", "--send", "--address", "bob@home.test", case, status=1)
    assert "the note was not sent" in machine.errors and "550" in machine.errors, machine.errors
    sink.plan({})
    assert "To: bob1@partner.test" in machine.run("note", "--print", case)
    out = machine.run("note", "--send", "--address", "bob@home.test", case)
    assert "the note was sent to bob@home.test" in out, out
    assert sink.delivered()["bob@home.test"] == 1
    assert "To: bob@home.test" in machine.run("note", "--print", case)
    assert "bob@home.test is remembered from the note of 20" in machine.errors, machine.errors


def test(scene):
    for name, options in (("full", {}), ("bare", {"capability": BARE})):
        imap = scene.dovecot(name, **options)
        sink = Sink(scene, "sink-" + name)
        put(imap, (1, 2, 3))
        conf = account(imap, "smtp+insecure://127.0.0.1:%d" % sink.port)
        machine = scene.machine(conf)
        case = machine.cases()["bob1@partner.test"]["id"]
        drafts_come_and_go(scene, imap, machine, case)
        changed_by_somebody(imap, machine, case)
        if name == "bare":
            without_uidplus(scene, imap, machine, case)
            continue
        to_another(scene, machine, conf, scene.dir + "/contacts")
        on_the_screen(scene, imap, sink, machine, conf)
        goes_once(imap, sink, machine, conf, case)
        refused(sink, machine, case)
        killed_while_sending(scene, imap, sink, machine)
        without_a_line(scene, imap, sink, machine, conf)
        print("ok", name, flush=True)


main(test)
