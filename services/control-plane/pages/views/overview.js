// The first look: is anything bad, and does it flow?
import { Histogram } from "../parts/chart.js";
import { useKeys } from "../parts/keys.js";
import { go } from "../parts/router.js";
import { Time, age } from "../parts/time.js";
import { Severity, Trouble, bytes, count, html, useAnswer } from "../parts/view.js";

const SILENT_SECONDS = 300;

export function Overview() {
  const inbox = useAnswer("/groups", { state: "open", sort: "newest", limit: 8 }, { every: 10 });
  const newest = useAnswer("/events", { limit: 1 }, { every: 5 });
  const day = useAnswer("/events/histogram", { from: "-24h", buckets: 96 }, { every: 60 });
  const hour = useAnswer("/events/histogram", { from: "-1h", buckets: 60 }, { every: 15 });
  const hosts = useAnswer("/hosts", { own: "true", sort: "bytes", limit: 5 }, { every: 60 });
  const open = inbox.data?.counts.open;
  const last = newest.data?.events[0];
  useKeys({ 1: () => go("/inbox"), 2: () => go("/escalated"), 3: () => go("/events"), 4: () => go("/hosts") });
  const rate = hour.data && hour.data.total / 3600;
  const alerts = day.data && ["high", "medium", "low"].reduce((sum, name) => sum + day.data.series[name].reduce((a, b) => a + b, 0), 0);
  const groups = inbox.data?.groups ?? [];
  const busiest = hosts.data?.hosts ?? [];
  const most = Math.max(...busiest.map((host) => host.bytes_in + host.bytes_out), 1);
  return html`<div class="head"><h1>Overview</h1><${Flowing} last=${last} known=${newest.data} problem=${newest.problem} /></div>
    <${Trouble} problem=${inbox.problem ?? day.problem} />
    <div class="grid">
      <a class="card span-3 figure" href="/inbox" style=${{ color: "inherit", textDecoration: "none" }}><h2 class="label">Open groups of alerts</h2><strong>${open ? count(open.high + open.medium + open.low) : "–"}</strong>
        <span class="muted">${open && html`${open.high > 0 ? html`<span class="wrong">${count(open.high)} high</span>` : "0 high"} · ${count(open.medium)} medium · ${count(open.low)} low`}</span></a>
      <a class="card span-3 figure" href="/escalated" style=${{ color: "inherit", textDecoration: "none" }}><h2 class="label">Escalated</h2><strong>${inbox.data ? count(inbox.data.counts.escalated) : "–"}</strong><span class="muted">${inbox.data?.counts.escalated ? "somebody should look" : "nothing waits"}</span></a>
      <a class="card span-3 figure" href="/events?from=-1h" style=${{ color: "inherit", textDecoration: "none" }}><h2 class="label">Events a second</h2><strong>${rate == null ? "–" : rate >= 10 ? count(rate) : rate.toFixed(1)}</strong><span class="muted">${hour.data ? `${count(hour.data.total)} in the last hour` : ""}</span></a>
      <a class="card span-3 figure" href="/events?q=type:alert&from=-24h" style=${{ color: "inherit", textDecoration: "none" }}><h2 class="label">Alerts in 24 hours</h2><strong>${alerts == null ? "–" : count(alerts)}</strong><span class="muted">${day.data ? `of ${count(day.data.total)}${day.data.complete ? "" : "+"} events` : ""}</span></a>
      <section class="card span-12"><header><h2>Last 24 hours</h2><a href="/events?from=-24h">Events</a></header>${day.data ? html`<${Histogram} histogram=${day.data} choose=${(from, to) => go(`/events?${new URLSearchParams({ from, to })}`)} />` : html`<div style=${{ height: "96px" }}></div>`}</section>
      <section class="card flush span-8"><header><h2>Newest in the inbox</h2><a href="/inbox">Inbox</a></header>
        ${inbox.data && groups.length === 0 ? html`<p class="muted" style=${{ padding: "0 16px 16px" }}>No open alerts.${day.data ? ` ${count(day.data.total)} events came in the last 24 hours.` : ""}</p>` : html`<table class="table cards"><tbody>${groups.map((group) => html`<tr key=${group.key} data-open onClick=${(event) => event.target.closest("a") || go(`/events/${group.newest_event}`)}>
          <td class="tight"><${Severity} level=${group.severity} /></td><td class="wide ellipsis"><a href=${`/events/${group.newest_event}`}>${group.signature.text}</a></td>
          <td class="tight mono">${group.src.name ?? group.src.ip}</td><td class="tight number">${count(group.count)}</td><td class="tight"><${Time} at=${group.last} /></td></tr>`)}</tbody></table>`}</section>
      <section class="card span-4"><header><h2>Busiest hosts</h2><a href="/hosts">Hosts</a></header><div class="bars">${busiest.map((host) => html`<a key=${host.ip} href=${`/hosts/${encodeURIComponent(host.ip)}`} style=${{ "--part": `${((host.bytes_in + host.bytes_out) / most) * 100}%` }}><span class="ellipsis">${host.names[0] ?? host.ip}</span><span class="muted">${bytes(host.bytes_in + host.bytes_out)}</span></a>`)}</div>${hosts.data && !busiest.length && html`<p class="muted">No flow was seen in 24 hours.</p>`}</section>
    </div>`;
}

/** One sentence: whether anything comes. */
function Flowing({ last, known, problem }) {
  if (problem) return html`<span class="actions"><i class="dot bad"></i>The events cannot be read now.</span>`;
  if (!known) return null;
  if (!last) return html`<span class="actions muted"><i class="dot"></i>No event has been stored yet.</span>`;
  const silent = (Date.now() - Date.parse(last.time)) / 1000 > SILENT_SECONDS;
  return html`<span class="actions"><i class=${`dot ${silent ? "warn" : "good"}`}></i>${silent ? `The newest event is ${age(last.time)} old.` : html`<span class="muted">Events come in. The newest is ${age(last.time) === "now" ? "of this moment" : `${age(last.time)} old`}.</span>`}</span>`;
}
