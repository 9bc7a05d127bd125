"""eve.json renamed, truncated, replaced, late: with a real writer, while events come."""

import os
import shutil
import subprocess
import sys
import time

import pytest

from support import eve
from support.waiting import until

# Writes like Suricata: one write() for each line, opened for appending, opened anew by name at the next line after HUP.
WRITER = """
import os, signal, sys, time
path, source, pause = sys.argv[1], sys.argv[2], float(sys.argv[3])
reopen = False
def hup(number, frame):
    global reopen
    reopen = True
signal.signal(signal.SIGHUP, hup)
def opened():
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
file = opened()
for line in open(source, "rb"):
    if reopen:
        reopen = False
        os.close(file)
        file = opened()
    os.write(file, line)
    time.sleep(pause)
"""


@pytest.fixture
def writer(stack, tmp_path):
    """Starts a writer of so many lines in a process of its own."""
    started = []

    def start(count, pause=0.0005):
        source = tmp_path / "source.json"
        source.write_bytes(eve.lines(count))
        started.append(subprocess.Popen([sys.executable, "-c", WRITER, str(stack.eve), str(source), str(pause)]))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


def assert_all_once(stack, count, seconds=60):
    stack.until_stored(count, seconds)
    assert eve.flow_numbers(stack.documents().values()) == list(range(count))
    assert stack.dead_letters() == []


def test_renamed_then_hup(stack, writer):
    stack.start()
    process = writer(6000)
    for part in range(3):
        until(lambda: stack.stored() > part * 1500, "the run to go on")
        stack.eve.rename(stack.eve.with_name(f"eve.json.{part + 1}"))
        time.sleep(0.1)  # lines written to the renamed file
        process.send_signal(1)
    assert process.wait(60) == 0
    assert_all_once(stack, 6000)


def test_renamed_and_created_before_hup(stack, writer):
    stack.start()
    process = writer(4000)
    until(lambda: stack.stored() > 500, "the run to begin")
    stack.eve.rename(stack.eve.with_name("eve.json.1"))
    stack.eve.touch()
    time.sleep(0.7)  # the writer still has the renamed file, for long after the new one is there
    process.send_signal(1)
    assert process.wait(60) == 0
    assert_all_once(stack, 4000)


def test_copytruncate(stack, writer):
    """All that was read is stored; what was written between the copy and the cut is nobody's fault but counted."""
    stack.start()
    process = writer(3000)
    until(lambda: stack.stored() > 300, "the run to begin")
    process.send_signal(19)  # SIGSTOP: nothing is written between the copy and the cut
    until(lambda: stack.totals("local")["stored"] == stack.eve.read_bytes().count(b"\n"), "all so far to be stored")
    shutil.copy(stack.eve, stack.eve.with_name("eve.json.1"))
    os.truncate(stack.eve, 0)
    process.send_signal(18)  # SIGCONT
    assert process.wait(60) == 0
    assert_all_once(stack, 3000)


def test_truncated_and_grown_past_the_old_end_at_once(stack):
    stack.start()
    eve.append(stack.eve, eve.lines(100))
    stack.until_stored(100)
    with open(stack.eve, "r+b") as file:
        file.truncate(0)
        file.write(eve.lines(300, first=100))
    assert_all_once(stack, 400)


def test_deleted_and_made_again(stack):
    stack.start()
    for part in range(3):
        eve.append(stack.eve, eve.lines(100, first=part * 100))
        stack.until_stored((part + 1) * 100)
        stack.eve.unlink()
    assert_all_once(stack, 300)


def test_rotated_while_the_reader_was_down(stack):
    stack.start()
    eve.append(stack.eve, eve.lines(100))
    stack.until_stored(100)
    stack.reader.kill()
    eve.append(stack.eve, eve.lines(50, first=100))
    stack.eve.rename(stack.eve.with_name("eve.json.1"))
    eve.append(stack.eve, eve.lines(50, first=150))
    stack.reader.start()
    assert_all_once(stack, 200)


def test_file_and_directory_come_late(new_stack, tmp_path):
    stack = new_stack(eve=tmp_path / "ram_logs" / "eve.json")
    stack.start(ready=False)
    until(lambda: stack.reader.get("/healthz")[0] == 200, "the reader to live")
    stack.eve.parent.mkdir()
    time.sleep(0.3)
    eve.append(stack.eve, eve.lines(10))
    assert_all_once(stack, 10)
    stack.reader.until_ready()


@pytest.mark.parametrize("make, kind", [
    (os.mkfifo, "a FIFO"), (os.mkdir, "a folder"), (lambda path: os.symlink("/etc/passwd", path), "a symbolic link")],
    ids=["FIFO", "folder", "link"])
def test_something_else_in_the_place_of_the_file(stack, make, kind):
    eve.append(stack.eve, eve.lines(10))
    os.symlink("/etc/passwd", stack.eve.with_name("eve.1.json"))
    stack.start()
    stack.until_stored(10)
    stack.eve.rename(stack.eve.with_name("eve.json.1"))
    make(stack.eve)
    until(lambda: f"not a regular file but {kind}" in stack.reader.readiness["parts"]["eve"]["reason"],
          "the reader to notice")
    stack.eve.rename(stack.eve.with_name("away"))
    eve.append(stack.eve, eve.lines(10, first=10))
    assert_all_once(stack, 20)
    stack.reader.until_ready()


def test_a_link_that_takes_turns_with_the_file_is_never_read(stack, tmp_path):
    secret = tmp_path / "secret"
    secret.write_bytes(eve.lines(50, first=5000))
    eve.append(stack.eve, eve.lines(10))
    stack.start()
    stack.until_stored(10)
    kept = stack.eve.with_name("kept")
    for number in range(300):
        stack.eve.rename(kept)
        stack.eve.symlink_to(secret)
        eve.append(kept, eve.lines(1, first=10 + number))
        kept.rename(stack.eve)
    assert_all_once(stack, 310)


def test_a_configured_link_is_followed(new_stack, tmp_path):
    target = tmp_path / "ram" / "eve.json"
    target.parent.mkdir()
    target.write_bytes(eve.lines(10))
    (tmp_path / "eve.json").symlink_to(target)
    stack = new_stack(eve=tmp_path / "eve.json").start()
    assert_all_once(stack, 10)
    eve.append(target, eve.lines(10, first=10))
    assert_all_once(stack, 20)


def test_a_name_that_turns_text_is_visible_in_the_log(new_stack, tmp_path):
    stack = new_stack(eve=tmp_path / "eve\u202enosj.json").start()
    eve.append(stack.eve, eve.lines(10))
    assert_all_once(stack, 10)
    until(lambda: "eve\\u202enosj.json" in stack.reader.log, "the name in the log")
    assert "\u202e" not in stack.reader.log


def test_threaded_files_in_a_directory(new_stack, tmp_path):
    stack = new_stack(eve=tmp_path)
    eve.append(tmp_path / "eve.json", b"")
    stack.start()
    eve.append(tmp_path / "eve.1.json", eve.lines(100))
    eve.append(tmp_path / "eve.3.json", eve.lines(100, first=100))
    stack.until_stored(200)
    eve.append(tmp_path / "eve.12.json", eve.lines(100, first=200))
    (tmp_path / "other.log").write_bytes(eve.lines(5, first=900))
    assert_all_once(stack, 300)


def test_torn_lines_are_put_together(stack):
    stack.start()
    data = eve.lines(40)
    for begin in range(0, len(data), 1111):
        eve.append(stack.eve, data[begin:begin + 1111])
        time.sleep(0.02)
    assert_all_once(stack, 40)


def test_reader_killed_within_a_line(stack):
    stack.start()
    whole, half = eve.lines(10), eve.line(10)
    eve.append(stack.eve, whole + half[:200])
    stack.until_stored(10)
    stack.reader.restart()
    eve.append(stack.eve, half[200:] + eve.line(11))
    assert_all_once(stack, 12)
