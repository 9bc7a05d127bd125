"""control-plane as a process with its own data folder, and browsers and programs that speak to it over TLS."""

import http.client
import json
import socket
import sqlite3
import ssl
import subprocess
from contextlib import closing

import yaml

from .processes import BINARIES, REPOSITORY, Service, clean_environment, free_port
from .stack import Stack
from .waiting import until

PASSWORD = "correct horse battery"


def recorded_store(path):
    """A store with recorded events, as the programs of the pipeline make it."""
    lines = [line for name in ("web", "names", "logins", "scans")
             for line in (REPOSITORY / f"fixtures/eve/{name}.ndjson").read_text().splitlines()]
    stack = Stack()
    try:
        stack.start()
        with open(stack.eve, "a") as eve:
            eve.writelines(line + "\n" for line in lines)
        until(lambda: stack.stored() >= len(lines), "all to be stored", 60)
        connection = sqlite3.connect(stack.store)
        connection.execute("VACUUM INTO ?", (str(path),))
        connection.close()
        return path
    finally:
        stack.close()


def admitted(ask):
    """The answer to a try to log in that is not one too many."""
    return until(lambda: (answer := ask()).status != 429 and answer, "a try to be admitted", 10, every=0.2)


class ControlPlane(Service):
    """One of its own; `web` are keys of that section."""

    def __init__(self, directory, environment=None, sections=None, **web):
        assert (BINARIES / "control-plane").exists(), "control-plane is not built (make build, or IDS_BIN_DIR)"
        self.web_port, port = free_port(), free_port()
        self.data = directory / "data"
        web = {"bind": "127.0.0.1", "port": self.web_port, "http_port": port, "data_dir": str(self.data),
               "pages_dir": str(directory / "pages"), **web}
        self.is_encrypted = web.get("tls") != "off"
        self.config = directory / "control-plane.yaml"
        self.config.write_text(yaml.safe_dump({"web": web, **(sections or {})}))
        super().__init__("control-plane", directory, self.config, port)
        self.environment = environment or {}

    @property
    def cookie_name(self):
        return f"{'__Host-' if self.is_encrypted else ''}ids-{self.web_port}"

    @property
    def origin(self):
        return f"{'https' if self.is_encrypted else 'http'}://127.0.0.1:{self.web_port}"

    @property
    def setup_code(self):
        return (self.data / "setup-code").read_text().strip()

    def connection(self, source="127.0.0.1", address="127.0.0.1", seconds=20):
        """A connection from an address of the loopback, each of which counts as a client of its own."""
        options = {"timeout": seconds, "source_address": (source, 0) if source else None}
        if not self.is_encrypted:
            return http.client.HTTPConnection(address, self.web_port, **options)
        context = ssl.create_default_context(cafile=self.data / "tls/ca.crt")
        return http.client.HTTPSConnection(address, self.web_port, context=context, **options)

    def connect(self, receive_buffer=None, source="127.0.0.1"):
        """A connection of one's own from an address of the loopback, without TLS."""
        client = socket.socket()
        if receive_buffer:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        client.settimeout(20)
        client.bind((source, 0))
        client.connect(("127.0.0.1", self.web_port))
        return client

    def ask(self, method, path, body=None, headers=None, **options):
        """One request, as a program without cookies sends it; paths begin with / and are taken as they are."""
        connection = self.connection(**options)
        try:
            headers = dict(headers or {})
            if body is not None and not isinstance(body, (bytes, str)):
                body = json.dumps(body)
                headers.setdefault("Content-Type", "application/json")
            connection.request(method, path, body, headers)
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def command(self, *words, text=""):
        """A command of control-plane on this data folder."""
        return subprocess.run(
            [BINARIES / "control-plane", words[0], "--config", self.config, *words[1:]], input=text,
            capture_output=True, text=True, timeout=30, env={**clean_environment(), **self.environment})

    def set_up(self, name="ana", password=PASSWORD):
        """Makes the first account, and returns its browser."""
        browser = Browser(self)
        made = browser.post("/setup", {"code": self.setup_code, "user": name, "password": password})
        assert made.status == 201, made.body
        return browser

    def browser(self, name, password=PASSWORD, **options):
        """A browser that is logged in."""
        browser = Browser(self, **options)
        answer = admitted(lambda: browser.log_in(name, password))
        assert answer.status == 200, answer.body
        return browser

    def until_indexed(self, store, seconds=60):
        """Waits until the index knows all events of a store."""
        def number(path, sql):
            with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
                return connection.execute(sql).fetchone()[0]

        def is_indexed():
            try:
                return number(self.data / "index.db", "SELECT seq FROM position") == number(store, "SELECT max(seq) FROM events")
            except sqlite3.Error:
                return False
        until(is_indexed, "all events to be indexed", seconds)
        return self

    def documented(self):
        """Method, path and description of each operation."""
        paths = self.ask("GET", "/openapi.json").json["paths"]
        return [(method.upper(), path, operation) for path, item in paths.items() for method, operation in item.items()]


class Answer:
    def __init__(self, answer):
        self.status, self.fields = answer.status, answer.headers
        self.body = answer.read().decode(errors="replace")

    @property
    def json(self):
        return json.loads(self.body)


class Browser:
    """Sends what a browser sends for a page of the control plane: cookie, origin, and where the request comes from."""

    def __init__(self, plane, source="127.0.0.1"):
        self.plane, self.source, self.cookie = plane, source, None

    def send(self, method, path, body=None, headers=None):
        fields = {"Sec-Fetch-Site": "same-origin", **({} if method == "GET" else {"Origin": self.plane.origin})}
        if self.cookie:
            fields["Cookie"] = f"{self.plane.cookie_name}={self.cookie}"
        fields.update(headers or {})
        fields = {name: value for name, value in fields.items() if value is not None}
        answer = self.plane.ask(method, "/api/v1" + path, body, fields, source=self.source)
        for cookie in answer.fields.get_all("set-cookie") or []:
            name, _, rest = cookie.partition("=")
            if name == self.plane.cookie_name:
                self.cookie = rest.partition(";")[0] or None
        return answer

    def get(self, path):
        return self.send("GET", path)

    def post(self, path, body):
        return self.send("POST", path, body)

    def patch(self, path, body):
        return self.send("PATCH", path, body)

    def delete(self, path):
        return self.send("DELETE", path)

    def log_in(self, name, password=PASSWORD):
        return self.post("/session", {"user": name, "password": password})
