#!/usr/bin/python3
"""The page's answers from a large store, and what the index costs; status 1 when a bar is missed.

    benchmarks/control_plane.py --events 5000000

Recorded events go through the whole pipeline into a store, which is then multiplied over 14 days. `cold` is the first answer
after the files have left the page cache, `warm` the median of nine more.
"""

import argparse
import json
import os
import shutil
import sqlite3
import statistics
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlencode

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from support.control_plane import ControlPlane  # noqa: E402
from support.processes import REPOSITORY  # noqa: E402
from support.stack import Stack  # noqa: E402
from support.waiting import until  # noqa: E402

SPAN = 14 * 86_400 * 10**9
# What is asked for, and the bar in milliseconds with where it counts.
QUESTIONS = {
    "inbox": ("/groups?limit=50", "warm", 20),
    "newest events": ("/events", "warm", 50),
    "word": ("/events?" + urlencode({"q": "shop.example"}), "cold", 50),
    "address": ("/events?" + urlencode({"q": "192.168.77.20"}), "cold", 50),
    "alerts of a network": ("/events?" + urlencode({"q": "is:alert ip:192.168.77.0/24"}), "cold", 50),
    "one event": (None, "warm", 20),
    "histogram of 7 days": ("/events/histogram?from=-7d", "warm", 100),
    "hosts": ("/hosts", "warm", 50),
}
ARCHIVE_BAR = 100
INDEX_BAR = 8  # CPU-seconds for a million events
PAGES = 20
RESIDENT_BAR = 40  # MiB, with so many pages open


def fill(path, count):
    """A store with so many events, the newest of them now."""
    lines = [line for file in sorted((REPOSITORY / "fixtures/eve").glob("*.ndjson"))
             for line in file.read_text().splitlines()]
    stack = Stack(settings={"log.level": "warning"})
    try:
        stack.start()
        with open(stack.eve, "a") as eve:
            eve.writelines(line + "\n" for line in lines)
        until(lambda: stack.stored() >= len(lines), "all to be stored", 120)
        with sqlite3.connect(stack.store) as connection:
            connection.execute("VACUUM INTO ?", (str(path),))
    finally:
        stack.close()
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("CREATE TEMP TABLE recorded AS SELECT * FROM events")
    connection.execute("DELETE FROM events")
    rounds = max(1, count // len(lines))
    begin = time.time_ns() - SPAN
    columns = "event_type, severity, src_ip, src_port, dest_ip, dest_port, signature, document"
    for number in range(rounds):
        connection.execute(
            f"INSERT INTO events (id, timestamp, {columns}) SELECT id || ?1, ?2 + (rowid * ?3), {columns} FROM recorded",
            (number, begin + SPAN * number // rounds, SPAN // rounds // len(lines)))
    connection.close()
    return rounds * len(lines)


def forget(*paths):
    for path in paths:
        descriptor = os.open(path, os.O_RDONLY)
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(descriptor)


def milliseconds(browser, method, path, body=None):
    time.sleep(0.02)  # a session may ask 100 times a second
    began = time.monotonic()
    answer = browser.send(method, path, body)
    assert answer.status == 200, (path, answer.body)
    return (time.monotonic() - began) * 1_000


def keep_pages_open(plane, browser, count=PAGES, rounds=5):
    """What the pages of a browser ask for while they are looked at, each over a connection of its own."""
    fields = {"Cookie": f"{plane.cookie_name}={browser.cookie}", "Sec-Fetch-Site": "same-origin"}
    connections = [plane.connection() for _ in range(count)]
    for number in range(rounds * count):
        time.sleep(0.02)
        connection = connections[number % count]
        path = [path for path, _, _ in QUESTIONS.values() if path][number % (len(QUESTIONS) - 1)]
        connection.request("GET", "/api/v1" + path, headers=fields)
        answer = connection.getresponse()
        assert answer.status == 200, (path, answer.read())
        answer.read()
    resident = plane.status_kib("VmRSS") / 1024
    for connection in connections:
        connection.close()
    return resident


def measure(count):
    folder = Path(tempfile.mkdtemp(prefix="control-plane-", dir=REPOSITORY / "build"))
    plane = ControlPlane(folder, sections={"sqlite": {"path": str(folder / "events.db")}}, tls="off")
    index = plane.data / "index.db"
    try:
        total = fill(folder / "events.db", count)
        plane.start().until_ready()
        browser = plane.set_up()
        began, cpu = time.monotonic(), plane.cpu_seconds()

        def position():
            with sqlite3.connect(f"file:{index}?mode=ro", uri=True) as connection:
                return connection.execute("SELECT seq - (SELECT min(first_seq) FROM spans) + 1 FROM position").fetchone()[0]

        until(lambda: (position() or 0) >= total, "all to be indexed", 600 + total / 1_000, every=1)
        result = {"events": total, "index": {
            "cpu_seconds_per_million": (plane.cpu_seconds() - cpu) * 1e6 / total,
            "events_per_second": total / (time.monotonic() - began), "bytes_per_event": index.stat().st_size / total}}
        missed = ["index"] if result["index"]["cpu_seconds_per_million"] > INDEX_BAR else []
        newest = browser.get("/events?q=is:alert&limit=1").json["events"][0]["id"]
        for name, (path, state, bar) in QUESTIONS.items():
            path = path or f"/events/{newest}"
            forget(index, folder / "events.db")
            row = {"cold": milliseconds(browser, "GET", path),
                   "warm": statistics.median(milliseconds(browser, "GET", path) for _ in range(9)), "bar": bar}
            result[name] = row
            if row[state] > bar:
                missed.append(name)
        group = browser.get("/groups?sort=count&limit=1").json["groups"][0]
        archived = milliseconds(browser, "POST", "/groups/actions", {"keys": [group["key"]], "action": "archive"})
        result["archive"] = {"alerts": group["count"], "warm": archived, "bar": ARCHIVE_BAR}
        if archived > ARCHIVE_BAR:
            missed.append("archive")
        result["resident_mib"] = {
            f"{PAGES} pages open": keep_pages_open(plane, browser), "bar": RESIDENT_BAR,
            "peak": plane.status_kib("VmHWM") / 1024}
        if result["resident_mib"][f"{PAGES} pages open"] > RESIDENT_BAR:
            missed.append("resident memory")
        return result, missed
    finally:
        plane.kill()
        shutil.rmtree(folder, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=500_000)
    result, missed = measure(parser.parse_args().events)
    print(json.dumps(result, indent=2))
    if missed:
        sys.exit(f"bars missed: {', '.join(missed)}")


if __name__ == "__main__":
    main()
