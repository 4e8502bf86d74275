// What may be said of a source: the fields of a new one and of one that is changed.
import type { SourceDraft } from "vigie-api";
import { t } from "./i18n";
import { affiliationName, kindName } from "./text";

export interface Fields {
  name: string;
  homepage: string;
  feeds: string;
  sitemaps: string;
  sections: string;
  country: string;
  language: string;
  kind: string;
  affiliation: string;
  pollMinutes: string;
}

const kinds = [
  "newspaper",
  "broadcaster",
  "agency",
  "magazine",
  "trade",
  "think_tank",
  "official",
  "company",
  "lab",
  "blog",
  "ngo",
  "fact_check",
];
const affiliations = ["independent", "state-run", "state-funded", "government", "party"];

const lines = (text: string) =>
  text
    .split(/\s+/)
    .map((line) => line.trim())
    .filter(Boolean);

/// As the API takes it.
export const draftOf = (fields: Fields): SourceDraft => ({
  name: fields.name.trim(),
  homepage: fields.homepage.trim(),
  feeds: lines(fields.feeds),
  sitemaps: lines(fields.sitemaps),
  sections: lines(fields.sections),
  country: fields.country.trim().toUpperCase(),
  language: fields.language.trim(),
  kind: fields.kind,
  affiliation: fields.affiliation,
  poll_every_s: Math.round(Number(fields.pollMinutes || 0) * 60),
});

/// Members that differ: what people did not touch stays as the file says.
export function changeOf(before: Fields, after: Fields): Partial<SourceDraft> {
  const old = draftOf(before) as unknown as Record<string, unknown>;
  return Object.fromEntries(
    Object.entries(draftOf(after)).filter(
      ([name, value]) => JSON.stringify(value) !== JSON.stringify(old[name]),
    ),
  );
}

function Choice({
  label,
  value,
  all,
  name,
  set,
}: {
  label: string;
  value: string;
  all: string[];
  name: (value: string) => string;
  set: (value: string) => void;
}) {
  return (
    <label>
      {label}
      <select value={value} onChange={(event) => set(event.currentTarget.value)}>
        <option value="">{t("unknown")}</option>
        {all.map((one) => (
          <option key={one} value={one}>
            {name(one)}
          </option>
        ))}
      </select>
    </label>
  );
}

function Kinds({ fields, set }: { fields: Fields; set: (fields: Fields) => void }) {
  return (
    <>
      <Choice
        label={t("source.kind")}
        value={fields.kind}
        all={kinds}
        name={kindName}
        set={(kind) => set({ ...fields, kind })}
      />
      <Choice
        label={t("source.affiliation")}
        value={fields.affiliation}
        all={affiliations}
        name={affiliationName}
        set={(affiliation) => set({ ...fields, affiliation })}
      />
    </>
  );
}

/// `addresses`: also what is polled, one a line.
export function SourceFields({
  fields,
  set,
  addresses,
}: {
  fields: Fields;
  set: (fields: Fields) => void;
  addresses: boolean;
}) {
  const text = (name: keyof Fields, label: string, more: object = {}) => (
    <label>
      {label}
      <input
        value={fields[name]}
        onInput={(event) => set({ ...fields, [name]: event.currentTarget.value })}
        {...more}
      />
    </label>
  );
  const area = (name: keyof Fields, label: string) => (
    <label class="wide">
      {label}
      <textarea
        rows={Math.min(6, Math.max(2, lines(fields[name]).length))}
        spellcheck={false}
        value={fields[name]}
        onInput={(event) => set({ ...fields, [name]: event.currentTarget.value })}
      />
    </label>
  );
  return (
    <div class="source-fields">
      {text("name", t("field.name"), { required: true, maxLength: 200 })}
      {text("homepage", t("source.homepage"), { required: true, type: "url" })}
      {addresses && area("feeds", t("field.feeds"))}
      {addresses && area("sitemaps", t("field.sitemaps"))}
      {addresses && area("sections", t("field.sections"))}
      {text("country", t("field.country"), { maxLength: 2, size: 4, placeholder: "FR" })}
      {text("language", t("source.language"), { maxLength: 35, size: 8, placeholder: "fr" })}
      <Kinds fields={fields} set={set} />
      {text("pollMinutes", t("field.minutes"), {
        type: "number",
        min: 0,
        max: 10080,
        placeholder: t("field.by_itself"),
      })}
    </div>
  );
}
