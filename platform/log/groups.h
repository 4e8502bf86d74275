#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/config/settings.h"
#include "platform/log/log.h"

namespace vigie::log {

/// Who reads the log as a member of a group.
enum class Role {
  kCrawler,    // frontier
  kExtractor,  // pages
  kShards,     // articles
  kClusterer,  // fingerprints
  kAlerter,    // matches
  kPublisher,  // deliveries
  kWatcher,    // status
};

/// The topic whose partitions the group of a role shares.
proto::Topic topic_of(Role role);

/// Name of the consumer group of a role in this process. A program of one stage takes `log.group`;
/// in the all-in-one program each stage has the group it has by default, because one name would be
/// that of three. The clusterer and the alerter are of one deployment, not of a group of indexers,
/// so theirs come from `log.prefix`.
std::string group_of(Role role, const config::Settings& settings);

/// What the readers of a topic do at a gap, and so what `vigie log skip` does.
enum class AtGap {
  kGroupMoves,    // the offset is the group's: it is moved
  kAcknowledges,  // readers keep their offsets and look for an acknowledgement in kSkipGroup
  kReadsAgain,    // the topic is compacted: readers begin again, there is nothing to skip
  kStops,         // the reader stops, and has another way out
  kNobodyStops,   // who reads it only shows it, and goes on with what is there
};
AtGap at_gap(proto::Topic topic);

/// Why `vigie log skip` does nothing for a topic, with what to do instead; nothing where it does.
std::optional<std::string> skip_refusal(proto::Topic topic);

/// Groups that read the topic and that a person who runs `vigie log skip` may mean: that of the
/// role, and `log.group` where it was set, as it is for a stage that runs alone.
std::vector<std::string> groups_reading(proto::Topic topic, const config::Settings& settings);

}  // namespace vigie::log
