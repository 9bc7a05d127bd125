"""The images for arm64, cross-compiled where this machine is amd64, run under emulation there."""

import pytest

from support import engine, eve
from support.engine import Composition
from support.images import PAGE_BYTES_MAX, SERVICES, build, copied_program, in_image, load_segments
from support.waiting import until

PLATFORM = "linux/arm64"
COUNT = 10_000
REDIS = f"ids-suite/redis-arm64:{engine.VERSION}"


@pytest.fixture(scope="module")
def arm64_images():
    reason = engine.why_no_arm64()
    if reason:
        pytest.skip(reason)
    return build(PLATFORM, f"{engine.VERSION}-arm64")


@pytest.fixture(scope="module")
def arm64_redis(tmp_path_factory):
    """Debian's Redis: the public image is of the same version, and compiled in the same way."""
    folder = tmp_path_factory.mktemp("redis-arm64")
    (folder / "Dockerfile").write_text(
        "FROM debian:trixie-slim\n"
        "RUN apt-get update --quiet --quiet"
        " && apt-get install --quiet --quiet --yes --no-install-recommends redis-server"
        " && rm -rf /var/lib/apt/lists/* && install --directory --owner=999 --group=999 /data\n"
        "VOLUME /data\n")
    engine.run("docker", "build", "--platform", PLATFORM, "--tag", REDIS, folder, seconds=900)
    return REDIS


@pytest.mark.parametrize("service", SERVICES)
def test_program(arm64_images, service, tmp_path):
    answer = engine.run("docker", "run", "--rm", f"--platform={PLATFORM}", arm64_images[service], "--version")
    assert answer.startswith(f"{service} ")
    # The kernel of the Raspberry Pi 5 has pages of 16 KiB, and arm64 knows up to 64: a program that is laid out for
    # less is not loaded.
    segments = load_segments(copied_program(arm64_images[service], service, tmp_path / service, PLATFORM))
    assert segments and all(align >= PAGE_BYTES_MAX for _, align in segments)
    assert not [flags for flags, _ in segments if "W" in flags and "E" in flags]


@pytest.mark.parametrize("service", SERVICES)
def test_libraries(arm64_images, service, tmp_path):
    """Each library that the program loads is laid out for 64 KiB, too."""
    paths = in_image(
        arm64_images[service], f"ldd /usr/local/bin/{service} | sed -n 's|.*=> \\(/[^ ]*\\).*|\\1|p' | xargs realpath",
        PLATFORM)
    container = engine.run("docker", "create", f"--platform={PLATFORM}", arm64_images[service]).strip()
    try:
        for number, path in enumerate(paths.split()):
            engine.run("docker", "cp", f"{container}:{path}", tmp_path / str(number))
            assert all(align >= PAGE_BYTES_MAX for _, align in load_segments(tmp_path / str(number))), path
    finally:
        engine.run("docker", "rm", container)
    assert paths


def test_redis_is_not_bound_to_small_pages(arm64_redis, tmp_path):
    """jemalloc does not start where pages are larger than those that it was compiled for. Debian compiles it for 64 KiB
    on arm64, and so does the public image of Redis, whose copy of jemalloc is its own."""
    environment = "MALLOC_CONF=stats_print:true JE_MALLOC_CONF=stats_print:true"
    statistics = in_image(arm64_redis, f"{environment} redis-server --version 2>&1", PLATFORM)
    assert "malloc=jemalloc" in statistics
    assert f"\nPage size: {PAGE_BYTES_MAX}\n" in statistics
    container = engine.run("docker", "create", f"--platform={PLATFORM}", arm64_redis, "true").strip()
    try:
        engine.run("docker", "cp", "--follow-link", f"{container}:/usr/bin/redis-server", tmp_path / "redis-server")
        assert all(align >= PAGE_BYTES_MAX for _, align in load_segments(tmp_path / "redis-server"))
    finally:
        engine.run("docker", "rm", container)


def test_pipeline(arm64_images, arm64_redis):
    """Three services and Redis, all of arm64, deliver."""
    override = f"services:\n  redis: {{ image: '{arm64_redis}', platform: {PLATFORM}, cpus: 2, mem_limit: 1g }}\n"
    for service in ("eve-reader", "ecs-transformer", "local-store"):
        image = arm64_images["opensearch-shipper" if service == "local-store" else service]
        # Emulation needs several times the memory and twenty times the CPU.
        override += f"  {service}: {{ image: '{image}', platform: {PLATFORM}, cpus: 2, mem_limit: 1g }}\n"
    composition = Composition(override=override)
    # The emulator looks to Redis like one of the kernels whose copy-on-write was broken.
    with open(composition.directory / "redis/redis.conf", "a") as configuration:
        configuration.write("ignore-warnings ARM64-COW-BUG\n")
    try:
        composition.up("eve-reader", "ecs-transformer", "local-store")
        eve.many(composition.eve, COUNT)
        until(lambda: composition.stored() >= COUNT, lambda: f"{COUNT} events, stored {composition.stored()}", 180)
        assert composition.stored() == COUNT
    finally:
        composition.close()
