// The configuration of all services: as a form, as its text, and what it was before.
import { post } from "../api.js";
import { Form } from "../configuration/form.js";
import { History } from "../configuration/history.js";
import { Review } from "../configuration/review.js";
import { Text } from "../configuration/text.js";
import { TrialNotice } from "../configuration/trial.js";
import { useConfirmed } from "../parts/confirm.js";
import { may } from "../parts/frame.js";
import { toast } from "../parts/popups.js";
import { setParameters } from "../parts/router.js";
import { Skeleton, Trouble, attempt, html, useAnswer, useEffect, useState } from "../parts/view.js";

const TABS = [["form", "Form"], ["text", "Text"], ["history", "History"]];
const TRIAL_SECONDS = 2, QUIET_SECONDS = 30;

export function Configuration({ route, session }) {
  const [onTrial, setOnTrial] = useState(false);
  const file = useAnswer("/config", undefined, { every: onTrial ? TRIAL_SECONDS : QUIET_SECONDS });
  const schema = useAnswer("/config/schema");
  const services = useAnswer("/config/services", undefined, { every: QUIET_SECONDS });
  const revisions = useAnswer("/config/revisions");
  // What was changed and is not in force: a text, and keys that the form has set in it in addition.
  const [draft, setDraft] = useState(null);
  const [reviewing, setReviewing] = useState(null);
  const [turn, setTurn] = useState(0);
  const renew = () => setTurn((turn) => turn + 1);
  const [run, dialog] = useConfirmed();
  const tab = TABS.some(([name]) => name === route.parameters.show) ? route.parameters.show : "form";
  const trial = file.data?.trial;
  const editable = may(session, "admin") && !trial && file.data?.obstacle === null;
  const why = !may(session, "admin") ? "This needs the role admin." : trial ? "A revision is on trial." : file.data?.obstacle ?? "";
  useEffect(() => { setOnTrial(Boolean(trial)); }, [Boolean(trial)]);
  // When a trial has ended, the rest is not what it was either.
  useEffect(() => { if (file.data) { revisions.reload(); services.reload(); renew(); } }, [file.data?.etag, Boolean(trial)]);
  useEffect(() => {
    if (!draft) return;
    const warn = (event) => event.preventDefault();
    addEventListener("beforeunload", warn);
    return () => removeEventListener("beforeunload", warn);
  }, [Boolean(draft)]);

  const base = () => draft ?? { yaml: file.data.yaml, changes: {}, etag: file.data.etag, values: file.data.values };
  const set = (name, value) => {
    const from = base();
    const changes = { ...from.changes, [name]: value };
    if ((from.values[name] ?? null) === value) delete changes[name];
    setDraft(Object.keys(changes).length || from.yaml !== file.data.yaml ? { ...from, changes } : null);
  };
  const write = (yaml) => { const from = base(); setDraft(yaml !== file.data.yaml ? { ...from, yaml } : null); };
  /** What the server says about the draft; its text has the form's keys in it from then on. */
  const review = async () => {
    const from = base();
    const said = await post("/config/validate", { yaml: from.yaml, changes: from.changes });
    if (draft && Object.keys(from.changes).length && said.yaml !== null) { setDraft({ ...from, yaml: said.yaml, changes: {}, values: said.values }); renew(); }
    return said;
  };
  const open = async () => { const said = await attempt(review, toast); if (said) setReviewing(said); };
  const show = async (name) => { if (name === "text" && draft) await attempt(review, toast); setParameters({ show: name === "form" ? "" : name }, { replace: true }); };
  const discard = () => { setDraft(null); renew(); };
  const settled = () => { discard(); setReviewing(null); file.reload(); revisions.reload(); };
  const apply = async (note) => {
    const from = base();
    await run(() => post("/config/revisions", { yaml: from.yaml, changes: from.changes, note }, { "If-Match": from.etag }));
    settled();
  };
  const back = async (number) => {
    if (await attempt(async () => { await run(() => post(`/config/revisions/${number}/apply`, {}, { "If-Match": file.data.etag })); return true; }, toast)) settled();
  };
  const end = async (word) => {
    if (await attempt(async () => { await run(() => post(`/config/revisions/${trial.revision.number}/${word}`)); return true; }, toast)) settled();
  };

  const problem = file.problem ?? schema.problem;
  const stale = draft && file.data && draft.etag !== file.data.etag;
  return html`<div class="head"><h1>Configuration</h1>${file.data && html`<span class="muted mono small">${file.data.path}</span>`}
      <div class="actions">${draft && html`<button onClick=${discard}>Discard</button>`}
        <button class="primary" disabled=${!editable || !draft} title=${why} onClick=${open}>Review changes</button></div></div>
    <${Trouble} problem=${problem} again=${file.reload} />
    ${trial && html`<${TrialNotice} trial=${trial} restarts=${file.data.restarts_services} may=${may(session, "admin")} end=${end} />`}
    ${stale && html`<div class="notice bad" role="alert">The file has changed since you began. <button class="link" onClick=${discard}>Take what is there</button> and make your changes again.</div>`}
    ${file.data && file.data.obstacle !== null && may(session, "admin") && html`<div class="notice">It can be looked at and checked here, and not be written: ${file.data.obstacle}.</div>`}
    ${!file.data || !schema.data ? !problem && html`<${Skeleton} rows=${12} />` : html`
      <div class="tabs"><div role="tablist" aria-label="Ways to see it">${TABS.map(([name, title]) => html`<button key=${name} role="tab" id=${`tab-${name}`} aria-controls="configuration" aria-selected=${tab === name} onClick=${() => show(name)}>${title}</button>`)}</div></div>
      <div id="configuration" role="tabpanel" aria-labelledby=${`tab-${tab}`}>
      ${tab === "history" ? html`<${History} revisions=${revisions.data?.revisions} editable=${editable} why=${why} back=${back} />`
        : tab === "text" ? (file.data.yaml === null ? html`<${Findings} findings=${file.data.findings} />` : html`<${Text} yaml=${draft?.yaml ?? file.data.yaml} turn=${turn} findings=${file.data.findings} editable=${editable} write=${write} review=${open} />`)
        : html`<${Form} sections=${schema.data.sections} services=${services.data?.services ?? []} values=${{ ...(draft?.values ?? file.data.values), ...(draft?.changes ?? {}) }} saved=${file.data.values} findings=${file.data.findings} editable=${editable && file.data.yaml !== null} why=${why} set=${set} />`}</div>`}
    ${reviewing && html`<${Review} review=${reviewing} restarts=${file.data.restarts_services} apply=${apply} close=${() => setReviewing(null)} />`}${dialog}`;
}

function Findings({ findings }) {
  return html`<div class="notice bad">This is no YAML, so it cannot be told where its secrets stand, and it is not shown. Put back an older revision, or mend it on the box.
    <ul>${findings.map((one) => html`<li>${one.line && `Line ${one.line}: `}${one.message}</li>`)}</ul></div>`;
}
