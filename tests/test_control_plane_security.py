"""What an attacker on the wire, in another page or with a slow line can do to control-plane and its pages: nothing."""

import base64
import json
import re
import socket
import sqlite3
import threading
import time
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from urllib.parse import quote, urlencode

import pytest

from support import eve
from support.control_plane import PASSWORD, ControlPlane, admitted
from support.pages import Visitor, playwright
from support.stack import Stack
from support.waiting import until

# It has to stay text, wherever it is shown.
HOSTILE = "<img src=x onerror=\"window.owned=1\"><script>window.owned=1</script>'\"><svg onload=window.owned=1>javascript:window.owned=1"
RULE = {"action": "allowed", "gid": 1, "signature_id": 9100000, "rev": 1, "severity": 1, "signature": "LOCAL a rule", "category": "Misc"}


def _alert(**changes):
    return "alert", {"alert": {**RULE, **changes}}


# Each place of an event that somebody on the wire, or who writes rules, fills.
FIELDS = {
    "http host": ("http", {"http": {"hostname": HOSTILE, "url": "/", "http_method": "GET"}}),
    "http url": ("http", {"http": {"hostname": "a.example", "url": "/" + HOSTILE, "http_method": HOSTILE}}),
    "http agent": ("http", {"http": {"hostname": "a.example", "url": "/", "http_user_agent": HOSTILE, "http_refer": HOSTILE}}),
    "http type": ("http", {"http": {"hostname": "a.example", "url": "/", "http_content_type": HOSTILE, "protocol": HOSTILE}}),
    "dns name": ("dns", {"dns": {"version": 2, "type": "query", "id": 1, "rrname": HOSTILE, "rrtype": "A"}}),
    "dns answer": ("dns", {"dns": {"version": 2, "type": "answer", "id": 1, "rrname": "a.example", "rrtype": "TXT",
                                   "answers": [{"rrname": HOSTILE, "rrtype": "TXT", "ttl": 1, "rdata": HOSTILE}],
                                   "grouped": {"TXT": [HOSTILE]}}}),
    "tls sni": ("tls", {"tls": {"sni": HOSTILE, "version": "TLS 1.3"}}),
    "tls certificate": ("tls", {"tls": {"subject": "CN=" + HOSTILE, "issuerdn": "CN=" + HOSTILE, "serial": HOSTILE, "version": HOSTILE}}),
    "file name": ("fileinfo", {"fileinfo": {"filename": HOSTILE, "magic": HOSTILE, "state": "CLOSED", "stored": False, "size": 1}}),
    "ssh banner": ("ssh", {"ssh": {"client": {"proto_version": "2.0", "software_version": HOSTILE},
                                   "server": {"proto_version": "2.0", "software_version": HOSTILE}}}),
    "dhcp name": ("dhcp", {"dhcp": {"type": "request", "id": 1, "client_mac": "02:00:00:00:00:01", "assigned_ip": "192.168.1.77",
                                    "dhcp_type": "ack", "hostname": HOSTILE}}),
    "smb file": ("smb", {"smb": {"id": 1, "dialect": HOSTILE, "command": "SMB2_COMMAND_CREATE", "filename": HOSTILE, "share": HOSTILE}}),
    "mail": ("smtp", {"smtp": {"helo": HOSTILE, "mail_from": HOSTILE, "rcpt_to": [HOSTILE]},
                      "email": {"from": HOSTILE, "to": [HOSTILE], "subject": HOSTILE}}),
    "ftp command": ("ftp", {"ftp": {"command": "RETR", "command_data": HOSTILE, "reply": [HOSTILE]}}),
    "rule": _alert(signature=HOSTILE, category=HOSTILE),
    "rule text": _alert(rule=HOSTILE, references=["javascript:window.owned=1", HOSTILE], metadata={HOSTILE: [HOSTILE]}),
    "payload": ("alert", {"alert": RULE, "payload": base64.b64encode(HOSTILE.encode()).decode(), "payload_printable": HOSTILE,
                          "packet": base64.b64encode(HOSTILE.encode()).decode(), "packet_info": {"linktype": 1}}),
    "address": ("flow", {"src_ip": HOSTILE, "proto": HOSTILE, "app_proto": HOSTILE}),
    "unknown": ("newproto", {"newproto": {"command": HOSTILE, HOSTILE: [HOSTILE]}}),
    "type": (HOSTILE, {}),
}


@pytest.fixture(scope="module")
def plane(tmp_path_factory, pages):
    """A control plane over a store whose events are all hostile; ana is an admin, ben an analyst."""
    stack = Stack()
    began = datetime.now(timezone.utc) - timedelta(minutes=50)
    events = [eve.event(number, kind, time=began + timedelta(minutes=number), **changes)
              for number, (kind, changes) in enumerate(FIELDS.values())]
    more = [eve.event(100 + number, "alert", time=began + timedelta(seconds=number)) for number in range(60)]
    eve.append(stack.eve, b"".join(eve.encode(event) for event in events + more))
    stack.start()
    plane = None
    try:
        stack.until_stored(len(events) + len(more), 60)
        plane = ControlPlane(tmp_path_factory.mktemp("plane"), tls="off", pages_dir=str(pages),
                             sections={"sqlite": {"path": str(stack.store)}})
        plane.start().until_ready()
        ana = plane.set_up("ana")
        assert ana.post("/users", {"name": "ben", "role": "analyst", "password": PASSWORD}).status == 201
        plane.until_indexed(stack.store)
        plane.store = stack.store
        yield plane
    finally:
        if plane:
            plane.kill()
        stack.close()


@pytest.fixture(scope="module")
def ana(plane):
    return plane.browser("ana")


def documents(plane):
    with sqlite3.connect(f"file:{plane.store}?mode=ro", uri=True) as connection:
        return {id: json.loads(document) for id, document in connection.execute("SELECT id, document FROM events")}


def assert_text(page):
    """Nothing that was written by others has become a part of the page."""
    page.wait_for_load_state("networkidle")
    found = page.evaluate("""() => ({
        owned: Boolean(window.owned), pictures: document.querySelectorAll('main img, main svg[onload], main script').length,
        links: [...document.querySelectorAll('a[href]')].filter((link) => !/^(https?|blob):$/.test(link.protocol)).length,
        handlers: [...document.querySelectorAll('main *')].filter((element) => [...element.attributes].some(({ name }) => name.startsWith('on'))).length })""")
    assert found == {"owned": False, "pictures": 0, "links": 0, "handlers": 0}, page.url


def test_what_is_written_on_the_wire_stays_text_on_every_page(plane, browser):
    visitor = Visitor(browser, plane.origin)
    try:
        page = visitor.log_in("ana", PASSWORD)
        for path in ("/", "/inbox", "/events", "/hosts", "/hosts/192.168.1.77", "/escalated", "/audit"):
            visitor.visit(path)
            page.get_by_role("heading", level=1).wait_for()
            assert_text(page)
        hostile = [id for id, document in documents(plane).items() if "owned" in json.dumps(document)]
        assert len(hostile) == len(FIELDS)
        for id in hostile:
            visitor.visit(f"/events/{id}")
            page.get_by_role("tab", name="All fields").wait_for()
            for tab in page.get_by_role("tab").all():
                tab.click()
                assert_text(page)
        # Completions come from the events, too.
        for field in ("host", "sni", "dns", "ua", "file", "sig", "user", "app"):
            visitor.visit("/events")
            box = page.get_by_role("combobox", name="Search events")
            with page.expect_response(lambda answer: "/events/values" in answer.url):
                box.press_sequentially(f"{field}:")
            assert_text(page)
        assert visitor.complaints == []
    finally:
        visitor.close()


def test_what_people_write_stays_text_for_others(plane, browser, ana):
    id, document = next((id, document) for id, document in documents(plane).items() if "alert" in document["suricata"]["eve"])
    assert ana.post(f"/events/{id}/comments", {"text": HOSTILE}).status == 201
    assert ana.send("PUT", "/filters/hostile", {"name": HOSTILE[:60], "q": '"<img src=x>"'}).status == 204
    assert ana.send("PUT", "/archive-rules/hostile", {"q": "sid:1", "note": HOSTILE}).status == 204
    assert ana.post("/tokens", {"name": HOSTILE[:60], "role": "viewer", "days": 1}).status == 201
    visitor = Visitor(browser, plane.origin)
    try:
        page = visitor.log_in("ana", PASSWORD)
        for path in (f"/events/{id}", "/events", "/rules", "/account", "/audit", "/users"):
            visitor.visit(path)
            page.get_by_role("heading", level=1).wait_for()
            assert_text(page)
        visitor.visit("/events?" + urlencode({"q": HOSTILE, "from": HOSTILE}))
        assert_text(page)
        # What is no query is told as one, and here with status 400.
        assert all("400" in complaint for complaint in visitor.complaints)
    finally:
        visitor.close()
        ana.delete("/archive-rules/hostile")


QUERIES = [
    "'; DROP TABLE events; --", "' OR '1'='1", '" OR 1=1 --', "sid:1) OR 1=1", "sid:1 UNION SELECT 1", "x) OR (1", "NEAR(a b)", "a NEAR b",
    '"a" * OR "b"', "text : a", "{text} : a", "^a", "a + b", "terms:x", 'x" OR text:"y', "%", "_%", "a*b*", "src:1.2.3.4'", "sig:\"'\"", "\\", "'", "''",
    "rowid:1", "seq:1;", "is:open' OR 1", "flow:1 OR 1", "host:*.%", "url:$.a", "suricata.eve.x'.y:1", 'suricata.eve."x":1']


@pytest.mark.parametrize("query", QUERIES)
def test_no_query_becomes_sql(plane, ana, query):
    before = documents(plane)
    for path in ("/events", "/events/histogram", "/groups", "/events/values", "/events/query"):
        parameters = {"field": "host", "prefix": query} if path.endswith("values") else {"q": query}
        answer = admitted(lambda: ana.get(f"{path}?{urlencode(parameters)}"))
        assert answer.status in (200, 400), (path, answer.body)
        assert not re.search("sqlite|syntax error|fts5|near \"", answer.body, re.I), answer.body
    found = ana.get("/events?" + urlencode({"q": query, "limit": 200}))
    if found.status == 200:
        # None of them is written anywhere, so that whatever is found has been taken for something else.
        assert len(found.json["events"]) < len(before)
    assert documents(plane) == before and ana.get("/events?limit=1").json["events"]


def test_parameters_of_places_are_no_sql(ana):
    for value in ("1'", "1 OR 1", "1;--", "-1", "1e9", "0x1", "9" * 30, "%25", "' UNION SELECT password FROM users--"):
        for path, name in (("/events", "after"), ("/events", "since"), ("/groups", "after"), ("/audit", "before"), ("/hosts", "q"),
                           ("/events", "from"), ("/events/values", "field"), ("/audit", "user")):
            answer = admitted(lambda: ana.get(f"{path}?{urlencode({name: value})}"))
            assert answer.status in (200, 400) and "$y$" not in answer.body, (path, name, value, answer.body)
        for path in ("/events/{}", "/groups/{}", "/hosts/{}", "/events/{}/pcap", "/filters/{}"):
            answer = admitted(lambda: ana.get(path.format(quote(value, safe=""))))
            assert answer.status in (400, 404, 405, 421) and "$y$" not in answer.body, (path, value, answer.body)


# Slow clients


def slow(plane, first, then, every=0.2, seconds=60):
    """Sends slowly until the server has enough; returns after how many seconds it did, or None."""
    began = time.monotonic()
    with socket.create_connection(("127.0.0.1", plane.web_port), timeout=10) as connection:
        connection.sendall(first)
        connection.settimeout(every)
        while time.monotonic() - began < seconds:
            try:
                if connection.recv(4096) == b"":
                    return time.monotonic() - began
            except TimeoutError:
                pass
            except OSError:
                return time.monotonic() - began
            try:
                if then:
                    connection.sendall(then)
            except OSError:
                return time.monotonic() - began
    return None


def test_slow_clients_are_left_and_hold_up_nobody(plane, ana):
    host = f"Host: 127.0.0.1:{plane.web_port}\r\n".encode()
    body = b"POST /api/v1/session HTTP/1.1\r\n" + host + b"Content-Type: application/json\r\nContent-Length: 900\r\n\r\n{"
    ways = {"silent": (b"", b""), "head": (b"GET / HTTP/1.1\r\n" + host, b"X: a\r\n"), "body": (body, b" "), "half": (body, b"")}
    ended = {}
    threads = [threading.Thread(target=lambda way=way: ended.setdefault((way, number), slow(plane, *ways[way])))
               for way in ways for number in range(10)]
    for thread in threads:
        thread.start()
    slowest = 0
    while any(thread.is_alive() for thread in threads):
        began = time.monotonic()
        assert admitted(lambda: ana.get("/session")).status == 200
        slowest = max(slowest, time.monotonic() - began)
        time.sleep(0.2)
    assert all(ended.values()), ended
    assert slowest < 5, slowest
    assert plane.running


def test_a_client_that_does_not_read_is_left(plane, ana):
    """An export that nobody takes ends, and the next one has its turn."""
    head = (f"GET /api/v1/events/export HTTP/1.1\r\nHost: 127.0.0.1:{plane.web_port}\r\n"
            f"Cookie: {plane.cookie_name}={ana.cookie}\r\n\r\n").encode()
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(("127.0.0.1", plane.web_port))
        connection.sendall(head)
        until(lambda: ana.get("/events/export").status == 200, "the next export to have its turn", 90, every=1)
    assert ana.get("/events?limit=1").status == 200


def test_half_a_handshake_of_tls_is_left(tmp_path):
    plane = ControlPlane(tmp_path).start().until_ready()
    try:
        ended = slow(plane, b"\x16\x03\x01\x02\x00\x01", b"", seconds=60)
        assert ended is not None
        with socket.create_connection(("127.0.0.1", plane.web_port), timeout=10) as plain:
            plain.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            with suppress(ConnectionResetError):
                assert b"HTTP" not in plain.recv(4096)
        assert plane.ask("GET", "/api/health").status == 200
    finally:
        plane.kill()


# Several people


def test_two_people_work_on_the_same_inbox(plane, browser):
    expect = playwright().expect
    ana, ben = (Visitor(browser, plane.origin) for _ in range(2))
    try:
        ana.log_in("ana", PASSWORD)
        ben.log_in("ben", PASSWORD)
        for visitor in (ana, ben):
            visitor.visit("/inbox")
            visitor.page.locator("tbody tr").first.wait_for()
        rows = ana.page.locator("tbody tr")
        before = rows.count()
        name = rows.first.locator("td.wide a").inner_text()
        for visitor in (ana, ben):
            for key in ("j", "e"):
                visitor.page.keyboard.press(key)
        ana.page.get_by_text("1 group archived").wait_for()
        # To ben it was there still: it is archived once, and his list is true again.
        expect(rows).to_have_count(before - 1)
        expect(ben.page.locator("tbody tr")).to_have_count(before - 1)
        ana.page.get_by_role("button", name="Undo").click()
        ben.visit("/escalated")
        ana.visit("/inbox")
        rows.first.wait_for()
        ana.page.keyboard.press("j")
        ana.page.keyboard.press("s")
        ana.page.get_by_text("1 group escalated").wait_for()
        ben.visit("/escalated")
        ben.page.locator("tbody tr").first.wait_for()
        # What ana ends for herself ends nothing for ben.
        ana.page.get_by_role("button", name="ana, admin").click()
        ana.page.get_by_role("button", name="Log out").click()
        ana.page.get_by_role("heading", name="Log in").wait_for()
        ben.visit("/inbox")
        ben.page.get_by_role("heading", name="Inbox").wait_for()
        assert ana.complaints == ben.complaints == [] and name
    finally:
        ana.close()
        ben.close()
