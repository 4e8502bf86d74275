#pragma once

#include "platform/log/kafka_client.h"

namespace vigie::log::kafka {

/// Joins a group: eager assignor (cooperative rebalancing of librdkafka before 2.6.1 has faults),
/// static membership. Errors: kStop bad_setting; the rest comes from poll().
Result<std::unique_ptr<Group>> join_group(Shared& shared, const std::string& group,
                                          std::span<const proto::Topic> topics,
                                          const MemberOptions& options);

/// A consumer that belongs to a group only to ask for and to set its offsets.
Result<Handle> make_group_observer(Shared& shared, const std::string& group);

}  // namespace vigie::log::kafka
