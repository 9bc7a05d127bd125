"""The images: what is in them, what they ask for, and how large they are."""

import re

import pytest

from support import engine
from support.engine import PORTS, SERVICES
from support.images import copied_program, in_image, load_segments, readelf

TOTAL_BYTES_MAX = 110_000_000
OWN_BYTES_MAX = 25_000_000


def dockerfile(service):
    return (engine.REPOSITORY / f"services/{service}/Dockerfile").read_text()


def file_system_bytes(image, platform=None):
    script = "find / -xdev -type f -printf '%i %s\\n' 2>/dev/null | sort -u | awk '{ sum += $2 } END { print sum }'"
    return int(in_image(image, script, platform))


def test_dockerfiles_differ_in_names_ports_and_libraries_only():
    common = set()
    for service in SERVICES:
        text = dockerfile(service).replace(service, "SERVICE").replace(str(PORTS[service]), "PORT")
        text, count = re.subn(r"\n +lib[a-z0-9+ -]+ \\\n", "\n LIBRARIES\n", text)
        assert count == 1
        common.add(re.sub(r'(image\.description=)".*"', r"\1", text))
    assert len(common) == 1
    assert "# syntax=" not in common.pop()


def test_version_is_that_of_the_suite():
    source = (engine.REPOSITORY / "shared/Sources/ServiceHost/Version.swift").read_text()
    version = re.search(r'suiteVersion = "(.*)"', source)[1]
    assert all(f"\nARG VERSION={version}\n" in dockerfile(service) for service in SERVICES)
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
    assert list(configuration["ExposedPorts"]) == [f"{PORTS[service]}/tcp"]
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
    installed = set(re.search(r"\n +(lib[a-z0-9+ -]+) \\\n", dockerfile(service))[1].split())
    script = 'for name in $NAMES; do dpkg -S "*/$name"; done | grep -v ^diversion | cut -d: -f1'
    owners = in_image(image, script.replace("$NAMES", " ".join(needed)))
    assert installed <= set(owners.split()) <= installed | {"libc6", "libgcc-s1"}


def test_source_date_epoch_is_honoured(images):
    tag = f"ids-suite/eve-reader:{engine.VERSION}-epoch"
    engine.run(
        "docker", "buildx", "bake", "--file", "docker-bake.hcl", "--load", "eve-reader", "--set",
        f"eve-reader.tags={tag}", "--set", "eve-reader.platform=",
        environment={"SOURCE_DATE_EPOCH": "1767225600"})
    assert engine.inspect_image(tag)["Created"].startswith("2026-01-01T00:00:00")
    assert in_image(tag, "stat --format %Y /usr/local/bin/eve-reader").strip() == "0", "a time of its own"
    engine.run("docker", "image", "rm", tag)
