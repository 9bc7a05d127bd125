"""AWS as far as the tests need it: its own SDK for Python, and a check of signatures by it."""

import base64
import datetime
import hashlib
import json
import math
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from functools import cache
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import parse_qs, quote, unquote_to_bytes

import pytest

from .processes import REPOSITORY, Process, free_port
from .servers import Server
from .waiting import until

PROBE = REPOSITORY / "build/swift/release/aws-probe"
# Servers of AWS refuse what was signed more than this many seconds ago, or is to be signed then.
SKEW_SECONDS_MAX = 300


def build_probe():
    """Compiles the probe with the same options and into the same folder as the services, so what is shared is reused."""
    subprocess.run(
        ["setpriv", "--pdeathsig", "INT", "--", "swift", "build", "--configuration", "release", "--static-swift-stdlib",
         "--disable-build-manifest-caching", "--package-path", REPOSITORY / "shared", "--scratch-path",
         REPOSITORY / "build/swift", "--product", PROBE.name], check=True, stdout=subprocess.DEVNULL)


def programs_of(pypi_set):
    """The folder of the programs of a set of scripts/pypi; skips where it cannot be had."""
    made = subprocess.run([REPOSITORY / "scripts/pypi", pypi_set], capture_output=True, text=True)
    if made.returncode:
        pytest.skip(made.stderr.strip())
    return Path(made.stdout.strip())


@cache
def modules_of(pypi_set):
    """Makes the modules of a set of scripts/pypi importable; skips where it cannot be had."""
    sys.path += map(str, programs_of(pypi_set).parent.glob("lib/python3*/site-packages"))


def sdk():
    """Makes `botocore` importable; skips where it cannot be had."""
    modules_of("aws-sdk")


class Refused(Exception):
    """Why a server of AWS would not take a request, with the type of the error that it would name."""

    def __init__(self, kind, reason):
        super().__init__(f"{kind}: {reason}")
        self.kind = kind


def stamp(seconds):
    """A time as signatures write it."""
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")


def check_signature(method, url, fields, body, keys, now):
    """Computes the signature of a request anew from what came, and raises Refused where it is not the one that it has.

    `fields` are pairs, `keys` maps the id of each key that may be used to its secret and session token, `now` is in
    seconds since 1970. Gives the id, the region and the service that the request is signed for.
    """
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    named = {name.lower(): value for name, value in fields}
    algorithm, _, rest = named.get("authorization", "").partition(" ")
    if algorithm != "AWS4-HMAC-SHA256":
        raise Refused("MissingAuthenticationToken", "the request has no signature")
    parts = dict(part.strip().split("=", 1) for part in rest.split(","))
    key_id, day, region, service, _ = parts["Credential"].split("/")
    signed = parts["SignedHeaders"].split(";")
    if key_id not in keys:
        raise Refused("UnrecognizedClientException", f"there is no key {key_id}")
    secret, token = keys[key_id]

    wanted = {name for name in named if name in ("host", "content-type", "content-encoding") or name.startswith("x-amz-")}
    wanted |= {"host", "x-amz-date"} | ({"x-amz-content-sha256"} if service in ("es", "aoss") else set())
    if missing := wanted - set(signed):
        raise Refused("InvalidSignatureException", f"{', '.join(sorted(missing))} must be signed")
    hashed = hashlib.sha256(body).hexdigest()
    if named.get("x-amz-content-sha256", hashed) != hashed:
        raise Refused("InvalidSignatureException", "the body is another one than was signed")
    path, _, query = url.split("://", 1)[1].partition("?")
    path = "/" + path.partition("/")[2]
    if "/".join(quote(unquote_to_bytes(segment), safe="-_.~") for segment in path.split("/")) != path:
        raise Refused("InvalidSignatureException", f"servers that decode a path before they check it, see another: {path}")
    for pair in filter(None, query.split("&")):
        name, _, value = pair.partition("=")
        if pair != f"{quote(unquote_to_bytes(name), safe='-_.~')}={quote(unquote_to_bytes(value), safe='-_.~')}":
            raise Refused("InvalidSignatureException", f"servers that decode a query before they check it, see another: {pair}")

    request = AWSRequest(method, url, data=body)
    for name, value in fields:
        if name.lower() in signed:
            request.headers.add_header(name, value)
    request.context["timestamp"] = named["x-amz-date"]
    signer = SigV4Auth(Credentials(key_id, secret, token), service, region)
    text = signer.string_to_sign(request, signer.canonical_request(request))
    if parts["Signature"] != signer.signature(text, request):
        raise Refused("SignatureDoesNotMatch", f"the signature of {method} {url} is wrong")
    if token and named.get("x-amz-security-token") != token:
        raise Refused("UnrecognizedClientException", "the security token included in the request is invalid")
    signed_at = datetime.datetime.strptime(named["x-amz-date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.timezone.utc)
    if day != named["x-amz-date"][:8] or abs(signed_at.timestamp() - now) > SKEW_SECONDS_MAX:
        told = "Signature expired" if signed_at.timestamp() < now else "Signature not yet current"
        raise Refused("InvalidSignatureException", f"{told}: {named['x-amz-date']} is not within 5 minutes of {stamp(now)}")
    return key_id, region, service


class Moto(Process):
    """A model of AWS that others wrote: checks no signature, and everything that it makes is there at once."""

    def __init__(self, folder):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        super().__init__("moto", [programs_of("moto") / "moto_server", "-p", self.port], folder)

    def start(self):
        super().start()
        until(lambda: urllib.request.urlopen(self.url + "/moto-api/", timeout=5), "moto to answer")
        return self


class FakeAWS:
    """What credentials come from beside variables and files: instance metadata, a container's endpoint, STS and IAM Identity
    Center, in one server on the loopback, with as much of IAM as tells where a role is. STS and IAM check signatures. Keys that
    it gives can be used with it, and with whoever asks `keys`, while they last."""

    TOKEN = "metadata-token"
    ACCOUNT = "123456789012"

    def __init__(self, lifetime_seconds=3_600, **keys):
        self.lifetime_seconds = lifetime_seconds
        self.keys = {name: (secret, None) for name, secret in keys.items()}
        self.ends = {}
        self.requests = []
        # Set: every question is answered with this status.
        self.failing = None
        # Whether each answer has a key of another name.
        self.counts = False
        self.container_token = None
        # Actions that nobody may do, such as iam:GetRole; and where roles are, when not at "/".
        self.denied = set()
        self.role_paths = {}
        # Called with the name of the key of each request that is signed rightly, when it comes and when it has done its work.
        self.when_asked = lambda name: None
        # How far its clock is ahead of this machine's.
        self.ahead_seconds = 0
        self._given = 0
        self._roles = {}
        self._server = Server(type("Handler", (FakeAWSHandler,), {"aws": self}))
        self.url = f"http://127.0.0.1:{self._server.port}"

    def start(self):
        self._server.start()
        return self

    def stop(self):
        self._server.close()

    @property
    def environment(self):
        """Leads the SDKs here, whatever they want to ask."""
        return {"AWS_EC2_METADATA_SERVICE_ENDPOINT": self.url, "AWS_ENDPOINT_URL_STS": self.url,
                "AWS_ENDPOINT_URL_IAM": self.url, "AWS_ENDPOINT_URL_SSO": self.url, "AWS_REGION": "eu-central-1", "AWS_DEFAULT_REGION": "eu-central-1"}

    @property
    def now(self):
        return time.time() + self.ahead_seconds

    def give(self, owner):
        """A new key for somebody: name, secret, session token, end."""
        self._given += 1
        name = f"ASIA-{owner}" + (f"-{self._given}" if self.counts else "")
        end = self.now + self.lifetime_seconds
        self.keys[name] = (f"secret of {name}", f"session of {name}/+=")
        self.ends[name] = end
        self._roles[name] = owner
        return name, *self.keys[name], datetime.datetime.fromtimestamp(end, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")

    def principal(self, name):
        """Who has this key: a user of its name, or a session of a role."""
        if role := self._roles.get(name):
            return f"arn:aws:sts::{self.ACCOUNT}:assumed-role/{role}/a-session"
        return f"arn:aws:iam::{self.ACCOUNT}:user/{name}"

    def refuse_denied(self, name, action, resource):
        """Raises Refused, in the words of AWS, where this action is denied."""
        if action in self.denied:
            raise Refused("AccessDeniedException", f"User: {self.principal(name)} is not authorized to perform: {action} on "
                          f"resource: {resource} because no identity-based policy allows the {action} action")

    def check(self, method, url, fields, body):
        """The name of the key that a request is signed with; raises Refused."""
        name, _, service = check_signature(method, url, fields, body, self.keys, self.now)
        if self.now > self.ends.get(name, math.inf):
            raise Refused("ExpiredTokenException", "The security token included in the request is expired")
        self.when_asked(name)
        return name, service


class FakeAWSHandler(BaseHTTPRequestHandler):
    aws = None
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def date_time_string(self, timestamp=None):
        return super().date_time_string(self.aws.now)

    def answer(self, status, body="", kind="application/json"):
        body = body if isinstance(body, str) else json.dumps(body)
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body.encode())))
        self.end_headers()
        self.wfile.write(body.encode())

    def handle_request(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        self.aws.requests.append((self.command, self.path))
        if self.aws.failing:
            return self.answer(self.aws.failing)
        path, _, query = self.path.partition("?")
        if path == "/latest/api/token" and self.command == "PUT":
            has_end = self.headers["x-aws-ec2-metadata-token-ttl-seconds"]
            return self.answer(200 if has_end else 400, self.aws.TOKEN, "text/plain")
        if path.startswith("/latest/"):
            return self.metadata(path.removeprefix("/latest/meta-data/iam/security-credentials/"))
        if path.startswith("/container"):
            if self.aws.container_token not in (None, self.headers["authorization"]):
                return self.answer(403)
            return self.answer(200, self.plain(*self.aws.give("container")))
        if path == "/process":
            name, secret, token, end = self.aws.give("process")
            return self.answer(200, {"Version": 1, "AccessKeyId": name, "SecretAccessKey": secret, "SessionToken": token,
                                     "Expiration": end})
        if path == "/federation/credentials":
            if self.headers["x-amz-sso_bearer_token"] != "sso-token":
                return self.answer(401, {"message": "no"})
            name, secret, token, end = self.aws.give("sso-" + parse_qs(query)["role_name"][0])
            return self.answer(200, {"roleCredentials": {
                "accessKeyId": name, "secretAccessKey": secret, "sessionToken": token,
                "expiration": int(1_000 * datetime.datetime.fromisoformat(end.replace("Z", "+00:00")).timestamp())}})
        if path == "/" and self.command == "POST":
            return self.sts(body)
        return self.answer(404)

    do_GET = do_PUT = do_POST = handle_request

    @staticmethod
    def plain(name, secret, token, end):
        return {"Code": "Success", "AccessKeyId": name, "SecretAccessKey": secret, "Token": token, "Expiration": end}

    def metadata(self, role):
        if self.headers["x-aws-ec2-metadata-token"] != self.aws.TOKEN:
            return self.answer(401)
        if not role:
            return self.answer(200, "instance", "text/plain")
        return self.answer(200, self.plain(*self.aws.give(role)))

    def sts(self, body):
        form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        action = form["Action"]
        owner = None
        if action != "AssumeRoleWithWebIdentity":
            try:
                owner, service = self.aws.check("POST", f"http://{self.headers['host']}{self.path}", self.headers.items(), body)
                assert service == ("iam" if action == "GetRole" else "sts")
                self.aws.refuse_denied(owner, f"{service}:{action}", form.get("RoleArn") or f"role {form.get('RoleName')}")
            except Refused as refused:
                kind, _, words = str(refused).partition(": ")
                return self.answer(403, f"<ErrorResponse><Error><Type>Sender</Type><Code>{kind.removesuffix('Exception')}</Code>"
                                        f"<Message>{words}</Message></Error></ErrorResponse>", "text/xml")
        elif form["WebIdentityToken"] != "web-token":
            return self.answer(400, "<ErrorResponse><Error><Code>InvalidIdentityToken</Code></Error></ErrorResponse>", "text/xml")
        if action == "GetCallerIdentity":
            result = (f"<Arn>{self.aws.principal(owner)}</Arn><UserId>{owner}</UserId>"
                      f"<Account>{self.aws.ACCOUNT}</Account>")
        elif action == "GetRole":
            role = form["RoleName"]
            path = self.aws.role_paths.get(role, "/")
            result = (f"<Role><Path>{path}</Path><RoleName>{role}</RoleName><RoleId>AROA</RoleId>"
                      f"<Arn>arn:aws:iam::{self.aws.ACCOUNT}:role{path}{role}</Arn><CreateDate>2026-01-01T00:00:00Z</CreateDate></Role>")
        else:
            name, secret, token, end = self.aws.give(form["RoleArn"].rpartition("/")[2])
            result = (f"<AssumedRoleUser><AssumedRoleId>a</AssumedRoleId><Arn>{form['RoleArn']}</Arn></AssumedRoleUser>"
                      f"<Credentials><AccessKeyId>{name}</AccessKeyId><SecretAccessKey>{secret}</SecretAccessKey>"
                      f"<SessionToken>{token}</SessionToken><Expiration>{end}</Expiration></Credentials>")
        self.answer(200, f'<{action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><{action}Result>{result}'
                         f"</{action}Result><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></{action}Response>",
                    "text/xml")


class SigningGate:
    """Stands before an OpenSearch as Amazon's does: what is not signed rightly, now, with a key that lasts, does not pass.

    With a `folder` for its certificate it speaks TLS. An OpenSearch with users is given as the `upstream` itself, and asked as
    its administrator.
    """

    def __init__(self, cloud, upstream, folder=None):
        self.cloud = cloud
        self.upstream = getattr(upstream, "url", upstream)
        self.upstream_fields, self.upstream_tls = {}, None
        if getattr(upstream, "secure", False):
            self.upstream_fields = {"authorization": "Basic " + base64.b64encode(b"admin:admin").decode()}
            self.upstream_tls = ssl.create_default_context(cafile=upstream.ca_file)
        # The name of the key of each request that has passed, and why others have not.
        self.passed = []
        self.refused = []
        self._server = Server(type("Handler", (SigningGateHandler,), {"gate": self}))
        if folder:
            self._server.use_tls(folder)
        self.certificate, self.url = self._server.certificate, self._server.url

    def start(self):
        self._server.start()
        return self

    def stop(self):
        self._server.close()


class SigningGateHandler(BaseHTTPRequestHandler):
    gate = None
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def date_time_string(self, timestamp=None):
        return super().date_time_string(self.gate.cloud.now)

    def answer(self, status, body, fields=()):
        self.send_response(status)
        for name, value in fields:
            self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def pass_on(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        try:
            url = f"http://{self.headers['host']}{self.path}"
            name, service = self.gate.cloud.check(self.command, url, self.headers.items(), body)
            if service != "es":
                raise Refused("InvalidSignatureException", f"signed for {service}")
            action = f"es:ESHttp{self.command.capitalize()}"
            self.gate.cloud.refuse_denied(name, action, f"arn:aws:es:eu-central-1:{self.gate.cloud.ACCOUNT}:domain/ids-suite")
        except Refused as refused:
            self.gate.refused.append(str(refused))
            message = json.dumps({"message": str(refused).partition(": ")[2]}).encode()
            return self.answer(403, message, [("x-amzn-errortype", refused.kind), ("content-type", "application/json")])
        self.gate.passed.append(name)
        kept = {field: self.headers[field] for field in ("content-type", "content-encoding") if field in self.headers}
        kept |= self.gate.upstream_fields
        request = urllib.request.Request(self.gate.upstream + self.path, body or None, kept, method=self.command)
        try:
            answer = urllib.request.urlopen(request, timeout=60, context=self.gate.upstream_tls)
        except urllib.error.HTTPError as error:
            answer = error
        except urllib.error.URLError as error:
            return self.answer(503, json.dumps({"message": f"nothing is behind this endpoint: {error}"}).encode(),
                               [("content-type", "application/json")])
        with answer:
            self.answer(answer.status, answer.read(), [("content-type", answer.headers.get("content-type", "text/plain"))])

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = pass_on
