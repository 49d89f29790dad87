#!/usr/bin/env python3
"""A new bounce stands on the screen as soon as the server tells of it, by IDLE and without a
question in between: how long that takes is printed. Each rings the bell and runs the command
of `notify`, if that is wanted, but what is read at the start does not."""
import email.utils, os, statistics, sys, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from proxy import Proxy  # noqa: E402
from report import REPORT  # noqa: E402
from scene import account, main, quote, wait_for  # noqa: E402

ROUNDS = int(os.environ.get("ROUNDS", "5"))


def append(client, n, is_new=False):
    text = (REPORT % {"n": n}).replace("\n", "\r\n")
    if is_new:  # on top of the list
        text = text.replace("Fri, 20 Nov 2026 09:14:00 +0000", email.utils.formatdate())
    client.append("INBOX", None, None, text.encode())


def told(path):
    if not os.path.exists(path):
        return 0
    with open(path) as f:
        return len(f.readlines())



def live(scene, name, is_wanted, **options):
    imap = scene.dovecot(name, **options)
    client = imap.client()
    for n in range(60):  # more than a screenful: read in several slices
        append(client, n)
    proxy = Proxy(scene, imap.port)
    source = "imap+insecure://%s:%s@127.0.0.1:%d/INBOX" % (quote(imap.user), imap.password, proxy.port)
    conf = account(imap, "maildir://%s/out-%s" % (scene.dir, name), source)
    news = "%s/news-%s" % (scene.dir, name)
    if is_wanted:
        conf += "bell = yes\nnotify = echo new >> %s\n" % news
    machine = scene.machine(conf)
    terminal = scene.terminal(machine)
    # The bell of a window that is looked at leaves no mark: look at another one.
    terminal.tmux("new-window", "sleep 3600")
    show = lambda: terminal.tmux("capture-pane", "-p", "-t", ":0")  # noqa: E731
    terminal.screen = show
    terminal.shows("60 open")
    wait_for(lambda: b"IDLE" in proxy.said)
    bell = lambda: terminal.tmux("list-windows", "-F", "#{window_bell_flag}").split()[0] == "1"  # noqa: E731
    assert told(news) == 0 and not bell(), "what was there before is no news"
    took = []
    for n in range(100, 100 + ROUNDS):
        idles = proxy.said.count(b"IDLE")
        before = len(proxy.said)
        begun = time.monotonic()
        append(client, n, True)
        while "bob%d@partner.test" % n not in show():
            assert time.monotonic() < begun + 60, show()
        took.append(time.monotonic() - begun)
        wait_for(lambda idles=idles: proxy.said.count(b"IDLE") > idles)
        said = proxy.said[before:]
        assert said.startswith(b"DONE\r\n"), "IDLE was left before there was news: %r" % said
        assert b"NOOP" not in said and b"SEARCH" not in said, said
        if is_wanted:
            wait_for(lambda n=n: told(news) == n - 99)
    wait_for(lambda: bell() == is_wanted)
    assert told(news) == (ROUNDS if is_wanted else 0)
    print("%s: on the screen %.0f ms after APPEND began (median of %d; at most %.0f ms)" % (
        name, 1000 * statistics.median(took), ROUNDS, 1000 * max(took)), flush=True)
    client.logout()
    terminal.tmux("send-keys", "-t", ":0", "q")
    terminal.shows("exit=0")
    terminal.close()


def test(scene):
    live(scene, "wanted", True)
    live(scene, "quiet", False, capability="IMAP4rev1 IDLE")


main(test)
