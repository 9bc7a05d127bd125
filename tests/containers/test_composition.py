"""docker-compose.yml as the engine reads it: what each container may do, take and see."""

import json
import re

import pytest

from support import engine

NAMES = {"redis", "eve-reader", "ecs-transformer", "opensearch-shipper", "local-store", "metrics-exporter",
         "control-plane", "aws-provisioner", "prometheus", "grafana", "cadvisor", "node_exporter"}
OURS = NAMES - {"redis", "prometheus", "grafana", "cadvisor", "node_exporter"}
MIB = 1 << 20
# Cores and MiB on the box: the services together, and each of the others and the page.
BUDGETS = {"control-plane": (0.2, 96), "redis": (0.5, 512), "prometheus": (0.2, 256), "grafana": (0.2, 256),
           "cadvisor": (0.1, 128), "node_exporter": (0.1, 64)}


def resolved(*files, **environment):
    arguments = [part for file in files for part in ("--file", file)]
    text = engine.run(
        "docker", "compose", "--env-file", ".env.example", *arguments, "--profile", "*", "config", "--format", "json",
        environment=environment)
    return json.loads(text)


@pytest.fixture(scope="module")
def composition():
    return resolved("docker-compose.yml")


@pytest.fixture(scope="module")
def services(composition):
    return composition["services"]


def test_services_and_networks(composition):
    """What the services say to each other stays among them; only who ships, asks OpenSearch or has a port is elsewhere."""
    services, networks = composition["services"], composition["networks"]
    assert set(services) == NAMES
    members = {network: {name for name, service in services.items() if network in service["networks"]}
               for network in networks}
    assert members == {"ids-network": NAMES, "ids-egress": {"opensearch-shipper", "metrics-exporter", "aws-provisioner", "control-plane"},
                       "ids-published": {name for name in NAMES if services[name].get("ports")}}
    assert [name for name, network in networks.items() if network.get("internal")] == ["ids-network"]
    assert networks["ids-published"]["driver_opts"] == {"com.docker.network.bridge.enable_ip_masquerade": "false"}


@pytest.mark.parametrize("name", sorted(NAMES))
def test_each_container_is_confined(services, name):
    service = services[name]
    assert service["read_only"] and service["cap_drop"] == ["ALL"] and not service.get("cap_add")
    assert service["security_opt"] == ["no-new-privileges:true"] and not service.get("privileged")
    assert 0 < service["pids_limit"] <= 128
    assert service["restart"] == "unless-stopped"
    assert service["stop_grace_period"] == "15s"
    assert service["logging"]["options"] == {"max-size": "5m", "max-file": "3"}
    assert service["init"] or service.get("pid") == "host"
    assert "container_name" not in service
    assert bool(service.get("ports")) == (name in ("grafana", "control-plane"))
    # Those of the suite and of cadvisor are in the image.
    assert "healthcheck" in service or name in OURS | {"cadvisor"}


def test_budgets(services):
    def limits(name):
        return float(services[name]["cpus"]), int(services[name]["mem_limit"]) // MIB

    for name, budget in BUDGETS.items():
        assert limits(name) == budget, name
    cores, memory = zip(*(limits(name) for name in OURS - {"control-plane"}))
    assert sum(cores) <= 1.001 and sum(memory) <= 512


def test_images_are_pinned(services):
    for name, service in services.items():
        assert re.fullmatch(r"[a-z0-9./-]+:v?\d+(\.\d+)+", service["image"]), name


def test_own_images_are_built_and_never_pulled_without_a_registry(services):
    assert {services[name]["pull_policy"] for name in OURS} == {"never"}
    assert all("build" in services[name] for name in OURS)


def test_only_the_reader_sees_the_ram_disk(services):
    mounts = [(name, volume) for name, service in services.items() for volume in service.get("volumes", ())
              if volume["target"] == "/mnt/ram_logs" or volume["source"] == "/mnt/ram_logs"]
    assert [name for name, _ in mounts] == ["eve-reader"]
    assert mounts[0][1]["type"] == "bind" and mounts[0][1]["read_only"]


def test_what_must_last_is_on_named_volumes(composition, services):
    writable = {name: [volume["source"] for volume in service.get("volumes", ()) if not volume.get("read_only")]
                for name, service in services.items()}
    assert writable["redis"] == ["redis-data"] and writable["local-store"] == ["event-store"]
    assert writable["control-plane"] == ["control-plane"]
    assert [name for name, sources in writable.items() if "opensearch-endpoint" in sources] == ["aws-provisioner"]
    assert {source for sources in writable.values() for source in sources} == set(composition["volumes"])


def test_each_service_gets_its_own_password_only(services):
    without = {"aws-provisioner"}
    assert not any(services[name].get("secrets") for name in without)
    for name in sorted(OURS - without):
        got = {secret["source"] for secret in services[name]["secrets"]}
        assert got - {"opensearch-password"} == {f"redis-{name}"}
        assert "opensearch-password" not in got or name in ("opensearch-shipper", "metrics-exporter")
        assert services[name]["environment"]["REDIS_USERNAME"] == name
    assert not any("PASSWORD" in key and not key.endswith("_FILE")
                   for service in services.values() for key in service.get("environment", {}))


def test_an_endpoint_turns_shipping_on(tmp_path):
    example = (engine.REPOSITORY / ".env.example").read_text()
    for endpoint, expected, group in (("", False, "local"), ("https://search.example:443", True, "opensearch")):
        environment = tmp_path / "env"
        environment.write_text(example.replace("OPENSEARCH_ENDPOINT=\n", f"OPENSEARCH_ENDPOINT={endpoint}\n"))
        text = engine.run("docker", "compose", "--env-file", environment, "--file", "docker-compose.yml", "config",
                          "--format", "json")
        services = json.loads(text)["services"]
        assert ("opensearch-shipper" in services) == expected
        assert services["local-store"]["environment"]["OPENSEARCH_SHIPPER_REQUIRED_GROUPS"] == group
        assert set(services) == NAMES - {"aws-provisioner"} - (set() if expected else {"opensearch-shipper"})


def test_a_domain_of_aws_turns_provisioning_and_shipping_on(tmp_path):
    example = (engine.REPOSITORY / ".env.example").read_text()
    environment = tmp_path / "env"
    environment.write_text(example.replace("AWS_DOMAIN=\n", "AWS_DOMAIN=ids-suite\n"))
    text = engine.run("docker", "compose", "--env-file", environment, "--file", "docker-compose.yml", "config", "--format", "json")
    services = json.loads(text)["services"]
    assert set(services) == NAMES
    file = "/var/lib/ids-suite/endpoint/opensearch.json"
    for name in ("opensearch-shipper", "metrics-exporter"):
        assert services[name]["environment"]["OPENSEARCH_ENDPOINT_FILE"] == file
        mount, = [volume for volume in services[name]["volumes"] if volume["target"] == file.rpartition("/")[0]]
        assert mount["source"] == "opensearch-endpoint" and mount["read_only"]
    assert services["metrics-exporter"]["environment"]["METRICS_EXPORTER_OPENSEARCH"] == "true"
    assert services["local-store"]["environment"]["OPENSEARCH_SHIPPER_REQUIRED_GROUPS"] == "opensearch"


def test_streams_fit_into_the_memory_of_redis(services):
    bounds = services["metrics-exporter"]["environment"]
    budget = sum(int(bounds[name].removesuffix("MiB")) for name in (
        "EVE_READER_STREAM_BYTES_MAX", "ECS_TRANSFORMER_STREAM_BYTES_MAX", "REDIS_DEAD_LETTER_BYTES_MAX"))
    configuration = (engine.REPOSITORY / "redis/redis.conf").read_text()
    memory = int(re.search(r"^maxmemory (\d+)mb$", configuration, re.MULTILINE)[1])
    assert budget * 1.2 <= memory and memory * 1.5 <= int(services["redis"]["mem_limit"]) / MIB
    assert "\nappendonly yes\nappendfsync everysec\n" in configuration
    assert "\nmaxmemory-policy noeviction\n" in configuration


def test_development_is_apart(composition):
    development = resolved("docker-compose.yml", "docker-compose.dev.yml", OPENSEARCH_ENDPOINT="https://search.example")
    assert development["name"] != composition["name"]
    services = development["services"]
    assert set(services) == NAMES | {"traffic", "opensearch"}
    assert all(services[name]["environment"]["LOG_LEVEL"] == "debug" for name in OURS)
    # Recorded traffic does not get into the OpenSearch of the box.
    assert "search.example" not in json.dumps(services)
    assert [volume["source"] for volume in services["eve-reader"]["volumes"]
            if volume["target"] == "/mnt/ram_logs"] == ["ram-logs"]
