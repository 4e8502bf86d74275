// Volume over time: an honest bar chart with a zero line, a title, drag to choose a range, and the table behind it.
import { useEffect, useRef, useState } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { Bin } from "./api";
import { count } from "./text";

const color = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const bars = uPlot.paths.bars!({ size: [0.86, 40, 1], align: 1 });

interface Props { title: string; bins: Bin[]; interval: "hour" | "day"; height?: number; onRange?: (from: Date, to: Date) => void; gaps?: { from: string; to: string }[] }

export function Timeline({ title, bins, interval, height = 120, onRange }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const [table, showTable] = useState(false);
  const step = interval === "hour" ? 3600 : 86400;
  useEffect(() => {
    const element = box.current;
    if (!element || !bins.length || table) return;
    const counts = new Map(bins.map((b) => [Math.floor(Date.parse(b.begin) / 1000), b.count]));
    const times = [...counts.keys()].sort((a, b) => a - b);
    const first = times[0]!, last = times[times.length - 1]!;
    const x: number[] = [], y: number[] = [];
    const from = Math.max(first, last - step * 2000);  // a single article from long ago must not squeeze the rest
    for (let t = from; t <= last; t += step) { x.push(t); y.push(counts.get(t) ?? 0); }
    if (x.length < 12) for (let i = x.length; i < 12; ++i) { x.unshift(x[0]! - step); y.unshift(0); }
    let plot: uPlot | null = null;
    const draw = () => {
      plot?.destroy();
      const axis = { stroke: color("--quiet"), grid: { stroke: color("--line"), width: 1 }, ticks: { stroke: color("--line"), width: 1 }, font: "11px system-ui" };
      plot = new uPlot({
        width: element.clientWidth, height, legend: { show: false },
        cursor: { drag: { x: Boolean(onRange), y: false, setScale: false }, points: { show: false } },
        scales: { x: { time: true, range: [x[0]!, x[x.length - 1]! + step] }, y: { range: (_u, _min, max) => [0, Math.max(4, max * 1.1)] } },
        axes: [{ ...axis, grid: { show: false } }, { ...axis, size: 40, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000] }],
        series: [{}, { fill: color("--bar"), stroke: color("--bar"), width: 0, paths: bars, points: { show: false } }],
        hooks: {
          setSelect: [(u) => {
            if (!onRange || u.select.width < 4) return;
            const begin = u.posToVal(u.select.left, "x"), end = u.posToVal(u.select.left + u.select.width, "x");
            onRange(new Date(Math.floor(begin / step) * step * 1000), new Date(Math.ceil(end / step) * step * 1000));
          }],
          setCursor: [(u) => {
            const i = u.cursor.idx;
            element.title = i === null || i === undefined ? "" : `${new Date(x[i]! * 1000).toLocaleString(undefined, interval === "day" ? { dateStyle: "full" } : { dateStyle: "medium", timeStyle: "short" })}: ${count(y[i]!)} articles`;
          }],
        },
      }, [x, y], element);
    };
    draw();
    const resized = new ResizeObserver(() => { if (plot && Math.abs(plot.width - element.clientWidth) > 2) draw(); });
    resized.observe(element);
    const scheme = matchMedia("(prefers-color-scheme: dark)");
    scheme.addEventListener("change", draw);
    return () => { resized.disconnect(); scheme.removeEventListener("change", draw); plot?.destroy(); };
  }, [bins, interval, table, height]);

  const total = bins.reduce((sum, bin) => sum + bin.count, 0);
  return <figure class="timeline">
    <figcaption><span>{title} <span class="quiet">{count(total)} in all{onRange && !table ? " · drag to choose a time" : ""}</span></span>
      <button class="plain" aria-pressed={table} onClick={() => showTable(!table)}>{table ? "Chart" : "Table"}</button></figcaption>
    {bins.length === 0 ? <p class="quiet">No articles in this time.</p>
      : table ? <div class="scroll"><table><thead><tr><th scope="col">{interval === "day" ? "Day" : "Hour"}</th><th scope="col" class="number">Articles</th></tr></thead>
        <tbody>{[...bins].reverse().map((bin) => <tr key={bin.begin}><td>{new Date(bin.begin).toLocaleString(undefined, interval === "day" ? { dateStyle: "medium", timeZone: "UTC" } : { dateStyle: "medium", timeStyle: "short" })}</td><td class="number">{count(bin.count)}</td></tr>)}</tbody></table></div>
        : <div ref={box} class="plot" role="img" aria-label={`${title}: ${count(total)} articles; the table behind the button gives the numbers`} />}
  </figure>;
}
