// Writing an alert: its query, what it would have told, where it goes.
import { useEffect, useState } from "preact/hooks";
import {
  Bin,
  Draft as Body,
  Example as Hit,
  Preview,
  PreviewRequest,
  Subscription,
  call,
} from "./api";
import { ChannelFields, Row, copyOf, draftsOf, rowOf } from "./channel_fields";
import { isOfSystem } from "./conditions";
import { KindFields, KindForm, What, kindForm, whatOf } from "./kind";
import { Key, locale, t, withParts } from "./i18n";
import { Link, useLoaded } from "./location";
import { HelpButton } from "./help";
import { QueryField } from "./searchbox";
import { RhythmFields, RhythmForm, When as Timing, lastingOf, rhythmForm, whenOf } from "./rhythm";
import { inZone, zone } from "./zone";
import { Foreign, Problem, SourceName, Waiting, When, count, languageName, marked } from "./text";

const dayName = (begin: string) =>
  new Date(begin).toLocaleDateString(locale(), { dateStyle: "medium", timeZone: "UTC" });

/// Days as small bars on a zero line; the numbers are in the title of each.
export function Spark({ days, what }: { days: Bin[]; what: Key }) {
  const most = Math.max(1, ...days.map((d) => d.count)),
    sum = days.reduce((n, d) => n + d.count, 0),
    width = Math.min(9, 270 / Math.max(1, days.length));
  return (
    <svg
      class="spark"
      viewBox={`0 0 ${days.length * width} 24`}
      width={days.length * width}
      height="24"
      role="img"
      aria-label={t(what, { n: sum }) + ", " + t("spark.most", { days: days.length, n: most })}
    >
      <line x1="0" y1="23.5" x2={days.length * width} y2="23.5" />
      {days.map((d, i) => {
        const height = d.count ? Math.max(2, (d.count / most) * 22) : 0;
        return (
          <rect key={d.begin} x={i * width} y={23 - height} width={width * 0.8} height={height}>
            <title>{`${dayName(d.begin)}: ${count(d.count)}`}</title>
          </rect>
        );
      })}
    </svg>
  );
}

/// Days without any are not told by the server: a chart must show them. Bins begin with the days of
/// a zone; what comes out is named by the midnights of its dates in UTC.
export function everyDay(bins: Bin[], days: number, timeZone = "UTC"): Bin[] {
  const dateOf = (time: Date) => time.toLocaleDateString("en-CA", { timeZone });
  const counts = new Map(bins.map((bin) => [dateOf(new Date(bin.begin)), bin.count]));
  const today = Date.parse(dateOf(new Date()));
  return Array.from({ length: days }, (_, i) => {
    const begin = new Date(today - (days - 1 - i) * 86400000).toISOString();
    return { begin, count: counts.get(begin.slice(0, 10)) ?? 0 };
  });
}

const periods: [string, Key, number][] = [
  ["24h", "time.day", 2],
  ["7d", "time.week", 7],
  ["30d", "time.month", 30],
];

function Example({ hit }: { hit: Hit }) {
  return (
    <li>
      <Foreign as="h4" language={hit.language}>
        <Link to={`/a/${hit.id}`}>{hit.title || hit.url}</Link>
      </Foreign>
      <p class="byline">
        <SourceName source={hit.source} />
        <When time={hit.published ?? hit.discovered} />
        <span>{languageName(hit.language)}</span>
      </p>
      <Foreign as="p" class="snippet" language={hit.language}>
        {marked(hit.snippet, hit.highlights ?? [])}
      </Foreign>
    </li>
  );
}

function Found({ found, days }: { found: Preview; days: number }) {
  const articles = t("articles", { n: found.total.value });
  if (isOfSystem(found.query)) return <p class="estimate">{t("conditions.preview")}</p>;
  return (
    <>
      <p class="bar">
        <b>{found.total.exact ? articles : t("about", { articles })}</b>
        {found.total.value > 0 && (
          <Spark days={everyDay(found.per_day, days, found.tz)} what="articles" />
        )}
        {!found.spikes && <span class="quiet">{t("preview.copies")}</span>}
      </p>
      <p class="estimate">
        {withParts("preview.told", { estimate: <b lang="en">{found.estimate.text}</b> })}
      </p>
      {found.spikes?.map((spike) => (
        <p key={spike.end} class="quiet">
          <When time={spike.end} />
          {": "}
          {t(spike.direction === "up" ? "kind.found_up" : "kind.found_down", {
            n: spike.count,
            low: count(spike.usual.low),
            high: count(spike.usual.high),
          })}
        </p>
      ))}
      {found.examples.length === 0 && <p class="quiet">{t("preview.nothing")}</p>}
      <ul class="examples">
        {found.examples.map((hit) => (
          <Example key={hit.id} hit={hit} />
        ))}
      </ul>
    </>
  );
}

function PreviewOf({ query, when, what }: { query: string; when: Timing; what: What }) {
  const [within, setWithin] = useState("7d");
  const rhythm = lastingOf(when);
  const asked = `preview ${query} ${within} ${zone()} ${JSON.stringify({ ...rhythm, ...what })}`;
  const preview = useLoaded(asked, async (signal) =>
    query
      ? inZone((tz) =>
          call<Preview>(
            "POST",
            "/v1/subscriptions/preview",
            {},
            { query, within, ...rhythm, ...what, tz } satisfies PreviewRequest,
            signal,
          ),
        )
      : null,
  );
  const found = preview.value;
  return (
    <section class="preview" aria-label={t("preview.name")}>
      <div class="bar">
        <h3>{t("preview.title")}</h3>
        <select
          aria-label={t("preview.period")}
          value={within}
          onChange={(e) => setWithin(e.currentTarget.value)}
        >
          {periods.map(([value, name]) => (
            <option key={value} value={value}>
              {t(name)}
            </option>
          ))}
        </select>
      </div>
      {preview.error ? (
        <Problem error={preview.error} />
      ) : !query ? (
        <p class="quiet">{t("preview.write")}</p>
      ) : !found ? (
        <Waiting rows={6} />
      ) : (
        <div class={preview.loading ? "stale" : ""}>
          <Found found={found} days={periods.find(([value]) => value === within)![2]} />
        </div>
      )}
    </section>
  );
}

/// What was typed into the form.
interface Draft {
  name: string;
  text: string;
  channels: Row[];
  rhythm: RhythmForm;
  kind: KindForm;
}

function store(subscription: Subscription | undefined, draft: Draft) {
  const query = draft.text.trim();
  const body: Body = {
    name: draft.name.trim() || query,
    query,
    channels: draftsOf(draft.channels),
    ...whenOf(draft.rhythm),
    ...whatOf(draft.kind),
    ...(subscription ? { revision: subscription.revision } : {}),
  };
  return subscription
    ? call<Subscription>("PUT", `/v1/subscriptions/${subscription.id}`, {}, body)
    : call<Subscription>("POST", "/v1/subscriptions", {}, body);
}

/// The secret that a response tells: of a channel that it made. A known channel's comes masked.
const secretOf = (subscription: Subscription) =>
  subscription.channels.find((c) => c.secret?.startsWith("whsec_") && !c.secret.includes("•"))
    ?.secret;

function SecretTold({ saved, done }: { saved: Subscription; done: (id?: string) => void }) {
  const secret = secretOf(saved) ?? "";
  return (
    <section class="editor told" aria-label={t("secret.name")}>
      <h2>{withParts("secret.in_force", { name: <bdi>{saved.name}</bdi> })}</h2>
      <p>{t("secret.shown")}</p>
      <p class="bar">
        <code class="secret">{secret}</code>
        <button onClick={() => void navigator.clipboard?.writeText(secret)}>
          {t("secret.copy")}
        </button>
      </p>
      <p>
        <button class="main" onClick={() => done(saved.id)}>
          {t("secret.done")}
        </button>
      </p>
    </section>
  );
}

function Fields(props: {
  draft: Draft;
  set: (draft: Draft) => void;
  known: Subscription | undefined;
}) {
  const { draft, set, known } = props;
  return (
    <>
      <div class="field">
        <span>{t("editor.query")}</span> <HelpButton class="plain help" />
        <QueryField
          value={draft.text}
          set={(text) => set({ ...draft, text })}
          label={t("editor.query")}
          lines={3}
          placeholder="topic:export-controls lang:fr"
        />
      </div>
      <label>
        {t("editor.name")}{" "}
        <input
          type="text"
          value={draft.name}
          autocomplete="off"
          onInput={(e) => set({ ...draft, name: e.currentTarget.value })}
          placeholder={t("editor.name_hint")}
          maxLength={200}
        />
      </label>
      <KindFields form={draft.kind} set={(kind) => set({ ...draft, kind })} known={known} />
      <ChannelFields rows={draft.channels} set={(channels) => set({ ...draft, channels })} />
      <RhythmFields form={draft.rhythm} set={(rhythm) => set({ ...draft, rhythm })} />
    </>
  );
}

/// What the preview is asked, once nothing is typed for a moment.
function useAsked(draft: Draft) {
  const now = () => ({
    query: draft.text.trim(),
    when: whenOf(draft.rhythm),
    what: whatOf(draft.kind),
  });
  const [asked, setAsked] = useState(now);
  useEffect(() => {
    const timer = setTimeout(() => setAsked(now()), 350);
    return () => clearTimeout(timer);
  }, [draft.text, draft.rhythm, draft.kind]);
  return asked;
}

export function Editor(props: {
  subscription?: Subscription;
  query: string;
  like?: Subscription; // a new one is to be like it
  timeless?: boolean; // the time of a search was left out of the query
  done: (id?: string) => void;
}) {
  const { subscription, query, like, timeless, done } = props;
  const [draft, setDraft] = useState<Draft>({
    name: subscription?.name ?? (like ? t("editor.copy_of", { name: like.name }) : ""),
    text: query,
    channels: subscription?.channels.map(rowOf) ?? like?.channels.map(copyOf) ?? [],
    rhythm: rhythmForm(subscription ?? like),
    kind: kindForm(subscription ?? like),
  });
  const asked = useAsked(draft);
  const [saved, setSaved] = useState<Subscription | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const [busy, setBusy] = useState(false);
  async function save(event: Event) {
    event.preventDefault();
    if (!draft.text.trim()) return;
    setBusy(true);
    try {
      const response = await store(subscription, draft);
      setError(null);
      if (secretOf(response)) setSaved(response);
      else done(response.id);
    } catch (problem) {
      setError(problem as Error);
    }
    setBusy(false);
  }
  const title = t(subscription ? "editor.change" : "editor.new");
  if (saved) return <SecretTold saved={saved} done={done} />;
  return (
    <section class="editor" aria-label={title}>
      <form onSubmit={save}>
        <h2>{title}</h2>
        {timeless && <p class="note">{t("editor.timeless")}</p>}
        <Fields draft={draft} set={setDraft} known={subscription} />
        <p class="quiet hint">{t("editor.without")}</p>
        {error && <Problem error={error} />}
        <p class="bar">
          <button class="main" type="submit" disabled={busy || !draft.text.trim()}>
            {t(busy ? "editor.saving" : subscription ? "editor.save" : "editor.create")}
          </button>
          <button type="button" onClick={() => done()}>
            {t("editor.cancel")}
          </button>
        </p>
      </form>
      <PreviewOf {...asked} />
    </section>
  );
}
