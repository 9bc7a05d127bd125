// Who talks to whom, now: the map, what was bad beside it, and the last 15 minutes below.
import { get } from "../api.js";
import { Graph, kindOf, nameOf } from "../map/graph.js";
import { follow } from "../map/live.js";
import { Painter } from "../map/painter.js";
import { Timeline } from "../map/timeline.js";
import { useKeys } from "../parts/keys.js";
import { toast } from "../parts/popups.js";
import { go, setParameters } from "../parts/router.js";
import { useRows } from "../parts/rows.js";
import { Time, clock } from "../parts/time.js";
import { Empty, Icon, Severity, bytes, count, html, useEffect, useRef, useState } from "../parts/view.js";

/** Seconds without a frame after which one is told so; a frame comes each second. */
const SILENT_SECONDS = 5;
/** Nodes above which a table reads better than a picture. */
const MANY_NODES = 500;
/** The least time between two announcements to who listens. */
const ANNOUNCED_MS = 5000;
const SPEEDS = [1, 4, 16];

export function LiveMap({ route, session }) {
  const { host = "", proto = "", net = "", bad = "", near = "", view = "", alone } = route.parameters;
  const [, draw] = useState(0);
  const again = () => draw((n) => n + 1);
  const live = useRef(null), replayed = useRef(null), seconds = useRef([]);
  live.current ??= new Graph();
  const [state, setState] = useState("connecting");
  const [mode, setMode] = useState("live"); // or "paused", "replay"
  const [stats, setStats] = useState({});
  const [info, setInfo] = useState(null);
  const [replay, setReplay] = useState(null); // { at, from, to, playing, speed }
  const [hovered, setHovered] = useState(null);
  const [offered, setOffered] = useState(true);
  const [stretch, setStretch] = useState(() => Number(localStorage.getItem("map-stretch")) || null);
  const painter = useRef(null), stream = useRef(null), box = useRef(null), whole = useRef(null), finder = useRef(null), heard = useRef(Date.now());
  const modeNow = useRef(mode);
  modeNow.current = mode;

  const graph = mode === "replay" && replayed.current ? replayed.current.graph : live.current;
  const chosen = host ? graph.named(host) : null;
  const shown = filtered(graph, { proto, net, bad, near: near && chosen });
  const isTable = view === "table";
  const choose = (id) => setParameters({ host: graph.handleOf(id), near: "" }, { replace: true });
  const open = (id) => { const path = session && pathOf(graph.nodes.get(id)); if (path) go(path); };
  const told = useRef({});
  told.current = { choose, open };

  // The stream, and what it brings.
  useEffect(() => {
    const isSeen = () => modeNow.current === "live";
    stream.current = follow({
      state: setState,
      snapshot: (frame) => { heard.current = Date.now(); catchUp(seconds.current).then(again); live.current.replace(frame); setStats((now) => ({ ...now, reason: frame.reason })); if (isSeen()) { again(); painter.current?.show(live.current, painter.current.shown); painter.current?.arrange(); } },
      delta: (frame) => {
        heard.current = Date.now();
        const news = live.current.advance(frame);
        note(seconds.current, frame);
        if (!isSeen()) return;
        again();
        if (news.shape) painter.current?.arrange();
        painter.current?.flash(news.flashes, news.alerts);
      },
      stats: (frame) => { live.current.sampling = frame.sampling ?? 1; setStats({ ...frame, heard: Date.now() }); },
    });
    fetch("/network_info").then((answer) => answer.ok && answer.json()).then((info) => info && setInfo(info), () => {});
    const seen = () => document.hidden ? stream.current.pause() : modeNow.current !== "paused" && stream.current.resume();
    document.addEventListener("visibilitychange", seen);
    const ageing = setInterval(again, 1000);
    return () => { clearInterval(ageing); document.removeEventListener("visibilitychange", seen); stream.current.close(); };
  }, []);

  // The picture.
  useEffect(() => {
    if (isTable) return;
    painter.current = new Painter(box.current, { choose: (id) => told.current.choose(id), open: (id) => told.current.open(id), hover: (id) => setHovered(id) });
    painter.current.show(graph, shown);
    painter.current.arrange();
    return () => { painter.current.close(); painter.current = null; };
  }, [isTable]);
  const pace = stretch ?? info?.duration_stretch ?? 20;
  useEffect(() => {
    if (!painter.current) return;
    painter.current.stretch = pace;
    painter.current.show(graph, shown);
    painter.current.choose(chosen?.id ?? null);
  });

  // Replay: the seconds of the record, one after the other.
  useEffect(() => {
    if (mode !== "replay" || !replay?.playing) return;
    const timer = setInterval(() => setReplay((now) => {
      const at = Math.min(now.at + 1, now.to);
      play(replayed.current, at, painter.current);
      return { ...now, at, playing: at < now.to };
    }), 1000 / replay.speed);
    return () => clearInterval(timer);
  }, [mode, replay?.playing, replay?.speed]);

  async function startReplay(from) {
    try {
      const record = await get("/map/buckets");
      if (!record.deltas.length) { toast("Nothing was recorded yet."); return; }
      const graph = new Graph();
      graph.replace({ ...record, networks: live.current.networks, edges: record.edges.map((edge) => ({ ...edge, last: 0 })), nodes: record.nodes.map((node) => ({ ...node, sev: 0 })) });
      replayed.current = { graph, deltas: record.deltas, next: 0, record };
      const at = Math.max(from ?? record.from, record.from);
      painter.current?.rest();
      painter.current?.show(graph, painter.current.shown);
      seek(at);
      setMode("replay");
      setReplay({ at, from: record.from, to: record.to, playing: true, speed: 1 });
      painter.current?.arrange();
    } catch (problem) { toast(problem.detail ?? problem.message); }
  }
  /** Brings the record to a second without showing what was before. */
  function seek(at) {
    const { graph, record } = replayed.current;
    graph.replace({ ...record, networks: live.current.networks, edges: record.edges.map((edge) => ({ ...edge, last: 0 })), nodes: record.nodes.map((node) => ({ ...node, sev: 0 })) });
    replayed.current.next = 0;
    play(replayed.current, at - 1, null);
  }
  const toLive = () => { replayed.current = null; setReplay(null); setMode("live"); stream.current.resume(); painter.current?.rest(); painter.current?.show(live.current, painter.current.shown); painter.current?.arrange(); };
  const pause = () => {
    if (mode === "replay") setReplay((now) => ({ ...now, playing: !now.playing }));
    else if (mode === "paused") toLive();
    else { setMode("paused"); stream.current.pause(); painter.current?.rest(); }
  };
  const jump = (at) => { if (mode === "replay") { seek(at); painter.current?.rest(); setReplay((now) => ({ ...now, at, playing: true })); } else startReplay(at); };
  const setPace = (value) => { setStretch(value); localStorage.setItem("map-stretch", value); };
  const table = () => setParameters({ view: isTable ? "" : "table" });
  const full = () => document.fullscreenElement ? document.exitFullscreen() : whole.current.requestFullscreen?.();
  const step = (dx, dy) => () => { if (isTable) return false; const id = painter.current?.towards(dx, dy); if (id !== null && id !== undefined) choose(id); };
  useKeys({
    " ": (event) => event.target.closest("button,a,summary") ? false : pause(), r: () => mode === "replay" ? toLive() : startReplay(), v: table, f: () => finder.current?.focus(), F: full, b: () => setParameters({ bad: bad ? "" : "1" }),
    "+": () => painter.current?.zoom(1.25), "=": () => painter.current?.zoom(1.25), "-": () => painter.current?.zoom(.8), 0: () => painter.current?.fit(),
    ArrowLeft: step(-1, 0), ArrowRight: step(1, 0), ArrowUp: step(0, -1), ArrowDown: step(0, 1),
    Enter: (event) => event.target.closest("button,a,input,select,summary") || !chosen ? false : open(chosen.id), Escape: () => chosen ? choose(null) : false,
  });

  const silent = mode === "live" && Date.now() - heard.current > SILENT_SECONDS * 1000;
  const nodes = graph.nodes.size, edges = [...graph.edges.values()].filter(shown.edge);
  const protocols = [...new Set([...graph.edges.values()].map((edge) => edge.p))].sort();
  const over = hovered !== null && graph.nodes.get(hovered);
  return html`<div class=${`map ${alone !== undefined || !session ? "bare" : ""}`} ref=${whole}>
    <div class="map-head">
      <h1>Live map</h1>
      <${State} state=${state} mode=${mode} silent=${silent} heard=${heard.current} stats=${stats} graph=${graph} replay=${replay} />
      <div class="actions">
        <label class="map-find"><${Icon} name="search" /><input ref=${finder} type="search" list="map-nodes" aria-label="Find a host" placeholder="Find a host" value=${chosen ? nameOf(chosen) : host}
          onChange=${(event) => { const found = find(graph, event.target.value); if (found || !event.target.value) choose(found?.id ?? null); else toast("There is no such host on the map."); }} /></label>
        <datalist id="map-nodes">${[...graph.nodes.values()].slice(0, 500).map((node) => html`<option key=${node.id} value=${nameOf(node)}>${node.key}</option>`)}</datalist>
        <select aria-label="Protocol" value=${proto} onChange=${(event) => setParameters({ proto: event.target.value }, { replace: true })}><option value="">All protocols</option>${protocols.map((name) => html`<option key=${name} value=${name}>${name}</option>`)}</select>
        ${graph.networks.length > 1 && html`<select aria-label="Network" value=${net} onChange=${(event) => setParameters({ net: event.target.value }, { replace: true })}><option value="">All networks</option>${graph.networks.map(({ name }) => html`<option key=${name} value=${name}>${name}</option>`)}</select>`}
        <button aria-pressed=${Boolean(bad)} class=${bad ? "on" : ""} title="Key b" onClick=${() => setParameters({ bad: bad ? "" : "1" }, { replace: true })}>Only bad</button>
        <button aria-pressed=${isTable} class=${isTable ? "on" : ""} title="Key v" onClick=${table}><${Icon} name="list" />Table</button>
        <button class="quiet" aria-label="Full screen" title="Full screen, key F" onClick=${full}><${Icon} name="maximize" /></button>
        ${!session && alone === undefined && html`<a class="button" href="/login">Log in</a>`}
      </div>
    </div>
    ${(silent || state === "lost" || stats.reason) && html`<div class="map-notice notice bad" role="alert">${state === "lost" ? html`<strong>The stream has stopped.</strong> What is shown was true at ${clock(heard.current)}. Trying again.`
      : silent ? html`<strong>Nothing has come since ${clock(heard.current)}.</strong> What is shown was true then.` : stats.reason}</div>`}
    ${nodes > MANY_NODES && !isTable && offered && html`<div class="map-notice notice">With ${count(nodes)} nodes a table reads better. <button class="link" onClick=${table}>Show the table</button> <button class="link" onClick=${() => setOffered(false)}>Stay</button></div>`}
    <div class="map-stage">
      ${isTable ? html`<${Table} graph=${graph} edges=${edges} choose=${choose} />` : html`<div class="map-picture" ref=${box} role="application" tabindex="0" aria-label=${`Map of ${nodes} nodes and ${edges.length} connections. Arrows go from a node to its neighbours, Enter opens it, v shows a table.`}>
        <canvas></canvas><canvas></canvas>
        ${over && painter.current?.spot(over.id) && html`<${Hint} node=${over} at=${painter.current.spot(over.id)} width=${box.current.clientWidth} peers=${graph.neighbours(over.id).size} />`}
        ${nodes === 0 && html`<div class="map-empty"><${Empty} title=${state === "live" ? "Nobody has talked in the last 15 minutes." : "Looking who talks …"}>${state === "live" && html`<span class="muted">Who talks appears here within a second.</span>`}<//></div>`}
      </div>
      <${Legend} sampling=${graph.sampling} />
      <div class="map-zoom"><button aria-label="Closer" title="Key +" onClick=${() => painter.current.zoom(1.25)}><${Icon} name="plus" /></button><button aria-label="Further away" title="Key −" onClick=${() => painter.current.zoom(.8)}><${Icon} name="minus" /></button>
        <button aria-label="Everything" title="Key 0" onClick=${() => painter.current.fit()}><${Icon} name="scan" /></button><button aria-label="Arrange anew" title="Arrange anew" onClick=${() => painter.current.scatter()}><${Icon} name="refresh-cw" /></button></div>`}
    </div>
    <aside aria-label="Beside the map">
      ${chosen && html`<${Chosen} node=${chosen} graph=${graph} near=${near} choose=${choose} session=${session} />`}
      <${Bad} graph=${graph} chosen=${chosen} choose=${choose} session=${session} />
    </aside>
    <div class="map-transport">
      <button class="primary round" aria-label=${mode === "paused" || (mode === "replay" && !replay.playing) ? "Go on" : "Pause"} title="Key Space" onClick=${pause}><${Icon} name=${mode === "paused" || (mode === "replay" && !replay.playing) ? "play" : "pause"} /></button>
      ${mode === "replay" ? html`<button onClick=${toLive} title="Key r"><i class="dot good"></i>Live</button><button aria-label="Speed of the replay" title="Speed" onClick=${() => setReplay((now) => ({ ...now, speed: SPEEDS[(SPEEDS.indexOf(now.speed) + 1) % SPEEDS.length] }))}>${replay.speed}×</button>`
        : html`<button onClick=${() => startReplay()} title="The last 15 minutes, key r"><${Icon} name="history" />Replay</button>`}
      <${Timeline} seconds=${seconds.current} at=${mode === "replay" ? replay.at : null} jump=${jump} now=${graph === live.current ? graph.time : replay?.to} />
      <label class="map-pace"><span>Slowed <b>${Math.round(pace)}×</b></span><input type="range" min="0" max="2" step="0.05" value=${Math.log10(pace)} aria-label="How much longer than in truth a request is shown" onInput=${(event) => setPace(Math.round(10 ** Number(event.target.value)))} /></label>
    </div>
    <${Announced} graph=${graph} chosen=${chosen} />
  </div>`;
}

/** Plays what the record holds up to a second, that one included. */
function play(record, at, painter) {
  while (record.next < record.deltas.length && record.deltas[record.next].time <= at) {
    const delta = record.deltas[record.next++];
    const news = record.graph.advance({ time: delta.time, flash: delta.flash, alerts: delta.alerts, errors: delta.errors });
    painter?.flash(news.flashes, news.alerts);
  }
  record.graph.time = Math.max(record.graph.time, at);
}

/** Fetches the seconds that the time bar has not heard of: before the page came, while it was hidden, while it had no stream. */
async function catchUp(seconds) {
  try {
    const newest = seconds.at(-1)?.time, { deltas } = await get("/map/buckets", newest ? { from: newest + 1 } : {});
    const known = new Set(seconds.map(({ time }) => time));
    for (const delta of deltas) if (!known.has(delta.time)) note(seconds, delta);
    seconds.sort((a, b) => a.time - b.time);
  } catch { /* the bar begins with what comes */ }
}

/** Adds a second to the time bar, which shows 15 minutes. */
function note(seconds, { time, flash = [] }) {
  if (!time) return;
  let all = 0, bad = 0;
  for (const [, n, , wrong] of flash) { all += n; bad += wrong; }
  seconds.push({ time, all, bad });
  while (seconds.length > 900 || seconds[0].time <= time - 900) seconds.shift();
}

/** Which nodes and edges the conditions leave. */
function filtered(graph, { proto, net, bad, near }) {
  const inNet = (id) => graph.nodes.get(id)?.net === net;
  const edge = (edge) => edge.last > 0 && (!proto || edge.p === proto) && (!net || inNet(edge.s) || inNet(edge.d)) && (!bad || edge.bad > 0 || edge.sev > 0) && (!near || edge.s === near.id || edge.d === near.id);
  if (!proto && !net && !bad && !near) return { edge, node: () => true };
  const kept = new Set(near ? [near.id] : []);
  for (const one of graph.edges.values()) if (edge(one)) { kept.add(one.s); kept.add(one.d); }
  return { edge, node: (node) => kept.has(node.id) };
}

function find(graph, text) {
  const wanted = text.trim().toLowerCase();
  if (!wanted) return null;
  const nodes = [...graph.nodes.values()], words = (node) => [nameOf(node).toLowerCase(), node.key.toLowerCase()];
  return nodes.find((node) => words(node).includes(wanted)) ?? nodes.find((node) => words(node).some((word) => word.includes(wanted))) ?? null;
}

/** Where more is said about a node; nothing for what only the map knows. */
function pathOf(node) {
  if (!node) return null;
  if (node.kind === "host" || node.kind === "gateway") return `/hosts/${encodeURIComponent(node.key)}`;
  if (node.kind === "asn") return `/events?q=${encodeURIComponent(`asn:${node.key.replace(/^AS/, "")}`)}`;
  if (node.kind === "country") return `/events?q=${encodeURIComponent(`country:${node.key}`)}`;
  if (node.kind === "subnet") return `/events?q=${encodeURIComponent(`@net:${node.key}`)}`;
  return null;
}

/** One line: is it live, how much does it stand for, what is left out. */
function State({ state, mode, silent, heard, stats, graph, replay }) {
  if (mode === "replay") return html`<span class="map-state"><i class="dot warn"></i><strong>Replay</strong> <span>${clock(replay.at * 1000)}</span></span>`;
  if (mode === "paused") return html`<span class="map-state"><i class="dot"></i><strong>Paused</strong> <span class="muted">as of ${clock(heard)}</span></span>`;
  const rate = stats.events_per_s;
  const left = [graph.sampling > 1 && `sampled 1:${graph.sampling}`, graph.capped.nodes > 0 && `others (${count(graph.capped.nodes)})`, graph.capped.edges > 0 && `${count(graph.capped.edges)} connections together`, stats.dropped > 0 && `${count(stats.dropped)} a second left out`].filter(Boolean);
  return html`<span class="map-state"><i class=${`dot ${state === "live" && !silent ? "good beats" : state === "connecting" ? "" : "bad"}`}></i><strong>${state === "live" ? silent ? "Silent" : "Live" : state === "connecting" ? "Connecting" : "Stopped"}</strong>
    <span class="muted">${rate !== undefined && `${count(rate)} events a second${left.length ? "" : ", all shown"}`}${left.length > 0 && ` · ${left.join(" · ")}`}${stats.newest ? ` · ${Math.max(0, Math.round(stats.time - stats.newest + (heard - stats.heard) / 1000))} s old` : ""}</span></span>`;
}

function Hint({ node, at: [x, y], width, peers }) {
  return html`<div class="map-hint" style=${{ left: `${Math.min(Math.max(x, 110), width - 110)}px`, top: `${y}px` }}><strong class="break">${nameOf(node)}</strong>${node.name && node.name !== node.key && html`<span class="mono">${node.key}</span>`}
    <span class="muted">${kindOf(node)}${node.net ? ` in ${node.net}` : ""} · ${peers} ${peers === 1 ? "neighbour" : "neighbours"}</span></div>`;
}

function Legend({ sampling }) {
  const mark = (shape, text) => html`<li><svg width="18" height="18" viewBox="-9 -9 18 18" aria-hidden="true">${shape}</svg>${text}</li>`;
  return html`<details class="map-legend" open=${innerWidth > 1000}><summary>Legend</summary><ul>
    ${mark(html`<circle r="5" class="own" />`, "Own host")}${mark(html`<path d="M-6.5 0-3.2-5.6 3.2-5.6 6.5 0 3.2 5.6-3.2 5.6Z" class="own" />`, "Gateway")}${mark(html`<rect x="-5" y="-5" width="10" height="10" rx="2" class="own" />`, "Service")}${mark(html`<circle r="5" class="other" />`, "The rest of the world")}${mark(html`<path d="M0-6 6 0 0 6-6 0Z" class="other" />`, "Unknown source")}
    ${mark(html`<circle r="4" class="own" /><circle r="7.5" class="alert" />`, "Open alert")}
    ${mark(html`<path d="M-9 0H3" class="good" /><circle cx="4" r="3.5" class="good head" />`, "Good, towards its head")}${mark(html`<path d="M-9 0H1" class="bad" /><rect x="1" y="-4" width="8" height="8" class="bad head" />`, "Alert or error")}
    <li class="muted">Size: activity. Width: bytes.${sampling > 1 && ` One of ${sampling} is shown.`}</li></ul></details>`;
}

function Chosen({ node, graph, near, choose, session }) {
  const edges = graph.edgesOf(node.id).sort((a, b) => b.b - a.b), path = session && pathOf(node);
  return html`<section class="map-chosen"><header><h2 class="break">${nameOf(node)}</h2><button class="quiet" aria-label="Let go" title="Key Esc" onClick=${() => choose(null)}><${Icon} name="x" /></button></header>
    <p class="muted"><span class="mono break">${node.key !== nameOf(node) ? node.key : ""}</span> ${kindOf(node)}${node.net ? ` in ${node.net}` : ""}</p>
    <dl class="facts"><dt>Sent</dt><dd>${bytes(node.out)}</dd><dt>Received</dt><dd>${bytes(node.in)}</dd></dl>
    <div class="actions"><button aria-pressed=${Boolean(near)} class=${near ? "on" : ""} onClick=${() => setParameters({ near: near ? "" : "1" }, { replace: true })}>Only its neighbours</button>${path && html`<a class="button" href=${path}>Open</a>`}</div>
    <ul class="map-peers">${edges.slice(0, 8).map((edge) => { const other = graph.nodes.get(edge.s === node.id ? edge.d : edge.s); return other && html`<li key=${edge.id}><button class="link ellipsis" onClick=${() => choose(other.id)}><span aria-hidden="true">${edge.s === node.id ? "→" : "←"}</span><span class="hidden-text">${edge.s === node.id ? "to" : "from"}</span> ${nameOf(other)}</button><span class="muted">${edge.p}</span><span class="number">${bytes(edge.b)}</span></li>`; })}</ul>
    ${edges.length > 8 && html`<p class="muted small">and ${edges.length - 8} more connections</p>`}</section>`;
}

/** What was bad, newest first, with a link to all that is known of it. */
function Bad({ graph, chosen, choose, session }) {
  const listed = graph.listed.filter(({ s, d }) => !chosen || s?.id === chosen.id || d?.id === chosen.id).slice(0, 50);
  // Two of one name are told apart by their networks.
  const named = (node, other) => html`${nameOf(node)}${node?.net && other && nameOf(node) === nameOf(other) && html` <span class="muted">in ${node.net}</span>`}`;
  const end = (node, other) => node && graph.nodes.has(node.id) ? html`<button class="link ellipsis" onClick=${() => choose(node.id)}>${named(node, other)}</button>` : html`<span class="ellipsis">${named(node, other)}</span>`;
  return html`<section class="map-bad"><header><h2>Bad requests</h2><span class="muted">${listed.length || ""}</span></header>
    ${listed.length === 0 ? html`<p class="muted">${chosen ? "None of this node." : "None. Alerts and error statuses appear here."}</p>` : html`<ul>${listed.map((one) => html`<li key=${one.number}>
      <span class="when"><${Time} at=${new Date(one.time * 1000).toISOString()} /></span>${one.sev ? html`<${Severity} level=${one.sev} />` : html`<span class="status">${one.status}</span>`}
      <span class="ends">${end(one.s, one.d)}<span aria-hidden="true" class="muted">→</span>${end(one.d, one.s)}</span>
      <span class="what break">${session && one.event ? html`<a href=${`/events/${encodeURIComponent(one.event)}`}>${one.what || "Event"}</a>` : one.what}</span></li>`)}</ul>`}</section>`;
}

/** Beside a name: what a picture shows by its shape. */
const kindIn = (node) => node?.kind === "gateway" && html` <span class="muted small">${kindOf(node)}</span>`;

function Table({ graph, edges, choose }) {
  const sorted = [...edges].sort((a, b) => (b.bad > 0) - (a.bad > 0) || b.last - a.last || b.b - a.b).slice(0, 500);
  const rows = useRows(sorted.map((edge) => ({ key: String(edge.id), edge })), { open: ({ edge }) => choose(edge.s) });
  if (!sorted.length) return html`<${Empty} title="No connection fits these conditions." />`;
  return html`<div class="map-table" tabindex="0" role="region" aria-label="Connections"><table class="table cards" ref=${rows.list}><thead><tr><th>From</th><th>To</th><th class="tight">Protocol</th><th class="tight number">Requests</th><th class="tight number">Bytes</th><th class="tight number">Bad</th><th class="tight">Last</th></tr></thead>
    <tbody>${sorted.map((edge) => html`<tr key=${edge.id} class=${rows.classOf({ key: String(edge.id) })}><td class="half"><button class="link ellipsis" onClick=${() => choose(edge.s)}>${nameOf(graph.nodes.get(edge.s))}</button>${kindIn(graph.nodes.get(edge.s))}</td><td class="half"><button class="link ellipsis" onClick=${() => choose(edge.d)}>${nameOf(graph.nodes.get(edge.d))}</button>${kindIn(graph.nodes.get(edge.d))}</td>
      <td class="tight">${edge.p}</td><td class="tight number">${count(edge.n)}</td><td class="tight number">${bytes(edge.b)}</td><td class=${`tight number ${edge.bad ? "wrong" : "muted"}`}>${count(edge.bad)}</td><td class="tight"><${Time} at=${new Date(edge.last * 1000).toISOString()} /></td></tr>`)}</tbody></table>
    ${edges.length > 500 && html`<p class="muted small" style=${{ padding: "12px" }}>The 500 newest of ${count(edges.length)}.</p>`}</div>`;
}

/** For who listens: the chosen node at once, bad requests together every few seconds. */
function Announced({ graph, chosen }) {
  const [said, setSaid] = useState("");
  const state = useRef({ at: 0, number: 0 });
  const newest = graph.listed[0];
  useEffect(() => {
    const { at, number } = state.current;
    if (!newest || newest.number === number || performance.now() - at < ANNOUNCED_MS) return;
    const fresh = number ? graph.listed.filter((one) => one.number > number).length : 1;
    state.current = { at: performance.now(), number: newest.number };
    setSaid(`${fresh > 1 ? `${fresh} bad requests, the last: ` : ""}${nameOf(newest.s)} to ${nameOf(newest.d)}, ${newest.status ?? newest.what}`);
  });
  return html`<div class="hidden-text"><div role="log" aria-live="polite" aria-label="Bad requests">${said && html`<p key=${said}>${said}</p>`}</div>
    <div role="status">${chosen && `${nameOf(chosen)}, ${kindOf(chosen)}, ${graph.neighbours(chosen.id).size} neighbours`}</div></div>`;
}
