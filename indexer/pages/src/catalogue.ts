// Names of topics and actors, from the packs that are in force, and of sources.
import { useEffect, useState } from "preact/hooks";
import { Actors, Catalogued, Sources, Topics, get } from "./api";
import { interfaceLanguage } from "./i18n";
import { nameIn } from "./names";
import { countryName } from "./text";

const known = new Map<string, Catalogued>();
const sources = new Map<string, string>();
const waiting = new Set<() => void>();
const namesWithinMs = 3000; // what waits for names goes on without them
let loading: Promise<void> | null = null;

async function loadNames() {
  const lists = await Promise.all([
    get<Topics>("/v1/topics").then((response) => response.topics),
    get<Actors>("/v1/actors").then((response) => response.actors),
  ]);
  for (const entry of lists.flat()) known.set(entry.id, entry);
}

async function load() {
  try {
    await loadNames();
  } catch {
    loading = null; // a later view tries again
  }
}

async function loadSources() {
  if (sources.size) return;
  try {
    for (const source of (await get<Sources>("/v1/sources")).sources)
      sources.set(source.id, source.name);
  } catch {
    /* the ids are shown instead */
  }
  waiting.forEach((tell) => tell());
}

/// Comes once topics and actors have their names, or after a while without them: what shows them
/// waits for it, so that no name changes under the reader's eyes.
export function named(): Promise<void> {
  loading ??= load();
  return Promise.race([loading, new Promise<void>((go) => setTimeout(go, namesWithinMs))]);
}

/// In the language of the interface where the pack has that, else as the pack calls it.
export const nameOf = (id: string) => nameIn(interfaceLanguage(), id, known.get(id), countryName);
export const entryOf = (id: string) => known.get(id);
export const sourceName = (id: string) => sources.get(id) || id;

/// Draws again once names are known.
export function useCatalogue(may = true) {
  const [, draw] = useState(0);
  useEffect(() => {
    const tell = () => draw((n) => n + 1);
    waiting.add(tell);
    if (may) void named().then(tell).then(loadSources);
    return () => {
      waiting.delete(tell);
    };
  }, [may]);
}
