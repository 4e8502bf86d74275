// Is it unusual? One sentence about the last 24 hours, and two searches side by side.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { Trend, get } from "./api";
import { Bars } from "./bars";
import { drawChart } from "./chart";
import { change, useLoaded } from "./location";
import { Problem, count } from "./text";

const trendOf = (q: string) => (signal: AbortSignal) => get<Trend>("/v1/trend", { q }, signal);
const refreshMs = 5 * 60000;

/// A share of all articles, as people read it.
export function shareName(share: number): string {
  if (share === 0) return "0 %";
  const percent = share * 100;
  const digits = percent >= 10 ? 0 : percent >= 1 ? 1 : 2;
  return percent < 0.01 ? "under 0.01 %" : `${percent.toFixed(digits)} %`;
}

/// What the judgement says, with the share of all coverage behind it.
export function Unusual({ q }: { q: string }) {
  const trend = useLoaded(`trend ${q}`, trendOf(q), refreshMs).value;
  if (!trend) return null;
  const share =
    `${shareName(trend.share)} of all articles` +
    (trend.verdict === "unknown" ? "" : `, usual ${shareName(trend.usual_share)}`);
  return (
    <p class={`unusual ${trend.verdict}`} role="status">
      <bdi>{trend.sentence}</bdi> <span class="quiet">{`· ${share}`}</span>
      {trend.partial && <span class="quiet"> · a part of the index is missing</span>}
    </p>
  );
}

/// The days of two queries: counts, or articles in 10,000 of all.
function barsOf(trends: Trend[], names: string[], normalised: boolean): Bars {
  const days = trends[0]!.days;
  const x = days.map((day) => Math.floor(Date.parse(day.begin) / 1000));
  const valueOf = (day: Trend["days"][number]) =>
    normalised ? (day.coverage ? (day.count / day.coverage) * 10000 : 0) : day.count;
  return {
    x,
    ends: x.map((t) => t + 86400),
    total: x.map(() => 0),
    values: names,
    parts: trends.map((trend) => trend.days.map(valueOf)),
    others: null,
    gaps: x.filter((_, i) => days[i]!.gap),
    hidden: 0,
  };
}

const dayName = (t: number) =>
  new Date(t * 1000).toLocaleDateString(undefined, {
    day: "numeric",
    month: "short",
    hour: "2-digit",
    minute: "2-digit",
  });

function Table({ bars, unit }: { bars: Bars; unit: string }) {
  return (
    <div class="scroll tall" tabIndex={0} role="group" aria-label={unit}>
      <table>
        <thead>
          <tr>
            <th scope="col">24 hours from</th>
            {bars.values.map((name) => (
              <th scope="col" class="number" key={name}>
                <bdi>{name}</bdi>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {bars.x.map((t, i) => (
            <tr key={t}>
              <th scope="row">{dayName(t)}</th>
              {bars.parts.map((part, k) => (
                <td class="number" key={k}>
                  {bars.gaps.includes(t) ? "gap" : count(Math.round(part[i]! * 10) / 10)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Lines({ bars, unit }: { bars: Bars; unit: string }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!box.current) return;
    const look = { height: 132, split: true, stacked: false };
    return drawChart(box.current, { bars, interval: "day", ...look, point: () => undefined });
  }, [bars]);
  return (
    <>
      <div
        ref={box}
        class="plot"
        role="img"
        aria-label={`${unit} of two searches; the table behind the button gives the numbers`}
      />
      <ul class="legend">
        {bars.values.map((name, i) => (
          <li key={name} class={`series-${i + 1}`}>
            <bdi>{name}</bdi>
          </li>
        ))}
        {bars.gaps.length > 0 && <li class="series-gap">the whole collection collapsed</li>}
      </ul>
    </>
  );
}

/// Two searches on one chart, as counts or normalised by all articles of each day.
function Comparison({ q, other }: { q: string; other: string }) {
  const [normalised, normalise] = useState(true);
  const [table, showTable] = useState(false);
  const both = useLoaded(
    `compared ${q}\n${other}`,
    (signal) => Promise.all([trendOf(q)(signal), trendOf(other)(signal)]),
    refreshMs,
  );
  const bars = useMemo(() => {
    const names = [q || "all articles", other === q ? `${other} ` : other || "all articles"];
    return both.value && barsOf(both.value, names, normalised);
  }, [both.value, normalised]);
  if (both.error) return <Problem error={both.error} retry={both.again} />;
  if (!bars) return <div class="plot" />;
  const unit = normalised ? "Articles in 10,000 of all, per 24 hours" : "Articles per 24 hours";
  return (
    <figure class="timeline comparison">
      <figcaption>
        <span class="title">{unit}</span>
        <label>
          <input
            type="checkbox"
            checked={normalised}
            onChange={(event) => normalise(event.currentTarget.checked)}
          />{" "}
          share of all coverage
        </label>
        <button class="plain" aria-pressed={table} onClick={() => showTable(!table)}>
          {table ? "Chart" : "Table"}
        </button>
        <button class="plain" onClick={() => change({ vs: null }, true)}>
          Stop comparing
        </button>
      </figcaption>
      {table ? <Table bars={bars} unit={unit} /> : <Lines bars={bars} unit={unit} />}
    </figure>
  );
}

/// A second query beside that of the view, kept in the URL as `vs`.
export function Compare({ q, other }: { q: string; other: string | null }) {
  const [open, setOpen] = useState(false);
  if (other !== null) return <Comparison q={q} other={other} />;
  if (!open)
    return (
      <button class="plain compare" onClick={() => setOpen(true)}>
        Compare with another search
      </button>
    );
  return (
    <form
      class="bar compare"
      onSubmit={(event) => {
        event.preventDefault();
        const text = new FormData(event.currentTarget).get("vs");
        change({ vs: String(text ?? "") }, true);
      }}
    >
      <label>
        Compare with <input name="vs" type="search" autoFocus required />
      </label>
      <button>Compare</button>
    </form>
  );
}
