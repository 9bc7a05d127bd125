"""What `aws-provisioner test` says of a server's certificate: a TLS server of this test shows one that is not as it should be."""

import json
import re
import ssl
import subprocess
import time
from http.server import BaseHTTPRequestHandler

import pytest

from support.processes import BINARIES, clean_environment, free_port
from support.servers import Server
from support.waiting import until


class Certificates:
    """One authority, and what it has signed."""

    def __init__(self, folder):
        self.folder = folder
        self.openssl("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=home-ca "
                     "-keyout ca.key -out ca.crt")

    def openssl(self, words):
        subprocess.run(["openssl", *words.split()], cwd=self.folder, check=True, capture_output=True)

    def signed(self, name, names, days):
        (self.folder / f"{name}.ext").write_text(f"subjectAltName={names}\n")
        self.openssl(f"req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN={name} -keyout {name}.key -out {name}.csr")
        self.openssl(f"x509 -req -in {name}.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days {days} -extfile {name}.ext "
                     f"-out {name}.crt")
        return self.folder / f"{name}.crt", self.folder / f"{name}.key"


@pytest.fixture
def certificates(tmp_path):
    return Certificates(tmp_path)


class Quiet(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_HEAD(self):
        self.send_response(403)
        self.end_headers()


def tls(certificates, certificate, *, trusted=True, host="localhost"):
    """The verdict about the TLS of a server with this certificate, and the checks after it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    server = Server(Quiet)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    arguments = [BINARIES / "aws-provisioner", "test", "--json", "--set", f"opensearch.endpoint=https://{host}:{server.port}",
                 "--set", f"aws.endpoint_file={certificates.folder}/none.json"]
    if trusted:
        arguments += ["--set", f"opensearch.ca_file={certificates.folder}/ca.crt"]
    nowhere = f"http://127.0.0.1:{free_port()}"
    environment = {**clean_environment(), "HOME": str(certificates.folder), "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b",
                   "AWS_ENDPOINT_URL_STS": nowhere, "AWS_REGION": "eu-central-1"}
    with server:
        done = subprocess.run(arguments, env=environment, capture_output=True, text=True, timeout=60)
    report = json.loads(done.stdout)
    assert done.returncode == 1 and not report["passed"]  # nobody answers for the credentials
    checks = {check["name"]: check for check in report["checks"]}
    assert checks["credentials"]["verdict"] == "failed" and checks["bulk"]["verdict"] == "skipped"
    return checks["tls"]


def test_a_certificate_that_is_right_is_shown_with_its_days(certificates):
    check = tls(certificates, certificates.signed("server", "DNS:localhost,IP:127.0.0.1", 20))
    assert check["verdict"] == "ok" and check["remedy"] is None
    assert re.search("^TLSv1.3, .*, server by home-ca, (19|20) days left$", check["finding"]), check


def test_one_that_ends_soon_is_a_warning(certificates):
    check = tls(certificates, certificates.signed("server", "DNS:localhost", 5))
    assert check["verdict"] == "warning" and "renew" in check["remedy"], check


def test_one_that_has_ended_says_when(certificates):
    certificate = certificates.signed("server", "DNS:localhost", 0)
    made = time.time()
    until(lambda: time.time() > made + 1, "the second in which it ends to be over")
    check = tls(certificates, certificate)
    assert check["verdict"] == "failed" and "has ended on" in check["remedy"] and "clock" in check["remedy"], check


def test_one_for_another_name_says_for_which(certificates):
    check = tls(certificates, certificates.signed("server", "DNS:search.example", 20))
    assert check["verdict"] == "failed" and "search.example" in check["remedy"], check


def test_one_by_an_authority_that_nobody_knows_says_which_and_how_to_trust_it(certificates):
    check = tls(certificates, certificates.signed("server", "DNS:localhost", 20), trusted=False)
    assert check["verdict"] == "failed", check
    for told in ("home-ca", "opensearch.ca_file", "AWS_CA_BUNDLE"):
        assert told in check["remedy"], check
