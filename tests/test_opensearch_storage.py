"""A real OpenSearch on a small disk: the oldest indexes go before it is full, and what was blocked goes on by itself."""

import base64
import os
import shutil
import subprocess
import tempfile
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from support import eve, metrics, opensearch as opensearch_module
from support.marks import needs_root
from support.opensearch import OpenSearch
from support.processes import Cleanup
from support.waiting import until

MIB = 1 << 20
MARK_PERCENT = 60
DAYS = 3
STATS_DAYS = (3, 1)


class SmallDisk:
    """A file system of its own, with a file that takes as much of it as a test wants."""

    def __init__(self, megabytes):
        self.folder = Path(tempfile.mkdtemp(prefix="ids-disk-"))
        self._guard = Cleanup('umount -l "$0"; rmdir "$0"', self.folder)
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "ids-test", self.folder], check=True)
        (self.folder / "data").mkdir()
        shutil.chown(self.folder / "data", "nobody")

    @property
    def used_percent(self):
        usage = shutil.disk_usage(self.folder)
        return 100 * (usage.total - usage.free) / usage.total

    def fill(self, percent):
        """Makes the whole disk that full, by as large a file as that takes."""
        ballast = self.folder / "ballast"
        ballast.unlink(missing_ok=True)
        usage = shutil.disk_usage(self.folder)
        size = int(usage.total * percent / 100 - usage.used)
        assert size > 0, f"the disk is {self.used_percent:.0f} % full already"
        subprocess.run(["fallocate", "-l", str(size), ballast], check=True)

    def close(self):
        self._guard.run(10)


@pytest.fixture
def small_disk():
    disk = SmallDisk(128)
    yield disk
    disk.close()


@pytest.fixture
def small_opensearch(small_disk):
    reason = opensearch_module.why_absent()
    if reason:
        pytest.skip(reason)
    # 10 s is the shortest time that it takes between two looks at its disk.
    node = OpenSearch(options=(
        f"path.data={small_disk.folder}/data", "cluster.routing.allocation.disk.threshold_enabled=true",
        "cluster.info.update.interval=10s"))
    try:
        yield node.start()
    finally:
        node.close()


def events(first, count, age, kind=None):
    """Lines of the UTC day so many days ago; a flow has 24 KiB that no store makes smaller than 18."""
    noon = datetime.now(timezone.utc).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=age)
    return b"".join(
        eve.line(number, kind, time=noon + timedelta(milliseconds=number),
                 payload=base64.b64encode(os.urandom(18 << 10)).decode() if kind == "flow" else None)
        for number in range(first, first + count))


def day(age):
    return (datetime.now(timezone.utc) - timedelta(days=age)).strftime("%Y.%m.%d")


def deleted(shipper):
    """The indexes that the shipper has deleted, in that order."""
    return [line.split(" index=")[1].split()[0] for line in shipper.log.splitlines() if "Deleted an index" in line]


def is_blocked(opensearch, index):
    settings = opensearch.request("GET", f"{index}/_settings?flat_settings=true")[index]["settings"]
    return settings.get("index.blocks.read_only_allow_delete") == "true"


@needs_root
def test_a_flood_makes_the_oldest_go_and_no_alert(new_stack, small_opensearch, small_disk):
    opensearch, disk = small_opensearch, small_disk
    stack = new_stack(sinks=("opensearch",), opensearch=opensearch.url, settings={
        "opensearch.classes": "true", "opensearch.storage_guard": "true",
        "opensearch.storage_guard_percent": MARK_PERCENT, "opensearch.storage_guard_interval_ms": 1000})
    shipper = stack.shippers["opensearch"]
    stack.start()

    # Some days of each class.
    written = 0
    for age in range(DAYS, 0, -1):
        for kind, count in (("flow", 400), ("alert", 20), ("stats", 5 if age in STATS_DAYS else 0)):
            eve.append(stack.eve, events(written, count, age, kind))
            written += count
    stack.until_acknowledged("opensearch", written, 120)

    opensearch.request("POST", f"{stack.name}-*/_flush")

    # The rest of the room up to the mark is less than what comes now, until some days have gone.
    disk.fill(MARK_PERCENT - 2)
    today, flows, alerts = f"{stack.name}-{day(0)}", 0, 20 * DAYS
    deadline = time.monotonic() + 120
    while len(deleted(shipper)) <= len(STATS_DAYS) or disk.used_percent > MARK_PERCENT:
        assert time.monotonic() < deadline, f"{disk.used_percent:.0f} % full, gone are only {deleted(shipper)}"
        if len(deleted(shipper)) <= len(STATS_DAYS):
            eve.append(stack.eve, events(written, 2, 0, "flow") + events(written + 2, 2, 0, "alert"))
            written, flows, alerts = written + 4, flows + 2, alerts + 2
        time.sleep(0.1)
    stack.until_acknowledged("opensearch", written, 120)

    found = metrics.scrape(shipper)
    assert stack.totals("opensearch") == {"stored": written, "rejected": 0} and stack.dead_letters() == []
    assert found.get("ids_opensearch_shipper_requests_failed_total") == 0
    assert found.get("ids_opensearch_shipper_documents_retried_total") == 0
    # Counters of all days but today's first, then telemetry, the oldest day first; no alert.
    order = [f"{stack.name}-stats-{day(age)}" for age in STATS_DAYS]
    order += [f"{stack.name}-{day(age)}" for age in range(DAYS, 0, -1)]
    assert deleted(shipper) == order[:len(deleted(shipper))]
    assert found.get("ids_opensearch_shipper_storage_indexes_deleted_total", **{"class": "stats"}) == len(STATS_DAYS)
    assert found.get("ids_opensearch_shipper_storage_indexes_deleted_total", **{"class": "alerts"}) == 0
    assert len(opensearch.documents(f"{stack.name}-alerts", source=False)) == alerts
    assert opensearch.request("GET", f"{today}/_count")["count"] == flows

    # Something else fills the disk: all goes that may, OpenSearch blocks what is left, and events wait.
    disk.fill(97)
    until(lambda: is_blocked(opensearch, today), "the block of a full disk", 60)
    until(lambda: metrics.scrape(shipper).get("ids_opensearch_shipper_storage_exhausted") == 1, "nothing to be left", 120)
    eve.append(stack.eve, events(written, 50, 0, "alert"))
    written += 50
    until(lambda: "nearly full" in str(shipper.get("/readyz")), "the shipper to say why it waits", 60)

    # There is room again, and nobody has to do anything.
    disk.fill(20)
    stack.until_acknowledged("opensearch", written, 60)
    assert not is_blocked(opensearch, today)
    until(lambda: metrics.scrape(shipper).get("ids_opensearch_shipper_storage_exhausted") == 0, "the guard to see room")
    assert len(opensearch.documents(f"{stack.name}-alerts", source=False)) == alerts + 50
    assert stack.dead_letters() == []
    left = set(opensearch.request("GET", f"{stack.name}-*"))
    assert left == {today, *(f"{stack.name}-alerts-{day(age)}" for age in range(DAYS + 1))}
