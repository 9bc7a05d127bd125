"""Redis, eve-reader and control-plane, whose configuration is changed by control-plane."""

import redis

from .control_plane import ControlPlane
from .processes import RedisServer, Service, free_port
from .waiting import until


class Box:
    """They read one configuration; `web` are keys of that section."""

    secret = "hunter2-of-redis"

    def __init__(self, directory, **web):
        self.redis = RedisServer(directory, requirepass=self.secret)
        self.redis.client = redis.Redis(port=self.redis.port, password=self.secret, socket_timeout=10)
        reader_port = free_port()
        self.eve = directory / "eve.json"
        self.eve.touch()
        self.agent_socket = directory / "agent.sock"
        self.plane = ControlPlane(
            directory, tls="off", config_trial_seconds=15, agent_socket=str(self.agent_socket), **web,
            sections={
                "redis": {"host": "127.0.0.1", "port": self.redis.port, "password": self.secret},
                "eve_reader": {"path": str(self.eve), "http_port": reader_port},
                "sqlite": {"path": str(directory / "events.db")},
                "pipeline": {"services": [f"eve-reader=127.0.0.1:{reader_port}", "local-store=127.0.0.1:1"]},
            })
        self.reader = Service("eve-reader", directory, self.plane.config, reader_port)

    def start(self):
        self.redis.start()
        self.reader.start().until_ready()
        self.plane.start().until_ready()
        self.ana = self.plane.set_up("ana")
        return self

    def stop(self):
        for process in (self.plane, self.reader, self.redis):
            process.kill()

    @property
    def text(self):
        return self.plane.config.read_text()

    def look(self):
        return self.ana.get("/config").json

    def apply(self, changes, note="", expected=202, **body):
        seen = self.look()
        answer = self.ana.send("POST", "/config/revisions", {"yaml": seen["yaml"], "changes": changes, "note": note, **body},
                               {"If-Match": seen["etag"]})
        assert answer.status == expected, answer.body
        return answer.json

    def ended(self, number):
        """The revision when its trial is over."""
        def look():
            revision = self.ana.get(f"/config/revisions/{number}").json["revision"]
            return revision["state"] != "trial" and revision
        return until(look, f"the trial of revision {number} to end", 90)
