// Names of topics and actors, from the packs that are in force, and of sources.
import { useEffect, useState } from "preact/hooks";
import { Actors, Catalogued, Sources, Topics, get } from "./api";
import { countryName } from "./text";

const known = new Map<string, Catalogued>();
const sources = new Map<string, string>();
const waiting = new Set<() => void>();
let loaded = false;

async function load() {
  if (loaded) return;
  loaded = true;
  const lists = [
    async () => (await get<Topics>("/v1/topics")).topics,
    async () => (await get<Actors>("/v1/actors")).actors,
  ];
  for (const list of lists) {
    try {
      for (const entry of await list()) known.set(entry.id, entry);
    } catch {
      loaded = false;
    }
  }
  try {
    for (const source of (await get<Sources>("/v1/sources")).sources)
      sources.set(source.id, source.name);
  } catch {
    /* the ids are shown instead */
  }
  waiting.forEach((tell) => tell());
}

const lettered = (id: string) => {
  const text = id.replace(/^[a-z]+:/, "").replace(/-/g, " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
};
export const nameOf = (id: string) =>
  known.get(id)?.name || (id.startsWith("country:") ? countryName(id.slice(8)) : lettered(id));
export const entryOf = (id: string) => known.get(id);
export const sourceName = (id: string) => sources.get(id) || id;

/// Draws again once names are known.
export function useCatalogue(may = true) {
  const [, draw] = useState(0);
  useEffect(() => {
    const tell = () => draw((n) => n + 1);
    waiting.add(tell);
    if (may) void load();
    return () => {
      waiting.delete(tell);
    };
  }, [may]);
}
