"""The documents beside those that Elastic publishes for the same events, by `tests/ecs/agreement.py`."""

import os
import pathlib
import subprocess

import pytest

from support.processes import BINARIES, clean_environment

TESTS = pathlib.Path(__file__).resolve().parent
CASES = pathlib.Path(os.environ.get("ECS_CASES", TESTS.parent.parent / "shared/ecs/cases"))


def agreement(folder, program):
    environment = {**clean_environment(), "PATH": os.environ["PATH"], "ECS_TRANSFORMER": str(program)}
    return subprocess.run([TESTS / "ecs/agreement.py", str(folder)], capture_output=True, text=True, timeout=120,
                          env=environment, check=False)


@pytest.mark.skipif(not CASES.is_dir(), reason="Elastic's cases are not here; ECS_CASES names their folder")
def test_documents_agree_with_those_of_elastic():
    done = agreement(CASES, BINARIES / "ecs-transformer")
    assert done.returncode == 0, done.stdout + done.stderr
    assert " 0 are wrong" in done.stdout


def test_a_difference_is_told(tmp_path):
    """The check itself, by a case of our own and a program that gives another document."""
    (tmp_path / "a.log").write_text('{"event_type":"x"}\n')
    (tmp_path / "a.log-expected.json").write_text(
        '{"expected":[{"event":{"kind":"event"},"source":{"mac":"00:03:2d:3f:e5:63"},"url":{"path":"/a"}}]}')
    program = tmp_path / "ecs-transformer"
    program.write_text("""#!/bin/sh
echo '{"event":{"kind":"event"},"source":{"mac":"00-03-2D-3F-E5-63"},"url":{"path":"/b"}}'
""")
    program.chmod(0o755)
    done = agreement(tmp_path, program)
    assert done.returncode == 1
    assert "1 of 3 fields agree, 33.33%; 1 differ on purpose, 1 are wrong" in done.stdout
    assert "url.path is ['/b'], theirs ['/a']" in done.stdout
