// What helps: the keys, and the query language by examples that run.
import { useEffect, useRef } from "preact/hooks";
import { Key, t } from "./i18n";
import { Link, go } from "./location";

const keys: [string, Key][] = [
  ["/", "keys.search"],
  ["j  k", "keys.move"],
  ["o", "keys.open"],
  ["s", "keys.save"],
  ["b", "keys.keep"],
  ["g w · g a · g c · g i", "keys.go"],
  ["?", "keys.help"],
  ["Esc", "keys.escape"],
];

/// Each runs as it stands; together they show what the language can.
export const examples: [string, Key][] = [
  ["export controls", "query.words"],
  ['"export controls"', "query.phrase"],
  ["chips OR semiconductors", "query.or"],
  ["nvidia -type:opinion", "query.not"],
  ["semicond*", "query.prefix"],
  ["chips NEAR/5 export", "query.near"],
  ["title:chips", "query.title"],
  ["about:ai-chips lang:fr", "query.about"],
  ["actor:org:nvidia country:US", "query.actor"],
  ["topic:export-controls within:24h", "query.within"],
];

const dialogId = "help";
const open = () => {
  const dialog = document.getElementById(dialogId) as HTMLDialogElement | null;
  if (dialog && !dialog.open) dialog.showModal();
};

export const HelpButton = ({ class: kind }: { class: string }) => (
  <button type="button" class={kind} onClick={open} aria-label={t("help.name")}>
    ?
  </button>
);

/// The view that two keys lead to, the first of them `g`.
const views: Record<string, string> = { w: "/", a: "/alerts", c: "/c", i: "/ingestion" };
const leaderMs = 1000;

function useShortcuts() {
  const leader = useRef(0);
  useEffect(() => {
    const act = (key: string): boolean => {
      const view = Date.now() - leader.current < leaderMs ? views[key] : undefined;
      leader.current = key === "g" && !view ? Date.now() : 0;
      if (view) go(view);
      else if (key === "/") {
        const box = document.getElementById("q");
        if (box) box.focus();
        else go("/");
      } else if (key === "?") open();
      else return key === "g";
      return true;
    };
    const pressed = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      const field = /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
      if (event.key === "Escape" && field) target.blur();
      if (event.ctrlKey || event.metaKey || event.altKey || field) return;
      if (act(event.key)) event.preventDefault();
    };
    document.addEventListener("keydown", pressed);
    return () => document.removeEventListener("keydown", pressed);
  }, []);
}

/// The dialog, and the keys that work everywhere.
export function Help() {
  useShortcuts();
  const dialog = useRef<HTMLDialogElement>(null);
  return (
    <dialog ref={dialog} id={dialogId} class="help" aria-label={t("help.name")}>
      <div class="columns">
        <section>
          <h2>{t("help.keys")}</h2>
          <dl>
            {keys.map(([key, what]) => (
              <div key={key}>
                <dt>
                  <kbd dir="ltr">{key}</kbd>
                </dt>
                <dd>{t(what)}</dd>
              </div>
            ))}
          </dl>
        </section>
        <section>
          <h2>{t("help.query")}</h2>
          <dl onClick={() => dialog.current?.close()}>
            {examples.map(([query, what]) => (
              <div key={query}>
                <dt>
                  <Link to={`/?q=${encodeURIComponent(query)}`}>
                    <code dir="ltr">{query}</code>
                  </Link>
                </dt>
                <dd>{t(what)}</dd>
              </div>
            ))}
          </dl>
        </section>
      </div>
      <form method="dialog">
        <button autofocus>{t("close")}</button>
      </form>
    </dialog>
  );
}
