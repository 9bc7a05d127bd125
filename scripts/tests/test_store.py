import json
import os
import sqlite3
import subprocess
from pathlib import Path

import pytest
from live.store import EventStore

PROGRAMS = Path(os.environ.get("IDS_BIN_DIR", Path(__file__).resolve().parents[2] / "build/bin"))
COLUMNS = "id, timestamp, event_type, severity, src_ip, src_port, dest_ip, dest_port, signature, document"


@pytest.fixture
def path(tmp_path):
    """An empty store, with the tables and views that the shipper makes."""
    path = tmp_path / "it's a store.db"
    schema = subprocess.run([PROGRAMS / "opensearch-shipper", "schema"], capture_output=True, text=True, check=True).stdout
    with sqlite3.connect(path) as connection:
        connection.executescript(schema)
    return path


def add(path, *rows):
    with sqlite3.connect(path) as connection:
        connection.executemany(f"INSERT INTO events({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)


def alert(number):
    return (f"a{number}", number * 10**9, "alert", 1, "10.0.0.1", 1000 + number, "2001:db8::1", 443, "rule", "{}")


def test_a_store_that_is_not_there_yet_has_empty_answers(tmp_path):
    store = EventStore(tmp_path / "none.db")
    assert store.latest_alerts(5) == [] and store.newest_time_seconds() is None and store.count_by_type() == []
    assert not store.path.exists()


def test_alerts_come_once_and_the_newest_first(path):
    store = EventStore(path)
    add(path, alert(1), alert(2))
    first = store.latest_alerts(10)
    assert [found.time_seconds for found in first] == [2.0, 1.0]
    assert (first[0].source, first[0].destination) == ("10.0.0.1:1002", "[2001:db8::1]:443")
    assert store.latest_alerts(10) == []
    add(path, alert(3))
    assert [found.time_seconds for found in store.latest_alerts(10)] == [3.0]


def test_the_suggested_commands_work(path):
    document = json.dumps({"dns": {"question": {"name": "example.org"}}})
    add(path, alert(1), ("d", 1, "dns", None, "10.0.0.1", 5, "10.0.0.2", 53, None, document))
    add(path, ("f", 1, "flow", None, "10.0.0.1", 5, "10.0.0.2", 53, None, '{"network": {"bytes": 70}}'))
    commands = EventStore(path).example_commands()
    assert len(commands) == 4 and all(len(command) < 200 for _, command in commands)
    answers = [
        subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True).stdout
        for _, command in commands
    ]
    assert "rule" in answers[0] and "rule" in answers[1] and "10.0.0.2" in answers[2] and "70" in answers[2]
    assert "example.org" in answers[3]
