#pragma once

#include <optional>
#include <string>
#include <vector>

#include "indexer/alerting/digest_entries.h"
#include "indexer/search/index.h"
#include "platform/log/log.h"

namespace vigie::indexer::service {

/// Which events articles belong to by now, as the shards know, here and at the peers. A match is
/// made before its article has an event; a digest is put together later. What does not answer is
/// left out. For the alerter's thread.
alerting::Events events_of(const search::Index& index, log::Log& log,
                           const std::vector<std::string>& article_ids);

/// How far an event is reported by now, copies included; nothing where nobody answers, or no
/// article of it is left. For the alerter's thread.
std::optional<v1::EventReach> reach_of(const search::Index& index, const std::string& event_id);

}  // namespace vigie::indexer::service
