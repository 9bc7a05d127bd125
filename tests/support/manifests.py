"""Reads the manifests of deploy/ and the compose files as their own tools show them, and the settings that they name."""

import re
import shutil
import subprocess
from functools import cache

import pytest
import yaml

from .processes import REPOSITORY

KUBERNETES = REPOSITORY / "deploy/kubernetes"
OVERLAYS = ("base", "overlays/example")
# Services of this project, and the section of docs/configuration.md that has the port of each.
SERVICES = {"eve-reader": "eve_reader", "ecs-transformer": "ecs_transformer",
            "opensearch-shipper": "opensearch_shipper", "metrics-exporter": "metrics_exporter",
            "control-plane": "web", "aws-provisioner": "aws"}
# What each service that scales reads, and the group that it reads for.
STREAMS = {"ecs-transformer": ("raw", "ecs-transformer"), "opensearch-shipper": ("ecs", "opensearch")}


@cache
def tools():
    """The folder of the tools that come from PyPI; skips where they cannot be had."""
    made = subprocess.run([REPOSITORY / "scripts/pypi", "manifest-tools"], capture_output=True, text=True)
    if made.returncode:
        pytest.skip(made.stderr.strip())
    return made.stdout.strip()


@cache
def rendered_text(overlay):
    if not shutil.which("kubectl"):
        pytest.skip("no kubectl (Debian: kubernetes-client)")
    # Debian 12 has kubectl 1.20 with kustomize 2, which knows neither components nor folders as resources.
    if "Kustomize" not in subprocess.run(["kubectl", "version", "--client"], capture_output=True, text=True).stdout:
        pytest.skip("the kustomize of this kubectl is older than version 4")
    done = subprocess.run(["kubectl", "kustomize", KUBERNETES / overlay], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def rendered(overlay):
    """What `kubectl apply -k` would send, as dictionaries."""
    return list(yaml.safe_load_all(rendered_text(overlay)))


def of_kind(documents, *kinds):
    return [document for document in documents if document["kind"] in kinds]


def by_name(documents, kind, name, namespace):
    """The one document of this name; fails when there is none."""
    found = [document for document in of_kind(documents, kind)
             if document["metadata"]["name"] == name and document["metadata"].get("namespace") == namespace]
    assert len(found) == 1, f"{len(found)} × {kind} {namespace}/{name}"
    return found[0]


def workloads(documents):
    return of_kind(documents, "Deployment", "DaemonSet", "StatefulSet")


def container_environment(documents, workload, container):
    """The environment that a container gets: what it names itself wins over what it takes whole from ConfigMaps."""
    environment = {}
    for source in container.get("envFrom", ()):
        name = source["configMapRef"]["name"]
        environment.update(by_name(documents, "ConfigMap", name, workload["metadata"]["namespace"])["data"])
    for variable in container.get("env", ()):
        environment[variable["name"]] = variable.get("value", "node-1")  # else a field of the pod
    return environment


@cache
def documented_environment():
    """Every variable of docs/configuration.md, with the `_FILE` form that each also has."""
    names = set()
    for row in (REPOSITORY / "docs/configuration.md").read_text().splitlines():
        cells = row.split(" | ")
        if row.startswith("| `") and len(cells) >= 4:
            names.update(re.findall(r"`([A-Z][A-Z0-9_]+)`", cells[1]))
    assert len(names) > 30
    return names | {name + "_FILE" for name in names}


@cache
def documented_ports():
    """The port on which each service shows its metrics, by default."""
    text = (REPOSITORY / "docs/configuration.md").read_text()
    return {service: int(re.search(rf"^\| `{section}\.http_port` .*?\| `(\d+)` \|", text, re.M)[1])
            for service, section in SERVICES.items()}


@cache
def version():
    text = (REPOSITORY / "shared/Sources/ServiceHost/Version.swift").read_text()
    return re.search(r'suiteVersion = "([^"]+)"', text)[1]


def service_of(image):
    """Which of our services an image holds, if any."""
    name = image.partition("@")[0].rpartition("/")[2].partition(":")[0]
    return name if name in SERVICES else None


def restricted_violations(pod):
    """What the restricted profile of the pod security standards, with the baseline in it, objects to.

    Rules: https://kubernetes.io/docs/concepts/security/pod-security-standards/
    """
    found = []
    whole = pod.get("securityContext", {})
    for name in ("hostNetwork", "hostPID", "hostIPC"):
        if pod.get(name):
            found.append(name)
    allowed = {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"}
    for volume in pod.get("volumes", ()):
        found += [kind for kind in volume.keys() - {"name"} if kind not in allowed]
    if whole.get("sysctls"):
        found.append("sysctls")
    every = [*pod.get("initContainers", ()), *pod["containers"], *pod.get("ephemeralContainers", ())]
    for container in every:
        own = container.get("securityContext", {})
        capabilities = own.get("capabilities", {})
        seccomp = own.get("seccompProfile", whole.get("seccompProfile", {}))
        checks = {
            "privileged": own.get("privileged"),
            "allowPrivilegeEscalation": own.get("allowPrivilegeEscalation") is not False,
            "capabilities.drop": "ALL" not in capabilities.get("drop", ()),
            "capabilities.add": set(capabilities.get("add", ())) - {"NET_BIND_SERVICE"},
            "runAsNonRoot": own.get("runAsNonRoot", whole.get("runAsNonRoot")) is not True,
            "runAsUser": own.get("runAsUser", whole.get("runAsUser")) == 0,
            "seccompProfile": seccomp.get("type") not in ("RuntimeDefault", "Localhost"),
            "procMount": own.get("procMount", "Default") != "Default",
            "hostPort": any(port.get("hostPort") for port in container.get("ports", ())),
        }
        found += [name for name, is_wrong in checks.items() if is_wrong]
    return found
