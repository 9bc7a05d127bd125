"""The services of the pipeline as processes: their commands, their configuration, and what they say about their health."""

import json
import os
import re
import socket
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from .children import Child
from .options import Options
from .private_redis import STREAM_BYTES_MAX, PrivateRedis, free_port
from .run_folder import RunFolder, write_private

# Settings of the services may come from the environment, and the user's shell may hold some that are meant for
# another installation (REDIS_URL, say). So the services get only what they need from it.
ENVIRONMENT_KEPT = (
    "PATH",
    "HOME",
    "USER",
    "TZ",
    "TMPDIR",
    "LD_LIBRARY_PATH",
    "SENSOR_NAME",
    "LOG_LEVEL",
    "OPENSEARCH_USERNAME",
    "OPENSEARCH_USERNAME_FILE",
    "OPENSEARCH_PASSWORD",
    "OPENSEARCH_PASSWORD_FILE",
    "OPENSEARCH_CA_FILE",
    "OPENSEARCH_PROXY",
    "OPENSEARCH_PROXY_FILE",
    "OPENSEARCH_NO_PROXY",
    "https_proxy",
    "HTTPS_PROXY",
    "http_proxy",
    "all_proxy",
    "ALL_PROXY",
    "no_proxy",
    "NO_PROXY",
)

PROBE_SECONDS = 0.3


@dataclass
class Service:
    """One service of the pipeline in the form in which this run starts it."""

    name: str
    port: int
    child: Child


def environment() -> dict[str, str]:
    """What the started programs find in their environment."""
    kept = {name: os.environ[name] for name in ENVIRONMENT_KEPT if name in os.environ}
    return {**kept, "LANG": "C.UTF-8"}


def prepare(
    folder: RunFolder, options: Options, bin_folder: Path, eve: Path, redis: PrivateRedis, web: dict[str, object]
) -> list[Service]:
    """The services of this run in the order of the flow; writes the one config.yaml that all of them read.

    `web`: the settings of the page, if there is to be one.
    The file is also good for asking them by hand, as in `build/bin/eve-reader check-config --config …`.
    """
    programs = [
        ("eve-reader", "eve-reader", "eve_reader", []),
        ("ecs-transformer", "ecs-transformer", "ecs_transformer", []),
        ("local-store", "opensearch-shipper", "sqlite", ["--sink", "sqlite"]),
    ]
    sinks = ["local"]
    sections: dict[str, dict[str, object]] = {
        "redis": {"host": "127.0.0.1", "port": redis.port, "password": redis.password},
        "eve_reader": {"path": str(eve), "once": options.once, "stream_bytes_max": STREAM_BYTES_MAX},
        "ecs_transformer": {"stream_bytes_max": STREAM_BYTES_MAX},
        # What every store of this run has acknowledged may leave Redis, nothing earlier.
        "opensearch_shipper": {"sink": "opensearch" if options.opensearch else "sqlite", "required_groups": sinks},
        "sqlite": {"path": str(options.store)},
    }
    if options.opensearch:
        programs.append(("opensearch-shipper", "opensearch-shipper", "opensearch_shipper", ["--sink", "opensearch"]))
        sinks.append("opensearch")
        sections["opensearch"] = {"endpoint": options.opensearch}
    if web:
        sections["web"] = web
        # The page says what it tells: where events wait.
        programs.append(("metrics-exporter", "metrics-exporter", "metrics_exporter", []))
        sections["metrics_exporter"] = {}
    result = []
    for name, program, section, flags in programs:
        port = sections[section]["http_port"] = free_port()
        command = [str(bin_folder / program), "run", "--config", str(folder.configuration), *flags]
        log = folder.logs / f"{name}.log"
        result.append(Service(name, port, Child(name, command, log, environment())))
    if web:
        sections["pipeline"] = {"services": ",".join(f"{service.name}=127.0.0.1:{service.port}" for service in result)}
        if not options.eve:
            # Captures come to their end, and that Suricata writes nothing then is no fault.
            sections["pipeline"]["silence_seconds"] = 86400
    text = "# Written by scripts/run for this run.\n"
    for section, values in sections.items():
        # A JSON value is a YAML value, whatever characters a path holds.
        text += f"{section}:\n" + "".join(f"  {key}: {json.dumps(value, ensure_ascii=False)}\n" for key, value in values.items())
    write_private(folder.configuration, text)
    return result


@dataclass(frozen=True)
class Health:
    """What a service says of itself, and what it costs."""

    is_ready: bool
    reason: str
    resident_bytes: int
    cpu_seconds: float
    metrics: dict[str, float]


def probe(service: Service) -> Health:
    """Asks a service whether it is ready; a service that does not answer is not, which is never an error here."""
    resident_bytes, cpu_seconds = process_cost(service.child.process_id)
    if not service.child.is_running:
        return Health(service.child.is_finished, "finished" if service.child.is_finished else "not running", 0, 0, {})
    try:
        status, body = _get(service.port, "/readyz")
        reason = "" if status == 200 else _reasons(body)
        metrics = _metrics(_get(service.port, "/metrics")[1])
        return Health(status == 200, reason, resident_bytes, cpu_seconds, metrics)
    except (OSError, HTTPException, socket.timeout) as error:
        return Health(False, f"does not answer yet ({error or type(error).__name__})", resident_bytes, cpu_seconds, {})


def process_cost(process_id: int | None) -> tuple[int, float]:
    """Resident memory in bytes and CPU seconds of a process; zeros if it is gone."""
    if process_id is None:
        return 0, 0.0
    try:
        stat = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0, 0.0
    ticks, pages = int(stat[11]) + int(stat[12]), int(stat[21])
    return pages * os.sysconf("SC_PAGE_SIZE"), ticks / os.sysconf("SC_CLK_TCK")


def _get(port: int, path: str) -> tuple[int, str]:
    connection = HTTPConnection("127.0.0.1", port, timeout=PROBE_SECONDS)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read(1 << 20).decode("utf-8", "replace")
    finally:
        connection.close()


def _reasons(body: str) -> str:
    """Which part of the service is not ready, and why, from the JSON of /readyz."""
    try:
        parts = json.loads(body)["parts"].items()
        reasons = [f"{name}: {part.get('reason', '')}" for name, part in parts if not part["ready"]]
    except (ValueError, KeyError, TypeError, AttributeError):
        return body.strip()[:200] or "no reason given"
    return "; ".join(reasons) or "it has just started"


def _metrics(text: str) -> dict[str, float]:
    """Samples of the Prometheus text format by name, labels left out: the view needs only plain gauges and counters."""
    found = re.findall(r"^([a-z_]+)(?:\{[^}]*\})? ([0-9.eE+-]+|NaN)", text, re.MULTILINE)
    return {name: float(value) for name, value in found}
