// The HTTP API, with the shapes that /openapi.json describes.

export interface Source {
  id: string;
  name: string;
  homepage: string | null;
  country: string | null;
  language: string | null;
  kind: string | null;
  affiliation: string | null;
}
export interface Span {
  field: "title" | "text";
  offset: number;
  length: number;
  rule?: string | null;
}
export interface Evidence {
  field: string;
  offset: number;
  length: number;
  text: string;
  sentence: string;
  clause: string;
}
export interface Tag {
  id: string;
  level: "about" | "mention";
  score: number;
  evidence?: Span[];
}
export interface Hit {
  id: string;
  url: string;
  title: string;
  published: string | null;
  discovered: string;
  source: Source;
  language: string;
  topics: Tag[];
  actors: Tag[];
  snippet: string;
  story: string | null;
  highlights?: { offset: number; length: number }[];
  copies?: number;
  languages?: string[];
  time?: string;
}
export interface SearchPage {
  total: { value: number; exact: boolean };
  hits: Hit[];
  cursor: string | null;
  took_ms: number;
  partial?: boolean;
}
export interface Version {
  id: string;
  fetched: string;
  title: string;
  text_bytes: number;
}
export interface Copy extends Hit {
  self: boolean;
  share: number;
}
export interface Block {
  kind: "paragraph" | "heading" | "list_item" | "quote" | "table_cell" | "preformatted";
  offset: number;
  length: number;
  level?: number;
  row?: number;
}
export interface Picture {
  url: string;
  caption: string | null;
  credit: string | null;
}
export interface Article extends Omit<Hit, "snippet" | "published" | "copies"> {
  text: string;
  authors: string[];
  published: string | null;
  modified: string | null;
  fetched: string;
  site: string | null;
  description: string | null;
  section: string | null;
  image: Picture | null;
  tags: string[];
  script: string | null;
  page_url: string;
  provenance: Record<string, unknown>;
  opt_out: Record<string, unknown>;
  versions: Version[];
  copies: Copy[];
  evidence: Evidence[];
  page_type: string | null;
  licence: string | null;
  paywall: string | null;
  structure: Block[];
  links: { offset: number; length: number; url: string }[];
  images: Picture[];
  alternates: { language: string; url: string }[];
  carriers: Record<string, string | null>;
}
export interface Facet {
  value: string;
  count: number;
  name?: string;
}
export interface FacetField {
  field: string;
  values: Facet[];
  distinct: number;
}
export interface Suggestion {
  insert: string;
  label: string;
  kind: string;
}
export interface Bin {
  begin: string;
  count: number;
  split?: Facet[];
}
export interface Channel {
  id?: string;
  type: string;
  url: string | null;
  secret?: string | null;
  disabled?: boolean;
  disabled_reason?: string | null;
}
export interface Subscription {
  id: string;
  revision: number;
  name: string;
  query: string;
  channels: Channel[];
  created: string;
  updated: string;
  last_match?: string | null;
  alerts_per_day?: Bin[];
}
export interface Match {
  id: string;
  matched: string;
  last_matched?: string | null;
  article: Hit;
  evidence: Evidence[];
  copies?: string[];
}
export interface Preview {
  query: string;
  within: string;
  total: { value: number; exact: boolean };
  per_day: Bin[];
  examples: Hit[];
}
export interface TestResults {
  results: { channel: string; delivered: boolean; status: number | null; error: string | null }[];
}
export interface Delivery {
  id: string;
  channel: string;
  state: string;
  attempts: number;
  next_attempt: string | null;
  created: string;
  ended: string | null;
  status: number | null;
  error: string | null;
  article: string | null;
}
export interface Catalogued {
  id: string;
  name: string;
  definition: string | null;
  names: Record<string, string>;
  qid: string | null;
  pack: string;
}
export interface Quantiles {
  p50_s: number | null;
  p95_s: number | null;
  count: number | null;
}
export interface StageCount {
  stage: string;
  reason: string;
  count: number;
}
export interface Service {
  service: string;
  instance: string;
  version: string;
  state: string;
  started: string;
  reported: string;
  silent: boolean;
  last_error: string | null;
  rates: { name: string; total: number; per_second: number }[];
  lags: { topic: string; position: number; end: number; records: number }[];
  resident_bytes: number;
  disk_bytes: number;
  disk_free_bytes: number;
}
export interface Pipeline {
  now: string;
  services: Service[];
  topics: { topic: string; partitions: number; begin: number; end: number }[];
  freshness: { discovered_to_searchable: Quantiles; published_to_searchable: Quantiles };
  sources: { count: number; by_state: Record<string, number> };
  quarantine: { open: number; by_reason: StageCount[] };
  index: { documents: number; shards: number; bytes: number };
  log_bytes: number;
  resident_bytes: number;
  disk_free_bytes: number | null;
  notice?: string | null;
  reachability?: { tried: number; reached: number; reason: string; detail: string };
}
export interface SourceState {
  id: string;
  name: string;
  homepage: string | null;
  country: string | null;
  language: string | null;
  kind: string | null;
  affiliation: string | null;
  feeds: number;
  state: string;
  reported: string | null;
  last_poll: string | null;
  next_poll: string | null;
  last_article: string | null;
  articles: number;
  expected_interval_s: number;
  late: boolean;
  errors: { reason: string; count: number }[];
  last_error: string | null;
  robots: string;
  paused: boolean;
}
export interface Quarantined {
  id: string;
  stage: string;
  reason: string;
  detail: string;
  topic: string | null;
  partition: number;
  offset: number;
  attempts: number;
  failed: string;
  url: string | null;
  replayable: boolean;
  resolved: boolean;
}

export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly position: number | null,
  ) {
    super(message);
  }
}

export type Query = Record<string, string | number | undefined | null>;

function address(path: string, query?: Query): string {
  const parts = Object.entries(query ?? {})
    .filter(([, value]) => value !== undefined && value !== null && value !== "")
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`);
  return parts.length ? `${path}?${parts.join("&")}` : path;
}

export async function call<T>(
  method: string,
  path: string,
  query?: Query,
  body?: unknown,
  signal?: AbortSignal,
): Promise<T> {
  let answer: Response;
  try {
    answer = await fetch(address(path, query), {
      method,
      signal,
      credentials: "same-origin",
      headers:
        body === undefined
          ? { accept: "application/json" }
          : { accept: "application/json", "content-type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch (error) {
    if ((error as Error).name === "AbortError") throw error;
    throw new ApiError(0, "unreachable", "vigie does not answer. Is it running?", null);
  }
  const text = await answer.text();
  let json: any = null;
  try {
    json = text ? JSON.parse(text) : null;
  } catch {
    /* not JSON: said below */
  }
  if (!answer.ok)
    throw new ApiError(
      answer.status,
      json?.code ?? String(answer.status),
      json?.detail ?? answer.statusText,
      json?.position ?? null,
    );
  return json as T;
}

export const get = <T>(path: string, query?: Query, signal?: AbortSignal) =>
  call<T>("GET", path, query, undefined, signal);
