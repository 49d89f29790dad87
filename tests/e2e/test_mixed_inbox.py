#!/usr/bin/env python3
"""A mailbox where people's mail comes too: every report is found, and what people wrote
is not fetched further than its header, at first and when more comes."""
import os, sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from proxy import Proxy  # noqa: E402
from report import REPORT  # noqa: E402
from scene import account, main, quote  # noqa: E402

N = 300
LETTER = """Return-Path: <carol@people.test>
From: Carol <carol@people.test>
To: bounces@example.org
Subject: Lunch %(n)d
Message-ID: <lunch.%(n)d@people.test>
Date: Fri, 20 Nov 2026 09:14:00 +0000

Personal words, number %(n)d.
""" + "They go on for a while, as people's letters do.\n" * 200


def put(imap, texts):
    client = imap.client()
    for text in texts:
        client.append("INBOX", None, None, text.replace("\n", "\r\n").encode())
    client.logout()


def mail(numbers):
    return [(REPORT if n % 20 == 0 else LETTER) % {"n": n} for n in numbers]


def letters_heard(wire, numbers):
    return sum(b"Personal words, number %d." % n in wire.heard for n in numbers if n % 20)


def check(scene):
    imap = scene.dovecot("mixed")
    wire = Proxy(scene, imap.port)
    source = "imap+insecure://%s:%s@127.0.0.1:%d/INBOX" % (quote(imap.user), imap.password, wire.port)
    machine = scene.machine(account(imap, "maildir://%s/out" % scene.dir, source))
    put(imap, mail(range(N)))
    names = {"bob%d@partner.test" % n for n in range(0, N, 20)}
    assert set(machine.cases()) == names
    # The screenful that is read before anything is known of the mailbox, and no more.
    heard = letters_heard(wire, range(N))
    assert heard <= 40, "%d letters were fetched" % heard
    assert b"Lunch 7" in wire.heard, "their headers were"
    # A mailbox that is known is not asked that twice.
    put(imap, mail(range(N, N + 60)))
    names |= {"bob%d@partner.test" % n for n in range(N, N + 60, 20)}
    assert set(machine.cases()) == names
    assert letters_heard(wire, range(N + 60)) == 0
    assert len(wire.heard) < 100000, len(wire.heard)
    # A server that gives headers whatever it is asked for is not asked for ever.
    liar = Proxy(scene, imap.port)
    liar.lie = [(b"BODY[]<0> {", b"BODY[HEADER]<0> {")]
    source = "imap+insecure://%s:%s@127.0.0.1:%d/INBOX" % (quote(imap.user), imap.password, liar.port)
    scene.machine(account(imap, "maildir://%s/lied" % scene.dir, source)).run("sync")
    assert liar.said.count(b"FETCH") < 100, liar.said
    # Nothing is left to be read.
    assert set(machine.cases()) == names
    assert b"HEADER.FIELDS" not in wire.said and b"<0." not in wire.said, wire.said


main(check)
