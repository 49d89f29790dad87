#!/usr/bin/env python3
"""The main job on real servers: Postfix makes delay warnings and failures, Dovecot
keeps them, bouncebox reads them over TLS, headless and in a terminal, and resends
through the same Postfix once the recipient's server is back: exactly once."""
import email, email.policy, os, smtplib, sys

sys.path.insert(0, os.environ.get("SOURCE", ".") + "/tests/lib")
from scene import Terminal, account, main, wait_for  # noqa: E402

BODY = "Dear all,\r\n\r\nthe minutes are below. Gr\u00fc\u00dfe\r\n.\r\n..two dots\r\n"
RECIPIENTS = {
    "bob@refused.test": ("gave-up", "connect-refused"),
    "kim@silent.test": ("gave-up", "connect-timeout"),
    "fay@full.test": ("gave-up", "mailbox-full"),
    "gil@grey.test": ("gave-up", "greylist"),
    "ned@nouser.test": ("refused", "user-unknown"),
    "pam@policy.test": ("refused", "auth"),
}
ANSWERS = {
    "full.test": "452 4.2.2 The recipient's mailbox is full and can't accept messages now.",
    "grey.test": "451 4.7.1 Greylisting in action, please come back in 300 seconds",
    "nouser.test": "550 5.1.1 The email account that you tried to reach does not exist",
    "policy.test": "550 5.7.26 Unauthenticated email from example.org is not accepted due to "
                   "domain's DMARC policy",
}


def message(to):
    name = to.split("@")[0]
    return ("From: Alice Example <bounces@example.org>\r\nTo: %s, other@ok.test\r\n"
            "Subject: Minutes for %s\r\nMessage-ID: <minutes.%s@example.org>\r\n"
            "Date: Fri, 20 Nov 2026 10:14:00 +0100\r\nMIME-Version: 1.0\r\n"
            "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n%s"
            % (to, name, name, BODY)).encode()


def make_bounces(scene, imap, postfix):
    for domain, line in ANSWERS.items():
        postfix.mx.answers(domain, line)
    with smtplib.SMTP("127.0.0.1", postfix.port) as smtp:
        for to in RECIPIENTS:
            smtp.sendmail("bounces@example.org", [to], message(to), ["BODY=8BITMIME"])

    def all_there():
        """four warnings and six failures in the INBOX"""
        new = os.path.join(imap.maildir, "new")
        return os.path.isdir(new) and len(os.listdir(new)) >= 10
    wait_for(all_there)


def check_listed(machine):
    cases = machine.cases()
    for to, (state, cause) in RECIPIENTS.items():
        assert to in cases, "%s is not listed: %s" % (to, sorted(cases))
        assert cases[to]["state"] == state, (to, cases[to])
        assert cases[to]["cause"] == cause, (to, cases[to])
        assert cases[to]["handling"] == "open", (to, cases[to])
        assert cases[to]["original_message_id"] == "<minutes.%s@example.org>" % to.split("@")[0]
        assert cases[to]["reports"] == (2 if state == "gave-up" else 1), (to, cases[to])
    assert cases["bob@refused.test"]["status"] == "4.4.1"
    return cases


def check_untouched(imap):
    """Reading changed nothing: no flag, no keyword but ours"""
    client = imap.client()
    client.select("INBOX", readonly=True)
    _, rows = client.fetch("1:*", "(FLAGS)")
    assert len(rows) == 10, rows
    assert all(b"FLAGS ()" in row or b"FLAGS (\\Recent)" in row for row in rows), rows
    client.logout()


def check_arrived(delivered, to):
    """Once, to nobody else, byte for byte under the Resent-* and trace fields"""
    assert len(delivered) == 1, [envelope for envelope, _ in delivered]
    envelope, got = delivered[0]
    assert "RCPT TO:<%s>" % to in envelope, envelope
    assert "MAIL FROM:<bounces@example.org>" in envelope, envelope
    head, _, body = got.partition(b"\r\n\r\n")
    want_head, _, want_body = message(to).partition(b"\r\n\r\n")
    assert body == want_body, (body, want_body)
    assert head.endswith(want_head), head.decode("utf-8", "replace")
    parsed = email.message_from_bytes(got, policy=email.policy.default)
    assert parsed["Resent-To"] == to and parsed["Resent-Message-ID"] and parsed["Resent-Date"]
    assert len(parsed.get_all("Message-ID")) == 1 and len(parsed.get_all("Date")) == 1


def resend_by_key(scene, machine, postfix):
    back = postfix.back_up()
    terminal = scene.terminal(machine)
    terminal.shows("bob@refused.test")
    terminal.keys("/")
    terminal.type("bob@refused.test")
    terminal.keys("Enter")
    terminal.keys("r")
    terminal.shows("Resent-To")
    terminal.keys("y")
    wait_for(back.delivered)
    terminal.shows("resent")
    terminal.keys("q")
    terminal.keys("q")
    terminal.shows("exit=0")
    check_arrived(back.delivered(), "bob@refused.test")
    cases = machine.cases("is:resent")
    assert cases["bob@refused.test"]["resends"] == 1, cases
    return back


def resend_headless(machine, postfix, cases):
    case = cases["fay@full.test"]["id"]
    postfix.mx.answers("full.test", None)
    dry = machine.run("resend", "--dry-run", case)
    assert "fay@full.test" in dry and "Resent-To: " in dry, dry
    assert postfix.mx.delivered() == []
    machine.run("resend", "--yes", case)
    wait_for(postfix.mx.delivered)
    check_arrived(postfix.mx.delivered(), "fay@full.test")
    machine.run("resend", "--yes", cases["ned@nouser.test"]["id"], status=1)
    assert len(postfix.mx.delivered()) == 1


def ignore_everywhere(scene, machine, imap, conf, cases):
    case = cases["gil@grey.test"]["id"]
    machine.run("ignore", case)
    assert "gil@grey.test" not in machine.cases()
    second = scene.machine(conf)
    there = second.cases()
    assert "gil@grey.test" not in there and "kim@silent.test" in there, sorted(there)
    assert second.cases("is:ignored")["gil@grey.test"]["id"] == case
    assert second.cases("is:resent")["bob@refused.test"], "the keyword of the resend"


def draft(machine, imap, cases):
    machine.run("note", "--to", "postmaster", "--draft", cases["kim@silent.test"]["id"])
    client = imap.client()
    client.select("Drafts", readonly=True)
    _, found = client.search(None, "DRAFT")
    numbers = found[0].split()
    assert len(numbers) == 1, found
    _, rows = client.fetch(numbers[0].decode(), "(BODY.PEEK[])")
    note = email.message_from_bytes(rows[0][1], policy=email.policy.default)
    assert note["To"].addresses[0].addr_spec == "postmaster@silent.test", note["To"]
    text = note.get_body(("plain",)).get_content()
    assert "timed out" in text and "kim@silent.test" not in text, text
    client.logout()


def test(scene):
    imap = scene.dovecot()
    postfix = scene.postfix(imap)
    make_bounces(scene, imap, postfix)
    conf = account(imap, "smtp+insecure://127.0.0.1:%d" % postfix.port)
    machine = scene.machine(conf)
    cases = check_listed(machine)
    check_untouched(imap)
    back = resend_by_key(scene, machine, postfix)
    resend_headless(machine, postfix, cases)
    ignore_everywhere(scene, machine, imap, conf, cases)
    draft(machine, imap, cases)
    # nothing came twice meanwhile
    assert len(back.delivered()) == 1 and len(postfix.mx.delivered()) == 1


main(test)
