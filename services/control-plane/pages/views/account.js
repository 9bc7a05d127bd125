// One's own password, sessions and tokens.
import { post, remove } from "../api.js";
import { useConfirmed } from "../parts/confirm.js";
import { Dialog, toast } from "../parts/popups.js";
import { Time } from "../parts/time.js";
import { Icon, Trouble, attempt, html, useAnswer, useState } from "../parts/view.js";
import { may } from "../parts/frame.js";
import { ROLES } from "./users.js";

export function Account({ session }) {
  const sessions = useAnswer("/account/sessions");
  const tokens = useAnswer("/tokens");
  const [run, dialog] = useConfirmed();
  const [adding, setAdding] = useState(false);
  const [made, setMade] = useState(null);
  const done = async (action, said, { reload }) => { if (await attempt(async () => { await run(action); return true; }, toast)) { toast(said); reload(); } };
  return html`<div class="head"><h1>Account</h1><span class="muted">${session.user}, ${session.role}</span></div>
    <${Trouble} problem=${sessions.problem ?? tokens.problem} />
    <div class="grid">
      <${Password} session=${session} changed=${() => { sessions.reload(); dispatchEvent(new CustomEvent("session-changed")); }} />
      <section class="card flush span-8"><header><h2>Sessions</h2><button class="quiet" onClick=${() => done(() => remove("/account/sessions"), "All others are logged out.", sessions)}>Log out all others</button></header>
        <table class="table cards"><thead><tr><th>Browser</th><th class="tight">Address</th><th class="tight">Last used</th><th class="tight"><span class="hidden-text">Actions</span></th></tr></thead><tbody>${sessions.data?.sessions.map((one) => html`<tr key=${one.id}><td class="wide ellipsis" title=${one.agent}>${browserOf(one.agent)} ${one.current && html`<span class="tag">this one</span>`}</td>
          <td class="tight mono">${one.address}</td><td class="tight"><${Time} at=${one.used} withAge /></td><td class="tight">${!one.current && html`<button class="quiet" onClick=${() => done(() => remove(`/account/sessions/${one.id}`), "Logged out.", sessions)}>Log out</button>`}</td></tr>`)}</tbody></table></section>
      <section class="card flush span-12"><header><h2>Tokens</h2><button onClick=${() => setAdding(true)}><${Icon} name="plus" />New token</button></header>
        <p class="muted" style=${{ padding: "0 16px 12px" }}>For programs: <code>curl -H "Authorization: Bearer ids_…"</code>. What the API offers is under <a href="/docs" target="_blank" rel="noopener">/docs</a>.</p>
        ${tokens.data?.tokens.length > 0 && html`<table class="table cards"><thead><tr><th>Name</th>${may(session, "admin") && html`<th class="tight">Whose</th>`}<th class="tight">Role</th><th class="tight">Ends</th><th class="tight">Last used</th><th class="tight"><span class="hidden-text">Actions</span></th></tr></thead><tbody>${tokens.data.tokens.map((token) => html`<tr key=${token.id}><td class="wide">${token.name}</td>${may(session, "admin") && html`<td class="tight">${token.user}</td>`}<td class="tight">${token.role}</td>
          <td class="tight"><${Time} at=${token.expires} /></td><td class="tight">${token.used ? html`<${Time} at=${token.used} withAge />` : html`<span class="muted">never</span>`}</td><td class="tight"><button class="quiet" onClick=${() => done(() => remove(`/tokens/${token.id}`), "The token works no longer.", tokens)}><${Icon} name="trash-2" />Revoke</button></td></tr>`)}</tbody></table>`}</section>
    </div>
    ${adding && html`<${NewToken} session=${session} run=${run} close=${() => setAdding(false)} done=${(token) => { setAdding(false); setMade(token); tokens.reload(); }} />`}
    ${made && html`<${Dialog} title="Keep it well" close=${() => setMade(null)}><p>This is the only time that the token is shown.</p><pre class="json" style=${{ margin: "12px 0", padding: "12px", background: "var(--raised)", borderRadius: "6px" }}>${made.token}</pre>
      <footer><button onClick=${() => navigator.clipboard?.writeText(made.token).then(() => toast("Copied."))}><${Icon} name="copy" />Copy</button><button class="primary" onClick=${() => setMade(null)}>Done</button></footer><//>`}${dialog}`;
}

/** The program and system in a User-Agent, as far as one can tell. */
function browserOf(agent) {
  if (!agent) return "Unknown";
  const browser = [["Edg/", "Edge"], ["Firefox/", "Firefox"], ["Chrome/", "Chrome"], ["Safari/", "Safari"], ["curl/", "curl"]].find(([mark]) => agent.includes(mark))?.[1] ?? agent;
  const system = [["Android", "Android"], ["iPhone", "iPhone"], ["iPad", "iPad"], ["Windows", "Windows"], ["Mac OS", "macOS"], ["Linux", "Linux"]].find(([mark]) => agent.includes(mark))?.[1];
  return system ? `${browser} on ${system}` : browser;
}

function Password({ session, changed }) {
  const [form, setForm] = useState({ current: "", new: "" });
  const [wrong, setWrong] = useState(null);
  const field = (name) => ({ value: form[name], onInput: (event) => setForm({ ...form, [name]: event.target.value }) });
  const send = async (event) => {
    event.preventDefault();
    try {
      await post("/account/password", session.has_password ? form : { new: form.new });
      setForm({ current: "", new: "" }); setWrong(null); toast(`The password is ${session.has_password ? "changed" : "set"}. All other sessions have ended.`); changed();
    } catch (problem) { setWrong(problem.detail ?? problem.message); }
  };
  return html`<section class="card span-4"><header><h2>Password</h2></header><form class="form" onSubmit=${send}>
    <input type="text" hidden autocomplete="username" value=${session.user} readonly />
    ${session.has_password && html`<label class="field"><span>Now</span><input type="password" required autocomplete="current-password" maxlength="256" ...${field("current")} /></label>`}
    <label class="field"><span>New</span><input type="password" required autocomplete="new-password" maxlength="256" ...${field("new")} /><small>At least 12 characters.</small></label>
    ${wrong && html`<p class="wrong" role="alert">${wrong}</p>`}<div><button>${session.has_password ? "Change it" : "Set it"}</button></div></form></section>`;
}

function NewToken({ session, run, close, done }) {
  const [form, setForm] = useState({ name: "", role: "viewer", days: 90 });
  const [wrong, setWrong] = useState(null);
  const field = (name) => ({ value: form[name], onInput: (event) => setForm({ ...form, [name]: event.target.value }) });
  const send = async (event) => {
    event.preventDefault();
    try { done(await run(() => post("/tokens", { ...form, days: Number(form.days) }))); } catch (problem) { setWrong(problem.detail ?? problem.message); }
  };
  return html`<${Dialog} title="New token" close=${close}><form class="form" onSubmit=${send}>
    <label class="field"><span>What for</span><input required data-focus maxlength="64" placeholder="Home Assistant" ...${field("name")} /></label>
    <label class="field"><span>Role</span><select style=${{ width: "100%" }} ...${field("role")}>${ROLES.filter(([role]) => may(session, role)).map(([value, title, what]) => html`<option value=${value}>${title}: ${what}</option>`)}</select></label>
    <label class="field"><span>Days</span><input type="number" required min="1" max="3650" ...${field("days")} /></label>
    ${wrong && html`<p class="wrong" role="alert">${wrong}</p>`}
    <footer><button type="button" onClick=${close}>Cancel</button><button class="primary">Make it</button></footer></form><//>`;
}
