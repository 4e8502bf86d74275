#include "indexer/delivery/parts.h"

#include <cmath>

#include "platform/dates/dates.h"

namespace vigie::indexer::delivery {
namespace {

constexpr double kHundredths = 100;

Json integer(std::uint64_t value) { return static_cast<std::int64_t>(value); }

}  // namespace

Json spike_json(const v1::Spike& spike) {
  const double expected = std::round(spike.expected() * kHundredths) / kHundredths;
  return Json::object({{"begin", dates::rfc3339_seconds(spike.begin_unix_ms())},
                       {"end", dates::rfc3339_seconds(spike.end_unix_ms())},
                       {"count", integer(spike.count())},
                       {"usual", Json::object({{"expected", expected},
                                               {"low", integer(spike.usual_low())},
                                               {"high", integer(spike.usual_high())}})},
                       {"direction", spike.drop() ? "down" : "up"},
                       {"verdict", spike.very_unusual() ? "very_unusual" : "unusual"},
                       {"sentence", spike.sentence()}});
}

Json reported_json(const v1::EventReach& reach) {
  if (reach.articles() == 0) return {};
  Json languages = Json::array();
  for (const std::string& language : reach.languages()) languages.push(language);
  return Json::object({{"articles", integer(reach.articles())},
                       {"languages", std::move(languages)},
                       {"sources", integer(reach.sources())}});
}

}  // namespace vigie::indexer::delivery
