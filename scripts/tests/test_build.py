"""What is built, and what is removed with it."""

import os
import shutil
import subprocess

import pytest
from live.options import REPOSITORY


@pytest.fixture
def checkout(tmp_path):
    """A copy of the scripts, with a compiler that only says its version."""
    place = tmp_path / "a checkout"
    shutil.copytree(REPOSITORY / "scripts", place / "scripts", ignore=shutil.ignore_patterns("__pycache__"))
    compiler = tmp_path / "bin" / "swift"
    compiler.parent.mkdir()
    compiler.write_text("#!/bin/sh\necho Swift version 6.0.3\n")
    compiler.chmod(0o755)
    return place


def prepared(checkout):
    script = "set -euo pipefail; . scripts/lib/scratch.sh; prepare_scratch build/swift"
    environment = {**os.environ, "PATH": f"{checkout.parent}/bin:{os.environ['PATH']}"}
    return subprocess.run(["bash", "-c", script], cwd=checkout, capture_output=True, text=True, check=True,
                          env=environment).stderr


def test_what_was_compiled_elsewhere_is_compiled_anew(checkout):
    module = "build/swift/module"
    assert prepared(checkout) == ""
    (checkout / module).touch()
    assert prepared(checkout) == "" and (checkout / module).exists()
    moved = checkout.rename(checkout.with_name("moved"))
    assert "anew" in prepared(moved)
    assert not (moved / module).exists() and prepared(moved) == ""


def test_another_compiler_begins_anew(checkout):
    prepared(checkout)
    (checkout / "build/swift/module").touch()
    (checkout.parent / "bin/swift").write_text("#!/bin/sh\necho Swift version 6.3\n")
    assert "anew" in prepared(checkout) and not (checkout / "build/swift/module").exists()


def test_cleaning_says_what_it_removes_and_leaves_the_stores(checkout):
    for path in ("build/bin/eve-reader", "build/run/captures/events.db", "runs/eve-1/events.db"):
        (checkout / path).parent.mkdir(parents=True)
        (checkout / path).write_text("x")
    said = subprocess.run([checkout / "scripts/clean"], capture_output=True, text=True, check=True).stdout
    assert "Removing build/bin" in said and "Kept runs" in said and "Kept build/run" in said
    assert not (checkout / "build/bin").exists()
    assert (checkout / "runs/eve-1/events.db").exists() and (checkout / "build/run/captures/events.db").exists()


def test_cleaning_what_is_clean(checkout):
    (checkout / "build/run").mkdir(parents=True)
    subprocess.run([checkout / "scripts/clean"], check=True)
    assert not (checkout / "build").exists()
    subprocess.run([checkout / "scripts/clean"], check=True)


def test_the_list_of_public_suffixes_is_packed_in_any_path(tmp_path):
    """The plugin of the package alone, with a module that needs nothing but what it makes."""
    package = tmp_path / "a b%20c#d"
    for path in ("Plugins", "Sources/public-suffix-packer"):
        shutil.copytree(REPOSITORY / "shared" / path, package / path)
    (package / "Sources/Names").mkdir()
    (package / "Sources/Names/Names.swift").write_text("")
    (package / "Package.swift").write_text("""\
// swift-tools-version:6.0
import PackageDescription

let package = Package(name: "names", targets: [
    .target(name: "Names", plugins: [.plugin(name: "PackPublicSuffixes")]),
    .executableTarget(name: "public-suffix-packer"),
    .plugin(name: "PackPublicSuffixes", capability: .buildTool(), dependencies: ["public-suffix-packer"]),
])
""")
    done = subprocess.run(["swift", "build", "--disable-index-store", "--package-path", package, "--scratch-path",
                           package / "build"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("registry, in_file, is_pulled", [
    ("", "", False), ("registry.example/ids", "", True), ("", "registry.example/ids", True),
])
def test_images_are_pulled_from_a_registry_of_ones_own_alone(checkout, registry, in_file, is_pulled):
    """docker-compose.yml has "never", with which missing images are built."""
    docker = checkout.parent / "bin/docker"
    docker.write_text('#!/bin/sh\necho "$@"\n')
    docker.chmod(0o755)
    (checkout / ".env").write_text(f"SENSOR_NAME=x\nREGISTRY={in_file}\n")
    environment = {**os.environ, "PATH": f"{docker.parent}:{os.environ['PATH']}", "REGISTRY": registry}
    (checkout / "docker-compose.yml").touch()
    said = subprocess.run([checkout / "scripts/containers", "up"], env=environment, capture_output=True, text=True)
    assert said.returncode == 0 and ("--pull missing" in said.stdout) is is_pulled, said.stdout + said.stderr
