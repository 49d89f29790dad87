#!/usr/bin/env python3
"""An SMTP server that does what a test tells it to, and remembers what it accepted.

  smtp_sink.py SPOOL [--cert FILE --key FILE]

Listens on 127.0.0.1, on two free ports: plain (with STARTTLS where the plan offers
it) and TLS from the first byte. Prints SMTP_PORT=, SMTPS_PORT= and READY. Ends on
SIGTERM, or when its parent closes its standard input.

Each accepted message is a file in SPOOL/accepted, written before the answer leaves:
the MAIL and RCPT lines, an empty line, the message as it came (dots undone). What
each connection sent is in SPOOL/heard.

At each connection SPOOL/plan.json is read anew (all keys are optional):
  features    lines of EHLO, e.g. ["PIPELINING", "DSN", "SIZE 1000", "AUTH PLAIN"]
  tls_features  the same behind STARTTLS
  replies     {"greeting" "ehlo" "starttls" "mail" "data" "final" "rset": "550 text"}
  rcpt        {"bob@example.org": "450 4.2.2 full"}, others are accepted
  user, password   what AUTH takes; for XOAUTH2 and OAUTHBEARER the token
  cut_in      close after so many bytes from the client
  cut_out     close after so many bytes to the client
  stall       stop speaking before the reply named here ("final", "data", …)
  wait        {"final": "PATH"}: wait for that file before that reply
  inject      {"starttls": "250 more"}: bytes sent right behind that reply
"""
import argparse
import base64
import hashlib
import hmac
import itertools
import json
import os
import secrets
import socket
import ssl
import sys
import threading
import time

counter = itertools.count(1)
EHLO = ["PIPELINING", "8BITMIME", "SMTPUTF8", "DSN", "SIZE 10000000", "ENHANCEDSTATUSCODES"]


class Cut(Exception):
    pass


class Session:
    def __init__(self, sink, sock, is_tls):
        self.sink, self.sock, self.is_tls = sink, sock, is_tls
        self.plan = sink.plan()
        self.left_in = self.plan.get("cut_in")
        self.left_out = self.plan.get("cut_out")
        self.buffer = b""
        self.heard = b""
        self.mail, self.rcpts = None, []

    def more(self):
        if self.left_in == 0:
            raise Cut
        data = self.sock.recv(65536)
        if not data:
            raise Cut
        if self.left_in is not None:
            data = data[:self.left_in]
            self.left_in -= len(data)
        self.heard += data
        self.buffer += data
        return self.left_in is None or self.left_in > 0

    def line(self):
        while b"\n" not in self.buffer:
            if not self.more() and b"\n" not in self.buffer:
                raise Cut
        line, self.buffer = self.buffer.split(b"\n", 1)
        return line.rstrip(b"\r")

    def send(self, data):
        if self.left_out is not None:
            cut = len(data) >= self.left_out
            data = data[:self.left_out]
            self.left_out -= len(data)
            self.sock.sendall(data)
            if cut:
                raise Cut
            return
        self.sock.sendall(data)

    def reply(self, name, default):
        if self.plan.get("stall") == name:
            time.sleep(3600)
        while name in self.plan.get("wait", {}) and not os.path.exists(self.plan["wait"][name]):
            time.sleep(0.01)
        text = self.plan.get("replies", {}).get(name, default)
        self.send(text.encode() + b"\r\n" + self.plan.get("inject", {}).get(name, "").encode())
        return text

    def run(self):
        if not (self.reply("greeting", "220 sink.test ESMTP")).startswith("220"):
            return
        while True:
            line = self.line()
            verb = line.split(b" ")[0].upper().decode("latin-1")
            method = getattr(self, "do_" + verb.lower(), None)
            if method is None:
                self.reply("unknown", "502 5.5.2 not here")
            elif method(line) is False:
                return

    def do_ehlo(self, line):
        if "ehlo" in self.plan.get("replies", {}):
            self.reply("ehlo", "")
            return
        names = self.plan.get("tls_features") if self.is_tls else None
        lines = ["sink.test"] + (names or self.plan.get("features", EHLO))
        out = ["250%s%s" % (" " if i == len(lines) - 1 else "-", l) for i, l in enumerate(lines)]
        self.send(("\r\n".join(out) + "\r\n").encode())

    def do_helo(self, line):
        self.reply("helo", "250 sink.test")

    def do_starttls(self, line):
        if not (self.reply("starttls", "220 2.0.0 go ahead")).startswith("220"):
            return None
        self.sock = self.sink.tls.wrap_socket(self.sock, server_side=True)
        self.is_tls = True
        return None

    def is_user(self, user, password):
        return user == self.plan.get("user", "") and password == self.plan.get("password", "")

    def challenge(self, text):
        self.send(b"334 " + base64.b64encode(text) + b"\r\n")
        return base64.b64decode(self.line())

    def do_auth(self, line):
        words = line.decode().split(" ")
        mechanism = words[1].upper()
        first = base64.b64decode(words[2]) if len(words) > 2 else None
        if mechanism == "PLAIN":
            if first is None:
                first = self.challenge(b"")
            _, user, password = first.decode().split("\0")
            ok = self.is_user(user, password)
        elif mechanism == "LOGIN":
            user = self.challenge(b"Username:")
            ok = self.is_user(user.decode(), (self.challenge(b"Password:")).decode())
        elif mechanism == "CRAM-MD5":
            asked = b"<%s@sink.test>" % secrets.token_hex(8).encode()
            user, digest = (self.challenge(asked)).decode().rsplit(" ", 1)
            want = hmac.new(self.plan.get("password", "").encode(), asked, "md5").hexdigest()
            ok = user == self.plan.get("user") and digest == want
        elif mechanism.startswith("SCRAM-"):
            ok = self.scram(mechanism, first)
        else:
            ok = self.token(mechanism, first)
        self.reply("auth", "235 2.7.0 welcome" if ok else "535 5.7.8 no such user or password")

    def token(self, mechanism, first):
        if first is None:
            first = self.challenge(b"")
        fields = first.decode().split("\x01")
        if mechanism == "XOAUTH2":
            user = fields[0].split("=", 1)[1]
        else:
            user = fields[0].split(",")[1][2:].replace("=2C", ",").replace("=3D", "=")
        token = [f for f in fields if f.startswith("auth=Bearer ")][0][len("auth=Bearer "):]
        if self.is_user(user, token):
            return True
        self.challenge(b'{"status":"invalid_token","scope":"mail"}')
        return False

    def scram(self, mechanism, first):
        name = "sha1" if mechanism == "SCRAM-SHA-1" else "sha256"
        bare = first.decode().split(",", 2)[2]
        nonce = bare.split(",r=")[1] + secrets.token_hex(6)
        salt, rounds = os.urandom(12), 4096
        server_first = "r=%s,s=%s,i=%d" % (nonce, base64.b64encode(salt).decode(), rounds)
        final = (self.challenge(server_first.encode())).decode()
        without_proof, proof = final.rsplit(",p=", 1)
        message = ",".join([bare, server_first, without_proof]).encode()
        salted = hashlib.pbkdf2_hmac(name, self.plan.get("password", "").encode(), salt, rounds)
        key = hmac.new(salted, b"Client Key", name).digest()
        signature = hmac.new(hashlib.new(name, key).digest(), message, name).digest()
        ok = bytes(a ^ b for a, b in zip(key, signature)) == base64.b64decode(proof)
        server_key = hmac.new(salted, b"Server Key", name).digest()
        if self.plan.get("false_server"):
            server_key = b"x" * len(server_key)
        if ok and not self.plan.get("unproved_server"):
            v = base64.b64encode(hmac.new(server_key, message, name).digest())
            self.challenge(b"v=" + v)
        return ok

    def do_mail(self, line):
        reply = self.reply("mail", "250 2.1.0 sender fine")
        if reply.startswith("2"):
            self.mail, self.rcpts = line, []

    def do_rcpt(self, line):
        address = line.split(b"<", 1)[-1].split(b">", 1)[0].decode("utf-8", "replace")
        default = "250 2.1.5 recipient fine" if self.mail else "503 5.5.1 MAIL first"
        text = self.plan.get("rcpt", {}).get(address, default)
        if text.startswith("2"):
            self.rcpts.append(line)
        self.send(text.encode() + b"\r\n")

    def do_data(self, line):
        if not self.rcpts:
            self.send(b"503 5.5.1 no recipient\r\n")
            return None
        if not (self.reply("data", "354 go on")).startswith("354"):
            return None
        body = []
        while True:
            # Only CRLF . CRLF ends a message: bare line ends stay visible.
            while b"\r\n" not in self.buffer:
                if not self.more() and b"\r\n" not in self.buffer:
                    raise Cut
            one, self.buffer = self.buffer.split(b"\r\n", 1)
            if one == b".":
                break
            body.append((one[1:] if one.startswith(b".") else one) + b"\r\n")
        default = "250 2.0.0 queued as %06d" % next(counter)
        if self.plan.get("replies", {}).get("final", default).startswith("2"):
            self.sink.accept(self.mail, self.rcpts, b"".join(body), default.split()[-1])
        self.mail, self.rcpts = None, []
        self.reply("final", default)

    def do_rset(self, line):
        self.mail, self.rcpts = None, []
        self.reply("rset", "250 2.0.0 fresh")

    def do_noop(self, line):
        self.reply("noop", "250 2.0.0 fine")

    def do_quit(self, line):
        self.reply("quit", "221 2.0.0 bye")
        return False


class Sink:
    def __init__(self, spool, cert, key):
        self.spool = spool
        os.makedirs(os.path.join(spool, "accepted"), exist_ok=True)
        self.tls = None
        if cert:
            self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.tls.load_cert_chain(cert, key)

    def plan(self):
        try:
            with open(os.path.join(self.spool, "plan.json")) as f:
                return json.load(f)
        except FileNotFoundError:
            return {}

    def accept(self, mail, rcpts, body, name):
        path = os.path.join(self.spool, "accepted", name)
        with open(path + ".part", "wb") as f:
            f.write(b"\r\n".join([mail] + rcpts) + b"\r\n\r\n" + body)
        os.rename(path + ".part", path)

    def serve(self, sock, is_tls):
        session = None
        try:
            session = Session(self, self.tls.wrap_socket(sock, server_side=True) if is_tls else sock,
                              is_tls)
            session.run()
        except (Cut, OSError, ValueError):
            pass
        if session:
            with open(os.path.join(self.spool, "heard"), "ab") as f:
                f.write(session.heard)
            sock = session.sock
        sock.close()

    def listen(self, is_tls):
        server = socket.create_server(("127.0.0.1", 0))

        def accept():
            while True:
                sock, _ = server.accept()
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                threading.Thread(target=self.serve, args=(sock, is_tls), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        return server.getsockname()[1]

    def run(self):
        print("SMTP_PORT=%d" % self.listen(False))
        if self.tls:
            print("SMTPS_PORT=%d" % self.listen(True))
        print("READY", flush=True)
        while os.read(0, 100):
            pass


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("spool")
    parser.add_argument("--cert")
    parser.add_argument("--key")
    args = parser.parse_args()
    Sink(args.spool, args.cert, args.key).run()


if __name__ == "__main__":
    sys.exit(main())
