"""Real Prometheus, promtool and node_exporter, and the configuration of prometheus/ turned to ports of the loopback."""

import json
import os
import shutil
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import yaml

from .processes import REPOSITORY, Process, free_port
from .servers import Handler, Server
from .waiting import until

PROMETHEUS = REPOSITORY / "prometheus"
DASHBOARDS = REPOSITORY / "grafana/dashboards"
UNPACKED = REPOSITORY / "build/debian/usr/bin"  # by scripts/install-dependencies


def program(name):
    """The path of a program of Debian's packages; None where there is none."""
    return shutil.which(name, path=f"{os.environ['PATH']}:{UNPACKED}")


def promtool(*arguments, directory=PROMETHEUS):
    """Runs promtool; its status and what it said."""
    done = subprocess.run([program("promtool"), *map(str, arguments)], cwd=directory, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def rules(kind):
    """Every rule of prometheus/rules that is an "alert" or a "record", by its name."""
    found = {}
    for path in sorted((PROMETHEUS / "rules").glob("*.yml")):
        for group in yaml.safe_load(path.read_text())["groups"]:
            for rule in group["rules"]:
                if kind in rule:
                    assert rule[kind] not in found, f"{rule[kind]} is there twice"
                    found[rule[kind]] = rule
    return found


def loopback_configuration(ports):
    """prometheus.yml with each job's target on its port of the loopback, every second; jobs without a port go."""
    configuration = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text())
    configuration["global"].update(scrape_interval="1s", scrape_timeout="1s", evaluation_interval="1s")
    configuration["rule_files"] = [str(PROMETHEUS / pattern) for pattern in configuration["rule_files"]]
    jobs = {job["job_name"]: job for job in configuration["scrape_configs"]}
    unknown = set(ports) - set(jobs)
    assert not unknown, f"prometheus.yml has no job {unknown}"
    for job in jobs.values():
        job.pop("dns_sd_configs", None)
        job["static_configs"] = [{"targets": [f"127.0.0.1:{ports.get(job['job_name'])}"]}]
    configuration["scrape_configs"] = [job for name, job in jobs.items() if name in ports]
    return configuration


class NodeExporter(Process):
    """The machine's own metrics, with the collectors that docker-compose.yml asks for.

    Its sensors of heat are files of the tests, as a virtual machine has none: a processor of 48.25 degrees.
    """

    def __init__(self, directory):
        self.port = free_port()
        compose = yaml.safe_load((REPOSITORY / "docker-compose.yml").read_text())
        flags = compose["services"]["node_exporter"]["command"]
        collectors = [flag for flag in flags if flag.startswith("--collector.")]
        sensors = Path(directory) / "sys"
        (sensors / "class").mkdir(parents=True)
        for entry in (*Path("/sys").iterdir(), *Path("/sys/class").iterdir()):
            if entry.name not in ("class", "thermal", "hwmon"):
                (sensors / entry.relative_to("/sys")).symlink_to(entry)
        for path, text in {"thermal/thermal_zone0/type": "cpu-thermal", "thermal/thermal_zone0/temp": "48250",
                           "thermal/thermal_zone0/policy": "step_wise", "hwmon/hwmon0/name": "nvme",
                           "hwmon/hwmon0/temp1_input": "41850"}.items():
            (sensors / "class" / path).parent.mkdir(parents=True, exist_ok=True)
            (sensors / "class" / path).write_text(text + "\n")
        super().__init__("node_exporter", [
            program("prometheus-node-exporter"), f"--web.listen-address=127.0.0.1:{self.port}",
            f"--path.sysfs={sensors}", *collectors], directory)


class Containers:
    """A page of metrics in cAdvisor's form, because Debian has no cAdvisor: two containers and the group above them."""

    def __init__(self):
        self.began = time.time()
        owner = self

        class Page(Handler):
            def do_GET(self):
                self.answer(200, owner.page().encode(), {"Content-Type": "text/plain; version=0.0.4"})

        self.server = Server(Page).start()
        self.port = self.server.port

    def page(self):
        age = time.time() - self.began
        lines = []
        for name, cores, memory in (("", 2, 900), ("ids-redis-1", 0.2, 100), ("ids-eve-reader-1", 0.1, 20)):
            labels = f'id="/{name}",image="image",name="{name}"'
            for metric, more, value in (
                    ("cpu_usage_seconds_total", ',cpu="total"', cores * age), ("memory_working_set_bytes", "", memory),
                    ("cpu_cfs_periods_total", "", age * 10), ("cpu_cfs_throttled_periods_total", "", age),
                    ("spec_cpu_period", "", 100000), ("spec_cpu_quota", "", 50000),
                    ("spec_memory_limit_bytes", "", 400), ("start_time_seconds", "", self.began),
                    ("tasks_state", ',state="running"', 1)):
                lines.append(f"container_{metric}{{{labels}{more}}} {value}\n")
        return "".join(lines)

    def close(self):
        self.server.close()


class Prometheus(Process):
    """A Prometheus that looks at these ports, by job."""

    def __init__(self, directory, ports):
        self.port = free_port()
        self.ports = {**ports, "prometheus": self.port}
        configuration = Path(directory) / "prometheus.yml"
        configuration.write_text(yaml.safe_dump(loopback_configuration(self.ports)))
        super().__init__("prometheus", [
            program("prometheus"), f"--config.file={configuration}", f"--storage.tsdb.path={directory}/prometheus-data",
            f"--web.listen-address=127.0.0.1:{self.port}"], directory)

    def start(self):
        super().start()
        until(lambda: self.ask("query", query="1"), lambda: f"Prometheus to answer; its log:\n{self.log_tail()}", 30)
        return self

    def ask(self, path, **parameters):
        """The data of an answer of the HTTP API; an error there becomes a ValueError with Prometheus' own words."""
        url = f"http://127.0.0.1:{self.port}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
        try:
            with urllib.request.urlopen(url, timeout=30) as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as error:
            raise ValueError(f"{parameters}: {json.load(error).get('error')}") from None

    def query(self, expression):
        """The series of an instant query that have a number now: labels and value."""
        result = self.ask("query", query=expression)["result"]
        series = [(one["metric"], float(one["value"][1])) for one in result]
        return [(labels, value) for labels, value in series if value == value]

    def query_range(self, expression, start, end, step):
        """The series of a range query that have any number: labels and the numbers."""
        result = self.ask("query_range", query=expression, start=start, end=end, step=step)["result"]
        series = [(one["metric"], [float(value) for _, value in one["values"] if value != "NaN"]) for one in result]
        return [(labels, values) for labels, values in series if values]

    def targets(self):
        """Health and last error of each job's target."""
        return {one["labels"]["job"]: (one["health"], one["lastError"]) for one in self.ask("targets")["activeTargets"]}


def missing_programs():
    return [name for name in ("prometheus", "promtool", "prometheus-node-exporter") if not program(name)]
