#!/usr/bin/env python3
"""Edit as new: a refused address is corrected, a message of which only a part came back is
written anew; it goes once, under a new Message-ID, to the failed recipient only; a copy is in
Sent once; its own bounce joins the case, and what goes again then is the new message; what is
not ours is neither looked for nor sent."""
import email, email.policy, email.utils, imaplib, os, subprocess, sys, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from scene import account, main, wait_for  # noqa: E402
from report import REPORT  # noqa: E402
from sink import Sink  # noqa: E402

BEGIN = int(time.time()) - 5 * 86400  # servers take no date that is still to come
UNKNOWN = (REPORT % {"n": 1}).replace("4.4.1", "5.1.1").replace(
    "X-Postfix; connect to mx.partner.test[192.0.2.7]:25: Connection timed out",
    "smtp; 550 5.1.1 user unknown").replace(
    "Subject: Offer", "In-Reply-To: <asked@partner.test>\nReferences: <asked@partner.test>\n"
    "Received: from home by mail.example.org; Fri, 20 Nov 2026 09:00:01 +0000\n"
    "DKIM-Signature: v=1; d=example.org; b=x\nSubject: Offer")
HEADERS = (REPORT % {"n": 2}).replace("message/rfc822", "text/rfc822-headers").replace(
    "\nThe offer.\n", "\n")
FORGED = (REPORT % {"n": 3}).replace("Alice Example <bounces@example.org>", "x@elsewhere.test").replace(
    "offer.3@example.org", "offer.3@elsewhere.test")


def put(imap):
    client = imap.client()
    for text in (UNKNOWN, HEADERS, FORGED):
        client.append("INBOX", None, None, text.replace("\n", "\r\n").encode())
    client.logout()


def report_for(n, recipients):
    """One original to several; some of them failed"""
    text = REPORT % {"n": n}
    head, tail = text.split("Final-Recipient:", 1)
    block, tail = tail.split("\n\n", 1)
    blocks = "\n\n".join("Final-Recipient:" + block.replace("bob%d@partner.test" % n, r) for r in recipients)
    return (head + blocks + "\n\n" + tail).replace(
        "To: bob%d@partner.test" % n, "To: " + ", ".join(recipients))


def several_at_once(scene, machine, sink, imap, copies):
    """One new message for all of an original's failed recipients: one envelope each, one
    Message-ID, one copy; never twice, and a corrected address stands for its case"""
    client = imap.client()
    four = ["ann@a.test", "ben@b.test", "cat@c.test", "dan@d.test"]
    client.append("INBOX", None, None, report_for(7, four).replace("\n", "\r\n").encode())
    client.append("INBOX", None, None, (REPORT % {"n": 8}).replace("\n", "\r\n").encode())
    client.logout()
    cases = machine.cases()
    ids = [cases[r]["id"] for r in four]
    machine.env["EDITOR"] = "true"
    machine.run("resend", "--edit", "--yes", ids[0], cases["bob8@partner.test"]["id"], status=1)
    assert "not of one message" in machine.errors, machine.errors
    machine.env["EDITOR"] = "sed -i '/Envelope-To: ann@a.test/d;s/ben@b.test/x@b.test/'"
    machine.run("resend", "--edit", "--yes", *ids, status=1)
    assert "nobody can say which is which" in machine.errors, machine.errors
    machine.env["EDITOR"] = "sed -i 's/dan@d.test/don@d.test/;s/The.offer/The.new.offer/'"
    dry = machine.run("resend", "--edit", "--dry-run", *ids)
    assert dry.count("RCPT TO:") == 4 and "RCPT TO:<don@d.test>" in dry, dry
    before = sink.delivered()
    lines = machine.run("resend", "--edit", "--yes", *ids[:3]).splitlines()
    assert len(lines) == 3 and all("resent to" in x for x in lines), lines
    got = sink.delivered() - before
    assert got == {"ann@a.test": 1, "ben@b.test": 1, "cat@c.test": 1}, got
    messages = [email.message_from_bytes(b) for _, b in sink.messages()[-3:]]
    assert len({m["Message-ID"] for m in messages}) == 1, [m["Message-ID"] for m in messages]
    assert all(e.count(b"RCPT TO") == 1 for e, _ in sink.messages()[-3:])
    assert len(sent_copies(imap)) == copies + 1, "one copy"
    assert all(cases[r]["resends"] == 0 for r in four)
    cases = machine.cases("is:resent")
    assert all(cases[r]["resends"] == 1 for r in four[:3]), cases
    # One report tells of all four: it is not marked as resent while one of them is not.
    other = scene.machine(machine_conf(machine))
    for m in (machine, other):
        assert m.cases("dan@d.test")["dan@d.test"]["handling"] == "open", m.cases("dan@d.test")
    # On the screen: tagged, and a doubtful one is left out with words
    machine.env["EDITOR"] = "sed -i s/dan@d.test/don@d.test/"
    terminal = scene.terminal(machine)
    terminal.shows("dan@d.test")
    terminal.keys("\\")
    terminal.type("subject:\"Offer 7\"")
    terminal.keys("Enter")
    terminal.keys("T")
    terminal.shows("4 tagged")
    terminal.keys("\\;")
    terminal.keys("E")
    terminal.shows("Send this new message to 4 recipients?")
    assert "don@d.test" in terminal.screen()
    terminal.keys("n")
    terminal.shows("nothing was sent")
    terminal.keys("q", "q", "q", "q")
    terminal.shows("exit=0")
    machine.run("resend", "--edit", "--yes", ids[3])
    assert sink.delivered()["don@d.test"] == 1 and sink.delivered()["dan@d.test"] == 0


def killed_in_between(scene, machine, sink, imap):
    """The first was handed over, we were killed before the server said so: it is in doubt,
    the others go later, nobody gets it twice, and there is one copy"""
    client = imap.client()
    three = ["eve@a.test", "fay@b.test", "gus@c.test"]
    client.append("INBOX", None, None, report_for(9, three).replace("\n", "\r\n").encode())
    client.logout()
    cases = machine.cases()
    machine.env["EDITOR"] = "true"
    go = scene.dir + "/go"
    sink.plan({"wait": {"final": go}})
    before = sink.delivered()
    copies = len(sent_copies(imap))
    program = subprocess.Popen(
        [os.environ["BOUNCEBOX"], "resend", "--edit", "--yes", *[cases[r]["id"] for r in three]],
        env=machine.env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_for(lambda: sink.delivered() - before)
    program.kill()
    program.wait()
    with open(go, "w"):
        pass
    sink.plan({})
    first = list(sink.delivered() - before)
    machine.run("sync", "--send-due")
    machine.run("sync", "--send-due")
    assert list(machine.cases("is:doubt")) == first, machine.cases("is:doubt")
    assert sink.delivered() - before == {r: 1 for r in three}, sink.delivered() - before
    assert len(sent_copies(imap)) == copies + 1
    # The copy is of the others.
    known = machine.run("resolve", cases[first[0]]["id"], status=1)
    assert "that proves nothing for " + first[0] in known and "so it went" not in known, known


def machine_conf(machine):
    with open(machine.conf) as f:
        return f.read()


def sent_copies(imap):
    client = imap.client()
    client.select("Sent", readonly=True)
    _, found = client.search(None, "ALL")
    rows = [client.fetch(n.decode(), "(BODY.PEEK[])")[1][0][1] for n in found[0].split()]
    client.logout()
    return [email.message_from_bytes(r, policy=email.policy.default) for r in rows]


def correct_address(machine, sink, imap, case):
    machine.run("resend", "--yes", case, status=1)
    machine.env["EDITOR"] = "true"
    machine.run("resend", "--edit", "--yes", case, status=1)
    assert "Envelope-To" in machine.errors, machine.errors
    assert not sink.delivered()
    machine.env["EDITOR"] = "sed -i s/bob1@partner.test/rob@partner.test/"
    dry = machine.run("resend", "--edit", "--dry-run", case)
    assert "RCPT TO:<rob@partner.test>" in dry and not sink.delivered(), dry
    machine.run("resend", "--edit", "--yes", case)
    assert sink.delivered() == {"rob@partner.test": 1}, sink.delivered()
    _, got = sink.messages()[0]
    m = email.message_from_bytes(got, policy=email.policy.default)
    assert m["To"] == "rob@partner.test" and m["Message-ID"] != "<offer.1@example.org>"
    assert m["References"] == m["In-Reply-To"] == "<asked@partner.test>"
    for name in ("Received", "DKIM-Signature", "Envelope-To", "Resent-To", "Bcc"):
        assert m[name] is None, name
    assert got.endswith(b"\r\n\r\nThe offer.\r\n"), got
    copies = sent_copies(imap)
    assert [c["Message-ID"] for c in copies] == [m["Message-ID"]], copies
    assert machine.cases("is:resent")["bob1@partner.test"]["resends"] == 1


def bounce_of(sink, to, at, part):
    """The report of a failure of what was sent to that address last"""
    got = [b for e, b in sink.messages() if to.encode() in e][-1].decode()
    head = (REPORT % {"n": 1}).partition("From: Alice")[0].replace("bob1@partner.test", to)
    head = head.replace("<report.", "<edited%d." % at).replace(
        "Fri, 20 Nov 2026 09:14:00 +0000", email.utils.formatdate(at))
    if part != "message/rfc822":
        got = got.partition("\r\n\r\n")[0] + "\r\n"
    return head.replace("message/rfc822", part).replace("\n", "\r\n") + got + "\r\n--b--\r\n"


def bounces_again(scene, machine, sink, imap, conf, case):
    """The new message fails too: its report joins the case by its Message-ID, there and at a
    machine that has no journal of it; what goes again is the new message, to the new address"""
    other = scene.machine(conf)
    for n, part in enumerate(("message/rfc822", "text/rfc822-headers"), 1):
        now = BEGIN + n * 86400
        client = imap.client()
        client.append("INBOX", None, imaplib.Time2Internaldate(now - 60),
                      bounce_of(sink, "rob@partner.test", now - 60, part).encode())
        client.logout()
        for m in (machine, other):
            m.env["BOUNCEBOX_NOW"] = str(now)
            got = {c["id"]: c for c in m.cases("is:open").values()}
            assert got[case]["reports"] == n + 1 and got[case]["status"] == "4.4.1", got
            assert len([c for c in got.values() if "bob2" not in c["recipient"]]) == 1, got
        dry = machine.run("resend", "--dry-run", case)
        assert "RCPT TO:<rob@partner.test>" in dry, dry
        new = email.message_from_string(dry.partition("\n\n")[2], policy=email.policy.default)
        assert new["To"] == "rob@partner.test" and new["Resent-To"] == "rob@partner.test", dry
        assert "offer.1@" not in new["Message-ID"], dry
        machine.run("resend", "--yes", case)
        assert sink.delivered()["rob@partner.test"] == n + 1 and "bob1@partner.test" not in sink.delivered()
        last = [b for e, b in sink.messages() if b"rob@" in e][-1]
        assert last.endswith(b"\r\n\r\nThe offer.\r\n") and last.count(b"Resent-Message-ID") >= 1, last


def write_anew(scene, machine, sink, imap):
    """`r` offers it, because only the header came back and no copy is anywhere"""
    machine.env["EDITOR"] = "sed -i '$aThe offer again.'"
    terminal = scene.terminal(machine)
    terminal.shows("bob2@partner.test")
    terminal.keys("/")
    terminal.type("bob2@partner.test")
    terminal.keys("Enter", "r")
    terminal.shows("[e]dit it as new")
    terminal.keys("e")
    terminal.shows("Send this new message to bob2@partner.test")
    assert "bob2@partner.test" not in sink.delivered()
    terminal.keys("y")
    wait_for(lambda: sink.delivered()["bob2@partner.test"])
    terminal.shows("resent to")
    terminal.keys("q", "q")
    terminal.shows("exit=0")
    got = [b for e, b in sink.messages() if b"bob2@" in e]
    assert len(got) == 1 and got[0].endswith(b"\r\n\r\nThe offer again.\r\n"), got
    wait_for(lambda: len(sent_copies(imap)) == 2)


def test(scene):
    imap = scene.dovecot()
    sink = Sink(scene)
    put(imap)
    conf = account(imap, "smtp+insecure://127.0.0.1:%d" % sink.port)
    machine = scene.machine(conf)
    machine.env["BOUNCEBOX_NOW"] = str(BEGIN)
    cases = dict(machine.cases(), **machine.cases("is:notours"))
    forged = cases["bob3@partner.test"]["id"]
    machine.env["EDITOR"] = "touch %s/opened" % scene.dir
    machine.run("resend", "--edit", "--yes", forged, status=1)
    assert "not ours" in machine.errors and not os.path.exists(scene.dir + "/opened")
    correct_address(machine, sink, imap, cases["bob1@partner.test"]["id"])
    write_anew(scene, machine, sink, imap)
    assert sum(sink.delivered().values()) == 2
    bounces_again(scene, machine, sink, imap, conf, cases["bob1@partner.test"]["id"])
    several_at_once(scene, machine, sink, imap, 2)
    killed_in_between(scene, machine, sink, imap)


main(test)
