// Saved searches: the list beside the stories, saving one, and the page where they are changed.
import { useContext, useEffect, useRef, useState } from "preact/hooks";
import { SavedSearch, Unread, UnreadCounts, call, get } from "./api";
import { t, withParts } from "./i18n";
import { Link, everything, useLoaded } from "./location";
import { NameField } from "./name_field";
import {
  SavedContext,
  addressOf,
  mark,
  savedAs,
  tellSeen,
  useSaved,
  useSeenChanges,
} from "./saved";
import { Empty, Problem, Waiting, count, isKnown } from "./text";

const countEveryMs = 30000;
const counted = 100; // the newest stories of a search, as the API counts them

function useCounts(searches: SavedSearch[]) {
  const key = searches.map((one) => one.id + one.seen_until).join(" ");
  const loaded = useLoaded(
    `unread ${key}`,
    (signal) =>
      searches.length
        ? get<UnreadCounts>("/v1/searches/unread", {}, signal)
        : Promise.resolve({ unread: [] }),
    countEveryMs,
  );
  useSeenChanges(loaded.again);
  return {
    countOf: (id: string) => loaded.value?.unread.find((one) => one.id === id) ?? null,
    areKnown: isKnown(loaded),
  };
}

/// How many stories of a search are unseen. Its place is kept while it is not known.
function Badge({ unread }: { unread: Unread | null }) {
  const n = unread?.stories ?? 0;
  const words = unread?.more ? t("searches.more", { n }) : t("searches.unread", { n });
  return (
    <span class="unread">
      {n > 0 && (
        <span class="badge" title={words}>
          <span aria-hidden="true">{unread?.more ? `${count(n - 1)}+` : count(n)}</span>
          <span class="visually-hidden">{words}</span>
        </span>
      )}
    </span>
  );
}

/// Above the filters of Watch.
export function SavedList({ query }: { query: string }) {
  const saved = useSaved();
  const searches = saved?.value?.searches ?? [];
  const { countOf } = useCounts(searches);
  if (!searches.length) return null;
  return (
    <nav class="saved" aria-label={t("searches.title")}>
      <h2>{t("searches.title")}</h2>
      <ul>
        {searches.map((one) => (
          <li key={one.id}>
            <Link to={addressOf(one.query)} aria-current={one.query === query ? "page" : undefined}>
              <bdi>{one.name}</bdi>
              <Badge unread={countOf(one.id)} />
            </Link>
          </li>
        ))}
      </ul>
      <Link to="/searches" class="quiet">
        {t("searches.manage")}
      </Link>
    </nav>
  );
}

/// Marks what a saved search finds as seen. Nothing where the view is none.
export function SeeAll({ query, done }: { query: string; done: () => void }) {
  const saved = useSaved();
  const [error, setError] = useState<Error | null>(null);
  const search = savedAs(saved, query);
  if (!search) return null;
  const see = () =>
    call("POST", `/v1/searches/${search.id}/seen`).then(() => {
      setError(null);
      saved?.again();
      tellSeen();
      done();
    }, setError);
  return (
    <>
      <button onClick={see}>{t("searches.see_all")}</button>
      {error && <Problem error={error} />}
    </>
  );
}

function NameIt({ query, close }: { query: string; close: () => void }) {
  const saved = useContext(SavedContext);
  const [name, setName] = useState(""),
    [home, setHome] = useState(false),
    [error, setError] = useState<Error | null>(null);
  const save = (event: Event) => {
    event.preventDefault();
    call("POST", "/v1/searches", {}, { name, query, home }).then(() => {
      saved?.again();
      close();
    }, setError);
  };
  return (
    <form method="dialog" onSubmit={save}>
      <h2>{t("searches.save")}</h2>
      <p class="kept-title">
        <bdi>{query || "–"}</bdi>
      </p>
      <NameField label={t("searches.name")} value={name} set={setName} focused />
      <label class="check">
        <input
          type="checkbox"
          checked={home}
          onChange={(event) => setHome(event.currentTarget.checked)}
        />{" "}
        {t("searches.home")}
      </label>
      {error && <Problem error={error} />}
      <p class="bar">
        <button class="main">{t("searches.save_changes")}</button>
        <button type="button" onClick={close}>
          {t("searches.cancel")}
        </button>
      </p>
    </form>
  );
}

/// Saves what the view asks. A view that is saved already has nothing to save.
export function SaveSearch({ query, isBad }: { query: string; isBad: boolean }) {
  const saved = useSaved();
  const dialog = useRef<HTMLDialogElement>(null);
  const [open, setOpen] = useState(false);
  useEffect(() => {
    if (open) dialog.current?.showModal();
    else dialog.current?.close();
  }, [open]);
  const close = () => setOpen(false);
  return (
    <>
      <button
        disabled={isBad || !saved?.value || savedAs(saved, query) !== null}
        onClick={() => setOpen(true)}
      >
        {t("searches.save")}
      </button>
      <dialog ref={dialog} class="collect" aria-label={t("searches.save")} onCancel={close}>
        {open && <NameIt query={query} close={close} />}
      </dialog>
    </>
  );
}

/// Opening an article marks it, and its story, as seen; this takes that back.
export function UnseenButton({ article }: { article: { id: string; story: string | null } }) {
  const [seen, set] = useState(true);
  useEffect(() => {
    mark([article.id, article.story], true);
  }, []);
  const takeBack = () => {
    set(false);
    mark([article.id, article.story], false);
  };
  return (
    <button disabled={!seen} onClick={takeBack}>
      {t("searches.mark_unseen")}
    </button>
  );
}

/// From the first page to all there is.
export function Everything({ isHome }: { isHome: boolean }) {
  if (!isHome) return null;
  return <Link to={everything()}>{t("searches.everything")}</Link>;
}

function Texts({
  name,
  query,
  setName,
  setQuery,
}: {
  name: string;
  query: string;
  setName: (name: string) => void;
  setQuery: (query: string) => void;
}) {
  return (
    <>
      <label>
        <span>{t("searches.name")}</span>
        <NameField value={name} set={setName} />
      </label>
      <label class="wide">
        <span>{t("editor.query")}</span>
        <input
          spellcheck={false}
          value={query}
          onInput={(event) => setQuery(event.currentTarget.value)}
        />
      </label>
    </>
  );
}

function Row({
  search: one,
  unread,
  told,
}: {
  search: SavedSearch;
  unread: Unread | null;
  told: (error: Error | null) => void;
}) {
  const [name, setName] = useState(one.name),
    [query, setQuery] = useState(one.query);
  const path = `/v1/searches/${one.id}`;
  const run = (done: Promise<unknown>) => done.then(() => told(null), told);
  const put = (change: Partial<SavedSearch>) =>
    run(call("PUT", path, {}, { name, query, home: one.home, ...change }));
  const remove = () => {
    if (window.confirm(t("searches.delete_sure", { name: one.name }))) run(call("DELETE", path));
  };
  const isChanged = name.trim() !== one.name || query !== one.query;
  return (
    <li>
      <form
        class="saved-search"
        onSubmit={(event) => {
          event.preventDefault();
          put({});
        }}
      >
        <Texts name={name} query={query} setName={setName} setQuery={setQuery} />
        <p class="bar">
          <Link to={addressOf(one.query)}>
            {t("searches.unread", { n: unread?.stories ?? 0 })}
            {unread?.more ? "+" : ""}
          </Link>
          <label class="check">
            <input
              type="checkbox"
              checked={one.home}
              onChange={(event) => put({ home: event.currentTarget.checked })}
            />{" "}
            {t("searches.home")}
          </label>
          <span class="grow" />
          <button class="main" disabled={!isChanged}>
            {t("searches.save_changes")}
          </button>
          <button type="button" onClick={() => run(call("POST", `${path}/seen`)).then(tellSeen)}>
            {t("searches.see_all")}
          </button>
          <button type="button" class="danger" onClick={remove}>
            {t("searches.delete")}
          </button>
        </p>
      </form>
    </li>
  );
}

export function SearchesPage() {
  const saved = useSaved();
  const searches = saved?.value?.searches ?? [];
  const { countOf, areKnown } = useCounts(searches);
  const [failed, setFailed] = useState<Error | null>(null);
  const told = (error: Error | null) => {
    setFailed(error);
    saved?.again();
  };
  return (
    <main class="page">
      <h1>{t("searches.title")}</h1>
      <p>{t("searches.about", { n: counted })}</p>
      {failed && <Problem error={failed} />}
      {saved?.error && !saved.value && <Problem error={saved.error} retry={saved.again} />}
      {!areKnown && !saved?.error && !(saved?.value && !searches.length) && <Waiting rows={4} />}
      {saved?.value && !searches.length && (
        <Empty>
          <p>
            {withParts("searches.none", {
              watch: <Link to="/">{t("watch.title")}</Link>,
              save: t("searches.save"),
            })}
          </p>
        </Empty>
      )}
      <ul class="saved-searches">
        {(areKnown ? searches : []).map((one) => (
          <Row key={one.id + one.updated} search={one} unread={countOf(one.id)} told={told} />
        ))}
      </ul>
    </main>
  );
}
