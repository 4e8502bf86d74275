// One collection: notes, order, quotations, the brief that is made of it, and who may read it.
import { useEffect, useRef, useState } from "preact/hooks";
import { ApiError, Collection, Share, call, get } from "./api";
import { Link, go } from "./location";
import { Merged, merge } from "./merge";
import { Foreign, Loading, Problem, SourceName, When, plural } from "./text";
import { zone } from "./zone";

type Item = Collection["items"][number];
const saveAfterMs = 600;
const lookEveryMs = 10000;
const tries = 5; // of saving, each lost to somebody else's change

/// The collection as the server has it, ours beside it, and the way from one to the other.
function useCollection(id: string) {
  const path = `/v1/collections/${encodeURIComponent(id)}`;
  const base = useRef<Collection | null>(null);
  const ours = useRef<Collection | null>(null);
  const [shown, show] = useState<Collection | null>(null);
  const [state, setState] = useState<"saved" | "changed" | "saving">("saved");
  const [error, setError] = useState<Error | null>(null);
  const [lost, setLost] = useState<Merged["lost"]>([]);
  const timer = useRef(0),
    saving = useRef(false);
  const put = (collection: Collection) => {
    ours.current = collection;
    show(collection);
  };
  /// What others did comes in beside what we did.
  const takeIn = (theirs: Collection) => {
    const before = base.current,
      mine = ours.current;
    base.current = theirs;
    if (!before || !mine) return put(theirs);
    const merged = merge(before, mine, theirs);
    if (merged.lost.length) setLost((old) => [...old, ...merged.lost]);
    put(merged.collection);
  };
  async function save() {
    if (saving.current) return;
    saving.current = true;
    setState("saving");
    try {
      for (let left = tries; ours.current !== base.current && left > 0; --left) {
        const sent = ours.current!;
        try {
          const body = { ...sent, revision: base.current!.revision };
          const saved = await call<Collection>("PUT", path, {}, body);
          const typedMeanwhile = ours.current !== sent;
          base.current = saved;
          if (typedMeanwhile) put(merge(sent, ours.current!, saved).collection);
          else put(saved);
        } catch (problem) {
          if (!(problem instanceof ApiError) || problem.code !== "conflict") throw problem;
          takeIn(await get<Collection>(path));
        }
      }
      setError(null);
      setState(ours.current === base.current ? "saved" : "changed");
    } catch (problem) {
      setError(problem as Error);
      setState("changed");
    } finally {
      saving.current = false;
    }
  }
  const edit = (change: (collection: Collection) => Collection) => {
    put(change(ours.current!));
    setState("changed");
    clearTimeout(timer.current);
    timer.current = window.setTimeout(save, saveAfterMs);
  };
  const look = () =>
    get<Collection>(path).then((theirs) => {
      if (theirs.revision !== base.current?.revision && !saving.current) takeIn(theirs);
      setError(null);
    }, setError);
  useEffect(() => {
    look();
    const every = setInterval(() => {
      if (!document.hidden && ours.current === base.current) look();
    }, lookEveryMs);
    const leave = (event: BeforeUnloadEvent) => {
      if (ours.current === base.current) return;
      save();
      event.preventDefault();
    };
    window.addEventListener("beforeunload", leave);
    return () => {
      clearInterval(every);
      clearTimeout(timer.current);
      window.removeEventListener("beforeunload", leave);
      if (ours.current !== base.current) save();
    };
  }, [id]);
  const forget = () => setLost([]);
  return { path, shown, state, error, lost, edit, save, look, forget };
}

/// As high as its text.
function Text({
  label,
  value,
  most,
  rows = 1,
  change,
}: {
  label: string;
  value: string;
  most: number;
  rows?: number;
  change: (text: string) => void;
}) {
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    const area = field.current!;
    area.style.height = "auto";
    area.style.height = `${area.scrollHeight + 2}px`;
  }, [value]);
  return (
    <textarea
      ref={field}
      aria-label={label}
      placeholder={label}
      dir="auto"
      rows={rows}
      maxLength={most}
      value={value}
      onInput={(event) => change(event.currentTarget.value)}
    />
  );
}

const moved = (items: Item[], from: number, to: number) => {
  const out = [...items];
  out.splice(Math.max(0, Math.min(out.length - 1, to)), 0, ...out.splice(from, 1));
  return out;
};

function StoryOf({
  item,
  at,
  count,
  move,
  change,
  remove,
}: {
  item: Item;
  at: number;
  count: number;
  move: (from: number, to: number) => void;
  change: (item: Item) => void;
  remove: () => void;
}) {
  const [over, setOver] = useState(false);
  const keys = (event: KeyboardEvent) => {
    const to = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: count - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    if (to >= 0 && to < count) move(at, to);
  };
  return (
    <li
      class={over ? "kept over" : "kept"}
      data-article={item.article}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        const from = Number(event.dataTransfer?.getData("text/x-vigie-place") || NaN);
        if (!isNaN(from)) move(from, at);
      }}
    >
      <button
        class="handle"
        draggable
        aria-label={`Move story ${at + 1}: ${item.title}`}
        aria-describedby="how-to-move"
        title="Drag, or press ↑ and ↓"
        onKeyDown={keys}
        onDragStart={(event) => event.dataTransfer?.setData("text/x-vigie-place", String(at))}
      >
        {at + 1}
      </button>
      <div class="kept-body">
        <Foreign as="h2" language={item.language}>
          <Link to={`/a/${item.article}`}>{item.title || item.url}</Link>
        </Foreign>
        <p class="byline">
          <SourceName source={item.source} />
          <span>
            first seen <When time={item.first_seen} exact />
          </span>
          {item.added_by && (
            <span>
              kept by <bdi>{item.added_by}</bdi>
            </span>
          )}
        </p>
        {item.quotation && (
          <div class="quotation">
            <Foreign as="blockquote" language={item.language}>
              {item.quotation.text}
            </Foreign>
            <button class="plain" onClick={() => change({ ...item, quotation: null })}>
              Remove the quotation
            </button>
          </div>
        )}
        <Text
          label={`Note on story ${at + 1}`}
          value={item.note}
          most={4000}
          change={(note) => change({ ...item, note })}
        />
      </div>
      <button class="plain" onClick={remove} aria-label={`Take out story ${at + 1}: ${item.title}`}>
        Take out
      </button>
    </li>
  );
}

/// The stories in their order; what is moved keeps the focus, and its new place is said.
function Stories({
  collection,
  edit,
}: {
  collection: Collection;
  edit: (change: (collection: Collection) => Collection) => void;
}) {
  const list = useRef<HTMLOListElement>(null);
  const [said, say] = useState("");
  const [focus, setFocus] = useState<string | null>(null);
  const items = collection.items;
  useEffect(() => {
    if (!focus) return;
    list.current?.querySelector<HTMLElement>(`[data-article="${focus}"] .handle`)?.focus();
    setFocus(null);
  }, [focus, items]);
  const set = (change: (items: Item[]) => Item[]) =>
    edit((old) => ({ ...old, items: change(old.items) }));
  const move = (from: number, to: number) => {
    set((old) => moved(old, from, to));
    setFocus(items[from]!.article);
    say(`Story ${from + 1} is now ${to + 1} of ${items.length}`);
  };
  return (
    <>
      <p id="how-to-move" class="visually-hidden">
        Press the arrow keys to move the story, Home and End to move it to the ends.
      </p>
      <p class="visually-hidden" role="status">
        {said}
      </p>
      <ol ref={list} class="kept-list">
        {items.map((item, at) => (
          <StoryOf
            key={item.article}
            item={item}
            at={at}
            count={items.length}
            move={move}
            change={(next) =>
              set((old) => old.map((one) => (one.article === next.article ? next : one)))
            }
            remove={() => set((old) => old.filter((one) => one.article !== item.article))}
          />
        ))}
      </ol>
    </>
  );
}

function Files({ path }: { path: string }) {
  const at = (format: string) => `${path}/brief?format=${format}&tz=${encodeURIComponent(zone())}`;
  return (
    <>
      <a class="button" href={at("html")} target="_blank" rel="noopener">
        Open to print
      </a>
      <a class="button" href={at("docx")} download>
        Word
      </a>
      <a class="button" href={`${at("html")}&download=1`} download>
        HTML
      </a>
      <a class="button" href={at("md")} download>
        Markdown
      </a>
    </>
  );
}

function Sharing({
  collection,
  path,
  look,
}: {
  collection: Collection;
  path: string;
  look: () => void;
}) {
  const [link, setLink] = useState<string | null>(null),
    [error, setError] = useState<Error | null>(null),
    [copied, setCopied] = useState(false);
  const share = () =>
    call<Share>("POST", `${path}/share`).then((made) => {
      const url = new URL(made.path, window.location.href);
      url.searchParams.set("tz", zone());
      setLink(url.href);
      setCopied(false);
      look();
    }, setError);
  const end = () =>
    call("DELETE", `${path}/share`).then(() => {
      setLink(null);
      look();
    }, setError);
  return (
    <div class="sharing">
      {link && (
        <label>
          Whoever has this link reads the brief as it is at that time. It is shown here once.
          <span class="bar">
            <input readOnly value={link} onFocus={(event) => event.currentTarget.select()} />
            <button
              onClick={() =>
                navigator.clipboard.writeText(link).then(() => setCopied(true), setError)
              }
            >
              {copied ? "Copied" : "Copy"}
            </button>
          </span>
        </label>
      )}
      {collection.share && !link && (
        <p class="quiet">
          Shared by a link since <When time={collection.share.created} exact />
          {collection.share.created_by && (
            <>
              {" by "}
              <bdi>{collection.share.created_by}</bdi>
            </>
          )}
          .
        </p>
      )}
      {error && <Problem error={error} />}
      <p class="bar">
        <button onClick={share}>{collection.share ? "Make another link" : "Share by link"}</button>
        {collection.share && <button onClick={end}>Take the link back</button>}
      </p>
    </div>
  );
}

function Lost({ lost, forget }: { lost: Merged["lost"]; forget: () => void }) {
  if (!lost.length) return null;
  return (
    <div class="problem lost" role="alert">
      <div>
        {lost.map(({ what, text }) => (
          <p key={what + text}>
            Somebody else wrote {what} at the same time, and theirs stands. Yours was:{" "}
            <q dir="auto">{text}</q>
          </p>
        ))}
      </div>
      <button onClick={forget}>Close</button>
    </div>
  );
}

const states = { saved: "Saved", changed: "Not saved yet", saving: "Saving…" };

function Brief({
  collection,
  edit,
}: {
  collection: Collection;
  edit: (change: (collection: Collection) => Collection) => void;
}) {
  const set = (field: "name" | "title" | "summary") => (text: string) =>
    edit((old) => ({ ...old, [field]: text }));
  return (
    <div class="brief-texts">
      <label>
        <span>Name</span>
        <input
          value={collection.name}
          maxLength={120}
          dir="auto"
          onInput={(event) => {
            if (event.currentTarget.value.trim()) set("name")(event.currentTarget.value);
          }}
        />
      </label>
      <label>
        <span>Title of the brief</span>
        <input
          value={collection.title}
          placeholder={collection.name}
          maxLength={200}
          dir="auto"
          onInput={(event) => set("title")(event.currentTarget.value)}
        />
      </label>
      <Text
        label="Summary"
        value={collection.summary}
        most={10000}
        rows={3}
        change={set("summary")}
      />
    </div>
  );
}

export function CollectionPage({ id }: { id: string }) {
  const {
    path,
    shown: collection,
    state,
    error,
    lost,
    edit,
    save,
    look,
    forget,
  } = useCollection(id);
  useEffect(() => {
    if (collection) document.title = `${collection.name} · vigie`;
  }, [collection?.name]);
  if (!collection)
    return <main class="page">{error ? <Problem error={error} retry={look} /> : <Loading />}</main>;
  const remove = () => {
    if (!window.confirm(`Delete “${collection.name}” with its notes, for everybody?`)) return;
    call("DELETE", path).then(
      () => go("/c"),
      () => look(),
    );
  };
  return (
    <main class="page collection">
      <div class="bar">
        <h1>
          <bdi>{collection.title || collection.name}</bdi>
        </h1>
        <span class="quiet" role="status">
          {states[state]} · {plural(collection.items.length, "story", "stories")}
        </span>
        <span class="grow" />
        <Files path={path} />
      </div>
      {error && <Problem error={error} retry={state === "changed" ? save : look} />}
      <Lost lost={lost} forget={forget} />
      <Brief collection={collection} edit={edit} />
      {collection.items.length === 0 && (
        <p class="empty">
          No story yet. Press <kbd>b</kbd> on a story of <Link to="/">Watch</Link> or on an article.
        </p>
      )}
      <Stories collection={collection} edit={edit} />
      <h2>Who may read it</h2>
      <Sharing collection={collection} path={path} look={look} />
      <p>
        <button class="danger" onClick={remove}>
          Delete the collection
        </button>
      </p>
    </main>
  );
}
