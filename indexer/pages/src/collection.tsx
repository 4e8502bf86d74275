// One collection: notes, order, quotations, the brief that is made of it, and who may read it.
import { useEffect, useRef, useState } from "preact/hooks";
import { Collection, Share, call } from "./api";
import { Change, useCollection } from "./collection_state";
import { t, withParts } from "./i18n";
import { Link, go } from "./location";
import { Merged } from "./merge";
import { NameField } from "./name_field";
import { Foreign, Problem, SourceName, Waiting, When } from "./text";
import { zone } from "./zone";

type Item = Collection["items"][number];
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

const place = "text/x-vigie-place";
type Move = (from: number, to: number) => void;

/// The number of a story, by which it is moved.
function Handle({ item, at, count, move }: { item: Item; at: number; count: number; move: Move }) {
  const keys = (event: KeyboardEvent) => {
    const to = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: count - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    if (to >= 0 && to < count && to !== at) move(at, to);
  };
  return (
    <button
      class="handle"
      draggable
      aria-label={t("collection.move", { n: at + 1, title: item.title })}
      aria-describedby="how-to-move"
      title={t("collection.how_short")}
      onKeyDown={keys}
      onDragStart={(event) => event.dataTransfer?.setData(place, String(at))}
    >
      {at + 1}
    </button>
  );
}

function Facts({ item }: { item: Item }) {
  return (
    <p class="byline">
      <SourceName source={item.source} />
      <span>
        {withParts("collection.first_seen", { time: <When time={item.first_seen} exact /> })}
      </span>
      {item.added_by && (
        <span>{withParts("collection.kept_by", { name: <bdi>{item.added_by}</bdi> })}</span>
      )}
    </p>
  );
}

function Quoted({ item, remove }: { item: Item; remove: () => void }) {
  if (!item.quotation) return null;
  return (
    <div class="quotation">
      <Foreign as="blockquote" language={item.language}>
        {item.quotation.text}
      </Foreign>
      <button class="plain" onClick={remove}>
        {t("collection.remove_quotation")}
      </button>
    </div>
  );
}

interface Kept {
  item: Item;
  at: number;
  count: number;
  move: Move;
  change: (item: Item) => void;
  remove: () => void;
}

function StoryOf({ item, at, count, move, change, remove }: Kept) {
  const [over, setOver] = useState(false);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const from = event.dataTransfer?.getData(place);
    if (from) move(Number(from), at);
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
      onDrop={drop}
    >
      <Handle item={item} at={at} count={count} move={move} />
      <div class="kept-body">
        <Foreign as="h2" language={item.language}>
          <Link to={`/a/${item.article}`}>{item.title || item.url}</Link>
        </Foreign>
        <Facts item={item} />
        <Quoted item={item} remove={() => change({ ...item, quotation: null })} />
        <Text
          label={t("collection.note_on", { n: at + 1 })}
          value={item.note}
          most={4000}
          change={(note) => change({ ...item, note })}
        />
      </div>
      <button
        class="plain"
        onClick={remove}
        aria-label={t("collection.take_out_of", { n: at + 1, title: item.title })}
      >
        {t("collection.take_out")}
      </button>
    </li>
  );
}

/// The stories in their order; what is moved keeps the focus, and its new place is said.
function Stories({ collection, edit }: { collection: Collection; edit: (change: Change) => void }) {
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
    say(t("collection.is_now", { from: from + 1, to: to + 1, count: items.length }));
  };
  return (
    <>
      <p id="how-to-move" class="visually-hidden">
        {t("collection.how")}
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
        {t("collection.print")}
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

function LinkShown({ link }: { link: string }) {
  const [copied, setCopied] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  // where the clipboard is not allowed, the link is at least marked
  const copy = () =>
    navigator.clipboard
      ?.writeText(link)
      .then(() => setCopied(true))
      .catch(() => field.current?.select());
  return (
    <label>
      {t("collection.link_once")}
      <span class="bar">
        <input
          ref={field}
          readOnly
          aria-label={t("collection.link")}
          value={link}
          onFocus={(event) => event.currentTarget.select()}
        />
        <button type="button" onClick={copy}>
          {t(copied ? "collection.copied" : "collection.copy")}
        </button>
      </span>
    </label>
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
    [error, setError] = useState<Error | null>(null);
  const share = () =>
    call<Share>("POST", `${path}/share`).then((made) => {
      const url = new URL(made.path, window.location.href);
      url.searchParams.set("tz", zone());
      setLink(url.href);
      look();
    }, setError);
  const end = () =>
    call("DELETE", `${path}/share`).then(() => {
      setLink(null);
      look();
    }, setError);
  return (
    <div class="sharing">
      {link && <LinkShown key={link} link={link} />}
      {collection.share && !link && (
        <p class="quiet">
          {collection.share.created_by
            ? withParts("collection.shared_by", {
                time: <When time={collection.share.created} exact />,
                name: <bdi>{collection.share.created_by}</bdi>,
              })
            : withParts("collection.shared_since", {
                time: <When time={collection.share.created} exact />,
              })}
        </p>
      )}
      {error && <Problem error={error} />}
      <p class="bar">
        <button onClick={share}>
          {t(collection.share ? "collection.share_anew" : "collection.share")}
        </button>
        {collection.share && <button onClick={end}>{t("collection.unshare")}</button>}
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
            {withParts("collection.lost", { what, text: <q dir="auto">{text}</q> })}
          </p>
        ))}
      </div>
      <button onClick={forget}>{t("close")}</button>
    </div>
  );
}

function Brief({ collection, edit }: { collection: Collection; edit: (change: Change) => void }) {
  const set = (field: "name" | "title" | "summary") => (text: string) =>
    edit((old) => ({ ...old, [field]: text }));
  return (
    <div class="brief-texts">
      <label>
        <span>{t("collection.name")}</span>
        <NameField
          value={collection.name}
          set={(name) => {
            if (name.trim()) set("name")(name);
          }}
        />
      </label>
      <label>
        <span>{t("collection.brief_title")}</span>
        <input
          value={collection.title}
          placeholder={collection.name}
          maxLength={200}
          dir="auto"
          onInput={(event) => set("title")(event.currentTarget.value)}
        />
      </label>
      <Text
        label={t("collection.summary")}
        value={collection.summary}
        most={10000}
        rows={3}
        change={set("summary")}
      />
    </div>
  );
}

export function CollectionPage({ id }: { id: string }) {
  const state = useCollection(id);
  const { path, ours: collection, error, lost, edit, save, look, forget } = state;
  useEffect(() => {
    if (collection) document.title = `${collection.name} · vigie`;
  }, [collection?.name]);
  if (!collection)
    return (
      <main class="page collection">
        <h1 class="visually-hidden">{t("nav.collections")}</h1>
        {error ? <Problem error={error} retry={look} /> : <Waiting rows={6} />}
      </main>
    );
  const remove = () => {
    if (!window.confirm(t("collection.delete_sure", { name: collection.name }))) return;
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
          {state.word} · {t("stories", { n: collection.items.length })}
        </span>
      </div>
      <div class="bar">
        <Files path={path} />
      </div>
      {error && <Problem error={error} retry={state.changed ? save : look} />}
      <Lost lost={lost} forget={forget} />
      <Brief collection={collection} edit={edit} />
      {collection.items.length === 0 && (
        <p class="empty">
          {withParts("collection.none", {
            key: <kbd>b</kbd>,
            watch: <Link to="/">{t("watch.title")}</Link>,
          })}
        </p>
      )}
      <Stories collection={collection} edit={edit} />
      <h2>{t("collection.who")}</h2>
      <Sharing collection={collection} path={path} look={look} />
      <p>
        <button class="danger" onClick={remove}>
          {t("collection.delete")}
        </button>
      </p>
    </main>
  );
}
