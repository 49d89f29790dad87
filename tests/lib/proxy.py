"""A wire between a client and a server on loopback, that can be cut and can lie.

It closes both ends after so many bytes to the server (`cut_in`) or from it
(`cut_out`), counted over one connection; `lie` is a list of pairs (bytes that the
server says, bytes that the client hears instead). Remembers both directions."""
import socket, threading


class Proxy:
    def __init__(self, scene, port):
        self.to = port
        self.cut_in = self.cut_out = None
        self.lie = []
        self.said, self.heard = b"", b""
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]
        scene.callback(self.server.close)
        threading.Thread(target=self.listen, daemon=True).start()

    def plan(self, cut_in=None, cut_out=None):
        """For the connections to come"""
        self.cut_in, self.cut_out = cut_in, cut_out

    def listen(self):
        while True:
            try:
                client, _ = self.server.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self.to))
            for s in (client, server):
                s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.said, self.heard = b"", b""
            threading.Thread(target=self.carry, args=(client, server, self.cut_in, True), daemon=True).start()
            threading.Thread(target=self.carry, args=(server, client, self.cut_out, False), daemon=True).start()

    def carry(self, source, sink, left, is_client):
        try:
            while left is None or left > 0:
                data = source.recv(65536)
                if not data:
                    break
                for told, instead in () if is_client else self.lie:
                    data = data.replace(told, instead)
                data = data if left is None else data[:left]
                left = left if left is None else left - len(data)
                if is_client:
                    self.said += data
                else:
                    self.heard += data
                sink.sendall(data)
        except OSError:
            pass
        for s in (source, sink):
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
