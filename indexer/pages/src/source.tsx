// One source: how it does, in words; its history, its newest articles; what people may do.
import { ComponentChildren } from "preact";
import { plural } from "./english";
import { useEffect, useState } from "preact/hooks";
import type { SourcePage as Shown } from "vigie-api";
import { Spark, everyDay } from "./alert_editor";
import { call, get } from "./api";
import { Link, go, useLoaded } from "./location";
import { Fields, SourceFields, changeOf } from "./source_fields";
import { Foreign, Loading, Problem, When, count, countryName, languageName, seconds } from "./text";

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
    <form class="source-editor" onSubmit={save} aria-label="Edit the source">
      {source.listed_at && (
        <p class="quiet">
          {source.listed_at} lists it. What is changed here stands beside the file, which stays as
          it is.
        </p>
      )}
      <SourceFields fields={fields} set={setFields} addresses />
      {error && <Problem error={error} />}
      <div class="bar">
        <button class="main">Save</button>
        <button type="button" onClick={() => done(false)}>
          Leave it
        </button>
        {!source.own && (source.edit?.fields.length ?? 0) > 0 && (
          <button type="button" onClick={takeBack}>
            Back to what the file says
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
        <Fact name="Homepage">
          <a href={s.homepage} rel="noreferrer noopener external">
            <bdi>{s.homepage}</bdi>
          </a>
        </Fact>
      )}
      {s.country && <Fact name="Country">{countryName(s.country)}</Fact>}
      {s.language && <Fact name="Language">{languageName(s.language)}</Fact>}
      {s.kind && <Fact name="Kind">{s.kind.replace("_", " ")}</Fact>}
      {s.affiliation && <Fact name="Affiliation">{s.affiliation}</Fact>}
      <Fact name="Last poll">{s.last_poll ? <When time={s.last_poll} /> : "none yet"}</Fact>
      <Fact name="Next poll">
        {s.paused || !s.next_poll ? (
          "–"
        ) : Date.parse(s.next_poll) <= Date.now() ? (
          "due"
        ) : (
          <When time={s.next_poll} />
        )}
      </Fact>
      <Fact name="Something new">
        {s.expected_interval_s > 0 ? `every ${seconds(s.expected_interval_s)}` : "not known yet"}
      </Fact>
      {s.poll_every_s > 0 && <Fact name="Polled at most">every {seconds(s.poll_every_s)}</Fact>}
      <Fact name="robots.txt">{s.robots}</Fact>
      <Fact name="Listed by">
        {s.own ? "people, in these pages" : s.listed_at || "a source file"}
      </Fact>
    </dl>
  );
}

function Addresses({ source: s }: { source: Shown }) {
  const rows = [
    ...s.feed_urls.map((url) => ["feed", url] as const),
    ...s.sitemap_urls.map((url) => ["sitemap", url] as const),
    ...s.section_urls.map((url) => ["section", url] as const),
  ];
  if (!rows.length) return null;
  return (
    <section aria-label="Addresses">
      <h2>What is polled</h2>
      <ul class="addresses">
        {rows.map(([kind, url]) => {
          const moved = s.moved.find((one) => one.from === url);
          return (
            <li key={url}>
              <span class="quiet">{kind}</span> <bdi>{url}</bdi>
              {moved && <span class="quiet"> has moved to {moved.to}, and is polled there</span>}
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
    <section aria-label="Failures">
      <h2>What failed since the start</h2>
      <ul class="failures">
        {s.failures.map((one) => (
          <li key={one.reason}>
            <b>{plural(one.count, "time")}</b>: {one.words}
          </li>
        ))}
      </ul>
      {s.last_error && <p class="quiet address">Last: {s.last_error}</p>}
    </section>
  );
}

function Articles({ source: s }: { source: Shown }) {
  const days = everyDay(s.history, 30);
  return (
    <section aria-label="Articles">
      <h2>Articles by day</h2>
      {s.history.length ? (
        <p class="history">
          <Spark days={days} what="articles" />
          <span class="quiet">
            {count(days.reduce((sum, day) => sum + day.count, 0))} in the last 30 days, by the day
            of publication in UTC
          </span>
        </p>
      ) : (
        <p class="quiet">None in the last 30 days.</p>
      )}
      {s.items.length > 0 && (
        <>
          <h2>Newest articles</h2>
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
            <Link to={`/?q=${encodeURIComponent(`source:"${s.id}"`)}`}>All of its articles</Link>
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
    if (!confirm(`Remove ${s.name}? It is polled no more; its articles stay.`)) return;
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
        onClick={() =>
          run(call("POST", `${path}/poll`), "It is polled as soon as its host may be asked again.")
        }
      >
        Poll now
      </button>
      <button
        onClick={() =>
          run(
            call("PATCH", path, {}, { paused: !s.paused }),
            s.paused ? "It goes on." : "It is paused.",
          )
        }
      >
        {s.paused ? "Resume" : "Pause"}
      </button>
      <button onClick={edit}>Edit</button>
      {s.own && (
        <button class="danger" onClick={remove}>
          Remove
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
        <span class={`dot ${state}`}>{state}</span>
      </h1>
      <p class="sentence">{s.sentence}</p>
      {s.note && s.state !== "refused" && <p class="problem">{s.note}</p>}
      {s.pending && (
        <p class="quiet" role="status">
          A change of it was saved; the crawler takes it up within seconds.
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
    if (changed) tell("It is saved.");
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
        <Link to="/ingestion">Sources</Link>
      </p>
      {error && !value && <Problem error={error} retry={again} />}
      {!error && !value && <Loading />}
      {value && <Loaded source={value} again={again} />}
    </main>
  );
}
