"""Servers of a test for what is between a service and OpenSearch: one with TLS, and a forward proxy (CONNECT)."""

import base64
import select
import socket
import socketserver

from .servers import Handler, Server


class EmptyStore(Server):
    """Answers as an OpenSearch in which nothing is set up; with a folder for its certificate, by TLS."""

    def __init__(self, folder=None):
        class NotFound(Handler):
            def do_GET(self):
                self.answer(404, b'{"error":{"type":"resource_not_found_exception","reason":"none"},"status":404}')

        super().__init__(NotFound)
        if folder:
            self.use_tls(folder)


class ForwardProxy(Server):
    """Opens tunnels for whoever gives this user and password, and keeps what it was asked."""

    def __init__(self, user, password):
        proxy = self
        self.requests = []
        expected = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()

        class Tunnel(socketserver.StreamRequestHandler):
            def handle(self):
                line = self.rfile.readline().decode().strip()
                headers = {}
                while header := self.rfile.readline().decode().strip():
                    name, _, value = header.partition(":")
                    headers[name.lower()] = value.strip()
                proxy.requests.append(line)
                if headers.get("proxy-authorization") != expected:
                    self.wfile.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
                    return
                host, _, port = line.split()[1].rpartition(":")
                with socket.create_connection((host, int(port)), timeout=10) as server:
                    self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
                    ends = {self.connection: server, server: self.connection}
                    while True:
                        for end in select.select(list(ends), [], [], 30)[0]:
                            data = end.recv(65536)
                            if not data:
                                return
                            ends[end].sendall(data)

        super().__init__(Tunnel)

    def handle_error(self, request, client_address):
        """A tunnel ends as its ends please."""
