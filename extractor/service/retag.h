#pragma once

#include <cstdint>
#include <functional>

#include "extractor/service/page_stage.h"
#include "platform/log/log.h"
#include "platform/result/result.h"

namespace vigie::extractor::service {

/// What came of tagging stored articles again.
struct RetagCounts {
  std::uint64_t articles = 0;  // the newest record of each
  std::uint64_t changed = 0;   // appended with other tags
  std::uint64_t unreadable = 0;
};

/// Tags the newest record of every article of the log again, and appends it where its tags are
/// others now. The new record is the old one, fetched a millisecond later, so that it is the one
/// that counts, and raises no alerts. What arrives meanwhile is left to the extractor. `progress`,
/// if given, is called now and then. Reads the log twice; memory: some 50 bytes an article.
/// Errors: kStop if the log cannot be read or written.
Result<RetagCounts> retag(log::Log& log, const Tagging& tagging,
                          const std::function<void(const RetagCounts&)>& progress = {});

}  // namespace vigie::extractor::service
