"""APIDescription, over the probe's API: one declaration gives the route, the check of roles and parameters, and OpenAPI."""

import json
import subprocess

import pytest

from support import http_probe
from support.http_probe import Answer, Probe, WebSocket
from support.processes import REPOSITORY


@pytest.fixture(scope="module")
def probe(tmp_path_factory):
    http_probe.build()
    probe = Probe(tmp_path_factory.mktemp("probe")).start()
    yield probe
    probe.kill()


def call(probe, method, path, role=None, body=None, *lines, kind="application/json"):
    head = [f"{method} /api/v1{path} HTTP/1.1", "Host: probe", "Connection: close", *lines]
    if role:
        head.append(f"Authorization: Bearer ann:{role}")
    if body is not None:
        head += [f"Content-Type: {kind}", f"Content-Length: {len(body)}"]
    elif method in ("POST", "PUT", "PATCH"):
        head.append("Content-Length: 0")
    return Answer(probe.ask("\r\n".join([*head, "", ""]).encode() + (body or b"")))


def problem(answer):
    assert answer.fields["content-type"] == "application/problem+json"
    found = json.loads(answer.body)
    assert found["status"] == answer.status and found["title"]
    return found


def document(probe):
    answer = probe.get("/openapi.json")
    assert answer.status == 200 and answer.fields["content-type"] == "application/json"
    return json.loads(answer.body)


def test_the_document_is_openapi_3_1(probe, tmp_path):
    tools = subprocess.run([REPOSITORY / "scripts/pypi", "manifest-tools"], capture_output=True, text=True)
    if tools.returncode:
        pytest.skip(tools.stderr.strip())
    path = tmp_path / "openapi.json"
    path.write_text(json.dumps(document(probe)))
    checked = subprocess.run([f"{tools.stdout.strip()}/openapi-spec-validator", "--schema", "3.1", path],
                             capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_the_document_says_all_that_is_declared(probe):
    paths = document(probe)["paths"]
    operations = {(method, path): operation for path, item in paths.items() for method, operation in item.items()}
    assert len(operations) == len({operation["operationId"] for operation in operations.values()}) > 50
    search = operations["get", "/api/v1/events"]
    assert search["x-role"] == "viewer" and search["security"] == [{"session": []}, {"token": []}]
    assert search["parameters"][1] == {
        "name": "limit", "in": "query", "description": "How many.", "required": False,
        "schema": {"type": "integer", "minimum": 1, "maximum": 200}}
    assert set(search["responses"]) == {"200", "400", "401", "403", "503"}
    assert operations["post", "/api/v1/setup"]["security"] == []
    upload = operations["put", "/api/v1/pcaps"]
    assert list(upload["requestBody"]["content"]) == ["application/octet-stream"]
    assert set(upload["responses"]) == {"202", "400", "401", "403", "411", "413", "415", "429", "503"}
    assert "101" in operations["get", "/api/v1/live"]["responses"]
    assert {"Event", "Job", "Problem"} <= set(document(probe)["components"]["schemas"])


def test_every_operation_asks_for_its_role(probe):
    """With too low a role each is refused before its body, and with none each asks who is there."""
    below = {"viewer": None, "analyst": "viewer", "admin": "analyst"}
    for path, item in document(probe)["paths"].items():
        for method, operation in item.items():
            if "x-role" not in operation or path.endswith("/live"):
                continue
            for parameter, value in (("{phase}", "A"), ("{sid}", "1")):
                path = path.replace(parameter, value)
            short = path.removeprefix("/api/v1")
            assert problem(call(probe, method.upper(), short))["status"] == 401
            if low := below[operation["x-role"]]:
                assert problem(call(probe, method.upper(), short, low))["status"] == 403


def test_parameters_are_values_or_named(probe):
    answer = call(probe, "GET", "/events?limit=7&q=tls", "viewer")
    assert json.loads(answer.body) == {"events": [], "complete": True, "limit": 7, "after": -1, "caller": "ann"}
    assert problem(call(probe, "GET", "/events?limit=201", "viewer")) == {
        "title": "Bad Request", "status": 400, "detail": "limit must be a whole number from 1 to 200", "part": "limit"}
    assert problem(call(probe, "GET", "/events?limits=1", "viewer"))["part"] == "limits"
    assert problem(call(probe, "POST", "/phases/H/run", "admin"))["detail"] == "phase must be one of A, B, C, D, E, F, G"
    assert call(probe, "POST", "/phases/B/run", "admin", None, "Idempotency-Key: 1").body == b"B"
    assert problem(call(probe, "PUT", "/pcaps", "analyst", b"abc"))["detail"] == "X-File-Name is missing"
    assert call(probe, "PUT", "/pcaps", "analyst", b"abc", "X-File-Name: a%20b").body == b"3 a%20b\n"


def test_bodies_are_as_described_or_refused(probe):
    def change(body, **options):
        return call(probe, "POST", "/groups/actions", "analyst", body, **options)

    assert change(b'{"keys":["a"],"action":"archive"}').status == 200
    refused = problem(change(b'{"keys":["a"],"action":"remove"}'))
    assert refused["status"] == 422 and refused["part"] == "/action"
    assert problem(change(b'{"keys":'))["status"] == 400
    assert problem(change(b"{}", kind="text/plain"))["status"] == 415
    assert problem(change(b"x" * 2000000))["status"] == 413
    assert problem(call(probe, "PATCH", "/events", "admin"))["status"] == 405
    assert problem(call(probe, "GET", "/nothing", "admin"))["status"] == 404


def test_the_websocket_asks_for_its_role(probe):
    assert WebSocket(probe, "/api/v1/live", "ids.map.v1").status == 401
    opened = WebSocket(probe, "/api/v1/live", "ids.map.v1", lines=["Authorization: Bearer ann:viewer"])
    assert opened.status == 101 and opened.receive().startswith(b"{")
