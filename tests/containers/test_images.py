"""The images: what is in them, what they ask for, and how large they are."""

import json
import re

import pytest
import yaml

from support import engine
from support.images import DOCKERFILE, SERVICES, copied_program, in_image, libraries, load_segments, readelf
from support.manifests import documented_ports

TOTAL_BYTES_MAX = 110_000_000
OWN_BYTES_MAX = 25_000_000


def file_system_bytes(image, platform=None):
    script = "find / -xdev -type f -printf '%i %s\\n' 2>/dev/null | sort -u | awk '{ sum += $2 } END { print sum }'"
    return int(in_image(image, script, platform))


def test_every_service_with_an_image_is_built_and_composed():
    plan = json.loads(engine.run("docker", "buildx", "bake", "--file", "docker-bake.hcl", "--print"))
    assert {name: target["args"]["SERVICE"] for name, target in plan["target"].items()} == {
        service: service for service in SERVICES}
    composed = yaml.safe_load((engine.REPOSITORY / "docker-compose.yml").read_text())["services"].values()
    assert {service["build"]["args"]["SERVICE"] for service in composed if "build" in service} == set(SERVICES)
    assert "# syntax=" not in DOCKERFILE


def test_version_is_that_of_the_suite():
    source = (engine.REPOSITORY / "shared/Sources/ServiceHost/Version.swift").read_text()
    version = re.search(r'suiteVersion = "(.*)"', source)[1]
    assert f"\nARG VERSION={version}\n" in DOCKERFILE
    assert f'variable "VERSION" {{ default = "{version}" }}' in (engine.REPOSITORY / "docker-bake.hcl").read_text()
    assert f"${{VERSION:-{version}}}" in (engine.REPOSITORY / "docker-compose.yml").read_text()


@pytest.mark.parametrize("service", SERVICES)
def test_image(images, service, tmp_path):
    image = images[service]
    configuration = engine.inspect_image(image)["Config"]
    program = f"/usr/local/bin/{service}"
    assert configuration["User"] == "10001:10001"
    assert configuration["Entrypoint"] == [program] and configuration["Cmd"] == ["run"]
    assert configuration["Healthcheck"]["Test"] == ["CMD", program, "healthcheck"]
    page = {"8000/tcp"} if service == "control-plane" else set()
    assert set(configuration["ExposedPorts"]) == {f"{documented_ports()[service]}/tcp"} | page
    labels = configuration["Labels"]
    assert labels["org.opencontainers.image.title"] == service
    assert labels["org.opencontainers.image.licenses"] == "MIT"
    for key in ("description", "version", "base.name"):
        assert labels[f"org.opencontainers.image.{key}"]

    total, base = file_system_bytes(image), file_system_bytes("debian:trixie-slim")
    engine.say(f"{service}: {total / 1e6:.1f} MB, of it our own {(total - base) / 1e6:.1f} MB")
    assert total <= TOTAL_BYTES_MAX and total - base <= OWN_BYTES_MAX

    local = copied_program(image, service, tmp_path / service)
    needed = re.findall(r"\(NEEDED\).*\[(.*)\]", readelf("--dynamic", local))
    assert not [name for name in needed if "hiredis" in name]
    # A package of the image, so that it is renewed without compiling, and seen by who looks for known holes.
    assert "libwebsockets.so.19" in needed
    assert ".symtab" not in readelf("--sections", local)
    assert not [flags for flags, _ in load_segments(local) if "W" in flags and "E" in flags]
    # Each library that is installed is asked for, and each that is asked for is installed or of the C library's family.
    installed = libraries(service)
    script = 'for name in $NAMES; do dpkg -S "*/$name"; done | grep -v ^diversion | cut -d: -f1'
    owners = in_image(image, script.replace("$NAMES", " ".join(needed)))
    assert installed <= set(owners.split()) <= installed | {"libc6", "libgcc-s1"}


def test_an_update_takes_libraries_anew_and_compiles_nothing(images):
    command = "docker buildx bake --file docker-bake.hcl --set *.platform= --progress plain eve-reader 2>&1"
    text = engine.run("sh", "-c", command, environment={"UPDATE": "1", "VERSION": engine.VERSION})
    steps = dict(re.findall(r"^#(\d+) \[(?:\S+ )?(\w+ \d/\d)\]", text, re.MULTILINE))
    cached = {steps.get(number) for number in re.findall(r"^#(\d+) CACHED$", text, re.MULTILINE)}
    assert {"shared 3/3", "program 2/2"} <= cached and "image 2/2" in set(steps.values()) - cached


def test_source_date_epoch_is_honoured(images):
    tag = f"ids-suite/eve-reader:{engine.VERSION}-epoch"
    engine.run(
        "docker", "buildx", "bake", "--file", "docker-bake.hcl", "--load", "eve-reader", "--set",
        f"eve-reader.tags={tag}", "--set", "eve-reader.platform=",
        environment={"SOURCE_DATE_EPOCH": "1767225600"})
    assert engine.inspect_image(tag)["Created"].startswith("2026-01-01T00:00:00")
    assert in_image(tag, "stat --format %Y /usr/local/bin/eve-reader").strip() == "0", "a time of its own"
    engine.run("docker", "image", "rm", tag)
