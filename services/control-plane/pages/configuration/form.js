// The keys as fields, by their sections, with those first that people turn most: how large batches are.
import { Icon, html, useEffect, useRef, useState } from "../parts/view.js";
import { Batches } from "./batches.js";

/** `redis.password` is also set by `redis.password_file`. */
const fileOf = (key) => `${key.name}_file`;
const isSet = (values, key) => values[key.name] !== undefined && values[key.name] !== null;
const matches = (key, word) => `${key.name} ${key.summary} ${key.environment}`.toLowerCase().includes(word);

export function Form({ sections, services, values, saved, findings, editable, why, set }) {
  const [word, setWord] = useState("");
  const [onlySet, setOnlySet] = useState(false);
  const wanted = word.trim().toLowerCase();
  const shown = sections.map((section) => ({ ...section, keys: section.keys.filter((key) => (!wanted || matches(key, wanted)) && (!onlySet || isSet(values, key) || key.secret && values[fileOf(key)])) })).filter((section) => section.keys.length);
  const count = (section) => section.keys.filter((key) => isSet(values, key) || key.secret && values[fileOf(key)]).length;
  return html`<div class="settings">
    <nav class="contents" aria-label="Sections"><div class="search"><${Icon} name="search" /><input type="search" aria-label="Find a key" placeholder="Find a key" value=${word} onInput=${(event) => setWord(event.target.value)} /></div>
      <label class="check"><input type="checkbox" checked=${onlySet} onChange=${(event) => setOnlySet(event.target.checked)} /> Only what the file sets</label>
      <ul>${!wanted && !onlySet && html`<li><a href="#batches" onClick=${jump}>Batches</a></li>`}${shown.map((section) => html`<li key=${section.name}><a href=${`#section-${section.name}`} onClick=${jump}><span>${section.name}</span>${count(section) > 0 && html`<span class="muted">${count(section)}</span>`}</a></li>`)}</ul></nav>
    <div class="stack">
      ${!wanted && !onlySet && html`<${Batches} sections=${sections} services=${services} values=${values} editable=${editable} why=${why} set=${set} />`}
      ${shown.map((section) => html`<section key=${section.name} id=${`section-${section.name}`} class="card"><header><h2>${section.name}</h2><span class="muted">${section.summary}</span></header>
        ${section.keys.map((key) => html`<${Key} key=${key.name} definition=${key} services=${services} values=${values} saved=${saved} findings=${findings} editable=${editable} why=${why} set=${set} />`)}</section>`)}
      ${!shown.length && html`<p class="empty">${onlySet && !wanted ? "The file sets nothing: every key has its default." : `No key has “${word}” in its name or meaning.`}</p>`}</div></div>`;
}

function jump(event) {
  event.preventDefault();
  document.getElementById(event.currentTarget.hash.slice(1))?.scrollIntoView({ block: "start" });
}

/** Words between ticks are code. */
const Words = ({ text }) => text.split("`").map((part, i) => i % 2 ? html`<code>${part}</code>` : part);

function Key({ definition: key, services, values, saved, findings, editable, why, set }) {
  const value = values[key.name] ?? null;
  const file = key.secret ? values[fileOf(key)] : undefined;
  const changed = (saved[key.name] ?? null) !== value;
  const wrong = findings.filter((finding) => finding.key === key.name);
  const overrides = services.filter((service) => service.overridden[key.name]);
  const [id, short] = [`key-${key.name}`, key.name.slice(key.name.indexOf(".") + 1)];
  return html`<div class=${`setting ${changed ? "changed" : ""}`}>
    <div>${key.secret ? html`<strong class="mono">${short}</strong>` : html`<label for=${id} class="mono">${short}</label>`}<p class="muted"><${Words} text=${key.summary} /></p></div>
    <div><${Field} id=${id} definition=${key} value=${value} changed=${changed} file=${file} disabled=${!editable} why=${why} set=${(value) => set(key.name, value)} />
      <p class="small muted">${value !== null ? html`<button class="link small" disabled=${!editable} onClick=${() => set(key.name, null)}>Back to the default</button>${!key.secret && html` <span class="mono">${key.default || "nothing"}</span>`}` : html`<${Words} text=${`Takes ${key.allowed}.`} />`}</p>
      ${overrides.length > 0 && html`<p class="small notes">The file does not count for ${overrides.map((service) => `${service.name} (${service.overridden[key.name]})`).join(", ")}.</p>`}
      ${wrong.map((finding) => html`<p class=${`small ${finding.level === "error" ? "wrong" : "notes"}`}>${finding.message}</p>`)}</div></div>`;
}

function Field({ id, definition: key, value, changed, file, disabled, why, set }) {
  const title = disabled ? why : undefined;
  if (key.secret) return html`<${SecretField} name=${key.name} changed=${changed} value=${value} file=${file} disabled=${disabled} title=${title} set=${set} />`;
  if (key.kind === "boolean" || key.kind === "choice") {
    const choices = key.choices ?? ["true", "false"];
    return html`<select id=${id} disabled=${disabled} title=${title} value=${value ?? ""} onChange=${(event) => set(event.target.value || null)}><option value="">${key.default} (default)</option>${choices.map((choice) => html`<option value=${choice}>${choice}</option>`)}</select>`;
  }
  const number = key.kind === "integer" || key.kind === "milliseconds";
  return html`<input id=${id} class="mono" disabled=${disabled} title=${title} type=${number ? "number" : "text"} min=${key.min} max=${key.max} placeholder=${key.default} value=${value ?? ""} onInput=${(event) => set(event.target.value === "" ? null : event.target.value)} />`;
}

/** What is there is never shown; another one can be put in its place. */
function SecretField({ name, value, changed, file, disabled, title, set }) {
  const [typing, setTyping] = useState(false);
  const field = useRef(null);
  useEffect(() => { if (typing) field.current?.focus(); }, [typing]);
  useEffect(() => { if (!changed) setTyping(false); }, [changed]);
  if (typing) return html`<form onSubmit=${(event) => event.preventDefault()}><input ref=${field} type="password" aria-label=${`New ${name}`} autocomplete="off" placeholder="The new one" onInput=${(event) => set(event.target.value || null)} /></form>`;
  return html`<div class="secret"><span class="mono">${value !== null ? "••••••••" : file ? `in ${file}` : "not set in the file"}</span><button aria-label=${`${value !== null ? "Replace" : "Set"} ${name}`} disabled=${disabled} title=${title} onClick=${() => setTyping(true)}>${value !== null ? "Replace" : "Set"}</button></div>`;
}
