"""Whatever comes, each service stays below the memory limit of its container, and everything has an end."""

import ctypes
import os
import re
import struct
from pathlib import Path

import pytest

from support import eve
from contract.event_contract import FIXED, MAGIC, zstd
from support.waiting import until

COMPOSITION = Path(__file__).parent.parent / "docker-compose.yml"
CONTAINERS = {"opensearch-shipper-sqlite": "local-store", "opensearch-shipper-opensearch": "opensearch-shipper"}
GOOD = 20
RAW, DOCUMENTS = 1, 2


def limit(service):
    """The memory limit of the service's container, in bytes."""
    name = CONTAINERS.get(service, service)
    return int(re.search(rf"^  {name}:\n(?:    .*\n)*?    mem_limit: (\d+)m", COMPOSITION.read_text(), re.M)[1]) << 20


def peak(process):
    """The most memory that a process has had so far, in bytes."""
    return process.status_kib("VmHWM") << 10


def check_peaks(stack):
    peaks = {service.name: (peak(service), limit(service.name)) for service in stack.services}
    assert all(used < most for used, most in peaks.values()), peaks


def test_lines_as_long_as_the_reader_takes(new_stack, sink):
    stack = new_stack(sinks=("opensearch", "sqlite"), opensearch=sink.url,
                      settings={"opensearch_shipper.required_groups": ["opensearch", "local"]})
    data = b"".join(eve.long_line(100 + number, 7_900_000) for number in range(6))
    data += eve.line_of_bytes(97, b'\\"', 3_900_000) + eve.line_of_bytes(98, b"\xff", 4_000_000) + eve.line_of_bytes(99, b"\xff", 7_900_000)
    eve.append(stack.eve, eve.lines(GOOD) + data + eve.lines(GOOD, first=GOOD))
    stack.start()
    stack.until_stored(2 * GOOD + 8, 60)
    stack.until_acknowledged("opensearch", 2 * GOOD + 8, 60)
    letter, = stack.dead_letters()
    assert b"too long once its bytes that are not UTF-8 are repaired" in letter["reason"]
    check_peaks(stack)


def batch(kind, body, count, body_bytes=None, first=0, last=0, read=1_790_000_000_000_000_000):
    """The payload of an entry that holds anything."""
    buffer = ctypes.create_string_buffer(len(body) + (len(body) >> 7) + 1024)
    zstd.ZSTD_compress.restype = ctypes.c_size_t
    size = zstd.ZSTD_compress(buffer, ctypes.c_size_t(len(buffer)), body, ctypes.c_size_t(len(body)), 1)
    head = FIXED.pack(MAGIC, 1, kind, 1, 0, count, len(body) if body_bytes is None else body_bytes, first, last, read,
                      1, 2, 0, 0)
    return head + b"\x01\x00s\x01\x00p" + buffer.raw[:size]


def record(kind, text, time=1_790_000_000_000_000_000):
    if kind == RAW:
        return struct.pack("<II", len(text), 0) + text
    return struct.pack("<Iq", len(text), time) + b"0" * 32 + text


def hostile(kind):
    """Entries that a neighbour may write, small and large, each with what is wrong with it."""
    small = record(kind, b"{}")
    yield "many", batch(kind, small * 6_700_000, 6_700_000)
    yield "one too many", batch(kind, small * 65_537, 65_537)
    yield "as many as fit", batch(kind, small * 65_536, 65_536)
    yield "no JSON", batch(kind, record(kind, b"x" * 240) * 65_536, 65_536)
    yield "long", batch(kind, record(kind, b'{"a":"' + b"x" * (64 << 20) + b'"}'), 1)
    yield "as long as fits", batch(kind, record(kind, b'{"a":"' + b"x" * ((16 << 20) - 60) + b'"}'), 1)
    yield "values", batch(kind, record(kind, b'{"a":[' + b"1," * 1_000_000 + b"1]}") * 7, 7)
    yield "pieces", batch(kind, record(kind, b'{"timestamp":"' * 64) * 10_000, 10_000)
    yield "claims more", batch(kind, small, 1, body_bytes=1 << 31)
    yield "ancient", batch(kind, small, 1, read=-2**63)
    yield "far", batch(kind, small, 1, first=2**63 - 1, last=-2**63)
    yield "larger than any reply", b"\0" * (40 << 20)


def good(stack):
    """How many of the good events are stored."""
    return stack.query("SELECT count(*) FROM events WHERE document LIKE '%\"flow_id\":\"1000000000%'")[0][0]


@pytest.mark.parametrize("kind, stream, group", [(RAW, "raw", "ecs-transformer"), (DOCUMENTS, "ecs", "local")])
def test_a_hostile_neighbour(new_stack, kind, stream, group):
    stack = new_stack(settings={"redis.dead_letters_max": 1_000_000, "redis.dead_letter_bytes_max": "1GiB"})
    eve.append(stack.eve, eve.lines(GOOD))
    stack.start()
    stack.until_stored(GOOD)
    for _, payload in hostile(kind):
        stack.redis.client.xadd(stack.key(stream), {"b": payload})
    eve.append(stack.eve, eve.lines(GOOD, first=GOOD))
    until(lambda: stack.waiting_entries(stream, group) == 0 and good(stack) == 2 * GOOD,
          lambda: f"the good events, {stack.all_totals()}", 90)
    check_peaks(stack)
    reasons = {letter["reason"].decode() for letter in stack.dead_letters()}
    for part in ("claims 65537 records", "claims a body of", "impossible time", "delivered 5 times"):
        assert any(part in reason for reason in reasons), (part, reasons)


def test_an_entry_that_ends_whoever_takes_it(new_stack):
    """A batch whose line is in the middle of being mapped each time the process is killed."""
    stack = new_stack(settings={"redis.deliveries_max": 3, "ecs_transformer.claim_after_ms": 60_000})
    stack.start()
    client, key = stack.redis.client, stack.key("raw")
    stack.transformer.kill()
    # What a process that is killed while it maps leaves behind, without the luck of hitting the moment.
    eve.append(stack.eve, eve.lines(GOOD))
    until(lambda: client.xlen(key) > 0, "a batch")
    for delivery in range(3):
        (_, entries), = client.xreadgroup("ecs-transformer", os.uname().nodename, {key: "0" if delivery else ">"})
    payload = entries[0][1][b"b"]
    stack.transformer.start()
    eve.append(stack.eve, eve.lines(GOOD, first=GOOD))
    stack.until_stored(GOOD)
    letter, = stack.dead_letters()
    assert letter["bytes"] == payload and letter["reason"].startswith(b"delivered 3 times")
    assert stack.totals("ecs-transformer")["rejected"] == 1
