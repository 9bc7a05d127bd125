// What was in force before: who did it, when, why, and how it went.
import { Difference } from "./review.js";
import { Dialog } from "../parts/popups.js";
import { Time } from "../parts/time.js";
import { Empty, Icon, Skeleton, Trouble, html, useAnswer, useState } from "../parts/view.js";

const STATES = { trial: ["warn", "on trial"], kept: ["good", "kept"], "rolled back": ["bad", "taken back"], found: ["", "found in the file"] };

export function History({ revisions, editable, why, back }) {
  const [open, setOpen] = useState(null);
  if (!revisions) return html`<${Skeleton} rows=${6} />`;
  if (!revisions.length) return html`<${Empty} title="Nothing was changed from here yet. Each change will be a revision, with who did it, when and why." />`;
  return html`<div class="table-box"><table class="table cards"><thead><tr><th class="tight number">Revision</th><th>Why</th><th>Keys</th><th class="tight">Who</th><th class="tight">When</th><th class="tight">State</th></tr></thead>
    <tbody>${revisions.map((one) => html`<tr key=${one.number} data-open onClick=${(event) => event.target.closest("button,a") || setOpen(one.number)}>
      <td class="tight number"><button class="link" onClick=${() => setOpen(one.number)}>${one.number}</button></td>
      <td class="wide ellipsis" title=${one.reason ?? one.note}>${one.note || !one.reason && html`<span class="muted">–</span>`} ${one.reason && html`<span class="muted small">${one.reason}</span>`}</td>
      <td class="ellipsis mono small later" title=${one.keys.join(", ")}>${one.keys.slice(0, 3).join(", ")}${one.keys.length > 3 ? ` and ${one.keys.length - 3} more` : ""}</td>
      <td class="tight">${one.user || html`<span class="muted">somebody else</span>`}</td><td class="tight"><${Time} at=${one.time} withAge /></td>
      <td class="tight"><span class="state"><i class=${`dot ${STATES[one.state][0]}`}></i>${STATES[one.state][1]}</span></td></tr>`)}</tbody></table></div>
    ${open !== null && html`<${Revision} number=${open} editable=${editable} why=${why} back=${(number) => { setOpen(null); back(number); }} close=${() => setOpen(null)} />`}`;
}

function Revision({ number, editable, why, back, close }) {
  const { data, problem } = useAnswer(`/config/revisions/${number}`);
  return html`<${Dialog} title=${`Revision ${number}`} close=${close} wide><${Trouble} problem=${problem} />
    ${data && html`<div class="form"><dl class="facts"><dt>State</dt><dd>${STATES[data.revision.state][1]}${data.revision.reason && html`: ${data.revision.reason}`}</dd><dt>Who</dt><dd>${data.revision.user || "somebody, by another way than this page"}</dd>
      <dt>When</dt><dd><${Time} at=${data.revision.time} withAge /></dd>${data.revision.note && html`<dt>Why</dt><dd>${data.revision.note}</dd>`}</dl>
      <${Difference} lines=${data.difference.lines} /></div>
      <footer><button onClick=${close}>Close</button><button class="primary" disabled=${!editable} title=${why} onClick=${() => back(number)}>Put this text in force again</button></footer>`}<//>`;
}
