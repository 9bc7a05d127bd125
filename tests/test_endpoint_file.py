"""The file that says where OpenSearch is: shipper and exporter wait for it, and follow it from one store to the next."""

import json
import subprocess

import pytest

from support import eve
from support.processes import BINARIES, Service, clean_environment, free_port, stop_all
from support.waiting import until


@pytest.fixture
def following(new_stack):
    """A stack whose OpenSearch is where a file says that does not exist yet; the file; and an exporter of it."""
    stack = new_stack(sinks=("opensearch",))
    file = stack.directory / "endpoint.json"
    del stack.settings["opensearch.endpoint"]
    port = free_port()
    stack.write_config(
        opensearch__endpoint_file=str(file), opensearch__auth="basic", metrics_exporter__opensearch=True,
        metrics_exporter__http_port=port, metrics_exporter__opensearch_interval_ms=1_000)
    exporter = Service("metrics-exporter", stack.directory, stack.config, port)
    yield stack, file, exporter
    stop_all([exporter])


def say(file, endpoint):
    fresh = file.with_suffix(".fresh")
    fresh.write_text(json.dumps({"version": 1, "endpoint": endpoint, "later": {"member": 1}}))
    fresh.rename(file)


def test_events_wait_for_the_file_and_follow_it_to_the_next_store(following, opensearch, secure_opensearch):
    stack, file, exporter = following
    shipper = stack.shippers["opensearch"]
    shipper.environment = {"OPENSEARCH_USERNAME": "admin", "OPENSEARCH_PASSWORD": "admin"}
    exporter.environment = shipper.environment
    stack.write_config(opensearch__ca_file=str(secure_opensearch.ca_file))
    stack.start(ready=False)
    exporter.start()
    eve.append(stack.eve, eve.lines(100))
    until(lambda: "aws-provisioner writes it" in shipper.get("/readyz")[1], "the remedy in /readyz")
    assert shipper.get("/readyz")[0] == 503
    until(lambda: stack.totals("ecs-transformer").get("events") == 100, "events to wait")
    assert stack.waiting_entries("ecs", "opensearch") > 0 and stack.totals("opensearch") == {}
    until(lambda: exporter.metrics().get("ids_opensearch_up") == 0, "the exporter to wait")

    say(file, opensearch.url)
    stack.until_acknowledged("opensearch", 100)
    until(lambda: exporter.metrics().get("ids_opensearch_index_documents") == 100, "the exporter to see 100 documents")

    say(file, secure_opensearch.url)
    until(lambda: secure_opensearch.url in shipper.log, "the shipper to move")
    eve.append(stack.eve, eve.lines(50, first=100))
    stack.until_acknowledged("opensearch", 150)
    until(lambda: exporter.metrics().get("ids_opensearch_index_documents") == 50, "the exporter to see the other store")
    for node, numbers in ((opensearch, range(100)), (secure_opensearch, range(100, 150))):
        assert eve.flow_numbers([source for _, source in node.documents(stack.name).values()]) == list(numbers)
    assert stack.dead_letters() == []
    for service in (shipper, exporter):
        assert service.log.count("is not there yet") == 1


def test_a_broken_file_is_told_once_and_what_it_said_stays_in_force(following, opensearch):
    stack, file, _ = following
    say(file, opensearch.url)
    stack.start()
    shipper = stack.shippers["opensearch"]
    file.write_text("{")
    until(lambda: "does not say where OpenSearch is" in shipper.log, "the broken file to be told")
    eve.append(stack.eve, eve.lines(20))
    stack.until_acknowledged("opensearch", 20)
    assert shipper.get("/readyz")[0] == 200
    assert shipper.log.count("The endpoint file is of no use") == 1


def test_setup_goes_where_the_file_says(following, opensearch):
    stack, file, _ = following
    command = [BINARIES / "opensearch-shipper", "setup", "--config", stack.config]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, env=clean_environment())
    assert done.returncode == 1 and "is not there yet" in done.stderr
    say(file, opensearch.url)
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, env=clean_environment())
    assert done.returncode == 0, done.stderr
    assert "create  index template" in done.stdout
    opensearch.clear(stack.name)
