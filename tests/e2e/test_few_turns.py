#!/usr/bin/env python3
"""Round trips until the first reports are asked for: SELECT goes out with the last word of the
login, where the server is known to take that; and where it is lost all the same, one by one."""
import os, sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from proxy import Proxy  # noqa: E402
from report import REPORT  # noqa: E402
from scene import account, main, quote, wait_for  # noqa: E402

MANY = 45  # more than a first screen


class Wire(Proxy):
    """Remembers who said what, of the last connection"""

    def listen(self, listener):
        self.talk = []
        super().listen(listener)

    def count(self, data, is_client):
        if not self.said and not self.heard:
            self.talk = []
        if not self.talk or self.talk[-1][0] != is_client:
            self.talk.append((is_client, b""))
        self.talk[-1] = (is_client, self.talk[-1][1] + data)
        super().count(data, is_client)

    def turns_until(self, words):
        """How often the client had to wait before it said them"""
        said = [data for is_client, data in self.talk if is_client]
        return next(i for i, data in enumerate(said) if words in data)


def put(server, *numbers):
    client = server.client()
    for n in numbers:
        client.append("INBOX", None, None, (REPORT % {"n": n}).replace("\n", "\r\n").encode())
    client.logout()


def conf(scene, server, port, more="", folder="INBOX", user=None, password=None):
    source = "imap+insecure://%s:%s@127.0.0.1:%d/%s" % (
        quote(user or server.user), password or server.password, port, folder)
    return account(server, "maildir://%s/out" % scene.dir, source, more)


def named(numbers):
    return {"bob%d@partner.test" % n for n in numbers}


def every_mechanism(scene, server):
    for auth, turns, warm in (
            ("auto", 2, 2), ("scram-sha-1", 2, 2), ("plain", 1, 1), ("login", 4, 3), ("cram-md5", 3, 2)):
        wire = Wire(scene, server.port)
        machine = scene.machine(conf(scene, server, wire.port, "auth = %s\n" % auth))
        assert set(machine.cases("is:open")) == named(range(MANY)), machine.errors
        found = wire.turns_until(b" FETCH ")
        print("auth = %s: %d round trips before the first FETCH" % (auth, found), flush=True)
        assert found == turns, (auth, wire.talk[:8])
        # Warm: what went and came since, in the same answer.
        client = server.client()
        client.select("INBOX")
        client.store("1", "+FLAGS", r"\Deleted")
        client.expunge()
        client.logout()
        assert set(machine.cases("is:open")) == named(range(1, MANY)), machine.errors
        assert wire.turns_until(b"QRESYNC (") == warm, wire.talk[:8]
        client = server.client()
        client.select("INBOX")
        client.store("1:*", "+FLAGS", r"\Deleted")
        client.expunge()
        client.logout()
        put(server, *range(MANY))


def refusals(scene, server):
    wire = Wire(scene, server.port)
    for more in ("", "auth = plain\n"):
        machine = scene.machine(conf(scene, server, wire.port, more, password="wrong"))
        machine.run("sync", status=4)
        assert "refuses the login" in machine.errors and wire.connections == 1, machine.errors
        wire.connections = 0
        machine = scene.machine(conf(scene, server, wire.port, more, folder="Nowhere"))
        machine.run("sync", status=1)
        assert "Nowhere" in machine.errors and wire.connections == 1, machine.errors
        wire.connections = 0


def lost(scene, server):
    """Cut off where SELECT is early: it is asked one by one, and from then on"""
    wire = Wire(scene, server.port)
    machine = scene.machine(conf(scene, server, wire.port))
    wire.cut_at = b"SELECT"
    assert set(machine.cases("is:open")) == named(range(MANY)), machine.errors
    assert wire.connections == 2 and wire.turns_until(b"SELECT") == 3, wire.talk[:8]
    wire.cut_at, wire.connections = b"SELECT", 0
    machine = scene.machine(conf(scene, server, wire.port))
    terminal = scene.terminal(machine)
    terminal.shows("%d open" % MANY)
    terminal.shows("online")
    assert wire.connections == 2
    wire.cut()
    wait_for(lambda: wire.connections == 3 and b"SELECT" in wire.said, 60)
    assert wire.turns_until(b"SELECT") == 3, wire.talk[:8]
    terminal.keys("Q")
    terminal.shows("exit=0")
    terminal.close()


def check(scene):
    server = scene.dovecot("few")
    put(server, *range(MANY))
    every_mechanism(scene, server)
    refusals(scene, server)
    lost(scene, server)
    # A greeting that says nothing of the server: as it always was.
    quiet = scene.dovecot("quiet", extra="login_greeting = ready")
    put(quiet, 1)
    wire = Wire(scene, quiet.port)
    assert set(scene.machine(conf(scene, quiet, wire.port)).cases("is:open")) == named([1])
    assert wire.turns_until(b"SELECT") == 3, wire.talk[:8]


main(check)
