"""Starting, stopping, being asked: ports, signals, health, several stacks beside each other."""

import re
import socket
import subprocess
import threading
import time
from collections import Counter
from pathlib import Path

import pytest

from support import bulk_sink, eve
from support.processes import BINARIES, Service, free_port
from support.stack import SERVICES
from support.waiting import until, until_steady


def test_a_crash_leaves_no_memory_in_a_file(stack):
    stack.start()
    for service in stack.services:
        limits = Path(f"/proc/{service.pid}/limits").read_text()
        assert re.search(r"Max core file size +0 +0 ", limits), limits


def test_sigterm_ends_within_ten_seconds_and_loses_nothing(stack, tmp_path):
    source = tmp_path / "source.json"
    eve.many(source, 50_000)
    stack.start()
    # Several seconds of writing, so that the signal comes in the middle.
    writer = threading.Thread(target=eve.write_steadily, args=(stack.eve, source, 1 << 20, 0.1))
    writer.start()
    until(lambda: stack.stored() > 1000, "the run to begin")
    for service in stack.services:
        status, seconds = service.terminate()
        assert status == 0, f"{service.name} ended with {status}:\n{service.log_tail()}"
        assert seconds < 10
    writer.join()
    assert stack.stored() < 50_000, "all was through before the signal came"
    for stream, group in (("raw", "ecs-transformer"), ("ecs", "local")):
        pending = [row["pending"] for row in stack.redis.client.xinfo_groups(stack.key(stream))
                   if row["name"].decode() == group]
        assert pending[0] <= 8, "what was in flight is finished or given back"
    stack.start()
    stack.until_stored(50_000, seconds=60)
    assert stack.dead_letters() == []
    stack.until_acknowledged("sqlite", 50_000)
    assert stack.totals("local")["stored"] == 50_000


@pytest.mark.parametrize("sent", [2, 15], ids=["SIGINT", "SIGTERM"])
def test_signals_end_idle_services_at_once(stack, sent):
    stack.start()
    for service in stack.services:
        began = time.monotonic()
        service.signal(sent)
        assert service.wait() == 0
        assert time.monotonic() - began < 5, f"{service.name} was slow to stop"


def test_sigterm_while_redis_is_away(stack):
    stack.start()
    stack.redis.kill()
    time.sleep(0.3)
    for service in stack.services:
        status, seconds = service.terminate()
        assert status == 0 and seconds < 10, (service.name, status, seconds)


def test_sigterm_while_opensearch_hangs(new_stack, sink):
    sink.fault = bulk_sink.slow(60)
    stack = new_stack(sinks=("opensearch",), opensearch=sink.url)
    eve.append(stack.eve, eve.lines(100))
    stack.start()
    until(lambda: sink.open_requests > 0, "a request to hang")
    status, seconds = stack.shippers["opensearch"].terminate()
    assert status == 0 and seconds < 10.5
    sink.fault = None
    stack.start(ready=False)
    stack.until_acknowledged("opensearch", 100)


def fill(one, two):
    """Each stores events that the other never sees."""
    eve.append(one.eve, eve.lines(500))
    eve.append(two.eve, eve.lines(300, first=1000))
    one.start()
    two.start()
    one.until_stored(500)
    two.until_stored(300)


def test_two_stacks_at_once(new_stack):
    one, two = new_stack(), new_stack()
    fill(one, two)
    assert eve.flow_numbers(two.documents().values()) == list(range(1000, 1300))


def test_two_stacks_share_one_redis_by_prefix(new_stack):
    one = new_stack()
    one.redis.start()
    two = new_stack(redis=one.redis)
    fill(one, two)
    assert eve.flow_numbers(one.documents().values()) == list(range(500))


def test_several_transformers_share_the_work(new_stack):
    stack = new_stack()
    stack.start()
    extra = []
    try:
        for number in range(2):
            port = free_port()
            own = ["--set", f"ecs_transformer.http_port={port}", "--set", f"ecs_transformer.consumer_name=t{number}"]
            extra.append(Service("ecs-transformer", stack.directory, stack.config, port, own, f"-{number}").start())
        for service in extra:
            service.until_ready()
        eve.many(stack.eve, 50_000)
        stack.until_stored(50_000, seconds=60)
        for service in extra:
            service.kill()
    finally:
        for service in extra:
            service.kill()
    assert stack.totals("ecs-transformer")["events"] == 50_000


@pytest.mark.parametrize("name", SERVICES)
def test_port_in_use(stack, name):
    service = {service.name.removesuffix("-sqlite"): service for service in stack.services}[name]
    stack.redis.start()
    with socket.socket() as other:
        other.bind(("127.0.0.1", service.port))
        other.listen()
        service.start()
        assert service.wait(10) not in (0, None)
    assert str(service.port) in service.log and "in use" in service.log.lower()


@pytest.mark.parametrize("name", SERVICES)
def test_healthcheck_asks_the_running_service(stack, name):
    service = {service.name.removesuffix("-sqlite"): service for service in stack.services}[name]
    command = [BINARIES / name, "healthcheck", *map(str, service.arguments[2:])]
    assert subprocess.run(command, capture_output=True).returncode != 0
    stack.start()
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_metrics_count_what_went_through(stack):
    eve.append(stack.eve, eve.lines(123) + b"broken\n")
    stack.start()
    stack.until_stored(123)
    for service, noun in ((stack.reader, "ids_eve_reader_"), (stack.transformer, "ids_ecs_transformer_"),
                          (stack.shippers["sqlite"], "ids_opensearch_shipper_")):
        text = service.get("/metrics")[1]
        samples = service.metrics()
        assert samples and all(name.startswith((noun, "process_", "ids_")) for name in samples)
        counts = Counter()
        for name, value in samples.items():
            if re.match(noun + r"\w*(events|documents|lines)\w*_total", name):
                counts[name.partition("{")[0]] += value  # over all labels
        assert {123, 124} & set(counts.values()), counts
        assert "# HELP" in text and "# TYPE" in text


def test_ports_are_open_on_the_loopback_only(stack):
    stack.start()
    for service in stack.services:
        listening = service.listening_addresses()
        assert listening and all(address.startswith("127.") for address in listening), (service.name, listening)


def test_a_quiet_stack_costs_next_to_nothing(stack):
    eve.append(stack.eve, eve.lines(100))
    stack.start()
    stack.until_stored(100)
    before = {service.name: service.cpu_seconds() for service in stack.services}
    time.sleep(3)
    for service in stack.services:
        assert service.cpu_seconds() - before[service.name] <= 0.15, f"{service.name} is busy with nothing"


def test_totals_do_not_drift_over_restarts(stack):
    stack.start()
    for part in range(3):
        eve.append(stack.eve, eve.lines(1000, first=part * 1000))
        until(lambda: stack.totals("eve-reader").get("events", 0) > part * 1000, "the reader to go on")
        for service in stack.services:
            service.restart()
    stack.until_stored(3000)
    until_steady(lambda: [stack.totals(name) for name in ("eve-reader", "ecs-transformer", "local")], "the totals")
    assert stack.totals("eve-reader")["events"] == 3000
    assert stack.totals("ecs-transformer")["events"] == 3000
    assert stack.totals("local")["stored"] == 3000
