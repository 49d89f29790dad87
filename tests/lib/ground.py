"""Ground that gives way: a mailbox behind a line that can be cut, and a machine that resends."""
import collections

from once import again, check, resend
from proxy import Proxy
from report import REPORT
from scene import account, quote

LATER = "1796000000"  # the clock of all but where it is set back: after the reports


def report(n):
    return (REPORT % {"n": n}).replace("\n", "\r\n").encode()


class Ground:
    """A mailbox with n cases and a machine; the line to the server goes through a proxy"""

    def __init__(self, scene, sink, name, n, lie=(), port=0, **options):
        self.sink, self.name = sink, name
        self.imap = scene.dovecot(name.replace(" ", "-"), **options)
        Ground.count += n
        client = self.imap.client()
        for k in range(Ground.count - n, Ground.count):
            client.append("INBOX", None, None, report(k))
        client.logout()
        self.proxy = Proxy(scene, self.imap.port)
        self.proxy.lie = list(lie)
        source = "imap+insecure://%s:%s@127.0.0.1:%d/INBOX" % (
            quote(self.imap.user), self.imap.password, self.proxy.port)
        self.machine = scene.machine(account(self.imap, "smtp+insecure://127.0.0.1:%d" % (port or sink.port), source))
        self.machine.env["BOUNCEBOX_NOW"] = LATER
        self.cases = self.machine.cases()
        assert len(self.cases) == n, (name, len(self.cases))
        self.tally = collections.Counter()

    count = 1000

    def settle(self, name, what):
        """What is shown is true; what is open goes, once"""
        handling = check(self.machine, self.sink, name, what, self.tally)
        again(self.machine, self.sink, name, self.cases[name]["id"], handling)

    def send(self, name, **more):
        process = resend(self.machine, self.cases[name]["id"], **more)
        errors = process.communicate(timeout=120)[1]
        return process.returncode, errors.decode(errors="replace")

    def say(self):
        print(self.name + ":", ", ".join("%s and shown as %s: %d" % (
            "arrived" if arrived else "not arrived", handling, n)
            for (arrived, handling), n in sorted(self.tally.items())), flush=True)
