// One event: a sentence, who with whom, the rule, what belongs to it, and all that is known.
import { post } from "../api.js";
import { useKeys } from "../parts/keys.js";
import { toast } from "../parts/popups.js";
import { go } from "../parts/router.js";
import { knownFields } from "../parts/search.js";
import { Time, age, full } from "../parts/time.js";
import { Icon, Severity, Skeleton, Trouble, attempt, bytes, count, html, useAnswer, useEffect, useRef, useState } from "../parts/view.js";
import { may } from "../parts/frame.js";
import { EventTable, Pivots, pageOf } from "./events.js";

const at = (document, path) => path.split(".").reduce((value, key) => value?.[key], document) ?? document?.[path];

/** What is worth a section of its own, by the ECS fields that it shows. */
const SECTIONS = [
  ["HTTP", [["Request", "http.request.method"], ["URL", "url.full"], ["Host", "url.domain"], ["Status", "http.response.status_code"], ["User agent", "user_agent.original"], ["Referrer", "http.request.referrer"], ["Content type", "http.response.mime_type"], ["Length", "http.response.body.bytes"]]],
  ["DNS", [["Question", "dns.question.name"], ["Type", "dns.question.type"], ["Answer code", "dns.response_code"], ["Answers", "dns.resolved_ip"], ["Id", "dns.id"]]],
  ["TLS", [["Server name", "tls.client.server_name"], ["Version", "tls.version"], ["Subject", "tls.server.subject"], ["Issuer", "tls.server.issuer"], ["Not before", "tls.server.not_before"], ["Not after", "tls.server.not_after"], ["JA3", "tls.client.ja3"], ["JA4", "tls.client.ja4"], ["Fingerprint", "tls.server.hash.sha1"]]],
  ["File", [["Name", "file.name"], ["Size", "file.size"], ["Type", "file.mime_type"], ["SHA-256", "file.hash.sha256"], ["MD5", "file.hash.md5"]]],
  ["Flow", [["Packets out", "source.packets"], ["Packets back", "destination.packets"], ["Bytes out", "source.bytes"], ["Bytes back", "destination.bytes"], ["Began", "event.start"], ["Ended", "event.end"], ["Duration", "event.duration"], ["Community id", "network.community_id"]]],
];

/** What happened, as one would say it. */
function Sentence({ event, document }) {
  const who = event.src?.name ?? event.src?.ip, whom = event.dest?.name ?? event.dest?.ip;
  const value = (path) => at(document, path);
  const b = (text) => html`<b>${text}</b>`;
  if (event.signature) return html`${b(event.signature.text)}`;
  switch (event.type) {
    case "dns": return html`${b(who)} asked ${b(whom)} for ${b(value("dns.question.name") ?? "a name")}`;
    case "http": return html`${b(who)} sent ${b(`${value("http.request.method") ?? "a request"} ${value("url.original") ?? value("url.path") ?? ""}`)} to ${b(value("url.domain") ?? whom)}`;
    case "tls": return html`${b(who)} opened an encrypted connection to ${b(value("tls.client.server_name") ?? whom)}`;
    case "flow": return html`${b(who)} and ${b(whom)} exchanged ${b(bytes((value("source.bytes") ?? 0) + (value("destination.bytes") ?? 0)))}`;
    case "fileinfo": return html`${b(value("file.name") ?? "A file")} went over the wire between ${b(who)} and ${b(whom)}`;
    default: return event.summary ? html`${event.summary}` : html`${b(event.type)}${who ? html` from ${b(who)}` : ""}${whom ? html` to ${b(whom)}` : ""}`;
  }
}

function hexDump(base64) {
  const raw = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const lines = [];
  for (let i = 0; i < raw.length; i += 16) {
    const part = [...raw.subarray(i, i + 16)];
    const hex = part.map((byte) => byte.toString(16).padStart(2, "0"));
    lines.push(`${i.toString(16).padStart(4, "0")}  ${hex.slice(0, 8).join(" ").padEnd(23)}  ${hex.slice(8).join(" ").padEnd(23)}  ${part.map((byte) => byte >= 32 && byte < 127 ? String.fromCharCode(byte) : "·").join("")}`);
  }
  return lines.join("\n");
}

/** A document as a list of dotted names, each with its value and ways to search for it. */
function Tree({ document }) {
  const facts = [];
  const walk = (value, path) => {
    if (value && typeof value === "object" && !Array.isArray(value)) for (const [key, inner] of Object.entries(value)) walk(inner, path ? `${path}.${key}` : key);
    else facts.push([path, value]);
  };
  walk(document, "");
  return html`<dl class="facts">${facts.sort(([a], [b]) => a < b ? -1 : 1).map(([name, value]) => html`<dt class="mono">${name}</dt>
    <dd class="fact mono">${typeof value === "object" ? JSON.stringify(value) : String(value)}${["string", "number"].includes(typeof value) && String(value).length < 200 && html`<${Pivots} field=${name} value=${value} />`}</dd>`)}</dl>`;
}

function Comments({ path, comments, session, reload }) {
  const [text, setText] = useState("");
  const field = useRef(null);
  useKeys({ c: () => field.current?.focus() });
  const send = async (event) => {
    event.preventDefault();
    if (await attempt(() => post(path, { text }), toast)) { setText(""); reload(); }
  };
  return html`<section class="card"><header><h2>Comments</h2></header>
    ${comments.map((comment) => html`<p key=${comment.id} class="break" style=${{ marginBottom: "12px" }}><span class="small muted">${comment.user} · <${Time} at=${comment.time} withAge /></span><br />${comment.text}</p>`)}
    ${may(session, "analyst") ? html`<form class="form" onSubmit=${send}><textarea ref=${field} aria-label="Comment" placeholder="What was it? What was done?" maxlength="4000" value=${text} onInput=${(event) => setText(event.target.value)}
        onKeyDown=${(event) => event.key === "Enter" && (event.ctrlKey || event.metaKey) && send(event)} /><div class="actions"><button disabled=${!text.trim()}>Comment</button></div></form>`
      : comments.length === 0 && html`<p class="muted">None. Role analyst is needed to write one.</p>`}</section>`;
}

/** What people have done to the alert's group. */
function History({ entries }) {
  const names = { archive: "archived it", unarchive: "took it back into the inbox", escalate: "escalated it", deescalate: "took the escalation back", assign: "assigned it", undo: "took a step back" };
  return entries.length > 0 && html`<section class="card"><header><h2>History</h2></header><ol class="history">${entries.map((entry) => html`
    <li key=${entry.time}><b>${entry.user}</b> ${names[entry.action] ?? entry.action}<span class="small muted"> · <${Time} at=${entry.time} withAge /></span></li>`)}</ol></section>`;
}

export function Event({ argument: id, route, session }) {
  const cloud = route.parameters.in === "cloud";
  const { data, problem, reload } = useAnswer(`/events/${encodeURIComponent(id)}`, cloud ? { in: "cloud" } : undefined);
  const [places, setPlaces] = useState([]);
  useEffect(() => { if (problem?.status === 404 && !cloud) knownFields().then((known) => setPlaces(known.in), () => {}); }, [problem]);
  const [tab, setTab] = useState("facts");
  const flow = useRef(null);
  const act = (action, done) => async () => {
    if (!may(session, "analyst")) return toast("Role analyst is needed for this.");
    // An alert is decided on with its group: of that, what is as old as this one.
    const { group, time } = data.event;
    const answer = await attempt(() => group ? post("/groups/actions", { keys: [group], action, ...(action === "archive" ? { through: time } : {}) }) : post("/events/actions", { ids: [id], action }), toast);
    if (answer) { toast(answer.changed ? done : "Nothing had to be changed."); reload(); dispatchEvent(new CustomEvent("inbox-changed")); }
  };
  const near = (id, none) => {
    if (id) return go(`/events/${encodeURIComponent(id)}`, { replace: true });
    toast(cloud ? "Events of the cloud have no neighbours here: go back to the list." : none);
    reload();
  };
  useKeys({
    J: () => setTab(tab === "json" ? "facts" : "json"), f: () => flow.current?.scrollIntoView({ behavior: "smooth" }),
    n: () => data && near(data.older, "There is no older event."), p: () => data && near(data.newer, "This is the newest event."), s: act("escalate", "Escalated"), e: act("archive", "Archived"), Escape: () => history.length > 1 ? history.back() : go("/events"),
  });
  if (problem && !data) return html`<div class="head"><h1>Event</h1></div><${Trouble} problem=${problem} again=${problem.status !== 404 && reload} />
    ${places.includes("cloud") && html`<p><a class="button" href=${`/events/${encodeURIComponent(id)}?in=cloud`}><${Icon} name="cloud" />Look in the cloud</a></p>`}`;
  if (!data) return html`<div class="head"><h1>Event</h1></div><${Skeleton} rows=${10} />`;
  const { event, document, rule, packet, payload } = data;
  const raw = at(document, "event.original");
  const tabs = [["facts", "All fields"], ["json", "JSON"], raw && ["raw", "As Suricata wrote it"], packet && ["packet", "Packet"], payload && ["payload", "Payload"]].filter(Boolean);
  const copy = async (text) => { await navigator.clipboard?.writeText(text).then(() => toast("Copied."), () => toast("The browser did not let us copy.")); };
  const pretty = JSON.stringify(document, null, 2);
  const analyst = may(session, "analyst");
  return html`
    <div class="head"><h1 class="lead" style=${{ flex: "1 1 400px", fontWeight: 400 }}><${Sentence} event=${event} document=${document} /></h1>
      ${event.signature && html`<div class="actions">
        <button disabled=${!analyst} title=${analyst ? "Key s" : "Role analyst is needed"} onClick=${act(event.escalated ? "deescalate" : "escalate", event.escalated ? "No longer escalated" : "Escalated")}><${Icon} name="flag" />${event.escalated ? "Take back" : "Escalate"}</button>
        <button disabled=${!analyst} title=${analyst ? "Key e" : "Role analyst is needed"} class="primary" onClick=${act(event.archived ? "unarchive" : "archive", event.archived ? "Back in the inbox" : "Archived")}><${Icon} name="archive" />${event.archived ? "Back to inbox" : "Archive"}</button></div>`}
    </div>
    <div class="grid">
      <section class="card span-12"><div class="tuple">
          <div>${event.src?.ip ? html`<a class="address" href=${`/hosts/${encodeURIComponent(event.src.ip)}`}>${event.src.ip}</a><div class="muted">${event.src.name ?? ""} ${event.src.port ? `port ${event.src.port}` : ""}</div>` : html`<span class="muted">No address</span>`}</div>
          <div class="arrow small">${[event.proto, event.app].filter(Boolean).join(" · ") || event.type}<div><i></i><${Icon} name="chevron-right" /></div></div>
          <div>${event.dest?.ip && html`<a class="address" href=${`/hosts/${encodeURIComponent(event.dest.ip)}`}>${event.dest.ip}</a><div class="muted">${event.dest.name ?? ""} ${event.dest.port ? `port ${event.dest.port}` : ""}</div>`}</div>
        </div>
        <div class="actions" style=${{ marginTop: "14px" }}>
          ${event.severity != null && html`<${Severity} level=${event.severity} />`}<span class="tag">${event.type}</span>${event.sensor && html`<span class="tag">${event.sensor}</span>`}
          <span class="muted">${full(event.time)} · ${age(event.time)}${age(event.time) === "now" ? "" : " ago"}</span>
          ${cloud && html`<span class="tag"><${Icon} name="cloud" /> cloud</span>`}${event.archived && html`<span class="tag">archived</span>`}${event.escalated && html`<span class="tag">escalated</span>`}</div></section>
      <div class="stack span-8">
        ${rule && html`<section class="card"><header><h2>Rule</h2><span class="muted mono">${rule.id}</span></header>
        <dl class="facts"><dt>Category</dt><dd>${rule.category ?? "–"}</dd>${rule.action && html`<dt>Action</dt><dd>${rule.action}</dd>`}
          ${Object.entries(rule.metadata ?? {}).map(([name, value]) => html`<dt>${name.replaceAll("_", " ")}</dt><dd>${[value].flat().join(", ")}</dd>`)}
            ${rule.references?.length > 0 && html`<dt>Read more</dt><dd>${rule.references.map((link) => /^https?:\/\//.test(link) ? html`<a href=${link} target="_blank" rel="noopener noreferrer">${link}</a> ` : `${link} `)}</dd>`}</dl>
          ${rule.text && html`<pre class="rule-text" style=${{ marginTop: "12px" }}>${rule.text}</pre>`}
        ${event.group && html`<p style=${{ marginTop: "12px" }}><a href=${`/events?q=${encodeURIComponent(`sid:${rule.id}`)}`}>All events of this rule</a></p>`}</section>`}
        <div class="sections">${SECTIONS.map(([title, fields]) => [title, fields.map(([name, path]) => [name, path, at(document, path)]).filter(([, , value]) => value !== undefined && value !== null)]).filter(([, found]) => found.length).map(([title, found]) => html`
        <section class="card" key=${title}><header><h2>${title}</h2></header><dl class="facts">${found.map(([name, path, value]) => html`<dt>${name}</dt><dd class="fact">${Array.isArray(value) ? value.join(", ") : path.endsWith(".bytes") || path === "file.size" ? bytes(value) : path === "event.duration" ? `${(value / 1e9).toFixed(2)} s` : ["event.start", "event.end"].includes(path) || path.startsWith("tls.server.not") ? html`<${Time} at=${value} />` : typeof value === "number" ? count(value) : String(value)}</dd>`)}</dl></section>`)}</div></div>
      <div class="stack span-4"><${Comments} path=${`/events/${encodeURIComponent(id)}/comments`} comments=${data.comments} session=${session} reload=${reload} /><${History} entries=${data.history} /></div>
      ${data.flow.length > 0 && html`<section class="span-12" ref=${flow}><header class="head" style=${{ margin: "8px 0" }}><h2>The same flow</h2><span class="muted">${data.flow.length} other ${data.flow.length === 1 ? "event" : "events"}, oldest first</span></header><${EventTable} events=${data.flow} /></section>`}
      <section class="card span-12">
        <div class="tabs"><div role="tablist" aria-label="Views of the event">${tabs.map(([name, title]) => html`<button role="tab" aria-selected=${tab === name} aria-controls="event-tab" onClick=${() => setTab(name)}>${title}</button>`)}</div>
          <div style=${{ flex: 1 }}></div>
          <button class="quiet" onClick=${() => copy(tab === "raw" ? raw : pretty)}><${Icon} name="copy" />Copy</button>
          ${packet && html`<a class="button" style=${{ border: 0, background: "none", fontWeight: 400 }} href=${`/api/v1/events/${encodeURIComponent(id)}/pcap${cloud ? "?in=cloud" : ""}`} download><${Icon} name="download" />.pcap</a>`}</div>
        <div id="event-tab" role="tabpanel">${tab === "facts" ? html`<${Tree} document=${document} />` : tab === "json" ? html`<pre class="json">${pretty}</pre>` : tab === "raw" ? html`<pre class="json">${raw}</pre>`
          : html`<pre class="hex" tabindex="0">${hexDump((tab === "packet" ? packet : payload).base64)}</pre>`}</div></section>
    </div>`;
}
