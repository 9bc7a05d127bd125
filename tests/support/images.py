"""Builds the images of the suite, and looks into them and into the programs that they hold."""

import re
import subprocess

from . import engine

PAGE_BYTES_MAX = 65536
DOCKERFILE = (engine.REPOSITORY / "services/Dockerfile").read_text()
# The stage that each service has for itself.
STAGES = dict(re.findall(r"^FROM image AS (\S+)\n(.*?)\n(?=FROM )", DOCKERFILE, re.MULTILINE | re.DOTALL))
SERVICES = tuple(STAGES)


def libraries(service):
    """The packages that an image gets beside those of its base."""
    common = re.search(r"^FROM \S+ AS image\n(.*?)^FROM ", DOCKERFILE, re.MULTILINE | re.DOTALL)[1]
    return {name for stage in (common, STAGES[service]) for names in re.findall(r" /libraries (lib[a-z0-9+ -]+)", stage)
            for name in names.split()}


def build(platform, version, *options, **environment):
    """The images of all services for this platform, by service."""
    engine.run("docker", "buildx", "bake", "--file", "docker-bake.hcl", "--load", "--set", f"*.platform={platform}",
               *options, environment={"VERSION": version, **environment}, seconds=1500)
    return {service: f"ids-suite/{service}:{version}" for service in SERVICES}


def in_image(image, script, platform=None):
    platforms = [f"--platform={platform}"] if platform else []
    return engine.run("docker", "run", "--rm", "--network=none", "--user=0", *platforms, "--entrypoint=/bin/sh", image,
                      "-c", script)


def copied_program(image, service, target, platform=None):
    platforms = [f"--platform={platform}"] if platform else []
    container = engine.run("docker", "create", *platforms, image).strip()
    try:
        engine.run("docker", "cp", f"{container}:/usr/local/bin/{service}", target)
    finally:
        engine.run("docker", "rm", container)
    return target


def readelf(option, program):
    return subprocess.run(["readelf", option, "--wide", program], check=True, capture_output=True, text=True).stdout


def load_segments(program):
    """Flags and alignment of each part of the program that is mapped into memory."""
    return [(flags.replace(" ", ""), int(align, 16)) for flags, align in re.findall(
        r"^ +LOAD .* 0x[0-9a-f]+ ([R ][W ][E ]) 0x([0-9a-f]+)$", readelf("--program-headers", program), re.MULTILINE)]
