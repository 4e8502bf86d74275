import { render } from "preact";
import { useContext, useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import "./style.css";
import "./watch.css";
import "./article.css";
import "./profile.css";
import "./alerts.css";
import "./ingestion.css";
import "./collections.css";
import "./searches.css";
import "./sources.css";
import "./foreign.css";
import "./narrow.css";
import { ApiError, Me, Pipeline, SavedSearches, Subscriptions, call, get } from "./api";
import { Boundary } from "./boundary";
import { useCatalogue } from "./catalogue";
import { Help, HelpButton } from "./help";
import {
  Key,
  chooseLanguage,
  interfaceLanguage,
  interfaceLanguages,
  loadMessages,
  t,
} from "./i18n";
import { Link, Loaded, PlaceProvider, go, narrowFirstPage, useLoaded, usePlace } from "./location";
import { Alerts } from "./alerts";
import { ArticlePage } from "./article";
import { Audit } from "./audit";
import { Collect } from "./collect";
import { CollectionPage } from "./collection";
import { CollectionsPage } from "./collections";
import { IngestionLink } from "./conditions";
import { Ingestion } from "./ingestion";
import { Profile } from "./profile";
import { MeContext, useMe } from "./me";
import { setTranslates } from "./reading";
import { SavedContext, homeAddress, nothingSaved } from "./saved";
import { SearchesPage } from "./searches";
import { Sessions, signOut } from "./sessions";
import { SourcePage } from "./source";
import { Waiting, Why, isKnown, roleName } from "./text";
import { Watch } from "./watch";

function SignIn({ done }: { done: () => void }) {
  const [key, set] = useState(""),
    [error, setError] = useState<Error | null>(null);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    document.title = `${t("signin.title")} · vigie`;
    field.current?.focus();
  }, []);
  return (
    <main class="page">
      <h1>{t("signin.title")}</h1>
      <p>{t("signin.about")}</p>
      <form
        class="sign-in"
        onSubmit={(event) => {
          event.preventDefault();
          call("POST", "/v1/session", {}, { key: key.trim() }).then(done, (e) => {
            setError(e);
            field.current?.select();
          });
        }}
      >
        <label for="key">{t("signin.key")}</label>
        <div class="bar">
          <input
            id="key"
            ref={field}
            type="password"
            autocomplete="current-password"
            aria-describedby={error ? "key-problem" : undefined}
            aria-invalid={error ? true : undefined}
            value={key}
            onInput={(e) => set(e.currentTarget.value)}
          />
          <button class="main" disabled={!key.trim()}>
            {t("signin.title")}
          </button>
        </div>
      </form>
      {error && (
        <p class="problem" role="alert" id="key-problem">
          <Why error={error} />
        </p>
      )}
      <p class="quiet">{t("signin.stays")}</p>
    </main>
  );
}

/// Watch; without any parameter what the operator, or the reader, chose for the first page.
function First() {
  const { query } = usePlace();
  const home = useContext(SavedContext)?.value?.home_query;
  const goesHome = Boolean(home) && query.toString() === "";
  useLayoutEffect(() => {
    if (goesHome) go(homeAddress(home!), true);
  }, [goesHome]);
  return goesHome ? null : <Watch />;
}

/// What is saved; a page that cannot have it goes on without.
function useSavedSearches(may: boolean): Loaded<SavedSearches> {
  const saved = useLoaded(may ? "saved" : "none saved", (signal) =>
    may ? get<SavedSearches>("/v1/searches", {}, signal) : Promise.resolve(nothingSaved),
  );
  narrowFirstPage(Boolean(saved.value?.home_query));
  return saved;
}

function View() {
  const { path } = usePlace();
  const title: Key | null = path.startsWith("/alerts")
    ? "nav.alerts"
    : path === "/ingestion"
      ? "nav.ingestion"
      : path === "/c"
        ? "nav.collections"
        : path === "/sessions"
          ? "nav.sessions"
          : path === "/audit"
            ? "nav.audit"
            : path === "/searches"
              ? "searches.title"
              : null;
  const named = title && t(title);
  useEffect(() => {
    if (named) document.title = `${named} · vigie`;
  }, [named]);
  const part = (prefix: string) => {
    try {
      return decodeURIComponent(path.slice(prefix.length));
    } catch {
      return path.slice(prefix.length);
    }
  };
  if (path === "/") return <First />;
  if (path.startsWith("/a/")) return <ArticlePage key={path} id={part("/a/")} />;
  if (path.startsWith("/t/")) return <Profile key={path} kind="topic" id={part("/t/")} />;
  if (path.startsWith("/w/")) return <Profile key={path} kind="actor" id={part("/w/")} />;
  if (path.startsWith("/s/")) return <SourcePage key={path} id={part("/s/")} />;
  if (path.startsWith("/alerts")) return <Alerts />;
  if (path === "/c") return <CollectionsPage />;
  if (path.startsWith("/c/")) return <CollectionPage key={path} id={part("/c/")} />;
  if (path === "/ingestion") return <Ingestion />;
  if (path === "/sessions") return <Sessions />;
  if (path === "/audit") return <Audit />;
  if (path === "/searches") return <SearchesPage />;
  return (
    <main class="page">
      <h1>{t("missing.title")}</h1>
      <p>
        <Link to="/">{t("missing.watch")}</Link>
      </p>
    </main>
  );
}

/// Who is signed in, and the way out. Nothing where no key is asked for.
function Person() {
  const me = useMe();
  const [failed, setFailed] = useState<Error | null>(null);
  if (!me?.name) return null;
  return (
    <>
      {me.role === "admin" && <Link to="/audit">{t("nav.audit")}</Link>}
      <Link to="/sessions" class="who" title={t("nav.role", { role: roleName(me.role) })}>
        <bdi>{me.name.replace(/^user:/, "")}</bdi>
      </Link>
      {me.by === "session" && (
        <button class="plain" onClick={() => signOut().catch(setFailed)}>
          {t("sessions.sign_out")}
        </button>
      )}
      {failed && (
        <span class="problem" role="alert">
          <Why error={failed} />
        </span>
      )}
    </>
  );
}

const retryMs = 3000; // until the page is loaded anew, where its words did not come
const alertsEveryMs = 30000;

/// The way to the alerts, with how many of them do not reach their receivers.
function AlertsLink({ current, known }: { current: "page" | undefined; known: boolean }) {
  const list = useLoaded(
    known ? "failing alerts" : "nobody",
    (signal) =>
      known ? get<Subscriptions>("/v1/subscriptions", {}, signal) : Promise.resolve(null),
    alertsEveryMs,
  );
  const failing = list.value?.subscriptions.filter((one) => one.undelivered).length ?? 0;
  return (
    <Link to="/alerts" aria-current={current}>
      {t("nav.alerts")}
      {failing > 0 && (
        <span class="badge" title={t("alerts.failing", { n: failing })}>
          <span aria-hidden="true">{failing}</span>
          <span class="visually-hidden">{t("alerts.failing", { n: failing })}</span>
        </span>
      )}
    </Link>
  );
}

function LanguageChoice() {
  return (
    <select
      class="language-choice"
      aria-label={t("nav.language")}
      value={interfaceLanguage()}
      onChange={(event) => chooseLanguage(event.currentTarget.value)}
    >
      {Object.entries(interfaceLanguages).map(([code, name]) => (
        <option key={code} value={code} lang={code}>
          {name}
        </option>
      ))}
    </select>
  );
}

/// Words of the operator. Views are drawn once it is known whether there are any, so that they do
/// not move.
function Notice({ pipeline }: { pipeline: Pipeline | null }) {
  if (!pipeline?.notice) return null;
  return (
    <aside class="notice" role="status" lang="en" dir="auto">
      {pipeline.notice}
    </aside>
  );
}

/// The pages. `known`: the server answers, and to us.
function Pages({ known }: { known: boolean }) {
  const { path } = usePlace();
  const current = (to: string) =>
    (to === "/" ? path === "/" : `${path}/`.startsWith(`${to}/`)) ? ("page" as const) : undefined;
  const tab = (to: string, name: Key) => (
    <Link to={to} aria-current={current(to)}>
      {t(name)}
    </Link>
  );
  return (
    <nav aria-label={t("nav.pages")}>
      {tab("/", "watch.title")}
      <AlertsLink current={current("/alerts")} known={known} />
      {tab("/c", "nav.collections")}
      <IngestionLink current={current("/ingestion")} known={known} />
    </nav>
  );
}

/// The pages, who is signed in, the language and the help.
function Header({ known, locked }: { known: boolean; locked: boolean }) {
  return (
    <header>
      <Link to="/" class="brand" aria-label={t("nav.brand")}>
        <svg viewBox="0 0 32 32" width="22" height="22" aria-hidden="true">
          <path d="M5 20 16 7l11 13" />
          <circle cx="16" cy="23" r="3.2" />
        </svg>
        vigie
      </Link>
      <Pages known={known} />
      <span class="grow" />
      {!locked && <Person />}
      <LanguageChoice />
      <HelpButton class="plain keys" />
    </header>
  );
}

function App() {
  const { path } = usePlace();
  const pipeline = useLoaded("notice", (signal) => get<Pipeline>("/v1/pipeline", {}, signal));
  const locked = pipeline.error instanceof ApiError && pipeline.error.status === 401;
  const me = useLoaded(locked ? "nobody" : "me", (signal) =>
    locked ? Promise.resolve(null) : get<Me>("/v1/session", {}, signal),
  );
  useCatalogue(pipeline.value !== null && !locked);
  const saved = useSavedSearches(!locked);
  const ready = isKnown(pipeline) && isKnown(saved) && (locked || isKnown(me));
  const known = pipeline.value !== null && !locked;
  setTranslates(Boolean(pipeline.value?.translator));
  return (
    <MeContext.Provider value={locked ? null : me.value}>
      <a class="skip" href="#content">
        {t("nav.skip")}
      </a>
      <Header known={known} locked={locked} />
      <Help />
      <Notice pipeline={pipeline.value} />
      <div id="content">
        {locked ? (
          <SignIn done={pipeline.again} />
        ) : !ready ? (
          <main class="page">
            <Waiting rows={8} />
          </main>
        ) : (
          <SavedContext.Provider value={saved}>
            <Boundary key={path} main>
              <View />
            </Boundary>
          </SavedContext.Provider>
        )}
      </div>
      {!locked && <Collect />}
    </MeContext.Provider>
  );
}

function draw() {
  const page = document.getElementById("app")!;
  render(
    <PlaceProvider>
      <App />
    </PlaceProvider>,
    page,
  );
}

/// Without its words the page is tried again; this sentence alone is not in them.
loadMessages().then(draw, () => {
  document.getElementById("app")!.textContent = "vigie does not answer. Trying again…";
  setTimeout(() => window.location.reload(), retryMs);
});
