// Ingestion: is anything slow, silent, failing or full?
import { useMemo, useState } from "preact/hooks";
import { call, get } from "./api";
import { change, useLoaded, usePlace } from "./location";
import { Empty, Loading, Problem, When, bytes, count, countryName, languageName, seconds } from "./text";

interface Rate { name: string; total: number; per_second: number }
interface Service { service: string; instance: string; version: string; state: string; started: string; reported: string; rates: Rate[]; lags: { topic: string; records: number; position: number; end: number }[]; last_error: string | null; resident_bytes: number; disk_bytes: number; disk_free_bytes: number }
interface Pipeline { services: Service[]; topics?: { topic: string; records?: number; lag?: number; end?: number }[]; freshness?: { p50_s: number | null; p95_s: number | null; count?: number }; quarantine?: { stage: string; reason: string; count: number }[]; disk?: { free_bytes: number; data_bytes?: number }; notice?: string; reachability?: { tried: number; reached: number; reason?: string; detail?: string } }
interface SourceState { id: string; name: string; country: string | null; language: string | null; affiliation: string | null; state: string; last_poll: string | null; next_poll: string | null; last_article: string | null; articles: number; expected_interval_s: number; late?: boolean; errors: { reason: string; count: number }[]; last_error: string | null; robots: string; feeds: number }
interface Quarantined { id: string; stage: string; reason: string; detail: string; url: string | null; failed: string; attempts: number; replayable: boolean; resolved: boolean }

const sum = (services: Service[], name: string, field: "total" | "per_second") => services.flatMap((s) => s.rates).filter((r) => r.name === name).reduce((n, r) => n + r[field], 0);
const perMinute = (perSecond: number) => { const n = perSecond * 60; return `${n < 10 ? n.toFixed(1) : count(Math.round(n))} a minute`; };

function Flow({ pipeline }: { pipeline: Pipeline }) {
  const of = (name: string) => pipeline.services.filter((s) => s.service === name);
  const lag = (name: string, topic: string) => of(name).flatMap((s) => s.lags).filter((l) => l.topic === topic).reduce((n, l) => n + l.records, 0);
  const failures = (name: string) => of(name).flatMap((s) => s.rates).filter((r) => /^(quarantined|failed|dropped:)/.test(r.name)).reduce((n, r) => n + r.total, 0);
  const state = (name: string) => { const all = of(name); if (!all.length) return "silent"; const stale = all.some((s) => Date.now() - Date.parse(s.reported) > 30000); return stale ? "silent" : all[0]!.state; };
  const stages: [string, string, string, string, string][] = [["crawler", "Crawler", "pages", "", "fetches"], ["extractor", "Extractor", "articles", "pages", "extracts and tags"], ["indexer", "Indexer", "documents", "articles", "makes searchable, matches"]];
  return <ol class="flow" aria-label="Flow of the pipeline">{stages.map(([name, title, made, read, does], i) => <li key={name}>
    {i > 0 && <div class={lag(name, read) > 1000 ? "arrow bad" : "arrow"}><b>{read}</b><span>{perMinute(sum(of(stages[i - 1]![0]), stages[i - 1]![2], "per_second"))}</span><span>{count(lag(name, read))} waiting</span></div>}
    <div class={`stage ${state(name)}`}><h3>{title}</h3><p class="quiet">{does}</p><p><b>{count(sum(of(name), made, "total"))}</b> {made}</p><p class="state">{state(name)}{of(name).length > 1 ? ` · ${of(name).length} instances` : ""}</p>
      {failures(name) > 0 && <p class="bad">{count(failures(name))} failed or dropped</p>}{of(name).map((s) => s.last_error).filter(Boolean).slice(0, 1).map((e) => <p class="bad" key={e!}>{e}</p>)}</div></li>)}</ol>;
}

const stateOrder = ["failing", "blocked", "quiet", "paused", "waiting", "ok"];

function Sources({ notify }: { notify: (text: string) => void }) {
  const { query } = usePlace();
  const { value, error, again } = useLoaded("sources", (signal) => get<{ sources: SourceState[] }>("/v1/sources", {}, signal), 5000);
  const sort = query.get("sources") ?? "state", shown = query.get("state") ?? "";
  const [filter, setFilter] = useState("");
  const rows = useMemo(() => {
    const all = (value?.sources ?? []).filter((s) => (!shown || s.state === shown) && (!filter || `${s.name} ${s.country} ${s.language}`.toLowerCase().includes(filter.toLowerCase())));
    const time = (t: string | null) => (t ? Date.parse(t) : 0);
    const by: Record<string, (a: SourceState, b: SourceState) => number> = {
      state: (a, b) => stateOrder.indexOf(a.state) - stateOrder.indexOf(b.state) || a.name.localeCompare(b.name), name: (a, b) => a.name.localeCompare(b.name),
      last: (a, b) => time(b.last_article) - time(a.last_article), articles: (a, b) => b.articles - a.articles,
    };
    return all.sort(by[sort] ?? by.state);
  }, [value, sort, shown, filter]);
  if (error && !value) return <Problem error={error} retry={again} />;
  if (!value) return <Loading />;
  const states = stateOrder.map((s) => [s, value.sources.filter((x) => x.state === s).length] as const).filter(([, n]) => n > 0);
  const command = (action: string, target: string) => call("POST", "/v1/control", {}, { action, target }).then(() => notify(action === "pause" ? "Paused; obeyed within a minute." : "Resumed; obeyed within a minute."), (e) => notify(e.message));
  const head = (key: string, title: string, number = false) => <th scope="col" class={number ? "number" : ""} aria-sort={sort === key ? "descending" : undefined}><button class="plain" onClick={() => change({ sources: key === "state" ? null : key }, true)}>{title}</button></th>;
  return <>
    <div class="bar"><input type="search" aria-label="Find a source" placeholder="Find a source" value={filter} onInput={(e) => setFilter(e.currentTarget.value)} />
      {states.map(([s, n]) => <button key={s} class={`state-filter ${s}`} aria-pressed={shown === s} onClick={() => change({ state: shown === s ? null : s }, true)}>{s} {n}</button>)}</div>
    {rows.length === 0 ? <Empty><p>No source here.</p></Empty> : <div class="scroll tall"><table class="sources"><thead><tr>{head("name", "Source")}{head("state", "State")}{head("last", "Last article")}{head("articles", "Articles", true)}<th scope="col">Rhythm</th><th scope="col">Next poll</th><th scope="col">Errors since start</th><th scope="col"><span class="visually-hidden">Commands</span></th></tr></thead>
      <tbody>{rows.slice(0, 1000).map((s) => <tr key={s.id}><th scope="row"><bdi>{s.name}</bdi> <span class="quiet" title={s.country ? countryName(s.country) : ""}>{s.country} {s.language && <abbr title={languageName(s.language)}>{s.language}</abbr>}</span></th>
        <td><span class={`dot ${s.state}`}>{s.state}</span>{s.late ? <span class="bad"> late</span> : ""}</td><td>{s.last_article ? <When time={s.last_article} /> : <span class="quiet">none</span>}</td><td class="number">{count(s.articles)}</td>
        <td>{s.expected_interval_s > 0 ? `every ${seconds(s.expected_interval_s)}` : <span class="quiet">learning</span>}</td><td>{s.next_poll ? <When time={s.next_poll} /> : ""}</td>
        <td>{s.errors.map((e) => <span key={e.reason} class="reason" title={s.last_error ?? ""}>{e.reason} {count(e.count)}</span>)}{s.robots === "disallowed" ? <span class="reason">robots</span> : ""}</td>
        <td>{s.state === "paused" ? <button class="plain" aria-label={`Resume ${s.name}`} onClick={() => command("resume", s.id)}>Resume</button> : <button class="plain" aria-label={`Pause ${s.name}`} onClick={() => command("pause", s.id)}>Pause</button>}</td></tr>)}</tbody></table></div>}
  </>;
}

function Quarantine({ notify }: { notify: (text: string) => void }) {
  const { value, error, again } = useLoaded("quarantine", (signal) => get<{ records: Quarantined[]; cursor: string | null; counts?: { stage: string; reason: string; count: number }[] }>("/v1/quarantine", { limit: 50 }, signal), 10000);
  if (error && !value) return <Problem error={error} retry={again} />;
  if (!value) return <Loading />;
  if (!value.records.length) return <Empty><p>Nothing is in quarantine: every record passed every stage.</p></Empty>;
  return <div class="scroll tall"><table><thead><tr><th scope="col">When</th><th scope="col">Stage</th><th scope="col">Reason</th><th scope="col">What happened</th><th scope="col"><span class="visually-hidden">Commands</span></th></tr></thead>
    <tbody>{value.records.map((r) => <tr key={r.id}><td><When time={r.failed} /></td><td>{r.stage}</td><td><span class="reason">{r.reason}</span></td><td><bdi>{r.detail}</bdi>{r.url && <> <span class="quiet url"><bdi>{r.url}</bdi></span></>}</td>
      <td>{r.resolved ? "replayed" : r.replayable ? <button class="plain" onClick={() => call("POST", `/v1/quarantine/${r.id}/replay`).then(() => { notify("Sent through its stage again."); again(); }, (e) => notify(e.message))}>Replay</button> : ""}</td></tr>)}</tbody></table></div>;
}

export function Ingestion() {
  const pipeline = useLoaded("pipeline", (signal) => get<Pipeline>("/v1/pipeline", {}, signal), 3000);
  const [note, notify] = useState("");
  const p = pipeline.value;
  return <main class="page ingestion"><h1>Ingestion</h1>
    {note && <p role="status" class="note">{note}</p>}
    {pipeline.error && <Problem error={pipeline.error} retry={pipeline.again} />}
    {!p && !pipeline.error && <Loading />}
    {p && <>
      {p.reachability && p.reachability.tried > 2 && p.reachability.reached === 0 && <p class="problem" role="alert">No source can be reached: {p.reachability.detail || p.reachability.reason}</p>}
      <Flow pipeline={p} />
      <dl class="figures">
        <div><dt>Published → searchable, half of all</dt><dd>{seconds(p.freshness?.p50_s)}</dd></div><div><dt>… and 95 %</dt><dd>{seconds(p.freshness?.p95_s)}</dd></div>
        <div><dt>Memory</dt><dd>{bytes(Math.max(0, ...p.services.map((s) => s.resident_bytes)))}</dd></div><div><dt>Index on disk</dt><dd>{bytes(p.services.reduce((n, s) => n + s.disk_bytes, 0))}</dd></div>
        <div><dt>Disk free</dt><dd>{bytes(Math.max(0, ...p.services.map((s) => s.disk_free_bytes)))}</dd></div>
        <div><dt>Running since</dt><dd>{p.services.length ? <When time={p.services.map((s) => s.started).sort()[0]!} /> : "–"}</dd></div></dl></>}
    <section><h2>Sources</h2><Sources notify={notify} /></section>
    <section><h2>Quarantine</h2><Quarantine notify={notify} /></section>
  </main>;
}
