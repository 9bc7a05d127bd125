// Alerts that want a decision, grouped by rule, source and destination.
import { get, post } from "../api.js";
import { Spark } from "../parts/chart.js";
import { Dialog, toast } from "../parts/popups.js";
import { go, keep, recalled, setParameters } from "../parts/router.js";
import { useRows } from "../parts/rows.js";
import { Time, age } from "../parts/time.js";
import { Empty, Icon, Severity, Skeleton, Trouble, attempt, count, html, useEffect, useRef, useState } from "../parts/view.js";
import { may } from "../parts/frame.js";
import { Address } from "./events.js";
import { SavedFilters } from "../parts/filters.js";

const PAGE = 100, LOOK_SECONDS = 10;
const STATES = { "/inbox": "open", "/escalated": "escalated", "/archived": "archived" };
const TITLES = { open: "Inbox", escalated: "Escalated", archived: "Archived" };
const DONE = { archive: "archived", unarchive: "back in the inbox", escalate: "escalated", deescalate: "no longer escalated" };

export function Inbox({ route, session }) {
  const state = STATES[route.path];
  const { q = "", sort = "severity" } = route.parameters;
  const asked = JSON.stringify([state, q, sort]);
  const back = useRef(recalled());
  if (!back.current?.list) back.current = null;
  const [list, setList] = useState(back.current?.asked === asked ? back.current.list : null);
  const start = useRef(back.current?.current ?? null);
  const newest = useRef("");
  const [fresh, setFresh] = useState(null);
  const [problem, setProblem] = useState(null);
  const [loading, setLoading] = useState(false);
  const [commenting, setCommenting] = useState(null);

  const load = async (after) => {
    setLoading(true);
    try {
      const [page, last] = await Promise.all([get("/groups", { state, q, sort, limit: PAGE, after }), after ? null : get("/groups", { state, q, sort: "newest", limit: 1 })]);
      if (last) newest.current = last.groups[0]?.last ?? "";
      setList((before) => ({ ...page, groups: after && before ? [...before.groups, ...page.groups] : page.groups }));
      setFresh(null);
      setProblem(null);
    } catch (error) { setProblem(error); } finally { setLoading(false); }
  };
  useEffect(() => {
    if (back.current?.asked === asked) { requestAnimationFrame(() => scrollTo(0, back.current?.scroll ?? 0)); back.current = null; return; }
    setList(null);
    load();
  }, [asked]);
  // What has come since waits behind a pill: a list that one reads does not jump.
  useEffect(() => {
    const timer = setInterval(async () => {
      if (document.hidden || !list) return;
      const page = await get("/groups", { state, q, sort: "newest", limit: PAGE }).catch(() => null);
      if (!page) return;
      setFresh(page.groups.filter((group) => group.last > newest.current).length);
    }, LOOK_SECONDS * 1000);
    return () => clearInterval(timer);
  }, [list, asked]);

  const groups = list?.groups ?? [];
  const act = async (action, chosen, comment) => {
    if (!chosen.length) return;
    if (!may(session, "analyst")) return toast("Role analyst is needed for this.");
    // Of each group what one has seen: those whose newest alert is of another time go in a request of their own.
    const seen = Map.groupBy(chosen, (group) => action === "archive" ? group.last : "");
    const undos = [];
    let changed = 0;
    for (const [through, groups] of seen) {
      const answer = await attempt(() => post("/groups/actions", { keys: groups.map((group) => group.key), action, ...(through ? { through } : {}), ...(comment ? { comment } : {}) }), toast);
      if (!answer) break;
      changed += answer.changed;
      if (answer.undo) undos.push(answer.undo);
    }
    if (!changed) return load();
    const leaves = action === "archive" ? state !== "archived" : action === "unarchive" ? state === "archived" : action === "deescalate" && state === "escalated";
    const gone = new Set(chosen.map((group) => group.key));
    setList((before) => ({ ...before, groups: leaves ? before.groups.filter((group) => !gone.has(group.key)) : before.groups.map((group) => !gone.has(group.key) ? group : { ...group, escalated: action === "escalate" ? new Date().toISOString() : action === "deescalate" ? null : group.escalated }) }));
    rows.clear();
    dispatchEvent(new CustomEvent("inbox-changed"));
    if (changed < chosen.length) load();
    toast(`${changed === 1 ? "1 group" : `${changed} groups`} ${DONE[action]}`, { label: "Undo", run: () => undoAll(undos) });
  };
  // All that fit, also those that are not shown; what came after the newest that was seen stays.
  const actOnAll = async (action) => {
    const undos = [];
    let changed = 0;
    for (let isComplete = false; !isComplete;) {
      const answer = await attempt(() => post("/groups/actions", { q, state, action, through: newest.current }), toast);
      if (!answer) break;
      changed += answer.changed;
      if (answer.undo) undos.push(answer.undo);
      isComplete = answer.complete || !answer.changed;
    }
    rows.clear();
    dispatchEvent(new CustomEvent("inbox-changed"));
    load();
    toast(`${count(changed)} groups ${DONE[action]}`, undos.length ? { label: "Undo", run: () => undoAll(undos) } : undefined);
  };
  const undoAll = async (undos) => { for (const undo of undos) await attempt(() => post("/groups/actions/undo", { undo }), toast); dispatchEvent(new CustomEvent("inbox-changed")); load(); };
  const find = (keys) => { const wanted = new Set(keys.map((row) => row.key)); return groups.filter((group) => wanted.has(group.key)); };
  const href = (group) => `/events?${new URLSearchParams({ q: [`sid:${group.signature.id}`, group.src?.ip && `src:${group.src.ip}`, group.dest?.ip && `dst:${group.dest.ip}`].filter(Boolean).join(" ") })}`;
  const newestOf = (group) => group.newest_event ? `/events/${group.newest_event}` : href(group);
  const rows = useRows(groups.map((group) => ({ key: group.key, href: newestOf(group) })), {
    open: (row) => go(row.href), start: start.current,
    actions: { e: (chosen) => act(state === "archived" ? "unarchive" : "archive", find(chosen)), s: (chosen) => act(state === "escalated" ? "deescalate" : "escalate", find(chosen)),
      S: async (chosen) => { const found = find(chosen); await act("escalate", found); act("archive", found); }, c: (chosen) => setCommenting(find(chosen)) },
  });
  useEffect(() => keep(() => ({ asked, list, current: rows.current })), [asked, list, rows.current]);
  const marked = groups.filter((group) => rows.selected.has(group.key));
  const open = list?.counts?.open;
  const analyst = may(session, "analyst");
  return html`<div class="head"><h1>${TITLES[state]}</h1>
      <span class="muted">${open && state === "open" && html`${count(open.high)} high · ${count(open.medium)} medium · ${count(open.low)} low`}</span>
      <div class=${`actions ${marked.length > 0 ? "chosen" : ""}`}>${marked.length > 0 ? html`<span class="muted">${marked.length} selected</span>
          ${marked.length === groups.length && list.next && state === "open" && html`<button class="quiet" disabled=${!analyst} onClick=${() => actOnAll("archive")}><${Icon} name="archive" />Archive all that ${q ? "fit the search" : "are open"}</button>`}
          <button class="quiet" onClick=${rows.clear}>None</button>
          <button disabled=${!analyst} onClick=${() => act(state === "escalated" ? "deescalate" : "escalate", marked)}><${Icon} name="flag" />${state === "escalated" ? "Take back" : "Escalate"}</button>
          <button class="primary" disabled=${!analyst} onClick=${() => act(state === "archived" ? "unarchive" : "archive", marked)}><${Icon} name=${state === "archived" ? "archive-restore" : "archive"} />${state === "archived" ? "Back to inbox" : `Archive ${marked.length}`}</button>`
        : html`<${SavedFilters} q=${q} session=${session} /><select aria-label="Order" value=${sort} onChange=${(event) => setParameters({ sort: event.target.value === "severity" ? "" : event.target.value })}>${[["severity", "Worst first"], ["newest", "Newest first"], ["count", "Most first"]].map(([name, title]) => html`<option key=${name} value=${name}>${title}</option>`)}</select>
          ${state === "open" ? html`<a class="button" href="/archived">Archived</a>` : html`<a class="button" href="/inbox">Inbox</a>`}`}</div></div>
    <${Trouble} problem=${problem} again=${() => load()} />
    ${fresh > 0 && html`<button class="pill" onClick=${() => { load(); scrollTo(0, 0); }}>${fresh} new</button>`}
    ${!list ? !problem && html`<${Skeleton} rows=${12} />` : groups.length === 0 ? html`<${EmptyInbox} state=${state} q=${q} />` : html`
      <div class="table-box"><table class="table cards" ref=${rows.list}>
        <thead><tr><th class="tight"><label class="select-all"><input type="checkbox" aria-label="Select all" checked=${marked.length === groups.length} indeterminate=${marked.length > 0 && marked.length < groups.length} onChange=${(event) => event.target.checked ? rows.all() : rows.clear()} /><span>Select all</span></label></th>
          <th class="tight">Severity</th><th>Alert</th><th class="tight">Source</th><th class="tight">Destination</th><th class="tight number">Count</th><th class="tight">24 hours</th><th class="tight">Last</th></tr></thead>
        <tbody>${groups.map((group) => html`<tr key=${group.key} data-open class=${rows.classOf(group)} onClick=${(event) => event.target.closest("a,button,input") || getSelection().toString() || (rows.setCurrent(group.key), go(newestOf(group)))}>
          <td class="tight"><input type="checkbox" aria-label=${`Select ${group.signature.text}`} checked=${rows.selected.has(group.key)} onChange=${() => rows.toggle(group)} /></td>
          <td class="tight"><${Severity} level=${group.severity} /></td>
          <td class="wide ellipsis"><a href=${newestOf(group)} title=${group.signature.text}>${group.signature.text}</a>
            ${group.escalated && html` <span class="tag" title="Escalated"><${Icon} name="flag" /></span>`}${group.comments > 0 && html` <span class="tag"><${Icon} name="message-square" /> ${group.comments}</span>`}
            ${group.archived && state === "open" && html` <span class="muted small">${count(group.new)} new since archived by ${group.archived.by}</span>`}</td>
          <td class="tight later"><${Address} of=${group.src} pivot /></td><td class="tight later"><${Address} of=${group.dest} pivot /></td>
          <td class="tight number later"><a href=${href(group)} title="All of them">${count(group.count)}</a></td>
          <td class="tight desk"><${Spark} values=${group.hours} label=${`${group.hours.reduce((sum, n) => sum + n, 0)} in 24 hours`} /></td>
          <td class="tight"><${Time} at=${group.last} /> <span class="muted small">${age(group.last)}</span></td></tr>`)}</tbody></table></div>
      <div class="pages">${list.next ? html`<button disabled=${loading} onClick=${() => load(list.next)}>More</button>` : html`<span class="muted small">${groups.length === 1 ? "One group." : `${count(groups.length)} groups. That is all.`}</span>`}</div>`}
    ${commenting && html`<${CommentDialog} groups=${commenting} close=${() => setCommenting(null)} done=${() => { setCommenting(null); load(); }} />`}`;
}

function EmptyInbox({ state, q }) {
  if (q) return html`<${Empty} title=${`No ${state === "open" ? "open" : state} group fits this search.`}><button onClick=${() => setParameters({ q: "" })}>Drop the search</button><//>`;
  return html`<${Empty} title=${state === "open" ? "Nothing waits for you. Every alert has been looked at." : state === "escalated" ? "Nothing is escalated." : "Nothing has been archived yet."}>
    ${state === "open" && html`<a class="button" href="/events">Look at all events</a>`}<//>`;
}

function CommentDialog({ groups, close, done }) {
  const [text, setText] = useState("");
  const send = async (event) => {
    event.preventDefault();
    for (const group of groups) if (!await attempt(() => post(`/groups/${group.key}/comments`, { text }), toast)) return;
    done();
  };
  return html`<${Dialog} title=${groups.length === 1 ? groups[0].signature.text : `Comment on ${groups.length} groups`} close=${close}><form class="form" onSubmit=${send}>
    <textarea data-focus aria-label="Comment" maxlength="4000" value=${text} onInput=${(event) => setText(event.target.value)} />
    <footer><button type="button" onClick=${close}>Cancel</button><button class="primary" disabled=${!text.trim()}>Comment</button></footer></form><//>`;
}
