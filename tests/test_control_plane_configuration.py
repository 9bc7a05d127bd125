"""The configuration as control-plane changes it: checked, on trial at real services, kept or taken back."""

import json
import socket
import stat
from concurrent.futures import ThreadPoolExecutor

import pytest

from support import eve
from support.agent import Agent
from support.configured_box import Box
from support.control_plane import PASSWORD, ControlPlane
from support.processes import free_port
from support.waiting import until

SECRET, OTHER = Box.secret, "another-secret-of-redis"


@pytest.fixture(scope="module")
def box(tmp_path_factory):
    box = Box(tmp_path_factory.mktemp("configuration"))
    try:
        yield box.start()
    finally:
        box.stop()


def test_secrets_are_masked_and_a_mask_keeps_them(box):
    box.plane.config.write_text(f"# password: {SECRET}\n{box.text}")
    seen = box.look()
    assert seen["yaml"].startswith("# password: ********\n") and 'password: "********"' in seen["yaml"]
    assert seen["values"]["redis.password"] == "********" and seen["values"]["redis.host"] == "127.0.0.1"
    assert [one for one in seen["findings"] if one["level"] == "error"] == []
    revision = box.apply({"eve_reader.poll_ms": "200"}, note="looks more often")
    assert revision["keys"] == ["eve_reader.poll_ms"]
    assert f"# password: {SECRET}\n" in box.text and f"password: {SECRET}\n" in box.text.replace('"', "")
    box.reader.restart().until_ready()
    assert box.ended(revision["number"])["state"] == "kept"
    for path in ("", "/revisions", f"/revisions/{revision['number']}", f"/revisions/{revision['number'] - 1}", "/services", "/schema"):
        assert SECRET not in box.ana.get("/config" + path).body, path
    assert SECRET not in box.ana.get("/audit").body and SECRET not in box.plane.log
    for file in (box.plane.data / "configuration").iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert file.suffix == ".yaml" or SECRET not in file.read_text()


def test_a_secret_is_replaced_without_being_shown(box):
    said = box.ana.post("/config/validate", {"yaml": box.look()["yaml"], "changes": {"redis.password": OTHER}}).json
    assert said["difference"]["keys"] == [{"name": "redis.password", "before": "********", "after": "********"}]
    assert SECRET not in json.dumps(said) and OTHER not in json.dumps(said)


def test_a_mask_for_what_never_was_is_refused(box):
    answer = box.ana.post("/config/validate", {"yaml": 'opensearch:\n  password: "********"\n'})
    assert (answer.status, answer.json["part"]) == (422, "/yaml")
    assert "opensearch.password on line 2" in answer.json["detail"]


@pytest.mark.parametrize("text, line, words", [
    ("eve_reader:\n  batch_events: many\n", 2, "an integer from 1 to 20000"),
    ("eve_reader:\n  batch_event: 3\n", 2, "did you mean `eve_reader.batch_events`?"),
    ("eve_reader: [\n", 2, "did not find expected node content"),
    ("opensearch:\n  warm_after_days: 9\n  delete_after_days: 3\n", 3, "must be more than"),
])
def test_mistakes_are_told_where_they_are_and_nothing_is_applied(box, text, line, words):
    before = box.text
    findings = box.ana.post("/config/validate", {"yaml": text}).json["findings"]
    assert [(one["line"], one["level"]) for one in findings] == [(line, "error")]
    assert words in findings[0]["message"]
    box.apply({}, yaml=text, expected=422)
    assert box.text == before


def test_a_review_says_who_takes_a_key_and_who_does_not(box):
    said = box.ana.post("/config/validate", {"yaml": box.look()["yaml"], "changes": {"log.level": "debug", "eve_reader.batch_events": "500"}}).json
    assert {one["service"]: sorted(one["keys"]) for one in said["effects"]} == {
        "eve-reader": ["eve_reader.batch_events", "log.level"], "control-plane": ["log.level"]}
    assert said["silent"] == ["local-store"]
    assert {"kind": "added", "text": "  batch_events: 500"} in said["difference"]["lines"]


def test_a_service_that_comes_through_keeps_the_revision(box):
    revision = box.apply({"eve_reader.batch_events": "500"}, note="smaller")
    assert (revision["state"], revision["user"], revision["note"]) == ("trial", "ana", "smaller")
    assert box.look()["trial"]["services"] == [{"name": "eve-reader", "course": "waiting", "reason": None}]
    # Only one at a time, and only by who has seen what is there.
    box.apply({"eve_reader.batch_events": "600"}, expected=409)
    box.reader.restart().until_ready()
    assert box.ended(revision["number"])["state"] == "kept"
    assert "batch_events: 500" in box.text and box.look()["trial"] is None
    assert [entry["target"] for entry in box.ana.get("/audit?action=apply%20configuration").json["entries"]][0] == f"revision {revision['number']}"


def test_a_service_that_does_not_become_ready_brings_back_what_was_before(box):
    before = box.text
    revision = box.apply({"redis.port": str(free_port())})
    assert box.text != before
    box.reader.restart()
    ended = box.ended(revision["number"])
    assert ended["state"] == "rolled back" and ended["reason"].startswith("eve-reader was not ready after 15 s: redis: ")
    assert box.text == before
    box.reader.restart().until_ready()


def test_a_trial_outlives_control_plane(box):
    before = box.text
    revision = box.apply({"eve_reader.poll_ms": "300"})
    box.plane.restart().until_ready()
    assert box.look()["trial"]["revision"]["number"] == revision["number"]
    taken = box.ana.post(f"/config/revisions/{revision['number']}/rollback", {})
    assert (taken.status, taken.json["state"], taken.json["reason"]) == (200, "rolled back", "taken back by hand")
    assert box.text == before


def test_an_older_revision_comes_back_and_the_history_goes_on(box):
    first = box.ana.get("/config/revisions").json["revisions"][-1]
    seen = box.look()
    answer = box.ana.send("POST", f"/config/revisions/{first['number']}/apply", {}, {"If-Match": seen["etag"]})
    assert answer.status == 202 and answer.json["note"] == f"Back to revision {first['number']}"
    box.reader.restart().until_ready()
    assert box.ended(answer.json["number"])["state"] == "kept"
    assert "batch_events" not in box.text
    numbers = [one["number"] for one in box.ana.get("/config/revisions").json["revisions"]]
    assert numbers == sorted(numbers, reverse=True)


def test_what_was_changed_elsewhere_is_seen_and_can_come_back(box):
    seen = box.look()
    box.plane.config.write_text(box.text + "# by hand\n")
    lost = box.ana.send("POST", "/config/revisions", {"yaml": seen["yaml"], "note": ""}, {"If-Match": seen["etag"]})
    assert lost.status == 412
    revision = box.apply({"eve_reader.batch_events": "700"})
    box.ana.post(f"/config/revisions/{revision['number']}/rollback", {})
    assert box.text.endswith("# by hand\n")
    assert box.ana.get(f"/config/revisions/{revision['base']}").json["revision"]["state"] == "found"


# A process dies with the thread that has started it (PR_SET_PDEATHSIG): this one lasts.
STARTER = ThreadPoolExecutor(max_workers=1)


class Restarting(Agent):
    """An agent that does what it is asked to."""

    def __init__(self, path, processes):
        super().__init__(path)
        self.processes, self.done = processes, []

    def restart(self, body):
        status, job = super().restart(body)
        if status == 202:
            name = body["target"].removeprefix("service:")
            self.done.append((name, body["by"]))
            self.finish()
            STARTER.submit(self.processes[name].restart)
        return status, job


def test_an_agent_starts_the_services_anew_and_control_plane_last(box):
    agent = Restarting(box.agent_socket, {"eve-reader": box.reader, "control-plane": box.plane}).start()
    try:
        assert until(lambda: box.look()["restarts_services"], "the agent to be seen", 20)
        number = box.apply({"log.level": "debug"})["number"]

        def ended():
            try:
                revision = box.ana.get(f"/config/revisions/{number}").json["revision"]
            except OSError:
                return None
            return revision["state"] != "trial" and revision

        revision = until(ended, "the trial to end", 120)
        assert revision["state"] == "kept", revision
        assert agent.done == [("eve-reader", "ana"), ("control-plane", "ana")]
    finally:
        agent.stop()


def test_what_batches_do_is_measured_and_stays_with_the_revision(box):
    assert box.ana.get("/config/batches").json == {"now": None, "before": []}
    first = box.apply({"eve_reader.batch_events": "100"})["number"]
    box.reader.restart().until_ready()
    assert box.ended(first)["state"] == "kept"
    eve.append(box.eve, b"".join(eve.line(number) for number in range(1_000)))
    now = until(lambda: (now := box.ana.get("/config/batches").json["now"]) and now["events"] == 1_000 and now, "the effect", 20)
    assert 1 < now["events_per_batch"] <= 100 and now["cpu_seconds_per_million"] > 0 and now["delay_seconds"] is None
    second = box.apply({"eve_reader.batch_events": "200"})["number"]
    box.ana.post(f"/config/revisions/{second}/rollback", {})
    before = box.ana.get("/config/batches").json["before"]
    assert [(one["revision"], one["values"], one["measured"]["events"]) for one in before] == [(first, {"eve_reader.batch_events": "100"}, 1_000)]


def test_only_admins_change_it_and_with_their_password(box):
    vic = {"name": "vic", "role": "viewer", "password": PASSWORD}
    assert box.ana.post("/users", vic).status == 201
    viewer = box.plane.browser("vic")
    assert viewer.get("/config").status == 200
    for path in ("/config/validate", "/config/revisions", "/config/revisions/1/apply", "/config/revisions/1/keep"):
        assert viewer.send("POST", path, {}, {"If-Match": "x"}).status == 403, path
    token = box.ana.post("/tokens", {"name": "t", "role": "admin", "days": 1}).json["token"]
    answer = box.plane.ask("POST", "/api/v1/config/revisions", {"yaml": "", "note": ""}, {"Authorization": f"Bearer {token}", "If-Match": "x"})
    assert answer.status == 403


def test_a_configuration_with_which_control_plane_cannot_start_goes_away_by_itself(tmp_path):
    """Once the port is somebody else's, so that the process ends; once the certificate is missing, so that it
    does not work; once a secret's file is missing, so that its settings are refused."""
    plane = ControlPlane(tmp_path, tls="off", config_trial_seconds=2, sections={"sqlite": {"path": str(tmp_path / "events.db")}})
    try:
        plane.start().until_ready()
        ana = plane.set_up("ana")
        before = plane.config.read_text()
        with socket.create_server(("127.0.0.1", 0)) as somebody:
            for changes in (
                {"web.port": str(somebody.getsockname()[1])},
                {"web.tls": "files", "web.tls_cert_file": "/nowhere", "web.tls_key_file": "/nowhere"},
                {"opensearch.password_file": "/nowhere"},
            ):
                seen = ana.get("/config").json
                answer = ana.send("POST", "/config/revisions", {"yaml": seen["yaml"], "changes": changes, "note": ""}, {"If-Match": seen["etag"]})
                assert answer.status == 202, answer.body
                plane.terminate()
                for _ in range(5):
                    assert plane.start().wait(20) in (1, 2)
                    if plane.config.read_text() == before:
                        break
                assert plane.config.read_text() == before
                plane.start().until_ready()
                revision = ana.get("/config/revisions").json["revisions"][0]
                assert revision["state"] == "rolled back" and revision["reason"].startswith("control-plane "), revision
    finally:
        plane.kill()


def test_nobody_shuts_themselves_out(tmp_path):
    plane = ControlPlane(tmp_path, tls="off", allowed_hosts=["ids.test"], sections={"sqlite": {"path": str(tmp_path / "events.db")}})
    try:
        plane.start().until_ready()
        ana = plane.set_up("ana")
        seen = ana.get("/config").json
        name = f"ids.test:{plane.web_port}"
        def apply(changes):
            return ana.send("POST", "/config/revisions", {"yaml": seen["yaml"], "changes": changes, "note": ""},
                            {"If-Match": seen["etag"], "Host": name, "Origin": f"http://{name}"})
        answer = apply({"web.allowed_hosts": "other.test"})
        assert answer.status == 422 and "shut out" in answer.json["detail"] and "web.allowed_hosts" in answer.json["detail"]
        assert ana.get("/config").json["etag"] == seen["etag"]
        assert apply({"web.allowed_hosts": "other.test,ids.test"}).status == 202
    finally:
        plane.kill()
