import time

import pytest
from live.progress import Progress
from live.services import Health
from live.store import Alert
from live.text import Palette, width
from live.view import Scene, render, verdict


def scene(**changes):
    progress = Progress(None, with_opensearch=True)
    for stage, count in zip(progress.stages, (2000, 1990, 1900, 100)):
        stage.count = count
    progress.stages[1].rejected = 3
    progress._set_waiting()
    values = {
        "title": "IDS pipeline", "store": "build/run/captures/events.db", "keys": "q ends",
        "progress": progress, "health": {"redis": Health(True, "1 MB used", 4 << 20, 0.1, {})},
        "alerts": [Alert(time.time(), 1, "TEST rule\x1b[2J", "10.0.0.1:1", f"[2001:db8::{n}]:443") for n in range(50)],
    }
    return Scene(**{**values, **changes})


@pytest.mark.parametrize("columns, rows", [(80, 24), (60, 20), (59, 20), (200, 60), (100, 16), (72, 15), (40, 10), (20, 4)])
def test_every_line_fits_and_the_screen_is_full(columns, rows):
    lines = render(scene(), columns, rows, Palette(with_colours=False), time.monotonic())
    assert len(lines) == rows
    assert all(width(line) <= columns for line in lines)
    assert not any("\x1b" in line for line in lines)


def test_what_waits_is_the_difference_of_neighbours():
    read, mapped, stored, opensearch = scene().progress.stages
    assert [mapped.waiting, stored.waiting, opensearch.waiting] == [7, 90, 1890]


def test_the_verdict_names_who_is_in_the_way_and_that_nothing_is_lost():
    health = {"opensearch-shipper": Health(False, "401 Unauthorized", 0, 0, {})}
    sentence, colour = verdict(scene(health=health), 0.0)
    assert "opensearch-shipper" in sentence and "401 Unauthorized" in sentence and "1,890 events wait" in sentence
    assert colour == "yellow"


def test_a_small_screen_leaves_out_the_services_first():
    small = "\n".join(render(scene(), 80, 15, Palette(with_colours=False), time.monotonic()))
    assert "stored" in small and "latest alerts" in small and "service " not in small


def test_a_stage_that_does_not_move_is_named():
    stuck = scene()
    stuck.progress.stages[2].stuck_since = 100.0
    assert "on their way" in verdict(stuck, 105.0)[0]
    assert '"stored" has not moved for 20 s' in verdict(stuck, 120.0)[0]


def shown(columns, rows=24, **changes):
    return render(scene(**changes), columns, rows, Palette(with_colours=False), time.monotonic())


@pytest.mark.parametrize("columns", [80, 60, 40])
def test_how_it_does_is_whole_at_every_width(columns):
    trouble = Health(False, "opensearch: 401 Unauthorized for the user ids at https://localhost:9200", 0, 0, {})
    lines = shown(columns, health={"opensearch-shipper": trouble}, newest_event_seconds=time.time())
    said = " ".join(line.strip() for line in lines[1:lines.index("")])
    assert said.startswith("● 1,890 events wait, none is lost: opensearch-shipper") and said.endswith("//localhost:9200")


@pytest.mark.parametrize("columns", [80, 60])
def test_a_second_service_in_trouble_is_whole_too(columns):
    health = {"opensearch-shipper": Health(False, "401", 0, 0, {}),
              "local-store": Health(False, "store: the file is locked by another program, tried again", 0, 0, {})}
    assert "the file is locked by another program, tried again" in " ".join("\n".join(shown(columns, health=health)).split())


def test_what_happened_and_when_it_moved_have_different_names():
    text = "\n".join(shown(100, newest_event_seconds=time.time()))
    assert "Newest event: " in text and "newest" not in text and " idle" in text


def test_the_page_has_a_line_and_is_nothing_to_the_events():
    page = "http://localhost:8000/login#link=7QK2M0ZB4XWN9RT1CE6HVYD38A"
    away = {"control-plane": Health(False, "does not answer yet", 0, 0, {})}
    lines = shown(80, page=page, health=away)
    assert f"  page: {page}" in lines and "does not answer yet" in "\n".join(lines)
    assert "control-plane" not in verdict(scene(health=away), 0.0)[0]


def test_numbers_are_never_cut():
    stages = [line for line in shown(40) if line.startswith(("read", "opensearch"))]
    assert [line.split()[1:] for line in stages] == [["2,000", "0", "0"], ["100", "1,890", "0"]]


def test_alerts_have_a_date_at_every_width():
    now = 1_700_000_000
    day = time.strftime("%Y-%m-%d", time.localtime(now))
    one_day = [Alert(now, 1, "rule", "10.0.0.1:1", "10.0.0.2:2")]
    assert f"latest alerts of {day}" in shown(60, alerts=one_day)
    two_days = [*one_day, Alert(now - 86_400, 1, "rule", "10.0.0.1:1", "10.0.0.2:2")]
    text = "\n".join(shown(60, alerts=two_days))
    assert f" to {day}" in text and time.strftime("%m-%d %H:%M:%S high", time.localtime(now)) in text


def test_rejections_are_in_the_sentence():
    done = scene()
    for stage in done.progress.stages:
        stage.is_drained = True
    assert "but for what was rejected" in verdict(done, 0.0)[0]
