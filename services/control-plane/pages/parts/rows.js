// A list that is moved through with keys: which row is the current one, and which are selected.
import { useKeys } from "./keys.js";
import { useEffect, useRef, useState } from "./view.js";

/**
 * @param {{ key: string }[]} rows
 * @param {{ open: (row) => void, actions?: Record<string, (rows: any[]) => void>, start?: string | null }} options
 *   `actions` get the selected rows, or the current one when none is selected.
 */
export function useRows(rows, { open, actions = {}, start = null }) {
  const [current, setCurrent] = useState(start);
  const [selected, setSelected] = useState(() => new Set());
  const list = useRef(null);
  const index = rows.findIndex((row) => row.key === current);
  const move = (to) => {
    const row = rows[Math.max(0, Math.min(rows.length - 1, to))];
    if (!row) return;
    setCurrent(row.key);
    requestAnimationFrame(() => list.current?.querySelector(".current")?.scrollIntoView({ block: "nearest" }));
  };
  const toggle = (row) => setSelected((before) => {
    const after = new Set(before);
    after.has(row.key) ? after.delete(row.key) : after.add(row.key);
    return after;
  });
  const chosen = () => selected.size ? rows.filter((row) => selected.has(row.key)) : index >= 0 ? [rows[index]] : [];
  const bound = Object.fromEntries(Object.entries(actions).map(([key, action]) => [key, () => { const rows = chosen(); return rows.length ? action(rows) : false; }]));
  useKeys({
    j: () => move(index + 1), ArrowDown: () => move(index + 1), k: () => move(index < 0 ? 0 : index - 1), ArrowUp: () => move(index < 0 ? 0 : index - 1),
    "g g": () => move(0), G: () => move(rows.length - 1), x: () => index >= 0 && toggle(rows[index]),
    Enter: (event) => event.target.closest("a,button") ? false : index >= 0 && open(rows[index]), o: () => index >= 0 && window.open(rows[index].href, "_blank", "noopener"),
    "* a": () => setSelected(new Set(rows.map((row) => row.key))), "* n": () => setSelected(new Set()),
    Escape: () => selected.size ? setSelected(new Set()) : false,
    ...bound,
  });
  // Rows that are no longer there are no longer selected; the place of the current one is taken by the next.
  const last = useRef(index);
  useEffect(() => {
    if (index >= 0) { last.current = index; }
    else if (current && rows.length) setCurrent(rows[Math.min(Math.max(last.current, 0), rows.length - 1)].key);
    setSelected((before) => {
      const after = new Set([...before].filter((key) => rows.some((row) => row.key === key)));
      return after.size === before.size ? before : after;
    });
  }, [rows]);
  return { list, current, selected, toggle, setCurrent, clear: () => setSelected(new Set()), all: () => setSelected(new Set(rows.map((row) => row.key))),
    classOf: (row) => `${row.key === current ? "current" : ""} ${selected.has(row.key) ? "marked" : ""}` };
}
