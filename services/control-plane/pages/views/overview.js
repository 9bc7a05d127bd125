// The first look: does it flow, is anything bad, is the box well?
import { Histogram, Spark } from "../parts/chart.js";
import { useKeys } from "../parts/keys.js";
import { go } from "../parts/router.js";
import { Flowing, Meter, duration, rate, useStatus } from "../parts/status.js";
import { Time } from "../parts/time.js";
import { Severity, Trouble, bytes, count, html, useAnswer } from "../parts/view.js";

const RULES = 5;

export function Overview() {
  const status = useStatus().data;
  const inbox = useAnswer("/groups", { state: "open", sort: "newest", limit: 8 }, { every: 10 });
  const day = useAnswer("/events/histogram", { from: "-24h", buckets: 96 }, { every: 60 });
  const hour = useAnswer("/events/histogram", { from: "-1h", buckets: 60 }, { every: 15 });
  const hosts = useAnswer("/hosts", { own: "true", sort: "bytes", limit: 5 }, { every: 60 });
  useKeys({ 1: () => go("/inbox"), 2: () => go("/events?from=-1h"), 3: () => go("/pipeline"), 4: () => go("/pipeline") });
  const { open, escalated } = inbox.data?.counts ?? {};
  const perMinute = hour.data?.times.map((_, i) => ["high", "medium", "low", "other"].reduce((sum, name) => sum + hour.data.series[name][i], 0));
  const groups = inbox.data?.groups ?? [];
  const busiest = hosts.data?.hosts ?? [];
  const rules = status?.noisy_rules.slice(0, RULES) ?? [];
  const box = status?.box;
  return html`<div class="head"><h1>Overview</h1><${Flowing} /></div>
    <${Trouble} problem=${inbox.problem ?? day.problem} />
    <div class="grid">
      <${Figure} href="/inbox" title="Open groups of alerts" figure=${open ? count(open.high + open.medium + open.low) : "–"}>
        ${open && html`${open.high > 0 ? html`<span class="wrong">${count(open.high)} high</span>` : "0 high"} · ${count(open.medium)} medium · ${count(open.low)} low`}${escalated > 0 && ` · ${count(escalated)} escalated`}<//>
      <${Figure} href="/events?from=-1h" title="Events a second" figure=${hour.data ? rate(hour.data.total / 3600) : "–"} more=${perMinute && html`<${Spark} values=${perMinute} label=${`${count(hour.data.total)} in the last hour`} />`}>
        ${hour.data ? `${count(hour.data.total)} in the last hour` : ""}<//>
      <${Way} status=${status} />
      <a class="card span-3 figure plain" href="/pipeline"><h2 class="label">CPU and memory of the box</h2><div class="pair">
        <${Meter} title="CPU" part=${box?.cpu} /><${Meter} title="Memory" part=${box ? box.memory_used_bytes / box.memory_bytes : null} /></div></a>
      <section class="card span-12"><header><h2>Last 24 hours</h2><a href="/events?from=-24h">Events</a></header>${day.data ? html`<${Histogram} histogram=${day.data} choose=${(from, to) => go(`/events?${new URLSearchParams({ from, to })}`)} />` : html`<div style=${{ height: "96px" }}></div>`}</section>
      <section class="card flush span-8"><header><h2>Newest in the inbox</h2><a href="/inbox">Inbox</a></header>
        ${inbox.data && groups.length === 0 ? html`<p class="muted" style=${{ padding: "0 16px 16px" }}>No open alerts.${day.data ? ` ${count(day.data.total)} events came in the last 24 hours.` : ""}</p>` : html`<table class="table cards"><tbody>${groups.map((group) => html`<tr key=${group.key} data-open onClick=${(event) => event.target.closest("a") || go(`/events/${group.newest_event}`)}>
          <td class="tight"><${Severity} level=${group.severity} /></td><td class="wide ellipsis"><a href=${`/events/${group.newest_event}`}>${group.signature.text}</a></td>
          <td class="tight mono">${group.src.name ?? group.src.ip}</td><td class="tight number">${count(group.count)}</td><td class="tight"><${Time} at=${group.last} /></td></tr>`)}</tbody></table>`}</section>
      <section class="card span-4"><header><h2>Busiest hosts</h2><a href="/hosts">Hosts</a></header>
        <${Bars} rows=${busiest.map((host) => ({ key: host.ip, href: `/hosts/${encodeURIComponent(host.ip)}`, title: host.names[0] ?? host.ip, value: host.bytes_in + host.bytes_out }))} format=${bytes} />${hosts.data && !busiest.length && html`<p class="muted">No flow was seen in 24 hours.</p>`}</section>
      <section class="card span-8"><header><h2>Noisiest rules</h2><span class="muted small">in 24 hours</span></header>
        <${Bars} rows=${rules.map((rule) => ({ key: rule.id, href: `/events?${new URLSearchParams({ q: `sid:${rule.id}`, from: "-24h" })}`, title: rule.name || `sid ${rule.id}`, value: rule.count }))} format=${(value) => `${count(value)} · ${Math.round((value / status.alerts) * 100)} %`} />${status && !rules.length && html`<p class="muted">No rule has alerted in 24 hours.</p>`}</section>
      <section class="card span-4"><header><h2>Room</h2><a href="/pipeline">Pipeline</a></header><div class="meters">${box?.disks.map((disk) => html`<${Meter} key=${disk.name} title=${disk.name} part=${disk.used_bytes / disk.bytes} text=${`${bytes(disk.bytes - disk.used_bytes)} free`} mark=${0.8} />`)}</div></section>
    </div>`;
}

function Figure({ href, title, figure, more, children }) {
  return html`<a class="card span-3 figure plain" href=${href}><h2 class="label">${title}</h2><div class="row"><strong>${figure}</strong>${more}</div><span class="muted">${children}</span></a>`;
}

/** How long an event takes to the store, and which stage holds it up. */
function Way({ status }) {
  const store = status?.stages.find((stage) => stage.name === "local-store") ?? status?.stages[3];
  const late = status?.stages.filter((stage) => stage.waiting?.seconds >= 1) ?? [];
  const slowest = Math.max(...late.map((stage) => stage.waiting.seconds), 0);
  const canary = store?.canary_ms ?? null;
  const figure = slowest >= 1 ? duration(slowest) : canary !== null ? duration(canary / 1000) : "< 1 s";
  return html`<${Figure} href="/pipeline" title="Time to the store" figure=${status && status.state !== "unknown" ? figure : "–"}>
    ${status?.state === "stuck" ? html`<span class="wrong">stuck at ${status.stuck_at}</span>` : late.length ? late.map((stage) => `${stage.title} ${duration(stage.waiting.seconds)}`).join(" · ") : status && status.state !== "unknown" ? canary !== null ? "of the last canary" : "nothing waits" : "not known"}<//>`;
}

function Bars({ rows, format }) {
  const most = Math.max(...rows.map((row) => row.value), 1);
  return html`<div class="bars">${rows.map((row) => html`<a key=${row.key} href=${row.href} style=${{ "--part": `${(row.value / most) * 100}%` }}><span class="ellipsis">${row.title}</span><span class="muted">${format(row.value)}</span></a>`)}</div>`;
}
