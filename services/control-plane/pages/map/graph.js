// What the map knows: nodes and edges, as the frames of /api/v1/live tell them.

/** Bad requests and alerts that are listed; older ones are in the events. */
const LISTED = 100;
/** Seconds after which what a node did counts half for its size. */
const HALF_LIFE = 30;

/**
 * @typedef {{ id: number, key: string, kind: string, name?: string, net?: string, own: boolean, sev: number, activity: number, in: number, out: number }} Node
 * @typedef {{ id: number, s: number, d: number, p: string, n: number, b: number, bad: number, sev: number, last: number }} Edge
 * @typedef {{ edge: Edge, count: number, bytes: number, bad: number, sev: number, ms: number }} Flash
 */
export class Graph {
  /** @type {Map<number, Node>} */ nodes = new Map();
  /** @type {Map<number, Edge>} */ edges = new Map();
  networks = [];
  capped = { nodes: 0, edges: 0 };
  sampling = 1;
  time = 0;
  /** Newest first: `{ time, edge, s, d, what, sev?, event?, status? }`. The ends are kept, because an edge may be gone when it is read. */
  listed = [];
  #number = 0;

  /** Everything anew. */
  replace(snapshot) {
    this.nodes.clear();
    this.edges.clear();
    this.listed = [];
    this.networks = snapshot.networks ?? [];
    this.capped = snapshot.capped ?? this.capped;
    this.sampling = snapshot.sampling ?? 1;
    this.time = snapshot.time ?? 0;
    for (const node of snapshot.nodes) this.#addNode(node);
    for (const edge of snapshot.edges) this.#addEdge(edge);
    this.#list(snapshot);
  }

  /**
   * One second more.
   * @returns {{ flashes: Flash[], alerts: any[], shape: boolean }} what is to be shown; `shape` says whether nodes or edges came or went
   */
  advance(delta) {
    let came = false;
    for (const node of delta["nodes+"] ?? []) came = this.#addNode(node) || came;
    for (const edge of delta["edges+"] ?? []) came = this.#addEdge(edge) || came;
    // A quiet second tells nothing, any other one what is left out now.
    if (delta.time) this.capped = delta.capped ?? { nodes: 0, edges: 0 };
    const passed = delta.time ? Math.max(0, Math.min(delta.time - this.time, 3600)) : 0;
    if (delta.time) this.time = delta.time;
    const fade = .5 ** (passed / HALF_LIFE);
    for (const node of this.nodes.values()) node.activity *= fade;
    const flashes = [];
    for (const [id, count, bytes, bad, sev, ms] of delta.flash ?? []) {
      const edge = this.edges.get(id);
      if (!edge) continue;
      edge.n += count; edge.b += bytes; edge.bad += bad; edge.last = this.time;
      if (bad || sev) edge.badAt = this.time;
      if (sev) edge.sev = edge.sev ? Math.min(edge.sev, sev) : sev;
      this.#count(edge, count, bytes);
      flashes.push({ edge, count, bytes, bad, sev, ms });
    }
    const alerts = this.#list(delta);
    for (const id of delta["edges-"] ?? []) this.edges.delete(id);
    for (const id of delta["nodes-"] ?? []) this.nodes.delete(id);
    return { flashes, alerts, shape: came || Boolean(delta["nodes-"]?.length || delta["edges-"]?.length) };
  }

  /** The edges of a node. */
  edgesOf(id) { return [...this.edges.values()].filter((edge) => edge.s === id || edge.d === id); }

  /** The nodes at the other ends, a node itself not among them. */
  neighbours(id) { return new Set(this.edgesOf(id).map((edge) => edge.s === id ? edge.d : edge.s).filter((other) => other !== id)); }

  /** What a node is called in an address: its key, with the network behind it where two have the same one. */
  handleOf(id) {
    const node = this.nodes.get(id);
    if (!node) return "";
    for (const other of this.nodes.values()) if (other.key === node.key && other !== node) return `${node.key}@${node.net ?? ""}`;
    return node.key;
  }

  named(handle) { for (const node of this.nodes.values()) if (node.key === handle || `${node.key}@${node.net ?? ""}` === handle) return node; return null; }

  /** Whether a line has had an alert, and an end of it has one that nobody has triaged. */
  isAlarming({ s, d, sev }) { return sev > 0 && (this.nodes.get(s)?.sev > 0 || this.nodes.get(d)?.sev > 0); }

  #addNode(node) {
    const before = this.nodes.get(node.id);
    this.nodes.set(node.id, { activity: 0, in: 0, out: 0, ...before, ...node });
    return !before || before.net !== node.net;
  }

  #addEdge(edge) {
    const before = this.edges.get(edge.id);
    // Several protocols between two nodes have ways side by side.
    const beside = before?.beside ?? [...this.edges.values()].filter(({ s, d }) => s === edge.s && d === edge.d).length;
    this.edges.set(edge.id, { badAt: before?.badAt ?? (edge.bad || edge.sev ? edge.last : undefined), beside, ...edge });
    if (!before) this.#count(edge, Math.min(edge.n, 20), edge.b);
    return !before;
  }

  #count(edge, count, bytes) {
    const source = this.nodes.get(edge.s), target = this.nodes.get(edge.d);
    if (source) { source.activity += count; source.out += bytes; }
    if (target) { target.activity += count; target.in += bytes; }
  }

  /** Puts what was bad into the list, and gives back the alerts of this frame. */
  #list({ alerts = [], errors = [], time }) {
    const entries = [];
    const add = (one, what) => {
      const edge = this.edges.get(one.edge);
      if (edge) entries.push({ number: ++this.#number, time: one.time ?? time, edge, s: this.nodes.get(edge.s), d: this.nodes.get(edge.d), what, status: one.status, sev: one.sev, event: one.event });
    };
    for (const one of alerts) add(one, one.sig);
    for (const one of errors) add(one, [one.method, one.path].filter(Boolean).join(" "));
    if (entries.length) this.listed = [...entries.sort((a, b) => b.time - a.time), ...this.listed].slice(0, LISTED);
    return alerts.map((alert) => ({ ...alert, edge: this.edges.get(alert.edge) })).filter((alert) => alert.edge);
  }
}

/** What a node is called. */
export const nameOf = (node) => node ? node.name || node.key : "gone";

const KINDS = { host: "Host", gateway: "Gateway", service: "Service", subnet: "Network", asn: "Provider", country: "Country", multicast: "To all", unknown: "Unknown source", others: "Others" };
export const kindOf = (node) => KINDS[node.kind] ?? node.kind;
