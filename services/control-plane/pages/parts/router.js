// The address is the state: what one sees can be sent to somebody else, and Back brings it again.
import { useEffect, useState } from "../lib/preact.js";

const listeners = new Set();
const tell = () => { for (const listener of listeners) listener(); };
addEventListener("popstate", tell);

export const here = () => ({ path: location.pathname, parameters: Object.fromEntries(new URLSearchParams(location.search)) });

/** Goes to a path. With `replace` Back does not come here again. */
export function go(path, { replace } = {}) {
  if (path === location.pathname + location.search) return;
  remember();
  history[replace ? "replaceState" : "pushState"]({}, "", path);
  tell();
  if (!replace) scrollTo(0, 0);
}

/** Changes parameters of this page; an empty one is left out. */
export function setParameters(changes, options) {
  const parameters = new URLSearchParams(location.search);
  for (const [key, value] of Object.entries(changes)) value ? parameters.set(key, value) : parameters.delete(key);
  const text = parameters.toString();
  go(location.pathname + (text ? "?" + text : ""), options);
}

export function useRoute() {
  const [route, setRoute] = useState(here);
  useEffect(() => {
    const listener = () => setRoute(here());
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, []);
  return route;
}

// What a list had loaded and where it stood, so that Back finds it as it was left.
const kept = new Map();
const keeper = () => history.state?.keep ?? null;
let current = null;
function remember() {
  if (!current) return;
  const name = keeper() ?? crypto.randomUUID?.() ?? String(Math.random());
  history.replaceState({ ...history.state, keep: name }, "");
  kept.set(name, { ...current(), scroll: scrollY });
  if (kept.size > 20) kept.delete(kept.keys().next().value);
}
/** What was kept of this entry of the history, if one came back to it. */
export const recalled = () => kept.get(keeper()) ?? null;
/** Names the function that says what to keep when this page is left. */
export function keep(state) { current = state; return () => { if (current === state) current = null; }; }

/** Follows links inside the application without loading it anew. */
addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href]");
  if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || link.target || link.hasAttribute("download")) return;
  const url = new URL(link.href);
  if (url.origin !== location.origin || /^\/(api|docs|openapi\.json|ca\.crt)/.test(url.pathname)) return;
  event.preventDefault();
  go(url.pathname + url.search);
});
