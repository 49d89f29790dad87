#!/usr/bin/env python3
"""A warm start where little changed: what it costs on the wire, with QRESYNC and without,
and that no lie of a server about it shows a case too many or too few. MANY=20000 measures."""
import os, re, sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from other_imap import Cyrus  # noqa: E402
from proxy import Proxy  # noqa: E402
from report import REPORT  # noqa: E402
from scene import account, main, quote, wait_for  # noqa: E402

MANY = int(os.environ.get("MANY", "300"))
FEW = 10


class Box:
    """A mailbox of a server, a wire that counts, a machine"""

    def __init__(self, scene, name, n, server=None, **options):
        self.imap = server or scene.dovecot(name, **options)
        self.names = set(range(n))
        if server:
            client = server.client()
            for k in range(n):
                client.append("INBOX", None, None, (REPORT % {"n": k}).replace("\n", "\r\n").encode())
            client.logout()
        else:
            self.fill_maildir(n)
        self.proxy = Proxy(scene, self.imap.port)
        source = "imap+insecure://%s:%s@127.0.0.1:%d/INBOX" % (
            quote(self.imap.user), self.imap.password, self.proxy.port)
        self.machine = scene.machine(account(self.imap, "maildir://%s/out-%s" % (scene.dir, name), source))

    def fill_maildir(self, n):
        """Far quicker than APPEND"""
        for part in ("cur", "new", "tmp"):
            os.makedirs(self.imap.maildir + "/" + part, exist_ok=True)
        for k in range(n):
            with open("%s/cur/%d.M%dP1.test:2," % (self.imap.maildir, 1790000000 + k, k), "w") as f:
                f.write(REPORT % {"n": k})
        for folder, _, files in os.walk(self.imap.maildir):
            for path in [folder] + [os.path.join(folder, f) for f in files]:
                os.chown(path, self.imap.uid, self.imap.uid)

    def change(self, first, last, flag):
        """Somebody deletes, or puts a keyword; UIDs are numbers plus one"""
        client = self.imap.client()
        client.select("INBOX")
        uids = "%d:%d" % (first + 1, last)
        client.uid("STORE", uids, "+FLAGS", "(%s)" % flag)
        if flag == r"\Deleted":
            client.expunge()
            self.names -= set(range(first, last))
        client.logout()

    def sync(self):
        """Bytes from and to the server, and round trips"""
        p = self.proxy
        p.history, p.total_said, p.turns = b"", 0, 0
        self.machine.run("sync")
        return len(p.history), p.total_said, p.turns

    def check(self, what):
        cases = self.machine.cases("--offline", "is:open")
        ignored = self.machine.cases("--offline", "is:ignored")
        shown = {int(re.match(r"bob(\d+)@", name)[1]) for name in (*cases, *ignored)}
        assert shown == self.names, "%s: %r" % (what, sorted(shown ^ self.names)[:20])
        return len(ignored)


def costs(scene, name, many=MANY, **options):
    box = Box(scene, name, many, **options)
    box.sync()
    box.check("cold")
    rows = [("nothing", box.sync())]
    box.change(0, FEW, r"\Deleted")
    box.change(2 * FEW, 3 * FEW, "bouncebox-ignored")
    rows.append(("%d deleted, %d marked" % (FEW, FEW), box.sync()))
    said = box.proxy.said
    assert box.check("changed") == FEW
    bodies = box.proxy.history.count(b"Reporting-MTA")
    assert bodies == 0, "%d reports were read again" % bodies
    for what, (down, up, turns) in rows:
        print("%s, %d reports, %s: %d bytes down, %d up, %d round trips" % (
            name, many, what, down, up, turns), flush=True)
    return said, rows


def lies(scene):
    """Each is told about one real deletion; in the end all is as it is"""
    box = Box(scene, "lies", 60)
    box.sync()
    for n, (told, instead) in enumerate((
            (b"VANISHED (EARLIER) ", b"VANISHED (EARLIER) 4000000000,77:99999,"),
            (b"VANISHED (EARLIER) ", b"VANISHED (EARLIER) 50:55,"),
            (b"VANISHED (EARLIER) ", b"VANISHED (EARLIER) 4294967296,"),
            (b"VANISHED (EARLIER) ", b"VANISHED (EARLIER) never,"),
            (b"VANISHED (EARLIER) ", b"XANISHED (EARLIER) "),
            (b"[HIGHESTMODSEQ ", b"[XIGHESTMODSEQ "),
            (b"[HIGHESTMODSEQ ", b"[NOMODSEQ] "),
            (b"[HIGHESTMODSEQ ", b"[HIGHESTMODSEQ 0"),
            (b"* ENABLED QRESYNC", b"* ENABLED"),
            (b"FLAGS (bouncebox-ignored", b"FLAGS ((((bouncebox-ignored"))):
        box.change(n, n + 1, r"\Deleted")
        box.change(30 + n, 31 + n, "bouncebox-ignored")
        box.proxy.lie = [(told, instead)]
        box.machine.run("sync", status=None)
        if instead.startswith(b"FLAGS"):
            box.machine.run("sync", status=None)
        heard = box.proxy.history
        assert instead in heard, (told, instead, heard[-2000:])
        box.check(instead)
        box.proxy.lie = []
        box.sync()
        assert box.check("after " + repr(instead)) == n + 1, instead
        print("ok", instead.decode(), flush=True)


def live(scene):
    """Deletions and marks of others are followed while the screen watches"""
    box = Box(scene, "live", 12)
    terminal = scene.terminal(box.machine)
    terminal.shows("12 open")
    wait_for(lambda: b"IDLE" in box.proxy.said)
    before = box.proxy.said.count(b"IDLE")
    box.change(2, 4, r"\Deleted")
    terminal.shows("10 open")
    wait_for(lambda: box.proxy.said.count(b"IDLE") > before)
    assert b"VANISHED 3:4" in box.proxy.history, box.proxy.history[-500:]
    box.change(6, 7, "bouncebox-ignored")
    terminal.shows("9 open")
    since = box.proxy.said.split(b"IDLE", 1)[1]
    assert b"SEARCH" not in since and b"FETCH" not in since, since
    terminal.keys("q")
    terminal.shows("exit=0")


def test(scene):
    said, rows = costs(scene, "qresync")
    assert b"(QRESYNC (" in said and b"SEARCH" not in said, said
    quick = rows
    said, rows = costs(scene, "condstore", capability="IMAP4rev1 SASL-IR LITERAL+ ENABLE CONDSTORE ESEARCH")
    assert b"QRESYNC" not in said, said
    assert quick[1][1][2] < rows[1][1][2], "no round trip was saved"
    said, rows = costs(scene, "bare", capability="IMAP4rev1")
    assert b"CONDSTORE" not in said, said
    lies(scene)
    live(scene)
    said, _ = costs(scene, "cyrus", 60, server=scene.other(Cyrus))  # or Missing
    assert b"(QRESYNC (" in said and b"SEARCH" not in said, said


main(test)
