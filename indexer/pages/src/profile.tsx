// A topic or an actor: how is it moving?
import { useEffect } from "preact/hooks";
import { Catalogued, FacetField, SearchPage, get } from "./api";
import { Link, change, useLoaded, usePlace } from "./location";
import { Timeline, volumeOf } from "./timeline";
import { Story, useFirsts, valueName } from "./watch";
import { Empty, Loading, Problem, count, countryName, languageName } from "./text";
import { nameOf } from "./catalogue";

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
  const facets = useLoaded(
    `facets ${q}`,
    (signal) =>
      get<{ fields: FacetField[] }>(
        "/v1/facets",
        { q, field: "actor,topic,language,country", limit: 12 },
        signal,
      ),
    30000,
  );
  const newest = useLoaded(
    `newest ${q}`,
    (signal) =>
      get<SearchPage>(
        "/v1/search",
        { q: `about:${id}`, sort: "newest", limit: 15, group: "story" },
        signal,
      ),
    15000,
  );
  const name = entry.value?.name ?? nameOf(id);
  useEffect(() => {
    document.title = `${name} · vigie`;
  }, [name]);
  const firsts = useFirsts(newest.value?.hits ?? []);
  const values = (field: string) =>
    (facets.value?.fields.find((f) => f.field === field)?.values ?? []).filter(
      (v) => v.value !== id,
    );
  const list = (
    title: string,
    field: string,
    draw: (v: { value: string; name?: string; count: number }) => any,
  ) => {
    const all = values(field);
    if (!all.length) return null;
    const most = Math.max(...all.map((v) => v.count));
    return (
      <section aria-label={title}>
        <h2>{title}</h2>
        <ul class="bars">
          {all.map((v) => (
            <li key={v.value}>
              <span class="label">{draw(v)}</span>
              <meter min={0} max={most} value={v.count} aria-label={`${count(v.count)} articles`} />
              <span class="number">{count(v.count)}</span>
            </li>
          ))}
        </ul>
      </section>
    );
  };
  return (
    <main class="page profile">
      <p class="quiet kind">
        {kind === "topic" ? "Topic" : "Actor"} <code>{id}</code>
        {entry.value?.pack ? ` in ${entry.value.pack}` : ""}
      </p>
      <h1>{name}</h1>
      {entry.value?.definition && <p class="definition">{entry.value.definition}</p>}
      {entry.value?.names && Object.keys(entry.value.names).length > 1 && (
        <p class="names">
          {Object.entries(entry.value.names).map(([language, text]) => (
            <span key={language} lang={language} title={languageName(language)}>
              <bdi>{text}</bdi>
            </span>
          ))}
        </p>
      )}
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
            onChange={(event) =>
              change(
                {
                  split:
                    event.currentTarget.value === "language" ? null : event.currentTarget.value,
                },
                true,
              )
            }
          >
            <option value="language">language</option>
            <option value="country">country of source</option>
            <option value="affiliation">affiliation</option>
          </select>
        </label>
      </div>
      {volume.error && !volume.value ? (
        <Problem error={volume.error} retry={volume.again} />
      ) : (
        <Timeline volume={volume.value} split={split} name={(value) => valueName(split, value)} />
      )}
      <div class="columns">
        {list("Named together with", "actor", (v) => (
          <Link to={`/w/${encodeURIComponent(v.value)}`}>
            <bdi>{v.name && v.name !== v.value ? v.name : nameOf(v.value)}</bdi>
          </Link>
        ))}
        {list("Topics", "topic", (v) => (
          <Link to={`/t/${encodeURIComponent(v.value)}`}>
            <bdi>{v.name && v.name !== v.value ? v.name : nameOf(v.value)}</bdi>
          </Link>
        ))}
        {list("By language", "language", (v) => languageName(v.value))}
        {list("By country of source", "country", (v) => countryName(v.value))}
      </div>
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
              <Story key={hit.id} hit={hit} first={hit.story ? firsts.get(hit.story) : undefined} />
            ))}
          </ol>
        )}
      </section>
    </main>
  );
}
