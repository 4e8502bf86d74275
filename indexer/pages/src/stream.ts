// Live articles and alerts over Server-Sent Events; a broken connection says so and heals by
// itself.
import { useEffect, useRef, useState } from "preact/hooks";
import { Hit, Match } from "./api";
import { Key } from "./i18n";

export type Live = "connecting" | "live" | "broken";

// the browser itself gives up after a response that is no stream, such as 503 while the server
// starts
const retryMs = 3000;

export function useStream(
  q: string | null,
  onArticle: (hit: Hit) => void,
  onAlert?: (match: Match) => void,
): Live {
  const [state, set] = useState<Live>("connecting");
  const handlers = useRef({ onArticle, onAlert });
  handlers.current = { onArticle, onAlert };
  useEffect(() => {
    if (q === null) {
      set("connecting");
      return;
    }
    let source: EventSource,
      timer = 0,
      last = "",
      tried = false; // a first attempt that fails, as of a query of no sense, breaks nothing
    const open = () => {
      const from = last ? `&last_event_id=${encodeURIComponent(last)}` : "";
      source = new EventSource(`/v1/stream?q=${encodeURIComponent(q)}${from}`);
      source.onopen = () => {
        tried = true;
        set("live");
      };
      source.onerror = () => {
        if (tried) set("broken");
        tried = true;
        if (source.readyState === EventSource.CLOSED) timer = window.setTimeout(open, retryMs);
      };
      const on = (name: string, tell: (data: any) => void) =>
        source.addEventListener(name, (event) => {
          last = (event as MessageEvent).lastEventId || last;
          tell(JSON.parse((event as MessageEvent).data));
        });
      on("article", (hit) => handlers.current.onArticle(hit));
      on("alert", (match) => handlers.current.onAlert?.(match));
    };
    set("connecting");
    open();
    return () => {
      clearTimeout(timer);
      source.close();
    };
  }, [q]);
  return state;
}

export const liveText: Record<Live, Key> = {
  connecting: "live.connecting",
  live: "live.live",
  broken: "live.broken",
};
