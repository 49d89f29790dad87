#!/usr/bin/env python3
"""The line is cut after a byte of the claim on the IMAP server, or of the dialogue with the SMTP
server, both ways: real Dovecot, real Postfix, counted where Postfix delivers. Delivered twice 0,
lost 0, shown as sent but was not 0, in doubt only where the whole message had gone and its answer
had not come. ROUNDS cuts a way, evenly; EVERY=1 one after each byte, some thousands of them."""
import collections, os, re, sys, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from ground import Ground  # noqa: E402
from proxy import Proxy  # noqa: E402
from scene import Missing, main, wait_for  # noqa: E402
from sink import Sink  # noqa: E402

ROUNDS = int(os.environ.get("ROUNDS", "4"))
EVERY = os.environ.get("EVERY", "") == "1"
WAYS = os.environ.get("WAYS", "claim-in claim-out smtp-in smtp-out").split()
BATCH = 120  # cases a mailbox


class Counted:
    """Postfix, and what came out of it at its other end once nothing is on its way in it"""

    def __init__(self, scene):
        self.scene = scene
        self.postfix = scene.postfix(scene.dovecot("returns"), warn=600, expire=3600)
        self.port = self.postfix.port

    def is_quiet(self):
        """Postfix: every connection ended, every queue empty"""
        if any(files for name in ("maildrop", "incoming", "active", "deferred")
               for _, _, files in os.walk("%s/queue/%s" % (self.postfix.dir, name))):
            return False
        with open(self.postfix.log, errors="replace") as f:
            log = f.read()
        return log.count(" connect from ") == log.count(" disconnect from ")

    def delivered(self):
        wait_for(self.is_quiet)
        count = collections.Counter()
        for envelope, _ in self.postfix.mx.delivered():
            count.update(re.findall(r"RCPT TO:<([^>]*)>", envelope, re.I))
        return count


def server(scene):
    try:
        return Counted(scene)
    except Missing as missing:
        print("instead of Postfix the small server of the tests:", missing)
        return Sink(scene)


class Cuts:
    """Cuts of one way: a fresh mailbox for each hundred, and what of a dialogue is to be cut"""

    def __init__(self, scene, to, way):
        self.scene, self.to, self.way = scene, to, way
        self.is_claim = way.startswith("claim")
        self.end = "cut_in" if way.endswith("in") else "cut_out"
        self.line = Proxy(scene, to.port)
        self.tally = collections.Counter()

    def ground(self, n):
        """The first two go undisturbed: the second begins as all that follow"""
        g = Ground(self.scene, self.to, self.way + str(Ground.count), n + 2, port=self.line.port)
        g.tally = self.tally
        for name in sorted(g.cases)[:2]:
            assert g.send(name)[0] == 0 and self.to.delivered()[name] == 1
        return g, sorted(g.cases)[2:], (g.proxy if self.is_claim else self.line)

    def span(self, wire):
        """From where to where it is cut"""
        said, heard = wire.said, wire.heard
        text = said if self.end == "cut_in" else heard
        if not self.is_claim:
            return 0, len(text)
        first = text.rindex(b"SELECT" if self.end == "cut_in" else b"OK", 0, text.index(b"bouncebox-sending"))
        return first, len(text)

    def run(self):
        done, total = 0, None
        begun = time.monotonic()
        while total is None or done < total:
            g, names, wire = self.ground(BATCH if EVERY else ROUNDS)
            first, last = self.span(wire)
            if total is None:
                total = last - first if EVERY else ROUNDS
            for n, name in enumerate(names, done):
                if n < total:
                    wire.plan(**{self.end: first + (n if EVERY else (last - first) * n // ROUNDS)})
                    g.send(name)
                    wire.plan()
                    g.settle(name, self.way)
            done += len(names)
            g.machine.run("sync", "--send-due")
            g.imap.stop()
        print("%s: %d cuts in %d s: %s" % (self.way, total, time.monotonic() - begun, ", ".join(
            "%s and shown as %s: %d" % ("arrived" if arrived else "not arrived", handling, n)
            for (arrived, handling), n in sorted(self.tally.items()))), flush=True)


def test(scene):
    to = server(scene)
    for way in WAYS:
        cuts = Cuts(scene, to, way)
        cuts.run()
        doubts = {arrived: n for (arrived, handling), n in cuts.tally.items() if handling == "doubt"}
        assert not doubts or way.startswith("smtp"), doubts
    twice = [name for name, n in to.delivered().items() if n > 1]
    assert not twice, twice


main(test)
