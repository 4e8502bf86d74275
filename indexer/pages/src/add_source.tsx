// Adding a source: a URL, what is found there, saved. Lists of sources in and out.
import { useRef, useState } from "preact/hooks";
import type { Discovery, FoundListing, Imported, SourceEdit } from "vigie-api";
import { ApiError, call } from "./api";
import { Key, t, withParts } from "./i18n";
import { Link, go } from "./location";
import { inWords } from "./reasons";
import { Fields, SourceFields, draftOf } from "./source_fields";
import { Problem, countryName, languageName } from "./text";

const kindWords: Record<string, Key> = {
  feed: "add.feed",
  sitemap: "add.sitemap",
  section: "add.section",
};
const robotsWords: Record<string, Key> = {
  allowed: "add.robots_allowed",
  disallowed: "add.robots_disallowed",
  unreachable: "add.robots_unreachable",
};
const told = (words: Record<string, Key>, code: string) => {
  const key = words[code];
  return key ? t(key) : null;
};

function fieldsOf(found: Discovery): Fields {
  return {
    name: found.name ?? "",
    homepage: found.homepage ?? found.url,
    feeds: "",
    sitemaps: "",
    sections: "",
    country: found.country ?? "",
    language: found.language ?? "",
    kind: "",
    affiliation: "",
    pollMinutes: "",
  };
}

/// The first that can be read is what most want.
const firstChosen = (found: Discovery) =>
  new Set(
    found.found
      .filter((one) => one.looked_at && !one.reason && !one.polled_by)
      .slice(0, 1)
      .map((one) => one.url),
  );

function Listing({
  listing: one,
  chosen,
  choose,
}: {
  listing: FoundListing;
  chosen: boolean;
  choose: (on: boolean) => void;
}) {
  return (
    <li class="found">
      <label>
        <input
          type="checkbox"
          checked={chosen}
          disabled={one.polled_by !== null}
          onChange={(event) => choose(event.currentTarget.checked)}
        />
        <span>
          <b>{told(kindWords, one.kind) ?? one.kind}</b>{" "}
          {one.title && <bdi lang={one.language ?? undefined}>{one.title}</bdi>}{" "}
          <bdi class="quiet address">{one.url}</bdi>
        </span>
      </label>
      {one.polled_by && (
        <p class="quiet">
          {withParts("add.polled_by", {
            source: (
              <Link to={`/s/${encodeURIComponent(one.polled_by.id)}`}>{one.polled_by.name}</Link>
            ),
          })}
        </p>
      )}
      {one.words && (
        <p class="bad">{t("add.unreadable", { reason: inWords(one.reason ?? "", one.words) })}</p>
      )}
      {!one.looked_at && <p class="quiet">{t("add.not_looked")}</p>}
      {one.latest.length > 0 && (
        <ol>
          {one.latest.map((item) => (
            <li key={item.url}>
              <a href={item.url} rel="noreferrer noopener external">
                <bdi lang={one.language ?? undefined}>{item.title || item.url}</bdi>
              </a>{" "}
              <span class="quiet">{item.published?.slice(0, 16).replace("T", " ")}</span>
            </li>
          ))}
        </ol>
      )}
      {one.looked_at && !one.reason && one.items === 0 && (
        <p class="quiet">{t("add.lists_nothing")}</p>
      )}
    </li>
  );
}

function Guessed({ found }: { found: Discovery }) {
  const parts = [
    found.language && t("add.guess_language", { name: languageName(found.language) }),
    found.country &&
      t("add.guess_country", {
        name: countryName(found.country),
        from: found.country_from ?? "URL",
      }),
  ].filter(Boolean);
  return (
    <p class="quiet">
      {told(robotsWords, found.robots)}{" "}
      {parts.length > 0 && t("add.guessed", { parts: parts.join(", ") })}
    </p>
  );
}

function Nothing({ found, leave }: { found: Discovery; leave: () => void }) {
  return (
    <div class="problem" role="alert">
      <p>
        {t("add.nothing", {
          url: found.url,
          reason: found.words ? inWords(found.reason ?? "", found.words) : t("add.no_feed"),
        })}
      </p>
      {found.detail && (
        <p class="quiet" lang="en" dir="auto">
          {found.detail}
        </p>
      )}
      <button onClick={leave}>{t("add.another")}</button>
    </div>
  );
}

function Found({ found, leave }: { found: Discovery; leave: () => void }) {
  const [fields, setFields] = useState(() => fieldsOf(found)),
    [chosen, setChosen] = useState(() => firstChosen(found)),
    [error, setError] = useState<Error | null>(null),
    [saving, setSaving] = useState(false);
  const of = (kind: string) =>
    found.found.filter((one) => one.kind === kind && chosen.has(one.url)).map((one) => one.url);
  const save = (event: Event) => {
    event.preventDefault();
    setSaving(true);
    const body = {
      ...draftOf(fields),
      feeds: of("feed"),
      sitemaps: of("sitemap"),
      sections: of("section"),
    };
    call<SourceEdit>("POST", "/v1/sources", {}, body).then(
      (added) => go(`/s/${encodeURIComponent(added.id)}`),
      (failed) => {
        setError(failed);
        setSaving(false);
      },
    );
  };
  return (
    <form class="found-source" onSubmit={save}>
      <Guessed found={found} />
      <ul class="listings">
        {found.found.map((one) => (
          <Listing
            key={one.url}
            listing={one}
            chosen={chosen.has(one.url)}
            choose={(on) => {
              const next = new Set(chosen);
              if (on) next.add(one.url);
              else next.delete(one.url);
              setChosen(next);
            }}
          />
        ))}
      </ul>
      <SourceFields fields={fields} set={setFields} addresses={false} />
      {error && <Problem error={error} />}
      <div class="bar">
        <button class="main" disabled={saving || chosen.size === 0}>
          {t("source.save")}
        </button>
        <button type="button" onClick={leave}>
          {t("source.leave")}
        </button>
        {chosen.size === 0 && <span class="quiet">{t("add.choose")}</span>}
      </div>
    </form>
  );
}

function Discover() {
  const [address, setAddress] = useState(""),
    [found, setFound] = useState<Discovery | null>(null),
    [error, setError] = useState<Error | null>(null),
    [looking, setLooking] = useState(false);
  const look = (event: Event) => {
    event.preventDefault();
    setFound(null);
    setError(null);
    setLooking(true);
    call<Discovery>("POST", "/v1/sources/discover", {}, { url: address })
      .then(setFound, setError)
      .finally(() => setLooking(false));
  };
  return (
    <div class="add-source">
      <form class="bar" onSubmit={look}>
        <input
          aria-label={t("add.address")}
          placeholder={t("add.address_hint")}
          autocapitalize="none"
          spellcheck={false}
          required
          value={address}
          onInput={(event) => setAddress(event.currentTarget.value)}
        />
        <button class="main" disabled={looking}>
          {t("add.look")}
        </button>
      </form>
      <div role="status">{looking && <p class="quiet">{t("add.looking")}</p>}</div>
      {error && <Problem error={error} />}
      {found && !found.found.length && <Nothing found={found} leave={() => setFound(null)} />}
      {found && found.found.length > 0 && (
        <Found key={found.url} found={found} leave={() => setFound(null)} />
      )}
    </div>
  );
}

async function importList(file: File): Promise<Imported> {
  const response = await fetch("/v1/sources/opml", {
    method: "POST",
    credentials: "same-origin",
    headers: { accept: "application/json", "content-type": "text/x-opml" },
    body: await file.arrayBuffer(),
  });
  const json = await response.json().catch(() => null);
  if (!response.ok)
    throw new ApiError(
      response.status,
      json?.code ?? "",
      json?.detail ?? response.statusText,
      null,
    );
  return json as Imported;
}

function importedWords(done: Imported): string {
  const reasons = done.refused.slice(0, 3).map((one) => `${one.name}: ${one.detail}`);
  const parts = [
    t("add.added", { n: done.added.length }),
    done.present && t("add.present", { n: done.present }),
    reasons.length && t("add.refused", { n: done.refused.length, reasons: reasons.join("; ") }),
  ];
  return `${parts.filter(Boolean).join(", ")}.`;
}

/// The tools above the table of sources.
export function SourceTools({ again }: { again: () => void }) {
  const [adding, setAdding] = useState(false),
    [done, setDone] = useState<Imported | null>(null),
    [error, setError] = useState<Error | null>(null),
    file = useRef<HTMLInputElement>(null);
  const take = () => {
    const chosen = file.current?.files?.[0];
    if (!chosen) return;
    setDone(null);
    setError(null);
    importList(chosen).then((imported) => {
      setDone(imported);
      again();
    }, setError);
    file.current!.value = "";
  };
  return (
    <>
      <div class="bar source-tools">
        <button class="main" aria-expanded={adding} onClick={() => setAdding(!adding)}>
          {t("add.add")}
        </button>
        <button onClick={() => file.current?.click()}>{t("add.import")}</button>
        <input
          ref={file}
          type="file"
          hidden
          aria-label={t("add.file")}
          accept=".opml,.xml,text/x-opml,text/xml"
          onChange={take}
        />
        <a class="button" href="/v1/sources.opml" download="vigie-sources.opml">
          {t("add.export")}
        </a>
      </div>
      {done && <p role="status">{importedWords(done)}</p>}
      {error && <Problem error={error} />}
      {adding && <Discover />}
    </>
  );
}
