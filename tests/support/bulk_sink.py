"""A bulk endpoint that misbehaves on demand, for the faults that a real OpenSearch cannot be made to show.

It keeps what it accepted by id, answers `create` as OpenSearch does (201, or 409 for an id that it has), and asks
its list of faults, one for each bulk request, before that.
"""

import gzip
import json
import threading
import time
from collections import deque

from .processes import free_port
from .servers import Handler, Server


class BulkSink:
    def __init__(self):
        self.port = free_port()
        self.documents = {}
        self.indexes = {}
        self.created = 0
        self.requests = []  # (monotonic seconds, number of items, status) of each bulk request
        self.faults = deque()  # each taken by one bulk request
        self.fault = None  # for every bulk request that takes none of the list
        self.other_requests = []  # (method, path) of everything that is no bulk request
        self.open_requests = 0
        self.most_open_requests = 0
        self.lock = threading.Lock()
        self._server = None

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def start(self):
        self._server = Server(Requests, owner=self, port=self.port).start()
        return self

    def stop(self):
        if self._server:
            self._server.close()
            self._server = None

    def next_fault(self):
        with self.lock:
            return self.faults.popleft() if self.faults else self.fault

    def items(self, body):
        """The (action, document) pairs of a bulk body; anything that is not one is a mistake of the shipper."""
        lines = body.split(b"\n")
        assert lines[-1] == b"", "a bulk body ends with a newline"
        pairs = list(zip(lines[0:-1:2], lines[1:-1:2]))
        assert len(lines) == 2 * len(pairs) + 1, "a bulk body is pairs of lines"
        return [(json.loads(action), document) for action, document in pairs]

    def create(self, action, document):
        """Stores one document; the item of the answer."""
        (verb, target), = action.items()
        assert verb == "create", f"the shipper sent {verb}"
        with self.lock:
            if target["_id"] in self.documents:
                error = {"type": "version_conflict_engine_exception", "reason": "document already exists"}
                return {verb: {**target, "status": 409, "error": error}}
            self.documents[target["_id"]] = json.loads(document)
            self.indexes[target["_id"]] = target["_index"]
            self.created += 1
        return {verb: {**target, "status": 201, "result": "created"}}


class Answer:
    """What a fault may do with a request: the items, and the ways to answer."""

    def __init__(self, handler, items):
        self.handler = handler
        self.sink = handler.server.owner
        self.items = items

    def send(self, status, body, headers=(), cut_after=None):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.handler.answer(status, data, headers, cut_after)
        with self.sink.lock:
            self.sink.requests.append((time.monotonic(), len(self.items), status))

    def accept(self, cut_after=None, refuse=lambda number: None):
        """Answers as OpenSearch does; `refuse(number)` may give the status and error type of an item instead."""
        results = []
        for number, (action, document) in enumerate(self.items):
            refusal = refuse(number)
            if refusal:
                (verb, target), = action.items()
                status, kind = refusal
                results.append({verb: {**target, "status": status, "error": {"type": kind, "reason": "on purpose"}}})
            else:
                results.append(self.sink.create(action, document))
        errors = any("error" in result["create"] for result in results)
        self.send(200, {"took": 1, "errors": errors, "items": results}, cut_after=cut_after)


class Requests(Handler):
    def body(self):
        if self.headers.get("Expect", "").lower() == "100-continue":
            self.send_response_only(100)
            self.end_headers()
        data = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        return gzip.decompress(data) if self.headers.get("Content-Encoding") == "gzip" else data

    def answer_other(self):
        self.body()
        self.server.owner.other_requests.append((self.command, self.path))
        answer = {"acknowledged": True, "cluster_name": "sink", "version": {"number": "2.19.4"}, "status": "green"}
        if self.path.startswith("/_nodes/stats/fs"):
            disk = {"total_in_bytes": 10 << 30, "available_in_bytes": 9 << 30}
            answer["nodes"] = {"sink": {"roles": ["data"], "fs": {"total": disk}}}
        elif "/_stats/" in self.path:
            yesterday = time.strftime("%Y.%m.%d", time.gmtime(time.time() - 86400))
            name = f"{self.path[1:].split(',')[0]}-{yesterday}"
            answer["indices"] = {name: {"total": {"store": {"size_in_bytes": 1 << 20}}}}
        self.answer(200, b"" if self.command == "HEAD" else json.dumps(answer).encode())

    do_GET = do_HEAD = do_PUT = answer_other

    def do_POST(self):
        sink = self.server.owner
        if not self.path.split("?")[0].endswith("/_bulk"):
            return self.answer_other()
        with sink.lock:
            sink.open_requests += 1
            sink.most_open_requests = max(sink.most_open_requests, sink.open_requests)
        try:
            answer = Answer(self, sink.items(self.body()))
            fault = sink.next_fault()
            fault(answer) if fault else answer.accept()
        except (BrokenPipeError, ConnectionResetError):
            pass
        finally:
            with sink.lock:
                sink.open_requests -= 1


# Faults


def status(code, body=None, headers=()):
    """The whole request is refused with this status."""
    error = {"error": {"type": "on_purpose_exception", "reason": f"status {code}"}, "status": code}
    return lambda answer: answer.send(code, error if body is None else body, headers)


def items(code, kind, every=1):
    """Every so many items are refused with this status and error type, the others accepted."""
    return lambda answer: answer.accept(refuse=lambda number: (code, kind) if number % every == 0 else None)


def slow(seconds):
    """Accepts, after a while."""
    def fault(answer):
        time.sleep(seconds)
        answer.accept()
    return fault


def cut(after):
    """Stores everything, then cuts the connection after so many bytes of the answer."""
    return lambda answer: answer.accept(cut_after=after)


def hang_up(answer):
    """Closes the connection without storing or answering anything."""
    answer.handler.hang_up()


def not_json(answer):
    """Stores everything, but answers with a page as a proxy would."""
    for action, document in answer.items:
        answer.sink.create(action, document)
    answer.send(200, b"<html><body>It works!</body></html>", {"Content-Type": "text/html"})


def larger_than(limit):
    """413 for a request of more than so many items."""
    def fault(answer):
        if len(answer.items) > limit:
            answer.send(413, {"error": "Request Entity Too Large", "status": 413})
        else:
            answer.accept()
    return fault
