#!/usr/bin/env python3
"""The cache follows the mailbox: what others expunge, copy and renumber, a cache of
another version, a broken one, and newer tables. Nothing is shown twice, what was done
stays, on a server with all extensions and on one with none."""
import glob, os, sqlite3, sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from scene import account, main  # noqa: E402
from report import REPORT  # noqa: E402

N = 130  # more than a screenful, and a few slices


def put(imap, numbers):
    client = imap.client()
    for n in numbers:
        client.append("INBOX", None, None, (REPORT % {"n": n}).replace("\n", "\r\n").encode())
    client.logout()


def other_client(imap, deed):
    client = imap.client()
    client.select("INBOX")
    deed(client)
    client.logout()


def expunge(*numbers):
    def deed(client):
        for n in numbers:
            client.store(str(n), "+FLAGS", r"(\Deleted)")
        client.expunge()
    return deed


def uidvalidity(imap):
    client = imap.client()
    _, data = client.status("INBOX", "(UIDVALIDITY)")
    client.logout()
    return data[0].split()[-1]


def renumber(imap):
    """As after a restore: the server has lost its list of UIDs"""
    before = uidvalidity(imap)
    for path in glob.glob(imap.maildir + "/dovecot*"):
        os.remove(path)
    after = uidvalidity(imap)
    assert before != after, "the server numbers as before"


def cache_of(machine):
    return machine.dir + "/cache/bouncebox/cache.db"


def sql(machine, statement):
    db = sqlite3.connect(cache_of(machine))
    rows = db.execute(statement).fetchall()
    db.commit()
    db.close()
    return rows


def same(machine, names, what):
    cases = machine.cases()
    assert set(cases) == names, "%s: %r" % (what, set(cases) ^ names)
    assert all(c["reports"] == 1 for c in cases.values()), what
    done = machine.cases("is:ignored")
    assert len(done) == 1, "%s: %r is ignored" % (what, list(done))
    return cases


def follow(scene, name, **options):
    imap = scene.dovecot(name, **options)
    put(imap, range(N))
    machine = scene.machine(account(imap, "maildir://%s/out-%s" % (scene.dir, name)))
    cases = machine.cases()
    assert len(cases) == N, len(cases)
    ignored = sorted(cases)[N // 2]
    machine.run("ignore", cases[ignored]["id"])
    names = set(cases) - {ignored}
    same(machine, names, "at first")

    # Somebody expunges the first, one in the middle and the last.
    other_client(imap, expunge(1, 40, N))
    left = set(machine.cases())
    assert left < names and len(left) >= N - 4, len(left)
    names = left
    assert len(machine.cases("is:ignored")) == 1, "what was done went with the report"

    # Gone and come at once: as many as before, but others.
    other_client(imap, expunge(7))
    put(imap, [N])
    after = set(machine.cases())
    assert len(after - names) == 1 and len(names - after) <= 1, after ^ names
    names = after

    # The same reports a second time: moved and back, or copied.
    other_client(imap, lambda client: client.copy("3:6", "INBOX"))
    same(machine, names, "copied")
    other_client(imap, expunge(3, 4))
    same(machine, names, "one of two copies expunged")

    renumber(imap)
    same(machine, names, "renumbered")

    sql(machine, "PRAGMA user_version = 99")
    same(machine, names, "another version")
    assert os.path.exists(cache_of(machine) + ".old")

    with open(cache_of(machine), "r+b") as f:
        f.write(b"not a database at all")
    same(machine, names, "broken")

    # Newer tables: words are derived anew, and nothing is fetched for it.
    causes = {c["recipient"]: c["cause"] for c in machine.cases().values()}
    assert set(causes.values()) != {""} and set(causes.values()) != {"unknown"}
    sql(machine, "UPDATE meta SET value = 1 WHERE name = 'tables'")
    sql(machine, "UPDATE deliveries SET causes = ''")
    offline = machine.cases("--offline")
    assert {name: c["cause"] for name, c in offline.items()} == causes, offline
    assert sql(machine, "SELECT value FROM meta WHERE name = 'tables'") != [(1,)]


def check(scene):
    follow(scene, "all")
    follow(scene, "bare", capability="IMAP4rev1 SASL-IR LITERAL+")


main(check)
