"""Events in control-plane, from Suricata's lines over the local store to the answers that a page gets."""

import base64
import json
import shutil
import sqlite3
import time
from urllib.parse import urlencode

import pytest

from support.control_plane import PASSWORD, ControlPlane, recorded_store


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """A store with recorded events, as the programs of the pipeline have made it."""
    return recorded_store(tmp_path_factory.mktemp("store") / "events.db")


@pytest.fixture
def plane(tmp_path, store):
    shutil.copy(store, tmp_path / "events.db")
    plane = ControlPlane(tmp_path, sections={"sqlite": {"path": str(tmp_path / "events.db")}})
    plane.start().until_ready()
    yield plane
    plane.kill()


@pytest.fixture
def browser(plane, tmp_path):
    browser = plane.set_up()
    plane.until_indexed(tmp_path / "events.db")
    return browser


def get(browser, path, **query):
    answer = browser.get(path + ("?" + urlencode(query) if query else ""))
    assert answer.status == 200, (path, query, answer.body)
    return answer.json


def documents(path, sql="SELECT document FROM events ORDER BY seq DESC"):
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as connection:
        return [json.loads(row[0]) for row in connection.execute(sql)]


def test_pages_of_events_join_to_all_that_are_stored(browser, store):
    ids, after = [], {}
    while True:
        page = get(browser, "/events", limit=97, **after)
        ids += [event["id"] for event in page["events"]]
        assert page["complete"]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    with sqlite3.connect(f"file:{store}?mode=ro", uri=True) as connection:
        assert ids == [row[0] for row in connection.execute("SELECT id FROM events ORDER BY seq DESC")]


@pytest.mark.parametrize("query, is_meant", [
    ("type:dns", lambda document: document["suricata"]["eve"]["event_type"] == "dns"),
    ("is:alert sev:1", lambda document: document["suricata"].get("severity") == 1),
    ("192.168.77.5", lambda document: "192.168.77.5" in json.dumps(document)),
    ("dns:*.example",
     lambda document: document.get("dns", {}).get("question", {}).get("name", "").lower().endswith(".example")),
    ("dport:[1..1023] -type:flow,netflow",
     lambda document: document.get("destination", {}).get("port", 0) in range(1, 1024)
     and document["suricata"]["eve"]["event_type"] not in ("flow", "netflow")),
])
def test_a_query_finds_what_it_means(browser, store, query, is_meant):
    found, after = [], {}
    while True:
        page = get(browser, "/events", q=query, limit=200, **after)
        found += page["events"]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    meant = [document for document in documents(store) if is_meant(document)]
    assert len(found) == len(meant) > 0


def test_a_mistake_is_told_with_its_place_and_a_proposal(browser):
    answer = browser.get("/events?" + urlencode({"q": "type:dns snni:x"}))
    assert answer.status == 400
    assert answer.json["part"] == "q" and "Did you mean sni?" in answer.json["detail"]
    assert get(browser, "/events/query", q="ü snni:x")["error"] == {
        "from": 2, "to": 6, "message": 'There is no field "snni".', "proposal": "sni"}


def test_an_alert_is_shown_with_its_rule_flow_and_packet(browser):
    event = get(browser, "/events", q="is:alert has:packet", limit=1)["events"][0]
    page = get(browser, f"/events/{event['id']}")
    assert page["event"] == event
    assert page["rule"]["name"] == event["signature"]["text"]
    assert all(other["flow"] == event["flow"] and other["id"] != event["id"] for other in page["flow"])
    assert page["group"]["key"] == event["group"]
    packet = base64.b64decode(page["packet"]["base64"])
    file = browser.get(f"/events/{event['id']}/pcap")
    assert file.status == 200 and "attachment" in file.fields["content-disposition"]
    assert int(file.fields["content-length"]) == 24 + 16 + len(packet)
    assert browser.get("/events/unknown").status == 404


def test_the_histogram_counts_every_event_once(browser, store):
    with sqlite3.connect(f"file:{store}?mode=ro", uri=True) as connection:
        count, first, last = connection.execute("SELECT count(*), min(timestamp), max(timestamp) FROM events").fetchone()
    window = {"from": time.strftime("%Y-%m-%dT%H:%MZ", time.gmtime(first / 1e9 - 3600)),
              "to": time.strftime("%Y-%m-%dT%H:%MZ", time.gmtime(last / 1e9 + 3600))}
    whole = get(browser, "/events/histogram", **window)
    assert whole["total"] == count and whole["complete"]
    assert sum(map(sum, whole["series"].values())) == count
    assert len(whole["times"]) <= 60
    alerts = get(browser, "/events/histogram", q="192.168.77.5 is:alert", **window)
    assert 0 < alerts["total"] < count and sum(alerts["series"]["other"]) == 0


def test_a_histogram_may_begin_before_all_time(browser):
    for query in ({"from": "1700-01-01"}, {"from": "1800-01-01", "to": "2261-01-01", "buckets": 1}):
        histogram = get(browser, "/events/histogram", **query)
        assert histogram["from"].startswith("1970") and histogram["total"] > 0
    assert browser.get("/events/histogram?from=1700-01-01&to=1800-01-01").status == 400


def test_groups_are_archived_undone_and_come_back(browser, plane):
    before = get(browser, "/groups")
    keys = [group["key"] for group in before["groups"]]
    assert before["counts"]["open"] == {
        name: sum(1 for group in before["groups"] if group["severity"] in levels)
        for name, levels in (("high", [1]), ("medium", [2]), ("low", [3, 4]))}
    done = browser.post("/groups/actions", {"keys": keys, "action": "archive", "comment": "known"}).json
    assert done["changed"] == len(keys)
    assert get(browser, "/groups")["groups"] == []
    archived = get(browser, "/groups", state="archived")["groups"]
    assert {group["key"] for group in archived} == set(keys)
    assert archived[0]["archived"]["by"] == "ana" and archived[0]["comments"] == 1
    assert get(browser, "/events", q="is:alert -is:archived")["events"] == []
    assert browser.post("/groups/actions/undo", {"undo": done["undo"]}).json == {"changed": len(keys)}
    assert [group["key"] for group in get(browser, "/groups")["groups"]] == keys
    browser.post("/groups/actions", {"keys": keys[:1], "action": "escalate"})
    plane.kill()
    plane.start().until_ready()
    browser.log_in("ana", PASSWORD)
    assert [group["key"] for group in get(browser, "/groups", state="escalated")["groups"]] == keys[:1]


def test_an_export_has_every_event_and_no_formula(browser, store):
    lines = browser.get("/events/export").body.splitlines()
    assert [json.loads(line) for line in lines] == documents(store)
    table = browser.get("/events/export?format=csv&" + urlencode({"q": "type:dns"})).body.split("\r\n")
    assert table[0].startswith("time,type,severity,src_ip")
    assert len(table) - 2 == sum(document["suricata"]["eve"]["event_type"] == "dns" for document in documents(store))


def test_hosts_have_names_and_peers(browser):
    page = get(browser, "/hosts/192.168.77.20", hours=720)
    assert page["host"]["own"] and page["host"]["flows"] > 0
    assert page["peers"] and page["ports"]
    hosts = get(browser, "/hosts", hours=720)["hosts"]
    assert any(host["ip"] == "192.168.77.20" and host["first"] <= host["last"] for host in hosts)
    assert {host["own"] for host in hosts} == {True, False}
    assert all(host["own"] for host in get(browser, "/hosts", hours=720, own="true")["hosts"])


def test_filters_and_rules_are_kept_by_their_id(browser):
    assert browser.send("PUT", "/filters/mine", {"name": "DNS", "q": "type:dns"}).status == 204
    assert [kept["name"] for kept in get(browser, "/filters")["filters"]] == ["DNS"]
    assert browser.send("PUT", "/filters/mine", {"name": "DNS", "q": "tpye:dns"}).status == 400
    assert browser.send("PUT", "/archive-rules/r", {"q": "sid:1", "expires": "2099-01-01"}).status == 204
    assert browser.send("PUT", "/archive-rules/r", {"q": "is:archived"}).status == 422
    assert get(browser, "/archive-rules")["rules"][0]["expires"] == "2099-01-01T00:00:00.000000Z"
    assert browser.delete("/archive-rules/r").status == 204
    assert browser.delete("/archive-rules/r").status == 404


def test_noisy_rules_are_counted_with_their_share(browser, store):
    hits = {}
    for document in documents(store, "SELECT document FROM events WHERE event_type = 'alert'"):
        sid = document["suricata"]["eve"]["alert"]["signature_id"]
        hits[sid] = hits.get(sid, 0) + 1
    page = get(browser, "/rules", hours=720, limit=200)
    assert {rule["sid"]: rule["hits"] for rule in page["rules"]} == hits and page["total"] == sum(hits.values())
    assert [rule["hits"] for rule in page["rules"]] == sorted(hits.values(), reverse=True)
    assert all(rule["text"] and rule["severity"] and rule["last"] and len(rule["hours"]) == 24 for rule in page["rules"])
    assert [rule["sid"] for rule in get(browser, "/rules", hours=720, limit=2)["rules"]] == [rule["sid"] for rule in page["rules"][:2]]


def test_a_host_is_called_what_people_say(browser):
    ip = "192.168.77.20"
    assert get(browser, f"/hosts/{ip}", hours=720)["note"] is None
    assert browser.send("PUT", f"/hosts/{ip}", {"name": "The \u001bprinter", "note": "Third floor"}).status == 204
    page = get(browser, f"/hosts/{ip}", hours=720)
    assert page["note"]["by"] == "ana" and page["note"]["note"] == "Third floor" and page["complete"]
    assert page["host"]["names"][0] == "The  printer"
    assert [host["ip"] for host in get(browser, "/hosts", hours=720, q="PRINTER")["hosts"]] == [ip]
    row = next(event for event in get(browser, "/events", q=f"src:{ip}", limit=1)["events"])
    assert row["src"]["name"] == "The  printer"
    assert browser.send("PUT", f"/hosts/{ip}", {"name": "", "note": ""}).status == 204
    assert get(browser, f"/hosts/{ip}", hours=720)["note"] is None
    assert get(browser, "/hosts", hours=720, q="printer")["hosts"] == []
    assert browser.send("PUT", "/hosts/printer", {"name": "x", "note": ""}).status == 400


def test_all_groups_that_a_query_finds_are_archived_at_once(browser):
    groups = get(browser, "/groups")["groups"]
    sid = groups[0]["signature"]["id"]
    meant = {group["key"] for group in groups if group["signature"]["id"] == sid}
    done = browser.post("/groups/actions", {"q": f"sid:{sid}", "action": "archive"}).json
    assert (done["changed"], done["complete"]) == (len(meant), True)
    assert not meant & {group["key"] for group in get(browser, "/groups")["groups"]}
    assert browser.post("/groups/actions", {"q": "", "state": "archived", "action": "unarchive"}).json["changed"] == len(meant)
    all_of_them = browser.post("/groups/actions", {"q": "", "action": "archive"}).json
    assert all_of_them["changed"] == len(groups) and get(browser, "/groups")["groups"] == []
    assert browser.post("/groups/actions/undo", {"undo": all_of_them["undo"]}).json == {"changed": len(groups)}
    for body in ({}, {"keys": [], "q": ""}):
        assert browser.post("/groups/actions", {**body, "action": "archive"}).status == 422
    assert browser.post("/groups/actions", {"q": "snni:x", "action": "archive"}).status == 400


def test_before_anything_was_stored_there_are_no_events(tmp_path):
    plane = ControlPlane(tmp_path, sections={"sqlite": {"path": str(tmp_path / "none.db")}})
    try:
        plane.start().until_ready()
        browser = plane.set_up()
        assert get(browser, "/events")["events"] == [] and get(browser, "/events/histogram")["total"] == 0
        assert get(browser, "/groups")["groups"] == []
        assert browser.get("/events/export").body == ""
    finally:
        plane.kill()


def test_a_broken_store_is_told_without_its_path(tmp_path):
    (tmp_path / "events.db").write_bytes(b"A" * 100_000)
    plane = ControlPlane(tmp_path, sections={"sqlite": {"path": str(tmp_path / "events.db")}})
    try:
        plane.start().until_ready()
        answer = plane.set_up().get("/events")
        assert answer.status == 503 and "event store" in answer.json["detail"] and str(tmp_path) not in answer.body
    finally:
        plane.kill()
