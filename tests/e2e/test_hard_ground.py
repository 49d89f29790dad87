#!/usr/bin/env python3
"""Resends where the ground gives way: the IMAP line is cut after any byte of the claim, the disk
is full, the journal is locked or broken, the clock is set back, two processes send at once, the
server keeps no keywords, has no CONDSTORE, or lets nothing be written. Counted at an SMTP server
that remembers: delivered twice 0, lost 0, shown as sent but was not 0. ROUNDS=200 makes it long."""
import contextlib, os, resource, shutil, sqlite3, subprocess, sys, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from scene import main, wait_for  # noqa: E402
from sink import Sink  # noqa: E402
from once import resend  # noqa: E402
from ground import LATER, Ground  # noqa: E402

ROUNDS = int(os.environ.get("ROUNDS", "5"))
FEW = 3


def claim_cut(scene, sink, way):
    g = Ground(scene, sink, "claim " + way, ROUNDS + 2)
    names = sorted(g.cases)
    for name in names[:2]:  # the second begins as all that follow: there is news since the last
        assert g.send(name)[0] == 0 and sink.delivered()[name] == 1
    said, heard = g.proxy.said, g.proxy.heard
    assert said.count(b"bouncebox-sending") == 2, "a claim is taken and given back"
    text = said if way == "cut_in" else heard
    first = text.rindex(b"SELECT" if way == "cut_in" else b"OK", 0, text.index(b"bouncebox-sending"))
    last = len(text) + (len(text) - first) // 4  # not all begin with the same news
    for n, name in enumerate(names[2:]):
        g.proxy.plan(**{way: first + (last - first) * n // ROUNDS})
        g.send(name)
        g.proxy.plan()
        g.settle(name, way)
    g.machine.run("sync", "--send-due")
    assert not any(b"sending" in f for f in flags(g.imap)), "no claim is left"
    g.say()


def flags(imap):
    client = imap.client()
    client.select("INBOX", readonly=True)
    rows = client.fetch("1:*", "(FLAGS)")[1]
    client.logout()
    return rows


def disk_full(scene, sink):
    """A small file system under the journal, that is full at another page each time"""
    g = Ground(scene, sink, "disk full", ROUNDS)
    state = g.machine.dir + "/state/bouncebox"
    if os.getuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs",
                                           state], capture_output=True).returncode != 0:
        return file_limit(g)
    scene.callback(subprocess.run, ["umount", "-l", state])
    g.machine.cases()
    for n, name in enumerate(sorted(g.cases)):
        free = os.statvfs(state).f_bavail * 4096 - 120000 * n // ROUNDS
        with open(state + "/ballast", "wb") as f, contextlib.suppress(OSError):
            f.write(b"x" * max(free, 0))
        g.send(name)
        os.unlink(state + "/ballast")
        g.settle(name, "disk full")
    g.say()


def file_limit(g):
    """No file may grow beyond a limit, another one each time"""
    for n, name in enumerate(sorted(g.cases)):
        most = 4096 * (n + 1)
        g.send(name, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most, most)))
        g.settle(name, "file limit")
    g.say()


def journal_of(g):
    return g.machine.dir + "/state/bouncebox/journal.db"


def locked(scene, sink):
    """Before the intent can be written: not sent. Before the outcome can: in doubt, sent once"""
    g = Ground(scene, sink, "locked", 2)
    before, after = sorted(g.cases)
    lock = sqlite3.connect(journal_of(g), isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    status, _ = g.send(before)
    assert status != 0 and sink.delivered()[before] == 0
    lock.execute("ROLLBACK")
    g.settle(before, "locked")
    sink.plan({"wait": {"final": g.machine.dir + "/go"}})
    process = resend(g.machine, g.cases[after]["id"])
    wait_for(lambda: sink.delivered()[after])
    lock.execute("BEGIN IMMEDIATE")
    open(g.machine.dir + "/go", "w").close()
    process.communicate(timeout=120)
    sink.plan({})
    assert process.returncode == 1
    lock.execute("ROLLBACK")
    lock.close()
    g.settle(after, "locked at the end")
    assert g.machine.cases("id:" + g.cases[after]["id"])[after]["handling"] == "doubt"
    g.say()


def broken(scene, sink):
    g = Ground(scene, sink, "broken", FEW)
    path = journal_of(g)
    for n, name in enumerate(sorted(g.cases)):
        shutil.copy(path, path + ".good")
        with open(path, "r+b") as f:
            f.seek((0, 4096, 100)[n])
            f.write(b"\xffbroken" * 200)
        status, errors = g.send(name)
        assert status != 0 and "journal" in errors and sink.delivered()[name] == 0, (n, errors)
        os.rename(path + ".good", path)
        for more in ("-wal", "-shm"):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(path + more)
        g.settle(name, "broken")
    g.say()


def clock_back(scene, sink):
    """Sent while the clock stands years back, and looked at with the clock right, and the reverse"""
    g = Ground(scene, sink, "clock set back", 2)
    past, future = sorted(g.cases)
    g.machine.env["BOUNCEBOX_NOW"] = "1600000000"
    assert g.send(past)[0] == 0
    g.machine.env["BOUNCEBOX_NOW"] = LATER
    assert g.send(future)[0] == 0
    for now in (LATER, "1600000000"):
        g.machine.env["BOUNCEBOX_NOW"] = now
        for name in (past, future):
            is_old = name == past and now == LATER  # years without news: done, and listed no more
            g.machine.run("resend", "--yes", "to:" + name, status=3 if is_old else 1)
            assert sink.delivered()[name] == 1, (name, now)
    for name in (past, future):
        g.settle(name, "clock")
    g.say()


def two_at_once(scene, sink):
    """The second begins while the first is at any step of its own"""
    g = Ground(scene, sink, "two at once", 2 * ROUNDS)
    begun = time.monotonic()
    for n, name in enumerate(sorted(g.cases)):
        both = []
        for pause in (whole * n / ROUNDS if n else 0, 0):
            both.append(subprocess.Popen(
                [os.environ["BOUNCEBOX"], "resend", "--yes", "to:" + name], env=g.machine.env,
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
            time.sleep(pause)  # no wait for a state: any moment will do
        codes = sorted(p.wait(timeout=120) for p in both)
        whole = time.monotonic() - begun if n == 0 else whole
        assert sink.delivered()[name] == 1 and codes[0] == 0 and codes[1] in (1, 3), (name, codes)
        g.settle(name, "two")
    g.say()


def poor_server(scene, sink, name, **options):
    """Sent once, whatever the server can keep; killed in between too"""
    g = Ground(scene, sink, name, 2 * FEW, **options)
    for n, who in enumerate(sorted(g.cases)):
        if n < FEW:
            assert g.send(who)[0] == 0 and sink.delivered()[who] == 1, (name, who)
            g.machine.run("resend", "--yes", "to:" + who, status=1)
            assert sink.delivered()[who] == 1, (name, who)
        else:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process = resend(g.machine, g.cases[who]["id"])
                process.wait(timeout=0.1 * (n - FEW + 1))
            process.kill()
            process.communicate()
        g.settle(who, name)
    g.say()


def test(scene):
    sink = Sink(scene)
    claim_cut(scene, sink, "cut_in")
    claim_cut(scene, sink, "cut_out")
    disk_full(scene, sink)
    file_limit(Ground(scene, sink, "file limit", ROUNDS))
    locked(scene, sink)
    broken(scene, sink)
    clock_back(scene, sink)
    two_at_once(scene, sink)
    poor_server(scene, sink, "no keywords", lie=[(b" \\*)", b")")])
    poor_server(scene, sink, "no CONDSTORE", capability="IMAP4rev1 SASL-IR LITERAL+")
    poor_server(scene, sink, "read-only", lie=[(b"[READ-WRITE]", b"[READ-ONLY]")])
    twice = [name for name, n in sink.delivered().items() if n > 1]
    assert not twice, twice


main(test)
