#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "platform/result/result.h"

/// What may be said of a source, wherever it is said: in a source file, in a call of the API, in an
/// OPML file. Pure functions. Errors, of all: kQuarantine bad_source with a sentence for people.
namespace vigie::source_rules {

inline constexpr std::size_t kMaxNameBytes = 200;
/// Feeds, sitemaps or sections of one source, each.
inline constexpr std::size_t kMaxUrls = 1'000;
/// Most sources of a deployment.
inline constexpr std::size_t kMaxSources = 20'000;
inline constexpr std::array<std::string_view, 12> kKinds{
    "newspaper", "broadcaster", "agency", "magazine", "trade", "think_tank",
    "official",  "company",     "lab",    "blog",     "ngo",   "fact_check"};
inline constexpr std::array<std::string_view, 5> kAffiliations{
    "independent", "state-run", "state-funded", "government", "party"};

/// An http or https URL without user name, password and fragment, as it is polled: a parameter that
/// is tracking on an article may select a feed, and stays.
Result<std::string> http_url(std::string_view written);

/// ISO 3166-1 alpha-2 in capitals; BCP 47; words of the lists above. "" passes.
Result<void> check_country(std::string_view country);
Result<void> check_language(std::string_view language);
Result<void> check_kind(std::string_view kind);
Result<void> check_affiliation(std::string_view affiliation);

/// Slug of a name, lower-case ASCII [a-z0-9-]{1,64}; "" where nothing of it is Latin.
std::string slug(std::string_view name);
/// What the id of a source begins as: the slug of its name, else of the host of its homepage, else
/// "source". A second one of the same gets "-2".
std::string id_base(std::string_view name, std::string_view homepage);

}  // namespace vigie::source_rules
