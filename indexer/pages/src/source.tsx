// One source: how it does, in words; its history, its newest articles; what people may do.
import { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { SourcePage as Shown } from "vigie-api";
import { Spark, everyDay } from "./alert_editor";
import { call, get } from "./api";
import { t, withParts } from "./i18n";
import { Link, go, useLoaded } from "./location";
import { every, inWords, robotsName, stateName, stateSentence } from "./reasons";
import { Fields, SourceFields, changeOf } from "./source_fields";
import {
  Foreign,
  Problem,
  Waiting,
  When,
  affiliationName,
  countryName,
  kindName,
  languageName,
} from "./text";

const fieldsOf = (s: Shown): Fields => ({
  name: s.name,
  homepage: s.homepage ?? "",
  feeds: s.feed_urls.join("\n"),
  sitemaps: s.sitemap_urls.join("\n"),
  sections: s.section_urls.join("\n"),
  country: s.country ?? "",
  language: s.language ?? "",
  kind: s.kind ?? "",
  affiliation: s.affiliation ?? "",
  pollMinutes: s.poll_every_s ? String(s.poll_every_s / 60) : "",
});

function Editor({ source, done }: { source: Shown; done: (changed: boolean) => void }) {
  const [before] = useState(() => fieldsOf(source)),
    [fields, setFields] = useState(before),
    [error, setError] = useState<Error | null>(null);
  const path = `/v1/sources/${encodeURIComponent(source.id)}`;
  const save = (event: Event) => {
    event.preventDefault();
    const body = { ...changeOf(before, fields), revision: source.edit?.revision ?? 0 };
    call("PATCH", path, {}, body).then(() => done(true), setError);
  };
  const takeBack = () => {
    const body = Object.fromEntries((source.edit?.fields ?? []).map((field) => [field, null]));
    call("PATCH", path, {}, body).then(() => done(true), setError);
  };
  return (
    <form class="source-editor" onSubmit={save} aria-label={t("source.edit_of")}>
      {source.listed_at && <p class="quiet">{t("source.listed", { file: source.listed_at })}</p>}
      <SourceFields fields={fields} set={setFields} addresses />
      {error && <Problem error={error} />}
      <div class="bar">
        <button class="main">{t("source.save")}</button>
        <button type="button" onClick={() => done(false)}>
          {t("source.leave")}
        </button>
        {!source.own && (source.edit?.fields.length ?? 0) > 0 && (
          <button type="button" onClick={takeBack}>
            {t("source.take_back")}
          </button>
        )}
      </div>
    </form>
  );
}

const Fact = ({ name, children }: { name: string; children: ComponentChildren }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);

function Facts({ source: s }: { source: Shown }) {
  return (
    <dl class="source-facts">
      {s.homepage && (
        <Fact name={t("source.homepage")}>
          <a href={s.homepage} rel="noreferrer noopener external">
            <bdi>{s.homepage}</bdi>
          </a>
        </Fact>
      )}
      {s.country && <Fact name={t("source.country")}>{countryName(s.country)}</Fact>}
      {s.language && <Fact name={t("source.language")}>{languageName(s.language)}</Fact>}
      {s.kind && <Fact name={t("source.kind")}>{kindName(s.kind)}</Fact>}
      {s.affiliation && (
        <Fact name={t("source.affiliation")}>{affiliationName(s.affiliation)}</Fact>
      )}
      <Fact name={t("source.last_poll")}>
        {s.last_poll ? <When time={s.last_poll} /> : t("sources.none_yet")}
      </Fact>
      <Fact name={t("source.next_poll")}>
        {s.paused || !s.next_poll ? (
          "–"
        ) : Date.parse(s.next_poll) <= Date.now() ? (
          t("sources.due")
        ) : (
          <When time={s.next_poll} />
        )}
      </Fact>
      <Fact name={t("source.something_new")}>
        {s.expected_interval_s > 0 ? every(s.expected_interval_s) : t("source.not_known_yet")}
      </Fact>
      {s.poll_every_s > 0 && <Fact name={t("source.at_most")}>{every(s.poll_every_s)}</Fact>}
      <Fact name="robots.txt">{robotsName(s.robots)}</Fact>
      <Fact name={t("source.listed_by")}>
        {s.own ? t("source.by_people") : s.listed_at || t("source.by_file")}
      </Fact>
    </dl>
  );
}

/// Who pushes a feed, or why nobody does.
function pushedSaid(pushed: Shown["pushed"][number]) {
  const hub = new URL(pushed.hub).host;
  if (pushed.state === "active") return t("source.pushed_active", { hub });
  if (pushed.state === "asked") return t("source.pushed_asked", { hub });
  return t("source.pushed_not", { hub, detail: pushed.detail ?? pushed.state });
}

function Addresses({ source: s }: { source: Shown }) {
  const rows = [
    ...s.feed_urls.map((url) => ["source.feed", url] as const),
    ...s.sitemap_urls.map((url) => ["source.sitemap", url] as const),
    ...s.section_urls.map((url) => ["source.section", url] as const),
  ];
  if (!rows.length) return null;
  return (
    <section aria-label={t("source.addresses")}>
      <h2>{t("source.polled")}</h2>
      <ul class="addresses">
        {rows.map(([kind, url]) => {
          const moved = s.moved.find((one) => one.from === url);
          const pushed = s.pushed.find((one) => one.url === url);
          return (
            <li key={url}>
              <span class="quiet">{t(kind)}</span> <bdi>{url}</bdi>
              {moved && <span class="quiet"> {t("source.moved", { to: moved.to })}</span>}
              {pushed && <span class="quiet"> {pushedSaid(pushed)}</span>}
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function Failures({ source: s }: { source: Shown }) {
  if (!s.failures.length) return null;
  return (
    <section aria-label={t("source.failures")}>
      <h2>{t("source.failed")}</h2>
      <ul class="failures">
        {s.failures.map((one) => (
          <li key={one.reason}>
            <b>{t("source.times", { n: one.count })}</b>: {inWords(one.reason, one.words)}
          </li>
        ))}
      </ul>
      {s.last_error && (
        <p class="quiet address">
          {withParts("source.last", { error: <bdi lang="en">{s.last_error}</bdi> })}
        </p>
      )}
    </section>
  );
}

function Articles({ source: s }: { source: Shown }) {
  const days = everyDay(s.history, 30);
  return (
    <section aria-label={t("source.articles")}>
      <h2>{t("source.by_day")}</h2>
      {s.history.length ? (
        <p class="history">
          <Spark days={days} what="articles" />
          <span class="quiet">
            {t("source.in_month", {
              articles: t("articles", { n: days.reduce((sum, day) => sum + day.count, 0) }),
            })}
          </span>
        </p>
      ) : (
        <p class="quiet">{t("source.none_in_month")}</p>
      )}
      {s.items.length > 0 && (
        <>
          <h2>{t("source.newest")}</h2>
          <ol class="source-items">
            {s.items.map((item) => (
              <li key={item.id}>
                <Link to={`/a/${encodeURIComponent(item.id)}`}>
                  <Foreign language={item.language}>{item.title || item.url}</Foreign>
                </Link>{" "}
                <span class="quiet">
                  <When time={item.published ?? item.discovered} />
                </span>
              </li>
            ))}
          </ol>
          <p>
            <Link to={`/?q=${encodeURIComponent(`source:"${s.id}"`)}`}>
              {t("source.all_of_it")}
            </Link>
          </p>
        </>
      )}
    </section>
  );
}

function Commands({
  source: s,
  edit,
  told,
}: {
  source: Shown;
  edit: () => void;
  told: (text: string) => void;
}) {
  const path = `/v1/sources/${encodeURIComponent(s.id)}`;
  const run = (done: Promise<unknown>, text: string) =>
    done.then(
      () => told(text),
      (error) => told(error.message),
    );
  const remove = () => {
    if (!confirm(t("source.remove_sure", { name: s.name }))) return;
    call("DELETE", path).then(
      () => go("/ingestion"),
      (error) => told(error.message),
    );
  };
  return (
    <div class="bar">
      <button
        class="main"
        disabled={s.paused || s.state === "refused"}
        onClick={() => run(call("POST", `${path}/poll`), t("source.will_poll"))}
      >
        {t("source.poll_now")}
      </button>
      <button
        onClick={() =>
          run(
            call("PATCH", path, {}, { paused: !s.paused }),
            t(s.paused ? "source.goes_on" : "source.is_paused"),
          )
        }
      >
        {t(s.paused ? "sources.resume" : "sources.pause")}
      </button>
      <button onClick={edit}>{t("source.edit")}</button>
      {s.own && (
        <button class="danger" onClick={remove}>
          {t("source.remove")}
        </button>
      )}
    </div>
  );
}

function Head({ source: s }: { source: Shown }) {
  const state = s.paused ? "paused" : s.state;
  return (
    <>
      <h1>
        <bdi lang={s.language ?? undefined}>{s.name}</bdi>{" "}
        <span class={`dot ${state}`}>{stateName(state)}</span>
      </h1>
      <p class="sentence">{stateSentence(state, s.sentence)}</p>
      {s.note && s.state !== "refused" && (
        <p class="problem" lang="en" dir="auto">
          {s.note}
        </p>
      )}
      {s.pending && (
        <p class="quiet" role="status">
          {t("source.pending")}
        </p>
      )}
    </>
  );
}

function Loaded({ source: s, again }: { source: Shown; again: () => void }) {
  const [editing, setEditing] = useState(false),
    [told, setTold] = useState("");
  useEffect(() => {
    document.title = `${s.name} · vigie`;
  }, [s.name]);
  const tell = (text: string) => {
    setTold(text);
    again();
  };
  const edited = (changed: boolean) => {
    setEditing(false);
    if (changed) tell(t("source.is_saved"));
  };
  return (
    <>
      <Head source={s} />
      <Commands source={s} edit={() => setEditing(!editing)} told={tell} />
      <p role="status" class="quiet">
        {told}
      </p>
      {editing && <Editor source={s} done={edited} />}
      <Facts source={s} />
      <Failures source={s} />
      <Articles source={s} />
      <Addresses source={s} />
    </>
  );
}

export function SourcePage({ id }: { id: string }) {
  const { value, error, again } = useLoaded(
    `source ${id}`,
    (signal) => get<Shown>(`/v1/sources/${encodeURIComponent(id)}`, {}, signal),
    3000,
  );
  return (
    <main class="page source-page">
      <p>
        <Link to="/ingestion">{t("source.sources")}</Link>
      </p>
      {!value && <h1 class="visually-hidden">{t("source.sources")}</h1>}
      {error && !value && <Problem error={error} retry={again} />}
      {!error && !value && <Waiting rows={8} />}
      {value && <Loaded source={value} again={again} />}
    </main>
  );
}
