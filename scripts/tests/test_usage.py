"""Every program of the repository says how it is called, and refuses what it does not know."""

import subprocess

import pytest
from live.options import REPOSITORY

# Started by containers or image builds alone, which hand them what they need.
WITHOUT_USAGE = {".ci/run", "redis/health", "redis/start", "scripts/image/compile"}


def programs():
    """The executable files: what git knows of them, or the tree itself."""
    found = subprocess.run(["git", "ls-files", "--stage"], cwd=REPOSITORY, capture_output=True, text=True)
    if found.returncode == 0:
        paths = {line.split("\t")[1] for line in found.stdout.splitlines() if line.startswith("100755")}
    else:
        paths = {str(path.relative_to(REPOSITORY)) for folder in ("scripts", "fixtures", "benchmarks", "suricata-host")
                 for path in (REPOSITORY / folder).rglob("*") if path.is_file() and path.stat().st_mode & 0o100}
    return sorted(paths - WITHOUT_USAGE)


def called(program, *arguments):
    return subprocess.run([REPOSITORY / program, *arguments], cwd=REPOSITORY, capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, timeout=20)


@pytest.mark.parametrize("program", programs())
def test_an_unknown_option_is_refused_with_the_usage(program):
    done = called(program, "--bogus")
    assert done.returncode == 2, done.stdout + done.stderr
    assert "usage" in done.stderr and program.rpartition("/")[2] in done.stderr and done.stdout == ""


@pytest.mark.parametrize("program", [each for each in programs() if each not in (
    "scripts/image/toolchain", "fixtures/traffic/sandbox")])
def test_help_explains_and_does_nothing_else(program):
    done = called(program, "--help")
    assert done.returncode == 0 and done.stderr == "", done.stdout + done.stderr
    assert "usage" in done.stdout and program.rpartition("/")[2] in done.stdout
