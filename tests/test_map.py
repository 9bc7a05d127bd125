"""`ecs-transformer map`: lines in, documents out, in order and without Redis."""

import json
import subprocess

from support import eve
from support.processes import BINARIES, clean_environment


def mapped(data, *arguments):
    return subprocess.run([BINARIES / "ecs-transformer", "map", *arguments], input=data, capture_output=True,
                          timeout=60, env=clean_environment())


def test_one_document_a_line_in_order():
    done = mapped(eve.lines(1000))
    assert done.returncode == 0, done.stderr
    documents = [json.loads(line) for line in done.stdout.splitlines()]
    assert [eve.number(document) for document in documents] == list(range(1000))


def test_the_same_documents_as_through_the_pipeline(stack, tmp_path):
    eve.append(stack.eve, eve.lines(200))
    stack.start()
    stack.until_stored(200)
    done = mapped(b"", str(stack.eve))
    through = {eve.number(document): document for document in stack.documents().values()}
    alone = {eve.number(document): document for document in map(json.loads, done.stdout.splitlines())}
    assert through.keys() == alone.keys()
    for key, document in alone.items():
        differing = {name for name in through[key].keys() | document.keys()
                     if through[key].get(name) != document.get(name)}
        # Only what the run knows and a file does not: sensor, times of the way through.
        assert differing <= {"observer", "event", "log", "agent", "host"}, (key, differing)


def test_rejects_are_told_with_line_and_reason():
    done = mapped(eve.line(0) + b"broken\n" + eve.line(1) + b"[1]\n")
    assert done.returncode == 1
    assert len(done.stdout.splitlines()) == 2
    rejects = done.stderr.decode().splitlines()
    assert len(rejects) == 2
    assert "2" in rejects[0] and "4" in rejects[1]


def test_files_one_after_the_other(tmp_path):
    for name, first in (("a.json", 0), ("b.json", 10)):
        (tmp_path / name).write_bytes(eve.lines(10, first=first))
    done = mapped(b"", str(tmp_path / "a.json"), str(tmp_path / "b.json"))
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) == 20


def test_a_missing_file_is_told():
    done = mapped(b"", "/nonexistent/eve.json")
    assert done.returncode not in (0, None)
    assert b"/nonexistent/eve.json" in done.stderr


def test_bulk_lines():
    done = mapped(eve.lines(50), "--bulk")
    assert done.returncode == 0
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(lines) == 100
    ids = set()
    for action, document in zip(lines[::2], lines[1::2]):
        assert action["create"]["_index"] == "suricata-2026.02.01"
        ids.add(action["create"]["_id"])
        assert document["@timestamp"]
    assert len(ids) == 50


def test_a_reader_that_goes_away_is_no_crash():
    done = subprocess.run(["bash", "-c", '"$0" map | head -n 1', BINARIES / "ecs-transformer"],
                          input=eve.lines(20_000), capture_output=True, timeout=60)
    assert len(done.stdout.splitlines()) == 1
    assert b"Fatal" not in done.stderr and b"rash" not in done.stderr
