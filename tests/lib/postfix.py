"""A private Postfix on loopback that makes real delay warnings and real failures.

Nothing of /etc/postfix is read or changed, no user is made. It needs root, as
Postfix does. Mail for example.org is delivered into one Maildir; mail for any
*.test domain goes to a small server of recipients (mx.py), but refused.test to a
port on which nobody listens until back_up() is called, silent.test to a socket
that takes no connection, nohost.test to a name that does not exist.
A warning comes after 2 s, the bounce after 6 s.
"""
import grp, os, pwd, shutil, socket, subprocess, sys, time

LIB = os.path.dirname(os.path.abspath(__file__))


class Missing(Exception):
    """A part that cannot run here: the test is skipped, by name."""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for(what, seconds=60, every=0.05):
    """Waits for a state; fails with words."""
    end = time.monotonic() + seconds
    while True:
        got = what()
        if got:
            return got
        if time.monotonic() > end:
            raise AssertionError("waited %d s in vain for: %s" % (seconds, what.__doc__ or what))
        time.sleep(every)


def first_existing(names, look_up):
    for name in names:
        try:
            look_up(name)
            return name
        except KeyError:
            pass
    raise Missing("none of the users %s is on this machine" % ", ".join(names))


class Mx:
    def __init__(self, spool, port=0):
        self.spool = spool
        self.process = subprocess.Popen(
            [sys.executable, os.path.join(LIB, "mx.py"), str(port), spool],
            stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
        line = self.process.stdout.readline().split()
        assert line and line[0] == b"ready", "mx.py did not start"
        self.port = int(line[1])

    def answers(self, domain, line):
        """line=None: the domain takes mail again"""
        path = os.path.join(self.spool, "answers", domain)
        if line is None:
            os.unlink(path)
        else:
            with open(path + ".tmp", "w") as f:
                f.write(line + "\n")
            os.rename(path + ".tmp", path)

    def delivered(self):
        """[(envelope line, bytes)] in the order of arrival"""
        found = []
        folder = os.path.join(self.spool, "delivered")
        for name in sorted(os.listdir(folder)):
            with open(os.path.join(folder, name), "rb") as f:
                envelope, _, rest = f.read().partition(b"\r\n")
            found.append((envelope.decode("utf-8", "replace"), rest))
        return found

    def stop(self):
        self.process.terminate()
        self.process.wait()


class Postfix:
    def __init__(self, directory, inbox, uid, gid, warn=2, expire=6, retry=2):
        """inbox: the Maildir of example.org, owned by uid:gid"""
        if os.geteuid() != 0:
            raise Missing("Postfix starts as root only")
        prefix = os.environ.get("BB_SERVERS", "")
        if shutil.which("postfix", path="/usr/sbin:" + os.environ["PATH"]):
            prefix = ""
        elif not os.path.exists(prefix + "/usr/sbin/postfix"):
            raise Missing("postfix is not here")
        self.prefix, self.dir = prefix, directory
        self.conf = directory + "/etc"
        self.port, self.refused_port, self.silent_port = free_port(), free_port(), free_port()
        self.mx = Mx(directory + "/mx")
        self.back = None
        self.silent = self.silent_socket()
        self.env = dict(os.environ, MAIL_CONFIG=self.conf)
        if prefix:
            self.env["LD_LIBRARY_PATH"] = prefix + "/usr/lib/postfix"
        for folder in ("etc", "queue", "data"):
            os.makedirs(os.path.join(directory, folder), exist_ok=True)
        os.chmod(directory, 0o755)
        self.write_conf(inbox, uid, gid, warn, expire, retry)
        self.log = directory + "/postfix.log"
        self.run("start")
        wait_for(self.answers)

    def silent_socket(self):
        """A socket whose queue is full: connections to it time out."""
        s = socket.socket()
        s.bind(("127.0.0.1", self.silent_port))
        s.listen(0)
        held = [s]
        for _ in range(4):
            c = socket.socket()
            c.setblocking(False)
            try:
                c.connect(("127.0.0.1", self.silent_port))
            except BlockingIOError:
                pass
            held.append(c)
        return held

    def write_conf(self, inbox, uid, gid, warn, expire, retry):
        owner = first_existing(["postfix", "list", "news"], pwd.getpwnam)
        drop = first_existing(["postdrop", "news", "games"], grp.getgrnam)
        os.chown(self.dir + "/data", pwd.getpwnam(owner).pw_uid, -1)
        base, name = os.path.split(inbox.rstrip("/"))
        p = self.prefix
        settings = f"""compatibility_level = 3.6
queue_directory = {self.dir}/queue
data_directory = {self.dir}/data
command_directory = {p}/usr/sbin
daemon_directory = {p}/usr/lib/postfix/sbin
shlib_directory = {p}/usr/lib/postfix
meta_directory = {self.conf}
mail_owner = {owner}
setgid_group = {drop}
default_privs = nobody
import_environment = MAIL_CONFIG MAIL_LOGTAG TZ LANG=C POSTLOG_SERVICE POSTLOG_HOSTNAME LD_LIBRARY_PATH
myhostname = mail.example.org
mydomain = example.org
myorigin = example.org
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
smtp_dns_support_level = disabled
smtp_host_lookup = native
virtual_mailbox_domains = example.org
virtual_mailbox_base = {base}
virtual_mailbox_maps = static:{name}/
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
virtual_minimum_uid = 1
transport_maps = texthash:{self.conf}/transport
smtp_connect_timeout = 2s
smtp_data_done_timeout = 5s
queue_run_delay = {retry}s
minimal_backoff_time = {retry}s
maximal_backoff_time = {retry}s
maximal_queue_lifetime = {expire}s
bounce_queue_lifetime = {expire}s
delay_warning_time = {warn}s
maillog_file = {self.dir}/postfix.log
maillog_file_prefixes = {self.dir}
default_process_limit = 10
alias_maps =
alias_database =
smtputf8_enable = no
"""
        transport = f"""example.org virtual:
refused.test smtp:[127.0.0.1]:{self.refused_port}
silent.test smtp:[127.0.0.1]:{self.silent_port}
nohost.test smtp:[nohost.invalid]
* smtp:[127.0.0.1]:{self.mx.port}
"""
        services = """pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
showq unix n - n - - showq
postlog unix-dgram n - n - 1 postlogd
"""
        with open(self.conf + "/main.cf", "w") as f:
            f.write(settings)
        with open(self.conf + "/transport", "w") as f:
            f.write(transport)
        with open(self.conf + "/master.cf", "w") as f:
            f.write("127.0.0.1:%d inet n - n - - smtpd\n%s" % (self.port, services))
        for name in ("dynamicmaps.cf", "postfix-files"):
            for folder in (p + "/etc/postfix", "/usr/share/postfix"):
                source = os.path.join(folder, name)
                if os.path.exists(source):
                    shutil.copy(source, self.conf)

    def run(self, verb):
        command = [self.prefix + "/usr/sbin/postfix", "-c", self.conf, verb]
        done = subprocess.run(command, env=self.env, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60)
        if verb == "start" and done.returncode != 0:
            raise AssertionError("postfix start: " + done.stdout.decode("utf-8", "replace"))

    def answers(self):
        """Postfix answers on its port"""
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1) as s:
                return s.recv(100).startswith(b"220")
        except OSError:
            return False

    def back_up(self):
        """refused.test takes mail from now on; what it took is in .back.delivered()"""
        self.back = Mx(self.dir + "/back", self.refused_port)
        return self.back

    def stop(self):
        self.run("stop")
        for mx in (self.mx, self.back):
            if mx:
                mx.stop()
        for s in self.silent:
            s.close()
