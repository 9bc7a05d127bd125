"""Configuration and rules of Prometheus, judged by promtool, and that every alert is tested and explained."""

import re

import pytest
import yaml

from support.monitoring import PROMETHEUS, REPOSITORY, program, promtool, rules

pytestmark = pytest.mark.skipif(not program("promtool"), reason="no promtool (Debian: prometheus)")

ALERTS = rules("alert")
UNIT_TESTS = sorted((PROMETHEUS / "tests").glob("*.yml"))


@pytest.fixture(autouse=True, scope="session")
def built():
    """Nothing here needs the services."""


def test_configuration_and_rules_are_valid():
    status, said = promtool("check", "config", "prometheus.yml")
    assert status == 0, said
    status, said = promtool("check", "rules", "--lint=all", "--lint-fatal", *(PROMETHEUS / "rules").glob("*.yml"))
    assert status == 0, said


@pytest.mark.parametrize("path", UNIT_TESTS, ids=lambda path: path.stem)
def test_rules_do_what_their_tests_say(path):
    status, said = promtool("test", "rules", path.name, directory=path.parent)
    assert status == 0, said


@pytest.mark.parametrize("alert", ALERTS)
def test_each_alert_is_tested_firing_and_quiet(alert):
    expectations = [
        expectation["exp_alerts"] for path in UNIT_TESTS for case in yaml.safe_load(path.read_text())["tests"]
        for expectation in case.get("alert_rule_test", ()) if expectation["alertname"] == alert]
    assert any(expectations), "no test in which it fires"
    assert not all(expectations), "no test in which it is quiet"


@pytest.mark.parametrize("alert", ALERTS)
def test_each_alert_has_a_severity_a_summary_and_a_runbook(alert):
    rule = ALERTS[alert]
    assert rule["labels"]["severity"] in ("critical", "warning", "info")
    assert rule["annotations"]["summary"].endswith((".", "{{ end }}"))
    path, _, anchor = rule["annotations"]["runbook"].partition("#")
    text = (REPOSITORY / path).read_text()
    # The anchor that forges make of a heading.
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    assert anchor in {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}
    section = re.search(rf"^### {alert}$(.*?)(?=^##|\Z)", text, re.MULTILINE | re.DOTALL)
    assert section and "**Means**" in section[1] and "**Do**" in section[1]


def test_no_section_of_the_alerts_page_is_about_an_alert_that_is_gone():
    text = (REPOSITORY / "docs/alerts.md").read_text()
    assert set(re.findall(r"^### (\w+)$", text, re.MULTILINE)) == set(ALERTS)


def test_every_service_is_found_by_its_name_in_dns():
    configuration = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text())
    found = {}
    for job in configuration["scrape_configs"]:
        for discovery in job.get("dns_sd_configs", ()):
            assert discovery["type"] == "A"
            found[job["job_name"]] = (discovery["names"], discovery["port"])
    assert found == {
        "eve-reader": (["eve-reader"], 9101), "ecs-transformer": (["ecs-transformer"], 9102),
        "opensearch-shipper": (["opensearch-shipper"], 9103), "local-store": (["local-store"], 9104),
        "metrics-exporter": (["metrics-exporter"], 9105), "control-plane": (["control-plane"], 9106),
        "aws-provisioner": (["aws-provisioner"], 9107)}


def test_samples_are_bounded_by_time_and_by_size():
    compose = yaml.safe_load((REPOSITORY / "docker-compose.yml").read_text())
    flags = dict(flag.split("=", 1) for flag in compose["services"]["prometheus"]["command"] if "=" in flag)
    assert flags["--config.file"] == "/etc/prometheus/prometheus.yml"
    assert "15d" in flags["--storage.tsdb.retention.time"] and "1GB" in flags["--storage.tsdb.retention.size"]
