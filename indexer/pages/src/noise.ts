// What an alert could leave out, so that an article like one that it told is not told again.
import { Hit } from "./api";
import { nameOf } from "./catalogue";
import { Key } from "./i18n";
import { genreName, languageName } from "./text";

export interface Proposal {
  without: string; // a part of a query, to be put behind it
  key: Key;
  value: string; // what it names, for people
}

const tagsProposed = 3;
const quoted = (text: string) => (/^[\w-]+$/.test(text) ? text : `"${text.replace(/"/g, "")}"`);

/// The narrowest first: its source, its genre, what it only mentions, its language.
export function noise({ source, genre, topics, actors, language }: Hit): Proposal[] {
  const out: Proposal[] = [];
  if (source.name || source.id)
    out.push({
      without: `-source:${quoted(source.name || source.id)}`,
      key: "noise.source",
      value: source.name || source.id,
    });
  if (genre && genre !== "news")
    out.push({ without: `-type:${genre}`, key: "noise.genre", value: genreName(genre) });
  const tags = [
    ...topics.map((tag) => ({ ...tag, field: "topic" })),
    ...actors.map((tag) => ({ ...tag, field: "actor" })),
  ].filter((tag) => tag.level !== "about");
  for (const tag of tags.slice(0, tagsProposed))
    out.push({ without: `-${tag.field}:${tag.id}`, key: "noise.tag", value: nameOf(tag.id) });
  if (language)
    out.push({
      without: `-lang:${language}`,
      key: "noise.language",
      value: languageName(language),
    });
  return out;
}
