"""The processes that a stack is made of: how each is started, asked, killed and cleaned away."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import redis

from .waiting import until

REPOSITORY = Path(__file__).resolve().parents[2]
BINARIES = Path(os.environ.get("IDS_BIN_DIR", REPOSITORY / "build/bin"))

_given_ports = set()


def free_port(span=0):
    """A loopback port that nobody listens on and that this process has not given out before.

    With `span`, port + span is free as well.
    """
    for _ in range(200):
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port = first.getsockname()[1]
            if port in _given_ports or port + span > 65535:
                continue
            try:
                if span:
                    second.bind(("127.0.0.1", port + span))
            except OSError:
                continue
            _given_ports.update((port, port + span))
            return port
    raise RuntimeError("no free port on the loopback")


class Process:
    """One child process with its log file. It dies with the test process, however that ends."""

    def __init__(self, name, arguments, directory, environment=None, executable=None):
        self.name = name
        self.arguments = [str(argument) for argument in arguments]
        self.executable = executable
        self.directory = Path(directory)
        self.environment = environment or {}
        self.log_path = self.directory / f"{name}.log"
        self.child = None

    def start(self):
        assert not self.running, f"{self.name} already runs"
        command = ["setpriv", "--pdeathsig", "KILL", "--"]
        if self.executable:  # another name in argv[0] than that of the file
            command += ["bash", "-c", 'exec -a "$0" "$@"', self.arguments[0], str(self.executable)]
            command += self.arguments[1:]
        else:
            command += self.arguments
        with open(self.log_path, "ab") as log:
            self.child = subprocess.Popen(
                command, cwd=self.directory, env={**clean_environment(), **self.environment},
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        return self

    @property
    def running(self):
        return self.child is not None and self.child.poll() is None

    @property
    def pid(self):
        return self.child.pid

    @property
    def log(self):
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def log_tail(self, characters=4000):
        return self.log[-characters:]

    def signal(self, number):
        self.child.send_signal(number)

    def kill(self):
        """SIGKILL, and the end awaited."""
        if self.running:
            self.child.kill()
        if self.child:
            self.child.wait(10)

    def wait(self, seconds=15):
        """The exit status; fails when the process does not end in time."""
        try:
            return self.child.wait(seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self.name} did not end within {seconds:g} s; its log:\n{self.log_tail()}") from None

    def terminate(self, seconds=15):
        """SIGTERM; returns exit status and the seconds it took."""
        began = time.monotonic()
        self.child.terminate()
        status = self.wait(seconds)
        return status, time.monotonic() - began

    def restart(self):
        self.kill()
        return self.start()

    def status_kib(self, field):
        """A field such as VmHWM of /proc/PID/status, in KiB."""
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith(field + ":"):
                return int(line.split()[1])
        raise KeyError(field)

    def listening_addresses(self):
        """The local addresses of the TCP sockets on which this process listens."""
        own = {os.readlink(link) for link in Path(f"/proc/{self.pid}/fd").iterdir()}
        found = []
        for table, family in (("tcp", socket.AF_INET), ("tcp6", socket.AF_INET6)):
            for row in Path(f"/proc/{self.pid}/net/{table}").read_text().splitlines()[1:]:
                fields = row.split()
                if fields[3] == "0A" and f"socket:[{fields[9]}]" in own:
                    words = bytes.fromhex(fields[1].partition(":")[0])
                    # The kernel prints each 32-bit word in the order of the machine's bytes.
                    address = b"".join(words[at:at + 4][::-1] for at in range(0, len(words), 4))
                    found.append(socket.inet_ntop(family, address if sys.byteorder == "little" else words))
        return found

    def cpu_seconds(self):
        """User and system time so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def written_bytes(self):
        """Bytes that it made the kernel write to a disk so far; those to a RAM disk do not count."""
        return int(Path(f"/proc/{self.pid}/io").read_text().partition("\nwrite_bytes: ")[2].split()[0])


def write_settings(path, settings):
    """Writes dotted keys as a config.yaml."""
    sections = {}
    for key, value in settings.items():
        section, _, name = key.partition(".")
        sections.setdefault(section, []).append(f"  {name}: {json.dumps(value)}\n")
    path.write_text("".join(f"{section}:\n{''.join(lines)}" for section, lines in sections.items()))


def clean_environment():
    """The environment without anything that the services take as a setting."""
    kept = ("PATH", "HOME", "LANG", "LD_LIBRARY_PATH", "TMPDIR", "TZ")
    return {name: os.environ[name] for name in kept if name in os.environ}


def redis_executable():
    """redis-server, or the same program under another name as redis-tools has it; None where neither is."""
    return shutil.which("redis-server") or shutil.which("redis-check-rdb")


class RedisServer(Process):
    """A private redis-server, set up as docs/redis.md recommends it: a kill loses nothing that it has answered."""

    def __init__(self, directory, **options):
        self.port = free_port()
        settings = {
            "port": self.port, "bind": "127.0.0.1", "dir": directory, "appendonly": "yes",
            "appendfsync": "everysec", "save": "", "maxmemory-policy": "noeviction", "rdbcompression": "no",
            "auto-aof-rewrite-min-size": "256mb", **options,
        }
        arguments = ["redis-server"]
        for key, value in settings.items():
            arguments += [f"--{key}", value]
        super().__init__("redis", arguments, directory, executable=redis_executable())
        self.client = redis.Redis(port=self.port, socket_timeout=10)

    def start(self):
        super().start()
        until(self.client.ping, f"redis on port {self.port} to answer")
        return self


class Service(Process):
    """A service, run with a configuration file and asked over its HTTP port."""

    def __init__(self, name, directory, config, port, extra=(), instance=""):
        super().__init__(name + instance, [BINARIES / name, "run", "--config", config, *extra], directory)
        self.port = port

    def get(self, path, seconds=5):
        """Status and body of a GET on the service's own port."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=seconds) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    @property
    def ready(self):
        return self.running and self.get("/readyz")[0] == 200

    @property
    def readiness(self):
        return json.loads(self.get("/readyz")[1])

    def until_ready(self, seconds=60):
        def is_ready():
            assert self.running, f"{self.name} ended with status {self.child.poll()}; its log:\n{self.log_tail(1500)}"
            return self.ready

        until(is_ready, lambda: f"{self.name} to be ready; its log:\n{self.log_tail(1500)}", seconds)
        return self

    def metrics(self):
        """The samples of /metrics: name with labels as printed → number."""
        samples = {}
        for line in self.get("/metrics")[1].splitlines():
            if line and not line.startswith("#"):
                name, _, value = line.rpartition(" ")
                samples[name] = float(value)
        return samples


class Cleanup:
    """A script of the shell that runs when this is told to, or when the tests end, killed or not."""

    def __init__(self, script, *arguments):
        self._child = subprocess.Popen(
            ["setsid", "sh", "-c", f"cat >/dev/null; {script}", *map(str, arguments)], stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def run(self, seconds=120):
        self._child.stdin.close()
        self._child.wait(seconds)


def stop_all(processes):
    """Ends every process at once; used for cleaning up, where nothing is asked of the end."""
    for process in processes:
        if process.running:
            process.signal(signal.SIGKILL)
    for process in processes:
        if process.child:
            process.child.wait(10)
