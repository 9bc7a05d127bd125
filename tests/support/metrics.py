"""Reads what services expose to Prometheus, and runs Prometheus' own check of it."""

import re
import subprocess

from . import monitoring

SAMPLE = re.compile(r'([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)')
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


class Exposition:
    """One scrape: values by name and labels."""

    def __init__(self, text):
        self.text = text
        self.helps = dict(re.findall(r"^# HELP (\S+) (.*)$", text, re.M))
        self.types = dict(re.findall(r"^# TYPE (\S+) (.*)$", text, re.M))
        self.samples = {}
        for line in text.splitlines():
            if line and not line.startswith("#"):
                name, labels, value = SAMPLE.fullmatch(line).groups()
                key = name, frozenset(LABEL.findall(labels or ""))
                assert key not in self.samples, f"twice: {line}"
                self.samples[key] = float(value)

    def get(self, metric, **labels):
        """The value of this metric with exactly these labels; None when there is none."""
        return self.samples.get((metric, frozenset(labels.items())))

    def all(self, metric):
        """The values of all labels of a metric."""
        return {labels: value for (name, labels), value in self.samples.items() if name == metric}

    def label_names(self, family):
        """The names of the labels of a family, without that of a histogram's buckets."""
        names = {family, family + "_count"} if self.types[family] == "histogram" else {family}
        return sorted({label for (name, labels) in self.samples if name in names for label, _ in labels})


def scrape(service):
    status, text = service.get("/metrics")
    assert status == 200
    return Exposition(text)


def findings(text):
    """What `promtool check metrics` has to say of an exposition: nothing, if it is as it should be."""
    command = [monitoring.program("promtool"), "check", "metrics"]
    done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=30)
    return done.stdout + done.stderr + (f"status {done.returncode}" if done.returncode else "")


def table(expositions, prefix="", without=()):
    """The families of these scrapes as rows of a document: name, type, labels, meaning."""
    rows = {}
    for found in expositions:
        for family, kind in found.types.items():
            if family.startswith(prefix) and family not in without:
                labels = rows.get(family, (kind, set(), ""))[1] | set(found.label_names(family))
                rows[family] = kind, labels, found.helps[family]
    lines = [f"| `{name}` | {kind} | {' '.join(f'`{label}`' for label in sorted(labels))} | {meaning} |\n"
             for name, (kind, labels, meaning) in sorted(rows.items())]
    return "| metric | type | labels | meaning |\n|---|---|---|---|\n" + "".join(lines)
