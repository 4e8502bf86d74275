// One line that says what an article is on, made of its tags and one number of its headline: who,
// what topic, how much. No word of it is of the article, and none is a translation.
import { Amount, amountIn } from "./amount";

interface Tag {
  id: string;
  level: string;
  score: number;
}
export interface Tagged {
  title: string;
  language: string;
  topics: Tag[];
  actors: Tag[];
}
export interface Gist {
  /// Ids of at most two actors that the article is about.
  who: string[];
  topic: string | null;
  number: Amount | null;
}

const mostActors = 2;

/// What it is about, that with most evidence first. What is only mentioned is not what it is on.
const about = (tags: Tag[]) =>
  tags
    .filter((tag) => tag.level === "about")
    .sort((a, b) => b.score - a.score)
    .map((tag) => tag.id);

/// Nothing where it is about nothing that the packs know: a number alone says nothing. The number
/// is one of the headline: others may be of something else.
export function gistOf(article: Tagged): Gist | null {
  const who = about(article.actors).slice(0, mostActors);
  const topic = about(article.topics)[0] ?? null;
  if (!who.length && !topic) return null;
  return { who, topic, number: amountIn(article.title, article.language) };
}

/// As the language of `locale` writes it; money with its code (ISO 4217).
export function amountText(amount: Amount, locale: string): string {
  if (amount.unit === "percent")
    return (amount.value / 100).toLocaleString(locale, {
      style: "percent",
      maximumFractionDigits: 1,
    });
  const number = amount.value.toLocaleString(locale, {
    notation: amount.value >= 1e6 ? "compact" : "standard",
    compactDisplay: "long",
    maximumFractionDigits: 2,
  });
  return amount.unit ? `${number} ${amount.unit}` : number;
}

/// The parts of the line, in their order: actors, topic, number.
export function gistParts(gist: Gist, name: (id: string) => string, locale: string): string[] {
  const who = [...new Set(gist.who.map(name))].join(", ");
  return [
    who,
    gist.topic ? name(gist.topic) : "",
    gist.number ? amountText(gist.number, locale) : "",
  ].filter(Boolean);
}
