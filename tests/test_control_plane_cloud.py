"""`in:cloud` in control-plane: the events that the shipper has sent to a real OpenSearch with TLS and users, from the same box."""

import socket
import threading
import time
import urllib.error
from datetime import timedelta
from urllib.parse import quote, urlencode

import pytest

from support import eve
from support.control_plane import PASSWORD as ACCOUNT_PASSWORD
from support.control_plane import ControlPlane
from support.opensearch import USER_PASSWORD, documented_role, give
from support.pages import Visitor
from support.processes import REPOSITORY
from support.stack import Stack
from support.waiting import until

RECORDED = ["web", "names", "logins", "scans"]


@pytest.fixture(scope="module")
def stack(secure_opensearch):
    """Events in the local store and in OpenSearch, of which 150 have the same time."""
    node = secure_opensearch
    stack = Stack(sinks=("sqlite", "opensearch"), opensearch=node.url, settings={
        "opensearch.username": "admin", "opensearch.ca_file": str(node.ca_file)})
    for shipper in stack.shippers.values():
        shipper.environment["OPENSEARCH_PASSWORD"] = "admin"
    try:
        lines = [line + "\n" for name in RECORDED
                 for line in (REPOSITORY / f"fixtures/eve/{name}.ndjson").read_text().splitlines()]
        at_once = eve.START + timedelta(hours=1)
        made = [eve.line(number, time=at_once) for number in range(150)]
        # As the reader makes one each minute, to be shown nowhere.
        made.append(b'{"timestamp":"2026-02-01T12:00:00.000001+0000","event_type":"canary"}\n')
        eve.append(stack.eve, "".join(lines).encode() + b"".join(made))
        stack.start()
        stack.until_stored(len(lines) + len(made))
        stack.until_acknowledged("opensearch", len(lines) + len(made))
        node.request("POST", f"{stack.name}-*/_refresh")
        # What is not ours, to be found by no query.
        node.request("PUT", "foreign-index/_doc/foreign?refresh=true", {"@timestamp": "2026-02-01T12:00:00Z", "secret": "x"})
        give(node, "searcher", documented_role("Search"), stack.name)
        yield stack
    finally:
        stack.close()


def control_plane(directory, stack, user="searcher", password=USER_PASSWORD, web=None, **opensearch):
    settings = {"endpoint": stack.settings["opensearch.endpoint"], "index_prefix": stack.name, "username": user,
                "ca_file": stack.settings["opensearch.ca_file"], **opensearch}
    return ControlPlane(
        directory, environment={"OPENSEARCH_PASSWORD": password},
        sections={"sqlite": {"path": str(stack.store)},
                  "opensearch": {name: value for name, value in settings.items() if value is not None}}, **(web or {})).start()


@pytest.fixture(scope="module")
def plane(tmp_path_factory, stack):
    plane = control_plane(tmp_path_factory.mktemp("plane"), stack).until_ready()
    yield plane
    plane.kill()


@pytest.fixture(scope="module")
def ana(plane, stack):
    ana = plane.set_up()
    plane.until_indexed(stack.store)
    return ana


def get(ana, path, **query):
    answer = ana.get(path + ("?" + urlencode(query) if query else ""))
    assert answer.status == 200, (path, query, answer.body)
    return answer.json


def listed(ana, query, limit=200):
    """The ids of all events of a query, page by page."""
    ids, after = [], {}
    while True:
        page = get(ana, "/events", q=query, limit=limit, **after)
        ids += [event["id"] for event in page["events"]]
        if page["next"] is None:
            assert page["complete"]
            return ids
        after = {"after": page["next"]}


def test_all_pages_join_to_every_event_once(ana, stack):
    shown = {row[0] for row in stack.query("SELECT id FROM events WHERE event_type <> 'canary'")}
    for limit in (97, 200):
        ids = listed(ana, "in:cloud", limit)
        assert len(ids) == len(set(ids)) and set(ids) == shown
    assert listed(ana, "in:cloud type:canary") == []
    page = get(ana, "/events", q="in:cloud", limit=50)
    assert {event["in"] for event in page["events"]} == {"cloud"} and len(page["events"]) >= 25
    assert [event["time"] for event in page["events"]] == sorted((event["time"] for event in page["events"]), reverse=True)
    newer = get(ana, "/events", q="in:cloud", limit=50, since=page["events"][-1]["seq"])
    assert {event["id"] for event in newer["events"]} < {event["id"] for event in page["events"]}


@pytest.mark.parametrize("query", [
    "type:dns", "is:alert sev:1", "192.168.77.5", "dns:*.example", "dport:[1..1023] -type:flow,netflow",
    "ip:192.168.77.0/24 -192.168.77.5", "is:own (type:tls OR type:http)", "@from:2026-02-01T12:30 @before:2026-02-01T14:00", '"a&b?c*"'])
def test_the_cloud_finds_what_the_box_finds(ana, query):
    here, there = listed(ana, query), listed(ana, f"in:cloud {query}")
    assert set(here) == set(there) and (there or "?" in query)


def test_the_cloud_counts_what_the_box_counts(ana):
    for query in ("", "is:alert", "192.168.77.5"):
        window = {"from": "2026-01-01", "to": "2027-01-01", "buckets": 60}
        here, there = (get(ana, "/events/histogram", q=q, **window) for q in (query, f"{query} in:cloud"))
        assert there == here and here["total"] > 0


def test_an_event_of_the_cloud_is_shown_with_what_was_decided_here(ana):
    row = get(ana, "/events", q="is:alert has:packet", limit=1)["events"][0]
    path = f"/events/{row['id']}"
    here, there = get(ana, path), get(ana, path, **{"in": "cloud"})
    assert there["document"] == here["document"] and there["rule"] == here["rule"] and there["packet"] == here["packet"]
    assert {event["id"] for event in there["flow"]} == {event["id"] for event in here["flow"]}
    assert there["event"] == {**here["event"], "in": "cloud", "seq": there["event"]["seq"]}
    packet = ana.get(path + "/pcap?in=cloud")
    assert packet.status == 200 and packet.body == ana.get(path + "/pcap").body
    assert ana.post(f"{path}/comments", {"text": "seen"}).status == 201
    assert ana.post("/groups/actions", {"keys": [row["group"]], "action": "escalate"}).json["changed"] == 1
    there = get(ana, path, **{"in": "cloud"})
    assert [comment["text"] for comment in there["comments"]] == ["seen"]
    assert [(entry["user"], entry["action"]) for entry in there["history"]] == [("ana", "escalate")]
    assert there["event"]["escalated"] and there["group"]["key"] == row["group"]
    assert ana.get("/events/unknown?in=cloud").status == 404


def test_what_only_this_machine_knows_is_said_with_the_reason(ana):
    for query, said in (("in:cloud is:archived", "Only this machine knows"), ("in:cloud has:packet", "cannot search"),
                        ("in:moon", "knows box and cloud"),
                        ("-in:cloud", "cannot be turned round"), ("in:cluod", "Did you mean cloud")):
        answer = ana.get("/events?" + urlencode({"q": query}))
        assert answer.status == 400 and answer.json["part"] == "q" and said in answer.json["detail"], answer.body
    for path in ("/groups", "/events/export"):
        assert ana.get(path + "?q=in:cloud").status == 400
    assert ana.send("PUT", "/archive-rules/x", {"q": "sid:1 in:cloud"}).status == 400
    explained = get(ana, "/events/query", q="sev:1 in:cloud")
    assert explained["in"] == "cloud" and [term["text"] for term in explained["terms"]] == ["sev:1", "in:cloud"]
    assert get(ana, "/events/fields")["in"] == ["box", "cloud"]


@pytest.mark.parametrize("query", [
    '"}},{"match_all":{}},{"a":{"', "secret:x", '"secret\\":\\"x"', "x\\", "sni:*) OR _index:*", "dns:a?b", "host:*.a\\*b", "url:.*", "ua:(a+)+",
    'sni:"*"', 'sig:"\\u0022"', "_index:foreign-index", '"_id"', "@timestamp:0"])
def test_no_query_reaches_what_is_not_asked_for(ana, stack, query):
    answer = ana.get("/events?" + urlencode({"q": f"{query} in:cloud", "limit": 200}))
    assert answer.status in (200, 400), answer.body
    if answer.status == 200:
        assert {event["id"] for event in answer.json["events"]} <= stack.stored_ids()


@pytest.mark.parametrize("id", ["foreign", "*", "_all", "../foreign-index/_doc/foreign", '"],"x":["', "a,foreign", "%00", "\n"])
def test_no_id_reaches_what_is_not_asked_for(ana, id):
    answer = ana.get(f"/events/{quote(id, safe='')}?in=cloud")
    assert answer.status in (400, 404, 421) and "secret" not in answer.body


def test_a_role_to_search_suffices_and_may_do_nothing_else(stack, secure_opensearch):
    for method, path in (("POST", f"{stack.name}-2026.02.01/_doc"), ("DELETE", f"{stack.name}-*"),
                         ("GET", "foreign-index/_search"), ("GET", "_cluster/health")):
        with pytest.raises(urllib.error.HTTPError) as refused:
            secure_opensearch.request(method, path, {} if method == "POST" else None, user="searcher", password=USER_PASSWORD)
        assert refused.value.code == 403


@pytest.mark.parametrize("changes, said", [
    ({"password": "not this one"}, "refuses this machine (401)"),
    ({"ca_file": None}, "certificate"),
    ({"endpoint": "https://localhost:1"}, "cannot be reached"),
    ({"endpoint": None, "username": None, "ca_file": None, "password": ""}, "No OpenSearch is set up")])
def test_a_neighbour_that_does_not_answer_is_a_sentence(tmp_path, stack, changes, said):
    plane = control_plane(tmp_path, stack, user=changes.get("username", "searcher"),
                          **{key: value for key, value in changes.items() if key != "username"})
    try:
        ana = plane.until_ready().set_up()
        for path in ("/events?q=in:cloud", "/events/histogram?q=in:cloud", "/events/x?in=cloud"):
            answer = ana.get(path)
            assert answer.status == (400 if "set up" in said else 503) and said in answer.json["detail"], answer.body
            assert "not this one" not in answer.body + plane.log
        assert get(ana, "/events")["events"], "the box is searched as ever"
    finally:
        plane.kill()


def test_a_slow_neighbour_holds_up_nobody_else(tmp_path, stack):
    """More ask for the cloud than may; meanwhile this machine's events are there."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        plane = control_plane(tmp_path, stack, endpoint=f"http://127.0.0.1:{silent.getsockname()[1]}", ca_file=None)
        try:
            ana = plane.until_ready().set_up()
            answers = []
            threads = [threading.Thread(target=lambda: answers.append(ana.get("/events?q=in:cloud"))) for _ in range(6)]
            for thread in threads:
                thread.start()
            until(lambda: len(answers) == 2, "those who are too many to be refused", 10)
            assert {answer.status for answer in answers} == {503} and "Others search" in answers[0].json["detail"]
            began = time.monotonic()
            assert get(ana, "/events")["events"] and time.monotonic() - began < 3
            for thread in threads:
                thread.join()
            assert {answer.status for answer in answers} == {503} and "not answered in time" in answers[-1].json["detail"]
        finally:
            plane.kill()


def test_the_page_leads_to_the_cloud_and_back(tmp_path, stack, browser, pages):
    plane = control_plane(tmp_path, stack, web={"tls": "off", "pages_dir": str(pages)}).until_ready()
    plane.set_up("ana")
    complaints = []
    try:
        for theme in ("light", "dark"):
            visitor = Visitor(browser, plane.origin, theme=theme)
            visitor.log_in("ana", ACCOUNT_PASSWORD)
            page = visitor.visit("/events")
            page.get_by_role("button", name="Cloud").click()
            page.get_by_role("button", name="in:cloud").wait_for()
            page.locator("tbody a[href*='in=cloud']").first.wait_for()
            assert page.get_by_role("button", name="Live").count() == 0
            visitor.shoot("events-cloud")
            assert visitor.faults() == []
            visitor.visit("/events?q=is:alert in:cloud")
            page.locator("tbody tr").first.locator("td.wide a").click()
            page.get_by_role("heading", name="Rule").wait_for()
            assert "in=cloud" in page.url
            visitor.shoot("event-cloud")
            assert visitor.faults() == []
            page.go_back()
            page.get_by_role("button", name="This box").click()
            page.wait_for_function("!location.search.includes('cloud')")
            visitor.close()
            complaints += visitor.complaints
        assert complaints == []
    finally:
        plane.kill()
