// Volume over time as bars: which times, how many articles, of which values, and where none came.
import { ApiError, Bin, Timeline, get } from "./api";
import { Interval, beginOf, seconds, useUtc, zone } from "./zone";

export interface Volume {
  interval: Interval;
  bins: Bin[];
  covered: Set<number>;
}

/// The value of what is not known, behind the others.
export const unknown = "";
// bars that a screen can show apart; older ones are told in words
const most = { hour: 24 * 14, day: 366 };
const least = { hour: 24, day: 14 }; // a single bar would fill the chart
const colors = 6; // values told apart; the others are one grey

const begin = (bin: Bin) => Math.floor(Date.parse(bin.begin) / 1000);

/// Counts of a query, by the hour where there are few days, and the times that have articles at all
/// (of any query).
export async function volumeOf(
  q: string,
  by: string | null,
  split: string,
  signal: AbortSignal,
): Promise<Volume> {
  const asked = (query: string, interval: Interval, field: string) =>
    get<Timeline>("/v1/timeline", { q: query, interval, split: field, tz: zone() }, signal);
  const ask = async (query: string, interval: Interval, field: string) => {
    try {
      return (await asked(query, interval, field)).bins;
    } catch (error) {
      const isZone = error instanceof ApiError && error.message.startsWith("tz must be");
      if (!isZone || zone() === "UTC") throw error;
      useUtc();
      return (await asked(query, interval, field)).bins;
    }
  };
  const days = by === "hour" ? null : await ask(q, "day", split);
  const few =
    days !== null &&
    (days.length < 2 || begin(days[days.length - 1]!) - begin(days[0]!) <= 2 * seconds.day);
  const interval: Interval = by === "hour" || (by === null && few) ? "hour" : "day";
  const bins = interval === "day" ? days! : await ask(q, "hour", split);
  const all = q ? await ask("", interval, "") : bins;
  return { interval, bins, covered: new Set(all.filter((bin) => bin.count > 0).map(begin)) };
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

/// The bars of a volume up to now, or up to an earlier end; null where there are none.
export function barsOf(volume: Volume | null, split: boolean, until?: Date): Bars | null {
  if (!volume?.bins.length) return null;
  const { bins, interval } = volume;
  const barOf = (t: number) => beginOf(t, interval);
  const at = new Map(bins.map((bin) => [barOf(begin(bin)), bin]));
  const covered = new Set([...volume.covered].map(barOf));
  const now = barOf(Math.floor(Math.min(Date.now(), until?.getTime() ?? Infinity) / 1000));
  const last = Math.max(barOf(begin(bins[bins.length - 1]!)), now),
    first = Math.max(
      Math.min(barOf(begin(bins[0]!)), beginOf(last, interval, 1 - least[interval])),
      beginOf(last, interval, 1 - most[interval]),
    );
  const x: number[] = [];
  for (let t = first; t <= last; t = beginOf(t, interval, 1)) x.push(t);
  const values = split ? largestValues(bins) : [];
  const known = covered.size ? Math.min(...covered) : Infinity;
  return {
    x,
    ends: x.map((t) => beginOf(t, interval, 1)),
    total: x.map((t) => at.get(t)?.count ?? 0),
    values,
    parts: values.map((value) => x.map((t) => partOf(at.get(t), value))),
    others: split ? othersOf(x, at, values) : null,
    gaps: x.filter((t) => t > known && t < now && !covered.has(t)),
    hidden: bins.filter((bin) => begin(bin) < first).reduce((n, bin) => n + bin.count, 0),
  };
}
