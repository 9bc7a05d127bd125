"""The SQLite store: not writable, full disk, killed while it writes, read while it is written."""

import os
import sqlite3
import subprocess

import pytest

from support import eve
from support.marks import needs_root
from support.waiting import until


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 2 MiB, and a function that mounts it anew with other options."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "ids-test", tmp_path], check=True)
    yield tmp_path, lambda options: subprocess.run(["mount", "-o", f"remount,{options}", tmp_path], check=True)
    subprocess.run(["umount", "-l", tmp_path], check=True)


def not_ready(stack, *words):
    shipper = stack.shippers["sqlite"]
    until(lambda: shipper.get("/readyz")[0] == 503, "the shipper not to be ready")
    until(lambda: any(word in (shipper.get("/readyz")[1] + shipper.log).lower() for word in words),
          f"one of {words} in the reason")
    assert shipper.get("/healthz")[0] == 200


@needs_root
def test_disk_full_then_roomy(new_stack, small_disk):
    folder, remount = small_disk
    stack = new_stack(settings={"sqlite.path": str(folder / "events.db")})
    stack.store = folder / "events.db"
    stack.start()
    eve.many(stack.eve, 10_000)
    not_ready(stack, "full")
    assert stack.dead_letters() == []
    remount("size=64m")
    stack.until_stored(10_000, seconds=60)
    stack.shippers["sqlite"].until_ready()
    assert eve.flow_numbers(stack.documents().values()) == list(range(10_000))
    assert stack.query("PRAGMA integrity_check") == [("ok",)]


@needs_root
def test_file_system_read_only_then_writable(new_stack, small_disk):
    folder, remount = small_disk
    stack = new_stack(settings={"sqlite.path": str(folder / "events.db")})
    stack.store = folder / "events.db"
    remount("ro")
    eve.append(stack.eve, eve.lines(50))
    stack.start(ready=False)
    not_ready(stack, "read-only", "readonly", "unable to open", "cannot")
    remount("rw")
    stack.until_stored(50)


def test_folder_missing_then_there(new_stack):
    stack = new_stack()
    folder = stack.directory / "later"
    stack.store = folder / "events.db"
    stack.write_config(sqlite__path=str(stack.store))
    eve.append(stack.eve, eve.lines(50))
    stack.start(ready=False)
    until(lambda: stack.shippers["sqlite"].get("/readyz")[0] == 503 or folder.exists(), "a reason, or the folder made")
    folder.mkdir(exist_ok=True)
    stack.until_stored(50)


def test_a_file_that_is_no_database(stack):
    stack.store.write_bytes(b"this is no database " * 400)
    eve.append(stack.eve, eve.lines(50))
    stack.start(ready=False)
    not_ready(stack, "not a database")
    os.unlink(stack.store)
    stack.until_stored(50)


def test_a_reader_of_the_store_stops_nothing(stack):
    stack.start()
    eve.append(stack.eve, eve.lines(10))
    stack.until_stored(10)
    viewer = sqlite3.connect(f"file:{stack.store}?mode=ro", uri=True)
    try:
        rows = viewer.execute("SELECT id FROM events ORDER BY timestamp")
        rows.fetchone()
        eve.append(stack.eve, eve.lines(1000, first=10))
        stack.until_stored(1010)
    finally:
        viewer.close()


def test_a_writer_that_holds_the_store_is_waited_for(stack):
    stack.start()
    eve.append(stack.eve, eve.lines(10))
    stack.until_stored(10)
    other = sqlite3.connect(stack.store, isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        eve.append(stack.eve, eve.lines(100, first=10))
        until(lambda: stack.totals("ecs-transformer")["events"] == 110, "the documents to wait in Redis")
        assert stack.stored() == 10
        other.execute("ROLLBACK")
    finally:
        other.close()
    stack.until_stored(110)


def test_the_store_has_an_index_for_what_a_viewer_asks(stack):
    stack.start()
    eve.append(stack.eve, eve.lines(10))
    stack.until_stored(10)
    for where, order in (("timestamp > 5", "timestamp"), ("event_type = 'alert'", "timestamp"), ("id = 'x'", "timestamp"),
                         ("seq < 5", "seq")):
        plan = stack.query(f"EXPLAIN QUERY PLAN SELECT id FROM events WHERE {where} ORDER BY {order} DESC LIMIT 5")
        assert "INDEX" in str(plan) or "PRIMARY KEY" in str(plan), (where, plan)
        assert "TEMP B-TREE" not in str(plan), (where, plan)
    assert stack.query("PRAGMA journal_mode") == [("wal",)]
