#include "indexer/analysis/first.h"

#include <string_view>
#include <tuple>

#include "indexer/analysis/analysis.h"

namespace vigie::indexer::analysis {

bool is_earlier(const v1::ArticleSummary& a, const v1::ArticleSummary& b) {
  const auto key = [](const v1::ArticleSummary& one) {
    return std::tuple(
        first_time_unix_ms(one.published_unix_ms(), one.published(), one.discovered_at_unix_ms()),
        one.discovered_at_unix_ms(), std::string_view(one.article_id()));
  };
  return key(a) < key(b);
}

}  // namespace vigie::indexer::analysis
