import sqlite3

from live.letters import Letters
from live.progress import Progress
from live.store import EventStore
from live.summary import summary
from live.text import Palette


def lines(tmp_path, goes_on, rows=(), rejected=(0, 0, 0)):
    path = tmp_path / "events.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE events(id TEXT PRIMARY KEY, event_type TEXT, severity INTEGER, signature TEXT)")
        connection.execute("CREATE VIEW rules AS SELECT count(*) AS alerts, min(severity) AS severity, signature FROM events"
                           " WHERE event_type = 'alert' GROUP BY signature ORDER BY 1 DESC, 3")
        connection.executemany("INSERT INTO events VALUES (?, ?, ?, ?)", rows)
    progress = Progress(None, with_opensearch=False)
    for stage, count in zip(progress.stages, (9, 8, 5)):
        stage.count = count
    for stage, count in zip(progress.stages, rejected):
        stage.rejected = count
    progress._set_waiting()
    return summary(progress, EventStore(path), Letters(tmp_path / "rejected.ndjson"), goes_on, 61.0, 80, Palette(with_colours=False))


def test_events_by_type_alerts_and_questions(tmp_path):
    rows = [("1", "dns", None, None), ("2", "alert", 1, "evil\x1b[2J"), ("3", "alert", 7, "odd"), ("4", None, None, None)]
    text = "\n".join(lines(tmp_path, goes_on=False, rows=rows))
    assert "9 read, 8 mapped, 5 stored, 0 rejected in 01:01." in text
    assert "Events in the store by type (4 in all)" in text
    assert "1  high    evil·[2J" in text and "1  sev 7   odd" in text and "1  without a type" in text
    assert text.count("sqlite3 -readonly") == 4


def test_what_is_left_is_said_where_a_later_run_can_take_it_up(tmp_path):
    assert "3 wait in Redis" in "\n".join(lines(tmp_path, goes_on=True))


def test_an_empty_store_has_nothing_to_ask(tmp_path):
    text = "\n".join(lines(tmp_path, goes_on=False))
    assert "sqlite3" not in text and "wait in Redis" not in text


def test_who_rejected_is_said(tmp_path):
    text = "\n".join(lines(tmp_path, goes_on=False, rejected=(1, 0, 2)))
    assert "3 rejected in" in text and "Rejected: 1 by eve-reader, 2 by local." in text
