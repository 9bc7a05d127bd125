"""A Redis of the run's own: loopback only, with a password, its data in the run folder."""

import os
import secrets
import shutil
import signal
import socket
import time
from pathlib import Path

from .children import Child, Children, describe
from .redis_client import RedisClient, RedisFailure
from .run_folder import RunFolder, write_private
from .stopping import RunError, StopRequest

# Each of the two streams may take so much before the service that fills it waits; Redis' own limit is the wall behind,
# with room for the dead letters (64 MiB by default) and a fifth for what Redis itself needs.
STREAM_BYTES_MAX = 128 << 20
MAXMEMORY_BYTES = 384 << 20

START_SECONDS = 60.0


_given_ports: set[int] = set()


def free_port() -> int:
    """A loopback TCP port that nobody listens on and that was not given before."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        if port not in _given_ports:
            _given_ports.add(port)
            return port


def server_program(folder: RunFolder) -> str:
    """The Redis server; raises RunError if this machine has none.

    Debian's redis-tools holds it under another name: redis-check-rdb is the server, which looks at its own name. The
    package redis-server would add a system service that starts at once, so a private link is made instead.
    """
    if program := shutil.which("redis-server"):
        return program
    checker = Path("/usr/bin/redis-check-rdb")
    if not checker.exists():
        raise RunError("There is no Redis on this machine: install redis-tools (scripts/install-dependencies run).")
    link = folder.path / "redis-server"
    link.unlink(missing_ok=True)
    link.symlink_to(checker)
    return str(link)


def start(folder: RunFolder, children: Children, stop: StopRequest, environment: dict[str, str]) -> "PrivateRedis":
    """Starts the server and waits until it answers, which with much data from an earlier run takes a moment."""
    program = server_program(folder)
    password = secrets.token_urlsafe(24)
    configuration = folder.path / "redis.conf"
    log = folder.logs / "redis.log"
    port = free_port()
    write_private(configuration, _configuration(folder, port, password))
    child = children.start(
        Child("redis", [program, str(configuration)], log, environment, death_signal=signal.SIGTERM)
    )
    client = RedisClient(port, password)
    deadline = time.monotonic() + START_SECONDS
    while True:
        stop.pause(0.02)
        try:
            answer = client.ask(("PING",))[0]
            if answer == "PONG":
                return PrivateRedis(port, password, child, client)
        except RedisFailure:
            pass
        if not child.is_running:
            status = child.process.returncode if child.process else 1
            raise RunError(f"Redis {describe(status)} ({log}):\n{child.log_tail()}")
        if time.monotonic() > deadline:
            raise RunError(f"Redis did not answer within {START_SECONDS:.0f} s ({log}):\n{child.log_tail()}")


class PrivateRedis:
    """The running server and a connection to it."""

    def __init__(self, port: int, password: str, child: Child, client: RedisClient) -> None:
        self.port = port
        self.password = password
        self.child = child
        self.client = client


def _configuration(folder: RunFolder, port: int, password: str) -> str:
    lines = {
        "bind": "127.0.0.1",
        "port": port,
        "protected-mode": "yes",
        "requirepass": password,
        "daemonize": "no",
        "dir": f'"{_escaped(folder.redis)}"',
        # The streams are the only copy of what is between the file and the store.
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": '""',
        # See docs/redis.md: batches are compressed already, and everything that passes through is in the log.
        "rdbcompression": "no",
        "auto-aof-rewrite-min-size": "256mb",
        "maxmemory": MAXMEMORY_BYTES,
        "maxmemory-policy": "noeviction",
    }
    return "".join(f"{key} {value}\n" for key, value in lines.items())


def _escaped(path: Path) -> str:
    return os.fspath(path).replace("\\", "\\\\").replace('"', '\\"')
