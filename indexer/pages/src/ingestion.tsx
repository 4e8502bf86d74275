// Ingestion: is anything slow, silent, failing or full?
import { useEffect, useState } from "preact/hooks";
import { Pipeline, Quarantine as Failures, Quarantined, Service, call, get } from "./api";
import { change, useLoaded, usePlace } from "./location";
import { Sources } from "./sources";
import { Empty, Loading, Problem, When, bytes, count, plural, seconds } from "./text";

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

const rates = (services: Service[], test: (name: string) => boolean) =>
  services.flatMap((s) => s.rates).filter((r) => test(r.name));
const total = (services: Service[], name: string) =>
  rates(services, (n) => n === name).reduce((sum, r) => sum + r.total, 0);
const perSecond = (services: Service[], name: string) =>
  rates(services, (n) => n === name).reduce((sum, r) => sum + r.per_second, 0);

function stateOfStage(services: Service[]): string {
  if (!services.length) return "unknown";
  if (services.some((s) => s.silent)) return "silent";
  return services.find((s) => s.state !== "running")?.state ?? "running";
}

/// What flows from the stage before, what waits, and what failed on the way.
function Arrow({
  stage,
  flow,
  waiting,
  quarantined,
}: {
  stage: Stage;
  flow: number; // records a second
  waiting: number;
  quarantined: number;
}) {
  return (
    <div class={waiting > laggingRecords ? "arrow bad" : "arrow"}>
      <b>{stage.reads}</b>
      <span>{perMinute(flow)}</span>
      <i aria-hidden="true" />
      <span>{count(waiting)} waiting</span>
      {quarantined > 0 && <span class="bad">{count(quarantined)} failed</span>}
    </div>
  );
}

function StageBox({
  stage,
  services,
  quarantined,
}: {
  stage: Stage;
  services: Service[];
  quarantined: number; // 0 where the arrow before it tells of them
}) {
  const state = stateOfStage(services);
  const failures = rates(services, (name) => /^(failed|dropped)/.test(name)).filter(
    (r) => r.total > 0,
  );
  const error = services.map((s) => s.last_error).find(Boolean);
  return (
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
      {quarantined > 0 && <p class="bad">{count(quarantined)} in quarantine</p>}
      {failures.map((r) => (
        <p class="bad" key={r.name}>
          {count(r.total)} {r.name.replace(/[_:]/g, " ")}
        </p>
      ))}
      {error && <p class="bad">{error}</p>}
    </div>
  );
}

function Flow({ pipeline }: { pipeline: Pipeline }) {
  const of = (name: string) => pipeline.services.filter((s) => s.service === name);
  return (
    <ol class="flow" aria-label="Flow of the pipeline">
      {stages.map((stage, i) => {
        const services = of(stage.name),
          before = stages[i - 1];
        const waiting = services
          .flatMap((s) => s.lags)
          .filter((l) => l.topic === stage.reads)
          .reduce((sum, l) => sum + l.records, 0);
        const quarantined = pipeline.quarantine.by_reason
          .filter((r) => stage.quarantines.test(r.stage))
          .reduce((sum, r) => sum + r.count, 0);
        return (
          <li key={stage.name}>
            {before && (
              <Arrow
                stage={stage}
                flow={perSecond(of(before.name), before.made)}
                waiting={waiting}
                quarantined={quarantined}
              />
            )}
            <StageBox stage={stage} services={services} quarantined={before ? 0 : quarantined} />
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

const words = (reason: string) => reason.replace(/_/g, " ");

function QuarantineRow({ record: r, replay }: { record: Quarantined; replay: () => void }) {
  return (
    <tr>
      <td>
        <When time={r.failed} />
      </td>
      <td>{r.stage}</td>
      <td>
        <span class="reason">{words(r.reason)}</span>
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
          <button class="small" aria-label={`Replay ${r.url ?? r.id}`} onClick={replay}>
            Replay
          </button>
        ) : (
          <span class="quiet">cut, ingest anew</span>
        )}
      </td>
    </tr>
  );
}

function QuarantineTable({
  records,
  replay,
}: {
  records: Quarantined[];
  replay: (record: Quarantined) => void;
}) {
  return (
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
          {records.map((r) => (
            <QuarantineRow key={r.id} record={r} replay={() => replay(r)} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Quarantine({ notify }: { notify: (text: string) => void }) {
  const { query } = usePlace();
  const reason = query.get("reason") ?? "";
  const { value, error, again } = useLoaded(
    `quarantine ${reason}`,
    (signal) => get<Failures>("/v1/quarantine", { limit: 50, reason }, signal),
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
            {r.stage}: {words(r.reason)} {count(r.count)}
          </button>
        ))}
      </div>
      <QuarantineTable records={value.records} replay={replay} />
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
