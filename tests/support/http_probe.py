"""A server with a route for each thing that HTTPServer can do, as a process, and clients that are as slow as a test wants."""

import base64
import os
import re
import socket
import struct
import subprocess
import time

from .processes import REPOSITORY, Process
from .waiting import until

PROBE = REPOSITORY / "build/swift/release/http-server-probe"


def build():
    """Compiles the probe with the same options and into the same folder as the services, so what is shared is reused."""
    subprocess.run(
        ["setpriv", "--pdeathsig", "INT", "--", "swift", "build", "--configuration", "release", "--static-swift-stdlib",
         "--disable-build-manifest-caching", "--package-path", REPOSITORY / "shared", "--scratch-path",
         REPOSITORY / "build/swift", "--product", PROBE.name], check=True, stdout=subprocess.DEVNULL)


class Probe(Process):
    """The running server; keywords are its arguments, those with `limit_` are limits."""

    def __init__(self, directory, **options):
        words = [f"{name.replace('limit_', 'limit.')}={value}" for name, value in options.items()]
        super().__init__("http-server-probe", [PROBE, directory, *words], directory)

    def start(self):
        self.log_path.unlink(missing_ok=True)
        super().start()
        until(lambda: self.ports, lambda: f"the probe to listen; its log:\n{self.log_tail()}")
        return self

    @property
    def ports(self):
        return [int(port) for port in re.findall(r"^port (\d+)$", self.log, re.MULTILINE)]

    def connect(self, receive_buffer=None, unix=False):
        """A connected socket; with a small receive buffer a client that does not read is soon full."""
        client = socket.socket(socket.AF_UNIX if unix else socket.AF_INET)
        if receive_buffer:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        client.settimeout(10)
        client.connect(str(self.directory / "socket") if unix else ("127.0.0.1", self.ports[0]))
        return client

    def ask(self, request, **options):
        """Sends bytes on a connection of their own and returns all that comes back."""
        with self.connect(**options) as client:
            client.sendall(request)
            return read_all(client)

    def get(self, path, *lines, method="GET", **options):
        head = "\r\n".join([f"{method} {path} HTTP/1.1", "Host: probe", "Connection: close", *lines, "", ""])
        return Answer(self.ask(head.encode(), **options))

    @property
    def resident_mib(self):
        return self.status_kib("VmRSS") / 1024


class Answer:
    """Status, header fields (in lower case) and body of a whole answer."""

    def __init__(self, octets):
        head, _, self.body = octets.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        assert re.match(r"HTTP/1.1 \d{3} ", lines[0]), f"no answer: {octets[:200]!r}"
        self.status = int(lines[0].split()[1])
        self.fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}


def read_all(client):
    """All until the end; a connection that is cut ends there, too."""
    octets = bytearray()
    while True:
        try:
            part = client.recv(262144)
        except (ConnectionResetError, BrokenPipeError):
            part = b""
        if not part:
            return bytes(octets)
        octets += part


def seconds_until_closed(client, most=15.0):
    """How long the server holds a connection from which it gets nothing more."""
    began = time.monotonic()
    client.settimeout(most)
    read_all(client)
    return time.monotonic() - began


class WebSocket:
    """A client that reads when it is told to."""

    def __init__(self, probe, path="/live?client=test", subprotocol="probe.v1", receive_buffer=None, lines=(),
                 host="probe"):
        self.socket = probe.connect(receive_buffer)
        self.buffer = b""
        key = base64.b64encode(os.urandom(16)).decode()
        head = [f"GET {path} HTTP/1.1", f"Host: {host}", "Connection: Upgrade", "Upgrade: websocket",
                f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13", *lines]
        if subprotocol:
            head.append(f"Sec-WebSocket-Protocol: {subprotocol}")
        self.socket.sendall("\r\n".join([*head, "", ""]).encode())
        answer = b""
        while b"\r\n\r\n" not in answer:
            part = self.socket.recv(65536)
            if not part:
                break
            answer += part
        head, _, self.buffer = answer.partition(b"\r\n\r\n")
        self.status = int(head.split()[1]) if head else None
        if self.status != 101:
            self.answer = Answer(answer + read_all(self.socket))

    def take_frame(self):
        """The next frame of what has been read: kind and payload, or None."""
        if len(self.buffer) < 2:
            return None
        kind, length, start = self.buffer[0], self.buffer[1] & 127, 2
        if length == 126:
            if len(self.buffer) < 4:
                return None
            length, start = struct.unpack(">H", self.buffer[2:4])[0], 4
        elif length == 127:
            if len(self.buffer) < 10:
                return None
            length, start = struct.unpack(">Q", self.buffer[2:10])[0], 10
        if len(self.buffer) < start + length:
            return None
        payload, self.buffer = self.buffer[start:start + length], self.buffer[start + length:]
        return kind, payload

    def receive(self):
        """The next message, or the kind 8 and the code of a close frame."""
        message = b""
        while True:
            while (frame := self.take_frame()) is None:
                part = self.socket.recv(65536)
                if not part:
                    return None
                self.buffer += part
            kind, payload = frame
            if kind & 15 == 8:
                return 8, struct.unpack(">H", payload[:2])[0] if payload else None
            if kind & 15 == 9:
                self.send(payload, 10)
                continue
            message += payload
            if kind & 128:
                return message

    def send(self, payload, kind=1, final=True):
        mask = os.urandom(4)
        masked = bytes(octet ^ mask[index % 4] for index, octet in enumerate(payload))
        length = (bytes([128 | len(payload)]) if len(payload) < 126 else
                  bytes([128 | 126]) + struct.pack(">H", len(payload)) if len(payload) < 65536 else
                  bytes([128 | 127]) + struct.pack(">Q", len(payload)))
        self.socket.sendall(bytes([(128 if final else 0) | kind]) + length + mask + masked)

    def close(self):
        self.socket.close()
