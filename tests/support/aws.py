"""AWS as far as the tests need it: its own SDK for Python, and a check of signatures by it."""

import datetime
import hashlib
import subprocess
import sys
from functools import cache
from urllib.parse import quote, unquote_to_bytes

import pytest

from .processes import REPOSITORY

PROBE = REPOSITORY / "build/swift/release/aws-probe"
# Servers of AWS refuse what was signed more than this many seconds ago, or is to be signed then.
SKEW_SECONDS_MAX = 300


def build_probe():
    """Compiles the probe with the same options and into the same folder as the services, so what is shared is reused."""
    subprocess.run(
        ["setpriv", "--pdeathsig", "INT", "--", "swift", "build", "--configuration", "release", "--static-swift-stdlib",
         "--disable-build-manifest-caching", "--package-path", REPOSITORY / "shared", "--scratch-path",
         REPOSITORY / "build/swift", "--product", PROBE.name], check=True, stdout=subprocess.DEVNULL)


@cache
def sdk():
    """Makes `botocore` importable; skips where it cannot be had."""
    made = subprocess.run([REPOSITORY / "scripts/pypi", "aws-sdk"], capture_output=True, text=True)
    if made.returncode:
        pytest.skip(made.stderr.strip())
    sys.path += map(str, (REPOSITORY / "build/aws-sdk/lib").glob("python3*/site-packages"))


class Refused(Exception):
    """Why a server of AWS would not take a request, with the type of the error that it would name."""

    def __init__(self, kind, reason):
        super().__init__(f"{kind}: {reason}")
        self.kind = kind


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
    if missing := (wanted | {"host", "x-amz-date", "x-amz-content-sha256"}) - set(signed):
        raise Refused("InvalidSignatureException", f"{', '.join(sorted(missing))} must be signed")
    if named["x-amz-content-sha256"] != hashlib.sha256(body).hexdigest():
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
        raise Refused("InvalidSignatureException", f"Signature expired: {named['x-amz-date']} is not now")
    return key_id, region, service
