// The search box: one query language for events, inbox and hosts, completed from the server's list of fields.
import { get } from "../api.js";
import { useKeys } from "./keys.js";
import { Icon, html, useEffect, useRef, useState } from "./view.js";

let fields = null;
/** What the query language knows on this machine. */
export const knownFields = () => (fields ??= get("/events/fields").catch((problem) => { fields = null; throw problem; }));

/** The word under the cursor: where it begins, and its field and value when it has a colon. */
function wordAt(text, cursor) {
  const from = Math.max(text.lastIndexOf(" ", cursor - 1), text.lastIndexOf("(", cursor - 1)) + 1;
  const word = text.slice(from, cursor).replace(/^-/, "");
  const start = cursor - word.length;
  const colon = word.indexOf(":");
  if (colon < 0) return { start, word };
  const after = Math.max(word.lastIndexOf(","), colon) + 1;
  return { start: start + after, word: word.slice(after), field: word.slice(0, colon) };
}

async function proposalsFor({ field, word }) {
  const known = await knownFields();
  const states = (names) => names.filter((name) => name.startsWith(word)).map((value) => ({ value, then: " " }));
  if (field === "is") return states(known.states);
  if (field === "has") return states(known.has);
  if (field === "in") return states(known.in);
  if (field) {
    // What is no field, as the `http` of a link, has no values.
    if (!known.fields.some(({ name }) => name === field.toLowerCase())) return [];
    const { values } = await get("/events/values", { field, prefix: word, limit: 10 });
    return values.map(({ value, count }) => ({ value: /[\s()",*]/.test(value) ? JSON.stringify(value) : value, note: String(count), then: " " }));
  }
  if (!word) return [];
  const all = [...known.fields.map(({ name, meaning }) => ({ value: name, note: meaning, then: ":" })), { value: "is", note: "State of an alert", then: ":" }, { value: "has", note: "What an event has", then: ":" },
    ...known.in.length > 1 ? [{ value: "in", note: "Where to look: in:cloud", then: ":" }] : []];
  return all.filter(({ value }) => value.startsWith(word.toLowerCase())).slice(0, 10);
}

export function Search({ value, search }) {
  const [text, setText] = useState(value);
  const [proposals, setProposals] = useState([]);
  const [chosen, setChosen] = useState(-1);
  const input = useRef(null);
  const asked = useRef(0);
  useEffect(() => setText(value), [value]);
  useKeys({ "/": () => { input.current.focus(); input.current.select(); } });

  const propose = async () => {
    const turn = ++asked.current;
    const found = await proposalsFor(wordAt(input.current.value, input.current.selectionStart)).catch(() => []);
    if (turn === asked.current && document.activeElement === input.current) { setProposals(found); setChosen(-1); }
  };
  const take = ({ value, then }) => {
    const { start } = wordAt(text, input.current.selectionStart);
    const rest = text.slice(input.current.selectionStart);
    const made = text.slice(0, start) + value + then;
    // At once, as who types on would otherwise have the cursor moved away beneath the next letter.
    input.current.value = made + rest;
    input.current.focus();
    input.current.setSelectionRange(made.length, made.length);
    setText(made + rest);
    setProposals([]);
    if (then === ":") propose();
  };
  const submit = (event) => {
    event.preventDefault();
    ++asked.current;
    setProposals([]);
    search(text.trim());
    input.current.blur();
  };
  const key = (event) => {
    if (event.key === "Escape") { if (proposals.length) setProposals([]); else { setText(value); input.current.blur(); } event.stopPropagation(); return; }
    if (!proposals.length) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      setChosen((chosen + (event.key === "ArrowDown" ? 1 : -1) + proposals.length + (chosen < 0 && event.key === "ArrowUp" ? 1 : 0)) % proposals.length);
    } else if ((event.key === "Enter" || event.key === "Tab") && chosen >= 0) {
      event.preventDefault();
      take(proposals[chosen]);
    }
  };
  return html`<form role="search" onSubmit=${submit}><div class="search">
    <${Icon} name="search" />
    <input ref=${input} value=${text} placeholder="Search: a word, an address, sni:*.example.org, sev:1 …" aria-label="Search events" autocomplete="off" spellcheck=${false} maxlength="1000"
      role="combobox" aria-expanded=${proposals.length > 0} aria-controls="proposals" aria-autocomplete="list" aria-activedescendant=${chosen >= 0 ? `proposal-${chosen}` : undefined}
      onInput=${(event) => { setText(event.target.value); propose(); }} onKeyDown=${key} onBlur=${() => setTimeout(() => setProposals([]), 150)} />
    <kbd aria-hidden="true">/</kbd>
    ${proposals.length > 0 && html`<ul class="proposals" id="proposals" role="listbox" aria-label="Completions">${proposals.map((proposal, i) => html`
      <li key=${proposal.value} id=${`proposal-${i}`} role="option" aria-selected=${i === chosen} onPointerDown=${(event) => { event.preventDefault(); take(proposal); }}>
        ${proposal.value}${proposal.then === ":" ? ":" : ""}<span class="ellipsis">${proposal.note}</span></li>`)}</ul>`}
  </div></form>`;
}

/** A query that means nothing: where, why, and what was perhaps meant. */
export function QueryError({ q, error, mend }) {
  if (!error) return null;
  const { from = 0, to = q.length, message, proposal } = error;
  return html`<div class="query-error" role="alert">${message}${proposal && html` Did you mean <button class="link mono" onClick=${() => mend(q.slice(0, from) + proposal + q.slice(to))}>${proposal}</button>?`}
    <pre>${q.slice(0, from)}<mark>${q.slice(from, to) || " "}</mark>${q.slice(to)}</pre></div>`;
}

/** Whether a query is for the cloud, and how to turn it there and back. */
export const isOfCloud = (q) => /(^|[\s(])in:cloud(?=[\s)]|$)/i.test(q);
export const withPlace = (q, cloud) => cloud ? `${q} in:cloud`.trim() : q.replace(/(^|\s)in:\w+(?=\s|$)/gi, " ").trim();

/** Adds a condition to a query, or its opposite; says nothing twice. */
export function withTerm(q, field, value, excluded) {
  const quoted = /^[\w.:/-]+$/.test(value) ? value : JSON.stringify(String(value));
  const term = `${excluded ? "-" : ""}${field}:${quoted}`;
  if (q.split(" ").includes(term)) return q;
  return `${/\bOR\b/.test(q) ? `(${q})` : q} ${term}`.trim();
}
