#include "crawler/frontier/partition_owner.h"

#include <algorithm>
#include <array>
#include <set>

#include "platform/log/follower.h"
#include "platform/log/resume.h"
#include "platform/logging/logging.h"

namespace vigie::crawler::frontier {
namespace {

using std::chrono::milliseconds;

/// Records of the frontier taken in one turn.
constexpr std::size_t kRecordsAtOnce = 2'000;
/// What one look at the group counts for at most in the silence of the log: the time in which the
/// process was not there is no silence.
constexpr milliseconds kLongestLook{1'000};

}  // namespace

PartitionOwner::PartitionOwner(OwnerOptions options, log::Log& log, const Clock& clock)
    : options_(std::move(options)), log_(log), clock_(clock) {}

Result<void> PartitionOwner::open() {
  VIGIE_ASSIGN(const std::int32_t partitions, log_.partitions(proto::Topic::kFrontier));
  VIGIE_ASSIGN(frontier_, Frontier::open(options_.dir, partitions, options_.open_database));
  return {};
}

Result<void> PartitionOwner::join() {
  const std::array topics{proto::Topic::kFrontier};
  VIGIE_ASSIGN(group_, log_.join(options_.group, topics));
  return {};
}

bool PartitionOwner::owns(std::string_view domain) const {
  return active(frontier_->partition_of(domain));
}

bool PartitionOwner::active(std::int32_t partition) const {
  const auto found = owned_.find(partition);
  return found != owned_.end() && found->second.active;
}

std::vector<std::int32_t> PartitionOwner::active_partitions() const {
  std::vector<std::int32_t> out;
  for (const auto& [partition, owned] : owned_) {
    if (owned.active) out.push_back(partition);
  }
  return out;
}

bool PartitionOwner::settled() const {
  return !owned_.empty() && std::all_of(owned_.begin(), owned_.end(),
                                        [](const auto& owned) { return owned.second.active; });
}

Result<PartitionOwner::Polled> PartitionOwner::poll() {
  Polled out;
  VIGIE_ASSIGN(log::Group::Polled polled, group_->poll(kRecordsAtOnce, milliseconds(0)));
  out.given = polled.settled;
  if (!polled.revoked.empty()) {
    if (group_->lost()) {
      logging::warn(
          "partitions were taken away: this crawler was not heard of for longer than its session",
          {{"partitions", polled.revoked.size()}});
      out.revoked = Revoked::kLost;
    } else if (!owned_.empty()) {
      hand_over_until_ = clock_.since_boot() + kHandOverTime;
      out.revoked = Revoked::kHandOver;
    }
    return out;
  }
  for (const log::TopicPartition& partition : polled.assigned) VIGIE_TRY(take(partition));
  if (polled.settled) {
    std::set<std::int32_t> given;
    for (const auto& [partition, owned] : owned_) given.insert(partition);
    frontier_->store().known().keep_in_memory(given);
  }
  VIGIE_TRY(expect_records(polled.batches));
  out.batches = std::move(polled.batches);
  return out;
}

/// Records of partitions that are read to their ends would hide that the log is silent, so only
/// those of the others count.
Result<void> PartitionOwner::expect_records(const std::vector<log::Reader::Batch>& batches) {
  const milliseconds now = clock_.since_boot();
  const milliseconds look = std::min(now - std::exchange(polled_at_, now), kLongestLook);
  const auto unread = [&](const auto& entry) {
    return frontier_->next_offset(entry.first) < entry.second.frontier_end;
  };
  const auto waiting = std::find_if(owned_.begin(), owned_.end(), unread);
  const bool given = std::any_of(batches.begin(), batches.end(), [&](const auto& batch) {
    const auto found = owned_.find(batch.from.partition);
    return found != owned_.end() && unread(*found);
  });
  const bool silent = waiting != owned_.end() && !given && log_.connected();
  silence_ = silent ? silence_ + look : milliseconds(0);
  if (silence_ < log::kSilence) return {};
  const auto& [partition, owned] = *waiting;
  return failure(log::log_silent({proto::Topic::kFrontier, partition},
                                 frontier_->next_offset(partition), owned.frontier_end));
}

/// Finds where to read on, and up to where before anything is done.
Result<void> PartitionOwner::take(log::TopicPartition partition) {
  const std::int32_t number = partition.partition;
  VIGIE_ASSIGN(const log::OffsetRange held, log_.offsets(partition));
  VIGIE_ASSIGN(const log::OffsetRange control, log_.offsets({proto::Topic::kControl, 0}));
  VIGIE_ASSIGN(const std::int64_t offset, resume_offset(number, held));
  VIGIE_TRY(group_->start(partition, offset));
  frontier_->set_next_offset(number, offset);
  Owned& owned = owned_[number];
  owned = Owned{};
  owned.frontier_end = held.end;
  owned.control_end = control.end;
  owned.given_at = clock_.since_boot();
  return {};
}

/// Where the store goes on reading a partition. What cannot be continued is cleared.
Result<std::int64_t> PartitionOwner::resume_offset(std::int32_t partition,
                                                   const log::OffsetRange& held) {
  FrontierStore& store = frontier_->store();
  VIGIE_ASSIGN(const std::optional<FrontierStore::Progress> progress, store.progress(partition));
  const auto stored = progress ? std::optional<std::int64_t>(progress->next_offset) : std::nullopt;
  VIGIE_ASSIGN(const std::int64_t offset, log::resume_mirror({proto::Topic::kFrontier, partition},
                                                             held, stored, options_.dir.string()));
  const std::int64_t slept = progress ? clock_.now_unix_ms() - progress->synced_at_unix_ms : 0;
  const bool too_long = slept > kTombstonesKept.count() || slept < -kTombstonesKept.count();
  if (!too_long && stored == offset) return offset;
  // Removals that were missed cannot be learned any more: what a reading from the start does not
  // show is gone.
  if (progress)
    logging::info("frontier partition read anew",
                  {{"partition", partition}, {"slept_s", slept / 1000}});
  VIGIE_TRY(store.clear(partition));
  return held.begin;
}

Result<std::optional<FrontierStore::Applied>> PartitionOwner::follow(
    const log::Reader::Batch& batch) {
  const auto found = owned_.find(batch.from.partition);
  if (found == owned_.end()) return std::optional<FrontierStore::Applied>();
  Owned& owned = found->second;
  const bool caught_up = batch.next_offset >= owned.frontier_end;
  VIGIE_ASSIGN(FrontierStore::Applied applied,
               frontier_->follow(batch, caught_up, clock_.now_unix_ms()));
  owned.misplaced = owned.misplaced || applied.misplaced;
  return std::optional<FrontierStore::Applied>(std::move(applied));
}

std::vector<std::int32_t> PartitionOwner::caught_up(std::int64_t control_offset) const {
  std::vector<std::int32_t> out;
  for (const auto& [partition, owned] : owned_) {
    if (!owned.active && frontier_->next_offset(partition) >= owned.frontier_end &&
        control_offset >= owned.control_end)
      out.push_back(partition);
  }
  return out;
}

Result<PartitionOwner::Activated> PartitionOwner::activate(std::int32_t partition) {
  FrontierStore& store = frontier_->store();
  Owned& owned = owned_.at(partition);
  Activated out;
  VIGIE_ASSIGN(out.reservations, store.reservations(partition));
  VIGIE_ASSIGN(const std::vector<std::string> misplaced, store.misplaced(partition));
  owned.misplaced = !misplaced.empty();
  VIGIE_ASSIGN(out.domains, store.due().domains(partition));
  VIGIE_ASSIGN(out.arrivals, store.arrivals(partition));
  owned.active = true;
  out.given_at = owned.given_at;
  return out;
}

Result<bool> PartitionOwner::confirm_membership() {
  if (owned_.empty()) return true;
  const std::int32_t first = owned_.begin()->first;
  VIGIE_ASSIGN(const bool member,
               group_->confirm({proto::Topic::kFrontier, first}, frontier_->next_offset(first)));
  if (!member)
    logging::warn("asleep for longer than the session; what was in hand is left to the new owner",
                  {{"partitions", owned_.size()}});
  return member;
}

bool PartitionOwner::hand_over_due() const {
  return hand_over_until_ && clock_.since_boot() >= *hand_over_until_;
}

Result<void> PartitionOwner::commit_offsets() {
  const std::int64_t now = clock_.now_unix_ms();
  for (auto& [partition, owned] : owned_) {
    if (!owned.active) continue;
    VIGIE_TRY(frontier_->store().note_synced(partition, now));
    const std::int64_t next_offset = frontier_->next_offset(partition);
    if (next_offset == owned.committed) continue;
    VIGIE_TRY(group_->commit({proto::Topic::kFrontier, partition}, next_offset));
    owned.committed = next_offset;
  }
  return {};
}

void PartitionOwner::let_go() {
  owned_.clear();
  frontier_->let_go();
  hand_over_until_.reset();
  silence_ = milliseconds(0);
}

Result<std::vector<std::string>> PartitionOwner::misplaced(std::int32_t partition) {
  Owned& owned = owned_.at(partition);
  if (!owned.active || !owned.misplaced || owned.moving > 0) return std::vector<std::string>();
  VIGIE_ASSIGN(std::vector<std::string> keys, frontier_->store().misplaced(partition));
  owned.misplaced = !keys.empty();
  return keys;
}

Result<std::optional<log::NewRecord>> PartitionOwner::move(std::int32_t partition,
                                                           const std::string& key) {
  FrontierStore& store = frontier_->store();
  const std::string name = key.substr(2);
  std::optional<log::NewRecord> record;
  if (key[0] == 'u') {
    VIGIE_ASSIGN(std::optional<v1::UrlState> state, store.find(partition, name));
    v1::Discovery discovery;
    discovery.set_url(name);
    if (state) *discovery.mutable_moved() = std::move(*state);
    if (discovery.has_moved()) record = Frontier::record_of(discovery);
  } else if (key[0] == 'd') {
    VIGIE_ASSIGN(const std::optional<v1::Discovery> discovery, store.arrival(partition, name));
    if (discovery) record = Frontier::record_of(*discovery);
  } else {
    VIGIE_ASSIGN(const std::optional<v1::Reservation> reservation,
                 store.reservation(partition, name));
    if (reservation) record = Frontier::record_of(*reservation);
  }
  if (record) ++owned_.at(partition).moving;
  return record;
}

bool PartitionOwner::replaced(std::int32_t partition, bool moved) {
  const auto found = owned_.find(partition);
  if (found == owned_.end()) return false;
  if (moved && found->second.moving > 0) --found->second.moving;
  return true;
}

}  // namespace vigie::crawler::frontier
