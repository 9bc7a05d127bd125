"""The containers of the profile `aws`: from an account without a domain to events in it."""

import json
from urllib.parse import urlsplit

import pytest

from support import aws, eve
from support.opensearch_service import OpenSearchService
from support.waiting import until

KEY, SECRET = "AKIACONTAINER", "secret-of-the-containers"
COUNT = 1_000


@pytest.fixture(scope="module")
def amazon(reachable_opensearch, reachable, tmp_path_factory):
    """The played control plane, whose domains are a real OpenSearch behind a gate that checks signatures."""
    if not reachable_opensearch:
        pytest.skip("no OpenSearch to be found here")
    aws.sdk()
    cloud = aws.FakeAWS(**{KEY: SECRET}).start()
    gate = aws.SigningGate(cloud, reachable_opensearch[0].url, tmp_path_factory.mktemp("gate")).start()
    service = OpenSearchService(cloud, f"https://{reachable(urlsplit(gate.url).port)}", stage_seconds=1).start()
    service.gate, service.node = gate, reachable_opensearch[0]
    service.variables = {
        "AWS_CA_BUNDLE": "/etc/ids-suite/ca.pem", "AWS_EC2_METADATA_DISABLED": "true", "OPENSEARCH_INDEX_DAYS_BACK": "36500",
        "AWS_ENDPOINT_URL_OPENSEARCH": f"http://{reachable(urlsplit(service.url).port)}",
        "AWS_ENDPOINT_URL_STS": f"http://{reachable(urlsplit(cloud.url).port)}"}
    yield service
    for part in (service, gate, cloud):
        part.stop()


def test_a_domain_is_made_and_gets_the_events_that_waited(new_composition, amazon):
    ours = ("aws-provisioner", "opensearch-shipper", "metrics-exporter")
    override = json.dumps({"services": {name: {
        "extra_hosts": ["host.docker.internal:host-gateway"],
        "environment": amazon.variables | ({"IDS_AWS_POLL_INTERVAL_MS": "500"} if name == "aws-provisioner" else {}),
    } for name in ours}})
    composition = new_composition(profiles="aws", override=override, environment={
        "AWS_DOMAIN": "ids-suite", "AWS_AUTO_APPLY": "true", "AWS_REGION": "eu-central-1", "REQUIRED_GROUPS": "opensearch",
        "METRICS_EXPORTER_OPENSEARCH": "true"})
    (composition.directory / "config/ca.pem").write_bytes(amazon.gate.certificate.read_bytes())
    (composition.directory / "secrets/aws/credentials").write_text(
        f"[default]\naws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\n")
    eve.append(composition.eve, eve.lines(COUNT))
    composition.up()
    until(lambda: composition.stored("opensearch") >= COUNT,
          lambda: f"{COUNT} documents in the domain; refused: {amazon.gate.refused[:3]}", seconds=120)
    documents = amazon.node.documents("suricata")
    assert eve.flow_numbers([source for _, source in documents.values()]) == list(range(COUNT))
    assert amazon.count("CreateDomain", took_effect=True) == 1 and amazon.gate.refused == []
    said = json.loads(composition.compose(
        "exec", "-T", "opensearch-shipper", "cat", "/var/lib/ids-suite/endpoint/opensearch.json"))
    assert said["managed"] is True and said["endpoint"] == amazon.endpoint
    until(lambda: "is ready" in composition.compose(
        "exec", "-T", "aws-provisioner", "/bin/sh", "-c", "aws-provisioner healthcheck --ready && echo is ready", check=False),
        "the provisioner to be ready")
    # A new container finds the domain in the state that the old one has left.
    composition.compose("up", "--detach", "--wait", "--no-build", "--force-recreate", "aws-provisioner")
    eve.append(composition.eve, eve.lines(COUNT, first=COUNT))
    until(lambda: composition.stored("opensearch") >= 2 * COUNT, "the rest", seconds=60)
    assert amazon.count("CreateDomain") == 1
    described = json.dumps(composition.containers()) + composition.compose("logs", "--no-color")
    assert SECRET not in described and KEY not in described
