#!/usr/bin/env python3
"""A note tells one party of what is theirs. On Maildirs."""
import os, sys, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from box import Box  # noqa: E402
from postfix import Missing  # noqa: E402
from report import REPORT  # noqa: E402
from scene import account, main, wait_for  # noqa: E402

SPAM = {"Status: 4.4.1": "Status: 5.7.1",
        "X-Postfix; connect to mx.partner.test[192.0.2.7]:25: Connection timed out":
        "smtp; 550 5.7.1 This message looks like spam"}


def fill(scene, name, extra=""):
    """bob1, bob2 of one domain and cause, bob3 of another cause, bob4 of another domain"""
    box = Box(scene, name, extra=extra)
    for n in (1, 2):
        box.put(n)
    box.put(3, words=SPAM)
    box.put(4, words={"partner.test": "other.test"})
    return box


def nobody_else(scene):
    """Neither another recipient nor another domain hears of it, nor is marked as told; the same
    on the screen"""
    box = fill(scene, "alone")
    m = box.machine
    cases = m.cases()
    for words in (["--send", "--address", "priv@x.test", "partner.test"],
                  ["--print", "partner.test"], ["--draft", "is:open"]):
        m.run("note", *words, status=1)
        assert "not all of one recipient and cause" in m.errors, m.errors
        assert "one case at a time" in m.errors, m.errors
    for words in ("is:open", "partner.test", "code:4.4.1"):
        m.run("note", "--to", "postmaster", "--send", words, status=1)
        assert "not all of one domain and cause" in m.errors, m.errors
    terminal = scene.terminal(m)
    terminal.shows("bob4@other.test")
    terminal.keys("T")
    terminal.shows("4 tagged")
    terminal.keys("\\;")
    terminal.keys("p")
    terminal.shows("not all of one domain and cause")
    terminal.keys("Q")
    terminal.shows("exit=0")
    assert not box.sent() and len(m.cases("is:open")) == 4
    text = m.run("note", "--to", "postmaster", "--print", cases["bob2@partner.test"]["id"])
    assert "offer.1@" in text and "offer.2@" in text, text
    assert "offer.3@" not in text and "offer.4@" not in text and "spam" not in text, text
    m.run("note", "--to", "postmaster", "--send", "domain:partner.test code:4.4.1")
    assert sorted(m.cases("is:noted")) == ["bob1@partner.test", "bob2@partner.test"]


def remembered(scene):
    """An address is used again if a note to it was sent or saved, and it is said"""
    box = fill(scene, "remembered")
    m = box.machine
    case = m.cases()["bob1@partner.test"]["id"]
    m.run("note", "--print", "--address", "typo@x.test", case)
    m.write_conf(open(m.conf).read().replace("/out", "/nowhere/out"))
    m.run("note", "--send", "--address", "typo@x.test", case, status=1)
    m.write_conf(open(m.conf).read().replace("/nowhere/out", "/out"))
    assert "To: bob1@partner.test" in m.run("note", "--print", case)
    assert "remembered" not in m.errors, m.errors
    m.run("note", "--draft", "--address", "bob@home.test", case)
    assert "To: bob@home.test" in m.run("note", "--print", case)
    assert "the address bob@home.test is remembered from the note of 20" in m.errors, m.errors
    terminal = scene.terminal(m)
    terminal.shows("bob1@partner.test")
    terminal.type("/bob1")
    terminal.keys("Enter", "c")
    terminal.shows("away, to bob@home.test")
    terminal.shows("is remembered from the note of 20")
    terminal.keys("x")
    terminal.shows("brings it back")
    terminal.keys("Q")
    terminal.shows("exit=0")


def drafts_once(scene):
    """A second draft about the same is asked about; each can be taken back"""
    box = fill(scene, "drafts")
    m = box.machine
    cases = m.cases()
    words = ["note", "--to", "postmaster", "--draft"]
    count = lambda: sum(len(f) for _, _, f in os.walk(m.dir + "/state/bouncebox/drafts"))
    m.run(*words, cases["bob1@partner.test"]["id"])
    for name in ("bob1@partner.test", "bob2@partner.test"):
        m.run(*words, cases[name]["id"], status=1)
        assert "there is a draft about this already, in " in m.errors, m.errors
    assert count() == 1
    m.run("note", "--draft", cases["bob1@partner.test"]["id"])  # to the recipient: another
    m.run(*words, "--yes", cases["bob1@partner.test"]["id"])
    assert count() == 3
    for left in (2, 1, 0):
        m.run("note", "--undo", cases["bob1@partner.test"]["id"])
        assert count() == left
    m.run("note", "--undo", cases["bob1@partner.test"]["id"], status=1)
    assert "nothing to take back" in m.errors, m.errors
    m.run(*words, cases["bob2@partner.test"]["id"])
    # on the screen
    terminal = scene.terminal(m)
    terminal.shows("bob1@partner.test")
    terminal.type("/bob1")
    terminal.keys("Enter", "p")
    terminal.shows("away, to postmaster@partner.test")
    terminal.keys("d")
    terminal.shows("Do it nevertheless?")
    terminal.keys("y")
    terminal.shows("the draft is in")
    terminal.keys("Q")
    terminal.shows("exit=0")
    assert count() == 2


def two_machines(scene):
    """What another machine wrote today counts, though of the other cases of the domain"""
    try:
        imap = scene.dovecot("two")
    except Missing:
        return
    out = scene.dir + "/two-out"
    machines = [scene.machine(account(imap, "maildir://" + out)) for _ in range(2)]
    client = imap.client()
    for n in (1, 2):
        client.append("INBOX", None, None, (REPORT % {"n": n}).replace("\n", "\r\n").encode())
    a, b = machines
    case = a.cases()["bob1@partner.test"]["id"]
    b.cases()
    a.run("note", "--to", "postmaster", "--send", case)
    client.append("INBOX", None, None, (REPORT % {"n": 3}).replace("\n", "\r\n").encode())
    client.logout()
    ids = {k: v["id"] for k, v in b.cases("is:open").items()}
    assert sorted(ids) == ["bob3@partner.test"], ids
    sent = lambda: len(os.listdir(out + "/new"))
    for one in (case, ids["bob3@partner.test"]):
        b.run("note", "--to", "postmaster", "--send", one, status=1)
        assert "a note about this was written from another machine, at 20" in b.errors, b.errors
    assert sent() == 1
    b.run("note", "--send", ids["bob3@partner.test"])  # another party, another case
    assert sent() == 2
    b.run("note", "--to", "postmaster", "--send", "--yes", case)
    assert sent() == 3
    b.env["BOUNCEBOX_NOW"] = str(int(time.time()) + 2 * 86400)
    b.run("note", "--to", "postmaster", "--send", case)
    assert sent() == 4


def own_templates(scene):
    """What is wrong in one is refused by its line, and what would be right is said whole"""
    box = fill(scene, "templates")
    m = box.machine
    case = m.cases()["bob1@partner.test"]["id"]
    own = os.path.dirname(m.conf) + "/templates"
    os.makedirs(own)
    for text, *said in ((b"Subject: a\n\n{recipient\n", 'recipient.en.txt, line 3: a placeholder that is not closed: "{recipient"'),
                        (b"Subject: a\n\nGr\xfc\xdfe\n", "recipient.en.txt, line 3: not in UTF-8"),
                        (b"Subject: a\n\n{nonsense}\n", "line 3: unknown", "known are domain ", " replies ", " name now"),
                        (b"Subject: a\n\n{if_xx} a\n", "line 3: unknown", "known are if_other ", " if_ours if_report")):
        with open(own + "/recipient.en.txt", "wb") as f:
            f.write(text)
        m.run("note", "--print", case, status=None)
        assert m.status != 0 and all(words in m.errors for words in said), (m.status, m.errors)


def keys_of_the_page(scene):
    """The bar has the keys that do something there"""
    box = fill(scene, "keys")
    terminal = scene.terminal(box.machine, size="80x24")
    terminal.shows("bob1@partner.test")
    assert "? help" in terminal.screen().splitlines()[-1] or "q back" in terminal.screen().splitlines()[-1]
    terminal.keys("p")
    screen = terminal.shows("away, to postmaster@partner.test")
    bar = screen.splitlines()[-1]
    assert "Esc leave it" in bar and "PgDn page down" in bar and "q back" not in bar and "help" not in bar, bar
    terminal.keys("x")
    terminal.shows("brings it back")
    wait_for(lambda: "q back" in terminal.screen().splitlines()[-1])
    terminal.keys("Q")
    terminal.shows("exit=0")


def no_copy(scene):
    """What was sent and could not be copied is said without a screen too, and foreseen"""
    try:
        imap = scene.dovecot("copy")
    except Missing:
        return
    machine = scene.machine(account(imap, "maildir://%s/copy-out" % scene.dir, extra="copy-to = Nowhere/Sub"))
    client = imap.client()
    client.append("INBOX", None, None, (REPORT % {"n": 1}).replace("\n", "\r\n").encode())
    client.logout()
    out = machine.run("check", status=None)
    assert machine.status != 0 and "copy-to names it" in out and "Nowhere/Sub" in out, out
    case = machine.cases()["bob1@partner.test"]["id"]
    out = machine.run("note", "--send", "--json", case)
    assert '"ok":true' in out.replace(" ", ""), out
    assert "the note was sent, but not copied to Sent" in machine.errors, machine.errors


def test(scene):
    for check in (no_copy, own_templates, keys_of_the_page, nobody_else, remembered, drafts_once, two_machines):
        check(scene)
        print("ok", check.__name__, flush=True)


main(test)
