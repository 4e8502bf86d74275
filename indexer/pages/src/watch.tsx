// Watch: what is happening, and where did it start?
import { useEffect, useRef, useState } from "preact/hooks";
import { ApiError, FacetField, Hit, SearchPage, get } from "./api";
import { Link, change, go, isReturn, useLoaded, usePlace } from "./location";
import { SearchBox } from "./searchbox";
import { Timeline, volumeOf } from "./timeline";
import { liveText, useStream } from "./stream";
import {
  Empty,
  Foreign,
  Loading,
  Problem,
  SourceName,
  Tags,
  When,
  count,
  countryName,
  languageName,
  marked,
  plural,
} from "./text";
import { nameOf, sourceName } from "./catalogue";

const rail: [string, string, string][] = [
  ["topic", "Topics", "topic"],
  ["actor", "Actors", "actor"],
  ["language", "Languages", "lang"],
  ["country", "Source countries", "country"],
  ["affiliation", "Affiliation", "affiliation"],
  ["kind", "Kind", "kind"],
  ["source", "Sources", "source"],
];
const splits: [string, string][] = [
  ["", "nothing"],
  ["language", "language"],
  ["country", "country of source"],
  ["topic", "topic"],
  ["affiliation", "affiliation"],
  ["kind", "kind of source"],
];
const valuesShown = 8; // of a facet, before "more"
const storiesOfPage = 30;
const freshAtMost = 500; // new articles that are counted one by one
const quoted = (value: string) => (/[\s()"]/.test(value) ? `"${value.replace(/"/g, "")}"` : value);
const filtersOf = (place: URLSearchParams) => (place.get("f") ?? "").split("\n").filter(Boolean);

/// The query that the index is asked: what was typed, and each filter of the URL.
export function wholeQuery(place: URLSearchParams): string {
  const typed = place.get("q") ?? "";
  const parts = filtersOf(place);
  if (place.get("after")) parts.push(`after:${place.get("after")}`);
  if (place.get("before")) parts.push(`before:${place.get("before")}`);
  if (!parts.length) return typed;
  return (typed ? `(${typed}) ` : "") + parts.join(" ");
}

export function valueName(field: string, value: string, name?: string) {
  if (field === "language" || field === "lang") return languageName(value);
  if (field === "country") return countryName(value);
  if (field === "source") return sourceName(value.replace(/^"|"$/g, ""));
  if (field === "topic" || field === "actor") return name && name !== value ? name : nameOf(value);
  return value.replace(/_/g, " ");
}
const filterName = (filter: string) =>
  valueName(filter.slice(0, filter.indexOf(":")), filter.slice(filter.indexOf(":") + 1));

function toggleFilter(place: URLSearchParams, filter: string) {
  const next = new Set(filtersOf(place));
  next.has(filter) ? next.delete(filter) : next.add(filter);
  change({ f: [...next].join("\n") });
}

function FilterRail({ q, place }: { q: string; place: URLSearchParams }) {
  const { value, error } = useLoaded(
    "facets " + q,
    (signal) => get<{ fields: FacetField[] }>("/v1/facets", { q, limit: 40 }, signal),
    15000,
  );
  const chosen = new Set(filtersOf(place));
  const [all, showAll] = useState<Set<string>>(new Set());
  const [wide, setWide] = useState(() => matchMedia("(min-width: 46.01rem)").matches);
  useEffect(() => {
    const query = matchMedia("(min-width: 46.01rem)"),
      changed = () => setWide(query.matches);
    query.addEventListener("change", changed);
    return () => query.removeEventListener("change", changed);
  }, []);
  const groups =
    error && !value ? (
      <p class="quiet">Counts are not to be had: {error.message}</p>
    ) : (
      rail.map(([field, title, name]) => {
        const values = value?.fields.find((entry) => entry.field === field)?.values ?? [];
        const kept = [...chosen].filter(
          (filter) =>
            filter.startsWith(name + ":") &&
            !values.some((v) => `${name}:${quoted(v.value)}` === filter),
        );
        if (!values.length && !kept.length) return null;
        const shown = all.has(field) ? values : values.slice(0, valuesShown);
        return (
          <details key={field} open={!["kind", "source"].includes(field)}>
            <summary>
              <h2>{title}</h2>
            </summary>
            <ul>
              {kept.map((filter) => (
                <li key={filter}>
                  <button
                    class="facet on"
                    aria-pressed={true}
                    onClick={() => toggleFilter(place, filter)}
                  >
                    <bdi>{filterName(filter)}</bdi>
                    <span class="number">0</span>
                  </button>
                </li>
              ))}
              {shown.map((entry) => {
                const filter = `${name}:${quoted(entry.value)}`;
                return (
                  <li key={entry.value}>
                    <button
                      class={chosen.has(filter) ? "facet on" : "facet"}
                      aria-pressed={chosen.has(filter)}
                      onClick={() => toggleFilter(place, filter)}
                    >
                      <bdi>{valueName(field, entry.value, entry.name)}</bdi>
                      <span class="number">{count(entry.count)}</span>
                    </button>
                  </li>
                );
              })}
            </ul>
            {values.length > valuesShown && (
              <button
                class="plain rest"
                onClick={() => {
                  const next = new Set(all);
                  next.has(field) ? next.delete(field) : next.add(field);
                  showAll(next);
                }}
              >
                {all.has(field) ? "fewer" : `${count(values.length - valuesShown)} more`}
              </button>
            )}
          </details>
        );
      })
    );
  return (
    <aside class="rail" aria-label="Filters">
      {wide ? (
        groups
      ) : (
        <details class="filters">
          <summary>Filters{chosen.size > 0 ? ` (${chosen.size})` : ""}</summary>
          {groups}
        </details>
      )}
    </aside>
  );
}

/// One row: headline, who and when, copies and who was first, the sentence that says why, topics
/// and actors.
export function Story({
  hit,
  first,
  selected,
  onSelect,
}: {
  hit: Hit;
  first?: Hit;
  selected?: boolean;
  onSelect?: () => void;
}) {
  const others = (hit.languages ?? []).length;
  return (
    <li class={selected ? "story selected" : "story"} onFocusCapture={onSelect}>
      <article>
        <div class="what">
          <Foreign as="h3" language={hit.language}>
            <Link to={`/a/${hit.id}`}>{hit.title || hit.url}</Link>
          </Foreign>
          <p class="byline">
            <SourceName source={hit.source} />
            <When time={hit.published ?? hit.discovered} />
            <span class="language" title={languageName(hit.language)}>
              {hit.language || "?"}
            </span>
            {(hit.copies ?? 0) > 0 && (
              <span class="copies">
                +{plural(hit.copies!, "copy", "copies")}
                {others > 1 ? ` in ${others} languages` : ""}
              </span>
            )}
            {first && first.id !== hit.id && (
              <span>
                first <SourceName source={first.source} />{" "}
                <When time={first.published ?? first.discovered} />
              </span>
            )}
          </p>
          {hit.snippet && (
            <Foreign as="p" class="snippet" language={hit.language}>
              {marked(hit.snippet, hit.highlights ?? [])}
            </Foreign>
          )}
        </div>
        <Tags hit={hit} />
      </article>
    </li>
  );
}

/// Who wrote first, of the stories among these that have copies.
export function useFirsts(hits: Hit[]): Map<string, Hit> {
  const [firsts, set] = useState<Map<string, Hit>>(new Map());
  const wanted = hits
    .filter((hit) => (hit.copies ?? 0) > 0 && hit.story && !firsts.has(hit.story))
    .map((hit) => hit.story!)
    .slice(0, 20);
  useEffect(() => {
    if (!wanted.length) return;
    const control = new AbortController();
    get<SearchPage>(
      "/v1/search",
      { q: wanted.map((story) => `story:${story}`).join(" OR "), sort: "newest", limit: 200 },
      control.signal,
    ).then(
      (page) =>
        set((old) => {
          const next = new Map(old);
          // newest first, so that the last one set is the first written
          for (const hit of page.hits) if (hit.story) next.set(hit.story, hit);
          for (const story of wanted)
            if (page.hits.length === 200 || !next.has(story)) {
              const self = page.hits.find((hit) => hit.id === story);
              if (self) next.set(story, self);
            }
          return next;
        }),
      () => undefined,
    );
    return () => control.abort();
  }, [wanted.join()]);
  return firsts;
}

interface View {
  key: string;
  hits: Hit[];
  cursor: string | null;
  total: SearchPage["total"] | null;
  partial: boolean;
  loading: boolean;
  error: Error | null;
  moreError: Error | null;
}
const left = new Map<string, View>(); // views as they were left, for who comes back to them
const leftAtMost = 20;

function keep(view: View) {
  left.delete(view.key);
  left.set(view.key, view);
  if (left.size > leftAtMost) left.delete(left.keys().next().value!);
}

function useStories(q: string, sort: string) {
  const key = `${q}\n${sort}`;
  const [view, set] = useState<View>({
    key,
    hits: [],
    cursor: null,
    total: null,
    partial: false,
    loading: true,
    error: null,
    moreError: null,
  });
  const [fresh, setFresh] = useState<Set<string>>(new Set());
  const [turn, setTurn] = useState(0);
  const shown = useRef(view);
  shown.current = view;
  const ask = (signal?: AbortSignal, cursor?: string) =>
    get<SearchPage>(
      "/v1/search",
      { q, sort, limit: storiesOfPage, group: "story", cursor },
      signal,
    );
  const isNew = (hit: Hit) => !shown.current.hits.some((old) => old.id === hit.id);
  const arrived = (hits: Hit[]) =>
    setFresh((old) =>
      old.size > freshAtMost ? old : new Set([...old, ...hits.filter(isNew).map((hit) => hit.id)]),
    );

  useEffect(() => {
    const control = new AbortController();
    const before = turn === 0 || shown.current.key !== key ? left.get(key) : undefined;
    setFresh(new Set());
    if (before && isReturn()) {
      set(before);
      shown.current = before;
      if (sort === "newest")
        ask(control.signal).then(
          (page) => arrived(page.hits),
          () => undefined,
        );
      return () => control.abort();
    }
    set((old) => ({ ...old, loading: true }));
    ask(control.signal).then(
      (page) =>
        set({
          key,
          hits: page.hits,
          cursor: page.cursor,
          total: page.total,
          partial: Boolean(page.partial),
          loading: false,
          error: null,
          moreError: null,
        }),
      (error) => {
        if (error.name !== "AbortError") set((old) => ({ ...old, loading: false, error }));
      },
    );
    return () => control.abort();
  }, [key, turn]);
  useEffect(() => {
    if (view.total && view.key === key) keep(view);
  }, [view]);

  async function more() {
    if (!view.cursor || view.loading) return;
    set({ ...view, loading: true });
    try {
      const page = await ask(undefined, view.cursor);
      set((old) =>
        old.key !== key
          ? old
          : {
              ...old,
              hits: [
                ...old.hits,
                ...page.hits.filter((hit) => !old.hits.some((known) => known.id === hit.id)),
              ],
              cursor: page.cursor,
              loading: false,
              moreError: null,
            },
      );
    } catch (error) {
      set((old) => ({ ...old, loading: false, moreError: error as Error }));
    }
  }
  return { view, fresh, arrived, more, again: () => setTurn((n) => n + 1) };
}

export function Watch() {
  const { query } = usePlace();
  const typed = query.get("q") ?? "",
    q = wholeQuery(query),
    split = query.get("split") ?? "",
    by = query.get("by");
  const sort = query.get("sort") ?? "newest";
  const { view, fresh, arrived, more, again } = useStories(q, sort);
  const volume = useLoaded(
    `volume ${q} ${by} ${split}`,
    (signal) => volumeOf(q, by, split, signal),
    30000,
  );
  const queryError =
    view.error instanceof ApiError && view.error.status === 400 ? view.error : null;
  const live = useStream(queryError ? null : q, (hit) => arrived([hit]));
  const firsts = useFirsts(view.hits);
  const [at, show] = useState(-1);
  // what the next key counts from: keys come faster than the page is drawn
  const place = useRef(-1);
  const setAt = (to: number) => {
    place.current = to;
    show(to);
  };
  const list = useRef<HTMLOListElement>(null);
  const filters = filtersOf(query);
  const alertQuery = [
    typed && filters.length && /\sOR\s/.test(typed) ? `(${typed})` : typed,
    ...filters,
  ]
    .filter(Boolean)
    .join(" ");
  const alertLink = `/alerts?new=${encodeURIComponent(alertQuery || " ")}`;
  useEffect(() => {
    setAt(-1);
  }, [q, sort]);
  const { hits } = view;
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (
        event.ctrlKey ||
        event.metaKey ||
        event.altKey ||
        /^(INPUT|TEXTAREA|SELECT)$/.test((event.target as HTMLElement).tagName) ||
        document.querySelector("dialog[open]")
      )
        return;
      const move = event.key === "j" ? 1 : event.key === "k" ? -1 : 0;
      if (move && hits.length) {
        const to = Math.max(0, Math.min(hits.length - 1, place.current + move));
        setAt(to);
        const link = list.current?.querySelectorAll<HTMLAnchorElement>("h3 a")[to];
        link?.focus({ preventScroll: true });
        link?.closest("li")?.scrollIntoView({ block: "nearest" });
      } else if (event.key === "o" && hits[place.current]) go(`/a/${hits[place.current]!.id}`);
      else if (event.key === "s") go(alertLink);
      else return;
      event.preventDefault();
    };
    document.addEventListener("keydown", pressed);
    return () => document.removeEventListener("keydown", pressed);
  }, [hits, alertLink]);

  const range = query.get("after") || query.get("before");
  const stamp = (date: Date) => date.toISOString().replace(/\.000Z$/, "Z");
  const rangeName = [query.get("after"), query.get("before")]
    .map((v) =>
      v
        ? v.length > 10
          ? new Date(v).toLocaleString(undefined, {
              day: "numeric",
              month: "short",
              hour: "2-digit",
              minute: "2-digit",
            })
          : v
        : "…",
    )
    .join(" – ");
  return (
    <main class="watch">
      <div class="top">
        <h1 class="visually-hidden">Watch</h1>
        <SearchBox
          value={typed}
          error={queryError}
          onSubmit={(text) => change({ q: text || null })}
        />
        <div class="bar">
          {!queryError && (
            <span class={`live ${live}`} role="status">
              <i aria-hidden="true" />
              {liveText[live]}
            </span>
          )}
          <span class="quiet total">
            {view.total && !queryError
              ? `${view.total.exact ? "" : "about "}${plural(view.total.value, "article")}`
              : ""}
            {view.partial ? " · a part of the index is missing, so this is not all" : ""}
          </span>
          {filters.map((filter) => (
            <button
              key={filter}
              class="chosen"
              aria-label={`Remove the filter ${filterName(filter)}`}
              onClick={() => toggleFilter(query, filter)}
            >
              <bdi>{filterName(filter)}</bdi> <span aria-hidden="true">×</span>
            </button>
          ))}
          {range && (
            <button
              class="chosen"
              aria-label="Remove the time range"
              onClick={() => change({ after: null, before: null })}
            >
              {rangeName} <span aria-hidden="true">×</span>
            </button>
          )}
          <span class="grow" />
          <label>
            Sort{" "}
            <select
              value={sort}
              onChange={(event) =>
                change({
                  sort: event.currentTarget.value === "newest" ? null : event.currentTarget.value,
                })
              }
            >
              <option value="newest">newest first</option>
              <option value="relevance">best first</option>
            </select>
          </label>
          <label>
            Time{" "}
            <select
              value={range ? "range" : "all"}
              onChange={(event) => {
                const choice = event.currentTarget.value;
                if (choice === "range") return;
                change(
                  choice === "all"
                    ? { after: null, before: null }
                    : {
                        after: stamp(
                          new Date(
                            Math.floor(Date.now() / 60000) * 60000 - Number(choice) * 3600000,
                          ),
                        ),
                        before: null,
                      },
                );
              }}
            >
              <option value="all">any</option>
              <option value="24">last 24 hours</option>
              <option value="168">last 7 days</option>
              <option value="720">last 30 days</option>
              {range && <option value="range">chosen</option>}
            </select>
          </label>
          <label>
            Colour by{" "}
            <select
              value={split}
              onChange={(event) => change({ split: event.currentTarget.value || null }, true)}
            >
              {splits.map(([value, name]) => (
                <option key={value} value={value}>
                  {name}
                </option>
              ))}
            </select>
          </label>
          <Link class="button save" to={alertLink}>
            Save as alert
          </Link>
        </div>
        {!queryError && (
          <Timeline
            volume={volume.value}
            split={split}
            name={(value) => valueName(split, value)}
            until={query.get("before") ? new Date(query.get("before")!) : undefined}
            onRange={(from, to) =>
              change({
                after: stamp(from),
                before: stamp(to),
                by: to.getTime() - from.getTime() <= 3 * 86400000 ? "hour" : null,
              })
            }
          />
        )}
      </div>
      <FilterRail q={queryError ? "" : q} place={query} />
      <section class="results" aria-label="Stories">
        <div class="arrivals">
          <h2>{sort === "newest" ? "Stories, newest first" : "Stories, best first"}</h2>
          <div role="status">
            {fresh.size > 0 && (
              <button
                class="fresh"
                onClick={() => {
                  again();
                  volume.again();
                  window.scrollTo(0, 0);
                }}
              >
                {fresh.size > freshAtMost ? `more than ${freshAtMost}` : count(fresh.size)} new
              </button>
            )}
          </div>
        </div>
        {view.error && !queryError && <Problem error={view.error} retry={again} />}
        {!view.total && view.loading && <Loading />}
        {queryError && (
          <Empty>
            <p>
              The query cannot be read; the place is marked above. <kbd>?</kbd> lists the keys, and
              the search box completes fields such as <code>topic:</code>, <code>lang:</code>
              {" and "}
              <code>source:</code>.
            </p>
          </Empty>
        )}
        {view.total &&
          !queryError &&
          hits.length === 0 &&
          !view.loading &&
          (q ? (
            <Empty>
              <p>
                Nothing matches yet.{" "}
                {live === "live" ? "New articles that do will be announced here." : ""}
              </p>
              <p class="bar">
                <button onClick={() => go("/")}>Clear the search</button>
                <Link class="button" to={alertLink}>
                  Save as alert
                </Link>
              </p>
            </Empty>
          ) : (
            <Empty>
              <p>
                No articles yet. The first ones come within a minute of the first successful poll of
                a source.
              </p>
              <p>
                <Link class="button" to="/ingestion">
                  See how ingestion does
                </Link>
              </p>
            </Empty>
          ))}
        {!queryError && (
          <ol ref={list} class={view.loading && view.total ? "stories stale" : "stories"}>
            {hits.map((hit, i) => (
              <Story
                key={hit.id}
                hit={hit}
                first={hit.story ? firsts.get(hit.story) : undefined}
                selected={i === at}
                onSelect={() => setAt(i)}
              />
            ))}
          </ol>
        )}
        {view.moreError && <Problem error={view.moreError} retry={more} />}
        {view.cursor && hits.length > 0 && !queryError && (
          <button class="more" disabled={view.loading} onClick={more}>
            {view.loading ? "Loading…" : "More"}
          </button>
        )}
      </section>
    </main>
  );
}
