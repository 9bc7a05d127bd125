#!/usr/bin/env python3
"""Reads the pipeline's streams with nothing but Python's standard library, libzstd and libxxhash.

It follows docs/event-contract.md and shares no code with the services: if the two agree, the contract is complete
enough for a consumer in any language.

    event_contract.py decode FILE...             one JSON object per batch, then one per record
    event_contract.py read [--redis HOST:PORT] [--prefix ids:] [--stream raw|ecs] [--count N]
    event_contract.py verify [--redis HOST:PORT] [--prefix ids:]
        computes the id of every event in the raw stream and compares them with the ids in the document stream
    event_contract.py id SENSOR HIGH LOW OFFSET  reads one line from standard input and prints its id
"""

import argparse
import calendar
import ctypes
import ctypes.util
import json
import math
import re
import socket
import struct
import sys
from decimal import Decimal
from fractions import Fraction

MAGIC = b"IDSB"
VERSION = 1
STREAMS = ("raw", "ecs")
PAYLOAD_FIELD = b"b"
KINDS = {1: "raw", 2: "documents"}
BODY_BYTES_MAX = 16 << 20
COUNT_MAX = 1 << 16
TIME_MAX = 9_214_732_800 * 1_000_000_000
FIXED = struct.Struct("<4sBBBBIIqqqQQQQ")
DAY = 86_400 * 1_000_000_000
YEAR_1990 = 631_152_000 * 1_000_000_000
YEAR_2262 = 9_214_646_400 * 1_000_000_000


class ContractError(Exception):
    """The bytes are no batch that this program can read."""


class NewerVersion(ContractError):
    """The batch is of a later layout: stop, and acknowledge nothing."""


def library(name, fallback):
    return ctypes.CDLL(ctypes.util.find_library(name) or fallback)


class Hash128(ctypes.Structure):
    _fields_ = [("low", ctypes.c_uint64), ("high", ctypes.c_uint64)]


zstd = library("zstd", "libzstd.so.1")
zstd.ZSTD_decompress.restype = ctypes.c_size_t
zstd.ZSTD_decompress.argtypes = [ctypes.c_char_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t]
xxhash = library("xxhash", "libxxhash.so.0")
xxhash.XXH3_64bits.restype = ctypes.c_uint64
xxhash.XXH3_64bits.argtypes = [ctypes.c_char_p, ctypes.c_size_t]
xxhash.XXH3_128bits_withSeed.restype = Hash128
xxhash.XXH3_128bits_withSeed.argtypes = [ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint64]


def decode(payload):
    """The header as a dictionary, and the records: (offset, line) or (id, time, document)."""
    if len(payload) < 5 or payload[:4] != MAGIC or payload[4] == 0:
        raise ContractError("not a batch")
    if payload[4] > VERSION:
        raise NewerVersion(f"layout version {payload[4]}, known up to {VERSION}")
    try:
        fields = FIXED.unpack_from(payload)
        position = FIXED.size
        texts = []
        for _ in range(2):
            (length,) = struct.unpack_from("<H", payload, position)
            texts.append(payload[position + 2 : position + 2 + length].decode("utf-8", "replace"))
            position += 2 + length
    except struct.error as error:
        raise ContractError("cut short") from error
    _, version, kind, codec, flags, count, body_bytes, first, last, read, high, low, start, end = fields
    if kind not in KINDS or codec > 1 or flags != 0 or body_bytes > BODY_BYTES_MAX or position > len(payload):
        raise ContractError("unknown kind, codec or flags, or a body out of bounds")
    if count > COUNT_MAX or not all(0 <= time <= TIME_MAX for time in (first, last, read)):
        raise ContractError("more records or other times than a batch may have")
    body = payload[position:]
    if codec == 1:
        buffer = ctypes.create_string_buffer(max(body_bytes, 1))
        if zstd.ZSTD_decompress(buffer, body_bytes, body, len(body)) != body_bytes:
            raise ContractError("the body does not decompress to its size")
        body = buffer.raw[:body_bytes]
    if len(body) != body_bytes:
        raise ContractError("the body has another size than the header says")
    header = {
        "version": version, "kind": KINDS[kind], "codec": ["plain", "zstd"][codec], "count": count,
        "body_bytes": body_bytes, "first_time": first, "last_time": last, "read_time": read,
        "identity": [high, low], "first_offset": start, "end_offset": end, "sensor": texts[0], "source": texts[1],
    }
    records = list(raw_records(body, start) if kind == 1 else document_records(body))
    if len(records) != count:
        raise ContractError(f"{len(records)} records instead of {count}")
    return header, records


def raw_records(body, first_offset):
    position = 0
    while position < len(body):
        if position + 8 > len(body):
            raise ContractError("a record is cut short")
        length, relative = struct.unpack_from("<II", body, position)
        position += 8
        if position + length > len(body):
            raise ContractError("a line reaches over the end")
        yield first_offset + relative, body[position : position + length]
        position += length


def document_records(body):
    position = 0
    while position < len(body):
        if position + 44 > len(body):
            raise ContractError("a record is cut short")
        length, time = struct.unpack_from("<Iq", body, position)
        identifier = body[position + 12 : position + 44].decode("ascii")
        position += 44
        if position + length > len(body):
            raise ContractError("a document reaches over the end")
        yield identifier, time, body[position : position + length]
        position += length


TIME = re.compile(
    rb"(\d{4})(-)?(\d\d)(?(2)-)(\d\d)[Tt ](\d\d)(?(2):)(\d\d)(?:(?(2):)(\d\d)(?:[.,](\d{1,9}))?)?"
    rb"(?:[Zz]|([+-])(\d\d)(?::?(\d\d))?)?\Z")
NUMBER = re.compile(rb"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?\Z")


def parse_time(text):
    """Nanoseconds since the epoch, or None."""
    if NUMBER.match(text):
        return parse_number(text)
    match = TIME.match(text)
    if not match:
        return None
    year, month, day, hour, minute, second = (int(match[group] or 0) for group in (1, 3, 4, 5, 6, 7))
    if not 1678 <= year <= 2261 or not 1 <= month <= 12 or not 1 <= day <= calendar.monthrange(year, month)[1]:
        return None
    if hour > 23 or minute > 59 or second > 60:
        return None
    zone = 0
    if match[9]:
        hours, minutes = int(match[10]), int(match[11] or 0)
        if hours > 23 or minutes > 59:
            return None
        zone = (hours * 3600 + minutes * 60) * (1 if match[9] == b"+" else -1)
    seconds = calendar.timegm((year, month, day, hour, minute, 0)) + second - zone
    return seconds * 1_000_000_000 + int((match[8] or b"").ljust(9, b"0"))


def parse_number(text):
    """Seconds, milli-, micro- or nanoseconds, whichever lies in the years 1990 to 2261; else None."""
    number = Decimal(text.decode())
    for unit in (1, 10**3, 10**6, 10**9):
        if YEAR_1990 // 10**9 * unit <= number < YEAR_2262 // 10**9 * unit:
            return math.floor(Fraction(number) * 10**9 / unit)
    return None


PADDING = re.compile(rb"\0*(?:\xef\xbb\xbf)?(?:@cee:)?")
EVENT_FRONT = re.compile(rb'\{[ \t\r]*"timestamp"[ \t\r]*:')


def no_json(word):
    raise ValueError(word)


DECODER = json.JSONDecoder(parse_constant=no_json)


def json_front(part):
    """The JSON value that the bytes begin with, and where what follows it and its blanks begins; (None, 0) if there is none."""
    blanks = len(part) - len(part.lstrip(b" \t\r"))
    try:
        # Each byte a character, as invalid UTF-8 is no matter here.
        value, end = DECODER.raw_decode(part.decode("latin-1"), blanks)
    except (ValueError, RecursionError):
        return None, 0
    return value, end + len(part[end:]) - len(part[end:].lstrip(b" \t\r"))


def events(line):
    """The events of a line, each with the place where it begins: mostly one, the line itself."""
    place = PADDING.match(line).end()
    while place < len(line):
        value, length = json_front(line[place:])
        if place + length == len(line):
            if isinstance(value, dict):
                yield place, line[place:]
            return
        if length and EVENT_FRONT.match(line, place):
            yield place, line[place : place + length]
            place += length
        else:
            following = EVENT_FRONT.search(line, place + 1)
            place = following.start() if following else len(line)


def usable_time(line, read_time):
    """The time of an event, or None when it has none, or one that cannot be true."""
    try:
        event = json.loads(line.decode("utf-8", "replace"), parse_int=str, parse_float=str)
        written = event["timestamp"] if isinstance(event, dict) else None
        time = parse_time(written.encode()) if isinstance(written, str) else None
    except (ValueError, KeyError, ArithmeticError, RecursionError):
        return None
    if time is None or time < YEAR_1990 or time > read_time + DAY:
        return None
    return time


def event_id(sensor, identity, offset, line, time):
    place = sensor.encode() + struct.pack("<QQQ", identity[0], identity[1], offset)
    seed = xxhash.XXH3_64bits(place, len(place))
    digest = xxhash.XXH3_128bits_withSeed(line, len(line), seed)
    milliseconds = max(time or 0, 0) // 1_000_000
    number = milliseconds << 112 | (digest.high << 64 | digest.low) >> 16
    return "".join("0123456789abcdefghijklmnopqrstuv"[number >> shift & 31] for shift in range(155, -5, -5))


class Redis:
    """Just enough of the protocol to read streams."""

    def __init__(self, address):
        host, _, port = address.rpartition(":")
        self.file = socket.create_connection((host or "127.0.0.1", int(port)), timeout=30).makefile("rwb")

    def call(self, *words):
        words = [word if isinstance(word, bytes) else str(word).encode() for word in words]
        self.file.write(b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words))
        self.file.flush()
        return self.reply()

    def reply(self):
        line = self.file.readline()[:-2]
        mark, rest = line[:1], line[1:]
        if mark == b"$":
            return None if rest == b"-1" else self.file.read(int(rest) + 2)[:-2]
        if mark == b"*":
            return None if rest == b"-1" else [self.reply() for _ in range(int(rest))]
        if mark == b"-":
            raise RuntimeError(rest.decode())
        return int(rest) if mark == b":" else rest

    def entries(self, stream, limit=None):
        """All entries from the oldest on, as (id, payload)."""
        after, seen = "-", 0
        while limit is None or seen < limit:
            page = self.call("XRANGE", stream, after, "+", "COUNT", min(16, limit - seen) if limit else 16)
            if not page:
                return
            for entry, fields in page:
                yield entry.decode(), dict(zip(fields[::2], fields[1::2])).get(PAYLOAD_FIELD, b"")
                seen += 1
            after = "(" + page[-1][0].decode()


def show(header, records):
    print(json.dumps(header))
    for record in records:
        if header["kind"] == "raw":
            offset, line = record
            print(json.dumps({"offset": offset, "line": line.decode("utf-8", "replace")}))
        else:
            identifier, time, document = record
            print(json.dumps({"id": identifier, "time": time, "document": json.loads(document)}))


def verify(redis, prefix):
    expected, found = {}, {}
    for _, payload in redis.entries(prefix + "raw"):
        header, records = decode(payload)
        for offset, line in records:
            for place, event in events(line):
                time = usable_time(event, header["read_time"])
                identifier = event_id(header["sensor"], header["identity"], offset + place, event, time)
                expected[identifier] = (offset + place, event)
    for _, payload in redis.entries(prefix + "ecs"):
        header, records = decode(payload)
        for identifier, _, document in records:
            json.loads(document)
            found[identifier] = document
    for identifier in sorted(found.keys() - expected.keys())[:10]:
        print("a document with an id that no event has:", identifier, found[identifier][:200], file=sys.stderr)
    for identifier in sorted(expected.keys() - found.keys())[:10]:
        print("an event without a document:", identifier, *expected[identifier], file=sys.stderr)
    print(f"events={len(expected)} documents={len(found)} equal={len(expected.keys() & found.keys())}")
    return expected.keys() == found.keys()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("decode").add_argument("files", nargs="+")
    for verb in ("read", "verify"):
        options = verbs.add_parser(verb)
        options.add_argument("--redis", default="127.0.0.1:6379")
        options.add_argument("--prefix", default="ids:")
        if verb == "read":
            options.add_argument("--stream", choices=STREAMS, default="ecs")
            options.add_argument("--count", type=int)
    options = verbs.add_parser("id")
    for name, kind in (("sensor", str), ("high", int), ("low", int), ("offset", int)):
        options.add_argument(name, type=kind)
    options.add_argument("--time", type=int)
    arguments = parser.parse_args()
    if arguments.verb == "decode":
        for name in arguments.files:
            with open(name, "rb") as file:
                show(*decode(file.read()))
    elif arguments.verb == "read":
        redis = Redis(arguments.redis)
        for _, payload in redis.entries(arguments.prefix + arguments.stream, arguments.count):
            show(*decode(payload))
    elif arguments.verb == "verify":
        return 0 if verify(Redis(arguments.redis), arguments.prefix) else 1
    else:
        line = sys.stdin.buffer.read()
        identity = [arguments.high, arguments.low]
        print(event_id(arguments.sensor, identity, arguments.offset, line, arguments.time))
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except ContractError as error:
        print(error, file=sys.stderr)
        sys.exit(3)
