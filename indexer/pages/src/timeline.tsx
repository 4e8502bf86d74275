// Volume over time: an honest bar chart with a zero line, a title, drag to choose a range, and the
// table behind it.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { Bin, get } from "./api";
import { count, plural } from "./text";

export type Interval = "hour" | "day";
export interface Volume {
  interval: Interval;
  bins: Bin[];
  covered: Set<number>;
}

const seconds = { hour: 3600, day: 86400 };
// bars that a screen can show apart; older ones are told in words
const most = { hour: 24 * 14, day: 366 };
const least = { hour: 24, day: 14 }; // a single bar would fill the chart
const colors = 6; // values told apart; the others are one grey
/// Facets of which an article may have several: their counts do not add up, so that they are lines,
/// not a stack.
const several = new Set(["topic", "actor"]);

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
    (await get<{ bins: Bin[] }>("/v1/timeline", { q: query, interval, split: field }, signal)).bins;
  const days = by === "hour" ? null : await ask(q, "day", split);
  const few =
    days !== null &&
    (days.length < 2 || begin(days[days.length - 1]!) - begin(days[0]!) <= 2 * seconds.day);
  const interval: Interval = by === "hour" || (by === null && few) ? "hour" : "day";
  const bins = interval === "day" ? days! : await ask(q, "hour", split);
  const all = q ? await ask("", interval, "") : bins;
  return { interval, bins, covered: new Set(all.filter((bin) => bin.count > 0).map(begin)) };
}

const color = (name: string) =>
  getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const finePointer = matchMedia("(pointer: fine)"); // a finger scrolls; there the table chooses
const bars = uPlot.paths.bars!({ size: [0.9, 48, 1], align: 1 });
const steps = uPlot.paths.stepped!({ align: 1 });

interface Props {
  volume: Volume | null;
  of?: string;
  split?: string;
  name?: (value: string) => string;
  height?: number;
  until?: Date;
  onRange?: (from: Date, to: Date) => void;
}

/// The bars that are drawn: their times, how many in all, and how many of each value of the split.
interface Bars {
  x: number[];
  total: number[];
  values: string[];
  parts: number[][];
  others: boolean;
  gaps: number[]; // times without an article from any source
  hidden: number; // articles of bars too old to be drawn
}

/// What the caption says of the bar in focus: its time, its count, and the largest of its values.
function saidOf(
  bars: Bars,
  pointed: number,
  moment: (t: number) => string,
  name: (value: string) => string,
): string {
  const at = bars.x[pointed]!;
  const largest = bars.values
    .map((value, i) => ({ value, n: bars.parts[i]![pointed]! }))
    .filter((part) => part.n > 0)
    .slice(0, 4);
  return (
    `${moment(at)}: ${plural(bars.total[pointed]!, "article")}` +
    (bars.gaps.includes(at) ? ", none from any source" : "") +
    largest.map((part) => ` · ${name(part.value)} ${count(part.n)}`).join("")
  );
}

export function Timeline({
  volume,
  of = "Articles",
  split = "",
  name = (value) => value,
  height = 132,
  until,
  onRange,
}: Props) {
  const box = useRef<HTMLDivElement>(null);
  const [table, showTable] = useState(false);
  const [pointed, point] = useState<number | null>(null);
  const interval = volume?.interval ?? "day",
    step = seconds[interval];
  const stacked = !several.has(split);

  const data = useMemo<Bars | null>(() => {
    const bins = volume?.bins ?? [];
    if (!bins.length) return null;
    const at = new Map(bins.map((bin) => [begin(bin), bin]));
    const now = Math.floor(Math.min(Date.now(), until?.getTime() ?? Infinity) / 1000 / step) * step;
    const last = Math.max(begin(bins[bins.length - 1]!), now),
      first = Math.max(
        Math.min(begin(bins[0]!), last - (least[interval] - 1) * step),
        last - (most[interval] - 1) * step,
      );
    const x: number[] = [];
    for (let t = first; t <= last; t += step) x.push(t);
    const totals = new Map<string, number>();
    if (split)
      for (const bin of bins)
        for (const part of bin.split ?? [])
          totals.set(part.value, (totals.get(part.value) ?? 0) + part.count);
    const values = [...totals]
      .sort((a, b) => b[1] - a[1])
      .slice(0, colors)
      .map(([value]) => value);
    const total = x.map((t) => at.get(t)?.count ?? 0);
    const parts = values.map((value) =>
      x.map((t) => at.get(t)?.split?.find((part) => part.value === value)?.count ?? 0),
    );
    const starts = [...(volume?.covered ?? [])],
      known = starts.length ? Math.min(...starts) : Infinity;
    const gaps = x.filter((t) => t > known && t < now && !volume!.covered.has(t));
    return {
      x,
      total,
      values,
      parts,
      others: totals.size > values.length,
      gaps,
      hidden: bins.filter((bin) => begin(bin) < first).reduce((n, bin) => n + bin.count, 0),
    };
  }, [volume, split]);

  const moment = (t: number, short = false) =>
    new Date(t * 1000).toLocaleString(
      undefined,
      interval === "day"
        ? {
            weekday: short ? undefined : "short",
            day: "numeric",
            month: "short",
            year: short ? undefined : "numeric",
            timeZone: "UTC",
          }
        : { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" },
    );

  useEffect(() => {
    const element = box.current;
    if (!element || !data || table) return;
    let plot: uPlot | null = null;
    const draw = () => {
      plot?.destroy();
      const axis = {
        stroke: color("--quiet"),
        grid: { stroke: color("--line"), width: 1 },
        ticks: { stroke: color("--line"), width: 1, size: 4 },
        font: `11px ${getComputedStyle(document.body).fontFamily}`,
      };
      const shade = (i: number) => color(`--series-${i + 1}`);
      // A stack is drawn from its top down: the sum of all behind, then each sum without the last.
      const layers: { y: number[]; fill: string }[] = [
        { y: data.total, fill: split && stacked ? color("--series-other") : color("--bar") },
      ];
      if (split && stacked)
        for (let i = data.parts.length - 1; i >= 0; --i)
          layers.push({
            y: data.x.map((_, k) =>
              data.parts.slice(0, i + 1).reduce((n, part) => n + part[k]!, 0),
            ),
            fill: shade(i),
          });
      const lines = split && !stacked ? data.parts : [];
      if (lines.length) layers[0]!.fill = color("--series-other");
      const tick = (t: number, i: number, all: number[]) => {
        const date = new Date(t * 1000),
          zone = interval === "day" ? { timeZone: "UTC" } : {};
        const day = date.toLocaleDateString(undefined, { day: "numeric", month: "short", ...zone });
        if (interval === "day") return day;
        const isNew = i === 0 || new Date(all[i - 1]! * 1000).getDate() !== date.getDate();
        return (
          date.toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit" }) +
          (isNew ? `\n${day}` : "")
        );
      };
      plot = new uPlot(
        {
          width: element.clientWidth,
          height,
          legend: { show: false },
          padding: [8, 20, 0, 0],
          tzDate: (t) =>
            interval === "day" ? uPlot.tzDate(new Date(t * 1000), "Etc/UTC") : new Date(t * 1000),
          cursor: {
            drag: { x: Boolean(onRange), y: false, setScale: false },
            points: { show: false },
            y: false,
          },
          scales: {
            x: { time: true, range: [data.x[0]!, data.x[data.x.length - 1]! + step] },
            y: { range: (_u, _min, max) => [0, Math.max(4, max * 1.08)] },
          },
          axes: [
            {
              ...axis,
              grid: { show: false },
              size: interval === "hour" ? 36 : 24,
              space: 64,
              incrs:
                interval === "hour"
                  ? [3600, 10800, 21600, 43200, 86400, 172800, 604800]
                  : [86400, 172800, 604800, 1209600, 2592000],
              values: (_u, splits) =>
                splits.map((t, i) => (t > data.x[data.x.length - 1]! ? "" : tick(t, i, splits))),
            },
            {
              ...axis,
              size: 44,
              space: 26,
              incrs: [
                1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000, 100000,
              ],
              values: (_u, splits) => splits.map((n) => count(n)),
            },
          ],
          series: [
            {},
            ...layers.map((layer) => ({
              fill: layer.fill,
              stroke: layer.fill,
              width: 0,
              paths: bars,
              points: { show: false },
            })),
            ...lines.map((_, i) => ({
              stroke: shade(i),
              width: 2,
              paths: steps,
              points: { show: false },
            })),
          ],
          hooks: {
            drawClear: [
              (u) => {
                u.ctx.fillStyle = color("--gap");
                for (let i = 0; i < data.gaps.length; ) {
                  let end = i;
                  while (
                    end + 1 < data.gaps.length &&
                    data.gaps[end + 1] === data.gaps[end]! + step
                  )
                    ++end;
                  const from = u.valToPos(data.gaps[i]!, "x", true),
                    to = u.valToPos(data.gaps[end]! + step, "x", true);
                  u.ctx.fillRect(from, u.bbox.top, to - from, u.bbox.height);
                  i = end + 1;
                }
              },
            ],
            setSelect: [
              (u) => {
                if (!onRange || u.select.width < 4) return;
                const from = u.posToVal(u.select.left, "x"),
                  to = u.posToVal(u.select.left + u.select.width, "x");
                onRange(
                  new Date(Math.floor(from / step) * step * 1000),
                  new Date(Math.ceil(to / step) * step * 1000),
                );
              },
            ],
            setCursor: [
              (u) => {
                const left = u.cursor.left ?? -1;
                const i = left < 0 ? -1 : Math.floor((u.posToVal(left, "x") - data.x[0]!) / step);
                point(i >= 0 && i < data.x.length ? i : null);
              },
            ],
          },
        },
        [data.x, ...layers.map((layer) => layer.y), ...lines] as uPlot.AlignedData,
        element,
      );
    };
    draw();
    const resized = new ResizeObserver(() => {
      if (plot && Math.abs(plot.width - element.clientWidth) > 2) draw();
    });
    resized.observe(element);
    const scheme = matchMedia("(prefers-color-scheme: dark)");
    scheme.addEventListener("change", draw);
    return () => {
      resized.disconnect();
      scheme.removeEventListener("change", draw);
      plot?.destroy();
    };
  }, [data, table, height]);

  const total = volume?.bins.reduce((sum, bin) => sum + bin.count, 0) ?? 0;
  const title = `${of} per ${interval}${interval === "day" ? " (UTC)" : ""}`;
  const said = pointed !== null && data ? saidOf(data, pointed, moment, name) : "";
  return (
    <figure class="timeline">
      <figcaption>
        <span class="title">{title}</span>
        <span class="quiet said">
          {said || (
            <>
              {plural(total, "article")}
              {data && data.hidden > 0 ? `, ${count(data.hidden)} of them earlier than shown` : ""}
              {onRange && !table && data && finePointer.matches ? " · drag to choose a time" : ""}
            </>
          )}
        </span>
        {data && (
          <button class="plain" aria-pressed={table} onClick={() => showTable(!table)}>
            {table ? "Chart" : "Table"}
          </button>
        )}
      </figcaption>
      {volume === null ? (
        <div class="plot" />
      ) : !data ? (
        <p class="plot quiet">No articles in this time.</p>
      ) : table ? (
        <div class="scroll tall" tabIndex={0} role="group" aria-label={title}>
          <table>
            <thead>
              <tr>
                <th scope="col">{interval === "day" ? "Day" : "Hour"}</th>
                <th scope="col" class="number">
                  Articles
                </th>
                {data.values.map((value) => (
                  <th scope="col" class="number" key={value}>
                    {name(value)}
                  </th>
                ))}
                {onRange && (
                  <th scope="col">
                    <span class="visually-hidden">Choose</span>
                  </th>
                )}
              </tr>
            </thead>
            <tbody>
              {data.x
                .map((t, i) => ({ t, i }))
                .filter(({ i }) => data.total[i]! > 0)
                .reverse()
                .map(({ t, i }) => (
                  <tr key={t}>
                    <th scope="row">{moment(t)}</th>
                    <td class="number">{count(data.total[i]!)}</td>
                    {data.parts.map((part, k) => (
                      <td class="number" key={k}>
                        {count(part[i]!)}
                      </td>
                    ))}
                    {onRange && (
                      <td class="number">
                        <button
                          class="plain"
                          aria-label={`Only ${moment(t)}`}
                          onClick={() => onRange(new Date(t * 1000), new Date((t + step) * 1000))}
                        >
                          only this
                        </button>
                      </td>
                    )}
                  </tr>
                ))}
            </tbody>
          </table>
        </div>
      ) : (
        <div
          ref={box}
          class="plot"
          role="img"
          aria-label={
            `${title}: ${plural(total, "article")}; ` +
            "the table behind the button gives the numbers"
          }
        />
      )}
      {data && !table && (data.values.length > 0 || data.gaps.length > 0) && (
        <ul class="legend">
          {data.values.map((value, i) => (
            <li key={value} class={`series-${i + 1}`}>
              <bdi>{name(value)}</bdi>
            </li>
          ))}
          {data.values.length > 0 && (!stacked || data.others) && (
            <li class="series-other">{stacked ? "others" : "all; an article may have several"}</li>
          )}
          {data.gaps.length > 0 && <li class="series-gap">no article at all from any source</li>}
        </ul>
      )}
    </figure>
  );
}
