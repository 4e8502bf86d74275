#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "indexer/rhythm/rule.h"

/// How often a rule would have told what was found. Pure.
namespace vigie::indexer::rhythm {

/// Articles of an hour.
struct HourCount {
  std::int64_t begin_unix_ms = 0;
  std::uint64_t articles = 0;
};

struct Estimate {
  double messages_per_day = 0;  // of one channel
  std::uint64_t messages = 0;   // in the time looked at
  std::uint64_t articles = 0;
  std::uint64_t stories = 0;
  /// For people: "about 9 a day: 60 articles, 41 stories".
  std::string text() const;
};

/// In: hours with articles, ascending, from `begin` to `end`; `stories_of_articles`: how many
/// stories there are for each article, 0 to 1. What falls into an hour counts as if it came in its
/// middle. Snooze and pause are left out: they end.
Estimate estimate(const Rule& rule, const std::vector<HourCount>& hours, double stories_of_articles,
                  std::int64_t begin_unix_ms, std::int64_t end_unix_ms);

}  // namespace vigie::indexer::rhythm
