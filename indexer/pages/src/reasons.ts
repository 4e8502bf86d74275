// Why something failed, in words; the API says it as a code.
import { Key, t } from "./i18n";

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
