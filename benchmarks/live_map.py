#!/usr/bin/python3
"""What the live map costs control-plane, and how long an event takes to a page; status 1 when a bar is missed.

    benchmarks/live_map.py --seconds 60

Recorded events, as the pipeline has mapped them, come into the stream of documents at a steady rate, while pages look on of
which some never read (the service ends those after 45 s). Then single lines are written into eve.json, and each is waited for in a page.
"""

import argparse
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from support import eve  # noqa: E402
from support.control_plane import ControlPlane  # noqa: E402
from support.map_client import MapPage  # noqa: E402
from support.processes import REPOSITORY, stop_all  # noqa: E402
from support.stack import Stack  # noqa: E402
from support.waiting import until  # noqa: E402

# Bars: share of a core, MiB, milliseconds.
CPU_BAR, MEMORY_BAR, DELAY_BAR = 0.15, 60, 1_500


def mapped(stack):
    """Payloads of the stream of documents for all recorded events, each with its number of events."""
    lines = [line for file in sorted((REPOSITORY / "fixtures/eve").glob("*.ndjson"))
             for line in file.read_text().splitlines()]
    with open(stack.eve, "a") as file:
        file.writelines(line + "\n" for line in lines)

    def entries():
        payloads = [fields[b"b"] for _, fields in stack.redis.client.xrange(stack.key("ecs"))]
        batches = [(payload, int.from_bytes(payload[8:12], "little")) for payload in payloads]
        return sum(count for _, count in batches) == len(lines) and batches

    return until(entries, "the events to be mapped", 60)


def read(page, problems):
    try:
        while True:
            page.step(seconds=600)
    except (OSError, AssertionError, ValueError) as error:
        problems.append(error)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=60, help="how long events come (%(default)s)")
    parser.add_argument("--rate", type=int, default=5_000, help="events a second (%(default)s)")
    parser.add_argument("--pages", type=int, default=20, help="pages that look on (%(default)s)")
    parser.add_argument("--stalled", type=int, default=3, help="of those, pages that never read (%(default)s)")
    parser.add_argument("--lines", type=int, default=20, help="lines that are waited for (%(default)s)")
    options = parser.parse_args()

    stack = Stack(sinks=(), settings={"log.level": "warning"})
    folder = Path(tempfile.mkdtemp(prefix="ids-map-"))
    plane = ControlPlane(folder, tls="off", sections={
        "redis": {"host": "127.0.0.1", "port": stack.redis.port, "prefix": f"{stack.name}:"},
        "sqlite": {"path": str(folder / "events.db")}, "map": {"public_on_lan": True}})
    try:
        stack.start(ready=False)
        batches = mapped(stack)
        plane.start().until_ready()
        plane.set_up()
        key = stack.key("ecs")
        # A client may have eight WebSockets, so each eight pages come from an address of their own.
        pages = [MapPage(plane, source=f"127.0.0.{2 + number // 8}",
                         receive_buffer=4096 if number < options.stalled else None)
                 for number in range(options.pages)]
        for page in pages[options.stalled:]:
            page.until_followed()
        problems = []
        for page in pages[options.stalled:]:
            threading.Thread(target=read, args=(page, problems), daemon=True).start()
        print(f"idle: {plane.status_kib('VmRSS') / 1024:.1f} MiB", flush=True)
        began, before, sent, number = time.monotonic(), plane.cpu_seconds(), 0, 0
        # The first third fills the map and what is recorded.
        resident = []
        while (passed := time.monotonic() - began) < options.seconds:
            while sent < options.rate * passed:
                payload, count = batches[number % len(batches)]
                stack.redis.client.xadd(key, {"b": payload}, maxlen=200)
                sent, number = sent + count, number + 1
            time.sleep(0.05)
            resident.append(plane.status_kib("VmRSS") / 1024)
        passed = time.monotonic() - began
        share = (plane.cpu_seconds() - before) / passed
        reading = pages[options.stalled:]
        until(lambda: all(page.sum("events") >= sent for page in reading), "all pages to have seen all events", 30)
        assert not problems, problems
        assert all(page.sum("events") == sent and len(page.snapshots) == 1 for page in reading)
        peak = plane.status_kib("VmHWM") / 1024
        third = len(resident) // 3
        print(f"{sent / passed:,.0f} events/s, {options.pages} pages, {options.stalled} of them stalled: "
              f"{share:.1%} of a core, {resident[-1]:.1f} MiB (at most {peak:.1f}, after a third of the time "
              f"{resident[third]:.1f})", flush=True)
        delays = []
        page = reading[0]
        for line in range(options.lines):
            time.sleep(0.37)  # so that lines come at all moments of a second
            seen = page.sum("events")
            written = time.monotonic()
            eve.append(stack.eve, eve.line(line))
            until(lambda seen=seen: page.sum("events") > seen, "a line to be told", 20, every=0.005)
            delays.append((time.monotonic() - written) * 1_000)
        print(f"from eve.json to a page: {statistics.median(delays):.0f} ms, at most {max(delays):.0f} ms", flush=True)
        return share <= CPU_BAR and peak <= MEMORY_BAR and max(delays) <= DELAY_BAR
    finally:
        stop_all([plane])
        stack.close()


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
