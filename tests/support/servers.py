"""Servers inside the process of the tests, for what stands in the place of a real one."""

import ssl
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Server(ThreadingHTTPServer):
    """Serves on the loopback from `start` to `close`, or as a context, each connection in a thread of its own.

    Handlers find `owner` as `self.server.owner`.
    """

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, handler, owner=None, port=0):
        super().__init__(("127.0.0.1", port), handler)
        self.owner = owner
        self.port = self.server_port
        self.certificate = None

    def use_tls(self, folder):
        """Speaks TLS from now on, by a certificate of its own for this machine, which it puts into `folder`."""
        self.certificate, key = folder / "server.crt", folder / "server.key"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "90",
             "-subj", "/CN=test", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost,DNS:host.docker.internal",
             "-keyout", key, "-out", self.certificate], check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, key)
        # The handshake belongs to the thread of its connection, so that nobody holds up the others.
        self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    @property
    def url(self):
        return f"{'https' if self.certificate else 'http'}://127.0.0.1:{self.port}"

    def handle_error(self, request, client_address):
        """A client that goes away, or speaks no TLS, is part of the tests; what else goes wrong is told."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)

    def start(self):
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def close(self):
        self.shutdown()
        self.server_close()

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.close()


class Handler(BaseHTTPRequestHandler):
    """Answers without a word to the terminal."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def answer(self, status, data, headers=(), cut_after=None):
        """Sends these bytes, as JSON unless a header says otherwise; hangs up after `cut_after` of them."""
        headers = {"Content-Type": "application/json; charset=UTF-8", "Content-Length": len(data), **dict(headers)}
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(data[:cut_after])
        if cut_after is not None:
            self.hang_up()

    def hang_up(self):
        self.close_connection = True
        self.connection.shutdown(2)
