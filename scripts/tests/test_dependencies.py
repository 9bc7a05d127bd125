import re
import subprocess
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
SCRIPT = REPOSITORY / "scripts/install-dependencies"


def requirements():
    """Package alternatives of each line of the script's table."""
    rows = re.findall(r"^(?:build|run|test|bench|opensearch)\|[^|]+\|([^|]+)\|.+$", SCRIPT.read_text(), re.MULTILINE)
    return {package for row in rows for package in row.split("/")}


def test_every_c_library_of_the_package_is_installed():
    manifest = (REPOSITORY / "shared/Package.swift").read_text()
    named = set(re.findall(r'\("C\w+", "([a-z0-9.+-]+)"\)', manifest))
    assert named and named <= requirements()


def test_an_unknown_purpose_is_refused():
    done = subprocess.run([SCRIPT, "--no-install", "fun"], capture_output=True, text=True)
    assert done.returncode == 2 and "usage" in done.stderr


def test_without_installing_it_names_what_is_missing_and_fails(tmp_path):
    # A PATH on which neither a compiler nor Python is found.
    for tool in ("bash", "dpkg-query", "sed", "grep", "apt-cache", "cat", "env"):
        found = subprocess.run(["bash", "-c", f"command -v {tool}"], capture_output=True, text=True).stdout.strip()
        (tmp_path / tool).symlink_to(found)
    done = subprocess.run(
        ["bash", SCRIPT, "--no-install", "build", "run"], capture_output=True, text=True, env={"PATH": str(tmp_path)})
    assert done.returncode == 1
    assert re.search(r"^  g\+\+ +build: .*linker", done.stderr, re.MULTILINE)
    assert re.search(r"^  python3 +run: ", done.stderr, re.MULTILINE)
    assert "Nothing was installed" in done.stderr
