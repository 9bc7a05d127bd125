"""`scripts/run` on a file of the user's own: one line at the end, everything stored, nothing left running."""

import http.client
import json
import os
import pty
import re
import signal
import sqlite3
import subprocess
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from support import bulk_sink, eve
from support.processes import BINARIES, REPOSITORY, clean_environment
from support.waiting import until

SCRIPT = REPOSITORY / "scripts/run"
pytestmark = pytest.mark.skipif(not SCRIPT.exists(), reason="no scripts/run yet")


def started(tmp_path, *arguments, bin_dir=BINARIES):
    return subprocess.Popen(
        [SCRIPT, "--no-install", "--state", tmp_path / "state", *map(str, arguments)], cwd=tmp_path,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True, env={**clean_environment(), "IDS_BIN_DIR": str(bin_dir)})


def processes_of(folder):
    """The live processes that name this folder or, as Redis, which changes its title, work in it."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            arguments = (process / "cmdline").read_bytes().decode(errors="replace")
            place = os.readlink(process / "cwd")
        except OSError:
            continue
        if arguments and (str(folder) in arguments or place.startswith(str(folder))):
            found.append(arguments)
    return found


def stored(path):
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as connection:
        return connection.execute("SELECT count(*) FROM events").fetchone()[0]


def test_once_on_a_file(tmp_path):
    source, store = tmp_path / "eve.json", tmp_path / "mine.db"
    source.write_bytes(eve.lines(2000) + b"broken\n")
    run = started(tmp_path, "--eve", source, "--store", store, "--once")
    out, err = run.communicate(timeout=90)
    assert run.returncode == 0, out + err
    assert re.search(r"^stored=2000 rejected=1 seconds=[0-9.]+$", out, re.M), out
    assert stored(store) == 2000
    assert "not JSON" in err and "1 by ecs-transformer" in err
    letter, = [json.loads(line) for line in (tmp_path / "state/rejected.ndjson").read_text().splitlines()]
    assert letter["bytes"] == "broken" and "not JSON" in letter["reason"]
    until(lambda: not processes_of(tmp_path), "everything it started to be gone")


@pytest.mark.parametrize("make, words", [
    (lambda path: None, "there is no such file"), (os.mkfifo, "not a regular file"), (os.mkdir, "no eve.json in it"),
    (lambda path: path.with_suffix(".json.gz").touch(), "compressed: unpack it first")],
    ids=["missing", "FIFO", "folder", "compressed"])
def test_what_cannot_be_read_is_named_at_once(tmp_path, make, words):
    source = tmp_path / "eve\u202e.json"
    make(source)
    given = source if source.exists() or words.startswith("there") else source.with_suffix(".json.gz")
    run = started(tmp_path, "--eve", given, "--once")
    out, err = run.communicate(timeout=30)
    assert run.returncode == 2 and words in err and "eve·.json" in err, out + err


def test_two_runs_at_once(tmp_path):
    runs = []
    for name, count in (("one", 500), ("two", 700)):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "eve.json").write_bytes(eve.lines(count))
        runs.append((count, started(folder, "--eve", folder / "eve.json", "--store", folder / "s.db", "--once")))
    for count, run in runs:
        out, err = run.communicate(timeout=90)
        assert run.returncode == 0, out + err
        assert f"stored={count} rejected=0" in out


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("after", [0.3, 4])
def test_a_signal_stops_everything_it_started(tmp_path, sent, after):
    source = tmp_path / "eve.json"
    source.write_bytes(eve.lines(100))
    run = started(tmp_path, "--eve", source, "--store", tmp_path / "s.db")
    time.sleep(after)
    run.send_signal(sent)
    out, err = run.communicate(timeout=30)
    until(lambda: not processes_of(tmp_path), "everything it started to be gone")


def test_the_script_killed_leaves_nothing_running(tmp_path):
    source = tmp_path / "eve.json"
    source.write_bytes(eve.lines(100))
    run = started(tmp_path, "--eve", source, "--store", tmp_path / "s.db")
    time.sleep(3)
    run.kill()
    run.communicate(timeout=30)
    until(lambda: not processes_of(tmp_path), "everything it started to be gone")


def test_opensearch_as_well(tmp_path, opensearch):
    source = tmp_path / "eve.json"
    source.write_bytes(eve.lines(300))
    before = opensearch.count("suricata")
    run = started(tmp_path, "--eve", source, "--store", tmp_path / "s.db", "--opensearch", opensearch.url, "--once")
    out, err = run.communicate(timeout=90)
    assert run.returncode == 0, out + err
    assert opensearch.count("suricata") == before + 300


def test_what_a_store_refuses_is_told_and_is_in_the_status(tmp_path):
    source = tmp_path / "eve.json"
    source.write_bytes(eve.lines(10))
    sink = bulk_sink.BulkSink().start()
    sink.fault = bulk_sink.items(400, "mapper_parsing_exception", every=5)
    try:
        run = started(tmp_path, "--eve", source, "--opensearch", sink.url, "--once")
        out, err = run.communicate(timeout=90)
    finally:
        sink.stop()
    assert run.returncode == 3, out + err
    assert "stored=10 rejected=2 " in out and "Rejected: 2 by opensearch." in err and "mapper_parsing_exception" in err
    letters = (tmp_path / "state/rejected.ndjson").read_text().splitlines()
    assert [json.loads(letter)["service"] for letter in letters] == ["opensearch-shipper"] * 2


def ask(link, method, path, body=None, cookie=""):
    """What the page at a link answers to its own script: status, body, cookie."""
    place = urlsplit(link)
    connection = http.client.HTTPConnection(place.netloc, timeout=20)
    connection.request(method, path, body, {
        "Content-Type": "application/json", "Origin": f"http://{place.netloc}", "Sec-Fetch-Site": "same-origin",
        "Cookie": cookie})
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text, (answer.headers["set-cookie"] or "").partition(";")[0]


def log_in(link):
    return ask(link, "POST", "/api/v1/session", json.dumps({"link": urlsplit(link).fragment.removeprefix("link=")}))


def test_the_page_is_there_and_its_link_logs_in_once(tmp_path):
    source = tmp_path / "eve.json"
    source.write_bytes(eve.lines(20))
    run = started(tmp_path, "--eve", source, "--plain")
    try:
        line = next(line for line in run.stdout if " page: " in line)
        if "the API alone" in line:
            # The libraries could not be fetched, and the run has gone on.
            made = subprocess.run(
                [BINARIES / "control-plane", "login-link", "--config", tmp_path / "state/config.yaml"],
                capture_output=True, text=True, timeout=30, env=clean_environment())
            link = made.stdout.strip()
        else:
            link = line.split(" page: ")[1].strip()
            assert ask(link, "GET", "/")[0] == 200
        status, who, cookie = log_in(link)
        assert status == 200 and json.loads(who)["user"] == "admin" and log_in(link)[0] == 401
        # The run's own store.
        until(lambda: len(json.loads(ask(link, "GET", "/api/v1/events", cookie=cookie)[1])["events"]) == 20, "the events")
    finally:
        run.send_signal(signal.SIGINT)
        out, err = run.communicate(timeout=60)
    assert run.returncode == 0, out + err
    assert stored(tmp_path / "state/events.db") == 20
    until(lambda: not processes_of(tmp_path), "everything it started to be gone")


def test_a_page_that_does_not_work_does_not_end_the_run(tmp_path):
    source, programs = tmp_path / "eve.json", tmp_path / "bin"
    source.write_bytes(eve.lines(20))
    programs.mkdir()
    for program in BINARIES.iterdir():
        (programs / program.name).symlink_to(program)
    (programs / "control-plane").unlink()
    (programs / "control-plane").write_text("#!/bin/sh\nexit 2\n")
    (programs / "control-plane").chmod(0o755)
    run = started(tmp_path, "--eve", source, "--plain", bin_dir=programs)
    try:
        assert any("control-plane ended with status 2" in line and "goes on without it" in line for line in run.stdout)
        until(lambda: (tmp_path / "state/events.db").exists() and stored(tmp_path / "state/events.db") == 20, "the events")
    finally:
        run.send_signal(signal.SIGINT)
        out, err = run.communicate(timeout=60)
    assert run.returncode == 0, out + err


def test_without_a_page(tmp_path):
    source = tmp_path / "eve.json"
    source.write_bytes(eve.lines(20))
    run = started(tmp_path, "--eve", source, "--plain", "--no-page")
    assert any("stored 20" in line for line in run.stdout)
    run.send_signal(signal.SIGINT)
    out, err = run.communicate(timeout=60)
    assert run.returncode == 0, out + err
    assert not (tmp_path / "state/control-plane").exists() and "web:" not in (tmp_path / "state/config.yaml").read_text()


@pytest.mark.parametrize("terminal", ["dumb", ""])
def test_a_terminal_without_escapes_gets_none(tmp_path, terminal):
    source = tmp_path / "eve.json"
    source.write_bytes(eve.lines(20))
    ours, theirs = pty.openpty()
    environment = {**clean_environment(), "IDS_BIN_DIR": str(BINARIES), "TERM": terminal}
    run = subprocess.Popen(
        [SCRIPT, "--no-install", "--state", tmp_path / "state", "--eve", source], stdin=subprocess.DEVNULL,
        stdout=theirs, stderr=subprocess.DEVNULL, start_new_session=True, env=environment)
    os.close(theirs)
    said = b""

    def has_said(text):
        nonlocal said
        said += os.read(ours, 65536)
        return text in said

    until(lambda: has_said(b"stored 20"), "the events to be stored", 60)
    run.send_signal(signal.SIGINT)
    until(lambda: has_said(b"The store is"), "the summary", 30)
    run.wait(30)
    os.close(ours)
    assert b"\x1b" not in said
