#!/usr/bin/python3
"""Makes what the fuzzer starts from: lines of EVE files as one file each, and a dictionary of their members.

    seeds.py FOLDER FILE...      writes FOLDER/lines/ and FOLDER/dictionary; .zst files are read through zstd

Of lines that have the same members with values of the same types the first one is taken: the others teach the fuzzer
nothing, and running them all would take longer than a short run of it.
"""

import argparse
import hashlib
import json
import re
import struct
import subprocess
from pathlib import Path

# The longest word that libFuzzer takes (FuzzerDictionary.h: Word::kMaxSize).
WORD_BYTES_MAX = 64
# Words of one key: the key alone, and with values.
EXAMPLES = 3
# What no recorded event holds and a mapping may stumble over.
ODD_WORDS = [
    "null", "true", "[]", "{}", '""', "-1", "1e999", "-0", "0.1", "18446744073709551616", "9223372036854775808",
    '"\\u0000"', '"\\ud800"', '"\\ud83d\\ude00"', '"\\"', "\\u0022", "\xff", "\xed\xa0\x80", "\xc3\xa9", "\x00", "\n",
    '"1970-01-01T00:00:00Z"', '"9999-12-31T23:59:60.999999999+2359"', '"::ffff:192.0.2.1"', '"fe80::1%eth0"', '"1.2.3"',
    '"user:pass@host"', '"http://u:p@[::1]:99999/?#"', '"=?utf-8?B?w6k=?="', '"xn--0ca.example"', '"."', '",";',
    '{"timestamp":"', "9223372036854775807", "-9223372036854775808", "18446744073709551615", '"timestamp":"2026-02-01T00:00:00.000000+0000"', "@cee:", "IDSB",
]
# What stands in Redis beside lines, a line for each place of an answer (NeighbourTarget.swift).
REPORT = '{"instance":1,"time":%d,"last_event":%d,"last_read":1,"unread_bytes":7,"disk_bytes":%d,"bytes":9}'
STATS = ('1-1 {"timestamp":"2026-02-01T00:00:00.000000+0000","event_type":"stats","host":"a",'
         '"stats":{"uptime":%d,"capture":{"kernel_packets":%d},"detect":{"engines":[{"rules_loaded":%d}]}}}')
NUMBERS = (0, 7, 2**63 - 1, -2**63, 2**64 - 1)
OF_REDIS = [
    "redis\n" + "\n".join([str(number), "used_memory:%d" % number, REPORT % ((number,) * 3), STATS % ((number,) * 3),
                           '{"writers":[],"counters":{}}', "9223372036854775807-1"]) for number in NUMBERS
] + [f"redis\n{number}" for number in NUMBERS] + [
    f"v1 offset={number} size={number} identity={'0' * 31}1 boot=b device=1 inode=2 head=0+9:ab "
    f"tail={max(number - 3, 0)}+{min(number, 3)}:cd time={number} path=/a/eve.json" for number in NUMBERS
]


def batch(kind, record, time):
    """The payload of a plain batch of one record with these times."""
    return (struct.pack("<4sBBBBIIqqqQQQQ", b"IDSB", 1, kind, 0, 0, 1, len(record), time, time, time, 1, 2, 0, 9)
            + b"\1\0s\1\0p" + record)


def batches():
    for time in (1, 1_769_904_000_000_000_000, 2**63 - 1, -2**63):
        yield batch(1, struct.pack("<II", 2, 0) + b"{}", time)
        yield batch(2, struct.pack("<Iq", 2, time) + b"0" * 32 + b"{}", time)


def lines_of(path):
    if path.suffix == ".zst":
        return subprocess.run(["zstd", "-dcq", path], check=True, stdout=subprocess.PIPE).stdout.splitlines()
    return path.read_bytes().splitlines()


def members_of(value, path=()):
    """Every member of every object, with the way to it."""
    if isinstance(value, dict):
        for key, member in value.items():
            yield (*path, key), member
            yield from members_of(member, (*path, key))
    elif isinstance(value, list):
        for element in value:
            yield from members_of(element, path)


def quoted(word):
    """A word as the dictionary writes it: printable ASCII, everything else as \\xHH."""
    data = word.encode("latin-1") if all(ord(letter) < 256 for letter in word) else word.encode()
    return '"' + re.sub(rb'[^ -!#-\[\]-~]', lambda byte: b"\\x%02x" % byte[0][0], data).decode() + '"'


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("files", nargs="+", type=Path)
    given = parser.parse_args()
    folder, paths = given.folder, given.files
    lines = folder / "lines"
    lines.mkdir(parents=True, exist_ok=True)
    shapes, examples = set(), {}
    for line in (line for path in paths for line in lines_of(path)):
        try:
            event = json.loads(line)
        except ValueError:
            shape, members = line, []
        else:
            members = list(members_of(event))
            kind = event.get("event_type") if isinstance(event, dict) else None
            shape = str(kind), frozenset((path, type(member)) for path, member in members)
        if shape in shapes:
            continue
        shapes.add(shape)
        (lines / hashlib.sha1(line, usedforsecurity=False).hexdigest()).write_bytes(line)
        for path, member in members:
            name = json.dumps(path[-1], ensure_ascii=False) + ":"
            words = examples.setdefault(name, {name: None})
            word = name + json.dumps(member, ensure_ascii=False, separators=(",", ":"))
            if len(words) < EXAMPLES and len(word.encode()) <= WORD_BYTES_MAX:
                words[word] = None
    for seed in [*batches(), *(text.encode() for text in OF_REDIS)]:
        (lines / hashlib.sha1(seed, usedforsecurity=False).hexdigest()).write_bytes(seed)
    words = ODD_WORDS + [word for found in examples.values() for word in found]
    (folder / "dictionary").write_text("".join(f"{quoted(word)}\n" for word in dict.fromkeys(words)))
    print(f"{len(shapes)} lines, {len(words)} words")


if __name__ == "__main__":
    main()
