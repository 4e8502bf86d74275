// The filters of Watch: what a query is made of, and the rail that offers values of facets.
import { useEffect, useState } from "preact/hooks";
import { FacetField, Facets, get } from "./api";
import { nameOf, sourceName } from "./catalogue";
import { change, useLoaded } from "./location";
import { count, countryName, genreName, languageName } from "./text";

const rail: [string, string, string][] = [
  ["topic", "Topics", "topic"],
  ["actor", "Actors", "actor"],
  ["language", "Languages", "lang"],
  ["country", "Source countries", "country"],
  ["type", "Genre", "type"],
  ["affiliation", "Affiliation", "affiliation"],
  ["kind", "Kind", "kind"],
  ["source", "Sources", "source"],
];
const closed = ["kind", "source"]; // facets that are not open at first
const valuesShown = 8; // of a facet, before "more"
const quoted = (value: string) => (/[\s()"]/.test(value) ? `"${value.replace(/"/g, "")}"` : value);
export const filtersOf = (place: URLSearchParams) =>
  (place.get("f") ?? "").split("\n").filter(Boolean);

/// The query that the index is asked: what was typed, and each filter of the URL.
export function wholeQuery(place: URLSearchParams): string {
  return joined(place, ["after", "before"]);
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

export function valueName(field: string, value: string, name?: string) {
  if (field === "language" || field === "lang") return languageName(value);
  if (field === "country") return countryName(value);
  if (field === "source") return sourceName(value.replace(/^"|"$/g, ""));
  if (field === "topic" || field === "actor") return name && name !== value ? name : nameOf(value);
  if (field === "type") return genreName(value);
  return value.replace(/_/g, " ");
}
export const filterName = (filter: string) =>
  valueName(filter.slice(0, filter.indexOf(":")), filter.slice(filter.indexOf(":") + 1));

export function toggleFilter(place: URLSearchParams, filter: string) {
  const next = new Set(filtersOf(place));
  next.has(filter) ? next.delete(filter) : next.add(filter);
  change({ f: [...next].join("\n") });
}

function Choice({
  name,
  hits,
  on,
  toggle,
}: {
  name: string;
  hits: number;
  on: boolean;
  toggle: () => void;
}) {
  return (
    <li>
      <button class={on ? "facet on" : "facet"} aria-pressed={on} onClick={toggle}>
        <bdi>{name}</bdi>
        <span class="number">{count(hits)}</span>
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
  of: [string, string, string];
  values: FacetField["values"];
  unknown: number; // articles without a value
  place: URLSearchParams;
  all: boolean; // of its values are shown
  showAll: (all: boolean) => void;
}) {
  const chosen = new Set(filtersOf(place));
  const filterOf = (value: string) => `${name}:${quoted(value)}`;
  const found = new Set(values.map((v) => filterOf(v.value)));
  const kept = [...chosen].filter((f) => f.startsWith(name + ":") && !found.has(f));
  if (!values.length && !kept.length && !unknown) return null;
  return (
    <details open={!closed.includes(field)}>
      <summary>
        <h2>{title}</h2>
      </summary>
      <ul>
        {kept.map((filter) => (
          <Choice
            key={filter}
            name={filterName(filter)}
            hits={0}
            on={true}
            toggle={() => toggleFilter(place, filter)}
          />
        ))}
        {(all ? values : values.slice(0, valuesShown)).map((entry) => (
          <Choice
            key={entry.value}
            name={valueName(field, entry.value, entry.name)}
            hits={entry.count}
            on={chosen.has(filterOf(entry.value))}
            toggle={() => toggleFilter(place, filterOf(entry.value))}
          />
        ))}
        {unknown > 0 && (
          <li class="facet unknown">
            <span>not known</span>
            <span class="number">{count(unknown)}</span>
          </li>
        )}
      </ul>
      {values.length > valuesShown && (
        <button class="plain rest" onClick={() => showAll(!all)}>
          {all ? "fewer" : `${count(values.length - valuesShown)} more`}
        </button>
      )}
    </details>
  );
}

function useWide(): boolean {
  const [wide, setWide] = useState(() => matchMedia("(min-width: 46.01rem)").matches);
  useEffect(() => {
    const query = matchMedia("(min-width: 46.01rem)"),
      changed = () => setWide(query.matches);
    query.addEventListener("change", changed);
    return () => query.removeEventListener("change", changed);
  }, []);
  return wide;
}

export function FilterRail({ q, place }: { q: string; place: URLSearchParams }) {
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
      <p class="quiet">Counts are not to be had: {error.message}</p>
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
    <aside class="rail" aria-label="Filters">
      {wide ? (
        groups
      ) : (
        <details class="filters">
          <summary>Filters{chosen > 0 ? ` (${chosen})` : ""}</summary>
          {groups}
        </details>
      )}
    </aside>
  );
}
