// Article: what does it say, and why is it tagged so?
import { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import {
  Article,
  Carriers,
  Copy,
  Picture,
  Provenance as Origin,
  TagWithEvidence as Tag,
  get,
} from "./api";
import { Link, change, useLoaded, usePlace } from "./location";
import {
  Foreign,
  Genre,
  Loading,
  Problem,
  SourceName,
  When,
  bytes,
  genreName,
  languageName,
  marked,
  plural,
} from "./text";
import { KeepButton } from "./collect";
import { ArticleText } from "./structure";
import { entryOf, nameOf } from "./catalogue";

const spansOf = (tags: Tag[], chosen: string | null, field: string) =>
  tags
    .filter((tag) => chosen === null || tag.id === chosen)
    .flatMap((tag) =>
      (tag.evidence ?? [])
        .filter((e) => e.field === field)
        .map((e) => ({
          ...e,
          class: chosen === tag.id ? "strong" : tag.id.includes(":") ? "actor" : "topic",
          title: nameOf(tag.id),
        })),
    );

/// Word by word, what a version changed: longest common subsequence on words, bounded.
function difference(before: string, after: string) {
  const a = before.split(/(\s+)/),
    b = after.split(/(\s+)/);
  if (a.length * b.length > 4e6) return null;
  const table = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; --i)
    for (let j = b.length - 1; j >= 0; --j)
      table[i]![j] =
        a[i] === b[j] ? table[i + 1]![j + 1]! + 1 : Math.max(table[i + 1]![j]!, table[i]![j + 1]!);
  const out: { kind: "same" | "gone" | "new"; text: string }[] = [];
  const push = (kind: "same" | "gone" | "new", text: string) => {
    const last = out[out.length - 1];
    if (last?.kind === kind) last.text += text;
    else out.push({ kind, text });
  };
  let i = 0,
    j = 0;
  while (i < a.length && j < b.length) {
    if (a[i] === b[j]) {
      push("same", a[i]!);
      ++i;
      ++j;
    } else if (table[i + 1]![j]! >= table[i]![j + 1]!) push("gone", a[i++]!);
    else push("new", b[j++]!);
  }
  while (i < a.length) push("gone", a[i++]!);
  while (j < b.length) push("new", b[j++]!);
  return out;
}

function Versions({ article }: { article: Article }) {
  const [older, choose] = useState<string | null>(null);
  const loaded = useLoaded(`version ${article.id} ${older}`, async (signal) =>
    older ? get<Article>(`/v1/articles/${article.id}/versions/${older}`, {}, signal) : null,
  );
  if (article.versions.length < 2) return null;
  const parts =
    older && loaded.value
      ? difference(
          loaded.value.title + "\n\n" + loaded.value.text,
          article.title + "\n\n" + article.text,
        )
      : null;
  return (
    <section aria-label="Versions">
      <h2>Versions</h2>
      <ol class="versions">
        {article.versions.map((version, i) => (
          <li key={version.id}>
            <When time={version.fetched} exact /> ·{" "}
            <Foreign language={article.language}>{version.title}</Foreign>{" "}
            <span class="quiet">
              {bytes(version.text_bytes)}
              {i === 0 ? " · shown above" : ""}
            </span>
            {i > 0 && (
              <button
                class="plain"
                aria-pressed={older === version.id}
                onClick={() => choose(older === version.id ? null : version.id)}
              >
                {older === version.id ? "Hide" : "What changed since"}
              </button>
            )}
          </li>
        ))}
      </ol>
      {older && loaded.error && <Problem error={loaded.error} retry={loaded.again} />}
      {older &&
        loaded.value &&
        (parts ? (
          <Foreign as="div" class="difference" language={article.language}>
            {parts.map((part) =>
              part.kind === "same" ? (
                part.text
              ) : part.kind === "gone" ? (
                <del>{part.text}</del>
              ) : (
                <ins>{part.text}</ins>
              ),
            )}
          </Foreign>
        ) : (
          <p class="quiet">The texts are too long to compare word by word.</p>
        ))}
    </section>
  );
}

/// Other articles on the same happening, whatever their language and words.
function Reports({ article }: { article: Article }) {
  const { reports, reported } = article;
  if (!reports.length || !reported) return null;
  return (
    <section aria-label="Also reported">
      <h2>
        {`Also reported: ${plural(reported.languages.length, "language")}, ` +
          plural(reported.sources, "source")}
      </h2>
      <table class="copies-table">
        <thead>
          <tr>
            <th scope="col">When</th>
            <th scope="col">Source</th>
            <th scope="col">Language</th>
            <th scope="col">Headline</th>
          </tr>
        </thead>
        <tbody>
          {reports.map((report) => (
            <tr key={report.id}>
              <td>
                <When time={report.published ?? report.discovered} exact />
              </td>
              <td>
                <SourceName source={report.source} />
              </td>
              <td>{languageName(report.language)}</td>
              <td>
                <Foreign language={report.language}>
                  <Link to={`/a/${report.id}`}>{report.title || report.url}</Link>
                </Foreign>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Copies({ copies, self }: { copies: Copy[]; self: string }) {
  if (copies.length < 2) return null;
  return (
    <section aria-label="This story">
      <h2>This story, in order of time</h2>
      <table class="copies-table">
        <thead>
          <tr>
            <th scope="col">When</th>
            <th scope="col">Source</th>
            <th scope="col">Headline</th>
            <th scope="col" class="number">
              Text shared
            </th>
          </tr>
        </thead>
        <tbody>
          {copies.map((copy, i) => (
            <tr key={copy.id} class={copy.id === self ? "self" : ""}>
              <td>
                <When time={copy.published ?? copy.discovered} exact />
                {i === 0 && <span class="first">first</span>}
                {copy.first_seen && !copies[0]!.first_seen && (
                  <span class="first">
                    first seen here <When time={copy.discovered} exact />
                  </span>
                )}
              </td>
              <td>
                <SourceName source={copy.source} />
              </td>
              <td>
                <Foreign language={copy.language}>
                  {copy.id === self ? (
                    <b>{copy.title}</b>
                  ) : (
                    <Link to={`/a/${copy.id}`}>{copy.title}</Link>
                  )}
                </Foreign>
              </td>
              <td class="number">
                {copy.id === self ? "this one" : `${Math.round(copy.share * 100)} %`}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

const provenanceNames: [keyof Origin, string][] = [
  ["origin", "Came by"],
  ["charset", "Charset"],
  ["truncation", "Cut"],
  ["pack", "Tagged by"],
  ["extractor", "Extractor version"],
  ["archive", "Archived as"],
];
const carrierNames: [keyof Carriers, string][] = [
  ["title", "Title"],
  ["authors", "Authors"],
  ["published", "Date"],
  ["modified", "Modification"],
  ["text", "Text"],
  ["url", "URL"],
  ["site", "Site"],
  ["description", "Description"],
  ["section", "Section"],
  ["tags", "Publisher’s tags"],
  ["image", "Picture"],
  ["image_caption", "Caption"],
  ["image_credit", "Credit"],
  ["declared_language", "Language as declared"],
  ["page_type", "Kind of page"],
  ["genre", "Genre"],
  ["licence", "Licence"],
  ["paywall", "Paywall"],
];
const pageTypes: Record<string, string> = {
  article: "article",
  live_blog: "live blog",
  gallery: "gallery",
  video: "video",
  audio: "audio",
  listing: "list of articles",
  feed_item: "item of a feed; its page could not be read",
};

/// A URL elsewhere.
const Elsewhere = ({
  url,
  children,
  language,
}: {
  url: string;
  children?: ComponentChildren;
  language?: string;
}) => (
  <a href={url} hreflang={language} rel="noreferrer noopener external">
    {children ?? <bdi>{readable(url)}</bdi>}
  </a>
);
const isUrl = (text: string) => /^https?:/.test(text);

/// What stands under a picture, and whose it is. The picture itself stays where it is: the page
/// asks nothing of other hosts.
function Caption({ picture, language }: { picture: Picture; language: string }) {
  const apart = picture.credit && !picture.caption?.includes(picture.credit);
  return (
    <>
      {picture.caption && (
        <Foreign as="bdi" language={language}>
          {picture.caption}
        </Foreign>
      )}
      {apart && (
        <>
          {picture.caption && " · "}
          <bdi>{picture.credit}</bdi>
        </>
      )}
    </>
  );
}

/// A name and its value in a list of them; nothing where there is no value.
function Entry({ title, children }: { title: string; children: ComponentChildren }) {
  if (children === null || children === false || children === "" || children === undefined)
    return null;
  return (
    <>
      <dt>{title}</dt>
      <dd>{children}</dd>
    </>
  );
}

function Editions({ alternates }: { alternates: Article["alternates"] }) {
  return (
    <>
      {alternates.map(({ language, url }, i) => (
        <>
          {i > 0 && ", "}
          <Elsewhere url={url} language={language === "x-default" ? undefined : language}>
            {language === "x-default" ? "all others" : languageName(language)}
          </Elsewhere>
        </>
      ))}
    </>
  );
}

function Pictures({ article }: { article: Article }) {
  return (
    <ol class="pictures">
      {article.images.map((picture) => (
        <li>
          <Elsewhere url={picture.url}>
            <bdi>{fileOf(picture.url)}</bdi>
          </Elsewhere>{" "}
          <Caption picture={picture} language={article.language} />
        </li>
      ))}
    </ol>
  );
}

function Licence({ licence }: { licence: string }) {
  return isUrl(licence) ? <Elsewhere url={licence} /> : <bdi>{licence}</bdi>;
}

/// What the page says of the article as a whole.
function PageFacts({ article }: { article: Article }) {
  return (
    <>
      <Entry title="Kind of page">
        {article.page_type && (pageTypes[article.page_type] ?? article.page_type)}
      </Entry>
      <Entry title="Genre">
        {article.genre && (
          <>
            {genreName(article.genre)}
            {article.genre_evidence && (
              <>
                {" "}
                (<bdi>{article.genre_evidence}</bdi>)
              </>
            )}
          </>
        )}
      </Entry>
      <Entry title="Section">{article.section && <bdi>{article.section}</bdi>}</Entry>
      <Entry title="Publisher’s tags">
        {article.tags.length > 0 && <bdi>{article.tags.join(", ")}</bdi>}
      </Entry>
      <Entry title="Paywall">{article.paywall}</Entry>
      <Entry title="Licence">{article.licence && <Licence licence={article.licence} />}</Entry>
      <Entry title="Other editions">
        {article.alternates.length > 0 && <Editions alternates={article.alternates} />}
      </Entry>
      <Entry title="Pictures">{article.images.length > 0 && <Pictures article={article} />}</Entry>
    </>
  );
}

function Carriers({ article }: { article: Article }) {
  const carriers = carrierNames.filter(([key]) => article.carriers[key]);
  if (!carriers.length) return null;
  return (
    <details class="carriers">
      <summary>Where each value was read</summary>
      <dl>
        {carriers.map(([key, title]) => (
          <Entry title={title}>
            {article.carriers[key] === "default" ? (
              "nowhere: nothing says otherwise"
            ) : (
              <code>{article.carriers[key]}</code>
            )}
          </Entry>
        ))}
      </dl>
    </details>
  );
}

function Provenance({ article }: { article: Article }) {
  const optOut = Object.entries(article.opt_out).filter(([, v]) => v);
  return (
    <section class="provenance" aria-label="Where this comes from">
      <h2>Where this comes from</h2>
      <dl>
        <Entry title="URL">
          <Elsewhere url={article.url} />
        </Entry>
        <Entry title="Discovered">
          <When time={article.discovered} exact />
        </Entry>
        <Entry title="Fetched">
          <When time={article.fetched} exact />
        </Entry>
        <PageFacts article={article} />
        {provenanceNames.map(([key, title]) => {
          const v = article.provenance[key];
          return v && v !== "none" ? <Entry title={title}>{String(v)}</Entry> : null;
        })}
        {optOut.map(([k, v]) => (
          <Entry title="Publisher asks">
            {k.replace(/_/g, " ") + (v === true ? "" : `: ${String(v)}`)}
          </Entry>
        ))}
      </dl>
      <Carriers article={article} />
    </section>
  );
}

/// Why an article has a tag: each rule of the pack that matched, with the words that it matched, in
/// the order of the text.
function Explain({ article, tag }: { article: Article; tag: Tag }) {
  const raw = {
    title: new TextEncoder().encode(article.title),
    text: new TextEncoder().encode(article.text),
  };
  const rules = new Map<string, Map<string, number>>();
  const spans = tag.evidence ?? [];
  for (const span of spans) {
    const words = new TextDecoder().decode(
      raw[span.field].subarray(span.offset, span.offset + span.length),
    );
    const rule = rules.get(span.rule ?? "") ?? new Map<string, number>();
    rule.set(words, (rule.get(words) ?? 0) + 1);
    rules.set(span.rule ?? "", rule);
  }
  const children = [...new Set(spans.flatMap((span) => (span.child ? [span.child] : [])))];
  return (
    <div class="explain" role="status">
      <p>
        <b>
          <bdi>{nameOf(tag.id)}</bdi>
        </b>{" "}
        {tag.level === "about" ? "is what it is about" : "is mentioned"}{" "}
        <span class="quiet">score {Math.round(tag.score * 10) / 10}</span>
      </p>
      {spans.some((span) => span.together) && (
        <p>
          No words of its own: these stand for others, and count here because they are together.
        </p>
      )}
      {children.length > 0 && (
        <p>
          Words of <bdi>{children.map(nameOf).join(", ")}</bdi>, which is a part of it.
        </p>
      )}
      <dl>
        {[...rules].map(([rule, words]) => (
          <>
            <dt>
              <code>{rule || "name"}</code>
            </dt>
            <dd>
              {[...words].map(([text, times], i) => (
                <>
                  {i > 0 && ", "}
                  <Foreign as="bdi" language={article.language}>
                    {text}
                  </Foreign>
                  {times > 1 ? ` ×${times}` : ""}
                </>
              ))}
            </dd>
          </>
        ))}
      </dl>
    </div>
  );
}

function Chip({
  tag,
  pinned,
  hover,
}: {
  tag: Tag;
  pinned: boolean;
  hover: (id: string | null) => void;
}) {
  const kind = tag.id.includes(":") ? "actor" : "topic";
  return (
    <li>
      <button
        class={`chip ${kind} ${tag.level}`}
        aria-pressed={pinned}
        title={entryOf(tag.id)?.definition ?? tag.id}
        onMouseEnter={() => hover(tag.id)}
        onMouseLeave={() => hover(null)}
        onFocus={() => hover(tag.id)}
        onBlur={() => hover(null)}
        onClick={() => change({ tag: pinned ? null : tag.id }, true)}
      >
        <bdi>{nameOf(tag.id)}</bdi> <span class="number">{tag.evidence?.length ?? 0}</span>
      </button>
      <Link
        class="plain"
        to={`/${kind === "topic" ? "t" : "w"}/${encodeURIComponent(tag.id)}`}
        aria-label={`All about ${nameOf(tag.id)}`}
      >
        →
      </Link>
    </li>
  );
}

/// The tags of an article, and where the one in focus comes from.
function WhyTagged({
  article,
  tags,
  explained,
  pinned,
  hover,
}: {
  article: Article;
  tags: Tag[];
  explained: Tag | undefined;
  pinned: string | null;
  hover: (id: string | null) => void;
}) {
  const chips = (title: string, some: Tag[]) =>
    some.length > 0 && (
      <>
        <h2>{title}</h2>
        <ul class="chips">
          {some.map((tag) => (
            <Chip key={tag.id} tag={tag} pinned={pinned === tag.id} hover={hover} />
          ))}
        </ul>
      </>
    );
  return (
    <aside class="why" aria-label="Why it is tagged so">
      {chips(
        "About",
        tags.filter((t) => t.level === "about"),
      )}
      {chips(
        "Mentions",
        tags.filter((t) => t.level !== "about"),
      )}
      {tags.length === 0 ? (
        <p class="quiet hint">No topic or actor of the packs was found in it.</p>
      ) : explained ? (
        <Explain article={article} tag={explained} />
      ) : (
        <p class="quiet hint">
          Point at a tag to see which words and rules it comes from; press it to keep it.
        </p>
      )}
    </aside>
  );
}

function Byline({ article }: { article: Article }) {
  return (
    <p class="byline">
      <SourceName source={article.source} />
      {article.authors.length > 0 && (
        <span>
          by <bdi>{article.authors.join(", ")}</bdi>
        </span>
      )}
      <When time={article.published ?? article.discovered} exact />
      {article.modified && article.modified !== article.published && (
        <span>
          changed <When time={article.modified} exact />
        </span>
      )}
      <Genre genre={article.genre} />
      {article.page_type && article.page_type !== "article" && (
        <span>{pageTypes[article.page_type] ?? article.page_type}</span>
      )}
      {article.section && (
        <span>
          <bdi>{article.section}</bdi>
        </span>
      )}
      <span class="language">{languageName(article.language)}</span>
      <a href={article.url} rel="noreferrer noopener external">
        Read at the source ↗
      </a>
      <KeepButton />
    </p>
  );
}

function NoArticle({ error, again }: { error: Error | null; again: () => void }) {
  return (
    <main class="page">
      {error ? (
        <>
          <h1>Article</h1>
          <Problem error={error} retry={again} />
          <p>
            <Link to="/">Go to Watch</Link>
          </p>
        </>
      ) : (
        <Loading />
      )}
    </main>
  );
}

export function ArticlePage({ id }: { id: string }) {
  const {
    value: article,
    error,
    again,
  } = useLoaded("article " + id, (signal) =>
    get<Article>(`/v1/articles/${encodeURIComponent(id)}`, {}, signal),
  );
  const { query } = usePlace();
  const [hovered, hover] = useState<string | null>(null);
  const pinned = query.get("tag");
  useEffect(() => {
    if (article) document.title = `${article.title} · vigie`;
  }, [article]);
  if (!article) return <NoArticle error={error} again={again} />;
  const chosen = hovered ?? pinned;
  const tags = [...article.topics, ...article.actors];
  const explained = tags.find((tag) => tag.id === chosen);
  const spans = (field: "title" | "text") => spansOf(tags, explained ? chosen : null, field);
  return (
    <main class="page article">
      <article>
        <Foreign as="h1" language={article.language}>
          {marked(article.title, spans("title"))}
        </Foreign>
        <Byline article={article} />
        <WhyTagged
          article={article}
          tags={tags}
          explained={explained}
          pinned={pinned}
          hover={hover}
        />
        <div class="body">
          {article.image && (article.image.caption || article.image.credit) && (
            <p class="picture">
              <Elsewhere url={article.image.url}>Picture</Elsewhere>{" "}
              <Caption picture={article.image} language={article.language} />
            </p>
          )}
          <ArticleText article={article} marks={spans("text")} />
        </div>
      </article>
      <Copies copies={article.copies} self={article.id} />
      <Reports article={article} />
      <Versions article={article} />
      <Provenance article={article} />
    </main>
  );
}

/// A URL as a person reads it: percent-encoded letters of other scripts as letters.
function readable(url: string) {
  try {
    return decodeURI(url);
  } catch {
    return url;
  }
}
const fileOf = (url: string) =>
  readable(url).split(/[?#]/)[0]!.split("/").filter(Boolean).pop() ?? url;
