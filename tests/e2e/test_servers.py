#!/usr/bin/env python3
"""The main job against each real server: Dovecot with all it has, Dovecot with bare
IMAP4rev1, Cyrus, Courier. Read cold and warm, news live, ignore, resend, a draft,
another client's deletion, the original found among the sent mail; and what each lacks."""
import os, sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from other_imap import Courier, Cyrus  # noqa: E402
from report import REPORT  # noqa: E402
from scene import Missing, account, main, wait_for  # noqa: E402

LOOKED_FOR = ("IDLE", "CONDSTORE", "QRESYNC", "UIDPLUS", "MOVE", "SPECIAL-USE", "ESEARCH", "COMPRESS=DEFLATE")
ONLY_HEADERS = 7


def crlf(text):
    return text.replace("\n", "\r\n").encode()


def report(n):
    text = REPORT % {"n": n}
    if n == ONLY_HEADERS:
        text = text.replace("message/rfc822", "text/rfc822-headers").replace("\nThe offer.\n", "")
    return crlf(text)


def original(n):
    return crlf((REPORT % {"n": n}).split("message/rfc822\n\n")[1].replace("--b--\n", ""))


def put(server, folder, *messages):
    client = server.client()
    for message in messages:
        status, said = client.append(folder, None, None, message)
        assert status == "OK", said
    client.logout()


def recipient(n):
    return "bob%d@partner.test" % n


def sent(folder):
    new = folder + "/new"
    found = []
    for name in sorted(os.listdir(new)) if os.path.isdir(new) else []:
        with open(os.path.join(new, name), "rb") as f:
            found.append(f.read().replace(b"\r\n", b"\n"))
    return found


def news_come_live(scene, machine, server, idles):
    terminal = scene.terminal(machine)
    terminal.shows(recipient(2))
    terminal.shows("online")
    put(server, "INBOX", report(9))
    # Without IDLE it is asked for once a minute.
    terminal.shows(recipient(9), 30 if idles else 90)
    terminal.keys("q")
    terminal.shows("exit=0")
    terminal.close()


def another_deletes(machine, server):
    client = server.client()
    client.select("INBOX")
    _, found = client.search(None, "BODY", recipient(2))
    number = found[0].split()[0].decode()
    client.store(number, "+FLAGS", "(\\Deleted)")
    client.expunge()
    client.logout()
    assert recipient(2) not in machine.cases(), "a deleted report is still listed"


def resend(scene, machine, folder, n):
    before = len(sent(folder))
    machine.run("resend", "--yes", "to:" + recipient(n))
    wait_for(lambda: len(sent(folder)) == before + 1)
    assert any(m.endswith(original(n).replace(b"\r\n", b"\n")) and
               ("Resent-To: " + recipient(n)).encode() in m for m in sent(folder)), sent(folder)


def drafts_of(server, separator):
    client = server.client()
    client.select("Drafts" if separator == "/" else "INBOX.Drafts", readonly=True)
    _, found = client.search(None, "SUBJECT", '"e"')
    client.logout()
    return found[0].split()


def one(scene, name, server, separator="/"):
    client = server.client()
    _, rows = client.capability()
    offered = rows[0].decode().upper().split()
    client.logout()
    lacks = [c for c in LOOKED_FOR if c not in offered]
    print("%s lacks: %s" % (name, ", ".join(lacks) or "nothing"), flush=True)
    put(server, "INBOX", *[report(n) for n in (0, 1, 2, 3, ONLY_HEADERS)])
    put(server, "Sent" if separator == "/" else "INBOX.Sent", original(ONLY_HEADERS))
    folder = "%s/out-%s" % (scene.dir, name)
    conf = account(server, "maildir://" + folder)
    machine = scene.machine(conf)
    checked = machine.run("check")
    assert "Sent" in checked and "Drafts" in checked, checked
    cold = machine.cases()
    assert set(cold) == {recipient(n) for n in (0, 1, 2, 3, ONLY_HEADERS)}, sorted(cold)
    assert machine.cases() == cold, "warm is not as cold"
    news_come_live(scene, machine, server, "IDLE" in offered)
    machine.run("ignore", cold[recipient(0)]["id"])
    resend(scene, machine, folder, 1)
    resend(scene, machine, folder, ONLY_HEADERS)
    machine.run("note", "--to", "postmaster", "--draft", cold[recipient(3)]["id"])
    assert len(drafts_of(server, separator)) == 1
    assert "was deleted from" in machine.run("note", "--undo", cold[recipient(3)]["id"])
    assert len(drafts_of(server, separator)) == 0
    machine.run("note", "--to", "postmaster", "--draft", cold[recipient(3)]["id"])
    assert len(drafts_of(server, separator)) == 1
    another_deletes(machine, server)
    second = scene.machine(conf)
    assert set(second.cases()) == {recipient(n) for n in (1, 3, ONLY_HEADERS, 9)}, sorted(second.cases())
    assert set(second.cases("is:resent")) == {recipient(1), recipient(ONLY_HEADERS)}
    assert set(second.cases("is:ignored")) == {recipient(0)}
    print("%s passed" % name, flush=True)


def test(scene):
    missing = []
    one(scene, "dovecot", scene.dovecot("imap", compress=1))
    one(scene, "plain", scene.dovecot("plain", capability="IMAP4rev1"))
    for kind in (Cyrus, Courier):
        try:
            server = scene.other(kind)
        except Missing as e:
            missing.append(str(e))
            continue
        one(scene, kind.__name__.lower(), server, ".")
    if missing:
        raise Missing("; ".join(missing))


main(test)
