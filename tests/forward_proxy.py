"""Servers of a test for what is between a service and OpenSearch: one with TLS, and a forward proxy (CONNECT)."""

import base64
import select
import socket
import socketserver
import ssl
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Server:
    """A server on a free port of the loopback, as a context."""

    def __init__(self, server):
        self.server = server
        self.port = server.server_address[1]

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


class EmptyStore(Server):
    """Answers as an OpenSearch in which nothing is set up; with a folder for its certificate, by TLS."""

    def __init__(self, folder=None):
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                body = b'{"error":{"type":"resource_not_found_exception","reason":"none"},"status":404}'
                self.send_response(404)
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        super().__init__(_QuietHTTPServer(("127.0.0.1", 0), Handler))
        self.certificate = None
        if folder:
            self.certificate, key = folder / "server.crt", folder / "server.key"
            subprocess.run(
                ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                 "-subj", "/CN=store", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", self.certificate],
                check=True, capture_output=True)
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self.certificate, key)
            # The handshake belongs to the thread of its connection, so that nobody holds up the others.
            self.server.socket = context.wrap_socket(
                self.server.socket, server_side=True, do_handshake_on_connect=False)


class _QuietHTTPServer(ThreadingHTTPServer):
    def handle_error(self, request, client_address):
        """A client that speaks no TLS, or goes away, is part of the tests."""


class ForwardProxy(Server):
    """Opens tunnels for whoever gives this user and password, and keeps what it was asked."""

    def __init__(self, user, password):
        proxy = self
        self.requests = []
        expected = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()

        class Handler(socketserver.StreamRequestHandler):
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

        class Listener(socketserver.ThreadingTCPServer):
            daemon_threads = True

            def handle_error(self, request, client_address):
                """A tunnel ends as its ends please."""

        super().__init__(Listener(("127.0.0.1", 0), Handler))
