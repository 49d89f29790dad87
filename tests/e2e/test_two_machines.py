#!/usr/bin/env python3
"""Two machines, one mailbox: both resend the same case at the same moment, many times.
It arrives once; the other is told why it did not send; no claim is left behind."""
import os, subprocess, sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from scene import account, main  # noqa: E402
from postfix import wait_for  # noqa: E402
from report import REPORT  # noqa: E402
from sink import Sink  # noqa: E402

ROUNDS = int(os.environ.get("ROUNDS", "15"))


def put(imap):
    client = imap.client()
    for n in range(ROUNDS):
        client.append("INBOX", None, None, (REPORT % {"n": n}).replace("\n", "\r\n").encode())
    client.logout()


def sent(folder):
    new = folder + "/new"
    return len(os.listdir(new)) if os.path.isdir(new) else 0


def start(machine, recipient):
    """By filter: who comes late finds nothing open, and is not asked about it"""
    return subprocess.Popen([os.environ["BOUNCEBOX"], "resend", "--yes", "to:" + recipient],
                            env=machine.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def check_round(machines, recipient, folder, before):
    running = [start(m, recipient) for m in machines]
    said = [p.communicate(timeout=120) for p in running]
    codes = sorted(p.returncode for p in running)
    assert sent(folder) == before + 1, "sent %d times: %r" % (sent(folder) - before, said)
    assert codes in ([0, 1], [0, 3]), (codes, said)
    return codes[1]


def check_flags(imap):
    """What was done stands there, and no claim is left"""
    client = imap.client()
    client.select("INBOX", readonly=True)
    _, rows = client.fetch("1:*", "(FLAGS)")
    client.logout()
    assert all(b"bouncebox-resent" in row for row in rows), rows
    assert not any(b"sending" in row for row in rows), rows


def without_condstore(scene):
    """Both may step back, but never do both send; in the end it goes"""
    imap = scene.dovecot("plain", capability="IMAP4rev1 SASL-IR LITERAL+")
    put(imap)
    folder = scene.dir + "/out-plain"
    conf = account(imap, "maildir://" + folder)
    machines = [scene.machine(conf), scene.machine(conf)]
    for name in sorted(machines[0].cases()):
        before = sent(folder)
        for p in [start(m, name) for m in machines]:
            p.communicate(timeout=120)
        assert sent(folder) in (before, before + 1), name
        if sent(folder) == before:
            machines[0].run("resend", "--yes", "to:" + name)
        assert sent(folder) == before + 1, name


def flags(client):
    client.select("INBOX", readonly=True)
    return b" ".join(client.fetch("1:*", "(FLAGS)")[1])


def newer_report(scene):
    """While one sends, another report of the case comes, which only the other machine knows"""
    imap, sink = scene.dovecot("newer"), Sink(scene)
    client = imap.client()
    client.append("INBOX", None, None, (REPORT % {"n": 1}).replace("\n", "\r\n").encode())
    conf = account(imap, "smtp+insecure://127.0.0.1:%d" % sink.port)
    machines = [scene.machine(conf), scene.machine(conf)]
    case = machines[0].cases()["bob1@partner.test"]["id"]
    go = scene.dir + "/go"
    sink.plan({"wait": {"mail": go}})
    first = start(machines[0], "bob1@partner.test")
    wait_for(lambda: b"sending" in flags(client), 60)
    sink.plan({})
    client.append("INBOX", None, None, (REPORT % {"n": 1}).replace("report.1", "report.2").replace(
        "09:14", "09:15").replace("\n", "\r\n").encode())
    machines[1].run("resend", "--yes", case, status=1)
    assert "another machine sends it" in machines[1].errors, machines[1].errors
    with open(go, "w"):
        pass
    assert first.wait(timeout=120) == 0
    assert sink.delivered()["bob1@partner.test"] == 1
    assert b"sending" not in flags(client), flags(client)
    client.logout()


def test(scene):
    without_condstore(scene)
    newer_report(scene)
    imap = scene.dovecot()
    put(imap)
    folder = scene.dir + "/out"
    conf = account(imap, "maildir://" + folder)
    machines = [scene.machine(conf), scene.machine(conf)]
    cases = machines[0].cases()
    assert set(machines[1].cases()) == set(cases) and len(cases) == ROUNDS
    ends = [check_round(machines, name, folder, n) for n, name in enumerate(sorted(cases))]
    print("told by the claim %d times, by the list %d times" % (ends.count(1), ends.count(3)))
    check_flags(imap)
    # a third machine, with nothing of its own, sees them as resent
    third = scene.machine(conf)
    assert len(third.cases("is:resent")) == ROUNDS


main(test)
