#!/usr/bin/env python3
"""Whether two builds of ecs-transformer write the same documents, byte for byte.

    tests/ecs/same_documents.py OLD [NEW] [--eve FILE...]

OLD and NEW are programs, or folders that hold one; NEW is what `make build` has made unless it is given. Every line of
the fixtures, of the samples of all event types and of the recordings in the folder EVE_CORPORA, if that is set, or of
the given files, is mapped twice: as by default, and with secrets kept and all other options. Documents, actions of bulk
requests with their ids, and what is told of rejected lines must be the same; only the time of reading, which stands in
for one that an event lacks, may differ. Prints the number of documents and "equal", or each file that differs with its
first difference, and ends with status 1 then. Files that end in `.zst` are unpacked.
"""

import argparse
import itertools
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import eve_documents

REPOSITORY = eve_documents.REPOSITORY
CORPORA = os.environ.get("EVE_CORPORA")
# The index of the action and the document's time, the first two of their names in a pair of lines.
TIMES = re.compile(rb'"_index":"[^"]+"|"@timestamp":"[^"]+"')
SHOWN_BYTES = 160


def corpora():
    files = [*REPOSITORY.glob("fixtures/eve/*.ndjson"),
             *REPOSITORY.glob("services/ecs-transformer/Tests/Samples/*.eve.json")]
    if CORPORA:
        files += itertools.chain.from_iterable(map(pathlib.Path(CORPORA).glob, ("*.ndjson", "*.ndjson.zst")))
    return sorted(str(path) for path in files)


def variants(directory):
    """The options of the two runs."""
    options = ["--sensor", "other", "--keep-secrets", "--ecs-version", "9.4.0", "--community-id-seed", "7",
               "--index-prefix", "ids", "--home-networks", "203.0.113.0/24,fd00::/8,192.168.1.7"]
    for kind in ("city", "asn"):
        database = pathlib.Path(directory) / f"{kind}.mmdb"
        subprocess.run([sys.executable, REPOSITORY / "fixtures/maxmind.py", kind, "3000", database], check=True)
        options += [f"--geoip-{kind}", database]
    return ["--sensor", "one"], options


def program(path):
    path = pathlib.Path(path)
    return path / "ecs-transformer" if path.is_dir() else path


def pieces(path, lines, options):
    """What a build makes of the lines: actions with their documents, and behind all of them what it says of the rest."""
    run = subprocess.run([path, "map", "--bulk", *options], input=lines, capture_output=True, check=False)
    if run.returncode not in (0, 1):
        sys.exit(f"{path} map ended with status {run.returncode}:\n{run.stderr.decode(errors='replace')[:2000]}")
    written = run.stdout.splitlines()
    for action, document in itertools.zip_longest(written[::2], written[1::2], fillvalue=b""):
        pair = action + b"\n" + document
        yield TIMES.sub(b"", pair, count=2) if b'"kind":"pipeline_error"' in document else pair
    yield from run.stderr.splitlines()


def difference(old, new):
    """The first place where the two differ, with what is around it."""
    if old is None or new is None:
        return f"only in the {'new' if old is None else 'old'} one: {(old or new)[:SHOWN_BYTES]!r}"
    place = next((index for index, (one, other) in enumerate(zip(old, new)) if one != other), min(len(old), len(new)))
    start = max(0, place - SHOWN_BYTES // 2)
    return f"byte {place}:\n  old {old[start:start + SHOWN_BYTES]!r}\n  new {new[start:start + SHOWN_BYTES]!r}"


def main():
    parser = argparse.ArgumentParser(description="Compares the documents of two builds of ecs-transformer.")
    parser.add_argument("old", metavar="OLD", type=program)
    parser.add_argument("new", metavar="NEW", type=program, nargs="?", default=eve_documents.PROGRAM)
    parser.add_argument("--eve", nargs="+", metavar="FILE", help="files to map in place of the corpora")
    arguments = parser.parse_args()
    files = arguments.eve or corpora()
    documents, differing = 0, 0
    with tempfile.TemporaryDirectory() as directory:
        for options, path in itertools.product(variants(directory), files):
            lines = b"".join(line + b"\n" for line in eve_documents.lines_of(path))
            both = itertools.zip_longest(*(pieces(build, lines, options) for build in (arguments.old, arguments.new)))
            found = None
            for number, (old, new) in enumerate(both, start=1):
                documents += (old or b"").startswith(b'{"create"')
                if old != new:
                    found = f"{path}: piece {number}, {difference(old, new)}"
                    break
            if found:
                differing += 1
                print(found)
    result = f"{differing} of {2 * len(files)} runs differ" if differing else "equal"
    print(f"{documents} documents of {len(files)} files in two runs each: {result}")
    sys.exit(differing > 0)


if __name__ == "__main__":
    main()
