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
import { ChannelFields, Row, draftsOf, rowOf } from "./channel_fields";
import { Link, useLoaded } from "./location";
import {
  Foreign,
  Loading,
  Problem,
  SourceName,
  When,
  count,
  languageName,
  marked,
  plural,
} from "./text";

/// Days as small bars on a zero line; the numbers are in the title of each.
export function Spark({ days, what }: { days: Bin[]; what: string }) {
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
      aria-label={
        `${count(sum)} ${what} in ${plural(days.length, "day")}, ` + `at most ${count(most)} a day`
      }
    >
      <line x1="0" y1="23.5" x2={days.length * width} y2="23.5" />
      {days.map((d, i) => {
        const height = d.count ? Math.max(2, (d.count / most) * 22) : 0;
        return (
          <rect key={d.begin} x={i * width} y={23 - height} width={width * 0.8} height={height}>
            <title>{`${d.begin.slice(0, 10)}: ${count(d.count)} ${what}`}</title>
          </rect>
        );
      })}
    </svg>
  );
}

/// Days without any are not told by the server: a chart must show them.
export function everyDay(bins: Bin[], days: number): Bin[] {
  const counts = new Map(bins.map((bin) => [bin.begin.slice(0, 10), bin.count]));
  return Array.from({ length: days }, (_, i) => {
    const begin = new Date(Date.now() - (days - 1 - i) * 86400000).toISOString();
    return { begin, count: counts.get(begin.slice(0, 10)) ?? 0 };
  });
}

const periods: [string, string, number][] = [
  ["24h", "the last day", 2],
  ["7d", "the last week", 7],
  ["30d", "the last month", 30],
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
  return (
    <>
      <p class="bar">
        <b>
          {found.total.exact ? "" : "about "}
          {plural(found.total.value, "article")}
        </b>
        {found.total.value > 0 && <Spark days={everyDay(found.per_day, days)} what="articles" />}
        <span class="quiet">Copies of one story alert once.</span>
      </p>
      {found.examples.length === 0 && (
        <p class="quiet">Nothing matched. The alert still works for what comes.</p>
      )}
      <ul class="examples">
        {found.examples.map((hit) => (
          <Example key={hit.id} hit={hit} />
        ))}
      </ul>
    </>
  );
}

function PreviewOf({ query }: { query: string }) {
  const [within, setWithin] = useState("7d");
  const preview = useLoaded(`preview ${query} ${within}`, async (signal) =>
    query
      ? call<Preview>(
          "POST",
          "/v1/subscriptions/preview",
          {},
          { query, within } satisfies PreviewRequest,
          signal,
        )
      : null,
  );
  const found = preview.value;
  return (
    <section class="preview" aria-label="Preview">
      <div class="bar">
        <h3>What it would have told</h3>
        <select
          aria-label="Period of the preview"
          value={within}
          onChange={(e) => setWithin(e.currentTarget.value)}
        >
          {periods.map(([value, name]) => (
            <option key={value} value={value}>
              in {name}
            </option>
          ))}
        </select>
      </div>
      {preview.error ? (
        <Problem error={preview.error} />
      ) : !query ? (
        <p class="quiet">Write a query to see what it finds.</p>
      ) : !found ? (
        <Loading />
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
}

function store(subscription: Subscription | undefined, draft: Draft) {
  const query = draft.text.trim();
  const body: Body = {
    name: draft.name.trim() || query,
    query,
    channels: draftsOf(draft.channels),
    ...(subscription ? { revision: subscription.revision } : {}),
  };
  return subscription
    ? call<Subscription>("PUT", `/v1/subscriptions/${subscription.id}`, {}, body)
    : call<Subscription>("POST", "/v1/subscriptions", {}, body);
}

/// The secret that an answer tells: of a channel that it made. A known channel's comes masked.
const secretOf = (subscription: Subscription) =>
  subscription.channels.find((c) => c.secret?.startsWith("whsec_") && !c.secret.includes("•"))
    ?.secret;

function SecretTold({ saved, done }: { saved: Subscription; done: (id?: string) => void }) {
  const secret = secretOf(saved) ?? "";
  return (
    <section class="editor told" aria-label="Secret of the webhook">
      <h2>
        <bdi>{saved.name}</bdi> is in force
      </h2>
      <p>
        Each delivery is signed with this secret, as Standard Webhooks say. It is shown only now:
      </p>
      <p class="bar">
        <code class="secret">{secret}</code>
        <button onClick={() => void navigator.clipboard?.writeText(secret)}>Copy</button>
      </p>
      <p>
        <button class="main" onClick={() => done(saved.id)}>
          Done
        </button>
      </p>
    </section>
  );
}

function Fields({ draft, set }: { draft: Draft; set: (draft: Draft) => void }) {
  return (
    <>
      <label>
        Query{" "}
        <input
          type="text"
          required
          value={draft.text}
          dir="auto"
          spellcheck={false}
          autocomplete="off"
          onInput={(e) => set({ ...draft, text: e.currentTarget.value })}
          placeholder="topic:export-controls lang:fr"
        />
      </label>
      <label>
        Name{" "}
        <input
          type="text"
          value={draft.name}
          autocomplete="off"
          onInput={(e) => set({ ...draft, name: e.currentTarget.value })}
          placeholder="Shown with each alert"
          maxLength={200}
        />
      </label>
      <ChannelFields rows={draft.channels} set={(channels) => set({ ...draft, channels })} />
    </>
  );
}

export function Editor(props: {
  subscription?: Subscription;
  query: string;
  done: (id?: string) => void;
}) {
  const { subscription, query, done } = props;
  const [draft, setDraft] = useState<Draft>({
    name: subscription?.name ?? "",
    text: subscription?.query ?? query,
    channels: subscription?.channels.map(rowOf) ?? [],
  });
  const [asked, setAsked] = useState(draft.text.trim());
  const [saved, setSaved] = useState<Subscription | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setAsked(draft.text.trim()), 350);
    return () => clearTimeout(timer);
  }, [draft.text]);

  async function save(event: Event) {
    event.preventDefault();
    setBusy(true);
    try {
      const answer = await store(subscription, draft);
      setError(null);
      if (secretOf(answer)) setSaved(answer);
      else done(answer.id);
    } catch (problem) {
      setError(problem as Error);
    }
    setBusy(false);
  }
  if (saved) return <SecretTold saved={saved} done={done} />;
  return (
    <section class="editor" aria-label={subscription ? "Change alert" : "New alert"}>
      <form onSubmit={save}>
        <h2>{subscription ? "Change alert" : "New alert"}</h2>
        <Fields draft={draft} set={setDraft} />
        <p class="quiet hint">
          Without a channel the alerts show here, in an Atom feed and in the event stream.
        </p>
        {error && <Problem error={error} />}
        <p class="bar">
          <button class="main" type="submit" disabled={busy || !draft.text.trim()}>
            {busy ? "Saving…" : subscription ? "Save" : "Create alert"}
          </button>
          <button type="button" onClick={() => done()}>
            Cancel
          </button>
        </p>
      </form>
      <PreviewOf query={asked} />
    </section>
  );
}
