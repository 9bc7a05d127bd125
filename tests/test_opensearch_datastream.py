"""A data stream takes an id once in each of its backing indexes: what comes again after a rollover is not doubled."""

import http.client
import threading
import time
from datetime import datetime, timezone

import pytest

from support import eve
from support.processes import Service, free_port
from support.servers import Handler, Server

COUNT = 500


class Proxy:
    """Passes requests on to an OpenSearch, one after the other, and may keep or replace its answer to a bulk request.

    `faults` are functions, each taken by one bulk request that the store has carried out, which answer in its place.
    `once_stored` is called before that: no other request gets to the store until it is through, however long it takes.
    With `halves` the store gets only the first half of the documents of such a request.
    """

    def __init__(self, node):
        self.node = node
        self.faults = []
        self.once_stored = lambda: None
        self.halves = False
        self._turn = threading.Lock()
        self.requests = []  # (method, path without its query) of each request
        proxy = self

        class PassOn(Handler):
            def pass_on(self):
                proxy.requests.append((self.command, self.path.split("?")[0]))
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                fault = proxy.faults.pop(0) if proxy.faults and self.path.startswith("/_bulk") else None
                if fault and proxy.halves:
                    lines = body.splitlines(keepends=True)
                    body = b"".join(lines[:len(lines) // 4 * 2])
                with proxy._turn:
                    status, data = self.ask_store(body)
                    if fault:
                        proxy.once_stored()
                try:
                    fault(self) if fault else self.answer(status, data)
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True

            do_GET = do_PUT = do_POST = pass_on

            def ask_store(self, body):
                store = http.client.HTTPConnection("localhost", node.port, timeout=60)
                kept = ("content-type", "content-encoding")
                store.request(self.command, self.path, body, {
                    name: value for name, value in self.headers.items() if name.lower() in kept})
                answer = store.getresponse()
                status, data = answer.status, answer.read()
                store.close()
                return status, data

        self.server = Server(PassOn).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.port}"

    def count(self, *ends):
        """Requests whose path ends so."""
        return sum(1 for _, path in self.requests if path.endswith(ends))

    def close(self):
        self.server.close()


@pytest.fixture
def proxy(opensearch):
    proxy = Proxy(opensearch)
    yield proxy
    proxy.close()


def streaming(new_stack, url, **settings):
    return new_stack(sinks=("opensearch",), opensearch=url, settings={
        "opensearch.mode": "datastream", **{key.replace("__", "."): value for key, value in settings.items()}})


def lines_of_now(count, first=0):
    now = datetime.now(timezone.utc)
    return b"".join(eve.line(number, time=now) for number in range(first, first + count))


def until_new_events_are_certain(stack):
    """Until what happens now cannot have been sent before the shipper's connection, as far as clocks may be apart."""
    stack.start()
    time.sleep(11)


def roll_over(node, stack):
    assert node.request("POST", f"{stack.name}/_rollover")["rolled_over"]


def assert_all_once(node, stack, count):
    stack.until_acknowledged("opensearch", count)
    node.request("POST", f"{stack.name}/_refresh")
    stream, = node.request("GET", f"_data_stream/{stack.name}")["data_streams"]
    assert len(stream["indices"]) > 1
    assert node.request("GET", f"{stack.name}/_count")["count"] == count, "documents are missing or doubled"
    hits = node.request("POST", f"{stack.name}/_search", {"size": 10_000, "_source": ["suricata.eve.flow_id"]})
    assert eve.flow_numbers(hit["_source"] for hit in hits["hits"]["hits"]) == list(range(count))
    assert stack.dead_letters() == []


def test_an_event_that_comes_again_is_not_doubled(new_stack, opensearch):
    """The reader reads its file once more; meanwhile the stream may have got its next index."""
    stack = streaming(new_stack, opensearch.url)
    eve.append(stack.eve, eve.lines(COUNT, days=3))
    stack.start()
    stack.until_acknowledged("opensearch", COUNT)
    for rolls_over in (False, True):
        stack.reader.terminate()
        for key in stack.redis.client.scan_iter(stack.key("checkpoint:*")):
            stack.redis.client.delete(key)
        if rolls_over:
            roll_over(opensearch, stack)
        stack.reader.start()
        stack.until_acknowledged("opensearch", COUNT * (3 if rolls_over else 2))
    opensearch.request("POST", f"{stack.name}/_refresh")
    assert opensearch.request("GET", f"{stack.name}/_count")["count"] == COUNT
    stream, = opensearch.request("GET", f"_data_stream/{stack.name}")["data_streams"]
    assert stream["template"] == f"ids-suite-{stack.name}-stream"
    backing = stream["indices"][0]["index_name"]
    assert opensearch.policy_of(backing) == f"ids-suite-{stack.name}-stream"
    assert stack.dead_letters() == []


@pytest.mark.parametrize("fault, halves", [
    pytest.param(lambda handler: handler.hang_up(), False, id="no-answer"),
    pytest.param(lambda handler: handler.hang_up(), True, id="no-answer-and-half-done"),
    pytest.param(lambda handler: handler.answer(200, b'{"errors":false,' * 9, cut_after=20), False, id="cut-answer"),
    pytest.param(lambda handler: handler.answer(504, b"gateway timeout"), False, id="504"),
    pytest.param(lambda handler: handler.answer(200, b"It works!"), False, id="not-json"),
])
def test_a_lost_answer_and_a_rollover(new_stack, opensearch, proxy, fault, halves):
    stack = streaming(new_stack, proxy.url)
    eve.append(stack.eve, lines_of_now(10))
    stack.start()
    stack.until_acknowledged("opensearch", 10)

    proxy.once_stored = lambda: roll_over(opensearch, stack)
    proxy.faults.append(fault)
    proxy.halves = halves
    eve.append(stack.eve, lines_of_now(COUNT - 10, first=10))
    assert_all_once(opensearch, stack, COUNT)
    assert proxy.faults == []


def test_an_answer_that_comes_too_late_and_a_rollover(new_stack, opensearch, proxy):
    stack = streaming(new_stack, proxy.url, opensearch__request_timeout_ms=1_500)
    released = threading.Event()
    until_new_events_are_certain(stack)
    eve.append(stack.eve, lines_of_now(COUNT))
    proxy.once_stored = lambda: roll_over(opensearch, stack)
    proxy.faults.append(lambda handler: released.wait(60))
    try:
        assert_all_once(opensearch, stack, COUNT)
    finally:
        released.set()


@pytest.mark.parametrize("comes_back", [True, False])
def test_a_kill_before_the_acknowledgement_and_a_rollover(new_stack, opensearch, proxy, comes_back):
    """The batch is found among the shipper's own, or claimed by another one that has been there all the time."""
    stack = streaming(new_stack, proxy.url, opensearch_shipper__claim_after_ms=1_000)
    shipper = stack.shippers["opensearch"]
    stored, released = threading.Event(), threading.Event()

    def stored_and_kept(handler):
        stored.set()
        released.wait(30)
        handler.hang_up()

    if not comes_back:
        port = free_port()
        stack.shippers["second"] = Service(
            "opensearch-shipper", stack.directory, stack.config, port, instance="-second", extra=(
                "--set", "opensearch_shipper.consumer_name=second", "--set", f"opensearch_shipper.http_port={port}"))
    until_new_events_are_certain(stack)
    proxy.faults.append(stored_and_kept)
    eve.append(stack.eve, lines_of_now(COUNT))
    assert stored.wait(30), "no bulk request came"
    if not comes_back:
        # The one that has the batch is killed.
        consumers = stack.redis.client.xinfo_consumers(stack.key("ecs"), "opensearch")
        holder, = [row["name"] for row in consumers if row["pending"]]
        shipper = stack.shippers["second" if holder == b"second" else "opensearch"]
    shipper.kill()
    released.set()
    roll_over(opensearch, stack)
    if comes_back:
        shipper.start()
    assert_all_once(opensearch, stack, COUNT)


def test_a_redis_that_has_forgotten_and_a_rollover(new_stack, opensearch):
    """Everything comes again by new entries, which nobody has had before."""
    stack = streaming(new_stack, opensearch.url)
    until_new_events_are_certain(stack)
    eve.append(stack.eve, lines_of_now(COUNT))
    stack.until_acknowledged("opensearch", COUNT)
    roll_over(opensearch, stack)
    stack.redis.kill()
    for file in sorted(stack.directory.rglob("appendonly*"), reverse=True):
        if file.is_file():
            file.unlink()
    stack.redis.start()
    assert_all_once(opensearch, stack, COUNT)


def test_nothing_is_asked_without_a_doubt(new_stack, opensearch, proxy):
    stack = streaming(new_stack, proxy.url)
    until_new_events_are_certain(stack)
    for part in range(5):
        eve.append(stack.eve, lines_of_now(20, first=part * 20))
        stack.until_acknowledged("opensearch", part * 20 + 20)
    assert proxy.count("/_refresh", "/_search") == 0 and proxy.count("/_bulk") >= 5


def test_an_index_for_each_day_is_never_asked(new_stack, opensearch, proxy):
    stack = new_stack(sinks=("opensearch",), opensearch=proxy.url)
    proxy.faults += [lambda handler: handler.hang_up(), lambda handler: handler.answer(503, b"{}")]
    eve.append(stack.eve, eve.lines(100))
    stack.start(ready=False)
    stack.until_acknowledged("opensearch", 100)
    assert opensearch.count(stack.name) == 100
    assert proxy.count("/_refresh", "/_search") == 0
