"""The dashboards: their form, and every expression asked of a real Prometheus that looked at the real pipeline."""

import importlib.machinery
import importlib.util
import json
import re
import subprocess
import time
from datetime import datetime, timedelta, timezone

import pytest
import yaml

from support import eve, manifests, opensearch as opensearch_module
from support.monitoring import (DASHBOARDS, PROMETHEUS, REPOSITORY, Containers, NodeExporter, Prometheus,
                                missing_programs, rules)
from support.processes import Service, free_port, stop_all
from support.stack import Stack
from support.waiting import until

FILES = sorted(DASHBOARDS.glob("*.json"))
MODELS = {path.stem: json.loads(path.read_text()) for path in FILES}
PANELS = [(name, panel) for name, model in MODELS.items() for panel in model["panels"] if panel["type"] != "row"]
PANEL_IDS = [f"{name}: {panel['title']}" for name, panel in PANELS]
TYPES = {"bargauge", "gauge", "row", "stat", "table", "timeseries"}
UNITS = {"Bps", "bps", "bytes", "celsius", "none", "percentunit", "pps", "s", "short", "suffix:/s", "suffix: cores"}
SOURCE = {"type": "prometheus", "uid": "prometheus"}


def targets():
    """Every query of every panel: dashboard, panel, target."""
    return [(name, panel, target) for name, panel in PANELS for target in panel["targets"]]


# The form


def load_normalise():
    loader = importlib.machinery.SourceFileLoader("normalise", str(REPOSITORY / "grafana/normalise"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("normalise", loader))
    loader.exec_module(module)
    return module


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_is_in_the_form_that_an_export_is_brought_into(path):
    normalise = load_normalise()
    text = path.read_text()
    assert normalise.normalised(text) == text
    # What Grafana adds when a dashboard is exported from one installation.
    exported = {"meta": {"slug": path.stem}, "dashboard": {**json.loads(text), "id": 7, "version": 12, "iteration": 1}}
    exported["dashboard"]["panels"] = [
        {**panel, "pluginVersion": "12.1.0"} for panel in reversed(exported["dashboard"]["panels"])][::-1]
    for variable in exported["dashboard"]["templating"]["list"]:
        variable.update(current={"text": "pi", "value": "pi"}, options=[{"text": "pi", "value": "pi"}])
    placeholder = json.dumps(exported).replace('"uid": "prometheus"', '"uid": "${DS_PROMETHEUS}"')
    assert normalise.normalised(placeholder) == text


@pytest.mark.parametrize("name", MODELS)
def test_a_dashboard_has_a_fixed_uid_a_schema_and_its_variables(name):
    model = MODELS[name]
    assert model["uid"] == f"ids-{name}" and model["title"] and model["description"]
    assert model["schemaVersion"] >= 39 and not {"id", "version"} & set(model)
    expressions = " ".join(target["expr"] for dashboard, _, target in targets() if dashboard == name)
    variables = {variable["name"] for variable in model["templating"]["list"]}
    assert set(re.findall(r"\$(?!__)(\w+)", expressions)) == variables
    assert all(variable["datasource"] == SOURCE for variable in model["templating"]["list"])


@pytest.mark.parametrize("name", MODELS)
def test_panels_lie_side_by_side_and_fill_their_lines(name):
    taken = {}
    for panel in MODELS[name]["panels"]:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        for x in range(place["x"], place["x"] + place["w"]):
            for y in range(place["y"], place["y"] + place["h"]):
                assert (x, y) not in taken, f"{panel['title']} lies on {taken[x, y]}"
                taken[x, y] = panel["title"]
    assert len(taken) == 24 * (1 + max(y for _, y in taken)), "there are holes"
    ids = [panel["id"] for panel in MODELS[name]["panels"]]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize(("name", "panel"), PANELS, ids=PANEL_IDS)
def test_a_panel_says_what_it_shows_in_which_unit_and_when_to_worry(name, panel):
    assert panel["type"] in TYPES and panel["title"]
    assert len(panel["description"]) > 20 and panel["description"].endswith(".")
    defaults = panel["fieldConfig"]["defaults"]
    assert defaults["unit"] in UNITS
    assert defaults["thresholds"]["mode"] == "absolute" and defaults["thresholds"]["steps"][0]["value"] is None
    levels = [step["value"] for step in defaults["thresholds"]["steps"][1:]]
    assert levels == sorted(levels)
    assert panel["datasource"] == SOURCE and panel["targets"]
    for target in panel["targets"]:
        assert target["datasource"] == SOURCE and target["instant"] != target["range"]
    assert len({target["refId"] for target in panel["targets"]}) == len(panel["targets"])


def test_grafanas_own_schema_knows_every_member():
    done = subprocess.run([f"{manifests.tools()}/python", REPOSITORY / "tests/support/grafana_schema.py", *FILES],
                          capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_provisioning_names_the_data_source_and_the_folder():
    provisioning = REPOSITORY / "grafana/provisioning"
    sources = yaml.safe_load((provisioning / "datasources/prometheus.yml").read_text())["datasources"]
    assert [(one["uid"], one["type"], one["url"]) for one in sources] == [
        ("prometheus", "prometheus", "http://prometheus:9090")]
    interval = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text())["global"]["scrape_interval"]
    assert sources[0]["jsonData"]["timeInterval"] == interval
    providers = yaml.safe_load((provisioning / "dashboards/ids.yml").read_text())["providers"]
    assert [one["options"]["path"] for one in providers] == ["/etc/grafana/dashboards"]


def metrics_asked_for(prefix):
    """The names with this beginning in all expressions of dashboards and rules, without the endings of a histogram."""
    expressions = [target["expr"] for _, _, target in targets()]
    expressions += [rule["expr"] for kind in ("alert", "record") for rule in rules(kind).values()]
    asked = set(re.findall(rf"(?<![:\w]){prefix}_\w+", " ".join(expressions)))
    return {re.sub(r"_bucket$", "", name) for name in asked}


def test_every_metric_of_cadvisor_that_is_asked_for_is_kept():
    jobs = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text())["scrape_configs"]
    kept = next(job for job in jobs if job["job_name"] == "cadvisor")["metric_relabel_configs"][0]
    assert kept["action"] == "keep"
    asked = metrics_asked_for("container")
    assert asked and all(re.fullmatch(kept["regex"], name) for name in asked)


def test_every_metric_of_ours_that_is_asked_for_is_documented():
    documented = set(re.findall(r"`(ids_\w+)`", (REPOSITORY / "docs/metrics.md").read_text()))
    assert metrics_asked_for("ids") <= documented


# The answers


def stats_line(round_):
    """A stats event of Suricata with every counter grown, as a live capture with some drops writes it."""
    recorded = (REPOSITORY / "fixtures/eve/web.ndjson").read_bytes().splitlines()
    event = json.loads(next(line for line in recorded if b'"event_type":"stats"' in line))

    def grown(value):
        if isinstance(value, dict):
            return {name: grown(inner) for name, inner in value.items()}
        return value * round_ if isinstance(value, int) else value

    stats = grown(event["stats"])
    stats.update(uptime=round_ * 8, capture={"kernel_packets": 1000 * round_, "kernel_drops": 2 * round_})
    stats["app_layer"].setdefault("error", {}).setdefault("dns", {})["parser"] = round_
    return eve.encode({**event, "timestamp": now(), "stats": stats})


def now():
    return eve.stamp(datetime.now(timezone.utc))


def traffic(round_):
    """Some of the recorded events as if they happened now, Suricata's statistics, and a line that is no event."""
    recorded = (REPOSITORY / "fixtures/eve/web.ndjson").read_bytes().splitlines()
    alerts = (REPOSITORY / "fixtures/eve/scans.ndjson").read_bytes().splitlines()
    lines = [line for line in (*recorded[:60], *alerts[:60]) if b'"event_type":"stats"' not in line]
    stamped = [re.sub(rb'"timestamp":"[^"]+"', b'"timestamp":"%s"' % now().encode(), line, count=1) for line in lines]
    return b"\n".join(stamped) + b"\nthis is no event\n" + stats_line(round_)


class Seen:
    """A pipeline with everything that looks at it, after a few rounds of traffic."""

    SECONDS = 12

    def __init__(self, directory):
        self.opensearch = None if opensearch_module.why_absent() else opensearch_module.OpenSearch().start()
        port = free_port()
        self.stack = Stack(
            sinks=("sqlite", "opensearch") if self.opensearch else ("sqlite",),
            opensearch=self.opensearch.url if self.opensearch else None, redis_options={"maxmemory": "256mb"},
            settings={"metrics_exporter.http_port": port, "metrics_exporter.interval_ms": 500,
                      "metrics_exporter.opensearch": bool(self.opensearch),
                      "metrics_exporter.opensearch_interval_ms": 1000})
        self.exporter = Service("metrics-exporter", self.stack.directory, self.stack.config, port)
        self.node = NodeExporter(directory)
        self.containers = Containers()
        ports = {"eve-reader": self.stack.ports["reader"], "ecs-transformer": self.stack.ports["transformer"],
                 "local-store": self.stack.ports["sqlite"], "metrics-exporter": port, "node": self.node.port,
                 "cadvisor": self.containers.port}
        if self.opensearch:
            ports["opensearch-shipper"] = self.stack.ports["opensearch"]
        self.prometheus = Prometheus(directory, ports)

    def start(self):
        self.stack.start()
        self.exporter.start().until_ready()
        self.node.start()
        self.prometheus.start()
        # How much comes in a day is known of full days only.
        eve.append(self.stack.eve, eve.line(0, time=datetime.now(timezone.utc) - timedelta(days=1)))
        self.began = time.time()
        rounds = 0
        while time.time() < self.began + self.SECONDS or not self.every_store_has_some():
            assert time.time() < self.began + 120, f"not every store got something: {self.stack.all_totals()}"
            rounds += 1
            eve.append(self.stack.eve, traffic(rounds))
            time.sleep(0.5)
        time.sleep(2)  # two more looks of Prometheus
        self.ended = time.time()
        return self

    def every_store_has_some(self):
        return len(self.prometheus.query("ids_events_stored_total > 0")) == len(self.stack.shippers)

    def close(self):
        stop_all([self.exporter, self.node, self.prometheus])
        self.containers.close()
        self.stack.close()
        if self.opensearch:
            self.opensearch.close()

    def answer(self, target):
        """The series that Grafana would draw."""
        window = f"{int(self.ended - self.began)}s"
        expression = target["expr"].replace("$__rate_interval", window)
        expression = expression.replace("$__range_s", window[:-1]).replace("$__range", window)
        expression = expression.replace("$sensor", ".*")
        if target["instant"]:
            return self.prometheus.query(expression)
        return self.prometheus.query_range(expression, self.began, self.ended, 1)

    def why_empty(self, expression):
        """The reason why nothing can be expected here; None when there is to be an answer."""
        if "ids_opensearch_" in expression and "ids_opensearch_shipper" not in expression and not self.opensearch:
            return opensearch_module.why_absent()
        if "disk" in expression and "ram_disk" not in expression and not self.has_disk():
            return "no disk of its own in this machine"
        return None

    def has_disk(self):
        return bool(self.prometheus.query('node_filesystem_size_bytes{device=~"/dev/.*"}'))


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    if missing_programs():
        pytest.skip(f"not installed: {', '.join(missing_programs())} (scripts/install-dependencies test)")
    seen = Seen(tmp_path_factory.mktemp("seen"))
    try:
        yield seen.start()
    finally:
        seen.close()


def test_every_part_of_the_pipeline_was_seen(seen):
    unwell = {job: error for job, (health, error) in seen.prometheus.targets().items() if health != "up"}
    assert not unwell
    stored = seen.prometheus.query('min(ids_events_stored_total)')
    assert stored and stored[0][1] > 0


@pytest.mark.parametrize(
    "target", [target for _, _, target in targets()],
    ids=[f"{name}: {panel['title']} {target['refId']}" for name, panel, target in targets()])
def test_every_expression_has_an_answer(seen, target):
    series = seen.answer(target)
    reason = seen.why_empty(target["expr"])
    if not series and reason:
        pytest.skip(f"rightly empty: {reason}")
    assert series, "no data"
    for label in re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]):
        assert all(label in labels for labels, _ in series), f"the legend names {label}"
    assert len(series) <= 40, "more lines than an eye can follow"


def test_the_variable_lists_the_sensor(seen):
    for name, model in MODELS.items():
        for variable in model["templating"]["list"]:
            metric, label = re.fullmatch(r"label_values\((\w+), (\w+)\)", variable["query"]["query"]).groups()
            values = seen.prometheus.ask(f"label/{label}/values", **{"match[]": metric})
            assert values == ["sensor-under-test"]


def test_containers_and_heat_are_what_they_were_made(seen):
    """The rules about what this machine may not have, and that of cAdvisor's page only containers are kept."""
    assert seen.prometheus.query("instance:temperature:celsius")[0][1] == 48.25
    used = {labels["name"]: value for labels, value in seen.prometheus.query("name:container_memory_used:ratio")}
    assert used == {"ids-redis-1": 0.25, "ids-eve-reader-1": 0.05}
    used = {labels["name"]: value for labels, value in seen.prometheus.query("name:container_cpu_used:ratio_rate2m")}
    assert used["ids-redis-1"] == pytest.approx(2 * used["ids-eve-reader-1"], rel=0.01)
    assert not seen.prometheus.query('{__name__=~"container_.*",name=""}')
    assert not seen.prometheus.query("container_tasks_state")


def test_every_rule_is_evaluated_without_an_error(seen):
    groups = until(lambda: seen.prometheus.ask("rules")["groups"], "rules")
    ill = {rule["name"]: rule.get("lastError") for group in groups for rule in group["rules"] if rule["health"] != "ok"}
    assert not ill


@pytest.mark.parametrize("record", rules("record"))
def test_every_recorded_value_is_there(seen, record):
    reason = seen.why_empty(rules("record")[record]["expr"])
    series = seen.prometheus.query(record)
    if not series and reason:
        pytest.skip(f"rightly empty: {reason}")
    assert series


def test_one_look_tells_what_was_set_aside(seen):
    """The tile's number agrees with the dead letters that were made."""
    written = len(seen.stack.dead_letters())
    counted = until(lambda: [value for _, value in seen.prometheus.query("sum(ids_events_rejected_total)")
                             if value >= written], "the dead letters in Prometheus")
    assert counted == [written]
    firing = {labels["alertname"] for labels, _ in seen.prometheus.query('ALERTS{alertstate="firing"}')}
    assert "DeadLetters" in firing
