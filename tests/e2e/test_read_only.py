#!/usr/bin/env python3
"""A mailbox that may be read but not marked (RFC 4314 without w, or with \\Seen at most): what is
done is remembered on this machine and said to be, what others do is seen and heeded, nothing goes
twice, whenever it is killed, and nothing is written to the server."""
import collections, os, signal, sys, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from once import again, check, resend  # noqa: E402
from report import REPORT  # noqa: E402
from scene import account, main  # noqa: E402
from sink import Sink  # noqa: E402

EXTRA = """mail_plugins = acl
protocol imap {
  mail_plugins = acl imap_acl
}
plugin {
  acl = vfile:%s
}"""
ALL = "lrwstipekxa"
KILLS = 4


class Shared:
    """A mailbox of a server that gives the rights of the moment"""

    def __init__(self, scene, name, n):
        self.acl = "%s/%s.acl" % (scene.dir, name)
        self.grant(ALL)
        self.imap = scene.dovecot(name, extra=EXTRA % self.acl)
        client = self.imap.client()
        for k in range(n):
            client.append("INBOX", None, None, (REPORT % {"n": k}).replace("\n", "\r\n").encode())
        client.logout()

    def grant(self, rights):
        with open(self.acl + ".new", "w") as f:
            f.write("* owner %s\n" % rights)
        os.rename(self.acl + ".new", self.acl)

    def flags(self):
        rights = open(self.acl).read()
        self.grant(ALL)
        client = self.imap.client()
        client.select("INBOX", readonly=True)
        rows = client.fetch("1:*", "(FLAGS)")[1]
        client.logout()
        self.grant(rights.split()[2])
        return rows

    def mark(self, uid, keyword):
        client = self.imap.client()
        client.select("INBOX")
        client.store(uid, "+FLAGS", keyword)
        client.logout()


def check_rights(scene, sink, rights, words):
    box = Shared(scene, "acl-" + rights, 6 + KILLS)
    conf = account(box.imap, "smtp+insecure://127.0.0.1:%d" % sink.port)
    writer, reader = scene.machine(conf), scene.machine(conf)
    ids = {to: case["id"] for to, case in writer.cases().items()}
    before = sink.delivered()

    def sent(n):
        return sink.delivered()["bob%d@partner.test" % n] - before["bob%d@partner.test" % n]

    begun = time.monotonic()
    writer.run("resend", "--yes", ids["bob0@partner.test"])
    whole = time.monotonic() - begun
    box.mark("2", "bouncebox-sending-deadbeef")
    marks = box.flags()
    box.grant(rights)

    assert words in reader.run("check", status=None).replace("\n", " ")
    assert reader.cases("is:resent")["bob0@partner.test"]["id"] == ids["bob0@partner.test"]
    reader.run("resend", "--yes", ids["bob1@partner.test"], status=1)
    assert "another machine sends it" in reader.errors and sent(1) == 0, reader.errors
    said = reader.run("ignore", ids["bob2@partner.test"])
    assert "ignored, on this machine only" in said, said
    reader.run("resend", "--yes", ids["bob3@partner.test"])
    assert "No other machine is kept from sending it too" in reader.errors, reader.errors
    reader.run("resend", "--yes", "to:bob3@partner.test", status=1)
    assert sent(3) == 1
    tally = collections.Counter()
    for n in range(6, 6 + KILLS):
        name = "bob%d@partner.test" % n
        process = resend(reader, ids[name])
        time.sleep(whole * (n - 5) / KILLS)  # no wait for a state: any moment will do
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert sent(n) <= 1
        again(reader, sink, name, ids[name], check(reader, sink, name, "killed", tally))
    assert "bob2@partner.test" in reader.cases("is:ignored")
    assert box.flags() == marks, "nothing was written"
    box.grant(ALL)
    there = writer.cases("to:partner.test", "-is:done")
    assert there["bob3@partner.test"]["handling"] == there["bob2@partner.test"]["handling"] == "open"
    # with the right again, what was done meanwhile is told
    reader.run("sync")
    assert set(writer.cases("is:ignored")) == {"bob2@partner.test"}
    assert writer.cases("is:resent")["bob3@partner.test"]
    print(rights + ":", dict(tally), flush=True)


def test(scene):
    for rights, words in (("lr", "you may only read this mailbox"), ("lrs", "this server keeps none here")):
        check_rights(scene, Sink(scene, "sink-" + rights), rights, words)


main(test)
