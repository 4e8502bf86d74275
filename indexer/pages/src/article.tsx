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
import { entryOf, nameOf, named } from "./catalogue";
import { GistLine, TranslatedText, TranslatedTitle, glossesOf } from "./foreign";
import { Key, t, withParts } from "./i18n";
import { ArticleText } from "./structure";
import {
  Foreign,
  Genre,
  Printed,
  Problem,
  SourceName,
  Waiting,
  When,
  bytes,
  count,
  genreName,
  languageName,
  marked,
  publisherClock,
  wordsOf,
} from "./text";
import { KeepButton } from "./collect";
import { UnseenButton } from "./searches";

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
    <section aria-label={t("versions.title")}>
      <h2>{t("versions.title")}</h2>
      <ol class="versions">
        {article.versions.map((version, i) => (
          <li key={version.id}>
            <When time={version.fetched} exact /> ·{" "}
            <Foreign language={article.language}>{version.title}</Foreign>{" "}
            <span class="quiet">
              {bytes(version.text_bytes)}
              {i === 0 ? ` · ${t("versions.shown")}` : ""}
            </span>
            {i > 0 && (
              <button
                class="plain"
                aria-pressed={older === version.id}
                onClick={() => choose(older === version.id ? null : version.id)}
              >
                {t(older === version.id ? "versions.hide" : "versions.changed")}
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
          <p class="quiet">{t("versions.too_long")}</p>
        ))}
    </section>
  );
}

/// Other articles on the same happening, whatever their language and words.
function Reports({ article }: { article: Article }) {
  const { reports, reported } = article;
  if (!reports.length || !reported) return null;
  return (
    <section aria-label={t("reports.title")}>
      <h2>
        {t("reports.in", {
          languages: t("languages", { n: reported.languages.length }),
          sources: t("sources", { n: reported.sources }),
        })}
      </h2>
      <table class="copies-table">
        <thead>
          <tr>
            <th scope="col">{t("table.when")}</th>
            <th scope="col">{t("table.source")}</th>
            <th scope="col">{t("table.language")}</th>
            <th scope="col">{t("table.headline")}</th>
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
    <section aria-label={t("copies.title")}>
      <h2>{t("copies.in_order")}</h2>
      <table class="copies-table">
        <thead>
          <tr>
            <th scope="col">{t("table.when")}</th>
            <th scope="col">{t("table.source")}</th>
            <th scope="col">{t("table.headline")}</th>
            <th scope="col" class="number">
              {t("copies.shared")}
            </th>
          </tr>
        </thead>
        <tbody>
          {copies.map((copy, i) => (
            <tr key={copy.id} class={copy.id === self ? "self" : ""}>
              <td>
                <When time={copy.published ?? copy.discovered} exact />
                {i === 0 && <span class="first">{t("copies.first")}</span>}
                {copy.first_seen && !copies[0]!.first_seen && (
                  <span class="first">
                    {withParts("copies.first_seen", {
                      time: <When time={copy.discovered} exact />,
                    })}
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
                {copy.id === self ? t("copies.this") : `${count(Math.round(copy.share * 100))} %`}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

const provenanceNames: [keyof Origin, Key][] = [
  ["origin", "from.origin"],
  ["charset", "from.charset"],
  ["truncation", "from.truncation"],
  ["pack", "from.pack"],
  ["extractor", "from.extractor"],
  ["archive", "from.archive"],
];
const carrierNames: [keyof Carriers, Key][] = [
  ["title", "from.title_of_page"],
  ["authors", "from.authors"],
  ["published", "from.published"],
  ["modified", "from.modified"],
  ["text", "from.text"],
  ["url", "from.url"],
  ["site", "from.site"],
  ["description", "from.description"],
  ["section", "from.section"],
  ["tags", "from.tags"],
  ["image", "from.image"],
  ["image_caption", "from.caption"],
  ["image_credit", "from.credit"],
  ["declared_language", "from.declared_language"],
  ["page_type", "from.page_type"],
  ["genre", "from.genre"],
  ["licence", "from.licence"],
  ["paywall", "from.paywall"],
];
const pageTypeName = wordsOf({
  article: "page.article",
  live_blog: "page.live_blog",
  gallery: "page.gallery",
  video: "page.video",
  audio: "page.audio",
  listing: "genre.listing",
  feed_item: "page.feed_item",
});

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
            {language === "x-default" ? t("from.other_languages") : languageName(language)}
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

const paywallName = wordsOf({
  free: "paywall.free",
  metered: "paywall.metered",
  locked: "paywall.locked",
});

/// What the page says of the article as a whole.
function PageFacts({ article }: { article: Article }) {
  return (
    <>
      <Entry title={t("from.page_type")}>
        {article.page_type && pageTypeName(article.page_type)}
      </Entry>
      <Entry title={t("from.genre")}>
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
      <Entry title={t("from.section")}>{article.section && <bdi>{article.section}</bdi>}</Entry>
      <Entry title={t("from.tags")}>
        {article.tags.length > 0 && <bdi>{article.tags.join(", ")}</bdi>}
      </Entry>
      <Entry title={t("from.paywall")}>{article.paywall && paywallName(article.paywall)}</Entry>
      <Entry title={t("from.licence")}>
        {article.licence && <Licence licence={article.licence} />}
      </Entry>
      <Entry title={t("from.editions")}>
        {article.alternates.length > 0 && <Editions alternates={article.alternates} />}
      </Entry>
      <Entry title={t("from.pictures")}>
        {article.images.length > 0 && <Pictures article={article} />}
      </Entry>
    </>
  );
}

function Carriers({ article }: { article: Article }) {
  const carriers = carrierNames.filter(([key]) => article.carriers[key]);
  if (!carriers.length) return null;
  return (
    <details class="carriers">
      <summary>{t("from.carriers")}</summary>
      <dl>
        {carriers.map(([key, title]) => (
          <Entry title={t(title)}>
            {article.carriers[key] === "default" ? (
              t("from.nowhere")
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
    <section class="provenance" aria-label={t("from.title")}>
      <h2>{t("from.title")}</h2>
      <dl>
        <Entry title={t("from.url")}>
          <Elsewhere url={article.url} />
        </Entry>
        <Entry title={t("from.discovered")}>
          <When time={article.discovered} exact />
        </Entry>
        <Entry title={t("from.fetched")}>
          <When time={article.fetched} exact />
        </Entry>
        <PageFacts article={article} />
        {provenanceNames.map(([key, title]) => {
          const v = article.provenance[key];
          return v && v !== "none" ? <Entry title={t(title)}>{String(v)}</Entry> : null;
        })}
        {optOut.map(([k, v]) => (
          <Entry title={t("from.publisher_asks")}>
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
        {t(tag.level === "about" ? "why.is_about" : "why.is_mentioned")}{" "}
        <span class="quiet">{t("why.score", { n: Math.round(tag.score * 10) / 10 })}</span>
      </p>
      {spans.some((span) => span.together) && <p>{t("why.together")}</p>}
      {children.length > 0 && (
        <p>{withParts("why.child", { names: <bdi>{children.map(nameOf).join(", ")}</bdi> })}</p>
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

type Hover = (id: string | null) => void;

/// A tag: a link to all about it, and what says where in the text it comes from.
function Chip({ tag, pinned, hover }: { tag: Tag; pinned: boolean; hover: Hover }) {
  const kind = tag.id.includes(":") ? "actor" : "topic";
  const shown = {
    onMouseEnter: () => hover(tag.id),
    onMouseLeave: () => hover(null),
    onFocusIn: () => hover(tag.id),
    onFocusOut: () => hover(null),
  };
  return (
    <li {...shown}>
      <Link
        class={`chip ${kind} ${tag.level}`}
        to={`/${kind === "topic" ? "t" : "w"}/${encodeURIComponent(tag.id)}`}
        title={entryOf(tag.id)?.definition ?? tag.id}
      >
        <bdi>{nameOf(tag.id)}</bdi> <span class="number">{count(tag.evidence?.length ?? 0)}</span>
      </Link>
      <button
        class="plain ask"
        aria-pressed={pinned}
        aria-label={t("why.of", { name: nameOf(tag.id) })}
        onClick={() => change({ tag: pinned ? null : tag.id }, true)}
      >
        {t("why.why")}
      </button>
    </li>
  );
}

function Chips({
  title,
  tags,
  pinned,
  hover,
}: {
  title: string;
  tags: Tag[];
  pinned: string | null;
  hover: Hover;
}) {
  const [all, showAll] = useState(false);
  if (!tags.length) return null;
  // what only lies where something happens is said when asked
  const isPlace = (tag: Tag) =>
    tag.level !== "about" && tag.id.startsWith("country:") && tag.id !== pinned;
  const places = tags.filter(isPlace).length;
  const shown = all || places < 3 ? tags : tags.filter((tag) => !isPlace(tag));
  return (
    <>
      <h2>{title}</h2>
      <ul class="chips">
        {shown.map((tag) => (
          <Chip key={tag.id} tag={tag} pinned={pinned === tag.id} hover={hover} />
        ))}
        {shown.length < tags.length && (
          <li>
            <button class="plain" onClick={() => showAll(true)}>
              {t("why.countries", { n: places })}
            </button>
          </li>
        )}
      </ul>
    </>
  );
}

const evidenceKept = "vigie.evidence";

/// Whether all evidence is marked; the browser remembers it.
function useEvidence(): [boolean, (all: boolean) => void] {
  const [all, set] = useState(() => {
    try {
      return localStorage.getItem(evidenceKept) === "all";
    } catch {
      return false;
    }
  });
  const show = (on: boolean) => {
    set(on);
    try {
      localStorage.setItem(evidenceKept, on ? "all" : "asked");
    } catch {
      /* for this page alone */
    }
  };
  return [all, show];
}

/// The tags of an article, and where the one in focus comes from.
function WhyTagged({
  article,
  tags,
  explained,
  pinned,
  hover,
  evidence: [all, showAll],
}: {
  article: Article;
  tags: Tag[];
  explained: Tag | undefined;
  pinned: string | null;
  hover: Hover;
  evidence: ReturnType<typeof useEvidence>;
}) {
  const ofLevel = (about: boolean) => tags.filter((tag) => (tag.level === "about") === about);
  return (
    <aside class="why" aria-label={t("why.title")}>
      <Chips title={t("why.about")} tags={ofLevel(true)} pinned={pinned} hover={hover} />
      <Chips title={t("why.mentions")} tags={ofLevel(false)} pinned={pinned} hover={hover} />
      {tags.length > 0 && (
        <label class="evidence">
          <input
            type="checkbox"
            checked={all}
            onChange={(event) => showAll(event.currentTarget.checked)}
          />{" "}
          {t("why.show_all")}
        </label>
      )}
      {tags.length === 0 ? (
        <p class="quiet hint">{t("why.none")}</p>
      ) : explained ? (
        <Explain article={article} tag={explained} />
      ) : (
        <p class="quiet hint">{t("why.hint")}</p>
      )}
    </aside>
  );
}

function Byline({ article }: { article: Article }) {
  return (
    <p class="byline">
      <SourceName source={article.source} />
      {article.authors.length > 0 && (
        <span>{withParts("byline.by", { authors: <bdi>{article.authors.join(", ")}</bdi> })}</span>
      )}
      <When time={article.published ?? article.discovered} exact />
      {article.published && publisherClock(article.published) && (
        <span>{t("time.publisher", { time: publisherClock(article.published)! })}</span>
      )}
      {article.modified && article.modified !== article.published && (
        <span>{withParts("byline.changed", { time: <When time={article.modified} exact /> })}</span>
      )}
      <Genre genre={article.genre} />
      {article.page_type && article.page_type !== "article" && (
        <span>{pageTypeName(article.page_type)}</span>
      )}
      {article.section && (
        <span>
          <bdi>{article.section}</bdi>
        </span>
      )}
      <span class="language">{languageName(article.language)}</span>
      <a href={article.url} rel="noreferrer noopener external">
        {t("byline.read")} ↗
      </a>
      <KeepButton />
      <UnseenButton key={article.id} article={article} />
    </p>
  );
}

/// What helps to read the headline, and who wrote it when.
function UnderTitle({ article }: { article: Article }) {
  return (
    <div class="under-title">
      <TranslatedTitle hit={article} />
      <GistLine article={article} />
      <Byline article={article} />
    </div>
  );
}

function NoArticle({ error, again }: { error: Error | null; again: () => void }) {
  return (
    <main class="page">
      {error ? (
        <>
          <h1>{t("article.title")}</h1>
          <Problem error={error} retry={again} />
          <p>
            <Link to="/">{t("missing.watch")}</Link>
          </p>
        </>
      ) : (
        <Waiting rows={6} />
      )}
    </main>
  );
}

/// The picture's caption and whose it is; the picture itself is elsewhere.
function Picture({ article: { image, language } }: { article: Article }) {
  if (!image || !(image.caption || image.credit)) return null;
  return (
    <p class="picture">
      <Elsewhere url={image.url}>{t("article.picture")}</Elsewhere>{" "}
      <Caption picture={image} language={language} />
    </p>
  );
}

export function ArticlePage({ id }: { id: string }) {
  const {
    value: article,
    error,
    again,
  } = useLoaded("article " + id, async (signal) => {
    const asked = get<Article>(`/v1/articles/${encodeURIComponent(id)}`, {}, signal);
    return (await Promise.all([asked, named()]))[0];
  });
  const { query } = usePlace();
  const [hovered, hover] = useState<string | null>(null);
  const evidence = useEvidence();
  const pinned = query.get("tag");
  useEffect(() => {
    if (article) document.title = `${article.title} · vigie`;
  }, [article]);
  if (!article) return <NoArticle error={error} again={again} />;
  const chosen = hovered ?? pinned;
  const tags = [...article.topics, ...article.actors];
  const explained = tags.find((tag) => tag.id === chosen);
  const spans = (field: "title" | "text") =>
    explained || evidence[0]
      ? spansOf(tags, explained ? chosen : null, field)
      : glossesOf(article, field);
  return (
    <main class="page article">
      <Printed />
      <article>
        <Foreign as="h1" language={article.language}>
          {marked(article.title, spans("title"))}
        </Foreign>
        <UnderTitle article={article} />
        <WhyTagged
          article={article}
          tags={tags}
          explained={explained}
          pinned={pinned}
          hover={hover}
          evidence={evidence}
        />
        <div class="body">
          <Picture article={article} />
          <TranslatedText article={article} />
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
