// The sources: which of them work, and pausing those that do not.
import { useMemo } from "preact/hooks";
import { CommandRequest, SourceState, Sources as SourceList, call, get } from "./api";
import { SourceTools } from "./add_source";
import { Link, change, useLoaded, usePlace } from "./location";
import { Empty, Loading, Problem, When, count, countryName, languageName, seconds } from "./text";

const stateOrder = ["failing", "refused", "blocked", "quiet", "paused", "waiting", "ok"];
const stateMeans: Record<string, string> = {
  failing: "polls fail",
  refused: "not polled: no address is left to it",
  blocked: "robots.txt or the server forbids it",
  quiet: "nothing new for longer than usual",
  paused: "paused by an operator",
  waiting: "not polled yet",
  ok: "polls go well",
};

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
    if (confirm("Pause all crawling? Nothing is fetched until it is resumed."))
      command("pause", "*", "All crawling");
  };
  return (
    <div class="bar">
      <input
        type="search"
        aria-label="Find a source"
        placeholder="Find a source"
        value={find}
        onInput={(e) => change({ find: e.currentTarget.value || null }, true)}
      />
      {states.map(([s, n]) => (
        <button
          key={s}
          class={`state-filter dot ${s}`}
          title={stateMeans[s]}
          aria-pressed={shown === s}
          onClick={() => change({ state: shown === s ? null : s }, true)}
        >
          {s} {count(n)}
        </button>
      ))}
      <span class="grow" />
      {allPaused ? (
        <button onClick={() => command("resume", "*", "All crawling")}>Resume all crawling</button>
      ) : (
        <button onClick={pauseAll}>Pause all crawling</button>
      )}
    </div>
  );
}

function PauseOrResume({ source: s, command }: { source: SourceState; command: Command }) {
  const [action, title] = s.paused
    ? (["resume", "Resume"] as const)
    : (["pause", "Pause"] as const);
  return (
    <button
      class="small"
      aria-label={`${title} ${s.name}`}
      onClick={() => command(action, s.id, s.name)}
    >
      {title}
    </button>
  );
}

function NextPoll({ source: s }: { source: SourceState }) {
  if (stateOf(s) === "paused" || !s.next_poll) return <span class="quiet">–</span>;
  return Date.parse(s.next_poll) <= Date.now() ? <>due</> : <When time={s.next_poll} />;
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
        <span class={`dot ${state}`} title={stateMeans[state]}>
          {state}
        </span>
        {s.late ? <span class="bad"> late</span> : ""}
      </td>
      <td>
        {s.last_article ? <When time={s.last_article} /> : <span class="quiet">none yet</span>}
      </td>
      <td class="number">{count(s.articles)}</td>
      <td>
        {s.expected_interval_s > 0 ? (
          `every ${seconds(s.expected_interval_s)}`
        ) : (
          <span class="quiet">learning</span>
        )}
      </td>
      <td>
        <NextPoll source={s} />
      </td>
      <td>
        {s.errors.length ? (
          s.errors.map((e) => (
            <span key={e.reason} class="reason" title={s.last_error ?? ""}>
              {e.reason} {count(e.count)}
            </span>
          ))
        ) : (
          <span class="quiet">none</span>
        )}
        {s.moved.map((m) => (
          <span key={m.from} class="reason" title={`${m.from} is now ${m.to}`}>
            moved
          </span>
        ))}
      </td>
      <td class={s.robots === "disallowed" ? "bad" : "quiet"}>{s.robots}</td>
      <td class="number">
        <PauseOrResume source={s} command={command} />
      </td>
    </tr>
  );
}

function Head({
  name,
  title,
  sort,
  kind = "",
}: Record<"name" | "title" | "sort", string> & { kind?: string }) {
  const direction = name === "name" || name === "state" ? "ascending" : "descending";
  return (
    <th scope="col" class={kind} aria-sort={sort === name ? direction : undefined}>
      <button
        class="plain"
        onClick={() => change({ sources: name === "state" ? null : name }, true)}
      >
        {title}
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
      <div class="scroll tall" tabIndex={0} role="group" aria-label="Table of sources">
        <table class="sources">
          <thead>
            <tr>
              <Head name="name" title="Source" sort={sort} />
              <Head name="state" title="State" sort={sort} />
              <Head name="last" title="Last article" sort={sort} />
              <Head name="articles" title="Articles" sort={sort} kind="number" />
              <th scope="col">Rhythm</th>
              <th scope="col">Next poll</th>
              <Head name="errors" title="Errors since start" sort={sort} />
              <th scope="col">Robots</th>
              <th scope="col">
                <span class="visually-hidden">Commands</span>
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
        <p class="quiet">
          The first {count(rowsAtMost)} of {count(rows.length)}; find or sort for the others.
        </p>
      )}
    </>
  );
}

export function Sources({ notify }: { notify: (text: string) => void }) {
  const { query } = usePlace();
  const { value, error, again } = useLoaded(
    "sources",
    (signal) => get<SourceList>("/v1/sources", {}, signal),
    5000,
  );
  const sort = query.get("sources") ?? "state",
    shown = query.get("state") ?? "",
    find = query.get("find") ?? "";
  const rows = useMemo(
    () => chosen(value?.sources ?? [], shown, find, sort),
    [value, sort, shown, find],
  );
  if (error && !value) return <Problem error={error} retry={again} />;
  if (!value) return <Loading />;
  const command: Command = (action, target, name) => {
    const done = action === "pause" ? "is paused" : "goes on";
    call("POST", "/v1/control", {}, { action, target } satisfies CommandRequest).then(
      () => {
        notify(`${name} ${done}; the crawler obeys within a minute.`);
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
          All crawling is paused. No source is asked until it is resumed.
        </p>
      )}
      {rows.length === 0 ? (
        <Empty>
          <p>
            {value.sources.length
              ? "No source is like that."
              : "No source yet. Add one, or name a source file in the setting sources.files."}
          </p>
        </Empty>
      ) : (
        <SourceTable rows={rows} sort={sort} command={command} />
      )}
    </>
  );
}
