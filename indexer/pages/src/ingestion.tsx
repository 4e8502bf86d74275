// Ingestion: is anything slow, silent, failing or full?
import { useEffect, useState } from "preact/hooks";
import { Pipeline, Quarantine as Failures, Quarantined, Service, call, get } from "./api";
import { WrongNow, useConditions } from "./conditions";
import { Key, t, withParts } from "./i18n";
import { Loaded, change, useLoaded, usePlace } from "./location";
import { reasonName } from "./reasons";
import { Sources, useSources } from "./sources";
import {
  Empty,
  InOrder,
  Problem,
  When,
  bytes,
  clockTime,
  count,
  isKnown,
  seconds,
  wordsOf,
} from "./text";

const laggingRecords = 1000; // more waiting than this is worth a look
const lowDiskBytes = 2e9; // below this the log and the index may stop soon
const perMinute = (perSecond: number) => {
  const n = perSecond * 60;
  return t("flow.per_minute", { n: n < 10 ? Math.round(n * 10) / 10 : Math.round(n) });
};

interface Stage {
  name: string;
  title: Key;
  does: Key;
  made: string;
  madeName: Key;
  reads: string;
  quarantines: RegExp;
}
const stages: Stage[] = [
  {
    name: "crawler",
    title: "flow.crawler",
    does: "flow.crawler_does",
    made: "pages",
    madeName: "flow.pages",
    reads: "",
    quarantines: /^crawl/,
  },
  {
    name: "extractor",
    title: "flow.extractor",
    does: "flow.extractor_does",
    made: "articles",
    madeName: "flow.articles",
    reads: "pages",
    quarantines: /^extract/,
  },
  {
    name: "indexer",
    title: "flow.indexer",
    does: "flow.indexer_does",
    made: "documents",
    madeName: "flow.documents",
    reads: "articles",
    quarantines: /^(?!crawl|extract)/,
  },
];

const stateName = wordsOf({
  unknown: "flow.unknown",
  silent: "flow.silent",
  running: "flow.running",
  starting: "flow.starting",
  stopping: "flow.stopping",
  paused: "state.paused",
  failed: "flow.failed_state",
});

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
  before,
  flow,
  waiting,
  quarantined,
}: {
  before: Key; // what the stage before makes
  flow: number; // records a second
  waiting: number;
  quarantined: number;
}) {
  return (
    <div class={waiting > laggingRecords ? "arrow bad" : "arrow"}>
      <b>{t(before)}</b>
      <span>{perMinute(flow)}</span>
      <i aria-hidden="true" />
      <span>{t("flow.waiting", { n: waiting })}</span>
      {quarantined > 0 && <span class="bad">{t("flow.failed", { n: quarantined })}</span>}
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
        <h2>{t(stage.title)}</h2>
        <span class={`dot ${state}`}>
          {stateName(state)}
          {services.length > 1 ? ` × ${services.length}` : ""}
        </span>
      </div>
      <p class="amount">
        <b>{count(total(services, stage.made))}</b> {t(stage.madeName)}{" "}
        <span class="quiet">{t("flow.since_start")}</span>
      </p>
      <p class="quiet">{t(stage.does)}</p>
      {quarantined > 0 && <p class="bad">{t("flow.in_quarantine", { n: quarantined })}</p>}
      {failures.map((r) => (
        <p class="bad" key={r.name}>
          {count(r.total)} <span lang="en">{r.name.replace(/[_:]/g, " ")}</span>
        </p>
      ))}
      {error && (
        <p class="bad" lang="en" dir="ltr">
          {error}
        </p>
      )}
    </div>
  );
}

function Flow({ pipeline }: { pipeline: Pipeline }) {
  const of = (name: string) => pipeline.services.filter((s) => s.service === name);
  return (
    <ol class="flow" aria-label={t("flow.name")}>
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
                before={before.madeName}
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
    <dl class="figures" aria-label={t("figures.name")}>
      {figure(
        t("figures.published"),
        seconds(published.p50_s),
        t("figures.median", { p95: seconds(published.p95_s) }),
      )}
      {figure(
        t("figures.discovered"),
        seconds(discovered.p50_s),
        t("figures.median", { p95: seconds(discovered.p95_s) }),
      )}
      {figure(
        t("figures.searchable"),
        count(p.index.documents),
        t("figures.articles", { bytes: bytes(p.index.bytes) }),
      )}
      {figure(
        t("figures.quarantine"),
        count(p.quarantine.open),
        t("figures.records", { n: p.quarantine.open }),
        p.quarantine.open > 0,
      )}
      {figure(
        t("figures.disk"),
        free === null ? "–" : bytes(free),
        t("figures.log", { bytes: bytes(p.log_bytes) }),
        free !== null && free < lowDiskBytes,
      )}
      {figure(
        t("figures.memory"),
        bytes(p.resident_bytes),
        started ? <>{withParts("figures.since", { time: <When time={started} /> })}</> : undefined,
      )}
    </dl>
  );
}

function QuarantineRow({ record: r, replay }: { record: Quarantined; replay: () => void }) {
  return (
    <tr>
      <td>
        <When time={r.failed} />
      </td>
      <td>{r.stage}</td>
      <td>
        <span class="reason">{reasonName(r.reason)}</span>
      </td>
      <td>
        <bdi lang="en">{r.detail}</bdi>
        {r.url && (
          <div class="quiet url">
            <bdi>{r.url}</bdi>
          </div>
        )}
      </td>
      <td class="number">{count(r.attempts)}</td>
      <td class="number">
        {r.resolved ? (
          <span class="quiet">{t("quarantine.replayed")}</span>
        ) : r.replayable ? (
          <button
            class="small"
            aria-label={t("quarantine.replay_of", { name: r.url ?? r.id })}
            onClick={replay}
          >
            {t("quarantine.replay")}
          </button>
        ) : (
          <span class="quiet">{t("quarantine.too_large")}</span>
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
    <div class="scroll tall" tabIndex={0} role="group" aria-label={t("quarantine.table")}>
      <table>
        <thead>
          <tr>
            <th scope="col">{t("table.when")}</th>
            <th scope="col">{t("quarantine.stage")}</th>
            <th scope="col">{t("quarantine.reason")}</th>
            <th scope="col">{t("quarantine.happened")}</th>
            <th scope="col" class="number">
              {t("table.attempts")}
            </th>
            <th scope="col">
              <span class="visually-hidden">{t("table.commands")}</span>
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

const useQuarantine = (reason: string) =>
  useLoaded(
    `quarantine ${reason}`,
    (signal) => get<Failures>("/v1/quarantine", { limit: 50, reason }, signal),
    10000,
  );

function Quarantine({
  reason,
  quarantine: { value, error, again },
  notify,
}: {
  reason: string;
  quarantine: ReturnType<typeof useQuarantine>;
  notify: (text: string) => void;
}) {
  if (!value) return error && <Problem error={error} retry={again} />;
  if (!value.records.length && !reason)
    return (
      <Empty>
        <p>{t("quarantine.none")}</p>
      </Empty>
    );
  const replay = (r: Quarantined) =>
    call("POST", `/v1/quarantine/${encodeURIComponent(r.id)}/replay`).then(
      () => {
        notify(t("quarantine.again"));
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
            <bdi>{r.stage}</bdi>: {reasonName(r.reason)} {count(r.count)}
          </button>
        ))}
      </div>
      <QuarantineTable records={value.records} replay={replay} />
      {value.cursor && <p class="quiet">{t("quarantine.newest")}</p>}
    </>
  );
}

/// What flows, or why that is not known; old figures say when they were so.
function Pipelines({ pipeline }: { pipeline: Loaded<Pipeline> }) {
  const { value: p, error, at, again } = pipeline;
  const old = error && p && t("ingestion.so_at", { time: clockTime(new Date(at)) });
  return (
    <>
      {error && (
        <Problem error={old ? new Error(`${error.message} ${old}`) : error} retry={again} />
      )}
      {p && (
        <div class={error ? "stale" : ""}>
          {p.reachability && p.reachability.tried > 2 && p.reachability.reached === 0 && (
            <p class="problem" role="alert">
              {t("ingestion.unreachable", { sources: t("sources", { n: p.reachability.tried }) })}
              &nbsp;
              <span lang="en">{p.reachability.detail || p.reachability.reason}</span>
            </p>
          )}
          <Flow pipeline={p} />
          <Figures pipeline={p} />
        </div>
      )}
    </>
  );
}

/// What was done, for a while.
function useNote(): [string, (text: string) => void] {
  const [note, notify] = useState("");
  useEffect(() => {
    if (!note) return;
    const timer = setTimeout(() => notify(""), 12000);
    return () => clearTimeout(timer);
  }, [note]);
  return [note, notify];
}

export function Ingestion() {
  const pipeline = useLoaded(
    "pipeline",
    (signal) => get<Pipeline>("/v1/pipeline", {}, signal),
    3000,
  );
  const reason = usePlace().query.get("reason") ?? "";
  const conditions = useConditions();
  const sources = useSources();
  const quarantine = useQuarantine(reason);
  const [note, notify] = useNote();
  return (
    <main class="page ingestion">
      <h1>{t("nav.ingestion")}</h1>
      <p role="status" class={note ? "note" : "visually-hidden"}>
        {note}
      </p>
      <InOrder
        parts={[
          [isKnown(pipeline), () => <Pipelines pipeline={pipeline} />],
          [isKnown(conditions), () => <WrongNow wrong={conditions.value?.conditions ?? []} />],
          [
            isKnown(sources),
            () => (
              <section aria-label={t("facet.sources")}>
                <h2>{t("facet.sources")}</h2>
                <Sources sources={sources} notify={notify} />
              </section>
            ),
          ],
          [
            isKnown(quarantine),
            () => (
              <section aria-label={t("quarantine.title")}>
                <h2>{t("quarantine.title")}</h2>
                <Quarantine reason={reason} quarantine={quarantine} notify={notify} />
              </section>
            ),
          ],
        ]}
      />
    </main>
  );
}
