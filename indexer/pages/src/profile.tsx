// A topic or an actor: how is it moving?
import { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { Catalogued, FacetField, Facets, SearchPage, get } from "./api";
import { Volume, volumeOf } from "./bars";
import { nameOf, named } from "./catalogue";
import { Key, t } from "./i18n";
import { Link, Loaded, change, useLoaded, usePlace } from "./location";
import { valueName } from "./filters";
import { Story } from "./stories";
import { Timeline } from "./timeline";
import { Compare, Unusual, useTrend } from "./trend";
import {
  Empty,
  InOrder,
  Problem,
  Waiting,
  count,
  countryName,
  isKnown,
  languageName,
} from "./text";

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
            <meter min={0} max={most} value={v.count} aria-label={t("articles", { n: v.count })} />
            <span class="number">{count(v.count)}</span>
          </li>
        ))}
        {unknown > 0 && (
          <li class="quiet">
            <span class="label">{t("unknown")}</span>
            <meter min={0} max={most} value={unknown} aria-label={t("articles", { n: unknown })} />
            <span class="number">{count(unknown)}</span>
          </li>
        )}
      </ul>
    </section>
  );
}

/// To its own page, and to the articles that name both.
const linked = (view: "t" | "w", q: string) => (v: Value) => (
  <>
    <Link to={`/${view}/${encodeURIComponent(v.value)}`}>
      <bdi>{nameOf(v.value)}</bdi>
    </Link>{" "}
    <Link
      class="plain both"
      to={both(q, `${view === "t" ? "topic" : "actor"}:${v.value}`)}
      aria-label={t("profile.both", { name: nameOf(v.value) })}
      title={t("profile.both", { name: nameOf(v.value) })}
    >
      ∩
    </Link>
  </>
);
const both = (q: string, filter: string) =>
  `/?q=${encodeURIComponent(q)}&f=${encodeURIComponent(filter)}`;
const narrowed = (q: string, field: string, name: (code: string) => string) => (v: Value) => (
  <Link to={both(q, `${field}:${v.value}`)}>
    <bdi>{name(v.value)}</bdi>
  </Link>
);

/// Actors by what they are, since a state is named beside nearly everything.
const kinds: [RegExp, Key][] = [
  [/^country:/, "profile.countries"],
  [/^(org|agency|body):/, "profile.organisations"],
  [/^person:/, "profile.people"],
  [/^(?!country:|org:|agency:|body:|person:)/, "profile.others"],
];
const shownOfKind = 8;

function AllBeside({ id, q, fields }: { id: string; q: string; fields: FacetField[] }) {
  const values = (field: string) =>
    (fields.find((f) => f.field === field)?.values ?? []).filter((v) => v.value !== id);
  const unknown = (field: string) => fields.find((f) => f.field === field)?.unknown ?? 0;
  return (
    <div class="columns">
      {kinds.map(([kind, title]) => (
        <Beside
          key={title}
          title={t(title)}
          values={values("actor")
            .filter((v) => kind.test(v.value))
            .slice(0, shownOfKind)}
          draw={linked("w", q)}
        />
      ))}
      <Beside
        title={t("facet.topics")}
        values={values("topic").slice(0, shownOfKind)}
        draw={linked("t", q)}
      />
      <Beside
        title={t("profile.by_language")}
        values={values("language").slice(0, 12)}
        unknown={unknown("language")}
        draw={narrowed(q, "lang", languageName)}
      />
      <Beside
        title={t("profile.by_country")}
        values={values("country").slice(0, 12)}
        unknown={unknown("country")}
        draw={narrowed(q, "country", countryName)}
      />
    </div>
  );
}

/// Each name once, with the languages that have it.
function Names({ names }: { names: Record<string, string> }) {
  const languagesOf = new Map<string, string[]>();
  for (const [language, name] of Object.entries(names))
    languagesOf.set(name, [...(languagesOf.get(name) ?? []), language]);
  if (languagesOf.size < 2) return null;
  return (
    <p class="names">
      {[...languagesOf].map(([name, languages]) => (
        <span key={name}>
          <bdi lang={languages[0]}>{name}</bdi>{" "}
          <small class="quiet" title={languages.map(languageName).join(", ")}>
            {languages.slice(0, 3).join(" ")}
            {languages.length > 3 ? " …" : ""}
          </small>
        </span>
      ))}
    </p>
  );
}

function Head({ kind, id, entry }: { kind: string; id: string; entry: Catalogued | null }) {
  return (
    <>
      <p class="quiet kind">
        {t(kind === "topic" ? "profile.topic" : "profile.actor")} <code dir="ltr">{id}</code>
        {entry?.pack ? ` · ${entry.pack}` : ""}
        {entry?.qid && (
          <>
            {" · "}
            <a
              href={`https://www.wikidata.org/wiki/${entry.qid}`}
              rel="noreferrer noopener external"
            >
              Wikidata {entry.qid}
            </a>
          </>
        )}
      </p>
      <h1>{nameOf(id)}</h1>
      {entry?.definition && (
        <p class="definition" lang="en" dir="ltr">
          {entry.definition}
        </p>
      )}
      {entry && <Names names={entry.names} />}
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
        {t("profile.subscribe")}
      </Link>
      <Link class="button" to={`/?q=${encodeURIComponent(q)}`}>
        {t("profile.search")}
      </Link>
      <span class="grow" />
      <label>
        {t("profile.per")}{" "}
        <select
          value={by ?? ""}
          onChange={(event) => change({ by: event.currentTarget.value || null }, true)}
        >
          <option value="">{t("profile.what_fits")}</option>
          <option value="day">{t("chart.day")}</option>
          <option value="hour">{t("chart.hour")}</option>
        </select>
      </label>
      <label>
        {t("split.split")}{" "}
        <select
          value={split}
          onChange={(event) => {
            const chosen = event.currentTarget.value;
            change({ split: chosen === "language" ? null : chosen }, true);
          }}
        >
          <option value="language">{t("split.language")}</option>
          <option value="country">{t("split.country")}</option>
          <option value="affiliation">{t("split.affiliation")}</option>
          <option value="type">{t("split.genre")}</option>
        </select>
      </label>
    </div>
  );
}

const useNewest = (id: string) =>
  useLoaded(
    `newest ${id}`,
    (signal) =>
      get<SearchPage>(
        "/v1/search",
        { q: `about:${id}`, sort: "newest", limit: 15, group: "story" },
        signal,
      ),
    15000,
  );

function Newest({ newest }: { newest: ReturnType<typeof useNewest> }) {
  return (
    <section aria-label={t("profile.newest")}>
      <h2>{t("profile.newest")}</h2>
      {newest.error || !newest.value ? (
        newest.error && <Problem error={newest.error} retry={newest.again} />
      ) : newest.value.hits.length === 0 ? (
        <Empty>
          <p>{t("profile.none")}</p>
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

function Chart({ volume, split }: { volume: Loaded<Volume>; split: string }) {
  return volume.error && !volume.value ? (
    <Problem error={volume.error} retry={volume.again} />
  ) : (
    <Timeline volume={volume.value} split={split} name={(value) => valueName(split, value)} />
  );
}

function NoEntry({ q, entry: { error, again } }: { q: string; entry: Loaded<Catalogued> }) {
  return (
    <main class="page profile">
      {error ? (
        <>
          <h1>
            <code dir="ltr">{q}</code>
          </h1>
          <Problem error={error} retry={again} />
        </>
      ) : (
        <Waiting rows={8} />
      )}
    </main>
  );
}

export function Profile({ kind, id }: { kind: "topic" | "actor"; id: string }) {
  const { query } = usePlace();
  const by = query.get("by"),
    split = query.get("split") ?? "language";
  const q = `${kind}:${id}`;
  const entry = useLoaded(`entry ${q}`, async (signal) => {
    const asked = get<Catalogued>(`/v1/${kind}s/${encodeURIComponent(id)}`, {}, signal);
    return (await Promise.all([asked, named()]))[0];
  });
  const volume = useLoaded(
    `volume ${q} ${by} ${split}`,
    (signal) => volumeOf(q, by, split, signal),
    30000,
  );
  const field = "actor,topic,language,country";
  const facets = useLoaded(
    `facets ${q}`,
    (signal) => get<Facets>("/v1/facets", { q, field, limit: 40 }, signal),
    30000,
  );
  const trend = useTrend(q);
  const newest = useNewest(id);
  const name = nameOf(id);
  useEffect(() => {
    document.title = `${name} · vigie`;
  }, [name]);
  if (!entry.value) return <NoEntry q={q} entry={entry} />;
  return (
    <main class="page profile">
      <Head kind={kind} id={id} entry={entry.value} />
      <Choices id={id} q={q} by={by} split={split} />
      <InOrder
        parts={[
          [isKnown(volume), () => <Chart volume={volume} split={split} />],
          [isKnown(trend), () => <Unusual trend={trend.value} />],
          [
            isKnown(facets),
            () => (
              <>
                <Compare key={`${q} ${query.get("vs")}`} q={q} other={query.get("vs")} />
                <AllBeside id={id} q={q} fields={facets.value?.fields ?? []} />
              </>
            ),
          ],
          [isKnown(newest), () => <Newest newest={newest} />],
        ]}
      />
    </main>
  );
}
