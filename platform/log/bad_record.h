#pragma once

#include "platform/log/log.h"

namespace vigie::log {

/// Says that a record is none of its topic: garbage, or of a version to come. For compacted topics,
/// which a role reads to know its state: their keys have a next record or none, so that nothing
/// could be done again from quarantine. The line names topic, partition, offset and key, and how to
/// look at it. Thread-safe.
void warn_bad_record(proto::Topic topic, const Record& record);

}  // namespace vigie::log
