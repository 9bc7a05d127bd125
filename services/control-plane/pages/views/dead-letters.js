// Lines and documents that could not be stored: why, what they are, and the way back.
import { post, remove } from "../api.js";
import { may } from "../parts/frame.js";
import { fault, isAbout, laidOut, layout } from "../parts/json.js";
import { useKeys } from "../parts/keys.js";
import { Dialog, toast } from "../parts/popups.js";
import { go } from "../parts/router.js";
import { useRows } from "../parts/rows.js";
import { Time, age } from "../parts/time.js";
import { Empty, Icon, Skeleton, Trouble, attempt, bytes, count, html, useAnswer, useEffect, useRef, useState } from "../parts/view.js";

const HOME = "/pipeline/dead-letters", LOOK_SECONDS = 5, PAGE = 100;
const BACK = "Back in the pipeline. What is refused again comes back here.";
const KINDS = { line: ["line", "lines"], document: ["document", "documents"], entry: ["batch", "batches"] };
const counted = (number, kind) => `${count(number)} ${KINDS[kind][number === 1 ? 0 : 1]}`;
const needed = (session) => may(session, "admin") ? undefined : "Role admin is needed";

/** The way up, and the title. */
const Head = ({ title, up, children }) => html`<div class="head">${up && html`<nav class="crumbs" aria-label="Where this is"><a href=${HOME}>Dead letters</a><${Icon} name="chevron-right" /></nav>`}<h1 class=${up ? "lead" : ""}>${title}</h1>${children}</div>`;

/** All reasons. */
export function DeadLetters() {
  const { data, problem, reload } = useAnswer("/dead-letters", null, { every: LOOK_SECONDS });
  const groups = data?.groups ?? [];
  const href = (group) => `${HOME}/groups/${group.key}`;
  const rows = useRows(groups.map((group) => ({ key: group.key, href: href(group) })), { open: (row) => go(row.href) });
  return html`<${Head} title="Dead letters"><span class="muted">${data?.count > 0 && `${count(data.count)} ${data.count === 1 ? "letter" : "letters"}${data.complete ? "" : `, the newest ${count(groups.reduce((sum, group) => sum + group.count, 0))} of them below`}`}</span><//>
    <${Trouble} problem=${problem} again=${reload} />
    ${!data ? !problem && html`<${Skeleton} rows=${4} />` : groups.length === 0 ? html`<${Empty} title="No dead letters. Every event that was read could be stored."><a class="button" href="/events">Look at the events</a><//>` : html`
      <p class="muted intro">What could not be read or stored for good is kept here with the reason. It can be mended and sent again.</p>
      <div class="table-box"><table class="table cards" ref=${rows.list}><thead><tr><th>Reason</th><th class="tight">Field</th><th class="tight">Given up by</th><th class="tight number">Letters</th><th class="tight">First</th><th class="tight">Last</th></tr></thead>
        <tbody>${groups.map((group) => html`<tr key=${group.key} data-open class=${rows.classOf(group)} onClick=${(event) => event.target.closest("a") || getSelection().toString() || go(href(group))}>
          <td class="wide ellipsis"><a href=${href(group)} title=${group.newest.reason}>${group.reason || "No reason given"}</a></td>
          <td class="tight">${group.field ? html`<span class="tag mono">${group.field}</span>` : html`<span class="muted desk">–</span>`}</td>
          <td class="tight muted">${group.service}</td><td class="tight number" data-unit=${group.count === 1 ? "letter" : "letters"}>${count(group.count)}</td>
          <td class="tight desk"><${Time} at=${group.first} /></td><td class="tight"><${Time} at=${group.last} /> <span class="muted small">${age(group.last)}</span></td></tr>`)}</tbody></table></div>`}`;
}

/** Carries something out on all letters of a group, request by request, and tells how far it is. */
async function throughAll(request, through, tell) {
  const sum = { done: 0, refused: 0 };
  for (let next = through; next;) {
    const answer = await request(next);
    sum.done += answer.done;
    sum.refused += answer.refused;
    tell(sum.done + sum.refused);
    next = answer.next;
  }
  return sum;
}

/** The letters of one reason. */
export function DeadLetterGroup({ argument: key, session }) {
  const all = useAnswer("/dead-letters", null, { every: LOOK_SECONDS });
  const [pages, setPages] = useState([undefined]);
  const group = all.data?.groups.find((group) => group.key === key);
  const [busy, setBusy] = useState(null);
  const [deleting, setDeleting] = useState(false);
  const admin = may(session, "admin");
  const work = async (name, request, said) => {
    setBusy({ name, done: 0 });
    const sum = await attempt(() => throughAll(request, group.newest.id, (done) => setBusy({ name, done })), toast);
    setBusy(null);
    all.reload();
    setPages([undefined]);
    if (sum) toast(said(sum));
  };
  const replay = () => work("replay", (through) => post("/dead-letters/replay", { group: key, through }),
    ({ done, refused }) => done === 0 ? "None of them can go back as it is." : `${count(done)} back in the pipeline${refused ? `, ${count(refused)} cannot go as they are` : ""}. What is refused again comes back here.`);
  const removeAll = () => { setDeleting(false); work("delete", (through) => remove(`/dead-letters?${new URLSearchParams({ group: key, through })}`), ({ done }) => `${count(done)} deleted.`); };
  useKeys({ Escape: () => go(HOME) });
  if (!all.data) return all.problem ? html`<${Head} title="Letters of one reason" up /><${Trouble} problem=${all.problem} again=${all.reload} />` : html`<${Head} title="Letters of one reason" up /><${Skeleton} rows=${6} />`;
  if (!group) return html`<${Head} title="Letters of one reason" up /><${Empty} title="None is left for this reason."><a class="button" href=${HOME}>All dead letters</a><//>`;
  return html`<${Head} title=${group.reason || "No reason given"} up>
      <div class="actions"><button class="danger" disabled=${!admin || busy} title=${needed(session)} onClick=${() => setDeleting(true)}><${Icon} name="trash-2" />${busy?.name === "delete" ? `Deleting… ${count(busy.done)}` : "Delete all"}</button>
        <button class="primary" disabled=${!admin || busy || !group.replayable} title=${needed(session) ?? (group.replayable ? undefined : "None of them can go back as it is")} onClick=${replay}><${Icon} name="rotate-ccw" />${busy?.name === "replay" ? `Replaying… ${count(busy.done)}` : group.replayable === group.count ? "Replay all" : `Replay ${count(group.replayable)}`}</button></div><//>
    <${Trouble} problem=${all.problem} again=${all.reload} />
    <p class="muted intro">${counted(group.count, group.newest.kind)}, ${bytes(group.bytes)}, given up by ${group.service}${group.field && html` because of the field <span class="mono">${group.field}</span>`}.${" "}
      ${group.newest.kind === "document" ? "If the index has been mended meanwhile, a replay is all that is needed; else open one and correct it." : group.newest.kind === "line" ? "A line goes back to be mapped again." : "A batch goes back whole."}</p>
    <div class="table-box"><table class="table cards"><thead><tr><th class="tight">Given up</th><th>What</th><th class="tight">Sensor</th><th class="tight number">Size</th><th class="tight"><span class="hidden-text">State</span></th></tr></thead>
      ${pages.map((from, page) => html`<${LetterRows} key=${from ?? "first"} group=${key} from=${from} more=${page === pages.length - 1 && ((next) => setPages([...pages, next]))} />`)}</table></div>
    ${deleting && html`<${Dialog} title=${`Delete ${counted(group.count, group.newest.kind)}?`} close=${() => setDeleting(false)}>
      <p>They are gone for good: nobody has another copy of what is in them.</p><footer><button onClick=${() => setDeleting(false)}>Cancel</button><button class="danger" data-focus onClick=${removeAll}>Delete ${count(group.count)}</button></footer><//>`}`;
}

function LetterRows({ group, from, more }) {
  const { data, problem, reload } = useAnswer(`/dead-letters/groups/${group}`, { from, limit: PAGE }, { every: LOOK_SECONDS });
  const letters = data?.letters ?? [];
  return html`<tbody>${problem && html`<tr><td colspan="5"><${Trouble} problem=${problem} again=${reload} /></td></tr>`}${letters.map((letter) => html`<tr key=${letter.id} data-open onClick=${(event) => event.target.closest("a") || getSelection().toString() || go(`${HOME}/${letter.id}`)}>
    <td class="tight"><${Time} at=${letter.time} withAge /></td>
    <td class="wide ellipsis"><a class="mono" href=${`${HOME}/${letter.id}`} title=${letter.reason}>${letter.kind === "document" ? letter.document : letter.kind === "line" ? `${letter.source || "line"} at byte ${count(letter.offset)}` : `entry ${letter.entry ?? letter.id}`}</a></td>
    <td class="tight">${letter.sensor || html`<span class="muted desk">–</span>`}</td><td class="tight number">${bytes(letter.size)}</td>
    <td class="tight">${letter.obstacle && html`<span class="tag" title=${letter.obstacle}>not as it is</span>`}</td></tr>`)}
    ${more && data?.next && html`<tr><td colspan="5"><div class="pages"><button onClick=${() => more(data.next)}>Older</button></div></td></tr>`}</tbody>`;
}

/** One letter with its text. */
export function DeadLetter({ argument: id, session }) {
  const { data, problem, reload } = useAnswer(`/dead-letters/${encodeURIComponent(id)}`);
  const [draft, setDraft] = useState(null);
  const [wrong, setWrong] = useState(null);
  const [deleting, setDeleting] = useState(false);
  const [busy, setBusy] = useState(false);
  const admin = may(session, "admin");
  const up = data ? `${HOME}/groups/${data.group}` : HOME;
  const done = (said) => { toast(said); go(up, { replace: true }); };
  const replay = async (text) => {
    setBusy(true);
    setWrong(null);
    try { await post(`/dead-letters/${id}/replay`, text === undefined ? {} : { text }); done(BACK); }
    catch (error) { text === undefined || error.part !== "/text" ? toast(error.detail ?? error.message) : setWrong(error.detail); }
    finally { setBusy(false); }
  };
  const away = async () => { setDeleting(false); if (await attempt(async () => { await remove(`/dead-letters/${id}`); return true; }, toast)) done("Deleted."); };
  const edit = () => { if (admin && data?.letter.editable) setDraft(laidOut(data.text)); };
  const editor = useRef(null);
  // Begins where the trouble is.
  useEffect(() => {
    if (draft === null || !editor.current) return;
    const lines = layout(data.text), at = lines?.findIndex((line) => isAbout(line, data.field)) ?? -1;
    const start = at < 0 ? 0 : lines.slice(0, at).reduce((sum, line) => sum + 2 * line.depth + line.text.length + 1, 0);
    editor.current.focus();
    editor.current.setSelectionRange(start, at < 0 ? 0 : start + 2 * lines[at].depth + lines[at].text.length);
    editor.current.scrollTop = Math.max(0, at - 4) * 19;
  }, [draft === null]);
  useKeys({
    r: () => admin && data && !data.letter.obstacle && replay(), e: () => admin && data && setDeleting(true), i: edit,
    Escape: () => draft === null ? go(up) : setDraft(null),
  });
  if (!data) return html`<${Head} title="Letter" up />${problem ? html`<${Trouble} problem=${problem} again=${problem.status !== 404 && reload} />` : html`<${Skeleton} rows=${8} />`}`;
  const { letter, text, hex, field } = data;
  const broken = draft === null ? null : fault(draft);
  return html`<${Head} title=${letter.reason || "No reason given"} up>
      ${draft === null && html`<div class="actions"><button class="danger" disabled=${!admin} title=${needed(session) ?? "Key e"} onClick=${() => setDeleting(true)}><${Icon} name="trash-2" />Delete</button>
        <button disabled=${!admin || !letter.editable} title=${needed(session) ?? (letter.editable ? "Key i" : "It cannot be edited")} onClick=${edit}><${Icon} name="pencil" />Edit</button>
        <button class="primary" disabled=${!admin || busy || letter.obstacle} title=${needed(session) ?? letter.obstacle ?? "Key r"} onClick=${() => replay()}><${Icon} name="rotate-ccw" />Replay</button></div>`}<//>
    ${letter.obstacle && html`<div class="notice"><strong>It cannot go back as it is.</strong> ${letter.obstacle}${letter.editable && " It can be edited and then replayed."}</div>`}
    <div class="grid">
      <section class="card span-8">${draft === null ? html`<header><h2>${letter.kind === "document" ? "The document" : letter.kind === "line" ? "The line" : "The batch"}</h2>${field && html`<span class="muted small">refused: <span class="mono">${field}</span></span>`}</header>
          ${text === null ? html`<${Bytes} hex=${hex} kept=${letter.kept} records=${data.records} />` : html`<${Text} text=${text} field=${field} faultAt=${data.fault_at} />`}`
        : html`<form class="form" onSubmit=${(event) => { event.preventDefault(); replay(draft); }}><header class="head"><h2>Edit</h2>${field && html`<span class="muted small">refused: <span class="mono">${field}</span></span>`}</header>
          <textarea class="editor" ref=${editor} aria-label="Text of the letter" aria-describedby="editor-state" spellcheck=${false} rows=${Math.min(32, Math.max(10, draft.split("\n").length + 1))} value=${draft} onInput=${(event) => { setDraft(event.target.value); setWrong(null); }}
            onKeyDown=${(event) => event.key === "Enter" && (event.ctrlKey || event.metaKey) && !broken && (event.preventDefault(), replay(draft))} />
          <p id="editor-state" class=${wrong || broken ? "wrong" : "muted"} role="status">${wrong ?? broken ?? "It goes back as one line, with these values."}</p>
          <footer class="actions"><button type="button" onClick=${() => setDraft(null)}>Cancel</button><button class="primary" disabled=${busy || broken}><${Icon} name="rotate-ccw" />Replay this text</button></footer></form>`}</section>
      <section class="card span-4"><header><h2>Where it comes from</h2></header><dl class="facts">
        <dt>Given up</dt><dd><${Time} at=${letter.time} withAge /> by ${letter.service}</dd><dt>Tried</dt><dd>${letter.attempt === 1 ? "once" : `${count(letter.attempt)} times`}</dd>
        ${letter.sensor && html`<dt>Sensor</dt><dd>${letter.sensor}</dd>`}${letter.source && html`<dt>File</dt><dd class="mono">${letter.source}</dd>`}${letter.offset !== null && html`<dt>At byte</dt><dd>${count(letter.offset)}</dd>`}
        ${letter.document && html`<dt>Document</dt><dd class="mono"><a href=${`/events/${encodeURIComponent(letter.document)}`} title="As this box has stored it, if it has">${letter.document}</a></dd>`}
        ${letter.entry && html`<dt>Entry</dt><dd class="mono">${letter.entry}</dd>`}<dt>Size</dt><dd>${bytes(letter.size)}${letter.kept < letter.size && html`, of which ${bytes(letter.kept)} were kept`}</dd></dl></section>
    </div>
    ${deleting && html`<${Dialog} title="Delete this letter?" close=${() => setDeleting(false)}><p>It is gone for good: nobody has another copy of what is in it.</p>
      <footer><button onClick=${() => setDeleting(false)}>Cancel</button><button class="danger" data-focus onClick=${away}>Delete</button></footer><//>`}`;
}

/** The text line by line, that which was refused marked; where it is no JSON, as it is, with the place where it breaks. */
function Text({ text, field, faultAt }) {
  const box = useRef(null);
  useEffect(() => {
    const mark = box.current?.querySelector("mark");
    if (mark) box.current.scrollTop = mark.offsetTop - box.current.offsetTop - box.current.clientHeight / 2;
  }, [text]);
  const lines = layout(text);
  if (lines) return html`<pre class="json letter" tabindex="0" ref=${box}>${lines.map((line) => {
    const indented = "  ".repeat(line.depth) + line.text;
    return isAbout(line, field) ? html`<mark class="refused">${indented}</mark>` : `${indented}\n`;
  })}</pre>`;
  if (text === "") return html`<p class="muted">There is nothing in it.</p>`;
  // The place is counted in bytes.
  const before = faultAt === null ? null : new TextDecoder().decode(new TextEncoder().encode(text).slice(0, faultAt));
  if (before === null || before.length >= text.length) return html`<pre class="json letter" tabindex="0">${text}${before !== null && html`<mark title="Here it breaks off">⏎</mark>`}</pre>`;
  const broken = [...text.slice(before.length)][0];
  return html`<pre class="json letter" tabindex="0" ref=${box}>${before}<mark title="Here it stops being JSON">${broken}</mark>${text.slice(before.length + broken.length)}</pre>`;
}

function Bytes({ hex, kept, records }) {
  const rows = hex.match(/.{1,32}/g) ?? [];
  return html`<p class="muted intro">${records === null ? "These bytes are no batch." : `A batch of ${count(records)} ${records === 1 ? "record" : "records"}, as it was in the stream.`}${hex.length / 2 < kept && ` Its first ${bytes(hex.length / 2)}:`}</p>
    <pre class="hex" tabindex="0">${rows.map((row, at) => `${(at * 16).toString(16).padStart(4, "0")}  ${row.match(/../g).join(" ")}\n`)}</pre>`;
}
