// What every view is written with.
import { html, useEffect, useRef, useState } from "../lib/preact.js";
import { get } from "../api.js";

export { html, useEffect, useRef, useState };

const sprite = new URL("../lib/icons.svg", import.meta.url).pathname;

export const Icon = ({ name }) => html`<svg class="icon" aria-hidden="true"><use href=${`${sprite}#${name}`} /></svg>`;

/**
 * What the API says at a path, asked again when path or parameters change, and every `every` seconds while the page is seen.
 * Data of before stays while new is on its way, and when asking fails.
 * @returns {{ data: any, problem: Error | null, reload: () => void }}
 */
export function useAnswer(path, parameters, { every } = {}) {
  const [state, setState] = useState({ data: null, problem: null });
  const [turn, setTurn] = useState(0);
  const key = path + JSON.stringify(parameters ?? {});
  useEffect(() => {
    const aborter = new AbortController();
    get(path, parameters, aborter.signal)
      .then((data) => setState({ data, problem: null }))
      .catch((problem) => aborter.signal.aborted || setState((before) => ({ ...before, problem })));
    return () => aborter.abort();
  }, [key, turn]);
  useEffect(() => {
    if (!every) return;
    const timer = setInterval(() => document.hidden || setTurn((now) => now + 1), every * 1000);
    return () => clearInterval(timer);
  }, [every]);
  return { ...state, reload: () => setTurn((now) => now + 1) };
}

/** What went wrong, what is still shown, and what one can do. */
export function Trouble({ problem, again }) {
  if (!problem) return null;
  return html`<div class="notice bad" role="alert"><strong>${problem.title ?? "Something went wrong"}.</strong> ${problem.detail ?? problem.message}
    ${again && html` <button class="link" onClick=${again}>Try again</button>`}</div>`;
}

/** A component whose module is fetched when it is first shown: `load` imports it, `name` is what it is called there. */
export function later(load, name) {
  let Loaded = null;
  return (properties) => {
    const [problem, setProblem] = useState(null);
    const [, draw] = useState(false);
    useEffect(() => { if (!Loaded) load().then((module) => { Loaded = module[name]; draw(true); }, setProblem); }, []);
    if (Loaded) return html`<${Loaded} ...${properties} />`;
    return problem && html`<${Trouble} problem=${{ title: "This page could not be loaded", detail: "The box does not answer, or has been updated meanwhile." }} again=${() => location.reload()} />`;
  };
}

/** Rows of the size of what is on its way; nothing at all for the first moment. */
export function Skeleton({ rows = 8 }) {
  return html`<div class="card flush" aria-busy="true" aria-label="Loading">${Array.from({ length: rows }, (_, row) => html`
    <div key=${row} style=${{ padding: "10px 12px" }}><div class="skeleton" style=${{ width: `${40 + ((row * 37) % 50)}%` }}></div></div>`)}</div>`;
}

export function Empty({ title, children }) {
  return html`<div class="empty"><p>${title}</p>${children}</div>`;
}

const LEVELS = { 1: ["high", "High", 3], 2: ["medium", "Medium", 2], 3: ["low", "Low", 1] };

/** How bad an alert is, said as word, number of bars and fill. Suricata counts down: 1 is the worst. */
export function Severity({ level }) {
  const [name, word, bars] = LEVELS[level] ?? (level > 3 ? ["info", "Info", 0] : ["info", "–", 0]);
  return html`<span class=${`severity ${name}`}>${bars > 0 && html`<i aria-hidden="true">${[1, 2, 3].map((bar) => html`<b class=${bar <= bars ? "" : "off"} style=${{ height: `${3 + bar * 3}px` }}></b>`)}</i>`}${word}</span>`;
}

/** Numbers as people read them: thin spaces between thousands. */
export const count = (value) => value === null || value === undefined ? "–" : Math.round(value).toString().replace(/\B(?=(\d{3})+(?!\d))/g, "\u2009");

export function bytes(value) {
  if (value === null || value === undefined) return "–";
  const units = ["B", "KB", "MB", "GB", "TB"];
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) { value /= 1000; unit++; }
  return `${value < 10 && unit > 0 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

/** An id for something that is kept under it. */
export const newID = () => Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16).padStart(2, "0")).join("");

/** Calls an action of the user, and shows what hinders it as a toast. */
export async function attempt(action, told) {
  try {
    return await action();
  } catch (problem) {
    told(problem.detail ?? problem.message);
    return undefined;
  }
}
