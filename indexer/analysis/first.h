#pragma once

#include "proto/match.pb.h"

namespace vigie::indexer::analysis {

/// Who was first in a story: by the time at which it was first there (first_time_unix_ms), then by
/// discovery, then by id. The one order of the API, of pages, of hits by story and of alerts. A
/// strict weak order. Pure.
bool is_earlier(const v1::ArticleSummary& a, const v1::ArticleSummary& b);

}  // namespace vigie::indexer::analysis
