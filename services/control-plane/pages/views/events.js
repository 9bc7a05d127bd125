// Events of any kind: a histogram to choose a time by, and a table of the newest first.
import { get, query } from "../api.js";
import { Histogram } from "../parts/chart.js";
import { useKeys } from "../parts/keys.js";
import { go, keep, recalled, setParameters } from "../parts/router.js";
import { useRows } from "../parts/rows.js";
import { SavedFilters } from "../parts/filters.js";
import { QueryError, isOfCloud, knownFields, withPlace, withTerm } from "../parts/search.js";
import { Time, clock } from "../parts/time.js";
import { Empty, Icon, Severity, Skeleton, Trouble, count, html, useEffect, useRef, useState } from "../parts/view.js";

const PAGE = 100, LIVE_SECONDS = 2, LIVE_MAX = 500, SHOWN_MAX = 2000, DAY = 86_400_000;

export function Address({ of, pivot }) {
  if (!of?.ip) return html`<span class="muted">–</span>`;
  return html`<span class="fact"><a class="mono" href=${`/hosts/${encodeURIComponent(of.ip)}`} title=${of.ip}>${of.name ?? of.ip}</a>${of.port ? html`<span class="mono muted">:${of.port}</span>` : ""}${pivot && html`<${Pivots} field="ip" value=${of.ip} />`}</span>`;
}

/** Adds a value to the search, or excludes it. */
export function Pivots({ field, value }) {
  const change = (excluded) => (event) => {
    event.stopPropagation();
    const q = new URLSearchParams(location.search).get("q") ?? "";
    const made = withTerm(q, field, value, excluded);
    location.pathname === "/events" || location.pathname === "/inbox" ? setParameters({ q: made }) : go("/events" + query({ q: made }));
  };
  return html`<span class="pivots"><button title=${`Only ${field}:${value}`} aria-label=${`Only ${field} ${value}`} onClick=${change(false)}>+</button> <button title=${`Without ${field}:${value}`} aria-label=${`Without ${field} ${value}`} onClick=${change(true)}>−</button></span>`;
}

/** The page of one event. */
export const pageOf = (event) => `/events/${encodeURIComponent(event.id)}${event.in === "cloud" ? "?in=cloud" : ""}`;

export function EventTable({ events, rows }) {
  return html`<div class="table-box"><table class="table cards" ref=${rows?.list}>
    <thead><tr><th class="tight">Time</th><th class="tight">Type</th><th class="tight desk">Severity</th><th>What</th><th class="tight">Source</th><th class="tight">Destination</th></tr></thead>
    <tbody>${events.map((event) => html`<tr key=${event.id} data-open class=${rows?.classOf({ key: event.id }) ?? ""}
        onClick=${(click) => click.target.closest("a,button,input") || getSelection().toString() || go(pageOf(event))}>
      <td class="tight"><${Time} at=${event.time} /></td>
      <td class="tight"><span class="type">${event.type ?? "?"}</span></td>
      <td class="tight">${event.severity != null && html`<${Severity} level=${event.severity} />`}</td>
      <td class="wide ellipsis"><a href=${pageOf(event)} title=${event.signature?.text ?? event.summary}>${event.signature?.text ?? (event.summary || event.type)}</a></td>
      <td class="tight later"><${Address} of=${event.src} pivot /></td>
      <td class="tight later"><${Address} of=${event.dest} pivot /></td>
    </tr>`)}</tbody></table></div>`;
}

export function Events({ route, session }) {
  const { q = "", from = "", to = "" } = route.parameters;
  const asked = JSON.stringify([q, from, to]);
  const back = useRef(recalled());
  // What was left before it had come is asked for anew.
  if (!back.current?.list) back.current = null;
  const [list, setList] = useState(back.current?.asked === asked ? back.current.list : null);
  const [meaning, setMeaning] = useState(back.current?.asked === asked ? back.current.meaning : null);
  const [problem, setProblem] = useState(null);
  const [histogram, setHistogram] = useState(back.current?.histogram ?? null);
  const [loading, setLoading] = useState(false);
  const [live, setLive] = useState(false);
  const hovered = useRef(false);
  const cloud = isOfCloud(q);
  const [places, setPlaces] = useState([]);
  useEffect(() => { knownFields().then((known) => setPlaces(known.in), () => {}); }, []);

  const load = async (after, signal) => {
    setLoading(true);
    try {
      const page = await get("/events", { q, from, to, limit: PAGE, after }, signal);
      setList((before) => ({ ...page, events: after && before ? [...before.events, ...page.events].slice(-SHOWN_MAX) : page.events }));
      setProblem(null);
    } catch (error) {
      if (error.name !== "AbortError") setProblem(error);
    } finally {
      setLoading(false);
    }
  };
  useEffect(() => {
    if (back.current?.asked === asked) { requestAnimationFrame(() => scrollTo(0, back.current?.scroll ?? 0)); back.current = { ...back.current, asked: null }; return; }
    const aborter = new AbortController();
    setMeaning(null);
    (q ? get("/events/query", { q }, aborter.signal) : Promise.resolve({ valid: true })).then((meaning) => {
      setMeaning(meaning);
      if (!meaning.valid) return;
      load(undefined, aborter.signal);
      get("/events/histogram", { q, from: from || (to ? new Date(Date.parse(to) - DAY).toISOString() : "-24h"), to, buckets: 96 }, aborter.signal).then(setHistogram, () => {});
    }, (error) => error.name === "AbortError" || setProblem(error));
    return () => aborter.abort();
  }, [asked]);
  useEffect(() => {
    if (!live || !list || cloud) return;
    const aborter = new AbortController();
    const timer = setTimeout(async function look() {
      const page = hovered.current || document.hidden ? null : await get("/events", { q, from, limit: PAGE, since: list.events[0]?.seq ?? 0 }, aborter.signal).catch(() => null);
      if (aborter.signal.aborted) return;
      if (!page?.events.length) return setTimeout(look, LIVE_SECONDS * 1000);
      // More came than one answer holds: the list begins anew, so that it has no hole.
      if (page.events.length === PAGE) return load(undefined, aborter.signal);
      const events = [...page.events, ...list.events].slice(0, LIVE_MAX);
      setList({ ...list, events, next: events.length === LIVE_MAX ? events.at(-1).seq : list.next });
    }, LIVE_SECONDS * 1000);
    return () => { clearTimeout(timer); aborter.abort(); };
  }, [live, list, asked]);

  const events = list?.events ?? [];
  const rows = useRows(events.map((event) => ({ key: event.id, href: pageOf(event) })), { open: (row) => go(row.href), start: recalled()?.current ?? null });
  useEffect(() => keep(() => ({ asked, list, histogram, meaning, current: rows.current })), [asked, list, histogram, meaning, rows.current]);
  const switchLive = () => { if (cloud) return; setLive(!live); if (!live && to) setParameters({ to: "" }); };
  useKeys({ l: switchLive });

  const invalid = meaning && !meaning.valid;
  return html`<div class="head"><h1>Events</h1>
      <span class="muted">${histogram && !invalid && html`${count(histogram.total)}${histogram.complete ? "" : "+"} ${from || to ? "in this time" : "in 24 hours"}`}</span>
      <div class="actions">
        <${SavedFilters} q=${q} session=${session} />
        ${(places.length > 1 || cloud) && html`<div class="choice" role="group" aria-label="Where to look">${[[false, "server", "This box"], [true, "cloud", "Cloud"]].map(([there, icon, name]) => html`
          <button key=${name} aria-pressed=${cloud === there} onClick=${() => cloud === there || setParameters({ q: withPlace(q, there) })}><${Icon} name=${icon} />${name}</button>`)}</div>`}
        ${!cloud && html`<button aria-pressed=${live} class=${live ? "primary" : ""} onClick=${switchLive} title="Key l"><${Icon} name="activity" />Live</button>`}
        ${!cloud && html`<a class="button" href=${`/api/v1/events/export${query({ q, from, to, format: "csv" })}`} download><${Icon} name="download" />CSV</a>`}
      </div></div>
    ${invalid && html`<${QueryError} q=${q} error=${meaning.error} mend=${(q) => setParameters({ q })} />`}
    ${meaning?.terms?.length > 0 && !/\bOR\b|\(/.test(q) && html`<div class="chips" aria-label="Conditions">${meaning.terms.map((term) => html`<button class=${`chip ${term.negated ? "excluded" : ""}`} title="Drop this condition"
        onClick=${() => setParameters({ q: (q.slice(0, term.from) + q.slice(term.to)).replace(/\s+/g, " ").trim() })}>${term.text}<${Icon} name="x" /></button>`)}</div>`}
    <${Trouble} problem=${problem} again=${() => load()} />
    ${!invalid && histogram && html`<div class="card" style=${{ marginBottom: "16px", padding: "16px 16px 10px" }}><${Histogram} histogram=${histogram} choose=${(from, to) => setParameters({ from, to })} /></div>`}
    ${invalid ? null : !list ? !problem && html`<${Skeleton} rows=${14} />`
      : events.length === 0 ? html`<${Empty} title=${q || from ? "No event fits these conditions." : "No event has been stored yet."}>
          ${q || from ? html`<div class="actions">${q && html`<button onClick=${() => setParameters({ q: "" })}>Drop the search</button>`}${from && html`<button onClick=${() => setParameters({ from: "", to: "" })}>All time</button>`}</div>`
            : html`<span class="muted">They appear here as soon as Suricata writes its first one.</span>`}<//>`
      : html`<div onMouseEnter=${() => { hovered.current = true; }} onMouseLeave=${() => { hovered.current = false; }}><${EventTable} events=${events} rows=${rows} /></div>
        <div class="pages">${list.next != null ? html`<button disabled=${loading} onClick=${() => load(list.next)}>${loading ? "Searching …" : list.complete ? "Older" : `Searched back to ${clock(list.searched_to)}. Go on`}</button>`
          : html`<span class="muted small">That is all.</span>`}</div>`}`;
}
