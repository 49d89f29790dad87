#!/usr/bin/env python3
"""Everything that can be wrong with a server, a disk or a terminal: a clear message
with what to do, the right exit status, nothing lost."""
import os, smtplib, socket, sys, threading

sys.path.insert(0, os.environ.get("SOURCE", ".") + "/tests/lib")
from scene import Terminal, account, main, quote, wait_for  # noqa: E402
from postfix import free_port  # noqa: E402

REPORT = """Return-Path: <>
From: MAILER-DAEMON@mail.example.org (Mail Delivery System)
To: bounces@example.org
Subject: Undelivered Mail Returned to Sender
Date: Mon, 23 Nov 2026 10:14:00 +0000
Message-ID: <report.%(n)d@mail.example.org>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="=b="

--=b=
Content-Type: text/plain

<bob%(n)d@partner.test>: connect to mx.partner.test[192.0.2.7]:25: Connection timed out

--=b=
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example.org
Arrival-Date: Wed, 18 Nov 2026 10:14:00 +0000

Final-Recipient: rfc822; bob%(n)d@partner.test
Action: failed
Status: 4.4.1
Diagnostic-Code: X-Postfix; connect to mx.partner.test[192.0.2.7]:25: Connection timed out

--=b=
Content-Type: text/rfc822-headers

From: Alice Example <alice@example.org>
To: bob%(n)d@partner.test
Subject: Offer number %(n)d
Date: Wed, 18 Nov 2026 10:13:58 +0000
Message-ID: <offer.%(n)d@example.org>

--=b=--
"""
ORDINARY = """From: carol@example.net
To: bounces@example.org
Subject: Lunch on Friday?
Date: Mon, 23 Nov 2026 10:14:00 +0000
Message-ID: <lunch@example.net>

See you at noon.
"""


def put(imap, text, mailbox="INBOX"):
    client = imap.client()
    client.append(mailbox, None, None, text.replace("\n", "\r\n").encode())
    client.logout()


def says(machine, *words):
    for word in words:
        assert word.lower() in machine.errors.lower(), "%r is not in: %s" % (word, machine.errors)


def unreachable(scene, imap):
    port = free_port()
    source = "imap+insecure://a%%40b:x@127.0.0.1:%d/INBOX" % port
    machine = scene.machine(account(imap, "maildir:///nowhere", source))
    machine.run("list", status=4)
    says(machine, "refused", str(port))
    machine = scene.machine(account(imap, "maildir:///nowhere", "imaps://a:x@no-such-host.invalid/INBOX"))
    machine.run("list", status=4)
    says(machine, "no-such-host.invalid")


def wrong_password(scene, imap):
    source = "imaps://%s:wrong@localhost:%d/INBOX" % (quote(imap.user), imap.tls_port)
    machine = scene.machine(account(imap, "maildir:///nowhere", source))
    machine.run("list", status=4)
    says(machine, imap.user)
    assert "wrong@" not in machine.errors and ":wrong" not in machine.errors


def no_such_mailbox(scene, imap):
    source = "imaps://%s:%s@localhost:%d/Nowhere" % (quote(imap.user), imap.password, imap.tls_port)
    machine = scene.machine(account(imap, "maildir:///nowhere", source))
    machine.run("list", status=1)
    says(machine, "Nowhere")


def empty_mailboxes(scene):
    imap = scene.dovecot("empty")
    machine = scene.machine(account(imap, "maildir://%s/out" % scene.dir))
    machine.run("list", status=3)
    terminal = scene.terminal(machine)
    terminal.shows("No bounces")
    terminal.keys("q")
    terminal.shows("exit=0")
    terminal.close()
    put(imap, ORDINARY)
    machine.run("list", status=3)


def closes_in_the_middle(scene, imap):
    """A server that says hello and goes: words, exit 4 or 1, no wait for ever"""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(8)
    scene.callback(listener.close)

    def serve():
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            client.sendall(b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] hello\r\n")
            client.recv(100)
            client.close()
    threading.Thread(target=serve, daemon=True).start()
    source = "imap+insecure://a:x@127.0.0.1:%d/INBOX" % listener.getsockname()[1]
    machine = scene.machine(account(imap, "maildir:///nowhere", source))
    machine.run("list", status=None)
    assert machine.status in (1, 4), machine.status
    says(machine, "closed")


def unwritable_state(scene, imap):
    """Not even root can write into a folder that is a file"""
    machine = scene.machine(account(imap, "maildir://%s/out" % scene.dir))
    os.makedirs(machine.dir + "/state")
    with open(machine.dir + "/state/bouncebox", "w"):
        pass
    machine.run("resend", "--yes", "to:bob1@partner.test", status=1)
    says(machine, machine.dir + "/state/bouncebox")


def broken_journal(scene, imap):
    machine = scene.machine(account(imap, "maildir://%s/out" % scene.dir))
    assert machine.cases()
    folder = machine.dir + "/state/bouncebox"
    names = [n for n in os.listdir(folder) if "journal" in n and n.endswith((".db", ".sqlite"))]
    assert len(names) == 1, os.listdir(folder)
    path = os.path.join(folder, names[0])
    for side in ("-wal", "-shm"):
        if os.path.exists(path + side):
            os.unlink(path + side)
    with open(path, "wb") as f:
        f.write(b"this is no database" * 1000)
    machine.run("resend", "--yes", "to:bob1@partner.test", status=1)
    says(machine, path)
    with open(path, "rb") as f:
        assert f.read().startswith(b"this is no database"), "evidence was overwritten"


def broken_cache(scene, imap):
    """A cache may be deleted or broken at any time"""
    machine = scene.machine(account(imap, "maildir://%s/out" % scene.dir))
    before = machine.cases()
    for folder, _, names in os.walk(machine.dir + "/cache"):
        for name in names:
            with open(os.path.join(folder, name), "wb") as f:
                f.write(b"rubbish" * 5000)
    assert machine.cases() == before


def no_original(scene, imap):
    machine = scene.machine(account(imap, "maildir://%s/out" % scene.dir))
    machine.run("resend", "--yes", "to:bob1@partner.test", status=1)
    says(machine, "offer.1@example.org")
    assert not os.path.exists(scene.dir + "/out/new") or not os.listdir(scene.dir + "/out/new")


def read_only_and_no_keywords(scene):
    imap = scene.dovecot("acl", capability="IMAP4rev1 SASL-IR LITERAL+ ID")
    put(imap, REPORT % {"n": 1})
    put(imap, REPORT % {"n": 2})
    machine = scene.machine(account(imap, "maildir://%s/out2" % scene.dir))
    assert set(machine.cases()) == {"bob1@partner.test", "bob2@partner.test"}
    machine.run("--read-only", "ignore", "to:bob1@partner.test", status=1)
    says(machine, "read-only")
    assert len(machine.cases()) == 2
    machine.run("ignore", "to:bob1@partner.test")
    assert set(machine.cases()) == {"bob2@partner.test"}


def dumb_and_tiny_terminals(scene, imap):
    machine = scene.machine(account(imap, "maildir://%s/out" % scene.dir))
    terminal = scene.terminal(machine, size="20x5")
    terminal.shows("small")
    terminal.close()
    terminal = scene.terminal(machine, term="dumb")
    terminal.shows("exit=2")
    terminal.close()


def test(scene):
    imap = scene.dovecot()
    put(imap, REPORT % {"n": 1})
    for check in (unreachable, wrong_password, no_such_mailbox, closes_in_the_middle,
                  unwritable_state, broken_journal, broken_cache, no_original, dumb_and_tiny_terminals):
        check(scene, imap)
        print("ok", check.__name__, flush=True)
    for check in (empty_mailboxes, read_only_and_no_keywords):
        check(scene)
        print("ok", check.__name__, flush=True)


main(test)
