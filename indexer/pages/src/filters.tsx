// The filters of Watch: what a query is made of, and the rail that offers values of facets.
import { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { FacetField, Facets, get } from "./api";
import { Span, always } from "./bars";
import { entryOf, nameOf, sourceName } from "./catalogue";
import { Key, t } from "./i18n";
import { change, useLoaded } from "./location";
import { affiliationName, count, countryName, genreName, kindName, languageName } from "./text";

const rail: [string, Key, string][] = [
  ["topic", "facet.topics", "topic"],
  ["actor", "facet.actors", "actor"],
  ["language", "facet.languages", "lang"],
  ["country", "facet.countries", "country"],
  ["type", "facet.genre", "type"],
  ["affiliation", "facet.affiliation", "affiliation"],
  ["kind", "facet.kind", "kind"],
  ["source", "facet.sources", "source"],
];
const closed = ["kind", "source"]; // facets that are not open at first
const valuesShown = 8; // of a facet, before "more"
const quoted = (value: string) => (/[\s()"]/.test(value) ? `"${value.replace(/"/g, "")}"` : value);
export const filtersOf = (place: URLSearchParams) =>
  (place.get("f") ?? "").split("\n").filter(Boolean);

/// The query that the index is asked: what was typed, and each filter of the URL.
export function wholeQuery(place: URLSearchParams): string {
  return joined(place, ["within", "after", "before"]);
}

/// The query of the view but for its time.
export function timelessQuery(place: URLSearchParams): string {
  return joined(place, []);
}

function joined(place: URLSearchParams, times: string[]): string {
  const typed = place.get("q") ?? "";
  const parts = filtersOf(place);
  for (const name of times) if (place.get(name)) parts.push(`${name}:${place.get(name)}`);
  if (!parts.length) return typed;
  return (typed ? `(${typed}) ` : "") + parts.join(" ");
}

const units: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86400, w: 604800 };

/// The time that the filters of the URL choose.
export function spanOf(place: URLSearchParams): Span {
  const [, number, unit] = /^(\d+)([smhdw])$/.exec(place.get("within") ?? "") ?? [];
  if (number && unit)
    return { from: Math.floor(Date.now() / 1000) - Number(number) * units[unit]!, until: null };
  const secondsOf = (text: string | null) => {
    const ms = text ? Date.parse(text) : NaN;
    return isNaN(ms) ? null : Math.floor(ms / 1000);
  };
  const [from, until] = [secondsOf(place.get("after")), secondsOf(place.get("before"))];
  return from === null && until === null ? always : { from, until };
}

export function valueName(field: string, value: string, name?: string): string {
  if (field === "language" || field === "lang") return languageName(value);
  if (field === "country") return countryName(value);
  if (field === "source") return sourceName(value.replace(/^"|"$/g, ""));
  if (field === "topic" || field === "actor")
    return entryOf(value) || !name || name === value ? nameOf(value) : name;
  if (field === "type") return genreName(value);
  if (field === "affiliation") return affiliationName(value);
  if (field === "kind") return kindName(value);
  return value.replace(/_/g, " ");
}
export function filterName(filter: string): string {
  if (filter.startsWith("-")) return t("facet.not", { name: filterName(filter.slice(1)) });
  return valueName(filter.slice(0, filter.indexOf(":")), filter.slice(filter.indexOf(":") + 1));
}

const opposite = (filter: string) => (filter.startsWith("-") ? filter.slice(1) : `-${filter}`);

/// Sets a filter, or takes it back; its opposite gives way.
export function toggleFilter(place: URLSearchParams, filter: string) {
  const next = new Set(filtersOf(place));
  next.delete(opposite(filter));
  next.has(filter) ? next.delete(filter) : next.add(filter);
  change({ f: [...next].join("\n") });
}

/// A value that can be asked for, or left out: by its own button, or with Alt.
function Choice({
  filter,
  name,
  hits,
  place,
}: {
  filter: string;
  name: string;
  hits: number;
  place: URLSearchParams;
}) {
  const chosen = filtersOf(place);
  const on = chosen.includes(filter),
    out = chosen.includes(`-${filter}`);
  const leaveOut = () => toggleFilter(place, `-${filter}`);
  return (
    <li class="choice">
      <button
        class={on ? "facet on" : out ? "facet out" : "facet"}
        aria-pressed={on}
        onClick={(event) => (event.altKey ? leaveOut() : toggleFilter(place, filter))}
      >
        <bdi>{name}</bdi>
        <span class="number">{count(hits)}</span>
      </button>
      <button
        class={out ? "plain not on" : "plain not"}
        aria-pressed={out}
        aria-label={t("facet.leave_out", { name })}
        title={t("facet.leave_out", { name })}
        onClick={leaveOut}
      >
        −
      </button>
    </li>
  );
}

function FacetGroup({
  of: [field, title, name],
  values,
  unknown,
  place,
  all,
  showAll,
}: {
  of: [string, Key, string];
  values: FacetField["values"];
  unknown: number; // articles without a value
  place: URLSearchParams;
  all: boolean; // of its values are shown
  showAll: (all: boolean) => void;
}) {
  const filterOf = (value: string) => `${name}:${quoted(value)}`;
  const found = new Set(values.map((v) => filterOf(v.value)));
  const kept = filtersOf(place)
    .map((filter) => filter.replace(/^-/, ""))
    .filter((filter) => filter.startsWith(name + ":") && !found.has(filter));
  if (!values.length && !kept.length && !unknown) return null;
  return (
    <details open={!closed.includes(field)}>
      <summary>
        <h2>{t(title)}</h2>
      </summary>
      <ul>
        {kept.map((filter) => (
          <Choice key={filter} filter={filter} name={filterName(filter)} hits={0} place={place} />
        ))}
        {(all ? values : values.slice(0, valuesShown)).map((entry) => (
          <Choice
            key={entry.value}
            filter={filterOf(entry.value)}
            name={valueName(field, entry.value, entry.name)}
            hits={entry.count}
            place={place}
          />
        ))}
        {unknown > 0 && (
          <li class="facet unknown">
            <span>{t("unknown")}</span>
            <span class="number">{count(unknown)}</span>
          </li>
        )}
      </ul>
      {values.length > valuesShown && (
        <button class="plain rest" onClick={() => showAll(!all)}>
          {all ? t("facet.fewer") : t("facet.more", { n: values.length - valuesShown })}
        </button>
      )}
    </details>
  );
}

const besideStories = "(min-width: 60.01rem)"; // as in narrow.css

function useWide(): boolean {
  const [wide, setWide] = useState(() => matchMedia(besideStories).matches);
  useEffect(() => {
    const query = matchMedia(besideStories),
      changed = () => setWide(query.matches);
    query.addEventListener("change", changed);
    return () => query.removeEventListener("change", changed);
  }, []);
  return wide;
}

export function FilterRail({
  q,
  place,
  children,
}: {
  q: string;
  place: URLSearchParams;
  children: ComponentChildren;
}) {
  const { value, error } = useLoaded(
    "facets " + q,
    (signal) => get<Facets>("/v1/facets", { q, limit: 40 }, signal),
    15000,
  );
  const wide = useWide();
  const [whole, setWhole] = useState<Record<string, boolean>>({}); // facets shown whole
  const chosen = filtersOf(place).length;
  const fieldOf = (field: string) => value?.fields.find((f) => f.field === field);
  const groups =
    error && !value ? (
      <p class="quiet">
        {t("facet.failed")} <span lang="en">{error.message}</span>
      </p>
    ) : !value ? (
      <div class="skeleton rows" aria-hidden="true" />
    ) : (
      rail.map((of) => (
        <FacetGroup
          key={of[0]}
          of={of}
          values={fieldOf(of[0])?.values ?? []}
          unknown={fieldOf(of[0])?.unknown ?? 0}
          place={place}
          all={whole[of[0]] ?? false}
          showAll={(all) => setWhole({ ...whole, [of[0]]: all })}
        />
      ))
    );
  return (
    <aside class="rail" aria-label={t("facet.filters")}>
      {children}
      {wide ? (
        groups
      ) : (
        <details class="filters">
          <summary>
            {t("facet.filters")}
            {chosen > 0 ? ` (${chosen})` : ""}
          </summary>
          {groups}
        </details>
      )}
    </aside>
  );
}
