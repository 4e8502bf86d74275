#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "indexer/conditions/kinds.h"
#include "platform/log/log.h"
#include "proto/delivery.pb.h"
#include "proto/status.pb.h"

namespace vigie::indexer::conditions {

/// What is seen of one subject now.
struct Finding {
  Kind kind = Kind::kQuiet;
  std::string subject;
  std::string name;    // for people
  std::string detail;  // one sentence, where it is wrong
  bool wrong = false;  // false: it cannot be told, so that what is known stays
  bool idle = false;   // because nothing is tried: what has not begun begins anew after that
};

struct Limits {
  // of a disk; what is less is wrong, and right again from a quarter more on. 0: not watched
  std::uint64_t disk_free_bytes = 0;
  // that a service has not read of a topic; right again below half of it. 0: not watched
  std::int64_t lag_records = 0;
};
/// Records of one stage that are set aside within an hour: so many are wrong …
inline constexpr std::size_t kManyAside = 20;
/// … until there are fewer than these.
inline constexpr std::size_t kFewAside = 5;
/// What reports once a minute (a source) or every five seconds (a service) and was not heard for
/// longer: of it nothing can be told.
inline constexpr std::int64_t kSourceSilentMs = 5 * 60'000;
inline constexpr std::int64_t kServiceSilentMs = 2 * 60'000;
/// A service that was not heard for longer is gone.
inline constexpr std::int64_t kServiceGoneMs = 60 * 60'000;

/// The name of a channel for people; nothing where it does not exist, or is off.
using ChannelName = std::function<std::optional<std::string>(const std::string& subscription_id,
                                                             const std::string& channel_id)>;

/// Knows from `status`, `deliveries` and `quarantine` what is wrong now. Records of a key in the
/// order of the log; what is no record of its topic is passed over. Memory: one status a source and
/// service, one time a record that was set aside within an hour (at most 1,000 a stage), one error
/// a channel that takes nothing. One thread.
class Observer {
 public:
  /// `now_unix_ms`: since when what is set aside is read.
  Observer(const Limits& limits, std::int64_t now_unix_ms)
      : limits_(limits), begun_unix_ms_(now_unix_ms) {}

  void take_status(const log::Record& record);
  void take_delivery(const log::Record& record);
  void take_quarantine(const log::Record& record);

  /// Whether what look() does not name is right: of what is counted over an hour nothing can be
  /// told before that is over.
  bool knows_all_of(Kind kind, std::int64_t now_unix_ms) const;
  /// What is wrong, and of what nothing can be told; everything else is right. In order of kind and
  /// subject.
  std::vector<Finding> look(std::int64_t now_unix_ms, const ChannelName& channel_name) const;

 private:
  struct Aside {
    std::deque<std::int64_t> times;  // of the log, ascending
    std::string reason;              // of the newest
  };
  void look_at_sources(std::int64_t now_unix_ms, std::vector<Finding>& out) const;
  void look_at_services(std::int64_t now_unix_ms, std::vector<Finding>& out) const;
  void look_at_disks(std::int64_t now_unix_ms, std::vector<Finding>& out) const;
  void look_at_channels(const ChannelName& channel_name, std::vector<Finding>& out) const;
  void look_at_stages(std::int64_t now_unix_ms, std::vector<Finding>& out) const;

  Limits limits_;
  std::int64_t begun_unix_ms_;
  std::map<std::string, v1::SourceStatus> sources_;    // by key of `status`
  std::map<std::string, v1::ServiceStatus> services_;  // by key of `status`
  struct Failing {
    std::string error;  // of the last attempt
    bool put_off = false;
  };
  std::map<std::string, Failing> failing_;  // by subscription/channel
  std::map<std::string, Aside> aside_;      // by stage
};

}  // namespace vigie::indexer::conditions
