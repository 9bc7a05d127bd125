"""HTTPServer as a process: what it takes, refuses and outlives. Each test fails with a server that hands everything to its
library as it comes."""

import gzip
import hashlib
import os
import random
import selectors
import signal
import socket
import ssl
import subprocess
import threading
import time

import pytest

from support import http_probe
from support.http_probe import Answer, Probe, WebSocket, read_all, seconds_until_closed
from support.waiting import until

MIB = 1 << 20


@pytest.fixture(scope="session", autouse=True)
def probe_is_built():
    http_probe.build()


@pytest.fixture
def new_probe(tmp_path):
    made = []

    def make(**options):
        made.append(Probe(tmp_path, **options).start())
        return made[-1]

    yield make
    for probe in made:
        probe.kill()


@pytest.fixture(scope="module")
def probe(tmp_path_factory):
    """One with the defaults, for what leaves nothing behind."""
    probe = Probe(tmp_path_factory.mktemp("probe")).start()
    yield probe
    probe.kill()


def upload_head(name, count, *lines):
    return "\r\n".join([f"PUT /uploads/{name} HTTP/1.1", "Host: probe", "Connection: close", f"Content-Length: {count}",
                        *lines, "", ""]).encode()


# What is refused

@pytest.mark.parametrize("lines, body, status", [
    (["Transfer-Encoding: chunked"], b"5\r\nhello\r\n0\r\n\r\n", 411),
    (["Transfer-Encoding: chunked", "Content-Length: 5"], b"hello", 411),
    ([], b"", 411),
    (["Content-Length: 5", "Content-Length: 6"], b"hello!", 400),
    (["Content-Length: 5, 6"], b"hello!", 400),
    (["Content-Length: +5"], b"hello", 400),
    (["Content-Length: 0x5"], b"hello", 400),
    (["Content-Length: 1073741825"], b"", 413),
    (["Content-Length: 99999999999999999999999"], b"", 400),
])
def test_bodies_of_unclear_or_excessive_length_are_refused(probe, lines, body, status):
    head = "\r\n".join(["PUT /uploads/refused-length HTTP/1.1", "Host: probe", *lines, "", ""]).encode()
    answer = Answer(probe.ask(head + body))
    assert answer.status == status and answer.fields["connection"] == "close"
    assert not (probe.directory / "refused-length").exists()


def test_a_refused_client_that_goes_on_sending_gets_its_answer(probe):
    with probe.connect() as client:
        client.sendall(upload_head("large", 2 << 30))
        sent = 0
        try:
            while sent < 8 * MIB:
                sent += client.send(bytes(65536))
        except (BrokenPipeError, ConnectionResetError):
            pass
        assert Answer(read_all(client)).status == 413


@pytest.mark.parametrize("method", ["TRACE", "BREW", "CONNECT", "OPTIONS", "DELETE", "PUT"])
def test_other_methods_are_told_which_there_are(probe, method):
    answer = probe.get("/healthz?a=b", "Content-Length: 0", method=method)
    assert answer.status == 405 and answer.fields["allow"] == "GET, HEAD"
    assert probe.get("/echo", method="BREW").fields["allow"] == "GET, HEAD, POST"


def test_what_is_no_http_is_told_so(probe):
    assert Answer(probe.ask(b"hello there\r\n\r\n")).status == 400
    assert probe.get("/nothing", method="BREW").status == 404


def test_a_head_that_is_too_long_is_told_so(probe):
    assert probe.get("/healthz", "Cookie: " + "c" * 7000).status == 200
    for path, lines in (("/healthz", ["Cookie: " + "c" * 8200]), ("/healthz", ["Cookie: c" + "c" * 15000] * 2),
                        ("/healthz", ["Accept: " + "a" * 4200, "Cookie: " + "c" * 4200]), ("/healthz?" + "a" * 8200, []),
                        ("/nothing", ["Authorization: Bearer " + "a" * 8200])):
        answer = probe.get(path, *lines)
        assert answer.status == 431 and b"8192 bytes" in answer.body
    assert WebSocket(probe, lines=["Cookie: " + "c" * 8200]).status == 431
    line = b"GET /healthz HTTP/1.1\r\nHost: probe\r\n"
    answers = probe.ask(line + b"Cookie: " + b"c" * 8200 + b"\r\n\r\n" + line + b"Connection: close\r\n\r\n")
    assert answers.startswith(b"HTTP/1.1 431 ") and answers.count(b"HTTP/1.1 200 ") == 1


def test_a_head_without_end_is_closed(probe):
    with probe.connect() as client:
        try:
            client.sendall(b"GET /healthz HTTP/1.1\r\nX-Any: " + b"x" * MIB)
        except (BrokenPipeError, ConnectionResetError):
            pass
        assert seconds_until_closed(client) < 2
    assert probe.get("/healthz").status == 200


def test_pages_of_other_origins_get_no_websocket(probe):
    for origin in ("http://evil.example", "null", "http://probe.evil.example"):
        refused = WebSocket(probe, lines=[f"Origin: {origin}"])
        assert refused.status == 403 and b"origins" in refused.answer.body
    assert WebSocket(probe, lines=["Origin: http://probe"]).status == 101


def test_handshakes_that_fail_are_answered(probe):
    assert WebSocket(probe, subprotocol="unknown").status == 400
    assert WebSocket(probe, path="/nothing").status == 404
    assert WebSocket(probe, path="/healthz").status == 400
    assert probe.get("/live").status == 426


# Bodies

def test_a_large_upload_is_stored_in_constant_memory(new_probe):
    probe = new_probe()
    before = probe.resident_mib
    block = os.urandom(MIB)
    with probe.connect() as client:
        client.sendall(upload_head("large", 200 * MIB, "X-File-Name: a%20name", "Expect: 100-continue"))
        assert client.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        for _ in range(200):
            client.sendall(block)
        answer = Answer(read_all(client))
    assert answer.status == 201 and answer.body == b"209715200 a%20name\n"
    stored = hashlib.sha256()
    with open(probe.directory / "large", "rb") as file:
        while part := file.read(MIB):
            stored.update(part)
    sent = hashlib.sha256()
    for _ in range(200):
        sent.update(block)
    assert stored.digest() == sent.digest()
    assert probe.status_kib("VmHWM") / 1024 < before + 10


def test_a_slow_disk_holds_the_client_up_and_not_the_memory(new_probe):
    probe = new_probe(limit_transferTimeoutSeconds=1)
    before = probe.resident_mib
    with probe.connect() as client:
        client.settimeout(20)
        client.sendall(b"PUT /uploads/slow?pause=300 HTTP/1.1\r\nHost: probe\r\nConnection: close\r\n"
                       b"Content-Length: %d\r\n\r\n" % (8 * MIB))
        client.sendall(bytes(8 * MIB))
        assert Answer(read_all(client)).status == 201
    assert probe.status_kib("VmHWM") / 1024 < before + 8


def test_nothing_remains_of_uploads_that_do_not_end(probe):
    with probe.connect() as client:
        client.sendall(upload_head("broken-off", 1000) + bytes(500))
        until(lambda: (probe.directory / "broken-off").exists(), "the upload to begin")
    until(lambda: not (probe.directory / "broken-off").exists(), "the upload to be removed")
    with probe.connect() as client:
        client.sendall(upload_head("refused", 10 * MIB) + bytes(MIB))
        assert Answer(read_all(client)).status == 422
    assert not (probe.directory / "refused").exists()


def test_requests_behind_one_that_takes_time_wait_for_it(probe):
    answers = probe.ask(
        b"GET /sleep?milliseconds=200 HTTP/1.1\r\nHost: a\r\n\r\n"
        b"GET /peer HTTP/1.1\r\nHost: a\r\n\r\n"
        b"GET /stream?bytes=100000&chunked=1 HTTP/1.1\r\nHost: a\r\n\r\n"
        b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    places = [answers.index(part) for part in (b"awake", b"127.0.0.1", b"chunked", b"0\r\n\r\nHTTP", b"fine")]
    assert places == sorted(places) and answers.count(b"HTTP/1.1 200 OK") == 4


def test_what_stands_behind_a_body_harms_nobody(new_probe):
    """Debian 13's library keeps such a body back until the client's time is over, Debian 12's hands it over."""
    probe = new_probe(limit_transferTimeoutSeconds=1)
    answers = probe.ask(b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"
                        b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    assert answers == b"" or (answers.endswith(b"fine\n") and b"hello" in answers)
    assert probe.get("/healthz").status == 200


@pytest.mark.parametrize("first", [b"GET /healthz", b"GET /sleep?milliseconds=100"])
@pytest.mark.parametrize("body", [b"Content-Length: 5\r\n\r\nhello", b"Content-Length: 2000000\r\n\r\nhello",
                                  b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"])
def test_a_body_behind_an_unanswered_request_is_refused(probe, first, body):
    """The library would take it from the wrong place and turn in a circle for ever."""
    answers = probe.ask(first + b" HTTP/1.1\r\nHost: a\r\n\r\nPOST /echo HTTP/1.1\r\nHost: a\r\n" + body
                        + b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
    assert answers.startswith(b"HTTP/1.1 200 OK") and answers.count(b"HTTP/1.1 ") <= 2 and b"POST" not in answers
    assert probe.get("/healthz").status == 200


def test_bodies_one_after_the_other_are_taken(probe):
    with probe.connect() as client:
        for count in (1, 100_000, 0, 5):
            client.sendall(b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % count + b"x" * count)
            answer = b""
            while not answer.endswith(b"\r\n\r\n" + b"x" * count):
                answer += client.recv(65536)


# Files

def test_assets_are_sent_packed_and_once(probe):
    url = probe.get("/script-url").body.decode()
    first = probe.get(url, "Accept-Encoding: gzip")
    assert first.status == 200 and first.fields["content-encoding"] == "gzip"
    assert gzip.decompress(first.body) == b"let a = 1;\n" * 1000
    assert "immutable" in first.fields["cache-control"]
    again = probe.get(url, "Accept-Encoding: gzip", f"If-None-Match: {first.fields['etag']}")
    assert again.status == 304 and again.body == b"" and "content-length" not in again.fields
    assert probe.get(url, f"If-None-Match: {first.fields['etag']}").body == b"let a = 1;\n" * 1000
    assert probe.get(url.replace("app.js", "other.js")).status == 404
    assert probe.get("/").fields["cache-control"] == "no-cache"


def test_downloads_go_on_where_they_broke_off(probe):
    content = os.urandom(3 * MIB)
    (probe.directory / "capture.pcap").write_bytes(content)
    whole = probe.get("/downloads/capture.pcap")
    assert whole.status == 200 and whole.body == content and whole.fields["accept-ranges"] == "bytes"
    tag = whole.fields["etag"]
    part = probe.get("/downloads/capture.pcap", "Range: bytes=1000000-", f"If-Range: {tag}")
    assert part.status == 206 and part.body == content[1000000:]
    assert part.fields["content-range"] == f"bytes 1000000-{len(content) - 1}/{len(content)}"
    assert probe.get("/downloads/capture.pcap", "Range: bytes=-5").body == content[-5:]
    assert probe.get("/downloads/capture.pcap", f"If-None-Match: {tag}").status == 304
    beyond = probe.get("/downloads/capture.pcap", f"Range: bytes={len(content)}-")
    assert beyond.status == 416 and beyond.fields["content-range"] == f"bytes */{len(content)}"
    (probe.directory / "capture.pcap").write_bytes(content[:-1] + b"x")
    assert probe.get("/downloads/capture.pcap", "Range: bytes=0-9", f"If-Range: {tag}").status == 200
    assert probe.get("/downloads/other").status == 404
    head = probe.get("/downloads/capture.pcap", method="HEAD")
    assert head.fields["content-length"] == str(len(content)) and head.body == b""


# Whatever comes

REQUESTS = [
    b"GET /healthz", b"GET /sleep?milliseconds=5", b"GET /stream?bytes=300000", b"GET /stream?bytes=90000&chunked=1",
    b"HEAD /large", b"GET /large", b"POST /echo", b"PUT /uploads/any", b"PUT /uploads/refused", b"GET /live", b"TRACE /",
    b"BREW /healthz", b"DELETE /api/v1/session", b"GET /downloads/any", b"OPTIONS *", b"GET /../..//a%2f%00",
    b"CONNECT a:1", b"\x16\x03\x01"]
LINES = [
    b"Host: a", b"Connection: close", b"Connection: Upgrade", b"Upgrade: websocket", b"Upgrade: h2c", b"Upgrade: other",
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", b"Sec-WebSocket-Version: 13", b"Sec-WebSocket-Protocol: probe.v1",
    b"Content-Length: 5", b"Content-Length: 100000", b"Content-Length: 0", b"Content-Length: -1", b"Expect: 100-continue",
    b"Transfer-Encoding: chunked", b"HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA", b"Range: bytes=0-5",
    b"Cookie: " + b"c" * 3000, b"Origin: http://evil"]


def test_nothing_that_clients_mix_leaves_anything_behind(new_probe):
    """Requests of all kinds, behind each other and cut into pieces, from clients who leave when they like."""
    probe = new_probe(limit_transferTimeoutSeconds=1, limit_transferWindowSeconds=2, limit_connectionsMax=40)
    probe.get("/sleep?milliseconds=1")
    files = len(os.listdir(f"/proc/{probe.pid}/fd"))
    end = time.monotonic() + 4

    def behave_badly(choose):
        while time.monotonic() < end:
            octets = b""
            for _ in range(choose.randint(1, 4)):
                lines = choose.sample(LINES, choose.randint(0, 5))
                octets += b"\r\n".join([choose.choice(REQUESTS) + b" HTTP/1.1", *lines, b"", b""])
                octets += choose.choice([b"", b"hello", b"5\r\nhello\r\n0\r\n\r\n", bytes(100000)])
            try:
                with probe.connect(receive_buffer=choose.choice([None, 4096])) as client:
                    client.settimeout(choose.choice([0.05, 0.3, 1.5]))
                    while octets:
                        count = choose.choice([len(octets), choose.randint(1, len(octets)), choose.randint(1, 60)])
                        client.send(octets[:count])
                        octets = octets[count:]
                        if choose.random() < 0.2:
                            client.recv(choose.choice([10, 100000]))
                    if choose.random() < 0.5:
                        read_all(client)
            except OSError:
                pass

    threads = [threading.Thread(target=behave_badly, args=(random.Random(seed),)) for seed in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert probe.get("/healthz").status == 200
    until(lambda: len(os.listdir(f"/proc/{probe.pid}/fd")) <= files + 1, "all connections to have ended")
    cpu = probe.cpu_seconds()
    time.sleep(1)
    assert probe.cpu_seconds() - cpu < 0.05, "it turns without pause"
    assert probe.terminate()[0] == 0


# Slow clients

def test_clients_that_are_too_slow_are_closed(new_probe):
    probe = new_probe(limit_transferTimeoutSeconds=2, limit_transferWindowSeconds=3)
    stop = threading.Event()

    def trickle(client, octets):
        try:
            while not stop.wait(0.5):
                client.send(octets)
        except OSError:
            pass

    clients = {name: probe.connect() for name in ("silent", "slow head", "stalled body", "slow body", "slow upload")}
    clients["slow head"].sendall(b"GET /healthz HTTP/1.1\r\nX-")
    clients["stalled body"].sendall(b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc")
    clients["slow body"].sendall(b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc")
    clients["slow upload"].sendall(upload_head("slow", 100))
    threads = [threading.Thread(target=trickle, args=(clients[name], b"a"))
               for name in ("slow head", "slow body", "slow upload")]
    seconds = {}
    watchers = [threading.Thread(target=lambda name=name: seconds.update({name: seconds_until_closed(clients[name])}))
                for name in clients]
    for thread in threads + watchers:
        thread.start()
    for watcher in watchers:
        watcher.join()
    stop.set()
    for thread in threads:
        thread.join()
    assert set(seconds) == set(clients)
    assert {name: value for name, value in seconds.items() if value > 12} == {}
    until(lambda: not (probe.directory / "slow").exists(), "the upload to be removed")


def test_slow_readers_share_the_answer(new_probe):
    probe = new_probe()
    assert len(probe.get("/large").body) == 2 * MIB
    before = probe.resident_mib
    readers = []
    for _ in range(40):
        reader = probe.connect(receive_buffer=4096)
        reader.sendall(b"GET /large HTTP/1.1\r\nHost: a\r\n\r\nGET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
        readers.append(reader)
    cpu = probe.cpu_seconds()
    for _ in range(10):
        assert probe.get("/healthz").status == 200
        time.sleep(0.1)
    assert probe.resident_mib < before + 4
    assert probe.cpu_seconds() - cpu < 0.3, "it turns without pause"
    for reader in readers:
        reader.close()


def test_a_reader_who_stops_is_closed_and_one_who_goes_on_gets_all(new_probe):
    probe = new_probe(limit_transferTimeoutSeconds=1)
    with probe.connect(receive_buffer=4096) as stopped, probe.connect(receive_buffer=4096) as slow:
        for client in (stopped, slow):
            client.sendall(b"GET /stream?bytes=1500000 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        taken = 0
        while part := slow.recv(40000):
            taken += len(part)
            time.sleep(0.01)
        assert taken > 1500000
        assert len(read_all(stopped)) < 1000000


# WebSockets

class Crowd:
    """Many WebSockets on one thread, of which some are never read."""

    def __init__(self, probe, count, deaf):
        self.clients = [WebSocket(probe, f"/live?client={index % 100}", receive_buffer=32768 if index < deaf else None)
                        for index in range(count)]
        self.deaf, self.hearing = self.clients[:deaf], self.clients[deaf:]
        self.selector = selectors.DefaultSelector()
        for client in self.hearing:
            client.socket.setblocking(False)
            client.messages = []
            self.selector.register(client.socket, selectors.EVENT_READ, client)

    def listen(self, seconds):
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            for key, _ in self.selector.select(left):
                client = key.data
                part = client.socket.recv(1 << 20)
                if not part:
                    self.selector.unregister(client.socket)
                client.buffer += part
                while frame := client.take_frame():
                    client.messages.append(frame)


def test_five_hundred_websockets_of_which_fifty_never_read(new_probe):
    probe = new_probe(limit_webSocketsMax=600, rate=20, bytes=3500)
    before = probe.resident_mib
    crowd = Crowd(probe, 500, deaf=50)
    crowd.listen(6)
    assert probe.resident_mib < before + 10
    for client in crowd.hearing:
        numbers = [int(payload[5:payload.index(b",")]) for kind, payload in client.messages[1:] if kind & 15 == 1]
        assert client.messages[0][1].startswith(b'{"snapshot"')
        assert len(numbers) > 60 and numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    # Who wakes up is told what it has missed, and begins with a new snapshot.
    late = crowd.deaf[0]
    heard = []
    while not heard or not heard[-1].startswith(b'{"resync"'):
        heard.append(late.receive())
    assert int(heard[-1][10:-1]) > 64
    assert late.receive().startswith(b'{"snapshot"')
    assert late.receive().startswith(b'{"n"')


def test_messages_arrive_whole_in_both_directions(probe):
    client = WebSocket(probe, "/echo-socket", subprotocol=None)
    for count in (0, 125, 126, 20_000, 65_536):
        client.send(b"x" * count)
        assert client.receive() == b"x" * count
    client.send(b"ab", final=False)
    client.send(b"cd", kind=0)
    assert client.receive() == b"abcd"
    client.send(b"x" * 65_537)
    assert client.receive() == (8, 1009)


def test_a_silent_websocket_is_asked_and_closed(new_probe):
    probe = new_probe(limit_webSocketSilenceSeconds=2)
    deaf = WebSocket(probe, "/echo-socket", subprotocol=None)
    assert 2 < seconds_until_closed(deaf.socket) < 8


def test_a_stop_says_goodbye_to_each(new_probe):
    probe = new_probe(limit_webSocketsMax=200, limit_transferTimeoutSeconds=30)
    clients = [WebSocket(probe, f"/live?client={index % 50}") for index in range(100)]
    upload = probe.connect()
    upload.sendall(upload_head("unfinished", 1000) + bytes(500))
    until(lambda: (probe.directory / "unfinished").exists(), "the upload to begin")
    idle = probe.connect()
    status, seconds = probe.terminate()
    assert status == 0 and seconds < 5
    for client in clients:
        message = client.receive()
        while message and message[0] != 8:
            message = client.receive()
        assert message == (8, 1001)
    assert read_all(idle) == b"" and not (probe.directory / "unfinished").exists()


def test_an_idle_server_stops_at_once(new_probe):
    probe = new_probe(limit_stopMilliseconds=20_000)
    idle = probe.connect()
    idle.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
    assert idle.recv(1000).endswith(b"fine\n")
    assert probe.terminate(30)[1] < 5


# Budgets

def test_a_flood_of_connections_does_not_push_out_websockets(new_probe):
    probe = new_probe(limit_connectionsMax=16)
    oldest = WebSocket(probe)
    answering = probe.connect()
    answering.sendall(b"GET /sleep?milliseconds=1500 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    flood = [probe.connect() for _ in range(100)]
    assert probe.get("/healthz").status == 200
    assert oldest.receive().startswith(b"{") and oldest.receive().startswith(b"{")
    assert Answer(read_all(answering)).body == b"awake\n"
    assert seconds_until_closed(flood[0]) < 5, "closed long ago"


def test_websockets_have_a_budget_in_all_and_for_each_client(new_probe):
    probe = new_probe(limit_webSocketsMax=3, limit_webSocketsOfClientMax=2)
    kept = [WebSocket(probe, "/live?client=one") for _ in range(2)]
    refused = WebSocket(probe, "/live?client=one")
    assert refused.status == 503 and refused.answer.fields["retry-after"] == "1"
    kept.append(WebSocket(probe, "/live?client=two"))
    assert WebSocket(probe, "/live?client=three").status == 503
    kept.pop().close()
    until(lambda: WebSocket(probe, "/live?client=three").status == 101, "the place to be free again")


def test_uploads_have_a_budget(new_probe):
    probe = new_probe(limit_uploadsMax=1)
    with probe.connect() as first:
        first.sendall(upload_head("first", 10) + b"hello")
        until(lambda: (probe.directory / "first").exists(), "the upload to begin")
        second = Answer(probe.ask(upload_head("second", 5) + b"hello"))
        assert second.status == 503 and second.fields["retry-after"] == "1"
        first.sendall(b"hello")
        assert Answer(read_all(first)).status == 201


def test_health_is_answered_while_all_workers_are_busy(new_probe):
    probe = new_probe(limit_workerThreads=1, limit_waitingRequestsMax=2)
    waiting = []
    for _ in range(3):
        client = probe.connect()
        client.sendall(b"GET /sleep?milliseconds=700 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        waiting.append(client)
        assert probe.get("/healthz").status == 200
    refused = probe.get("/sleep?milliseconds=0")
    assert refused.status == 503 and refused.fields["retry-after"] == "1"
    assert [Answer(read_all(client)).body for client in waiting] == [b"awake\n"] * 3
    assert probe.get("/sleep?milliseconds=0").status == 200


# Transports

def test_the_kernel_names_the_peer_on_the_unix_socket(probe):
    assert probe.get("/peer", unix=True).body == f"process {os.getpid()} of user {os.getuid()}\n".encode()
    assert oct((probe.directory / "socket").stat().st_mode)[-3:] == "600"
    assert probe.get("/peer").body.startswith(b"127.0.0.1:")


def test_a_socket_that_is_left_behind_is_replaced(new_probe):
    new_probe().kill()
    assert new_probe().get("/healthz", unix=True).status == 200


def make_certificate(key, certificate):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
                    "/CN=probe", "-addext", "subjectAltName=DNS:probe", "-keyout", key, "-out", certificate],
                   check=True, capture_output=True)


def test_a_new_certificate_is_taken_up_without_a_restart(new_probe, tmp_path):
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    make_certificate(key, certificate)
    probe = new_probe(certificate=certificate, key=key)
    until(lambda: len(probe.ports) == 2, "the second port")

    def shown():
        return ssl.get_server_certificate(("127.0.0.1", probe.ports[1]))

    context = ssl.create_default_context(cafile=certificate)
    with socket.create_connection(("127.0.0.1", probe.ports[1])) as plain:
        with context.wrap_socket(plain, server_hostname="probe") as before:
            old = shown()
            for _ in range(3):
                make_certificate(key, certificate)
                probe.signal(signal.SIGHUP)
                until(lambda: shown().strip() == certificate.read_text().strip(), "the new certificate", 10)
            assert shown() != old
            # Who was connected before goes on.
            before.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            assert Answer(read_all(before)).status == 200
    # What cannot be used is not taken.
    last = shown()
    certificate.write_text("nonsense")
    probe.signal(signal.SIGHUP)
    until(lambda: "the certificate of before goes on" in probe.log, "the complaint", 10)
    assert shown() == last and probe.get("/healthz").status == 200


def test_tls_speaks_http_1_1_only(new_probe, tmp_path):
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    make_certificate(key, certificate)
    probe = new_probe(certificate=certificate, key=key, limit_transferTimeoutSeconds=2)
    until(lambda: len(probe.ports) == 2, "the second port")
    context = ssl.create_default_context(cafile=certificate)
    context.set_alpn_protocols(["h2", "http/1.1"])
    silent = socket.create_connection(("127.0.0.1", probe.ports[1]))
    with socket.create_connection(("127.0.0.1", probe.ports[1])) as plain:
        with context.wrap_socket(plain, server_hostname="probe") as client:
            assert client.selected_alpn_protocol() == "http/1.1" and client.version() == "TLSv1.3"
            client.sendall(b"GET /stream?bytes=5000000 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            answer = Answer(read_all(client))
            assert answer.status == 200 and len(answer.body) == 5000000
    with socket.create_connection(("127.0.0.1", probe.ports[1])) as plain:
        with context.wrap_socket(plain, server_hostname="probe") as client:
            client.sendall(upload_head("encrypted", 2 * MIB) + bytes(2 * MIB))
            assert Answer(read_all(client)).status == 201
    assert seconds_until_closed(silent) < 5
