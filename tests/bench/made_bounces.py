"""Bounces for measuring: the shapes of five mail systems, reproducible, each with a
name of its own (u0000012) in recipient and subject, so that a screen can be read."""
import os
import random
from email.utils import formatdate

CODES = [("4.4.1", 30, "connect to mx.{dom}[192.0.2.7]:25: Connection timed out"),
         ("4.2.2", 12, "host mx.{dom}[192.0.2.7] said: 452 4.2.2 The mailbox is over quota"),
         ("4.7.1", 10, "host mx.{dom}[192.0.2.7] said: 450 4.7.1 <{to}>: Greylisted, try again later"),
         ("5.1.1", 30, "host mx.{dom}[192.0.2.7] said: 550 5.1.1 <{to}>: Recipient address rejected: User unknown"),
         ("5.7.1", 10, "host mx.{dom}[192.0.2.7] said: 554 5.7.1 Service unavailable; client blocked using zen.dnsbl.example"),
         ("5.4.4", 8, "Host or domain name not found. Name service error for name={dom} type=AAAA: Host not found")]
WORDS = "north river stone maple cedar harbor silver summit valley meadow pioneer crystal falcon orchid willow granite".split()
TEXT = "we are pleased to tell you that your order was sent today and will arrive within three days\r\n"
SYSTEMS = ["This is the mail system at host relay1.example.org.", "This message was created automatically by mail delivery software.",
           "The original message was received at relay1.example.org", "Delivery has failed to these recipients or groups:",
           "** Delivery incomplete **"]


def bounce(i, rng, when):
    code, _, text = rng.choices(CODES, [c[1] for c in CODES])[0]
    dom = "%s-%s.example" % (rng.choice(WORDS), rng.choice(WORDS))
    to = "u%07d@%s" % (i, dom)
    text = text.format(dom=dom, to=to)
    late = code[0] == "4" and rng.random() < 0.5
    mark, date = "=_%08x" % rng.getrandbits(32), formatdate(when)
    body = TEXT * rng.randint(10, 50)
    return (
        "Return-Path: <>\r\nReceived: by relay1.example.org (Postfix)\r\n\tid %010X; %s\r\nDate: %s\r\n"
        "From: MAILER-DAEMON@relay1.example.org (Mail Delivery System)\r\nTo: bounces@example.org\r\n"
        "Subject: Undelivered u%07d\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
        "Content-Type: multipart/report; report-type=delivery-status;\r\n\tboundary=\"%s\"\r\nMessage-Id: <%d.r@relay1.example.org>\r\n\r\n"
        "--%s\r\nContent-Description: Notification\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n%s\r\n\r\n<%s>: %s\r\n\r\n"
        "--%s\r\nContent-Description: Delivery report\r\nContent-Type: message/delivery-status\r\n\r\n"
        "Reporting-MTA: dns; relay1.example.org\r\nArrival-Date: %s\r\n\r\nFinal-Recipient: rfc822; %s\r\nAction: %s\r\nStatus: %s\r\n"
        "Diagnostic-Code: X-Postfix; %s\r\n\r\n"
        "--%s\r\nContent-Description: Undelivered Message\r\nContent-Type: message/rfc822\r\n\r\n"
        "From: Example News <news@example.org>\r\nTo: %s\r\nSubject: Your order %d\r\nMessage-ID: <%d.o@example.org>\r\nDate: %s\r\n\r\n%s\r\n--%s--\r\n"
        % (rng.getrandbits(40), date, date, i, mark, i, mark, rng.choice(SYSTEMS), to, text, mark, date, to,
           "delayed" if late else "failed", code, text, mark, to, i, i, date, body, mark)).encode()


def fill(maildir, count, uid):
    """A Maildir of `count` bounces; names carry sizes, so that a server need not open them."""
    rng = random.Random(count)
    for sub in ("cur", "new", "tmp"):
        os.makedirs(os.path.join(maildir, sub), exist_ok=True)
    start = 1790000000 - 60 * count
    for i in range(count):
        mail, when = bounce(i, rng, start + 60 * i), start + 60 * i
        path = "%s/cur/%d.M%dP1.bench,S=%d,W=%d:2," % (maildir, when, i, len(mail), len(mail))
        with open(path, "wb") as f:
            f.write(mail)
        os.utime(path, (when, when))
        if os.geteuid() == 0:
            os.chown(path, uid, uid)
    if os.geteuid() == 0:
        for d in (maildir,) + tuple(os.path.join(maildir, s) for s in ("cur", "new", "tmp")):
            os.chown(d, uid, uid)
