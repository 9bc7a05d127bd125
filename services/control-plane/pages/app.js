// Where the pages begin: who is here, and which view an address means.
import { Problem, get, whenSignedOut } from "./api.js";
import { html, render } from "./lib/preact.js";
import { Frame } from "./parts/frame.js";
import { Toasts } from "./parts/popups.js";
import { go, useRoute } from "./parts/router.js";
import { useZone } from "./parts/time.js";
import { Empty, later, useEffect, useState } from "./parts/view.js";
import { Login } from "./views/login.js";
import { Setup } from "./views/setup.js";

// Views are fetched one by one, when they are needed: who looks at the inbox does not wait for an editor.
const view = (file, name) => later(() => import(`./views/${file}.js`), name);
const Inbox = view("inbox", "Inbox");
const VIEWS = [
  [/^\/$/, view("overview", "Overview"), "Overview"],
  [/^\/inbox$/, Inbox, "Inbox"], [/^\/escalated$/, Inbox, "Escalated"], [/^\/archived$/, Inbox, "Archived"],
  [/^\/events$/, view("events", "Events"), "Events"], [/^\/events\/([^/]+)$/, view("event", "Event"), "Event"],
  [/^\/hosts$/, view("hosts", "Hosts"), "Hosts"], [/^\/hosts\/([^/]+)$/, view("hosts", "Host"), "Host"],
  [/^\/map$/, view("map", "LiveMap"), "Live map"],
  [/^\/rules$/, view("rules", "Rules"), "Rules"],
  [/^\/pipeline$/, view("pipeline", "Pipeline"), "Pipeline"],
  [/^\/pipeline\/dead-letters$/, view("dead-letters", "DeadLetters"), "Dead letters"],
  [/^\/pipeline\/dead-letters\/groups\/([^/]+)$/, view("dead-letters", "DeadLetterGroup"), "Dead letters"],
  [/^\/pipeline\/dead-letters\/([^/]+)$/, view("dead-letters", "DeadLetter"), "Dead letter"],
  [/^\/configuration$/, view("configuration", "Configuration"), "Configuration"],
  [/^\/system$/, view("system", "System"), "System"],
  [/^\/users$/, view("users", "Users"), "People"], [/^\/audit$/, view("audit", "Audit"), "Audit log"],
  [/^\/account$/, view("account", "Account"), "Account"], [/^\/about$/, view("about", "About"), "About"],
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
    .catch(async (problem) => {
      if (problem.status !== 401) throw problem;
      localStorage.removeItem("signed-in");
      if (location.pathname === "/map" && (await fetch("/network_info")).ok) return { mapIsPublic: true, ...await get("/setup") };
      return get("/setup");
    }).then(setSession, (problem) => setSession({ problem }));
  const entered = () => { localStorage.setItem("signed-in", "yes"); look(); };
  const left = () => { localStorage.removeItem("signed-in"); setSession({ needed: false }); };
  useEffect(() => { look(); whenSignedOut(left); addEventListener("session-changed", look); }, []);
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
  // The map without the frame: alone for a screen on the wall, and where that is allowed for who has not logged in.
  if (route.path === "/map" && (session.user ? "alone" in route.parameters : session.mapIsPublic)) return html`<main id="main"><${View} route=${route} session=${session.user ? session : null} /></main><${Toasts} />`;
  if (session.problem) return html`<div class="gate"><${Empty} title=${session.problem.message}><button onClick=${look}>Try again</button><//></div>`;
  if (!session.user) {
    // A link that lets in makes the first account, too.
    const isLink = new URLSearchParams(location.hash.slice(1)).has("link");
    return session.needed && !isLink ? html`<${Setup} done=${entered} />` : html`<${Login} done=${entered} />`;
  }
  if (route.path === "/login" || route.path === "/setup") { go("/", { replace: true }); return null; }
  return html`<${Frame} route=${route} session=${session} counts=${counts} signedOut=${left}>
    ${View ? html`<${View} key=${route.path} route=${route} session=${session} argument=${decoded(route.path.match(pattern)[1])} />` : html`<div class="head"><h1>Not found</h1></div><${Empty} title="There is no such page."><a class="button" href="/">Overview</a><//>`}
  <//><${Toasts} />`;
}

render(html`<${Application} />`, document.getElementById("app"));
