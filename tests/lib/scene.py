"""What an end-to-end test stands on: private servers, two machines, a terminal.

A Machine is a home of its own (configuration, state, cache) that runs the program
at $BOUNCEBOX; a Terminal is tmux with a server of its own. Everything lives in one
temporary folder and is ended by Scene.close, whatever happened.
"""
import contextlib, json, os, shutil, subprocess, sys, tempfile, traceback

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from postfix import LIB, Missing, Postfix, wait_for  # noqa: E402

SKIP = 77


def quote(user):
    return user.replace("@", "%40")


class Dovecot:
    def __init__(self, directory, **options):
        self.dir = directory
        self.env = dict(os.environ, **{"IMAP_" + k.upper(): str(v) for k, v in options.items()})
        done = subprocess.run([LIB + "/dovecot.sh", "start", directory], env=self.env,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if done.returncode == SKIP:
            raise Missing("dovecot is not here")
        assert done.returncode == 0, done.stderr
        words = dict(line.split("=", 1) for line in done.stdout.split())
        self.port, self.tls_port = int(words["IMAP_PORT"]), int(words["IMAPS_PORT"])
        self.user, self.password, self.ca = words["IMAP_USER"], words["IMAP_PASS"], words["IMAP_CA"]
        self.maildir, self.uid = words["IMAP_MAILDIR"], int(words["IMAP_UID"])

    def client(self):
        """Another IMAP client: Python's"""
        import imaplib
        client = imaplib.IMAP4("127.0.0.1", self.port)
        client.login(self.user, self.password)
        return client

    def stop(self):
        subprocess.run([LIB + "/dovecot.sh", "stop", self.dir], check=True)

    def start_again(self):
        """At the same place, with the same options"""
        env = dict(self.env, IMAP_PORT=str(self.port), IMAPS_PORT=str(self.tls_port))
        subprocess.run([LIB + "/dovecot.sh", "start", self.dir], env=env, check=True,
                       stdin=subprocess.DEVNULL, capture_output=True)


class Machine:
    def __init__(self, directory, conf):
        self.dir = directory
        self.terminals = 0
        self.conf = directory + "/config/bouncebox/bouncebox.conf"
        os.makedirs(os.path.dirname(self.conf))
        self.env = {k: v for k, v in os.environ.items()
                    if not k.startswith(("XDG_", "LC_", "BOUNCEBOX_")) and k not in ("DISPLAY", "NO_COLOR")}
        self.env.update(
            HOME=directory, XDG_CONFIG_HOME=directory + "/config", XDG_STATE_HOME=directory + "/state",
            XDG_CACHE_HOME=directory + "/cache", LANG="C.UTF-8", TZ="UTC",
            EDITOR="true", ASAN_OPTIONS="detect_leaks=1")
        self.write_conf(conf)

    def write_conf(self, conf):
        with open(os.open(self.conf, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as f:
            f.write(conf)

    def run(self, *words, status=0, stdin="", timeout=120):
        """Standard output; the exit status must be as told (None: any)"""
        done = subprocess.run([os.environ["BOUNCEBOX"], *words], env=self.env, input=stdin,
                              capture_output=True, text=True, timeout=timeout, errors="replace")
        self.errors, self.status = done.stderr, done.returncode
        if status is not None and done.returncode != status:
            raise AssertionError("bouncebox %s: exit %d, wanted %d\n%s%s" % (
                " ".join(words), done.returncode, status, done.stdout[-2000:], done.stderr[-4000:]))
        return done.stdout

    def cases(self, *filter_words, status=None):
        """{recipient: case}"""
        out = self.run("list", "--json", *filter_words, status=status)
        if status is None and self.status not in (0, 3):
            raise AssertionError("list: exit %d\n%s" % (self.status, self.errors[-4000:]))
        return {c["recipient"]: c for c in map(json.loads, out.splitlines())}


class Terminal:
    def __init__(self, machine, *words, size="100x30", term="tmux-256color"):
        columns, rows = size.split("x")
        self.env = dict(machine.env, TERM="xterm-256color")
        # One of its own: the last server may still be going when the next is started.
        machine.terminals += 1
        self.socket = "%s/tmux%d.socket" % (machine.dir, machine.terminals)
        self.errors = machine.dir + "/screen.stderr"
        command = " ".join("'%s'" % w for w in (os.environ["BOUNCEBOX"], *words))
        self.tmux("-f", "/dev/null", "new-session", "-d", "-x", columns, "-y", rows,
                  "TERM=%s %s 2>%s; echo exit=$?; sleep 3600" % (term, command, self.errors))

    def tmux(self, *words):
        done = subprocess.run(["tmux", "-S", self.socket, *words], env=self.env,
                              capture_output=True, text=True, stdin=subprocess.DEVNULL)
        if done.returncode != 0:
            raise AssertionError("tmux %s: %s" % (" ".join(words), done.stderr))
        return done.stdout

    def screen(self):
        return self.tmux("capture-pane", "-p")

    def keys(self, *keys):
        self.tmux("send-keys", *keys)

    def type(self, text):
        self.tmux("send-keys", "-l", text)

    def shows(self, text, seconds=60):
        """Waits until the text stands on the screen; gives the screen"""
        try:
            return wait_for(lambda: (lambda s: s if text in s else "")(self.screen()), seconds)
        except AssertionError:
            with open(self.errors, errors="replace") as f:
                said = f.read()[-3000:]
            raise AssertionError("the screen never showed %r, but:\n%s%s" % (text, self.screen(), said))

    def close(self):
        with contextlib.suppress(AssertionError):
            self.tmux("kill-server")


class Scene(contextlib.ExitStack):
    """with Scene() as scene: …; prints what failed and exits 1, 77 if a part is missing"""

    def __init__(self):
        super().__init__()
        self.dir = tempfile.mkdtemp(prefix="bb-")
        os.chmod(self.dir, 0o755)
        self.machines = 0
        self.callback(shutil.rmtree, self.dir, ignore_errors=True)

    def dovecot(self, name="imap", **options):
        server = Dovecot(os.path.join(self.dir, name), **options)
        self.callback(server.stop)
        return server

    def other(self, server):
        """Cyrus or Courier (other_imap.py)"""
        server = server(os.path.join(self.dir, server.__name__.lower()))
        self.callback(server.stop)
        return server

    def postfix(self, dovecot, **options):
        server = Postfix(self.dir + "/smtp", dovecot.maildir, dovecot.uid, dovecot.uid, **options)
        self.callback(server.stop)
        return server

    def machine(self, conf):
        self.machines += 1
        return Machine("%s/m%d" % (self.dir, self.machines), conf)

    def terminal(self, machine, *words, **options):
        terminal = Terminal(machine, *words, **options)
        self.callback(terminal.close)
        return terminal


def account(dovecot, outgoing, source=None, extra=""):
    """A configuration with one account"""
    source = source or "imaps://%s:%s@localhost:%d/INBOX" % (
        quote(dovecot.user), dovecot.password, dovecot.tls_port)
    return """[bounces]
source = %s
outgoing = %s
from = Alice Example <bounces@example.org>
ca-file = %s
send-per-minute = 100000
send-per-domain = 100000
%s
[ui]
undo-seconds = 0
""" % (source, outgoing, dovecot.ca, extra)


def main(test):
    """Runs test(scene)"""
    try:
        with Scene() as scene:
            test(scene)
    except Missing as missing:
        print("skipped:", missing)
        sys.exit(SKIP)
    except Exception:
        traceback.print_exc()
        sys.exit(1)
    print("passed")
