"""The live map: what a page is told, from Suricata's lines and Traefik's logs over the pipeline to the frames."""

import http.client
import http.server
import json
import os
import threading
import time
from datetime import datetime, timezone
from urllib.parse import parse_qs

import pytest

from support import eve, metrics
from support.control_plane import ControlPlane
from support.http_probe import WebSocket
from support.map_client import MapPage
from support.processes import REPOSITORY, free_port
from support.stack import Stack
from support.waiting import until

# Types that are no exchange, or tell one again.
OTHERS = {"stats", "fileinfo", "anomaly", "netflow", "frame", "drop", "packet", "engine"}
RECORDED = [json.loads(line) for file in sorted((REPOSITORY / "fixtures/eve").glob("*.ndjson"))
            for line in file.read_text().splitlines()]


@pytest.fixture(scope="module")
def stack():
    stack = Stack(settings={"log.level": "warning"})
    try:
        yield stack.start()
    finally:
        stack.close()


def start(stack, folder, **settings):
    """control-plane beside the stack, and a browser of its first account."""
    folder.mkdir(exist_ok=True)
    redis = {"host": "127.0.0.1", "port": stack.redis.port, "prefix": f"{stack.name}:", "backoff_max_ms": 500}
    plane = ControlPlane(folder, tls="off", sections={
        "redis": redis, "sqlite": {"path": str(stack.store)}, **({"map": settings} if settings else {})})
    plane.start().until_ready()
    return plane, plane.set_up()


@pytest.fixture
def plane(stack, tmp_path):
    plane, browser = start(stack, tmp_path)
    yield plane, browser
    plane.kill()


@pytest.fixture
def page(plane):
    page = MapPage(*plane).until_followed()
    yield page
    page.close()


def write(stack, events):
    with open(stack.eve, "a") as file:
        file.writelines((event if isinstance(event, str) else json.dumps(event)) + "\n" for event in events)


def is_exchange(event):
    kind = event["event_type"]
    query = kind == "dns" and (event["dns"].get("type") in ("query", "request") or
                               not {"answer", "answers", "grouped", "type"} & event["dns"].keys())
    return kind not in OTHERS and kind != "alert" and ("src_ip" in event or kind == "flow") and not query


def test_the_deltas_add_up_to_what_suricata_wrote(stack, plane, page):
    write(stack, RECORDED)
    page.until(lambda: page.sum("events") >= len(RECORDED), "all recorded events", 90)
    flows = [event["flow"] for event in RECORDED if event["event_type"] == "flow"]
    alerts = [event for event in RECORDED if event["event_type"] == "alert"]
    failed = [event for event in RECORDED
              if event["event_type"] == "http" and event["http"].get("status", 0) >= 400]
    assert page.sum("events") == len(RECORDED)
    assert page.sum(1) == sum(map(is_exchange, RECORDED))
    assert page.sum(2) == sum(flow["bytes_toserver"] + flow["bytes_toclient"] for flow in flows)
    assert page.sum(3) == len(alerts) + len(failed)
    assert {alert["sid"] for alert in page.all("alerts")} <= {event["alert"]["signature_id"] for event in alerts}
    # Who comes now is shown the same.
    other = MapPage(*plane)
    other.until(lambda: other.snapshots, "a snapshot")
    in_step(page, other)
    assert page.picture == other.picture
    other.close()


def in_step(*pages):
    """Lets all pages have seen the same seconds."""
    last = max(page.sequence for page in pages)
    for page in pages:
        page.until(lambda page=page: page.sequence >= last, f"second {last}")


def now():
    return eve.stamp(datetime.now(timezone.utc))


def exchange(kind="flow", source="192.168.7.1", destination="203.0.113.5", **members):
    """An event of Suricata, seen now."""
    event = {"timestamp": now(), "flow_id": time.monotonic_ns(), "event_type": kind, "src_ip": source,
             "src_port": 40000, "dest_ip": destination, "dest_port": 443, "proto": "TCP", **members}  # fmt: skip
    if kind == "flow":
        event.setdefault("app_proto", "tls")
        event.setdefault("flow", {"pkts_toserver": 1, "pkts_toclient": 1, "bytes_toserver": 60, "bytes_toclient": 40,
                                  "start": event["timestamp"], "end": event["timestamp"], "state": "closed"})
    return event


def alert(source, destination, sid, severity=1, **members):
    return exchange("alert", source, destination, alert={
        "action": "allowed", "gid": 1, "signature_id": sid, "rev": 1, "signature": f"RULE {sid}", "severity": severity,
        **members})  # fmt: skip


def test_each_event_flashes_once_and_in_its_direction(stack, page):
    write(stack, [exchange(source="192.168.7.1", destination="192.168.7.2"),
                  exchange("http", "192.168.7.1", "192.168.7.2", app_proto="http", http={
                      "hostname": "nas", "url": "/a", "http_method": "GET", "status": 404, "length": 3}),
                  alert("192.168.7.2", "192.168.7.1", 77, 2)])  # fmt: skip
    page.until(lambda: page.sum("events") >= 3, "three events")
    lines = page.lines()
    assert {ends: (line["n"], line["b"], line["bad"], line["sev"]) for ends, line in lines.items()} == {
        ("192.168.7.1", "192.168.7.2", "tls"): (1, 100, 0, 0),
        ("192.168.7.1", "192.168.7.2", "http"): (1, 0, 1, 0),
        ("192.168.7.2", "192.168.7.1", "tcp"): (0, 0, 1, 2)}
    assert sorted(flash[0] for delta in page.deltas for flash in delta.get("flash", [])) == sorted(page.edges)
    (error,), (alarm,) = page.all("errors"), page.all("alerts")
    assert (error["method"], error["path"], error["status"]) == ("GET", "nas/a", 404)
    assert (alarm["sid"], alarm["sig"], alarm["sev"]) == (77, "RULE 77", 2)
    assert page.node("192.168.7.1")["sev"] == page.node("192.168.7.2")["sev"] == 2


def test_hosts_are_shown_one_by_one_and_the_world_in_groups(stack, tmp_path):
    plane, browser = start(stack, tmp_path, networks=[
        {"name": "home", "cidr": "192.168.7.0/24", "sensor": "attic"}, {"name": "office", "cidr": "192.168.7.0/24"},
        {"name": "home", "cidr": "fd00:7::/64"}])  # fmt: skip
    page = MapPage(plane, browser).until_followed()
    markup = "<img src=x onerror=alert(1)>"
    write(stack, [exchange(source="192.168.7.9", destination="203.0.113.5", host="attic"),
                  exchange(source="192.168.7.9", destination="203.0.200.5", host="cellar"),
                  exchange(source="fd00:7::1", destination="2001:db8:5::1"),
                  exchange(source="192.168.8.1", destination="224.0.0.251"),
                  exchange("http", "192.168.7.9", "203.0.113.5", app_proto=markup, http={
                      "hostname": markup, "url": "/" + markup, "http_method": "GET", "status": 500, "length": 1}),
                  {"timestamp": now(), "event_type": "alert", "alert": {
                      "signature": markup, "signature_id": 1, "gid": 1, "rev": 1, "severity": 1}}])  # fmt: skip
    page.until(lambda: page.sum("events") >= 6, "all events")
    kinds = {(node["net"], node["key"]): (node["kind"], node["own"]) for node in page.nodes.values()}
    assert kinds == {
        ("home", "192.168.7.9"): ("host", True), ("office", "192.168.7.9"): ("host", True),
        ("home", "fd00:7::1"): ("host", True),
        ("", "203.0.0.0/16"): ("subnet", False), ("", "2001:db8::/32"): ("subnet", False),
        ("", "192.168.0.0/16"): ("subnet", False), ("", "multicast"): ("multicast", False),
        ("", "unknown"): ("unknown", False)}  # fmt: skip
    assert page.all("errors")[0]["path"].endswith(markup) and page.all("alerts")[0]["sig"] == markup
    assert page.snapshots[0]["networks"] == [{"name": "home", "own": True}, {"name": "office", "own": True}]
    page.close()
    plane.kill()


def test_routers_are_gateways(stack, tmp_path):
    plane, browser = start(stack, tmp_path, gateways=["192.168.9.1"])
    page = MapPage(plane, browser).until_followed()
    lease = next(event for event in RECORDED
                 if event["event_type"] == "dhcp" and event["dhcp"].get("routers") == ["192.168.77.1"])
    write(stack, [lease, exchange(source="192.168.9.2", destination="192.168.9.1")])
    page.until(lambda: page.sum("events") >= 2, "two events")
    assert {key: page.node(key)["kind"] for key in ("192.168.77.1", "192.168.9.1", "192.168.9.2")} == {
        "192.168.77.1": "gateway", "192.168.9.1": "gateway", "192.168.9.2": "host"}
    page.close()
    plane.kill()


def test_a_scan_of_ten_thousand_hosts_is_told_as_others(stack, page):
    count = 10_000
    write(stack, [exchange(source="192.168.7.1", destination=f"10.{n // 250}.{n % 250}.7") for n in range(count)])
    page.until(lambda: page.sum("events") >= count, "the scan", 120)
    in_step(page)
    assert page.sum(1) == count and page.sum(2) == 100 * count
    assert len(page.nodes) <= 301
    assert page.node("others", "home")["kind"] == "others"
    assert [delta["capped"] for delta in page.deltas if "capped" in delta][-1]["nodes"] >= count - 300


def test_an_alert_stays_marked_until_it_is_archived(stack, plane, page):
    _, browser = plane
    write(stack, [alert("192.168.7.44", "192.168.7.45", 4401)])
    page.until(lambda: (page.node("192.168.7.44") or {}).get("sev") == 1, "the mark")
    group = until(lambda: [group["key"] for group in browser.get("/groups?q=sid:4401").json["groups"]],
                  "the alert in the inbox", 60)  # fmt: skip
    done = browser.post("/groups/actions", {"keys": group, "action": "archive", "through": "2099-01-01T00:00:00Z"})
    assert done.status == 200, done.body
    page.until(lambda: page.node("192.168.7.44")["sev"] == 0, "the mark to go", 60)


def test_who_pauses_gets_nothing_and_then_a_snapshot(stack, plane, page):
    def viewers():
        return metrics.scrape(plane[0]).get("ids_control_plane_map_viewers")

    assert viewers() == 1
    page.tell("pause")
    until(lambda: viewers() == 0, "nobody to look")
    with pytest.raises(TimeoutError):
        while page.step(seconds=3):
            pass
    page.tell("resume")
    page.until(lambda: len(page.snapshots) == 2, "a second snapshot")
    assert viewers() == 1
    page.until(lambda: page.deltas and page.deltas[-1]["seq"] > page.snapshots[-1]["seq"], "it to go on")


def test_what_is_trimmed_before_it_was_read_is_told_as_left_out(stack, page):
    come_and_go = """for _ = 1, 20 do
        redis.call('XDEL', KEYS[1], redis.call('XADD', KEYS[1], '*', 'b', 'gone'))
    end"""
    stack.redis.client.eval(come_and_go, 1, stack.key("ecs"))
    page.until(lambda: sum(stats["dropped"] for stats in page.stats) > 0, "what is left out")


def test_the_last_minutes_can_be_shown_again(stack, plane, page):
    _, browser = plane
    write(stack, [exchange(source="192.168.7.60", destination=f"192.168.7.{n}") for n in range(61, 71)])
    page.until(lambda: page.sum("events") >= 10, "ten events")
    record = browser.get("/map/buckets").json
    known = {edge["id"] for edge in record["edges"]}
    flashes = [flash for delta in record["deltas"] for flash in delta.get("flash", [])]
    assert record["complete"] and {flash[0] for flash in flashes} <= known
    assert {end for edge in record["edges"] for end in (edge["s"], edge["d"])} <= {node["id"] for node in record["nodes"]}
    assert sum(flash[1] for flash in flashes) == page.sum(1)
    later = browser.get(f"/map/buckets?from={int(time.time()) + 1000}").json
    assert later["deltas"] == []
    assert browser.get("/map/buckets?from=yesterday").status == 400


def test_the_page_is_told_when_no_events_can_come(stack, tmp_path):
    plane = ControlPlane(tmp_path, tls="off", sections={
        "redis": {"host": "127.0.0.1", "port": 1, "backoff_max_ms": 100}, "map": {"public_on_lan": True}})  # fmt: skip
    plane.start().until_ready()
    page = MapPage(plane)
    page.until(lambda: "Redis cannot be used" in page.reason, "the reason")
    page.close()
    plane.kill()


# Who may look


def test_the_map_needs_a_session(plane):
    plane, browser = plane
    for path in ("/api/v1/map/buckets", "/network_info"):
        assert plane.ask("GET", path).status == 401
    for path, protocol in (("/api/v1/live", "ids.map.v1"), ("/access_logs", None)):
        refused = WebSocket(plane, path, protocol, host=f"127.0.0.1:{plane.web_port}")
        assert refused.status == 401, path
    assert plane.ask("GET", "/network_info", headers={"Cookie": f"{plane.cookie_name}={browser.cookie}"}).status == 200
    foreign = WebSocket(plane, "/api/v1/live", "ids.map.v1", host=f"127.0.0.1:{plane.web_port}",
                        lines=[f"Cookie: {plane.cookie_name}={browser.cookie}", "Origin: http://evil.example"])
    assert foreign.status == 403


def test_who_logs_out_is_shown_nothing_more(plane):
    _, browser = plane
    page = MapPage(*plane).until_followed()
    assert browser.delete("/session").status == 204
    with pytest.raises(AssertionError, match="1008"):
        page.until(lambda: False, "the end", 30)


# Requests of proxies


class Traefik:
    """Writes the access log of a proxy, and answers for its API."""

    def __init__(self, folder, network, services):
        self.log = folder / f"{network}.log"
        self.log.touch()
        self.network, self.services = network, services
        answers = {
            # More than the first hundred are only given to who asks for them.
            "/api/http/services": [{"name": f"internal-{n}@internal"} for n in range(120)] + [
                {"name": f"{name}@docker", "loadBalancer": {"servers": [{"url": f"http://{address}:80"}]}}
                for name, address in services.items()],
            "/api/http/routers": [{"name": f"{name}@docker", "service": f"{name}@docker"} for name in services],
        }  # fmt: skip

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                path, _, query = self.path.partition("?")
                count = int(parse_qs(query).get("per_page", ["100"])[0])
                body = json.dumps(answers.get(path, [])[:count]).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_port}"

    def request(self, client, service, status=200, path="/x"):
        with open(self.log, "a") as log:
            log.write(json.dumps({
                "ClientAddr": f"{client}:40000", "ClientHost": client, "DownstreamStatus": status, "Duration": 18_200_000,
                "DownstreamContentSize": 100, "RequestMethod": "GET", "RequestPath": path, "RouterName": f"{service}@docker",
                "ServiceName": f"{service}@docker", "ServiceAddr": f"{self.services[service]}:80",
                "StartUTC": "2026-11-28T16:00:00.123Z", "level": "info", "msg": ""}) + "\n")  # fmt: skip

    def rotate(self):
        os.rename(self.log, self.log.with_suffix(".1"))
        self.log.touch()


@pytest.fixture
def proxies(stack, tmp_path):
    folder = tmp_path / "logs"
    folder.mkdir()
    services = {"communicating-service": "172.18.0.3", "quiet-service": "172.18.0.4"}
    front, back = Traefik(folder, "public", {"shop": "172.19.0.2"}), Traefik(folder, "private", services)
    plane, browser = start(stack, tmp_path / "plane", traefik=[
        {"network": "public", "access_log": str(front.log), "public": True},
        {"network": "private", "access_log": str(back.log), "api_url": back.url}],
        services=[{"name": "other-server", "network": "private", "address": "203.0.113.77"}], public_on_lan=True)
    yield plane, front, back
    plane.kill()
    front.server.shutdown(), back.server.shutdown()


def test_requests_of_proxies_are_lines_between_services(proxies):
    plane, front, back = proxies
    page = MapPage(plane).until_followed()
    log = WebSocket(plane, "/access_logs", None, host=f"127.0.0.1:{plane.web_port}")
    assert log.status == 101
    # The API is asked and the logs are followed from now on.
    info = until(lambda: len((info := plane.ask("GET", "/network_info").json)["networks"][2]["services"]) == 3 and info,
                 "the names of services", 20)  # fmt: skip
    assert info["networks"][2] == {"name": "private", "own": False, "proxy": "private", "public": False, "services": [
        {"name": name, "kind": "leaf"} for name in ("communicating-service", "other-server", "quiet-service")]}
    assert info["duration_stretch"] == 20

    def known():
        back.request("172.18.0.3", "quiet-service", 200, "/begin")
        page.step()
        return page.node("quiet-service")

    until(known, "the logs to be followed", 20)
    page.until(lambda: not page.deltas[-1].get("flash"), "a quiet second")
    before = page.sum(1)
    back.request("172.18.0.3", "quiet-service", 400)
    back.rotate()
    back.request("198.51.100.9", "communicating-service", 401)
    front.request("192.168.7.20", "shop")
    front.request("203.0.113.77", "shop")
    page.until(lambda: page.sum(1) >= before + 4, "four requests")
    ends = {(source, destination): (line["bad"], page.nodes[line["s"]]["kind"], page.nodes[line["s"]]["net"])
            for (source, destination, _), line in page.lines().items()}  # fmt: skip
    assert ends == {
        ("communicating-service", "quiet-service"): (1, "service", "private"),
        ("198.51.100.9", "communicating-service"): (1, "unknown", "private"),
        ("192.168.7.20", "shop"): (0, "host", "home"),
        ("other-server", "shop"): (0, "service", "private")}
    assert {(error["status"], error["path"]) for error in page.all("errors")} == {(400, "/x"), (401, "/x")}
    frames = []
    while len(frames) < 4:
        frame = json.loads(log.receive())
        if frame["path"] == "/x":
            frames.append(frame)
    assert {
        "network name": "private", "service from": "communicating-service", "service to": "quiet-service",
        "status": 400, "duration_ms": 18.2, "method": "GET", "path": "/x", "time": "2026-11-28T16:00:00.123Z"} in frames
    page.close()
    log.close()


def test_the_map_has_a_port_of_its_own(stack, tmp_path):
    port = free_port()
    plane, browser = start(stack, tmp_path, port=port, public_on_lan=True)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", "/")
    answer = connection.getresponse()
    assert (answer.status, answer.headers["location"]) == (302, "/map?alone")
    answer.read()
    connection.request("GET", "/network_info")
    assert connection.getresponse().status == 200
    assert plane.ask("GET", "/network_info").status == 200
    assert plane.ask("GET", "/api/v1/events").status == 401
    plane.kill()
