#!/usr/bin/python3
"""Holds the fuzzer's judge of JSON against Python's parser, over the files of a folder.

    check-judge.py PROGRAM FOLDER
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path


def refuse(constant):
    raise ValueError(f"{constant} is no JSON")


def is_json(data):
    try:
        # Numbers stay text, for Python has limits of its own there.
        json.loads(data.decode(), parse_constant=refuse, parse_int=str, parse_float=str)
        return True
    except RecursionError:
        return None
    except ValueError:
        return False


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("folder", type=Path)
    given = parser.parse_args()
    paths = sorted(path for path in given.folder.iterdir() if path.is_file())
    counts = {True: 0, False: 0, None: 0}
    for start in range(0, len(paths), 500):
        answer = subprocess.run(
            [given.program, "--judge", *paths[start:start + 500]], check=True, stdout=subprocess.PIPE, text=True).stdout
        for line in answer.splitlines():
            word, path = line.split(" ", 1)
            expected = is_json(Path(path).read_bytes())
            counts[expected] += 1
            if expected is not None and expected != (word == "good"):
                sys.exit(f"the judge calls {path} {word}, Python does not")
    print(f"The judge and Python agree on {counts[True]} inputs that are JSON and {counts[False]} that are not.")


if __name__ == "__main__":
    main()
