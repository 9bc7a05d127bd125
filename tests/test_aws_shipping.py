"""The pipeline into a real OpenSearch behind a gate that lets only signed requests pass, with credentials that end every few
seconds. AWS' own SDK checks the signatures, from the bytes that come."""

import subprocess
import time

import pytest

from support import aws, eve
from support.processes import BINARIES, clean_environment
from support.waiting import until

PROCESS = """\
[profile moi33]
credential_process = curl --silent --fail {url}/process
"""


@pytest.fixture
def cloud():
    aws.sdk()
    cloud = aws.FakeAWS(lifetime_seconds=4)
    cloud.counts = True
    yield cloud.start()
    cloud.stop()


@pytest.fixture
def gate(cloud, opensearch):
    gate = aws.SigningGate(cloud, opensearch.url).start()
    yield gate
    gate.stop()


def signing_stack(new_stack, cloud, gate, source="instance", **settings):
    stack = new_stack(sinks=("opensearch",), opensearch=gate.url, settings={
        "opensearch.auth": "sigv4", "aws.region": "eu-central-1", "opensearch.gzip": True,
        **{key.replace("__", "."): value for key, value in settings.items()}})
    shipper = stack.shippers["opensearch"]
    shipper.environment = {**cloud.environment, "HOME": str(stack.directory)}
    if source == "container":
        shipper.environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = f"{cloud.url}/container"
    if source == "process":
        (stack.directory / "aws-config").write_text(PROCESS.format(url=cloud.url))
        shipper.environment["AWS_CONFIG_FILE"] = str(stack.directory / "aws-config")
        stack.write_config(aws__profile="moi33")
    return stack, shipper


@pytest.mark.parametrize("source", ["instance", "container", "process"])
def test_every_event_passes_while_credentials_end_and_services_are_killed(new_stack, cloud, gate, opensearch, source):
    stack, shipper = signing_stack(new_stack, cloud, gate, source)
    stack.start()
    count, deadline = 0, time.monotonic() + 60
    # Until credentials have ended twice, however fast the machine is, and each process was killed twice.
    while count < 500 or len(set(gate.passed)) < 3:
        assert time.monotonic() < deadline, f"only {set(gate.passed)} were used"
        eve.append(stack.eve, eve.lines(50, first=count))
        count += 50
        time.sleep(0.5)
        stack.processes[count // 50 % len(stack.processes)].restart()
    stack.until_acknowledged("opensearch", count)
    sources = [document for _, document in opensearch.documents(stack.name).values()]
    assert eve.flow_numbers(sources) == list(range(count))
    assert all(name.startswith(f"ASIA-{source}-") for name in gate.passed)
    assert gate.refused == [] and stack.dead_letters() == []
    for secret, token in cloud.keys.values():
        assert secret not in shipper.log and token not in shipper.log


def test_credentials_that_a_server_calls_expired_are_got_anew_at_once(new_stack, cloud, gate, opensearch):
    cloud.lifetime_seconds = 3_600
    stack, _ = signing_stack(new_stack, cloud, gate)
    stack.start()
    eve.append(stack.eve, eve.lines(20))
    stack.until_acknowledged("opensearch", 20)
    old, = set(gate.passed)
    cloud.ends = dict.fromkeys(cloud.ends, 0)
    eve.append(stack.eve, eve.lines(20, first=20))
    stack.until_acknowledged("opensearch", 40)
    assert gate.passed[-1] != old and all("expired" in reason for reason in gate.refused) and gate.refused
    assert opensearch.count(stack.name) == 40


@pytest.mark.parametrize("ahead_seconds", [-1_200, 1_200])
def test_a_wrong_clock_is_corrected_and_shown(new_stack, cloud, gate, opensearch, ahead_seconds):
    cloud.lifetime_seconds, cloud.ahead_seconds = 3_600, ahead_seconds
    stack, shipper = signing_stack(new_stack, cloud, gate)
    stack.start()
    eve.append(stack.eve, eve.lines(20))
    stack.until_acknowledged("opensearch", 20)
    assert opensearch.count(stack.name) == 20
    # Requests that were under way before the first answer.
    assert len(gate.refused) <= 3 and all("is not within 5 minutes" in reason for reason in gate.refused)
    offset = shipper.metrics()["ids_opensearch_shipper_clock_offset_seconds"]
    assert abs(offset - ahead_seconds) <= 5
    assert "the clock of this machine is wrong" in shipper.log


def test_without_credentials_events_wait_and_the_reason_is_told(new_stack, cloud, gate, opensearch):
    cloud.failing = 500
    stack, shipper = signing_stack(new_stack, cloud, gate)
    stack.start(ready=False)
    eve.append(stack.eve, eve.lines(20))
    until(lambda: "instance metadata service" in shipper.get("/readyz")[1], "the reason in /readyz")
    assert gate.passed == [] and gate.refused == []
    cloud.failing = None
    stack.until_acknowledged("opensearch", 20)
    assert opensearch.count(stack.name) == 20


SLOW = """\
[default]
credential_process = bash -c "env > {folder}/environment; sleep 3; curl --silent --fail {url}/process"
"""


def test_setup_waits_for_a_slow_command_which_gets_no_secret_of_the_suite(new_stack, cloud, gate, opensearch):
    stack, shipper = signing_stack(new_stack, cloud, gate)
    (stack.directory / "aws-config").write_text(SLOW.format(folder=stack.directory, url=cloud.url))
    (stack.directory / "password").write_text("of redis")
    secrets = {"OPENSEARCH_PROXY": "http://user:of-proxy@127.0.0.1:1", "OPENSEARCH_NO_PROXY": "127.0.0.1",
               "REDIS_PASSWORD_FILE": str(stack.directory / "password")}
    done = subprocess.run(
        [BINARIES / "opensearch-shipper", "setup", "--config", stack.config], capture_output=True, text=True, timeout=30,
        env={**clean_environment(), **shipper.environment, **secrets, "KEPT": "yes",
             "AWS_CONFIG_FILE": str(stack.directory / "aws-config")})
    assert done.returncode == 0, done.stderr
    assert "waiting up to 65 s for credentials of AWS" in done.stderr and "create  index template" in done.stdout
    given = (stack.directory / "environment").read_text()
    assert "KEPT=yes" in given and not any(name in given for name in ("of-proxy", "REDIS_PASSWORD_FILE", "OPENSEARCH_PROXY"))
    opensearch.clear(stack.name)
