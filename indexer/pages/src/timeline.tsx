// Volume over time: an honest bar chart with a zero line, a title, drag to choose a range, and the
// table behind it.
import { ComponentChildren } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { Bars, Volume, barsOf, unknown } from "./bars";
import { Boundary } from "./boundary";
import { drawChart } from "./chart";
import { Key, locale, t } from "./i18n";
import { count } from "./text";
import { Interval, zone } from "./zone";

/// Facets of which an article may have several: their counts do not add up, so that they are lines,
/// not a stack.
const several = new Set(["topic", "actor"]);
const finePointer = matchMedia("(pointer: fine)"); // a finger scrolls; there the table chooses

type Range = (from: Date, to: Date) => void;
interface Props {
  volume: Volume | null;
  split?: string;
  name?: (value: string) => string;
  height?: number;
  stale?: boolean; // the volume is of another query
  onRange?: Range;
}

const day = { weekday: "short", day: "numeric", month: "short" } as const;
/// The name of the time of a bar.
const momentIn = (interval: Interval) => (time: number) =>
  new Date(time * 1000).toLocaleString(
    locale(),
    interval === "day"
      ? { ...day, year: "numeric", timeZone: zone() }
      : { ...day, hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: zone() },
  );

const partsSaid = 4; // of the bar in focus; how many more there are is said too

/// What the caption says of the bar in focus: its time, its count, and the largest of its values.
function saidOf(
  bars: Bars,
  pointed: number,
  moment: (time: number) => string,
  name: (value: string) => string,
): string {
  const at = bars.x[pointed]!;
  const parts = bars.values
    .map((value, i) => ({ name: name(value), n: bars.parts[i]![pointed]! }))
    .concat(bars.others ? [{ name: t("chart.others"), n: bars.others[pointed]! }] : [])
    .filter((part) => part.n > 0)
    .sort((a, b) => b.n - a.n);
  const more = parts.length - partsSaid;
  return (
    `${moment(at)}: ${t("articles", { n: bars.total[pointed]! })}` +
    (bars.gaps.includes(at) ? ` · ${t("chart.gap")}` : "") +
    parts
      .slice(0, partsSaid)
      .map((part) => ` · ${part.name} ${count(part.n)}`)
      .join("") +
    (more > 0 ? ` · ${t("chart.more", { n: more })}` : "")
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
  const time = bars.x[i]!;
  return (
    <tr>
      <th scope="row">{moment(time)}</th>
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
            aria-label={t("chart.only", { time: moment(time) })}
            onClick={() => onRange(new Date(time * 1000), new Date(bars.ends[i]! * 1000))}
          >
            {t("chart.only_this")}
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
            <th scope="col">{t(interval === "day" ? "chart.day" : "chart.hour")}</th>
            <th scope="col" class="number">
              {t("chart.articles")}
            </th>
            {bars.values.map((value) => (
              <th scope="col" class="number" key={value}>
                {name(value)}
              </th>
            ))}
            {bars.others && (
              <th scope="col" class="number">
                {t("chart.others")}
              </th>
            )}
            {onRange && (
              <th scope="col">
                <span class="visually-hidden">{t("chart.choose")}</span>
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

const sum = (numbers: number[]) => numbers.reduce((all, n) => all + n, 0);

/// The values of a facet take more lines, which are kept while the values are not known.
const legendClass = (split: boolean) => (split ? "legend many" : "legend");

function Legend({
  bars,
  stacked,
  split,
  name,
}: {
  bars: Bars;
  stacked: boolean;
  split: boolean;
  name: (value: string) => string;
}) {
  const number = (n: number) => <span class="number">{count(n)}</span>;
  return (
    <ul class={legendClass(split)}>
      {bars.values.map((value, i) => (
        <li key={value} class={value === unknown ? "series-unknown" : `series-${i + 1}`}>
          <bdi>{name(value)}</bdi> {number(sum(bars.parts[i]!))}
        </li>
      ))}
      {bars.others && (
        <li class="series-other">
          {t("chart.others")} {number(sum(bars.others))}
        </li>
      )}
      {bars.values.length > 0 && !stacked && <li class="series-other">{t("chart.several")}</li>}
      {bars.gaps.length > 0 && <li class="series-gap">{t("chart.gap")}</li>}
    </ul>
  );
}

/// What the caption says while no bar is in focus.
function inAll(bars: Bars, canDrag: boolean): string {
  return (
    t("articles", { n: sum(bars.total) }) +
    (bars.hidden > 0 ? ` · ${t("chart.earlier", { n: bars.hidden })}` : "") +
    (canDrag && finePointer.matches ? ` · ${t("chart.drag")}` : "")
  );
}

const titles: Record<Interval, Key> = { hour: "chart.per_hour", day: "chart.per_day" };

/// The drawing, and drawing anew where what it shows changes.
function Plot({
  bars,
  label,
  point,
  ...look
}: {
  bars: Bars;
  interval: Interval;
  height: number;
  split: boolean;
  stacked: boolean;
  label: string;
  point: (bar: number | null) => void;
  onRange?: Range;
}) {
  const box = useRef<HTMLDivElement>(null);
  const { interval, height, split, stacked } = look;
  useEffect(() => {
    point(null);
    return drawChart(box.current!, { bars, point, ...look });
  }, [bars, interval, height, split, stacked]);
  return <div ref={box} class="plot" dir="ltr" role="img" aria-label={label} />;
}

function Drawn(props: Omit<Props, "volume"> & { volume: Volume }) {
  const { volume, split = "", height = 132, stale, onRange } = props;
  const given = props.name ?? ((value: string) => value);
  const name = (value: string) => (value === unknown ? t("unknown") : given(value));
  const [table, showTable] = useState(false);
  const [pointed, point] = useState<number | null>(null);
  const { interval } = volume;
  const stacked = !several.has(split);
  const bars = useMemo(() => barsOf(volume, Boolean(split)), [volume, split]);
  const title = t(titles[interval], { zone: zone() });
  const inFocus = bars && pointed !== null && pointed < bars.x.length;
  return (
    <figure class={stale ? "timeline stale" : "timeline"}>
      <figcaption>
        <span class="title">{title}</span>
        <span class="quiet said">
          {inFocus
            ? saidOf(bars, pointed, momentIn(interval), name)
            : bars && inAll(bars, Boolean(onRange) && !table)}
        </span>
        {bars ? (
          <button class="plain" aria-pressed={table} onClick={() => showTable(!table)}>
            {t(table ? "chart.chart" : "chart.table")}
          </button>
        ) : (
          <NoButton />
        )}
      </figcaption>
      {!bars ? (
        <p class="plot quiet">{t("chart.none")}</p>
      ) : table ? (
        <Table bars={bars} interval={interval} title={title} name={name} onRange={onRange} />
      ) : (
        <Plot
          {...{ bars, interval, height, stacked, point, onRange }}
          split={Boolean(split)}
          label={t("chart.label", { title, articles: t("articles", { n: sum(bars.total) }) })}
        />
      )}
      {bars && (!table || !stacked) && (
        <Legend bars={bars} stacked={stacked} split={Boolean(split)} name={name} />
      )}
      {!bars && <ul class={legendClass(Boolean(split))} />}
    </figure>
  );
}

/// The place of the button to the table, as high as it.
const NoButton = () => (
  <button class="plain" disabled tabIndex={-1} aria-hidden="true">
    &nbsp;
  </button>
);

/// What stands in the place of a chart, as high as one.
export function NoTimeline(props: { split: boolean; busy?: boolean; children: ComponentChildren }) {
  return (
    <figure class="timeline" aria-busy={props.busy}>
      <figcaption aria-hidden="true">
        <span class="title">&nbsp;</span>
        <span class="said">&nbsp;</span>
        <NoButton />
      </figcaption>
      {props.children}
      <ul class={legendClass(props.split)} aria-hidden="true" />
    </figure>
  );
}

/// While nothing is known yet its place is kept, and nothing is said.
export function Timeline({ volume, ...rest }: Props) {
  if (!volume)
    return (
      <NoTimeline split={Boolean(rest.split)} busy>
        <div class="plot skeleton" />
      </NoTimeline>
    );
  return (
    <Boundary>
      <Drawn volume={volume} {...rest} />
    </Boundary>
  );
}
