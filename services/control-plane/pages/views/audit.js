// Who did what, and when. Nothing in it can be changed.
import { get } from "../api.js";
import { setParameters } from "../parts/router.js";
import { Time } from "../parts/time.js";
import { Empty, Skeleton, Trouble, html, useAnswer, useState } from "../parts/view.js";

const said = (value) => value === null || value === undefined ? "" : typeof value === "string" ? value : JSON.stringify(value);

export function Audit({ route }) {
  const { user = "" } = route.parameters;
  const first = useAnswer("/audit", { user, limit: 100 });
  const [more, setMore] = useState({ of: null, entries: [], next: undefined });
  const added = more.of === first.data ? more : { entries: [], next: first.data?.next };
  const entries = [...(first.data?.entries ?? []), ...added.entries];
  const load = async () => { const page = await get("/audit", { user, limit: 100, before: added.next }); setMore({ of: first.data, entries: [...added.entries, ...page.entries], next: page.next }); };
  return html`<div class="head"><h1>Audit log</h1><div class="actions"><input style=${{ width: "200px" }} aria-label="Name" placeholder="Name" value=${user} onChange=${(event) => setParameters({ user: event.target.value.trim() })} /></div></div>
    <${Trouble} problem=${first.problem} again=${first.reload} />
    ${!first.data ? !first.problem && html`<${Skeleton} rows=${12} />` : entries.length === 0 ? html`<${Empty} title="Nothing of this kind was done." />` : html`<div class="table-box"><table class="table cards"><thead><tr><th class="tight">Time</th><th class="tight">Who</th><th class="tight">Address</th><th class="tight">Did</th><th>To what</th><th class="tight">Result</th></tr></thead>
      <tbody>${entries.map((entry) => html`<tr key=${entry.seq}><td class="tight"><${Time} at=${entry.time} /></td><td class="tight">${entry.user ?? html`<span class="muted">–</span>`}</td><td class="tight mono">${entry.address}</td><td class="tight">${entry.action}</td>
        <td class="wide ellipsis" title=${`${said(entry.before)} → ${said(entry.after)}`}>${entry.target} ${(said(entry.before) || said(entry.after)) && html`<span class="muted small mono">${said(entry.before)}${said(entry.before) && said(entry.after) ? " → " : ""}${said(entry.after)}</span>`}</td><td class="tight">${entry.result === "done" ? html`<span class="muted">done</span>` : html`<span class="wrong">${entry.result}</span>`}</td></tr>`)}</tbody></table></div>
      <div class="pages">${added.next ? html`<button onClick=${load}>Older</button>` : html`<span class="muted small">That is all.</span>`}</div>`}`;
}
