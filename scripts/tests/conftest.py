"""Tests of the program behind scripts/run: everything but the pipeline itself, which tests/ has."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))

from live import private_redis, services  # noqa: E402
from live.children import Children  # noqa: E402
from live.run_folder import RunFolder  # noqa: E402
from live.stopping import StopRequest  # noqa: E402


@pytest.fixture
def stop():
    return StopRequest()


@pytest.fixture
def children(stop):
    children = Children(stop)
    yield children
    children.stop_all()


@pytest.fixture
def folder(tmp_path):
    folder = RunFolder(tmp_path / "state")
    folder.claim()
    folder.prepare(afresh=True, store=None)
    return folder


@pytest.fixture
def redis(folder, children, stop):
    return private_redis.start(folder, children, stop, services.environment())
