"""Manifests, compose files and the workflow: right by their schemas, by our rules, and about the services as they are."""

import copy
import json
import os
import re
import shutil
import subprocess

import pytest
import yaml

from support import manifests
from support.manifests import KUBERNETES, OVERLAYS, SERVICES, STREAMS, by_name, of_kind, rendered, workloads
from support.processes import BINARIES, REPOSITORY, clean_environment

COMPOSE_FILES = {
    "docker-compose.yml": ["docker", "compose", "--file", "docker-compose.yml"],
    "docker-compose.dev.yml": ["docker", "compose", "--file", "docker-compose.yml", "--file", "docker-compose.dev.yml"],
    "deploy/swarm/stack.yml": ["docker", "stack", "config", "--compose-file", "deploy/swarm/stack.yml"],
}


def compose(name):
    """A compose file as docker shows it, with every profile; skips without docker."""
    if not shutil.which("docker"):
        pytest.skip("no docker command")
    command = COMPOSE_FILES[name]
    if command[1] == "compose":
        command = [*command, "--env-file", os.devnull, "--profile", "*", "config"]
        if subprocess.run(["docker", "compose", "version"], capture_output=True).returncode:
            pytest.skip("this docker has no compose")
    environment = {**clean_environment(), "OPENSEARCH_ENDPOINT": "https://opensearch.example.net",
                   "OPENSEARCH_USERNAME": "shipper"}
    done = subprocess.run(command, cwd=REPOSITORY, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return yaml.safe_load(done.stdout)


def check_config(service, environment, folder):
    """What the service itself says to an environment; the files that it names are made."""
    environment = dict(environment)
    for name, value in environment.items():
        if name.endswith("_FILE") and value:
            (folder / name).write_text("secret\n")
            environment[name] = str(folder / name)
        else:
            environment[name] = re.sub(r"\{\{[^}]*\}\}", "node-1", str(value))
    return subprocess.run([BINARIES / service, "check-config"], env={**clean_environment(), **environment},
                          capture_output=True, text=True)


def is_ours(name):
    """Whether a variable is for the service and not for the libraries below it."""
    return name not in ("SSL_CERT_FILE", "TZ", "HOME", "AWS_REGION")


# Kubernetes

@pytest.mark.parametrize("overlay", OVERLAYS)
def test_kubernetes_schemas(overlay, tmp_path):
    (tmp_path / "rendered.yaml").write_text(manifests.rendered_text(overlay))
    done = subprocess.run([f"{manifests.tools()}/kubernetes-validate", "--strict", tmp_path / "rendered.yaml"],
                          capture_output=True, text=True)
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    unknown = set(re.findall(r"schema for kind (\S+)", said))
    assert unknown <= {"ScaledObject", "TriggerAuthentication", "PodMonitor"}  # looked at below
    assert len(re.findall(r"passed for resource", said)) >= 15


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_pod_keeps_the_restricted_profile(overlay):
    documents = rendered(overlay)
    for workload in workloads(documents):
        found = manifests.restricted_violations(workload["spec"]["template"]["spec"])
        namespace = by_name(documents, "Namespace", workload["metadata"]["namespace"], None)
        enforced = namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"]
        # The reader needs a folder of its node; nothing else does.
        assert found == ([] if enforced == "restricted" else ["hostPath"]), workload["metadata"]["name"]
    assert len(workloads(documents)) == 4


SPOILED = {
    "hostPath": lambda pod, container: pod["volumes"].append({"name": "x", "hostPath": {"path": "/etc"}}),
    "hostNetwork": lambda pod, container: pod.update(hostNetwork=True),
    "runAsNonRoot": lambda pod, container: pod["securityContext"].pop("runAsNonRoot"),
    "runAsUser": lambda pod, container: container["securityContext"].update(runAsUser=0),
    "seccompProfile": lambda pod, container: pod["securityContext"].pop("seccompProfile"),
    "privileged": lambda pod, container: container["securityContext"].update(privileged=True),
    "allowPrivilegeEscalation": lambda pod, container: container["securityContext"].pop("allowPrivilegeEscalation"),
    "capabilities.drop": lambda pod, container: container["securityContext"].pop("capabilities"),
    "capabilities.add": lambda pod, container: container["securityContext"]["capabilities"].update(add=["NET_RAW"]),
}


def spoiled(pod, what):
    pod = copy.deepcopy(pod)
    SPOILED[what](pod, pod["containers"][0])
    return pod


@pytest.mark.parametrize("what", SPOILED)
def test_the_check_of_the_profile_finds_what_is_wrong(what):
    pod = by_name(rendered("base"), "Deployment", "ecs-transformer", "ids")["spec"]["template"]["spec"]
    assert manifests.restricted_violations(spoiled(pod, what)) == [what]


def test_the_readers_namespace_admits_the_reader_and_no_more():
    pod = by_name(rendered("base"), "DaemonSet", "eve-reader", "ids-sensors")["spec"]["template"]["spec"]
    writable = copy.deepcopy(pod)
    for mount in writable["containers"][0]["volumeMounts"]:
        mount.pop("readOnly")
    debugged = {**pod, "ephemeralContainers": [{"name": "shell", "image": "debian"}]}
    pods = [pod, writable, debugged, *(spoiled(pod, what) for what in SPOILED)]
    done = subprocess.run(
        [f"{manifests.tools()}/python", REPOSITORY / "tests/support/admission_policy.py", KUBERNETES / "base/reader-policy.yaml"],
        input=json.dumps([{"apiVersion": "v1", "kind": "Pod", "spec": pod} for pod in pods]),
        capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    admitted, *refused = json.loads(done.stdout)
    assert admitted == []
    assert all(len(messages) == 1 for messages in refused), refused


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_pods_are_about_the_services_as_they_are(overlay, tmp_path):
    documents = rendered(overlay)
    for workload in workloads(documents):
        pod = workload["spec"]["template"]["spec"]
        container, = pod["containers"]
        service = manifests.service_of(container["image"])
        assert service == container["name"] == workload["metadata"]["name"]
        assert container["image"].rpartition(":")[2] == manifests.version()
        assert {port["name"]: port["containerPort"] for port in container["ports"]} == {
            "metrics": manifests.documented_ports()[service]}
        for probe, path in (("startup", "/healthz"), ("liveness", "/healthz"), ("readiness", "/readyz")):
            assert container[f"{probe}Probe"]["httpGet"] == {"path": path, "port": "metrics"}
        environment = manifests.container_environment(documents, workload, container)
        assert environment.keys() <= manifests.documented_environment()
        # Settings are from the manifest alone: a Service "redis" must not set REDIS_PORT.
        assert pod["enableServiceLinks"] is False and pod["automountServiceAccountToken"] is False
        mounted = {mount["mountPath"] for mount in container["volumeMounts"]}
        for name, value in environment.items():
            if name.endswith("_FILE") and value:
                assert os.path.dirname(value) in mounted
        # The volumes that hold what is mounted, readable by the user of the container.
        assert {mount["name"] for mount in container["volumeMounts"]} == {volume["name"] for volume in pod["volumes"]}
        assert pod["securityContext"]["fsGroup"] == pod["securityContext"]["runAsGroup"] == 10001
        if (BINARIES / service).exists():
            done = check_config(service, environment, tmp_path)
            assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_policies_and_budgets_reach_their_pods(overlay):
    documents = rendered(overlay)
    for document in of_kind(documents, "PodDisruptionBudget"):
        labels = document["spec"]["selector"]["matchLabels"]
        assert [workload["metadata"]["name"] for workload in workloads(documents)
                if labels.items() <= workload["spec"]["template"]["metadata"]["labels"].items()
                and workload["metadata"]["namespace"] == document["metadata"]["namespace"]] == [labels.popitem()[1]]
        assert document["spec"]["maxUnavailable"] == 1
    for namespace in ("ids", "ids-sensors"):
        nothing = by_name(documents, "NetworkPolicy", "nothing", namespace)["spec"]
        assert nothing == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    for policy in of_kind(documents, "NetworkPolicy"):
        for rule in policy["spec"].get("egress", ()):
            assert all(port["port"] in (53, 443, 6379, 9200) for port in rule["ports"])
            # Never a port of whatever address.
            assert rule["to"], policy["metadata"]["name"]
        for rule in policy["spec"].get("ingress", ()):
            assert rule["ports"] == [{"port": "metrics"}] and rule["from"]


# https://keda.sh/docs/latest/scalers/redis-streams/ and …/reference/scaledobject-spec/
TRIGGER_KEYS = {"hostFromEnv", "portFromEnv", "usernameFromEnv", "stream", "consumerGroup", "lagCount",
                "activationLagCount", "enableTLS"}


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_scalers_ask_for_what_is_there(overlay):
    documents = rendered(overlay)
    scalers = of_kind(documents, "ScaledObject")
    assert {scaler["spec"]["scaleTargetRef"]["name"] for scaler in scalers} == STREAMS.keys()
    for scaler in scalers:
        spec, namespace = scaler["spec"], scaler["metadata"]["namespace"]
        assert scaler["apiVersion"] == "keda.sh/v1alpha1"
        assert spec.keys() <= {"scaleTargetRef", "minReplicaCount", "maxReplicaCount", "pollingInterval",
                               "cooldownPeriod", "triggers"}
        assert 1 <= spec["minReplicaCount"] < spec["maxReplicaCount"]
        target = by_name(documents, "Deployment", spec["scaleTargetRef"]["name"], namespace)
        assert "replicas" not in target["spec"]  # or each `kubectl apply` would undo the scaler
        container, = target["spec"]["template"]["spec"]["containers"]
        environment = manifests.container_environment(documents, target, container)
        trigger, = spec["triggers"]
        metadata = trigger["metadata"]
        assert trigger["type"] == "redis-streams" and metadata.keys() <= TRIGGER_KEYS
        assert all(isinstance(value, str) for value in metadata.values())
        assert {metadata[key] for key in metadata if key.endswith("FromEnv")} <= environment.keys()
        stream, group = STREAMS[target["metadata"]["name"]]
        assert metadata["stream"] == environment.get("REDIS_PREFIX", "ids:") + stream
        assert metadata["consumerGroup"] == group
        assert metadata.get("enableTLS", "false") == environment.get("REDIS_TLS", "false")
        login = by_name(documents, "TriggerAuthentication", trigger["authenticationRef"]["name"], namespace)
        parameter, = login["spec"]["secretTargetRef"]
        assert parameter["parameter"] == "password" and parameter["key"] == "password"
        volumes = target["spec"]["template"]["spec"]["volumes"]
        assert parameter["name"] in [volume["secret"]["secretName"] for volume in volumes]


def test_monitors_see_every_service():
    documents = rendered("overlays/example")
    monitor = by_name(documents, "PodMonitor", "ids-suite", "ids")
    assert monitor["apiVersion"] == "monitoring.coreos.com/v1"
    spec = monitor["spec"]
    assert [endpoint["port"] for endpoint in spec["podMetricsEndpoints"]] == ["metrics"]
    for workload in workloads(documents):
        labels = workload["spec"]["template"]["metadata"]["labels"]
        assert spec["selector"]["matchLabels"].items() <= labels.items()
        assert workload["metadata"]["namespace"] in spec["namespaceSelector"]["matchNames"]
        assert labels[spec["jobLabel"]] == workload["metadata"]["name"]


def test_every_secret_is_explained():
    text = (KUBERNETES / "README.md").read_text()
    for workload in workloads(rendered("base")):
        for volume in workload["spec"]["template"]["spec"]["volumes"]:
            if "secret" in volume:
                assert f"create secret generic {volume['secret']['secretName']} " in text


# Compose and Swarm

@pytest.mark.parametrize("name", COMPOSE_FILES)
def test_compose_settings_are_known_and_valid(name, tmp_path):
    seen = set()
    for label, container in compose(name)["services"].items():
        service = manifests.service_of(container["image"])
        if not service:
            continue
        seen.add(service)
        environment = {key: value for key, value in container.get("environment", {}).items() if is_ours(key)}
        assert environment.keys() <= manifests.documented_environment(), label
        assert container["image"].rpartition(":")[2] == manifests.version()
        given = {f"/run/secrets/{secret.get('target') or secret['source']}".replace("/run/secrets//", "/")
                 for secret in container.get("secrets", ())}
        assert {value for key, value in environment.items() if key.endswith("_FILE") and value} <= given, label
        if (BINARIES / service).exists():
            done = check_config(service, environment, tmp_path)
            assert done.returncode == 0, done.stdout + done.stderr
    # A domain of AWS is made from one box, whatever ships to it, and a page shows the store of one box.
    assert SERVICES.keys() - seen == ({"aws-provisioner", "control-plane"} if "swarm" in name else set())


@pytest.mark.parametrize("name", COMPOSE_FILES)
def test_containers_can_do_little(name):
    for label, container in compose(name)["services"].items():
        if not manifests.service_of(container["image"]) and label != "redis":
            continue
        assert container["read_only"] is True, label
        assert container["cap_drop"] == ["ALL"], label
        limits = container.get("deploy", {}).get("resources", {}).get("limits", {})
        assert container.get("mem_limit") or limits.get("memory"), label
        assert [port["target"] for port in container.get("ports", ())] == ([8000] if label == "control-plane" else [])
        # Clients of IPv6 would come with the address of Docker's bridge.
        assert all(port["host_ip"] == "0.0.0.0" for port in container.get("ports", ())), label
        assert not any("docker.sock" in volume.get("source", "") for volume in container.get("volumes", ())), label
        for volume in container.get("volumes", ()):
            if volume["target"] == "/mnt/ram_logs":
                assert label == "eve-reader" and volume["read_only"] is True
            if volume.get("source") == "event-store" and label != "local-store":
                assert volume["read_only"] is True, label


@pytest.mark.parametrize("name", COMPOSE_FILES)
def test_only_who_ships_or_asks_opensearch_is_in_a_network_that_leads_out(name):
    composition = compose(name)
    inner = {network for network, options in composition["networks"].items() if options and options.get("internal")}
    assert inner == {"ids-network"}
    leading_out = {label for label, container in composition["services"].items()
                   if "ids-egress" in (container.get("networks") or ())}
    assert leading_out - {"aws-provisioner", "control-plane"} == {"opensearch-shipper", "metrics-exporter"}
    for label, container in composition["services"].items():
        others = set(container.get("networks") or ()) - inner - {"ids-egress"}
        assert others <= ({"ids-published"} if container.get("ports") else set()), label


# The workflow

def test_the_workflow_runs_verbs_and_has_few_rights():
    workflow = yaml.safe_load((REPOSITORY / ".github/workflows/ci.yml").read_text())
    verbs = set(re.findall(r"^([a-z]+):", (REPOSITORY / "Makefile").read_text(), re.M))
    assert workflow["permissions"] == {"contents": "read"}
    used = set()
    for job in workflow["jobs"].values():
        assert set(job.get("permissions", {}).items()) <= {("contents", "read"), ("packages", "write")}
        for step in job["steps"]:
            used.update(re.findall(r"\bmake ([a-z]+)", step.get("run", "")))
            if "uses" in step:
                assert re.search(r"@(v\d+\.\d+\.\d+|[0-9a-f]{40})$", step["uses"]), step["uses"]
            # What a branch or a pull request is called must not become a command.
            assert "${{" not in step.get("run", "")
    assert {"test", "images", "up", "down"} <= used <= verbs
    runners = {runner for job in workflow["jobs"].values()
               for runner in job.get("strategy", {}).get("matrix", {}).get("runner", ())}
    assert {"ubuntu-24.04", "ubuntu-24.04-arm"} <= runners
