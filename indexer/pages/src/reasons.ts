// States and failures in the reader's words. The API says them as codes, and in English sentences.
import { Key, interfaceLanguage, t } from "./i18n";
import { seconds, wordsOf } from "./text";

const words: Record<string, Key> = {
  dns: "reason.dns",
  connect: "reason.connect",
  connection: "reason.connect",
  tls: "reason.tls",
  timeout: "reason.timeout",
  timeout_connect: "reason.timeout",
  timeout_total: "reason.timeout",
  timeout_stall: "reason.timeout",
  address_refused: "reason.address",
  robots_disallowed: "reason.robots",
  http_403: "reason.forbidden",
  http_404: "reason.missing",
  http_410: "reason.gone",
  http_429: "reason.too_many",
  redirect_loop: "reason.redirect_loop",
};

/// Words where there are some, the number of an HTTP status, else the code itself as words.
export function reasonName(reason: string): string {
  if (words[reason]) return t(words[reason]);
  const status = /^http_(\d{3})$/.exec(reason);
  return status ? t("reason.http", { status: status[1]! }) : reason.replace(/_/g, " ");
}

export const stateName = wordsOf({
  failing: "state.failing",
  refused: "state.refused",
  blocked: "state.blocked",
  flooding: "state.flooding",
  quiet: "state.quiet",
  paused: "state.paused",
  waiting: "state.waiting",
  ok: "state.ok",
});
export const stateMeaning = wordsOf({
  failing: "state.failing_means",
  refused: "state.refused_means",
  blocked: "state.blocked_means",
  flooding: "state.flooding_means",
  quiet: "state.quiet_means",
  paused: "state.paused_means",
  waiting: "state.waiting_means",
  ok: "state.ok_means",
});
export const robotsName = wordsOf({
  allowed: "robots.allowed",
  disallowed: "robots.disallowed",
  unreachable: "robots.unreachable",
  unknown: "robots.unknown",
});

/// A failure by its code; in English as the server says it, which knows more of it.
export const inWords = (reason: string, english: string) =>
  interfaceLanguage() === "en" || !reason ? english : reasonName(reason);

/// How a source does. The server's sentence is English; in other languages its state is told.
export const stateSentence = (state: string, english: string) =>
  interfaceLanguage() === "en" ? english : stateMeaning(state);

/// "every 5 min"
export const every = (ofSeconds: number) => t("sources.every", { time: seconds(ofSeconds) });
