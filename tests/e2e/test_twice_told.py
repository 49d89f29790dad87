#!/usr/bin/env python3
"""Two machines and reports that tell of more than one delivery: one that names several
recipients, of which one was resent; and a late one of the first delivery, which comes after
the resend. Neither machine sends again unless somebody says so, alone and by the id; and
nothing is hidden: what is not known stays open."""
import os, re, sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from report import REPORT  # noqa: E402
from scene import account, main  # noqa: E402
from sink import Sink  # noqa: E402

BOB = """Final-Recipient: rfc822; bob%d@partner.test
Action: failed
Status: 4.4.1
Diagnostic-Code: X-Postfix; connect to mx.partner.test[192.0.2.7]:25: Connection timed out
"""


def put(imap, text):
    client = imap.client()
    client.append("INBOX", None, None, text.replace("\n", "\r\n").encode())
    client.logout()


def flags(imap):
    client = imap.client()
    client.select("INBOX", readonly=True)
    _, rows = client.fetch("1:*", "(FLAGS)")
    client.logout()
    return b"\n".join(rows).decode()


def of_several(n):
    """A report that names bob1 … bobN, the original addressed to all of them"""
    text = REPORT % {"n": 1}
    names = ", ".join("bob%d@partner.test" % i for i in range(1, n + 1))
    text = text.replace(BOB % 1, "\n".join(BOB % i for i in range(1, n + 1)))
    return text.replace("To: bob1@partner.test", "To: " + names)


def again(n, minute, resent=""):
    """A later report about the same, of the first delivery or of a resend"""
    text = (REPORT % {"n": n}).replace("<report.", "<report.%s." % minute).replace("09:14:00", "23:%s:00" % minute)
    return text.replace("From: Alice", resent + "From: Alice")


def handling(machine, name):
    every = dict(machine.cases(), **machine.cases("is:resent"), **machine.cases("is:done"))
    return every[name]["handling"]


def partly(scene):
    """Four recipients; one machine resends one after the other, the other knows which went"""
    imap, sink = scene.dovecot("partly"), Sink(scene, "sink-partly")
    put(imap, of_several(4))
    conf = account(imap, "smtp+insecure://127.0.0.1:%d" % sink.port)
    one, two = scene.machine(conf), scene.machine(conf)
    ids = {name: case["id"] for name, case in one.cases().items()}
    # the shape of an id's end says which part its case is in; others may share it
    parts = {name: ("abcdefghijklmnopqrstuvwxyz234567".index(i[-1])) % 8 for name, i in ids.items()}
    assert len(ids) == 4 and set(two.cases()) == set(ids)
    went = []
    for name in sorted(ids)[:3]:
        one.run("resend", "--yes", ids[name])
        went.append(name)
        marks = set(re.findall(r"bouncebox-part-(\d)", flags(imap)))
        assert marks == {str(parts[w]) for w in went}, (marks, parts)
        assert "bouncebox-resent" not in flags(imap)
        for other in (two, scene.machine(conf)):
            shared = {n for n in ids if any(parts[n] == parts[w] and n != w for w in went)}
            for n in ids:
                if n not in shared:
                    assert handling(other, n) == ("resent" if n in went else "open"), n
            # what went is never sent by a filter, whatever is shown
            other.run("resend", "--yes", "to:partner.test", "to:" + name, status=None)
            assert sink.delivered()[name] == 1, sink.delivered()
    last = sorted(ids)[3]
    assert "other recipients" in two.run("ignore", "--dry-run", ids[last]) + two.errors
    two.run("resend", "--yes", ids[last])
    assert {n: sink.delivered()[n] for n in ids} == dict.fromkeys(ids, 1), sink.delivered()
    one.run("sync")
    two.run("sync")
    assert all(handling(m, n) == "resent" for m in (one, two, scene.machine(conf)) for n in ids)
    # known to have gone, and asked for by its id: again
    two.run("resend", "--yes", ids["bob1@partner.test"])
    assert sink.delivered()["bob1@partner.test"] == 2


def seen_too_late(scene):
    """The other machine looks at its list, from before; the claim tells it"""
    imap, sink = scene.dovecot("late-look"), Sink(scene, "sink-look")
    put(imap, of_several(2))
    conf = account(imap, "smtp+insecure://127.0.0.1:%d" % sink.port)
    one, two = scene.machine(conf), scene.machine(conf)
    case = one.cases()["bob2@partner.test"]["id"]
    two.cases()
    two.run("--offline", "resend", "--yes", "--at", "1h", case, status=None)
    one.run("resend", "--yes", case)
    two.env["BOUNCEBOX_NOW"] = "4000000000"
    two.run("sync", "--send-due", status=None)
    assert sink.delivered()["bob2@partner.test"] == 1, two.errors


def late_report(scene):
    """The first delivery is given up after the resend"""
    imap, sink = scene.dovecot("late"), Sink(scene, "sink-late")
    put(imap, REPORT % {"n": 1})
    conf = account(imap, "smtp+insecure://127.0.0.1:%d" % sink.port)
    one, two = scene.machine(conf), scene.machine(conf)
    name = "bob1@partner.test"
    for machine in (one, two):
        machine.env["BOUNCEBOX_NOW"] = "1795694400"  # 2026-11-26: the wait of the cause is over
    case = one.cases()[name]["id"]
    two.cases()
    one.env["BOUNCEBOX_NOW"] = "1795640400"
    one.run("resend", "--yes", case)
    one.env["BOUNCEBOX_NOW"] = two.env["BOUNCEBOX_NOW"]
    put(imap, again(1, "10").replace("20 Nov 2026 23", "25 Nov 2026 23"))
    for machine in (two, one, scene.machine(conf)):
        machine.env["BOUNCEBOX_NOW"] = "1795694400"
        assert handling(machine, name) == "open", (handling(machine, name), machine.run("show", case))
        machine.run("resend", "--yes", "to:" + name, status=1)
        assert "does not say that it is about that" in machine.errors, machine.errors
        assert sink.delivered()[name] == 1
        preview = machine.run("resend", "--dry-run", "--json", case)
        assert '"guard":"ask"' in preview.replace(" ", ""), preview
    # one that names the resend: it failed, and goes by a filter too
    sent = sink.messages()[0][1].decode()
    resent = re.search(r"Resent-Message-ID: <[^>]*>", sent).group(0)
    put(imap, again(1, "11", resent + "\n").replace("20 Nov 2026 23", "25 Nov 2026 23"))
    two.run("resend", "--yes", "to:" + name)
    assert sink.delivered()[name] == 2
    # another report of the first resend tells nothing of the second
    put(imap, again(1, "12", resent + "\n").replace("20 Nov 2026 23", "26 Nov 2026 23"))
    for machine in (one, two):
        machine.env["BOUNCEBOX_NOW"] = "1796000000"
        machine.run("resend", "--yes", "to:" + name, status=1)
        assert "may have arrived" in machine.errors, machine.errors
    assert sink.delivered()[name] == 2


def slow_clock(scene):
    """The server that tells of the failed resend has a slow clock; but it names the resend"""
    imap, sink = scene.dovecot("slow"), Sink(scene, "sink-slow")
    put(imap, REPORT % {"n": 1})
    conf = account(imap, "smtp+insecure://127.0.0.1:%d" % sink.port)
    one, two = scene.machine(conf), scene.machine(conf)
    name = "bob1@partner.test"
    for machine in (one, two):
        machine.env["BOUNCEBOX_NOW"] = "1795694400"
    two.cases()
    one.run("resend", "--yes", "to:" + name)
    resent = re.search(r"Resent-Message-ID: <[^>]*>", sink.messages()[0][1].decode()).group(0)
    put(imap, again(1, "10", resent + "\n"))  # days before it was sent
    for machine in (one, two, one):
        assert handling(machine, name) == "open", (machine.dir, flags(imap))
    # the other resends it; the first has one of its own, older than that
    two.run("resend", "--yes", "to:" + name)
    assert sink.delivered()[name] == 2
    assert handling(one, name) == "resent"
    one.run("resend", "--yes", "to:" + name, status=None)
    assert sink.delivered()[name] == 2


def delayed_meanwhile(scene):
    """Put off here, resent there, where it is still being tried: it does not go a second time"""
    imap, sink = scene.dovecot("delayed"), Sink(scene, "sink-delayed")
    put(imap, REPORT % {"n": 1})
    put(imap, REPORT % {"n": 2})
    conf = account(imap, "smtp+insecure://127.0.0.1:%d" % sink.port)
    one, two = scene.machine(conf), scene.machine(conf)
    ids = {name: case["id"] for name, case in one.cases().items()}
    one.run("resend", "--yes", "--at", "1m", ids["bob1@partner.test"])
    one.run("resend", "--yes", "--at", "1m", ids["bob2@partner.test"])
    two.run("resend", "--yes", ids["bob1@partner.test"])
    resent = re.search(r"Resent-Message-ID: <[^>]*>", sink.messages()[0][1].decode()).group(0)
    delay = lambda text: text.replace("Action: failed", "Action: delayed").replace("4.4.1", "4.2.2")  # noqa: E731
    put(imap, delay(again(1, "10", resent + "\n").replace("20 Nov", "28 Nov")))
    put(imap, delay(again(2, "11").replace("20 Nov", "28 Nov")))
    one.env["BOUNCEBOX_NOW"] = "4000000000"
    assert one.run("sync", "--send-due", "--dry-run", status=None).count("a mail server still tries") == 2
    one.run("sync", "--send-due", status=None)
    assert "still tries" in one.errors, one.errors
    assert sink.delivered() == {"bob1@partner.test": 1}, sink.delivered()


def a_minute_ago(scene):
    """The same command twice: the second says why not, and sends nothing"""
    imap, sink = scene.dovecot("minute"), Sink(scene, "sink-minute")
    put(imap, REPORT % {"n": 1})
    one = scene.machine(account(imap, "smtp+insecure://127.0.0.1:%d" % sink.port))
    case = one.cases()["bob1@partner.test"]["id"]
    one.run("resend", "--yes", case)
    one.run("resend", "--yes", case, status=1)
    assert "there can be no answer yet" in one.errors, one.errors
    # a new message is no way around it
    one.run("resend", "--edit", "--yes", "domain:partner.test", status=None)
    assert one.status in (1, 3) and sink.delivered()["bob1@partner.test"] == 1, one.errors
    one.run("resend", "--edit", "--yes", "is:resent", status=1)
    assert sink.delivered()["bob1@partner.test"] == 1


def ignored_after(scene):
    """Resent by one and then ignored: the other's yes to an ignored one is none to sending twice"""
    imap, sink = scene.dovecot("ignored"), Sink(scene, "sink-ignored")
    put(imap, REPORT % {"n": 1})
    conf = account(imap, "smtp+insecure://127.0.0.1:%d" % sink.port)
    one, two = scene.machine(conf), scene.machine(conf)
    case = one.cases()["bob1@partner.test"]["id"]
    one.run("resend", "--yes", case)
    one.run("ignore", case)
    assert two.cases("is:ignored")["bob1@partner.test"]["handling"] == "ignored"
    two.run("resend", "--yes", "is:ignored", status=1)
    assert "resent from another machine" in two.errors, two.errors
    assert sink.delivered()["bob1@partner.test"] == 1


def test(scene):
    for check in (partly, seen_too_late, late_report, slow_clock, delayed_meanwhile, a_minute_ago, ignored_after):
        check(scene)
        print("ok", check.__name__)


main(test)
