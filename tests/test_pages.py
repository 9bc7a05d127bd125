"""The commands and links of the pages for operators name what there is."""

import re

import pytest
import yaml

from support.processes import REPOSITORY
from support.stack import SERVICES

PAGES = ["README.md", "docs/README.md", "docs/operations.md", "docs/scaling.md", "docs/alerts.md", "docs/monitoring.md",
         "deploy/kubernetes/README.md", "deploy/swarm/README.md", "suricata-host/README.md"]
FOLDERS = ("scripts", "benchmarks", "deploy", "redis", "suricata-host", "fixtures", "prometheus", "grafana", "services")


def commands(text):
    """The lines of the blocks of code, without comments."""
    for block in re.findall(r"^```\w*\n(.*?)^```", text, re.M | re.S):
        for line in block.splitlines():
            yield line.partition("  #")[0].strip()


def anchors(path):
    """The names that the headings of a page have as targets of links."""
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
            for heading in re.findall(r"^#+ (.*)$", path.read_text(), re.M)}


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page):
    path = REPOSITORY / page
    for target in re.findall(r"\]\((?!https?:)([^)]+)\)", path.read_text()):
        name, _, anchor = target.partition("#")
        other = (path.parent / name).resolve() if name else path
        assert other.exists(), target
        assert not anchor or anchor in anchors(other), target


@pytest.mark.parametrize("page", PAGES)
def test_commands_name_what_there_is(page):
    verbs = set(re.findall(r"^([a-z]+):", (REPOSITORY / "Makefile").read_text(), re.M))
    containers = yaml.safe_load((REPOSITORY / "docker-compose.yml").read_text())["services"]
    for command in commands((REPOSITORY / page).read_text()):
        for verb in re.findall(r"^(?:\S+=\S+ )*make ([a-z]+)", command):
            assert verb in verbs, command
        for name in re.findall(rf"(?<![\w./-])((?:{'|'.join(FOLDERS)})/[\w./-]+)", command):
            assert (REPOSITORY / name).exists(), command
        for name in re.findall(r"build/bin/([\w-]+)", command):
            assert name in (*SERVICES, "metrics-exporter"), command
        found = re.search(r"docker compose (?:exec|restart|stop|start|create|logs|ps|up|run)\b(.*)", command)
        for word in found[1].split() if found else ():
            if word.startswith("/") or word in ("redis-cli", "promtool", "|", "setup"):
                break  # what follows is the container's
            if re.fullmatch(r"[a-z_]+(-[a-z_]+)*", word):
                assert word in containers, command
