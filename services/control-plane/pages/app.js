// Where the pages begin: who is here, and which view an address means.
import { Problem, get, whenSignedOut } from "./api.js";
import { html, render } from "./lib/preact.js";
import { Frame } from "./parts/frame.js";
import { Toasts } from "./parts/popups.js";
import { go, useRoute } from "./parts/router.js";
import { useZone } from "./parts/time.js";
import { Empty, useEffect, useState } from "./parts/view.js";
import { About } from "./views/about.js";
import { Account } from "./views/account.js";
import { Audit } from "./views/audit.js";
import { Configuration } from "./views/configuration.js";
import { DeadLetter, DeadLetterGroup, DeadLetters } from "./views/dead-letters.js";
import { Event } from "./views/event.js";
import { Events } from "./views/events.js";
import { Host, Hosts } from "./views/hosts.js";
import { Inbox } from "./views/inbox.js";
import { Login } from "./views/login.js";
import { Overview } from "./views/overview.js";
import { Pipeline } from "./views/pipeline.js";
import { Rules } from "./views/rules.js";
import { Setup } from "./views/setup.js";
import { System } from "./views/system.js";
import { Users } from "./views/users.js";

const VIEWS = [
  [/^\/$/, Overview, "Overview"], [/^\/(inbox|escalated|archived)$/, Inbox, "Inbox"], [/^\/events$/, Events, "Events"], [/^\/events\/([^/]+)$/, Event, "Event"],
  [/^\/pipeline\/dead-letters$/, DeadLetters, "Dead letters"], [/^\/pipeline\/dead-letters\/groups\/([^/]+)$/, DeadLetterGroup, "Dead letters"], [/^\/pipeline\/dead-letters\/([^/]+)$/, DeadLetter, "Dead letter"],
  [/^\/hosts$/, Hosts, "Hosts"], [/^\/hosts\/([^/]+)$/, Host, "Host"], [/^\/rules$/, Rules, "Rules"], [/^\/pipeline$/, Pipeline, "Pipeline"],
  [/^\/users$/, Users, "People"], [/^\/system$/, System, "System"], [/^\/configuration$/, Configuration, "Configuration"], [/^\/audit$/, Audit, "Audit log"], [/^\/account$/, Account, "Account"], [/^\/about$/, About, "About"],
];

/** A part of a path as text; what is wrongly encoded stays as it is. */
function decoded(part) {
  try { return part && decodeURIComponent(part); } catch { return part; }
}

function Application() {
  const route = useRoute();
  const [session, setSession] = useState(undefined);
  const [counts, setCounts] = useState(null);
  // A browser that was never logged in need not ask who it is: the answer would be an error, which the console shows.
  const look = () => (localStorage.getItem("signed-in") ? get("/session") : Promise.reject(new Problem(401)))
    .catch((problem) => {
      if (problem.status !== 401) throw problem;
      localStorage.removeItem("signed-in");
      return get("/setup");
    }).then(setSession, (problem) => setSession({ problem }));
  const entered = () => { localStorage.setItem("signed-in", "yes"); look(); };
  const left = () => { localStorage.removeItem("signed-in"); setSession({ needed: false }); };
  useEffect(() => { look(); whenSignedOut(left); }, []);
  // The badge in the rail, kept true on every page.
  useEffect(() => {
    if (!session?.user) return;
    const ask = () => document.hidden || get("/groups", { state: "open", limit: 1 }).then(({ counts }) => setCounts({ open: Object.values(counts.open).reduce((sum, n) => sum + n, 0), escalated: counts.escalated }), () => {});
    ask();
    const timer = setInterval(ask, 15_000);
    addEventListener("inbox-changed", ask);
    return () => { clearInterval(timer); removeEventListener("inbox-changed", ask); };
  }, [session?.user]);

  useZone();
  const [pattern, View, title] = VIEWS.find(([pattern]) => pattern.test(route.path)) ?? [];
  useEffect(() => {
    document.title = `${title ?? "IDS Suite"}${title ? " · IDS Suite" : ""}`;
  }, [route.path]);

  if (session === undefined) return null;
  if (session.problem) return html`<div class="gate"><${Empty} title=${session.problem.message}><button onClick=${look}>Try again</button><//></div>`;
  if (!session.user) {
    return session.needed ? html`<${Setup} done=${entered} />` : html`<${Login} done=${entered} />`;
  }
  if (route.path === "/login" || route.path === "/setup") { go("/", { replace: true }); return null; }
  return html`<${Frame} route=${route} session=${session} counts=${counts} signedOut=${left}>
    ${View ? html`<${View} key=${route.path} route=${route} session=${session} argument=${decoded(route.path.match(pattern)[1])} />` : html`<${Empty} title="There is no such page."><a class="button" href="/">Overview</a><//>`}
  <//><${Toasts} />`;
}

render(html`<${Application} />`, document.getElementById("app"));
