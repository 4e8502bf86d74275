#pragma once

#include <cstdint>

#include "proto/article.pb.h"

namespace vigie::indexer::alerting {

/// Whether an article may alert at all (ops/spec/records.md, "What may raise alerts"): it was
/// crawled and its time lies at most `max_age_ms` (alerts.max_age) before its discovery, or it was
/// ingested or replayed by somebody who asked for alerts (--alerts), whatever its age. For the
/// shard: an article that may not is not matched. Its time is when it was published, if that is
/// known and not later than its discovery, else its discovery.      Threads: pure.
bool may_alert(const v1::ArticleRecord& article, std::int64_t max_age_ms);

}  // namespace vigie::indexer::alerting
