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

const PLACES = [
  ["/", "layout-dashboard", "Overview", "o"], ["/inbox", "inbox", "Inbox", "i"], ["/escalated", "flag", "Escalated", "x"],
  ["/events", "list", "Events", "e"], ["/hosts", "monitor", "Hosts", "h"], ["/rules", "list-filter", "Rules", "r"],
  ["/pipeline", "activity", "Pipeline", "p"],
];
const BELOW = [["/configuration", "settings", "Configuration", "c", "viewer"], ["/system", "server", "System", "s"], ["/users", "users", "People", "u", "admin"], ["/audit", "scroll-text", "Audit log", "a", "admin"], ["/about", "info", "About", "b"]];

const HELP = [
  ["/", "Search"], ["?", "This list"], ["g o", "Overview"], ["g i", "Inbox"], ["g x", "Escalated"], ["g e", "Events"], ["g h", "Hosts"], ["g p", "Pipeline"], ["g d", "Dead letters"], ["g r", "Rules"], ["g c", "Configuration"], ["g s", "System"],
  ["j k", "Next, previous row"], ["Enter", "Open"], ["x", "Select a row"], ["* a", "Select all"], ["* n", "Select none"], ["e", "Archive"], ["s", "Escalate"], ["c", "Comment"],
  ["G", "Last row"], ["g g", "First row"], ["l", "Live"], ["n p", "Next, previous event"], ["f", "Events of the flow"], ["J", "JSON"], ["u", "UTC or local time"], ["Esc", "Close, or clear the selection"],
];

function setTheme(theme) {
  if (theme) { document.documentElement.dataset.theme = theme; localStorage.setItem("theme", theme); }
  else { delete document.documentElement.dataset.theme; localStorage.removeItem("theme"); }
}

export function Frame({ route, session, signedOut, counts, children }) {
  const [help, setHelp] = useState(false);
  const places = Object.fromEntries([...PLACES, ...BELOW].filter(([,,,, role]) => !role || may(session, role)).map(([path,,, key]) => [`g ${key}`, () => go(path)]));
  useKeys({ ...places, "g d": () => go("/pipeline/dead-letters"), "?": () => setHelp(true), u: () => switchUTC() });
  const { q = "", from = "", to = "" } = route.parameters;
  // A search on a page of its own kind stays there, from anywhere else it is one for events.
  const searchable = ["/inbox", "/escalated", "/archived", "/events"].includes(route.path);
  const search = (q) => searchable ? setParameters({ q }) : go(`/events?${new URLSearchParams(q ? { q } : {})}`);
  const out = async () => { await remove("/session").catch(() => {}); signedOut(); };
  const link = ([path, icon, name, , role]) => (!role || may(session, role)) && html`<a key=${path} href=${path} title=${name} class=${role ? "desk" : ""}
    aria-current=${(path === "/" ? route.path === "/" : route.path.startsWith(path)) ? "page" : undefined}><${Icon} name=${icon} /><span>${name}</span>
    ${path === "/inbox" && counts?.open > 0 && html`<span class="count">${counts.open > 999 ? "999+" : counts.open}</span>`}</a>`;
  return html`<a class="skip" href="#main">To the content</a><div class="frame">
    <aside class="rail" aria-label="Navigation">
      <a class="brand" href="/"><img src=${new URL("../icon.svg", import.meta.url).pathname} alt="" /><span>IDS Suite</span></a>
      <nav aria-label="Pages">${PLACES.map(link)}<div class="gap"></div>${BELOW.map(link)}</nav>
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
    ${help && html`<${Dialog} title="Keys" close=${() => setHelp(false)}><div class="keys">${HELP.map(([keys, what]) => html`<div><span>${what}</span><kbd>${keys}</kbd></div>`)}</div><//>`}
  </div>`;
}
