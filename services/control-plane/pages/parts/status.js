// How the pipeline is: asked once for all that show it, every few seconds while the page is seen.
import { get } from "../api.js";
import { long } from "./time.js";
import { Icon, html, useEffect, useState } from "./view.js";

const SECONDS = 5;
const listeners = new Set();
let state = { data: null, problem: null };
let timer = null;

async function ask() {
  if (document.hidden && state.data) return;
  try { state = { data: await get("/status"), problem: null }; } catch (problem) { state = { ...state, problem }; }
  for (const listener of listeners) listener(state);
}

/** @returns {{ data: any, problem: Error | null }} what `GET /status` says, and what hinders it. */
export function useStatus() {
  const [shown, setShown] = useState(state);
  useEffect(() => {
    listeners.add(setShown);
    if (listeners.size === 1) { ask(); timer = setInterval(ask, SECONDS * 1000); } else setShown(state);
    return () => {
      listeners.delete(setShown);
      if (listeners.size === 0) { clearInterval(timer); state = { data: null, problem: null }; }
    };
  }, []);
  return shown;
}

const DOTS = { flows: "good", waiting: "", unknown: "warn" };

/** One sentence beside a title: whether anything comes. When it does not, the banner above says so. */
export function Flowing() {
  const { data } = useStatus();
  if (!data || data.state === "stuck") return null;
  const slow = data.state === "flows" && data.stages.some((stage) => stage.state === "slow");
  return html`<span class="actions flowing"><i class=${`dot ${slow ? "warn" : DOTS[data.state]}`}></i><span class=${data.state === "flows" && !slow ? "muted" : ""}>${data.sentence}</span></span>`;
}

/** Above every page while events do not flow: where they are stuck, why, and what one can do. */
export function Banner({ path }) {
  const { data } = useStatus();
  if (data?.state !== "stuck") return null;
  return html`<div class="banner" role="status"><${Icon} name="activity" />
    <p><strong>${data.sentence}</strong> ${data.advice}</p>
    ${path !== "/pipeline" && html`<a href="/pipeline">Where it is stuck</a>`}</div>`;
}

/** `0.4 s`, `12 s`, `4 min`: how long something takes. */
export function duration(seconds) {
  if (seconds === null || seconds === undefined) return "–";
  if (seconds === 0) return "0 s";
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  return seconds < 60 ? `${Math.round(seconds)} s` : long(seconds);
}

export const percent = (part) => !Number.isFinite(part) ? "–" : `${Math.round(part * 100)} %`;
export const rate = (value) => value === null || value === undefined ? "–" : value >= 10 || value === 0 ? Math.round(value).toString() : value.toFixed(1);

/** A bar that is filled in part, with a mark where it is time to worry. */
export function Meter({ title, part, text, mark = 0.7 }) {
  const known = Number.isFinite(part);
  return html`<div class="meter"><div><span>${title}</span><span class="muted">${text ?? percent(part)}</span></div>
    <div class=${`track ${known && part > 0.9 ? "bad" : known && part > mark ? "warn" : ""}`} role="meter" aria-label=${title} aria-valuemin="0" aria-valuemax="100" aria-valuenow=${known ? Math.round(part * 100) : 0}
      style=${{ "--part": known ? `${Math.min(part, 1) * 100}%` : "0%", "--mark": `${mark * 100}%` }}></div></div>`;
}
