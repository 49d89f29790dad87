"""A wire between a client and a server on loopback, that can be cut and can lie.

It closes both ends after so many bytes to the server (`cut_in`) or from it
(`cut_out`), counted over one connection; `lie` is a list of pairs (bytes that the
server says, bytes that the client hears instead). Remembers both directions of the
last connection, all that was ever heard, and counts bytes and round trips.

While the test runs: cut() closes what is connected, silence() swallows what is said
without closing anything, until speak() for who connects then; stop() refuses
connections and start() takes them again; tell(bytes) says something to the client in
the server's name; cut_at is what the client says, and is cut off at."""
import socket, threading


def close(*sockets):
    for s in sockets:
        try:
            s.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


class Proxy:
    def __init__(self, scene, port):
        self.to = port
        self.cut_in = self.cut_out = None
        self.cut_at = None
        self.lie = []
        self.said, self.heard = b"", b""
        self.history = b""
        self.total_said = self.turns = self.connections = 0
        self.is_silent = False
        self.pairs = []
        self.mute = []
        self.server = None
        self.port = 0
        self.start()
        scene.callback(self.stop)

    def start(self):
        self.server = socket.create_server(("127.0.0.1", self.port))
        self.port = self.server.getsockname()[1]
        threading.Thread(target=self.listen, args=(self.server,), daemon=True).start()

    def stop(self):
        """Whoever connects now is refused"""
        server, self.server = self.server, None
        if server:
            close(server)
            server.close()
        self.cut()

    def plan(self, cut_in=None, cut_out=None):
        """For the connections to come"""
        self.cut_in, self.cut_out = cut_in, cut_out

    def cut(self):
        pairs, self.pairs = self.pairs, []
        for pair in pairs:
            close(*pair)

    def silence(self):
        self.is_silent = True

    def speak(self):
        """But who was connected meanwhile hears nothing for ever"""
        self.mute += [s for pair in self.pairs for s in pair]
        self.is_silent = False

    def tell(self, words):
        for client, _ in self.pairs:
            client.sendall(words)

    def listen(self, listener):
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self.to))
            except OSError:
                client.close()
                continue
            for s in (client, server):
                s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.connections += 1
            self.said, self.heard = b"", b""
            self.pairs.append((client, server))
            self.last_was_client = False
            threading.Thread(target=self.carry, args=(client, server, self.cut_in, True), daemon=True).start()
            threading.Thread(target=self.carry, args=(server, client, self.cut_out, False), daemon=True).start()

    def carry(self, source, sink, left, is_client):
        try:
            while left is None or left > 0:
                data = source.recv(65536)
                if not data:
                    break
                if self.is_silent or source in self.mute:
                    continue
                for told, instead in () if is_client else self.lie:
                    data = data.replace(told, instead)
                data = data if left is None else data[:left]
                left = left if left is None else left - len(data)
                self.count(data, is_client)
                if is_client and self.cut_at and self.cut_at in data:
                    self.cut_at = None
                    break
                sink.sendall(data)
        except OSError:
            pass
        close(source, sink)

    def count(self, data, is_client):
        if is_client:
            self.said += data
            self.total_said += len(data)
            self.turns += not self.last_was_client
        else:
            self.heard += data
            self.history += data
        self.last_was_client = is_client
