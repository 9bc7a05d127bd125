// Dangerous actions want the password again when it was typed a while ago.
import { post } from "../api.js";
import { Dialog } from "./popups.js";
import { html, useState } from "./view.js";

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
  const [password, setPassword] = useState("");
  const [wrong, setWrong] = useState(null);
  const send = async (event) => {
    event.preventDefault();
    try { await post("/account/confirmation", { password }); done(); } catch (problem) { setWrong(problem.detail ?? problem.message); }
  };
  return html`<${Dialog} title="Your password, please" close=${close}><form class="form" onSubmit=${send}>
    <p class="muted">This reaches far, so the password is asked for again.</p>
    <label class="field"><span>Password</span><input type="password" autocomplete="current-password" required data-focus value=${password} onInput=${(event) => setPassword(event.target.value)} /></label>
    ${wrong && html`<p class="wrong" role="alert">${wrong}</p>`}
    <footer><button type="button" onClick=${close}>Cancel</button><button class="primary">Go on</button></footer></form><//>`;
}
