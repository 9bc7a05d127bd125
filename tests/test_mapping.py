"""The mapping of every event that the fixtures hold, by the checks in `tests/ecs/`."""

import os
import pathlib
import re
import subprocess

from processes import BINARIES, clean_environment

TESTS = pathlib.Path(__file__).resolve().parent
FIXTURES = sorted(str(path) for path in (TESTS.parent / "fixtures/eve").glob("*.ndjson"))


def checked(name, *arguments):
    environment = {**clean_environment(), "PATH": os.environ["PATH"],
                   "ECS_TRANSFORMER": str(BINARIES / "ecs-transformer")}
    return subprocess.run([TESTS / "ecs" / name, *arguments], capture_output=True, text=True, timeout=120,
                          env=environment, check=False)


def test_nothing_is_lost():
    done = checked("leaves.py", *FIXTURES)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.match(r"\d+ events, \d+ leaves: 0 differ", done.stdout)


def test_a_lost_leaf_is_told(tmp_path):
    """The check itself, by a program that maps another event than it was given."""
    program = tmp_path / "ecs-transformer"
    program.write_text("#!/bin/sh\nsed 's/\"a\":1/\"a\":2/' | sed 's/.*/{\"suricata\":{\"eve\":&}}/'\n")
    program.chmod(0o755)
    events = tmp_path / "eve.json"
    events.write_text('{"event_type":"x","x":{"a":1,"b":[]}}\n')
    done = subprocess.run([TESTS / "ecs" / "leaves.py", events], capture_output=True, text=True, timeout=60,
                          env={**os.environ, "ECS_TRANSFORMER": str(program)}, check=False)
    assert done.returncode == 1
    assert "1 differ" in done.stdout and "x.a is 1, found 2" in done.stdout


def test_richness():
    done = checked("richness.py", *FIXTURES)
    assert done.returncode == 0, done.stdout + done.stderr
    average, distinct = re.search(r"all: \d+ documents, ([\d.]+) ECS fields .* (\d+) distinct", done.stdout).groups()
    assert float(average) > 22
    assert int(distinct) > 95
