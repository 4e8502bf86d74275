// Whose an alert is, who changed it, and what of it.
import { useState } from "preact/hooks";
import { History, SubscriptionWithCounts as Subscription, get } from "./api";
import { useLoaded } from "./location";
import { whatWasDone } from "./audit";
import { Loading, Problem, When } from "./text";

function Changes({ id }: { id: string }) {
  const { value, error, again } = useLoaded(`history ${id}`, (signal) =>
    get<History>(`/v1/subscriptions/${id}/history`, {}, signal),
  );
  if (error && !value) return <Problem error={error} retry={again} />;
  if (!value) return <Loading />;
  if (value.changes.length === 0) return <p class="quiet">Nothing is known of its past.</p>;
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
        {s.owner && (
          <>
            of <bdi>{s.owner}</bdi>,{" "}
          </>
        )}
        {s.changed_by ? (
          <>
            changed by <bdi>{s.changed_by}</bdi> <When time={s.changed_at ?? s.updated} />
          </>
        ) : (
          <>
            changed <When time={s.updated} />
          </>
        )}{" "}
        <button class="plain" aria-expanded={open} onClick={() => show(!open)}>
          History
        </button>
      </p>
      {open && <Changes key={s.revision} id={s.id} />}
    </>
  );
}
