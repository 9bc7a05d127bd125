"""The control plane that plays Amazon OpenSearch Service, asked by AWS' own SDK: what tests of the provisioner rest on."""

import hashlib
import json

import pytest

from support import aws
from support.opensearch_service import FAULTS, OpenSearchService
from support.waiting import until

ARN = f"arn:aws:es:eu-central-1:{aws.FakeAWS.ACCOUNT}:domain/ids-suite"
CREATE = {
    "DomainName": "ids-suite", "EngineVersion": "OpenSearch_2.19",
    "ClusterConfig": {"InstanceType": "t3.small.search", "InstanceCount": 1},
    "EBSOptions": {"EBSEnabled": True, "VolumeType": "gp3", "VolumeSize": 10},
    "EncryptionAtRestOptions": {"Enabled": True}, "NodeToNodeEncryptionOptions": {"Enabled": True},
    "DomainEndpointOptions": {"EnforceHTTPS": True, "TLSSecurityPolicy": "Policy-Min-TLS-1-2-PFS-2023-10"},
    "AdvancedSecurityOptions": {"Enabled": True, "InternalUserDatabaseEnabled": False,
                                "MasterUserOptions": {"MasterUserARN": f"arn:aws:iam::{aws.FakeAWS.ACCOUNT}:user/AKIA"}},
    "AccessPolicies": json.dumps({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"AWS": [f"arn:aws:iam::{aws.FakeAWS.ACCOUNT}:user/AKIA"]}, "Action": ["es:ESHttp*"],
        "Resource": f"{ARN}/*"}]}),
    "TagList": [{"Key": "ids-suite:managed-by", "Value": "aws-provisioner"}],
}


@pytest.fixture
def service():
    aws.sdk()
    cloud = aws.FakeAWS(AKIA="secret").start()
    service = OpenSearchService(cloud, "https://search-ids-suite.example").start()
    yield service
    service.stop()
    cloud.stop()


@pytest.fixture
def client(service):
    return sdk_client("opensearch", service.url)


def sdk_client(name, url):
    from botocore.config import Config
    from botocore.session import get_session
    client = get_session().create_client(
        name, "eu-central-1", endpoint_url=url, aws_access_key_id="AKIA", aws_secret_access_key="secret",
        config=Config(retries={"total_max_attempts": 1}))

    def add_hash(request, **_):
        body = request.data or b""
        request.headers["x-amz-content-sha256"] = hashlib.sha256(body if isinstance(body, bytes) else body.encode()).hexdigest()

    client.meta.events.register("before-sign.opensearch", add_hash)
    return client


def error_of(call, **parameters):
    from botocore.exceptions import ClientError
    with pytest.raises(ClientError) as raised:
        call(**parameters)
    return raised.value.response["Error"]["Code"]


def describe(client):
    return client.describe_domain(DomainName="ids-suite")["DomainStatus"]


def test_a_domain_is_made_stage_by_stage_changed_and_deleted(service, client):
    made = client.create_domain(**CREATE)["DomainStatus"]
    assert (made["Created"], made["Processing"], made["DomainProcessingStatus"]) == (False, True, "Creating")
    assert error_of(client.create_domain, **CREATE) == "ResourceAlreadyExistsException"
    seen = set()

    def ready():
        status = describe(client)
        progress = client.describe_domain_change_progress(
            DomainName="ids-suite", ChangeId=status["ChangeProgressDetails"]["ChangeId"])["ChangeProgressStatus"]
        assert status.get("Endpoint") is None or progress["Status"] == "COMPLETED"
        seen.add((progress["Status"], status["Created"], "Endpoint" in status))
        return status.get("Endpoint")

    assert until(ready, "the endpoint", 10) == "search-ids-suite.example"
    assert {("PENDING", False, False), ("PROCESSING", True, False), ("COMPLETED", True, False)} <= seen
    assert client.list_tags(ARN=ARN)["TagList"] == CREATE["TagList"]
    assert [domain["DomainName"] for domain in client.list_domain_names()["DomainNames"]] == ["ids-suite"]
    # A secret of the request, which is never told.
    assert "MasterUserOptions" not in describe(client)["AdvancedSecurityOptions"]

    changed = client.update_domain_config(DomainName="ids-suite", EBSOptions={"EBSEnabled": True, "VolumeSize": 20})
    assert changed["DomainConfig"]["EBSOptions"]["Options"]["VolumeSize"] == 20
    assert changed["DomainConfig"]["EBSOptions"]["Status"]["State"] == "Processing"
    assert error_of(client.update_domain_config, DomainName="ids-suite", EBSOptions={"EBSEnabled": True}) == "ValidationException"
    until(lambda: not describe(client)["Processing"], "the end of the change", 10)

    assert client.delete_domain(DomainName="ids-suite")["DomainStatus"]["Deleted"]
    assert error_of(client.create_domain, **CREATE) == "ValidationException"
    until(lambda: not service.domains.get("ids-suite") or not client.list_domain_names()["DomainNames"], "the deletion", 10)
    assert error_of(describe, client=client) == "ResourceNotFoundException"
    assert service.count("CreateDomain") == 3 and service.count("CreateDomain", took_effect=True) == 1


def test_a_creation_that_fails_says_where_and_why(service, client):
    service.fails_at, service.failure = 1, "no capacity"
    client.create_domain(**CREATE)

    def progress():
        return client.describe_domain_change_progress(DomainName="ids-suite")["ChangeProgressStatus"]

    until(lambda: progress()["Status"] == "FAILED", "the failure", 10)
    failed, = [stage for stage in progress()["ChangeProgressStages"] if stage["Status"] == "FAILED"]
    assert failed["Description"] == "no capacity" and "Endpoint" not in describe(client)


@pytest.mark.parametrize("changes, kind", [
    ({"EBSOptions": {"EBSEnabled": True, "VolumeSize": 5}}, "ValidationException"),
    ({"EngineVersion": "OpenSearch_77.1"}, "ValidationException"),
    ({"DomainName": "IDS"}, "ValidationException"),
    ({"DomainEndpointOptions": {"EnforceHTTPS": False}}, "ValidationException"),
    ({"DomainEndpointOptions": {"EnforceHTTPS": True, "TLSSecurityPolicy": "Policy-None"}}, "ValidationException"),
    ({"AccessPolicies": "{}"}, "InvalidTypeException"),
    ({"Colour": "blue"}, "ValidationException"),
    ({"ClusterConfig": {"Colour": "blue"}}, "ValidationException"),
    ({"AdvancedSecurityOptions": {"Enabled": True, "MasterUserOptions": {
        "MasterUserARN": "arn:aws:sts::123456789012:assumed-role/role/session"}}}, "ValidationException"),
])
def test_requests_that_the_service_would_refuse_are_refused(service, client, changes, kind):
    # Sent as they are, past the checks of the SDK.
    client.meta.events.register("before-call.opensearch.CreateDomain", lambda params, **_: params.update(
        body=json.dumps({**CREATE, **changes}).encode()))
    assert error_of(client.create_domain, DomainName="ids-suite") == kind
    assert service.domains == {}


@pytest.mark.parametrize("fault", [name for name, answer in FAULTS.items() if answer])
def test_a_fault_with_words_is_answered_once_and_does_nothing(service, client, fault):
    service.fault("CreateDomain", fault)
    assert error_of(client.create_domain, **CREATE) in (FAULTS[fault][1], str(FAULTS[fault][0]))
    assert service.domains == {}
    client.create_domain(**CREATE)


@pytest.mark.parametrize("fault, took_effect", [("cut-before", False), ("cut-after", True)])
def test_a_connection_is_cut_before_or_after_the_request_took_effect(service, client, fault, took_effect):
    from botocore.exceptions import HTTPClientError
    service.fault("CreateDomain", fault)
    with pytest.raises(HTTPClientError):
        client.create_domain(**CREATE)
    assert bool(service.domains) == took_effect == bool(service.count("CreateDomain", took_effect=True))


def test_who_may_not_may_not_and_is_told_what(service, client):
    from botocore.exceptions import ClientError
    service.cloud.denied = {"es:CreateDomain"}
    with pytest.raises(ClientError, match="user/AKIA is not authorized to perform: es:CreateDomain on resource: " + ARN):
        client.create_domain(**CREATE)
    assert error_of(describe, client=client) == "ResourceNotFoundException"


@pytest.mark.parametrize("ahead_seconds", [-1_200, 1_200])
def test_a_wrong_clock_is_told(service, client, ahead_seconds):
    service.cloud.ahead_seconds = ahead_seconds
    assert error_of(describe, client=client) == "InvalidSignatureException"


def test_domains_of_others_are_only_in_the_way(service, client):
    service.add(foreign=True)
    assert error_of(describe, client=client) == "ResourceNotFoundException"
    assert client.list_domain_names()["DomainNames"] == []
    assert error_of(client.create_domain, **CREATE) == "ResourceAlreadyExistsException"


def test_versions_come_page_by_page(service, client):
    token, versions = {}, []
    while True:
        page = client.list_versions(**token)
        versions += page["Versions"]
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    assert versions == service.versions and len(versions) > service.versions_per_page


def test_a_role_is_known_to_sts_by_its_session_and_to_iam_by_its_path(service):
    cloud = service.cloud
    cloud.role_paths["sensor"] = "/ids/"
    key, secret, token, _ = cloud.give("sensor")
    session = {"aws_access_key_id": key, "aws_secret_access_key": secret, "aws_session_token": token}
    from botocore.session import get_session
    identity = get_session().create_client("sts", "eu-central-1", endpoint_url=cloud.url, **session).get_caller_identity()
    assert identity["Arn"] == f"arn:aws:sts::{aws.FakeAWS.ACCOUNT}:assumed-role/sensor/a-session"
    role = sdk_client("iam", cloud.url).get_role(RoleName="sensor")["Role"]
    assert role["Arn"] == f"arn:aws:iam::{aws.FakeAWS.ACCOUNT}:role/ids/sensor"
    cloud.denied = {"iam:GetRole"}
    assert error_of(sdk_client("iam", cloud.url).get_role, RoleName="sensor") == "AccessDenied"


@pytest.fixture(scope="module")
def moto(tmp_path_factory):
    """The address of moto, which knows no progress and checks no signatures, and was written by others."""
    server = aws.Moto(tmp_path_factory.mktemp("moto")).start()
    yield server.url
    server.kill()


def test_what_moto_answers_is_answered_in_the_same_shape(service, client, moto):
    other = sdk_client("opensearch", moto)
    tags = {"ARN": ARN, "TagList": [{"Key": "ids-suite:sensor", "Value": "roof"}]}
    volume = {"DomainName": "ids-suite", "EBSOptions": {"EBSEnabled": True, "VolumeType": "gp3", "VolumeSize": 20}}
    for operation, parameters in [
        ("create_domain", CREATE), ("add_tags", tags), ("list_tags", {"ARN": ARN}), ("list_domain_names", {}),
        ("describe_domain", {"DomainName": "ids-suite"}), ("describe_domains", {"DomainNames": ["ids-suite", "missing"]}),
        ("describe_domain_config", {"DomainName": "ids-suite"}), ("update_domain_config", volume),
        ("remove_tags", {"ARN": ARN, "TagKeys": ["ids-suite:sensor"]}), ("delete_domain", {"DomainName": "ids-suite"}),
    ]:
        if operation == "describe_domain":
            until(lambda: describe(client).get("Endpoint"), "the endpoint", 10)
        ours, theirs = (getattr(asked, operation)(**parameters) for asked in (client, other))
        assert {place for place in places(theirs) if "AutoTune" not in place} <= set(places(ours)), operation
    for asked in client, other:
        assert error_of(asked.describe_domain, DomainName="missing") == "ResourceNotFoundException"


def places(answer, place=""):
    """Where in an answer there is something, as a path of names."""
    if isinstance(answer, dict):
        for name, value in answer.items():
            # The endpoint comes later here; what is told of a request is another thing.
            if name not in ("ResponseMetadata", "Endpoint") and value not in (None, {}, []):
                yield from places(value, f"{place}.{name}")
    elif isinstance(answer, list):
        for item in answer:
            yield from places(item, place)
    else:
        yield place
