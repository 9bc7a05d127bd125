// Which rules hit most, and which alerts are archived as they come.
import { put, remove } from "../api.js";
import { Spark } from "../parts/chart.js";
import { may } from "../parts/frame.js";
import { Dialog, toast } from "../parts/popups.js";
import { setParameters } from "../parts/router.js";
import { Time, age, full } from "../parts/time.js";
import { Empty, Icon, Severity, Skeleton, Trouble, attempt, count, html, newID, useAnswer, useState } from "../parts/view.js";

const PERIODS = [["24", "24 hours"], ["168", "7 days"], ["720", "30 days"]];
const DAY = 86_400_000;
const LIVES = [["", "Until somebody ends it"], ["1", "A day"], ["7", "7 days"], ["30", "30 days"], ["90", "90 days"]];

const eventsOf = (q) => `/events?${new URLSearchParams({ q })}`;
const isOver = (rule) => rule.expires && Date.parse(rule.expires) <= Date.now();
/** How long until a time that is to come. */
const until = (time) => age(2 * Date.now() - Date.parse(time));

export function Rules({ route, session }) {
  const { hours = "24" } = route.parameters;
  const noisy = useAnswer("/rules", { hours, limit: 50 }, { every: 60 });
  const kept = useAnswer("/archive-rules", null, { every: 60 });
  const [writing, setWriting] = useState(null);
  const analyst = may(session, "analyst");
  const needed = analyst ? undefined : "Needs the role analyst";
  const rules = kept.data?.rules ?? [];
  const archiving = (sid) => rules.find((rule) => rule.q === `sid:${sid}` && !isOver(rule));
  const end = async (rule) => {
    if (!await attempt(() => remove(`/archive-rules/${rule.id}`).then(() => true), toast)) return;
    kept.reload();
    dispatchEvent(new CustomEvent("inbox-changed"));
    toast("The rule has ended. Its alerts come into the inbox again.", { label: "Undo", run: async () => { await attempt(() => put(`/archive-rules/${rule.id}`, { q: rule.q, note: rule.note, expires: rule.expires }), toast); kept.reload(); } });
  };
  return html`<div class="head"><h1>Rules</h1><div class="actions"><select aria-label="Period" value=${hours} onChange=${(event) => setParameters({ hours: event.target.value })}>${PERIODS.map(([value, title]) => html`<option value=${value}>${title}</option>`)}</select>
      <button class="primary" disabled=${!analyst} title=${needed} onClick=${() => setWriting({})}><${Icon} name="plus" />New archive rule</button></div></div>
    <${Trouble} problem=${noisy.problem ?? kept.problem} again=${() => { noisy.reload(); kept.reload(); }} />
    <div class="grid">
      <section class="card flush span-12"><header><h2>Archive rules</h2><span class="muted small">New alerts that fit go past the inbox. They are kept, and found under Events.</span></header>
        ${!kept.data ? !kept.problem && html`<${Skeleton} rows=${3} />` : rules.length === 0 ? html`<p class="muted" style=${{ padding: "0 16px 16px" }}>There is none: every alert comes into the inbox. Whatever hits below without saying anything is worth one.</p>` : html`
        <table class="table cards"><thead><tr><th>Which alerts</th><th class="tight number">Archived</th><th class="tight">Last</th><th class="tight">Ends</th><th class="tight">Who</th><th class="tight"><span class="hidden-text">Actions</span></th></tr></thead>
          <tbody>${rules.map((rule) => html`<tr key=${rule.id} class=${isOver(rule) ? "over" : ""}><td class="wide ellipsis"><a class="mono" href=${eventsOf(rule.q)} title=${rule.q}>${rule.q}</a> ${rule.note && html`<span class="muted small" title=${rule.note}>${rule.note}</span>`}</td>
            <td class="tight number" data-unit="archived">${count(rule.hits)}</td><td class="tight">${rule.last_hit ? html`<${Time} at=${rule.last_hit} withAge />` : html`<span class="muted">never</span>`}</td>
            <td class="tight">${isOver(rule) ? html`<span class="tag">over</span>` : rule.expires ? html`<span title=${full(rule.expires)}>in ${until(rule.expires)}</span>` : html`<span class="muted">open</span>`}</td>
            <td class="tight" title=${full(rule.time)}>${rule.by}</td>
            <td class="tight"><button class="quiet" disabled=${!analyst} title=${needed} onClick=${() => setWriting(rule)}><${Icon} name="settings" />Change</button><button class="quiet" disabled=${!analyst} title=${needed} onClick=${() => end(rule)}><${Icon} name="trash-2" />End</button></td></tr>`)}</tbody></table>`}</section>
      <section class="card flush span-12"><header><h2>What hits most</h2><span class="muted small">${noisy.data && (noisy.data.complete ? `${count(noisy.data.total)} alerts in this time` : "Not all could be counted in time.")}</span></header>
        ${!noisy.data ? !noisy.problem && html`<${Skeleton} rows=${8} />` : noisy.data.rules.length === 0 ? html`<${Empty} title="No rule has hit in this time." />` : html`
        <table class="table cards"><thead><tr><th class="tight">Severity</th><th>Rule</th><th class="tight number">Hits</th><th class="tight">Share</th><th class="tight desk">24 hours</th><th class="tight">Last</th><th class="tight"><span class="hidden-text">Actions</span></th></tr></thead>
          <tbody>${noisy.data.rules.map((rule) => html`<tr key=${rule.sid}><td class="tight"><${Severity} level=${rule.severity} /></td>
            <td class="wide ellipsis"><a href=${eventsOf(`sid:${rule.sid}`)} title=${rule.text}>${rule.text ?? `Rule ${rule.sid}`}</a> <span class="mono muted small">${rule.sid}</span></td>
            <td class="tight number" data-unit="hits">${count(rule.hits)}</td><td class="tight"><${Share} part=${rule.hits / Math.max(noisy.data.total, 1)} /></td>
            <td class="tight desk"><${Spark} values=${rule.hours} label=${`${rule.hours.reduce((sum, n) => sum + n, 0)} in 24 hours`} /></td><td class="tight"><${Time} at=${rule.last} withAge /></td>
            <td class="tight">${archiving(rule.sid) ? html`<span class="tag">archived as they come</span>` : html`<button class="quiet" disabled=${!analyst} title=${needed} aria-label=${`Archive new alerts of ${rule.text ?? rule.sid}`} onClick=${() => setWriting({ q: `sid:${rule.sid}`, note: rule.text ?? "" })}><${Icon} name="archive" />Archive new ones</button>`}</td></tr>`)}</tbody></table>`}</section>
    </div>
    ${writing && html`<${WriteRule} rule=${writing} close=${() => setWriting(null)} done=${() => { setWriting(null); kept.reload(); toast("The rule is in force."); }} />`}`;
}

/** A part of all, as bar and per cent. */
const Share = ({ part }) => html`<span class="share"><i style=${{ width: `${Math.max(part * 100, 1)}%` }}></i></span> <span class="muted small">${part >= .1 || part === 0 ? Math.round(part * 100) : (part * 100).toFixed(1)} %</span>`;

function WriteRule({ rule, close, done }) {
  const [form, setForm] = useState({ q: rule.q ?? "", note: rule.note ?? "", days: rule.id && rule.expires && !isOver(rule) ? "same" : "" });
  const [wrong, setWrong] = useState(null);
  const field = (name) => ({ value: form[name], onInput: (event) => setForm({ ...form, [name]: event.target.value }) });
  const send = async (event) => {
    event.preventDefault();
    const expires = form.days === "same" ? rule.expires : form.days ? new Date(Date.now() + Number(form.days) * DAY).toISOString() : null;
    try { await put(`/archive-rules/${rule.id ?? newID()}`, { q: form.q.trim(), note: form.note.trim(), expires }); done(); } catch (problem) { setWrong(problem.detail ?? problem.message); }
  };
  return html`<${Dialog} title=${rule.id ? "Change the rule" : "New archive rule"} close=${close}><form class="form" onSubmit=${send}>
    <label class="field"><span>Which alerts</span><input class="mono" required data-focus=${rule.q ? undefined : true} maxlength="1000" autocomplete="off" spellcheck=${false} placeholder="sid:2031 src:192.168.1.20" ...${field("q")} /><small>As in a search. Those that come from now on are archived.</small></label>
    <label class="field"><span>Why</span><input data-focus=${rule.q ? true : undefined} maxlength="250" autocomplete="off" placeholder="The television phones home" ...${field("note")} /></label>
    <label class="field"><span>For how long</span><select style=${{ width: "100%" }} ...${field("days")}>${form.days === "same" || rule.expires && !isOver(rule) ? html`<option value="same">As before: for another ${until(rule.expires)}</option>` : null}${LIVES.map(([value, title]) => html`<option value=${value}>${title}</option>`)}</select></label>
    ${wrong && html`<p class="wrong" role="alert">${wrong}</p>`}
    <footer><button type="button" onClick=${close}>Cancel</button><button class="primary" disabled=${!form.q.trim()}>${rule.id ? "Change it" : "Archive them"}</button></footer></form><//>`;
}
