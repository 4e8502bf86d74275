#include "indexer/query/filter.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

#include "indexer/analysis/analysis.h"
#include "indexer/query/signs.h"
#include "platform/dates/dates.h"
#include "platform/text/ascii.h"
#include "platform/text/iso_codes.h"
#include "platform/text/nearest.h"
#include "platform/text/utf8.h"

namespace vigie::indexer::query {
namespace {

struct Name {
  std::string_view name;
  Filter filter;
};

// The first name of a filter is the canonical one.
constexpr std::array<Name, 20> kNames{{{"topic", Filter::kTopic},
                                       {"about", Filter::kAbout},
                                       {"mention", Filter::kMention},
                                       {"actor", Filter::kActor},
                                       {"lang", Filter::kLanguage},
                                       {"language", Filter::kLanguage},
                                       {"country", Filter::kCountry},
                                       {"source", Filter::kSource},
                                       {"site", Filter::kSite},
                                       {"author", Filter::kAuthor},
                                       {"section", Filter::kSection},
                                       {"kind", Filter::kKind},
                                       {"affiliation", Filter::kAffiliation},
                                       {"type", Filter::kType},
                                       {"genre", Filter::kType},
                                       {"story", Filter::kStory},
                                       {"event", Filter::kEvent},
                                       {"after", Filter::kAfter},
                                       {"before", Filter::kBefore},
                                       {"within", Filter::kWithin}}};

constexpr std::array<std::string_view, 12> kKinds{
    "newspaper", "broadcaster", "agency", "magazine", "trade", "think_tank",
    "official",  "company",     "lab",    "blog",     "ngo",   "fact_check"};
constexpr std::array<std::string_view, 5> kAffiliations{"independent", "state-run", "state-funded",
                                                        "government", "party"};
constexpr std::array<std::string_view, 8> kGenres{
    "news", "opinion", "analysis", "interview", "live", "press-release", "fact-check", "listing"};
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

std::string quoted(std::string_view typed) { return '"' + std::string(typed) + '"'; }

/// "; did you mean lang:fr?", or nothing where nothing is near.
std::string meant(std::string_view name, std::string_view value) {
  if (value.empty()) return {};
  return "; did you mean " + std::string(name) + ":" + std::string(value) + "?";
}

/// "actor:org:nvidia", and "actor:org:*" for any of a kind.
Result<FilterValue> actor(std::string_view typed) {
  const std::size_t colon = typed.find(':');
  const std::string type = text::ascii_lower(typed.substr(0, colon));
  const bool known = std::find(kActorTypes.begin(), kActorTypes.end(), type) != kActorTypes.end();
  if (colon == std::string_view::npos || !known) {
    return expected("the id of an actor, which begins with one of " + list_of(kActorTypes) +
                    ", such as actor:org:nvidia or actor:country:CN");
  }
  std::string name(typed.substr(colon + 1));
  if (name == "*") return FilterValue{type + ":*", 0};
  if (type == "country") {
    std::transform(name.begin(), name.end(), name.begin(),
                   [](char c) { return text::ascii::is_lower(c) ? static_cast<char>(c - 32) : c; });
    if (name.size() != 2 || !is_letter(name[0]) || !is_letter(name[1]))
      return expected("a country of two letters, such as actor:country:CN" +
                      meant("actor:country", text::country_called(name)));
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

/// Hyphens, underscores and spaces are one: think-tank, state run.
std::string loosely(std::string_view value) {
  std::string out = text::ascii_lower(value);
  std::replace(out.begin(), out.end(), '_', '-');
  std::replace(out.begin(), out.end(), ' ', '-');
  return out;
}

template <std::size_t N>
Result<FilterValue> one_of(std::string_view name, std::string_view typed,
                           const std::array<std::string_view, N>& values) {
  for (std::string_view value : values) {
    if (loosely(value) == loosely(typed)) return FilterValue{std::string(value), 0};
  }
  const std::string lower = text::ascii_lower(typed);
  return expected("one of " + list_of(values) + "; " + quoted(typed) + " is none" +
                  meant(name, text::nearest(lower, values)));
}

/// A genre; a kind of source is one under another name.
Result<FilterValue> genre(std::string_view typed) {
  Result<FilterValue> out = one_of("type", typed, kGenres);
  if (out) return out;
  const Result<FilterValue> kind = one_of("kind", typed, kKinds);
  if (!kind) return out;
  return expected("one of " + list_of(kGenres) + "; " + quoted(typed) + " is a kind of source" +
                  meant("kind", kind->value));
}

Result<FilterValue> country(std::string_view typed) {
  std::string code(typed);
  for (char& c : code) c = text::ascii::is_lower(c) ? static_cast<char>(c - 32) : c;
  if (code == "UK") code = "GB";
  if (text::is_country(code)) return FilterValue{std::move(code), 0};
  return expected("a country of two letters (ISO 3166-1), such as country:CN; " + quoted(typed) +
                  " is none" + meant("country", text::country_called(typed)));
}

Result<FilterValue> language(std::string_view typed) {
  std::string code = analysis::normalise_language(typed);
  if (code == "no" || text::is_language(code)) return FilterValue{std::move(code), 0};
  return expected("a language of two letters (ISO 639-1), such as lang:fr; " + quoted(typed) +
                  " is none" + meant("lang", text::language_called(typed)));
}

Result<FilterValue> name(std::string_view typed, std::string_view such_as) {
  std::string words = analysis::normalise_name(typed);
  if (words.empty()) return expected(std::string(such_as));
  return FilterValue{std::move(words), 0};
}

Result<FilterValue> site(std::string_view typed) {
  std::string host = analysis::normalise_host(typed);
  if (host.empty()) return expected("a site, such as site:lemonde.fr");
  return FilterValue{std::move(host), 0};
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
  return "title, topic, about, mention, actor, lang, country, source, site, author, section, kind, "
         "affiliation, type, story, event, after, before, within";
}

std::span<const std::string_view> field_names() {
  static constexpr std::array<std::string_view, 21> kAll{
      "title",   "topic",  "about", "mention", "actor",   "lang",   "language",
      "country", "source", "site",  "author",  "section", "kind",   "affiliation",
      "type",    "genre",  "story", "event",   "after",   "before", "within"};
  return kAll;
}

bool search_only(Filter filter) {
  return filter == Filter::kStory || filter == Filter::kEvent || filter == Filter::kAfter ||
         filter == Filter::kBefore || filter == Filter::kWithin;
}

Result<FilterValue> parse_filter_value(Filter filter, std::string_view written) {
  const std::string plain = plain_value(written);
  const std::string_view typed = plain;
  if (typed.empty())
    return expected("a value right after " + std::string(filter_name(filter)) + ":");
  if (typed.size() > kMaxValueBytes)
    return expected("a value of at most " + std::to_string(kMaxValueBytes) + " bytes");
  const bool any = typed == "*";
  switch (filter) {
    case Filter::kTopic: return any ? FilterValue{"*", 0} : topic(typed);
    case Filter::kActor: return any ? FilterValue{"*", 0} : actor(typed);
    case Filter::kAbout:
    case Filter::kMention:
      if (any) return FilterValue{"*", 0};
      return typed.find(':') == std::string_view::npos ? topic(typed) : actor(typed);
    case Filter::kLanguage: return language(typed);
    case Filter::kCountry: return country(typed);
    case Filter::kKind: return one_of("kind", typed, kKinds);
    case Filter::kAffiliation: return one_of("affiliation", typed, kAffiliations);
    case Filter::kType: return genre(typed);
    case Filter::kSource:
      return name(typed, "the name or the id of a source, such as source:\"Le Monde\"");
    case Filter::kSite: return site(typed);
    case Filter::kAuthor: return name(typed, "the name of an author, such as author:\"Ana Ruiz\"");
    case Filter::kSection: return name(typed, "the name of a section, such as section:business");
    case Filter::kStory:
    case Filter::kEvent: {
      std::string id = text::ascii_lower(typed);
      if (!is_slug(id, "-_"))
        return expected("the id of " +
                        std::string(filter == Filter::kStory ? "a story" : "an event") +
                        ": letters and digits");
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
