// Whose an alert is, who changed it, and what of it.
import { useState } from "preact/hooks";
import { History, SubscriptionWithCounts as Subscription, get } from "./api";
import { t, withParts } from "./i18n";
import { useLoaded } from "./location";
import { whatWasDone } from "./audit";
import { Problem, Waiting, When } from "./text";

function Changes({ id }: { id: string }) {
  const { value, error, again } = useLoaded(`history ${id}`, (signal) =>
    get<History>(`/v1/subscriptions/${id}/history`, {}, signal),
  );
  if (error && !value) return <Problem error={error} retry={again} />;
  if (!value) return <Waiting rows={2} />;
  if (value.changes.length === 0) return <p class="quiet">{t("history.none")}</p>;
  return (
    <ol class="history">
      {value.changes.map((c) => (
        <li key={c.id}>
          <When time={c.time} exact /> <bdi>{c.who}</bdi> {whatWasDone(c)}
        </li>
      ))}
    </ol>
  );
}

export function Owner({ subscription: s }: { subscription: Subscription }) {
  const [open, show] = useState(false);
  return (
    <>
      <p class="quiet">
        {s.owner && withParts("history.owner", { name: <bdi>{s.owner}</bdi> })}{" "}
        {s.changed_by
          ? withParts("history.changed_by", {
              name: <bdi>{s.changed_by}</bdi>,
              time: <When time={s.changed_at ?? s.updated} />,
            })
          : withParts("byline.changed", { time: <When time={s.updated} /> })}{" "}
        <button class="plain" aria-expanded={open} onClick={() => show(!open)}>
          {t("history.history")}
        </button>
      </p>
      {open && <Changes key={s.revision} id={s.id} />}
    </>
  );
}
