// Who is on the network: names, traffic and alerts of each address.
import { Histogram } from "../parts/chart.js";
import { put } from "../api.js";
import { may } from "../parts/frame.js";
import { Dialog, toast } from "../parts/popups.js";
import { go, setParameters } from "../parts/router.js";
import { useRows } from "../parts/rows.js";
import { Time } from "../parts/time.js";
import { Empty, Icon, Severity, Skeleton, Trouble, bytes, count, html, useAnswer, useState } from "../parts/view.js";

const PERIODS = [["24", "24 hours"], ["168", "7 days"], ["720", "30 days"]];

export function Hosts({ route }) {
  const { hours = "24", sort = "bytes", own = "", q = "" } = route.parameters;
  const { data, problem, reload } = useAnswer("/hosts", { hours, sort, own, q }, { every: 30 });
  const hosts = data?.hosts ?? [];
  const rows = useRows(hosts.map((host) => ({ key: host.ip, href: `/hosts/${encodeURIComponent(host.ip)}` })), { open: (row) => go(row.href) });
  const head = (name, title) => html`<th class="tight number" aria-sort=${sort === name ? "descending" : undefined}><button class="link" onClick=${() => setParameters({ sort: name })}>${title}${sort === name ? " ↓" : ""}</button></th>`;
  return html`<div class="head"><h1>Hosts</h1><div class="actions">
      <input class="find" aria-label="Address or name" placeholder="Address or name" value=${q} onChange=${(event) => setParameters({ q: event.target.value.trim() })} />
      <select aria-label="Whose" value=${own} onChange=${(event) => setParameters({ own: event.target.value })}><option value="">All</option><option value="true">Own networks</option><option value="false">Others</option></select>
      <select aria-label="Period" value=${hours} onChange=${(event) => setParameters({ hours: event.target.value })}>${PERIODS.map(([value, title]) => html`<option value=${value}>${title}</option>`)}</select></div></div>
    <${Trouble} problem=${problem} again=${reload} />
    ${data && !data.complete && html`<p class="notice">Not all hosts could be looked at in time: take a shorter period, or search for one.</p>`}
    ${!data ? !problem && html`<${Skeleton} rows=${12} />` : hosts.length === 0 ? html`<${Empty} title="No host was seen in this time." />` : html`
      <div class="table-box"><table class="table cards" ref=${rows.list}><thead><tr><th>Host</th><th class="tight">Address</th>${head("alerts", "Alerts")}${head("flows", "Flows")}<th class="tight number">Sent</th>${head("bytes", "Received")}<th class="tight">Last seen</th></tr></thead>
      <tbody>${hosts.map((host) => html`<tr key=${host.ip} data-open class=${rows.classOf({ key: host.ip })} onClick=${(event) => event.target.closest("a,button") || go(`/hosts/${encodeURIComponent(host.ip)}`)}>
        <td class="wide ellipsis"><a href=${`/hosts/${encodeURIComponent(host.ip)}`}>${host.names[0] ?? host.ip}</a> ${host.own && html`<span class="tag">own</span>`}</td>
        <td class=${`tight mono ${host.names.length ? "" : "desk"}`}>${host.ip}</td><td class="tight number later" data-unit="alerts">${host.alerts ? html`<a href=${`/events?q=${encodeURIComponent(`type:alert ip:${host.ip}`)}`}>${count(host.alerts)}</a>` : html`<span class="muted">0</span>`}</td>
        <td class="tight number later" data-unit="flows">${count(host.flows)}</td><td class="tight number later" data-unit="sent">${bytes(host.bytes_out)}</td><td class="tight number later" data-unit="received">${bytes(host.bytes_in)}</td><td class="tight"><${Time} at=${host.last} withAge /></td></tr>`)}</tbody></table></div>`}`;
}

export function Host({ argument: ip, route, session }) {
  const { hours = "24" } = route.parameters;
  const { data, problem, reload } = useAnswer(`/hosts/${encodeURIComponent(ip)}`, { hours }, { every: 60 });
  const [writing, setWriting] = useState(false);
  if (!data) return html`<div class="head"><h1 class="mono">${ip}</h1></div>${problem ? html`<${Trouble} problem=${problem} again=${problem.status !== 404 && reload} />` : html`<${Skeleton} />`}`;
  const { host, note, names, peers, ports, groups, complete } = data;
  const most = (list, of) => Math.max(...list.map(of), 1);
  const figure = (title, value) => html`<div class="card span-3 figure"><h2 class="label">${title}</h2><strong>${value}</strong></div>`;
  const points = data.hours ?? [];
  const histogram = points.length > 1 && { times: points.map((hour) => Date.parse(hour.time) / 1000), bucket_seconds: 3600, series: { high: points.map((hour) => hour.alerts), medium: points.map(() => 0), low: points.map(() => 0), other: points.map((hour) => hour.flows) } };
  return html`<div class="head"><h1>${host.names[0] ?? ip}</h1><span class="mono muted">${host.names[0] ? ip : ""}</span>${host.own && html`<span class="tag">own</span>`}
      <div class="actions"><select aria-label="Period" value=${hours} onChange=${(event) => setParameters({ hours: event.target.value })}>${PERIODS.map(([value, title]) => html`<option value=${value}>${title}</option>`)}</select>
        <button disabled=${!may(session, "analyst")} title=${may(session, "analyst") ? undefined : "Needs the role analyst"} onClick=${() => setWriting(true)}><${Icon} name="pencil" />${note ? "Name and notes" : "Name it"}</button>
        <a class="button" href=${`/events?q=${encodeURIComponent(`ip:${ip}`)}`}>All its events</a></div></div>
    <${Trouble} problem=${problem} again=${reload} />
    <div class="grid">
      ${figure("Sent", bytes(host.bytes_out))}${figure("Received", bytes(host.bytes_in))}${figure("Flows", count(host.flows))}${figure("Alerts", count(host.alerts))}
      ${histogram && html`<section class="card span-12"><header><h2>Flows and alerts by hour</h2></header><${Histogram} histogram=${histogram} /></section>`}
      <section class="card span-4"><header><h2>Names</h2></header>${note?.note && html`<p class="said">${note.note}</p>`}${note && html`<p class="small muted said">${note.name ? "Named" : "Noted"} by ${note.by}, <${Time} at=${note.time} withAge /></p>`}${names.length ? html`<dl class="facts">${names.map((name) => html`<dt>${name.source.toUpperCase()}</dt><dd>${name.name}</dd>`)}</dl>` : html`<p class="muted">None was seen in DNS, DHCP or TLS.</p>`}
        <dl class="facts small muted" style=${{ marginTop: "12px" }}><dt>First seen in this time</dt><dd><${Time} at=${host.first} withAge /></dd><dt>Last seen</dt><dd><${Time} at=${host.last} withAge /></dd></dl></section>
      <section class="card span-4"><header><h2>Talks to</h2>${!complete && html`<span class="muted small">of its newest flows</span>`}</header><div class="bars">${peers.map((peer) => html`<a key=${peer.ip} href=${`/hosts/${encodeURIComponent(peer.ip)}`} style=${{ "--part": `${(peer.bytes / most(peers, (p) => p.bytes)) * 100}%` }}><span class="ellipsis">${peer.name ?? peer.ip}</span><span class="muted">${bytes(peer.bytes)}</span></a>`)}</div>${!peers.length && html`<p class="muted">No flow was seen in this time.</p>`}</section>
      <section class="card span-4"><header><h2>Ports</h2>${!complete && html`<span class="muted small">of its newest flows</span>`}</header><div class="bars">${ports.map((port) => html`<a key=${port.port} href=${`/events?q=${encodeURIComponent(`ip:${ip} port:${port.port}`)}`} style=${{ "--part": `${(port.flows / most(ports, (p) => p.flows)) * 100}%` }}><span class="mono">${port.port}</span><span class="muted">${count(port.flows)}</span></a>`)}</div></section>
      ${groups.length > 0 && html`<section class="card flush span-12"><header><h2>Alerts</h2></header><table class="table cards"><tbody>${groups.map((group) => html`<tr key=${group.key} data-open onClick=${(event) => event.target.closest("a") || go(`/events/${group.newest_event}`)}>
        <td class="tight"><${Severity} level=${group.severity} /></td><td class="wide ellipsis"><a href=${`/events/${group.newest_event}`}>${group.signature.text}</a></td><td class="tight mono">${group.src.ip} → ${group.dest.ip}</td><td class="tight number">${count(group.count)}</td><td class="tight"><${Time} at=${group.last} withAge /></td></tr>`)}</tbody></table></section>`}
    </div>
    ${writing && html`<${HostNote} ip=${ip} note=${note} close=${() => setWriting(false)} done=${() => { setWriting(false); toast("It is kept."); reload(); }} />`}`;
}

function HostNote({ ip, note, close, done }) {
  const [form, setForm] = useState({ name: note?.name ?? "", note: note?.note ?? "" });
  const [wrong, setWrong] = useState(null);
  const field = (name) => ({ value: form[name], onInput: (event) => setForm({ ...form, [name]: event.target.value }) });
  const send = async (event) => {
    event.preventDefault();
    try { await put(`/hosts/${encodeURIComponent(ip)}`, { name: form.name.trim(), note: form.note.trim() }); done(); } catch (problem) { setWrong(problem.detail ?? problem.message); }
  };
  return html`<${Dialog} title=${ip} close=${close}><form class="form" onSubmit=${send}>
    <label class="field"><span>Name</span><input data-focus maxlength="50" autocomplete="off" placeholder="Television" ...${field("name")} /><small>Shown wherever this address is. Empty for what the host calls itself.</small></label>
    <label class="field"><span>Notes</span><textarea maxlength="1000" ...${field("note")} /></label>
    ${wrong && html`<p class="wrong" role="alert">${wrong}</p>`}
    <footer><button type="button" onClick=${close}>Cancel</button><button class="primary">Keep it</button></footer></form><//>`;
}
