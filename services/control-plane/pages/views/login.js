// The door.
import { post } from "../api.js";
import { html, useEffect, useRef, useState } from "../parts/view.js";

const icon = new URL("../icon.svg", import.meta.url).pathname;

/** What log-in and set-up stand in. */
export function Gate({ children }) {
  const gate = useRef(null);
  useEffect(() => gate.current.querySelector("[data-focus]")?.focus(), []);
  return html`<main class="gate" ref=${gate}><div><div class="brand"><img src=${icon} alt="" /> IDS Suite</div>${children}</div></main>`;
}

export function Login({ done }) {
  const [user, setUser] = useState("");
  const [password, setPassword] = useState("");
  const [wrong, setWrong] = useState(null);
  const [busy, setBusy] = useState(false);
  const [wait, setWait] = useState(0);
  const enter = async (body) => {
    setBusy(true);
    try { await post("/session", body); done(); } catch (problem) {
      setWrong(problem.status === 429 ? null : problem.detail ?? problem.message);
      setWait(problem.retryAfter ?? 0);
      setBusy(false);
    }
  };
  // `scripts/run` and the log print an address with a code that lets in once.
  useEffect(() => {
    const link = new URLSearchParams(location.hash.slice(1)).get("link");
    if (!link) return;
    history.replaceState(null, "", location.pathname);
    enter({ link });
  }, []);
  useEffect(() => {
    if (wait <= 0) return;
    const timer = setTimeout(() => setWait(wait - 1), 1000);
    return () => clearTimeout(timer);
  }, [wait]);
  return html`<${Gate}><form class="card form" onSubmit=${(event) => { event.preventDefault(); enter({ user, password }); }}>
    <h1>Log in</h1>
    <label class="field"><span>Name</span><input required data-focus autocomplete="username" autocapitalize="none" spellcheck=${false} maxlength="64" value=${user} onInput=${(event) => setUser(event.target.value)} /></label>
    <label class="field"><span>Password</span><input type="password" required autocomplete="current-password" maxlength="256" value=${password} onInput=${(event) => setPassword(event.target.value)} /></label>
    ${wrong && html`<p class="wrong" role="alert">${wrong}</p>`}
    <button class="primary" disabled=${busy || wait > 0}>${wait > 0 ? `Too many tries. ${wait} s` : busy ? "One moment …" : "Log in"}</button>
  </form><p class="small muted" style=${{ textAlign: "center" }}>Forgotten? On the box: <code>control-plane reset-password NAME</code></p><//>`;
}
