"""Signatures of the module AWS beside those of AWS' own SDK, as text and as bytes on a wire."""

import calendar
import json
import random
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote_to_bytes

import pytest

from support import aws

SEED = 20261128
ODD = "azAZ09-._~ !\"#$%&'()*+,/:;<=>?@[\\]^`{|}ÄßéΩ→𝄞"
ESCAPES = ["%2B", "%2b", "%20", "%2F", "%7E", "%41", "%3c", "%C3%BC", "%c3%bc", "%FF", "%00", "%25", "%2A", "%zz", "%"]
PATHS = ["", "/", "/_bulk", "/suricata-*/_search", "/<log-{now/d}>/_doc", "/%3Clog-%7Bnow%2Fd%7D%3E", "/a//b/", "/a/./b/../c",
         "/..", "/größe/_doc/1", "/.kibana,other:index/_doc"]
QUERIES = ["", "?", "?v", "?pretty&v", "?b=2&a=1&a=0", "?filter_path=items.*.error", "?q=a=b", "?q=a+b%2Bc", "?a&&b=", "?a/b=c?d"]


@pytest.fixture(scope="module", autouse=True)
def probe():
    aws.sdk()
    aws.build_probe()


def word(dice, count=12):
    return "".join(dice.choice(ESCAPES) if dice.random() < 0.2 else dice.choice(ODD) for _ in range(dice.randrange(count)))


def random_request(dice):
    """A request with everything that may stand in one; a fragment is no part of it, nor `?` of a path."""
    path = dice.choice(PATHS) if dice.random() < 0.3 else "".join(
        "/" + word(dice).replace("/", "").replace("?", "") for _ in range(dice.randrange(5)))
    query = dice.choice(QUERIES) if dice.random() < 0.4 else "?" + "&".join(
        word(dice).replace("&", "") + dice.choice(["=" + word(dice).replace("&", ""), ""]) for _ in range(dice.randrange(5)))
    host = dice.choice(["ids.eu-central-1.es.amazonaws.com", "IDS.Example.com:9200", "localhost:443", "[::1]:9200", "h:80"])
    return {
        "method": dice.choice(["GET", "POST", "PUT", "DELETE", "HEAD", "PATCH"]),
        "url": f"{dice.choice(['http', 'https'])}://{host}{path}{query}".replace("#", ""),
        "headers": dice.sample([
            ["Content-Type", "application/x-ndjson"], ["content-encoding", "gzip"], ["X-Amz-Meta", "  a   b  "],
            ["x-amz-meta", "c"], ["Accept", "*/*"], ["X-AMZ-Empty", ""], ["User-Agent", "test"]], dice.randrange(8)),
        "body": dice.choice([None, "", "body", "".join(dice.choices(ODD, k=dice.randrange(3_000)))]),
        "service": dice.choice(["es", "aoss", "sts"]),
        "region": dice.choice(["eu-central-1", "us-gov-west-1", "cn-north-1"]),
        "access_key": f"AKIA{dice.randrange(10 ** 12)}",
        "secret_key": "".join(dice.choices("abcXYZ019+/", k=40)),
        "token": dice.choice(["", "", "session//token+=="]),
        "time": dice.randrange(1_700_000_000, 2_000_000_000),
    }


def signed(requests):
    lines = "".join(json.dumps(request) + "\n" for request in requests)
    answers = subprocess.run([aws.PROBE, "sign"], input=lines, capture_output=True, text=True, check=True, timeout=60)
    return [json.loads(line) for line in answers.stdout.splitlines()]


def check(request, answer, now=None):
    keys = {request["access_key"]: (request["secret_key"], request["token"] or None)}
    return aws.check_signature(request["method"], answer["url"], [tuple(field) for field in answer["headers"]],
                               (request["body"] or "").encode(), keys, now or request["time"])


def meaning(url):
    """What a server reads in a URL: the decoded segments of its path, and the pairs of its query."""
    path, _, query = url.split("://", 1)[1].partition("?")
    segments = []
    given = path.encode().split(b"/")[1:]
    for position, segment in enumerate(map(unquote_to_bytes, given)):
        if segment == b".." and segments:
            segments.pop()
        if segment not in (b".", b".."):
            segments.append(segment)
        elif position == len(given) - 1:
            segments.append(b"")
    pairs = [pair.replace("+", " ").partition("=") for pair in query.split("&") if pair]
    return segments or [b""], [(unquote_to_bytes(name), unquote_to_bytes(value)) for name, _, value in pairs]


def test_ten_thousand_random_requests_have_the_signatures_of_the_sdk():
    dice = random.Random(SEED)
    requests = [random_request(dice) for _ in range(10_000)]
    answers = signed(requests)
    assert len(answers) == len(requests)
    for request, answer in zip(requests, answers):
        assert check(request, answer) == (request["access_key"], request["region"], request["service"]), request
        assert meaning(answer["url"]) == meaning(request["url"]), request


@pytest.mark.parametrize("change, kind", [
    (lambda request, answer: answer["headers"].clear(), "MissingAuthenticationToken"),
    (lambda request, answer: request.update(method="PUT"), "SignatureDoesNotMatch"),
    (lambda request, answer: request.update(body="other"), "InvalidSignatureException"),
    (lambda request, answer: request.update(secret_key="other"), "SignatureDoesNotMatch"),
    (lambda request, answer: request.update(token="other"), "UnrecognizedClientException"),
    (lambda request, answer: request.update(time=request["time"] + 301), "InvalidSignatureException"),
    (lambda request, answer: answer.update(url=answer["url"] + "&a=1"), "SignatureDoesNotMatch"),
    (lambda request, answer: answer["headers"].append(["x-amz-late", "1"]), "InvalidSignatureException"),
])
def test_a_request_that_was_changed_on_its_way_is_refused(change, kind):
    request = dict(random_request(random.Random(1)), url="https://h/_bulk?v", method="POST", body="body", token="session")
    answer, = signed([request])
    check(request, answer)
    change(request, answer)
    with pytest.raises(aws.Refused) as refused:
        check(request, answer)
    assert refused.value.kind == kind


class CheckingHandler(BaseHTTPRequestHandler):
    """Answers with the verdict on the bytes that came."""

    protocol_version = "HTTP/1.1"

    def answer(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        url = f"http://{self.headers['host']}{self.path}"
        try:
            # The request line and the fields are bytes, which the library takes for Latin-1.
            aws.check_signature(self.command, url.encode("latin-1").decode(), self.headers.items(), body, self.server.keys,
                                self.server.now)
            status = 200
        except aws.Refused as refused:
            self.server.refusals.append(str(refused))
            status = 403
        self.send_response(status)
        self.send_header("content-length", "0")
        self.end_headers()

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = answer

    def log_message(self, *arguments):
        pass


def test_what_the_client_sends_is_what_was_signed():
    server = ThreadingHTTPServer(("127.0.0.1", 0), CheckingHandler)
    server.now = calendar.timegm(time.gmtime())
    server.keys, server.refusals = {"AKIA": ("secret", "session")}, []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        dice = random.Random(SEED)
        requests = [random_request(dice) for _ in range(1_000)]
        requests = [request for request in requests if request["method"] != "HEAD"]
        for request in requests:
            rest = request["url"].split("://", 1)[1]
            begin = min((rest.find(mark) for mark in "/?" if mark in rest), default=len(rest))
            request.update(url=f"http://127.0.0.1:{server.server_port}{rest[begin:]}", access_key="AKIA", secret_key="secret",
                           token="session", time=server.now)
        lines = "".join(json.dumps(request) + "\n" for request in requests)
        sent = subprocess.run([aws.PROBE, "send"], input=lines, capture_output=True, text=True, timeout=60)
        assert sent.returncode == 0, sent.stderr
        assert server.refusals == []
        assert sent.stdout.split() == ["200"] * len(requests)
    finally:
        server.shutdown()
        server.server_close()
