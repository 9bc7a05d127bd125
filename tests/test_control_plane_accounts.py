"""Accounts of control-plane, over TLS as browsers and programs use them: who gets in, what each may do, and what is kept."""

import http.client
import os
import re
import socket
import sqlite3
import ssl
import statistics
import subprocess
import threading
import time

import pytest

from support import metrics
from support.aws import programs_of
from support.control_plane import PASSWORD, Browser, ControlPlane, admitted
from support.processes import REPOSITORY, RedisServer, clean_environment
from support.waiting import until

ROLES = ["viewer", "analyst", "admin"]
# Methods that change something.
CHANGING = {"POST", "PUT", "PATCH", "DELETE"}


@pytest.fixture
def new_plane(tmp_path):
    made = []

    def make(start=True, **options):
        directory = tmp_path / str(len(made))
        directory.mkdir()
        made.append(ControlPlane(directory, **options))
        return made[-1].start().until_ready() if start else made[-1]

    yield make
    for plane in made:
        plane.kill()


@pytest.fixture(scope="module")
def plane(tmp_path_factory):
    """One with a user of each role, named by it; tests leave these as they are."""
    plane = ControlPlane(tmp_path_factory.mktemp("plane")).start().until_ready()
    admin = plane.set_up("admin")
    for name, role in [*zip(ROLES[:-1], ROLES), ("victim", "viewer")]:
        assert admin.post("/users", {"name": name, "role": role, "password": PASSWORD}).status == 201
    yield plane
    plane.kill()


@pytest.fixture(scope="module")
def browsers(plane):
    """A browser of each role that is logged in."""
    return {role: plane.browser(role) for role in ROLES}


@pytest.fixture
def redis(tmp_path):
    server = RedisServer(tmp_path).start()
    yield server
    server.kill()


def filled(path):
    """A path with something in the place of its parameters."""
    return re.sub(r"\{\w+\}", "1", path).removeprefix("/api/v1")


def database(plane):
    return sqlite3.connect(plane.data / "triage.db", timeout=10)


def change(plane, statement, *values):
    """What time would do, done to the tables; the service reads what others have changed within a second."""
    with database(plane) as connection:
        connection.execute(statement, values)
    connection.close()


# First start


def test_the_first_account_is_made_with_the_code_of_the_log(new_plane):
    plane = new_plane()
    code = plane.setup_code
    assert re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}", code)
    assert f"code={code}" in plane.log
    assert os.stat(plane.data / "setup-code").st_mode & 0o777 == 0o600
    assert os.stat(plane.data).st_mode & 0o777 == 0o700
    assert plane.ask("GET", "/api/v1/setup").json == {"needed": True}
    browser = Browser(plane)
    # As it may be typed.
    made = browser.post("/setup", {"code": code.lower().replace("-", " "), "user": "ana", "password": PASSWORD})
    assert made.status == 201 and made.json["role"] == "admin"
    assert browser.get("/session").json["user"] == "ana"
    assert not (plane.data / "setup-code").exists()
    assert plane.ask("GET", "/api/v1/setup").json == {"needed": False}
    again = browser.post("/setup", {"code": code, "user": "eve", "password": PASSWORD})
    assert again.status == 409


def test_ten_wrong_codes_make_a_new_one(new_plane):
    plane = new_plane()
    code = plane.setup_code
    for number in range(10):
        wrong = plane.ask("POST", "/api/v1/setup", {"code": f"00000-0000{number}", "user": "eve", "password": PASSWORD},
                          source=f"127.0.0.{number + 10}")
        assert wrong.status == 403 and wrong.json["part"] == "code", wrong.body
    assert plane.setup_code != code and f"code={plane.setup_code}" in plane.log
    late = admitted(lambda: plane.ask(
        "POST", "/api/v1/setup", {"code": code, "user": "eve", "password": PASSWORD}, source="127.0.0.99"))
    assert late.status == 403
    assert Browser(plane, source="127.0.0.98").post(
        "/setup", {"code": plane.setup_code, "user": "ana", "password": PASSWORD}).status == 201


@pytest.mark.parametrize("name, password, part", [
    ("ana", "short", "/password"), ("ana", "aaaaaaaaaaaaaa", "/password"), ("ana", "ana and some more", "/password"),
    ("ana", "a\tpassword with it", "/password"), ("", PASSWORD, "/user"), ("a b", PASSWORD, "/user"),
    ("Ana", PASSWORD, "/user"), ("-ana", PASSWORD, "/user"), ("ana\nroot", PASSWORD, "/user")])
def test_unfit_names_and_passwords_are_refused_with_the_reason(new_plane, name, password, part):
    plane = new_plane()
    made = Browser(plane).post("/setup", {"code": plane.setup_code, "user": name, "password": password})
    assert made.status == 422 and made.json["part"] == part, made.body
    assert plane.ask("GET", "/api/v1/setup").json == {"needed": True}


def test_a_password_in_a_file_makes_the_first_account_without_anybody(new_plane, tmp_path):
    (tmp_path / "password").write_text(PASSWORD + "\n")
    plane = new_plane(environment={"WEB_ADMIN_PASSWORD_FILE": str(tmp_path / "password")})
    assert "setup code" not in plane.log and PASSWORD not in plane.log
    assert plane.browser("admin").get("/session").json["role"] == "admin"


def test_an_unfit_password_in_a_file_is_told_at_the_start(new_plane):
    plane = new_plane(environment={"WEB_ADMIN_PASSWORD": "short"}, start=False).start()
    assert plane.wait() == 1
    assert "web.admin_password: a password has at least 12 characters" in plane.log and "short" not in plane.log


# Who may do what


def test_each_operation_asks_for_a_session_or_says_that_it_does_not(plane):
    operations = plane.documented()
    assert len(operations) > 15
    for method, path, operation in operations:
        answer = Browser(plane).send(method, filled(path), {} if method in CHANGING - {"DELETE"} else None)
        if operation["security"]:
            assert answer.status == 401, (method, path, answer.body)
            assert operation["x-role"] in ROLES
        else:
            assert answer.status not in (401, 403), (method, path, answer.body)


@pytest.mark.parametrize("role", ROLES[:-1])
def test_each_operation_is_refused_to_lower_roles(plane, browsers, role):
    higher = ROLES[ROLES.index(role) + 1:]
    found = [operation for operation in plane.documented() if operation[2].get("x-role") in higher]
    assert found or role == "analyst"
    for method, path, operation in found:
        answer = browsers[role].send(method, filled(path), {} if method in CHANGING - {"DELETE"} else None)
        assert answer.status == 403 and operation["x-role"] in answer.json["detail"], (method, path, answer.body)


@pytest.mark.parametrize("headers", [
    {"Origin": "https://evil.example", "Sec-Fetch-Site": None}, {"Origin": "null", "Sec-Fetch-Site": None},
    {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": None, "Sec-Fetch-Site": "none"},
    {"Origin": None, "Sec-Fetch-Site": None}, {"Origin": "https://evil.example"}])
def test_pages_of_others_can_change_nothing(plane, browsers, headers):
    for method, path, operation in plane.documented():
        if method in CHANGING:
            answer = browsers["admin"].send(method, filled(path), None if method == "DELETE" else {}, headers)
            assert answer.status == 403 and "origin" in answer.json["detail"], (method, path, answer.body)
    assert browsers["admin"].get("/session").status == 200


def test_a_body_of_a_form_is_refused(browsers):
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", None):
        answer = browsers["admin"].send("POST", "/users", b'{"name":"x"}', {"Content-Type": kind})
        assert answer.status == 415, answer.body


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8000", "localhost.evil.example", "", "[::1", "a b"])
def test_a_name_that_is_not_ours_is_refused(plane, browsers, host):
    for path in ("/", "/api/health", "/api/v1/session", "/openapi.json", "/docs", "/ca.crt", "/assets/x/y"):
        assert plane.ask("GET", path, headers={"Host": host}).status in (400, 421), path
    answer = browsers["admin"].send("POST", "/tokens", {}, {"Host": host, "Origin": f"https://{host}"})
    assert answer.status in (400, 421)


def test_addresses_and_names_of_this_machine_are_ours(new_plane):
    plane = new_plane(allowed_hosts=["ids.example.org"])
    for host in ("127.0.0.1", "[::1]:8000", "localhost:8000", "LOCALHOST", "192.168.1.7", socket.gethostname(),
                 socket.gethostname().partition(".")[0] + ".local", "ids.example.org"):
        assert plane.ask("GET", "/api/health", headers={"Host": host}).status == 200, host


def own_address():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("198.51.100.1", 9))
        except OSError:
            pytest.skip("this machine has the loopback alone")
        return probe.getsockname()[0]


def test_clients_outside_of_the_networks_are_refused(new_plane):
    plane = new_plane(bind="0.0.0.0", allowed_networks=["203.0.113.0/24"])
    address = own_address()
    with socket.create_connection((address, plane.web_port), timeout=10) as raw:
        context = ssl.create_default_context(cafile=plane.data / "tls/ca.crt")
        context.check_hostname = False
        with context.wrap_socket(raw, server_hostname=address) as tls:
            tls.sendall(f"GET /api/v1/setup HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n".encode())
            answer = http.client.HTTPResponse(tls)
            answer.begin()
            assert answer.status == 403 and b"allowed_networks" in answer.read()
    assert plane.ask("GET", "/api/v1/setup").status == 200


# Sessions


def test_the_cookie_is_for_this_host_over_tls_alone(plane):
    cookie = Browser(plane, source="127.0.1.1").log_in("viewer").fields["set-cookie"]
    name, _, rest = cookie.partition("=")
    assert name == f"__Host-ids-{plane.web_port}" == plane.cookie_name
    assert {part.strip() for part in rest.split(";")[1:]} == {
        "Path=/", "HttpOnly", "Secure", "SameSite=Strict", "Max-Age=604800"}


def test_a_stolen_cookie_is_of_no_use_after_the_end_of_its_session(plane):
    thief, other = Browser(plane), plane.browser("victim")
    for end in ("log out", "end", "password"):
        victim = plane.browser("victim")
        thief.cookie = victim.cookie
        assert thief.get("/session").status == 200
        if end == "log out":
            assert victim.delete("/session").status == 204 and victim.cookie is None
        elif end == "end":
            place = next(one for one in victim.get("/account/sessions").json["sessions"] if one["current"])
            assert other.delete(f"/account/sessions/{place['id']}").status == 204
            assert other.delete(f"/account/sessions/{place['id']}").status == 404
        else:
            wrong = admitted(lambda: victim.post("/account/password", {"current": "not this one", "new": PASSWORD}))
            assert wrong.status == 403 and wrong.json["part"] == "/current"
            changed = admitted(lambda: victim.post("/account/password", {"current": PASSWORD, "new": PASSWORD}))
            assert changed.status == 200 and victim.get("/session").status == 200
            assert other.get("/session").status == 401
            assert victim.cookie != thief.cookie
        assert thief.get("/session").status == 401


def test_a_change_of_role_ends_the_sessions(plane):
    admin = plane.browser("admin")
    assert admin.post("/users", {"name": "ben", "role": "viewer", "password": PASSWORD}).status == 201
    ben = plane.browser("ben")
    token = ben.post("/tokens", {"name": "t", "role": "viewer", "days": 1}).json["token"]
    assert admin.patch("/users/ben", {"role": "analyst"}).json["role"] == "analyst"
    assert plane.ask("DELETE", "/api/v1/account/sessions", headers={"Authorization": f"Bearer {token}"}).status == 403
    assert ben.get("/session").status == 401
    assert plane.browser("ben").get("/session").json["role"] == "analyst"
    ben = plane.browser("ben")
    assert admin.patch("/users/ben", {"disabled": True}).status == 200
    assert ben.get("/session").status == 401
    assert plane.ask("GET", "/api/v1/session", headers={"Authorization": f"Bearer {token}"}).status == 401
    assert admitted(lambda: Browser(plane, source="127.0.1.3").log_in("ben")).status == 401
    assert admin.delete("/users/ben").status == 204
    assert admin.get("/users").json["users"][0]["name"] == "admin"


def test_sessions_outlive_the_service_and_end_by_time(new_plane):
    plane = new_plane()
    browser = plane.set_up()
    plane.restart().until_ready()
    assert browser.get("/session").status == 200
    for column, seconds in (("used", 12 * 3600 + 60), ("created", 7 * 86400 + 60)):
        browser = plane.browser("ana")
        plane.kill()
        change(plane, f"UPDATE sessions SET {column} = {column} - ?", seconds)
        plane.start().until_ready()
        assert browser.get("/session").status == 401


def test_dangerous_actions_ask_for_the_password_again(new_plane):
    plane = new_plane()
    browser = plane.set_up()
    assert browser.post("/tokens", {"name": "t", "role": "viewer", "days": 1}).status == 201
    change(plane, "UPDATE sessions SET confirmed = confirmed - 301")
    until(lambda: browser.get("/session").json["confirmed_until"] is None, "the change to be read")
    for answer in (browser.post("/tokens", {"name": "t", "role": "viewer", "days": 1}), browser.delete("/users/x"),
                   browser.post("/users", {"name": "x", "role": "viewer", "password": PASSWORD}),
                   browser.patch("/users/x", {"role": "viewer"})):
        assert answer.status == 403 and answer.json["part"] == "confirmation"
    wrong = browser.post("/account/confirmation", {"password": "not this one"})
    assert wrong.status == 403 and wrong.json["part"] == "/password"
    confirmed = browser.post("/account/confirmation", {"password": PASSWORD})
    assert confirmed.status == 200 and confirmed.json["confirmed_until"]
    assert browser.post("/tokens", {"name": "t", "role": "viewer", "days": 1}).status == 201


def test_the_last_admin_stays(new_plane):
    plane = new_plane()
    admin = plane.set_up()
    assert admin.delete("/users/ana").status == 409
    assert admin.patch("/users/ana", {"role": "analyst"}).status == 409
    assert admin.patch("/users/ana", {"disabled": True}).status == 409
    assert admin.post("/users", {"name": "ben", "role": "admin", "password": PASSWORD}).status == 201
    assert admin.post("/users", {"name": "ben", "role": "viewer", "password": PASSWORD}).status == 409
    assert admin.delete("/users/ana").status == 204
    assert admin.get("/session").status == 401


def test_two_on_one_machine_do_not_log_each_other_out(new_plane):
    """Cookies are of a host and all its ports."""
    planes = [new_plane(tls="off") for _ in range(2)]
    for plane in planes:
        plane.set_up()
    jar = "; ".join(f"{plane.cookie_name}={plane.browser('ana').cookie}" for plane in planes)
    for plane in planes:
        assert plane.ask("GET", "/api/v1/session", headers={"Cookie": jar}).status == 200


# Tokens


def test_a_token_does_what_its_role_allows_and_no_more(plane, browsers):
    made = browsers["analyst"].post("/tokens", {"name": "home", "role": "viewer", "days": 30})
    assert made.status == 201 and re.fullmatch(r"ids_[0-9a-hjkmnp-tv-z]{52}", made.json["token"])
    headers = {"Authorization": f"Bearer {made.json['token']}"}
    assert plane.ask("GET", "/api/v1/session", headers=headers).json["role"] == "viewer"
    # A program has no origin, and no one to type a password.
    refused = plane.ask("POST", "/api/v1/tokens", {"name": "x", "role": "viewer", "days": 1}, headers)
    assert refused.status == 403 and "token" in refused.json["detail"]
    assert plane.ask("GET", "/api/v1/users", headers=headers).status == 403
    assert browsers["analyst"].post("/tokens", {"name": "x", "role": "admin", "days": 1}).status == 403
    listed = browsers["analyst"].get("/tokens").json["tokens"]
    assert [token["name"] for token in listed] == ["home"] and "token" not in listed[0]
    assert browsers["viewer"].get("/tokens").json["tokens"] == []
    number = listed[0]["id"]
    assert browsers["viewer"].delete(f"/tokens/{number}").status == 404
    assert browsers["admin"].delete(f"/tokens/{number}").status == 204
    assert plane.ask("GET", "/api/v1/session", headers=headers).status == 401


def test_a_token_ends_by_time(plane, browsers):
    made = browsers["viewer"].post("/tokens", {"name": "short", "role": "viewer", "days": 1}).json
    headers = {"Authorization": f"Bearer {made['token']}"}
    assert plane.ask("GET", "/api/v1/session", headers=headers).status == 200
    change(plane, "UPDATE tokens SET expires = expires - 86401 WHERE id = ?", made["id"])
    until(lambda: plane.ask("GET", "/api/v1/session", headers=headers).status == 401, "the token to end")


# Guessing


def test_a_wrong_password_and_a_wrong_name_cannot_be_told_apart(new_plane):
    plane = new_plane()
    plane.set_up()
    times = {"ana": [], "nobody": []}
    # As many tries as cost nothing, each from a client of its own.
    for number in range(2, 7):
        for at, name in enumerate(times):
            began = time.monotonic()
            answer = plane.ask("POST", "/api/v1/session", {"user": name, "password": "not this one"},
                               source=f"127.0.{at + 1}.{number}")
            times[name].append(time.monotonic() - began)
            assert answer.status == 401 and answer.json["detail"] == "the name or the password is wrong"
        time.sleep(0.3)
    ratio = statistics.median(times["ana"]) / statistics.median(times["nobody"])
    assert 0.4 < ratio < 2.5, times


def test_wrong_passwords_are_slowed_down_for_the_account_and_the_client(new_plane):
    plane = new_plane()
    plane.set_up()
    for number in range(5):
        answer = plane.ask("POST", "/api/v1/session", {"user": "ana", "password": f"wrong {number}"}, source="127.0.0.2")
        assert answer.status == 401
    refused = plane.ask("POST", "/api/v1/session", {"user": "ana", "password": PASSWORD}, source="127.0.0.3")
    assert refused.status == 429 and 1 <= int(refused.fields["retry-after"]) <= 2
    assert plane.ask("POST", "/api/v1/session", {"user": "ben", "password": "x"}, source="127.0.0.2").status == 429
    # From where the account was made it is entered as ever, and nobody else is kept out for good.
    assert Browser(plane).log_in("ana").status == 200
    browser = Browser(plane, source="127.0.0.3")
    until(lambda: browser.log_in("ana").status == 200, "the pause to be over", 10, every=0.5)


def test_a_thousand_log_ins_a_second_hold_nobody_up(plane, browsers):
    counts, lock = {}, threading.Lock()
    began = time.monotonic()

    def is_over():
        with lock:
            return sum(counts.values()) >= 2000 or time.monotonic() - began > 60

    def hammer(number):
        connection = plane.connection(source=f"127.7.{number}.1")
        while not is_over():
            try:
                connection.request("POST", "/api/v1/session", b'{"user":"admin","password":"wrong"}',
                                   {"Content-Type": "application/json"})
                answer = connection.getresponse()
                answer.read()
                status = answer.status
            except (OSError, http.client.HTTPException):
                connection.close()
                status = "closed"
            with lock:
                counts[status] = counts.get(status, 0) + 1

    threads = [threading.Thread(target=hammer, args=(number,)) for number in range(10)]
    for thread in threads:
        thread.start()
    slowest = 0
    while any(thread.is_alive() for thread in threads):
        asked = time.monotonic()
        assert browsers["viewer"].get("/session").status == 200
        assert plane.get("/healthz")[0] == 200
        slowest = max(slowest, time.monotonic() - asked)
        time.sleep(0.05)  # one session may ask a hundred times a second
    for thread in threads:
        thread.join()
    # Ten tries a second of all together, and as many as may come at once.
    seconds = time.monotonic() - began
    assert counts.get(401, 0) <= 20 + 10 * seconds and counts.get(429, 0) > 1000, (counts, seconds)
    assert set(counts) <= {401, 429, 503, "closed"}, counts
    assert slowest < 2, slowest


def test_more_than_a_hundred_requests_a_second_of_one_session_are_refused(plane):
    browser = plane.browser("viewer", source="127.0.1.9")
    connection = plane.connection()
    seen = set()
    until_time = time.monotonic() + 3
    while time.monotonic() < until_time and 429 not in seen:
        connection.request("GET", "/api/v1/session", headers={"Cookie": f"{plane.cookie_name}={browser.cookie}"})
        answer = connection.getresponse()
        answer.read()
        seen.add(answer.status)
        if answer.status == 429:
            assert answer.headers["retry-after"] == "1"
    assert seen == {200, 429}


# What is kept


def test_nothing_that_opens_a_door_is_kept_in_the_clear(new_plane):
    plane = new_plane()
    code, browser = plane.setup_code, plane.set_up()
    token = browser.post("/tokens", {"name": "t", "role": "viewer", "days": 1}).json["token"]
    link = re.search("link=(.*)", plane.command("login-link").stdout)[1]
    secrets = [PASSWORD, browser.cookie, token, link, code, code.replace("-", "")]
    kept = b"".join(path.read_bytes() for path in plane.data.glob("triage.db*"))
    for secret in secrets:
        assert secret.encode() not in kept
    for secret in (PASSWORD, browser.cookie, token, link):
        assert secret not in plane.log
    with database(plane) as connection:
        stored, = connection.execute("SELECT password FROM users").fetchone()
    assert stored.startswith("$y$")
    for path in plane.data.rglob("*"):
        if path.is_file() and path.name not in ("ca.crt", "server.crt"):
            assert path.stat().st_mode & 0o77 == 0, path


def test_the_audit_log_says_who_did_what_and_cannot_be_changed(new_plane):
    plane = new_plane()
    admin = plane.set_up()
    assert admin.post("/users", {"name": "ben", "role": "viewer", "password": PASSWORD}).status == 201
    assert admin.patch("/users/ben", {"role": "analyst", "password": PASSWORD + "!"}).status == 200
    Browser(plane, source="127.0.0.9").log_in("ben", "wrong")
    # Not what is no name: it may be a password.
    Browser(plane, source="127.0.0.9").log_in("my secret", "wrong")
    entries = admin.get("/audit?limit=3").json
    assert [entry["action"] for entry in entries["entries"]] == ["log in", "log in", "change user"]
    unknown, failed, changed = entries["entries"]
    assert (unknown["target"], failed["target"]) == ("", "ben") and "my secret" not in plane.log
    assert failed["result"] == "wrong name or password" and failed["address"] == "127.0.0.9" and failed["user"] == ""
    assert (changed["before"], changed["after"]) == ("viewer", "analyst, new password")
    rest = admin.get(f"/audit?before={entries['next']}").json
    assert [entry["action"] for entry in rest["entries"]] == ["make user", "set up", "make setup code"] and rest["next"] is None
    assert [entry["target"] for entry in admin.get("/audit?user=ana&action=set%20up").json["entries"]] == ["ana"]
    assert PASSWORD not in admin.get("/audit").body
    # One line of the log for each, whatever a name holds.
    forged = "t\r\nINFO forged=yes\u001b[2J"
    assert admin.post("/tokens", {"name": forged, "role": "viewer", "days": 1}).status == 201
    assert admin.get("/audit?limit=1").json["entries"][0]["target"] == forged and "\x1b" not in plane.log
    assert not re.search(r"^(INFO )?forged", plane.log, re.M) and "forged=yes" in plane.log
    with database(plane) as connection:
        for statement in ("UPDATE audit SET user = 'eve'", "DELETE FROM audit"):
            with pytest.raises(sqlite3.IntegrityError):
                connection.execute(statement)
    connection.close()


def test_the_audit_log_says_who_makes_alerts_and_comments_of_others_disappear(new_plane):
    plane = new_plane()
    admin = plane.set_up()
    assert admin.send("PUT", "/archive-rules/r", {"q": "sid:1"}).status == 204
    assert admin.delete("/archive-rules/r").status == 204 and admin.delete("/archive-rules/r").status == 404
    assert admin.post("/users", {"name": "ben", "role": "analyst", "password": PASSWORD}).status == 201
    ben = plane.browser("ben")
    own, other = (ben.post("/events/x/comments", {"text": text}).json["id"] for text in ("own", "false alarm"))
    assert ben.delete(f"/comments/{own}").status == 204 and admin.delete(f"/comments/{other}").status == 204
    entries = [[entry[member] for member in ("user", "action", "target", "before", "after")]
               for entry in admin.get("/audit").json["entries"]]
    assert entries[0] == ["ana", "remove comment", f"{other} of ben", "false alarm", None]
    assert entries[3:5] == [["ana", "remove archive rule", "r", "sid:1", None], ["ana", "set archive rule", "r", None, "sid:1"]]


def test_what_cannot_be_recorded_is_refused_and_the_log_says_why(new_plane):
    plane = new_plane()
    plane.set_up()
    change(plane, "CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'no room'); END")
    assert Browser(plane).log_in("ana").status == 500
    until(lambda: "no room" in plane.log, "the log to say why", 5)


def test_headers_of_a_request_do_not_get_into_the_answer(plane, browsers):
    for path in ("/api/v1/events/%0d%0aSet-Cookie:%20x=1", "/%0d%0aX-Injected:%20yes", "/docs?%0d%0aX-Injected:%20yes"):
        answer = plane.ask("GET", path, headers={"X-Injected": "yes", "User-Agent": "x\tX-Injected: yes"})
        assert "x-injected" not in answer.fields and "x=1" not in (answer.fields["set-cookie"] or "")


def test_no_path_leads_out_of_the_pages(new_plane, tmp_path):
    plane = new_plane(start=False)
    pages = plane.directory / "pages"
    pages.mkdir()
    (pages / "index.html").write_text('<!doctype html><title>page</title><script src="{{assets}}/app.js"></script>')
    (pages / "app.js").write_text("1;\n")
    (pages / "docs.html").write_text("<!doctype html><title>docs</title>")
    (pages / "robots.txt").write_text("User-agent: *\n")
    (plane.directory / "secret").write_text("not for the web")
    (pages / "link").symlink_to(plane.directory / "secret")
    plane.start().until_ready()
    for path in ("/../secret", "/assets/../secret", "/assets/x/../../../secret", "/%2e%2e/secret", "/..%2fsecret",
                 "/assets/%2e%2e%2f%2e%2e%2fsecret", "//etc/passwd", "/....//secret", "/.\\..\\secret",
                 "/assets/0/%00", "/data/triage.db", "/../data/setup-code", "/../data/tls/ca.key"):
        answer = plane.ask("GET", path)
        assert answer.status in (200, 400, 404), path
        for secret in ("not for the web", "root:", "SQLite", "PRIVATE KEY", plane.setup_code):
            assert secret not in answer.body, path
    page = plane.ask("GET", "/inbox/deep/in/it")
    assert page.status == 200 and page.fields["content-type"].startswith("text/html")
    script = re.search('src="([^"]*)"', page.body)[1]
    found = plane.ask("GET", script)
    assert found.body == "1;\n" and "immutable" in found.fields["cache-control"]
    assert plane.ask("GET", script.replace("app.js", "other.js")).status == 404
    # Swagger UI alone has pictures within its style.
    assert "img-src 'self' data:" in plane.ask("GET", "/docs").fields["content-security-policy"]
    assert "img-src" not in page.fields["content-security-policy"]
    assert plane.ask("GET", "/robots.txt").body == "User-agent: *\n"
    assert plane.ask("GET", "/api/v1/nothing").status == 404
    assert plane.ask("POST", "/api/v1/nothing", {}).status == 404


def test_the_script_of_the_pages_replaces_no_other_folder(tmp_path):
    kept = tmp_path / "kept"
    kept.write_text("mine")
    for folder in (tmp_path, kept):
        done = subprocess.run([REPOSITORY / "scripts/pages", folder], capture_output=True, text=True)
        assert done.returncode == 2 and "holds no pages" in done.stderr
    assert kept.read_text() == "mine"


def test_without_pages_the_api_works_and_the_page_says_what_brings_them(new_plane):
    plane = new_plane()
    page = plane.ask("GET", "/")
    assert page.status == 503 and "scripts/pages" in page.body and "index.html" in page.body
    health = plane.ask("GET", "/api/health").json
    assert health["ready"] and health["pages"] == {
        "complete": False, "missing": ["index.html"], "command": "scripts/pages"}
    assert plane.set_up().get("/session").status == 200


def test_each_answer_tells_browsers_to_be_strict(plane, browsers):
    for path in ("/", "/docs", "/api/v1/session", "/api/v1/nothing", "/openapi.json", "/assets/x/y"):
        fields = plane.ask("GET", path).fields
        policy = fields["content-security-policy"]
        assert "default-src 'self'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy
        assert fields["x-content-type-options"] == "nosniff" and fields["referrer-policy"] == "same-origin"
        assert fields["cross-origin-opener-policy"] == "same-origin" and "camera=()" in fields["permissions-policy"]
    assert browsers["admin"].get("/users").fields["cache-control"] == "no-store"


# Commands


def test_the_commands_work_beside_the_running_service(new_plane):
    plane = new_plane()
    assert plane.command("setup-code").stdout.strip() == plane.setup_code
    browser = plane.set_up()
    assert plane.command("setup-code").returncode == 1
    assert plane.command("users").stdout == "ana  admin  1 session\n"
    wrong = plane.command("reset-password", "ben", text="another good one\n")
    assert wrong.returncode == 1 and "there are: ana" in wrong.stderr
    short = plane.command("reset-password", "ana", text="short\n")
    assert short.returncode == 1 and "12 characters" in short.stderr
    done = plane.command("reset-password", "ana", text="another good one\n")
    assert done.returncode == 0, done.stderr
    until(lambda: browser.get("/session").status == 401, "the session to end", 5)
    assert Browser(plane).log_in("ana", "another good one").status == 200
    actions = [entry["action"] for entry in plane.browser("ana", "another good one").get("/audit").json["entries"]]
    assert "reset password" in actions


def test_a_link_logs_in_once(new_plane):
    plane = new_plane()
    made = plane.command("login-link")
    found = re.fullmatch(r"https://127\.0\.0\.1:(\d+)/login#link=([0-9A-Z]{26})\n", made.stdout)
    assert found and int(found[1]) == plane.web_port, made.stderr
    browser = Browser(plane)
    in_session = browser.post("/session", {"link": found[2]})
    assert in_session.status == 200 and in_session.json["user"] == "admin" and not in_session.json["has_password"]
    used = Browser(plane).post("/session", {"link": found[2]})
    assert used.status == 401 and used.json["part"] == "link"
    # The account has no password: it takes one without being asked for the old one, and none gets in before.
    assert Browser(plane, source="127.0.0.2").log_in("admin", "").status == 401
    assert browser.post("/account/password", {"new": PASSWORD}).status == 200
    assert plane.browser("admin").get("/session").json["has_password"]
    late = re.search("link=(.*)", plane.command("login-link", "admin").stdout)[1]
    change(plane, "UPDATE login_links SET expires = expires - 601")
    assert Browser(plane).post("/session", {"link": late}).status == 401
    assert plane.command("login-link", "nobody").returncode == 1
    # In a container the port is another one outside.
    plane.environment["WEB_PUBLISHED_PORT"] = "18000"
    assert "127.0.0.1:18000/login#link=" in plane.command("login-link").stdout


def test_a_request_that_is_sent_again_with_its_key_is_carried_out_once(plane):
    browser = plane.browser("admin")
    body, key = {"name": "once", "role": "viewer", "days": 1}, {"Idempotency-Key": "of this test"}
    made, again = (browser.send("POST", "/tokens", body, key) for _ in range(2))
    assert made.status == again.status == 201 and made.body == again.body
    assert again.fields["idempotent-replayed"] == "true"
    assert [token["name"] for token in browser.get("/tokens").json["tokens"]].count("once") == 1
    other = browser.send("POST", "/tokens", {**body, "days": 2}, key)
    assert other.status == 422 and other.json["part"] == "Idempotency-Key"
    # The key of one session is none of another.
    assert plane.browser("admin").send("POST", "/tokens", body, key).json["token"] != made.json["token"]
    posts = [operation for method, _, operation in plane.documented() if method == "POST" and "x-role" in operation]
    assert all("Idempotency-Key" in [parameter["name"] for parameter in operation["parameters"]] for operation in posts)
    assert all(len(operation["tags"]) == 1 for _, _, operation in plane.documented())


def test_the_metrics_are_those_of_the_document(plane):
    found = metrics.scrape(plane)
    assert not metrics.findings(found.text)
    assert found.get("ids_control_plane_sessions") > 0 and found.get("ids_control_plane_log_ins_total", result="done") > 0
    shared = {name for name in found.types if name.endswith(("_ready", "_log_lines_dropped_total")) or "_redis_" in name}
    table = metrics.table([found], "ids_control_plane_", shared)
    assert f"## control-plane\n\nOn port 9106.\n\n{table}\n" in (REPOSITORY / "docs/metrics.md").read_text()


# TLS


def test_tls_comes_with_an_authority_for_this_machine_alone(new_plane):
    plane = new_plane()
    tls = plane.data / "tls"
    offered = plane.ask("GET", "/ca.crt")
    assert offered.body == (tls / "ca.crt").read_text()
    openssl = ["openssl", "x509", "-noout", "-text", "-fingerprint", "-sha256", "-in"]
    shown = subprocess.run([*openssl, tls / "ca.crt"], capture_output=True, text=True, check=True).stdout
    fingerprint = re.search("Fingerprint=(.*)", shown)[1]
    assert fingerprint in plane.log
    constraints = shown[shown.index("Name Constraints: critical"):]
    assert "TLS Web Server Authentication" in shown
    assert "DNS:localhost" in constraints and "IP:192.168.0.0/255.255.0.0" in constraints
    for key in ("ca.key", "server.key"):
        assert os.stat(tls / key).st_mode & 0o777 == 0o600
    shown = subprocess.run([*openssl, tls / "server.crt"], capture_output=True, text=True, check=True).stdout
    assert "CA:FALSE" in shown and "IP Address:127.0.0.1" in shown and "prime256v1" in shown
    # The module's own rules, and not those of a browser that has been told to trust it: OpenSSL accepts nothing foreign.
    plane.restart().until_ready()
    assert (tls / "ca.crt").read_text() == offered.body
    with socket.create_connection(("127.0.0.1", plane.web_port), timeout=5) as raw:
        context = ssl.create_default_context(cafile=tls / "ca.crt")
        context.maximum_version = ssl.TLSVersion.TLSv1_3
        with context.wrap_socket(raw, server_hostname="localhost") as connection:
            assert connection.version() in ("TLSv1.2", "TLSv1.3")
    with pytest.raises(ssl.SSLError), socket.create_connection(("127.0.0.1", plane.web_port), timeout=5) as raw:
        context.wrap_socket(raw, server_hostname="evil.example")


def test_own_files_are_served(new_plane, tmp_path):
    made = new_plane()
    plane = new_plane(tls="files", tls_cert_file=str(made.data / "tls/server.crt"),
                      tls_key_file=str(made.data / "tls/server.key"), start=False)
    plane.start().until_ready()
    (plane.data / "tls").mkdir()
    (plane.data / "tls/ca.crt").write_bytes((made.data / "tls/ca.crt").read_bytes())
    assert plane.ask("GET", "/api/health").status == 200
    assert plane.ask("GET", "/ca.crt").status == 404


@pytest.mark.parametrize("web, said", [
    ({"tls": "off", "bind": "0.0.0.0"}, "127.0.0.1"), ({"tls": "files"}, "web.tls_cert_file"),
    ({"allowed_networks": ["10.0.0.0/33"]}, "web.allowed_networks")])
def test_settings_that_let_in_too_much_are_refused(tmp_path, web, said):
    plane = ControlPlane(tmp_path, **web)
    done = plane.command("check-config")
    assert done.returncode == 2 and said in done.stderr


def test_without_tls_the_loopback_is_served_with_another_cookie(new_plane):
    plane = new_plane(tls="off")
    browser = plane.set_up()
    cookie = browser.log_in("ana").fields["set-cookie"]
    assert cookie.startswith(f"ids-{plane.web_port}=") and "Secure" not in cookie
    assert browser.get("/session").status == 200


# Everything that the description allows, and what it does not


@pytest.mark.parametrize("logged_in", [False, True])
# What is not allowed at the bounds alone: a head of more than 8 KB has no answer, as docs/decisions/http-server.md says.
@pytest.mark.parametrize("phase, mode", [("coverage", "all"), ("fuzzing", "positive")])
def test_the_api_answers_as_it_is_described_whatever_is_asked(new_plane, redis, tmp_path, logged_in, phase, mode):
    tools = programs_of("schemathesis")
    plane = new_plane(tls="off", sections={"redis": {"host": "127.0.0.1", "port": redis.port}})
    browser = plane.set_up()
    options = ["--header", f"Origin: {plane.origin}"]
    if logged_in:
        options += ["--header", f"Cookie: {plane.cookie_name}={browser.cookie}"]
        for ending in ("logOut", "endSession"):  # they end the session that is used
            options += ["--exclude-operation-id", ending]
    done = subprocess.run(
        [tools / "schemathesis", "run", f"{plane.origin}/openapi.json", "--phases", phase, "--mode", mode,
         "--max-examples", "15", "--seed", "1", "--generation-database", "none", "--rate-limit", "60/s",
         # The library closes the connection of a request with %00.
         "--generation-allow-x00", "false", "--checks",
         "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance", *options],
        capture_output=True, text=True, timeout=300, cwd=tmp_path, env=clean_environment())
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert plane.running and "ERROR" not in plane.log
    if logged_in:
        assert browser.get("/session").status == 200
