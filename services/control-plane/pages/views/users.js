// Who may see and do what.
import { patch, post, remove } from "../api.js";
import { useConfirmed } from "../parts/confirm.js";
import { Dialog, Menu, toast } from "../parts/popups.js";
import { Time } from "../parts/time.js";
import { Icon, Skeleton, Trouble, attempt, html, useAnswer, useState } from "../parts/view.js";

export const ROLES = [["viewer", "Viewer", "sees everything but secrets"], ["analyst", "Analyst", "also archives, escalates and comments"], ["admin", "Admin", "also people and settings"]];

export function Users({ session }) {
  const { data, problem, reload } = useAnswer("/users");
  const [run, dialog] = useConfirmed();
  const [adding, setAdding] = useState(false);
  const change = async (action, said) => { if (await attempt(async () => { await run(action); return true; }, toast)) toast(said); reload(); };
  return html`<div class="head"><h1>People</h1><div class="actions"><button class="primary" onClick=${() => setAdding(true)}><${Icon} name="plus" />Add somebody</button></div></div>
    <${Trouble} problem=${problem} again=${reload} />
    ${!data ? !problem && html`<${Skeleton} rows=${4} />` : html`<div class="table-box"><table class="table cards"><thead><tr><th>Name</th><th class="tight">Role</th><th class="tight">Last log-in</th><th class="tight number">Sessions</th><th class="tight number">Tokens</th><th class="tight"><span class="hidden-text">Actions</span></th></tr></thead>
      <tbody>${data.users.map((user) => html`<tr key=${user.name}><td class="wide">${user.name} ${user.name === session.user && html`<span class="tag">you</span>`} ${user.disabled && html`<span class="tag">locked</span>`}</td>
        <td class="tight"><select aria-label=${`Role of ${user.name}`} value=${user.role} onChange=${(event) => change(() => patch(`/users/${user.name}`, { role: event.target.value }), `${user.name} is ${event.target.value} now.`)}>${ROLES.map(([value, title]) => html`<option value=${value}>${title}</option>`)}</select></td>
        <td class="tight"><${Time} at=${user.logged_in} withAge /></td><td class="tight number later" data-unit="sessions">${user.sessions}</td><td class="tight number later" data-unit="tokens">${user.tokens}</td>
        <td class="tight"><${Menu} title=${`Actions for ${user.name}`} label=${html`<${Icon} name="settings" />`}>
          <li><button onClick=${() => change(() => patch(`/users/${user.name}`, { disabled: !user.disabled }), user.disabled ? `${user.name} may log in again.` : `${user.name} is locked out.`)}>${user.disabled ? "Let in again" : "Lock out"}</button></li>
          <li><button class="danger" onClick=${() => confirm(`Remove ${user.name}? What was done in this name stays in the audit log.`) && change(() => remove(`/users/${user.name}`), `${user.name} is removed.`)}><${Icon} name="trash-2" />Remove</button></li><//></td></tr>`)}</tbody></table></div>
      <dl class="facts small muted" style=${{ marginTop: "16px" }}>${ROLES.map(([, title, what]) => html`<dt>${title}</dt><dd>${what}</dd>`)}</dl>`}
    ${adding && html`<${AddUser} run=${run} close=${() => setAdding(false)} done=${(name) => { setAdding(false); toast(`${name} can log in.`); reload(); }} />`}${dialog}`;
}

function AddUser({ run, close, done }) {
  const [form, setForm] = useState({ name: "", role: "viewer", password: "" });
  const [wrong, setWrong] = useState(null);
  const field = (name) => ({ value: form[name], onInput: (event) => setForm({ ...form, [name]: event.target.value }) });
  const send = async (event) => {
    event.preventDefault();
    try { await run(() => post("/users", form)); done(form.name); } catch (problem) { setWrong(problem.detail ?? problem.message); }
  };
  return html`<${Dialog} title="Add somebody" close=${close}><form class="form" onSubmit=${send}>
    <label class="field"><span>Name</span><input required data-focus autocomplete="off" autocapitalize="none" maxlength="32" ...${field("name")} /></label>
    <label class="field"><span>Role</span><select style=${{ width: "100%" }} ...${field("role")}>${ROLES.map(([value, title, what]) => html`<option value=${value}>${title}: ${what}</option>`)}</select></label>
    <label class="field"><span>First password</span><input type="password" required autocomplete="new-password" maxlength="256" ...${field("password")} /><small>At least 12 characters. It can be changed under Account.</small></label>
    ${wrong && html`<p class="wrong" role="alert">${wrong}</p>`}
    <footer><button type="button" onClick=${close}>Cancel</button><button class="primary">Add</button></footer></form><//>`;
}
