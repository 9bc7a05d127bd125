// Where events are: each stage, what waits between them, the box, and each service.
import { Lines } from "../parts/lines.js";
import { setParameters } from "../parts/router.js";
import { Flowing, Meter, duration, percent, rate, useStatus } from "../parts/status.js";
import { Time, age } from "../parts/time.js";
import { Empty, Skeleton, Trouble, bytes, count, html, useAnswer } from "../parts/view.js";

const PERIODS = [["-1h", "1 hour", 30], ["-6h", "6 hours", 180], ["-24h", "24 hours", 600]];
const WORDS = { ok: ["good", "works"], slow: ["warn", "slow"], unknown: ["", "not known"], stuck: ["bad", "stuck"] };
const SERIES = ["cpu", "memory", "events.read", "events.stored.local", "events.stored.opensearch", "lag.ecs-transformer", "lag.local", "lag.opensearch", "canary.milliseconds"];

export function Pipeline({ route }) {
  const { data, problem } = useStatus();
  const [period, , step] = PERIODS.find(([value]) => value === route.parameters.period) ?? PERIODS[0];
  const past = useAnswer("/metrics/series", { name: SERIES.join(","), from: period, step }, { every: 30 });
  const head = html`<div class="head"><h1>Pipeline</h1><${Flowing} /></div>`;
  if (!data?.stages.length) return html`${head}<${Trouble} problem=${problem} />${!problem && html`<${Skeleton} />`}`;
  const { stages, services, box, redis, canary } = data;
  const stores = stages.filter((stage) => ["local-store", "opensearch-shipper"].includes(stage.name));
  const [suricata, reader, transformer] = stages;
  const shown = services.filter((service) => service.up || service.seen || stages.some((stage) => stage.name === service.name));
  return html`${head}<${Trouble} problem=${problem} />
    <section class="flow" aria-label="Stages">
      <${Stage} stage=${suricata} canary=${canary} newest=${data.newest_event} />
      <${Between} title="Unread" figure=${bytes(reader.waiting?.bytes)} place="in the file" />
      <${Stage} stage=${reader} canary=${canary} />
      <${Between} title="Raw batches" figure=${count(transformer.waiting?.batches)} waiting=${transformer.waiting} />
      <${Stage} stage=${transformer} canary=${canary} />
      <${Between} title="Documents" figure=${count(stores[0]?.waiting?.batches)} waiting=${stores[0]?.waiting} />
      <div class="ends">${stores.map((stage) => html`<${Stage} key=${stage.name} stage=${stage} canary=${canary} />`)}${!stores.length && html`<div class="card stage"><p class="muted">No store is used.</p></div>`}</div>
    </section>
    <${CanaryLine} canary=${canary} stores=${stores} />
    <div class="head section"><h2>Over time</h2><div class="actions"><select aria-label="Period" value=${period} onChange=${(event) => setParameters({ period: event.target.value })}>${PERIODS.map(([value, title]) => html`<option value=${value}>${title}</option>`)}</select></div></div>
    <${Trouble} problem=${past.problem} again=${past.reload} />
    <${Charts} past=${past.data} stores=${stores} />
    <div class="grid below">
      <section class="card flush span-8"><header><h2>Services</h2></header>${shown.length ? html`<${Services} services=${shown} />` : html`<${Empty} title="No service answers where pipeline.services says." />`}</section>
      <section class="card span-4"><header><h2>Box</h2>${box.uptime_seconds !== null && html`<span class="muted small">up for ${duration(box.uptime_seconds)}</span>`}</header><div class="meters">
        <${Meter} title=${`CPU, ${box.cores} core${box.cores > 1 ? "s" : ""}`} part=${box.cpu} />
        <${Meter} title="Memory" part=${box.memory_used_bytes / box.memory_bytes} text=${`${bytes(box.memory_used_bytes)} of ${bytes(box.memory_bytes)}`} />
        ${redis.memory_max_bytes && html`<${Meter} title="Redis" part=${redis.memory_bytes / redis.memory_max_bytes} text=${`${bytes(redis.memory_bytes)} of ${bytes(redis.memory_max_bytes)}`} />`}
        ${box.disks.map((disk) => html`<${Meter} key=${disk.name} title=${disk.name} part=${disk.used_bytes / disk.bytes} text=${`${bytes(disk.used_bytes)} of ${bytes(disk.bytes)}`} mark=${0.8} />`)}</div>
        <dl class="facts small box-facts">${box.load !== null && html`<dt>Load</dt><dd>${box.load.toFixed(2)}</dd>`}${box.temperature_celsius !== null && html`<dt>Temperature</dt><dd>${Math.round(box.temperature_celsius)} °C</dd>`}
          ${redis.memory_bytes !== null && !redis.memory_max_bytes && html`<dt>Redis</dt><dd>${bytes(redis.memory_bytes)}</dd>`}<dt>Dead letters</dt><dd><a href="/pipeline/dead-letters">${count(data.dead_letters)}</a></dd></dl></section>
    </div>`;
}

function Stage({ stage, canary, newest }) {
  const [dot, word] = WORDS[stage.state];
  const missing = canary.missing_at === stage.name;
  return html`<article class=${`card stage ${stage.state}`}><header><i class=${`dot ${dot}`}></i><h2>${stage.title}</h2><span class="muted small">${word}${stage.state === "stuck" || stage.state === "slow" ? ` for ${age(stage.since)}` : ""}</span></header>
    ${newest && html`<p class="small muted">Newest event <${Time} at=${newest} withAge /></p>`}
    ${stage.name !== "suricata" && html`<p class="rate"><strong>${rate(stage.events_per_second)}</strong> <span class="muted small">events a second</span></p>
      ${canary.interval_ms > 0 && html`<p class="small muted">Canary ${missing ? html`<span class="wrong">missing</span>` : duration(stage.canary_ms === null ? null : stage.canary_ms / 1000)}</p>`}`}
    ${stage.detail && html`<p class=${`small ${stage.state === "stuck" ? "wrong" : "muted"}`}>${stage.detail[0].toUpperCase() + stage.detail.slice(1)}.</p>`}</article>`;
}

/** What waits between two stages. */
function Between({ title, figure, waiting, place = "in Redis" }) {
  const part = waiting?.bytes_max ? waiting.bytes / waiting.bytes_max : null;
  return html`<div class="between" title=${waiting?.bytes_max ? `${bytes(waiting.bytes)} of ${bytes(waiting.bytes_max)} in Redis` : undefined}><span class="small muted">${title}</span><strong>${figure}</strong><i class="way" aria-hidden="true"></i>
    <span class="small muted">${waiting?.seconds >= 1 ? `for ${duration(waiting.seconds)}` : part >= 0.01 ? `${percent(part)} full` : place}</span></div>`;
}

function CanaryLine({ canary, stores }) {
  if (!canary.interval_ms) return html`<p class="small muted canary">No canary is sent: canary.interval_ms is 0.</p>`;
  const arrived = stores.filter((stage) => stage.canary_ms !== null);
  return html`<p class="small muted canary">${canary.made ? html`A canary of our own left at <${Time} at=${canary.made} />${canary.missing_at ? html` and <span class="wrong">has not passed ${canary.missing_at}</span>.` : arrived.length ? html` and was in ${arrived.map((stage) => `${stage.title} after ${duration(stage.canary_ms / 1000)}`).join(", in ")}.` : "; it is under way."}` : `A canary leaves every ${duration(canary.interval_ms / 1000)}; none was seen since this page's service started.`}</p>`;
}

function Charts({ past, stores }) {
  if (!past) return html`<div class="grid">${[1, 2, 3, 4].map((i) => html`<div key=${i} class="card span-6" style=${{ height: "196px" }}></div>`)}</div>`;
  const { times, series } = past;
  const used = (group) => stores.some((stage) => stage.name === (group === "local" ? "local-store" : "opensearch-shipper"));
  const line = (name, key, className) => ({ name, values: series[key], className });
  const chart = (title, lines, format, more) => html`<section class="card span-6"><header><h3>${title}</h3></header><${Lines} title=${title} times=${times} lines=${lines} format=${format} ...${more} /></section>`;
  return html`<div class="grid">
    ${chart("Events a second", [line("read", "events.read"), ...(used("local") ? [line("stored here", "events.stored.local", "second")] : []), ...(used("opensearch") ? [line("in OpenSearch", "events.stored.opensearch", "third")] : [])], rate, { least: 1 })}
    ${chart("Oldest that waits", [line("for the transformer", "lag.ecs-transformer"), ...(used("local") ? [line("for the local store", "lag.local", "second")] : []), ...(used("opensearch") ? [line("for OpenSearch", "lag.opensearch", "third")] : [])], duration, { least: 2 })}
    ${chart("CPU and memory of the box", [line("CPU", "cpu"), line("memory", "memory", "second")], percent, { max: 1, mark: 0.7 })}
    ${chart("Canary, from the reader to the local store", [line("canary", "canary.milliseconds")], (value) => duration(value / 1000), { least: 500 })}</div>`;
}

function Services({ services }) {
  return html`<table class="table cards"><thead><tr><th>Service</th><th class="tight">State</th><th class="tight number">CPU</th><th class="tight number">Memory</th><th class="tight">Runs for</th><th class="tight">Version</th></tr></thead>
    <tbody>${services.map((service) => html`<tr key=${service.name}><td class="wide"><div class="ellipsis">${service.name}</div>${service.fault && html`<div class="small muted break">${service.fault}</div>`}</td>
      <td class="tight"><span class="state"><i class=${`dot ${service.ready ? "good" : service.seen || service.up ? "bad" : ""}`}></i>${service.ready ? "ready" : service.up ? "not ready" : service.seen ? "down" : "not seen"}</span></td>
      <td class="tight number">${percent(service.cpu)}</td><td class="tight number">${bytes(service.memory_bytes)}</td><td class="tight">${service.started ? age(service.started) : html`<span class="muted">–</span>`}</td><td class="tight muted">${service.version ?? "–"}</td></tr>`)}</tbody></table>`;
}
