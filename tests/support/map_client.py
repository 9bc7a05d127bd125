"""A page that follows the live map, without a browser."""

import json
import time
from types import SimpleNamespace

from .http_probe import WebSocket


class MapPage:
    """Keeps what the frames say, as the page does."""

    def __init__(self, plane, browser=None, source="127.0.0.1", **options):
        lines = [f"Cookie: {plane.cookie_name}={browser.cookie}"] if browser else []
        place = SimpleNamespace(connect=lambda buffer: plane.connect(buffer, source))
        self.socket = WebSocket(place, "/api/v1/live", "ids.map.v1", host=f"127.0.0.1:{plane.web_port}",
                                lines=[*lines, f"Origin: {plane.origin}"], **options)
        self.snapshots, self.deltas, self.stats, self.reason = [], [], [], "no snapshot yet"
        self.nodes, self.edges = {}, {}

    def step(self, seconds=20):
        """Takes the next frame, and returns it."""
        self.socket.socket.settimeout(seconds)
        message = self.socket.receive()
        assert message and message[0] != 8, f"closed: {message}"
        frame = json.loads(message)
        self.reason = frame.get("reason", self.reason)
        if frame["type"] == "snapshot":
            self.snapshots.append(frame)
            self.nodes = {node["id"]: node for node in frame["nodes"]}
            self.edges = {edge["id"]: edge for edge in frame["edges"]}
            self.sequence = frame["seq"]
        elif frame["type"] == "delta":
            assert frame["seq"] == self.sequence + 1, (frame["seq"], self.sequence)
            self.sequence = frame["seq"]
            self.deltas.append(frame)
            self.apply(frame)
        elif frame["type"] == "stats":
            self.stats.append(frame)
        return frame

    def apply(self, delta):
        self.nodes.update((node["id"], node) for node in delta.get("nodes+", []))
        self.edges.update((edge["id"], edge) for edge in delta.get("edges+", []))
        for edge in delta.get("edges+", []):
            assert edge["s"] in self.nodes and edge["d"] in self.nodes, edge
        for number, count, octets, bad, severity, _ in delta.get("flash", []):
            edge = self.edges[number]
            edge["n"], edge["b"], edge["bad"] = edge["n"] + count, edge["b"] + octets, edge["bad"] + bad
            edge["sev"] = worst(edge["sev"], severity)
        for edge in delta.get("edges-", []):
            self.edges.pop(edge, None)
        for node in delta.get("nodes-", []):
            self.nodes.pop(node, None)

    def until(self, condition, what, seconds=60):
        """Takes frames until something is true of the page."""
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, f"after {seconds} s still waiting for: {what}"
            self.step()

    def until_followed(self):
        """Takes frames until what is written from now on is shown; all that was before is forgotten."""
        self.until(lambda: self.reason is None, "the stream of events to be followed")
        self.deltas, self.stats = [], []
        return self

    def sum(self, member):
        """Of all deltas: `events`, or by the place in a flash."""
        if isinstance(member, str):
            return sum(delta.get(member, 0) for delta in self.deltas)
        return sum(flash[member] for delta in self.deltas for flash in delta.get("flash", []))

    def all(self, member):
        return [each for delta in self.deltas for each in delta.get(member, [])]

    def node(self, name, net=None):
        """The node with a key or a name."""
        return next((node for node in self.nodes.values() if name in (node["key"], node["name"])
                     and net in (None, node["net"])), None)

    def lines(self):
        """Edges with the names of their ends."""
        return {(self.nodes[edge["s"]]["name"], self.nodes[edge["d"]]["name"], edge["p"]): edge
                for edge in self.edges.values()}

    @property
    def picture(self):
        """All that is drawn, but for the moment of the last exchange, which deltas do not tell."""
        return self.nodes, {number: {**edge, "last": None} for number, edge in self.edges.items()}

    def tell(self, kind):
        self.socket.send(json.dumps({"type": kind}).encode())

    def close(self):
        self.socket.close()


def worst(left, right):
    return min(left, right) if left and right else left or right
