#!/usr/bin/env python3
"""A server that cannot prove who it is gets no password, and the words say why."""
import os, sys

sys.path.insert(0, os.environ.get("SOURCE", ".") + "/tests/lib")
from scene import account, main, quote  # noqa: E402

# certificate, words that must be said
REFUSED = [
    ("wrong-name", ["mail.example.net", "localhost"]),
    ("expired", ["expired", "2021-01-01"]),
    ("self-signed", ["self-signed"]),
    ("unknown-ca", ["other-ca"]),
]


def logins(imap):
    with open(imap.dir + "/dovecot.log", errors="replace") as f:
        return f.read().count("Login: user=")


def check_refused(machine, imap, words):
    machine.run("list", status=4)
    said = machine.errors
    for word in words:
        assert word in said, "%r is not in: %s" % (word, said)
    assert imap.password not in said, said
    assert logins(imap) == 0


def test(scene):
    for certificate, words in REFUSED:
        imap = scene.dovecot(certificate, cert=certificate)
        sources = {
            "implicit": None,
            "starttls": "imap://%s:%s@localhost:%d/INBOX" % (quote(imap.user), imap.password, imap.port),
        }
        for name, source in sources.items():
            machine = scene.machine(account(imap, "maildir://%s/out" % scene.dir, source))
            check_refused(machine, imap, words)
            print("refused:", certificate, name)
    stripped = scene.dovecot("stripped", extra="ssl = no")
    source = "imap://%s:%s@localhost:%d/INBOX" % (
        quote(stripped.user), stripped.password, stripped.port)
    machine = scene.machine(account(stripped, "maildir://%s/out" % scene.dir, source))
    check_refused(machine, stripped, ["STARTTLS"])
    good = scene.dovecot("good")
    machine = scene.machine(account(good, "maildir://%s/out" % scene.dir))
    machine.run("list", status=3)
    assert logins(good) == 1


main(test)
