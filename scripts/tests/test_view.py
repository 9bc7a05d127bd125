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


@pytest.mark.parametrize("columns, rows", [(80, 24), (200, 60), (100, 16), (72, 15), (40, 10), (20, 4)])
def test_every_line_fits_and_the_screen_is_full(columns, rows):
    lines = render(scene(), columns, rows, Palette(with_colours=False), time.monotonic())
    assert len(lines) == rows
    assert all(width(line) <= columns for line in lines)
    assert not any("\x1b" in line for line in lines)


def test_what_waits_is_the_difference_of_neighbours():
    read, mapped, stored, opensearch = scene().progress.stages
    assert [mapped.waiting, stored.waiting, opensearch.waiting] == [7, 90, 1890]


def test_the_verdict_names_who_is_in_the_way_and_that_nothing_is_lost():
    health = {"shipper opensearch": Health(False, "401 Unauthorized", 0, 0, {})}
    sentence, colour = verdict(scene(health=health), 0.0)
    assert "shipper opensearch" in sentence and "401 Unauthorized" in sentence and "1,890 events wait" in sentence
    assert colour == "yellow"


def test_a_small_screen_leaves_out_the_services_first():
    small = "\n".join(render(scene(), 80, 15, Palette(with_colours=False), time.monotonic()))
    assert "stored" in small and "latest alerts" in small and "service " not in small


def test_a_stage_that_does_not_move_is_named():
    stuck = scene()
    stuck.progress.stages[2].stuck_since = 100.0
    assert "on their way" in verdict(stuck, 105.0)[0]
    assert '"stored" has not moved for 20 s' in verdict(stuck, 120.0)[0]
