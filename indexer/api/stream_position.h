#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/log/log.h"
#include "platform/result/result.h"

namespace vigie::indexer::api {

/// Where a stream stands: the next offset of every partition of `articles`, then of `matches`. As
/// text, the id of an event: "A1.2.3M4.5" in base 36. Private to indexer/api.
struct StreamPosition {
  std::vector<std::int64_t> articles;
  std::vector<std::int64_t> matches;

  std::string to_text() const;
  /// Nothing if the text is none of ours for a log of as many partitions as `like` has.
  static std::optional<StreamPosition> read(std::string_view text, const StreamPosition& like);

  std::vector<std::int64_t>& of(proto::Topic topic) {
    return topic == proto::Topic::kArticles ? articles : matches;
  }
  const std::vector<std::int64_t>& of(proto::Topic topic) const {
    return topic == proto::Topic::kArticles ? articles : matches;
  }
  /// No partition stands before where it does in `other`. Both are of the same log.
  bool has_reached(const StreamPosition& other) const;
  /// The later one and the earlier one of each partition.
  static StreamPosition later(StreamPosition a, const StreamPosition& b);
  static StreamPosition earlier(StreamPosition a, const StreamPosition& b);
  /// Records from here to `end`, holes of compaction counted too.
  std::int64_t records_to(const StreamPosition& end) const;
};

/// Behind the last record, and at the first one that can be read. Errors: those of the log.
Result<StreamPosition> end_of_log(log::Log& log);
Result<StreamPosition> begin_of_log(log::Log& log);

}  // namespace vigie::indexer::api
