// The sources: which of them work, and pausing those that do not.
import { useMemo } from "preact/hooks";
import { CommandRequest, SourceState, Sources as SourceList, call, get } from "./api";
import { SourceTools } from "./add_source";
import { Key, t } from "./i18n";
import { Link, change, useLoaded, usePlace } from "./location";
import { reasonName, robotsName, stateMeaning, stateName } from "./reasons";
import { Empty, Problem, When, count, countryName, languageName, seconds } from "./text";

const stateOrder = [
  "failing",
  "flooding",
  "refused",
  "blocked",
  "quiet",
  "paused",
  "waiting",
  "ok",
];
const rowsAtMost = 1000;

const stateOf = (s: SourceState) => (s.paused ? "paused" : s.state);
const timeOf = (t: string | null) => (t ? Date.parse(t) : 0);
const errorsOf = (s: SourceState) => s.errors.reduce((n, e) => n + e.count, 0);

const orders: Record<string, (a: SourceState, b: SourceState) => number> = {
  state: (a, b) =>
    stateOrder.indexOf(stateOf(a)) - stateOrder.indexOf(stateOf(b)) || a.name.localeCompare(b.name),
  name: (a, b) => a.name.localeCompare(b.name),
  last: (a, b) => timeOf(b.last_article) - timeOf(a.last_article),
  articles: (a, b) => b.articles - a.articles,
  errors: (a, b) => errorsOf(b) - errorsOf(a),
};

/// Those that are in a state and hold some words, in an order; all where nothing is asked for.
function chosen(all: SourceState[], state: string, words: string, order: string) {
  const needle = words.toLowerCase();
  return all
    .filter(
      (s) =>
        (!state || stateOf(s) === state) &&
        (!needle ||
          `${s.name} ${s.country} ${s.language} ${s.homepage}`.toLowerCase().includes(needle)),
    )
    .sort(orders[order] ?? orders.state);
}

type Command = (action: "pause" | "resume", target: string, name: string) => void;

function Filters({
  sources,
  shown,
  find,
  allPaused,
  command,
}: {
  sources: SourceState[];
  shown: string;
  find: string;
  allPaused: boolean;
  command: Command;
}) {
  const states = stateOrder
    .map((s) => [s, sources.filter((x) => stateOf(x) === s).length] as const)
    .filter(([, n]) => n > 0);
  const pauseAll = () => {
    if (confirm(t("sources.pause_all_sure"))) command("pause", "*", t("sources.all"));
  };
  return (
    <div class="bar">
      <input
        type="search"
        aria-label={t("sources.find")}
        placeholder={t("sources.find")}
        value={find}
        onInput={(e) => change({ find: e.currentTarget.value || null }, true)}
      />
      {states.map(([s, n]) => (
        <button
          key={s}
          class={`state-filter dot ${s}`}
          title={stateMeaning(s)}
          aria-pressed={shown === s}
          onClick={() => change({ state: shown === s ? null : s }, true)}
        >
          {stateName(s)} {count(n)}
        </button>
      ))}
      <span class="grow" />
      {allPaused ? (
        <button onClick={() => command("resume", "*", t("sources.all"))}>
          {t("sources.resume_all")}
        </button>
      ) : (
        <button onClick={pauseAll}>{t("sources.pause_all")}</button>
      )}
    </div>
  );
}

function PauseOrResume({ source: s, command }: { source: SourceState; command: Command }) {
  const [action, title, of]: ["pause" | "resume", Key, Key] = s.paused
    ? ["resume", "sources.resume", "sources.resume_of"]
    : ["pause", "sources.pause", "sources.pause_of"];
  return (
    <button
      class="small"
      aria-label={t(of, { name: s.name })}
      onClick={() => command(action, s.id, s.name)}
    >
      {t(title)}
    </button>
  );
}

function NextPoll({ source: s }: { source: SourceState }) {
  if (stateOf(s) === "paused" || !s.next_poll) return <span class="quiet">–</span>;
  return Date.parse(s.next_poll) <= Date.now() ? (
    <>{t("sources.due")}</>
  ) : (
    <When time={s.next_poll} />
  );
}

/// Why polls failed, in words; what was said last, where it is asked for.
function Errors({ source: s }: { source: SourceState }) {
  return (
    <>
      {s.errors.length === 0 && <span class="quiet">{t("sources.no_errors")}</span>}
      {s.errors.map((e) => (
        <span key={e.reason} class="reason">
          {reasonName(e.reason)} {count(e.count)}
        </span>
      ))}
      {s.errors.length > 0 && s.last_error && (
        <details class="last-error">
          <summary>{t("sources.last_error")}</summary>
          <span lang="en" dir="ltr">
            {s.last_error}
          </span>
        </details>
      )}
      {s.moved.map((m) => (
        <span key={m.from} class="reason" title={t("sources.moved_to", { from: m.from, to: m.to })}>
          {t("sources.moved")}
        </span>
      ))}
    </>
  );
}

function SourceRow({ source: s, command }: { source: SourceState; command: Command }) {
  const state = stateOf(s);
  return (
    <tr>
      <th scope="row">
        <Link to={`/s/${encodeURIComponent(s.id)}`} lang={s.language ?? undefined}>
          {s.name}
        </Link>{" "}
        <span class="quiet">
          {s.country && <abbr title={countryName(s.country)}>{s.country}</abbr>}{" "}
          {s.language && <abbr title={languageName(s.language)}>{s.language}</abbr>}
        </span>
      </th>
      <td>
        <span class={`dot ${state}`} title={stateMeaning(state)}>
          {stateName(state)}
        </span>
        {s.late ? <span class="bad"> {t("sources.late")}</span> : ""}
      </td>
      <td>
        {s.last_article ? (
          <When time={s.last_article} />
        ) : (
          <span class="quiet">{t("sources.none_yet")}</span>
        )}
      </td>
      <td class="number">{count(s.articles)}</td>
      <td>
        {s.expected_interval_s > 0 ? (
          t("sources.every", { time: seconds(s.expected_interval_s) })
        ) : (
          <span class="quiet">{t("sources.learning")}</span>
        )}
      </td>
      <td>
        <NextPoll source={s} />
      </td>
      <td>
        <Errors source={s} />
      </td>
      <td class={s.robots === "disallowed" ? "bad" : "quiet"}>{robotsName(s.robots)}</td>
      <td class="number">
        <PauseOrResume source={s} command={command} />
      </td>
    </tr>
  );
}

function Head({
  name,
  heading,
  sort,
  kind = "",
}: Record<"name" | "sort", string> & { heading: Key; kind?: string }) {
  const direction = name === "name" || name === "state" ? "ascending" : "descending";
  return (
    <th scope="col" class={kind} aria-sort={sort === name ? direction : undefined}>
      <button
        class="plain"
        onClick={() => change({ sources: name === "state" ? null : name }, true)}
      >
        {t(heading)}
      </button>
    </th>
  );
}

function SourceTable({
  rows,
  sort,
  command,
}: {
  rows: SourceState[];
  sort: string;
  command: Command;
}) {
  return (
    <>
      <div class="scroll tall" tabIndex={0} role="group" aria-label={t("sources.table")}>
        <table class="sources">
          <thead>
            <tr>
              <Head name="name" heading="table.source" sort={sort} />
              <Head name="state" heading="table.state" sort={sort} />
              <Head name="last" heading="sources.last_article" sort={sort} />
              <Head name="articles" heading="chart.articles" sort={sort} kind="number" />
              <th scope="col">{t("sources.rhythm")}</th>
              <th scope="col">{t("sources.next_poll")}</th>
              <Head name="errors" heading="sources.errors" sort={sort} />
              <th scope="col">{t("sources.robots")}</th>
              <th scope="col">
                <span class="visually-hidden">{t("table.commands")}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, rowsAtMost).map((s) => (
              <SourceRow key={s.id} source={s} command={command} />
            ))}
          </tbody>
        </table>
      </div>
      {rows.length > rowsAtMost && (
        <p class="quiet">{t("sources.first", { shown: rowsAtMost, n: rows.length })}</p>
      )}
    </>
  );
}

export const useSources = () =>
  useLoaded("sources", (signal) => get<SourceList>("/v1/sources", {}, signal), 5000);

export function Sources({
  sources: { value, error, again },
  notify,
}: {
  sources: ReturnType<typeof useSources>;
  notify: (text: string) => void;
}) {
  const { query } = usePlace();
  const sort = query.get("sources") ?? "state",
    shown = query.get("state") ?? "",
    find = query.get("find") ?? "";
  const rows = useMemo(
    () => chosen(value?.sources ?? [], shown, find, sort),
    [value, sort, shown, find],
  );
  if (!value) return error && <Problem error={error} retry={again} />;
  const command: Command = (action, target, name) => {
    const done: Key = action === "pause" ? "sources.is_paused" : "sources.goes_on";
    call("POST", "/v1/control", {}, { action, target } satisfies CommandRequest).then(
      () => {
        notify(t(done, { name }));
        again();
      },
      (e) => notify(e.message),
    );
  };
  return (
    <>
      <SourceTools again={again} />
      <Filters
        sources={value.sources}
        shown={shown}
        find={find}
        allPaused={value.all_paused}
        command={command}
      />
      {value.all_paused && (
        <p class="problem" role="alert">
          {t("sources.all_paused")}
        </p>
      )}
      {rows.length === 0 ? (
        <Empty>
          <p>{t(value.sources.length ? "sources.none_like_that" : "sources.none")}</p>
        </Empty>
      ) : (
        <SourceTable rows={rows} sort={sort} command={command} />
      )}
    </>
  );
}
