// The judgement of a trend as one sentence, in the reader's language: the server's is English
// (indexer/trend/sentence.cc), and this one says the same by the same rules.
import { Trend } from "./api";
import { Key, interfaceLanguage, locale, t } from "./i18n";
import { valueName } from "./filters";

const mostly = 0.5; // of what is more (or missing)
const worthNaming = 0.15; // of it: one of the sources that are named
const sourcesNamed = 2;

type Value = Trend["by"][number]["values"][number];

/// Those that have most of what is more (or missing), each with what it has of it.
function leading(trend: Trend, field: string, all: number, least: number, limit: number) {
  const values = trend.by.find((one) => one.field === field)?.values ?? [];
  const sign = trend.direction === "down" ? -1 : 1;
  const weightOf = (value: Value) => sign * (value.count - value.usual);
  return values
    .map((value) => ({ name: valueName(field, value.value, value.name), weight: weightOf(value) }))
    .filter(({ name, weight }) => name && weight >= least * all)
    .sort((a, b) => b.weight - a.weight)
    .slice(0, limit);
}

const joined = (names: string[]) =>
  new Intl.ListFormat(locale(), { type: "conjunction" }).format(names);

function who(trend: Trend): string {
  const all = Math.abs(trend.count - (trend.usual?.expected ?? trend.count));
  if (!trend.direction || all <= 0) return "";
  const country = leading(trend, "country", all, mostly, 1).map((one) => one.name);
  const sources = leading(trend, "source", all, worthNaming, sourcesNamed);
  const names = sources.map((one) => one.name);
  if (country.length) return names.length ? `${country[0]} (${joined(names)})` : country[0]!;
  const together = sources.reduce((sum, one) => sum + one.weight, 0);
  return together >= mostly * all ? joined(names) : "";
}

function verdict(trend: Trend): Key {
  const very = trend.verdict === "very_unusual";
  if (trend.direction === "up") return very ? "trend.is_very_unusual" : "trend.is_unusual";
  if (trend.direction === "down") return very ? "trend.is_very_few" : "trend.is_few";
  return "trend.is_usual";
}

export function trendSentence(trend: Trend): string {
  if (interfaceLanguage() === "en") return trend.sentence;
  const today = t("trend.today", { n: trend.count });
  if (trend.reason === "too_few_days") return t("trend.few_days", { today });
  if (trend.reason === "coverage_gap") return t("trend.no_coverage", { today });
  const { low, high } = trend.usual ?? { low: 0, high: 0 };
  const number = (n: number) => n.toLocaleString(locale());
  const range = low === high ? number(low) : `${number(low)}–${number(high)}`;
  const sentence = t(verdict(trend), { today, range });
  const names = who(trend);
  if (!names) return sentence;
  return t(trend.direction === "down" ? "trend.missing" : "trend.mostly", { sentence, names });
}
