// Text in its own language and direction, times and numbers for people.
import { ComponentChildren, JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Hit, Source, Tag } from "./api";
import { Link } from "./location";
import { nameOf } from "./catalogue";

const rtl = new Set(["ar", "fa", "he", "ur", "ps", "ckb", "dv", "yi", "ug", "sd"]);
export const direction = (language: string | null | undefined) =>
  (language && rtl.has(language.split("-")[0]!) ? "rtl" : "ltr") as "rtl" | "ltr";

const names = (type: "language" | "region") => {
  try {
    return new Intl.DisplayNames(undefined, { type });
  } catch {
    return null;
  }
};
const languages = names("language"),
  regions = names("region");
export const languageName = (code: string) => {
  try {
    return languages?.of(code) ?? code;
  } catch {
    return code;
  }
};
export const countryName = (code: string) => {
  try {
    return regions?.of(code) ?? code;
  } catch {
    return code;
  }
};

export const count = (n: number) => n.toLocaleString();
export const plural = (n: number, one: string, many = one + "s") =>
  `${count(n)} ${n === 1 ? one : many}`;
export function bytes(n: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let i = 0;
  while (n >= 1000 && i < units.length - 1) {
    n /= 1000;
    ++i;
  }
  return `${n < 10 && i > 0 ? n.toFixed(1) : Math.round(n)} ${units[i]}`;
}
export function seconds(s: number | null | undefined): string {
  if (s === null || s === undefined || !isFinite(s)) return "–";
  if (s < 1) return `${Math.round(s * 1000)}\u00a0ms`;
  if (s < 120) return `${s < 10 && s % 1 ? s.toFixed(1) : Math.round(s)}\u00a0s`;
  if (s < 7200) return `${Math.round(s / 60)}\u00a0min`;
  if (s < 172800) return `${Math.round(s / 3600)}\u00a0h`;
  return `${Math.round(s / 86400)}\u00a0d`;
}

const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto", style: "short" });
function ago(then: number, now: number): string {
  const s = Math.round((then - now) / 1000);
  const steps: [number, Intl.RelativeTimeFormatUnit][] = [
    [60, "second"],
    [3600, "minute"],
    [86400, "hour"],
    [86400 * 30, "day"],
    [86400 * 365, "month"],
    [Infinity, "year"],
  ];
  let unit = 1;
  for (const [limit, name] of steps) {
    if (Math.abs(s) < limit) return relative.format(Math.trunc(s / unit), name);
    unit = limit === 86400 * 30 ? 86400 * 30 : limit;
  }
  return "";
}

/// How long ago, with the exact moment in the reader's zone on hover; a date alone stays a date.
export function When({ time, exact }: { time: string | null | undefined; exact?: boolean }) {
  const [, draw] = useState(0);
  const now = Date.now();
  useEffect(() => {
    const timer = setInterval(() => draw((n) => n + 1), 15000);
    return () => clearInterval(timer);
  }, []);
  if (!time) return <span class="quiet">unknown</span>;
  const dayOnly = time.length === 10;
  const moment = new Date(dayOnly ? time + "T12:00:00" : time);
  if (isNaN(moment.getTime())) return <span>{time}</span>;
  const full = dayOnly
    ? moment.toLocaleDateString(undefined, { dateStyle: "full" })
    : moment.toLocaleString(undefined, { dateStyle: "full", timeStyle: "long" });
  const shown = exact
    ? dayOnly
      ? moment.toLocaleDateString(undefined, { dateStyle: "medium" })
      : moment.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" })
    : ago(moment.getTime(), now);
  return (
    <time dateTime={time} title={full}>
      {shown}
    </time>
  );
}

const encoder = new TextEncoder(),
  decoder = new TextDecoder();
interface Range {
  offset: number;
  length: number;
}
export interface Mark extends Range {
  class?: string;
  title?: string;
}
const endOf = (range: Range) => range.offset + range.length;

/// Those that lie in so many bytes, in order; what overlaps one before it is left out.
function apart<T extends Range>(ranges: T[], bytes: number): T[] {
  const out: T[] = [];
  for (const range of ranges
    .filter((r) => r.length > 0 && endOf(r) <= bytes)
    .sort((a, b) => a.offset - b.offset || b.length - a.length)) {
    if (!out.length || range.offset >= endOf(out[out.length - 1]!)) out.push(range);
  }
  return out;
}

/// Cuts text at UTF-8 byte offsets, which is how evidence and links are told; marks the spans and
/// links the links. One may lie in the other; where they only overlap, the link gives way.
export function marked(
  text: string,
  spans: Mark[],
  links: (Range & { url: string })[] = [],
): ComponentChildren[] {
  if (!spans.length && !links.length) return [text];
  const raw = encoder.encode(text);
  type Piece = Range & { wrap: (children: ComponentChildren) => ComponentChildren };
  const marks = apart(spans, raw.length);
  const anchors = apart(
    links.filter((link) => /^https?:/.test(link.url)),
    raw.length,
  )
    .map((link) => {
      let begin = link.offset,
        end = endOf(link);
      for (const mark of marks) {
        if (mark.offset < begin && endOf(mark) > begin && endOf(mark) < end) begin = endOf(mark);
        else if (mark.offset > begin && mark.offset < end && endOf(mark) > end) end = mark.offset;
      }
      return { url: link.url, offset: begin, length: end - begin };
    })
    .filter((link) => link.length > 0);
  const pieces: Piece[] = [
    ...anchors.map((link) => ({
      ...link,
      wrap: (children: ComponentChildren) => (
        <a href={link.url} rel="noreferrer noopener external">
          {children}
        </a>
      ),
    })),
    ...marks.map((mark) => ({
      ...mark,
      wrap: (children: ComponentChildren) => (
        <mark class={mark.class} title={mark.title}>
          {children}
        </mark>
      ),
    })),
  ].sort((a, b) => a.offset - b.offset || b.length - a.length);
  const cut = (from: number, to: number, inner: Piece[]): ComponentChildren[] => {
    const out: ComponentChildren[] = [];
    for (let i = 0; i < inner.length; ) {
      const piece = inner[i]!,
        end = endOf(piece);
      let next = i + 1;
      while (next < inner.length && inner[next]!.offset < end) ++next;
      if (piece.offset > from) out.push(decoder.decode(raw.subarray(from, piece.offset)));
      out.push(piece.wrap(cut(piece.offset, end, inner.slice(i + 1, next))));
      from = end;
      i = next;
    }
    if (from < to) out.push(decoder.decode(raw.subarray(from, to)));
    return out;
  };
  return cut(0, raw.length, pieces);
}

export function Foreign({
  as: As = "span",
  language,
  children,
  ...rest
}: {
  as?: keyof JSX.IntrinsicElements;
  language: string | null | undefined;
  children: ComponentChildren;
  class?: string;
  id?: string;
}) {
  const Tag = As as any;
  return (
    <Tag lang={language || undefined} dir={language ? direction(language) : "auto"} {...rest}>
      {children}
    </Tag>
  );
}

/// A genre as people say it: press release, live coverage.
const genres: Record<string, string> = {
  "press-release": "press release",
  "fact-check": "fact check",
  live: "live coverage",
  listing: "list of articles",
};
export const genreName = (genre: string) => genres[genre] ?? genre;

/// Said where it is anything but news.
export function Genre({ genre }: { genre: string | null }) {
  if (!genre || genre === "news") return null;
  return <span class="genre">{genreName(genre)}</span>;
}

const notIndependent = new Set(["state-run", "state-funded", "government", "party"]);
export function SourceName({ source }: { source: Source }) {
  return (
    <span class="source">
      <bdi>{source.name || source.id}</bdi>
      {source.country && (
        <abbr class="country" title={countryName(source.country)}>
          {source.country}
        </abbr>
      )}
      {source.affiliation && notIndependent.has(source.affiliation) && (
        <span class="affiliation">{source.affiliation}</span>
      )}
    </span>
  );
}

export function Chip({ tag, kind }: { tag: Tag; kind: "topic" | "actor" }) {
  return (
    <Link
      class={`chip ${kind} ${tag.level}`}
      to={`/${kind === "topic" ? "t" : "w"}/${encodeURIComponent(tag.id)}`}
      title={`${tag.level === "about" ? "About" : "Mentions"} ${tag.id}`}
    >
      <bdi>{nameOf(tag.id)}</bdi>
    </Link>
  );
}

/// Topics before actors, what it is about before what it mentions; the rest is counted and stands
/// in the article.
export function Tags({ hit, most = 6 }: { hit: Pick<Hit, "topics" | "actors">; most?: number }) {
  const about = (tag: Tag) => tag.level === "about";
  const all = [
    ...hit.topics.filter(about),
    ...hit.actors.filter(about),
    ...hit.topics.filter((tag) => !about(tag)),
    ...hit.actors.filter((tag) => !about(tag)),
  ];
  if (!all.length) return <div class="tags" />;
  const shown = all.length <= most + 1 ? all : all.slice(0, most);
  return (
    <div class="tags">
      {shown.map((tag) => (
        <Chip key={tag.id} tag={tag} kind={tag.id.includes(":") ? "actor" : "topic"} />
      ))}
      {shown.length < all.length && (
        <span
          class="quiet rest"
          title={all
            .slice(most)
            .map((tag) => nameOf(tag.id))
            .join(", ")}
        >
          +{all.length - most}
        </span>
      )}
    </div>
  );
}

export function Problem({ error, retry }: { error: Error; retry?: () => void }) {
  return (
    <div class="problem" role="alert">
      <p>{error.message}</p>
      {retry && <button onClick={retry}>Try again</button>}
    </div>
  );
}
export const Empty = ({ children }: { children: ComponentChildren }) => (
  <div class="empty">{children}</div>
);
export const Loading = () => (
  <div class="loading" role="status">
    Loading…
  </div>
);
