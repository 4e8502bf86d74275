// Alerts: what am I told, and was I told?
import { useEffect, useState } from "preact/hooks";
import { Channel, Delivery, Match, Subscription, call, get } from "./api";
import { Link, change, go, useLoaded, usePlace } from "./location";
import { Empty, Foreign, Loading, Problem, SourceName, When, count, evidenceText, marked } from "./text";

interface Preview { total?: { value: number; exact: boolean }; per_day?: { day: string; count: number }[]; examples?: Match[]; hits?: Match[]; query?: string }

/// A week of counts as small bars; the numbers are in the title of each.
function Spark({ days }: { days: { day: string; count: number }[] }) {
  const most = Math.max(1, ...days.map((d) => d.count)), sum = days.reduce((n, d) => n + d.count, 0);
  return <svg class="spark" viewBox={`0 0 ${days.length * 9} 24`} width={days.length * 9} height="24" role="img" aria-label={`${sum} alerts in ${days.length} days`}>
    <line x1="0" y1="23.5" x2={days.length * 9} y2="23.5" />{days.map((d, i) => { const h = d.count ? Math.max(2, (d.count / most) * 22) : 0; return <rect key={d.day} x={i * 9} y={23 - h} width="7" height={h}><title>{`${d.day}: ${d.count}`}</title></rect>; })}</svg>;
}

function Editor({ subscription, query, done }: { subscription?: Subscription; query: string; done: () => void }) {
  const [name, setName] = useState(subscription?.name ?? "");
  const [text, setText] = useState(subscription?.query ?? query);
  const [url, setUrl] = useState(subscription?.channels[0]?.url ?? "");
  const [within, setWithin] = useState("7d");
  const [asked, setAsked] = useState(text);
  const [saved, setSaved] = useState<Subscription | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const [busy, setBusy] = useState(false);
  useEffect(() => { const timer = setTimeout(() => setAsked(text.trim()), 400); return () => clearTimeout(timer); }, [text]);
  const preview = useLoaded(`preview ${asked} ${within}`, async (signal) => (asked ? call<Preview>("POST", "/v1/subscriptions/preview", {}, { query: asked, within }, signal) : null));

  async function save(event: Event) {
    event.preventDefault();
    setBusy(true);
    try {
      const channels: Channel[] = url.trim() ? [{ ...(subscription?.channels[0]?.url === url.trim() ? subscription!.channels[0]! : {}), type: "webhook", url: url.trim() }] : [];
      const body = { name: name.trim() || text.trim(), query: text.trim(), channels };
      const answer = await call<Subscription>(subscription ? "PUT" : "POST", subscription ? `/v1/subscriptions/${subscription.id}` : "/v1/subscriptions", {}, body);
      setError(null);
      if (!subscription && answer.channels.some((c) => c.secret)) setSaved(answer); else done();
    } catch (problem) { setError(problem as Error); }
    setBusy(false);
  }
  if (saved) return <section class="editor"><h2>{saved.name}</h2><p>The alert is in force. Each delivery is signed with this secret; it is shown only now:</p>
    <p><code class="secret">{saved.channels[0]?.secret}</code> <button onClick={() => void navigator.clipboard?.writeText(saved.channels[0]?.secret ?? "")}>Copy</button></p><p><button class="main" onClick={done}>Done</button></p></section>;
  const examples = preview.value?.examples ?? preview.value?.hits ?? [];
  return <section class="editor" aria-label={subscription ? "Change alert" : "New alert"}>
    <h2>{subscription ? "Change alert" : "New alert"}</h2>
    <form onSubmit={save}>
      <label>Query <input type="text" required value={text} dir="auto" spellcheck={false} onInput={(e) => setText(e.currentTarget.value)} placeholder="topic:export-controls lang:fr" /></label>
      <label>Name <input type="text" value={name} onInput={(e) => setName(e.currentTarget.value)} placeholder="Shown with each alert" maxLength={200} /></label>
      <label>Webhook <input type="url" value={url} onInput={(e) => setUrl(e.currentTarget.value)} placeholder="https://… (empty: only here, by Atom and by event stream)" /></label>
      {error && <Problem error={error} />}
      <p class="bar"><button class="main" type="submit" disabled={busy || !text.trim()}>{busy ? "Saving…" : subscription ? "Save" : "Create alert"}</button> <button type="button" onClick={done}>Cancel</button></p>
    </form>
    <div class="preview"><h3>What it would have told <label class="visually-hidden" for="within">in the last</label><select id="within" value={within} onChange={(e) => setWithin(e.currentTarget.value)}><option value="24h">in the last day</option><option value="7d">in the last week</option><option value="30d">in the last month</option></select></h3>
      {preview.error ? <Problem error={preview.error} /> : !asked ? <p class="quiet">Write a query to see what it finds.</p> : !preview.value ? <Loading /> : <>
        <p>{count(preview.value.total?.value ?? examples.length)} articles{preview.value.per_day && preview.value.per_day.length > 0 && <> <Spark days={preview.value.per_day} /></>}</p>
        <ul class="examples">{examples.slice(0, 10).map((match) => <li key={match.article.id}><Foreign language={match.article.language}><Link to={`/a/${match.article.id}`}>{match.article.title}</Link></Foreign> <SourceName source={match.article.source} />
          <Foreign as="p" class="snippet" language={match.article.language}>{evidenceText(match.evidence) || match.article.snippet}</Foreign></li>)}</ul></>}
    </div>
  </section>;
}

const stateText: Record<string, string> = { pending: "waiting", delivered: "delivered", failed: "given up", disabled: "switched off" };

function Detail({ id, reload }: { id: string; reload: () => void }) {
  const subscription = useLoaded(`subscription ${id}`, (signal) => get<Subscription>(`/v1/subscriptions/${id}`, {}, signal));
  const matches = useLoaded(`matches ${id}`, (signal) => get<{ matches: Match[]; cursor: string | null }>(`/v1/subscriptions/${id}/matches`, { limit: 50 }, signal), 5000);
  const deliveries = useLoaded(`deliveries ${id}`, (signal) => get<{ deliveries: Delivery[] }>(`/v1/subscriptions/${id}/deliveries`, { limit: 50 }, signal), 5000);
  const [test, setTest] = useState<string>("");
  const [editing, edit] = useState(false);
  const s = subscription.value;
  if (!s) return subscription.error ? <Problem error={subscription.error} retry={subscription.again} /> : <Loading />;
  if (editing) return <Editor subscription={s} query={s.query} done={() => { edit(false); subscription.again(); reload(); }} />;
  return <section class="detail"><h2><bdi>{s.name}</bdi></h2><p><code>{s.query}</code></p>
    <p class="bar"><button onClick={() => edit(true)}>Change</button><Link class="button" to={`/?q=${encodeURIComponent(s.query)}`}>Search</Link><a class="button" href={`/v1/subscriptions/${id}/feed.atom`}>Atom feed</a>
      {s.channels.length > 0 && <button onClick={() => { setTest("Sending…"); call<{ results?: { channel: string; delivered?: boolean; status: number | null; error: string | null }[] }>("POST", `/v1/subscriptions/${id}/test`).then(
        (answer) => setTest((answer.results ?? []).map((r) => (r.error ? `Failed: ${r.error}` : `Delivered, answer ${r.status}`)).join("; ") || "Sent"), (e) => setTest(`Failed: ${e.message}`)); }}>Send a test</button>}
      <button class="danger" onClick={() => { if (confirm(`Delete the alert “${s.name}”?`)) call("DELETE", `/v1/subscriptions/${id}`).then(() => { reload(); go("/alerts"); }, (e) => setTest(e.message)); }}>Delete</button></p>
    {test && <p role="status" class="quiet">{test}</p>}
    {s.channels.map((c) => <p key={c.id} class={c.disabled ? "problem" : "quiet"}>{c.type} → <bdi>{c.url}</bdi>{c.disabled ? ` is switched off: ${c.disabled_reason ?? "the receiver answered that it is gone"}` : ""}</p>)}
    <h3>Alerts</h3>
    {matches.error && !matches.value ? <Problem error={matches.error} retry={matches.again} /> : !matches.value ? <Loading /> : matches.value.matches.length === 0 ? <Empty><p>None yet. New articles alert within seconds of their discovery.</p></Empty>
      : <ol class="matches">{matches.value.matches.map((match) => <li key={match.id}><Foreign as="h4" language={match.article.language}><Link to={`/a/${match.article.id}`}>{match.article.title}</Link></Foreign>
        <p class="byline"><SourceName source={match.article.source} /> <When time={match.matched} />{(match.copies?.length ?? 0) > 0 && <span class="copies">+{match.copies!.length} copies</span>}</p>
        {match.evidence[0] && <Foreign as="p" class="snippet" language={match.article.language}>{sentence(match.evidence[0])}</Foreign>}</li>)}</ol>}
    {s.channels.length > 0 && <><h3>Deliveries</h3>
      {deliveries.error && !deliveries.value ? <Problem error={deliveries.error} /> : !deliveries.value?.deliveries.length ? <p class="quiet">None yet.</p> : <div class="scroll"><table><thead><tr><th scope="col">When</th><th scope="col">State</th><th scope="col" class="number">Attempts</th><th scope="col">Answer</th><th scope="col">Next</th></tr></thead>
        <tbody>{deliveries.value.deliveries.map((d) => <tr key={d.id + d.channel} class={d.state}><td><When time={d.created} /></td><td>{stateText[d.state] ?? d.state}</td><td class="number">{d.attempts}</td><td>{d.status ?? ""} <bdi>{d.error ?? ""}</bdi></td><td>{d.next_attempt ? <When time={d.next_attempt} /> : ""}</td></tr>)}</tbody></table></div>}</>}
  </section>;
}
const sentence = (e: { sentence?: string; text?: string }) => {
  const whole = e.sentence ?? e.text ?? "", part = e.text ?? "", at = part ? whole.indexOf(part) : -1;
  return at < 0 ? whole : marked(whole, [{ offset: new TextEncoder().encode(whole.slice(0, at)).length, length: new TextEncoder().encode(part).length }]);
};

export function Alerts() {
  const { query } = usePlace();
  const draft = query.get("new"), chosen = query.get("id");
  const list = useLoaded("subscriptions", (signal) => get<{ subscriptions: Subscription[] }>("/v1/subscriptions", {}, signal), 10000);
  return <main class="page alerts">
    <div class="bar"><h1>Alerts</h1><span class="grow" /><button class="main" onClick={() => change({ new: " ", id: null })}>New alert</button></div>
    {draft !== null && <Editor key={draft} query={draft.trim()} done={() => { change({ new: null }); list.again(); }} />}
    <div class="split">
      <section aria-label="Subscriptions">
        {list.error && !list.value ? <Problem error={list.error} retry={list.again} /> : !list.value ? <Loading /> : list.value.subscriptions.length === 0 ? (draft === null ? <Empty><p>No alerts yet. Search for what you follow on <Link to="/">Watch</Link> and save it, or write a query here.</p></Empty> : null)
          : <ul class="subscriptions">{list.value.subscriptions.map((s) => <li key={s.id} class={s.id === chosen ? "selected" : ""}>
            <Link to={`/alerts?id=${s.id}`} aria-current={s.id === chosen ? "page" : undefined}><b><bdi>{s.name}</bdi></b><code>{s.query}</code><span class="quiet">{s.last_match ? <>last alert <When time={s.last_match} /></> : "no alert yet"}</span></Link>
            {s.per_day && <Spark days={s.per_day.slice(-7)} />}{s.channels.some((c) => c.disabled) && <span class="bad">channel off</span>}</li>)}</ul>}
      </section>
      {chosen && <Detail key={chosen} id={chosen} reload={list.again} />}
    </div>
  </main>;
}
