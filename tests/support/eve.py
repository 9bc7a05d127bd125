"""EVE lines made on the spot: Suricata's own field names, every value invented, each line with its own flow_id."""

import base64
import json
import os
from datetime import datetime, timedelta, timezone
from time import sleep

START = datetime(2026, 2, 1, 12, 0, 0, tzinfo=timezone.utc)
FIRST_FLOW_ID = 1_000_000_000_000_000  # above 2^49, as Suricata's are


def stamp(time):
    return time.strftime("%Y-%m-%dT%H:%M:%S.%f%z")


def _flow(number):
    return {"pkts_toserver": number % 90 + 1, "pkts_toclient": number % 70, "bytes_toserver": number % 9000 + 60,
            "bytes_toclient": number % 70000, "start": stamp(START)}


def _alert(number):
    return {"alert": {"action": "allowed", "gid": 1, "signature_id": 9000001 + number % 7, "rev": 3,
                      "signature": f"LOCAL test rule {number % 7}", "category": "Misc activity",
                      "severity": number % 3 + 1}, "app_proto": "http", "direction": "to_server",
            "flow": _flow(number)}


def _flow_end(number):
    return {"app_proto": "tls", "flow": {**_flow(number), "end": stamp(START), "age": number % 60, "state": "closed",
                                         "reason": "timeout", "alerted": False},
            "tcp": {"tcp_flags": "1b", "syn": True, "fin": True, "psh": True, "ack": True, "state": "closed"}}


def _dns(number):
    return {"dns": {"version": 2, "type": "answer", "id": number % 65536, "flags": "8180", "qr": True, "rd": True,
                    "ra": True, "rrname": f"host-{number % 500}.example.net", "rrtype": "A", "rcode": "NOERROR",
                    "answers": [{"rrname": f"host-{number % 500}.example.net", "rrtype": "A", "ttl": 300,
                                 "rdata": f"198.51.100.{number % 250 + 1}"}],
                    "grouped": {"A": [f"198.51.100.{number % 250 + 1}"]}}}


def _http(number):
    return {"tx_id": 0, "http": {"hostname": f"www-{number % 300}.example.org", "url": f"/page/{number}?q=1",
                                 "http_user_agent": "Mozilla/5.0 (X11; Linux x86_64)", "http_method": "GET",
                                 "http_content_type": "text/html", "protocol": "HTTP/1.1", "status": 200,
                                 "length": number % 40000}}


def _tls(number):
    return {"tls": {"subject": f"CN=s{number % 90}.example.org", "issuerdn": "CN=Example CA", "serial": "0A:1B:2C",
                    "fingerprint": "d5:16:0e:87:e0:ef:14:38:b5:0e:34:22:f8:4a:4f:2f:7d:5d:1e:11",
                    "sni": f"s{number % 90}.example.org", "version": "TLS 1.3",
                    "notbefore": "2026-01-01T00:00:00", "notafter": "2027-01-01T00:00:00"}}


def _fileinfo(number):
    return {"http": {"hostname": "files.example.org", "url": f"/f/{number}", "http_method": "GET", "status": 200,
                     "protocol": "HTTP/1.1", "length": 4096}, "app_proto": "http",
            "fileinfo": {"filename": f"/f/{number}", "gaps": False, "state": "CLOSED", "stored": False,
                         "size": 4096, "tx_id": 0}}


def _unknown(number):
    return {"newproto": {"command": "HELLO", "arguments": [number, "two", {"three": 3.5}]}}


BODIES = {"flow": _flow_end, "dns": _dns, "http": _http, "tls": _tls, "alert": _alert, "fileinfo": _fileinfo,
          "newproto": _unknown}
# As on a home network: flows and names first.
MIX = ("flow", "dns", "flow", "dns", "tls", "http", "flow", "dns", "alert", "flow", "fileinfo", "tls", "dns",
       "flow", "http", "newproto")


def event(number, kind=None, time=None, **changes):
    """The event of this number as a dictionary; `changes` replace top-level members, None removes one."""
    kind = kind or MIX[number % len(MIX)]
    time = time or START + timedelta(milliseconds=number)
    members = {
        "timestamp": stamp(time), "flow_id": FIRST_FLOW_ID + number, "in_iface": "eth0", "event_type": kind,
        "src_ip": f"192.168.{number // 250 % 4}.{number % 250 + 1}", "src_port": 32768 + number % 28000,
        "dest_ip": f"203.0.113.{number % 250 + 1}", "dest_port": 443, "proto": "TCP", "pkt_src": "wire/pcap",
        **BODIES.get(kind, _unknown)(number), **changes,
    }
    return {name: value for name, value in members.items() if value is not None}


def encode(members):
    return json.dumps(members, separators=(",", ":")).encode() + b"\n"


def line(number, kind=None, time=None, **changes):
    return encode(event(number, kind, time, **changes))


def lines(count, first=0, days=1):
    """So many lines; with `days`, the events go round over that many UTC days."""
    made = []
    for number in range(first, first + count):
        time = START + timedelta(days=number % days, milliseconds=number)
        made.append(line(number, time=time))
    return b"".join(made)


def many(path, count):
    """Writes a large file quickly: blocks of a few thousand lines in which number and time are replaced."""
    block = 4096
    template = [line(number) for number in range(min(block, count))]
    with open(path, "ab", buffering=1 << 20) as file:
        for base in range(0, count, block):
            for number, text in enumerate(template[:count - base]):
                moved = START + timedelta(milliseconds=base + number)
                old = template_stamp(text)
                text = text.replace(old, stamp(moved).encode(), 1)
                file.write(text.replace(b"%d" % (FIRST_FLOW_ID + number), b"%d" % (FIRST_FLOW_ID + base + number), 1))


def template_stamp(text):
    begin = text.index(b'"timestamp":"') + 13
    return text[begin:text.index(b'"', begin)]


def append(path, data):
    """Appends as Suricata does, and makes the file where there is none."""
    with open(path, "ab", buffering=0) as file:
        file.write(data)


def write_steadily(path, source, block_bytes, pause_seconds, stop=None):
    """Appends the source to the file in blocks that end anywhere, torn lines included, until `stop` is set."""
    with open(source, "rb") as rest, open(path, "ab", buffering=0) as file:
        while (block := rest.read(block_bytes)) and not (stop and stop.is_set()):
            file.write(block)
            sleep(pause_seconds)


def number(document):
    """The number of the event that this document came from."""
    return int(document["suricata"]["eve"]["flow_id"]) - FIRST_FLOW_ID


def flow_numbers(documents):
    """The numbers of the events that these documents came from, sorted, each as often as it is there."""
    return sorted(number(document) for document in documents)


def long_line(number, length):
    """An event of about so many bytes that no compression makes much smaller."""
    return line(number, odd=base64.b64encode(os.urandom(length * 3 // 4)).decode())


def line_of_bytes(number, piece, count):
    """An event with a text of these bytes, so many times."""
    return line(number, odd="MARK").replace(b"MARK", piece * count)
