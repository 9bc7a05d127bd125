// Searches that are kept under a name, for everybody.
import { put, remove } from "../api.js";
import { may } from "./frame.js";
import { Dialog, Menu, toast } from "./popups.js";
import { setParameters } from "./router.js";
import { Icon, attempt, html, newID, useAnswer, useState } from "./view.js";

/** A menu of saved searches, with a way to keep the one on this page. */
export function SavedFilters({ q, session }) {
  const { data, reload } = useAnswer("/filters");
  const [saving, setSaving] = useState(false);
  const filters = data?.filters ?? [];
  const current = filters.find((filter) => filter.q === q);
  const analyst = may(session, "analyst");
  const drop = async (filter) => { if (await attempt(() => remove(`/filters/${filter.id}`).then(() => true), toast)) { toast(`“${filter.name}” is deleted.`, { label: "Undo", run: async () => { await attempt(() => put(`/filters/${filter.id}`, { name: filter.name, q: filter.q }), toast); reload(); } }); reload(); } };
  return html`<${Menu} className="" title="Saved searches" label=${html`<${Icon} name="bookmark" /><span class="ellipsis saved">${current?.name ?? "Saved"}</span><${Icon} name="chevron-down" />`}>
      ${filters.map((filter) => html`<li key=${filter.id} class="pair"><button title=${filter.q} aria-current=${filter === current ? "true" : undefined} onClick=${() => setParameters({ q: filter.q })}><span class="ellipsis">${filter.name}</span><span class="mono muted small ellipsis">${filter.q}</span></button>
        <button class="quiet" disabled=${!analyst} title=${analyst ? undefined : "Needs the role analyst"} aria-label=${`Delete ${filter.name}`} onClick=${() => drop(filter)}><${Icon} name="trash-2" /></button></li>`)}
      ${!filters.length && html`<li class="title">No search is saved yet.</li>`}
      <li class="rule"></li>
      <li><button disabled=${!q || !analyst} title=${analyst ? q ? undefined : "Search for something first" : "Needs the role analyst"} onClick=${() => setSaving(true)}><${Icon} name="plus" />Save this search</button></li><//>
    ${saving && html`<${SaveFilter} q=${q} filters=${filters} close=${() => setSaving(false)} done=${(name) => { setSaving(false); toast(`Saved as “${name}”.`); reload(); }} />`}`;
}

function SaveFilter({ q, filters, close, done }) {
  const [name, setName] = useState("");
  const [wrong, setWrong] = useState(null);
  const same = filters.find((filter) => filter.name === name.trim());
  const send = async (event) => {
    event.preventDefault();
    try { await put(`/filters/${same?.id ?? newID()}`, { name: name.trim(), q }); done(name.trim()); } catch (problem) { setWrong(problem.detail ?? problem.message); }
  };
  return html`<${Dialog} title="Save this search" close=${close}><form class="form" onSubmit=${send}>
    <p class="mono break">${q}</p>
    <label class="field"><span>Name</span><input required data-focus maxlength="100" autocomplete="off" value=${name} onInput=${(event) => setName(event.target.value)} /><small>${same ? "There is one of this name: it is replaced." : "Everybody here sees it."}</small></label>
    ${wrong && html`<p class="wrong" role="alert">${wrong}</p>`}
    <footer><button type="button" onClick=${close}>Cancel</button><button class="primary" disabled=${!name.trim()}>Save</button></footer></form><//>`;
}
