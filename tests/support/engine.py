"""A Docker engine and compositions of the suite's containers on it, each with its own name, folder and volumes."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import uuid
from pathlib import Path

from .processes import REPOSITORY, Cleanup

# The images of the tests; those of a release keep their own, and so do tests of other sources on the same engine.
VERSION = os.environ.get("VERSION", "containers-test")


def run(*arguments, seconds=600, directory=REPOSITORY, environment=None, check=True):
    """What the command writes to standard output; fails with all that it wrote."""
    done = subprocess.run(
        [str(argument) for argument in arguments], cwd=directory, env={**clean_environment(), **(environment or {})},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=seconds)
    if check and done.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, arguments))}: status {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done.stdout


def clean_environment():
    """The environment without what the files of compose and bake take from it."""
    kept = ("PATH", "HOME", "LANG", "TMPDIR", "DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CONFIG", "SWIFT_IMAGE")
    return {name: os.environ[name] for name in kept if name in os.environ}


def why_absent():
    """The reason why no containers can be run here; None when they can."""
    if not shutil.which("docker"):
        return "no docker command"
    for what, command in (("Docker engine", ["version"]), ("docker compose", ["compose", "version"]),
                          ("docker buildx", ["buildx", "version"])):
        done = subprocess.run(["docker", *command], capture_output=True, text=True, timeout=60)
        if done.returncode != 0:
            return f"no {what}: {(done.stderr.strip().splitlines() or ['no answer'])[-1]}"
    return None


def why_no_arm64():
    """The reason why no container for arm64 can be run here; None when one can."""
    done = subprocess.run(
        ["docker", "run", "--rm", "--pull=missing", "--network=none", "--platform=linux/arm64", "debian:trixie-slim",
         "true"], capture_output=True, text=True, timeout=300)
    return None if done.returncode == 0 else f"no containers for arm64: {done.stderr.strip().splitlines()[-1]}"


def inspect_image(name):
    return json.loads(run("docker", "image", "inspect", name))[0]


class Composition:
    """The containers of docker-compose.yml under a name of their own, with images that are built already.

    The folder holds copies of what the containers mount and what `scripts/containers` makes, and eve.json.
    """

    def __init__(self, profiles="", files=(), override="", environment=None):
        self.name = "ids-test-" + uuid.uuid4().hex[:8]
        self.directory = Path(tempfile.mkdtemp(prefix=f"{self.name}-"))
        self.directory.chmod(0o755)
        for name in ("docker-compose.yml", "docker-compose.dev.yml", ".env.example", "scripts/containers",
                     "scripts/lib/usage.sh"):
            (self.directory / name).parent.mkdir(exist_ok=True)
            shutil.copy2(REPOSITORY / name, self.directory / name)
        for name in ("redis", "prometheus", "grafana"):
            shutil.copytree(REPOSITORY / name, self.directory / name)
        self.ram_disk = self.directory / "ram_logs"
        self.ram_disk.mkdir()
        self.eve = self.ram_disk / "eve.json"
        self.environment = {
            "COMPOSE_PROJECT_NAME": self.name, "COMPOSE_PROFILES": profiles, "VERSION": VERSION,
            "EVE_DIR": str(self.ram_disk), "SENSOR_NAME": "sensor-under-test",
            "CONTROL_PLANE_ADDRESS": "127.0.0.1", "CONTROL_PLANE_PORT": "0", **(environment or {})}
        self.files = ["docker-compose.yml", *files]
        if override:
            (self.directory / "override.yml").write_text(override)
            self.files.append("override.yml")
        run("scripts/containers", "secrets", directory=self.directory)
        self._guard = Cleanup(
            'containers=$(docker ps --all --quiet --filter "label=com.docker.compose.project=$0");'
            ' if [ -n "$containers" ]; then docker rm --force --volumes $containers; fi;'
            ' for kind in volume network; do'
            ' docker $kind ls --quiet --filter "label=com.docker.compose.project=$0" | xargs -r docker $kind rm; done;'
            ' rm -rf "$1"', self.name, self.directory)

    def close(self):
        self._guard.run()

    def compose(self, *arguments, **options):
        files = [part for file in self.files for part in ("--file", file)]
        return run("docker", "compose", *files, *arguments, directory=self.directory, environment=self.environment,
                   **options)

    def up(self, *arguments):
        self.compose("up", "--detach", "--wait", "--wait-timeout", "180", "--no-build", "--quiet-pull", *arguments)
        return self

    def containers(self, service=None):
        """What `docker inspect` says of each container, by its name."""
        ids = self.compose("ps", "--all", "--quiet", *([service] if service else [])).split()
        found = json.loads(run("docker", "inspect", *ids)) if ids else []
        return {one["Name"].lstrip("/").removeprefix(self.name + "-"): one for one in found}

    def kill(self, container):
        """SIGKILL for the service in it, as the kernel sends when memory is out; its init then ends, too."""
        run("docker", "exec", f"{self.name}-{container}", "/bin/sh", "-c", "kill -KILL -1", check=False)

    def redis(self, *command, user="admin"):
        """The answer of redis-cli as this user; errors are answers."""
        password = (self.directory / "secrets" / f"redis-{user}").read_text().strip()
        return run(
            "docker", "compose", "--file", "docker-compose.yml", "exec", "-T", "-e", "REDISCLI_AUTH", "redis",
            "redis-cli", "--user", user, *command, directory=self.directory, check=False,
            environment={**self.environment, "REDISCLI_AUTH": password}).strip()

    def stored(self, group="local"):
        answer = self.redis("HGET", f"ids:totals:{group}", "stored")
        return int(answer) if answer.isdigit() else 0

    def event_store(self):
        """A copy of the SQLite store; local-store does not run afterwards."""
        self.compose("stop", "local-store")
        container = next(iter(self.containers("local-store")))
        target = Path(tempfile.mkdtemp(dir=self.directory))
        run("docker", "cp", f"{self.name}-{container}:/var/lib/ids-suite/.", target)
        return target / "events.db"

    def logs(self):
        return self.compose("logs", "--no-color", "--tail", "60", check=False)


def say(text):
    """Progress for people; pytest shows it when a test fails, or with -s."""
    print(text, file=sys.stderr, flush=True)
