"""The pages are true: links lead somewhere, commands name what there is, and nothing is left out of a list."""

import re

import pytest
import yaml

from support.processes import REPOSITORY
from support.stack import SERVICES

PAGES = ["README.md", "docs/README.md", "docs/operations.md", "docs/control-plane.md", "docs/scaling.md", "docs/alerts.md",
         "docs/monitoring.md", "deploy/kubernetes/README.md", "deploy/swarm/README.md", "suricata-host/README.md"]
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


def every_page():
    return [path for path in sorted(REPOSITORY.rglob("*.md"))
            if not {"build", "runs", ".build"} & set(path.relative_to(REPOSITORY).parts)]


@pytest.mark.parametrize("path", every_page(), ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_links_lead_somewhere(path):
    for target in re.findall(r"\]\((?!https?:)([^)]+)\)", path.read_text()):
        name, _, anchor = target.partition("#")
        other = (path.parent / name).resolve() if name else path
        assert other.exists(), target
        assert not anchor or anchor in anchors(other), target


def test_architecture_has_a_line_for_each_module_and_each_service():
    text = (REPOSITORY / "docs/architecture.md").read_text()
    table = text[text.index("| module of `shared` |"):]
    modules = {path.name for path in (REPOSITORY / "shared/Sources").iterdir() if path.is_dir()}
    # A C library belongs to the module that wraps it, and a tool to the module that it serves.
    modules = {name for name in modules if not re.match("C[A-Z]|[a-z]", name)}
    assert sorted(re.findall(r"^\| ([A-Z]\w+) \|", table, re.M)) == sorted(modules)
    services = {path.name for path in (REPOSITORY / "services").iterdir() if path.is_dir()}
    assert set(re.findall(r"^services/(\S+) ", text, re.M)) == services
    readme = (REPOSITORY / "README.md").read_text()
    assert set(re.findall(r"\]\(services/([\w-]+)/README\.md\)", readme)) == services


def test_the_index_of_the_documentation_is_complete():
    folder = REPOSITORY / "docs"
    index = (folder / "README.md").read_text()
    assert set(re.findall(r"^- \[([\w-]+\.md)\]", index, re.M)) == {
        path.name for path in folder.glob("*.md")} - {"README.md"}


def test_each_claim_of_security_names_a_test_that_there_is():
    claims = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", (REPOSITORY / "SECURITY.md").read_text())
    assert len(claims) > 30
    for path, name in claims:
        assert re.search(rf"^def {name}\(", (REPOSITORY / path).read_text(), re.M), name


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
            assert name in (*SERVICES, "metrics-exporter", "aws-provisioner", "control-plane"), command
        found = re.search(r"docker compose (?:exec|restart|stop|start|create|logs|ps|up|run)\b(.*)", command)
        for word in found[1].split() if found else ():
            if word.startswith("/") or word in ("redis-cli", "promtool", "|", "setup"):
                break  # what follows is the container's
            if re.fullmatch(r"[a-z_]+(-[a-z_]+)*", word):
                assert word in containers, command
