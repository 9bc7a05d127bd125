"""What control-plane says of host, units and containers, and starts anew, by the agent of its host."""

import os
import threading
import time

import pytest

from support.agent import SERVICES, Agent
from support.control_plane import PASSWORD, ControlPlane
from support.pages import Visitor
from support.waiting import until


@pytest.fixture(scope="module")
def socket(tmp_path_factory):
    """A path that is short enough for a socket."""
    return tmp_path_factory.mktemp("a") / "agent.sock"


@pytest.fixture(scope="module")
def plane(tmp_path_factory, socket):
    plane = ControlPlane(tmp_path_factory.mktemp("plane"), tls="off", agent_socket=str(socket)).start().until_ready()
    plane.admin = plane.set_up()
    yield plane
    plane.kill()


@pytest.fixture
def admin(plane):
    return plane.admin


@pytest.fixture
def agent(socket, admin):
    agent = Agent(socket).start()
    until(lambda: admin.get("/host").json["agent"]["state"] == "present", "the agent to be seen", 10)
    agent.asked.clear()
    yield agent
    agent.stop()


def role(plane, admin, role):
    if not any(user["name"] == role for user in admin.get("/users").json["users"]):
        assert admin.post("/users", {"name": role, "role": role, "password": PASSWORD}).status == 201
    return plane.browser(role)


def absent(admin):
    return until(lambda: (answer := admin.get("/services").json)["agent"]["state"] == "absent" and answer, "the agent to be missed", 10)


def test_without_an_agent_everything_says_so_and_nothing_fails(admin):
    assert absent(admin) == {"agent": {"state": "absent", "version": None, "detail": "No agent runs on this host."}, "services": []}
    for path, name, empty in (("/host", "host", None), ("/host/units", "units", []), ("/host/containers", "containers", []), ("/jobs", "jobs", [])):
        answer = admin.get(path)
        assert (answer.status, answer.json[name]) == (200, empty)
    for path, body in (("/services/eve-reader/restart", {}), ("/host/restart", {"target": "suricata"})):
        answer = admin.post(path, body)
        assert (answer.status, answer.json["detail"]) == (409, "No agent runs on this host.")
    assert admin.get("/jobs/j1").status == 409


def test_services_units_and_containers_are_told_apart(admin, agent):
    services = admin.get("/services").json
    assert services["agent"] == {"state": "present", "version": "0.1.0", "detail": None}
    assert [service["name"] for service in services["services"]] == SERVICES
    assert services["services"][0]["memory_bytes_max"] == 100_663_296
    assert [unit["name"] for unit in admin.get("/host/units").json["units"]] == ["suricata.service", "docker.service", "ids-agent.service"]
    assert len(admin.get("/host/containers").json["containers"]) == len(SERVICES)
    host = admin.get("/host").json["host"]
    assert host["model"].startswith("Raspberry Pi 5") and host["disks"][1]["path"] == "/mnt/ram_logs"
    assert host["booted"].endswith("Z")


def test_a_restart_is_a_job_with_an_end(admin, agent):
    answer = admin.post("/services/eve-reader/restart", {})
    assert answer.status == 202
    job = answer.json
    assert job["state"] == "running" and job["user"] == "ana" and job["title"] == "restart service:eve-reader"
    assert ("POST", "/v1/restart", {"target": "service:eve-reader", "by": "ana"}) in agent.asked
    again = admin.post("/services/eve-reader/restart", {})
    assert (again.status, again.json["detail"]) == (409, "service:eve-reader is being started anew already")
    agent.finish("failed", "it did not become ready within 60 s", ["started"])
    job = admin.get(f"/jobs/{job['id']}").json
    assert (job["state"], job["lines"]) == ("failed", ["stopping", "started"]) and "60 s" in job["reason"]
    assert [job["id"] for job in until(lambda: admin.get("/jobs").json["jobs"], "the job to be listed", 10)] == [job["id"]]
    entries = admin.get("/audit?action=restart&limit=3").json["entries"]
    assert {(entry["user"], entry["target"]) for entry in entries} == {("ana", "service:eve-reader")}
    assert [entry["result"] for entry in entries] == ["service:eve-reader is being started anew already", "done", "done"]


def test_what_the_agent_does_not_have_is_not_found(admin, agent):
    assert admin.post("/services/nginx/restart", {}).status == 404
    assert admin.get("/jobs/j99").status == 404
    assert admin.get("/jobs/..%2Fstate").status == 404


@pytest.mark.parametrize("name", ["..", "a%20b", "a;reboot", "-rf", "A", "%24(id)", "a" * 64])
def test_no_other_text_reaches_the_agent(admin, agent, name):
    assert admin.post(f"/services/{name}/restart", {}).status in (400, 404)
    assert admin.post("/host/restart", {"target": f"service:{name}"}).status == 422
    assert not [asked for asked in agent.asked if asked[0] == "POST"]


def test_the_whole_stack_wants_the_password_again(plane, agent):
    token = plane.admin.post("/tokens", {"name": "t", "role": "admin", "days": 1}).json["token"]
    answer = plane.ask("POST", "/api/v1/host/restart", {"target": "stack"}, {"Authorization": f"Bearer {token}"})
    assert answer.status == 403
    assert plane.ask("POST", "/api/v1/host/restart", {"target": "suricata"}, {"Authorization": f"Bearer {token}"}).status == 202
    assert plane.admin.post("/host/restart", {"target": "stack"}).status == 202
    assert [job["title"] for job in agent.jobs] == ["restart stack", "restart suricata"]


def test_only_admins_restart_and_read_logs(plane, admin, agent):
    viewer = role(plane, admin, "analyst")
    assert viewer.get("/services").status == viewer.get("/host").status == viewer.get("/jobs").status == 200
    assert viewer.post("/services/eve-reader/restart", {}).status == 403
    assert viewer.post("/host/restart", {"target": "suricata"}).status == 403
    assert viewer.get("/host/logs?target=suricata").status == 403
    assert agent.jobs == []
    assert admin.get("/host/logs?target=suricata&lines=2").json == {"lines": ["suricata line 0", "suricata line 1"]}


@pytest.mark.parametrize("status, answer", [
    (200, b""), (200, b"[]"), (200, b"{}"), (200, b"\xff\xfe"), (200, b"{" + b" " * 1_100_000), (200, b'{"version":1}'),
    (500, b"<html>"), (404, b"{}"), (302, b"")], ids=map(str, range(9)))
def test_an_agent_that_talks_nonsense_is_told_as_such(admin, agent, status, answer):
    agent.answers["/v1/state"] = (status, answer)
    said = until(lambda: (answer := admin.get("/services").json)["agent"]["state"] == "failing" and answer, "it to be noticed", 10)
    assert said["services"] == [] and said["agent"]["detail"]
    assert admin.post("/services/eve-reader/restart", {}).status in (404, 503)
    assert agent.jobs == []


def test_an_agent_that_says_nothing_holds_up_nobody(admin, agent):
    agent.slow.set()
    said = until(lambda: (answer := admin.get("/services").json)["agent"]["state"] == "failing" and answer, "it to be noticed", 20)
    assert said["agent"]["detail"] == "The agent does not answer."
    began = time.monotonic()
    answers = []
    askers = [threading.Thread(target=lambda: answers.append(admin.get("/host").status)) for _ in range(8)]
    for asker in askers:
        asker.start()
    assert admin.get("/session").status == 200
    for asker in askers:
        asker.join()
    assert answers == [200] * 8 and time.monotonic() - began < 20


def test_a_socket_that_was_left_behind_is_no_agent(admin, agent):
    os.link(agent.path, agent.path.with_suffix(".kept"))
    agent.stop()
    os.rename(agent.path.with_suffix(".kept"), agent.path)
    try:
        assert "left its socket behind" in absent(admin)["agent"]["detail"]
    finally:
        agent.path.unlink()


def test_what_the_agent_says_is_text(admin, agent):
    agent.workloads[0].update(about="<img src=x onerror=alert(1)>\x1b[31m" + "x" * 5_000)
    about = until(lambda: (about := admin.get("/services").json["services"][0]["about"]).startswith("<img") and about, "it to be seen", 10)
    assert "\x1b" not in about and len(about) == 1_024


@pytest.fixture(scope="module")
def shown(tmp_path_factory, socket, pages):
    """A control plane with pages and the same agent."""
    plane = ControlPlane(tmp_path_factory.mktemp("shown"), tls="off", agent_socket=str(socket), pages_dir=str(pages))
    plane.start().until_ready().set_up()
    yield plane
    plane.kill()


@pytest.mark.parametrize("theme, size", [("light", "desktop"), ("dark", "phone")])
def test_the_page_shows_restarts_and_reads_the_log(browser, shown, agent, theme, size):
    agent.workloads[1].update(state="unhealthy", about="<img src=x>")
    agent.host["warnings"] = ["The voltage was too low since the start."]
    visitor = Visitor(browser, shown.origin, theme=theme, size=size)
    faults = []

    def look(name):
        visitor.shoot(name)
        faults.extend(f"{name}: {fault}" for fault in visitor.faults())

    try:
        visitor.log_in("ana", PASSWORD)
        page = visitor.visit("/system")
        page.get_by_text("<img src=x>").wait_for()
        look("system")
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
        page.get_by_role("button", name="Restart ecs-transformer").click()
        look("system-ask")
        page.get_by_role("dialog").get_by_role("button", name="Restart").click()
        page.get_by_text("stopping").wait_for()
        look("system-job")
        agent.finish("failed", "it did not become ready within 60 s", ["started"])
        page.get_by_role("dialog").get_by_text("it did not become ready within 60 s").wait_for()
        page.get_by_role("button", name="Done").click()
        page.get_by_role("button", name="Log of ecs-transformer").click()
        page.get_by_text("service:ecs-transformer line 199").wait_for()
        look("system-log")
        page.get_by_role("button", name="Done").click()
        page.get_by_role("button", name="Restart everything").click()
        go = page.get_by_role("dialog").get_by_role("button", name="Restart")
        assert go.is_disabled()
        page.get_by_label("Type everything to go on").fill("everything")
        go.click()
        page.get_by_role("heading", name="Restart stack").wait_for()
        agent.stop()
        page = visitor.visit("/system")
        page.get_by_text("By hand, on the host").wait_for()
        look("system-alone")
        assert faults == [] and visitor.complaints == []
    finally:
        visitor.close()
