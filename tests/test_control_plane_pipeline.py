"""Whether events flow, as control-plane tells it of a real pipeline: while it does, and when parts of it are killed."""

from datetime import datetime, timedelta, timezone

import pytest

from support import eve
from support.control_plane import PASSWORD, ControlPlane
from support.pages import Visitor
from support.processes import Service, free_port
from support.stack import Stack
from support.waiting import until


class Watched:
    """A pipeline with a canary each second, and a control plane that looks at it twice a second."""

    def __init__(self, folder, pages):
        canary = {"interval_ms": 1000}
        port = free_port()
        self.stack = Stack(settings={"canary.interval_ms": 1000, "metrics_exporter.http_port": port,
                                     "metrics_exporter.interval_ms": 250})
        ports = self.stack.ports
        addresses = {"eve-reader": ports["reader"], "ecs-transformer": ports["transformer"], "local-store": ports["sqlite"],
                     "opensearch-shipper": ports["opensearch"], "metrics-exporter": port}
        services = [f"{name}=127.0.0.1:{number}" for name, number in addresses.items()]
        self.exporter = Service("metrics-exporter", self.stack.directory, self.stack.config, port)
        self.plane = ControlPlane(folder, tls="off", pages_dir=str(pages), sections={
            "sqlite": {"path": str(self.stack.store)}, "pipeline": {"services": services, "interval_ms": 500}, "canary": canary})

    def start(self):
        self.write(20)
        self.stack.start()
        self.exporter.start().until_ready()
        self.plane.start().until_ready()
        self.browser = self.plane.set_up()
        return self

    def write(self, count):
        now = datetime.now(timezone.utc)
        eve.append(self.stack.eve, b"".join(eve.line(number, time=now + timedelta(milliseconds=number)) for number in range(count)))

    def close(self):
        for process in (self.plane, self.exporter):
            process.kill()
        self.stack.close()

    def status(self):
        answer = self.browser.get("/status")
        return answer.json if answer.status == 200 else None

    def until_status(self, condition, what, seconds=60):
        return until(lambda: (status := self.status()) and condition(status) and status, what, seconds, every=0.2)

    def stage(self, name):
        return next(stage for stage in self.status()["stages"] if stage["name"] == name)


@pytest.fixture(scope="module")
def watched(tmp_path_factory, pages):
    watched = Watched(tmp_path_factory.mktemp("plane"), pages)
    try:
        yield watched.start()
    finally:
        watched.close()


def test_a_canary_is_timed_at_each_stage_and_seen_in_no_list(watched):
    def is_timed(status):
        # Between two looks a stage may have had the next canary already.
        times = [stage["canary_ms"] for stage in status["stages"][1:]]
        return None not in times and times == sorted(times)

    status = watched.until_status(is_timed, "a canary to be timed at each stage")
    assert [stage["name"] for stage in status["stages"]] == ["suricata", "eve-reader", "ecs-transformer", "local-store"]
    assert status["stages"][1]["canary_ms"] == 0 and status["canary"]["made"]
    assert watched.stack.query("SELECT count(*) FROM events WHERE event_type = 'canary'")[0][0] > 0
    listed = watched.browser.get("/events?limit=200").json["events"]
    assert len(listed) == 20 and "canary" not in {event["type"] for event in listed}
    assert watched.browser.get("/events?q=type:canary").json["events"] == []
    assert watched.browser.get("/events/histogram?from=-1h").json["total"] == 20


def test_while_events_flow_the_services_and_the_box_are_told(watched):
    status = watched.until_status(lambda status: status["state"] == "flows", "events to flow")
    assert status["flows"] and status["sentence"].startswith("Events flow") and status["stuck_at"] is None
    services = {service["name"]: service for service in status["services"]}
    for name in ("eve-reader", "ecs-transformer", "local-store", "metrics-exporter", "control-plane"):
        assert services[name]["ready"] and services[name]["memory_bytes"] > 1e6 and services[name]["version"], name
    # Nobody ships to OpenSearch here.
    assert not services["opensearch-shipper"]["seen"] and services["opensearch-shipper"]["fault"]
    assert 0 < status["box"]["memory_used_bytes"] < status["box"]["memory_bytes"] and status["box"]["disks"]
    assert status["redis"]["up"] and status["redis"]["memory_bytes"] > 0
    assert [rule["count"] for rule in status["noisy_rules"]] == sorted((rule["count"] for rule in status["noisy_rules"]), reverse=True)


@pytest.mark.parametrize("name", ["local-store", "ecs-transformer", "eve-reader"])
def test_a_stage_that_is_killed_is_named_until_it_works_again(watched, name):
    service = {"local-store": watched.stack.shippers["sqlite"], "ecs-transformer": watched.stack.transformer,
               "eve-reader": watched.stack.reader}[name]
    service.kill()
    status = watched.until_status(lambda status: status["stuck_at"] == name, f"{name} to be named")
    assert not status["flows"] and f"Stuck at {name}" in status["sentence"] and "nothing answers" in status["sentence"]
    assert name in status["advice"] and status["since"]
    service.start()
    watched.write(5)
    watched.until_status(lambda status: status["state"] == "flows", "events to flow again")


def test_while_events_are_stuck_every_page_says_so(watched, browser):
    visitors = [Visitor(browser, watched.plane.origin, theme, size) for theme, size in (("light", "desktop"), ("dark", "phone"))]
    try:
        for visitor in visitors:
            visitor.log_in("ana", PASSWORD)
            visitor.page.get_by_text("Events flow").wait_for()
            visitor.visit("/pipeline").get_by_role("heading", name="local-store").wait_for()
            visitor.shoot("pipeline-flows")
        watched.stack.shippers["sqlite"].kill()
        for visitor in visitors:
            page = visitor.visit("/inbox")
            page.get_by_role("status").get_by_text("Stuck at local-store").wait_for()
            visitor.shoot("inbox-stuck")
            page.get_by_role("link", name="Where it is stuck").click()
            page.get_by_text("stuck for").wait_for()
            visitor.shoot("pipeline-stuck")
            assert visitor.faults() == []
        watched.stack.shippers["sqlite"].start()
        for visitor in visitors:
            visitor.page.get_by_role("status").filter(has_text="Stuck").wait_for(state="detached", timeout=60_000)
        assert [visitor.complaints for visitor in visitors] == [[], []]
    finally:
        for visitor in visitors:
            visitor.close()


def test_a_redis_that_is_away_is_the_cause(watched):
    watched.stack.redis.kill()
    status = watched.until_status(lambda status: status["stuck_at"] == "redis", "Redis to be named")
    assert "Redis" in status["sentence"] and status["advice"]
    watched.stack.redis.start()
    watched.until_status(lambda status: status["state"] == "flows", "events to flow again")


def test_what_was_measured_is_there_for_charts(watched):
    answer = watched.browser.get("/metrics/series?name=cpu,memory,events.read&from=-10m").json
    assert answer["step_seconds"] == 30 and answer["times"] == sorted(answer["times"])
    assert {name: len(values) for name, values in answer["series"].items()} == {
        name: len(answer["times"]) for name in ("cpu", "memory", "events.read")}
    assert any(value is not None and 0 <= value <= 1 for value in answer["series"]["memory"])
    assert watched.browser.get("/metrics/series?name=nonsense").status == 400
    assert watched.browser.get("/metrics/series?name=cpu&from=nonsense").status == 400


def test_without_a_pipeline_nothing_is_known_and_nothing_breaks(tmp_path):
    plane = ControlPlane(tmp_path, tls="off", sections={"pipeline": {
        "services": [f"local-store=127.0.0.1:{free_port()}"], "interval_ms": 500}})
    try:
        plane.start().until_ready()
        browser = plane.set_up()
        status = until(lambda: (status := browser.get("/status").json)["services"] and status, "the first look", 20)
        assert status["state"] == "unknown" and "not known" in status["sentence"] and status["advice"]
        assert not status["flows"] and {service["name"]: service["up"] for service in status["services"]} == {
            "local-store": False, "control-plane": True}
    finally:
        plane.kill()
