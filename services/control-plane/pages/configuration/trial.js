// A revision that is in force on trial: who has come through with it, and what is still to be done.
import { Time } from "../parts/time.js";
import { Icon, html } from "../parts/view.js";

const COURSES = { waiting: ["", "waits for its restart"], starting: ["warn", "starts"], ready: ["good", "ready"] };

/** How services are started anew by hand; the names are those of their containers. */
export const commandOf = (services) => `docker compose restart ${services.join(" ")}`;

export function TrialNotice({ trial, restarts, may, end }) {
  const byHand = trial.services.filter((service) => service.course === "waiting" && (!restarts || service.reason)).map((service) => service.name);
  return html`<section class="notice trial" aria-live="polite"><div><strong>Revision ${trial.revision.number} is on trial.</strong>
      ${" "}When every service below is ready with it, it is kept. If one is not after ${trial.patience_seconds} s, the one before comes back.</div>
    <ul>${trial.services.map((service) => html`<li key=${service.name}><i class=${`dot ${COURSES[service.course][0]}`}></i><span class="mono">${service.name}</span><span class="muted">${COURSES[service.course][1]}${service.reason ? `: ${service.reason}` : ""}</span></li>`)}</ul>
    ${byHand.length > 0 && html`<p>${restarts ? "The agent does not restart everything." : "Nothing on this box restarts services for this page."} In the folder of the suite run <code>${commandOf(byHand)}</code>; by <code>scripts/run</code> or by hand, end the processes and start them again.</p>`}
    <div class="actions"><button disabled=${!may} title=${may ? "" : "This needs the role admin."} onClick=${() => end("rollback")}>Take it back</button><button disabled=${!may} title=${may ? "" : "This needs the role admin."} onClick=${() => end("keep")}>Keep it now</button></div></section>`;
}
