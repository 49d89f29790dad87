#!/usr/bin/env python3
"""A resend that is killed at any moment, or whose line is cut after any byte, against a
real IMAP server and an SMTP server that remembers: delivered twice 0, lost 0, shown as sent
but was not 0, and in doubt only when nobody can know. ROUNDS=500 makes it long."""
import collections, os, re, signal, sys, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from scene import account, main  # noqa: E402
from report import REPORT  # noqa: E402
from sink import Sink  # noqa: E402
from once import again, check, resend  # noqa: E402

ROUNDS = int(os.environ.get("ROUNDS", "24"))


def kills(sink, machine, cases, *options):
    tally = collections.Counter()
    begun = time.monotonic()
    first = sorted(cases)[0]
    resend(machine, cases.pop(first)["id"], *options).communicate(timeout=120)
    whole = time.monotonic() - begun
    assert sink.delivered()[first] == 1, "the first one, undisturbed"
    for n, name in enumerate(sorted(cases)):
        process = resend(machine, cases[name]["id"], *options)
        time.sleep(whole * 1.1 * n / ROUNDS)  # no wait for a state: any moment will do
        process.send_signal(signal.SIGKILL)
        process.communicate()
        handling = check(machine, sink, name, "killed", tally)
        again(machine, sink, name, cases[name]["id"], handling)
    return tally


def cuts(sink, machine, cases, way):
    tally = collections.Counter()
    total = sink.dialogue() if way == "cut_in" else 400
    for n, name in enumerate(cases):
        sink.plan({way: total * n // len(cases)})
        resend(machine, cases[name]["id"]).communicate(timeout=120)
        sink.plan({})
        handling = check(machine, sink, name, way, tally)
        again(machine, sink, name, cases[name]["id"], handling)
    return tally


def some(cases, part):
    names = sorted(cases)[part * ROUNDS:(part + 1) * ROUNDS]
    return {name: cases[name] for name in names}


def check_sent(imap, sink):
    """Of an edited message there is one copy at most, and none of what never arrived"""
    client = imap.client()
    client.select("Sent", readonly=True)
    numbers = client.search(None, "ALL")[1][0].split()
    rows = [client.fetch(n.decode(), "(BODY.PEEK[HEADER.FIELDS (TO)])")[1][0][1] for n in numbers]
    client.logout()
    copies = collections.Counter(re.findall("To: (.*@partner.test)", b"".join(rows).decode()))
    assert all(n == 1 and sink.delivered()[to] == 1 for to, n in copies.items()), copies
    print("copies in Sent: %d, none twice" % len(copies), flush=True)


def test(scene):
    imap = scene.dovecot()
    sink = Sink(scene)
    client = imap.client()
    for n in range(4 * ROUNDS):
        client.append("INBOX", None, None, (REPORT % {"n": n}).replace("\n", "\r\n").encode())
    client.logout()
    machine = scene.machine(account(imap, "smtp+insecure://127.0.0.1:%d" % sink.port))
    cases = machine.cases()
    assert len(cases) == 4 * ROUNDS, len(cases)
    for what, tally in (("killed", kills(sink, machine, some(cases, 0))),
                        ("killed, edited", kills(sink, machine, some(cases, 3), "--edit")),
                        ("cut while listening", cuts(sink, machine, some(cases, 1), "cut_in")),
                        ("cut while answering", cuts(sink, machine, some(cases, 2), "cut_out"))):
        print(what + ":", ", ".join("%s and shown as %s: %d" % (
            "arrived" if arrived else "not arrived", handling, n)
            for (arrived, handling), n in sorted(tally.items())), flush=True)
    check_sent(imap, sink)
    twice = [name for name, n in sink.delivered().items() if n > 1]
    assert not twice, twice


main(test)
