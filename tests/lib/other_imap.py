"""Two more IMAP servers from Debian, private and on loopback: Cyrus and Courier.

They are unpacked by ./start below $BB_SERVERS, not installed; nothing of /etc is
read. Each has the face of scene.Dovecot. The IMAP dialogue is the server's own: for
Cyrus this file answers as saslauthd, for Courier it does TLS and the login and then
hands the connection to the real imapd, as Courier's own imaplogin does.
"""
import base64, contextlib, glob, imaplib, os, pwd, shutil, signal, socket, ssl, struct, subprocess, threading

from postfix import LIB, Missing, first_existing, free_port, wait_for

USER, PASSWORD = "bounces", "secret"


def quietly(action):
    with contextlib.suppress(OSError):
        action()


class Private:
    """What both have in common"""

    def __init__(self, directory, program):
        self.dir = directory
        self.root = os.environ.get("BB_SERVERS", "")
        self.program = self.root + program
        if not self.root or not os.path.exists(self.program):
            raise Missing(program + " is not unpacked")
        os.makedirs(directory)
        if os.geteuid() == 0:  # another user runs it, who may not enter where it was unpacked
            shutil.copytree(self.root, directory + "/programs", symlinks=True)
            self.root = directory + "/programs"
            self.program = self.root + program
        done = subprocess.run([LIB + "/dovecot.sh", "certificates", directory],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        self.user, self.password, self.ca = USER, PASSWORD, directory + "/tls/ca.crt"
        self.port, self.tls_port = free_port(), free_port()
        libraries = glob.glob(self.root + "/usr/lib/*-linux-gnu") + [self.root + "/usr/lib"]
        self.env = {"PATH": "/usr/bin:/bin", "LD_LIBRARY_PATH": ":".join(libraries)}

    def client(self):
        """Another IMAP client: Python's"""
        client = imaplib.IMAP4("127.0.0.1", self.port)
        client.login(self.user, self.password)
        return client

    def answers(self):
        """the server answers on its ports"""
        for port in (self.port, self.tls_port):
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
            except OSError:
                return False
        return True


def served(listener, serve):
    """A thread that gives each connection to a thread"""
    def run():
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(connection,), daemon=True).start()
    threading.Thread(target=run, daemon=True).start()


class Cyrus(Private):
    """Its mailboxes lie below INBOX. with dots, as Cyrus had them for most of its life"""

    def __init__(self, directory):
        super().__init__(directory, "/usr/lib/cyrus/bin/master")
        self.owner = pwd.getpwuid(os.geteuid()).pw_name
        if os.geteuid() == 0:  # it refuses to run as root
            self.owner = first_existing(["nobody", "games", "news"], pwd.getpwnam)
        for name in ("conf", "conf/socket", "spool", "sasl"):
            os.makedirs("%s/%s" % (directory, name))
        self.write_conf()
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(directory + "/sasl/mux")
        self.listener.listen(16)
        served(self.listener, self.check_password)
        who = {}
        if os.geteuid() == 0:
            owner = pwd.getpwnam(self.owner)
            who = dict(user=owner.pw_uid, group=owner.pw_gid, extra_groups=[])
            for folder, _, files in os.walk(directory):
                for path in [folder] + [os.path.join(folder, f) for f in files]:
                    os.lchown(path, owner.pw_uid, owner.pw_gid)
        self.env["CYRUS_USER"] = self.owner
        with open(directory + "/master.log", "wb") as log:
            self.process = subprocess.Popen(
                [self.program, "-C", directory + "/imapd.conf", "-M", directory + "/cyrus.conf",
                 "-p", directory + "/master.pid", "-l", "32"], env=self.env, cwd=directory,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, **who)
        try:
            wait_for(self.answers)
            wait_for(self.takes_logins)
        except AssertionError:
            self.stop()
            with open(directory + "/master.log", errors="replace") as log:
                raise AssertionError("Cyrus did not start: " + log.read()[-2000:])

    def takes_logins(self):
        """Cyrus takes logins"""
        try:
            self.client().logout()
            return True
        except (OSError, imaplib.IMAP4.error):
            return False

    def write_conf(self):
        d, bin_ = self.dir, os.path.dirname(self.program)
        with open(d + "/imapd.conf", "w") as f:
            f.write(f"""configdirectory: {d}/conf
partition-default: {d}/spool
defaultpartition: default
cyrus_user: {self.owner}
admins: cyrus
altnamespace: no
unixhierarchysep: no
virtdomains: off
autocreate_quota: 0
autocreate_inbox_folders: Sent|Drafts
xlist-sent: Sent
xlist-drafts: Drafts
allowplaintext: yes
sasl_mech_list: PLAIN
sasl_pwcheck_method: saslauthd
sasl_saslauthd_path: {d}/sasl/mux
tls_server_cert: {d}/tls/good.crt
tls_server_key: {d}/tls/good.key
idlesocket: {d}/conf/socket/idle
sievedir: {d}/conf/sieve
""")
        with open(d + "/cyrus.conf", "w") as f:
            f.write(f"""START {{
  recover cmd="{bin_}/ctl_cyrusdb -C {d}/imapd.conf -r"
}}
DAEMON {{
  idled cmd="{bin_}/idled -C {d}/imapd.conf"
}}
SERVICES {{
  imap cmd="{bin_}/imapd -C {d}/imapd.conf" listen="127.0.0.1:{self.port}" proto="tcp4" prefork=0
  imaps cmd="{bin_}/imapd -s -C {d}/imapd.conf" listen="127.0.0.1:{self.tls_port}" proto="tcp4" prefork=0
}}
EVENTS {{
}}
""")

    def check_password(self, connection):
        """saslauthd's side: four counted strings, one counted answer"""
        with connection, connection.makefile("rb") as f:
            words = []
            for _ in range(4):
                count = f.read(2)
                if len(count) < 2:
                    return
                words.append(f.read(struct.unpack("!H", count)[0]))
            ok = words[:2] == [USER.encode(), PASSWORD.encode()]
            quietly(lambda: connection.sendall(b"\0\2" + (b"OK" if ok else b"NO")))

    def stop(self):
        quietly(lambda: os.killpg(self.process.pid, signal.SIGTERM))
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.listener.close()


CAPABILITY = ("IMAP4rev1 UIDPLUS CHILDREN NAMESPACE THREAD=ORDEREDSUBJECT "
              "THREAD=REFERENCES SORT QUOTA IDLE")


class Courier(Private):
    """Its mailboxes lie below INBOX. too; no CONDSTORE, no marks of folders, IDLE looks once a second"""

    def __init__(self, directory):
        super().__init__(directory, "/usr/bin/imapd")
        self.maildir = directory + "/Maildir"
        self.children = []
        make = [self.root + "/usr/bin/maildirmake.courier"]
        subprocess.run(make + [self.maildir], env=self.env, check=True)
        for name in ("Sent", "Drafts"):
            subprocess.run(make + ["-f", name, self.maildir], env=self.env, check=True)
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(directory + "/tls/good.crt", directory + "/tls/good.key")
        self.listeners = []
        for port, serve in ((self.port, self.serve), (self.tls_port, self.serve_tls)):
            listener = socket.create_server(("127.0.0.1", port))
            self.listeners.append(listener)
            served(listener, serve)

    def serve_tls(self, connection):
        try:
            self.serve(self.tls.wrap_socket(connection, server_side=True))
        except OSError:
            connection.close()

    def serve(self, connection):
        try:
            self.log_in(connection)
        except (OSError, ValueError, IndexError):
            quietly(connection.close)

    def log_in(self, connection):
        capability = CAPABILITY + " AUTH=PLAIN"
        say = lambda text: connection.sendall(text.encode() + b"\r\n")  # noqa: E731
        say("* OK [CAPABILITY %s] Courier-IMAP ready." % capability)
        while True:
            line = self.line(connection)
            if line is None:
                return connection.close()
            words = line.split()
            tag, verb = words[0], words[1].upper()
            if verb == "CAPABILITY":
                say("* CAPABILITY %s\r\n%s OK CAPABILITY completed" % (capability, tag))
            elif verb == "LOGOUT":
                say("* BYE Courier-IMAP server shutting down\r\n%s OK LOGOUT completed" % tag)
                return connection.close()
            elif verb in ("LOGIN", "AUTHENTICATE"):
                if verb == "LOGIN":
                    given = [w.strip('"') for w in words[2:4]]
                else:
                    say("+ ")
                    given = base64.b64decode(self.line(connection)).decode().split("\0")[1:]
                if given == [USER, PASSWORD]:
                    return self.hand_over(connection, tag)
                say(tag + " NO Login failed.")
            else:
                say(tag + " NO Error in IMAP command received by server.")

    @staticmethod
    def line(connection):
        line = b""
        while not line.endswith(b"\n"):
            byte = connection.recv(1)
            if not byte:
                return None
            line += byte
        return line.decode().strip()

    def hand_over(self, connection, tag):
        ours, theirs = socket.socketpair()
        env = dict(self.env, AUTHENTICATED=USER, AUTHADDR=USER, MAILDIR=self.maildir, HOME=self.dir,
                   IMAPLOGINTAG=tag, PROTOCOL="IMAP", TCPREMOTEIP="127.0.0.1", TCPREMOTEPORT="1",
                   IMAP_CAPABILITY=CAPABILITY, IMAP_KEYWORDS="1", IMAP_TRASHFOLDERNAME="Trash",
                   IMAP_USELOCKS="1", IMAP_ENHANCEDIDLE="0", IMAP_IDLE_TIMEOUT="1",
                   IMAP_MAILBOX_SANITY_CHECK="0")
        child = subprocess.Popen([self.program, self.maildir], env=env, cwd=self.dir, stdin=theirs,
                                 stdout=theirs, stderr=subprocess.DEVNULL)
        theirs.close()
        self.children.append(child)
        threading.Thread(target=self.pass_on, args=(ours, connection), daemon=True).start()
        self.pass_on(connection, ours)
        child.wait()

    @staticmethod
    def pass_on(source, target):
        with contextlib.suppress(OSError):
            while True:
                data = source.recv(65536)
                if not data:
                    break
                target.sendall(data)
        for s in (source, target):
            quietly(lambda s=s: s.shutdown(socket.SHUT_RDWR))

    def stop(self):
        for listener in self.listeners:
            quietly(lambda listener=listener: listener.shutdown(socket.SHUT_RDWR))
            listener.close()
        for child in self.children:
            if child.poll() is None:
                child.kill()
            child.wait()
