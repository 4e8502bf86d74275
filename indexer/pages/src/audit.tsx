// Who changed what, newest first.
import { useEffect, useState } from "preact/hooks";
import { AuditEntry, AuditPage, Change, Collections, get } from "./api";
import { Key, t } from "./i18n";
import { Link, change, useLoaded, usePlace } from "./location";
import { Empty, Problem, Waiting, When, isKnown } from "./text";

/// What a call did, by its operationId.
const actions: Record<string, Key> = {
  createSubscription: "done.made_alert",
  replaceSubscription: "done.changed_alert",
  deleteSubscription: "done.deleted_alert",
  testSubscription: "done.sampled_alert",
  replayMatch: "done.resent_alert",
  unsubscribe: "done.stopped_mail",
  createKey: "done.made_key",
  revokeKey: "done.revoked_key",
  createFeed: "done.made_feed",
  deleteFeed: "done.revoked_feed",
  startSession: "done.signed_in",
  endSession: "done.signed_out",
  endSessionById: "done.ended_session",
  command: "done.command",
  ingest: "done.ingested",
  quarantineReplay: "done.replayed",
  createCollection: "done.made_collection",
  replaceCollection: "done.changed_collection",
  addToCollection: "done.kept_story",
  deleteCollection: "done.deleted_collection",
  shareCollection: "done.shared_collection",
  unshareCollection: "done.unshared_collection",
  addSource: "done.added_source",
  importSources: "done.imported_sources",
  changeSource: "done.changed_source",
  removeSource: "done.removed_source",
  pollSource: "done.polled_source",
  freeze: "done.began_backup",
};

export function whatWasDone(c: Change): string {
  const action = actions[c.action];
  const what = action ? t(action) : c.action;
  return c.changed.length ? t("done.fields", { what, fields: c.changed.join(", ") }) : what;
}

/// What an entry is of: the page where it can be seen, with its name where that is known.
function Of({ entry: e, collections }: { entry: AuditEntry; collections: Map<string, string> }) {
  const object = e.object ?? "",
    source = object.startsWith("source/") ? object.slice("source/".length) : null,
    collection = collections.get(object);
  const name = e.name || collection || source || object;
  const to =
    e.action.endsWith("Subscription") && e.after
      ? `/alerts?id=${object}`
      : collection
        ? `/c/${object}`
        : source
          ? `/s/${encodeURIComponent(source)}`
          : null;
  return to && object ? (
    <Link to={to}>
      <bdi>{name}</bdi>
    </Link>
  ) : (
    <bdi>{name}</bdi>
  );
}

function Row({ entry: e, collections }: { entry: AuditEntry; collections: Map<string, string> }) {
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
        {e.outcome === "unknown" && <span class="bad"> {t("audit.unknown")}</span>}
      </td>
      <td>
        <Of entry={e} collections={collections} />
      </td>
      <td>
        <bdi>{e.address ?? t("audit.machine")}</bdi>
      </td>
    </tr>
  );
}

function Table({
  entries,
  collections,
}: {
  entries: AuditEntry[];
  collections: Map<string, string>;
}) {
  return (
    <div class="scroll" tabIndex={0} role="group" aria-label={t("audit.table")}>
      <table>
        <thead>
          <tr>
            <th scope="col">{t("table.when")}</th>
            <th scope="col">{t("audit.who")}</th>
            <th scope="col">{t("audit.what")}</th>
            <th scope="col">{t("audit.of")}</th>
            <th scope="col">{t("audit.from")}</th>
          </tr>
        </thead>
        <tbody>
          {entries.map((entry) => (
            <Row key={entry.id} entry={entry} collections={collections} />
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
  const kept = useLoaded("collections of the audit", (signal) =>
    get<Collections>("/v1/collections", {}, signal),
  );
  const collections = new Map(kept.value?.collections.map((one) => [one.id, one.name]));
  return (
    <main class="page">
      <h1>{t("nav.audit")}</h1>
      <p>{t("audit.about")}</p>
      <form
        class="bar"
        onSubmit={(event) => {
          event.preventDefault();
          change({ who: typed.trim(), cursor: null });
        }}
      >
        <label for="who">{t("audit.only")}</label>
        <input id="who" value={typed} onInput={(e) => type(e.currentTarget.value)} />
        <button>{t("audit.show")}</button>
      </form>
      {error && !value ? (
        <Problem error={error} retry={again} />
      ) : !value || !isKnown(kept) ? (
        <Waiting rows={8} />
      ) : value.entries.length === 0 ? (
        <Empty>{t("audit.none")}</Empty>
      ) : (
        <Table entries={value.entries} collections={collections} />
      )}
      {value?.cursor && (
        <button onClick={() => change({ cursor: value.cursor })}>{t("audit.older")}</button>
      )}
    </main>
  );
}
