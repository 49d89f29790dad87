#!/usr/bin/env python3
"""What is put off or taken off the list comes back when it should, also after a
restart: ignores with an end, resends at a time, pacing. Without a screen, on a Maildir."""
import json, os, shutil, sys, time

sys.path.insert(0, os.environ.get("SOURCE", ".") + "/tests/lib")
from box import NOON, Box  # noqa: E402
from report import REPORT  # noqa: E402
from scene import main, wait_for  # noqa: E402

def again(box, n):
    """The same case fails once more, later"""
    box.put(n, "%d.again" % n, words={"<report.%d@" % n: "<again.%d@" % n,
                                      "20 Nov 2026 09:14:00": "26 Nov 2026 09:14:00"})


def ignore_with_end(scene):
    box = Box(scene, "ignore")
    m = box.machine
    for n in range(4):
        box.put(n)
    cases = m.cases()
    ids = [cases["bob%d@partner.test" % n]["id"] for n in range(4)]
    dry = m.run("ignore", "--dry-run", "--until", "next-bounce", ids[0])
    assert "would be ignored until it bounces again" in dry, dry
    assert len(m.cases()) == 4
    m.run("ignore", "--until", "yesterday", ids[0], status=2)
    assert "next-bounce" in m.errors, m.errors
    m.run("ignore", "--undo", "--reason", "x", ids[0], status=2)
    got = json.loads(m.run("ignore", "--json", "--reason", "they move house", "--until",
                           "next-bounce", ids[0]))
    assert got["ok"] and got["id"] == ids[0] and "bounces again" in got["result"], got
    m.run("ignore", "--until", "4h", ids[1])
    m.run("ignore", ids[2])
    got = m.run("ignore", "--json", ids[2])
    assert "already" in json.loads(got)["result"], got
    ignored = m.cases("is:ignored")
    assert len(ignored) == 3 and list(m.cases()) == ["bob3@partner.test"]
    assert ignored["bob0@partner.test"]["ignored_until"] == "next-bounce", ignored
    assert ignored["bob1@partner.test"]["ignored_until"] > "2026", ignored
    assert ignored["bob1@partner.test"]["due_at"] == "", ignored
    assert ignored["bob2@partner.test"]["ignored_until"] == "", ignored
    assert box.show(ids[0])["reason"] == "they move house"
    text = m.run("show", ids[0])
    assert "until it bounces again" in text and "they move house" in text, text

    for n in range(3):
        again(box, n)
    assert sorted(m.cases()) == ["bob0@partner.test", "bob3@partner.test"]
    shown = box.show(ids[0])
    assert shown["handling"] == "open" and shown["reason"] == "it bounced again", shown
    assert [e["event"] for e in shown["events"]] == ["failed", "failed", "ignored", "reopened"] or \
        [e["event"] for e in shown["events"]][-2:] == ["ignored", "reopened"], shown["events"]
    # its time comes
    m.env["BOUNCEBOX_NOW"] = str(int(time.time()) + 5 * 3600)
    assert "bob1@partner.test" in m.cases(), m.errors
    assert "until now" in box.show(ids[1])["reason"]
    assert box.journal("SELECT count(*) FROM item WHERE case_id = ?", ids[1]) == [(2,)]
    assert "bob1@partner.test" in m.cases()
    assert box.journal("SELECT count(*) FROM item WHERE case_id = ?", ids[1]) == [(2,)], "once"
    # undo says what it undid
    assert "would be no longer ignored" in m.run("ignore", "--undo", "--dry-run", ids[2])
    assert "no longer ignored" in m.run("ignore", "--undo", ids[2])
    m.run("ignore", "--undo", ids[2], status=1)
    assert "nothing to take back" in m.errors, m.errors
    assert len(m.cases()) == 4


def resend_at(scene):
    box = Box(scene, "due")
    m = box.machine
    box.put(1)
    box.put(2)
    ids = [m.cases()["bob%d@partner.test" % n]["id"] for n in (1, 2)]
    m.run("resend", "--yes", "--at", "yesterday", ids[0], status=2)
    got = json.loads(m.run("resend", "--dry-run", "--at", "4h", "--json", ids[0]))
    assert got["due_at"] > "2026" and m.cases("is:due") == {}, got
    m.run("resend", "--dry-run", "--at", "4h", ids[0])
    assert "At:       20" in m.errors, m.errors
    assert json.loads(m.run("resend", "--dry-run", "--json", ids[0]))["due_at"] == ""
    got = json.loads(m.run("resend", "--yes", "--at", "4h", "--json", ids[0]))
    assert got["ok"] and "due at" in got["result"], got
    assert box.sent() == []
    assert m.cases("is:due")["bob1@partner.test"]["due_at"] > "2026"
    m.run("sync", "--send-due")
    assert box.sent() == [], "not yet"
    m.env["BOUNCEBOX_NOW"] = str(int(time.time()) + 5 * 3600)
    again(box, 1)  # its row comes from the cache, and once more with the new report
    again(box, 2)
    sums = json.loads(m.run("sync", "--json"))
    assert sums == {"open": 1, "new": 1, "due": 1, "doubt": 0}, sums
    dry = m.run("sync", "--send-due", "--dry-run")
    assert "bob1@partner.test: would be sent" in dry and box.sent() == [], dry
    lines = [json.loads(x) for x in m.run("sync", "--send-due", "--json").splitlines()]
    assert lines[0]["due"] == 1 and lines[1]["ok"] and lines[1]["id"] == ids[0], lines
    assert len(box.sent()) == 1
    m.run("sync", "--send-due")
    assert len(box.sent()) == 1, "once"
    # Quiet for longer than a mail server tries: it is done, and nothing is stored
    m.env["BOUNCEBOX_NOW"] = str(int(time.time()) + 7 * 86400)
    before = box.journal("SELECT * FROM item")
    assert m.cases("is:done")["bob1@partner.test"]["resends"] == 1
    assert box.journal("SELECT * FROM item") == before


def refused_meanwhile(scene):
    """What is due does not go to an address that was refused for good since"""
    box = Box(scene, "refused")
    m = box.machine
    for n in (1, 2):
        box.put(n)
    for case in m.cases().values():
        m.run("resend", "--yes", "--at", "4h", case["id"])
    box.put(1, "1.refused", words={
        "<report.1@": "<refused.1@", "09:14:00": "10:14:00", "Status: 4.4.1": "Status: 5.1.1",
        "connect to mx.partner.test[192.0.2.7]:25: Connection timed out": "550 5.1.1 user unknown"})
    m.run("sync")
    m.env["BOUNCEBOX_NOW"] = str(int(time.time()) + 5 * 3600)
    m.run("sync", "--send-due", status=None)
    assert "refused for good meanwhile" in m.errors, m.errors
    assert m.cases("to:bob1@partner.test")["bob1@partner.test"]["handling"] == "open"
    assert m.cases("to:bob2@partner.test")["bob2@partner.test"]["handling"] == "resent"
    assert len(box.sent()) == 1, box.sent()


def not_ours_any_more(scene):
    """What is due does not go once the configuration says that it is none of ours"""
    box = Box(scene, "ours")
    m = box.machine
    for n in (1, 2):
        box.put(n)
    ids = {n: m.cases()["bob%d@partner.test" % n]["id"] for n in (1, 2)}
    m.run("resend", "--yes", "--at", "4h", *ids.values())
    with open(m.conf) as f:
        conf = f.read()
    m.write_conf(conf.replace("bounces@example.org", "carol@elsewhere.test"))
    shutil.rmtree(m.dir + "/cache")  # lanes are worked out as reports are read
    m.env["BOUNCEBOX_NOW"] = str(int(time.time()) + 5 * 3600)
    m.run("sync", "--send-due", status=1)
    assert m.errors.count("none of our failed deliveries any more") == 2, m.errors
    assert box.sent() == []
    for case in ids.values():
        shown = box.show(case)
        assert shown["lane"] == "not-ours" and shown["handling"] == "open", shown
        assert shown["reason"].startswith("not sent: it is none of our failed"), shown["reason"]


def neighbours_wait(scene):
    """What fails again puts off what is due for the same domain, and says so"""
    box = Box(scene, "domain")
    m = box.machine
    for n in (1, 2):
        box.put(n)
    box.put(3, words={"partner.test": "other.test"})
    cases = m.cases()
    m.env["BOUNCEBOX_NOW"] = str(NOON)
    for to in ("bob1@partner.test", "bob3@other.test"):
        m.run("resend", "--yes", "--at", "1h", cases[to]["id"])
    box.put(2, "2.again", words={"<report.": "<again.", "20 Nov 2026 09:14:00": "26 Nov 2026 12:30:00"})
    m.env["BOUNCEBOX_NOW"] = str(NOON + 3601)
    lines = m.run("sync", "--send-due")
    assert len(box.sent()) == 1, "only the other domain's"
    due = m.cases("is:due")
    assert list(due) == ["bob1@partner.test"], due
    assert due["bob1@partner.test"]["due_at"] == "2026-11-27T12:30:00Z", (due, lines)  # failing for days: 24 h
    assert box.show(due["bob1@partner.test"]["id"])["reason"] == "partner.test failed again"
    # and what is suggested for the others is not before that
    hint = box.show(cases["bob2@partner.test"]["id"])["explanation"]
    assert hint["suggest_at"] == "2026-11-27T12:30:00Z" and "not before 2026-11-27 12:30" in hint["wait"], hint
    m.env["BOUNCEBOX_NOW"] = str(NOON + 86400 + 1801)
    m.run("sync", "--send-due")
    assert len(box.sent()) == 2


def joined_by_envelope(scene):
    """A report that knows only our ENVID joins the case; a success ends it"""
    box = Box(scene, "envid")
    m = box.machine
    box.put(1)
    m.env["BOUNCEBOX_NOW"] = str(NOON)
    case = m.cases()["bob1@partner.test"]["id"]
    m.run("resend", "--yes", case)
    envid = box.journal("SELECT envelope_id FROM item")[0][0]
    head, _, _ = REPORT.partition("--b\nContent-Type: message/rfc822")
    box.put(1, "1.again", text=head + "--b--\n", words={
        "<report.1@": "<again.1@", "20 Nov 2026 09:14:00": "26 Nov 2026 13:00:00",
        "Reporting-MTA: dns; mail.example.org\n": "Reporting-MTA: dns; mail.example.org\n"
        "Original-Envelope-Id: %s\n" % envid})
    cases = m.cases("id:" + case)
    assert cases["bob1@partner.test"]["handling"] == "open", cases
    assert cases["bob1@partner.test"]["reports"] == 2, cases
    assert len(m.cases("-is:done")) == 1, "no second case"
    m.env["BOUNCEBOX_NOW"] = str(NOON + 7200)
    m.run("resend", "--yes", case)
    envid = box.journal("SELECT envelope_id FROM item ORDER BY id DESC")[0][0]
    box.put(1, "1.there", text=head + "--b--\n", words={
        "<report.1@": "<there.1@", "20 Nov 2026 09:14:00": "26 Nov 2026 15:00:00",
        "Action: failed\nStatus: 4.4.1": "Action: delivered\nStatus: 2.0.0",
        "Diagnostic-Code: X-Postfix; connect to mx.partner.test[192.0.2.7]:25: Connection timed out\n": "",
        "Reporting-MTA: dns; mail.example.org\n": "Reporting-MTA: dns; mail.example.org\n"
        "Original-Envelope-Id: %s\n" % envid})
    done = m.cases("is:done")
    assert done["bob1@partner.test"]["id"] == case and done["bob1@partner.test"]["reports"] == 3, done


def paced(scene):
    """Three a minute, two to a domain: the rest waits for its turn, and goes"""
    box = Box(scene, "pace", extra="send-per-domain = 2\nsend-per-minute = 100")
    m = box.machine
    for n in range(3):
        box.put(n)
    box.put(9, words={"partner.test": "other.test"})
    terminal = scene.terminal(m)
    terminal.shows("bob9@other.test")
    terminal.keys("T")
    terminal.shows("4 tagged")
    terminal.keys("\\;")
    terminal.keys("R")
    terminal.shows("resend when?")
    terminal.keys("C-u")
    terminal.type("4h")
    terminal.keys("Enter")
    terminal.shows("Send later to 4 of 4")
    terminal.keys("y")
    terminal.shows("4 due")
    terminal.keys("z")
    terminal.shows("paused")
    box.journal("UPDATE item SET due_at = created_at")
    terminal.keys("S")
    terminal.shows("everything new is here")
    assert box.sent() == [], "paused"
    terminal.keys("z")
    terminal.shows("messages sent 3/4")
    assert len(box.sent()) == 3
    to = [open(box.dir + "/out/new/" + f).read() for f in box.sent()]
    assert sum("bob9@other.test" in t for t in to) == 1, "the other domain's turn came"
    # the one that is held back can be taken back
    terminal.keys("u")
    terminal.shows("3 resent, 1 taken back: m shows each")
    terminal.keys("j")
    terminal.shows("3 resent, 1 taken back: m shows each")  # until it is read
    terminal.keys("m")
    terminal.shows("bob0@partner.test: the resend was taken back")
    terminal.shows("too late, it was resent at")
    terminal.keys("q")
    terminal.keys("j")
    wait_for(lambda: "m shows each" not in terminal.screen())
    wait_for(lambda: "messages sent" not in terminal.screen())
    # tags come back too
    terminal.keys("T")
    terminal.shows("tagged")
    terminal.keys("T")
    wait_for(lambda: " tagged" not in terminal.screen())
    terminal.keys("u")
    terminal.shows("tags as before: 4 tagged")
    terminal.keys("\\;")
    terminal.keys("i")
    terminal.shows("Ignore 4 cases?")
    terminal.keys("n")
    terminal.keys("Q")
    terminal.shows("exit=0")
    assert len(box.sent()) == 3
    assert m.cases("is:due") == {}


def paced_without_a_screen(scene):
    """What the pace holds back stays due, and the command ends: cron does not wait"""
    box = Box(scene, "cron", extra="send-per-domain = 2\nsend-per-minute = 100")
    m = box.machine
    for n in range(4):
        box.put(n)
    box.put(9, words={"partner.test": "other.test"})
    m.env["BOUNCEBOX_NOW"] = str(NOON)
    m.run("resend", "--yes", "--at", "1h", "partner.test", "is:open")
    m.run("resend", "--yes", "--at", "1h", "other.test", "is:open")
    m.env["BOUNCEBOX_NOW"] = str(NOON + 3600)
    lines = [json.loads(x) for x in m.run("sync", "--send-due", "--json", timeout=50).splitlines()]
    held = [x for x in lines[1:] if "stays due" in x["result"]]
    assert len(box.sent()) == 3 and len(lines) == 6 and len(held) == 2, lines
    assert all(x["ok"] and x["due_at"] == "2026-11-26T13:01:00Z" for x in held), held
    assert "2 more: stays due: the pace holds it back until 2026-11-26 13:01" in m.errors, m.errors
    assert len(m.cases("is:due")) == 2
    m.run("sync", "--send-due", timeout=50)
    assert len(box.sent()) == 3, "the next process knows what went"
    m.env["BOUNCEBOX_NOW"] = str(NOON + 3660)
    m.run("sync", "--send-due", timeout=50)
    assert len(box.sent()) == 5 and m.cases("is:due") == {}


def notes(scene):
    """Another address is asked for once; the language follows the domain; a note that
    was thrown away comes back"""
    box = Box(scene, "notes", extra="languages = partner.test=de, test=fr")
    m = box.machine
    box.put(1)
    box.put(2)
    box.put(3, words={"partner.test": "other.test"})
    cases = m.cases()
    case = cases["bob1@partner.test"]["id"]
    m.env["BOUNCEBOX_NOW"] = str(NOON)
    dry = json.loads(m.run("note", "--send", "--dry-run", "--json", "--address", "bob@home.test", case))
    assert dry["to"] == "bob@home.test" and dry["cases"] == [case], dry
    assert "Meine Nachricht" in dry["text"] or "Nachricht" in dry["text"], dry["text"]
    m.run("note", "--address", "no address", case, status=1)
    assert "no mail address" in m.errors, m.errors
    first = json.loads(m.run("note", "--json", case))
    assert first["to"] == "bob1@partner.test" and "address that failed" in first["warning"], first
    other = json.loads(m.run("note", "--json", cases["bob3@other.test"]["id"]))
    assert "message" in other["text"] and "Nachricht" not in other["text"], other
    both = json.loads(m.run("note", "--to", "postmaster", "--json", case))
    assert both["to"] == "postmaster@partner.test" and len(both["cases"]) == 2, both
    assert "very server that cannot be reached" in both["warning"], both
    assert "bob1@" not in both["text"], both["text"]
    assert not box.sent()

    terminal = scene.terminal(m)
    terminal.shows("bob1@partner.test")
    terminal.type("/bob1")
    terminal.keys("Enter")
    terminal.keys("c")
    terminal.shows("Another of theirs?")
    terminal.type("bob@home.test")
    terminal.keys("Enter")
    terminal.shows("away, to bob@home.test")
    terminal.keys("x")
    terminal.shows("thrown away")
    terminal.keys("u")
    terminal.shows("away, to bob@home.test")
    terminal.keys("v")
    terminal.shows("To: bob@home.test")
    terminal.keys("s")
    terminal.shows("the note was sent to bob@home.test")
    terminal.keys("q")
    terminal.keys("c")
    terminal.shows("away, to bob@home.test")  # not asked again
    terminal.keys("x")
    terminal.keys("Q")
    terminal.shows("exit=0")
    assert len(box.sent()) == 1
    text = open(box.dir + "/out/new/" + box.sent()[0]).read()
    assert "To: bob@home.test" in text and "In-Reply-To: <offer.1@example.org>" in text, text
    assert m.cases("is:noted")["bob1@partner.test"]["id"] == case
    # one a day
    m.run("note", "--send", case, status=1)
    assert "went there already" in m.errors, m.errors
    got = json.loads(m.run("note", "--send", "--yes", "--json", case))
    assert got["ok"] and "sent to bob@home.test" in got["result"], got
    assert len(box.sent()) == 2


def test(scene):
    for check in (ignore_with_end, resend_at, refused_meanwhile, not_ours_any_more, neighbours_wait, joined_by_envelope, paced,
                  paced_without_a_screen, notes):
        check(scene)
        print("ok", check.__name__, flush=True)


main(test)
