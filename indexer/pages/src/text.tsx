// Text in its own language and direction, times and numbers for people.
import { ComponentChildren, Fragment, JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { ApiError, Hit, Source, Tag } from "./api";
import { Link } from "./location";
import { nameOf } from "./catalogue";
import { Key, interfaceLanguage, locale, t } from "./i18n";

const rtl = new Set(["ar", "fa", "he", "ur", "ps", "ckb", "dv", "yi", "ug", "sd"]);
export const direction = (language: string | null | undefined) =>
  (language && rtl.has(language.split("-")[0]!) ? "rtl" : "ltr") as "rtl" | "ltr";

/// Names of codes in the language of the interface; a code that has none stays as it is.
function namesOf(type: "language" | "region") {
  let names: Intl.DisplayNames | null | undefined;
  return (code: string) => {
    try {
      names ??= new Intl.DisplayNames(locale(), { type });
      return names.of(code) ?? code;
    } catch {
      return code;
    }
  };
}
export const languageName = namesOf("language");
export const countryName = namesOf("region");

export const count = (n: number) => n.toLocaleString(locale());
/// A number with its unit, as the language writes it.
const inUnit = (n: number, unit: string, digits = 0) =>
  n.toLocaleString(locale(), { style: "unit", unit, maximumFractionDigits: digits });
export function bytes(n: number): string {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"];
  let i = 0;
  while (n >= 1000 && i < units.length - 1) {
    n /= 1000;
    ++i;
  }
  return inUnit(n, units[i]!, n < 10 && i > 0 ? 1 : 0);
}
export function seconds(s: number | null | undefined): string {
  if (s === null || s === undefined || !isFinite(s)) return "–";
  if (s < 1) return inUnit(s * 1000, "millisecond");
  if (s < 120) return inUnit(s, "second", s < 10 ? 1 : 0);
  if (s < 7200) return inUnit(s / 60, "minute");
  if (s < 172800) return inUnit(s / 3600, "hour");
  return inUnit(s / 86400, "day");
}

let relative: Intl.RelativeTimeFormat | undefined;
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
  relative ??= new Intl.RelativeTimeFormat(locale(), { numeric: "auto", style: "short" });
  let unit = 1;
  for (const [limit, name] of steps) {
    if (Math.abs(s) < limit) return relative.format(Math.trunc(s / unit), name);
    unit = limit === 86400 * 30 ? 86400 * 30 : limit;
  }
  return "";
}

const dateText = (moment: Date, dateStyle: "full" | "medium") =>
  moment.toLocaleDateString(locale(), { dateStyle });
/// The time of day by a clock of 24 hours, in the reader's zone or another.
export const clockTime = (moment: Date, timeZone?: string) =>
  moment.toLocaleTimeString(locale(), {
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
    timeZone,
  });
/// The moment to the second, with the reader's zone.
export const exactTime = (moment: Date) =>
  moment.toLocaleString(locale(), {
    weekday: "short",
    day: "numeric",
    month: "long",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
    timeZoneName: "short",
  });

/// The publisher's own clock, where it wrote one that is not the reader's.
export function publisherClock(time: string): string | null {
  const [, day, clock, sign, hours, minutes] =
    /^([\d-]{10})T(\d\d:\d\d)[^+-]*([+-])(\d\d):?(\d\d)$/.exec(time) ?? [];
  if (!day) return null;
  const offset = Number(`${sign}1`) * (Number(hours) * 60 + Number(minutes));
  if (offset === -new Date(time).getTimezoneOffset()) return null;
  return `${day} ${clock} UTC${sign}${hours}:${minutes}`;
}
function elsewhere(time: string, moment: Date): string {
  const there = isNaN(moment.getTime()) ? null : publisherClock(time);
  return there ? `\n${t("time.publisher", { time: there })}` : "";
}

/// How long ago, with the exact moment in the reader's zone on hover; a date alone stays a date.
export function When({ time, exact }: { time: string | null | undefined; exact?: boolean }) {
  const [, draw] = useState(0);
  const now = Date.now();
  useEffect(() => {
    const timer = setInterval(() => draw((n) => n + 1), 15000);
    return () => clearInterval(timer);
  }, []);
  if (!time) return <span class="quiet">{t("time.unknown")}</span>;
  const dayOnly = time.length === 10;
  const moment = new Date(dayOnly ? time + "T12:00:00" : time);
  if (isNaN(moment.getTime())) return <span>{time}</span>;
  const full = dayOnly ? dateText(moment, "full") : exactTime(moment) + elsewhere(time, moment);
  const shown = exact
    ? dateText(moment, "medium") + (dayOnly ? "" : ` ${clockTime(moment)}`)
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

/// Words of the API as people say them; one that is not known here stays as it is.
const said = (words: Record<string, Key>) => (word: string) =>
  words[word] ? t(words[word]) : word.replace(/_/g, " ");
export const genreName = said({
  news: "genre.news",
  opinion: "genre.opinion",
  analysis: "genre.analysis",
  interview: "genre.interview",
  live: "genre.live",
  "press-release": "genre.press_release",
  "fact-check": "genre.fact_check",
  listing: "genre.listing",
});
export const affiliationName = said({
  independent: "affiliation.independent",
  "state-run": "affiliation.state_run",
  "state-funded": "affiliation.state_funded",
  government: "affiliation.government",
  party: "affiliation.party",
});
export const kindName = said({
  newspaper: "kind.newspaper",
  agency: "kind.agency",
  broadcaster: "kind.broadcaster",
  magazine: "kind.magazine",
  trade: "kind.trade",
  official: "kind.official",
  blog: "kind.blog",
  think_tank: "kind.think_tank",
  company: "kind.company",
  lab: "kind.lab",
  ngo: "kind.ngo",
  fact_check: "kind.fact_check",
});
export const wordsOf = said;

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
        <span class="affiliation">{affiliationName(source.affiliation)}</span>
      )}
    </span>
  );
}

export function Chip({ tag, kind }: { tag: Tag; kind: "topic" | "actor" }) {
  return (
    <Link
      class={`chip ${kind} ${tag.level}`}
      to={`/${kind === "topic" ? "t" : "w"}/${encodeURIComponent(tag.id)}`}
      title={t(tag.level === "about" ? "chip.about" : "chip.mentions", { id: tag.id })}
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

const problemName = said({
  unreachable: "problem.unreachable",
  not_authorized: "problem.not_authorized",
  not_found: "problem.not_found",
  conflict: "problem.conflict",
  over_quota: "problem.over_quota",
  too_large: "problem.too_large",
  bad_query: "problem.bad_query",
  too_expensive: "problem.too_expensive",
  busy: "problem.busy",
  disk_full: "problem.disk_full",
  shard_missing: "problem.shard_missing",
  shard_restoring: "problem.shard_missing",
  bad_key: "problem.bad_key",
  too_many_attempts: "problem.too_many",
  too_many_requests: "problem.too_many",
  broker_unreachable: "problem.log",
  log_silent: "problem.log",
});

/// What a problem is, in the reader's language where its code has words; the server's own sentence,
/// which is English and knows more, stands behind it.
export function Why({ error }: { error: Error }) {
  const code = error instanceof ApiError ? error.code : "";
  const english = error.message;
  if (interfaceLanguage() === "en") return <>{english}</>;
  const own = problemName(code);
  const isNamed = own !== code.replace(/_/g, " ") && own !== code;
  if (isNamed && code === "unreachable") return <>{own}</>;
  return (
    <>
      {isNamed && `${own} `}
      <bdi lang="en" class={isNamed ? "quiet" : undefined}>
        {english}
      </bdi>
    </>
  );
}

const roles = said({
  reader: "role.reader",
  analyst: "role.analyst",
  operator: "role.operator",
  admin: "role.admin",
});
export const roleName = (role: string) => roles(role);

export function Problem({ error, retry }: { error: Error; retry?: () => void }) {
  return (
    <div class="problem" role="alert">
      <p>
        <Why error={error} />
      </p>
      {retry && <button onClick={retry}>{t("retry")}</button>}
    </div>
  );
}
export const Empty = ({ children }: { children: ComponentChildren }) => (
  <div class="empty">{children}</div>
);
/// Rows that keep the place of what comes.
export const Waiting = ({ rows }: { rows: number }) => (
  <div class="loading" role="status">
    <span class="visually-hidden">{t("loading")}</span>
    {Array.from({ length: rows }, (_, i) => (
      <div key={i} class="skeleton row" aria-hidden="true" />
    ))}
  </div>
);
/// Parts of a page below each other, each drawn once it and all above it are known: what comes late
/// pushes nothing down that is read already.
export function InOrder({ parts }: { parts: [known: boolean, draw: () => ComponentChildren][] }) {
  const first = parts.findIndex(([known]) => !known);
  const shown = first < 0 ? parts : parts.slice(0, first);
  return (
    <>
      {shown.map(([, draw], i) => (
        <Fragment key={i}>{draw()}</Fragment>
      ))}
      {first >= 0 && <Waiting key={`waiting ${first}`} rows={5} />}
    </>
  );
}
/// Whether what was asked for came, or failed.
export const isKnown = (loaded: { value: unknown; error: Error | null }) =>
  loaded.value !== null || loaded.error !== null;
/// What stands on paper above the content: what it is, where it came from and when.
export const Printed = ({ children }: { children?: ComponentChildren }) => (
  <p class="printed">
    <b>vigie</b>
    {children && <> · {children}</>} · <bdi>{window.location.href}</bdi> · {exactTime(new Date())}
  </p>
);
