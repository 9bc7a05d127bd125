// Rail, top bar, and what is the same on every page.
import { remove } from "../api.js";
import { useKeys } from "./keys.js";
import { Dialog, Menu } from "./popups.js";
import { go, setParameters } from "./router.js";
import { Search } from "./search.js";
import { Banner } from "./status.js";
import { RANGES, rangeName, switchUTC, isUTC } from "./time.js";
import { Icon, html, useState } from "./view.js";

const RANK = { viewer: 0, analyst: 1, admin: 2 };
/** Whether a person in this session may do what needs a role. */
export const may = (session, role) => RANK[session.role] >= RANK[role];

// Where one can go: what is watched, what is steered, and the suite itself. A place has path, icon, name, the key after `g`, and the role that it needs.
const PLACES = [
  ["Watch", ["/", "layout-dashboard", "Overview", "o"], ["/inbox", "inbox", "Inbox", "i"], ["/escalated", "flag", "Escalated", "x"], ["/events", "list", "Events", "e"], ["/hosts", "monitor", "Hosts", "h"], ["/map", "waypoints", "Live map", "m"]],
  ["Steer", ["/rules", "list-filter", "Rules", "r"], ["/pipeline", "activity", "Pipeline", "p"], ["/pipeline/dead-letters", "mail-x", "Dead letters", "d"], ["/configuration", "settings", "Configuration", "c"], ["/system", "server", "System", "s"]],
  ["Suite", ["/users", "users", "People", "u", "admin"], ["/audit", "scroll-text", "Audit log", "a", "admin"], ["/about", "info", "About", "b"]],
];
/** What a phone shows below; the rest is behind "More". */
const ON_PHONES = ["/", "/inbox", "/events", "/hosts"];

const HELP = [
  ["Everywhere", ["/", "Search"], ["u", "UTC or local time"], ["z", "Undo what was just done"], ["Esc", "Close, or clear the selection"], ["?", "This list"]],
  ["Overview", ["1 2 3 4", "Open a figure"]],
  ["Lists", ["j k", "Next, previous row"], ["g g", "First row"], ["G", "Last row"], ["Enter", "Open"], ["o", "Open in a new tab"], ["x", "Select a row"], ["* a", "Select all"], ["* n", "Select none"]],
  ["Alerts", ["e", "Archive, or take back"], ["s", "Escalate, or take back"], ["S", "Escalate and archive"], ["c", "Comment"]],
  ["Events", ["l", "Live"], ["n p", "Older, newer event"], ["f", "Events of the flow"], ["J", "JSON"]],
  ["Live map", ["Space", "Pause, go on"], ["r", "The last 15 minutes"], ["v", "Table"], ["b", "Only what is bad"], ["f", "Find a host"], ["F", "Full screen"], ["+ - 0", "Closer, away, everything"], ["← → ↑ ↓", "To a neighbour"]],
  ["Dead letters", ["r", "Replay"], ["i", "Edit"], ["e", "Delete"]],
];

function setTheme(theme) {
  if (theme) { document.documentElement.dataset.theme = theme; localStorage.setItem("theme", theme); }
  else { delete document.documentElement.dataset.theme; localStorage.removeItem("theme"); }
}

export function Frame({ route, session, signedOut, counts, children }) {
  const [help, setHelp] = useState(false);
  const [more, setMore] = useState(false);
  const places = PLACES.map(([title, ...places]) => [title, ...places.filter(([,,,, role]) => !role || may(session, role))]);
  const all = places.flatMap(([, ...places]) => places);
  useKeys({ ...Object.fromEntries(all.map(([path,,, key]) => [`g ${key}`, () => go(path)])), "?": () => setHelp(true), u: () => switchUTC() });
  const { q = "", from = "", to = "" } = route.parameters;
  // A search on a page of its own kind stays there, from anywhere else it is one for events.
  const searchable = ["/inbox", "/escalated", "/archived", "/events"].includes(route.path);
  const search = (q) => searchable ? setParameters({ q }) : go(`/events?${new URLSearchParams(q ? { q } : {})}`);
  const out = async () => { await remove("/session").catch(() => {}); signedOut(); };
  // The place that one is at, or below; what is archived was in the inbox.
  const current = all.map(([path]) => path).filter((path) => path === route.path || path !== "/" && route.path.startsWith(`${path}/`)).sort((one, two) => two.length - one.length)[0] ?? (route.path === "/archived" ? "/inbox" : null);
  const link = ([path, icon, name, key]) => html`<a key=${path} href=${path} title=${`${name} (g ${key})`} class=${ON_PHONES.includes(path) ? "" : "desk"}
    aria-current=${path === current ? "page" : undefined}><${Icon} name=${icon} /><span>${name}</span>
    ${path === "/inbox" && counts?.open > 0 && html`<span class="count">${counts.open > 999 ? "999+" : counts.open}</span>`}</a>`;
  return html`<a class="skip" href="#main">To the content</a><div class="frame">
    <aside class="rail" aria-label="Navigation">
      <a class="brand" href="/"><img src=${new URL("../icon.svg", import.meta.url).pathname} alt="" /><span>IDS Suite</span></a>
      <nav aria-label="Pages">${places.map(([title, ...places]) => html`<div key=${title} class="places" role="group" aria-label=${title}><span class="label" aria-hidden="true">${title}</span>${places.map(link)}</div>`)}
        <button class=${`more ${current && !ON_PHONES.includes(current) ? "here" : ""}`} aria-haspopup="dialog" aria-expanded=${more} onClick=${() => setMore(true)}><${Icon} name="ellipsis" /><span>More</span></button></nav>
    </aside>
    <header class="top">
      <${Search} value=${searchable ? q : ""} search=${search} />
      <div class="spring"></div>
      ${route.path === "/events" && html`<${Menu} className="" title="Time range" label=${html`<${Icon} name="clock" /><span class="desk">${rangeName(from, to)}</span><${Icon} name="chevron-down" />`}>
        ${RANGES.map(([word, name]) => html`<li><button onClick=${() => setParameters({ from: word, to: "", after: "" })}>${name}</button></li>`)}<//>`}
      <${Menu} title=${`${session.user}, ${session.role}`} label=${html`<${Icon} name="user" /><span class="desk">${session.user}</span>`}>
        <li class="title">${session.user} · ${session.role}</li>
        <li><a href="/account"><${Icon} name="key-round" />Account and tokens</a></li>
        <li><button onClick=${() => setHelp(true)}><${Icon} name="keyboard" />Keys <kbd>?</kbd></button></li>
        <li><a href="/docs" target="_blank" rel="noopener"><${Icon} name="book-open" />API</a></li>
        <li class="rule"></li>
        <li><button onClick=${() => setTheme("light")}><${Icon} name="sun" />Light</button></li>
        <li><button onClick=${() => setTheme("dark")}><${Icon} name="moon" />Dark</button></li>
        <li><button onClick=${() => setTheme(null)}><${Icon} name="monitor" />As the system</button></li>
        <li><button onClick=${switchUTC}><${Icon} name="clock" />${isUTC() ? "Local time" : "UTC"} <kbd>u</kbd></button></li>
        <li class="rule"></li>
        <li><button onClick=${out}><${Icon} name="log-out" />Log out</button></li>
      <//>
    </header>
    <main id="main" tabindex="-1"><${Banner} path=${route.path} />${children}</main>
    ${more && html`<${Dialog} title="More" sheet close=${() => setMore(false)}><nav aria-label="All pages" onClick=${(event) => event.target.closest("a") && setMore(false)}>${places.map(([title, ...places]) => {
      const hidden = places.filter(([path]) => !ON_PHONES.includes(path));
      return hidden.length > 0 && html`<div key=${title} role="group" aria-label=${title}><span class="label" aria-hidden="true">${title}</span>${hidden.map(([path, icon, name]) => html`<a key=${path} href=${path} aria-current=${path === current ? "page" : undefined}><${Icon} name=${icon} />${name}</a>`)}</div>`;
    })}</nav><//>`}
    ${help && html`<${Dialog} title="Keys" wide close=${() => setHelp(false)}><div class="keys">${[["Go to", ...all.map(([,, name, key]) => [`g ${key}`, name])], ...HELP].map(([title, ...keys]) => html`<section key=${title}><h3 class="label">${title}</h3>${keys.map(([keys, what]) => html`<div key=${keys}><span>${what}</span><kbd>${keys}</kbd></div>`)}</section>`)}</div><//>`}
  </div>`;
}
