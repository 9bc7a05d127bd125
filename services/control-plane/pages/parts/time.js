// Times are shown in the zone of who looks, or in UTC: one switch for all pages.
import { html, useEffect, useState } from "../lib/preact.js";

let inUTC = localStorage.getItem("utc") === "true";
const listeners = new Set();

export const isUTC = () => inUTC;
export function switchUTC() {
  inUTC = !inUTC;
  localStorage.setItem("utc", inUTC);
  for (const listener of listeners) listener();
}
/** Draws a component again when the zone is switched. */
export function useZone() {
  const [, draw] = useState(0);
  useEffect(() => {
    const listener = () => draw((n) => n + 1);
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, []);
}

const parts = (date, options) => new Intl.DateTimeFormat("en-GB", { ...options, timeZone: inUTC ? "UTC" : undefined }).format(date);

/** `10:04:52` of today, `26 Nov 10:04` of another day, with the year when it is another one. */
export function clock(value) {
  const date = new Date(value), now = new Date();
  if (Number.isNaN(date.getTime())) return "–";
  const day = { day: "2-digit", month: "short", year: "numeric" };
  if (parts(date, day) === parts(now, day)) return parts(date, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
  const year = date.getFullYear() === now.getFullYear() ? {} : { year: "numeric" };
  return `${parts(date, { day: "numeric", month: "short", ...year })} ${parts(date, { hour: "2-digit", minute: "2-digit" })}`;
}

/** Like {@link clock}, without seconds: for axes. */
export function minute(value) {
  const text = clock(value);
  return /^\d\d:\d\d:\d\d$/.test(text) ? text.slice(0, 5) : text;
}

export function full(value) {
  const date = new Date(value);
  if (Number.isNaN(date.getTime())) return String(value ?? "");
  return `${parts(date, { weekday: "short", day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3, timeZoneName: "short" })}`;
}

/** How long ago: `now`, `40 s`, `4 min`, `3 h`, `12 d`. */
export function age(value) {
  const seconds = (Date.now() - new Date(value).getTime()) / 1000;
  if (Number.isNaN(seconds)) return "–";
  if (seconds < 5) return "now";
  return seconds < 60 ? `${Math.floor(seconds)} s` : long(seconds);
}

/** A time of a minute or more, in its largest unit: `4 min`, `3 h`, `12 d`. */
export function long(seconds) {
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 172800) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86400)} d`;
}

export function Time({ at, withAge }) {
  if (!at) return html`<span class="muted">–</span>`;
  return html`<time datetime=${at} title=${full(at)}>${clock(at)}${withAge && html` <span class="muted small">${age(at)}</span>`}</time>`;
}

/** The ranges that the top bar offers, by the word that the API understands. */
export const RANGES = [["-15m", "15 minutes"], ["-1h", "1 hour"], ["-24h", "24 hours"], ["-7d", "7 days"], ["-30d", "30 days"], ["", "All time"]];

/** What a range is called: one of {@link RANGES}, or two times. */
export function rangeName(from, to) {
  const known = RANGES.find(([word]) => word === (from ?? ""));
  if (!to && known) return known[1];
  return `${from ? clock(from) : "beginning"} to ${to ? clock(to) : "now"}`;
}
