import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from live.children import Child
from live.options import parse
from live.run_folder import RunFolder
from live.stopping import RunError, Stopped

LIBRARY = Path(__file__).resolve().parents[1] / "lib"


def lives(process_id):
    try:
        return Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def until(condition, seconds=60.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.01)


def test_a_killed_child_is_started_again_and_said_so(children, tmp_path):
    child = children.start(Child("sleeper", ["sleep", "60"], tmp_path / "log"))
    first = child.process_id
    os.kill(first, signal.SIGKILL)
    child.process.wait()
    assert children.supervise(100.0, frozenset()) == ["sleeper was killed by SIGKILL; it is started again"]
    assert children.supervise(100.1, frozenset()) == []
    assert not child.is_running
    children.supervise(101.0, frozenset())
    assert child.is_running and child.process_id != first


def test_a_child_that_never_works_ends_the_run_with_its_last_words(children, tmp_path):
    child = children.start(Child("broken", ["sh", "-c", "echo no such key; exit 2"], tmp_path / "log"))
    child.process.wait()
    with pytest.raises(RunError, match="no such key"):
        children.supervise(0.0, frozenset())


def test_an_end_that_was_expected_is_one(children, tmp_path):
    child = children.start(Child("reader", ["true"], tmp_path / "log"))
    child.process.wait()
    assert children.supervise(0.0, frozenset({"reader"})) == []
    assert child.is_finished


def test_grandchildren_end_with_their_group(children, stop, tmp_path):
    note = tmp_path / "pid"
    command = ["sh", "-c", f"sleep 60 & echo $! >{note}; trap '' INT; wait; sleep 60"]
    child = children.start(Child("nest", command, tmp_path / "log"))
    until(lambda: note.exists() and note.read_text().strip())
    grandchild = int(note.read_text())
    children.stop(child)
    until(lambda: not lives(grandchild))


def test_who_left_the_group_is_ended_as_well(children, stop, tmp_path):
    note = tmp_path / "pid"
    child = children.start(Child("nest", ["sh", "-c", f"setsid sleep 60 & echo $! >{note}; wait"], tmp_path / "log"))
    until(lambda: note.exists() and note.read_text().strip())
    stranger = int(note.read_text())
    until(lambda: os.getpgid(stranger) == stranger)
    children.stop(child)
    assert not lives(stranger)


def test_a_command_of_the_start_up_is_cut_short(children, stop):
    stop.request(signal.SIGTERM)
    began = time.monotonic()
    with pytest.raises(Stopped):
        children.run(["sleep", "60"], subprocess.DEVNULL)
    assert time.monotonic() - began < 20
    assert stop.exit_status == 143


def test_children_die_with_a_runner_that_is_killed(tmp_path):
    program = (
        "import sys, time, pathlib; from live.children import *; from live.stopping import StopRequest\n"
        f"child = Children(StopRequest()).start(Child('x', ['sleep', '60'], pathlib.Path({str(tmp_path / 'log')!r})))\n"
        "print(child.process_id, flush=True); time.sleep(60)\n"
    )
    runner = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(LIBRARY)}
    )
    child = int(runner.stdout.readline())
    assert lives(child)
    runner.kill()
    runner.wait()
    until(lambda: not lives(child))


def test_a_folder_belongs_to_one_run(tmp_path):
    first, second = RunFolder(tmp_path), RunFolder(tmp_path)
    first.claim()
    with pytest.raises(RunError, match=f"process {os.getpid()}"):
        second.claim()


def test_each_pair_of_file_and_store_has_its_own_state(tmp_path):
    one = parse(["--eve", str(tmp_path / "eve.json")])
    two = parse(["--eve", str(tmp_path / "eve.json"), "--store", str(tmp_path / "a.db")])
    assert one.state != two.state and one.store == one.state / "events.db"
    assert parse([]).state.name == "captures"


def test_a_store_that_is_gone_makes_the_position_useless(tmp_path):
    arguments = ["--eve", str(tmp_path / "eve.json"), "--store", str(tmp_path / "a.db")]
    assert parse(arguments).starts_afresh
    (tmp_path / "a.db").touch()
    assert not parse(arguments).starts_afresh


@pytest.mark.parametrize("arguments", [
    ["--once", "--eve", "/does/not/exist"], ["--opensearch", "localhost:9200"], ["--store", "/"], ["--bogus"],
])
def test_wrong_options_are_said_at_once(arguments):
    with pytest.raises(SystemExit) as end:
        parse(arguments)
    assert end.value.code == 2


def test_the_folder_of_an_earlier_version_is_taken_over_with_its_store(tmp_path, capsys):
    former, place = tmp_path / "build/run/captures", tmp_path / "runs/captures"
    former.mkdir(parents=True)
    (former / "events.db").write_text("a store")
    RunFolder(place, former).claim()
    assert (place / "events.db").read_text() == "a store" and not former.exists()
    assert f"{former} is now {place}" in capsys.readouterr().err


def test_a_run_of_an_earlier_version_keeps_its_folder(tmp_path):
    former = tmp_path / "former"
    busy = RunFolder(former)
    busy.claim()
    with pytest.raises(RunError, match="Another scripts/run .* is at work in"):
        RunFolder(tmp_path / "runs/one", former).claim()
    assert former.exists() and not (tmp_path / "runs/one").exists()


def test_a_folder_that_cannot_be_made_names_the_way_out(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(RunError, match="--state DIR"):
        RunFolder(tmp_path / "file" / "runs").claim()
