"""Frames of the live map as the service sends them, for pages that are looked at without one."""

import json
import random
import time


class MapStream:
    """Stands for `/api/v1/live` and what belongs to it in one page; `second` sends what happened in a second."""

    def __init__(self, page, network):
        self.network, self.sequence, self.socket, self.received = network, 1, None, []
        self.now = int(time.time())
        self.deltas = []
        page.route_web_socket("**/api/v1/live", self._open)
        page.route("**/api/v1/map/buckets*", lambda route: route.fulfill(json=self.record()))
        page.route("**/network_info", lambda route: route.fulfill(json={"networks": [], "duration_stretch": 20}))

    def _open(self, socket):
        self.socket = socket
        socket.on_message(lambda text: self._receive(json.loads(text)))
        self.snapshot()

    def _receive(self, message):
        self.received.append(message["type"])
        if message["type"] == "resume":
            self.snapshot()

    def send(self, frame):
        self.socket.send(json.dumps(frame))

    def snapshot(self):
        network = self.network
        self.send({"type": "snapshot", "epoch": "e1", "seq": self.sequence, "time": self.now, "bucket_ms": 1000, "window_s": 900,
                   "networks": network.networks, "nodes": network.nodes, "edges": network.edges, "alerts": [], "errors": [],
                   "capped": network.capped, "sampling": 1, "reason": None})  # fmt: skip
        self.send({"type": "stats", "time": self.now, "events_per_s": 212, "shown": 212, "dropped": 0, "sampling": 1, "newest": self.now, "reason": None})

    def second(self, **parts):
        """Sends a delta: `flash`, `alerts`, `errors`, and `nodes`, `edges` that come."""
        self.sequence += 1
        self.now += 1
        names = {"nodes": "nodes+", "edges": "edges+", "gone_nodes": "nodes-", "gone_edges": "edges-"}
        delta = {"type": "delta", "seq": self.sequence, "time": self.now, "capped": self.network.capped, **{names.get(key, key): value for key, value in parts.items()}}
        self.deltas.append(delta)
        self.send(delta)

    def record(self):
        return {"epoch": "e1", "from": self.now - 900, "to": self.now, "bucket_ms": 1000, "window_s": 900, "complete": True,
                "networks": self.network.networks, "nodes": self.network.nodes,
                "edges": [{**edge, "n": 0, "b": 0, "bad": 0} for edge in self.network.edges], "deltas": self.deltas}  # fmt: skip


class Network:
    """Who is on the map."""

    def __init__(self, networks):
        self.capped = {"nodes": 0, "edges": 0}
        self.networks = [{"name": name, "own": True} for name in networks]
        self.nodes, self.edges = [], []

    def node(self, key, kind="host", name=None, net="", own=None, sev=0):
        own = kind == "host" if own is None else own
        self.nodes.append({"id": len(self.nodes) + 1, "key": key, "kind": kind, "net": net, "own": own, "sev": sev, **({"name": name} if name else {})})
        return len(self.nodes)

    def edge(self, source, destination, protocol="tls", count=1, size=20_000, bad=0, sev=0):
        self.edges.append({"id": len(self.edges) + 1, "s": source, "d": destination, "p": protocol, "n": count, "b": size,
                           "bad": bad, "sev": sev, "last": int(time.time())})  # fmt: skip
        return len(self.edges)


def home():
    """A house with a public and a private network of services beside it, and the world around."""
    chance = random.Random(7)
    network = Network(["home", "private", "public"])
    names = ["tv", "kitchen-tablet", "nas", "printer", "anas-phone", "bens-laptop", "doorbell", "thermostat", "vacuum", "speaker-bath",
             "work-pc", "camera-yard", "pi", "console", "washing-machine", "light-bridge", "heat-pump", "guest-phone"]  # fmt: skip
    own = [network.node(f"192.168.178.{20 + i}", name=name, net="home") for i, name in enumerate(names)]
    router = network.node("192.168.178.1", "gateway", "fritz.box", "home", own=True)
    services = {net: [network.node(f"{net}-{name}", "service", name, net, own=True) for name in ("proxy", "communicating-service", "non-communicating-service")]
                for net in ("private", "public")}  # fmt: skip
    world = [network.node(key, "asn", name, own=False) for key, name in [
        ("AS15169", "Google"), ("AS16509", "Amazon"), ("AS13335", "Cloudflare"), ("AS3320", "Deutsche Telekom"), ("AS8075", "Microsoft"),
        ("AS2906", "Netflix"), ("AS32934", "Meta"), ("AS714", "Apple"), ("AS24940", "Hetzner"), ("AS20940", "Akamai"), ("AS12322", "Free"),
        ("AS4134", "Chinanet")]]  # fmt: skip
    world += [network.node("BR", "country", "Brazil", own=False), network.node("203.0.0.0/16", "subnet", own=False), network.node("multicast", "multicast", "All in the network", own=False),
              network.node("others/", "others", "others", own=False)]  # fmt: skip
    stranger = network.node("unknown", "unknown", "unknown", "public", own=False)
    for host in own:
        network.edge(host, router, "dns", 40, 9_000)
        for other in chance.sample(world, 3):
            network.edge(host, other, chance.choice(["tls", "quic", "http"]), chance.randint(1, 60), chance.randint(2_000, 40_000_000))
    network.edge(own[5], own[2], "smb", 12, 90_000_000)
    network.edge(own[0], own[2], "http", 12, 9_000_000)
    for net, (proxy, talker, quiet) in services.items():
        network.edge(proxy, talker, "http", 30, 40_000)
        network.edge(talker, quiet, "http", 30, 40_000)
    network.edge(stranger, services["public"][0], "http", 4, 9_000)
    network.edge(services["public"][1], services["private"][0], "http", 8, 30_000)
    network.capped = {"nodes": 123, "edges": 0}
    return network


def pair():
    """Two hosts, and a connection each way."""
    network = Network(["home"])
    tv, nas = network.node("192.168.178.20", net="home", name="tv"), network.node("192.168.178.30", net="home", name="nas")
    network.edge(tv, nas), network.edge(nas, tv)
    return network


def crowd(hosts, edges):
    """As many hosts and connections as one asks for."""
    chance = random.Random(7)
    network = Network(["home"])
    own = [network.node(f"10.0.{i // 250}.{i % 250 + 1}", name=f"host-{i}", net="home") for i in range(hosts * 2 // 3)]
    world = [network.node(f"AS{64500 + i}", "asn", f"Provider {i}", own=False) for i in range(hosts - len(own))]
    for _ in range(edges):
        network.edge(chance.choice(own), chance.choice(world + own), chance.choice(["tls", "dns", "quic"]), size=chance.randint(100, 10_000_000))
    return network
