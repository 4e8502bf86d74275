// Live articles and alerts over Server-Sent Events; a broken connection says so and heals by itself.
import { useEffect, useState } from "preact/hooks";
import { Hit, Match } from "./api";

export type Live = "connecting" | "live" | "broken";

export function useStream(q: string, onArticle: (hit: Hit) => void, onAlert?: (match: Match) => void): Live {
  const [state, set] = useState<Live>("connecting");
  useEffect(() => {
    set("connecting");
    const source = new EventSource(`/v1/stream?q=${encodeURIComponent(q)}`);
    source.onopen = () => set("live");
    source.onerror = () => set("broken");
    source.addEventListener("article", (event) => onArticle(JSON.parse((event as MessageEvent).data)));
    if (onAlert) source.addEventListener("alert", (event) => onAlert(JSON.parse((event as MessageEvent).data)));
    return () => source.close();
  }, [q]);
  return state;
}

export const liveText: Record<Live, string> = { connecting: "Connecting…", live: "Live", broken: "Connection lost, trying again…" };
