#!/usr/bin/env python3
"""Several accounts on one screen: a mailbox on a Dovecot, a Maildir, and one whose server is
down. What is done with a case goes through its own account, also for many at once."""
import os, re, sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from postfix import free_port, wait_for  # noqa: E402
from scene import main, quote  # noqa: E402
from report import REPORT  # noqa: E402

UI = "[ui]\nundo-seconds = 0\n"


def gone(terminal, text):
    """Gives the screen without it"""
    return wait_for(lambda: (lambda s: s if text not in s else "")(terminal.screen()), 60)


def sent(folder):
    """To whom mail went"""
    new = folder + "/new"
    found = []
    for name in sorted(os.listdir(new)) if os.path.isdir(new) else []:
        with open(os.path.join(new, name)) as f:
            found += re.findall(r"^Resent-To: (\S+)@", f.read(), re.M)
    return found


class Accounts:
    """bounces is an IMAP mailbox with bob1, bob2, bob9; tickets a Maildir with bob3, bob4, bob9"""

    def __init__(self, scene, name):
        self.scene, self.dir = scene, os.path.join(scene.dir, name)
        self.imap = scene.dovecot(name + "-imap")
        client = self.imap.client()
        for n in (1, 2, 9):
            client.append("INBOX", None, None, self.report(n).replace("\n", "\r\n").encode())
        client.logout()
        for part in ("new", "cur", "tmp"):
            os.makedirs("%s/tickets/%s" % (self.dir, part))
        for n in (3, 4, 9):
            self.deliver(n)

    def report(self, n):
        return REPORT % {"n": n}

    def deliver(self, n):
        """A bounce into the Maildir, as a server does it: whole"""
        tmp = "%s/tickets/tmp/%d" % (self.dir, n)
        with open(tmp, "w") as f:
            f.write(self.report(n))
        os.rename(tmp, "%s/tickets/new/%d" % (self.dir, n))

    def out(self, name):
        return "%s/out-%s" % (self.dir, name)

    def section(self, name, source):
        return ("[%s]\nsource = %s\noutgoing = maildir://%s\nfrom = Alice Example <bounces@example.org>\n"
                "ca-file = %s\n" % (name, source, self.out(name), self.imap.ca))

    def url(self, password=""):
        return "imaps://%s%s@localhost:%d/INBOX" % (quote(self.imap.user), password and ":" + password,
                                                    self.imap.tls_port)

    def conf(self, more=""):
        return (self.section("bounces", self.url(self.imap.password)) +
                self.section("tickets", "maildir://%s/tickets" % self.dir) + more + UI)

    def start(self, *words, conf=None, size="120x30"):
        self.machine = self.scene.machine(conf or self.conf())
        return self.scene.terminal(self.machine, *words, size=size)


def leave(terminal):
    terminal.keys("Q")
    terminal.shows("exit=0")
    terminal.close()


def command(terminal, line):
    terminal.type(":" + line)
    terminal.keys("Enter")


def find(terminal, words):
    terminal.keys("g")
    terminal.type("/" + words)
    terminal.keys("Enter")


def tag(terminal, *names):
    for n, name in enumerate(names):
        find(terminal, name)
        terminal.keys("Space")
        terminal.shows("%d tagged" % (n + 1))


def switches(accounts):
    terminal = accounts.start()
    terminal.shows("bob2@partner.test")
    terminal.shows("3 open (6 in all)")
    screen = terminal.shows("bounces/INBOX")
    assert "bob3@" not in screen, screen
    terminal.keys(">")
    screen = terminal.shows("bob3@partner.test")
    assert "bob1@" not in screen and "/tickets" in screen, screen
    terminal.keys(">")
    terminal.shows("all 2 accounts")
    screen = terminal.shows("bob1@partner.test")
    assert re.search(r"tickets +bob3@", screen) and re.search(r"bounces +bob1@", screen), screen
    assert screen.count("bob9@partner.test") >= 2, screen
    terminal.keys("<")
    gone(terminal, "bob1@")
    terminal.keys("A")
    terminal.shows("all 2 accounts")
    terminal.keys("A")
    gone(terminal, "bob1@")
    terminal.type(":account b")
    terminal.keys("Tab")
    terminal.shows(":account bounces")
    terminal.keys("Enter")
    terminal.shows("bob1@partner.test")
    command(terminal, "account nowhere")
    terminal.shows("no account nowhere; there are: bounces tickets all")
    terminal.type("ati")
    terminal.keys("Tab", "Enter")
    terminal.shows("bob4@partner.test")
    command(terminal, "account bounces")
    gone(terminal, "bob4@")
    terminal.keys("<")
    terminal.shows("bob4@partner.test")
    terminal.keys("A")
    gone(terminal, "bob4@")
    terminal.shows("bob1@partner.test")
    leave(terminal)
    terminal = accounts.start("-a", "tickets")
    terminal.shows("bob3@partner.test")
    terminal.shows("(6 in all)")
    leave(terminal)


def keeps_its_place(accounts):
    """Each account has a cursor of its own, also where one stands on the head of a group"""
    terminal = accounts.start()
    terminal.shows("(6 in all)")
    terminal.keys("G")
    terminal.shows("── 3/3")
    terminal.keys(">")
    terminal.shows("/tickets")
    terminal.shows("── 1/3")
    command(terminal, "group domain")
    terminal.shows("[-] 3  partner.test")
    terminal.keys("g", "<")
    terminal.shows("── 4/4")
    command(terminal, "group none")
    terminal.shows("── 3/3")
    leave(terminal)


def finds_and_groups(accounts):
    terminal = accounts.start()
    terminal.shows("(6 in all)")
    terminal.keys("A")
    terminal.shows("all 2 accounts")
    command(terminal, "filter account:tickets")
    terminal.shows("bob3@partner.test")
    gone(terminal, "bob1@")
    command(terminal, "filter is:open")
    command(terminal, "group account")
    terminal.shows("[-] 3  bounces")
    terminal.shows("[-] 3  tickets")
    command(terminal, "group none")
    find(terminal, "bob4@")
    terminal.shows("in account tickets")
    terminal.keys("Enter")
    terminal.shows("the case")
    terminal.keys("G")
    assert re.search(r"Account +tickets", terminal.shows("Timeline"))
    terminal.keys("q")
    terminal.keys("d")
    terminal.shows("bob4@partner.test")
    terminal.keys("q")
    leave(terminal)


def resends_through_its_own(accounts):
    terminal = accounts.start()
    terminal.shows("(6 in all)")
    terminal.keys("A")
    find(terminal, "bob3@")
    terminal.keys("r")
    terminal.shows("Send now to bob3@partner.test? [y/n]")
    terminal.keys("y")
    terminal.shows("tickets: bob3@partner.test:")
    wait_for(lambda: sent(accounts.out("tickets")) == ["bob3"])
    assert sent(accounts.out("bounces")) == []
    leave(terminal)


def many_in_both(accounts):
    terminal = accounts.start()
    terminal.shows("(6 in all)")
    terminal.keys("A")
    tag(terminal, "bob2@", "bob4@")
    terminal.keys("\\;")
    terminal.keys("p")
    terminal.shows("a note is of one account, and these cases are of 2")
    terminal.keys("\\;")
    terminal.keys("i")
    terminal.shows("Ignore 2 cases in 2 accounts?")
    terminal.keys("y")
    terminal.shows("2 ignored: m shows each")
    gone(terminal, "bob2@")
    gone(terminal, "bob4@")
    # What is taken back goes to both, whatever is shown now.
    command(terminal, "account bounces")
    terminal.keys("u")
    terminal.shows("bob2@partner.test")
    terminal.shows("2 ignores taken back: m shows each")
    terminal.keys("A")
    terminal.shows("bob4@partner.test")
    tag(terminal, "bob2@", "bob4@")
    terminal.keys("\\;")
    terminal.keys("r")
    screen = terminal.shows("Send now to 2 of 2 recipients in 2 accounts?")
    assert "2 cases: 2 go" in screen, screen
    terminal.keys("y")
    terminal.shows("2 resent: m shows each")
    wait_for(lambda: (sent(accounts.out("bounces")), sent(accounts.out("tickets"))) == (["bob2"], ["bob4"]))
    leave(terminal)


def one_case_in_two(accounts):
    """What is done with it in one mailbox counts in the other"""
    terminal = accounts.start()
    terminal.shows("(6 in all)")
    terminal.keys("A")
    wait_for(lambda: terminal.screen().count("bob9@partner.test") >= 2)
    terminal.type(":account bounces")
    terminal.keys("Enter")
    find(terminal, "bob9@")
    terminal.keys("i")
    terminal.shows("bounces: bob9@partner.test: ignored")
    command(terminal, "account tickets")
    terminal.shows("bob3@partner.test")
    gone(terminal, "bob9@")
    terminal.keys("u")
    terminal.shows("bob9@partner.test")
    command(terminal, "account bounces")
    find(terminal, "bob9@")
    command(terminal, "ignore-until next-bounce")
    terminal.shows("why?")
    terminal.keys("Enter")
    terminal.shows("ignored until it bounces again")
    command(terminal, "account tickets")
    terminal.shows("bob3@partner.test")
    command(terminal, "filter is:ignored")
    terminal.shows("ignored till next")
    terminal.keys("u")
    terminal.shows("no longer ignored")
    command(terminal, "filter is:open")
    # In one bulk it is one case, and goes once.
    terminal.keys("A")
    command(terminal, "filter to:bob9")
    terminal.shows("/2  filter to:bob9")
    terminal.keys("T")
    terminal.shows("2 tagged")
    terminal.keys("\\;")
    terminal.keys("r")
    terminal.shows("Send now to bob9@partner.test? [y/n]")
    terminal.keys("y")
    terminal.shows("bob9@partner.test: ")
    wait_for(lambda: sent(accounts.out("bounces")) + sent(accounts.out("tickets")) == ["bob9"])
    leave(terminal)


def one_is_dead(accounts):
    dead = accounts.section("dead", "imap+insecure://x:y@127.0.0.1:%d/INBOX" % free_port())
    terminal = accounts.start(conf=accounts.conf(dead))
    terminal.shows("bob1@partner.test")
    terminal.shows("online, dead OFFLINE")
    terminal.shows("(6 in all)")
    accounts.deliver(5)
    terminal.keys("A")
    terminal.shows("all 3 accounts")
    terminal.keys("S")
    terminal.shows("bob5@partner.test")
    terminal.keys("a")
    terminal.shows("account (bounces 3, tickets 4, dead 0 OFFLINE, all 7):")
    terminal.keys("Escape")
    find(terminal, "bob5@")
    terminal.keys("i")
    terminal.shows("tickets: bob5@partner.test: ignored")
    command(terminal, "account dead")
    terminal.shows("dead/INBOX")
    terminal.shows(" 0 open (")
    terminal.shows("  OFFLINE")
    terminal.keys("m")
    terminal.shows("dead: ")
    terminal.keys("q")
    leave(terminal)
    # The dead one first: the others do not wait for it.
    terminal = accounts.start("-a", "dead", conf=accounts.conf(dead))
    terminal.shows("(7 in all)")
    leave(terminal)


def one_dies_on_the_way(accounts):
    """Of many in both accounts those go whose account can send them"""
    terminal = accounts.start()
    terminal.shows("(6 in all)")
    terminal.keys("A")
    terminal.shows("6 open  online")
    accounts.imap.stop()
    terminal.shows("bounces OFFLINE")
    tag(terminal, "bob2@", "bob3@", "bob4@")
    terminal.keys("\\;")
    terminal.keys("r")
    screen = terminal.shows("Send now to ")
    assert "bob3@partner.test: goes" in screen and "bob4@partner.test: goes" in screen, screen
    terminal.keys("y")
    wait_for(lambda: sorted(sent(accounts.out("tickets"))) == ["bob3", "bob4"])
    assert sent(accounts.out("bounces")) == []
    # What needs no server is done in both all the same.
    tag(terminal, "bob1@", "bob9@")
    terminal.keys("\\;")
    terminal.keys("i")
    terminal.shows("Ignore 2 cases")
    terminal.keys("y")
    gone(terminal, "bob1@")
    terminal.keys("m")
    terminal.shows("bounces: bob1@partner.test: ignored")
    terminal.keys("q")
    # What waited for the server goes when it is back, through its own account.
    accounts.imap.start_again()
    terminal.keys("S")
    wait_for(lambda: sent(accounts.out("bounces")) == ["bob2"])
    assert sorted(sent(accounts.out("tickets"))) == ["bob3", "bob4"]
    leave(terminal)


def says_it_in_words(accounts):
    """A screen reader is told where it is"""
    terminal = accounts.start("--linear")
    terminal.shows("(6 in all)")
    terminal.keys("A")
    wait_for(lambda: terminal.screen().count("all 2 accounts") == 2)
    leave(terminal)


def offline(accounts):
    """What was read last time, of each account; nothing is called a trouble"""
    terminal = accounts.start()
    terminal.shows("(6 in all)")
    leave(terminal)
    terminal = accounts.scene.terminal(accounts.machine, "--offline", "--read-only", size="120x30")
    terminal.shows("3 open (6 in all)  OFFLINE read-only")
    terminal.keys("A")
    terminal.shows("6 open  OFFLINE read-only")
    tag(terminal, "bob2@", "bob4@")
    terminal.keys("\\;")
    terminal.keys("i")
    terminal.shows("ignore: not with --read-only")
    leave(terminal)
    # An account that cannot look at its cases says so, and the others go without them
    terminal = accounts.scene.terminal(accounts.machine, "--offline", size="120x30")
    terminal.shows("3 open (6 in all)  OFFLINE")
    terminal.keys("A")
    tag(terminal, "bob2@", "bob3@", "bob4@")
    terminal.keys("\\;")
    terminal.keys("r")
    screen = terminal.shows("1 left out: their account could not look at them (m tells why)")
    assert "2 cases: 2 go" in screen, screen
    terminal.shows("Send now to 2 of 2 recipients")
    terminal.keys("n")
    terminal.keys("q")
    leave(terminal)


def pauses_all(accounts):
    """Paused in one account, nothing goes in another"""
    conf = accounts.conf().replace("undo-seconds = 0", "undo-seconds = 1")
    terminal = accounts.start(conf=conf)
    terminal.shows("(6 in all)")
    terminal.keys("z")
    terminal.shows("paused")
    terminal.keys("A")
    tag(terminal, "bob2@", "bob4@")
    terminal.keys("\\;")
    terminal.keys("r")
    terminal.shows("Send now to 2 of 2 recipients in 2 accounts?")
    terminal.keys("y")
    terminal.shows("2 due")
    assert sent(accounts.out("bounces")) + sent(accounts.out("tickets")) == []
    terminal.keys("u")
    gone(terminal, "2 due")
    terminal.keys("z")
    gone(terminal, ", paused")
    find(terminal, "bob4@")
    terminal.keys("r")
    terminal.shows("Send now to bob4@partner.test? [y/n]")
    terminal.keys("y")
    wait_for(lambda: sent(accounts.out("tickets")) == ["bob4"])
    assert sent(accounts.out("bounces")) == []
    leave(terminal)


def secrets(accounts):
    """Two folders of one server: each account asks for its own, one after the other, and says
    whose it is"""
    client = accounts.imap.client()
    client.create("Second")
    client.append("Second", None, None, accounts.report(7).replace("\n", "\r\n").encode())
    client.logout()
    url = accounts.url()
    conf = accounts.section("one", url) + accounts.section("two", url.replace("INBOX", "Second")) + UI
    terminal = accounts.start(conf=conf)
    for name in ("one", "two"):
        terminal.shows("%s: Password for" % name)
        terminal.type(accounts.imap.password)
        terminal.keys("Enter")
    terminal.shows("3 open (4 in all)")
    terminal.keys(">")
    terminal.shows("two/Second")
    find(terminal, "bob7@")
    terminal.keys("i")
    terminal.shows("two: bob7@partner.test: ignored")
    client = accounts.imap.client()
    client.select("Second", readonly=True)
    wait_for(lambda: b"bouncebox-ignored" in client.fetch("1", "(FLAGS)")[1][0])
    client.logout()
    leave(terminal)


def small(accounts):
    terminal = accounts.start(size="40x8")
    terminal.shows("bob1@")
    terminal.keys("A")
    terminal.shows("all 2")
    terminal.shows("6 open")
    terminal.keys("a")
    terminal.shows("account (Tab names them):")
    terminal.type("t")
    terminal.keys("Tab", "Enter")
    terminal.shows("bob3@")
    gone(terminal, "bob1@")
    leave(terminal)


def only_one(accounts):
    terminal = accounts.start(conf=accounts.section("alone", "maildir://%s/tickets" % accounts.dir))
    terminal.shows("bob3@partner.test")
    terminal.keys(">")
    terminal.shows("next-account: there is one account only, alone")
    leave(terminal)


def test(scene):
    for check in (switches, keeps_its_place, finds_and_groups, resends_through_its_own, many_in_both, one_case_in_two,
                  one_is_dead, one_dies_on_the_way, says_it_in_words, offline, pauses_all, secrets, small, only_one):
        accounts = Accounts(scene, check.__name__)
        check(accounts)
        accounts.imap.stop()
        print("ok", check.__name__, flush=True)


main(test)
