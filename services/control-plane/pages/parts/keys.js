// Keys: single ones and sequences of two, as `g i`. Who types into a field is left alone.
import { useEffect, useRef } from "../lib/preact.js";

const layers = [];
let before = null;

const typing = (target) => /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) && !/^(checkbox|radio)$/.test(target.type);
/** Whether something lies above the page, which has the keys to itself. */
const covered = () => document.querySelector("dialog[open], [aria-haspopup][aria-expanded=\"true\"]") !== null;

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (covered()) return;
  if (typing(event.target)) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  const sequence = before && performance.now() - before.at < 1000 ? `${before.key} ${event.key}` : null;
  before = { key: event.key, at: performance.now() };
  for (const key of [sequence, event.key]) {
    if (!key) continue;
    for (const layer of [...layers].reverse()) {
      const action = layer.current[key];
      if (!action) continue;
      if (action(event) === false) continue;
      event.preventDefault();
      before = sequence ? null : before;
      return;
    }
  }
});

/** Binds keys while the component is there: `{ "j": next, "g i": toInbox }`. The innermost component that knows a key gets it. */
export function useKeys(keys) {
  const layer = useRef(keys);
  layer.current = keys;
  useEffect(() => {
    layers.push(layer);
    return () => { layers.splice(layers.indexOf(layer), 1); };
  }, []);
}
