#include "indexer/alerting/eligibility.h"

namespace vigie::indexer::alerting {

bool may_alert(const v1::ArticleRecord& article, std::int64_t max_age_ms) {
  if (!article.raise_alerts()) return false;
  if (article.origin() != v1::ORIGIN_CRAWL) return true;
  const std::int64_t discovered = article.discovered_at_unix_ms();
  const std::int64_t published = article.published().unix_ms();
  const bool known = article.has_published() &&
                     article.published().precision() != v1::DATE_PRECISION_NONE &&
                     published <= discovered;
  return !known || published >= discovered - max_age_ms;
}

}  // namespace vigie::indexer::alerting
