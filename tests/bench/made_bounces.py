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


def ordinary(i, rng, when):
    """What else comes to an INBOX: people, newsletters, services, lists, attachments; 10 KB on average."""
    kind = rng.choices(("person", "news", "service", "list", "attachment"), (45, 25, 15, 10, 5))[0]
    date, host = formatdate(when), "%s.example" % rng.choice(WORDS)
    who = {"news": "news", "service": "no-reply"}.get(kind, rng.choice(WORDS))
    lines = ["Return-Path: <%s@%s>" % (who, host)]
    for hop in range(3):
        lines.append("Received: from mx%d.%s (mx%d.%s [192.0.2.%d])\r\n\tby mail.example.org (Postfix) with ESMTPS id %010X\r\n"
                     "\tfor <bounces@example.org>; %s" % (hop, host, hop, host, hop + 1, rng.getrandbits(40), date))
    lines += ["DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=%s; s=s1;\r\n\th=from:to:subject; b=%s" % (host, "%0344x" % rng.getrandbits(1376)),
              "Date: " + date, "From: %s <%s@%s>" % (who.title(), who, host), "To: bounces@example.org",
              "Subject: About the %s and the %s" % (rng.choice(WORDS), rng.choice(WORDS)),
              "Message-ID: <%d.m@%s>" % (i, host), "MIME-Version: 1.0"]
    if kind in ("news", "list"):
        lines += ["List-Id: <%s.%s>" % (who, host), "Precedence: " + ("bulk" if kind == "news" else "list"),
                  "List-Unsubscribe: <https://%s/u/%d>" % (host, i)]
    if kind == "attachment":
        lines.append("Content-Type: multipart/mixed; boundary=\"=_m\"")
        body = ("--=_m\r\nContent-Type: text/plain\r\n\r\n" + TEXT * 5 + "\r\n--=_m\r\nContent-Type: application/pdf\r\n"
                "Content-Transfer-Encoding: base64\r\n\r\n" + ("QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo" * 2 + "\r\n") * rng.randint(400, 1400) + "--=_m--\r\n")
    elif kind == "news":
        lines.append("Content-Type: multipart/alternative; boundary=\"=_a\"")
        body = ("--=_a\r\nContent-Type: text/plain\r\n\r\n" + TEXT * rng.randint(10, 40) + "\r\n--=_a\r\nContent-Type: text/html\r\n\r\n"
                + ("<p>" + TEXT) * rng.randint(50, 180) + "--=_a--\r\n")
    else:
        lines.append("Content-Type: text/plain; charset=utf-8")
        body = TEXT * rng.randint(5, 45)
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


def fill(maildir, count, uid, share=1.0):
    """A Maildir of `count` messages, `share` of them bounces; names carry sizes, so that a
    server need not open them."""
    rng = random.Random(count)
    for sub in ("cur", "new", "tmp"):
        os.makedirs(os.path.join(maildir, sub), exist_ok=True)
    start = 1790000000 - 60 * count
    for i in range(count):
        when = start + 60 * i
        # Every n-th, so that a screenful is as far away as the share says.
        mail = (bounce if int((i + 1) * share) > int(i * share) else ordinary)(i, rng, when)
        path = "%s/cur/%d.M%dP1.bench,S=%d,W=%d:2," % (maildir, when, i, len(mail), len(mail))
        with open(path, "wb") as f:
            f.write(mail)
        os.utime(path, (when, when))
        if os.geteuid() == 0:
            os.chown(path, uid, uid)
    if os.geteuid() == 0:
        for d in (maildir,) + tuple(os.path.join(maildir, s) for s in ("cur", "new", "tmp")):
            os.chown(d, uid, uid)
