// A topic or an actor: how is it moving?
import { Bin, Catalogued, FacetField, SearchPage, get } from "./api";
import { Link, change, useLoaded, usePlace } from "./location";
import { Timeline } from "./timeline";
import { Story } from "./watch";
import { Empty, Loading, Problem, count, countryName, languageName } from "./text";
import { nameOf } from "./catalogue";

export function Profile({ kind, id }: { kind: "topic" | "actor"; id: string }) {
  const { query } = usePlace();
  const interval = (query.get("by") as "hour" | "day") ?? "day";
  const q = `${kind}:${id}`;
  const entry = useLoaded(`entry ${q}`, (signal) => get<Catalogued>(`/v1/${kind}s/${encodeURIComponent(id)}`, {}, signal).catch(() => null));
  const bins = useLoaded(`bins ${q} ${interval}`, (signal) => get<{ bins: Bin[] }>("/v1/timeline", { q, interval }, signal), 30000);
  const facets = useLoaded(`facets ${q}`, (signal) => get<{ fields: FacetField[] }>("/v1/facets", { q, field: "actor,topic,language,country", limit: 12 }, signal), 30000);
  const newest = useLoaded(`newest ${q}`, (signal) => get<SearchPage>("/v1/search", { q: `about:${id}`, sort: "newest", limit: 15, group: "story" }, signal), 15000);
  const name = entry.value?.name ?? nameOf(id);
  document.title = `${name} · vigie`;
  const values = (field: string) => (facets.value?.fields.find((f) => f.field === field)?.values ?? []).filter((v) => v.value !== id);
  const list = (title: string, field: string, draw: (v: { value: string; name?: string; count: number }) => any) => {
    const all = values(field);
    if (!all.length) return null;
    const most = Math.max(...all.map((v) => v.count));
    return <section><h2>{title}</h2><ul class="bars">{all.map((v) => <li key={v.value}><span class="label">{draw(v)}</span><meter min={0} max={most} value={v.count} aria-label={`${count(v.count)} articles`} /><span class="number">{count(v.count)}</span></li>)}</ul></section>;
  };
  return <main class="page profile">
    <p class="quiet kind">{kind === "topic" ? "Topic" : "Actor"} <code>{id}</code>{entry.value?.pack ? ` in ${entry.value.pack}` : ""}</p>
    <h1>{name}</h1>
    {entry.value?.definition && <p class="definition">{entry.value.definition}</p>}
    {entry.value?.names && Object.keys(entry.value.names).length > 1 && <p class="names">{Object.entries(entry.value.names).map(([language, text]) => <span key={language} lang={language} title={languageName(language)}><bdi>{text}</bdi></span>)}</p>}
    <p class="bar"><Link class="button" to={`/alerts?new=${encodeURIComponent(`about:${id}`)}`}>Subscribe</Link><Link class="button" to={`/?q=${encodeURIComponent(q)}`}>Search within</Link>
      <label>Interval <select value={interval} onChange={(event) => change({ by: event.currentTarget.value === "day" ? null : "hour" }, true)}><option value="day">day</option><option value="hour">hour</option></select></label></p>
    {bins.error ? <Problem error={bins.error} retry={bins.again} /> : <Timeline title={interval === "day" ? "Articles per day" : "Articles per hour"} bins={bins.value?.bins ?? []} interval={interval} />}
    <div class="columns">
      {list("Named together with", "actor", (v) => <Link to={`/w/${encodeURIComponent(v.value)}`}><bdi>{v.name && v.name !== v.value ? v.name : nameOf(v.value)}</bdi></Link>)}
      {list("Topics", "topic", (v) => <Link to={`/t/${encodeURIComponent(v.value)}`}><bdi>{v.name && v.name !== v.value ? v.name : nameOf(v.value)}</bdi></Link>)}
      {list("By language", "language", (v) => languageName(v.value))}
      {list("By country of source", "country", (v) => countryName(v.value))}
    </div>
    <section><h2>Newest articles about it</h2>
      {newest.error ? <Problem error={newest.error} retry={newest.again} /> : !newest.value ? <Loading /> : newest.value.hits.length === 0 ? <Empty><p>None yet.</p></Empty>
        : <ol class="stories">{newest.value.hits.map((hit) => <Story key={hit.id} hit={hit} />)}</ol>}</section>
  </main>;
}
