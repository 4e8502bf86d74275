#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>

#include "platform/config/settings.h"
#include "vigie/api_client.h"

namespace vigie::cli {

/// One line a topic: partitions, retention, compaction, largest record, oldest and next offset; and
/// whether they are as they should be. The embedded log makes its topics when it is opened. 0 · 1
/// if something differs (a line on `err` each).
int run_log_check(Api& api, std::ostream& out, std::ostream& err);

/// The same for the topics on Kafka, asked of the brokers; `make`: those that are missing are
/// created first. What exists is never changed. 0 · 1 if something differs (a line on `err` each;
/// with `tolerate` it is said and is no failure) · 3 if the brokers cannot be asked.
int run_kafka_topics(const config::Settings& settings, bool make, bool tolerate, std::ostream& out,
                     std::ostream& err);

struct LogSkipArguments {
  std::string topic;
  std::int32_t partition = 0;
  std::int64_t offset = 0;
};
/// Acknowledges a gap: whoever reads the partition goes on at `offset`; what was lost is recorded
/// in quarantine. Refused for topics at whose gaps nobody stops (platform/log/groups.h). Only while
/// no process holds the data.
int run_log_skip(const config::Settings& settings, const LogSkipArguments& arguments,
                 std::ostream& out, std::ostream& err);

}  // namespace vigie::cli
