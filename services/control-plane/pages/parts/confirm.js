// Dangerous actions want the password again when it was typed a while ago.
import { post } from "../api.js";
import { Dialog } from "./popups.js";
import { html, useAnswer, useState } from "./view.js";

/**
 * Runs dangerous actions: `await run(() => remove(…))`. When the server asks for the password, so do we, and try again.
 * @returns {[(action: () => Promise<any>) => Promise<any>, any]} the function, and the dialog to draw.
 */
export function useConfirmed() {
  const [asking, setAsking] = useState(null);
  const run = async (action) => {
    try {
      return await action();
    } catch (problem) {
      if (problem.part !== "confirmation") throw problem;
      await new Promise((resolve, reject) => setAsking({ resolve, reject }));
      return await action();
    }
  };
  const close = () => { asking.reject(new Error("The password was not given; nothing was changed.")); setAsking(null); };
  return [run, asking && html`<${PasswordDialog} close=${close} done=${() => { asking.resolve(); setAsking(null); }} />`];
}

function PasswordDialog({ close, done }) {
  const { data: session } = useAnswer("/session");
  const [password, setPassword] = useState("");
  const [wrong, setWrong] = useState(null);
  const send = async (event) => {
    event.preventDefault();
    try {
      if (session.has_password) await post("/account/confirmation", { password });
      else { await post("/account/password", { new: password }); dispatchEvent(new CustomEvent("session-changed")); }
      done();
    } catch (problem) { setWrong(problem.detail ?? problem.message); }
  };
  if (!session) return null;
  // Who came by a link may have none yet.
  const first = !session.has_password;
  return html`<${Dialog} title=${first ? "A password first, please" : "Your password, please"} close=${close}><form class="form" onSubmit=${send}>
    <input type="text" hidden autocomplete="username" value=${session.user} readonly />
    <p class="muted">${first ? `This reaches far, so a password is asked for, and ${session.user} has none yet. Choose one: from now on it logs in, too.` : "This reaches far, so the password is asked for again."}</p>
    <label class="field"><span>${first ? "New password" : "Password"}</span><input type="password" autocomplete=${first ? "new-password" : "current-password"} required maxlength="256" data-focus value=${password} onInput=${(event) => setPassword(event.target.value)} />${first && html`<small>At least 12 characters.</small>`}</label>
    ${wrong && html`<p class="wrong" role="alert">${wrong}</p>`}
    <footer><button type="button" onClick=${close}>Cancel</button><button class="primary">${first ? "Set it and go on" : "Go on"}</button></footer></form><//>`;
}
