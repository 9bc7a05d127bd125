"""The local store: what the shipper to SQLite costs, and how much it writes, once the store has so many events."""

import shutil
import tempfile
import time
from pathlib import Path

from support.processes import REPOSITORY
from support.stack import Stack

MIB = 1 << 20
# The largest batch, as a backlog makes it, and a small one, as an ordinary day makes it.
BATCHES = (2_000, 20)


def measure(settings, source, count):
    """Fills a store with `count` events of `source`, then stores further tenths in batches of each size.

    The store lies on a disk: what goes to a RAM disk is not counted as written.
    """
    stack = Stack(settings={"eve_reader.stream_bytes_max": 64 * MIB, "ecs_transformer.stream_bytes_max": 64 * MIB,
                            "log.level": "warning", **settings})
    folder = Path(tempfile.mkdtemp(prefix="store-", dir=REPOSITORY / "build"))
    stack.store = folder / "events.db"
    stack.write_config(sqlite__path=str(stack.store))
    try:
        with open(source, "rb") as lines, open(stack.eve, "wb") as eve:
            stack.start()
            rows, target = [], 0
            for batch, share in ((BATCHES[0], count), *((batch, count // 10) for batch in BATCHES)):
                stack.reader.terminate()
                stack.write_config(eve_reader__batch_events=batch)
                rows.append({"batch": batch, **run(stack, lines, eve, target, share)})
                target += share
            size = sum(path.stat().st_size for path in folder.iterdir())
        return {"events": count, "bytes_per_event": size / target, "filling": rows[0], "batches": rows[1:]}
    finally:
        stack.close()
        shutil.rmtree(folder, ignore_errors=True)


def run(stack, lines, eve, before, count):
    """Lets `count` further lines come to the store; what the shipper needed for one of them."""
    shipper = stack.shippers["sqlite"]
    cpu, written, began = shipper.cpu_seconds(), shipper.written_bytes(), time.monotonic()
    for _ in range(count):
        eve.write(lines.readline())
    eve.flush()
    stack.reader.start()
    stack.until_acknowledged("sqlite", before + count, 120 + count / 1000)
    return {"cpu_seconds_per_million": (shipper.cpu_seconds() - cpu) * 1e6 / count,
            "written_bytes_per_event": (shipper.written_bytes() - written) / count,
            "events_per_second": count / (time.monotonic() - began),
            "resident_mib": shipper.status_kib("VmHWM") / 1024}
