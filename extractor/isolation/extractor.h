#pragma once

#include <functional>
#include <memory>
#include <string>

#include "extractor/extract.h"
#include "platform/result/result.h"
#include "proto/article.pb.h"

namespace vigie::extractor::isolation {

/// The seam extract(page) → Result, for many pages: in this process, or in a worker child whose
/// death costs one page. One thread at a time.
class Extractor {
 public:
  /// The next page, a serialised PageRecord that lives until its outcome was taken; null where
  /// there is none.
  using Next = std::function<const std::string*()>;
  /// What came of a page, in the order of `next`; `attempts` is how often it was tried.
  using Done = std::function<void(Result<v1::ArticleRecord> article, int attempts)>;

  virtual ~Extractor() = default;
  /// Until `next` gives no more and everything is done.
  /// Errors: kStop worker_not_started, if the worker program cannot be run.
  virtual Result<void> run(const Next& next, const Done& done) = 0;
};

/// extract() over the bytes of a PageRecord. Errors: those of extract(); kQuarantine bad_record
/// where they are none.
Result<v1::ArticleRecord> parse_record(const std::string& page, const ExtractLimits& limits);

/// One page by `extractor`. Errors: those of run() and of the page.
Result<v1::ArticleRecord> extract_one(Extractor& extractor, const std::string& page);

/// In the caller's thread.
std::unique_ptr<Extractor> make_direct(const ExtractLimits& limits);

}  // namespace vigie::extractor::isolation
