// An article in a language that the reader may not know: its names in the reader's language, a line
// made of its tags, and what a translator says. The original stands first and stays.
import { useEffect, useState } from "preact/hooks";
import { Article, Hit, Reading, TagWithEvidence, Translation, get } from "./api";
import { nameOf } from "./catalogue";
import { gistOf, gistParts } from "./gist";
import { interfaceLanguage, locale, t } from "./i18n";
import { Link } from "./location";
import { isForeign, isTranslated, useReading } from "./reading";
import { Foreign, Mark, marked } from "./text";

type Titled = Pick<Hit, "id" | "title" | "language" | "url">;
type Told = Pick<Hit, "title" | "language" | "topics" | "actors">;

/// The headline of a list and what helps to read it.
export function StoryHeadline({ hit, unseen }: { hit: Titled & Told; unseen: boolean }) {
  return (
    <>
      <Foreign as="h3" language={hit.language}>
        {unseen && (
          <span class="visually-hidden" lang={interfaceLanguage()}>
            {t("searches.unseen")}{" "}
          </span>
        )}
        <Link to={`/a/${hit.id}`}>
          <Headline hit={hit} />
        </Link>
      </Foreign>
      <TranslatedTitle hit={hit} />
      <GistLine article={hit} />
    </>
  );
}

/// A headline in its own language; what names actors and topics says so on hover.
function Headline({ hit }: { hit: Titled }) {
  const reading = useReading(hit.id, hit.language);
  if (!hit.title) return <>{hit.url}</>;
  const names = (reading?.names ?? []).map((name) => ({
    ...name,
    class: "gloss",
    title: nameOf(name.id),
  }));
  return <>{marked(hit.title, names)}</>;
}

/// Where a text of the article names actors and topics; a topic, which is often half of a sentence,
/// gives way to an actor within it. None where the article is in the reader's language.
export function glossesOf(article: Article, field: "title" | "text"): Mark[] {
  if (!isForeign(article.language)) return [];
  const of = (tags: TagWithEvidence[]) =>
    tags.flatMap((tag) =>
      (tag.evidence ?? [])
        .filter((span) => span.field === field)
        .map(({ offset, length }) => ({ offset, length, class: "gloss", title: nameOf(tag.id) })),
    );
  const actors = of(article.actors);
  const isFree = (one: Mark) =>
    !actors.some(
      (other) => one.offset < other.offset + other.length && other.offset < one.offset + one.length,
    );
  return [...actors, ...of(article.topics).filter(isFree)];
}

/// Who, what topic and how much, in the reader's language, made of the tags; nothing for articles
/// in that language, and where there are no tags.
export function GistLine({ article }: { article: Told }) {
  if (!isForeign(article.language)) return null;
  const gist = gistOf(article);
  if (!gist) return null;
  const parts = gistParts(gist, nameOf, locale());
  return (
    <p class="gist">
      <span class="ours" title={t("gist.how")}>
        {t("gist.label")}
      </span>{" "}
      {parts.map((part, i) => (
        <>
          {i > 0 && " · "}
          <bdi title={i === parts.length - 1 && gist.number ? gist.number.as : undefined}>
            {part}
          </bdi>
        </>
      ))}
    </p>
  );
}

/// What the translator says of one text, marked as the machine's.
function Machine({ translation }: { translation: Translation | null }) {
  if (!translation || translation.state === "waiting")
    return <span class="quiet">{t("machine.waiting")}</span>;
  if (translation.state === "failed")
    return (
      <span class="quiet">
        {t("machine.failed")}{" "}
        <span lang="en" dir="ltr">
          {translation.problem}
        </span>
      </span>
    );
  return <Foreign language={interfaceLanguage()}>{translation.text}</Foreign>;
}

const columnsOfALine = 50; // of a headline, beside the mark, on a narrow desk
const wide = /[\u1100-\u11ff\u2e80-\ua4cf\uac00-\ud7af\uf900-\ufaff\uff00-\uff60]/gu;

/// Whether a headline takes more than a line, and its translation may as well.
function isLong(title: string | null | undefined): boolean {
  const text = title ?? "";
  return text.length + (text.match(wide)?.length ?? 0) > columnsOfALine;
}

/// The headline by the translator, where one is set up; its place is kept while it is waited for.
export function TranslatedTitle({ hit }: { hit: Pick<Hit, "id" | "language" | "title"> }) {
  const reading = useReading(hit.id, hit.language);
  if (!isTranslated() || !isForeign(hit.language)) return null;
  if (reading && !reading.title) return null;
  return (
    <p class={isLong(hit.title) ? "machine two" : "machine"}>
      <span class="ours">{t("machine.mark")}</span> <Machine translation={reading?.title ?? null} />
    </p>
  );
}

const againMs = 1000;
const patienceMs = 180_000;

/// The text by the translator, once somebody asks for it.
export function TranslatedText({ article }: { article: Pick<Hit, "id" | "language"> }) {
  const [asked, ask] = useState(false);
  const [reading, set] = useState<Reading | null>(null);
  const [error, fail] = useState<Error | null>(null);
  useEffect(() => {
    if (!asked) return;
    const control = new AbortController();
    const began = Date.now();
    let timer = 0;
    const look = () =>
      get<Reading>(
        "/v1/reading",
        { ids: article.id, to: interfaceLanguage(), text: 1 },
        control.signal,
      ).then(
        (response) => {
          set(response);
          if (response.waiting && Date.now() - began < patienceMs)
            timer = window.setTimeout(look, againMs);
        },
        (problem) => problem.name !== "AbortError" && fail(problem),
      );
    void look();
    return () => {
      control.abort();
      clearTimeout(timer);
    };
  }, [asked, article.id]);
  if (!isTranslated() || !isForeign(article.language)) return null;
  const paragraphs = reading?.articles[0]?.paragraphs ?? [];
  return (
    <section class="machine-text" aria-label={t("machine.text")}>
      <button class="plain" aria-expanded={asked} onClick={() => ask(!asked)}>
        {t(asked ? "machine.hide" : "machine.show")}
      </button>
      {asked && (
        <>
          <p class="ours">{t("machine.warning")}</p>
          {error && <p class="problem">{error.message}</p>}
          {!reading && !error && <p class="quiet">{t("machine.waiting")}</p>}
          {paragraphs.map((one) => (
            <p key={one.offset}>
              <Machine translation={one.translation} />
            </p>
          ))}
        </>
      )}
    </section>
  );
}
