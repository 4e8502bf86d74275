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
  spanOf,
  wholeQuery,
} from "./filters";
import { FeedButton } from "./feed_button";
import { Key, locale, t, withParts } from "./i18n";
import { Link, Loaded, change, everything, go, useLoaded, usePlace } from "./location";
import { may, useMe } from "./me";
import { homeAddress, savedAs, useSaved, useSeen } from "./saved";
import { Everything, SaveSearch, SavedList, SeeAll } from "./searches";
import { QueryError, SearchBox } from "./searchbox";
import { Group, Hints, Story, View, freshAtMost, useStories } from "./stories";
import { Volume, volumeOf } from "./bars";
import { NoTimeline, Timeline } from "./timeline";
import { Compare, Unusual, useTrend } from "./trend";
import { liveText, useStream } from "./stream";
import { Empty, Printed, Problem, Waiting, clockTime } from "./text";
import { zone } from "./zone";

const splits: [string, Key][] = [
  ["", "split.nothing"],
  ["language", "split.language"],
  ["country", "split.country"],
  ["topic", "split.topic"],
  ["affiliation", "split.affiliation"],
  ["kind", "split.kind"],
  ["type", "split.genre"],
];
/// Times up to now: they stay so in the URL, so that a bookmark does not age.
const periods: [string, Key][] = [
  ["24h", "time.day"],
  ["7d", "time.week"],
  ["30d", "time.month"],
];

const stamp = (date: Date) => date.toISOString().replace(/\.000Z$/, "Z");
const hourMs = 3600000;

function momentName(v: string | null): string {
  if (!v) return "…";
  if (v.length <= 10) return v;
  const moment = new Date(v);
  const day = moment.toLocaleDateString(locale(), { day: "numeric", month: "short" });
  return `${day} ${clockTime(moment)}`;
}

function periodName(period: string): string {
  const known = periods.find(([value]) => value === period);
  return known ? t(known[1]) : `within:${period}`;
}

const timeWords = /(^|[\s(])-?(?:within|after|before):(?:"[^"]*"|[^\s()]+)/g;

/// What an alert on this view asks: what was typed, and the filters, but not the time.
function alertLinkOf(place: URLSearchParams): string {
  const whole = place.get("q") ?? "",
    typed = whole.replace(timeWords, "$1").replace(/\s+/g, " ").trim(),
    filters = filtersOf(place);
  const words = typed && filters.length && /\sOR\s/.test(typed) ? `(${typed})` : typed;
  const query = [words, ...filters].filter(Boolean).join(" ");
  const timed = typed !== whole.trim() || ["within", "after", "before"].some((n) => place.get(n));
  return `/alerts?new=${encodeURIComponent(query || " ")}${timed ? "&timeless=1" : ""}`;
}

/// What the view is narrowed to, each with a way to take it back.
function Chosen({ place }: { place: URLSearchParams }) {
  const after = place.get("after"),
    before = place.get("before"),
    within = place.get("within");
  const time = within ? periodName(within) : `${momentName(after)} – ${momentName(before)}`;
  return (
    <>
      {filtersOf(place).map((filter) => (
        <button
          key={filter}
          class="chosen"
          aria-label={t("watch.remove_filter", { name: filterName(filter) })}
          onClick={() => toggleFilter(place, filter)}
        >
          <bdi>{filterName(filter)}</bdi> <span aria-hidden="true">×</span>
        </button>
      ))}
      {(after || before || within) && (
        <button
          class="chosen"
          aria-label={t("watch.remove_time")}
          onClick={() => change({ after: null, before: null, within: null })}
        >
          <bdi>{time}</bdi> <span aria-hidden="true">×</span>
        </button>
      )}
    </>
  );
}

function TimeChoice({ place }: { place: URLSearchParams }) {
  const within = place.get("within");
  const known = periods.some(([value]) => value === within);
  const range = Boolean(place.get("after") || place.get("before") || (within && !known));
  const choose = (choice: string) => {
    if (choice === "range") return;
    change({ within: choice === "all" ? null : choice, after: null, before: null, by: null });
  };
  return (
    <label>
      {t("time.time")}{" "}
      <select
        value={range ? "range" : (within ?? "all")}
        onChange={(event) => choose(event.currentTarget.value)}
      >
        <option value="all">{t("time.any")}</option>
        {periods.map(([value, name]) => (
          <option key={value} value={value}>
            {t(name)}
          </option>
        ))}
        {range && <option value="range">{t("time.chosen")}</option>}
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
        {t("sort.sort")}{" "}
        <select value={sort} onChange={(event) => sortBy(event.currentTarget.value)}>
          <option value="newest">{t("sort.newest")}</option>
          <option value="relevance">{t("sort.best")}</option>
        </select>
      </label>
      <TimeChoice place={place} />
      <label title={t(place.get("group") === "event" ? "group.event_is" : "group.story_is")}>
        {t("group.group")}{" "}
        <select
          value={place.get("group") === "event" ? "event" : "story"}
          onChange={(event) =>
            change({ group: event.currentTarget.value === "event" ? "event" : null })
          }
        >
          <option value="story">{t("group.story")}</option>
          <option value="event">{t("group.event")}</option>
        </select>
      </label>
      <label>
        {t("split.split")}{" "}
        <select
          value={split}
          onChange={(event) => change({ split: event.currentTarget.value || null }, true)}
        >
          {splits.map(([value, name]) => (
            <option key={value} value={value}>
              {t(name)}
            </option>
          ))}
        </select>
      </label>
    </>
  );
}

/// Formats, some of them with the texts of the articles.
const files: [string, string, boolean][] = [
  ["format=csv", "CSV", false],
  ["format=csv&text=1", "CSV", true],
  ["format=jsonl", "JSON lines", false],
  ["format=jsonl&text=1", "JSON lines", true],
  ["format=atom", "Atom", false],
  ["format=ris", "RIS", false],
  ["format=bibtex", "BibTeX", false],
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
      <summary class="button">{t("watch.export")}</summary>
      <ul>
        {files.map(([parameters, name, texts]) => (
          <li key={parameters}>
            <a href={`${asked}&${parameters}`} download onClick={close}>
              {texts ? t("watch.with_texts", { format: name }) : name}
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

/// Nothing is said of a search before this one.
function Total({ view, stale }: { view: View; stale: boolean }) {
  const total = stale ? null : view.total;
  const articles = total && t("articles", { n: total.value });
  return (
    <span class="quiet total">
      {articles && (total.exact ? articles : t("about", { articles }))}
      {total && view.partial ? ` · ${t("watch.partial")}` : ""}
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

/// A query that cannot be read has no chart: what is wrong with it stands there.
function Unread({ error, text, split }: { error: Error; text: string; split: string }) {
  return (
    <NoTimeline split={Boolean(split)}>
      <div class="plot unread-query">
        <QueryError error={error} text={text} />
        <p class="quiet">{t("watch.unread")}</p>
      </div>
    </NoTimeline>
  );
}

/// Not for who may only read.
function SaveAsAlert({ to }: { to: string }) {
  if (!may(useMe(), "analyst")) return null;
  return (
    <Link class="button save" to={to}>
      {t("watch.save")}
    </Link>
  );
}

function NoStories({ q, live, alertLink }: { q: string; live: string; alertLink: string }) {
  return q ? (
    <Empty>
      <p>
        {t("watch.no_match")} {live === "live" ? t("watch.no_match_live") : ""}
      </p>
      <p class="bar">
        <button onClick={() => go(everything())}>{t("watch.clear")}</button>
        <SaveAsAlert to={alertLink} />
      </p>
    </Empty>
  ) : (
    <Empty>
      <p>{t("watch.empty")}</p>
      <p>
        <Link class="button" to="/ingestion">
          {t("watch.see_ingestion")}
        </Link>
      </p>
    </Empty>
  );
}

function StoryList({
  view,
  stale,
  group,
  query,
  selection,
}: {
  view: View;
  stale: boolean;
  group: Group;
  query: string;
  selection: ReturnType<typeof useSelection>;
}) {
  const isSeen = useSeen(view.hits, savedAs(useSaved(), query));
  return (
    <ol ref={selection.list} class={stale ? "stories stale" : "stories"}>
      {view.hits.map((hit, i) => (
        <Story
          key={hit.id}
          hit={hit}
          group={group}
          seen={isSeen(hit)}
          selected={i === selection.at}
          onSelect={() => selection.setAt(i)}
        />
      ))}
    </ol>
  );
}

function Arrivals({
  sort,
  fresh,
  renew,
  query,
}: {
  sort: string;
  fresh: number;
  renew: () => void;
  query: string;
}) {
  return (
    <div class="arrivals">
      <h2>{t(sort === "newest" ? "watch.newest" : "watch.best")}</h2>
      <SeeAll query={query} done={renew} />
      <div role="status">
        {fresh > 0 && (
          <button class="fresh" onClick={renew}>
            {fresh > freshAtMost
              ? t("watch.many_new", { n: freshAtMost })
              : t("watch.new", { n: fresh })}
          </button>
        )}
      </div>
    </div>
  );
}

/// What was found, or why there is nothing to show.
function Results({
  stories: { view, stale, more, again },
  group,
  query,
  queryError,
  selection,
  none,
}: {
  stories: ReturnType<typeof useStories>;
  group: Group;
  query: string;
  queryError: Error | null;
  selection: ReturnType<typeof useSelection>;
  none: ComponentChildren;
}) {
  const hasNone = view.total && !stale && view.hits.length === 0 && !view.loading;
  return (
    <>
      {view.error && !queryError && <Problem error={view.error} retry={again} />}
      {!view.total && view.loading && <Waiting rows={8} />}
      {stale && view.error && view.hits.length > 0 && (
        <p class="quiet" role="status">
          {t("watch.stale")}
        </p>
      )}
      {!queryError && !stale && <Hints hints={view.hints} />}
      {hasNone && !queryError && none}
      <StoryList view={view} stale={stale} group={group} query={query} selection={selection} />
      {view.moreError && <Problem error={view.moreError} retry={more} />}
      {view.cursor && view.hits.length > 0 && !stale && (
        <button class="more" disabled={view.loading} onClick={more}>
          {t(view.loading ? "loading" : "watch.more")}
        </button>
      )}
    </>
  );
}

function choose(from: Date, to: Date) {
  const by = to.getTime() - from.getTime() <= 72 * hourMs ? "hour" : null;
  change({ after: stamp(from), before: stamp(to), within: null, by });
}

const UnusualNow = ({ q }: { q: string }) => <Unusual trend={useTrend(q).value} />;

/// Whether the query is unusual today, and how it compares with another.
function Measured({ place, isBad }: { place: URLSearchParams; isBad: boolean }) {
  const timeless = timelessQuery(place);
  const other = place.get("vs");
  return (
    <div class="measured">
      {timeless && (isBad ? <Unusual trend={null} /> : <UnusualNow key={timeless} q={timeless} />)}
      {isBad ? (
        <div class="no-compare" />
      ) : (
        <Compare key={`${timeless} ${other}`} q={timeless} other={other} />
      )}
    </div>
  );
}

/// What may be done with the view; little with a query that cannot be read.
function Tools({
  place,
  alertLink,
  isBad,
}: {
  place: URLSearchParams;
  alertLink: string;
  isBad: boolean;
}) {
  const query = wholeQuery(place);
  return (
    <>
      {isBad ? <button disabled>{t("watch.export")}</button> : <Export q={query} />}
      <SaveSearch query={query} isBad={isBad} />
      <SaveAsAlert to={alertLink} />
    </>
  );
}

/// Whether new articles come; a query that cannot be read waits for none.
function Live({ live, isBad }: { live: ReturnType<typeof useStream>; isBad: boolean }) {
  if (isBad) return <span class="live" />;
  return (
    <span class={live === "live" ? "live on" : `live ${live}`} role="status">
      <i aria-hidden="true" />
      {t(liveText[live])}
    </span>
  );
}

function Top({
  place,
  sort,
  split,
  stories: { view, stale },
  queryError,
  live,
  alertLink,
  volume,
  isHome,
}: {
  place: URLSearchParams;
  isHome: boolean;
  sort: string;
  split: string;
  stories: ReturnType<typeof useStories>;
  queryError: ApiError | null;
  live: ReturnType<typeof useStream>;
  alertLink: string;
  volume: Loaded<Volume>;
}) {
  return (
    <div class="top">
      <h1 class="visually-hidden">{t("watch.title")}</h1>
      <Printed>
        {withParts("watch.printed", { query: <bdi>{wholeQuery(place) || "–"}</bdi> })}
      </Printed>
      <SearchBox
        value={place.get("q") ?? ""}
        error={queryError}
        onSubmit={(text) => change({ q: text || null })}
      />
      <div class="bar">
        <Live live={live} isBad={Boolean(queryError)} />
        <Total view={view} stale={stale || Boolean(view.error)} />
        <Chosen place={place} />
        <Everything isHome={isHome} />
        <span class="grow" />
        <ViewChoices place={place} sort={sort} split={split} />
        <Tools place={place} alertLink={alertLink} isBad={Boolean(queryError)} />
      </div>
      {queryError ? (
        <Unread error={queryError} text={place.get("q") ?? ""} split={split} />
      ) : (
        <Timeline
          volume={volume.value}
          split={split}
          stale={volume.stale}
          name={(value) => valueName(split, value)}
          onRange={choose}
        />
      )}
      <Measured place={place} isBad={Boolean(queryError)} />
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
  const { view, stale, fresh, arrived, again } = stories;
  const volume = useLoaded(
    `volume ${q} ${by} ${split}`,
    (signal) => volumeOf(q, by, split, signal, spanOf(place)),
    30000,
  );
  const queryError =
    view.error instanceof ApiError && view.error.status === 400 ? view.error : null;
  useEffect(() => {
    document.title = `${[q, t("watch.title")].filter(Boolean).join(" · ")} · vigie`;
  }, [q]);
  const live = useStream(queryError ? null : q, (hit) => arrived([hit]));
  const alertLink = alertLinkOf(place);
  const selection = useSelection(view.hits, alertLink, [q, sort, group]);
  const renew = () => {
    again();
    volume.again();
    window.scrollTo(0, 0);
  };
  const home = useSaved()?.value?.home_query;
  const isHome =
    Boolean(home) && homeAddress(home!) === window.location.pathname + window.location.search;
  const shown = { place, isHome, sort, split, stories, queryError, live, alertLink };
  return (
    <main class="watch">
      <Top {...shown} volume={volume} />
      <FilterRail q={queryError ? "" : q} place={place}>
        <SavedList query={q} />
      </FilterRail>
      <section class="results" aria-label={t("watch.stories")} aria-busy={stale && view.loading}>
        <Arrivals sort={sort} fresh={fresh.size} renew={renew} query={q} />
        <Results
          stories={stories}
          group={group}
          query={q}
          queryError={queryError}
          selection={selection}
          none={<NoStories q={q} live={live} alertLink={alertLink} />}
        />
      </section>
    </main>
  );
}
