"""control-plane when its files fail it: a broken index, a full disk, another store; and clients that do not read."""

import os
import shutil
import socket
import sqlite3
import subprocess
import time

import pytest

from support.control_plane import PASSWORD, ControlPlane, recorded_store
from support.marks import needs_root
from support.waiting import until


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    return recorded_store(tmp_path_factory.mktemp("store") / "events.db")


@pytest.fixture
def store(tmp_path, recorded):
    return shutil.copy(recorded, tmp_path / "events.db")


@pytest.fixture
def plane(tmp_path, store):
    plane = ControlPlane(tmp_path, sections={"sqlite": {"path": str(store)}}, tls="off")
    yield plane
    plane.kill()


def inbox(browser):
    """Key and alerts of each open group; None while the index cannot tell."""
    answer = browser.get("/groups?limit=200")
    assert answer.status in (200, 503), answer.body
    return {group["key"]: group["count"] for group in answer.json["groups"]} if answer.status == 200 else None


def found(browser, query):
    answer = browser.get("/events?limit=200&q=" + query)
    assert answer.status == 200, answer.body
    return [event["id"] for event in answer.json["events"]]


def spoil(path):
    """Overwrites a file in its place."""
    with open(path, "r+b") as file:
        file.write(b"A" * path.stat().st_size)


def test_a_broken_index_is_made_anew(plane, store):
    plane.start().until_ready()
    browser = plane.set_up()
    plane.until_indexed(store)
    before = inbox(browser)
    events = found(browser, "192.168.77.20")
    browser.post("/groups/actions", {"keys": list(before)[:1], "action": "archive"})
    rest = dict(list(before.items())[1:])
    spoil(plane.data / "index.db")
    for _ in range(20):
        assert found(browser, "192.168.77.20") == events
        inbox(browser)
    plane.kill()
    spoil(plane.data / "index.db-wal")
    plane.start().until_ready()
    until(lambda: browser.log_in("ana", PASSWORD).status == 200, "the log-in to be admitted")
    until(lambda: inbox(browser) == rest, "the index to be made anew", 30)
    assert found(browser, "192.168.77.20") == events


def test_without_an_index_events_are_found(plane, store):
    (plane.data / "index.db").mkdir(parents=True, mode=0o700)
    plane.data.chmod(0o700)
    plane.start().until_ready()
    browser = plane.set_up()
    until(lambda: "the index of events does not go on" in plane.log, "the fault to be told")
    events = found(browser, "192.168.77.20")
    assert events and inbox(browser) == {}
    (plane.data / "index.db").rmdir()
    plane.until_indexed(store)
    assert inbox(browser) and found(browser, "192.168.77.20") == events


@pytest.fixture
def small_disk(plane):
    """The data folder on a file system of 8 MiB."""
    plane.data.mkdir(mode=0o700)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m,mode=700", "ids-test", plane.data], check=True)
    yield plane.data
    plane.kill()
    subprocess.run(["umount", "-l", plane.data], check=True)


@needs_root
def test_a_full_disk_is_told_and_nothing_is_half_done(plane, small_disk, store):
    plane.start().until_ready()
    browser = plane.set_up()
    plane.until_indexed(store)
    before = inbox(browser)
    key = next(iter(before))
    filler = small_disk / "filler"
    try:
        with open(filler, "wb", buffering=0) as file:
            while True:
                file.write(bytes(4_096))
    except OSError:
        pass

    def archive():
        return browser.post("/groups/actions", {"keys": [key], "action": "archive", "comment": "x" * 1_000})

    # Some room may be left in the log of the database.
    refused = until(lambda: (answer := archive()).status != 200 and answer, "an action to be refused")
    assert refused.status == 503 and "disk" in refused.json["detail"], refused.body
    assert found(browser, "192.168.77.20") and plane.running
    assert browser.get("/events/histogram?from=-30d").status == 200
    filler.unlink()
    assert archive().status == 200
    until(lambda: key not in inbox(browser), "the group to leave the inbox")
    database = sqlite3.connect(f"file:{small_disk}/triage.db?mode=ro", uri=True)
    assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_another_store_takes_the_place_of_the_first(plane, store, tmp_path):
    other = shutil.copy(store, tmp_path / "other.db")
    with sqlite3.connect(other) as connection:
        connection.execute("UPDATE events SET id = 'b' || id")
        connection.execute("DELETE FROM events WHERE event_type = 'alert' AND seq % 2")
        left = [row[0] for row in connection.execute("SELECT id FROM events WHERE event_type = 'alert' ORDER BY seq DESC")]
    connection.close()
    plane.start().until_ready()
    browser = plane.set_up()
    plane.until_indexed(store)
    before = inbox(browser)
    assert sum(before.values()) > len(left)
    archived = next(iter(before))
    browser.post("/groups/actions", {"keys": [archived], "action": "archive"})
    for suffix in ("-wal", "-shm"):
        (tmp_path / f"events.db{suffix}").unlink(missing_ok=True)
    os.replace(other, store)
    until(lambda: set(found(browser, "is:alert")) == set(left[:200]), "the events of the other store", 30)

    def groups():
        return {state: browser.get(f"/groups?limit=200&state={state}").json["groups"] for state in ("open", "archived")}

    until(lambda: sum(group["count"] for list in groups().values() for group in list) == len(left),
          "the index of the other store", 60)
    assert archived not in {group["key"] for group in groups()["open"]}


def test_who_does_not_read_holds_nobody_up(plane):
    plane.start().until_ready()
    browser = plane.set_up()
    idle = socket.create_connection(("127.0.0.1", plane.web_port))
    idle.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    try:
        idle.sendall((f"GET /api/v1/events/export HTTP/1.1\r\nHost: 127.0.0.1:{plane.web_port}\r\n"
                      f"Cookie: {plane.cookie_name}={browser.cookie}\r\nSec-Fetch-Site: same-origin\r\n\r\n").encode())
        assert idle.recv(12) == b"HTTP/1.1 200"
        began = time.monotonic()
        for _ in range(10):
            assert found(browser, "192.168.77.20")
        assert time.monotonic() - began < 10
        # Its turn ends with it, whether it goes or only does not read.
        until(lambda: browser.get("/events/export").status == 200, "the next export to have its turn", 60, every=0.5)
    finally:
        idle.close()
