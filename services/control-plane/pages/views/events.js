// Events of any kind: a histogram to choose a time by, and a table of the newest first.
import { get, query } from "../api.js";
import { Histogram } from "../parts/chart.js";
import { useKeys } from "../parts/keys.js";
import { go, keep, recalled, setParameters } from "../parts/router.js";
import { useRows } from "../parts/rows.js";
import { QueryError, withTerm } from "../parts/search.js";
import { Time, clock } from "../parts/time.js";
import { Empty, Icon, Severity, Skeleton, Trouble, count, html, useEffect, useRef, useState } from "../parts/view.js";

const PAGE = 100, LIVE_SECONDS = 2, SHOWN_MAX = 2000;

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

export function EventTable({ events, rows, showDate }) {
  return html`<div class="table-box"><table class="table cards" ref=${rows?.list}>
    <thead><tr><th class="tight">Time</th><th class="tight">Type</th><th class="tight desk">Severity</th><th>What</th><th class="tight">Source</th><th class="tight">Destination</th></tr></thead>
    <tbody>${events.map((event) => html`<tr key=${event.id} data-open class=${rows?.classOf({ key: event.id }) ?? ""}
        onClick=${(click) => click.target.closest("a,button,input") || getSelection().toString() || go(`/events/${event.id}`)}>
      <td class="tight"><${Time} at=${event.time} withAge=${showDate} /></td>
      <td class="tight"><span class="type">${event.type ?? "?"}</span></td>
      <td class="tight">${event.severity != null && html`<${Severity} level=${event.severity} />`}</td>
      <td class="wide ellipsis"><a href=${`/events/${event.id}`} title=${event.signature?.text ?? event.summary}>${event.signature?.text ?? (event.summary || event.type)}</a></td>
      <td class="tight later"><${Address} of=${event.src} pivot /></td>
      <td class="tight later"><${Address} of=${event.dest} pivot /></td>
    </tr>`)}</tbody></table></div>`;
}

export function Events({ route }) {
  const { q = "", from = "", to = "" } = route.parameters;
  const asked = JSON.stringify([q, from, to]);
  const back = useRef(recalled());
  const [list, setList] = useState(back.current?.asked === asked ? back.current.list : null);
  const [meaning, setMeaning] = useState(null);
  const [problem, setProblem] = useState(null);
  const [histogram, setHistogram] = useState(back.current?.histogram ?? null);
  const [loading, setLoading] = useState(false);
  const [live, setLive] = useState(false);
  const hovered = useRef(false);

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
      get("/events/histogram", { q, from: from || "-24h", to, buckets: 96 }, aborter.signal).then(setHistogram, () => {});
    }, (error) => error.name === "AbortError" || setProblem(error));
    return () => aborter.abort();
  }, [asked]);
  useEffect(() => keep(() => ({ asked, list, histogram })), [asked, list, histogram]);
  useEffect(() => {
    if (!live) return;
    const timer = setInterval(async () => {
      if (hovered.current || document.hidden || !list) return;
      const newest = list.events[0]?.seq ?? 0;
      const page = await get("/events", { q, limit: PAGE, since: newest }).catch(() => null);
      if (page?.events.length) setList((before) => ({ ...before, events: [...page.events, ...before.events].slice(0, 500) }));
    }, LIVE_SECONDS * 1000);
    return () => clearInterval(timer);
  }, [live, list, q]);

  const events = list?.events ?? [];
  const rows = useRows(events.map((event) => ({ key: event.id, href: `/events/${event.id}` })), { open: (row) => go(row.href) });
  useKeys({ l: () => setLive((on) => !on) });

  const invalid = meaning && !meaning.valid;
  return html`<div class="head"><h1>Events</h1>
      <span class="muted">${histogram && !invalid && html`${count(histogram.total)}${histogram.complete ? "" : "+"} in view`}</span>
      <div class="actions">
        <button aria-pressed=${live} class=${live ? "primary" : ""} onClick=${() => setLive(!live)} title="Key l"><${Icon} name="activity" />Live</button>
        <a class="button" href=${`/api/v1/events/export${query({ q, from, to, format: "csv" })}`} download><${Icon} name="download" />CSV</a>
      </div></div>
    ${invalid && html`<${QueryError} q=${q} error=${meaning.error} mend=${(q) => setParameters({ q })} />`}
    ${meaning?.terms?.length > 0 && html`<div class="chips" aria-label="Conditions">${meaning.terms.map((term) => html`<button class=${`chip ${term.negated ? "excluded" : ""}`} title="Drop this condition"
        onClick=${() => setParameters({ q: (q.slice(0, term.from) + q.slice(term.to)).replace(/\s+/g, " ").trim() })}>${term.text}<${Icon} name="x" /></button>`)}</div>`}
    <${Trouble} problem=${problem} again=${() => load()} />
    ${!invalid && histogram && html`<div class="card" style=${{ marginBottom: "16px", padding: "16px 16px 10px" }}><${Histogram} histogram=${histogram} choose=${(from, to) => setParameters({ from, to })} /></div>`}
    ${invalid ? null : !list ? !problem && html`<${Skeleton} rows=${14} />`
      : events.length === 0 ? html`<${Empty} title=${q || from ? "No event fits these conditions." : "No event has been stored yet."}>
          ${q || from ? html`<div class="actions">${q && html`<button onClick=${() => setParameters({ q: "" })}>Drop the search</button>`}${from && html`<button onClick=${() => setParameters({ from: "", to: "" })}>All time</button>`}</div>`
            : html`<span class="muted">They appear here as soon as Suricata writes its first one.</span>`}<//>`
      : html`<div class=${loading && !events.length ? "stale" : ""} onMouseEnter=${() => { hovered.current = true; }} onMouseLeave=${() => { hovered.current = false; }}><${EventTable} events=${events} rows=${rows} /></div>
        <div class="pages">${list.next != null ? html`<button disabled=${loading} onClick=${() => load(list.next)}>${loading ? "Searching …" : list.complete ? "Older" : `Searched back to ${clock(list.searched_to)}. Go on`}</button>`
          : html`<span class="muted small">That is all.</span>`}</div>`}`;
}
