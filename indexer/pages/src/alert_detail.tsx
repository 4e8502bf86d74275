// One alert: what it told, whether that was delivered, and what can be done with it.
import { useEffect, useState } from "preact/hooks";
import {
  Alert as Match,
  Channel,
  Deliveries,
  Delivery,
  Evidence,
  Matches,
  SubscriptionWithCounts as Subscription,
  TestResults,
  call,
  get,
} from "./api";
import { Editor } from "./alert_editor";
import { destinationOf, kindNamed } from "./channel_fields";
import { isCondition, pageOf } from "./conditions";
import { FeedButton } from "./feed_button";
import { Owner } from "./alert_history";
import { Proposal, noise } from "./noise";
import { SpikeSaid } from "./kind";
import { Key, t, withParts } from "./i18n";
import { Link, Loaded, go, useLoaded } from "./location";
import { may, useMe } from "./me";
import {
  Empty,
  Foreign,
  Genre,
  InOrder,
  Problem,
  SourceName,
  Waiting,
  When,
  count,
  isKnown,
  marked,
  wordsOf,
} from "./text";

const stateText = wordsOf({
  pending: "delivery.pending",
  delivered: "delivery.delivered",
  failed: "delivery.failed",
  disabled: "delivery.disabled",
});

/// The sentence that meets most parts of the query; of the text rather than of the title.
function tellingSentence(evidence: Evidence[]): Evidence[] {
  const bySentence = new Map<string, Evidence[]>();
  for (const one of evidence) {
    const key = `${one.field}\n${one.sentence || one.text}`;
    bySentence.set(key, [...(bySentence.get(key) ?? []), one]);
  }
  const worth = (some: Evidence[]) =>
    new Set(some.map((one) => one.clause)).size * 2 + (some[0]!.field === "text" ? 1 : 0);
  return [...bySentence.values()].sort((a, b) => worth(b) - worth(a))[0] ?? [];
}

/// The sentence that says why, with the words that matched marked in it.
function Why({ evidence, language }: { evidence: Evidence[]; language: string }) {
  const telling = tellingSentence(evidence);
  const first = telling[0];
  if (!first) return null;
  const whole = first.sentence || first.text,
    size = (text: string) => new TextEncoder().encode(text).length;
  const marks = telling
    .filter((one) => one.text && whole.includes(one.text))
    .map((one) => ({
      offset: size(whole.slice(0, whole.indexOf(one.text))),
      length: size(one.text),
      title: one.clause,
    }));
  return (
    <Foreign as="p" class="snippet" language={language}>
      {marked(whole, marks)}
    </Foreign>
  );
}

function DeliveryRow({
  delivery: d,
  article,
  attempts,
  again,
}: {
  delivery: Delivery;
  attempts: boolean; // are shown
  article: Match["article"] | undefined;
  again: (alert: string) => void;
}) {
  return (
    <tr class={d.state}>
      <td>
        <When time={d.created} />
      </td>
      <td>
        {article ? (
          <Foreign language={article.language}>
            <Link to={pageOf(article)}>{article.title || article.url}</Link>
          </Foreign>
        ) : d.article ? (
          <Link to={`/a/${d.article}`}>{t("delivery.an_article")}</Link>
        ) : (
          <span class="quiet">{t("delivery.older")}</span>
        )}
      </td>
      <td>
        <span class={`dot ${d.state}`}>{stateText(d.state)}</span>
        {d.next_attempt && d.attempts > 0 && (
          <span class="quiet">
            {" "}
            {withParts("delivery.again_at", { time: <When time={d.next_attempt} /> })}
          </span>
        )}
      </td>
      {attempts && <td class="number">{count(d.attempts)}</td>}
      <td>
        {d.status ?? ""} <bdi lang="en">{d.error ?? ""}</bdi>
      </td>
      <td>
        <button
          class="plain nowrap"
          aria-label={t("delivery.send_again_of", {
            name: article?.title ?? t("delivery.older"),
          })}
          onClick={() => again(d.id)}
        >
          {t("delivery.send_again")}
        </button>
      </td>
    </tr>
  );
}

function Deliveries({
  deliveries,
  alerts,
  again,
}: {
  deliveries: Delivery[];
  alerts: Map<string, Match>;
  again: (alert: string) => void;
}) {
  const attempts = deliveries.some((one) => one.attempts > 1);
  return (
    <section aria-label={t("delivery.title")}>
      <h3>{t("delivery.title")}</h3>
      {!deliveries.length ? (
        <p class="quiet">{t("delivery.none")}</p>
      ) : (
        <div class="scroll tall" tabIndex={0} role="group" aria-label={t("delivery.table")}>
          <table>
            <thead>
              <tr>
                <th scope="col">{t("table.when")}</th>
                <th scope="col">{t("table.article")}</th>
                <th scope="col">{t("table.state")}</th>
                {attempts && (
                  <th scope="col" class="number">
                    {t("table.attempts")}
                  </th>
                )}
                <th scope="col">{t("delivery.answer")}</th>
                <th scope="col">
                  <span class="visually-hidden">{t("table.commands")}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {deliveries.map((d) => (
                <DeliveryRow
                  key={d.id + d.channel}
                  delivery={d}
                  attempts={attempts}
                  article={alerts.get(d.id)?.article}
                  again={again}
                />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

function Commands({
  subscription: s,
  edit,
  send,
  remove,
}: {
  subscription: Subscription;
  edit: () => void;
  send: () => void;
  remove: () => void;
}) {
  const mayChange = may(useMe(), "analyst");
  return (
    <div class="bar">
      {mayChange && <button onClick={edit}>{t("detail.change")}</button>}
      {mayChange && (
        <Link
          class="button"
          to={`/alerts?new=${encodeURIComponent(s.query)}&from=${encodeURIComponent(s.id)}`}
        >
          {t("detail.duplicate")}
        </Link>
      )}
      <Link class="button" to={`/?q=${encodeURIComponent(s.query)}`}>
        {t("search.search")}
      </Link>
      <FeedButton feed={{ subscription: s.id }} />
      {mayChange && s.channels.length > 0 && <button onClick={send}>{t("detail.sample")}</button>}
      <span class="grow" />
      {mayChange && (
        <button class="danger" onClick={remove}>
          {t("detail.delete")}
        </button>
      )}
    </div>
  );
}

function ChannelOf({ channel: c }: { channel: Channel }) {
  return c.disabled ? (
    <p class="problem">
      {t("channel.off", {
        channel: `${kindNamed(c.type)} → ${destinationOf(c)}`,
        reason: c.disabled_reason ?? t("channel.gone"),
      })}
    </p>
  ) : (
    <p class="quiet">
      {kindNamed(c.type)} → <bdi class="url">{destinationOf(c)}</bdi>
      {c.old_secret_ends && (
        <>
          {" · "}
          {withParts("channels.old_secret", { time: <When time={c.old_secret_ends} /> })}
        </>
      )}
    </p>
  );
}

function Outcomes({ deliveries }: { deliveries: Delivery[] }) {
  const counted = (state: string) => deliveries.filter((d) => d.state === state).length;
  const late = deliveries.filter((d) => d.state === "pending" && d.attempts > 0).length,
    lost = counted("failed") + counted("disabled");
  return (
    <p class="outcomes">
      <span class="dot delivered">{t("outcome.delivered", { n: counted("delivered") })}</span>
      {counted("pending") > 0 && (
        <span class="dot pending">
          {t("outcome.waiting", { n: counted("pending") })}
          {late > 0 ? ` · ${t("outcome.late", { n: late })}` : ""}
        </span>
      )}
      {lost > 0 && <span class="dot failed bad">{t("outcome.failed", { n: lost })}</span>}
      <span class="quiet">{t("outcome.of", { n: deliveries.length })}</span>
    </p>
  );
}

/// What the alert could leave out, so that such an article is not told again.
function Noise({ match, propose }: { match: Match; propose: (without: string) => void }) {
  const name = ({ key, value }: Proposal) => t(key, { name: value });
  return (
    <details class="menu noise">
      <summary class="plain">{t("noise.noise")}</summary>
      <ul>
        {noise(match.article).map((proposal) => (
          <li key={proposal.without}>
            <button class="plain" onClick={() => propose(proposal.without)}>
              {name(proposal)} <code dir="ltr">{proposal.without}</code>
            </button>
          </li>
        ))}
      </ul>
    </details>
  );
}

function MatchRow({
  match,
  delivery,
  propose,
}: {
  match: Match;
  delivery: Delivery | undefined;
  propose: (without: string) => void;
}) {
  return (
    <li>
      {match.spike && <SpikeSaid spike={match.spike} />}
      <Foreign as="h4" language={match.article.language}>
        <Link to={pageOf(match.article, match.evidence[0]?.clause)}>{match.article.title}</Link>
      </Foreign>
      <p class="byline">
        {!isCondition(match.article.id) && <SourceName source={match.article.source} />}
        <Genre genre={match.article.genre} />
        <When time={match.matched} />
        {(match.copies?.length ?? 0) > 0 && (
          <span class="copies">{t("story.copies", { n: match.copies!.length })}</span>
        )}
        {match.reported && match.reported.articles > 1 && (
          <span>
            {t("reports.in", {
              languages: t("languages", { n: match.reported.languages.length }),
              sources: t("sources", { n: match.reported.sources }),
            })}
          </span>
        )}
        {delivery && <span class={`dot ${delivery.state}`}>{stateText(delivery.state)}</span>}
        {!isCondition(match.article.id) && <Noise match={match} propose={propose} />}
      </p>
      <Why evidence={match.evidence} language={match.article.language} />
    </li>
  );
}

/// What is read stays where it is: alerts that came since are counted, and shown when asked for.
function useHeld(all: Match[]) {
  const [shown, show] = useState<string[]>([]);
  const renew = () => show(all.map((one) => one.id));
  const first = shown.length === 0 && all.length > 0;
  useEffect(() => {
    if (first) renew();
  }, [first]);
  const list = first ? all : all.filter((one) => shown.includes(one.id));
  return { list, fresh: all.length - list.length, renew };
}

function AlertsTold({
  matches,
  deliveries,
  propose,
}: {
  matches: Loaded<Matches>;
  deliveries: Delivery[];
  propose: (without: string) => void;
}) {
  const { list, fresh, renew } = useHeld(matches.value?.matches ?? []);
  const outcome = new Map(deliveries.map((d) => [d.id, d]));
  return (
    <section aria-label={t("detail.told")}>
      <div class="bar told-head">
        <h3>
          {t("nav.alerts")}{" "}
          {matches.value && list.length > 0 && (
            <span class="quiet">
              {matches.value.cursor ? t("detail.newest", { n: list.length }) : count(list.length)}
            </span>
          )}
        </h3>
        <span role="status">
          {fresh > 0 && (
            <button class="fresh" onClick={renew}>
              {t("watch.new", { n: fresh })}
            </button>
          )}
        </span>
      </div>
      {matches.error && !matches.value ? (
        <Problem error={matches.error} retry={matches.again} />
      ) : !matches.value ? null : list.length === 0 ? (
        <Empty>
          <p>{t("detail.none")}</p>
        </Empty>
      ) : (
        <ol class="matches">
          {list.map((match) => (
            <MatchRow
              key={match.id}
              match={match}
              delivery={outcome.get(match.id)}
              propose={propose}
            />
          ))}
        </ol>
      )}
    </section>
  );
}

interface Note {
  text: string;
  bad: boolean;
}

/// Sends something by hand and tells how that ended.
function attempt(what: Key, path: string, tell: (note: Note) => void) {
  tell({ text: t("attempt.sending", { what: t(what) }), bad: false });
  const sent = (status: number | null) =>
    t("attempt.delivered", { what: t(what), status: String(status ?? "") });
  const notSent = (error: string) => t("attempt.failed", { what: t(what), error });
  call<TestResults>("POST", path).then(
    ({ results }) =>
      tell({
        text: results
          .map((r) => (r.delivered ? sent(r.status) : notSent(r.error ?? String(r.status ?? ""))))
          .join(" "),
        bad: results.some((r) => !r.delivered),
      }),
    (e) => tell({ text: e.message, bad: true }),
  );
}

/// What was told and delivered, asked again and again while it is looked at.
function useTold(id: string) {
  const matches = useLoaded(
    `matches ${id}`,
    (signal) => get<Matches>(`/v1/subscriptions/${id}/matches`, { limit: 50 }, signal),
    5000,
  );
  const deliveries = useLoaded(
    `deliveries ${id}`,
    (signal) => get<Deliveries>(`/v1/subscriptions/${id}/deliveries`, { limit: 100 }, signal),
    3000,
  );
  return { matches, deliveries };
}

export function Detail({ id, reload }: { id: string; reload: () => void }) {
  const subscription = useLoaded(`subscription ${id}`, (signal) =>
    get<Subscription>(`/v1/subscriptions/${id}`, {}, signal),
  );
  const { matches, deliveries: told } = useTold(id);
  const [note, tell] = useState<Note | null>(null);
  const [editing, edit] = useState<string | null>(null); // the query that is proposed
  const s = subscription.value;
  if (!s)
    return (
      <section class="detail">
        {subscription.error ? (
          <Problem error={subscription.error} retry={subscription.again} />
        ) : (
          <Waiting rows={5} />
        )}
      </section>
    );
  const edited = () => {
    edit(null);
    subscription.again();
    reload();
  };
  if (editing !== null) return <Editor subscription={s} query={editing} done={edited} />;
  const grouped = /\sOR\s/.test(s.query) ? `(${s.query})` : s.query;
  return (
    <section class="detail" aria-label={t("detail.alert")}>
      <h2>
        <bdi>{s.name}</bdi>
      </h2>
      <p>
        <code dir="auto">{s.query}</code>
      </p>
      <Owner subscription={s} />
      <Commands
        subscription={s}
        edit={() => edit(s.query)}
        send={() => attempt("attempt.sample", `/v1/subscriptions/${id}/test`, tell)}
        remove={() => remove(s, reload, tell)}
      />
      {note && (
        <p role="status" class={note.bad ? "problem" : "note"}>
          {note.text}
        </p>
      )}
      <Told
        subscription={s}
        matches={matches}
        told={told}
        tell={tell}
        propose={(without) => edit(`${grouped} ${without}`)}
      />
    </section>
  );
}

function remove(s: Subscription, reload: () => void, tell: (note: Note) => void) {
  if (!confirm(t("detail.delete_sure", { name: s.name }))) return;
  call("DELETE", `/v1/subscriptions/${s.id}`).then(
    () => {
      go("/alerts");
      reload();
    },
    (e) => tell({ text: e.message, bad: true }),
  );
}

function Told({
  subscription: s,
  matches,
  told,
  tell,
  propose,
}: {
  subscription: Subscription;
  matches: Loaded<Matches>;
  told: Loaded<{ deliveries: Delivery[] }>;
  tell: (note: Note) => void;
  propose: (without: string) => void;
}) {
  const deliveries = told.value?.deliveries ?? [];
  const alerts = new Map((matches.value?.matches ?? []).map((match) => [match.id, match]));
  const again = (alert: string) =>
    attempt("attempt.alert", `/v1/subscriptions/${s.id}/matches/${alert}/replay`, tell);
  return (
    <>
      {s.channels.map((c) => (
        <ChannelOf key={c.id} channel={c} />
      ))}
      <InOrder
        parts={[
          [
            isKnown(told),
            () => (
              <>
                {s.channels.length > 0 && told.value && <Outcomes deliveries={deliveries} />}
                {told.error && !told.value && <Problem error={told.error} retry={told.again} />}
              </>
            ),
          ],
          [
            isKnown(matches),
            () => (
              <>
                <AlertsTold matches={matches} deliveries={deliveries} propose={propose} />
                {s.channels.length > 0 && (
                  <Deliveries deliveries={deliveries} alerts={alerts} again={again} />
                )}
              </>
            ),
          ],
        ]}
      />
    </>
  );
}
