// Stories of a query: how one of them looks, who wrote it first, and how more of them come.
import { useEffect, useRef, useState } from "preact/hooks";
import { SearchHit as Hit, SearchPage, get } from "./api";
import { named } from "./catalogue";
import { StoryHeadline } from "./foreign";
import { t, withParts } from "./i18n";
import { Link, isReturn } from "./location";
import { Foreign, Genre, SourceName, Tags, When, languageName, marked } from "./text";

const storiesOfPage = 30;
export const freshAtMost = 500; // new articles that are counted one by one

/// How far the happening is reported beyond the story, with the way to all of it.
export function AlsoReported({ hit }: { hit: Pick<Hit, "event" | "reported" | "copies"> }) {
  const event = hit.reported;
  if (!event || !hit.event || event.articles <= (hit.copies ?? 0) + 1) return null;
  return (
    <Link class="reported" to={`/?q=${encodeURIComponent(`event:${hit.event}`)}`}>
      {t("story.also", {
        languages: t("languages", { n: event.languages.length }),
        sources: t("sources", { n: event.sources }),
      })}
    </Link>
  );
}

function Byline({ hit, group }: { hit: Hit; group: Group }) {
  const others = (hit.languages ?? []).length;
  const first = hit.first;
  return (
    <p class="byline">
      <SourceName source={hit.source} />
      <Genre genre={hit.genre} />
      <When time={hit.published ?? hit.discovered} />
      <span class="language" title={languageName(hit.language)}>
        {hit.language || "?"}
      </span>
      {(hit.copies ?? 0) > 0 && (
        <span class="copies">
          {t(group === "event" ? "story.reports" : "story.copies", { n: hit.copies! })}
          {others > 1 ? ` ${t("story.in_languages", { n: others })}` : ""}
        </span>
      )}
      {group === "story" && <AlsoReported hit={hit} />}
      {first && first.id !== hit.id && (
        <span>
          {withParts("story.first", {
            source: <SourceName source={first.source} />,
            time: <When time={first.published ?? first.discovered} />,
          })}
        </span>
      )}
      {first && hit.time > (hit.published ?? hit.discovered ?? "") && (
        <span>{withParts("story.newest", { time: <When time={hit.time} /> })}</span>
      )}
    </p>
  );
}

/// One row: headline, who and when, copies and who was first, the sentence that says why, topics
/// and actors.
export function Story({
  hit,
  group = "story",
  seen = null,
  selected,
  onSelect,
}: {
  hit: Hit;
  group?: Group;
  seen?: boolean | null; // null: nothing is known
  selected?: boolean;
  onSelect?: () => void;
}) {
  const looked = seen === null ? "" : seen ? " seen" : " unseen";
  const classes = `story${looked}${selected ? " selected" : ""}`;
  return (
    <li class={classes} onFocusCapture={onSelect}>
      <article>
        <div class="what">
          <StoryHeadline hit={hit} unseen={seen === false} />
          <Byline hit={hit} group={group} />
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

/// What was perhaps not meant, and what else there is; each leads to the query that it speaks of.
export function Hints({ hints }: { hints: View["hints"] }) {
  if (!hints.length) return null;
  return (
    <div role="status">
      <ul class="hints">
        {hints.map((hint) => (
          <li key={hint.text}>
            <span lang="en" dir="ltr">
              {hint.text}
            </span>{" "}
            {hint.query && (
              <Link to={`/?q=${encodeURIComponent(hint.query)}`}>
                <bdi>{hint.query}</bdi>
              </Link>
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}

export interface View {
  key: string;
  hits: Hit[];
  cursor: string | null;
  total: SearchPage["total"] | null;
  hints: NonNullable<SearchPage["hints"]>;
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

const nothingYet = (key: string): View => ({
  key,
  hits: [],
  cursor: null,
  total: null,
  hints: [],
  partial: false,
  loading: true,
  error: null,
  moreError: null,
});

const firstOf = (key: string, page: SearchPage): View => ({
  ...nothingYet(key),
  hits: page.hits,
  cursor: page.cursor,
  total: page.total,
  hints: page.hints ?? [],
  partial: Boolean(page.partial),
  loading: false,
});

/// A view with the next page behind what it shows; a story that moved meanwhile stays where it is.
const withMore = (view: View, page: SearchPage): View => ({
  ...view,
  hits: [
    ...view.hits,
    ...page.hits.filter((hit) => !view.hits.some((known) => known.id === hit.id)),
  ],
  cursor: page.cursor,
  loading: false,
  moreError: null,
});

/// Which articles came that the view does not show yet.
function useFresh(shown: { current: View }) {
  const [fresh, set] = useState<Set<string>>(new Set());
  const isNew = (hit: { id: string }) => !shown.current.hits.some((old) => old.id === hit.id);
  const arrived = (hits: { id: string }[]) =>
    set((old) =>
      old.size > freshAtMost ? old : new Set([...old, ...hits.filter(isNew).map((hit) => hit.id)]),
    );
  return { fresh, arrived, forget: () => set(new Set()) };
}

export type Group = "story" | "event";

export function useStories(q: string, sort: string, group: Group) {
  const key = `${q}\n${sort}\n${group}`;
  const [view, set] = useState<View>(nothingYet(key));
  const [turn, setTurn] = useState(0);
  const shown = useRef(view);
  shown.current = view;
  const { fresh, arrived, forget } = useFresh(shown);
  const ask = (signal?: AbortSignal, cursor?: string) =>
    Promise.all([
      get<SearchPage>("/v1/search", { q, sort, limit: storiesOfPage, group, cursor }, signal),
      named(),
    ]).then(([page]) => page);

  useEffect(() => {
    const control = new AbortController();
    const before = turn === 0 || shown.current.key !== key ? left.get(key) : undefined;
    forget();
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
      (page) => set(firstOf(key, page)),
      (error) => {
        if (error.name !== "AbortError") set((old) => ({ ...old, loading: false, error }));
      },
    );
    return () => control.abort();
  }, [key, turn]);
  useEffect(() => {
    if (view.total && view.key === key && !view.error) keep(view);
  }, [view]);

  async function more() {
    if (!view.cursor || view.loading) return;
    set({ ...view, loading: true });
    try {
      const page = await ask(undefined, view.cursor);
      set((old) => (old.key !== key ? old : withMore(old, page)));
    } catch (error) {
      set((old) => ({ ...old, loading: false, moreError: error as Error }));
    }
  }
  /// What is shown is of a search before this one: it is still coming, or it failed.
  const stale = view.key !== key && view.total !== null;
  return { view, stale, fresh, arrived, more, again: () => setTurn((n) => n + 1) };
}
