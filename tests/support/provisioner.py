"""aws-provisioner in a folder of its own, led to an account that is played by the tests."""

import fcntl
import json
import os
import pty
import select
import subprocess
import tempfile
import termios
import time
import uuid
from pathlib import Path

from .aws import FakeAWS, SigningGate
from .opensearch_service import OpenSearchService
from .processes import BINARIES, Process, Service, clean_environment, free_port, write_settings
from .waiting import until

PROGRAM = BINARIES / "aws-provisioner"
OWNED = {"ids-suite:managed-by": "aws-provisioner"}


class Account:
    """Everything that is AWS: keys, clock, control plane, and a gate before a real OpenSearch, which is the endpoint of all
    its domains."""

    def __init__(self, folder, opensearch, stage_seconds=0.03):
        self.folder, self.opensearch = folder, opensearch
        self.cloud = FakeAWS().start()
        self.gate = SigningGate(self.cloud, opensearch, folder).start()
        self.service = OpenSearchService(self.cloud, self.gate.url, stage_seconds).start()

    def close(self):
        for part in self.service, self.gate, self.cloud:
            part.stop()


class Provisioner:
    """One installation: its configuration, its state, and the keys of a user of its own, whose id is `key`."""

    def __init__(self, account, key="AKIA-USER", **settings):
        self.account, self.key = account, key
        self.secret = f"secret+of/{key}"
        account.cloud.keys[key] = (self.secret, None)
        self.folder = Path(tempfile.mkdtemp(dir=account.folder))
        self.state, self.endpoint_file = self.folder / "state", self.folder / "shared/opensearch.json"
        self.port = free_port()
        self.settings = {
            "sensor.name": "sensor-under-test",
            "opensearch.index_prefix": "p" + uuid.uuid4().hex[:10],
            "aws.state_dir": str(self.state), "aws.endpoint_file": str(self.endpoint_file), "aws.http_port": self.port,
            "aws.poll_interval_ms": 50, **{name.replace("__", "."): value for name, value in settings.items()}}
        self.environment = {
            **clean_environment(), **account.service.environment, "HOME": str(self.folder),
            "AWS_CA_BUNDLE": str(account.gate.certificate), "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": self.secret}

    @property
    def name(self):
        return self.settings.get("aws.domain_name", "ids-suite")

    @property
    def domain(self):
        return self.account.service.domains.get(self.name)

    @property
    def config(self):
        path = self.folder / "config.yaml"
        write_settings(path, self.settings)
        return path

    def command(self, *arguments):
        return [str(PROGRAM), arguments[0], "--config", str(self.config), *map(str, arguments[1:])]

    def run(self, *arguments, seconds=30):
        """The process, ended: `stdout` and `stderr` as text, `returncode`. It has no terminal and nobody to ask."""
        return subprocess.run(self.command(*arguments), env=self.environment, cwd=self.folder, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=seconds)

    def start(self, *arguments):
        process = Process("-".join(arguments).replace("/", "_"), self.command(*arguments), self.folder,
                          self.environment)
        return process.start()

    def serve(self):
        """`run`, the service."""
        service = Service("aws-provisioner", self.folder, self.config, self.port)
        service.environment = self.environment
        return service.start()

    def at_terminal(self, *arguments, answer, after, seconds=30):
        """What a person sees who gives `answer` as soon as `after` is there, and the status."""
        leader, follower = pty.openpty()
        child = subprocess.Popen(self.command(*arguments), env={**self.environment, "TERM": "xterm"}, cwd=self.folder,
                                 stdin=follower, stdout=follower, stderr=follower, start_new_session=True,
                                 preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        os.close(follower)
        seen, answered, deadline = b"", False, time.monotonic() + seconds
        try:
            while True:
                wait = deadline - time.monotonic()
                assert wait > 0 and select.select([leader], [], [], wait)[0], f"it does not go on after:\n{seen.decode()}"
                try:
                    part = os.read(leader, 65_536)
                except OSError:  # the other end is closed
                    break
                seen += part
                if after.encode() in seen and not answered:
                    answered = True
                    os.write(leader, answer.encode())
                if not part:
                    break
            return seen.decode(), child.wait(seconds)
        finally:
            child.kill()
            os.close(leader)

    def applied(self, *arguments):
        """`apply --yes` that works."""
        done = self.run("apply", "--yes", *arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done

    @property
    def endpoint(self):
        return json.loads(self.endpoint_file.read_text()) if self.endpoint_file.exists() else None

    def requests(self, *actions):
        """What was asked with this user's key."""
        return [request for request in list(self.account.service.requests)
                if request.key == self.key and (not actions or request.action in actions)]

    def made(self):
        """How many domains this user has made."""
        return sum(request.took_effect for request in self.requests("CreateDomain"))

    def until_asked(self, action, seconds=20):
        until(lambda: self.requests(action), f"{action} to be asked for", seconds)
