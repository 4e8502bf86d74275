// Watch: what is happening, and where did it start?
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { ApiError, Bin, FacetField, Hit, SearchPage, get } from "./api";
import { Link, change, go, useLoaded, usePlace } from "./location";
import { SearchBox } from "./searchbox";
import { Timeline } from "./timeline";
import { liveText, useStream } from "./stream";
import { Empty, Foreign, Loading, Problem, SourceName, Tags, When, count, countryName, languageName, marked } from "./text";
import { nameOf } from "./catalogue";

const rail: [string, string, string][] = [
  ["topic", "Topics", "topic"], ["actor", "Actors", "actor"], ["language", "Languages", "lang"], ["country", "Source countries", "country"],
  ["affiliation", "Affiliation", "affiliation"], ["kind", "Kind", "kind"], ["source", "Sources", "source"],
];
const quoted = (value: string) => (/[\s()"]/.test(value) ? `"${value.replace(/"/g, "")}"` : value);

/// The query that the index is asked: what was typed, and each filter of the URL.
export function wholeQuery(place: URLSearchParams): string {
  const typed = place.get("q") ?? "";
  const filters = (place.get("f") ?? "").split("\n").filter(Boolean);
  const parts = filters.slice();
  if (place.get("after")) parts.push(`after:${place.get("after")}`);
  if (place.get("before")) parts.push(`before:${place.get("before")}`);
  if (!parts.length) return typed;
  return (typed ? `(${typed}) ` : "") + parts.join(" ");
}

function label(field: string, value: string, name?: string) {
  if (field === "language") return languageName(value);
  if (field === "country") return countryName(value);
  if (field === "topic" || field === "actor") return name && name !== value ? name : nameOf(value);
  return value.replace(/_/g, " ");
}

function FilterRail({ q, place }: { q: string; place: URLSearchParams }) {
  const { value, error } = useLoaded("facets " + q, (signal) => get<{ fields: FacetField[] }>("/v1/facets", { q, limit: 40 }, signal), 15000);
  const chosen = new Set((place.get("f") ?? "").split("\n").filter(Boolean));
  const [all, showAll] = useState<Set<string>>(new Set());
  const toggle = (filter: string) => {
    const next = new Set(chosen);
    next.has(filter) ? next.delete(filter) : next.add(filter);
    change({ f: [...next].join("\n") });
  };
  if (error && !value) return <aside class="rail" aria-label="Filters"><p class="quiet">Counts are not to be had: {error.message}</p></aside>;
  return <aside class="rail" aria-label="Filters">
    {rail.map(([field, title, name]) => {
      const values = value?.fields.find((entry) => entry.field === field)?.values ?? [];
      const kept = [...chosen].filter((filter) => filter.startsWith(name + ":") && !values.some((v) => `${name}:${quoted(v.value)}` === filter));
      if (!values.length && !kept.length) return null;
      const shown = all.has(field) ? values : values.slice(0, 8);
      return <details key={field} open={!["kind", "source", "affiliation"].includes(field)}><summary><h2>{title}</h2></summary>
        <ul>{kept.map((filter) => <li key={filter}><button class="facet on" aria-pressed={true} onClick={() => toggle(filter)}><bdi>{filter.slice(name.length + 1)}</bdi><span class="number">0</span></button></li>)}
          {shown.map((entry) => {
            const filter = `${name}:${quoted(entry.value)}`;
            return <li key={entry.value}><button class={chosen.has(filter) ? "facet on" : "facet"} aria-pressed={chosen.has(filter)} onClick={() => toggle(filter)}>
              <bdi>{label(field, entry.value, entry.name)}</bdi><span class="number">{count(entry.count)}</span></button></li>;
          })}</ul>
        {values.length > 8 && <button class="plain" onClick={() => { const next = new Set(all); next.has(field) ? next.delete(field) : next.add(field); showAll(next); }}>{all.has(field) ? "Fewer" : `${values.length - 8} more`}</button>}
      </details>;
    })}
  </aside>;
}

export function Story({ hit, selected, onSelect }: { hit: Hit; selected?: boolean; onSelect?: () => void }) {
  const others = (hit.languages ?? []).length;
  return <li class={selected ? "story selected" : "story"} onFocusCapture={onSelect}>
    <article>
      <Foreign as="h3" language={hit.language}><Link to={`/a/${hit.id}`}>{hit.title || hit.url}</Link></Foreign>
      <p class="byline"><SourceName source={hit.source} /> <When time={hit.published ?? hit.discovered} /> <span class="language" title={languageName(hit.language)}>{hit.language || "?"}</span>
        {(hit.copies ?? 0) > 0 && <span class="copies">+{count(hit.copies!)} {hit.copies === 1 ? "copy" : "copies"}{others > 1 ? ` in ${others} languages` : ""}</span>}</p>
      {hit.snippet && <Foreign as="p" class="snippet" language={hit.language}>{marked(hit.snippet, hit.highlights ?? [])}</Foreign>}
      <Tags hit={hit} />
    </article>
  </li>;
}

export function Watch() {
  const { query } = usePlace();
  const typed = query.get("q") ?? "";
  const q = wholeQuery(query);
  const sort = query.get("sort") ?? "newest";
  const interval = (query.get("by") as "hour" | "day") ?? "day";
  const key = `${q}\n${sort}`;
  const page = useLoaded(key, (signal) => get<SearchPage>("/v1/search", { q, sort, limit: 30, group: "story" }, signal));
  const bins = useLoaded(`timeline ${q} ${interval}`, (signal) => get<{ bins: Bin[] }>("/v1/timeline", { q, interval }, signal), 30000);
  const [more, setMore] = useState<{ key: string; hits: Hit[]; cursor: string | null; loading: boolean; error: Error | null }>({ key, hits: [], cursor: null, loading: false, error: null });
  const [fresh, setFresh] = useState<Set<string>>(new Set());
  const [at, setAt] = useState(-1);
  const list = useRef<HTMLOListElement>(null);
  const live = useStream(q, (hit) => setFresh((old) => (old.size > 500 ? old : new Set(old).add(hit.id))));
  useEffect(() => { setFresh(new Set()); setAt(-1); }, [key]);
  useEffect(() => { setMore({ key, hits: [], cursor: page.value?.cursor ?? null, loading: false, error: null }); }, [page.value]);
  const hits = useMemo(() => [...(page.value?.hits ?? []), ...(more.key === key ? more.hits : [])], [page.value, more]);
  const unseen = [...fresh].filter((id) => !hits.some((hit) => hit.id === id)).length;
  const queryError = page.error instanceof ApiError && page.error.status === 400 ? page.error : null;

  async function next() {
    if (!more.cursor || more.loading) return;
    setMore({ ...more, loading: true });
    try {
      const answer = await get<SearchPage>("/v1/search", { q, sort, limit: 30, group: "story", cursor: more.cursor });
      setMore((old) => ({ key, hits: [...old.hits, ...answer.hits], cursor: answer.cursor, loading: false, error: null }));
    } catch (error) { setMore({ ...more, loading: false, error: error as Error }); }
  }
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|TEXTAREA|SELECT)$/.test((event.target as HTMLElement).tagName)) return;
      const move = event.key === "j" ? 1 : event.key === "k" ? -1 : 0;
      if (move && hits.length) {
        const to = Math.max(0, Math.min(hits.length - 1, at + move));
        setAt(to);
        const link = list.current?.querySelectorAll<HTMLAnchorElement>("h3 a")[to];
        link?.focus({ preventScroll: true });
        link?.closest("li")?.scrollIntoView({ block: "nearest" });
      } else if (event.key === "o" && hits[at]) go(`/a/${hits[at]!.id}`);
      else if (event.key === "s") go(`/alerts?new=${encodeURIComponent(typed || (query.get("f") ?? "").replace(/\n/g, " "))}`);
      else return;
      event.preventDefault();
    };
    document.addEventListener("keydown", pressed);
    return () => document.removeEventListener("keydown", pressed);
  }, [hits, at, q]);

  const alertQuery = [typed, ...(query.get("f") ?? "").split("\n")].filter(Boolean).join(" ");
  return <main class="watch">
    <div class="top">
      <h1 class="visually-hidden">Watch</h1>
      <SearchBox value={typed} error={queryError} onSubmit={(text) => change({ q: text || null })} />
      <div class="bar">
        <span class={`live ${live}`} role="status"><i aria-hidden="true" />{liveText[live]}</span>
        <span class="quiet">{page.value ? `${page.value.total.exact ? "" : "about "}${count(page.value.total.value)} articles` : ""}{page.value?.partial ? " · a part of the index is missing, so this is not all" : ""}</span>
        <span class="grow" />
        <label>Sort <select value={sort} onChange={(event) => change({ sort: event.currentTarget.value === "newest" ? null : event.currentTarget.value })}><option value="newest">newest first</option><option value="relevance">best first</option></select></label>
        <label>Time <select value={query.get("after") || query.get("before") ? "range" : "all"} onChange={(event) => {
          const choice = event.currentTarget.value;
          if (choice === "range") return;
          const day = (back: number) => new Date(Date.now() - back * 86400000).toISOString().slice(0, 10);
          change(choice === "all" ? { after: null, before: null } : { after: day(Number(choice)), before: null });
        }}><option value="all">any time</option><option value="1">since yesterday</option><option value="7">last 7 days</option><option value="30">last 30 days</option>
          {(query.get("after") || query.get("before")) && <option value="range">{[query.get("after"), query.get("before")].map((v) => (v ? v.slice(0, 16).replace("T", " ") : "…")).join(" – ")}</option>}</select></label>
        <Link class="button" to={`/alerts?new=${encodeURIComponent(alertQuery)}`}>Save as alert</Link>
      </div>
      <Timeline title={interval === "day" ? "Articles per day" : "Articles per hour"} bins={bins.value?.bins ?? []} interval={interval}
        onRange={(from, to) => change({ after: from.toISOString().replace(/:00\.000Z$/, "Z"), before: to.toISOString().replace(/:00\.000Z$/, "Z"), by: to.getTime() - from.getTime() <= 3 * 86400000 ? "hour" : null })} />
    </div>
    <FilterRail q={q} place={query} />
    <section class="results" aria-label="Stories">
      {unseen > 0 && <button class="fresh" onClick={() => { setFresh(new Set()); page.again(); bins.again(); }}>{unseen > 500 ? "more than 500" : unseen} new</button>}
      {page.error && !queryError && <Problem error={page.error} retry={page.again} />}
      {!page.value && page.loading && <Loading />}
      {page.value && hits.length === 0 && (q
        ? <Empty><p>Nothing matches yet. {live === "live" ? "New articles that do will show up here." : ""}</p><p><button onClick={() => go("/")}>Clear the search</button> <Link class="button" to={`/alerts?new=${encodeURIComponent(alertQuery)}`}>Save as alert</Link></p></Empty>
        : <Empty><p>No articles yet. The first ones come within a minute of the first successful poll of a source.</p><p><Link class="button" to="/ingestion">See how ingestion does</Link></p></Empty>)}
      <ol ref={list} class={page.loading && page.value ? "stories stale" : "stories"}>{hits.map((hit, i) => <Story key={hit.id} hit={hit} selected={i === at} onSelect={() => setAt(i)} />)}</ol>
      {more.error && <Problem error={more.error} retry={next} />}
      {more.cursor && hits.length > 0 && <button class="more" disabled={more.loading} onClick={next}>{more.loading ? "Loading…" : "More"}</button>}
    </section>
  </main>;
}
