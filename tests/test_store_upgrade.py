"""A store of schema 1, made by programs of that time, is used by those of today: nothing is lost, whatever happens."""

import gzip
import json
import os
import random
import shutil
import sqlite3
import subprocess
import time
from pathlib import Path

import pytest

from support import eve
from support.marks import needs_root
from support.waiting import until

# 40 events that version 0.1 of the programs stored.
OLD_STORE = Path(__file__).parent / "stores/schema-1.db.gz"
OLD_EVENTS = 40
OLD_INDEXES = {"events_src_ip", "events_dest_ip", "events_severity", "events_signature"}


@pytest.fixture
def old(stack):
    """A stack that is not started, with a store of schema 1."""
    stack.store.write_bytes(gzip.decompress(OLD_STORE.read_bytes()))
    return stack


def multiply(path, times):
    """Lets a store of schema 1 hold `times` as many events, at other times; returns how many."""
    connection = sqlite3.connect(path)
    columns = "event_type, severity, src_ip, src_port, dest_ip, dest_port, signature, document"
    with connection:
        connection.execute("CREATE TEMP TABLE first AS SELECT * FROM events")
        connection.executemany(
            f"INSERT INTO events SELECT id || ?1, timestamp + ?1, {columns} FROM first",
            ((number,) for number in range(1, times)))
    count, = connection.execute("SELECT count(*) FROM events").fetchone()
    connection.close()
    return count


def rows(path):
    """What every schema has, in the order of storing."""
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return connection.execute(
            "SELECT id, timestamp, event_type, severity, src_ip, src_port, dest_ip, dest_port, signature, document"
            " FROM events ORDER BY rowid").fetchall()
    finally:
        connection.close()


def indexes(stack):
    return {name for name, in stack.query("SELECT name FROM sqlite_schema WHERE type = 'index'")}


def until_upgraded(stack, seconds=60):
    until(lambda: stack.query("PRAGMA user_version") == [(2,)] and not indexes(stack) & OLD_INDEXES,
          "the store to be upgraded", seconds)
    assert stack.query("PRAGMA integrity_check") == [("ok",)]


def test_old_events_stay_and_new_ones_come(old):
    before = rows(old.store)
    assert len(before) == OLD_EVENTS
    eve.append(old.eve, eve.lines(100))
    old.start()
    old.until_stored(OLD_EVENTS + 100)
    until_upgraded(old)
    assert rows(old.store)[:OLD_EVENTS] == before
    assert [seq for seq, in old.query("SELECT seq FROM events ORDER BY seq")] == list(range(1, OLD_EVENTS + 101))
    assert old.query("SELECT DISTINCT sensor FROM events WHERE seq <= 40") == [("home-box",)]
    assert old.query("SELECT count(*) FROM events WHERE proto = 'tcp' AND flow_id > 0 AND seq <= 40")[0][0] > 20
    log = old.shippers["sqlite"].log
    assert "is now of this one" in log and "old indexes are removed" in log


def test_killed_at_any_moment_of_the_upgrade(old):
    count = multiply(old.store, 1_000)
    before = rows(old.store)
    old.write_config(opensearch_shipper__claim_after_ms=1_000, redis__deliveries_max=1_000)
    eve.append(old.eve, eve.lines(500))
    shipper = old.shippers["sqlite"]
    old.start(ready=False)
    chance, states = random.Random(3), set()
    for _ in range(25):
        time.sleep(chance.uniform(0, 0.15))
        shipper.kill()
        states.add((old.query("PRAGMA user_version")[0][0], len(indexes(old) & OLD_INDEXES)))
        shipper.start()
    old.until_stored(count + 500)
    until_upgraded(old)
    assert {(2, 0)} < states  # it was not killed before or after the upgrade alone
    after = rows(old.store)
    assert after[:count] == before
    assert eve.flow_numbers(json.loads(row[-1]) for row in after[count:]) == list(range(500))


def test_whoever_reads_meanwhile_goes_on(old):
    multiply(old.store, 500)
    viewer = sqlite3.connect(f"file:{old.store}?mode=ro", uri=True)
    try:
        found = viewer.execute("SELECT id FROM events ORDER BY timestamp")
        first = found.fetchone()
        eve.append(old.eve, eve.lines(10))
        old.start()
        until(lambda: old.stored() == 500 * OLD_EVENTS + 10, "the new events")
        assert len({first, *found.fetchall()}) == 500 * OLD_EVENTS
        assert viewer.execute("SELECT max(seq) FROM events").fetchone()[0] == 500 * OLD_EVENTS + 10
    finally:
        viewer.close()
    until_upgraded(old)


@needs_root
def test_a_full_disk_keeps_the_store_as_it_is(old, tmp_path):
    size = old.store.stat().st_size
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size + 40_960}", "ids-test", tmp_path], check=True)
    try:
        shutil.copy(old.store, tmp_path / "events.db")
        old.store = tmp_path / "events.db"
        before = rows(old.store)
        old.write_config(sqlite__path=str(old.store))
        eve.append(old.eve, eve.lines(50))
        old.start(ready=False)
        shipper = old.shippers["sqlite"]
        until(lambda: "full" in shipper.get("/readyz")[1], "the disk to be full")
        shipper.kill()
        assert old.query("PRAGMA user_version") == [(1,)] and rows(old.store) == before
        shipper.start()
        subprocess.run(["mount", "-o", "remount,size=16m", tmp_path], check=True)
        old.until_stored(OLD_EVENTS + 50)
        until_upgraded(old)
        assert rows(old.store)[:OLD_EVENTS] == before
    finally:
        old.close()
        subprocess.run(["umount", "-l", tmp_path], check=True)


def test_a_damaged_store_is_told_and_nothing_is_acknowledged(old):
    multiply(old.store, 50)
    connection = sqlite3.connect(old.store)
    page, size = connection.execute(
        "SELECT (SELECT rootpage FROM sqlite_schema WHERE name = 'events_dest_ip'), page_size FROM pragma_page_size").fetchone()
    connection.close()
    with open(old.store, "r+b") as file:
        file.seek((page - 1) * size)
        file.write(os.urandom(size))
    eve.append(old.eve, eve.lines(50))
    old.start(ready=False)
    until(lambda: "malformed" in old.shippers["sqlite"].get("/readyz")[1], "the damage to be told")
    assert old.totals("local").get("stored", 0) == 0 and old.shippers["sqlite"].get("/healthz")[0] == 200
    for suffix in ("", "-wal", "-shm"):
        Path(f"{old.store}{suffix}").unlink(missing_ok=True)
    old.until_stored(50)


def test_the_store_is_read_when_its_writer_has_stopped(stack):
    """By somebody who may not write: without the log beside the file SQLite would refuse."""
    eve.append(stack.eve, eve.lines(50))
    stack.start()
    stack.until_stored(50)
    for end in (stack.shippers["sqlite"].terminate, stack.shippers["sqlite"].kill):
        end()
        assert Path(f"{stack.store}-wal").exists()
        assert stack.stored() == 50
        if os.geteuid() == 0:
            read_only = ["unshare", "--mount", "sh", "-c", 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && exec '
                         'sqlite3 -readonly "$1/events.db" "SELECT count(*) FROM events"', "-", stack.directory]
            assert subprocess.run(read_only, capture_output=True, text=True, check=True).stdout == "50\n"
        stack.shippers["sqlite"].start().until_ready()


def test_retention_goes_on_after_the_upgrade(old):
    """The events of the tests are far older than a day."""
    count = multiply(old.store, 500)
    old.write_config(sqlite__delete_after_days=1)
    old.start()
    until(lambda: old.stored() == 0, f"{count} events to be deleted")
    eve.append(old.eve, eve.lines(10))
    until(lambda: old.query("SELECT seq FROM sqlite_sequence") == [(count + 10,)], "events with further numbers")
