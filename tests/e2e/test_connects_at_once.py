#!/usr/bin/env python3
"""The server is called before the cache is open: both take their time."""
import fcntl, os, socket, subprocess, sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from scene import main  # noqa: E402

CONF = """[bounces]
source = imap+insecure://bounces:secret@127.0.0.1:%d/INBOX
outgoing = maildir://%s/out
from = Alice Example <bounces@example.org>
"""


def check(scene):
    server = socket.create_server(("127.0.0.1", 0))
    server.settimeout(60)
    machine = scene.machine(CONF % (server.getsockname()[1], scene.dir))
    cache = machine.dir + "/cache/bouncebox"
    os.makedirs(cache, 0o700)
    with open(cache + "/cache.db.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # the cache cannot be opened yet
        p = subprocess.Popen([os.environ["BOUNCEBOX"], "sync"], env=machine.env, stderr=subprocess.PIPE)
        client, _ = server.accept()
        assert not os.path.exists(cache + "/cache.db")
        client.close()
    _, errors = p.communicate(timeout=60)
    assert p.returncode == 4 and b"closed the connection" in errors, (p.returncode, errors)
    assert os.path.exists(cache + "/cache.db")


main(check)
