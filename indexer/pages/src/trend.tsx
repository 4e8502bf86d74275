// Is it unusual? One sentence about the last 24 hours, and two searches side by side.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { Trend, get } from "./api";
import { Bars } from "./bars";
import { drawChart } from "./chart";
import { locale, t } from "./i18n";
import { change, useLoaded } from "./location";
import { trendSentence } from "./sentence";
import { Problem, count } from "./text";

const trendOf = (q: string) => (signal: AbortSignal) => get<Trend>("/v1/trend", { q }, signal);
const refreshMs = 5 * 60000;

/// A share of all articles, as people read it.
export function shareName(share: number): string {
  const percent = share * 100;
  const digits = share === 0 || percent >= 10 ? 0 : percent >= 1 ? 1 : 2;
  const written = (value: number) =>
    value.toLocaleString(locale(), { style: "percent", maximumFractionDigits: digits });
  return share > 0 && percent < 0.01
    ? t("trend.under", { share: written(0.0001) })
    : written(share);
}

export const useTrend = (q: string) => useLoaded(`trend ${q}`, trendOf(q), refreshMs);

/// What the judgement says, with the share of all coverage behind it. Its place is kept while it is
/// not known.
export function Unusual({ trend }: { trend: Trend | null }) {
  if (!trend) return <p class="unusual" aria-hidden="true" />;
  const share =
    t("trend.share", { share: shareName(trend.share) }) +
    (trend.verdict === "unknown"
      ? ""
      : ` · ${t("trend.usual", { share: shareName(trend.usual_share) })}`);
  return (
    <p class={`unusual ${trend.verdict}`} role="status">
      <bdi>{trendSentence(trend)}</bdi> <span class="quiet">{`· ${share}`}</span>
      {trend.partial && <span class="quiet"> · {t("watch.partial")}</span>}
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

const dayName = (time: number) =>
  new Date(time * 1000).toLocaleDateString(locale(), {
    day: "numeric",
    month: "short",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });

function Table({ bars, unit }: { bars: Bars; unit: string }) {
  return (
    <div class="scroll tall" tabIndex={0} role="group" aria-label={unit}>
      <table>
        <thead>
          <tr>
            <th scope="col">{t("trend.from")}</th>
            {bars.values.map((name) => (
              <th scope="col" class="number" key={name}>
                <bdi>{name}</bdi>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {bars.x.map((time, i) => (
            <tr key={time}>
              <th scope="row">{dayName(time)}</th>
              {bars.parts.map((part, k) => (
                <td class="number" key={k}>
                  {bars.gaps.includes(time)
                    ? t("trend.gap")
                    : count(Math.round(part[i]! * 10) / 10)}
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
      <div ref={box} class="plot" dir="ltr" role="img" aria-label={t("trend.label", { unit })} />
      <ul class="legend">
        {bars.values.map((name, i) => (
          <li key={name} class={`series-${i + 1}`}>
            <bdi>{name}</bdi>
          </li>
        ))}
        {bars.gaps.length > 0 && <li class="series-gap">{t("trend.collapsed")}</li>}
      </ul>
    </>
  );
}

/// The place of the lines, and what they will be.
function Coming({ names }: { names: string[] }) {
  return (
    <>
      <div class="plot skeleton" aria-hidden="true" />
      <ul class="legend">
        {names.map((name, i) => (
          <li key={name} class={`series-${i + 1}`}>
            <bdi>{name}</bdi>
          </li>
        ))}
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
  const all = t("trend.all");
  const names = [q || all, other === q ? `${other} ` : other || all];
  const bars = useMemo(
    () => both.value && barsOf(both.value, names, normalised),
    [both.value, normalised],
  );
  if (both.error) return <Problem error={both.error} retry={both.again} />;
  const unit = t(normalised ? "trend.per_ten_thousand" : "trend.per_day");
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
          {t("trend.normalise")}
        </label>
        <button class="plain" aria-pressed={table} onClick={() => showTable(!table)}>
          {t(table ? "chart.chart" : "chart.table")}
        </button>
        <button class="plain" onClick={() => change({ vs: null }, true)}>
          {t("trend.stop")}
        </button>
      </figcaption>
      {!bars ? (
        <Coming names={names} />
      ) : table ? (
        <Table bars={bars} unit={unit} />
      ) : (
        <Lines bars={bars} unit={unit} />
      )}
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
        {t("trend.compare_with")}
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
        {t("trend.with")} <input name="vs" type="search" autoFocus required />
      </label>
      <button>{t("trend.compare")}</button>
    </form>
  );
}
