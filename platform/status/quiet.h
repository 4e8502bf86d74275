#pragma once

#include <algorithm>
#include <cstdint>

#include "proto/status.pb.h"

namespace vigie::status {

/// A source has gone quiet after so many of the gaps that are usual between its articles, and not
/// within an hour: a rhythm of minutes varies too much to judge.
inline constexpr double kQuietGaps = 3;
inline constexpr double kQuietLeastS = 3600;
/// Where no rhythm is known.
inline constexpr double kQuietUnknownS = 24 * 3600;

/// Whether a source has gone quiet. The one rule: for its state, and so for metric and alert, and
/// for what the API and the pages say. Where there never was an article, never.
/// Pure.
inline bool gone_quiet(const v1::SourceStatus& source, std::int64_t now_unix_ms) {
  if (source.last_article_unix_ms() == 0) return false;
  const double silent_s = static_cast<double>(now_unix_ms - source.last_article_unix_ms()) / 1000;
  const double expected_s = source.expected_interval_s();
  return silent_s >
         (expected_s > 0 ? std::max(kQuietLeastS, kQuietGaps * expected_s) : kQuietUnknownS);
}

}  // namespace vigie::status
