// Alerts: what am I told, and was I told?
import { useEffect, useState } from "preact/hooks";
import {
  Bin,
  Channel,
  Delivery,
  Evidence,
  Match,
  Preview,
  Subscription,
  TestResults,
  call,
  get,
} from "./api";
import { Link, change, go, useLoaded, usePlace } from "./location";
import { useStream } from "./stream";
import {
  Empty,
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
function Spark({ days, what }: { days: Bin[]; what: string }) {
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
function everyDay(bins: Bin[], days: number): Bin[] {
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

function PreviewOf({ query }: { query: string }) {
  const [within, setWithin] = useState("7d");
  const preview = useLoaded(`preview ${query} ${within}`, async (signal) =>
    query
      ? call<Preview>("POST", "/v1/subscriptions/preview", {}, { query, within }, signal)
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
          <p class="bar">
            <b>
              {found.total.exact ? "" : "about "}
              {plural(found.total.value, "article")}
            </b>
            {found.total.value > 0 && (
              <Spark
                days={everyDay(found.per_day, periods.find(([value]) => value === within)![2])}
                what="articles"
              />
            )}
            <span class="quiet">Copies of one story alert once.</span>
          </p>
          {found.examples.length === 0 && (
            <p class="quiet">Nothing matched. The alert still works for what comes.</p>
          )}
          <ul class="examples">
            {found.examples.map((hit) => (
              <li key={hit.id}>
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
            ))}
          </ul>
        </div>
      )}
    </section>
  );
}

function Editor({
  subscription,
  query,
  done,
}: {
  subscription?: Subscription;
  query: string;
  done: (id?: string) => void;
}) {
  const [name, setName] = useState(subscription?.name ?? "");
  const [text, setText] = useState(subscription?.query ?? query);
  const [url, setUrl] = useState(subscription?.channels[0]?.url ?? "");
  const [asked, setAsked] = useState(text.trim());
  const [saved, setSaved] = useState<Subscription | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setAsked(text.trim()), 350);
    return () => clearTimeout(timer);
  }, [text]);

  async function save(event: Event) {
    event.preventDefault();
    setBusy(true);
    try {
      const first = subscription?.channels[0],
        address = url.trim();
      const rest = subscription?.channels.slice(1) ?? [];
      const channels: Channel[] = [
        ...(address
          ? [
              first && first.url === address
                ? { ...first, disabled: false }
                : { type: "webhook", url: address },
            ]
          : []),
        ...rest,
      ];
      const body = {
        name: name.trim() || text.trim(),
        query: text.trim(),
        channels,
        ...(subscription ? { revision: subscription.revision } : {}),
      };
      const answer = await call<Subscription>(
        subscription ? "PUT" : "POST",
        subscription ? `/v1/subscriptions/${subscription.id}` : "/v1/subscriptions",
        {},
        body,
      );
      setError(null);
      const told = answer.channels.some((c) => c.secret?.startsWith("whsec_"));
      if (told) setSaved(answer);
      else done(answer.id);
    } catch (problem) {
      setError(problem as Error);
    }
    setBusy(false);
  }
  if (saved) {
    const secret = saved.channels.find((c) => c.secret?.startsWith("whsec_"))?.secret ?? "";
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
  return (
    <section class="editor" aria-label={subscription ? "Change alert" : "New alert"}>
      <form onSubmit={save}>
        <h2>{subscription ? "Change alert" : "New alert"}</h2>
        <label>
          Query{" "}
          <input
            type="text"
            required
            value={text}
            dir="auto"
            spellcheck={false}
            autocomplete="off"
            onInput={(e) => setText(e.currentTarget.value)}
            placeholder="topic:export-controls lang:fr"
          />
        </label>
        <label>
          Name{" "}
          <input
            type="text"
            value={name}
            autocomplete="off"
            onInput={(e) => setName(e.currentTarget.value)}
            placeholder="Shown with each alert"
            maxLength={200}
          />
        </label>
        <label>
          Webhook{" "}
          <input
            type="url"
            value={url}
            autocomplete="off"
            onInput={(e) => setUrl(e.currentTarget.value)}
            placeholder="https://…"
          />
        </label>
        <p class="quiet hint">
          Without a webhook the alerts show here, in an Atom feed and in the event stream.
        </p>
        {error && <Problem error={error} />}
        <p class="bar">
          <button class="main" type="submit" disabled={busy || !text.trim()}>
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

const stateText: Record<string, string> = {
  pending: "waiting",
  delivered: "delivered",
  failed: "given up",
  disabled: "switched off",
};

/// The sentence that says why, with the words that matched marked in it.
function Why({ evidence, language }: { evidence: Evidence[]; language: string }) {
  const first = evidence.find((e) => e.field === "text") ?? evidence[0];
  if (!first) return null;
  const whole = first.sentence || first.text,
    at = first.text ? whole.indexOf(first.text) : -1,
    size = (text: string) => new TextEncoder().encode(text).length;
  return (
    <Foreign as="p" class="snippet" language={language}>
      {at < 0
        ? whole
        : marked(whole, [
            { offset: size(whole.slice(0, at)), length: size(first.text), title: first.clause },
          ])}
    </Foreign>
  );
}

const isOpen = (d: Delivery) => d.state === "pending" && d.attempts > 0;

function Deliveries({
  deliveries,
  alerts,
  again,
}: {
  deliveries: Delivery[];
  alerts: Map<string, Match>;
  again: (alert: string) => void;
}) {
  return (
    <section aria-label="Deliveries">
      <h3>Deliveries</h3>
      {!deliveries.length ? (
        <p class="quiet">None yet.</p>
      ) : (
        <div class="scroll tall" tabIndex={0} role="group" aria-label="Table of deliveries">
          <table>
            <thead>
              <tr>
                <th scope="col">When</th>
                <th scope="col">Article</th>
                <th scope="col">State</th>
                <th scope="col" class="number">
                  Attempts
                </th>
                <th scope="col">Answer</th>
                <th scope="col">
                  <span class="visually-hidden">Commands</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {deliveries.map((d) => {
                const article = alerts.get(d.id)?.article;
                return (
                  <tr key={d.id + d.channel} class={d.state}>
                    <td>
                      <When time={d.created} />
                    </td>
                    <td>
                      {article ? (
                        <Foreign language={article.language}>
                          <Link to={`/a/${article.id}`}>{article.title || article.url}</Link>
                        </Foreign>
                      ) : d.article ? (
                        <Link to={`/a/${d.article}`}>an article</Link>
                      ) : (
                        <span class="quiet">an older alert</span>
                      )}
                    </td>
                    <td>
                      <span class={`dot ${d.state}`}>{stateText[d.state] ?? d.state}</span>
                      {d.next_attempt && d.attempts > 0 && (
                        <span class="quiet">
                          {" "}
                          again <When time={d.next_attempt} />
                        </span>
                      )}
                    </td>
                    <td class="number">{d.attempts}</td>
                    <td>
                      {d.status ?? ""} <bdi>{d.error ?? ""}</bdi>
                    </td>
                    <td>
                      <button
                        class="plain"
                        aria-label={`Send again: ${article?.title ?? "an older alert"}`}
                        onClick={() => again(d.id)}
                      >
                        Send again
                      </button>
                    </td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

function Detail({ id, reload }: { id: string; reload: () => void }) {
  const subscription = useLoaded(`subscription ${id}`, (signal) =>
    get<Subscription>(`/v1/subscriptions/${id}`, {}, signal),
  );
  const matches = useLoaded(
    `matches ${id}`,
    (signal) =>
      get<{ matches: Match[]; cursor: string | null }>(
        `/v1/subscriptions/${id}/matches`,
        { limit: 50 },
        signal,
      ),
    5000,
  );
  const told = useLoaded(
    `deliveries ${id}`,
    (signal) =>
      get<{ deliveries: Delivery[] }>(`/v1/subscriptions/${id}/deliveries`, { limit: 100 }, signal),
    3000,
  );
  const [test, setTest] = useState<{ text: string; bad: boolean } | null>(null);
  const [editing, edit] = useState(false);
  const s = subscription.value;
  if (!s)
    return (
      <section class="detail">
        {subscription.error ? (
          <Problem error={subscription.error} retry={subscription.again} />
        ) : (
          <Loading />
        )}
      </section>
    );
  if (editing)
    return (
      <Editor
        subscription={s}
        query={s.query}
        done={() => {
          edit(false);
          subscription.again();
          reload();
        }}
      />
    );
  const list = matches.value?.matches ?? [];
  const deliveries = told.value?.deliveries ?? [],
    outcome = new Map(deliveries.map((d) => [d.id, d]));
  const counted = (state: string) => deliveries.filter((d) => d.state === state).length;
  const late = deliveries.filter(isOpen).length,
    lost = counted("failed") + counted("disabled");
  const attempt = (what: string, path: string) => {
    setTest({ text: `Sending ${what}…`, bad: false });
    const subject = what.charAt(0).toUpperCase() + what.slice(1);
    call<TestResults>("POST", `/v1/subscriptions/${id}/${path}`).then(
      ({ results }) =>
        setTest({
          text: results
            .map((r) =>
              r.delivered
                ? `${subject} was delivered; the receiver answered ${r.status}.`
                : `${subject} was not delivered: ${r.error ?? `the receiver answered ${r.status}`}`,
            )
            .join(" "),
          bad: results.some((r) => !r.delivered),
        }),
      (e) => setTest({ text: e.message, bad: true }),
    );
  };
  const send = () => attempt("the sample", "test");
  const remove = () => {
    if (confirm(`Delete the alert “${s.name}”? Its past alerts go with it.`))
      call("DELETE", `/v1/subscriptions/${id}`).then(
        () => {
          go("/alerts");
          reload();
        },
        (e) => setTest({ text: e.message, bad: true }),
      );
  };
  return (
    <section class="detail" aria-label="Alert">
      <h2>
        <bdi>{s.name}</bdi>
      </h2>
      <p>
        <code>{s.query}</code>
      </p>
      <div class="bar">
        <button onClick={() => edit(true)}>Change</button>
        <Link class="button" to={`/?q=${encodeURIComponent(s.query)}`}>
          Search
        </Link>
        <a class="button" href={`/v1/subscriptions/${id}/feed.atom`}>
          Atom feed
        </a>
        {s.channels.length > 0 && <button onClick={send}>Send a sample</button>}
        <span class="grow" />
        <button class="danger" onClick={remove}>
          Delete
        </button>
      </div>
      {test && (
        <p role="status" class={test.bad ? "problem" : "note"}>
          {test.text}
        </p>
      )}
      {s.channels.map((c) =>
        c.disabled ? (
          <p key={c.id} class="problem">
            {c.type} → {c.url} is switched off:{" "}
            {c.disabled_reason ?? "the receiver answered that it is gone"}. Change and save the
            alert to switch it on again.
          </p>
        ) : (
          <p key={c.id} class="quiet">
            {c.type} → <bdi class="url">{c.url}</bdi>
          </p>
        ),
      )}
      {s.channels.length > 0 && told.value && (
        <p class="outcomes">
          <span class="dot delivered">{count(counted("delivered"))} delivered</span>
          {counted("pending") > 0 && (
            <span class="dot pending">
              {count(counted("pending"))} waiting
              {late > 0 ? `, ${count(late)} tried and not taken` : ""}
            </span>
          )}
          {lost > 0 && <span class="dot failed bad">{count(lost)} given up</span>}
          <span class="quiet">
            of the newest {plural(deliveries.length, "delivery", "deliveries")}
          </span>
        </p>
      )}
      {told.error && !told.value && <Problem error={told.error} retry={told.again} />}
      <section aria-label="Alerts told">
        <h3>
          Alerts{" "}
          {matches.value && list.length > 0 && (
            <span class="quiet">
              {matches.value.cursor ? `the newest ${list.length}` : count(list.length)}
            </span>
          )}
        </h3>
        {matches.error && !matches.value ? (
          <Problem error={matches.error} retry={matches.again} />
        ) : !matches.value ? (
          <Loading />
        ) : list.length === 0 ? (
          <Empty>
            <p>None yet. A new article alerts within seconds of its discovery.</p>
          </Empty>
        ) : (
          <ol class="matches">
            {list.map((match) => (
              <li key={match.id}>
                <Foreign as="h4" language={match.article.language}>
                  <Link to={`/a/${match.article.id}`}>{match.article.title}</Link>
                </Foreign>
                <p class="byline">
                  <SourceName source={match.article.source} />
                  <When time={match.matched} />
                  {(match.copies?.length ?? 0) > 0 && (
                    <span class="copies">+{plural(match.copies!.length, "copy", "copies")}</span>
                  )}
                  {outcome.has(match.id) && (
                    <span class={`dot ${outcome.get(match.id)!.state}`}>
                      {stateText[outcome.get(match.id)!.state] ?? outcome.get(match.id)!.state}
                    </span>
                  )}
                </p>
                <Why evidence={match.evidence} language={match.article.language} />
              </li>
            ))}
          </ol>
        )}
      </section>
      {s.channels.length > 0 && (
        <Deliveries
          deliveries={deliveries}
          alerts={new Map(list.map((match) => [match.id, match]))}
          again={(alert) => attempt("the alert", `matches/${alert}/replay`)}
        />
      )}
    </section>
  );
}

export function Alerts() {
  const { query } = usePlace();
  const draft = query.get("new"),
    chosen = query.get("id");
  const list = useLoaded(
    "subscriptions",
    (signal) => get<{ subscriptions: Subscription[] }>("/v1/subscriptions", {}, signal),
    10000,
  );
  const live = useStream(
    "",
    () => undefined,
    () => list.again(),
  );
  const all = list.value?.subscriptions ?? [];
  return (
    <main class="page alerts">
      <div class="bar">
        <h1>Alerts</h1>
        {live === "broken" && (
          <span class="live broken" role="status">
            <i aria-hidden="true" />
            Connection lost, trying again…
          </span>
        )}
        <span class="grow" />
        {draft === null && (
          <button class="main" onClick={() => change({ new: " ", id: null })}>
            New alert
          </button>
        )}
      </div>
      {draft !== null && (
        <Editor
          key={draft}
          query={draft.trim()}
          done={(id) => {
            change({ new: null, id: id ?? null });
            list.again();
          }}
        />
      )}
      <div class="split">
        <section aria-label="Subscriptions">
          {list.error && <Problem error={list.error} retry={list.again} />}
          {!list.value ? (
            !list.error && <Loading />
          ) : all.length === 0 ? (
            draft === null ? (
              <Empty>
                <p>
                  No alerts yet. Search for what you follow on <Link to="/">Watch</Link> and save
                  it, or write a query here.
                </p>
              </Empty>
            ) : null
          ) : (
            <ul class="subscriptions">
              {all.map((s) => (
                <li key={s.id} class={s.id === chosen ? "selected" : ""}>
                  <Link
                    to={`/alerts?id=${s.id}`}
                    aria-current={s.id === chosen ? "page" : undefined}
                  >
                    <b>
                      <bdi>{s.name}</bdi>
                    </b>
                    <code>{s.query}</code>
                    <span class="quiet">
                      {s.last_match ? (
                        <>
                          last told <When time={s.last_match} />
                        </>
                      ) : (
                        "nothing told yet"
                      )}
                      {s.channels.some((c) => c.disabled) && (
                        <span class="bad"> · channel off</span>
                      )}
                    </span>
                  </Link>
                  <Spark days={everyDay(s.alerts_per_day ?? [], 7)} what="alerts" />
                </li>
              ))}
            </ul>
          )}
        </section>
        {chosen ? (
          <Detail key={chosen} id={chosen} reload={list.again} />
        ) : (
          all.length > 0 &&
          draft === null && (
            <p class="quiet">Choose an alert to see what it told and whether it was delivered.</p>
          )
        )}
      </div>
    </main>
  );
}
