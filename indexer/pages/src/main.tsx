import { render } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import "./style.css";
import "./watch.css";
import "./article.css";
import "./profile.css";
import "./alerts.css";
import "./ingestion.css";
import "./sources.css";
import "./narrow.css";
import { ApiError, Pipeline, SignedInList, call, get } from "./api";
import { Link, PlaceProvider, go, useLoaded, usePlace } from "./location";
import { useCatalogue } from "./catalogue";
import { Alerts } from "./alerts";
import { ArticlePage } from "./article";
import { Ingestion } from "./ingestion";
import { Profile } from "./profile";
import { Sessions } from "./sessions";
import { SourcePage } from "./source";
import { Watch } from "./watch";

const keys: [string, string][] = [
  ["/", "search"],
  ["j  k", "next and previous story"],
  ["o", "open the story"],
  ["s", "save the search as an alert (on Watch)"],
  ["g w · g a · g i", "Watch, Alerts, Ingestion"],
  ["?", "this list"],
  ["Esc", "close, leave the search box"],
];

function Keys() {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    let leader = 0;
    const pressed = (event: KeyboardEvent) => {
      const field = /^(INPUT|TEXTAREA|SELECT)$/.test((event.target as HTMLElement).tagName);
      if (event.key === "Escape" && field) (event.target as HTMLElement).blur();
      if (event.ctrlKey || event.metaKey || event.altKey || field) return;
      const second =
        Date.now() - leader < 1000
          ? { w: "/", a: "/alerts", i: "/ingestion" }[event.key]
          : undefined;
      if (second) {
        go(second);
        leader = 0;
      } else if (event.key === "g") leader = Date.now();
      else if (event.key === "/") {
        const box = document.getElementById("q");
        if (box) box.focus();
        else go("/");
      } else if (event.key === "?") dialog.current?.showModal();
      else return;
      event.preventDefault();
    };
    document.addEventListener("keydown", pressed);
    return () => document.removeEventListener("keydown", pressed);
  }, []);
  return (
    <>
      <button
        class="plain keys"
        onClick={() => dialog.current?.showModal()}
        aria-label="Keyboard shortcuts"
      >
        ?
      </button>
      <dialog ref={dialog} aria-label="Keyboard shortcuts">
        <h2>Keyboard</h2>
        <dl>
          {keys.map(([key, what]) => (
            <div key={key}>
              <dt>
                <kbd>{key}</kbd>
              </dt>
              <dd>{what}</dd>
            </div>
          ))}
        </dl>
        <form method="dialog">
          <button autofocus>Close</button>
        </form>
      </dialog>
    </>
  );
}

function SignIn({ done }: { done: () => void }) {
  const [key, set] = useState(""),
    [error, setError] = useState("");
  return (
    <main class="page">
      <h1>Key</h1>
      <p>
        This vigie asks for a key of its API. The browser keeps a cookie instead of it, which can be
        ended by signing out.
      </p>
      <form
        class="bar"
        onSubmit={(event) => {
          event.preventDefault();
          call("POST", "/v1/session", {}, { key }).then(done, (e) => setError(e.message));
        }}
      >
        <input
          type="password"
          aria-label="API key"
          autocomplete="current-password"
          value={key}
          onInput={(e) => set(e.currentTarget.value)}
        />
        <button class="main">Go on</button>
      </form>
      {error && (
        <p class="problem" role="alert">
          {error}
        </p>
      )}
    </main>
  );
}

function View() {
  const { path } = usePlace();
  const title =
    path === "/"
      ? "Watch"
      : path.startsWith("/alerts")
        ? "Alerts"
        : path === "/ingestion"
          ? "Ingestion"
          : path === "/sessions"
            ? "Sessions"
            : null;
  useEffect(() => {
    if (title) document.title = `${title} · vigie`;
  }, [title]);
  const part = (prefix: string) => {
    try {
      return decodeURIComponent(path.slice(prefix.length));
    } catch {
      return path.slice(prefix.length);
    }
  };
  if (path === "/") return <Watch />;
  if (path.startsWith("/a/")) return <ArticlePage key={path} id={part("/a/")} />;
  if (path.startsWith("/t/")) return <Profile key={path} kind="topic" id={part("/t/")} />;
  if (path.startsWith("/w/")) return <Profile key={path} kind="actor" id={part("/w/")} />;
  if (path.startsWith("/s/")) return <SourcePage key={path} id={part("/s/")} />;
  if (path.startsWith("/alerts")) return <Alerts />;
  if (path === "/ingestion") return <Ingestion />;
  if (path === "/sessions") return <Sessions />;
  return (
    <main class="page">
      <h1>There is no such page</h1>
      <p>
        <Link to="/">Go to Watch</Link>
      </p>
    </main>
  );
}

/// Shown to those who signed in.
function SessionsLink() {
  const { value } = useLoaded("signed in", (signal) =>
    get<SignedInList>("/v1/sessions", {}, signal),
  );
  return value?.sessions.some((session) => session.current) ? (
    <Link to="/sessions">Sessions</Link>
  ) : null;
}

function App() {
  const { path } = usePlace();
  const pipeline = useLoaded("notice", (signal) => get<Pipeline>("/v1/pipeline", {}, signal));
  const locked = pipeline.error instanceof ApiError && pipeline.error.status === 401;
  useCatalogue(pipeline.value !== null && !locked);
  const tab = (to: string, name: string) => (
    <Link
      to={to}
      aria-current={(to === "/" ? path === "/" : path.startsWith(to)) ? "page" : undefined}
    >
      {name}
    </Link>
  );
  return (
    <>
      <a class="skip" href="#content">
        Skip to the content
      </a>
      <header>
        <Link to="/" class="brand" aria-label="vigie, to Watch">
          <svg viewBox="0 0 32 32" width="22" height="22" aria-hidden="true">
            <path d="M5 20 16 7l11 13" />
            <circle cx="16" cy="23" r="3.2" />
          </svg>
          vigie
        </Link>
        <nav aria-label="Pages">
          {tab("/", "Watch")}
          {tab("/alerts", "Alerts")}
          {tab("/ingestion", "Ingestion")}
        </nav>
        <span class="grow" />
        {pipeline.value && !locked && <SessionsLink />}
        <Keys />
      </header>
      {pipeline.value?.notice && (
        <p class="notice" role="note">
          {pipeline.value.notice}
        </p>
      )}
      <div id="content">{locked ? <SignIn done={pipeline.again} /> : <View />}</div>
    </>
  );
}

render(
  <PlaceProvider>
    <App />
  </PlaceProvider>,
  document.getElementById("app")!,
);
