// Alerts: what am I told, and was I told?
import { SubscriptionWithCounts as Subscription, Subscriptions, get } from "./api";
import { Detail } from "./alert_detail";
import { Editor, Spark, everyDay } from "./alert_editor";
import { everything } from "./conditions";
import { t, withParts } from "./i18n";
import { Link, Loaded, change, useLoaded, usePlace } from "./location";
import { may, useMe } from "./me";
import { useStream } from "./stream";
import { Empty, Problem, Waiting, When, isKnown } from "./text";
import { inZone, zone } from "./zone";

/// What is wrong with an alert, if anything: what does not arrive, and what was not told.
function Trouble({ subscription: s }: { subscription: Subscription }) {
  return (
    <>
      {s.undelivered && (
        <span class="dot failed bad">
          {withParts("alerts.undelivered", {
            n: s.undelivered.count,
            time: <When time={s.undelivered.since} />,
          })}
        </span>
      )}
      {s.channels.some((c) => c.disabled) && <span class="bad">{t("alerts.channel_off")}</span>}
      {s.left_out && (
        <span class="bad">
          {withParts("alerts.left_out", {
            n: s.left_out.count,
            time: <When time={s.left_out.hour} />,
          })}
        </span>
      )}
    </>
  );
}

function SubscriptionRow({
  subscription: s,
  chosen,
}: {
  subscription: Subscription;
  chosen: boolean;
}) {
  return (
    <li class={chosen ? "selected" : ""}>
      <Link to={`/alerts?id=${s.id}`} aria-current={chosen ? "page" : undefined}>
        <b>
          <bdi>{s.name}</bdi>
        </b>
        <code dir="auto">{s.query}</code>
        <span class="quiet">
          {s.last_match
            ? withParts("alerts.last", { time: <When time={s.last_match} /> })
            : t("alerts.none_told")}
        </span>
        <Trouble subscription={s} />
      </Link>
      <Spark days={everyDay(s.alerts_per_day ?? [], 7, zone())} what="alerts.in_days" />
    </li>
  );
}

function Subscriptions({
  list,
  chosen,
}: {
  list: Loaded<{ subscriptions: Subscription[] }>;
  chosen: string | null;
}) {
  const all = list.value?.subscriptions ?? [];
  return (
    <section aria-label={t("alerts.list")}>
      {list.error && <Problem error={list.error} retry={list.again} />}
      {!list.value ? (
        !list.error && <Waiting rows={4} />
      ) : all.length === 0 ? (
        <Empty>
          <p>{withParts("alerts.none", { watch: <Link to="/">{t("watch.title")}</Link> })}</p>
        </Empty>
      ) : (
        <ul class="subscriptions">
          {all.map((s) => (
            <SubscriptionRow key={s.id} subscription={s} chosen={s.id === chosen} />
          ))}
        </ul>
      )}
    </section>
  );
}

/// Not for who may only read.
function NewAlert() {
  if (!may(useMe(), "analyst")) return null;
  return (
    <>
      <button onClick={() => change({ new: everything, id: null })}>{t("conditions.alert")}</button>
      <button class="main" onClick={() => change({ new: " ", id: null })}>
        {t("editor.new")}
      </button>
    </>
  );
}

/// Beside the list on a wide screen, below it on a narrow one: thus once the list is known.
function Chosen({
  id,
  any,
  list,
}: {
  id: string | null;
  any: boolean;
  list: { again: () => void };
}) {
  if (id) return <Detail key={id} id={id} reload={list.again} />;
  return any ? <p class="quiet">{t("alerts.choose")}</p> : null;
}

export function Alerts() {
  const { query } = usePlace();
  const draft = query.get("new"),
    chosen = query.get("id"),
    from = query.get("from"); // an alert that the new one is to be like
  const list = useLoaded(
    "subscriptions",
    (signal) => inZone((tz) => get<Subscriptions>("/v1/subscriptions", { tz }, signal)),
    10000,
  );
  const live = useStream(
    "",
    () => undefined,
    () => list.again(),
  );
  const saved = (id?: string) => {
    change({ new: null, from: null, timeless: null, id: id ?? null });
    list.again();
  };
  return (
    <main class="page alerts">
      <div class="bar">
        <h1>{t("nav.alerts")}</h1>
        {live === "broken" && (
          <span class="live broken" role="status">
            <i aria-hidden="true" />
            {t("live.broken")}
          </span>
        )}
        <span class="grow" />
        {draft === null && <NewAlert />}
      </div>
      {draft !== null && (!from || list.value) && (
        <Editor
          key={`${draft} ${from}`}
          query={draft.trim()}
          like={list.value?.subscriptions.find((one) => one.id === from)}
          timeless={query.has("timeless")}
          done={saved}
        />
      )}
      {draft === null && (
        <div class="split">
          <Subscriptions list={list} chosen={chosen} />
          {isKnown(list) && (
            <Chosen id={chosen} any={(list.value?.subscriptions.length ?? 0) > 0} list={list} />
          )}
        </div>
      )}
    </main>
  );
}
