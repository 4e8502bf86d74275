// One alert: what it told, whether that was delivered, and what can be done with it.
import { useState } from "preact/hooks";
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
import { destinationOf, kindOf } from "./channel_fields";
import { Link, Loaded, go, useLoaded } from "./location";
import {
  Empty,
  Foreign,
  Genre,
  Loading,
  Problem,
  SourceName,
  When,
  count,
  marked,
  plural,
} from "./text";

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

function DeliveryRow({
  delivery: d,
  article,
  again,
}: {
  delivery: Delivery;
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
              {deliveries.map((d) => (
                <DeliveryRow
                  key={d.id + d.channel}
                  delivery={d}
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
  return (
    <div class="bar">
      <button onClick={edit}>Change</button>
      <Link class="button" to={`/?q=${encodeURIComponent(s.query)}`}>
        Search
      </Link>
      <a class="button" href={`/v1/subscriptions/${s.id}/feed.atom`}>
        Atom feed
      </a>
      {s.channels.length > 0 && <button onClick={send}>Send a sample</button>}
      <span class="grow" />
      <button class="danger" onClick={remove}>
        Delete
      </button>
    </div>
  );
}

function ChannelOf({ channel: c }: { channel: Channel }) {
  return c.disabled ? (
    <p class="problem">
      {kindOf(c.type)?.name ?? c.type} → {destinationOf(c)} is switched off:{" "}
      {c.disabled_reason ?? "the receiver answered that it is gone"}. Change the alert to switch it
      on again.
    </p>
  ) : (
    <p class="quiet">
      {kindOf(c.type)?.name ?? c.type} → <bdi class="url">{destinationOf(c)}</bdi>
      {c.old_secret_ends && (
        <>
          {" "}
          · the secret before signs, too, until <When time={c.old_secret_ends} />
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
      <span class="dot delivered">{count(counted("delivered"))} delivered</span>
      {counted("pending") > 0 && (
        <span class="dot pending">
          {count(counted("pending"))} waiting
          {late > 0 ? `, ${count(late)} tried and not taken` : ""}
        </span>
      )}
      {lost > 0 && <span class="dot failed bad">{count(lost)} given up</span>}
      <span class="quiet">of the newest {plural(deliveries.length, "delivery", "deliveries")}</span>
    </p>
  );
}

function MatchRow({ match, delivery }: { match: Match; delivery: Delivery | undefined }) {
  return (
    <li>
      <Foreign as="h4" language={match.article.language}>
        <Link to={`/a/${match.article.id}`}>{match.article.title}</Link>
      </Foreign>
      <p class="byline">
        <SourceName source={match.article.source} />
        <Genre genre={match.article.genre} />
        <When time={match.matched} />
        {(match.copies?.length ?? 0) > 0 && (
          <span class="copies">+{plural(match.copies!.length, "copy", "copies")}</span>
        )}
        {delivery && (
          <span class={`dot ${delivery.state}`}>{stateText[delivery.state] ?? delivery.state}</span>
        )}
      </p>
      <Why evidence={match.evidence} language={match.article.language} />
    </li>
  );
}

function AlertsTold({ matches, deliveries }: { matches: Loaded<Matches>; deliveries: Delivery[] }) {
  const list = matches.value?.matches ?? [];
  const outcome = new Map(deliveries.map((d) => [d.id, d]));
  return (
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
            <MatchRow key={match.id} match={match} delivery={outcome.get(match.id)} />
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
function attempt(what: string, path: string, tell: (note: Note) => void) {
  tell({ text: `Sending ${what}…`, bad: false });
  const subject = what.charAt(0).toUpperCase() + what.slice(1);
  call<TestResults>("POST", path).then(
    ({ results }) =>
      tell({
        text: results
          .map((r) =>
            r.delivered
              ? `${subject} was delivered; the receiver answered ${r.status}.`
              : `${subject} was not delivered: ${r.error ?? `the receiver answered ${r.status}`}`,
          )
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
  const edited = () => {
    edit(false);
    subscription.again();
    reload();
  };
  if (editing) return <Editor subscription={s} query={s.query} done={edited} />;
  return (
    <section class="detail" aria-label="Alert">
      <h2>
        <bdi>{s.name}</bdi>
      </h2>
      <p>
        <code>{s.query}</code>
      </p>
      <Commands
        subscription={s}
        edit={() => edit(true)}
        send={() => attempt("the sample", `/v1/subscriptions/${id}/test`, tell)}
        remove={() => remove(s, reload, tell)}
      />
      {note && (
        <p role="status" class={note.bad ? "problem" : "note"}>
          {note.text}
        </p>
      )}
      <Told subscription={s} matches={matches} told={told} tell={tell} />
    </section>
  );
}

function remove(s: Subscription, reload: () => void, tell: (note: Note) => void) {
  if (!confirm(`Delete the alert “${s.name}”? Its past alerts go with it.`)) return;
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
}: {
  subscription: Subscription;
  matches: Loaded<Matches>;
  told: Loaded<{ deliveries: Delivery[] }>;
  tell: (note: Note) => void;
}) {
  const deliveries = told.value?.deliveries ?? [];
  const alerts = new Map((matches.value?.matches ?? []).map((match) => [match.id, match]));
  return (
    <>
      {s.channels.map((c) => (
        <ChannelOf key={c.id} channel={c} />
      ))}
      {s.channels.length > 0 && told.value && <Outcomes deliveries={deliveries} />}
      {told.error && !told.value && <Problem error={told.error} retry={told.again} />}
      <AlertsTold matches={matches} deliveries={deliveries} />
      {s.channels.length > 0 && (
        <Deliveries
          deliveries={deliveries}
          alerts={alerts}
          again={(alert) =>
            attempt("the alert", `/v1/subscriptions/${s.id}/matches/${alert}/replay`, tell)
          }
        />
      )}
    </>
  );
}
