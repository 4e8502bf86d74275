// Ingestion: is anything slow, silent, failing or full?
import { useEffect, useMemo, useState } from "preact/hooks";
import { Pipeline, Quarantined, Service, SourceState, StageCount, call, get } from "./api";
import { change, useLoaded, usePlace } from "./location";
import {
  Empty,
  Loading,
  Problem,
  When,
  bytes,
  count,
  countryName,
  languageName,
  plural,
  seconds,
} from "./text";

const laggingRecords = 1000; // more waiting than this is worth a look
const lowDiskBytes = 2e9; // below this the log and the index may stop soon
const perMinute = (perSecond: number) => {
  const n = perSecond * 60;
  return `${n < 10 ? n.toFixed(1) : count(Math.round(n))} a minute`;
};

interface Stage {
  name: string;
  title: string;
  does: string;
  made: string;
  reads: string;
  quarantines: RegExp;
}
const stages: Stage[] = [
  {
    name: "crawler",
    title: "Crawler",
    does: "polls and fetches",
    made: "pages",
    reads: "",
    quarantines: /^crawl/,
  },
  {
    name: "extractor",
    title: "Extractor",
    does: "reads, tags",
    made: "articles",
    reads: "pages",
    quarantines: /^extract/,
  },
  {
    name: "indexer",
    title: "Indexer",
    does: "makes searchable, alerts",
    made: "documents",
    reads: "articles",
    quarantines: /^(?!crawl|extract)/,
  },
];

function Flow({ pipeline }: { pipeline: Pipeline }) {
  const of = (name: string) => pipeline.services.filter((s) => s.service === name);
  const rates = (services: Service[], test: (name: string) => boolean) =>
    services.flatMap((s) => s.rates).filter((r) => test(r.name));
  const total = (services: Service[], name: string) =>
    rates(services, (n) => n === name).reduce((sum, r) => sum + r.total, 0);
  const perSecond = (services: Service[], name: string) =>
    rates(services, (n) => n === name).reduce((sum, r) => sum + r.per_second, 0);
  return (
    <ol class="flow" aria-label="Flow of the pipeline">
      {stages.map((stage, i) => {
        const services = of(stage.name),
          before = stages[i - 1];
        const state = !services.length
          ? "unknown"
          : services.some((s) => s.silent)
            ? "silent"
            : (services.find((s) => s.state !== "running")?.state ?? "running");
        const waiting = services
          .flatMap((s) => s.lags)
          .filter((l) => l.topic === stage.reads)
          .reduce((sum, l) => sum + l.records, 0);
        const quarantined = pipeline.quarantine.by_reason
          .filter((r) => stage.quarantines.test(r.stage))
          .reduce((sum, r) => sum + r.count, 0);
        const failures = rates(services, (name) => /^(failed|dropped)/.test(name)).filter(
          (r) => r.total > 0,
        );
        return (
          <li key={stage.name}>
            {before && (
              <div class={waiting > laggingRecords ? "arrow bad" : "arrow"}>
                <b>{stage.reads}</b>
                <span>{perMinute(perSecond(of(before.name), before.made))}</span>
                <i aria-hidden="true" />
                <span>{count(waiting)} waiting</span>
                {quarantined > 0 && <span class="bad">{count(quarantined)} failed</span>}
              </div>
            )}
            <div class={`stage ${state}`}>
              <div class="bar">
                <h2>{stage.title}</h2>
                <span class={`dot ${state}`}>
                  {state === "unknown"
                    ? "has not reported"
                    : state === "silent"
                      ? "silent for a minute"
                      : state}
                  {services.length > 1 ? ` × ${services.length}` : ""}
                </span>
              </div>
              <p class="amount">
                <b>{count(total(services, stage.made))}</b> {stage.made}{" "}
                <span class="quiet">since its start</span>
              </p>
              <p class="quiet">{stage.does}</p>
              {quarantined > 0 && !before && <p class="bad">{count(quarantined)} in quarantine</p>}
              {failures.map((r) => (
                <p class="bad" key={r.name}>
                  {count(r.total)} {r.name.replace(/[_:]/g, " ")}
                </p>
              ))}
              {services
                .map((s) => s.last_error)
                .filter(Boolean)
                .slice(0, 1)
                .map((e) => (
                  <p class="bad" key={e!}>
                    {e}
                  </p>
                ))}
            </div>
          </li>
        );
      })}
    </ol>
  );
}

function Figures({ pipeline: p }: { pipeline: Pipeline }) {
  const free =
    p.disk_free_bytes ??
    (p.services.length ? Math.min(...p.services.map((s) => s.disk_free_bytes)) : null);
  const started = p.services
    .map((s) => s.started)
    .filter(Boolean)
    .sort()[0];
  const { published_to_searchable: published, discovered_to_searchable: discovered } = p.freshness;
  const figure = (title: string, value: any, note?: any, bad = false) => (
    <div>
      <dt>{title}</dt>
      <dd class={bad ? "bad" : ""}>{value}</dd>
      {note && <dd class="quiet">{note}</dd>}
    </div>
  );
  return (
    <dl class="figures" aria-label="Figures">
      {figure(
        "Published → searchable",
        seconds(published.p50_s),
        <>median · 95 %: {seconds(published.p95_s)}</>,
      )}
      {figure(
        "Discovered → searchable",
        seconds(discovered.p50_s),
        <>median · 95 %: {seconds(discovered.p95_s)}</>,
      )}
      {figure("Searchable", count(p.index.documents), <>articles · {bytes(p.index.bytes)}</>)}
      {figure(
        "In quarantine",
        count(p.quarantine.open),
        p.quarantine.open === 1
          ? "record, see below"
          : p.quarantine.open
            ? "records, see below"
            : "records",
        p.quarantine.open > 0,
      )}
      {figure(
        "Disk free",
        free === null ? "–" : bytes(free),
        <>log takes {bytes(p.log_bytes)}</>,
        free !== null && free < lowDiskBytes,
      )}
      {figure(
        "Memory",
        bytes(p.resident_bytes),
        started ? (
          <>
            running since <When time={started} />
          </>
        ) : undefined,
      )}
    </dl>
  );
}

const stateOrder = ["failing", "blocked", "quiet", "paused", "waiting", "ok"];
const stateMeans: Record<string, string> = {
  failing: "polls fail",
  blocked: "robots.txt or the server forbids it",
  quiet: "nothing new for longer than usual",
  paused: "paused by an operator",
  waiting: "not polled yet",
  ok: "polls go well",
};

function Sources({ notify }: { notify: (text: string) => void }) {
  const { query } = usePlace();
  const { value, error, again } = useLoaded(
    "sources",
    (signal) => get<{ sources: SourceState[]; all_paused: boolean }>("/v1/sources", {}, signal),
    5000,
  );
  const sort = query.get("sources") ?? "state",
    shown = query.get("state") ?? "",
    filter = query.get("find") ?? "";
  const now = Date.now();
  const stateOf = (s: SourceState) => (s.paused ? "paused" : s.state);
  const rows = useMemo(() => {
    const needle = filter.toLowerCase();
    const all = (value?.sources ?? []).filter(
      (s) =>
        (!shown || stateOf(s) === shown) &&
        (!needle ||
          `${s.name} ${s.country} ${s.language} ${s.homepage}`.toLowerCase().includes(needle)),
    );
    const time = (t: string | null) => (t ? Date.parse(t) : 0),
      errors = (s: SourceState) => s.errors.reduce((n, e) => n + e.count, 0);
    const by: Record<string, (a: SourceState, b: SourceState) => number> = {
      state: (a, b) =>
        stateOrder.indexOf(stateOf(a)) - stateOrder.indexOf(stateOf(b)) ||
        a.name.localeCompare(b.name),
      name: (a, b) => a.name.localeCompare(b.name),
      last: (a, b) => time(b.last_article) - time(a.last_article),
      articles: (a, b) => b.articles - a.articles,
      errors: (a, b) => errors(b) - errors(a),
    };
    return all.sort(by[sort] ?? by.state);
  }, [value, sort, shown, filter]);
  if (error && !value) return <Problem error={error} retry={again} />;
  if (!value) return <Loading />;
  const states = stateOrder
    .map((s) => [s, value.sources.filter((x) => stateOf(x) === s).length] as const)
    .filter(([, n]) => n > 0);
  const command = (action: "pause" | "resume", target: string, name: string) =>
    call("POST", "/v1/control", {}, { action, target }).then(
      () => {
        notify(
          `${name} ${action === "pause" ? "is paused" : "goes on"}; ` +
            "the crawler obeys within a minute.",
        );
        again();
      },
      (e) => notify(e.message),
    );
  const head = (key: string, title: string, kind = "") => (
    <th
      scope="col"
      class={kind}
      aria-sort={
        sort === key ? (key === "name" || key === "state" ? "ascending" : "descending") : undefined
      }
    >
      <button class="plain" onClick={() => change({ sources: key === "state" ? null : key }, true)}>
        {title}
      </button>
    </th>
  );
  return (
    <>
      <div class="bar">
        <input
          type="search"
          aria-label="Find a source"
          placeholder="Find a source"
          value={filter}
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
        {value.all_paused ? (
          <button onClick={() => command("resume", "*", "All crawling")}>
            Resume all crawling
          </button>
        ) : (
          <button
            onClick={() => {
              if (confirm("Pause all crawling? Nothing is fetched until it is resumed."))
                void command("pause", "*", "All crawling");
            }}
          >
            Pause all crawling
          </button>
        )}
      </div>
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
              : "No source yet. Name a source file in the setting sources.files."}
          </p>
        </Empty>
      ) : (
        <div class="scroll tall" tabIndex={0} role="group" aria-label="Table of sources">
          <table class="sources">
            <thead>
              <tr>
                {head("name", "Source")}
                {head("state", "State")}
                {head("last", "Last article")}
                {head("articles", "Articles", "number")}
                <th scope="col">Rhythm</th>
                <th scope="col">Next poll</th>
                {head("errors", "Errors since start")}
                <th scope="col">Robots</th>
                <th scope="col">
                  <span class="visually-hidden">Commands</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {rows.slice(0, 1000).map((s) => {
                const state = stateOf(s);
                return (
                  <tr key={s.id}>
                    <th scope="row">
                      <bdi lang={s.language ?? undefined}>{s.name}</bdi>{" "}
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
                      {s.last_article ? (
                        <When time={s.last_article} />
                      ) : (
                        <span class="quiet">none yet</span>
                      )}
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
                      {state === "paused" || !s.next_poll ? (
                        <span class="quiet">–</span>
                      ) : Date.parse(s.next_poll) <= now ? (
                        "due"
                      ) : (
                        <When time={s.next_poll} />
                      )}
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
                    </td>
                    <td class={s.robots === "disallowed" ? "bad" : "quiet"}>{s.robots}</td>
                    <td class="number">
                      {s.paused ? (
                        <button
                          class="small"
                          aria-label={`Resume ${s.name}`}
                          onClick={() => command("resume", s.id, s.name)}
                        >
                          Resume
                        </button>
                      ) : (
                        <button
                          class="small"
                          aria-label={`Pause ${s.name}`}
                          onClick={() => command("pause", s.id, s.name)}
                        >
                          Pause
                        </button>
                      )}
                    </td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
      )}
      {rows.length > 1000 && (
        <p class="quiet">The first 1,000 of {count(rows.length)}; find or sort for the others.</p>
      )}
    </>
  );
}

function Quarantine({ notify }: { notify: (text: string) => void }) {
  const { query } = usePlace();
  const reason = query.get("reason") ?? "";
  const { value, error, again } = useLoaded(
    `quarantine ${reason}`,
    (signal) =>
      get<{ records: Quarantined[]; cursor: string | null; by_reason: StageCount[] }>(
        "/v1/quarantine",
        { limit: 50, reason },
        signal,
      ),
    10000,
  );
  if (error && !value) return <Problem error={error} retry={again} />;
  if (!value) return <Loading />;
  if (!value.records.length && !reason)
    return (
      <Empty>
        <p>Nothing is in quarantine: every record passed every stage.</p>
      </Empty>
    );
  const replay = (r: Quarantined) =>
    call("POST", `/v1/quarantine/${encodeURIComponent(r.id)}/replay`).then(
      () => {
        notify("The record goes through its stage again.");
        again();
      },
      (e) => notify(e.message),
    );
  return (
    <>
      <div class="bar">
        {value.by_reason.map((r) => (
          <button
            key={r.stage + r.reason}
            class="state-filter"
            aria-pressed={reason === r.reason}
            onClick={() => change({ reason: reason === r.reason ? null : r.reason }, true)}
          >
            {r.stage}: {r.reason.replace(/_/g, " ")} {count(r.count)}
          </button>
        ))}
      </div>
      <div class="scroll tall" tabIndex={0} role="group" aria-label="Table of the quarantine">
        <table>
          <thead>
            <tr>
              <th scope="col">When</th>
              <th scope="col">Stage</th>
              <th scope="col">Reason</th>
              <th scope="col">What happened</th>
              <th scope="col" class="number">
                Attempts
              </th>
              <th scope="col">
                <span class="visually-hidden">Commands</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {value.records.map((r) => (
              <tr key={r.id}>
                <td>
                  <When time={r.failed} />
                </td>
                <td>{r.stage}</td>
                <td>
                  <span class="reason">{r.reason.replace(/_/g, " ")}</span>
                </td>
                <td>
                  <bdi>{r.detail}</bdi>
                  {r.url && (
                    <div class="quiet url">
                      <bdi>{r.url}</bdi>
                    </div>
                  )}
                </td>
                <td class="number">{count(r.attempts)}</td>
                <td class="number">
                  {r.resolved ? (
                    <span class="quiet">replayed</span>
                  ) : r.replayable ? (
                    <button
                      class="small"
                      aria-label={`Replay ${r.url ?? r.id}`}
                      onClick={() => replay(r)}
                    >
                      Replay
                    </button>
                  ) : (
                    <span class="quiet">cut, ingest anew</span>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {value.cursor && <p class="quiet">The newest 50.</p>}
    </>
  );
}

export function Ingestion() {
  const pipeline = useLoaded(
    "pipeline",
    (signal) => get<Pipeline>("/v1/pipeline", {}, signal),
    3000,
  );
  const [note, notify] = useState("");
  useEffect(() => {
    if (!note) return;
    const timer = setTimeout(() => notify(""), 12000);
    return () => clearTimeout(timer);
  }, [note]);
  const p = pipeline.value;
  const stale = pipeline.error && p;
  return (
    <main class="page ingestion">
      <h1>Ingestion</h1>
      <p role="status" class={note ? "note" : "visually-hidden"}>
        {note}
      </p>
      {pipeline.error && (
        <Problem
          error={
            new Error(
              stale
                ? `${pipeline.error.message} What follows was so at ` +
                    `${new Date(pipeline.at).toLocaleTimeString()}.`
                : pipeline.error.message,
            )
          }
          retry={pipeline.again}
        />
      )}
      {!p && !pipeline.error && <Loading />}
      {p && (
        <div class={stale ? "stale" : ""}>
          {p.reachability && p.reachability.tried > 2 && p.reachability.reached === 0 && (
            <p class="problem" role="alert">
              None of {plural(p.reachability.tried, "source")} can be reached:{" "}
              {p.reachability.detail || p.reachability.reason}
            </p>
          )}
          <Flow pipeline={p} />
          <Figures pipeline={p} />
        </div>
      )}
      <section aria-label="Sources">
        <h2>Sources</h2>
        <Sources notify={notify} />
      </section>
      <section aria-label="Quarantine">
        <h2>Quarantine</h2>
        <Quarantine notify={notify} />
      </section>
    </main>
  );
}
