// The first start: who knows the code from the box becomes its first admin.
import { post } from "../api.js";
import { html, useState } from "../parts/view.js";
import { Gate } from "./login.js";

export function Setup({ done }) {
  const [form, setForm] = useState({ code: "", user: "", password: "", again: "" });
  const [wrong, setWrong] = useState(null);
  const [busy, setBusy] = useState(false);
  const field = (name) => ({ value: form[name], onInput: (event) => setForm({ ...form, [name]: event.target.value }), "aria-invalid": wrong?.part === name || undefined });
  const send = async (event) => {
    event.preventDefault();
    if (form.password !== form.again) return setWrong({ part: "again", text: "The two passwords differ." });
    setBusy(true);
    try { await post("/setup", { code: form.code.trim(), user: form.user.trim(), password: form.password }); done(); } catch (problem) {
      setWrong({ part: (problem.part ?? "").replace("/", ""), text: problem.detail ?? problem.message });
      setBusy(false);
    }
  };
  return html`<${Gate}><form class="card form" onSubmit=${send}>
    <div><h1>Welcome</h1><p class="muted">Nobody has an account yet. The first one is the admin's.</p></div>
    <label class="field"><span>Set-up code</span><input class="code" required data-focus autocomplete="off" autocapitalize="characters" spellcheck=${false} maxlength="16" placeholder="XXXXX-XXXXX" ...${field("code")} />
      <small>It is in the log of control-plane, and <code>control-plane setup-code</code> on the box makes a new one.</small></label>
    <label class="field"><span>Name</span><input required autocomplete="username" autocapitalize="none" spellcheck=${false} maxlength="32" ...${field("user")} /></label>
    <label class="field"><span>Password</span><input type="password" required autocomplete="new-password" maxlength="256" ...${field("password")} /><small>At least 12 characters. Four words that do not belong together are good.</small></label>
    <label class="field"><span>Password again</span><input type="password" required autocomplete="new-password" maxlength="256" ...${field("again")} /></label>
    ${wrong && html`<p class="wrong" role="alert">${wrong.text}</p>`}
    <button class="primary" disabled=${busy}>${busy ? "One moment …" : "Make the account"}</button></form><//>`;
}
