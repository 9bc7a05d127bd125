"""The whole way to Amazon: a provisioner makes the domain while events wait, and shipper and exporter find it by its file."""

import json

import pytest

from support import aws, eve
from support.opensearch_service import OpenSearchService
from support.processes import Service, free_port, stop_all
from support.waiting import until

SECRET = "secret-of-the-chain"


@pytest.fixture
def amazon(opensearch, tmp_path):
    """The control plane, whose domains are a real OpenSearch behind a gate that checks signatures, over TLS."""
    aws.sdk()
    cloud = aws.FakeAWS(AKIACHAIN=SECRET).start()
    gate = aws.SigningGate(cloud, opensearch.url, tmp_path).start()
    service = OpenSearchService(cloud, gate.url, stage_seconds=0.5).start()
    service.gate = gate
    yield service
    for part in (service, gate, cloud):
        part.stop()


def test_events_that_waited_for_the_domain_arrive_signed(new_stack, amazon, opensearch):
    stack = new_stack(sinks=("opensearch",))
    del stack.settings["opensearch.endpoint"]
    file = stack.directory / "endpoint/opensearch.json"
    provisioner_port, exporter_port = free_port(), free_port()
    stack.write_config(
        opensearch__endpoint_file=str(file), metrics_exporter__opensearch=True, metrics_exporter__http_port=exporter_port,
        metrics_exporter__opensearch_interval_ms=1_000)
    # The provisioner is to write the file that the others follow.
    own = stack.directory / "provisioner.yaml"
    own.write_text(
        "aws:\n" + "".join(f"  {key}: {json.dumps(value)}\n" for key, value in {
            "auto_apply": True, "state_dir": str(stack.directory / "aws"), "endpoint_file": str(file),
            "poll_interval_ms": 100, "look_interval_ms": 1_000, "http_port": provisioner_port}.items())
        + f"opensearch:\n  index_prefix: {stack.name}\nsensor:\n  name: chain\n")
    provisioner = Service("aws-provisioner", stack.directory, own, provisioner_port)
    exporter = Service("metrics-exporter", stack.directory, stack.config, exporter_port)
    shipper = stack.shippers["opensearch"]
    for service in (provisioner, exporter, shipper):
        service.environment = {
            **amazon.environment, "HOME": str(stack.directory), "AWS_CA_BUNDLE": str(amazon.gate.certificate),
            "AWS_ACCESS_KEY_ID": "AKIACHAIN", "AWS_SECRET_ACCESS_KEY": SECRET}
    try:
        stack.start(ready=False)
        eve.append(stack.eve, eve.lines(200))
        until(lambda: "aws-provisioner writes it" in shipper.get("/readyz")[1], "the shipper to wait for the domain")
        exporter.start()
        provisioner.start()
        stack.until_acknowledged("opensearch", 200)
        provisioner.until_ready()
        documents = opensearch.documents(stack.name)
        assert eve.flow_numbers([source for _, source in documents.values()]) == list(range(200))
        until(lambda: exporter.metrics().get("ids_opensearch_up") == 1, "the exporter to see the domain")
        assert json.loads(file.read_text())["managed"] is True
        assert amazon.count("CreateDomain", took_effect=True) == 1
        assert amazon.gate.refused == [] and stack.dead_letters() == []
        for service in (provisioner, exporter, shipper):
            assert SECRET not in service.log
    finally:
        stop_all([provisioner, exporter])
        opensearch.clear(stack.name)
