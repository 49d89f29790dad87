"""An IMAP server that does what a test tells it to: odd, hostile, or only slow.

It serves one mailbox, {uid: bytes}, to any number of connections on loopback. A test
changes `messages`, `uidvalidity` and `flags` while it runs, and lets it misbehave:
  chunk      bytes a packet; 0 = as many as there are
  before     {verb: bytes or function(session, tag)}: said before the answer to that verb
  instead    {verb: the same}: said in place of it; "TAG" in it becomes the tag. A function
             may also go on speaking by itself until it raises OSError
  row        function(uid, items): the items of a FETCH row, as a list of bytes, to change
Verbs are LOGIN, SELECT, SEARCH, FETCH, STORE, LIST, IDLE, NOOP."""
import socket, threading

CAPABILITY = b"IMAP4rev1 IDLE UIDPLUS LITERAL+"


class Session:
    def __init__(self, server, sock):
        self.server, self.sock = server, sock
        self.file = sock.makefile("rb")

    def say(self, data):
        n = self.server.chunk or len(data) or 1
        for i in range(0, len(data), n):
            self.sock.sendall(data[i:i + n])

    def run(self):
        self.say(self.server.greeting)
        while True:
            line = self.file.readline()
            if not line:
                return
            tag, _, rest = line.strip().partition(b" ")
            words = rest.split(b" ")
            verb = words[0].upper()
            if verb == b"UID":
                verb = words[1].upper()
            verb = {b"EXAMINE": b"SELECT", b"AUTHENTICATE": b"LOGIN"}.get(verb, verb).decode()
            self.extra(self.server.before, verb, tag)
            if self.extra(self.server.instead, verb, tag):
                continue
            answer = getattr(self, "do_" + verb.lower(), None)
            if verb == "LOGOUT":
                self.say(b"* BYE\r\n" + tag + b" OK bye\r\n")
                return
            if answer is None or answer(tag, rest) is None:
                self.say(tag + b" OK done\r\n")

    def extra(self, table, verb, tag):
        what = table.get(verb)
        if what is None:
            return False
        if callable(what):
            what = what(self, tag)
        self.say((what or b"").replace(b"TAG", tag))
        return True

    def do_capability(self, tag, rest):
        self.say(b"* CAPABILITY " + CAPABILITY + b"\r\n")

    def do_select(self, tag, rest):
        s = self.server
        self.say(b"* FLAGS (\\Seen)\r\n* OK [PERMANENTFLAGS (\\Seen \\*)] x\r\n* %d EXISTS\r\n"
                 b"* OK [UIDVALIDITY %d] x\r\n* OK [UIDNEXT %d] x\r\n%s OK [READ-WRITE] x\r\n" % (
                     len(s.messages), s.uidvalidity, max(s.messages, default=0) + 1, tag))
        return True

    def do_search(self, tag, rest):
        self.say(b"* SEARCH %s\r\n" % b" ".join(b"%d" % u for u in sorted(self.server.messages)))

    def wanted(self, text, by_uid):
        """Sorted (number, uid) pairs"""
        all_ = list(enumerate(sorted(self.server.messages), 1))
        last = all_[-1][by_uid] if all_ else 0
        out = []
        for part in text.split(b","):
            a, _, b = part.partition(b":")
            ends = sorted(last if x == b"*" else int(x) for x in (a, b or a))
            out += [pair for pair in all_ if ends[0] <= pair[by_uid] <= ends[1]]
        return sorted(set(out))

    def do_fetch(self, tag, rest):
        words = rest.split(b" ")
        by_uid = words[0].upper() == b"UID"
        for number, uid in self.wanted(words[2 if by_uid else 1], 1 if by_uid else 0):
            body = self.server.messages[uid]
            items = [b"UID %d" % uid, b"FLAGS (%s)" % b" ".join(sorted(self.server.flags.get(uid, ())))]
            if b"RFC822.SIZE" in rest:
                items += [b"INTERNALDATE \"20-Nov-2026 09:14:01 +0000\"", b"RFC822.SIZE %d" % len(body)]
            if b"BODY.PEEK" in rest:
                items.append(b"BODY[]<0> {%d}\r\n%s" % (len(body), body))
            items = self.server.row(uid, items)
            self.say(b"* %d FETCH (%s)\r\n" % (number, b" ".join(items)))

    def do_store(self, tag, rest):
        words = rest.split(b" ")
        for _, uid in self.wanted(words[2], 1):
            flags = self.server.flags.setdefault(uid, set())
            names = rest[rest.rindex(b"(") + 1:rest.rindex(b")")].split()
            flags.update(names) if b"+FLAGS" in rest else flags.difference_update(names)

    def do_list(self, tag, rest):
        self.say(self.server.folders)

    def do_idle(self, tag, rest):
        self.say(b"+ idling\r\n")
        with self.server.lock:
            self.server.idling.append(self)
        self.file.readline()
        with self.server.lock:
            self.server.idling.remove(self)


class Scripted:
    user, password, ca = "bounces@example.org", "secret", ""

    def __init__(self, scene, messages):
        self.messages = dict(messages)
        self.greeting = b"* OK [CAPABILITY " + CAPABILITY + b"] ready\r\n"
        self.folders = b"* LIST (\\Sent) \"/\" Sent\r\n* LIST (\\Drafts) \"/\" Drafts\r\n"
        self.flags, self.uidvalidity, self.chunk = {}, 7, 0
        self.before, self.instead = {}, {}
        self.row = lambda uid, items: items
        self.lock, self.idling = threading.Lock(), []
        self.connections = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.source = "imap+insecure://bounces%%40example.org:secret@127.0.0.1:%d/INBOX" % self.port
        scene.callback(self.listener.close)
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.connections += 1
            threading.Thread(target=self.serve, args=(sock,), daemon=True).start()

    def serve(self, sock):
        try:
            Session(self, sock).run()
        except (OSError, ValueError):
            pass
        sock.close()

    def tell(self, words):
        """To everybody who listens"""
        with self.lock:
            for session in self.idling:
                session.say(words)
            return len(self.idling)
