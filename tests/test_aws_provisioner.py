"""aws-provisioner and an account that is played: what it asks AWS for, what it tells people, and where it stops."""

import json
import os
import re
import signal
import stat
import time
import urllib.error
import urllib.request

import pytest

from support import aws
from support.provisioner import OWNED, Account, Provisioner
from support.servers import Handler, Server
from support.waiting import until

ACCOUNT = aws.FakeAWS.ACCOUNT
ARN = f"arn:aws:es:eu-central-1:{ACCOUNT}:domain/ids-suite"
CHANGING = ("CreateDomain", "UpdateDomainConfig", "DeleteDomain", "AddTags", "RemoveTags")


@pytest.fixture
def account(tmp_path, opensearch):
    aws.sdk()
    account = Account(tmp_path, opensearch)
    yield account
    account.close()


@pytest.fixture
def provisioner(account):
    return Provisioner(account)


def words(done):
    return done.stdout + done.stderr


def statement_in(text):
    """The statement for a policy that a text has, as a person would copy it."""
    found = [json.loads(line) for line in map(str.strip, text.splitlines()) if line.startswith("{") and '"Effect"' in line]
    assert len(found) == 1, text
    return found[0]


# What is meant, and nothing else

def test_a_plan_tells_everything_and_writes_nothing(provisioner):
    done = provisioner.run("plan")
    assert done.returncode == 0, words(done)
    for told in (ACCOUNT, f"user/{provisioner.key}", "eu-central-1", "t3.small.search", "10 GiB", "2.19", "USD", "+ "):
        assert told in done.stdout, told
    assert provisioner.requests(*CHANGING) == [] and not provisioner.state.exists() and not provisioner.endpoint
    plan = json.loads(provisioner.run("plan", "--json").stdout)
    assert plan["account"] == ACCOUNT and plan["action"] == "create"


def test_apply_makes_exactly_what_is_meant(account, provisioner, opensearch):
    done = provisioner.applied()
    request, = provisioner.requests("CreateDomain")
    policy = json.loads(request.parameters.pop("AccessPolicies"))
    user = f"arn:aws:iam::{ACCOUNT}:user/{provisioner.key}"
    assert policy == {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": user}, "Action": "es:ESHttp*", "Resource": f"{ARN}/*"}]}
    options = request.parameters
    assert options.pop("TagList") == [{"Key": "ids-suite:managed-by", "Value": "aws-provisioner"},
                                      {"Key": "ids-suite:sensor", "Value": "sensor-under-test"}]
    assert options == {
        "DomainName": "ids-suite", "EngineVersion": "OpenSearch_2.19",
        "ClusterConfig": {"InstanceType": "t3.small.search", "InstanceCount": 1},
        "EBSOptions": {"EBSEnabled": True, "VolumeType": "gp3", "VolumeSize": 10},
        "EncryptionAtRestOptions": {"Enabled": True}, "NodeToNodeEncryptionOptions": {"Enabled": True},
        "DomainEndpointOptions": {"EnforceHTTPS": True, "TLSSecurityPolicy": "Policy-Min-TLS-1-2-PFS-2023-10"},
        "AdvancedSecurityOptions": {"Enabled": True, "InternalUserDatabaseEnabled": False,
                                    "MasterUserOptions": {"MasterUserARN": user}}}
    assert provisioner.endpoint == {"version": 1, "endpoint": account.gate.url, "region": "eu-central-1", "domain": "ids-suite",
                                    "managed": True}
    assert account.gate.url in done.stdout
    prefix = provisioner.settings["opensearch.index_prefix"]
    preview = opensearch.request("POST", f"_index_template/_simulate_index/{prefix}-2026.11.28")
    assert preview["template"]["settings"]["index"]["number_of_replicas"] == "0", preview
    # The document that proved it is gone again.
    assert opensearch.count(prefix) == 0

    before = len(provisioner.requests())
    again = provisioner.applied()
    asked = {request.action for request in provisioner.requests()[before:]}
    assert not asked & set(CHANGING) and "UpdateDomainConfig" not in asked, words(again)


def test_what_a_person_changed_by_hand_is_shown_and_left_alone(account, provisioner):
    provisioner.applied()
    account.service.domains["ids-suite"].options["EBSOptions"]["VolumeSize"] = 20
    done = provisioner.run("plan")
    assert done.returncode == 0 and "20 GiB" in done.stdout and "~" not in done.stdout, done.stdout
    provisioner.applied()
    assert not provisioner.requests("UpdateDomainConfig")


def test_a_configured_change_is_carried_out_once(account, provisioner):
    provisioner.applied()
    provisioner.settings["aws.volume_gib"] = 30
    plan = provisioner.run("plan")
    assert re.search(r"~ .*10 GiB -> 30 GiB", plan.stdout), plan.stdout
    provisioner.applied()
    change, = provisioner.requests("UpdateDomainConfig")
    assert change.parameters == {"DomainName": "ids-suite", "EBSOptions": {"EBSEnabled": True, "VolumeType": "gp3", "VolumeSize": 30}}
    provisioner.applied()
    assert len(provisioner.requests("UpdateDomainConfig")) == 1 and provisioner.made() == 1


def test_of_a_session_the_role_with_its_path_becomes_the_master(account, provisioner):
    account.cloud.role_paths["sensor"] = "/ids/"
    key, secret, token, _ = account.cloud.give("sensor")
    provisioner.key = key
    provisioner.environment |= {"AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret, "AWS_SESSION_TOKEN": token}
    provisioner.applied()
    request, = provisioner.requests("CreateDomain")
    role = f"arn:aws:iam::{ACCOUNT}:role/ids/sensor"
    assert request.parameters["AdvancedSecurityOptions"]["MasterUserOptions"]["MasterUserARN"] == role
    assert json.loads(request.parameters["AccessPolicies"])["Statement"][0]["Principal"]["AWS"] == role


def test_the_newest_version_that_is_tested_is_taken(account, provisioner):
    account.service.versions = ["OpenSearch_9.1", "OpenSearch_2.11", "OpenSearch_2.9", "Elasticsearch_7.10"]
    assert "2.11" in provisioner.run("plan").stdout
    account.service.versions = ["OpenSearch_9.1", "Elasticsearch_7.10"]
    done = provisioner.run("plan")
    assert done.returncode == 1 and "aws.engine_version" in words(done)
    done = provisioner.run("plan", "--set", "aws.engine_version=2.5")
    assert done.returncode == 2 and "9.1" in words(done)
    done = provisioner.run("plan", "--set", "aws.engine_version=9.1", "--set", "aws.access_policy_file=/nowhere")
    assert done.returncode == 2 and "/nowhere" in words(done)


# Who is asked

def test_without_a_terminal_nobody_can_say_yes(provisioner):
    done = provisioner.run("apply")
    assert done.returncode == 3 and "--yes" in done.stderr and not provisioner.requests(*CHANGING), words(done)


@pytest.mark.parametrize("answer, made, status", [("yes\n", 1, 0), ("no\n", 0, 3), ("\n", 0, 3), ("\x04", 0, 3), ("\x03", 0, None)])
def test_a_person_is_asked_at_a_terminal(provisioner, answer, made, status):
    seen, ended = provisioner.at_terminal("apply", answer=answer, after="[yes/no] ")
    assert provisioner.made() == made and (status is None or ended == status), seen
    assert "USD" in seen and ("of 5: " in seen) == bool(made), seen


@pytest.mark.parametrize("arguments", [["apply", "--yse"], ["apply", "now"], ["destroy", "--yes-delete-domain"],
                                       ["plan", "--yes"], ["unknown"]])
def test_bad_use_is_refused_with_status_two(provisioner, arguments):
    done = provisioner.run(*arguments)
    assert done.returncode == 2 and done.stderr and not provisioner.requests(), words(done)


def test_a_private_authority_can_be_configured(account, provisioner):
    del provisioner.environment["AWS_CA_BUNDLE"]
    provisioner.settings["opensearch.ca_file"] = str(account.gate.certificate)
    provisioner.applied()
    assert provisioner.run("test").returncode == 0


def test_a_domain_with_users_and_roles_of_its_own_is_prepared(tmp_path, secure_opensearch):
    aws.sdk()
    account = Account(tmp_path, secure_opensearch)
    try:
        provisioner = Provisioner(account)
        provisioner.applied()
        assert not account.gate.refused and secure_opensearch.count(provisioner.settings["opensearch.index_prefix"]) == 0
    finally:
        account.close()


def test_nobody_waits_with_no_wait(account, provisioner):
    account.service.stage_seconds = 0.5
    began = time.monotonic()
    done = provisioner.applied("--no-wait")
    assert time.monotonic() - began < 2 and provisioner.made() == 1 and not provisioner.endpoint
    provisioner.applied()
    assert provisioner.made() == 1 and len(provisioner.requests("CreateDomain")) == 1 and provisioner.endpoint, words(done)


# What goes wrong at AWS

@pytest.mark.parametrize("fault", ["throttled", "too-many", "internal", "unavailable", "cut-before", "cut-after", "html",
                                   "garbage", "empty", "oversize", "role-not-yet", "still-deleted"])
def test_a_request_that_goes_wrong_makes_no_second_domain(account, provisioner, fault):
    account.service.fault("CreateDomain", fault, times=2 if fault in ("throttled", "internal", "cut-before") else 1)
    done = provisioner.applied()
    assert provisioner.made() == 1 and provisioner.endpoint, words(done)


@pytest.mark.parametrize("fault", ["throttled", "unavailable", "cut-after", "garbage", "empty", "html", "oversize", "slow"])
def test_questions_that_go_wrong_are_asked_again(account, provisioner, fault):
    for action in "DescribeDomain", "ListVersions", "DescribeDomainChangeProgress", "ListTags":
        account.service.fault(action, fault, times=2)
    done = provisioner.applied()
    assert provisioner.made() == 1 and provisioner.endpoint, words(done)


def test_a_creation_that_fails_tells_stage_and_reason(account, provisioner):
    account.service.fails_at, account.service.failure = 1, "There is no capacity of this kind in the Region."
    done = provisioner.run("apply", "--yes")
    assert done.returncode == 1 and account.service.failure in words(done), words(done)
    assert "Creating a new environment" in words(done) and not provisioner.endpoint
    # It is not made a second time over a domain that is there.
    assert provisioner.run("apply", "--yes").returncode == 1 and provisioner.made() == 1


def test_a_change_that_is_not_valid_tells_why(account, provisioner):
    provisioner.applied()
    provisioner.settings["aws.volume_gib"] = 30
    account.service.fails_at, account.service.failure = 0, "The volume cannot become larger now."
    done = provisioner.run("apply", "--yes")
    assert done.returncode == 1 and account.service.failure in words(done), words(done)


def test_a_quota_is_told_with_the_place_to_raise_it(account, provisioner):
    account.service.fault("CreateDomain", "quota", times=9)
    done = provisioner.run("apply", "--yes")
    assert done.returncode == 3 and "servicequotas" in words(done) and "maximum number of domains" in words(done)
    assert len(provisioner.requests("CreateDomain")) == 1


def test_a_domain_that_is_being_deleted_is_awaited(account, provisioner):
    account.service.add(tags=OWNED).gone_at = account.cloud.now + 1.5
    done = provisioner.applied()
    assert provisioner.made() == 1 and provisioner.endpoint, words(done)


def test_a_change_that_is_under_way_is_awaited(account, provisioner):
    provisioner.applied()
    account.service.fault("UpdateDomainConfig", "change-underway", times=2)
    provisioner.settings["aws.volume_gib"] = 30
    provisioner.applied()
    assert account.service.domains["ids-suite"].options["EBSOptions"]["VolumeSize"] == 30


# Domains that are there

def test_a_domain_of_ours_is_taken_as_it_is(account, provisioner):
    account.service.add(tags=OWNED)
    done = provisioner.applied()
    assert provisioner.made() == 0 and provisioner.endpoint["managed"], words(done)


def test_a_domain_that_somebody_made_is_left_alone_unless_it_is_to_be_adopted(account, provisioner):
    domain = account.service.add(tags={"owner": "somebody"})
    done = provisioner.run("apply", "--yes")
    assert done.returncode == 3 and "--adopt" in words(done), words(done)
    assert not provisioner.requests(*CHANGING) and not provisioner.endpoint and domain.tags == {"owner": "somebody"}
    provisioner.applied("--adopt")
    assert provisioner.endpoint and domain.tags["owner"] == "somebody" and domain.tags.items() >= OWNED.items()
    # From then on it is one of ours.
    provisioner.applied()


def test_a_name_that_another_account_has_is_told(account, provisioner):
    account.service.add(foreign=True)
    done = provisioner.run("apply", "--yes")
    assert done.returncode == 3 and "aws.domain_name" in words(done) and not provisioner.endpoint, words(done)


def test_a_second_sensor_is_let_in_beside_the_first(account, provisioner):
    roles = [f"arn:aws:iam::{ACCOUNT}:role/{name}" for name in ("first", "second")]
    for number, role in enumerate([*roles, *roles]):
        # Whether it may be mapped inside the domain is no matter here.
        provisioner = Provisioner(account, f"AKIA-{number % 2}", aws__shipper_arn=role)
        process = provisioner.start("apply", "--yes")
        until(lambda: provisioner.endpoint or not process.running, lambda: process.log, 30)
        process.terminate()
        statements = json.loads(account.service.domains["ids-suite"].options["AccessPolicies"])["Statement"]
        inside = [statement["Principal"]["AWS"] for statement in statements]
    inside = {arn for names in inside for arn in ([names] if isinstance(names, str) else names)}
    assert inside == {*roles, *(f"arn:aws:iam::{ACCOUNT}:user/AKIA-{number}" for number in (0, 1))}
    # The second one adds itself, and after that nobody has anything to change.
    assert account.service.count("UpdateDomainConfig", took_effect=True) == 1


# Rights, clocks and keys

def test_each_right_that_is_missing_is_told_as_the_statement_to_add(account):
    whole = Provisioner(account, "AKIA-WHOLE", aws__domain_name="whole")
    whole.applied()
    # Whatever is asked today. Who may not see the stages waits all the same.
    wanted = {request.action for request in whole.requests()} - {"DescribeDomainChangeProgress"}
    assert wanted >= {"CreateDomain", "DescribeDomain", "ListVersions"}
    for number, action in enumerate(sorted(wanted)):
        provisioner = Provisioner(account, f"AKIA-{number}", aws__domain_name=f"denied-{number}")
        account.cloud.denied = {f"es:{action}"}
        done = provisioner.run("apply", "--yes")
        account.cloud.denied = set()
        assert done.returncode == 3, (action, words(done))
        statement = statement_in(words(done))
        assert statement["Effect"] == "Allow" and statement["Action"] == f"es:{action}", statement
        assert statement["Resource"] == "*" or statement["Resource"].startswith("arn:aws:es:eu-central-1:"), statement
        # With the right it goes on.
        provisioner.applied()
        assert provisioner.made() == 1
    account.cloud.denied = {"es:DescribeDomainChangeProgress"}
    Provisioner(account, "AKIA-BLIND", aws__domain_name="blind").applied()


@pytest.mark.parametrize("action", ["es:ESHttpGet", "es:ESHttpPut", "es:ESHttpPost"])
def test_a_domain_that_lets_nobody_in_yet_is_asked_again_and_the_reason_told(account, provisioner, action):
    account.cloud.denied = {action}
    process = provisioner.start("apply", "--yes")
    until(lambda: action in process.log, lambda: f"the reason in:\n{process.log}", 20)
    account.cloud.denied = set()
    assert process.wait(30) == 0, process.log


def test_who_stops_while_the_domain_lets_nobody_in_is_told_how_to_go_on(account, provisioner):
    account.cloud.denied = {"es:ESHttpPut"}
    process = provisioner.start("apply", "--yes")
    until(lambda: "es:ESHttpPut" in process.log, lambda: f"the reason in:\n{process.log}", 20)
    process.signal(signal.SIGINT)
    assert process.wait(5) == 130 and "`aws-provisioner apply`" in process.log, process.log


def test_without_the_right_to_see_its_role_it_can_be_told(account, provisioner):
    account.cloud.denied = {"iam:GetRole"}
    key, secret, token, _ = account.cloud.give("sensor")
    provisioner.environment |= {"AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret, "AWS_SESSION_TOKEN": token}
    done = provisioner.run("apply", "--yes")
    assert done.returncode == 3 and statement_in(words(done))["Action"] == "iam:GetRole", words(done)
    assert "aws.master_role_arn" in words(done)
    provisioner.settings["aws.master_role_arn"] = f"arn:aws:iam::{ACCOUNT}:role/sensor"
    provisioner.applied()


def test_keys_that_end_while_it_waits_are_renewed(account, provisioner):
    account.cloud.lifetime_seconds, account.cloud.counts = 3, True
    account.service.stage_seconds = 1.5
    for name in "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY":
        del provisioner.environment[name]
    provisioner.environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = f"{account.cloud.url}/container"
    done = provisioner.applied()
    used = {request.key for request in account.service.requests if request.outcome == "ok"}
    assert len(used) >= 3 and account.service.count("CreateDomain") == 1, (used, words(done))


@pytest.mark.parametrize("ahead_seconds", [-1_200, 1_200])
def test_a_wrong_clock_is_corrected_and_told(account, provisioner, ahead_seconds):
    account.cloud.ahead_seconds = ahead_seconds
    done = provisioner.applied()
    assert provisioner.made() == 1 and provisioner.endpoint
    # AWS tells its time in whole seconds.
    assert "clock" in words(done) and re.search("20 min|19 min 59 s", words(done)), words(done)


def test_keys_that_have_ended_are_told_with_what_to_do(account, provisioner):
    key, secret, token, _ = account.cloud.give("sensor")
    provisioner.environment |= {"AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret, "AWS_SESSION_TOKEN": token}
    account.cloud.ends[key] = 0
    for command in ("plan",), ("apply", "--yes"):
        done = provisioner.run(*command)
        assert done.returncode == 3 and "aws sso login" in words(done), words(done)


def test_a_wrong_secret_is_told(account, provisioner):
    provisioner.environment["AWS_SECRET_ACCESS_KEY"] = "mistyped"
    done = provisioner.run("plan")
    assert done.returncode == 3 and "secret key" in words(done) and "mistyped" not in words(done), words(done)


def test_without_credentials_the_way_to_some_is_told(provisioner):
    for name in "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY":
        del provisioner.environment[name]
    done = provisioner.run("plan")
    assert done.returncode == 3 and "aws sso login" in words(done), words(done)


# Secrets

def test_no_secret_is_left_anywhere(account, provisioner):
    account.service.stage_seconds = 0.2
    process = provisioner.start("apply", "--yes")
    provisioner.until_asked("DescribeDomain")
    seen = b""
    while process.running:
        for name in "cmdline", "status":
            try:
                seen += open(f"/proc/{process.pid}/{name}", "rb").read()
            except OSError:
                pass
        time.sleep(0.05)
    assert process.wait() == 0, process.log
    plan = provisioner.run("plan", "--json")
    seen += (process.log + words(plan)).encode()
    files = [path for path in provisioner.folder.rglob("*") if path.is_file()]
    assert provisioner.endpoint_file in files and any(provisioner.state in path.parents for path in files)
    for path in files:
        seen += path.read_bytes()
    assert provisioner.secret.encode() not in seen
    for path in files:
        if provisioner.state in path.parents:
            assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
    assert stat.S_IMODE(provisioner.state.stat().st_mode) & 0o077 == 0
    # Shipper and exporter read it as other users.
    assert stat.S_IMODE(provisioner.endpoint_file.stat().st_mode) & 0o040


def test_a_crash_leaves_no_secret(account, provisioner):
    account.service.stage_seconds = 5
    process = provisioner.start("apply", "--yes")
    provisioner.until_asked("DescribeDomainChangeProgress")
    limits = open(f"/proc/{process.pid}/limits").read()
    assert re.search(r"Max core file size +0 +0 ", limits), limits
    process.signal(signal.SIGSEGV)
    process.wait()
    for path in provisioner.folder.rglob("*"):
        assert not path.is_file() or provisioner.secret.encode() not in path.read_bytes(), path


# State

@pytest.mark.parametrize("content", ["", "{", '{"version": 99}', "[]", "\0\0", '{"version": 1, "domain": 7}'])
def test_a_state_that_cannot_be_read_makes_no_second_domain(account, provisioner, content):
    provisioner.applied()
    files = [path for path in provisioner.state.rglob("*") if path.is_file() and path.stat().st_size]
    assert files
    for path in files:
        path.write_text(content)
    done = provisioner.run("apply", "--yes")
    assert done.returncode in (1, 3) and str(provisioner.state) in done.stderr, words(done)
    assert len(provisioner.requests("CreateDomain")) == 1


def test_state_in_a_folder_that_cannot_be_written_is_told_before_anything_is_made(provisioner):
    provisioner.settings["aws.state_dir"] = "/proc/state"
    done = provisioner.run("apply", "--yes")
    assert done.returncode in (1, 2, 3) and "/proc/state" in words(done) and not provisioner.requests(*CHANGING), words(done)


def test_a_state_of_another_account_is_not_gone_on_with(account, provisioner, tmp_path, opensearch):
    provisioner.applied()
    other = Account(tmp_path, opensearch)
    try:
        other.cloud.keys[provisioner.key] = (provisioner.secret, None)
        other.cloud.ACCOUNT = "999999999999"
        provisioner.environment |= other.service.environment | {"AWS_CA_BUNDLE": str(other.gate.certificate)}
        done = provisioner.run("apply", "--yes")
        assert done.returncode in (0, 3), words(done)
        if done.returncode:
            assert ACCOUNT in words(done) and "999999999999" in words(done) and other.service.domains == {}
    finally:
        other.close()


def test_two_applies_at_once_make_one_domain(account, provisioner):
    processes = [provisioner.start("apply", "--yes"), provisioner.start("apply", "--yes", "--json")]
    statuses = [process.wait(30) for process in processes]
    assert 0 in statuses and len(provisioner.requests("CreateDomain")) == 1, [process.log for process in processes]


# Status and the end

def test_status_tells_how_far_it_is(account, provisioner):
    nothing = provisioner.run("status")
    assert nothing.returncode in (0, 1) and "ids-suite" in nothing.stdout, words(nothing)
    account.service.stage_seconds = 1
    provisioner.applied("--no-wait")
    until(lambda: "Creating a new environment" in provisioner.run("status").stdout, "the stage", 10)
    assert re.search(r"2 of 5", provisioner.run("status").stdout)
    provisioner.applied()
    done = provisioner.run("status")
    assert done.returncode == 0 and account.gate.url in done.stdout and "OpenSearch_2.19" in done.stdout, words(done)
    assert json.loads(provisioner.run("status", "--json").stdout)


def test_a_domain_is_destroyed_only_by_its_name(account, provisioner):
    provisioner.applied()
    for arguments in (), ("--yes-delete-domain", "ids"), ("--yes",):
        assert provisioner.run("destroy", *arguments).returncode in (2, 3)
    assert not provisioner.requests("DeleteDomain")
    # Who may not delete it leaves everything as it was.
    account.cloud.denied = {"es:DeleteDomain"}
    state = [path.read_bytes() for path in provisioner.state.iterdir()]
    done = provisioner.run("destroy", "--yes-delete-domain", "ids-suite")
    assert done.returncode == 3 and statement_in(words(done))["Action"] == "es:DeleteDomain", words(done)
    assert provisioner.endpoint and [path.read_bytes() for path in provisioner.state.iterdir()] == state
    account.cloud.denied = set()
    done = provisioner.run("destroy", "--yes-delete-domain", "ids-suite")
    assert done.returncode == 0 and len(provisioner.requests("DeleteDomain")) == 2, words(done)
    until(lambda: not account.service._living("ids-suite"), "the end of the domain")
    assert not provisioner.endpoint
    again = provisioner.run("destroy", "--yes-delete-domain", "ids-suite")
    assert again.returncode == 0 and len(provisioner.requests("DeleteDomain")) == 2, words(again)
    # A service does not make at once what somebody has deleted; whoever wants it again says so.
    provisioner.settings["aws.auto_apply"] = True
    service = provisioner.serve()
    try:
        until(lambda: "deleted" in service.get("/readyz")[1], "the reason in /readyz", 20)
        assert provisioner.made() == 1
        assert provisioner.run("apply").returncode == 3
        provisioner.applied()
        service.until_ready(30)
        assert provisioner.made() == 2
    finally:
        service.kill()


def test_a_deletion_whose_answer_is_lost_is_carried_out(account, provisioner):
    provisioner.applied()
    account.service.fault("DeleteDomain", "cut-after")
    done = provisioner.run("destroy", "--yes-delete-domain", "ids-suite")
    assert done.returncode == 0 and not provisioner.endpoint and not account.service._living("ids-suite"), words(done)


def test_the_file_of_another_region_stays_when_there_is_nothing_to_destroy(account, provisioner):
    provisioner.applied()
    for options in ("--set", "aws.region=us-east-1"), ("--yes-delete-domain", "ids-suite", "--set", "aws.region=us-east-1"):
        account.service.domains, domains = {}, account.service.domains
        done = provisioner.run("destroy", *options)
        account.service.domains = domains
        assert "There is no domain" in done.stdout and provisioner.endpoint, words(done)
    assert json.loads((provisioner.state / "domain.json").read_text())["phase"] == "ready"


def test_a_domain_of_others_is_never_destroyed(account, provisioner):
    account.service.add(tags={"owner": "somebody"})
    done = provisioner.run("destroy", "--yes-delete-domain", "ids-suite")
    assert done.returncode == 3 and not provisioner.requests("DeleteDomain"), words(done)


# The service

def test_the_service_waits_for_a_person_unless_it_is_told_to_apply_by_itself(account, provisioner):
    service = provisioner.serve()
    try:
        until(lambda: "aws-provisioner apply" in service.get("/readyz")[1], "the reason in /readyz")
        assert not provisioner.requests(*CHANGING)
        provisioner.applied()
        service.until_ready(30)
        status, seconds = service.terminate()
        assert status == 0 and seconds < 5
    finally:
        service.kill()


def test_the_service_applies_by_itself_where_it_may(account, provisioner):
    provisioner.settings |= {"aws.auto_apply": True, "aws.look_interval_ms": 1_000}
    service = provisioner.serve()
    try:
        service.until_ready(30)
        assert provisioner.made() == 1 and provisioner.endpoint["endpoint"] == account.gate.url
        # It keeps the file true.
        provisioner.domain.endpoint = "https://elsewhere.example"
        until(lambda: provisioner.endpoint["endpoint"] == "https://elsewhere.example", "the other endpoint", 10)
        # A domain that somebody destroys is not made again, nor is one changed that nobody has agreed to.
        provisioner.domain.options["EBSOptions"]["VolumeSize"] = 50
        del account.service.domains["ids-suite"]
        until(lambda: not service.ready, "no readiness", 10)
        time.sleep(2)
        assert provisioner.made() == 1 and not provisioner.requests("UpdateDomainConfig", "DeleteDomain")
        status, seconds = service.terminate()
        assert status == 0 and seconds < 5
    finally:
        service.kill()


@pytest.mark.parametrize("by", ["destroy", "console"])
def test_a_domain_that_somebody_has_deleted_is_not_made_again_by_itself(account, provisioner, by):
    provisioner.settings |= {"aws.auto_apply": True, "aws.look_interval_ms": 1_000}
    service = provisioner.serve()
    try:
        service.until_ready(30)
        if by == "destroy":
            done = provisioner.run("destroy", "--yes-delete-domain", "ids-suite")
            assert done.returncode == 0 and not provisioner.endpoint, words(done)
            until(lambda: "is deleted" in service.get("/readyz")[1], "the service to see it", 10)
        else:
            del account.service.domains["ids-suite"]
            until(lambda: "there is no domain" in service.get("/readyz")[1], "the service to see it", 10)
        looks = len(provisioner.requests("DescribeDomain"))
        if by == "console":
            until(lambda: len(provisioner.requests("DescribeDomain")) > looks + 3, "more looks", 10)
        service.restart()
        until(lambda: "aws-provisioner apply" in service.get("/readyz")[1], "the reason in /readyz", 10)
        assert provisioner.made() == 1 and len(provisioner.requests("CreateDomain")) == 1
        # Whoever wants a new one gets it.
        provisioner.applied()
        assert provisioner.made() == 2
        service.until_ready(30)
    finally:
        service.kill()


def test_a_change_that_aws_refuses_leaves_the_domain_in_use_and_is_asked_for_once(account, provisioner):
    provisioner.applied()
    provisioner.settings |= {"aws.auto_apply": True, "aws.look_interval_ms": 1_000, "aws.volume_gib": 200}
    service = provisioner.serve()
    try:
        until(lambda: service.metrics().get("ids_aws_provisioner_change_failed") == 1, "the failure to be told", 10)
        service.until_ready(10)
        looks = len(provisioner.requests("DescribeDomain"))
        until(lambda: len(provisioner.requests("DescribeDomain")) > looks + 3, "more looks", 10)
        assert len(provisioner.requests("UpdateDomainConfig")) == 1 and provisioner.endpoint
        assert service.metrics().get("ids_aws_provisioner_change_failed") == 1 and "aws.volume_gib" in service.log
    finally:
        service.kill()


def test_the_service_lives_and_stops_while_it_waits_for_credentials(provisioner):
    for name in "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY":
        del provisioner.environment[name]
    (provisioner.folder / ".aws").mkdir()
    (provisioner.folder / ".aws/config").write_text("[default]\ncredential_process = sleep 50\n")
    provisioner.settings["aws.auto_apply"] = True
    service = provisioner.serve()
    try:
        until(lambda: service.get("/readyz")[0] == 503, "the service", 10)
        time.sleep(3)
        assert service.get("/healthz")[0] == 200
        status, seconds = service.terminate()
        assert status == 0 and seconds < 5
    finally:
        service.kill()


def test_the_service_stops_in_the_middle_and_goes_on(account, provisioner):
    provisioner.settings["aws.auto_apply"] = True
    account.service.stage_seconds = 0.5
    service = provisioner.serve()
    try:
        provisioner.until_asked("DescribeDomainChangeProgress")
        status, seconds = service.terminate()
        assert status == 0 and seconds < 5 and not provisioner.endpoint
        service.start()
        service.until_ready(30)
        assert len(provisioner.requests("CreateDomain")) == 1
    finally:
        service.kill()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_waiting_apply_that_is_stopped_says_that_it_goes_on(account, provisioner, number):
    account.service.stage_seconds = 0.5
    process = provisioner.start("apply", "--yes")
    provisioner.until_asked("DescribeDomainChangeProgress")
    process.signal(number)
    assert process.wait(3) == 130 and "goes on at AWS" in process.log and "`aws-provisioner apply`" in process.log, process.log
    provisioner.applied()
    assert len(provisioner.requests("CreateDomain")) == 1


# The way to OpenSearch

def test_the_links_of_the_way_are_tested(account, provisioner):
    provisioner.applied()
    done = provisioner.run("test")
    assert done.returncode == 0, words(done)
    checks = json.loads(provisioner.run("test", "--json").stdout)["checks"]
    assert {check["name"]: check["verdict"] for check in checks}.keys() == {"dns", "tls", "clock", "credentials", "bulk"}
    account.cloud.denied = {"es:ESHttpPost", "es:ESHttpPut"}
    done = provisioner.run("test")
    assert done.returncode == 1 and "es:ESHttp" in words(done), words(done)
    account.cloud.denied = set()
    del provisioner.environment["AWS_CA_BUNDLE"]
    done = provisioner.run("test")
    assert done.returncode == 1 and "AWS_CA_BUNDLE" in words(done), words(done)
    assert os.path.exists(provisioner.endpoint_file)


# A model that others wrote

class VersionsBesideMoto(Handler):
    """Answers what moto does not know, and hands on the rest."""

    def handle_request(self):
        if self.path.endswith("/versions"):
            return self.answer(200, b'{"Versions":["OpenSearch_2.19"]}')
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        # Whose request it is, moto reads in the signature.
        request = urllib.request.Request(self.server.owner.url + self.path, body or None, dict(self.headers), method=self.command)
        try:
            answer = urllib.request.urlopen(request, timeout=10)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            self.answer(answer.status, answer.read(), [(name, value) for name, value in answer.headers.items()
                                                       if name.lower() in ("content-type", "x-amzn-errortype")])

    do_GET = do_POST = do_DELETE = handle_request


def test_moto_takes_its_requests_and_it_takes_motos_answers(account, tmp_path):
    moto = aws.Moto(tmp_path).start()
    try:
        with Server(VersionsBesideMoto, moto) as server:
            # Moto's user has an ARN that no user has.
            provisioner = Provisioner(account, aws__master_role_arn=f"arn:aws:iam::{ACCOUNT}:role/sensor")
            provisioner.environment |= {"AWS_ENDPOINT_URL_OPENSEARCH": server.url, "AWS_ENDPOINT_URL_STS": moto.url}
            assert json.loads(provisioner.run("plan", "--json").stdout)["action"] == "create"
            # Its domains are active at once, but nothing is behind their endpoints.
            process = provisioner.start("apply", "--yes")
            until(lambda: provisioner.endpoint, lambda: f"the endpoint; the log:\n{process.log}", 20)
            process.terminate()
            plan = json.loads(provisioner.run("plan", "--json").stdout)
            assert plan["action"] == "nothing" and plan["obstacle"] is None, plan
            provisioner.settings["aws.volume_gib"] = 20
            assert json.loads(provisioner.run("plan", "--json").stdout)["action"] == "change"
            done = provisioner.run("destroy", "--yes-delete-domain", "ids-suite", "--no-wait")
            assert done.returncode == 0, words(done)
            assert json.loads(provisioner.run("plan", "--json").stdout)["action"] == "create"
    finally:
        moto.kill()
