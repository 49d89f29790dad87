"""A bounce that brings its original back whole, numbered."""
REPORT = """From: MAILER-DAEMON@example.org
To: bounces@example.org
Subject: Undelivered Mail Returned to Sender
Date: Fri, 20 Nov 2026 09:14:00 +0000
Message-ID: <report.%(n)d@example.org>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: text/plain

Your message could not be delivered.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example.org

Final-Recipient: rfc822; bob%(n)d@partner.test
Action: failed
Status: 4.4.1
Diagnostic-Code: X-Postfix; connect to mx.partner.test[192.0.2.7]:25: Connection timed out

--b
Content-Type: message/rfc822

From: Alice Example <bounces@example.org>
To: bob%(n)d@partner.test
Subject: Offer %(n)d
Date: Fri, 20 Nov 2026 09:00:00 +0000
Message-ID: <offer.%(n)d@example.org>

The offer.
--b--
"""
