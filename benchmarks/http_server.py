"""The part "http": what the server costs for small answers, and what it holds in memory for large and slow ones."""

import selectors
import subprocess
import threading
import time

from support import http_probe
from support.http_probe import Answer, Probe, WebSocket, read_all

MIB = 1 << 20
# Seconds for which small answers are asked for, and WebSockets are listened to.
SECONDS = 4


def measure(directory, load):
    """Figures of one probe after the other; `load` is the program that asks for small answers."""
    http_probe.build()
    found = {"small": small_answers(directory, load), "memory": []}
    for case, options in ((upload, {}), (stream, {}), (slow_readers, {}),
                          (web_sockets, {"limit_webSocketsMax": 600, "rate": 20, "bytes": 3500})):
        with running(directory, **options) as probe:
            idle, cpu, began = probe.resident_mib, probe.cpu_seconds(), time.monotonic()
            case(probe)
            seconds = time.monotonic() - began
            found["memory"].append({
                "case": case.__doc__, "idle_mib": idle, "peak_mib": probe.status_kib("VmHWM") / 1024,
                "cpu_seconds": probe.cpu_seconds() - cpu, "seconds": seconds})
    return found


class running:
    def __init__(self, directory, **options):
        self.probe = Probe(directory, **options)

    def __enter__(self):
        return self.probe.start()

    def __exit__(self, *error):
        self.probe.kill()


def small_answers(directory, load):
    rows = []
    with running(directory) as probe:
        for name, path, connections in (("at once, 1 connection", "/healthz", 1), ("at once, 32 connections", "/healthz", 32),
                                        ("by a worker, 32 connections", "/echo", 32)):
            before = probe.cpu_seconds()
            answer = subprocess.run([load, str(probe.ports[0]), path, str(connections), str(SECONDS)], check=True,
                                    capture_output=True, text=True).stdout.split()
            count, seconds = int(answer[0]), float(answer[1])
            cpu = probe.cpu_seconds() - before
            rows.append({"case": name, "requests_per_second": count / seconds, "requests_per_cpu_second": count / cpu,
                         "resident_mib": probe.status_kib("VmHWM") / 1024})
    return rows


def upload(probe):
    """upload of 200 MB"""
    block = bytes(MIB)
    with probe.connect() as client:
        client.sendall(b"PUT /api/v1/pcaps HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: Bearer a:admin\r\n"
                       b"X-File-Name: a\r\nContent-Length: %d\r\n\r\n" % (200 * MIB))
        for _ in range(200):
            client.sendall(block)
        assert Answer(read_all(client)).status == 202


def stream(probe):
    """answer of 200 MB, streamed"""
    with probe.connect() as client:
        client.sendall(b"GET /stream?bytes=%d HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" % (200 * MIB))
        room, count = bytearray(MIB), 0
        while part := client.recv_into(room):
            count += part
        assert count > 200 * MIB


def slow_readers(probe):
    """40 readers of 2 MB who do not read"""
    readers = [probe.connect(receive_buffer=4096) for _ in range(40)]
    for reader in readers:
        reader.sendall(b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
    time.sleep(2)
    for reader in readers:
        reader.close()


def web_sockets(probe):
    """500 WebSockets, 20 messages of 3.5 KB a second, 50 do not read"""
    clients = [WebSocket(probe, f"/live?client={index % 100}", receive_buffer=32768 if index < 50 else None)
               for index in range(500)]
    selector = selectors.DefaultSelector()
    for client in clients[50:]:
        client.socket.setblocking(False)
        selector.register(client.socket, selectors.EVENT_READ)
    room, end = bytearray(MIB), threading.Event()
    threading.Timer(SECONDS, end.set).start()
    while not end.is_set():
        for key, _ in selector.select(0.1):
            key.fileobj.recv_into(room)
    for client in clients:
        client.close()

