// Puts a story into a collection: by the key b on a story in focus or on an article, or by a button.
import { useEffect, useRef, useState } from "preact/hooks";
import { Collection, CollectionHead, Collections, call, get } from "./api";
import { Link } from "./location";
import { Problem, plural } from "./text";

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
      Keep <kbd>b</kbd>
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
  const row = (id: string, name: string, more: string) => (
    <label key={id}>
      <input
        type="radio"
        name="collection"
        checked={chosen === id}
        autofocus={chosen === id && id !== ""}
        onChange={() => choose(id)}
      />
      <span>
        <bdi>{name}</bdi> <span class="quiet">{more}</span>
      </span>
    </label>
  );
  return (
    <div class="collections-choice">
      {all.map((one) =>
        row(
          one.id,
          one.name,
          holding.has(one.id) ? "holds it already" : plural(one.stories, "story", "stories"),
        ),
      )}
      {row("", "A new collection", "")}
    </div>
  );
}

function Form({ kept, close }: { kept: Kept; close: (to: Collection | null) => void }) {
  const [all, setAll] = useState<CollectionHead[] | null>(null);
  const [holding, setHolding] = useState(new Set<string>());
  const [chosen, choose] = useState("");
  const [name, setName] = useState(""),
    [note, setNote] = useState("");
  const [withWords, setWithWords] = useState(true);
  const [error, setError] = useState<Error | null>(null),
    [busy, setBusy] = useState(false);
  useEffect(() => {
    Promise.all([
      get<Collections>("/v1/collections"),
      get<Collections>("/v1/collections", { article: kept.id }),
    ]).then(([there, with_it]) => {
      const last = localStorage.getItem(lastUsed);
      setHolding(new Set(with_it.collections.map((one) => one.id)));
      choose(
        there.collections.find((one) => one.id === last)?.id ?? there.collections[0]?.id ?? "",
      );
      setAll(there.collections);
    }, setError);
  }, []);
  async function save() {
    setBusy(true);
    try {
      const into = chosen || (await call<Collection>("POST", "/v1/collections", {}, { name })).id;
      // a second try goes on with the collection that the first one made
      choose(into);
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
    <form
      method="dialog"
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <h2>Keep this story</h2>
      <p class="kept-title" lang={kept.language ?? undefined} dir="auto">
        {kept.title}
      </p>
      {kept.words && (
        <label class="kept-words">
          <input
            type="checkbox"
            checked={withWords}
            onChange={(event) => setWithWords(event.currentTarget.checked)}
          />
          <q lang={kept.language ?? undefined} dir="auto">
            {kept.words}
          </q>
        </label>
      )}
      {all && <Choice all={all} holding={holding} chosen={chosen} choose={choose} />}
      {all && chosen === "" && (
        <input
          aria-label="Name of the new collection"
          placeholder="Name"
          maxLength={120}
          required
          autofocus
          value={name}
          onInput={(event) => setName(event.currentTarget.value)}
        />
      )}
      <textarea
        aria-label="Note"
        placeholder="Note (for who reads the brief)"
        rows={2}
        maxLength={4000}
        value={note}
        onInput={(event) => setNote(event.currentTarget.value)}
      />
      {error && <Problem error={error} />}
      <p class="bar">
        <button class="main" disabled={busy || !all}>
          Keep
        </button>
        <button type="button" onClick={() => close(null)}>
          Cancel
        </button>
      </p>
    </form>
  );
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
    const pressed = (event: KeyboardEvent) => {
      const field = /^(INPUT|TEXTAREA|SELECT)$/.test((event.target as HTMLElement).tagName);
      if (event.key !== "b" || event.ctrlKey || event.metaKey || event.altKey || field) return;
      const story = document.querySelector("dialog[open]") ? null : storyHere();
      if (!story) return;
      event.preventDefault();
      collect(story);
    };
    document.addEventListener(asked, open);
    document.addEventListener("keydown", pressed);
    return () => {
      document.removeEventListener(asked, open);
      document.removeEventListener("keydown", pressed);
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
        aria-label="Keep this story"
        onCancel={() => close(null)}
      >
        {kept && <Form key={kept.id} kept={kept} close={close} />}
      </dialog>
      <div role="status" class={done ? "kept-note" : ""}>
        {done && (
          <>
            Kept in{" "}
            <Link to={`/c/${done.id}`}>
              <bdi>{done.name}</bdi>
            </Link>{" "}
            ({plural(done.items.length, "story", "stories")})
          </>
        )}
      </div>
    </>
  );
}
