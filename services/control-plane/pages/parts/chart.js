// Bars over time, and a line of a day. Drawn as SVG: a few hundred bars need no library.
import { html, useRef, useState } from "../lib/preact.js";
import { clock, minute } from "./time.js";
import { count } from "./view.js";

const WIDTH = 1200, HEIGHT = 96, TOP = 6, BOTTOM = 18;

/** A nice round number not below this one, so that the axis has three ticks people can read. */
function ceiling(value) {
  if (value <= 4) return 4;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 4, 5, 10].map((step) => step * power).find((step) => step >= value);
}

/**
 * Events over time, alerts at the bottom in the colour of the worst. Dragging over it chooses a range.
 * @param {{ times: number[], bucket_seconds: number, series: Record<string, number[]> }} histogram
 */
export function Histogram({ histogram, choose }) {
  const [over, setOver] = useState(null);
  const [drag, setDrag] = useState(null);
  const box = useRef(null);
  const { times, series, bucket_seconds: step } = histogram;
  const alerts = times.map((_, i) => series.high[i] + series.medium[i] + series.low[i]);
  const totals = times.map((_, i) => alerts[i] + series.other[i]);
  const top = ceiling(Math.max(...totals, 1));
  const slot = WIDTH / Math.max(times.length, 1), high = HEIGHT - TOP - BOTTOM;
  const y = (value) => TOP + high - (value / top) * high;
  const at = (event) => {
    const frame = box.current.getBoundingClientRect();
    const x = ((event.clientX - frame.left) / frame.width) * WIDTH;
    return Math.max(0, Math.min(times.length - 1, Math.floor(x / slot)));
  };
  const finish = (event) => {
    if (!drag || !choose) return setDrag(null);
    const [a, b] = [drag.from, at(event)].sort((one, two) => one - two);
    setDrag(null);
    choose(new Date(times[a] * 1000).toISOString(), new Date((times[b] + step) * 1000).toISOString());
  };
  const labels = times.length < 2 ? [] : [0, 1 / 3, 2 / 3].map((part) => Math.floor(part * (times.length - 1)));
  const range = drag && [Math.min(drag.from, drag.to), Math.max(drag.from, drag.to)];
  return html`<div class="chart scaled"><div class="area" ref=${box}>
    <svg viewBox=${`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" style=${{ height: `${HEIGHT}px`, cursor: choose ? "crosshair" : "default", touchAction: "pan-y" }} role="img"
      aria-label=${`${count(totals.reduce((sum, value) => sum + value, 0))} events, ${count(alerts.reduce((sum, value) => sum + value, 0))} of them alerts`}
      onPointerDown=${(event) => { if (!choose) return; event.currentTarget.setPointerCapture(event.pointerId); setDrag({ from: at(event), to: at(event) }); }}
      onPointerMove=${(event) => { setOver(at(event)); if (drag) setDrag({ ...drag, to: at(event) }); }}
      onPointerLeave=${() => setOver(null)} onPointerUp=${finish}>
      ${[0, top / 2, top].map((tick) => html`<line class="grid-line" x1="0" x2=${WIDTH} y1=${y(tick)} y2=${y(tick)} vector-effect="non-scaling-stroke" />`)}
      ${times.map((_, i) => html`<g key=${i} class=${over === i ? "over" : ""}>
        ${totals[i] > 0 && html`<rect class="bar" x=${i * slot + slot * .08} width=${slot * .84} y=${y(totals[i])} height=${Math.max(y(alerts[i]) - y(totals[i]), alerts[i] ? 0 : 1)} />`}
        ${alerts[i] > 0 && html`<rect class="bar alert" style=${{ fill: series.high[i] ? "var(--high)" : series.medium[i] ? "var(--medium)" : "var(--low)" }} x=${i * slot + slot * .08} width=${slot * .84} y=${Math.min(y(alerts[i]), y(0) - 2)} height=${Math.max(y(0) - y(alerts[i]), 2)} />`}
      </g>`)}
      ${range && html`<rect class="brush" x=${range[0] * slot} width=${(range[1] - range[0] + 1) * slot} y=${TOP} height=${high} />`}
    </svg>
    ${[0, top / 2, top].map((tick) => html`<span class="axis left" style=${{ top: `${y(tick) - 7}px` }}>${count(tick)}</span>`)}
    ${labels.map((i) => html`<span class="axis below" style=${{ left: `${((i * slot) / WIDTH) * 100}%` }}>${minute(times[i] * 1000)}</span>`)}
    ${over !== null && html`<div class="hint" style=${{ left: `${Math.min(((over * slot) / WIDTH) * 100, 80)}%`, top: "-8px" }}>
      <span class="muted">${clock(times[over] * 1000)}</span> ${count(totals[over])} events${alerts[over] > 0 && html`, <strong>${count(alerts[over])} alerts</strong>`}</div>`}
  </div></div>`;
}

/** The last 24 hours as one line, the last value marked. */
export function Spark({ values, label }) {
  const top = Math.max(...values, 1), width = 80, height = 20;
  const points = values.map((value, i) => [i * (width - 4) / Math.max(values.length - 1, 1) + 2, height - 2 - (value / top) * (height - 4)]);
  const last = points.at(-1);
  return html`<svg class="spark" viewBox=${`0 0 ${width} ${height}`} role="img" aria-label=${label}>
    <path d=${"M" + points.map((point) => point.map((n) => n.toFixed(1)).join(" ")).join("L")} />${last && html`<circle cx=${last[0]} cy=${last[1]} r="2" />`}</svg>`;
}
