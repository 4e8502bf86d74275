// Searches that the reader saved, what the first page shows, and what was seen.
import { createContext } from "preact";
import { useContext, useEffect, useRef, useState } from "preact/hooks";
import { Hit, SavedSearch, SavedSearches, SeenIds, call, get } from "./api";
import { Loaded, everything } from "./location";

export const nothingSaved: SavedSearches = { searches: [], home_query: "" };

/// What is known of them; null while that is not loaded.
export const SavedContext = createContext<Loaded<SavedSearches> | null>(null);
export const useSaved = () => useContext(SavedContext);

export const addressOf = (query: string) =>
  query ? `/?q=${encodeURIComponent(query)}` : everything();

/// The first page as a URL: a time that Watch offers is a filter there, which is taken back by one
/// press.
export function homeAddress(query: string): string {
  const timed = /^([^()]*?)\s*\bwithin:(24h|7d|30d)$/.exec(query);
  if (!timed || /\bOR\b|"/.test(query)) return addressOf(query);
  const typed = timed[1]!.trim();
  return `/?${typed ? `q=${encodeURIComponent(typed)}&` : ""}within=${timed[2]}`;
}

/// The saved search that a view shows.
export const savedAs = (saved: Loaded<SavedSearches> | null, query: string) =>
  saved?.value?.searches.find((one) => one.query === query) ?? null;

const changed = "vigie-seen";
/// Counts are asked for again: something was marked.
export const tellSeen = () => document.dispatchEvent(new Event(changed));
export function useSeenChanges(again: () => void) {
  useEffect(() => {
    document.addEventListener(changed, again);
    return () => document.removeEventListener(changed, again);
  }, [again]);
}

/// Marks an article and its story; what fails is not worth a word to who reads.
export const mark = (ids: (string | null | undefined)[], seen: boolean) =>
  call("POST", "/v1/seen", {}, { ids: ids.filter(Boolean), seen }).then(tellSeen, () => undefined);

type Known = Pick<Hit, "id" | "story" | "discovered">;
const idsAtMost = 200; // of one question

/// Which of the stories of a list the reader has seen: what was marked, else by the saved search
/// that the list is of; null where nothing is known.
export function useSeen(hits: Known[], search: SavedSearch | null) {
  const [said, set] = useState(new Map<string, boolean>());
  const asked = useRef(new Set<string>());
  useEffect(() => {
    const ids = hits
      .flatMap((hit) => [hit.id, hit.story])
      .filter((id): id is string => Boolean(id) && !asked.current.has(id!))
      .slice(0, idsAtMost);
    if (!ids.length) return;
    ids.forEach((id) => asked.current.add(id));
    get<SeenIds>("/v1/seen", { ids: ids.join(",") }).then(
      ({ seen, unseen }) =>
        set(
          (old) =>
            new Map([
              ...old,
              ...seen.map((id) => [id, true] as const),
              ...unseen.map((id) => [id, false] as const),
            ]),
        ),
      () => undefined,
    );
  }, [hits]);
  return (hit: Known): boolean | null => {
    const own = said.get(hit.id) ?? (hit.story ? said.get(hit.story) : undefined);
    if (own !== undefined) return own;
    if (!search?.seen_until || !hit.discovered) return null;
    return Date.parse(hit.discovered) <= Date.parse(search.seen_until);
  };
}
