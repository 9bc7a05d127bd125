"""A whole private pipeline: Redis and the services with their own ports, key prefix, configuration and folder."""

import json
import shutil
import sqlite3
import tempfile
import uuid
from pathlib import Path

from .processes import BINARIES, RedisServer, Service, free_port, stop_all, write_settings
from .waiting import until

SERVICES = ("eve-reader", "ecs-transformer", "opensearch-shipper")

# Words of the contract, which test_contract.py holds them to: the groups of the sinks, and the stages that count.
GROUPS = {"sqlite": "local", "opensearch": "opensearch"}
STAGES = ("eve-reader", "ecs-transformer", *GROUPS.values())


class Stack:
    """Redis, eve-reader, ecs-transformer and one shipper for each named sink.

    `settings` are dotted keys of config.yaml that replace or add to those of the tests. Nothing is started by the
    initializer; `start()` starts all, and each part can be started, killed and restarted alone.
    """

    def __init__(self, sinks=("sqlite",), opensearch=None, settings=None, redis=None, redis_options=None, eve=None):
        self.directory = Path(tempfile.mkdtemp(prefix="ids-test-"))
        self.store = self.directory / "events.db"
        self.eve = Path(eve) if eve else self.directory / "eve.json"
        self.redis = redis or RedisServer(self.directory, **(redis_options or {}))
        self._owns_redis = redis is None
        self.name = "t" + uuid.uuid4().hex[:10]
        self.config = self.directory / "config.yaml"
        self.ports = {name: free_port() for name in ("reader", "transformer", "opensearch", "sqlite")}
        self.settings = {
            "sensor.name": "sensor-under-test",
            "redis.host": "127.0.0.1",
            "redis.port": self.redis.port,
            "redis.prefix": f"{self.name}:",
            "redis.backoff_max_ms": 500,
            "eve_reader.path": str(self.eve),
            "canary.interval_ms": 0,  # tests count what they have written
            "eve_reader.http_port": self.ports["reader"],
            "ecs_transformer.http_port": self.ports["transformer"],
            "opensearch_shipper.http_port": self.ports["opensearch"],
            "opensearch.endpoint": opensearch or "http://127.0.0.1:1",
            "opensearch.index_prefix": self.name,
            "opensearch.index_days_back": 36500,  # the events of the tests have a fixed day
            "opensearch_shipper.backoff_max_ms": 500,
            "sqlite.http_port": self.ports["sqlite"],
            "sqlite.path": str(self.store),
            **(settings or {}),
        }
        self.write_config()
        self.reader = Service("eve-reader", self.directory, self.config, self.ports["reader"])
        self.transformer = Service("ecs-transformer", self.directory, self.config, self.ports["transformer"])
        self.shippers = {sink: self._shipper(sink) for sink in sinks}

    def _shipper(self, sink):
        return Service("opensearch-shipper", self.directory, self.config, self.ports[sink],
                       extra=("--sink", sink), instance=f"-{sink}")

    def write_config(self, **changes):
        """Writes config.yaml; `changes` are settings with `__` for the dot."""
        self.settings.update({key.replace("__", "."): value for key, value in changes.items()})
        write_settings(self.config, self.settings)

    @property
    def services(self):
        return [self.reader, self.transformer, *self.shippers.values()]

    @property
    def processes(self):
        return [*self.services, *([self.redis] if self._owns_redis else [])]

    def start(self, ready=True):
        """Starts everything that does not run yet and, with `ready`, waits until each part says that it is.

        A reader is ready when there is something to read, so then an empty file is made where there is none.
        """
        if ready and not self.eve.exists():
            self.eve.touch()
        if self._owns_redis and not self.redis.running:
            self.redis.start()
        for service in self.services:
            if not service.running:
                service.start()
        if ready:
            for service in self.services:
                service.until_ready()
        return self

    def close(self):
        stop_all(self.processes)
        if not self._owns_redis:
            for key in self.redis.client.scan_iter(f"{self.name}:*", count=1000):
                self.redis.client.unlink(key)
        shutil.rmtree(self.directory, ignore_errors=True)

    def logs(self):
        return {process.name: process.log_tail() for process in self.processes}

    # What is in the pipeline

    def key(self, name):
        return f"{self.name}:{name}"

    def totals(self, service):
        """The counters that this service keeps in Redis beside the data, without those of the latency."""
        totals = self.redis.client.hgetall(self.key(f"totals:{service}"))
        return {name.decode(): int(value) for name, value in totals.items() if not name.startswith(b"latency")}

    def all_totals(self):
        return {name: self.totals(name) for name in STAGES}

    def dead_letters(self):
        """The fields of every dead letter, oldest first, as bytes by field name."""
        entries = self.redis.client.xrange(self.key("dead"))
        return [{name.decode(): value for name, value in fields.items()} for _, fields in entries]

    def waiting_entries(self, stream, group):
        """Entries of `stream` that `group` has not acknowledged: not yet read, or read and pending."""
        for row in self.redis.client.xinfo_groups(self.key(stream)):
            if row["name"].decode() == group:
                unread = row.get("lag")
                return row["pending"] + (unread if unread is not None else 1)
        return 0

    # What is in the store

    def query(self, sql, *values):
        """Rows of the SQLite store, read as another user of the file would."""
        connection = sqlite3.connect(f"file:{self.store}?mode=ro", uri=True, timeout=10)
        try:
            return connection.execute(sql, values).fetchall()
        finally:
            connection.close()

    def stored(self):
        return self.query("SELECT count(*) FROM events")[0][0]

    def stored_ids(self):
        return {row[0] for row in self.query("SELECT id FROM events")}

    def documents(self):
        """Every stored document, by id."""
        return {key: json.loads(text) for key, text in self.query("SELECT id, document FROM events")}

    def until_stored(self, count, seconds=60):
        """Waits until the store holds `count` events, and checks that it does not hold more."""
        until(lambda: self.stored() >= count,
              lambda: f"{count} events in the store, totals {self.all_totals()}", seconds)
        assert self.stored() == count

    def until_acknowledged(self, sink, count, seconds=60):
        """Waits until this sink's group has acknowledged `count` documents."""
        group = GROUPS[sink]
        until(lambda: self.totals(group).get("stored", 0) >= count,
              lambda: f"{count} documents acknowledged by {group}, totals {self.all_totals()}", seconds)


def missing_binaries():
    return [name for name in SERVICES if not (BINARIES / name).exists()]
