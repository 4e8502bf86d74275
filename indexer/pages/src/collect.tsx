// Puts a story into a collection: by the key b on a story in focus or on an article, or by a
// button.
import { useEffect, useRef, useState } from "preact/hooks";
import { Collection, CollectionHead, Collections, call, get } from "./api";
import { t, withParts } from "./i18n";
import { Link } from "./location";
import { NameField } from "./name_field";
import { Problem } from "./text";

/// What is to be kept.
export interface Kept {
  id: string;
  title: string;
  language: string | null;
  words: string | null; // of the article, as they were selected
}
const lastUsed = "vigie.collection"; // where the next story probably goes, too
const asked = "vigie-collect";
const longestWords = 2000;

/// Asks where a story is to be kept.
export const collect = (kept: Kept) =>
  document.dispatchEvent(new CustomEvent<Kept>(asked, { detail: kept }));

/// What is selected in the text of the article that is shown.
function selectedWords(): string | null {
  const selection = window.getSelection();
  if (!selection || selection.isCollapsed || !selection.anchorNode || !selection.focusNode)
    return null;
  const inText = (node: Node) =>
    (node instanceof Element ? node : node.parentElement)?.closest(".article .text") ?? null;
  if (!inText(selection.anchorNode) || !inText(selection.focusNode)) return null;
  const words = selection.toString().trim();
  return words && [...words].length <= longestWords ? words : null;
}

/// The story in focus of a list, else the article of the page.
function storyHere(): Kept | null {
  const row = document.activeElement?.closest("li") ?? document.querySelector("li.story.selected");
  const link = row?.querySelector<HTMLAnchorElement>('h3 a[href^="/a/"]');
  const place = link ? new URL(link.href).pathname : window.location.pathname;
  if (!place.startsWith("/a/")) return null;
  const title = link ?? document.querySelector<HTMLElement>(".article h1");
  return {
    id: decodeURIComponent(place.slice(3)),
    title: title?.textContent ?? "",
    language: title?.closest<HTMLElement>("[lang]")?.lang ?? null,
    words: link ? null : selectedWords(),
  };
}

export function KeepButton() {
  // The press of a button takes the focus, but not the selection.
  return (
    <button
      class="keep"
      onMouseDown={(event) => event.preventDefault()}
      onClick={() => {
        const story = storyHere();
        if (story) collect(story);
      }}
    >
      {t("keep.keep")} <kbd>b</kbd>
    </button>
  );
}

function Choice({
  all,
  holding,
  chosen,
  choose,
}: {
  all: CollectionHead[];
  holding: Set<string>;
  chosen: string;
  choose: (id: string) => void;
}) {
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (chosen) list.current?.querySelector<HTMLElement>("input:checked")?.focus();
  }, []);
  const row = (id: string, name: string, more: string) => (
    <label key={id}>
      <input type="radio" name="collection" checked={chosen === id} onChange={() => choose(id)} />
      <span>
        <bdi>{name}</bdi> <span class="quiet">{more}</span>
      </span>
    </label>
  );
  return (
    <div class="collections-choice" ref={list}>
      {all.map((one) =>
        row(
          one.id,
          one.name,
          holding.has(one.id) ? t("keep.holds") : t("stories", { n: one.stories }),
        ),
      )}
      {row("", t("keep.new"), "")}
    </div>
  );
}

/// The collections, and the one that was chosen: at first that of the last time.
function useTarget(article: string) {
  const [all, setAll] = useState<CollectionHead[] | null>(null);
  const [holding, setHolding] = useState(new Set<string>());
  const [chosen, choose] = useState("");
  const [error, setError] = useState<Error | null>(null);
  useEffect(() => {
    Promise.all([
      get<Collections>("/v1/collections"),
      get<Collections>("/v1/collections", { article }),
    ]).then(([there, holders]) => {
      const last = localStorage.getItem(lastUsed);
      const first = there.collections.find((one) => one.id === last) ?? there.collections[0];
      setHolding(new Set(holders.collections.map((one) => one.id)));
      choose(first?.id ?? "");
      setAll(there.collections);
    }, setError);
  }, []);
  return { all, holding, chosen, choose, error, setError };
}

function Words({
  kept,
  wanted,
  want,
}: {
  kept: Kept;
  wanted: boolean;
  want: (wanted: boolean) => void;
}) {
  if (!kept.words) return null;
  return (
    <label class="kept-words">
      <input
        type="checkbox"
        checked={wanted}
        onChange={(event) => want(event.currentTarget.checked)}
      />
      <q lang={kept.language ?? undefined} dir="auto">
        {kept.words}
      </q>
    </label>
  );
}

type Close = (to: Collection | null) => void;

function Form({ kept, close }: { kept: Kept; close: Close }) {
  const { all, holding, chosen, choose, error, setError } = useTarget(kept.id);
  const [name, setName] = useState(""),
    [note, setNote] = useState("");
  const [withWords, setWithWords] = useState(true),
    [busy, setBusy] = useState(false);
  async function save(event: Event) {
    event.preventDefault();
    setBusy(true);
    try {
      const into = chosen || (await call<Collection>("POST", "/v1/collections", {}, { name })).id;
      choose(into); // a second try goes on with the collection that the first one made
      localStorage.setItem(lastUsed, into);
      const quotation = kept.words && withWords ? { text: kept.words } : null;
      const body = { article: kept.id, note, quotation };
      close(await call<Collection>("POST", `/v1/collections/${into}/items`, {}, body));
    } catch (problem) {
      setError(problem as Error);
      setBusy(false);
    }
  }
  return (
    <form method="dialog" onSubmit={save}>
      <h2>{t("keep.title")}</h2>
      <p class="kept-title" lang={kept.language ?? undefined} dir="auto">
        {kept.title}
      </p>
      <Words kept={kept} wanted={withWords} want={setWithWords} />
      {all && <Choice all={all} holding={holding} chosen={chosen} choose={choose} />}
      {all && chosen === "" && (
        <NameField
          label={t("keep.new_name")}
          hint={t("keep.name")}
          value={name}
          set={setName}
          focused
        />
      )}
      <textarea
        aria-label={t("keep.note")}
        placeholder={t("keep.note_for")}
        rows={2}
        maxLength={4000}
        value={note}
        onInput={(event) => setNote(event.currentTarget.value)}
      />
      {error && <Problem error={error} />}
      <p class="bar">
        <button class="main" disabled={busy || !all}>
          {t("keep.keep")}
        </button>
        <button type="button" onClick={() => close(null)}>
          {t("editor.cancel")}
        </button>
      </p>
    </form>
  );
}

function onKey(event: KeyboardEvent) {
  const field = /^(INPUT|TEXTAREA|SELECT)$/.test((event.target as HTMLElement).tagName);
  if (event.key !== "b" || event.ctrlKey || event.metaKey || event.altKey || field) return;
  const story = document.querySelector("dialog[open]") ? null : storyHere();
  if (!story) return;
  event.preventDefault();
  collect(story);
}

/// Stands once in the page: the dialog, the key, and the word that it is done.
export function Collect() {
  const dialog = useRef<HTMLDialogElement>(null);
  const before = useRef<Element | null>(null);
  const [kept, set] = useState<Kept | null>(null);
  const [done, setDone] = useState<Collection | null>(null);
  useEffect(() => {
    const open = (event: Event) => {
      before.current = document.activeElement;
      setDone(null);
      set((event as CustomEvent<Kept>).detail);
    };
    document.addEventListener(asked, open);
    document.addEventListener("keydown", onKey);
    return () => {
      document.removeEventListener(asked, open);
      document.removeEventListener("keydown", onKey);
    };
  }, []);
  useEffect(() => {
    if (kept) dialog.current?.showModal();
    else dialog.current?.close();
  }, [kept]);
  useEffect(() => {
    const timer = done ? window.setTimeout(() => setDone(null), 6000) : 0;
    return () => clearTimeout(timer);
  }, [done]);
  const close = (to: Collection | null) => {
    set(null);
    setDone(to);
    if (before.current instanceof HTMLElement) before.current.focus({ preventScroll: true });
  };
  return (
    <>
      <dialog
        ref={dialog}
        class="collect"
        aria-label={t("keep.title")}
        onCancel={() => close(null)}
      >
        {kept && <Form key={kept.id} kept={kept} close={close} />}
      </dialog>
      <div role="status" class={done ? "kept-note" : ""}>
        {done && (
          <>
            {withParts("keep.kept", {
              collection: (
                <Link to={`/c/${done.id}`}>
                  <bdi>{done.name}</bdi>
                </Link>
              ),
              stories: t("stories", { n: done.items.length }),
            })}
          </>
        )}
      </div>
    </>
  );
}
