// What a change does, before it is done: what is wrong with it, what is different, and who has to start anew.
import { Dialog } from "../parts/popups.js";
import { html, useState } from "../parts/view.js";

/** Lines that were removed and added, with those around them. */
export function Difference({ lines }) {
  if (!lines.length) return html`<p class="muted">No line is different.</p>`;
  const marks = { same: " ", removed: "−", added: "+", gap: "⋯" };
  const words = { removed: "removed: ", added: "added: " };
  return html`<div class="difference" tabindex="0" role="group" aria-label="Lines that are different">${lines.map((line) => html`<div class=${line.kind}><span aria-hidden="true">${marks[line.kind]}</span><code>${words[line.kind] && html`<span class="hidden-text">${words[line.kind]}</span>`}${line.text}</code></div>`)}</div>`;
}

export function Review({ review, restarts, apply, close }) {
  const [note, setNote] = useState("");
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState(null);
  const errors = review.findings.filter((one) => one.level === "error");
  const concerned = review.effects.filter((effect) => effect.keys.length);
  const overridden = review.effects.flatMap((effect) => Object.entries(effect.overridden).map(([key, origin]) => [effect.service, key, origin]));
  const secrets = review.difference.keys.filter((key) => key.before === key.after);
  const changed = review.difference.keys.length > 0 || review.difference.lines.length > 0;
  const send = async (event) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    try { await apply(note); } catch (problem) { setWrong(problem.detail ?? problem.message); setBusy(false); }
  };
  return html`<${Dialog} title=${errors.length ? "This would not work" : "Review the changes"} close=${close} wide><form class="form" onSubmit=${send} onKeyDown=${(event) => event.key === "Enter" && event.ctrlKey && send(event)}>
    ${review.findings.length > 0 && html`<ul class="findings">${review.findings.map((one) => html`<li class=${one.level}><span class="mono">${one.line ? `line ${one.line}` : ""}</span><span>${one.message}</span></li>`)}</ul>`}
    <${Difference} lines=${review.difference.lines} />
    ${secrets.length > 0 && html`<p>Replaced, and not shown: <span class="mono">${secrets.map((key) => key.name).join(", ")}</span>.</p>`}
    ${concerned.length > 0 ? html`<p>${restarts ? "Started anew, one after the other" : "To be started anew by you"}: ${concerned.map((effect, i) => html`${i > 0 && ", "}<strong>${effect.service}</strong>`)}.</p>` : changed && html`<p class="muted">No service that answers takes any of this from the file.</p>`}
    ${overridden.length > 0 && html`<p class="muted">Not from the file, whatever it says: ${overridden.map(([service, key, origin], i) => html`${i > 0 && "; "}<span class="mono">${key}</span> of ${service}, set by ${origin}`)}.</p>`}
    ${review.silent.length > 0 && html`<p class="muted">Not running now, and not watched: ${review.silent.join(", ")}.</p>`}
    <label class="field"><span>Why</span><input data-focus maxlength="500" placeholder="For whoever looks at the history" value=${note} onInput=${(event) => setNote(event.target.value)} /></label>
    ${wrong && html`<p class="wrong" role="alert">${wrong}</p>`}
    <footer><button type="button" onClick=${close}>Back</button><button class="primary" disabled=${busy || errors.length > 0 || !changed}>Apply</button></footer></form><//>`;
}
