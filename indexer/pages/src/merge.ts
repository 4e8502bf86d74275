// Two people at one collection: what one changed while the other did, neither undone.
import { Collection } from "./api";
import { Key, t } from "./i18n";

type Item = Collection["items"][number];
export interface Merged {
  collection: Collection;
  lost: { what: string; text: string }[]; // of ours, where both wrote the same text
}

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

/// Theirs where we left it as it was, ours where they did; theirs where both changed it.
function choose<T>(base: T, ours: T, theirs: T, clash: () => void): T {
  if (same(ours, base) || same(ours, theirs)) return theirs;
  if (same(theirs, base)) return ours;
  clash();
  return theirs;
}

const fieldNames = {
  name: "collection.the_name",
  title: "collection.the_title",
  summary: "collection.the_summary",
} satisfies Record<string, Key>;

const byArticle = (items: Item[]) => new Map(items.map((item) => [item.article, item]));

/// Our order where we changed it, else theirs; what they added goes behind ours.
function orderOf(base: Item[], ours: Item[], theirs: Item[]): string[] {
  const articles = (items: Item[]) => items.map((item) => item.article);
  const was = articles(base),
    mine = articles(ours),
    others = articles(theirs);
  const kept = (list: string[], by: string[]) => list.filter((one) => by.includes(one));
  const moved = !same(kept(mine, was), kept(was, mine));
  const taken = (one: string) => was.includes(one) && !(mine.includes(one) && others.includes(one));
  const first = moved ? mine : others,
    then = moved ? others : mine;
  return [...first, ...then.filter((one) => !first.includes(one))].filter((one) => !taken(one));
}

export function merge(base: Collection, ours: Collection, theirs: Collection): Merged {
  const lost: Merged["lost"] = [];
  const text = <K extends "name" | "title" | "summary">(field: K) =>
    choose(base[field], ours[field], theirs[field], () =>
      lost.push({ what: t(fieldNames[field]), text: ours[field] }),
    );
  const was = byArticle(base.items),
    mine = byArticle(ours.items),
    others = byArticle(theirs.items);
  const items = orderOf(base.items, ours.items, theirs.items).flatMap((article) => {
    const [b, o, their] = [was.get(article), mine.get(article), others.get(article)];
    if (!their) return []; // an item comes into a collection by its own call alone
    if (!b || !o) return [their];
    const note = choose(b.note, o.note, their.note, () =>
      lost.push({ what: t("collection.the_note", { title: their.title }), text: o.note }),
    );
    const quotation = choose(b.quotation, o.quotation, their.quotation, () => {});
    return [{ ...their, note, quotation }];
  });
  return {
    collection: {
      ...theirs,
      name: text("name"),
      title: text("title"),
      summary: text("summary"),
      items,
    },
    lost,
  };
}
