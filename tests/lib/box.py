"""A machine whose mailbox and whose way out are Maildirs."""
import json, os, sqlite3

from report import REPORT

NOON = 1795694400  # 2026-11-26 12:00 UTC
CONF = """[bounces]
source = maildir://%(dir)s/in
outgoing = maildir://%(dir)s/out
from = Alice Example <bounces@example.org>
%(extra)s
[ui]
undo-seconds = 0
"""


class Box:
    def __init__(self, scene, name, extra="", **reports):
        self.dir = "%s/%s" % (scene.dir, name)
        for part in ("new", "cur", "tmp"):
            os.makedirs("%s/in/%s" % (self.dir, part))
        self.machine = scene.machine(CONF % {"dir": self.dir, "extra": extra})

    def put(self, n, name=None, text=REPORT, **changes):
        text = text % {"n": n}
        for old, new in changes.get("words", {}).items():
            assert old in text, old
            text = text.replace(old, new)
        with open("%s/in/new/%s" % (self.dir, name or n), "w") as f:
            f.write(text)

    def sent(self):
        new = self.dir + "/out/new"
        return sorted(os.listdir(new)) if os.path.isdir(new) else []

    def journal(self, sql, *values):
        with sqlite3.connect(self.machine.dir + "/state/bouncebox/journal.db") as db:
            return db.execute(sql, values).fetchall()

    def show(self, case):
        return json.loads(self.machine.run("show", "--json", case))
