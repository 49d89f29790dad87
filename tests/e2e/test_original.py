#!/usr/bin/env python3
"""Where the original is looked for, and how it is proved to be the same: by Message-ID in Sent
and in further folders; by subject, date and recipient only when that case alone is confirmed by
its id; never a copy that differs from what came back, never for a report that is not ours."""
import os, sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from scene import account, main  # noqa: E402
from proxy import Proxy  # noqa: E402
from report import REPORT  # noqa: E402
from sink import Sink  # noqa: E402

COPY = ("From: Alice Example <bounces@example.org>\r\nTo: bob%(n)d@partner.test\r\nBcc: secret@example.org\r\n"
        "Subject: Offer %(n)d\r\nDate: Fri, 20 Nov 2026 09:00:00 +0000\r\n"
        "Message-ID: <offer.%(n)d@example.org>\r\nDKIM-Signature: v=1; d=example.org; b=x\r\n"
        "\r\nThe whole offer %(n)d.\r\n")


def headers_only(n):
    return (REPORT % {"n": n}).replace("message/rfc822", "text/rfc822-headers").replace(
        "\nThe offer.\n", "\n")


def put(imap):
    client = imap.client()
    client.create("Archive")
    for n in range(1, 7):
        text = headers_only(n)
        if n == 5:
            text = text.replace("Alice Example <bounces@example.org>", "x@elsewhere.test")
            text = text.replace("offer.5@example.org", "offer.5@elsewhere.test")
        client.append("INBOX", None, None, text.replace("\n", "\r\n").encode())
        copy = COPY % {"n": n}
        if n in (3, 6):  # a server wrote a Message-ID of its own
            copy = copy.replace("offer.%d@" % n, "rewritten.%d@" % n)
        if n == 4:
            copy = copy.replace("Subject: Offer", "Subject: Secret")
        if n == 5:
            copy = copy.replace("offer.5@example.org", "offer.5@elsewhere.test")
        client.append("Archive" if n == 2 else "Sent", None, None, copy.encode())
    client.logout()


def arrived(sink, n):
    both = [(e, b) for e, b in sink.messages() if b"bob%d@" % n in e]
    for word in (b"ENVID=bouncebox.", b"RET=HDRS", b"SIZE=", b"NOTIFY=FAILURE,DELAY",
                 b"ORCPT=rfc822;bob%d@partner.test" % n):
        assert word in both[0][0], both[0][0]
    got = [b for _, b in both]
    assert len(got) == 1 and got[0].endswith(b"\r\n\r\nThe whole offer %d.\r\n" % n), got
    assert b"secret@" not in got[0], got
    return got[0]


DECOYS = 5000


def fill_sent(imap):
    """Years of sent mail, to the same people and with the same subject"""
    folder = imap.maildir + "/.Sent/cur"
    for i in range(DECOYS):
        n, day = i % 6 + 1, i % 28 + 1
        path = "%s/%d.decoy:2,S" % (folder, 1500000000 + i)
        with open(path, "w", newline="") as f:
            f.write((COPY % {"n": n}).replace("offer.%d@" % n, "decoy.%d@" % i).replace(
                "Fri, 20 Nov 2026", "%d Oct 2026" % day))
        os.chown(path, imap.uid, -1)


def through(imap, scene):
    proxy = Proxy(scene, imap.port)
    source = "imap+insecure://%s:%s@127.0.0.1:%d/INBOX" % (
        imap.user.replace("@", "%40"), imap.password, proxy.port)
    return proxy, account(imap, "maildir://%s/out" % scene.dir, source=source,
                          extra="search-in = Archive\n")


def asks_the_server(scene, imap, case):
    """Among thousands: the server searches, a handful is fetched; for what is not ours no
    folder is even opened; nothing of it stays behind on the disk"""
    fill_sent(imap)
    proxy, conf = through(imap, scene)
    machine = scene.machine(conf)
    machine.cases("is:notours")
    for n, words in ((1, "found in Sent"), (3, "not by its Message-ID")):
        machine.run("resend", "--dry-run", case[n])
        assert words in machine.errors, machine.errors
        assert len(proxy.heard) < 200000, len(proxy.heard)
        assert proxy.said.count(b"FETCH") < 20, proxy.said
    for command in (("resend", "--dry-run"), ("resend", "--edit", "--dry-run"), ("note",)):
        machine.run(*command, case[5], status=1)
        assert b"Sent" not in proxy.said and b"Archive" not in proxy.said, proxy.said
    assert b"UID SEARCH" not in proxy.said, proxy.said
    for root, _, files in os.walk(machine.dir):
        for name in files:
            with open(os.path.join(root, name), "rb") as f:
                assert b"The whole offer" not in f.read(), name


def test(scene):
    imap = scene.dovecot()
    sink = Sink(scene)
    put(imap)
    conf = account(imap, "smtp+insecure://127.0.0.1:%d" % sink.port, extra="search-in = Archive\n")
    machine = scene.machine(conf)
    ids = {n: c["id"] for n, c in dict(machine.cases(), **machine.cases("is:notours")).items()}
    case = {n: ids["bob%d@partner.test" % n] for n in range(1, 7)}
    machine.run("resend", "--dry-run", case[1])
    assert "found in Sent: same Message-ID, Date, From, Subject" in machine.errors, machine.errors
    machine.run("resend", "--yes", case[1])
    assert b"DKIM-Signature: v=1" in arrived(sink, 1)
    machine.run("resend", "--dry-run", case[2])
    assert "found in Archive" in machine.errors, machine.errors
    # guessed: not by a filter, not among others, but alone and by its id
    machine.run("resend", "--dry-run", case[3])
    assert "not by its Message-ID: same Date, Subject, From and recipient" in machine.errors
    machine.run("resend", "--yes", "to:bob3@partner.test", status=1)
    machine.run("resend", "--yes", case[2], case[3], status=1)
    assert sink.delivered()["bob3@partner.test"] == 0
    arrived(sink, 2)
    machine.run("resend", "--yes", case[3])
    assert b"<rewritten.3@example.org>" in arrived(sink, 3)
    # the other copies are not what came back, or not asked for by anybody who may
    for n in (4, 5):
        machine.run("resend", "--yes", case[n], status=1)
        machine.run("resend", "--edit", "--dry-run", case[n], status=0 if n == 4 else 1)
        assert sink.delivered()["bob%d@partner.test" % n] == 0
    asks_the_server(scene, imap, case)
    # a relay that signs anew
    machine.write_conf(conf.replace("search-in", "keep-dkim = no\nsearch-in"))
    dry = machine.run("resend", "--dry-run", case[6])
    assert "Message-ID: <rewritten.6@example.org>" in dry and "DKIM-Signature" not in dry, dry


main(test)
