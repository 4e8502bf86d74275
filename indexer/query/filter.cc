#include "indexer/query/filter.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

#include "indexer/analysis/analysis.h"
#include "platform/dates/dates.h"
#include "platform/text/ascii.h"
#include "platform/text/utf8.h"

namespace vigie::indexer::query {
namespace {

struct Name {
  std::string_view name;
  Filter filter;
};

// The first name of a filter is the canonical one.
constexpr std::array<Name, 14> kNames{{{"topic", Filter::kTopic},
                                       {"about", Filter::kAbout},
                                       {"mention", Filter::kMention},
                                       {"actor", Filter::kActor},
                                       {"lang", Filter::kLanguage},
                                       {"language", Filter::kLanguage},
                                       {"country", Filter::kCountry},
                                       {"source", Filter::kSource},
                                       {"kind", Filter::kKind},
                                       {"affiliation", Filter::kAffiliation},
                                       {"story", Filter::kStory},
                                       {"after", Filter::kAfter},
                                       {"before", Filter::kBefore},
                                       {"within", Filter::kWithin}}};

constexpr std::array<std::string_view, 12> kKinds{
    "newspaper", "broadcaster", "agency", "magazine", "trade", "think_tank",
    "official",  "company",     "lab",    "blog",     "ngo",   "fact_check"};
constexpr std::array<std::string_view, 5> kAffiliations{"independent", "state-run", "state-funded",
                                                        "government", "party"};
constexpr std::array<std::string_view, 9> kActorTypes{
    "country", "org", "body", "agency", "person", "product", "place", "law", "concept"};

// longer than any id or name of a source
constexpr std::size_t kMaxValueBytes = 200;
constexpr std::int64_t kMaxWithinMs = 3650LL * 24 * 3600 * 1000;  // ten years: more is no filter

tl::unexpected<Error> expected(std::string what) {
  return failure(Disposition::kQuarantine, "bad_query", "expected " + std::move(what), {});
}

using text::ascii::is_letter;

bool is_lower_or_digit(char c) { return text::ascii::is_lower(c) || text::ascii::is_digit(c); }

/// [a-z0-9] and `also`, not empty.
bool is_slug(std::string_view text, std::string_view also) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [also](char c) {
    return is_lower_or_digit(c) || also.find(c) != std::string_view::npos;
  });
}

template <std::size_t N>
std::string list_of(const std::array<std::string_view, N>& values) {
  std::string out;
  for (std::string_view value : values) {
    if (!out.empty()) out += ", ";
    out += value;
  }
  return out;
}

Result<FilterValue> actor(std::string_view typed) {
  const std::size_t colon = typed.find(':');
  const std::string type = text::ascii_lower(typed.substr(0, colon));
  const bool known = std::find(kActorTypes.begin(), kActorTypes.end(), type) != kActorTypes.end();
  if (colon == std::string_view::npos || !known) {
    return expected("the id of an actor, which begins with one of " + list_of(kActorTypes) +
                    ", such as actor:org:nvidia or actor:country:CN");
  }
  std::string name(typed.substr(colon + 1));
  if (type == "country") {
    std::transform(name.begin(), name.end(), name.begin(),
                   [](char c) { return text::ascii::is_lower(c) ? static_cast<char>(c - 32) : c; });
    if (name.size() != 2 || !is_letter(name[0]) || !is_letter(name[1]))
      return expected("a country of two letters, such as actor:country:CN");
  } else {
    name = text::ascii_lower(name);
    if (!is_slug(name, "-_."))
      return expected("an id of letters, digits and hyphens after " + type +
                      ":, such as actor:org:nvidia");
  }
  return FilterValue{type + ":" + name, 0};
}

Result<FilterValue> topic(std::string_view typed) {
  std::string id = text::ascii_lower(typed);
  if (!is_slug(id, "-_")) return expected("the id of a topic, such as topic:export-controls");
  return FilterValue{std::move(id), 0};
}

template <std::size_t N>
Result<FilterValue> one_of(std::string_view typed, const std::array<std::string_view, N>& values) {
  std::string value = text::ascii_lower(typed);
  if (std::find(values.begin(), values.end(), value) == values.end())
    return expected("one of " + list_of(values));
  return FilterValue{std::move(value), 0};
}

Result<FilterValue> country(std::string_view typed) {
  if (typed.size() != 2 || !is_letter(typed[0]) || !is_letter(typed[1]))
    return expected("a country of two letters (ISO 3166-1), such as country:CN");
  std::string code(typed);
  for (char& c : code) c = c >= 'a' ? static_cast<char>(c - 32) : c;
  return FilterValue{code == "UK" ? "GB" : code, 0};
}

Result<FilterValue> language(std::string_view typed) {
  std::string code = analysis::normalise_language(typed);
  const bool letters = std::all_of(code.begin(), code.end(), text::ascii::is_lower);
  if (!letters || code.size() < 2 || code.size() > 3)
    return expected("a language of two letters (ISO 639-1), such as lang:fr");
  return FilterValue{std::move(code), 0};
}

Result<FilterValue> instant(std::string_view typed) {
  const auto ms = dates::parse_rfc3339(typed);
  if (!ms) return expected("a day such as 2026-01-31, or a time such as 2026-01-31T18:00:00Z");
  return FilterValue{{}, *ms};
}

struct Unit {
  char letter;
  std::int64_t ms;
};
constexpr std::array<Unit, 5> kUnits{
    {{'w', 604'800'000}, {'d', 86'400'000}, {'h', 3'600'000}, {'m', 60'000}, {'s', 1'000}}};

Result<FilterValue> length_of_time(std::string_view typed) {
  constexpr std::string_view kExpected =
      "a length of time such as 24h, 7d or 30m, at most ten years";
  std::int64_t count = 0;
  const auto [end, problem] = std::from_chars(typed.data(), typed.data() + typed.size(), count);
  if (problem != std::errc() || end + 1 != typed.data() + typed.size() || count <= 0)
    return expected(std::string(kExpected));
  for (const Unit& unit : kUnits) {
    if (unit.letter != *end) continue;
    if (count > kMaxWithinMs / unit.ms) break;
    return FilterValue{{}, count * unit.ms};
  }
  return expected(std::string(kExpected));
}

std::string written_instant(std::int64_t unix_ms) {
  if (unix_ms % dates::kMsPerDay == 0) return dates::day(unix_ms);
  return unix_ms % 1000 == 0 ? dates::rfc3339_seconds(unix_ms) : dates::rfc3339(unix_ms);
}

}  // namespace

std::optional<Filter> filter_named(std::string_view name) {
  for (const Name& known : kNames) {
    if (known.name == name) return known.filter;
  }
  return std::nullopt;
}

std::string_view filter_name(Filter filter) {
  for (const Name& known : kNames) {
    if (known.filter == filter) return known.name;
  }
  return {};
}

std::string_view known_fields() {
  return "title, topic, about, mention, actor, lang, country, source, kind, affiliation, story, "
         "after, before, within";
}

bool search_only(Filter filter) {
  return filter == Filter::kStory || filter == Filter::kAfter || filter == Filter::kBefore ||
         filter == Filter::kWithin;
}

Result<FilterValue> parse_filter_value(Filter filter, std::string_view typed) {
  if (typed.empty())
    return expected("a value right after " + std::string(filter_name(filter)) + ":");
  if (typed.size() > kMaxValueBytes)
    return expected("a value of at most " + std::to_string(kMaxValueBytes) + " bytes");
  switch (filter) {
    case Filter::kTopic: return topic(typed);
    case Filter::kActor: return actor(typed);
    case Filter::kAbout:
    case Filter::kMention:
      return typed.find(':') == std::string_view::npos ? topic(typed) : actor(typed);
    case Filter::kLanguage: return language(typed);
    case Filter::kCountry: return country(typed);
    case Filter::kKind: return one_of(typed, kKinds);
    case Filter::kAffiliation: return one_of(typed, kAffiliations);
    case Filter::kSource: {
      std::string name = analysis::normalise_name(typed);
      if (name.empty())
        return expected("the name or the id of a source, such as source:\"Le Monde\"");
      return FilterValue{std::move(name), 0};
    }
    case Filter::kStory: {
      std::string id = text::ascii_lower(typed);
      if (!is_slug(id, "-_")) return expected("the id of a story: letters and digits");
      return FilterValue{std::move(id), 0};
    }
    case Filter::kAfter:
    case Filter::kBefore: return instant(typed);
    case Filter::kWithin: return length_of_time(typed);
  }
  return expected("a filter");
}

std::string canonical_value(const Node& node) {
  if (node.filter == Filter::kAfter || node.filter == Filter::kBefore)
    return written_instant(node.value_ms);
  if (node.filter != Filter::kWithin) return node.value;
  for (const Unit& unit : kUnits) {
    if (node.value_ms % unit.ms == 0) return std::to_string(node.value_ms / unit.ms) + unit.letter;
  }
  return std::to_string(node.value_ms / 1000) + 's';
}

}  // namespace vigie::indexer::query
