// A topic or an actor: how is it moving?
import { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { Catalogued, FacetField, Facets, SearchPage, get } from "./api";
import { Link, change, useLoaded, usePlace } from "./location";
import { volumeOf } from "./bars";
import { valueName } from "./filters";
import { Story } from "./stories";
import { Timeline } from "./timeline";
import { Compare, Unusual } from "./trend";
import { Empty, Loading, Problem, count, countryName, languageName } from "./text";
import { nameOf } from "./catalogue";

type Value = FacetField["values"][number];

/// What stands beside it, by how many articles: a list of bars.
function Beside({
  title,
  values,
  unknown = 0,
  draw,
}: {
  title: string;
  values: Value[];
  unknown?: number; // articles without a value
  draw: (value: Value) => ComponentChildren;
}) {
  if (!values.length) return null;
  const most = Math.max(unknown, ...values.map((v) => v.count));
  return (
    <section aria-label={title}>
      <h2>{title}</h2>
      <ul class="bars">
        {values.map((v) => (
          <li key={v.value}>
            <span class="label">{draw(v)}</span>
            <meter min={0} max={most} value={v.count} aria-label={`${count(v.count)} articles`} />
            <span class="number">{count(v.count)}</span>
          </li>
        ))}
        {unknown > 0 && (
          <li class="quiet">
            <span class="label">not known</span>
            <meter min={0} max={most} value={unknown} aria-label={`${count(unknown)} articles`} />
            <span class="number">{count(unknown)}</span>
          </li>
        )}
      </ul>
    </section>
  );
}

const linked = (view: "t" | "w") => (v: Value) => (
  <Link to={`/${view}/${encodeURIComponent(v.value)}`}>
    <bdi>{v.name && v.name !== v.value ? v.name : nameOf(v.value)}</bdi>
  </Link>
);

function AllBeside({ id, fields }: { id: string; fields: FacetField[] }) {
  const values = (field: string) =>
    (fields.find((f) => f.field === field)?.values ?? []).filter((v) => v.value !== id);
  const unknown = (field: string) => fields.find((f) => f.field === field)?.unknown ?? 0;
  return (
    <div class="columns">
      <Beside title="Named together with" values={values("actor")} draw={linked("w")} />
      <Beside title="Topics" values={values("topic")} draw={linked("t")} />
      <Beside
        title="By language"
        values={values("language")}
        unknown={unknown("language")}
        draw={(v) => languageName(v.value)}
      />
      <Beside
        title="By country of source"
        values={values("country")}
        unknown={unknown("country")}
        draw={(v) => countryName(v.value)}
      />
    </div>
  );
}

function Head({ kind, id, entry }: { kind: string; id: string; entry: Catalogued | null }) {
  return (
    <>
      <p class="quiet kind">
        {kind === "topic" ? "Topic" : "Actor"} <code>{id}</code>
        {entry?.pack ? ` in ${entry.pack}` : ""}
      </p>
      <h1>{entry?.name ?? nameOf(id)}</h1>
      {entry?.definition && <p class="definition">{entry.definition}</p>}
      {entry?.names && Object.keys(entry.names).length > 1 && (
        <p class="names">
          {Object.entries(entry.names).map(([language, text]) => (
            <span key={language} lang={language} title={languageName(language)}>
              <bdi>{text}</bdi>
            </span>
          ))}
        </p>
      )}
    </>
  );
}

function Choices({
  id,
  q,
  by,
  split,
}: {
  id: string;
  q: string;
  by: string | null;
  split: string;
}) {
  return (
    <div class="bar">
      <Link class="button main" to={`/alerts?new=${encodeURIComponent(`about:${id}`)}`}>
        Subscribe
      </Link>
      <Link class="button" to={`/?q=${encodeURIComponent(q)}`}>
        Search within
      </Link>
      <span class="grow" />
      <label>
        Per{" "}
        <select
          value={by ?? ""}
          onChange={(event) => change({ by: event.currentTarget.value || null }, true)}
        >
          <option value="">what fits</option>
          <option value="day">day</option>
          <option value="hour">hour</option>
        </select>
      </label>
      <label>
        Colour by{" "}
        <select
          value={split}
          onChange={(event) => {
            const chosen = event.currentTarget.value;
            change({ split: chosen === "language" ? null : chosen }, true);
          }}
        >
          <option value="language">language</option>
          <option value="country">country of source</option>
          <option value="affiliation">affiliation</option>
          <option value="type">genre</option>
        </select>
      </label>
    </div>
  );
}

function Newest({ id }: { id: string }) {
  const newest = useLoaded(
    `newest ${id}`,
    (signal) =>
      get<SearchPage>(
        "/v1/search",
        { q: `about:${id}`, sort: "newest", limit: 15, group: "story" },
        signal,
      ),
    15000,
  );
  return (
    <section aria-label="Newest articles">
      <h2>Newest articles about it</h2>
      {newest.error ? (
        <Problem error={newest.error} retry={newest.again} />
      ) : !newest.value ? (
        <Loading />
      ) : newest.value.hits.length === 0 ? (
        <Empty>
          <p>None yet. Subscribe to be told when one comes.</p>
        </Empty>
      ) : (
        <ol class="stories">
          {newest.value.hits.map((hit) => (
            <Story key={hit.id} hit={hit} />
          ))}
        </ol>
      )}
    </section>
  );
}

export function Profile({ kind, id }: { kind: "topic" | "actor"; id: string }) {
  const { query } = usePlace();
  const by = query.get("by"),
    split = query.get("split") ?? "language";
  const q = `${kind}:${id}`;
  const entry = useLoaded(`entry ${q}`, (signal) =>
    get<Catalogued>(`/v1/${kind}s/${encodeURIComponent(id)}`, {}, signal).catch(() => null),
  );
  const volume = useLoaded(
    `volume ${q} ${by} ${split}`,
    (signal) => volumeOf(q, by, split, signal),
    30000,
  );
  const field = "actor,topic,language,country";
  const facets = useLoaded(
    `facets ${q}`,
    (signal) => get<Facets>("/v1/facets", { q, field, limit: 12 }, signal),
    30000,
  );
  const name = entry.value?.name ?? nameOf(id);
  useEffect(() => {
    document.title = `${name} · vigie`;
  }, [name]);
  return (
    <main class="page profile">
      <Head kind={kind} id={id} entry={entry.value} />
      <Choices id={id} q={q} by={by} split={split} />
      {volume.error && !volume.value ? (
        <Problem error={volume.error} retry={volume.again} />
      ) : (
        <Timeline volume={volume.value} split={split} name={(value) => valueName(split, value)} />
      )}
      <Unusual key={q} q={q} />
      <Compare key={`${q} ${query.get("vs")}`} q={q} other={query.get("vs")} />
      <AllBeside id={id} fields={facets.value?.fields ?? []} />
      <Newest id={id} />
    </main>
  );
}
