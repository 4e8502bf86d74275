// Volume over time: an honest bar chart with a zero line, a title, drag to choose a range, and the
// table behind it.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { Bars, Volume, barsOf, unknown } from "./bars";
import { drawChart } from "./chart";
import { count, plural } from "./text";
import { Interval, zone } from "./zone";

/// Facets of which an article may have several: their counts do not add up, so that they are lines,
/// not a stack.
const several = new Set(["topic", "actor"]);
const finePointer = matchMedia("(pointer: fine)"); // a finger scrolls; there the table chooses

type Range = (from: Date, to: Date) => void;
interface Props {
  volume: Volume | null;
  of?: string;
  split?: string;
  name?: (value: string) => string;
  height?: number;
  until?: Date;
  onRange?: Range;
}

const day = { weekday: "short", day: "numeric", month: "short" } as const;
/// The name of the time of a bar.
const momentIn = (interval: Interval) => (t: number) =>
  new Date(t * 1000).toLocaleString(
    undefined,
    interval === "day"
      ? { ...day, year: "numeric", timeZone: zone() }
      : { ...day, hour: "2-digit", minute: "2-digit", timeZone: zone() },
  );

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

interface TableProps {
  bars: Bars;
  interval: Interval;
  title: string;
  name: (value: string) => string;
  onRange?: Range;
}

function TableRow({
  bars,
  bar: i,
  interval,
  onRange,
}: Omit<TableProps, "title" | "name"> & { bar: number }) {
  const moment = momentIn(interval);
  const t = bars.x[i]!;
  return (
    <tr>
      <th scope="row">{moment(t)}</th>
      <td class="number">{count(bars.total[i]!)}</td>
      {bars.parts.map((part, k) => (
        <td class="number" key={k}>
          {count(part[i]!)}
        </td>
      ))}
      {bars.others && <td class="number">{count(bars.others[i]!)}</td>}
      {onRange && (
        <td class="number">
          <button
            class="plain"
            aria-label={`Only ${moment(t)}`}
            onClick={() => onRange(new Date(t * 1000), new Date(bars.ends[i]! * 1000))}
          >
            only this
          </button>
        </td>
      )}
    </tr>
  );
}

function Table({ bars, interval, title, name, onRange }: TableProps) {
  const shown = bars.x.map((_, i) => i).filter((i) => bars.total[i]! > 0);
  return (
    <div class="scroll tall" tabIndex={0} role="group" aria-label={title}>
      <table>
        <thead>
          <tr>
            <th scope="col">{interval === "day" ? "Day" : "Hour"}</th>
            <th scope="col" class="number">
              Articles
            </th>
            {bars.values.map((value) => (
              <th scope="col" class="number" key={value}>
                {name(value)}
              </th>
            ))}
            {bars.others && (
              <th scope="col" class="number">
                others
              </th>
            )}
            {onRange && (
              <th scope="col">
                <span class="visually-hidden">Choose</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {shown.reverse().map((i) => (
            <TableRow key={bars.x[i]} bars={bars} bar={i} interval={interval} onRange={onRange} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Legend({
  bars,
  stacked,
  name,
}: {
  bars: Bars;
  stacked: boolean;
  name: (value: string) => string;
}) {
  if (!bars.values.length && !bars.gaps.length) return null;
  return (
    <ul class="legend">
      {bars.values.map((value, i) => (
        <li key={value} class={value === unknown ? "series-unknown" : `series-${i + 1}`}>
          <bdi>{name(value)}</bdi>
        </li>
      ))}
      {bars.values.length > 0 && (!stacked || bars.others) && (
        <li class="series-other">{stacked ? "others" : "all; an article may have several"}</li>
      )}
      {bars.gaps.length > 0 && <li class="series-gap">no article at all from any source</li>}
    </ul>
  );
}

/// What the caption says while no bar is in focus.
function inAll(total: number, bars: Bars | null, canDrag: boolean): string {
  return (
    plural(total, "article") +
    (bars && bars.hidden > 0 ? `, ${count(bars.hidden)} of them earlier than shown` : "") +
    (canDrag && bars && finePointer.matches ? " · drag to choose a time" : "")
  );
}

export function Timeline(props: Props) {
  const { volume, of = "Articles", split = "", height = 132, until, onRange } = props;
  const given = props.name ?? ((value: string) => value);
  const name = (value: string) => (value === unknown ? "not known" : given(value));
  const box = useRef<HTMLDivElement>(null);
  const [table, showTable] = useState(false);
  const [pointed, point] = useState<number | null>(null);
  const interval = volume?.interval ?? "day";
  const stacked = !several.has(split);
  const bars = useMemo(() => barsOf(volume, Boolean(split), until), [volume, split]);
  useEffect(() => {
    if (!box.current || !bars || table) return;
    const look = { height, split: Boolean(split), stacked };
    return drawChart(box.current, { bars, interval, ...look, point, onRange });
  }, [bars, table, height]);

  const total = volume?.bins.reduce((sum, bin) => sum + bin.count, 0) ?? 0;
  const title = `${of} per ${interval}${zone() === "UTC" ? " (UTC)" : ""}`;
  const said = pointed !== null && bars ? saidOf(bars, pointed, momentIn(interval), name) : "";
  return (
    <figure class="timeline">
      <figcaption>
        <span class="title">{title}</span>
        <span class="quiet said">{said || inAll(total, bars, Boolean(onRange) && !table)}</span>
        {bars && (
          <button class="plain" aria-pressed={table} onClick={() => showTable(!table)}>
            {table ? "Chart" : "Table"}
          </button>
        )}
      </figcaption>
      {volume === null ? (
        <div class="plot" />
      ) : !bars ? (
        <p class="plot quiet">No articles in this time.</p>
      ) : table ? (
        <Table bars={bars} interval={interval} title={title} name={name} onRange={onRange} />
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
      {bars && !table && <Legend bars={bars} stacked={stacked} name={name} />}
    </figure>
  );
}
