// Something that was begun on the host, followed to its end.
import { get } from "../api.js";
import { Dialog } from "./popups.js";
import { html, useEffect, useState } from "./view.js";

const LOOK_SECONDS = 1;

/** A job and, while it runs, how far it is. It may start control-plane itself anew: then nothing answers for a while. */
export function JobDialog({ job: begun, close }) {
  const [job, setJob] = useState(begun);
  const [problem, setProblem] = useState(null);
  useEffect(() => {
    const aborter = new AbortController();
    let timer = null;
    const look = async () => {
      const found = await get(`/jobs/${encodeURIComponent(begun.id)}`, null, aborter.signal).then((job) => { setProblem(null); return job; }, (problem) => { if (!aborter.signal.aborted) setProblem(problem); return null; });
      if (aborter.signal.aborted) return;
      if (found) setJob(found);
      if (!found || found.state === "running") timer = setTimeout(look, LOOK_SECONDS * 1000);
    };
    timer = setTimeout(look, LOOK_SECONDS * 1000);
    return () => { aborter.abort(); clearTimeout(timer); };
  }, [begun.id]);
  return html`<${Dialog} title=${titleOf(job)} close=${close}>
    <p role="status"><${JobState} job=${job} /> ${job.reason}</p>
    ${job.lines.length > 0 && html`<pre class="log">${job.lines.join("\n")}</pre>`}
    ${problem && job.state === "running" && html`<p class="muted small" style=${{ marginTop: "8px" }}>${problem.status === 0 ? "The box does not answer just now. If it was itself started anew, it comes back." : problem.message}</p>`}
    <footer><button class="primary" data-focus onClick=${close}>${job.state === "running" ? "Let it run" : "Done"}</button></footer><//>`;
}

/** What a job does, as a heading. */
export const titleOf = ({ title }) => title.charAt(0).toUpperCase() + title.slice(1).replace("service:", "");

const WORDS = { running: ["", "under way"], done: ["good", "done"], failed: ["bad", "failed"] };

/** How far a job is, as dot and word. */
export function JobState({ job }) {
  const [dot, word] = WORDS[job.state];
  return html`<span class="state"><i class=${`dot ${dot}`} aria-hidden="true"></i>${word}</span>`;
}
