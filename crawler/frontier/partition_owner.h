#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "crawler/frontier/frontier.h"
#include "platform/clock/clock.h"
#include "platform/log/log.h"
#include "platform/result/result.h"
#include "platform/storage/storage.h"

namespace vigie::crawler::frontier {

struct OwnerOptions {
  std::filesystem::path dir;  // of the frontier's store
  std::string group;          // whose members share the partitions
  storage::Opener open_database = storage::open;
};

/// Which partitions of the topic `frontier` are this crawler's, and their frontier. The life of a
/// partition: the group gives it; it is followed to the ends that `frontier` and `control` had when
/// it was given; it is activated; from then on this crawler acts for its domains, until the group
/// takes it away. The partition is this crawler's until the next poll() after that, so that what
/// was sent can become durable. A partition that was lost is others' already: nothing more may be
/// written for it. The owner only answers. One thread.
class PartitionOwner {
 public:
  PartitionOwner(OwnerOptions options, log::Log& log, const Clock& clock);

  /// For responses that are out when partitions go to another crawler. All members of the group
  /// wait for it.
  static constexpr std::chrono::milliseconds kHandOverTime{2'000};
  /// How long the log keeps tombstones at least, with hours to spare. A store that was not followed
  /// for longer reads its partitions anew: it cannot learn of removals that it missed.
  static constexpr std::chrono::milliseconds kTombstonesKept{20 * 3'600'000};

  /// Opens the store. Errors: of the log and the store.
  Result<void> open();
  /// Joins the group. Errors: of the log.
  Result<void> join();

  /// From open() on.
  Frontier& frontier() { return *frontier_; }
  /// Whether this crawler may act for a registrable domain now.
  bool owns(std::string_view domain) const;
  bool owns_url(std::string_view url) const { return owns(domain_of(url)); }
  bool active(std::int32_t partition) const;
  std::vector<std::int32_t> active_partitions() const;
  /// Partitions that the group gave, active or not yet.
  std::size_t given() const { return owned_.size(); }
  /// Whether it owns partitions and all of them are active.
  bool settled() const;

  enum class Revoked { kNothing, kHandOver, kLost };
  struct Polled {
    Revoked revoked = Revoked::kNothing;
    bool given = false;  // the group has said what is this crawler's, which may be nothing
    std::vector<log::Reader::Batch> batches;  // each for follow()
  };
  /// One look at the group. Errors: kStop log_gap where the log has lost what the store has read;
  /// kRetry log_silent where a given partition is not read to its end and the log gives nothing of
  /// it for log::kSilence; those of the log and the store.
  Result<Polled> poll();
  /// Takes what was read into the store. Nothing: the partition is not owned. The caller acts on it
  /// where the partition is active.
  Result<std::optional<FrontierStore::Applied>> follow(const log::Reader::Batch& batch);
  /// Given partitions that are not active and have been followed to their ends. `control_offset`:
  /// where reading of `control` goes on.
  std::vector<std::int32_t> caught_up(std::int64_t control_offset) const;

  struct Activated {
    std::vector<v1::Reservation> reservations;
    // every domain with something due or set aside → its URLs that wait for their first fetch
    std::map<std::string, std::int64_t> domains;
    std::vector<v1::Discovery> arrivals;
    std::chrono::milliseconds given_at{0};  // on the boot clock
  };
  Result<Activated> activate(std::int32_t partition);

  /// Whether this crawler is still a member of its group. Asked by who may have been asleep for
  /// longer than its session, in which others may have been given its partitions.
  Result<bool> confirm_membership();
  /// Revoked partitions are to be let go.
  bool handing_over() const { return hand_over_until_.has_value(); }
  /// No more time is left for it.
  bool hand_over_due() const;
  /// Tells the group how far the frontier was read, for its lag, and the store that it was.
  Result<void> commit_offsets();
  /// Forgets all partitions; the store stays as it is.
  void let_go();

  /// Keys of records that stand in the partition and belong to another one, by the suffix list of
  /// this process; none while some of them are on their way.
  Result<std::vector<std::string>> misplaced(std::int32_t partition);
  /// The record that says in the right partition what `key` says in the wrong one; nothing where it
  /// is gone. It must be sent.
  Result<std::optional<log::NewRecord>> move(std::int32_t partition, const std::string& key);
  /// A record is durable that makes one of the partition needless; `moved`: move() gave it. True:
  /// the needless one is to be removed. False: the partition is not this crawler's any more.
  bool replaced(std::int32_t partition, bool moved);

 private:
  struct Owned {
    std::int64_t frontier_end = 0;  // when it was given; to be read before anything is done
    std::int64_t control_end = 0;
    std::chrono::milliseconds given_at{0};
    bool active = false;
    bool misplaced = false;  // may hold records of other partitions
    std::size_t moving = 0;  // of these, on their way
    std::int64_t committed = -1;
  };
  Result<void> take(log::TopicPartition partition);
  Result<std::int64_t> resume_offset(std::int32_t partition, const log::OffsetRange& held);
  Result<void> expect_records(const std::vector<log::Reader::Batch>& batches);

  OwnerOptions options_;
  log::Log& log_;
  const Clock& clock_;
  std::unique_ptr<Frontier> frontier_;
  std::unique_ptr<log::Group> group_;
  std::map<std::int32_t, Owned> owned_;
  // by then at the latest revoked partitions are let go
  std::optional<std::chrono::milliseconds> hand_over_until_;
  // of the log, while a given partition is not read to its end
  std::chrono::milliseconds silence_{0};
  std::chrono::milliseconds polled_at_{0};
};

}  // namespace vigie::crawler::frontier
