// Who changed what, newest first.
import { useEffect, useState } from "preact/hooks";
import { AuditEntry, AuditPage, Change, get } from "./api";
import { Link, change, useLoaded, usePlace } from "./location";
import { Empty, Loading, Problem, When } from "./text";

const actions: Record<string, string> = {
  createSubscription: "made the alert",
  replaceSubscription: "changed the alert",
  deleteSubscription: "deleted the alert",
  testSubscription: "sent a sample of the alert",
  replayMatch: "sent an alert again",
  createKey: "made the key",
  revokeKey: "revoked the key",
  createFeed: "made a feed",
  deleteFeed: "revoked a feed",
  startSession: "signed in",
  endSession: "signed out",
  endSessionById: "ended a session",
  command: "gave a command",
  ingest: "added pages",
  quarantineReplay: "replayed from quarantine",
};

export const whatWasDone = (c: Change) =>
  (actions[c.action] ?? c.action) + (c.changed.length ? `: ${c.changed.join(", ")}` : "");

function Row({ entry: e }: { entry: AuditEntry }) {
  const name = e.name || e.object || "";
  return (
    <tr>
      <td>
        <When time={e.time} exact />
      </td>
      <th scope="row">
        <bdi>{e.who}</bdi>
      </th>
      <td>
        {whatWasDone(e)}
        {e.outcome === "unknown" && (
          <span class="bad"> It is not known whether it came about.</span>
        )}
      </td>
      <td>
        {e.object && e.action.endsWith("Subscription") && e.after ? (
          <Link to={`/alerts?id=${e.object}`}>{name}</Link>
        ) : (
          <bdi>{name}</bdi>
        )}
      </td>
      <td>
        <bdi>{e.address ?? "on the machine"}</bdi>
      </td>
    </tr>
  );
}

function Table({ entries }: { entries: AuditEntry[] }) {
  return (
    <div class="scroll" tabIndex={0} role="group" aria-label="Table of changes">
      <table>
        <thead>
          <tr>
            <th scope="col">When</th>
            <th scope="col">Who</th>
            <th scope="col">What</th>
            <th scope="col">Of which</th>
            <th scope="col">From</th>
          </tr>
        </thead>
        <tbody>
          {entries.map((entry) => (
            <Row key={entry.id} entry={entry} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

export function Audit() {
  const { query } = usePlace();
  const who = query.get("who") ?? "",
    object = query.get("object") ?? "",
    cursor = query.get("cursor") ?? "";
  const [typed, type] = useState(who);
  useEffect(() => type(who), [who]);
  const { value, error, again } = useLoaded(`audit ${who} ${object} ${cursor}`, (signal) =>
    get<AuditPage>("/v1/audit", { who, object, cursor, limit: 100 }, signal),
  );
  return (
    <main class="page">
      <h1>Audit</h1>
      <p>Who changed what, newest first; kept for 400 days.</p>
      <form
        class="bar"
        onSubmit={(event) => {
          event.preventDefault();
          change({ who: typed.trim(), cursor: null });
        }}
      >
        <label for="who">Only by</label>
        <input id="who" value={typed} onInput={(e) => type(e.currentTarget.value)} />
        <button>Show</button>
      </form>
      {error && !value ? (
        <Problem error={error} retry={again} />
      ) : !value ? (
        <Loading />
      ) : value.entries.length === 0 ? (
        <Empty>Nothing was changed.</Empty>
      ) : (
        <Table entries={value.entries} />
      )}
      {value?.cursor && <button onClick={() => change({ cursor: value.cursor })}>Older</button>}
    </main>
  );
}
