// Volume over time as bars: which times, how many articles, of which values, and where none came.
import { Bin, Timeline, get } from "./api";

export type Interval = "hour" | "day";
export interface Volume {
  interval: Interval;
  bins: Bin[];
  covered: Set<number>;
}

export const seconds = { hour: 3600, day: 86400 };
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
  const ask = async (query: string, interval: Interval, field: string) =>
    (await get<Timeline>("/v1/timeline", { q: query, interval, split: field }, signal)).bins;
  const days = by === "hour" ? null : await ask(q, "day", split);
  const few =
    days !== null &&
    (days.length < 2 || begin(days[days.length - 1]!) - begin(days[0]!) <= 2 * seconds.day);
  const interval: Interval = by === "hour" || (by === null && few) ? "hour" : "day";
  const bins = interval === "day" ? days! : await ask(q, "hour", split);
  const all = q ? await ask("", interval, "") : bins;
  return { interval, bins, covered: new Set(all.filter((bin) => bin.count > 0).map(begin)) };
}

/// The bars that are drawn: their times, how many in all, and how many of each value of the split.
export interface Bars {
  x: number[];
  total: number[];
  values: string[];
  parts: number[][];
  others: boolean;
  gaps: number[]; // times without an article from any source
  hidden: number; // articles of bars too old to be drawn
}

/// The values of the split that most articles have, those first.
function largestValues(bins: Bin[]) {
  const totals = new Map<string, number>();
  for (const bin of bins)
    for (const part of bin.split ?? [])
      totals.set(part.value, (totals.get(part.value) ?? 0) + part.count);
  const values = [...totals].sort((a, b) => b[1] - a[1]).map(([value]) => value);
  return { values: values.slice(0, colors), others: values.length > colors };
}

/// The bars of a volume up to now, or up to an earlier end; null where there are none.
export function barsOf(volume: Volume | null, split: boolean, until?: Date): Bars | null {
  if (!volume?.bins.length) return null;
  const { bins, interval, covered } = volume;
  const step = seconds[interval];
  const at = new Map(bins.map((bin) => [begin(bin), bin]));
  const now = Math.floor(Math.min(Date.now(), until?.getTime() ?? Infinity) / 1000 / step) * step;
  const last = Math.max(begin(bins[bins.length - 1]!), now),
    first = Math.max(
      Math.min(begin(bins[0]!), last - (least[interval] - 1) * step),
      last - (most[interval] - 1) * step,
    );
  const x: number[] = [];
  for (let t = first; t <= last; t += step) x.push(t);
  const { values, others } = split ? largestValues(bins) : { values: [], others: false };
  const known = covered.size ? Math.min(...covered) : Infinity;
  return {
    x,
    total: x.map((t) => at.get(t)?.count ?? 0),
    values,
    parts: values.map((value) =>
      x.map((t) => at.get(t)?.split?.find((part) => part.value === value)?.count ?? 0),
    ),
    others,
    gaps: x.filter((t) => t > known && t < now && !covered.has(t)),
    hidden: bins.filter((bin) => begin(bin) < first).reduce((n, bin) => n + bin.count, 0),
  };
}
