#pragma once

#include <cstdint>
#include <functional>

#include "platform/log/log.h"
#include "platform/result/result.h"
#include "proto/article.pb.h"

namespace vigie::extractor::service {

/// What came of going through the stored articles.
struct RewriteCounts {
  std::uint64_t articles = 0;  // the newest record of each
  std::uint64_t changed = 0;   // appended as they are now
  std::uint64_t unreadable = 0;
};

/// Shows the newest record of every article of the log to `change`, and appends it where that says
/// that it is another now. The new record is the old one, fetched a millisecond later, so that it
/// is the one that counts, and raises no alerts. What arrives meanwhile is left as it is.
/// `progress`, if given, is called now and then. Reads the log twice; memory: some 50 bytes an
/// article. Errors: kStop if the log cannot be read or written.
Result<RewriteCounts> rewrite(log::Log& log, const std::function<bool(v1::ArticleRecord&)>& change,
                              const std::function<void(const RewriteCounts&)>& progress = {});

}  // namespace vigie::extractor::service
