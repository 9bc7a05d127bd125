"""EVE lines and the documents that `ecs-transformer map` makes of them, side by side, for the checks of the mapping."""

import json
import os
import pathlib
import subprocess
import sys

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = pathlib.Path(os.environ.get("ECS_TRANSFORMER", REPOSITORY / "build/bin/ecs-transformer"))


def lines_of(path):
    """The lines of a file, without newlines; `-` is standard input and `.zst` is unpacked."""
    if path == "-":
        data = sys.stdin.buffer.read()
    elif path.endswith(".zst"):
        data = subprocess.run(["zstd", "-dc", path], check=True, capture_output=True).stdout
    else:
        data = pathlib.Path(path).read_bytes()
    return [line for line in data.split(b"\n") if line.strip()]


def event_of(line):
    """The event of a line, or None where the line is not one whole JSON object.

    Bytes that are not UTF-8 are repaired as the transformer does; of a key that is there twice the last value counts.
    """
    try:
        event = json.loads(line.decode("utf-8", "replace"))
    except ValueError:
        return None
    return event if isinstance(event, dict) else None


def documents_of(lines, *options):
    """One document for each of the lines, all of which must be events."""
    run = subprocess.run([PROGRAM, "map", *options], input=b"".join(line + b"\n" for line in lines),
                         capture_output=True, check=False)
    if run.returncode:
        sys.exit(f"{PROGRAM} map ended with status {run.returncode}:\n{run.stderr.decode(errors='replace')[:2000]}")
    documents = [json.loads(line) for line in run.stdout.splitlines()]
    if len(documents) != len(lines):
        sys.exit(f"{len(lines)} events became {len(documents)} documents")
    return documents


def leaves(value, path=""):
    """Each leaf of a value with its path; array elements are told apart by their position, empty objects are leaves."""
    if isinstance(value, dict) and value:
        for key, member in value.items():
            yield from leaves(member, f"{path}.{key}" if path else key)
    elif isinstance(value, list) and value:
        for index, element in enumerate(value):
            yield from leaves(element, f"{path}[{index}]")
    else:
        yield path, value
