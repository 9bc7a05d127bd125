"""The mapping of every event that the fixtures hold, and of other corpora where there are some, by `tests/ecs/`."""

import base64
import json
import os
import pathlib
import re
import subprocess

import pytest

from support import eve
from support.processes import BINARIES, clean_environment

TESTS = pathlib.Path(__file__).resolve().parent
FIXTURES = sorted(str(path) for path in (TESTS.parent / "fixtures/eve").glob("*.ndjson"))
# Recordings of other sensors are too large for the repository: EVE_CORPORA may name a folder with some.
CORPORA = pathlib.Path(os.environ.get("EVE_CORPORA", TESTS.parent.parent / "shared/eve"))


def checked(name, *arguments):
    environment = {**clean_environment(), "PATH": os.environ["PATH"],
                   "ECS_TRANSFORMER": str(BINARIES / "ecs-transformer")}
    return subprocess.run([TESTS / "ecs" / name, *arguments], capture_output=True, text=True, timeout=120,
                          env=environment, check=False)


def nothing_is_lost(*files):
    done = checked("leaves.py", *map(str, files))
    assert done.returncode == 0, done.stdout + done.stderr
    events, leaves = re.match(r"(\d+) events, (\d+) leaves in two runs: 0 differ", done.stdout).groups()
    assert int(events) > 0 and int(leaves) > 20 * int(events)


def test_nothing_is_lost():
    nothing_is_lost(*FIXTURES)


@pytest.mark.skipif(not CORPORA.is_dir(), reason=f"no recordings of other sensors in {CORPORA} (EVE_CORPORA)")
def test_nothing_is_lost_of_other_recordings():
    files = sorted([*CORPORA.glob("*.ndjson"), *CORPORA.glob("*.ndjson.zst")])
    assert files, f"{CORPORA} holds no *.ndjson and no *.ndjson.zst"
    for file in files:
        nothing_is_lost(file)


def login(number, **members):
    event = {"timestamp": "2026-02-01T12:34:56.123456+0000", "flow_id": eve.FIRST_FLOW_ID + number,
             "event_type": "ftp", "src_ip": "192.168.1.5", "src_port": 40000, "dest_ip": "203.0.113.21",
             "dest_port": 21, "proto": "TCP", **members}
    return json.dumps(event).encode() + b"\n"


@pytest.mark.parametrize("masks", [True, False])
def test_secrets_are_masked_unless_the_setting_says_otherwise(new_stack, masks):
    stack = new_stack(settings={"ecs_transformer.keep_original": True,
                                **({} if masks else {"ecs_transformer.mask_secrets": False})})
    eve.append(stack.eve, login(0, ftp={"command": "PASS", "command_data": "opensesame"}))
    eve.append(stack.eve, login(1, event_type="alert", alert={"signature": "s", "severity": 1},
                                payload=base64.b64encode(b"PASS opensesame\r\n").decode(),
                                payload_printable="PASS opensesame\r\n"))
    stack.start()
    stack.until_stored(2)
    documents = {eve.number(document): document for document in stack.documents().values()}
    password = "***" if masks else "opensesame"
    assert documents[0]["suricata"]["eve"]["ftp"]["command_data"] == password
    sent = base64.b64decode(documents[1]["suricata"]["eve"]["payload"])
    assert sent == (b"PASS **********\r\n" if masks else b"PASS opensesame\r\n")
    assert documents[1]["suricata"]["eve"]["payload_printable"] == f"PASS {password}\r\n"
    for document in documents.values():
        assert ("opensesame" in json.dumps(document)) is not masks
        assert f"{password}" in document["event"]["original"]


def test_the_environment_sets_masking():
    event = login(0, ftp={"command": "PASS", "command_data": "opensesame"})
    environment = {**clean_environment(), "ECS_TRANSFORMER_MASK_SECRETS": "perhaps"}
    done = subprocess.run([BINARIES / "ecs-transformer", "check-config"], capture_output=True, text=True, timeout=30,
                          env=environment, check=False)
    assert done.returncode == 2 and "ECS_TRANSFORMER_MASK_SECRETS" in done.stdout + done.stderr
    for options, kept in (((), False), (("--keep-secrets",), True)):
        done = subprocess.run([BINARIES / "ecs-transformer", "map", *options], input=event, capture_output=True,
                              timeout=30, env=clean_environment(), check=True)
        assert (b"opensesame" in done.stdout) is kept


@pytest.mark.parametrize("change, told", [
    ('s/"a":1/"a":2/', "x.a is 1, found 2"), ('s/"a":1,//', "x.a is 1, found None"),
    ('s/"b":/"c":[],&/', "x.c was not in the event"), ('s/plain/***/', "x.d is 'plain', found '***'"),
    ('s/PASS/***/', "ftp.command is 'PASS'"), ('s/secret/s***/', "ftp.command_data is 'secret', found 's***'")])
def test_a_lost_leaf_is_told(tmp_path, change, told):
    """The check itself, by a program that maps another event than it was given."""
    program = tmp_path / "ecs-transformer"
    program.write_text(f"#!/bin/sh\nsed '{change}' | sed 's/.*/{{\"suricata\":{{\"eve\":&}}}}/'\n")
    program.chmod(0o755)
    events = tmp_path / "eve.json"
    events.write_text('{"event_type":"x","x":{"a":1,"b":[],"d":"plain"},'
                      '"ftp":{"command":"PASS","command_data":"secret"}}\n')
    done = subprocess.run([TESTS / "ecs" / "leaves.py", events], capture_output=True, text=True, timeout=60,
                          env={**os.environ, "ECS_TRANSFORMER": str(program)}, check=False)
    assert done.returncode == 1
    assert "2 differ" in done.stdout and told in done.stdout, done.stdout


@pytest.mark.parametrize("change, told", [
    ("s/none/none/", "two runs each: equal"), ('s/"module"/"Module"/', '4 of 4 runs differ'),
    ("d", "only in the old one"), ('/"create"/s/suricata/other/', "piece 1, byte 21")])
def test_documents_of_two_builds(tmp_path, change, told):
    """The comparison itself, with a program that changes what the real one writes."""
    real = BINARIES / "ecs-transformer"
    program = tmp_path / "ecs-transformer"
    program.write_text(f"#!/bin/sh\n'{real}' \"$@\" | sed '{change}'\n")
    program.chmod(0o755)
    done = checked("same_documents.py", real, tmp_path, "--eve", *FIXTURES[:2])
    assert done.returncode == ("equal" not in told), done.stderr
    assert told in done.stdout, done.stdout


def test_richness():
    done = checked("richness.py", *FIXTURES)
    assert done.returncode == 0, done.stdout + done.stderr
    average, distinct = re.search(r"all: \d+ documents, ([\d.]+) ECS fields .* (\d+) distinct", done.stdout).groups()
    assert float(average) > 22
    assert int(distinct) > 95
