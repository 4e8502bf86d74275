// What is wrong with this vigie now: the badge in the header, the list, and where more stands.
import { Conditions, get } from "./api";
import { t, withParts } from "./i18n";
import { Link, useLoaded } from "./location";
import { When } from "./text";

const everyMs = 30000;

export const useConditions = (known = true) =>
  useLoaded(
    known ? "conditions" : "nobody",
    (signal) => (known ? get<Conditions>("/v1/conditions", {}, signal) : Promise.resolve(null)),
    everyMs,
  );

/// The way to the ingestion page, with how much is wrong. `known`: the server answers, and to us.
export function IngestionLink(props: { current: "page" | undefined; known: boolean }) {
  const { current, known } = props;
  const wrong = useConditions(known).value?.conditions ?? [];
  const said = t("conditions.wrong", { n: wrong.length });
  return (
    <Link to="/ingestion" aria-current={current}>
      {t("nav.ingestion")}
      {wrong.length > 0 && (
        <span class="badge" title={[said, ...wrong.map((one) => one.title)].join("\n")}>
          <span aria-hidden="true">{wrong.length}</span>
          <span class="visually-hidden">{said}</span>
        </span>
      )}
    </Link>
  );
}

/// What is wrong, each with the page that says more; nothing where all is well.
export function WrongNow({ wrong }: { wrong: Conditions["conditions"] }) {
  if (wrong.length === 0) return null;
  return (
    <section class="problem wrong-now" aria-label={t("conditions.now")}>
      <h2>{t("conditions.now")}</h2>
      <ul lang="en">
        {wrong.map((one) => (
          <li key={`${one.kind}/${one.subject}`}>
            <Link to={one.page}>{one.title}</Link>{" "}
            <span class="quiet">
              {withParts("conditions.since", { time: <When time={one.since} /> })} {one.detail}
            </span>
          </li>
        ))}
      </ul>
      <p>
        <Link to={`/alerts?new=${encodeURIComponent(everything)}`}>{t("conditions.tell")}</Link>
      </p>
    </section>
  );
}

/// The query of an alert that is told of all that is wrong.
export const everything = "system:*";
export const isOfSystem = (query: string) => query.trimStart().startsWith("system:");

/// Whether what an alert told is a condition in place of an article.
export const isCondition = (articleId: string) => articleId.startsWith("condition-");

const ofSource = ["system:quiet", "system:failing", "system:flooding"];

/// Where more stands of what an alert told.
export function pageOf(article: { id: string; source: { id: string } }, clause?: string) {
  if (!isCondition(article.id)) return `/a/${article.id}`;
  if (clause && ofSource.includes(clause)) return `/s/${article.source.id}`;
  if (clause === "system:deliveries") return `/alerts?id=${article.source.id.split("/")[0]}`;
  return "/ingestion";
}
