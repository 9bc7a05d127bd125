// Draws the map on two canvases: what stands still below, and what moves above. Nothing is drawn while nothing changes.
import { nameOf } from "./graph.js";
import { rimAt } from "./rim.js";

const LEAST_PULSE_MS = 700, LONGEST_PULSE_MS = 8000, MOST_PULSES = 300, PULSES_PER_FLASH = 3;
const MOVE_MS = 700, RIPPLE_MS = 700, RING_MS = 1800;
/** Seconds for which a line stays marked after a bad request. */
const MARKED_SECONDS = 60;
const TAIL_PIXELS = 54, TAIL_PARTS = 8;
const FONT = '500 12px "Inter", system-ui, sans-serif', REGION_FONT = '600 13px "Inter", system-ui, sans-serif';
const COLOURS = ["bg", "surface", "raised", "line", "hair", "text", "muted", "accent", "high", "medium", "low", "good"];
const KEPT = "map-places", MOST_KEPT = 1000, KEEP_MS = 1000;
const TAU = 2 * Math.PI;
/** Corners of the shape of a gateway, the one at the left left out. */
const HEXAGON = [[-.5, -.866], [.5, -.866], [1, 0], [.5, .866], [-.5, .866]];

const ease = (t) => t < .5 ? 2 * t * t : 1 - (2 - 2 * t) ** 2 / 2;
const clamp = (value, least, most) => Math.max(least, Math.min(most, value));
/** A name as one line of bounded length, without what would turn its direction. */
const short = (text) => { text = text.replace(/[\u0000-\u001f\u007f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, " "); return text.length > 26 ? text.slice(0, 25) + "…" : text; };

export class Painter {
  /** How much longer than the request a pulse takes. */
  stretch = 20;
  #graph = null;
  /** Which nodes and edges are drawn. */
  shown = { node: () => true, edge: () => true };
  #places = new Map(); #regions = []; #kept = kept();
  #view = { scale: 1, x: 0, y: 0 }; #follows = true; #moving = 0;
  #arranges = false; #isOutdated = false; #waiting = []; #keeping = 0;
  #pulses = []; #ripples = new Map(); #rings = new Map(); #lit = new Map();
  #chosen = null; #near = null; #over = null;
  #colours = {}; #widths = new Map();
  #frame = 0; #stale = false; #calm = matchMedia("(prefers-reduced-motion: reduce)");
  #pointers = new Map(); #grip = null;

  /** @param {HTMLElement} box with two canvases  @param {{ choose, open, hover }} told */
  constructor(box, told) {
    this.box = box;
    this.told = told;
    [this.still, this.alive] = box.querySelectorAll("canvas");
    this.worker = new Worker(new URL("./layout.js", import.meta.url), { type: "module" });
    this.worker.onmessage = ({ data }) => this.#arrive(data);
    this.ending = new AbortController();
    const on = (target, name, action, options) => target.addEventListener(name, action, { signal: this.ending.signal, ...options });
    on(this.alive, "pointerdown", (event) => this.#press(event));
    on(this.alive, "pointermove", (event) => this.#move(event));
    for (const name of ["pointerup", "pointercancel"]) on(this.alive, name, (event) => this.#release(event));
    on(this.alive, "pointerleave", () => { this.#over = null; this.told.hover(null); });
    on(this.alive, "dblclick", (event) => { const id = this.#at(event); if (id !== null) this.told.open(id); });
    on(this.alive, "wheel", (event) => { event.preventDefault(); this.zoom(1.0015 ** -event.deltaY, event.offsetX, event.offsetY); }, { passive: false });
    this.sizes = new ResizeObserver(() => this.#resize());
    this.sizes.observe(box);
    this.themes = new MutationObserver(() => this.#recolour());
    this.themes.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
    on(matchMedia("(prefers-color-scheme: dark)"), "change", () => this.#recolour());
    document.fonts?.ready.then(() => { this.#widths.clear(); this.#redraw(); });
    this.#recolour();
  }

  close() {
    this.ending.abort();
    this.sizes.disconnect();
    this.themes.disconnect();
    this.worker.terminate();
    clearTimeout(this.#keeping);
    keep(this.#kept);
    cancelAnimationFrame(this.#frame);
  }

  // What is shown.

  /** @param {import("./graph.js").Graph} graph  @param {{ node: (node) => boolean, edge: (edge) => boolean }} shown */
  show(graph, shown) {
    this.#graph = graph;
    this.shown = shown;
    this.#near = this.#chosen !== null ? graph.neighbours(this.#chosen) : null;
    this.#redraw();
  }

  /** Finds places for nodes that came. Who has one keeps it. */
  arrange() {
    // One at a time, however often somebody comes.
    if (this.#arranges) { this.#isOutdated = true; return; }
    this.#arranges = true;
    const graph = this.#graph, names = new Set();
    const nodes = [...graph.nodes.values()].map((node) => {
      const region = regionOf(node);
      if (region !== null) names.add(region);
      return { id: node.id, key: node.key, region, kept: this.#kept.get(keptAs(node)) ?? null };
    });
    this.worker.postMessage({ nodes, names: [...names].sort(), links: [...graph.edges.values()].map((edge) => [edge.s, edge.d]) });
  }

  /** Forgets where everybody stood. */
  scatter() {
    this.#kept.clear();
    this.#follows = true;
    this.arrange();
  }

  /** Sends what has happened along its lines. */
  flash(flashes, alerts = []) {
    if (document.hidden) return;
    const now = performance.now();
    for (const flash of flashes) {
      const { edge, count, bad, ms } = flash;
      if (!this.shown.edge(edge)) continue;
      // Who has just come has no place yet.
      if (!this.#places.has(edge.s) || !this.#places.has(edge.d)) { if (this.#arranges) this.#waiting.push(flash); continue; }
      if (this.#calm.matches) { this.#lit.set(edge, { until: now + 1000, bad: bad > 0 }); continue; }
      // An alert without a flow of its own is something that happens, too.
      const happened = Math.max(count, bad, 1), many = Math.min(PULSES_PER_FLASH, happened, MOST_PULSES - this.#pulses.length);
      // Faster where more happens.
      const takes = clamp(ms * this.stretch, LEAST_PULSE_MS, LONGEST_PULSE_MS) / (1 + Math.log2(happened) / 4);
      for (let i = 0; i < many; i++) this.#pulses.push({ edge, from: now + (i + Math.random() * .6) * 1000 / PULSES_PER_FLASH, takes, bad: i < Math.ceil(bad / happened * many) });
    }
    for (const { edge, sev } of alerts) {
      if (this.#calm.matches || !this.shown.edge(edge)) continue;
      for (const id of [edge.s, edge.d]) if (sev <= (this.#rings.get(id)?.sev ?? Infinity)) this.#rings.set(id, { sev, from: now });
    }
    this.#animate();
  }

  /** Takes back what still moves. */
  rest() { this.#pulses = []; this.#waiting = []; for (const shown of [this.#rings, this.#ripples, this.#lit]) shown.clear(); this.#animate(); }

  choose(id) {
    this.#chosen = id;
    this.#near = id !== null ? this.#graph?.neighbours(id) ?? null : null;
    this.#redraw();
  }

  // Where one looks.

  zoom(factor, x = this.width / 2, y = this.height / 2) {
    const { scale } = this.#view, to = clamp(scale * factor, .15, 5);
    this.#follows = false;
    this.#view = { scale: to, x: x - (x - this.#view.x) * to / scale, y: y - (y - this.#view.y) * to / scale };
    this.#redraw();
  }

  /** Everything in sight, and from now on what comes, too. */
  fit() { this.#follows = true; this.#redraw(); }

  /** The node that lies in a direction: among neighbours of the chosen one, else the busiest. */
  towards(dx, dy) {
    const shown = [...this.#graph?.nodes.values() ?? []].filter((node) => this.shown.node(node) && this.#places.has(node.id));
    const from = this.#places.get(this.#chosen);
    if (!from) return shown.sort((a, b) => b.activity - a.activity)[0]?.id ?? null;
    const rate = ({ id }) => {
      const place = this.#places.get(id), x = (place.x - from.x) * this.aspect, y = place.y - from.y, far = Math.hypot(x, y);
      const along = far ? (x * dx + y * dy) / far : -1;
      return along < .3 ? Infinity : far / along ** 2;
    };
    const ahead = shown.filter((node) => this.#near?.has(node.id)).map((node) => [rate(node), node.id]).filter(([cost]) => cost < Infinity).sort((a, b) => a[0] - b[0]);
    return ahead[0]?.[1] ?? null;
  }

  /** Where a node is drawn, in pixels of the box. */
  spot(id) { const place = this.#places.get(id); return place ? this.#screen(place) : null; }

  #screen({ x, y }) { return [x * this.aspect * this.#view.scale + this.#view.x, y * this.#view.scale + this.#view.y]; }

  #refit() {
    let left = Infinity, right = -Infinity, top = Infinity, bottom = -Infinity;
    const stretch = (x, y, r) => { left = Math.min(left, x * this.aspect - r * this.aspect); right = Math.max(right, x * this.aspect + r * this.aspect); top = Math.min(top, y - r); bottom = Math.max(bottom, y + r); };
    for (const node of this.#graph?.nodes.values() ?? []) {
      const place = this.#places.get(node.id);
      if (place && this.shown.node(node)) stretch(place.toX ?? place.x, place.toY ?? place.y, 24);
    }
    if (left === Infinity) return;
    for (const region of this.#regions) stretch(region.x, region.y, region.r);
    const margin = { x: this.width > 600 ? 90 : 36, top: 44, bottom: this.width > 900 ? 76 : 44 };
    const scale = clamp(Math.min((this.width - 2 * margin.x) / (right - left), (this.height - margin.top - margin.bottom) / (bottom - top)), .15, 1.6);
    const to = { scale, x: this.width / 2 - (left + right) / 2 * scale, y: (this.height + margin.top - margin.bottom) / 2 - (top + bottom) / 2 * scale };
    const part = this.#moving ? .12 : 1, now = this.#view;
    this.#view = this.fitted ? { scale: now.scale + (to.scale - now.scale) * part, x: now.x + (to.x - now.x) * part, y: now.y + (to.y - now.y) * part } : to;
    this.fitted = true;
  }

  #arrive({ places, regions }) {
    const now = performance.now(), first = this.#places.size === 0, before = this.#places;
    this.#places = new Map();
    for (const { id, x, y, kept } of places) {
      const node = this.#graph.nodes.get(id), was = before.get(id);
      if (!node) continue;
      this.#kept.delete(keptAs(node));
      this.#kept.set(keptAs(node), kept);
      this.#places.set(id, was && !this.#calm.matches ? { ...was, fromX: was.x, fromY: was.y, toX: x, toY: y } : { x, y, toX: x, toY: y, fromX: x, fromY: y, born: first ? 0 : now });
    }
    this.#regions = regions;
    this.#keepSoon();
    this.#moving = first || this.#calm.matches ? 0 : now;
    this.#arranges = false;
    if (this.#isOutdated) { this.#isOutdated = false; this.arrange(); }
    this.flash(this.#waiting.splice(0));
    this.#redraw();
  }

  // Drawing.

  #recolour() {
    const probe = document.createElement("i");
    this.box.append(probe);
    for (const name of COLOURS) { probe.style.color = `var(--${name})`; this.#colours[name] = getComputedStyle(probe).color; }
    probe.remove();
    this.#redraw();
  }

  #resize() {
    const ratio = Math.min(devicePixelRatio || 1, 2);
    this.width = this.box.clientWidth;
    this.height = this.box.clientHeight;
    for (const canvas of [this.still, this.alive]) {
      canvas.width = Math.round(this.width * ratio);
      canvas.height = Math.round(this.height * ratio);
      canvas.getContext("2d").setTransform(ratio, 0, 0, ratio, 0, 0);
    }
    this.aspect = clamp(this.width / Math.max(this.height, 1), .72, 1.7);
    this.#redraw();
  }

  #redraw() { this.#stale = true; this.#animate(); }

  #animate() { this.#frame ||= requestAnimationFrame((now) => { this.#frame = 0; this.#draw(now); }); }

  #draw(now) {
    if (!this.#graph || !this.width) return;
    if (this.#moving) {
      const part = clamp((now - this.#moving) / MOVE_MS, 0, 1), eased = ease(part);
      for (const place of this.#places.values()) {
        place.x = place.fromX + (place.toX - place.fromX) * eased;
        place.y = place.fromY + (place.toY - place.fromY) * eased;
      }
      if (part === 1) this.#moving = 0;
      this.#stale = true;
    }
    if (this.#stale) {
      this.#stale = false;
      if (this.#follows) this.#refit();
      this.#drawStill(now);
    }
    this.#drawAlive(now);
    if (this.#moving || this.#pulses.length || this.#ripples.size || this.#rings.size || this.#lit.size) this.#animate();
  }

  /** The way of an edge on the screen, bent to its right so that the way back is another. */
  #curve(edge) {
    const from = this.#places.get(edge.s), to = this.#places.get(edge.d);
    const [x0, y0] = this.#screen(from), [x2, y2] = this.#screen(to);
    // Who talks to its like, as within a provider, has a loop.
    if (edge.s === edge.d) return { x0: x0 - 5, y0, x1: x0, y1: y0 - 90 - 12 * (edge.beside % 5), x2: x0 + 5, y2: y0, length: 100 };
    const dx = x2 - x0, dy = y2 - y0, bend = .12 + .05 * (edge.beside % 5);
    return { x0, y0, x1: (x0 + x2) / 2 - dy * bend, y1: (y0 + y2) / 2 + dx * bend, x2, y2, length: Math.hypot(dx, dy) * 1.04 || 1 };
  }

  #radius(node) {
    const size = Math.sqrt(clamp(this.#view.scale, .3, 1.6));
    return (node.kind === "host" || node.kind === "unknown" ? 6 : 7.5) * size + Math.min(Math.log2(1 + node.activity) * 1.5, 9) * size;
  }

  #drawStill(now) {
    const pen = this.still.getContext("2d"), colours = this.#colours, graph = this.#graph;
    pen.clearRect(0, 0, this.width, this.height);
    for (const region of this.#regions) this.#drawRegion(pen, region);

    // Lines of one look are one path: a thousand strokes become a dozen.
    const paths = new Map(), thin = clamp(Math.sqrt(150 / Math.max(graph.edges.size, 1)), .4, 1);
    for (const edge of graph.edges.values()) {
      if (!this.#places.has(edge.s) || !this.#places.has(edge.d) || !this.shown.edge(edge)) continue;
      const away = graph.time - edge.last, isMarked = graph.isAlarming(edge) || graph.time - (edge.badAt ?? -Infinity) < MARKED_SECONDS;
      const dimmed = this.#chosen !== null && edge.s !== this.#chosen && edge.d !== this.#chosen;
      const width = clamp(Math.round(Math.log2(1 + edge.b / 4000) / 2) / 2, 0, 3);
      const strength = dimmed ? .07 : this.#chosen !== null ? .9 : isMarked ? .75 : away < 5 ? .75 : away < 60 ? .45 : .25;
      const look = `${isMarked}|${width}|${strength}`;
      if (!paths.has(look)) paths.set(look, { isMarked, width, strength, path: new Path2D() });
      const { path } = paths.get(look), { x0, y0, x1, y1, x2, y2 } = this.#curve(edge);
      path.moveTo(x0, y0);
      path.quadraticCurveTo(x1, y1, x2, y2);
    }
    for (const { isMarked, width, strength, path } of [...paths.values()].sort((a, b) => a.isMarked - b.isMarked)) {
      pen.globalAlpha = strength;
      pen.strokeStyle = isMarked ? colours.high : this.#chosen !== null && strength > .5 ? colours.accent : colours.line;
      pen.lineWidth = (1 + width) * thin;
      pen.setLineDash(isMarked ? [6, 5] : []);
      pen.stroke(path);
    }
    pen.setLineDash([]);

    const nodes = [...graph.nodes.values()].filter((node) => this.#places.has(node.id) && this.shown.node(node));
    for (const node of nodes) {
      pen.globalAlpha = this.#dims(node.id) ? .18 : 1;
      this.#drawNode(pen, node);
    }
    const names = this.#regions.map((region) => this.#drawRegionName(pen, region));
    this.#drawLabels(pen, nodes, names);
    pen.globalAlpha = 1;
  }

  #dims(id) { return this.#chosen !== null && id !== this.#chosen && !this.#near?.has(id); }

  #drawRegion(pen, region) {
    const [x, y] = this.#screen(region), ry = region.r * this.#view.scale, rx = ry * this.aspect, { surface, hair, line } = this.#colours;
    pen.globalAlpha = 1;
    pen.beginPath();
    pen.ellipse(x, y, rx, ry, 0, 0, TAU);
    pen.fillStyle = surface;
    pen.fill();
    pen.strokeStyle = line;
    pen.globalAlpha = .7;
    pen.lineWidth = 1;
    pen.stroke();
    // A second, fainter line gives the rim some depth.
    pen.beginPath();
    pen.ellipse(x, y, rx + 5, ry + 5, 0, 0, TAU);
    pen.strokeStyle = hair;
    pen.stroke();
  }

  /** The name of a region on its rim, and how many are in it. Gives back the room that it takes. */
  #drawRegionName(pen, region) {
    const [x, y] = this.#screen(region), top = y - region.r * this.#view.scale, { bg, line, text, muted } = this.#colours;
    pen.font = REGION_FONT;
    pen.textBaseline = "middle";
    const name = short(region.name), hosts = [...this.#graph.nodes.values()].filter((node) => regionOf(node) === region.name).length;
    const words = ` ${hosts}`, width = this.#width(name, REGION_FONT) + this.#width(words, REGION_FONT);
    pen.globalAlpha = 1;
    pen.lineWidth = 1;
    pen.fillStyle = bg;
    pen.beginPath();
    pen.roundRect(x - width / 2 - 10, top - 12, width + 20, 24, 12);
    pen.fill();
    pen.strokeStyle = line;
    pen.stroke();
    pen.textAlign = "left";
    pen.fillStyle = text;
    pen.fillText(name, x - width / 2, top + .5);
    pen.fillStyle = muted;
    pen.fillText(words, x - width / 2 + this.#width(name, REGION_FONT), top + .5);
    return [x - width / 2 - 10, top - 12, x + width / 2 + 10, top + 12, null];
  }

  #drawNode(pen, node) {
    const [x, y] = this.#screen(this.#places.get(node.id)), r = this.#radius(node), colours = this.#colours;
    if (node.sev > 0) {
      // The mark of an open alert: two rings for high, one for medium, a thin one for low.
      pen.strokeStyle = [colours.high, colours.medium, colours.low][Math.min(node.sev, 3) - 1];
      pen.lineWidth = node.sev >= 3 ? 1 : 2;
      pen.beginPath();
      pen.arc(x, y, r + 4, 0, TAU);
      if (node.sev === 1) { pen.moveTo(x + r + 8, y); pen.arc(x, y, r + 8, 0, TAU); }
      pen.stroke();
    }
    pen.beginPath();
    if (node.kind === "unknown") { pen.moveTo(x, y - r * 1.25); pen.lineTo(x + r * 1.25, y); pen.lineTo(x, y + r * 1.25); pen.lineTo(x - r * 1.25, y); pen.closePath(); }
    else if (node.kind === "gateway") { pen.moveTo(x - r * 1.2, y); for (const [dx, dy] of HEXAGON) pen.lineTo(x + dx * r * 1.2, y + dy * r * 1.2); pen.closePath(); }
    else if (node.kind === "service") pen.roundRect(x - r, y - r, 2 * r, 2 * r, r * .4);
    else pen.arc(x, y, r, 0, TAU);
    const isChosen = node.id === this.#chosen, isOwn = regionOf(node) !== null;
    pen.fillStyle = isOwn ? isChosen ? colours.accent : node.activity >= 1 ? colours.text : colours.muted : colours.bg;
    pen.fill();
    pen.strokeStyle = isChosen ? colours.accent : isOwn ? colours.surface : node.activity >= 1 ? colours.text : colours.muted;
    pen.lineWidth = isOwn ? 2 : 1.5;
    if (node.kind === "others") pen.setLineDash([3, 3]);
    pen.stroke();
    pen.setLineDash([]);
    if (isChosen) {
      pen.strokeStyle = colours.accent;
      pen.lineWidth = 2;
      pen.beginPath();
      pen.arc(x, y, r + 5, 0, TAU);
      pen.stroke();
    }
  }

  /** Names, the important ones first; one that would lie on another is left out until one comes closer. */
  #drawLabels(pen, nodes, taken) {
    const worth = (node) => (node.id === this.#chosen ? 1e9 : 0) + (node.id === this.#over ? 1e8 : 0) + (this.#near?.has(node.id) ? 1e7 : 0) + (node.sev ? 1e6 / node.sev : 0)
      + (node.kind !== "host" ? 500 : 0) + (node.own ? 200 : 0) + Math.min(node.activity, 1000);
    for (const node of nodes) { const [x, y] = this.#screen(this.#places.get(node.id)), r = this.#radius(node); taken.push([x - r, y - r, x + r, y + r, node.id]); }
    const most = this.#view.scale < .45 ? 60 : 400;
    pen.font = FONT;
    pen.lineJoin = "round";
    pen.textBaseline = "middle";
    let drawn = 0;
    for (const node of nodes.sort((a, b) => worth(b) - worth(a))) {
      if (drawn >= most) break;
      const [x, y] = this.#screen(this.#places.get(node.id)), r = this.#radius(node) + (node.sev ? 8 : 3), text = short(nameOf(node)), width = this.#width(text, FONT);
      if (x < -200 || y < -40 || x > this.width + 200 || y > this.height + 40) continue;
      const inside = regionOf(node) !== null;
      // Hosts are named below; outside, names point away from the middle.
      const sides = inside ? [["center", x, y + r + 9], ["center", x, y - r - 9], ["left", x + r + 4, y], ["right", x - r - 4, y]]
        : x >= this.width / 2 ? [["left", x + r + 4, y], ["center", x, y + r + 9], ["center", x, y - r - 9], ["right", x - r - 4, y]]
        : [["right", x - r - 4, y], ["center", x, y + r + 9], ["center", x, y - r - 9], ["left", x + r + 4, y]];
      const important = node.id === this.#chosen || node.id === this.#over;
      const free = ([align, tx, ty]) => {
        const left = align === "center" ? tx - width / 2 : align === "left" ? tx : tx - width;
        return left > 0 && left + width < this.width && !taken.some(([a, b, c, d, id]) => id !== node.id && left < c && left + width > a && ty - 8 < d && ty + 8 > b);
      };
      const side = sides.find(free) ?? (important ? sides[0] : null);
      if (!side) continue;
      const [align, tx, ty] = side, left = align === "center" ? tx - width / 2 : align === "left" ? tx : tx - width;
      taken.push([left - 2, ty - 8, left + width + 2, ty + 8, null]);
      pen.globalAlpha = this.#dims(node.id) ? .25 : 1;
      pen.textAlign = align;
      pen.strokeStyle = inside ? this.#colours.surface : this.#colours.bg;
      pen.lineWidth = 3;
      pen.strokeText(text, tx, ty);
      pen.fillStyle = important || inside || node.sev ? this.#colours.text : this.#colours.muted;
      pen.fillText(text, tx, ty);
      drawn++;
    }
  }

  #width(text, font) {
    const key = font + text;
    let width = this.#widths.get(key);
    if (width === undefined) {
      const pen = this.still.getContext("2d"), before = pen.font;
      pen.font = font;
      width = pen.measureText(text).width;
      pen.font = before;
      if (this.#widths.size > 5000) this.#widths.clear();
      this.#widths.set(key, width);
    }
    return width;
  }

  #drawAlive(now) {
    const pen = this.alive.getContext("2d"), colours = this.#colours;
    pen.clearRect(0, 0, this.width, this.height);
    const there = (edge) => this.#places.has(edge.s) && this.#places.has(edge.d);

    for (const [edge, { until, bad }] of this.#lit) {
      if (now > until || !there(edge)) { this.#lit.delete(edge); continue; }
      const { x0, y0, x1, y1, x2, y2 } = this.#curve(edge);
      pen.strokeStyle = bad ? colours.high : colours.good;
      pen.lineWidth = 4;
      pen.setLineDash(bad ? [8, 5] : []);
      pen.beginPath(); pen.moveTo(x0, y0); pen.quadraticCurveTo(x1, y1, x2, y2); pen.stroke();
    }
    pen.setLineDash([]);

    // Tails of all pulses together, part by part from the faintest: a few strokes for hundreds of pulses.
    const tails = [false, true].map(() => Array.from({ length: TAIL_PARTS }, () => new Path2D()));
    const heads = [new Path2D(), new Path2D()], glows = [new Path2D(), new Path2D()];
    const counts = [0, 0];
    this.#pulses = this.#pulses.filter((pulse) => {
      const { edge, from, takes, bad } = pulse, part = (now - from) / takes;
      if (part < 0) return true;
      if (!there(edge)) return false;
      if (part >= 1) { this.#ripples.set(edge.d, { bad, from: now }); return false; }
      const { x0, y0, x1, y1, x2, y2, length } = this.#curve(edge), at = ease(part), which = bad ? 1 : 0;
      const point = (t) => { const u = 1 - t; return [u * u * x0 + 2 * u * t * x1 + t * t * x2, u * u * y0 + 2 * u * t * y1 + t * t * y2]; };
      const step = TAIL_PIXELS / TAIL_PARTS / length;
      let [x, y] = point(at);
      if (bad) { heads[1].rect(x - 4.5, y - 4.5, 9, 9); glows[1].rect(x - 8, y - 8, 16, 16); }
      else { heads[0].moveTo(x + 3.5, y); heads[0].arc(x, y, 3.5, 0, TAU); glows[0].moveTo(x + 8, y); glows[0].arc(x, y, 8, 0, TAU); }
      counts[which]++;
      for (let i = 0; i < TAIL_PARTS; i++) {
        const t = at - (i + 1) * step;
        if (t < 0) break;
        const [nx, ny] = point(t);
        // The tail of a bad one is broken, for who cannot tell the colours apart.
        if (!bad || i % 2 === 1) { tails[which][i].moveTo(x, y); tails[which][i].lineTo(nx, ny); }
        x = nx; y = ny;
      }
      return true;
    });
    pen.lineCap = "round";
    for (const [which, colour] of [colours.good, colours.high].entries()) {
      if (!counts[which]) continue;
      pen.strokeStyle = pen.fillStyle = colour;
      for (let i = TAIL_PARTS - 1; i >= 0; i--) {
        pen.globalAlpha = .85 * (1 - i / TAIL_PARTS);
        pen.lineWidth = 1 + 2.5 * (1 - i / TAIL_PARTS);
        pen.stroke(tails[which][i]);
      }
      pen.globalAlpha = .22; pen.fill(glows[which]);
      pen.globalAlpha = 1; pen.fill(heads[which]);
    }
    pen.lineCap = "butt";

    for (const [id, { bad, from }] of this.#ripples) {
      const part = (now - from) / RIPPLE_MS, node = this.#graph.nodes.get(id), place = this.#places.get(id);
      if (part >= 1 || !node || !place) { this.#ripples.delete(id); continue; }
      const [x, y] = this.#screen(place), r = this.#radius(node) + 2 + 10 * part;
      pen.globalAlpha = .6 * (1 - part);
      pen.strokeStyle = bad ? colours.high : colours.good;
      pen.lineWidth = 2;
      pen.beginPath();
      if (bad) pen.rect(x - r, y - r, 2 * r, 2 * r); else pen.arc(x, y, r, 0, TAU);
      pen.stroke();
    }

    for (const [id, { sev, from }] of this.#rings) {
      const part = (now - from) / RING_MS, node = this.#graph.nodes.get(id), place = this.#places.get(id);
      if (part >= 1 || !node || !place) { this.#rings.delete(id); continue; }
      const [x, y] = this.#screen(place), r = this.#radius(node) + 4;
      pen.strokeStyle = [colours.high, colours.medium, colours.low][clamp(sev, 1, 3) - 1];
      pen.lineWidth = 2;
      for (let i = 0; i < 3; i++) {
        const own = part * 1.6 - i * .3;
        if (own <= 0 || own >= 1) continue;
        pen.globalAlpha = 1 - own;
        pen.beginPath(); pen.arc(x, y, r + 34 * own, 0, TAU); pen.stroke();
      }
    }
    pen.globalAlpha = 1;
  }

  // Pointers: one moves the map or a node, two zoom.

  #at({ offsetX, offsetY }) {
    let best = null, least = Infinity;
    for (const node of this.#graph?.nodes.values() ?? []) {
      const place = this.#places.get(node.id);
      if (!place || !this.shown.node(node)) continue;
      const [x, y] = this.#screen(place), far = Math.hypot(x - offsetX, y - offsetY);
      if (far < Math.max(this.#radius(node) + 6, 14) && far < least) { best = node.id; least = far; }
    }
    return best;
  }

  #press(event) {
    this.alive.setPointerCapture(event.pointerId);
    this.#pointers.set(event.pointerId, [event.offsetX, event.offsetY]);
    this.#grip = this.#pointers.size === 1 ? { node: this.#at(event), x: event.offsetX, y: event.offsetY, moved: false } : { ...this.#grip, node: null, moved: true };
  }

  #move(event) {
    const before = this.#pointers.get(event.pointerId), grip = this.#grip;
    if (!before) {
      const id = this.#at(event);
      if (id !== this.#over) { this.#over = id; this.told.hover(id); this.alive.style.cursor = id === null ? "grab" : "pointer"; this.#redraw(); }
      return;
    }
    const [x, y] = before, dx = event.offsetX - x, dy = event.offsetY - y;
    if (this.#pointers.size === 2) {
      const [[, [ax, ay]]] = [...this.#pointers].filter(([id]) => id !== event.pointerId);
      this.zoom(Math.hypot(event.offsetX - ax, event.offsetY - ay) / (Math.hypot(x - ax, y - ay) || 1), (ax + event.offsetX) / 2, (ay + event.offsetY) / 2);
    } else if (grip && (grip.moved || Math.hypot(event.offsetX - grip.x, event.offsetY - grip.y) > 4)) {
      grip.moved = true;
      this.#follows = false;
      const place = this.#places.get(grip.node);
      if (place) { place.x += dx / this.#view.scale / this.aspect; place.y += dy / this.#view.scale; } else { this.#view.x += dx; this.#view.y += dy; }
      this.#redraw();
    }
    this.#pointers.set(event.pointerId, [event.offsetX, event.offsetY]);
  }

  #release(event) {
    this.#pointers.delete(event.pointerId);
    const grip = this.#grip;
    if (this.#pointers.size || !grip) return;
    this.#grip = null;
    if (event.type === "pointercancel") return;
    if (!grip.moved) this.told.choose(grip.node);
    else if (grip.node !== null) this.#put(grip.node);
  }

  /** Who was moved by hand stays there. */
  #put(id) {
    const node = this.#graph.nodes.get(id), place = this.#places.get(id);
    if (!node || !place) return;
    const region = this.#regions.find((region) => region.name === regionOf(node));
    const angle = Math.atan2(place.y, place.x);
    Object.assign(place, { fromX: place.x, fromY: place.y, toX: place.x, toY: place.y });
    this.#kept.set(keptAs(node), region ? [place.x - region.x, place.y - region.y] : [angle, Math.hypot(place.x, place.y) - rimAt(angle, this.#regions)]);
    this.#keepSoon();
  }

  /** Writes places down, without the oldest when they are too many; at most once a second, as hosts may come and go fast. */
  #keepSoon() {
    for (const name of this.#kept.keys()) { if (this.#kept.size <= MOST_KEPT) break; this.#kept.delete(name); }
    this.#keeping ||= setTimeout(() => { this.#keeping = 0; keep(this.#kept); }, KEEP_MS);
  }
}

/** The region that a node stands in; null is the rest of the world. */
export function regionOf(node) { return node.own || node.net && node.kind === "service" ? node.net || "own network" : null; }

const keptAs = (node) => `${regionOf(node) ?? ""}|${node.key}`;

function kept() {
  try { return new Map(JSON.parse(localStorage.getItem(KEPT)) ?? []); } catch { return new Map(); }
}
function keep(places) {
  const rounded = [...places].map(([key, [a, b]]) => [key, [Math.round(a * 1000) / 1000, Math.round(b * 1000) / 1000]]);
  try { localStorage.setItem(KEPT, JSON.stringify(rounded)); } catch { /* a full or closed storage costs the places, nothing more */ }
}
