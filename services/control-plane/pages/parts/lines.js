// Measured values over time as lines. Where nothing was measured there is a gap.
import { html, useRef, useState } from "../lib/preact.js";
import { clock, minute } from "./time.js";

const WIDTH = 600, TOP = 8, BOTTOM = 18;

/** A round number not below this one. */
function ceiling(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 4, 10].map((step) => step * power).find((step) => step >= value * 0.999);
}

/**
 * @param {{ times: number[], lines: { name: string, values: (number | null)[], className?: string }[], format: (value: number) => string, least?: number, max?: number, mark?: number }} chart
 *   `mark` draws a dashed line at a value that matters; the upper end is `max`, or at least `least`.
 */
export function Lines({ times, lines, format, least = 0.001, max, mark, height = 120, title }) {
  const [over, setOver] = useState(null);
  const box = useRef(null);
  const known = lines.flatMap((line) => line.values).filter((value) => value !== null);
  if (!known.length || times.length < 2) return html`<p class="muted small blank" style=${{ height: `${height}px` }}>Nothing was measured yet.</p>`;
  const top = max ?? ceiling(Math.max(...known, least));
  const high = height - TOP - BOTTOM;
  const x = (i) => (i / (times.length - 1)) * WIDTH;
  const y = (value) => TOP + high - (Math.min(value, top) / top) * high;
  const path = (values) => values.map((value, i) => value === null ? "" : `${i === 0 || values[i - 1] === null ? "M" : "L"}${x(i).toFixed(1)} ${y(value).toFixed(1)}`).join("");
  const at = (event) => {
    const frame = box.current.getBoundingClientRect();
    setOver(Math.max(0, Math.min(times.length - 1, Math.round(((event.clientX - frame.left) / frame.width) * (times.length - 1)))));
  };
  const labels = [0, 1 / 3, 2 / 3].map((part) => Math.floor(part * (times.length - 1)));
  return html`<div class="chart lines"><div class="plot" ref=${box} onPointerMove=${at} onPointerLeave=${() => setOver(null)}>
    <svg viewBox=${`0 0 ${WIDTH} ${height}`} preserveAspectRatio="none" style=${{ height: `${height}px` }} role="img"
      aria-label=${`${title}: ${lines.map((line) => `${line.name} ${format(line.values.findLast((value) => value !== null) ?? 0)}`).join(", ")}`}>
      ${[0, top / 2, top].map((tick) => html`<line class="grid-line" x1="0" x2=${WIDTH} y1=${y(tick)} y2=${y(tick)} vector-effect="non-scaling-stroke" />`)}
      ${mark && html`<line class="mark" x1="0" x2=${WIDTH} y1=${y(mark)} y2=${y(mark)} vector-effect="non-scaling-stroke" />`}
      ${lines.map((line) => html`<path key=${line.name} class=${`line ${line.className ?? ""}`} d=${path(line.values)} vector-effect="non-scaling-stroke" />`)}
      ${over !== null && html`<line class="cross" x1=${x(over)} x2=${x(over)} y1=${TOP} y2=${TOP + high} vector-effect="non-scaling-stroke" />`}
    </svg>
    ${labels.map((i) => html`<span class="axis below" style=${{ left: `${(x(i) / WIDTH) * 100}%` }}>${minute(times[i] * 1000)}</span>`)}
    ${over !== null && html`<div class="hint" style=${{ left: `${Math.min((x(over) / WIDTH) * 100, 70)}%`, top: "-4px" }}><span class="muted">${clock(times[over] * 1000)}</span>
      ${lines.map((line) => html` <span key=${line.name}><i class=${`key ${line.className ?? ""}`}></i>${lines.length > 1 ? `${line.name} ` : ""}<strong>${line.values[over] === null ? "–" : format(line.values[over])}</strong></span>`)}</div>`}
    </div>
    <div class="ticks" aria-hidden="true">${[0, top / 2, top].map((tick) => html`<span style=${{ top: `${y(tick) - 7}px` }}>${format(tick)}</span>`)}</div>
    </div>
    ${lines.length > 1 && html`<p class="legend small muted">${lines.map((line) => html`<span key=${line.name}><i class=${`key ${line.className ?? ""}`}></i>${line.name}</span>`)}</p>`}`;
}
