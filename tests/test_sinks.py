"""What a kind of store needs beside its code, held against the code's own list of kinds."""

import re
import subprocess

import pytest
import yaml

from support.processes import BINARIES, REPOSITORY, clean_environment

KEY = re.search(r"^\| `opensearch_shipper\.sink`.*$", (REPOSITORY / "docs/configuration.md").read_text(), re.MULTILINE)
KINDS = re.findall(r"`([a-z0-9]+)`", KEY.group().split("|")[3])


def group_of(kind):
    """The group that the shipper of that kind reads by: the one that it requires when nobody says more."""
    shown = subprocess.run([BINARIES / "opensearch-shipper", "check-config", "--sink", kind], capture_output=True,
                           text=True, env=clean_environment(), check=True).stdout
    return re.search(r"^opensearch_shipper\.required_groups +(\S+) +default$", shown, re.MULTILINE).group(1)


def service_of(kind):
    """The service of docker-compose.yml that ships to such a store; the default kind is not named there."""
    services = yaml.safe_load((REPOSITORY / "docker-compose.yml").read_text())["services"]
    images = {name: service for name, service in services.items() if "/opensearch-shipper:" in service.get("image", "")}
    names = [name for name, service in images.items()
             if service["environment"].get("OPENSEARCH_SHIPPER_SINK", KINDS[0]) == kind]
    assert len(names) == 1, f"docker-compose.yml has {len(names)} services with the sink {kind}"
    return names[0], images[names[0]]


def test_there_are_kinds_of_stores():
    assert {"opensearch", "sqlite"} <= set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_has_a_service_with_a_user_of_its_own(kind):
    name, service = service_of(kind)
    user = service["environment"]["REDIS_USERNAME"]
    lines = [line for line in (REPOSITORY / "redis/users.acl").read_text().splitlines() if line.startswith(f"user {user} ")]
    assert len(lines) == 1 and f"~ids:totals:{group_of(kind)} " in lines[0]
    assert f"redis-{user}" in {secret["source"] for secret in service["secrets"] if isinstance(secret, dict)}


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_scraped_and_documented(kind):
    name, _ = service_of(kind)
    scraped = {target for job in yaml.safe_load((REPOSITORY / "prometheus/prometheus.yml").read_text())["scrape_configs"]
               for names in job.get("dns_sd_configs", []) for target in names["names"]}
    assert name in scraped
    assert f"| `{kind}` | `{group_of(kind)}` |" in (REPOSITORY / "docs/sinks.md").read_text()


def test_no_two_kinds_share_a_group():
    assert len({group_of(kind) for kind in KINDS}) == len(KINDS)
