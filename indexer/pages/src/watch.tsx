// Watch: what is happening, and where did it start?
import { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { ApiError, SearchHit as Hit } from "./api";
import {
  FilterRail,
  filterName,
  filtersOf,
  toggleFilter,
  timelessQuery,
  valueName,
  wholeQuery,
} from "./filters";
import { FeedButton } from "./feed_button";
import { Link, change, go, useLoaded, usePlace } from "./location";
import { SearchBox } from "./searchbox";
import { Group, Hints, Story, View, freshAtMost, useStories } from "./stories";
import { Volume, volumeOf } from "./bars";
import { Timeline } from "./timeline";
import { Compare, Unusual } from "./trend";
import { liveText, useStream } from "./stream";
import { Empty, Loading, Problem, count, plural } from "./text";
import { zone } from "./zone";

const splits: [string, string][] = [
  ["", "nothing"],
  ["language", "language"],
  ["country", "country of source"],
  ["topic", "topic"],
  ["affiliation", "affiliation"],
  ["kind", "kind of source"],
  ["type", "genre"],
];

const stamp = (date: Date) => date.toISOString().replace(/\.000Z$/, "Z");
const hourMs = 3600000;

function momentName(v: string | null): string {
  if (!v) return "…";
  if (v.length <= 10) return v;
  const look = { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" } as const;
  return new Date(v).toLocaleString(undefined, look);
}

/// What an alert on this view asks: what was typed, and the filters, but not the time.
function alertLinkOf(place: URLSearchParams): string {
  const typed = place.get("q") ?? "",
    filters = filtersOf(place);
  const words = typed && filters.length && /\sOR\s/.test(typed) ? `(${typed})` : typed;
  const query = [words, ...filters].filter(Boolean).join(" ");
  return `/alerts?new=${encodeURIComponent(query || " ")}`;
}

/// What the view is narrowed to, each with a way to take it back.
function Chosen({ place }: { place: URLSearchParams }) {
  const after = place.get("after"),
    before = place.get("before");
  return (
    <>
      {filtersOf(place).map((filter) => (
        <button
          key={filter}
          class="chosen"
          aria-label={`Remove the filter ${filterName(filter)}`}
          onClick={() => toggleFilter(place, filter)}
        >
          <bdi>{filterName(filter)}</bdi> <span aria-hidden="true">×</span>
        </button>
      ))}
      {(after || before) && (
        <button
          class="chosen"
          aria-label="Remove the time range"
          onClick={() => change({ after: null, before: null })}
        >
          {`${momentName(after)} – ${momentName(before)}`} <span aria-hidden="true">×</span>
        </button>
      )}
    </>
  );
}

function TimeChoice({ range }: { range: boolean }) {
  const choose = (choice: string) => {
    if (choice === "range") return;
    const thisMinute = Math.floor(Date.now() / 60000) * 60000;
    const after = choice === "all" ? null : stamp(new Date(thisMinute - Number(choice) * hourMs));
    change({ after, before: null });
  };
  return (
    <label>
      Time{" "}
      <select
        value={range ? "range" : "all"}
        onChange={(event) => choose(event.currentTarget.value)}
      >
        <option value="all">any</option>
        <option value="24">last 24 hours</option>
        <option value="168">last 7 days</option>
        <option value="720">last 30 days</option>
        {range && <option value="range">chosen</option>}
      </select>
    </label>
  );
}

function ViewChoices({
  place,
  sort,
  split,
}: {
  place: URLSearchParams;
  sort: string;
  split: string;
}) {
  const sortBy = (order: string) => change({ sort: order === "newest" ? null : order });
  return (
    <>
      <label>
        Sort{" "}
        <select value={sort} onChange={(event) => sortBy(event.currentTarget.value)}>
          <option value="newest">newest first</option>
          <option value="relevance">best first</option>
        </select>
      </label>
      <TimeChoice range={Boolean(place.get("after") || place.get("before"))} />
      <label>
        One line per{" "}
        <select
          value={place.get("group") === "event" ? "event" : "story"}
          onChange={(event) =>
            change({ group: event.currentTarget.value === "event" ? "event" : null })
          }
        >
          <option value="story">story (copies together)</option>
          <option value="event">event (all languages)</option>
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
    </>
  );
}

const files: [string, string][] = [
  ["format=csv", "CSV"],
  ["format=csv&text=1", "CSV with texts"],
  ["format=jsonl", "JSON lines"],
  ["format=jsonl&text=1", "JSON lines with texts"],
  ["format=atom", "Atom"],
  ["format=ris", "RIS"],
  ["format=bibtex", "BibTeX"],
];

/// Every article of the view as a file.
function Export({ q }: { q: string }) {
  const menu = useRef<HTMLDetailsElement>(null);
  const asked = `/v1/export?q=${encodeURIComponent(q)}&tz=${encodeURIComponent(zone())}`;
  const close = () => {
    if (menu.current) menu.current.open = false;
  };
  return (
    <details class="menu" ref={menu}>
      <summary class="button">Export</summary>
      <ul>
        {files.map(([parameters, name]) => (
          <li key={parameters}>
            <a href={`${asked}&${parameters}`} download onClick={close}>
              {name}
            </a>
          </li>
        ))}
        <li>
          <FeedButton key={q} feed={{ query: q }} />
        </li>
      </ul>
    </details>
  );
}

function Total({ view, unread }: { view: View; unread: boolean }) {
  return (
    <span class="quiet total">
      {view.total && !unread
        ? `${view.total.exact ? "" : "about "}${plural(view.total.value, "article")}`
        : ""}
      {view.partial ? " · a part of the index is missing, so this is not all" : ""}
    </span>
  );
}

/// Keys that act on the view.
function useKeys(act: (key: string) => boolean, inputs: unknown[]) {
  useEffect(() => {
    const isForUs = (event: KeyboardEvent) =>
      !event.ctrlKey &&
      !event.metaKey &&
      !event.altKey &&
      !/^(INPUT|TEXTAREA|SELECT)$/.test((event.target as HTMLElement).tagName) &&
      !document.querySelector("dialog[open]");
    const pressed = (event: KeyboardEvent) => {
      if (isForUs(event) && act(event.key)) event.preventDefault();
    };
    document.addEventListener("keydown", pressed);
    return () => document.removeEventListener("keydown", pressed);
  }, inputs);
}

/// The story in focus, and the keys that go through the stories, open one and save the view.
function useSelection(hits: Hit[], alertLink: string, renewed: unknown[]) {
  const [at, show] = useState(-1);
  // what the next key counts from: keys come faster than the page is drawn
  const place = useRef(-1);
  const list = useRef<HTMLOListElement>(null);
  const setAt = (to: number) => {
    place.current = to;
    show(to);
  };
  useEffect(() => {
    setAt(-1);
  }, renewed);
  const act = (key: string) => {
    const move = key === "j" ? 1 : key === "k" ? -1 : 0;
    if (move && hits.length) {
      const to = Math.max(0, Math.min(hits.length - 1, place.current + move));
      setAt(to);
      const link = list.current?.querySelectorAll<HTMLAnchorElement>("h3 a")[to];
      link?.focus({ preventScroll: true });
      link?.closest("li")?.scrollIntoView({ block: "nearest" });
    } else if (key === "o" && hits[place.current]) go(`/a/${hits[place.current]!.id}`);
    else if (key === "s") go(alertLink);
    else return false;
    return true;
  };
  useKeys(act, [hits, alertLink]);
  return { at, setAt, list };
}

function Unread() {
  return (
    <Empty>
      <p>
        The query cannot be read; the place is marked above. <kbd>?</kbd> lists the keys, and the
        search box completes fields such as <code>topic:</code>, <code>lang:</code>
        {" and "}
        <code>source:</code>.
      </p>
    </Empty>
  );
}

function NoStories({ q, live, alertLink }: { q: string; live: string; alertLink: string }) {
  return q ? (
    <Empty>
      <p>
        Nothing matches yet. {live === "live" ? "New articles that do will be announced here." : ""}
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
        No articles yet. The first ones come within a minute of the first successful poll of a
        source.
      </p>
      <p>
        <Link class="button" to="/ingestion">
          See how ingestion does
        </Link>
      </p>
    </Empty>
  );
}

function StoryList({
  view,
  group,
  selection,
}: {
  view: View;
  group: Group;
  selection: ReturnType<typeof useSelection>;
}) {
  return (
    <ol ref={selection.list} class={view.loading && view.total ? "stories stale" : "stories"}>
      {view.hits.map((hit, i) => (
        <Story
          key={hit.id}
          hit={hit}
          group={group}
          selected={i === selection.at}
          onSelect={() => selection.setAt(i)}
        />
      ))}
    </ol>
  );
}

function Arrivals({ sort, fresh, renew }: { sort: string; fresh: number; renew: () => void }) {
  const number = fresh > freshAtMost ? `more than ${freshAtMost}` : count(fresh);
  return (
    <div class="arrivals">
      <h2>{sort === "newest" ? "Stories, newest first" : "Stories, best first"}</h2>
      <div role="status">
        {fresh > 0 && (
          <button class="fresh" onClick={renew}>
            {number} new
          </button>
        )}
      </div>
    </div>
  );
}

/// What was found, or why there is nothing to show.
function Results({
  stories: { view, more, again },
  group,
  queryError,
  selection,
  none,
}: {
  stories: ReturnType<typeof useStories>;
  group: Group;
  queryError: Error | null;
  selection: ReturnType<typeof useSelection>;
  none: ComponentChildren;
}) {
  return (
    <>
      {view.error && !queryError && <Problem error={view.error} retry={again} />}
      {!view.total && view.loading && <Loading />}
      {queryError && <Unread />}
      {!queryError && <Hints hints={view.hints} />}
      {view.total && !queryError && view.hits.length === 0 && !view.loading && none}
      {!queryError && <StoryList view={view} group={group} selection={selection} />}
      {view.moreError && <Problem error={view.moreError} retry={more} />}
      {view.cursor && view.hits.length > 0 && !queryError && (
        <button class="more" disabled={view.loading} onClick={more}>
          {view.loading ? "Loading…" : "More"}
        </button>
      )}
    </>
  );
}

function choose(from: Date, to: Date) {
  const by = to.getTime() - from.getTime() <= 72 * hourMs ? "hour" : null;
  change({ after: stamp(from), before: stamp(to), by });
}

/// Whether the query is unusual today, and how it compares with another.
function Measured({ place }: { place: URLSearchParams }) {
  const timeless = timelessQuery(place);
  const other = place.get("vs");
  return (
    <>
      {timeless && <Unusual key={timeless} q={timeless} />}
      <Compare key={`${timeless} ${other}`} q={timeless} other={other} />
    </>
  );
}

function Top({
  place,
  sort,
  split,
  view,
  queryError,
  live,
  alertLink,
  volume,
}: {
  place: URLSearchParams;
  sort: string;
  split: string;
  view: View;
  queryError: ApiError | null;
  live: ReturnType<typeof useStream>;
  alertLink: string;
  volume: Volume | null;
}) {
  const before = place.get("before");
  return (
    <div class="top">
      <h1 class="visually-hidden">Watch</h1>
      <SearchBox
        value={place.get("q") ?? ""}
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
        <Total view={view} unread={Boolean(queryError)} />
        <Chosen place={place} />
        <span class="grow" />
        <ViewChoices place={place} sort={sort} split={split} />
        {!queryError && <Export q={wholeQuery(place)} />}
        <Link class="button save" to={alertLink}>
          Save as alert
        </Link>
      </div>
      {!queryError && (
        <Timeline
          volume={volume}
          split={split}
          name={(value) => valueName(split, value)}
          until={before ? new Date(before) : undefined}
          onRange={choose}
        />
      )}
      {!queryError && <Measured place={place} />}
    </div>
  );
}

export function Watch() {
  const { query: place } = usePlace();
  const q = wholeQuery(place),
    split = place.get("split") ?? "",
    by = place.get("by"),
    sort = place.get("sort") ?? "newest";
  const group = place.get("group") === "event" ? "event" : "story";
  const stories = useStories(q, sort, group);
  const { view, fresh, arrived, again } = stories;
  const volume = useLoaded(
    `volume ${q} ${by} ${split}`,
    (signal) => volumeOf(q, by, split, signal),
    30000,
  );
  const queryError =
    view.error instanceof ApiError && view.error.status === 400 ? view.error : null;
  const live = useStream(queryError ? null : q, (hit) => arrived([hit]));
  const alertLink = alertLinkOf(place);
  const selection = useSelection(view.hits, alertLink, [q, sort, group]);
  const renew = () => {
    again();
    volume.again();
    window.scrollTo(0, 0);
  };
  const shown = { place, sort, split, view, queryError, live, alertLink };
  return (
    <main class="watch">
      <Top {...shown} volume={volume.value} />
      <FilterRail q={queryError ? "" : q} place={place} />
      <section class="results" aria-label="Stories">
        <Arrivals sort={sort} fresh={fresh.size} renew={renew} />
        <Results
          stories={stories}
          group={group}
          queryError={queryError}
          selection={selection}
          none={<NoStories q={q} live={live} alertLink={alertLink} />}
        />
      </section>
    </main>
  );
}
