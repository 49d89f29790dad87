#!/usr/bin/env python3
"""Some hundred ordinary mails, in the shapes of real ones: newsletters, tickets,
invitations, digests that quote bounces, reports of robots, people who are away or talk
about bounces. None of them is a bounce. They are made here: shapes times subjects times
bodies, so that each word that sounds like a bounce stands in each kind of mail."""
import collections
import json
import os
import subprocess
import sys
import tempfile

PROGRAM = os.environ["BOUNCEBOX"]

BOUNCE = """This is the mail system at host mail.example.org.

I'm sorry to have to inform you that your message could not
be delivered to one or more recipients. It's attached below.

<bob@partner.example>: host mx.partner.example[192.0.2.7] said: 550 5.1.1
    <bob@partner.example>: Recipient address rejected: User unknown
"""

# What people and robots write who have to do with mail, and have not been bounced.
SUBJECTS = ["Minutes of the meeting", "Re: bounce from bob@partner.example?",
            "Delivery failed: your parcel", "[mail-admin] Undelivered Mail Returned to Sender: what to do?",
            "Mailbox almost full", "Payment rejected", "Account blocked", "Invoice 4711 could not be delivered to your address"]

BODIES = {
    "plain": "Hello Alice,\n\nthe minutes are below. Bob (bob@partner.example) could not come.\n\nCarol\n",
    "talks": "Hello,\n\nmy mail to bob@partner.example bounced yesterday: 550 5.1.1 User unknown. "
             "Do you have\nanother address of his? Your message was not delivered either, he says.\n\nCarol\n",
    "quotes": "Hi,\n\nI got this, what does it mean?\n\n" +
              "".join("> %s\n" % line for line in BOUNCE.splitlines()) + "\nCarol\n",
    "parcel": "Dear customer,\n\nwe were unable to deliver your parcel 00340434161094. The recipient\n"
              "was not found at the following address:\n\n  Alice Example, Main Street 1\n\n"
              "Please write to service@parcel.example to arrange a new delivery.\n",
    "policy": "From 1 December on mail without SPF will be rejected with 550 5.7.26. Mail to users who\n"
              "do not exist is refused with 550 5.1.1. Questions go to postmaster@example.org.\n",
    "html": "<html><body><h1>Sale</h1><p>Our offers were <b>rejected</b> by nobody. Mailbox full?\n"
            "<a href=\"https://shop.example/u?m=alice@example.org\">Unsubscribe</a> or write to "
            "<a href=\"mailto:shop@shop.example\">shop@shop.example</a></p></body></html>\n",
}

PERSON = "From: Carol Example <carol@example.net>\nTo: alice@example.org\n"
SHAPES = {
    "person": PERSON,
    "reply": PERSON + "In-Reply-To: <m1@example.org>\nReferences: <m1@example.org>\n",
    "list": PERSON + "List-Id: Mail admins <mail-admin.example.net>\nPrecedence: list\n"
                     "Return-Path: <mail-admin-bounces@example.net>\n",
    "newsletter": "Return-Path: <bounce-4711-alice=example.org@news.example>\n"
                  "From: Shop <newsletter@news.example>\nTo: alice@example.org\nPrecedence: bulk\n"
                  "List-Unsubscribe: <https://news.example/u>\nFeedback-ID: 1:2:news\n",
    "ticket": "Return-Path: <helpdesk@example.net>\nFrom: Helpdesk <helpdesk@example.net>\n"
              "To: alice@example.org\nAuto-Submitted: auto-generated\nX-RT-Ticket: example.net #4711\n"
              "RT-Originator: carol@example.net\nPrecedence: bulk\n",
    "forge": "Return-Path: <noreply@forge.example>\nFrom: carol <notifications@forge.example>\n"
             "To: mail/bounces <bounces@noreply.forge.example>\nCc: alice@example.org\n"
             "List-ID: mail/bounces <bounces.mail.forge.example>\nX-GitHub-Reason: subscribed\n",
    "tracker": "From: \"Carol (Jira)\" <jira@tracker.example>\nTo: alice@example.org\n"
               "Auto-Submitted: auto-generated\nX-JIRA-FingerPrint: 4711\n",
    "service": "Return-Path: <>\nFrom: service@shop.example\nTo: alice@example.org\n",
    "cron": "Return-Path: <root@www.example.org>\nFrom: Cron Daemon <root@www.example.org>\n"
            "To: alice@example.org\nAuto-Submitted: auto-generated\nX-Cron-Env: <SHELL=/bin/sh>\n",
}

AWAY = {
    "en": ("Automatic reply: Minutes", "I am out of the office until 3 December and will answer then. "
           "In urgent cases write to dave@example.net."),
    "de": ("Abwesenheitsnotiz: Protokoll", "Ich bin bis 3. Dezember nicht im Büro. Ihre Nachricht wird nicht "
           "weitergeleitet. In dringenden Fällen: dave@example.net"),
    "fr": ("Réponse automatique : Procès-verbal", "Je suis absente du bureau jusqu'au 3 décembre. En cas "
           "d'urgence, écrivez à dave@example.net."),
    "es": ("Respuesta automática: Acta", "Estoy fuera de la oficina hasta el 3 de diciembre. Para lo urgente: "
           "dave@example.net"),
    "it": ("Risposta automatica: Verbale", "Sono fuori ufficio fino al 3 dicembre. Per urgenze: dave@example.net"),
    "pt": ("Resposta automática: Ata", "Estou fora do escritório até 3 de dezembro. Urgências: dave@example.net"),
    "nl": ("Automatisch antwoord: Notulen", "Ik ben afwezig tot 3 december. Dringend? Mail dave@example.net"),
    "ja": ("自動応答: 議事録", "12月3日まで不在にしております。お急ぎの方は dave@example.net までご連絡ください。"),
    "ru": ("Автоматический ответ: Протокол", "Меня нет в офисе до 3 декабря. По срочным вопросам: dave@example.net"),
    "pl": ("Automatyczna odpowiedź: Protokół", "Jestem poza biurem do 3 grudnia. Pilne sprawy: dave@example.net"),
}
AWAY_HEADS = {
    "exchange": "From: Bob <bob@partner.example>\nTo: alice@example.org\nAuto-Submitted: auto-replied\n"
                "X-Auto-Response-Suppress: All\n",
    "sieve": "Return-Path: <>\nFrom: bob@partner.example\nTo: alice@example.org\n"
             "Auto-Submitted: auto-replied (vacation)\nPrecedence: bulk\n",
    "bare": "Return-Path: <>\nFrom: bob@partner.example\nTo: alice@example.org\n",
}

# Whole mails, by what they must be read as.
WHOLE = {
    "receipt-read": ("receipt", """From: bob@partner.example
To: alice@example.org
Subject: Read: Minutes
MIME-Version: 1.0
Content-Type: multipart/report; report-type=disposition-notification; boundary=b

--b
Content-Type: text/plain

Your message was displayed. This is no guarantee that it was read.
--b
Content-Type: message/disposition-notification

Final-Recipient: rfc822; bob@partner.example
Original-Message-ID: <m1@example.org>
Disposition: manual-action/MDN-sent-manually; displayed
--b--
"""),
    "receipt-deleted": ("receipt", """From: bob@partner.example
To: alice@example.org
Subject: Not read: Minutes
MIME-Version: 1.0
Content-Type: multipart/report; report-type=disposition-notification; boundary=b

--b
Content-Type: text/plain

Your message was deleted without being read.
--b
Content-Type: message/disposition-notification

Final-Recipient: rfc822; bob@partner.example
Disposition: automatic-action/MDN-sent-automatically; deleted
--b--
"""),
    "dmarc-aggregate": ("other", """From: noreply-dmarc-support@google.example
To: dmarc@example.org
Subject: Report domain: example.org Submitter: google.example Report-ID: 4711
MIME-Version: 1.0
Content-Type: application/zip; name="google.example!example.org!1795132800!1795219199.zip"
Content-Transfer-Encoding: base64

UEsDBAoAAAAIAA==
"""),
    "dmarc-aggregate-text": ("other", """Return-Path: <>
From: DMARC Aggregate Report <dmarcreport@microsoft.example>
To: dmarc@example.org
Subject: [Preview] Report Domain: example.org Submitter: enterprise.example Report-ID: 4711
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/html

<div>This is a DMARC aggregate report from Enterprise. Policy: reject. 3 messages failed. You receive it
because dmarc@example.org is named in your DNS record.</div>
--b
Content-Type: application/gzip; name="r.xml.gz"
Content-Transfer-Encoding: base64

H4sIAAAAAAAA
--b--
"""),
    "tls-report": ("other", """From: noreply-smtp-tls-reporting@google.example
To: tls@example.org
Subject: Report Domain: example.org Submitter: google.example Report-ID: <2026.11.20@example.org>
TLS-Report-Domain: example.org
TLS-Report-Submitter: google.example
MIME-Version: 1.0
Content-Type: multipart/report; report-type=tlsrpt; boundary=b

--b
Content-Type: text/plain

This is an aggregate TLS report from google.example. 12 sessions failed: certificate-host-mismatch.
--b
Content-Type: application/tlsrpt+gzip; name="r.json.gz"
Content-Transfer-Encoding: base64

H4sIAAAAAAAA
--b--
"""),
    "invitation": ("other", """From: Bob <bob@partner.example>
To: alice@example.org
Subject: Declined: Minutes
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary=b

--b
Content-Type: text/plain

Bob has declined your invitation. The room was rejected: it is full.
--b
Content-Type: text/calendar; method=REPLY

BEGIN:VCALENDAR
METHOD:REPLY
BEGIN:VEVENT
ATTENDEE;PARTSTAT=DECLINED:mailto:bob@partner.example
END:VEVENT
END:VCALENDAR
--b--
"""),
    "digest": ("other", """Return-Path: <mail-admin-bounces@example.net>
From: mail-admin-request@example.net
To: mail-admin@example.net
Subject: Mail-admin Digest, Vol 12, Issue 3
List-Id: Mail admins <mail-admin.example.net>
Precedence: list
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=o

--o
Content-Type: text/plain

Today's Topics:

   1. Undelivered Mail Returned to Sender (Carol)
   2. Re: Delivery Status Notification (Failure) (Dave)
--o
Content-Type: multipart/digest; boundary=d

--d

From: carol@example.net
To: mail-admin@example.net
Subject: Undelivered Mail Returned to Sender

Who has seen this?

> """ + BOUNCE.replace("\n", "\n> ") + """

--d

From: MAILER-DAEMON@example.net
To: carol@example.net
Subject: Undelivered Mail Returned to Sender

""" + BOUNCE + """
--d--
--o--
"""),
    "log-watch": ("other", """From: logwatch@www.example.org
To: alice@example.org
Subject: Logwatch for www.example.org (Linux)
Auto-Submitted: auto-generated

 --------------------- Postfix Begin ------------------------
       12   Rejected
        7   550 5.1.1 <x1@example.org>: Recipient address rejected: User unknown
        5   554 5.7.1 <spam@spam.example>: Client host rejected
        4   Deferred: bob@partner.example: connect to mx.partner.example: Connection timed out
 ---------------------- Postfix End -------------------------
"""),
    "quota-warning": ("other", """From: Mail System <postmaster@example.org>
To: alice@example.org
Subject: Your mailbox is 95 % full

Your mailbox alice@example.org is nearly full. When it is full, mail to you will be returned to the sender.
"""),
    "quarantine": ("other", """Return-Path: <>
From: Spam Filter <quarantine@example.org>
To: alice@example.org
Subject: Quarantine summary: 2 new messages

These messages to you were held back:

  10:14  eve@spam.example      Cheap watches      score 14.1
  11:02  mallory@spam.example  You have won       score 22.0
"""),
    "change-password": ("other", """Return-Path: <>
From: Accounts <noreply@accounts.example>
To: alice@example.org
Subject: Failed sign-in attempt blocked

Somebody tried to sign in to the account alice@example.org. The attempt was blocked.
"""),
    "new-address": ("other", """From: Bob <bob@partner.example>
To: alice@example.org
Subject: My new address

The address bob@partner.example is no longer valid. Please write to bob@new.example from now on.
"""),
    "build": ("other", """From: CI <ci@forge.example>
To: alice@example.org
Subject: [bounces] Build failed: test_delivery (4711)
Auto-Submitted: auto-generated

Commit 1a2b3c by carol@example.net failed:

  FAILED test_delivery: expected "550 5.1.1 User unknown", got "450 4.2.2 Mailbox full"
"""),
    "order": ("other", """Return-Path: <>
From: shop@shop.example
To: alice@example.org
Subject: Your order 4711

Thank you. Total: 450 EUR, of these 550 points. Your contact: bob@partner.example, room 521.
"""),
    "monitoring": ("other", """Return-Path: <>
From: nagios@monitor.example
To: alice@example.org
Subject: ** PROBLEM Service Alert: mail/SMTP is CRITICAL **

Notification Type: PROBLEM
Service: SMTP
Host: mail.example.org
State: CRITICAL
Additional Info: connect to address 192.0.2.7 and port 25: Connection refused
"""),
    "postmaster-person": ("other", """From: Postmaster <postmaster@partner.example>
To: alice@example.org
Subject: Re: your mail to bob

Dear Alice, the mailbox of Bob is all right again; please write to him at bob@partner.example. We had
changed our filter. Sorry for the trouble.
"""),
}


def mails():
    for shape, head in SHAPES.items():
        for i, subject in enumerate(SUBJECTS):
            for name, body in BODIES.items():
                if shape == "service" and name in ("talks", "quotes"):
                    continue  # nobody writes so without a return path
                kind = "html" if name == "html" else "plain"
                yield ("%s-%d-%s" % (shape, i, name), "other",
                       "%sSubject: %s\nMIME-Version: 1.0\nContent-Type: text/%s; charset=utf-8\n\n%s"
                       % (head, subject, kind, body))
    for shape, head in AWAY_HEADS.items():
        for language, (subject, body) in AWAY.items():
            yield ("away-%s-%s" % (shape, language), "auto-reply",
                   "%sSubject: %s\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n%s\n"
                   % (head, subject, body))
    for name, (kind, mail) in WHOLE.items():
        yield name, kind, mail


def main():
    failed = 0
    kinds = collections.Counter()
    cases = list(mails())
    with tempfile.TemporaryDirectory() as folder:
        names = ["%s/%04d.eml" % (folder, i) for i in range(len(cases))]
        for name, (_, _, mail) in zip(names, cases):
            with open(name, "wb") as f:
                f.write(mail.encode())
        out = subprocess.run([PROGRAM, "parse", "--json"] + names, stdout=subprocess.PIPE, check=True)
    for (name, want, _), line in zip(cases, out.stdout.decode().splitlines()):
        got = json.loads(line)
        kinds[got["kind"]] += 1
        if got["kind"] != want:
            failed += 1
            print("%s: want %s, got %s %s"
                  % (name, want, got["kind"], [r["address"] for r in got["recipients"]]))
    print("%d ordinary mails: %s" % (len(cases), dict(kinds)))
    return 1 if failed or len(cases) < 300 else 0


if __name__ == "__main__":
    sys.exit(main())
