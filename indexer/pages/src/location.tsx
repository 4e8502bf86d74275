// Every view is a URL: the path names the page, the query its state.
import { ComponentChildren, createContext } from "preact";
import { useContext, useEffect, useMemo, useRef, useState } from "preact/hooks";

export interface Place {
  path: string;
  query: URLSearchParams;
}
const read = (): Place => ({
  path: window.location.pathname,
  query: new URLSearchParams(window.location.search),
});

export const PlaceContext = createContext<Place>({ path: "/", query: new URLSearchParams() });

const restoreMs = 1500; // a view that has not come by then is not waited for
let returned = false;
/// Whether the present view was come back to, so that it should be as it was left.
export const isReturn = () => returned;

const keepScroll = () => history.replaceState({ ...history.state, y: window.scrollY }, "");
function restoreScroll() {
  const y: number = history.state?.y ?? 0,
    began = Date.now();
  const attempt = () => {
    if (
      document.documentElement.scrollHeight >= y + window.innerHeight ||
      Date.now() - began > restoreMs
    )
      window.scrollTo(0, y);
    else requestAnimationFrame(attempt);
  };
  if (y > 0) requestAnimationFrame(attempt);
}

export function go(to: string, replace = false) {
  returned = false;
  keepScroll();
  if (replace) history.replaceState(history.state, "", to);
  else history.pushState(null, "", to);
  window.dispatchEvent(new PopStateEvent("popstate"));
  if (!replace) window.scrollTo(0, 0);
}

let narrow = false; // whether the first page shows less than everything
export const narrowFirstPage = (is: boolean) => {
  narrow = is;
};
/// The URL of all there is.
export const everything = () => (narrow ? "/?all=1" : "/");

/// Sets some parameters of the present view; an empty value removes one.
export function change(parameters: Record<string, string | null>, replace = false) {
  const query = new URLSearchParams(window.location.search);
  for (const [name, value] of Object.entries(parameters))
    value ? query.set(name, value) : query.delete(name);
  query.delete("all");
  const text = query.toString();
  const path = window.location.pathname;
  go(text ? `${path}?${text}` : path === "/" ? everything() : path, replace);
}

export function PlaceProvider({ children }: { children: ComponentChildren }) {
  const [place, set] = useState(read);
  useEffect(() => {
    const moved = (event: PopStateEvent) => {
      if (event.isTrusted) {
        returned = true;
        restoreScroll();
      }
      set(read());
    };
    let timer = 0;
    const scrolled = () => {
      clearTimeout(timer);
      timer = window.setTimeout(keepScroll, 150);
    };
    history.scrollRestoration = "manual";
    restoreScroll();
    window.addEventListener("popstate", moved);
    window.addEventListener("scroll", scrolled, { passive: true });
    window.addEventListener("pagehide", keepScroll);
    return () => {
      window.removeEventListener("popstate", moved);
      window.removeEventListener("scroll", scrolled);
      window.removeEventListener("pagehide", keepScroll);
    };
  }, []);
  return <PlaceContext.Provider value={place}>{children}</PlaceContext.Provider>;
}
export const usePlace = () => useContext(PlaceContext);

/// A link that stays in the page, and is an ordinary link for every other use.
export function Link({
  to,
  children,
  ...rest
}: {
  to: string;
  children: ComponentChildren;
  class?: string;
  title?: string;
  lang?: string;
  dir?: "auto";
  "aria-current"?: "page" | undefined;
  "aria-label"?: string;
  onClick?: never;
}) {
  return (
    <a
      {...rest}
      href={to}
      onClick={(event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
        event.preventDefault();
        go(to);
      }}
    >
      {children}
    </a>
  );
}

export type Loaded<T> = ReturnType<typeof useLoaded<T>>;

/// Loads, and loads again when `key` changes or `again` is called; the last good value stays while
/// a new one comes, and is `stale` where it is of another key.
export function useLoaded<T>(key: string, load: (signal: AbortSignal) => Promise<T>, everyMs = 0) {
  const [state, set] = useState<{
    value: T | null;
    error: Error | null;
    loading: boolean;
    at: number;
    of: string; // the key that the value was loaded for
  }>({ value: null, error: null, loading: true, at: 0, of: key });
  const [turn, setTurn] = useState(0);
  // A response that takes longer than the pause between two questions is waited for: were it given
  // up for the next question each time, none would ever come.
  const asking = useRef(false);
  const wanted = useRef(false);
  const again = () => {
    if (asking.current) wanted.current = true;
    else setTurn((n) => n + 1);
  };
  useEffect(() => {
    const control = new AbortController();
    const ended = () => {
      if (control.signal.aborted) return;
      asking.current = false;
      if (wanted.current) setTurn((n) => n + 1);
    };
    asking.current = true;
    wanted.current = false;
    set((old) => ({ ...old, loading: true }));
    const loaded = load(control.signal);
    loaded.then(ended, ended);
    loaded.then(
      (value) => set({ value, error: null, loading: false, at: Date.now(), of: key }),
      (error) => {
        if (error.name !== "AbortError") set((old) => ({ ...old, error, loading: false }));
      },
    );
    return () => control.abort();
  }, [key, turn]);
  useEffect(() => {
    if (!everyMs) return;
    const timer = setInterval(() => {
      if (!document.hidden && !asking.current) setTurn((n) => n + 1);
    }, everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  const stale = state.value !== null && state.of !== key;
  return useMemo(() => ({ ...state, stale, again }), [state, stale]);
}
