// How much goes on its way at once: large batches cost less, small ones arrive sooner.
import { count, html, useAnswer } from "../parts/view.js";

const KEYS = [
  ["eve_reader.batch_events", "Lines in a batch", "A batch is closed when it has so many lines."],
  ["eve_reader.batch_bytes", "Size of a batch", "Or when its lines have so many bytes."],
  ["eve_reader.batch_age_ms", "Age of a batch", "Or when its first line has waited so long: on a quiet line this is the delay."],
  ["ecs_transformer.batches_in_flight", "Mapped at once", "Batches on their way from the transformer."],
  ["opensearch_shipper.batches_in_flight", "Stored at once", "Batches that a shipper holds."],
];
const UNITS = { B: 1, KiB: 1024, MiB: 1048576, GiB: 1073741824 };

/** A value as a number: `64KiB` is 65536. */
function number(text) {
  const [, digits, unit] = /^(\d+)\s*([KMG]iB|B)?$/.exec(text ?? "") ?? [];
  return digits === undefined ? NaN : Number(digits) * UNITS[unit ?? "B"];
}

/** Round numbers from least to most, each about twice the one before; what is in force is one of them. */
function stops({ kind, min, max, default: usual }, value) {
  const round = [];
  if (kind === "bytes") for (let n = 1; n <= max; n *= 2) round.push(n);
  else for (let power = 1; power <= max; power *= 10) for (const step of [1, 2, 5]) round.push(step * power);
  const all = [...round, min, max, number(usual), number(value)].filter((n) => n >= min && n <= max);
  return [...new Set(all)].sort((a, b) => a - b);
}

function words(key, value) {
  if (key.kind === "bytes") { const unit = ["GiB", "MiB", "KiB"].find((unit) => value >= UNITS[unit] && value % UNITS[unit] === 0); return unit ? `${value / UNITS[unit]}${unit}` : String(value); }
  return String(value);
}

const unit = (key) => key.kind === "milliseconds" ? " ms" : "";

export function Batches({ sections, services, values, editable, why, set }) {
  const keys = Object.fromEntries(sections.flatMap((section) => section.keys).map((key) => [key.name, key]));
  return html`<section class="card" id="batches"><header><h2>Batches</h2><span class="muted">Large ones cost less, small ones arrive sooner.</span></header>
    <div class="sliders">${KEYS.filter(([name]) => keys[name]).map(([name, title, what]) => html`<${Slider} key=${name} definition=${keys[name]} title=${title} what=${what} value=${values[name] ?? null} editable=${editable} why=${why} set=${(value) => set(name, value)} />`)}</div>
    <${Effect} keys=${keys} /></section>`;
}

const figure = (value, digits) => value >= 100 ? count(value) : value.toFixed(digits);
const seconds = (value, digits) => value === null ? "–" : html`${figure(value, digits)} <span class="muted">s</span>`;

/** What was measured: at the events since the services started with what is in force, and with the revisions before. */
function Effect({ keys }) {
  const { data } = useAnswer("/config/batches", undefined, { every: 30 });
  if (!data) return null;
  const rows = [...(data.now ? [{ revision: null, values: {}, measured: data.now }] : []), ...data.before];
  if (!rows.length) return html`<p class="small muted">What they do is measured when some hundred events have gone through.</p>`;
  const titles = Object.fromEntries(KEYS);
  return html`<table class="table effect"><caption class="label">Measured</caption><thead><tr><th>With</th><th class="number">Events in a batch</th><th class="number">To the store</th><th class="number">CPU a million events</th></tr></thead>
    <tbody>${rows.map(({ revision, values, measured }) => html`<tr key=${revision}><td>${revision === null ? "What is in force" : html`Revision ${revision} <span class="muted small">${Object.entries(values).map(([name, value]) => `${titles[name].toLowerCase()} ${value}`).join(", ") || "defaults"}</span>`}</td>
      <td class="number">${figure(measured.events_per_batch, 1)}</td><td class="number">${seconds(measured.delay_seconds, 2)}</td><td class="number">${seconds(measured.cpu_seconds_per_million, 1)}</td></tr>`)}</tbody></table>`;
}

function Slider({ definition: key, title, what, value, editable, why, set }) {
  const all = stops(key, value ?? key.default);
  const current = number(value ?? key.default);
  const at = Math.max(0, all.indexOf(current));
  const choose = (n) => set(n === number(key.default) ? null : words(key, n));
  return html`<label class="slider"><span><strong>${title}</strong><span class="mono" aria-hidden="true">${key.kind === "bytes" ? words(key, current) : count(current)}${unit(key)}</span></span>
    <input type="range" min="0" max=${all.length - 1} step="1" value=${at} disabled=${!editable} title=${editable ? "" : why} aria-valuetext=${`${words(key, current)}${unit(key)}`} onInput=${(event) => choose(all[Number(event.target.value)])} />
    <small class="muted">${what}</small></label>`;
}
