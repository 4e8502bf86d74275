#pragma once

#include <chrono>
#include <cstdint>

#include "platform/result/result.h"
#include "proto/article.pb.h"
#include "proto/page.pb.h"

namespace vigie::extractor {

struct Explanation;  // explanation.h

/// Budgets of one page. The values are those of ops/spec/command_line.md: at most 1 s and 256 MiB
/// whatever the page holds.
struct ExtractLimits {
  // of the body that are read; the rest is cut and the record says so
  std::size_t page_bytes = 8ULL << 20;
  std::size_t dom_bytes = 64ULL << 20;      // arena of the parser
  std::chrono::milliseconds dom_time{500};  // of the parser; past it the text-only pass is made
};

/// Version written into ArticleRecord.extractor_version; changes whenever output may change.
inline constexpr const char* kExtractorVersion = "8";

/// PageRecord in → ArticleRecord out, without topics and actors (extractor/tagging fills those).
/// Deterministic: the same record gives the same bytes. Thread-safe, no I/O.
/// Errors (kQuarantine): empty_page, not_html, empty_text, bad_record.
/// `explanation`, if given, is filled for pages that give an article.
Result<v1::ArticleRecord> extract(const v1::PageRecord& page, const ExtractLimits& limits = {},
                                  Explanation* explanation = nullptr);

}  // namespace vigie::extractor
