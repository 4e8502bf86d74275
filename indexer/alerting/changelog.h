#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>

#include "indexer/alerting/store.h"
#include "platform/log/log.h"

/// The traffic between the alerter's local state and the topics `deliveries` and `digests`.
namespace vigie::indexer::alerting {

/// Sends the changelog rows of the partitions we own to their topics, and forgets them once they
/// are durable there. A crash in between sends them again. Rows of other partitions wait: their
/// owner may be further.
Result<void> relay_changelog(Store& store, log::Producer& producer, const Store::Wanted& ours);

/// Brings the local state of one partition of `matches` up to date before it is worked on: if
/// `deliveries` tells of an offset beyond the local one (an empty directory, or another owner
/// meanwhile), or the group has committed one, or `digests` of a slot that was closed later than
/// the local one, or `deliveries` holds the mark of somebody else, who may have sent what is
/// pending here: then all they hold for the partition takes the place of what is here. Out: false
/// if a stop was asked for first; the next call begins again. Errors: those of
/// TopicFollower::follow_to_end and of the store.
Result<bool> catch_up(Store& store, log::Log& log, std::int32_t partition,
                      std::optional<std::int64_t> committed, std::int64_t keep_ms,
                      const std::stop_token& stop);

/// The changelog record of an offset. Its partition key is a number made to fall into `partition`
/// of `partitions`.
log::NewRecord position_record(std::int32_t partition, std::int32_t partitions,
                               std::int64_t next_offset);

/// The newest mark of a partition, here and for the log; `mark`: not 0, and made by nobody else.
Result<void> put_mark(Store& store, storage::Batch& batch, std::int32_t partition,
                      std::int32_t partitions, std::uint64_t mark);

/// The changelog record of a mark.
log::NewRecord learned_record(std::int32_t partition, std::int32_t partitions, std::uint64_t mark);

}  // namespace vigie::indexer::alerting
