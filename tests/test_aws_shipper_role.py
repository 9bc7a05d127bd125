"""What `aws-provisioner apply` gives to a shipper that is not the domain's master, on a real OpenSearch with users and roles."""

import json
import subprocess
import urllib.error

import pytest

from support import aws, eve
from support.aws import FakeAWS, SigningGate
from support.opensearch_service import OpenSearchService
from support.processes import BINARIES, clean_environment

ARN = f"arn:aws:iam::{FakeAWS.ACCOUNT}:role/shipper"
PASSWORD = "Kq9-zzTop-77x"


@pytest.fixture
def apply(secure_opensearch, tmp_path):
    """Runs `apply` for this prefix of indexes, and gives what it asked AWS to make."""
    aws.sdk()
    cloud = FakeAWS(master="secret").start()
    gate = SigningGate(cloud, secure_opensearch, tmp_path).start()
    service = OpenSearchService(cloud, gate.url, 0.02).start()

    def run(prefix):
        settings = {"opensearch.index_prefix": prefix, "aws.shipper_arn": ARN, "aws.state_dir": tmp_path / "state",
                    "aws.endpoint_file": tmp_path / "endpoint.json", "aws.poll_interval_ms": 50}
        options = [word for key, value in settings.items() for word in ("--set", f"{key}={value}")]
        environment = {**clean_environment(), **service.environment, "HOME": str(tmp_path), "AWS_CA_BUNDLE": str(gate.certificate),
                       "AWS_ACCESS_KEY_ID": "master", "AWS_SECRET_ACCESS_KEY": "secret"}
        done = subprocess.run([BINARIES / "aws-provisioner", "apply", "--yes", *options], env=environment, capture_output=True,
                              text=True, timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout, [request for request in service.requests if request.action == "CreateDomain"]

    yield run
    for part in service, gate, cloud:
        part.stop()


def test_the_shipper_gets_in_with_what_it_needs_and_no_more(apply, new_stack, secure_opensearch):
    node = secure_opensearch
    stack = new_stack(sinks=("opensearch",), opensearch=node.url, settings={
        "opensearch.classes": True, "opensearch.storage_guard": True, "opensearch.storage_guard_interval_ms": 1000,
        "opensearch.username": "by-its-role", "opensearch.ca_file": str(node.ca_file)})
    said, (created,) = apply(stack.name)
    assert f"map     role ids-suite-shipper to {ARN}" in said
    principals = json.loads(created.parameters["AccessPolicies"])["Statement"][0]["Principal"]["AWS"]
    assert principals == [f"arn:aws:iam::{FakeAWS.ACCOUNT}:user/master", ARN]
    # To OpenSearch a role of IAM is a backend role, as this user has it.
    node.request("PUT", "_plugins/_security/api/internalusers/by-its-role", {"password": PASSWORD, "backend_roles": [ARN]})
    shipper = stack.shippers["opensearch"]
    shipper.environment["OPENSEARCH_PASSWORD"] = PASSWORD
    eve.append(stack.eve, eve.lines(200))
    stack.start()
    stack.until_acknowledged("opensearch", 200)
    node.request("POST", f"{stack.name}-*/_refresh")
    assert node.request("GET", f"{stack.name}-*/_count")["count"] == 200
    assert stack.dead_letters() == [] and "security_exception" not in shipper.log, shipper.log
    for method, path in ("GET", "_plugins/_security/api/roles"), ("DELETE", "other"), ("GET", "_cat/nodes"):
        with pytest.raises(urllib.error.HTTPError) as refused:
            node.request(method, path, user="by-its-role", password=PASSWORD)
        assert refused.value.code == 403, path
    # Once more changes nothing.
    assert f"keep    role ids-suite-shipper for {ARN}" in apply(stack.name)[0]
