// The last 15 minutes as bars, in which one points to a moment to see it again.
import { clock } from "../parts/time.js";
import { count, html, useRef, useState } from "../parts/view.js";

const SECONDS = 900, SLOT = 5, HEIGHT = 32;

/** @param {{ seconds: { time: number, all: number, bad: number }[], at: number | null, now: number, jump: (time: number) => void }} */
export function Timeline({ seconds, at, now, jump }) {
  const box = useRef(null);
  const [over, setOver] = useState(null);
  // Slots begin at round times, so that bars move with time and do not change their height.
  const end = Math.ceil((now || Date.now() / 1000) / SLOT) * SLOT, begin = end - SECONDS, slots = SECONDS / SLOT;
  const bars = Array.from({ length: slots }, () => [0, 0]);
  for (const { time, all, bad } of seconds) {
    const bar = bars[Math.floor((time - begin) / SLOT)];
    if (bar) { bar[0] += all; bar[1] += bad; }
  }
  const top = Math.max(...bars.map(([all]) => all), 10);
  const timeAt = (event) => { const frame = box.current.getBoundingClientRect(); return Math.round(begin + Math.min(1, Math.max(0, (event.clientX - frame.left) / frame.width)) * SECONDS); };
  const first = seconds[0]?.time ?? end, value = Math.round(at ?? end);
  const move = (event) => {
    const by = { ArrowLeft: -5, ArrowRight: 5, PageDown: -60, PageUp: 60, Home: first - value, End: end - value }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    jump(Math.min(end, Math.max(first, value + by)));
  };
  const x = (time) => `${((time - begin) / SECONDS) * 100}%`;
  return html`<div class="map-timeline" ref=${box} role="slider" tabindex="0" aria-label="Moment of the last 15 minutes" aria-valuemin=${first} aria-valuemax=${end} aria-valuenow=${value} aria-valuetext=${at === null ? "now" : clock(at * 1000)}
    onClick=${(event) => jump(Math.max(first, timeAt(event)))} onKeyDown=${move} onPointerMove=${(event) => setOver(timeAt(event))} onPointerLeave=${() => setOver(null)}>
    <svg viewBox=${`0 0 ${slots} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">${bars.map(([all, bad], i) => (all || bad) && html`<g key=${begin + i * SLOT}>
      <rect class="bar" x=${i + .1} width=".8" y=${HEIGHT - Math.max(1.5, (all / top) * HEIGHT)} height=${Math.max(1.5, (all / top) * HEIGHT)} />
      ${bad > 0 && html`<rect class="bar bad" x=${i + .1} width=".8" y=${HEIGHT - Math.max(3, (bad / top) * HEIGHT)} height=${Math.max(3, (bad / top) * HEIGHT)} />`}</g>`)}</svg>
    ${at !== null && html`<i class="needle" style=${{ left: x(at) }}></i>`}
    ${over !== null && html`<span class="moment" style=${{ left: x(over) }}>${clock(over * 1000)} <span class="muted">${count(seconds.filter(({ time }) => Math.abs(time - over) < SLOT / 2).reduce((sum, { all }) => sum + all, 0))}</span></span>`}
    <span class="from muted">${clock(begin * 1000)}</span><span class="to muted">${clock(end * 1000)}</span></div>`;
}
