// Alerts: what am I told, and was I told?
import { SubscriptionWithCounts as Subscription, Subscriptions, get } from "./api";
import { Detail } from "./alert_detail";
import { Editor, Spark, everyDay } from "./alert_editor";
import { Link, Loaded, change, useLoaded, usePlace } from "./location";
import { useStream } from "./stream";
import { Empty, Loading, Problem, When } from "./text";

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
        <code>{s.query}</code>
        <span class="quiet">
          {s.last_match ? (
            <>
              last told <When time={s.last_match} />
            </>
          ) : (
            "nothing told yet"
          )}
          {s.channels.some((c) => c.disabled) && <span class="bad"> · channel off</span>}
          {s.left_out && (
            <span class="bad">
              {` · ${s.left_out.count.toLocaleString()} not told in the hour from `}
              <When time={s.left_out.hour} />
              {": too many"}
            </span>
          )}
        </span>
      </Link>
      <Spark days={everyDay(s.alerts_per_day ?? [], 7)} what="alerts" />
    </li>
  );
}

function Subscriptions({
  list,
  chosen,
  drafting,
}: {
  list: Loaded<{ subscriptions: Subscription[] }>;
  chosen: string | null;
  drafting: boolean;
}) {
  const all = list.value?.subscriptions ?? [];
  return (
    <section aria-label="Subscriptions">
      {list.error && <Problem error={list.error} retry={list.again} />}
      {!list.value ? (
        !list.error && <Loading />
      ) : all.length === 0 ? (
        drafting ? null : (
          <Empty>
            <p>
              No alerts yet. Search for what you follow on <Link to="/">Watch</Link> and save it, or
              write a query here.
            </p>
          </Empty>
        )
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

export function Alerts() {
  const { query } = usePlace();
  const draft = query.get("new"),
    chosen = query.get("id");
  const list = useLoaded(
    "subscriptions",
    (signal) => get<Subscriptions>("/v1/subscriptions", {}, signal),
    10000,
  );
  const live = useStream(
    "",
    () => undefined,
    () => list.again(),
  );
  const saved = (id?: string) => {
    change({ new: null, id: id ?? null });
    list.again();
  };
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
      {draft !== null && <Editor key={draft} query={draft.trim()} done={saved} />}
      <div class="split">
        <Subscriptions list={list} chosen={chosen} drafting={draft !== null} />
        {chosen ? (
          <Detail key={chosen} id={chosen} reload={list.again} />
        ) : (
          (list.value?.subscriptions.length ?? 0) > 0 &&
          draft === null && (
            <p class="quiet">Choose an alert to see what it told and whether it was delivered.</p>
          )
        )}
      </div>
    </main>
  );
}
