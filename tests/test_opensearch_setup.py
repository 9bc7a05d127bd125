"""`opensearch-shipper setup`, and the rights that it and the shipper need: just those that docs/opensearch.md lists."""

import json
import re
import subprocess
import urllib.error
import uuid
from datetime import datetime, timedelta, timezone

import pytest

from support import eve
from support.opensearch import USER_PASSWORD as PASSWORD
from support.opensearch import documented_role, give
from support.processes import BINARIES, REPOSITORY, clean_environment
from support.waiting import until

COMPONENTS = ("settings", "ecs", "suricata")


def set_up(node, prefix, *arguments, user=None):
    """Status and output of the command."""
    words = [BINARIES / "opensearch-shipper", "setup", "--set", f"opensearch.endpoint={node.url}",
             "--set", f"opensearch.index_prefix={prefix}"]
    environment = clean_environment()
    if node.secure:
        words += ["--set", f"opensearch.ca_file={node.ca_file}", "--set", f"opensearch.username={user}"]
        environment["OPENSEARCH_PASSWORD"] = PASSWORD
    done = subprocess.run(
        [*words, *arguments], capture_output=True, text=True, timeout=120, env=environment, check=False)
    return done.returncode, done.stdout + done.stderr


def verbs(output):
    return [line.split()[0] for line in output.splitlines()]


@pytest.fixture
def prefix():
    return "s" + uuid.uuid4().hex[:10]


def test_a_plan_is_printed_and_carried_out(opensearch, prefix):
    assert set_up(opensearch, prefix, "--dry-run")[0] == 0
    with pytest.raises(urllib.error.HTTPError):
        opensearch.request("GET", f"_index_template/ids-suite-{prefix}")
    status, output = set_up(opensearch, prefix, "--dry-run")
    assert verbs(output) == ["create"] * 5, output
    assert set_up(opensearch, prefix) == (status, output) == (0, output)
    for path in (*(f"_component_template/ids-suite-{prefix}-{name}" for name in COMPONENTS),
                 f"_index_template/ids-suite-{prefix}", f"_plugins/_ism/policies/ids-suite-{prefix}"):
        opensearch.request("GET", path)
    assert verbs(set_up(opensearch, prefix)[1]) == ["keep"] * 5


def test_other_settings_replace_what_they_are_in(opensearch, prefix):
    set_up(opensearch, prefix)
    status, output = set_up(
        opensearch, prefix, "--set", "opensearch.delete_after_days=0", "--set", "opensearch.replicas=1")
    assert status == 0
    assert verbs(output) == ["update", "keep", "keep", "keep", "update"], output
    policy = opensearch.request("GET", f"_plugins/_ism/policies/ids-suite-{prefix}")["policy"]
    assert [state["name"] for state in policy["states"]] == ["hot", "warm"]


def test_a_newer_version_is_never_replaced(opensearch, prefix, new_stack):
    set_up(opensearch, prefix)
    name = f"ids-suite-{prefix}"
    template = opensearch.request("GET", f"_index_template/{name}")["index_templates"][0]["index_template"]
    template["_meta"]["version"] = 999
    opensearch.request("PUT", f"_index_template/{name}", template)
    found = opensearch.request("GET", f"_plugins/_ism/policies/{name}")
    policy = {key: found["policy"][key] for key in ("default_state", "states")}
    policy["description"] = "[opensearch-shipper 999 0]"
    opensearch.request(
        "PUT", f"_plugins/_ism/policies/{name}?if_seq_no={found['_seq_no']}&if_primary_term={found['_primary_term']}",
        {"policy": policy})
    status, output = set_up(opensearch, prefix)
    assert status == 0
    assert verbs(output) == ["keep"] * 5 and output.count("999 is newer") == 2, output

    stack = new_stack(sinks=("opensearch",), opensearch=opensearch.url, settings={"opensearch.index_prefix": prefix})
    eve.append(stack.eve, eve.lines(3))
    stack.start()
    stack.until_acknowledged("opensearch", 3)
    assert stack.shippers["opensearch"].log.count("newer") == 2
    template = opensearch.request("GET", f"_index_template/{name}")["index_templates"][0]["index_template"]
    assert template["_meta"]["version"] == 999


def test_the_printed_requests_do_the_same(opensearch, prefix):
    status, output = set_up(opensearch, prefix, "--print", "--set", "opensearch.endpoint=http://127.0.0.1:1")
    assert status == 0
    requests = re.findall(r"PUT (\S+)\n(.+)\n", output)
    assert len(requests) == 5
    for path, body in requests:
        opensearch.request("PUT", path, json.loads(body))
    assert verbs(set_up(opensearch, prefix)[1]) == ["keep"] * 5


def test_a_store_that_is_away_and_mistakes_are_told(opensearch, prefix):
    status, output = set_up(opensearch, prefix, "--set", "opensearch.endpoint=http://127.0.0.1:1")
    assert status == 1 and "127.0.0.1" in output
    status, output = set_up(opensearch, prefix, "--set", "opensearch.delete_after_days=2")
    assert status == 2
    assert "opensearch.delete_after_days is 2" in output and "opensearch.warm_after_days" in output
    assert set_up(opensearch, prefix, "--nonsense")[0] == 2


# Rights

def shipping_role(mode):
    """The documented role of a shipper in this mode that does not set up by itself."""
    role = documented_role("Shipper")
    if mode == "datastream":
        role["index_permissions"] += documented_role("Data stream")["index_permissions"]
    return role


@pytest.mark.parametrize("mode", ["index", "datastream"])
@pytest.mark.parametrize("sets_up", [True, False])
def test_a_user_with_only_the_documented_rights(new_stack, secure_opensearch, mode, sets_up):
    node = secure_opensearch
    stack = new_stack(sinks=("opensearch",), opensearch=node.url, settings={
        "opensearch.mode": mode, "opensearch.setup": sets_up, "opensearch.username": "shipper",
        "opensearch.ca_file": str(node.ca_file)})
    if not sets_up:
        give(node, "keeper", documented_role("Setup"), stack.name)
        status, output = set_up(node, stack.name, "--set", f"opensearch.mode={mode}", user="keeper")
        assert status == 0 and "leave" not in output, output
    role = shipping_role(mode)
    if sets_up:
        role["cluster_permissions"] += documented_role("Setup")["cluster_permissions"]
    give(node, "shipper", role, stack.name)
    shipper = stack.shippers["opensearch"]
    shipper.environment["OPENSEARCH_PASSWORD"] = PASSWORD
    eve.append(stack.eve, eve.lines(200))  # of all types, one of which no template knows
    stack.start()
    stack.until_acknowledged("opensearch", 200)
    pattern = f"{stack.name}-*" if mode == "index" else stack.name
    node.request("POST", f"{pattern}/_refresh")
    assert node.request("GET", f"{pattern}/_count")["count"] == 200
    assert stack.dead_letters() == []
    assert "does not take" not in shipper.log
    read = f"{pattern}/_search" if mode == "index" else f"{stack.name}-2026.02.01/_search"
    for method, path in (("GET", read), ("GET", f"{pattern}/_mapping"), ("DELETE", pattern),
                         ("GET", "_cluster/health")):
        with pytest.raises(urllib.error.HTTPError) as refused:
            node.request(method, path, user="shipper", password=PASSWORD)
        assert refused.value.code == 403


def test_each_documented_right_of_the_setup_is_needed(secure_opensearch, prefix):
    role = documented_role("Setup")
    give(secure_opensearch, "keeper", role, prefix)
    assert set_up(secure_opensearch, prefix, user="keeper")[0] == 0
    for number, right in enumerate(role["cluster_permissions"]):
        rest = [other for other in role["cluster_permissions"] if other != right]
        give(secure_opensearch, "keeper", {**role, "cluster_permissions": rest}, prefix)
        status, output = set_up(secure_opensearch, f"{prefix}-{number}", user="keeper")
        assert status == (0 if "ism" in right or "simulate" in right else 1), (right, output)
        assert right in output and "security_exception" in output


def test_each_documented_right_of_the_shipper_is_needed(secure_opensearch, prefix):
    node = secure_opensearch
    give(node, "keeper", documented_role("Setup"), prefix)
    assert set_up(node, prefix, user="keeper")[0] == 0
    role = documented_role("Shipper")
    rights = [("cluster_permissions", right) for right in role["cluster_permissions"]]
    rights += [("allowed_actions", right) for right in role["index_permissions"][0]["allowed_actions"]]

    def bulk(day):
        action = {"create": {"_index": f"{prefix}-2026.02.{day:02}", "_id": "x"}}
        document = {"@timestamp": "2026-02-01T00:00:00Z", "suricata": {"eve": {"newproto": {"a": 1}}}}
        try:
            answer = node.bulk([action, document], user="writer", password=PASSWORD)
        except urllib.error.HTTPError as error:
            return error.code
        return answer["items"][0]["create"]["status"]

    give(node, "writer", role, prefix)
    assert bulk(1) == 201
    for number, (kind, right) in enumerate(rights):
        fewer = json.loads(json.dumps(role))
        where = fewer if kind == "cluster_permissions" else fewer["index_permissions"][0]
        where[kind].remove(right)
        give(node, "writer", fewer, prefix)
        assert bulk(number + 2) == 403, right


@pytest.mark.parametrize("number", [0, 1])
def test_each_documented_right_of_a_data_stream_is_needed(new_stack, secure_opensearch, number):
    """Without it the batch waits, and the reason names the right; nothing is sent unasked."""
    node = secure_opensearch
    stack = new_stack(sinks=("opensearch",), opensearch=node.url, settings={
        "opensearch.mode": "datastream", "opensearch.setup": False, "opensearch.username": "asker",
        "opensearch.ca_file": str(node.ca_file)})
    give(node, "keeper", documented_role("Setup"), stack.name)
    assert set_up(node, stack.name, "--set", "opensearch.mode=datastream", user="keeper")[0] == 0
    node.request("PUT", f"_data_stream/{stack.name}")  # of one that is not there nothing has to be asked
    fewer = shipping_role("datastream")
    actions = fewer["index_permissions"][-1]["allowed_actions"]
    assert len(actions) == 2
    right = actions.pop(number)
    give(node, "asker", fewer, stack.name)
    shipper = stack.shippers["opensearch"]
    shipper.environment["OPENSEARCH_PASSWORD"] = PASSWORD
    eve.append(stack.eve, eve.lines(50))  # older than the shipper: they may be there
    stack.start(ready=False)
    until(lambda: f"no permissions for [{right.rstrip('*')}" in shipper.get("/readyz")[1], "the right in /readyz")
    until(lambda: "which documents the data stream has already" in shipper.log, "the reason in the log")
    assert stack.totals("opensearch") == {} and stack.dead_letters() == []
    give(node, "asker", shipping_role("datastream"), stack.name)
    stack.until_acknowledged("opensearch", 50)
    node.request("POST", f"{stack.name}/_refresh")
    assert node.request("GET", f"{stack.name}/_count")["count"] == 50


def test_the_guard_needs_only_the_documented_rights(new_stack, secure_opensearch):
    """The disk of any machine is above a mark of 10 %, so all goes that may."""
    node = secure_opensearch
    stack = new_stack(sinks=("opensearch",), opensearch=node.url, settings={
        "opensearch.classes": "true", "opensearch.storage_guard": "true", "opensearch.storage_guard_percent": 10,
        "opensearch.storage_guard_interval_ms": 1000, "opensearch.username": "guard",
        "opensearch.ca_file": str(node.ca_file)})
    guard, role = documented_role("Storage guard"), shipping_role("index")
    role["cluster_permissions"] += documented_role("Setup")["cluster_permissions"] + guard["cluster_permissions"]
    role["index_permissions"] += guard["index_permissions"]
    give(node, "guard", role, stack.name)
    shipper = stack.shippers["opensearch"]
    shipper.environment["OPENSEARCH_PASSWORD"] = PASSWORD
    now = datetime.now(timezone.utc)
    # Two days old, so it is asked for alerts, and today's.
    eve.append(stack.eve, b"".join(eve.line(age, "flow", time=now - timedelta(days=age)) for age in (0, 2)))
    stack.start()
    stack.until_acknowledged("opensearch", 2)
    until(lambda: "Deleted an index" in shipper.log, "the older index to go", 60)
    today = f"{stack.name}-{now:%Y.%m.%d}"
    assert list(node.request("GET", f"{stack.name}-*")) == [today]
    assert "not guarded" not in shipper.log
    # What the guard asks and does where there is room again, which this machine may not have.
    name, user = "index.blocks.read_only_allow_delete", {"user": "guard", "password": PASSWORD}
    node.request("PUT", f"{today}/_settings", {name: True})
    found = node.request("GET", f"{stack.name}-*/_settings/{name}?flat_settings=true&expand_wildcards=open,hidden", **user)
    assert found == {today: {"settings": {name: "true"}}}
    node.request("PUT", f"{today}/_settings?ignore_unavailable=true", {name: None}, **user)
    assert name not in node.request("GET", f"{today}/_settings?flat_settings=true")[today]["settings"]


def test_a_user_without_rights_for_policies_ships_without_them(new_stack, secure_opensearch):
    node = secure_opensearch
    stack = new_stack(sinks=("opensearch",), opensearch=node.url, settings={
        "opensearch.username": "nopolicy", "opensearch.ca_file": str(node.ca_file)})
    role = documented_role("Shipper")
    role["cluster_permissions"] += [
        right for right in documented_role("Setup")["cluster_permissions"] if "ism" not in right]
    give(node, "nopolicy", role, stack.name)
    shipper = stack.shippers["opensearch"]
    shipper.environment["OPENSEARCH_PASSWORD"] = PASSWORD
    eve.append(stack.eve, eve.lines(20))
    stack.start()
    stack.until_acknowledged("opensearch", 20)
    until(lambda: "does not take the lifecycle policy" in shipper.log, "the warning")
    assert shipper.log.count("does not take the lifecycle policy") == 1


def test_the_documented_commands_give_indexes_that_are_there_the_policy_of_their_class(opensearch, prefix):
    policies = {"": f"ids-suite-{prefix}", "-alerts": f"ids-suite-{prefix}-alerts", "-stats": f"ids-suite-{prefix}-stats"}
    for infix in policies:
        opensearch.request("PUT", f"{prefix}{infix}-2026.02.01")
    assert set_up(opensearch, prefix, "--set", "opensearch.classes=true")[0] == 0
    document = (REPOSITORY / "docs/opensearch.md").read_text()
    commands, = (block for block in document.split("```")[1::2] if "_ism/" in block)
    commands = commands.replace("localhost:9200", opensearch.url.removeprefix("http://")).replace("suricata", prefix)
    subprocess.run(["bash", "-euc", commands], check=True, capture_output=True, timeout=60)
    for infix, policy in policies.items():
        assert opensearch.policy_of(f"{prefix}{infix}-2026.02.01") == policy
