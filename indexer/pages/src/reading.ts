// What helps to read articles in other languages (GET /v1/reading): asked for after the originals
// are drawn, for many articles at a time, and again while translations are waited for.
import { useEffect, useState } from "preact/hooks";
import { Reading, ReadingOfArticle, get } from "./api";
import { interfaceLanguage } from "./i18n";

const togetherMs = 40; // what is asked for within it is one call
const mostTogether = 50; // as the API takes
const firstAgainMs = 700; // doubled with each try
const lastAgainMs = 6000;
const patienceMs = 90_000;
const keptAtMost = 1000;

const known = new Map<string, ReadingOfArticle>();
const watching = new Map<string, Set<() => void>>();
const wanted = new Set<string>();
let timer = 0;
let translates = false;

/// Whether a translator is set up, as /v1/pipeline says.
export const setTranslates = (on: boolean) => void (translates = on);
export const isTranslated = () => translates;

/// Whether an article is in another language than the interface.
export const isForeign = (language: string | null | undefined) =>
  Boolean(language) && language!.split("-")[0] !== interfaceLanguage();

function tell(id: string) {
  watching.get(id)?.forEach((draw) => draw());
}

function keep(reading: ReadingOfArticle) {
  known.delete(reading.id);
  known.set(reading.id, reading);
  if (known.size > keptAtMost) known.delete(known.keys().next().value!);
}

const isWaiting = (reading: ReadingOfArticle) => reading.title?.state === "waiting";

async function ask(ids: string[], againMs: number, began: number) {
  const still = ids.filter((id) => watching.has(id)); // others are shown no more
  if (!still.length) return;
  try {
    const response = await get<Reading>("/v1/reading", {
      ids: still.join(","),
      to: interfaceLanguage(),
    });
    for (const reading of response.articles) {
      keep(reading);
      tell(reading.id);
    }
    const waiting = response.articles.filter(isWaiting).map((reading) => reading.id);
    if (waiting.length && Date.now() - began < patienceMs)
      setTimeout(() => ask(waiting, Math.min(againMs * 2, lastAgainMs), began), againMs);
  } catch {
    /* the original stands there all the same */
  }
}

function askTogether() {
  timer = 0;
  const all = [...wanted];
  wanted.clear();
  for (let i = 0; i < all.length; i += mostTogether)
    void ask(all.slice(i, i + mostTogether), firstAgainMs, Date.now());
}

/// Of an article in another language, once it is there; nothing for others.
export function useReading(id: string, language: string): ReadingOfArticle | null {
  const [, draw] = useState(0);
  const foreign = isForeign(language);
  useEffect(() => {
    if (!foreign) return;
    const again = () => draw((n) => n + 1);
    const all = watching.get(id) ?? new Set();
    watching.set(id, all.add(again));
    const before = known.get(id);
    if (!before || isWaiting(before)) {
      wanted.add(id);
      timer ||= window.setTimeout(askTogether, togetherMs);
    }
    return () => {
      all.delete(again);
      if (!all.size) watching.delete(id);
    };
  }, [id, foreign]);
  return foreign ? (known.get(id) ?? null) : null;
}
