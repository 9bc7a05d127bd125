"""A consumer that shares no code with the services reads the streams by docs/event-contract.md."""

import json
import re
import sys
from pathlib import Path

import pytest

from support import eve, stack as pipeline
from contract import event_contract
from support.waiting import until

COUNT = 3000
REPOSITORY = Path(__file__).parents[1]
CONTRACT = REPOSITORY / "docs/event-contract.md"
sys.path.insert(0, str(REPOSITORY / "scripts/lib"))
from live import progress  # noqa: E402
TIMES = [
    None, "1970-01-01", "2026-02-01T12:00:00+00", "2026-02-01t12:00:00,5z", "2026-02-01 12:00", "20260201T120000.25-0130",
    "20260201T12:00:00", 1769947200, 1769947200.123456, 1769947200123, "1.769947200123E12", 1769947200123456,
    1769947200123456789, 17, True, 1e300, "1769947200.12345678999999999999999999999999", {"$date": 1769947200123},
    "2016-12-31T23:59:60Z",
]


def entries(stack, name):
    """Header and records of every entry of a stream."""
    redis = event_contract.Redis(f"127.0.0.1:{stack.redis.port}")
    return [event_contract.decode(payload) for _, payload in redis.entries(stack.key(name))]


def test_lines_documents_and_store_have_the_same_ids(stack):
    data = eve.lines(COUNT, days=2) + b"".join(
        eve.line(COUNT + number, timestamp=time) for number, time in enumerate(TIMES))
    data += eve.line(COUNT, timestamp="2026-02-01T12:00:00+0100").replace(b"+", b"\\u002B")
    data += b"".join(damaged(eve.line(COUNT, odd=1)[:-1]) + damaged(spaced(eve.line(COUNT, odd=2))))
    count = data.count(b"\n")
    eve.append(stack.eve, data)
    stack.redis.start()
    stack.reader.start()
    until(lambda: stack.totals("eve-reader").get("events") == count, "all to be read")
    raw = entries(stack, "raw")
    # Nobody has acknowledged, so nothing is trimmed: the stream is the file.
    lines = [(offset, line, header) for header, records in raw for offset, line in records]
    assert b"".join(line + b"\n" for _, line, _ in lines) == data
    assert all(data[offset:offset + len(line)] == line for offset, line, _ in lines)
    for header, records in raw:
        assert header["sensor"] == "sensor-under-test"
        assert header["source"] == str(stack.eve)
        assert header["first_offset"] == records[0][0]
        assert header["end_offset"] == records[-1][0] + len(records[-1][1]) + 1
    expected = set()
    for offset, line, header in lines:
        for place, event in event_contract.events(line):
            time = event_contract.usable_time(event, header["read_time"])
            expected.add(event_contract.event_id(header["sensor"], header["identity"], offset + place, event, time))
    events = COUNT + len(TIMES) + 1 + 2 * 10
    assert len(expected) == events

    stack.transformer.start()
    until(lambda: stack.totals("ecs-transformer").get("events") == events, "all to be mapped")
    documents = {key: json.loads(document) for _, records in entries(stack, "ecs") for key, _, document in records}
    assert documents.keys() == expected

    stack.start()
    stack.until_stored(events)
    assert stack.documents() == documents


def test_this_consumer_uses_the_words_of_the_contract():
    raw, ecs = event_contract.STREAMS
    field = event_contract.PAYLOAD_FIELD.decode()
    assert f"An entry of `ids:{raw}` and `ids:{ecs}` has one field, `{field}`" in CONTRACT.read_text()


def table(heading):
    """The rows of the table below a heading, each with the words in backticks of its cells."""
    section = CONTRACT.read_text().partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("|")][2:]
    return [[re.findall("`([^`]+)`", cell) for cell in row.strip("|").split("|")] for row in rows]


def counters_of_stages():
    """Words of the code, too: ContractWordsTests in EventContract compares the tables with it."""
    return {name: set(counters) for names, counters in table("Totals") for name in names}


def test_the_live_view_uses_the_words_of_the_contract():
    counters = counters_of_stages()
    streams = {group: stream for (group,), (stream,), *_ in table("Groups and pending entries")}
    shown = [*progress.STAGES, progress.OPENSEARCH_STAGE]
    for source in shown:
        assert {source.counter, progress.REJECTED} <= counters[f"{progress.PREFIX}totals:{source.totals}"]
    assert {source.group: progress.PREFIX + source.stream for source in shown if source.group} == streams


def test_the_tests_know_all_stages_and_groups_of_the_contract():
    assert {f"ids:totals:{stage}" for stage in (*pipeline.STAGES, "dead")} == counters_of_stages().keys()
    groups = {group for (group,), (stream,), *_ in table("Groups and pending entries") if stream == "ids:ecs"}
    assert set(pipeline.GROUPS.values()) == groups


def spaced(line):
    """The event as most programs other than Suricata write it."""
    return json.dumps(json.loads(line)).encode()


def damaged(event):
    """Lines in which an event is found all the same: ten events in eight lines."""
    return [line + b"\n" for line in (
        b"@cee: " + event, b"\xef\xbb\xbf" + event, b"Aug  6 12:00:00 pi suricata[1]: " + event,
        b"<134>1 2026-02-01T12:00:00Z pi suricata 1 - - @cee: " + event, event[:50] + event, event[:9] + event + event,
        event + b" " + event + b"}", event + b" \t")]


@pytest.mark.parametrize("stream, group", [("raw", "ecs-transformer"), ("ecs", "local")])
def test_a_newer_layout_stops_its_consumer_and_is_kept(stack, stream, group):
    stack.start()
    consumer = stack.transformer if stream == "raw" else stack.shippers["sqlite"]
    stack.redis.client.xadd(stack.key(stream), {"b": event_contract.MAGIC + bytes([2]) + b"of the future"})
    assert consumer.wait() != 0
    assert "version" in consumer.log and "2" in consumer.log
    assert stack.waiting_entries(stream, group) == 1
    assert stack.dead_letters() == []


def test_an_entry_that_is_no_batch_is_a_dead_letter(stack):
    stack.start()
    for stream in ("raw", "ecs"):
        stack.redis.client.xadd(stack.key(stream), {"b": b"not a batch at all"})
        stack.redis.client.xadd(stack.key(stream), {"other": b"no payload"})
    until(lambda: len(stack.dead_letters()) == 4, "four dead letters")
    assert all(letter["reason"] and letter["entry"] for letter in stack.dead_letters())
    eve.append(stack.eve, eve.lines(10))
    stack.until_stored(10)
