#!/usr/bin/env python3
"""With --json every case that was named has its object, whatever came of it."""
import json, os, sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from box import Box  # noqa: E402
from scene import main  # noqa: E402


def test(scene):
    box = Box(scene, "json")
    m = box.machine
    for n in range(3):
        box.put(n)
    box.put(4, words={"4.4.1": "5.1.1", "Connection timed out": "User unknown"})
    cases = m.cases()
    good, due, gone = (cases["bob%d@partner.test" % n]["id"] for n in (0, 1, 2))
    bad = cases["bob4@partner.test"]["id"]
    m.run("resend", "--yes", "--at", "4h", due)

    def lines(*words, status):
        return {x["id"]: x for x in map(json.loads, m.run(*words, status=status).splitlines())}

    got = lines("resend", "--yes", "--json", good, due, bad, status=1)
    assert got[good]["ok"] and not got[good]["error"] and not got[good]["refused"], got
    for one in (due, bad):
        assert not got[one]["ok"] and got[one]["refused"] and got[one]["error"], got
    assert "due already" in got[due]["error"] and "refused" in got[bad]["error"], got
    assert got[bad]["recipient"] == "bob4@partner.test", got
    assert len(got) == 3 and len(box.sent()) == 1
    got = lines("resend", "--dry-run", "--json", gone, due, status=1)
    assert got[gone]["ok"] and got[gone]["guard"] == "ok" and "Resent-To" in got[gone]["message"], got
    assert got[due]["refused"] and got[due]["guard"] == "never" and not got[due]["message"], got
    got = lines("ignore", "--json", gone, due, status=1)
    assert got[gone]["ok"] and got[due]["refused"] and "is due" in got[due]["error"], got
    assert got[due]["todo"], got
    got = lines("ignore", "--undo", "--json", good, status=1)
    assert got[good]["refused"] and "too late" in got[good]["error"], got
    got = lines("note", "--json", "--address", "no address", good, status=1)
    assert not got[good]["ok"] and "no mail address" in got[good]["error"], got
    # not even asked: nothing can be read
    os.rename(m.dir + "/state/bouncebox/journal.db", m.dir + "/kept")
    for name in ("-wal", "-shm"):
        if os.path.exists(m.dir + "/state/bouncebox/journal.db" + name):
            os.unlink(m.dir + "/state/bouncebox/journal.db" + name)
    with open(m.dir + "/state/bouncebox/journal.db", "w") as f:
        f.write("no journal at all, " * 100)
    for words in (("resend", "--yes"), ("ignore",)):
        got = lines(*words, "--json", gone, bad, status=1)
        assert len(got) == 2 and not any(x["ok"] for x in got.values()), got
        assert all("journal" in x["error"] for x in got.values()), got
    assert len(box.sent()) == 1
    m.run("resend", "--yes", "--json", "to:nobody.test", status=3)
    m.run("resend", "--json", good, status=2)


main(test)
