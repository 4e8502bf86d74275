#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "indexer/api/live_feed.h"
#include "indexer/api/live_mailbox.h"
#include "indexer/api/metrics.h"
#include "indexer/api/stream_position.h"
#include "indexer/matching/matcher.h"
#include "platform/log/log.h"
#include "platform/result/result.h"
#include "proto/article.pb.h"
#include "proto/match.pb.h"

namespace vigie::indexer::api {

/// One pass over the log for any number of streams. One thread. Private to indexer/api.
class LiveReading {
 public:
  /// The seams and metrics must outlive it.
  LiveReading(const LiveFeed::Seams& seams, const StreamMetrics& metrics)
      : seams_(seams), metrics_(metrics) {}

  /// Begins at `position`, or where the log does, if that is later. Errors: those of the log.
  Result<void> begin(StreamPosition position);
  const StreamPosition& position() const { return position_; }

  void add(std::shared_ptr<Mailbox> stream);
  /// Lets all streams go, for another reading.
  std::vector<std::shared_ptr<Mailbox>> take_streams();
  bool has_streams() const { return !groups_.empty(); }
  std::size_t streams() const;
  /// Forgets streams whose clients are gone; those that were told nothing since `silent_since` say
  /// that they are still here.
  void look_after(std::chrono::milliseconds silent_since);

  struct Read {
    std::size_t records = 0;
    std::size_t streams = 0;  // that were told something
  };
  /// Reads at most `most` records, waiting for the first one, and tells the streams. Errors: those
  /// of the log.
  Result<Read> read(std::size_t most, std::chrono::milliseconds wait);

 private:
  /// Streams that ask the same.
  struct Group {
    std::string number;  // its id for the percolator
    std::vector<std::shared_ptr<Mailbox>> streams;
  };
  /// An event and whom it concerns.
  struct Telling {
    const char* name;
    proto::Topic topic;
    std::size_t partition;
    std::int64_t offset;
  };

  void tell_article(const log::Record& record, const Telling& telling);
  void tell_match(const log::Record& record, const Telling& telling);
  /// Of the groups whose query an article meets, by number.
  const std::vector<std::string>& groups_of(const std::string& article_id);
  void tell(Group& group, const Telling& telling, const std::string& data,
            const std::string& subscription);
  void end_slow(Mailbox& stream);
  const query::Query& query_of(const Group& group) const { return group.streams[0]->query(); }

  const LiveFeed::Seams& seams_;
  const StreamMetrics& metrics_;
  std::unique_ptr<log::Reader> reader_;
  StreamPosition position_;
  matching::Matcher matcher_;
  std::map<std::string, Group> groups_;  // by key; none is empty
  std::unordered_map<std::string, Group*> by_number_;
  std::uint64_t last_number_ = 0;
  std::uint64_t round_ = 0;                                        // number of this read()
  std::vector<std::shared_ptr<Mailbox>> told_;                     // in this read(), to be woken
  std::unordered_map<std::string, std::vector<std::string>> met_;  // in this read(), by article
};

}  // namespace vigie::indexer::api
