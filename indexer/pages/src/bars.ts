// Volume over time as bars: which times, how many articles, of which values, and where none came.
import { Bin, Timeline, get } from "./api";
import { Interval, beginOf, inZone, seconds } from "./zone";

/// A time that was chosen, in seconds; an end that was not is null.
export interface Span {
  from: number | null;
  until: number | null; // the first second that is not of it any more
}
export const always: Span = { from: null, until: null };

export interface Volume {
  interval: Interval;
  span: Span; // that was chosen
  shown: number; // bars up to now that are drawn where no time was chosen
  bins: Bin[];
  covered: Set<number>;
}

/// The value of what is not known, behind the others.
export const unknown = "";
// bars that a screen can show apart; older ones are told in words
const most = { hour: 24 * 14, day: 366 };
const colors = 6; // values told apart; the others are one grey
const hourlyDays = 3; // up to so many days by the hour
/// What is drawn where no time was chosen: the shortest of these, in days up to now, that holds
/// nearly all articles. One from years ago must not make a chart of empty years.
const spans = [1, hourlyDays, 7, 14, 31, 92, 366];
const nearlyAll = 0.95;

const begin = (bin: Bin) => Math.floor(Date.parse(bin.begin) / 1000);
const nowSeconds = () => Math.floor(Date.now() / 1000);
const sumOf = (bins: Bin[]) => bins.reduce((sum, bin) => sum + bin.count, 0);

/// The days up to now that hold nearly all of these articles.
export function fittingDays(bins: Bin[], now = nowSeconds()): number {
  const enough = sumOf(bins) * nearlyAll;
  const within = (days: number) =>
    sumOf(bins.filter((bin) => begin(bin) >= beginOf(now, "day", -days)));
  return spans.find((days) => within(days) >= enough) ?? spans[spans.length - 1]!;
}

const isShort = ({ from, until }: Span) =>
  from !== null && (until ?? nowSeconds()) - from <= hourlyDays * seconds.day;

/// Counts of a query, by the hour where there are few days, and the times that have articles at all
/// (of any query).
export async function volumeOf(
  q: string,
  by: string | null,
  split: string,
  signal: AbortSignal,
  span: Span = always,
): Promise<Volume> {
  const ask = async (query: string, interval: Interval, field: string) =>
    (
      await inZone((tz) =>
        get<Timeline>("/v1/timeline", { q: query, interval, split: field, tz }, signal),
      )
    ).bins;
  const chosen = span.from !== null || span.until !== null;
  const short = by === "hour" || (by === null && isShort(span));
  const days = short ? null : await ask(q, "day", split);
  const fitting = days && !chosen ? fittingDays(days) : hourlyDays;
  const interval: Interval =
    short || (by === null && !chosen && fitting <= hourlyDays) ? "hour" : "day";
  const bins = interval === "day" ? days! : await ask(q, "hour", split);
  const all = q ? await ask("", interval, "") : bins;
  const covered = new Set(all.filter((bin) => bin.count > 0).map(begin));
  const shown = interval === "hour" ? 24 * fitting : Math.max(7, fitting);
  return { interval, span, shown, bins, covered };
}

/// The bars that are drawn: their times, how many in all, and how many of each value of the split,
/// of which `unknown` is the last.
export interface Bars {
  x: number[];
  ends: number[];
  total: number[];
  values: string[];
  parts: number[][];
  others: number[] | null; // of values that are not told apart
  gaps: number[]; // times without an article from any source
  hidden: number; // articles of bars too old to be drawn
}

/// The values of the split that most articles have, those first.
function largestValues(bins: Bin[]): string[] {
  const totals = new Map<string, number>();
  for (const bin of bins)
    for (const part of bin.split ?? [])
      totals.set(part.value, (totals.get(part.value) ?? 0) + part.count);
  const values = [...totals].sort((a, b) => b[1] - a[1]).map(([value]) => value);
  const some = bins.some((bin) => (bin.unknown ?? 0) > 0);
  return [...values.slice(0, colors), ...(some ? [unknown] : [])];
}

const partOf = (bin: Bin | undefined, value: string) =>
  value === unknown
    ? (bin?.unknown ?? 0)
    : (bin?.split?.find((part) => part.value === value)?.count ?? 0);

/// What is left of each bar; null where nothing is, or where an article may have several values.
function othersOf(x: number[], at: Map<number, Bin>, values: string[]): number[] | null {
  const single = [...at.values()].every((bin) => bin.unknown !== undefined);
  if (!single) return null;
  const left = x.map((t) => {
    const bin = at.get(t);
    return (bin?.count ?? 0) - values.reduce((sum, value) => sum + partOf(bin, value), 0);
  });
  return left.some((n) => n > 0) ? left : null;
}

/// First and last bar: those of the time that was chosen, else what fits the data, up to now.
function endsOf({ bins, interval, span, shown }: Volume): [number, number] {
  const now = nowSeconds();
  const barOf = (t: number) => beginOf(t, interval);
  const newest = Math.max(barOf(begin(bins[bins.length - 1]!)), barOf(now));
  const last = span.until === null ? newest : barOf(Math.min(span.until - 1, newest));
  const wanted = span.from === null ? beginOf(last, interval, 1 - shown) : barOf(span.from);
  return [Math.max(Math.min(wanted, last), beginOf(last, interval, 1 - most[interval])), last];
}

/// The bars of a volume; null where there are none.
export function barsOf(volume: Volume | null, split: boolean): Bars | null {
  if (!volume?.bins.length) return null;
  const { interval } = volume;
  const barOf = (t: number) => beginOf(t, interval);
  const covered = new Set([...volume.covered].map(barOf));
  const [first, last] = endsOf(volume);
  const bins = volume.bins.filter((bin) => barOf(begin(bin)) >= first);
  const at = new Map(bins.map((bin) => [barOf(begin(bin)), bin]));
  const x: number[] = [];
  for (let t = first; t <= last; t = beginOf(t, interval, 1)) x.push(t);
  const values = split ? largestValues(bins) : [];
  const known = x.find((t) => covered.has(t)) ?? Infinity;
  const now = barOf(nowSeconds());
  return {
    x,
    ends: x.map((t) => beginOf(t, interval, 1)),
    total: x.map((t) => at.get(t)?.count ?? 0),
    values,
    parts: values.map((value) => x.map((t) => partOf(at.get(t), value))),
    others: split ? othersOf(x, at, values) : null,
    gaps: x.filter((t) => t > known && t < now && !covered.has(t)),
    hidden: sumOf(volume.bins) - sumOf(bins),
  };
}
