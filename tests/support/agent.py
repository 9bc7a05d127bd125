"""The agent of a host, as control-plane sees it: HTTP over a socket in the file system, after the contract in
`shared/Sources/AgentContract`. It starts nothing anew; a test says how its jobs go on."""

import json
import os
import re
import socketserver
import threading
import time
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

TARGET = re.compile(r"suricata|agent|stack|service:[a-z][a-z0-9-]{0,62}")
SERVICES = ["eve-reader", "ecs-transformer", "opensearch-shipper", "local-store", "metrics-exporter", "control-plane"]


def container(service, **changes):
    now = int(time.time())
    return {"kind": "container", "name": f"ids-suite-{service}-1", "about": f"ids-suite/{service}:0.1.0", "state": "running",
            "detail": "Up 3 hours (healthy)", "since": now - 10_800, "restarts": 0, "cores": 0.04, "memory_bytes": 21_000_000,
            "memory_bytes_max": 100_663_296, "target": f"service:{service}", **changes}


def unit(name, about, **changes):
    now = int(time.time())
    return {"kind": "unit", "name": name, "about": about, "state": "running", "detail": "active (running)", "since": now - 86_400,
            "restarts": 0, "cores": None, "memory_bytes": 180_000_000, "memory_bytes_max": None, "target": None, **changes}


class Agent:
    """An agent that listens at `path`. `answers` replaces the answer of a path by (status, bytes); `slow` lets it say nothing."""

    def __init__(self, path):
        self.path, self.asked, self.answers, self.jobs = Path(path), [], {}, []
        self.slow = threading.Event()
        self.peers = set()
        self.workloads = [container(service) for service in SERVICES] + [
            unit("suricata.service", "Suricata IDS/IPS", cores=0.31, target="suricata"),
            unit("docker.service", "Docker Application Container Engine"),
            unit("ids-agent.service", "Agent of the IDS suite", memory_bytes=9_000_000, target="agent")]
        self.host = {
            "name": "ids", "model": "Raspberry Pi 5 Model B Rev 1.0", "system": "Debian GNU/Linux 13 (trixie)",
            "kernel": "6.12.47+rpt-rpi-2712", "booted_at": int(time.time()) - 1_209_600, "processors": 4, "page_bytes": 16_384,
            "memory_bytes": 8_589_934_592, "memory_available_bytes": 5_368_709_120, "temperature_celsius": 58.4, "warnings": [],
            "disks": [{"path": "/", "bytes": 62_000_000_000, "free_bytes": 41_000_000_000},
                      {"path": "/mnt/ram_logs", "bytes": 536_870_912, "free_bytes": 498_000_000}]}
        self.server = None

    def start(self):
        self.server = Server(str(self.path), Handler)
        self.server.agent = self
        os.chmod(self.path, 0o660)
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def stop(self):
        self.slow.clear()
        if self.server:
            self.server.shutdown()
            self.server.server_close()
            self.server = None
            self.path.unlink(missing_ok=True)

    def finish(self, state="done", reason=None, lines=()):
        """Ends the newest job."""
        job = self.jobs[0]
        job.update(state=state, reason=reason, ended_at=int(time.time()), lines=[*job["lines"], *lines])

    def answer(self, method, target, body):
        """Status and document of an answer."""
        url = urlsplit(target)
        self.asked.append((method, target, body))
        if url.path in self.answers:
            return self.answers[url.path]
        if (method, url.path) == ("GET", "/v1/state"):
            return 200, {"version": "0.1.0", "host": self.host, "workloads": self.workloads, "jobs": self.jobs[:50]}
        if method == "GET" and url.path.startswith("/v1/jobs/"):
            job = next((job for job in self.jobs if job["id"] == url.path.removeprefix("/v1/jobs/")), None)
            return (200, job) if job else problem(404, "there is no such job, or no longer")
        if (method, url.path) == ("GET", "/v1/logs"):
            query = parse_qs(url.query)
            return 200, {"lines": [f"{query['target'][0]} line {number}" for number in range(int(query["lines"][0]))]}
        if (method, url.path) == ("POST", "/v1/restart"):
            return self.restart(body)
        return problem(404, "the agent has nothing here")

    def restart(self, body):
        target = body.get("target", "")
        known = {"stack", *(workload["target"] for workload in self.workloads)}
        if not TARGET.fullmatch(target) or target not in known:
            return problem(404, f"{target} is not started by this agent")
        title = f"restart {target}"
        if any(job["title"] == title and job["state"] == "running" for job in self.jobs):
            return problem(409, f"{target} is being started anew already")
        now = int(time.time())
        self.jobs.insert(0, {"id": f"j{len(self.jobs) + 1}", "title": title, "state": "running", "user": body["by"],
                             "started_at": now, "ended_at": None, "deadline_at": now + 90, "reason": None, "lines": ["stopping"]})
        return 202, self.jobs[0]


def problem(status, detail):
    return status, {"title": "Refused", "status": status, "detail": detail}


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def address_string(self):
        return "unix"

    def respond(self):
        agent = self.server.agent
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else None
        while agent.slow.is_set():
            time.sleep(0.02)
        status, document = agent.answer(self.command, self.path, body)
        text = document if isinstance(document, bytes) else json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json" if status < 300 else "application/problem+json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = respond
