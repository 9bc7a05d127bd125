"""What the shipper makes of every kind of bad answer: nothing lost, nothing doubled, nothing sent again in vain."""

import time

import pytest

from support import bulk_sink, eve
from support.waiting import until

COUNT = 400


def shipped(new_stack, sink, count=COUNT, **settings):
    """A started stack that ships `count` events to the sink, one small batch after the other."""
    named = {key.replace("__", "."): value for key, value in settings.items()}
    stack = new_stack(sinks=("opensearch",), opensearch=sink.url, settings={"eve_reader.batch_events": 50, **named})
    eve.append(stack.eve, eve.lines(count))
    return stack.start(ready=False)


def assert_all_once(stack, sink, count=COUNT, seconds=60):
    stack.until_acknowledged("opensearch", count, seconds)
    assert eve.flow_numbers(sink.documents.values()) == list(range(count))
    assert stack.dead_letters() == []
    assert stack.totals("opensearch") == {"stored": count} or stack.totals("opensearch")["rejected"] == 0


@pytest.mark.parametrize("faults", [
    pytest.param([bulk_sink.status(429)] * 3, id="429-whole"),
    pytest.param([bulk_sink.status(429, headers={"Retry-After": "1"})], id="429-retry-after"),
    pytest.param([bulk_sink.status(503)] * 3, id="503"),
    pytest.param([bulk_sink.status(503, b"upstream down", {"Content-Type": "text/plain"})] * 2, id="503-not-json"),
    pytest.param([bulk_sink.status(502), bulk_sink.status(504), bulk_sink.status(500)], id="500-502-504"),
    pytest.param([bulk_sink.items(429, "rejected_execution_exception", every=3)] * 3, id="429-some-items"),
    pytest.param([bulk_sink.items(429, "rejected_execution_exception")] * 2, id="429-all-items"),
    pytest.param([bulk_sink.items(503, "unavailable_shards_exception", every=2)] * 2, id="503-some-items"),
    pytest.param([bulk_sink.hang_up] * 3, id="connection-closed-without-answer"),
    pytest.param([bulk_sink.cut(120)] * 3, id="connection-cut-in-the-answer"),
    pytest.param([bulk_sink.cut(0)] * 2, id="connection-cut-after-the-head"),
    pytest.param([bulk_sink.not_json] * 3, id="answer-is-not-json"),
    pytest.param([bulk_sink.slow(2)] * 2, id="slow"),
])
def test_passing_faults_lose_and_double_nothing(new_stack, sink, faults):
    sink.faults.extend(faults)
    stack = shipped(new_stack, sink)
    assert_all_once(stack, sink)
    stack.shippers["opensearch"].until_ready()


def test_accepted_items_are_never_sent_again(new_stack, sink):
    sink.fault = bulk_sink.items(429, "rejected_execution_exception", every=10)
    stack = shipped(new_stack, sink, count=50)
    until(lambda: len(sink.documents) >= 45, "the accepted part")
    sink.fault = None
    assert_all_once(stack, sink, 50, seconds=40)
    sent = [count for _, count, _ in sink.requests]
    assert sent[0] == 50 and all(count <= 5 for count in sent[1:]), sent


@pytest.mark.parametrize("code, kind", [
    (400, "mapper_parsing_exception"), (400, "strict_dynamic_mapping_exception"), (404, "alias_missing_exception")])
def test_refused_items_are_dead_letters_and_stop_nothing(new_stack, sink, code, kind):
    sink.faults.append(bulk_sink.items(code, kind, every=25))
    stack = shipped(new_stack, sink, count=50)
    until(lambda: len(stack.dead_letters()) == 2, "two dead letters")
    until(lambda: stack.totals("opensearch") == {"stored": 48, "rejected": 2}, "the totals")
    for letter in stack.dead_letters():
        assert str(code).encode() in letter["reason"] or kind.encode() in letter["reason"], letter
        assert b"@timestamp" in letter["bytes"], "the document is in the letter"
        assert len(letter["document"]) == 32
    assert len(sink.documents) == 48


@pytest.mark.parametrize("code, kind", [
    (403, "security_exception"), (403, "cluster_block_exception"), (404, "index_not_found_exception")])
def test_items_refused_for_the_sake_of_the_store_wait_for_the_operator(new_stack, sink, code, kind):
    """A missing right, a block or a missing index would refuse every document alike: none of them is at fault."""
    sink.fault = bulk_sink.items(code, kind, every=5)
    stack = shipped(new_stack, sink, count=50)
    shipper = stack.shippers["opensearch"]
    until(lambda: len(sink.documents) == 40, "the others to be stored")
    until(lambda: shipper.get("/readyz")[0] == 503 and kind in shipper.get("/readyz")[1], "the reason in /readyz")
    assert stack.dead_letters() == []
    sink.fault = None
    assert_all_once(stack, sink, 50, seconds=40)
    shipper.until_ready()


@pytest.mark.parametrize("code", [401, 403, 404])
def test_a_refused_request_waits_for_the_operator(new_stack, sink, code):
    """Wrong credentials or a wrong address are no fault of the documents: they wait, and the reason is shown."""
    sink.fault = bulk_sink.status(code)
    stack = shipped(new_stack, sink, count=100)
    shipper = stack.shippers["opensearch"]
    until(lambda: len(sink.requests) >= 2, "the shipper to try again")
    until(lambda: shipper.get("/readyz")[0] == 503 and str(code) in shipper.get("/readyz")[1], "the reason in /readyz")
    assert shipper.get("/healthz")[0] == 200
    assert stack.dead_letters() == []
    sink.fault = None
    assert_all_once(stack, sink, 100)
    shipper.until_ready()


def test_413_splits_the_batch(new_stack, sink):
    sink.fault = bulk_sink.larger_than(7)
    stack = shipped(new_stack, sink, count=100)
    assert_all_once(stack, sink, 100)


def test_413_for_one_document_alone_is_a_dead_letter(new_stack, sink):
    sink.fault = lambda answer: (
        answer.send(413, {"status": 413}) if any(b"too-large-for-this-sink" in document for _, document in answer.items)
        else answer.accept())
    stack = new_stack(sinks=("opensearch",), opensearch=sink.url)
    eve.append(stack.eve, eve.lines(30) + eve.line(30, note="too-large-for-this-sink") + eve.lines(30, first=31))
    stack.start()
    until(lambda: stack.totals("opensearch") == {"stored": 60, "rejected": 1}, "the totals")
    letter, = stack.dead_letters()
    assert b"413" in letter["reason"]


def test_retry_after_is_obeyed(new_stack, sink):
    sink.faults.append(bulk_sink.status(429, headers={"Retry-After": "2"}))
    stack = shipped(new_stack, sink, count=50)
    assert_all_once(stack, sink, 50, seconds=40)
    first, second = sink.requests[0][0], sink.requests[1][0]
    assert 1.9 <= second - first <= 6


def test_requests_are_bounded_while_the_sink_is_slow(new_stack, sink):
    sink.fault = bulk_sink.slow(0.3)
    stack = shipped(new_stack, sink, count=2000, opensearch__requests_in_flight=2)
    until(lambda: len(sink.requests) >= 6, "some requests")
    assert sink.most_open_requests <= 2
    sink.fault = None
    assert_all_once(stack, sink, 2000)


def test_an_answer_that_never_comes_ends_at_the_deadline(new_stack, sink):
    sink.faults.append(bulk_sink.slow(600))
    stack = shipped(new_stack, sink, count=50, opensearch__request_timeout_ms=1500)
    assert_all_once(stack, sink, 50, seconds=40)


def test_absent_then_there(new_stack, sink):
    sink.stop()
    stack = shipped(new_stack, sink, count=500)
    shipper = stack.shippers["opensearch"]
    until(lambda: stack.totals("ecs-transformer").get("events", 0) == 500, "the documents to wait in Redis")
    until(lambda: shipper.get("/readyz")[0] == 503, "the shipper not to be ready")
    sink.start()
    assert_all_once(stack, sink, 500)
    shipper.until_ready()


def test_gzip(new_stack, sink):
    stack = shipped(new_stack, sink, count=100, opensearch__gzip=True)
    assert_all_once(stack, sink, 100)


def test_one_dead_sink_does_not_hold_the_other(new_stack, sink):
    """OpenSearch is away: the local store goes on."""
    sink.stop()
    stack = new_stack(sinks=("opensearch", "sqlite"), opensearch=sink.url)
    eve.append(stack.eve, eve.lines(300))
    stack.start(ready=False)
    stack.until_stored(300)
    time.sleep(0.2)
    sink.start()
    assert_all_once(stack, sink, 300)
