// The chart of a timeline: bars from zero, stacked or beside lines, with the gaps shaded.
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { locale } from "./i18n";
import { clockTime, count } from "./text";
import { Bars, unknown } from "./bars";
import { Interval, zone } from "./zone";

const color = (name: string) =>
  getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const shade = (bars: Bars, i: number) =>
  color(bars.values[i] === unknown ? "--series-unknown" : `--series-${i + 1}`);
const barPaths = uPlot.paths.bars!({ size: [0.9, 48, 1], align: 1 });
const steps = uPlot.paths.stepped!({ align: 1 });

const timeSteps = {
  hour: [3600, 10800, 21600, 43200, 86400, 172800, 604800],
  day: [86400, 172800, 604800, 1209600, 2592000],
};
const countSteps = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000, 100000,
];

export interface Chart {
  bars: Bars;
  interval: Interval;
  height: number;
  split: boolean;
  stacked: boolean; // else values are lines, since their counts do not add up
  point: (bar: number | null) => void;
  onRange?: (from: Date, to: Date) => void;
}

/// A stack is drawn from its top down: the sum of all behind, then each sum without the last.
function layersOf({ bars, split, stacked }: Chart): { y: number[]; fill: string }[] {
  const all = { y: bars.total, fill: split ? color("--series-other") : color("--bar") };
  if (!split) return [all];
  if (!stacked) return [{ ...all, fill: bars.parts.length ? all.fill : color("--bar") }];
  const layers = [all];
  for (let i = bars.parts.length - 1; i >= 0; --i)
    layers.push({
      y: bars.x.map((_, k) => bars.parts.slice(0, i + 1).reduce((n, part) => n + part[k]!, 0)),
      fill: shade(bars, i),
    });
  return layers;
}

/// Under a bar: its day, or its time and, where a day begins, that day below.
function tick(interval: Interval, t: number, i: number, all: number[]): string {
  const date = new Date(t * 1000),
    timeZone = zone();
  const day = date.toLocaleDateString(locale(), { day: "numeric", month: "short", timeZone });
  if (interval === "day") return day;
  const dayOf = (at: Date) => at.toLocaleDateString("en", { timeZone });
  const isNew = i === 0 || dayOf(new Date(all[i - 1]! * 1000)) !== dayOf(date);
  return clockTime(date, timeZone) + (isNew ? `\n${day}` : "");
}

function axesOf({ bars, interval }: Chart): uPlot.Axis[] {
  const axis = {
    stroke: color("--quiet"),
    grid: { stroke: color("--line"), width: 1 },
    ticks: { stroke: color("--line"), width: 1, size: 4 },
    font: `11px ${getComputedStyle(document.body).fontFamily}`,
  };
  const last = bars.x[bars.x.length - 1]!;
  return [
    {
      ...axis,
      grid: { show: false },
      size: interval === "hour" ? 36 : 24,
      space: 64,
      incrs: timeSteps[interval],
      values: (_u, splits) => splits.map((t, i) => (t > last ? "" : tick(interval, t, i, splits))),
    },
    {
      ...axis,
      size: 44,
      space: 26,
      incrs: countSteps,
      values: (_u, splits) => splits.map((n) => count(n)),
    },
  ];
}

/// The bar that a time is in; -1 before the first and behind the last.
function barAt(bars: Bars, t: number): number {
  const behind = bars.x.findIndex((begin) => begin > t);
  const i = (behind < 0 ? bars.x.length : behind) - 1;
  return i >= 0 && t < bars.ends[i]! ? i : -1;
}

function shadeGaps(u: uPlot, { x, ends, gaps }: Bars) {
  u.ctx.fillStyle = color("--gap");
  const endOf = (begin: number) => ends[x.indexOf(begin)]!;
  for (let i = 0; i < gaps.length; ) {
    let last = i;
    while (last + 1 < gaps.length && gaps[last + 1] === endOf(gaps[last]!)) ++last;
    const from = u.valToPos(gaps[i]!, "x", true),
      to = u.valToPos(endOf(gaps[last]!), "x", true);
    u.ctx.fillRect(from, u.bbox.top, to - from, u.bbox.height);
    i = last + 1;
  }
}

function hooksOf({ bars, point, onRange }: Chart): uPlot.Hooks.Arrays {
  const first = bars.x[0]!,
    last = bars.x.length - 1;
  return {
    drawClear: [(u) => shadeGaps(u, bars)],
    setSelect: [
      (u) => {
        if (!onRange || u.select.width < 4) return;
        const from = u.posToVal(u.select.left, "x"),
          to = u.posToVal(u.select.left + u.select.width, "x");
        const begin = barAt(bars, Math.max(from, first)),
          end = to >= bars.ends[last]! ? last : barAt(bars, to);
        if (begin < 0 || end < begin) return;
        onRange(new Date(bars.x[begin]! * 1000), new Date(bars.ends[end]! * 1000));
      },
    ],
    setCursor: [
      (u) => {
        const left = u.cursor.left ?? -1;
        const i = left < 0 ? -1 : barAt(bars, u.posToVal(left, "x"));
        point(i >= 0 ? i : null);
      },
    ],
  };
}

function plotOf(element: HTMLElement, chart: Chart): uPlot {
  const { bars } = chart;
  const layers = layersOf(chart);
  const lines = chart.split && !chart.stacked ? bars.parts : [];
  const none = { points: { show: false } };
  return new uPlot(
    {
      width: element.clientWidth,
      height: chart.height,
      legend: { show: false },
      padding: [8, 20, 0, 0],
      tzDate: (t) => uPlot.tzDate(new Date(t * 1000), zone()),
      cursor: {
        drag: { x: Boolean(chart.onRange), y: false, setScale: false },
        ...none,
        y: false,
      },
      scales: {
        x: { time: true, range: [bars.x[0]!, bars.ends[bars.ends.length - 1]!] },
        y: { range: (_u, _min, max) => [0, Math.max(4, max * 1.08)] },
      },
      axes: axesOf(chart),
      series: [
        {},
        ...layers.map(({ fill }) => ({ fill, stroke: fill, width: 0, paths: barPaths, ...none })),
        ...lines.map((_, i) => ({ stroke: shade(bars, i), width: 2, paths: steps, ...none })),
      ],
      hooks: hooksOf(chart),
    },
    [bars.x, ...layers.map((layer) => layer.y), ...lines] as uPlot.AlignedData,
    element,
  );
}

/// Draws the chart into the element, and again when its width or the colours change; what it
/// returns takes the chart away.
export function drawChart(element: HTMLElement, chart: Chart): () => void {
  let plot: uPlot | null = null;
  const draw = () => {
    plot?.destroy();
    plot = plotOf(element, chart);
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
}
