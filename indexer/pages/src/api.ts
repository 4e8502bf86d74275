// The HTTP API. The shapes are those of /openapi.json: the build makes them of the same schemas
// (types.mjs), so that a page which reads what the API does not say does not compile.

export type {
  Actors,
  Alert,
  ArticlePage as Article,
  AuditEntry,
  AuditPage,
  Bin,
  Block,
  Carriers,
  CatalogueEntry as Catalogued,
  Change,
  Channel,
  ChannelDraft,
  Collection,
  CollectionHead,
  Collections,
  CommandRequest,
  Conditions,
  Copy,
  Deliveries,
  Delivery,
  Draft,
  Evidence,
  Example,
  FacetField,
  Facets,
  History,
  Hit,
  Image as Picture,
  MadeFeed,
  Match,
  Matches,
  Me,
  Pipeline,
  Preview,
  PreviewRequest,
  Provenance,
  Quarantine,
  Quarantined,
  Reading,
  ReadingOfArticle,
  SavedSearch,
  SavedSearches,
  SearchHit,
  SearchPage,
  SeenIds,
  Service,
  Share,
  SignedIn,
  SignedInList,
  Source,
  Sources,
  SourceStatus as SourceState,
  Spike,
  StageCount,
  Subscription,
  Subscriptions,
  SubscriptionWithCounts,
  Suggestion,
  Suggestions,
  Tag,
  TagWithEvidence,
  TestResults,
  Timeline,
  Topics,
  Translation,
  Trend,
  Unread,
  UnreadCounts,
} from "vigie-api";

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
  let response: Response;
  try {
    response = await fetch(address(path, query), {
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
  const text = await response.text();
  let json: any = null;
  try {
    json = text ? JSON.parse(text) : null;
  } catch {
    /* not JSON: said below */
  }
  if (!response.ok)
    throw new ApiError(
      response.status,
      json?.code ?? String(response.status),
      json?.detail ?? response.statusText,
      json?.position ?? null,
    );
  return json as T;
}

export const get = <T>(path: string, query?: Query, signal?: AbortSignal) =>
  call<T>("GET", path, query, undefined, signal);
