#!/usr/bin/env python3
"""Without a connection: what needs the server says so and why; a note that attaches nothing
from there waits like a resend, its draft is kept on the disk; and a note that finds no way
out stays due."""
import json, os, sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from proxy import Proxy  # noqa: E402
from report import REPORT  # noqa: E402
from scene import account, main, quote, wait_for  # noqa: E402
from sink import Sink  # noqa: E402


def to_recipient(terminal, key, is_asked):
    terminal.keys("c")
    if is_asked:
        terminal.shows("Another of theirs?")
        terminal.type("bob@home.test")
        terminal.keys("Enter")
    terminal.shows("away, to bob@home.test")
    terminal.keys(key)


def test(scene):
    sink, imap = Sink(scene), scene.dovecot()
    client = imap.client()
    for n in (1, 2):
        client.append("INBOX", None, None, (REPORT % {"n": n}).replace("\n", "\r\n").encode())
    client.logout()
    proxy, way_out = Proxy(scene, imap.port), Proxy(scene, sink.port)
    source = "imap+insecure://%s:%s@127.0.0.1:%d/INBOX" % (quote(imap.user), imap.password, proxy.port)
    conf = account(imap, "smtp+insecure://127.0.0.1:%d" % way_out.port, source)
    machine = scene.machine(conf)
    case = machine.cases()["bob1@partner.test"]["id"]

    terminal = scene.terminal(machine, size="160x40")
    terminal.shows("2 open")
    terminal.shows(" online")
    terminal.type("/bob1")
    terminal.keys("Enter")
    proxy.stop()
    wait_for(lambda: " online" not in terminal.screen().splitlines()[0])
    for key, words in (("d", "the report lies on the server, and there is no connection: "),
                       ("o", "the original is looked for on the server, and there is no connection: ")):
        terminal.keys(key)
        terminal.shows(words)
        terminal.shows("try again when the line is back")
        terminal.keys("q")
    terminal.keys("p")
    terminal.shows("away, to postmaster@partner.test")
    terminal.keys("s")
    terminal.shows("u brings the note back: the report, which the note attaches, lies on the server, and there")
    terminal.keys("u")
    terminal.shows("away, to postmaster@partner.test")
    terminal.keys("x")
    terminal.shows("thrown away")
    # It is said while it is still being tried, too
    proxy.start()
    proxy.silence()
    terminal.keys("d")
    terminal.shows("the report lies on the server: connecting once more (before: ")
    terminal.keys("q")
    proxy.stop()
    wait_for(lambda: "connecting" not in terminal.screen().splitlines()[0])
    # A draft is kept here, a note waits
    to_recipient(terminal, "d", True)
    terminal.shows("the draft is in the Maildir ")
    to_recipient(terminal, "s", False)
    terminal.shows("the note to bob@home.test is due: it goes as soon as there is a connection")
    terminal.shows("1 due")
    assert not sink.delivered()
    way_out.stop()
    proxy.is_silent = False
    proxy.start()
    terminal.keys("S")
    # The mailbox is back, the way out is not
    terminal.shows("not sent before ")
    wait_for(lambda: "Connection refused" in json.loads(machine.run("show", "--json", "--offline", case))["reason"])
    assert machine.cases("--offline", "is:due")["bob1@partner.test"]["id"] == case
    terminal.keys("Q")
    terminal.shows("exit=0")
    way_out.start()
    machine.env["BOUNCEBOX_NOW"] = "1900000000"  # after all that is due
    machine.run("sync", "--send-due")
    machine.run("sync", "--send-due")
    assert sink.delivered() == {"bob@home.test": 1}, sink.delivered()
    assert machine.cases("is:noted")["bob1@partner.test"]["id"] == case
    client = imap.client()
    client.select("Sent", readonly=True)
    assert len(client.search(None, "ALL")[1][0].split()) == 1
    client.logout()


main(test)
