#include <algorithm>
#include <utility>

#include "crawler/service/scheduler.h"
#include "platform/log/membership.h"
#include "platform/logging/logging.h"
#include "platform/url/url.h"

namespace vigie::crawler {
namespace {

using std::chrono::milliseconds;

/// Records of the frontier taken in one turn.
constexpr std::size_t kRecordsAtOnce = 2'000;
/// Turns in which what was sent may lead to more being sent, when partitions are let go: the page
/// is durable, so its state advances.
constexpr int kLastRounds = 3;
/// Rows looked at for pages to forget, each time.
constexpr std::size_t kForgetRows = 5'000;
/// Finished pages older than this are forgotten first; half of it after each round that was not
/// enough.
constexpr std::int64_t kForgetOlderMs = 400LL * 24 * 3'600'000;

}  // namespace

std::size_t Scheduler::partitions_owned() const {
  return static_cast<std::size_t>(std::count_if(owned_.begin(), owned_.end(),
                                                [](const auto& one) { return one.second.active; }));
}

/// Whether this crawler may act for a registrable domain now.
bool Scheduler::owns(std::string_view domain) const {
  const auto found = owned_.find(frontier_->partition_of(domain));
  return found != owned_.end() && found->second.active;
}

Scheduler::Lane& Scheduler::lane_of(const std::string& domain) {
  const auto [at, made] = lanes_.try_emplace(domain);
  if (made) at->second.partition = frontier_->partition_of(domain);
  return at->second;
}

/// One look at the group: what it gives and takes, and what the log holds.
Result<void> Scheduler::follow_group() {
  if (hand_over_until_) {
    // Until the next poll the partitions are ours.
    if (!idle() && seams_.clock.since_boot() < *hand_over_until_) return {};
    VIGIE_TRY(finish_hand_over());
  }
  VIGIE_ASSIGN(const log::Group::Polled polled, group_->poll(kRecordsAtOnce, milliseconds(0)));
  if (!polled.revoked.empty()) {
    const auto* membership = dynamic_cast<const log::Membership*>(group_.get());
    if (membership != nullptr && membership->lost()) {
      logging::warn(
          "partitions were taken away: this crawler was not heard of for longer than its session",
          {{"partitions", polled.revoked.size()}});
      abandon_all();
    } else if (!owned_.empty()) {
      hand_over_until_ = seams_.clock.since_boot() + CrawlerOptions::kHandOverTime;
    }
    return {};
  }
  for (const log::TopicPartition& partition : polled.assigned) VIGIE_TRY(take_partition(partition));
  for (const log::Reader::Batch& batch : polled.batches) VIGIE_TRY(read_back(batch));
  return activate_ready();
}

/// Finds where to read on, and up to where before anything is done.
Result<void> Scheduler::take_partition(log::TopicPartition partition) {
  const std::int32_t number = partition.partition;
  FrontierStore& store = frontier_->store();
  VIGIE_ASSIGN(const log::OffsetRange held, seams_.log.offsets(partition));
  VIGIE_ASSIGN(const log::OffsetRange control, seams_.log.offsets({proto::Topic::kControl, 0}));
  VIGIE_ASSIGN(std::optional<FrontierStore::Position> position, store.position(number));
  if (position && position->next_offset > held.end) {
    return failure(Disposition::kStop, "log_gap",
                   "the frontier was read up to offset " + std::to_string(position->next_offset) +
                       " and the log ends at " + std::to_string(held.end) +
                       ": it has lost records. To go on from what it holds, remove " +
                       (options_.data_dir / "frontier").string(),
                   "topic frontier, partition " + std::to_string(number));
  }
  const std::int64_t slept =
      position ? seams_.clock.now_unix_ms() - position->synced_at_unix_ms : 0;
  const bool too_long = slept > CrawlerOptions::kTombstonesKept.count() ||
                        slept < -CrawlerOptions::kTombstonesKept.count();
  if (!position || too_long || position->next_offset < held.begin) {
    // Removals that were missed cannot be learned any more: what a reading from the start does not
    // show is gone.
    if (position)
      logging::info("frontier partition read anew",
                    {{"partition", number}, {"slept_s", slept / 1000}});
    VIGIE_TRY(store.clear(number));
    position = FrontierStore::Position{held.begin, 0, 0};
  }
  VIGIE_TRY(group_->start(partition, position->next_offset));
  frontier_->set_position(number, position->next_offset);
  Owned& owned = owned_[number];
  owned = Owned{};
  owned.frontier_end = held.end;
  owned.control_end = control.end;
  owned.given_at = seams_.clock.since_boot();
  return {};
}

Result<void> Scheduler::read_back(const log::Reader::Batch& batch) {
  const auto found = owned_.find(batch.from.partition);
  if (found == owned_.end()) return {};
  Owned& owned = found->second;
  const bool caught_up = batch.next_offset >= owned.frontier_end;
  VIGIE_ASSIGN(FrontierStore::Applied applied,
               frontier_->follow(batch, caught_up, seams_.clock.now_unix_ms()));
  owned.misplaced = owned.misplaced || applied.misplaced;
  if (applied.bad_records > 0) {
    seams_.metrics
        .counter("vigie_crawler_frontier_unreadable_total",
                 "Records of the frontier that could not be read and were passed over")
        .add(static_cast<double>(applied.bad_records));
  }
  if (!owned.active) return {};
  for (const auto& [domain, more] : applied.domains) {
    lane_of(domain).waiting += more;
    touched_.insert(domain);
  }
  for (const v1::Reservation& reservation : applied.reservations) {
    if (reservation.owner() != options_.instance) politeness_.restore(reservation);
  }
  for (v1::Discovery& found_url : applied.arrived)
    VIGIE_TRY(take_up(batch.from.partition, std::move(found_url)));
  return {};
}

/// Catch up before you act: partitions whose ends of `frontier` and `control`, as they were when
/// the group gave them, have been reached.
Result<void> Scheduler::activate_ready() {
  for (auto& [number, owned] : owned_) {
    if (owned.active || frontier_->position(number) < owned.frontier_end ||
        control_position_ < owned.control_end)
      continue;
    VIGIE_TRY(activate(number, owned));
    if (partitions_owned() < owned_.size()) continue;
    std::uint64_t urls = 0;
    for (const auto& [each, state] : owned_) urls += frontier_->store().urls(each);
    logging::info("frontier taken over",
                  {{"partitions", owned_.size()},
                   {"urls", urls},
                   {"ms", (seams_.clock.since_boot() - owned.given_at).count()}});
  }
  return {};
}

Result<void> Scheduler::activate(std::int32_t partition, Owned& owned) {
  FrontierStore& store = frontier_->store();
  VIGIE_ASSIGN(const auto reservations, store.reservations(partition));
  for (const v1::Reservation& reservation : reservations) politeness_.restore(reservation);
  VIGIE_ASSIGN(const auto misplaced, store.misplaced(partition));
  owned.misplaced = !misplaced.empty();
  owned.active = true;
  VIGIE_ASSIGN(const auto domains, store.domains(partition));
  for (const auto& [domain, waiting] : domains) {
    lane_of(domain).waiting = waiting;
    touched_.insert(domain);
  }
  VIGIE_ASSIGN(auto arrivals, store.arrivals(partition));
  for (v1::Discovery& found : arrivals) VIGIE_TRY(take_up(partition, std::move(found)));
  for (const auto& [address, poll] : listed_) {
    if (frontier_->partition_of(domain_of(address)) == partition)
      VIGIE_TRY(poll_listed(address, poll));
  }
  VIGIE_TRY(bring_back_parked());
  const milliseconds took = seams_.clock.since_boot() - owned.given_at;
  seams_.metrics
      .histogram("vigie_crawler_take_over_seconds",
                 "From a partition being given to this crawler to its being crawled",
                 metrics::latency_bounds_s())
      .observe(static_cast<double>(took.count()) / 1000);
  seams_.metrics
      .gauge("vigie_crawler_partitions", "Partitions of the frontier that this crawler owns")
      .set(static_cast<double>(partitions_owned()));
  return {};
}

/// This process may have been asleep for longer than its session: others may own its partitions.
Result<void> Scheduler::confirm_membership() {
  auto* membership = dynamic_cast<log::Membership*>(group_.get());
  if (owned_.empty() || membership == nullptr) return {};
  const std::int32_t first = owned_.begin()->first;
  VIGIE_ASSIGN(const bool member,
               membership->confirm({proto::Topic::kFrontier, first}, frontier_->position(first)));
  if (member) return {};
  logging::warn("asleep for longer than the session; what was in hand is left to the new owner",
                {{"partitions", owned_.size()}});
  abandon_all();
  return {};
}

/// What is ours still: everything that was sent becomes durable, and what that brings forward, too.
/// Then it is let go.
Result<void> Scheduler::finish_hand_over() {
  for (int round = 0; round < kLastRounds; ++round) {
    VIGIE_TRY(producer_->flush());
    VIGIE_TRY(take_events());
  }
  VIGIE_TRY(producer_->flush());
  VIGIE_TRY(commit_positions());
  abandon_all();
  return {};
}

/// Forgets all that depends on owning partitions. A fetch that is out has not happened, as after a
/// crash: its URL is due again, and that is no failure.
void Scheduler::abandon_all() {
  for (auto& [id, task] : tasks_) {
    if (task.request == Task::Request::kOut) abandoned_[id] = {task.whom, task.sent_at};
    if (task.request == Task::Request::kReserving) politeness_.cancel(task.whom);
  }
  in_flight_ = abandoned_.size();
  waiting_for_log_ = 0;
  tasks_.clear();
  in_hand_.clear();
  lanes_.clear();
  timers_.clear();
  touched_.clear();
  owned_.clear();
  frontier_->let_go();
  hand_over_until_.reset();
  seams_.metrics
      .gauge("vigie_crawler_partitions", "Partitions of the frontier that this crawler owns")
      .set(0);
}

/// An answer that nobody waits for any more. Only that its request has ended counts, within this
/// process: what the log should know of the host is its new owner's to say.
void Scheduler::on_abandoned(Event& event) {
  if (event.kind != Event::Kind::kAnswer) return;
  const auto found = abandoned_.find(event.task);
  if (found == abandoned_.end()) return;
  --in_flight_;
  const int status = event.answer ? event.answer->status : 0;
  const auto& [whom, sent_at] = found->second;
  const std::string peer = event.answer ? event.answer->peer : std::string();
  politeness_.ended(whom, status,
                    event.answer ? event.answer->header("retry-after") : std::string(), peer);
  gap_watch_.ended(whom, peer, sent_at, seams_.clock.since_boot());
  touched_.insert(whom.domain);
  abandoned_.erase(found);
}

Result<void> Scheduler::commit_positions() {
  const std::int64_t now = seams_.clock.now_unix_ms();
  for (auto& [number, owned] : owned_) {
    if (!owned.active) continue;
    VIGIE_TRY(frontier_->store().note_synced(number, now));
    const std::int64_t position = frontier_->position(number);
    if (position == owned.committed) continue;
    VIGIE_TRY(group_->commit({proto::Topic::kFrontier, number}, position));
    owned.committed = position;
  }
  return {};
}

/// A URL that another crawler found, or that stood in another partition: known, or new here; then
/// the record that told it goes.
Result<void> Scheduler::take_up(std::int32_t partition, v1::Discovery found) {
  Event done;
  done.kind = Event::Kind::kDurable;
  done.remove = "d:" + found.url();
  done.remove_in = partition;
  const std::string domain = domain_of(found.url());
  if (frontier_->partition_of(domain) != partition) return {};  // see move_misplaced
  VIGIE_ASSIGN(std::optional<v1::UrlState> known, frontier_->find(found.url()));
  if (known) {
    if (found.has_feed_item()) VIGIE_TRY(announce(std::move(*known), found.feed_item()));
    return send(frontier_->tombstone_in(partition, std::move(done.remove)));
  }
  if (!found.has_moved() && lane_of(domain).waiting >= kMaxWaitingPerDomain) {
    drop("domain_full");
    return send(frontier_->tombstone_in(partition, std::move(done.remove)));
  }
  v1::UrlState state;
  if (found.has_moved()) {
    state = found.moved();
  } else {
    state.set_source_id(found.source_id());
    state.set_kind(found.kind());
    state.set_discovered_at_unix_ms(found.discovered_at_unix_ms());
    state.set_next_due_unix_ms(found.discovered_at_unix_ms());
    if (found.has_feed_item()) *state.mutable_feed_item() = std::move(*found.mutable_feed_item());
    state.set_depth(found.depth());
    state.set_via(found.via());
  }
  state.set_url(found.url());
  seams_.metrics
      .counter("vigie_crawler_taken_up_total",
               "Addresses that another crawler found and this one owns")
      .add();
  return send_state(std::move(state), std::move(done));
}

/// Records that stand in a partition of ours and belong to another, by the suffix list of this
/// process: the URL is handed over with its state, a reservation is written where it belongs, and
/// then they are removed here.
Result<void> Scheduler::move_misplaced() {
  FrontierStore& store = frontier_->store();
  for (auto& [number, owned] : owned_) {
    if (!owned.active || !owned.misplaced || owned.moving > 0) continue;
    VIGIE_ASSIGN(const std::vector<std::string> keys, store.misplaced(number));
    owned.misplaced = !keys.empty();
    for (const std::string& key : keys) {
      const std::string name = key.substr(2);
      Event done;
      done.kind = Event::Kind::kDurable;
      done.remove = key;
      done.remove_in = number;
      done.moves = true;
      std::optional<log::NewRecord> record;
      if (key[0] == 'u') {
        VIGIE_ASSIGN(std::optional<v1::UrlState> state, store.find(number, name));
        v1::Discovery discovery;
        discovery.set_url(name);
        if (state) *discovery.mutable_moved() = std::move(*state);
        if (discovery.has_moved()) record = Frontier::record_of(discovery);
      } else if (key[0] == 'd') {
        VIGIE_ASSIGN(const std::optional<v1::Discovery> discovery, store.arrival(number, name));
        if (discovery) record = Frontier::record_of(*discovery);
      } else {
        VIGIE_ASSIGN(const std::optional<v1::Reservation> reservation,
                     store.reservation(number, name));
        if (reservation) record = Frontier::record_of(*reservation);
      }
      if (!record) continue;
      ++owned.moving;
      seams_.metrics
          .counter("vigie_crawler_handed_over_total",
                   "Addresses given to the crawler that owns them, by why",
                   {{"why", "wrong_partition"}})
          .add();
      VIGIE_TRY(send(std::move(*record), std::move(done)));
    }
  }
  return {};
}

/// While there are too many URLs, finished pages are forgotten, oldest first: a slice of the store
/// at a time.
Result<void> Scheduler::forget_some() {
  std::uint64_t urls = 0;
  for (const auto& [number, owned] : owned_)
    urls += owned.active ? frontier_->store().urls(number) : 0;
  seams_.metrics.gauge("vigie_crawler_frontier_urls", "Addresses that are remembered")
      .set(static_cast<double>(urls));
  if (urls <= options_.max_urls || stopping_ || hand_over_until_) {
    if (urls <= options_.max_urls) forget_older_ms_ = 0;
    return {};
  }
  if (forget_older_ms_ == 0) forget_older_ms_ = kForgetOlderMs;
  std::uint64_t too_many = urls - options_.max_urls;
  bool round_over = true;
  for (auto& [number, owned] : owned_) {
    if (!owned.active) continue;
    VIGIE_ASSIGN(const std::vector<std::string> old,
                 frontier_->store().finished_before(number, owned.sweep_from, kForgetRows,
                                                    seams_.clock.now_unix_ms() - forget_older_ms_));
    round_over = round_over && owned.sweep_from.empty();
    for (const std::string& url : old) {
      if (too_many == 0 || in_hand_.find(url) != in_hand_.end() || frontier_->pending(url))
        continue;
      --too_many;
      drop("forgotten");
      Frontier::Sent sent = frontier_->forget(url);
      Event done;
      done.kind = Event::Kind::kDurable;
      done.url = url;
      done.number = sent.number;
      VIGIE_TRY(send(std::move(sent.record), std::move(done)));
    }
  }
  if (round_over && too_many > 0)
    forget_older_ms_ = std::max<std::int64_t>(1, forget_older_ms_ / 2);
  return {};
}

/// Tells the owner of a URL's domain of it. The task waits until that is durable.
Result<void> Scheduler::hand_over(Task& task, const v1::Discovery& found) {
  Event durable;
  durable.kind = Event::Kind::kDurable;
  durable.task = task.id;
  ++task.records_out;
  seams_.metrics
      .counter("vigie_crawler_handed_over_total",
               "Addresses given to the crawler that owns them, by why",
               {{"why", task.handed_over ? "redirect" : "discovery"}})
      .add();
  return send(Frontier::record_of(found), std::move(durable));
}

}  // namespace vigie::crawler
