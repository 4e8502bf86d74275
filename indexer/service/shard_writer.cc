#include "indexer/service/shard_writer.h"

#include <algorithm>
#include <array>
#include <system_error>

#include "indexer/alerting/eligibility.h"
#include "indexer/query/query.h"
#include "indexer/service/checkpoints.h"
#include "platform/log/bad_record.h"
#include "platform/log/quarantine.h"
#include "platform/log/resume.h"
#include "platform/logging/logging.h"
#include "platform/status/reporter.h"
#include "platform/url/url.h"
#include "proto/control.pb.h"
#include "proto/log_topics.h"
#include "proto/story.pb.h"

namespace vigie::indexer::service {
namespace {

using proto::Topic;

/// Records of one poll: enough that a synced batch costs little each, few enough that searches see
/// them soon.
/// Articles of a takedown that are looked for at a time.
constexpr std::size_t kTakenDownAtOnce = 500;
constexpr std::size_t kPollRecords = 512;
/// How long a poll waits; stories and control commands wait no longer than this for their turn.
constexpr std::chrono::milliseconds kPollTime{100};
/// Memory of the live heads of all shards of this process together, and the least that one of them
/// gets.
constexpr std::size_t kHeadBytes = 256ULL << 20;
constexpr std::size_t kLeastHeadBytes = 4ULL << 20;
constexpr std::size_t kStoryRecords = 4'096;
constexpr std::size_t kRelayRows = 1'000;
constexpr std::chrono::milliseconds kFiguresEvery{1'000};
/// A change of the group takes seconds; who hears nothing of its end for longer has lost touch.
constexpr std::chrono::milliseconds kHoldTime{60'000};
/// Who wants to copy a shard waits for the end of a turn, which may seal or merge, for so long.
constexpr std::chrono::milliseconds kRestTime{30'000};

}  // namespace

ShardWriter::ShardWriter(Seams seams, Options options)
    : seams_(std::move(seams)),
      options_(std::move(options)),
      checkpoints_(options_.checkpoint_dir, options_.instance),
      stories_(seams_.log, Topic::kStories,
               [this](const log::Reader::Batch& batch) { return take_stories(batch); },
               {.max_records = kStoryRecords}),
      control_(seams_.log, Topic::kControl,
               [this](const log::Reader::Batch& batch) -> Result<void> {
                 for (const log::Record& record : batch.records) VIGIE_TRY(obey(record));
                 return {};
               },
               {.max_records = kPollRecords}),
      metrics_(seams_.metrics),
      started_unix_ms_(seams_.clock.now_unix_ms()) {}

ShardWriter::~ShardWriter() = default;

std::filesystem::path ShardWriter::shard_dir(std::int32_t partition) const {
  return options_.dir / partition_folder(partition);
}

Result<std::shared_ptr<Shard>> ShardWriter::open_folder(std::int32_t partition) {
  ShardOptions shard_options;
  shard_options.maintain_in_background = options_.maintain_in_background;
  shard_options.dir = shard_dir(partition);
  shard_options.partition = partition;
  shard_options.seal_documents = options_.seal_documents;
  shard_options.open_database = options_.open_database;
  VIGIE_ASSIGN(const std::int32_t partitions, seams_.log.partitions(Topic::kArticles));
  shard_options.seal_bytes =
      std::max(kLeastHeadBytes, kHeadBytes / static_cast<std::size_t>(partitions));
  VIGIE_ASSIGN(auto opened, Shard::open(shard_options, seams_.clock, seams_.metrics));
  return std::shared_ptr<Shard>(std::move(opened));
}

/// The shard as this process or a checkpoint has it, at an offset that the log still holds.
Result<std::shared_ptr<Shard>> ShardWriter::open_shard(log::TopicPartition from,
                                                       const log::OffsetRange& range) {
  const std::int32_t partition = from.partition;
  std::error_code error;
  if (!std::filesystem::exists(shard_dir(partition), error)) {
    if (const auto entry = checkpoints_.newest_within(partition, range.begin, range.end))
      VIGIE_TRY(Checkpoints::restore(*entry, shard_dir(partition)));
  }
  VIGIE_ASSIGN(std::shared_ptr<Shard> shard, open_folder(partition));
  if (shard->next_offset() < range.begin) {
    if (const auto entry = checkpoints_.newest_within(partition, range.begin, range.end)) {
      // The log no longer holds what this folder lacks, and the checkpoint has it.
      shard.reset();
      const std::filesystem::path aside = shard_dir(partition).string() + ".outdated";
      std::filesystem::remove_all(aside, error);
      std::filesystem::rename(shard_dir(partition), aside, error);
      if (error)
        return failure(Disposition::kStop, "io",
                       "an outdated shard cannot be put aside: " + error.message(),
                       shard_dir(partition).string());
      VIGIE_TRY(Checkpoints::restore(*entry, shard_dir(partition)));
      std::filesystem::remove_all(aside, error);
      VIGIE_ASSIGN(shard, open_folder(partition));
    }
  }
  VIGIE_TRY(close_gap(from, range, *shard));
  return shard;
}

/// An offset outside the log stops the service, unless a person acknowledged the gap since.
Result<void> ShardWriter::close_gap(log::TopicPartition from, const log::OffsetRange& range,
                                    Shard& shard) {
  const std::int64_t offset = shard.next_offset();
  if (offset >= range.begin && offset <= range.end) return {};
  if (offset == 0) {
    logging::warn(
        "the log no longer begins at its beginning; the index knows nothing of what was before",
        {{"partition", from.partition}, {"from_offset", range.begin}});
    return shard.skip_to(range.begin);
  }
  VIGIE_ASSIGN(std::optional<std::int64_t> acknowledged,
               seams_.log.committed(log::kSkipGroup, from));
  // Of an acknowledgement that lies behind the offset it cannot be seen whether it is new: each
  // is good once.
  if (acknowledged == shard.skipped_to()) acknowledged.reset();
  VIGIE_ASSIGN(const log::Resume resumed,
               log::resume(from, range, offset, acknowledged, "the index"));
  log::warn_skipped(from, resumed);
  VIGIE_TRY(producer_->send(
      log::acknowledged_gap(from, offset, resumed.offset, seams_.clock.now_unix_ms())));
  VIGIE_TRY(producer_->flush());
  return shard.skip_to(resumed.offset);
}

/// Everything that was in the topics a shard depends on is in force before its first new article.
/// False if a stop was asked for first.
Result<bool> ShardWriter::open(log::TopicPartition from, const std::stop_token& stop) {
  VIGIE_ASSIGN(const log::OffsetRange range, seams_.log.offsets(from));
  auto place = owned_.find(from.partition);
  if (place == owned_.end()) {
    Owned entry;
    VIGIE_ASSIGN(entry.shard, open_shard(from, range));
    entry.checkpoint_at = seams_.clock.since_boot() + until_checkpoint(from.partition);
    place = owned_.emplace(from.partition, std::move(entry)).first;
  } else {
    VIGIE_TRY(close_gap(from, range, *place->second.shard));  // it was held
  }
  Owned& entry = place->second;
  entry.catch_up_to = range.end;
  entry.state = entry.shard->next_offset() < range.end ? v1::PeerShard::STATE_RESTORING
                                                       : v1::PeerShard::STATE_SERVING;

  VIGIE_ASSIGN(const log::OffsetRange held, seams_.log.offsets({Topic::kStories, from.partition}));
  VIGIE_TRY(
      stories_.start(from.partition, log::resume_compacted(held, entry.shard->stories_offset())));
  VIGIE_ASSIGN(const bool read, stories_.follow_to_end(from.partition, stop));
  if (!read) return false;
  for (const std::string& article : taken_down_) VIGIE_TRY(take_down(article));
  for (const url::Takedown& wide : wide_takedowns_) VIGIE_TRY(take_down(wide, *entry.shard));
  seams_.index.add_shard(from.partition, entry.shard, entry.state);
  VIGIE_TRY(group_->start(from, entry.shard->next_offset()));
  return true;
}

void ShardWriter::close(std::int32_t partition) {
  seams_.index.remove_shard(partition);
  stories_.stop(partition);
  owned_.erase(partition);
}

/// What the group took back is searched on until it is known who has it: after most changes of
/// the group that is this process again.
void ShardWriter::hold(const std::vector<log::TopicPartition>& revoked) {
  for (const log::TopicPartition& from : revoked) {
    const auto place = owned_.find(from.partition);
    if (place == owned_.end()) continue;
    place->second.state = v1::PeerShard::STATE_HELD;
    seams_.index.add_shard(from.partition, place->second.shard, place->second.state);
  }
  settled_ = false;
  held_since_ = seams_.clock.since_boot();
}

/// `assigned` is all that is ours from here on. A stop may come in between; then less of it is
/// open.
Result<void> ShardWriter::settle(const std::vector<log::TopicPartition>& assigned,
                                 const std::stop_token& stop) {
  std::vector<std::int32_t> gone;
  for (const auto& [partition, entry] : owned_) {
    const bool stays = std::any_of(assigned.begin(), assigned.end(),
                                   [&, number = partition](const log::TopicPartition& from) {
                                     return from.partition == number;
                                   });
    if (!stays) gone.push_back(partition);
  }
  for (const std::int32_t partition : gone) close(partition);
  if (seams_.catch_up_subscriptions && !assigned.empty()) {
    VIGIE_ASSIGN(const bool known, seams_.catch_up_subscriptions(stop));
    if (!known) return {};
  }
  VIGIE_ASSIGN(const bool obeyed, control_.follow_to_end(stop));
  if (!obeyed) return {};
  for (const log::TopicPartition& from : assigned) {
    VIGIE_ASSIGN(const bool opened, open(from, stop));
    if (!opened) return {};
  }
  settled_ = true;
  logging::info("shards of this process", {{"count", static_cast<long long>(owned_.size())},
                                           {"given_up", static_cast<long long>(gone.size())}});
  return relay();  // rows that a crash left behind
}

/// Who is not told for long what is its own has lost touch with the group: others have these
/// shards by now.
void ShardWriter::let_go_of_held() {
  if (settled_ || owned_.empty() || seams_.clock.since_boot() - held_since_ < kHoldTime) return;
  while (!owned_.empty()) close(owned_.begin()->first);
}

std::chrono::milliseconds ShardWriter::until_checkpoint(std::int32_t partition) const {
  if (!checkpoints_.enabled()) return {};
  for (const Checkpoints::Entry& entry : checkpoints_.list(partition)) {
    if (entry.instance != options_.instance) continue;
    const std::chrono::milliseconds age(
        std::max<std::int64_t>(0, seams_.clock.now_unix_ms() - entry.made_at_unix_ms));
    return std::max(options_.checkpoint_every - age, std::chrono::milliseconds(0));
  }
  return {};
}

/// At most one a call, and none of a shard that stands where its last one does. What goes wrong
/// with the shared folder is no reason to stop the index.
void ShardWriter::make_checkpoint_if_due() {
  if (!checkpoints_.enabled()) return;
  for (auto& [partition, entry] : owned_) {
    const std::int64_t offset = entry.shard->next_offset();
    if (entry.state != v1::PeerShard::STATE_SERVING || offset == entry.checkpointed ||
        seams_.clock.since_boot() < entry.checkpoint_at)
      continue;
    entry.checkpoint_at = seams_.clock.since_boot() + options_.checkpoint_every;
    entry.checkpointed = offset;
    const auto made = checkpoints_.make(
        partition, offset, seams_.clock.now_unix_ms(),
        [&shard = entry.shard](const std::filesystem::path& to) { return shard->checkpoint(to); });
    metrics_.checkpoints.of(made ? "made" : "failed").add();
    if (!made)
      logging::error("no checkpoint was made",
                     {{"partition", partition}, {"error", made.error().to_string()}});
    return;
  }
}

Result<void> ShardWriter::take_stories(const log::Reader::Batch& batch) {
  const auto place = owned_.find(batch.from.partition);
  if (place == owned_.end()) return {};
  std::vector<Membership> rows;
  rows.reserve(batch.records.size());
  for (const log::Record& record : batch.records) {
    v1::StoryRecord story;
    if (!record.value) continue;
    if (story.ParseFromString(*record.value) && !story.story_id().empty())
      rows.push_back({record.key, story.story_id(), story.event_id()});
    else log::warn_bad_record(Topic::kStories, record);
  }
  return place->second.shard->set_stories(rows, batch.next_offset);
}

Result<void> ShardWriter::take_down(const std::string& article) {
  VIGIE_ASSIGN(const std::int32_t partitions, seams_.log.partitions(Topic::kArticles));
  const auto place = owned_.find(proto::partition_of(article, partitions));
  if (place == owned_.end()) return {};
  return place->second.shard->takedown(article);
}

Result<void> ShardWriter::obey(const log::Record& record) {
  v1::ControlRecord command;
  if (!record.value) return {};
  if (!command.ParseFromString(*record.value)) {
    log::warn_bad_record(Topic::kControl, record);
    return {};
  }
  if (command.action() != v1::CONTROL_ACTION_TAKEDOWN) return {};
  const url::Takedown takedown = url::read_takedown(command.target());
  logging::info("taken down", {{"target", command.target()}});
  if (takedown.kind == url::Takedown::Kind::kArticle) {
    taken_down_.push_back(command.target());
    return take_down(command.target());
  }
  if (!covered_.add(takedown)) return {};
  wide_takedowns_.push_back(takedown);
  for (auto& [partition, entry] : owned_) VIGIE_TRY(take_down(takedown, *entry.shard));
  return {};
}

bool ShardWriter::is_taken_down(const v1::ArticleRecord& article) const {
  if (covered_.empty()) return false;
  return covered_.has_source(article.source().id()) || covered_.has_url(article.canonical_url()) ||
         covered_.has_url(article.url());
}

/// Hides all that a shard has of a URL, a host or a source. What comes later is not taken in.
Result<void> ShardWriter::take_down(const url::Takedown& takedown, Shard& shard) {
  const bool of_source = takedown.kind == url::Takedown::Kind::kSource;
  const auto url = url::parse(takedown.value);
  const std::string host = takedown.kind == url::Takedown::Kind::kHost ? takedown.value
                           : url && url->host                          ? *url->host
                                                                       : std::string();
  const auto query =
      query::parse((of_source ? "source:\"" + takedown.value : "site:\"" + host) + "\"");
  if (!query) return {};  // of such a name there can be nothing
  Find find;
  find.query = &*query;
  find.limit = kTakenDownAtOnce;
  find.now_unix_ms = seams_.clock.now_unix_ms();
  while (true) {
    VIGIE_ASSIGN(const FindResult found, shard.find(find));
    for (const Found& one : found.hits) {
      VIGIE_ASSIGN(const auto article, shard.article(one.article_id));
      if (article && is_taken_down(*article)) VIGIE_TRY(shard.takedown(one.article_id));
    }
    if (found.hits.size() < find.limit) return {};
    const Found& last = found.hits.back();
    find.after = After{last.score, last.time_unix_ms, last.article_id};
  }
}

Result<void> ShardWriter::quarantine(const log::TopicPartition& from, const log::Record& record) {
  metrics_.quarantined.of("bad_record").add();
  return producer_->send(log::quarantined(from.topic, record,
                                          {"index", "bad_record",
                                           "the record is no ArticleRecord that this version can "
                                           "read, or names another article than its key"},
                                          seams_.clock.now_unix_ms()));
}

void ShardWriter::observe(const v1::ArticleRecord& article, std::int64_t now) {
  if (article.origin() != v1::ORIGIN_CRAWL) return;
  metrics_.discovered_to_searchable.observe(
      static_cast<double>(std::max<std::int64_t>(0, now - article.discovered_at_unix_ms())) /
      1000.0);
  if (article.published().precision() == v1::DATE_PRECISION_SECOND &&
      article.published().unix_ms() >= started_unix_ms_ && article.published().unix_ms() <= now) {
    metrics_.published_to_searchable.observe(
        static_cast<double>(now - article.published().unix_ms()) / 1000.0);
  }
}

Result<void> ShardWriter::apply(log::Reader::Batch& batch) {
  const auto place = owned_.find(batch.from.partition);
  VIGIE_INVARIANT(place != owned_.end());
  const auto begin = seams_.clock.since_boot();
  std::vector<LoggedArticle> articles;
  articles.reserve(batch.records.size());
  bool any_quarantined = false;
  for (log::Record& record : batch.records) {
    LoggedArticle entry;
    entry.offset = record.offset;
    entry.log_time_unix_ms = record.timestamp_unix_ms;
    if (!record.value) continue;
    if (!entry.article.ParseFromString(*record.value) || entry.article.article_id() != record.key ||
        record.key.empty()) {
      VIGIE_TRY(quarantine(batch.from, record));
      any_quarantined = true;
      continue;
    }
    if (is_taken_down(entry.article)) continue;
    entry.bytes = std::move(*record.value);
    articles.push_back(std::move(entry));
  }
  if (any_quarantined) VIGIE_TRY(producer_->flush());
  Shard::MatchFn match;
  if (options_.deliver) {
    match = [this](const v1::ArticleRecord& article, const analysis::Prepared& prepared,
                   std::int64_t log_time) -> matching::Matches {
      if (!alerting::may_alert(article, options_.alert_max_age_ms)) return {};
      return seams_.matcher.match(matching::Document(article, prepared), log_time);
    };
  }
  VIGIE_TRY(place->second.shard->apply(articles, batch.next_offset, match));
  if (place->second.state == v1::PeerShard::STATE_RESTORING &&
      batch.next_offset >= place->second.catch_up_to) {
    place->second.state = v1::PeerShard::STATE_SERVING;
    seams_.index.add_shard(batch.from.partition, place->second.shard, place->second.state);
  }
  VIGIE_TRY(group_->commit(batch.from, batch.next_offset));
  const std::int64_t now = seams_.clock.now_unix_ms();
  for (const LoggedArticle& entry : articles) observe(entry.article, now);
  metrics_.documents.add(static_cast<double>(articles.size()));
  metrics_.batch_seconds.observe(
      std::chrono::duration<double>(seams_.clock.since_boot() - begin).count());
  return {};
}

/// Rows go when the log has them; a crash in between sends them again under the same match id.
Result<void> ShardWriter::relay() {
  if (!options_.deliver) return {};
  for (auto& [partition, entry] : owned_) {
    for (;;) {
      VIGIE_ASSIGN(auto pending, entry.shard->pending_matches(kRelayRows));
      if (pending.empty()) break;
      std::vector<std::string> rows;
      for (auto& row : pending) {
        VIGIE_TRY(producer_->send(
            {Topic::kMatches, row.match.subscription_id(), row.match.SerializeAsString()}));
        rows.push_back(std::move(row.row));
      }
      VIGIE_TRY(producer_->flush());
      VIGIE_TRY(entry.shard->forget_matches(rows));
      metrics_.matches.add(static_cast<double>(rows.size()));
    }
  }
  return {};
}

/// One shard a turn, so that no article waits for all of them.
Result<void> ShardWriter::maintain(bool idle) {
  if (owned_.empty()) return {};
  next_maintained_ = (next_maintained_ + 1) % owned_.size();
  auto place = owned_.begin();
  std::advance(place, static_cast<std::ptrdiff_t>(next_maintained_));
  bool more = true;
  while (more) {
    VIGIE_ASSIGN(more, place->second.shard->maintain());
    if (!idle) break;
  }
  return {};
}

Result<void> ShardWriter::update_figures(status::Reporter& reporter) {
  double count = 0;
  double bytes = 0;
  bool caught_up = settled_;
  double behind = 0;
  for (const auto& [partition, entry] : owned_) {
    count += static_cast<double>(entry.shard->documents());
    bytes += static_cast<double>(entry.shard->disk_bytes());
    caught_up = caught_up && entry.state == v1::PeerShard::STATE_SERVING;
    behind += entry.state == v1::PeerShard::STATE_RESTORING ? 1 : 0;
  }
  metrics_.shards.set(static_cast<double>(owned_.size()));
  metrics_.restoring.set(behind);
  metrics_.searchable.set(count);
  metrics_.disk_bytes.set(bytes);
  ready_ = caught_up;
  if (!reporter.due()) return {};
  std::int64_t position = 0;
  std::int64_t end = 0;
  for (const auto& [partition, entry] : owned_) {
    VIGIE_ASSIGN(const log::OffsetRange range, seams_.log.offsets({Topic::kArticles, partition}));
    position += entry.shard->next_offset();
    end += range.end;
  }
  reporter.lag("articles", position, end);
  reporter.total("documents", static_cast<std::uint64_t>(metrics_.documents.value()));
  reporter.total("matches", static_cast<std::uint64_t>(metrics_.matches.value()));
  reporter.total("quarantined",
                 static_cast<std::uint64_t>(metrics_.quarantined.of("bad_record").value()));
  reporter.disk_bytes(static_cast<std::uint64_t>(bytes));
  reporter.state(ready_ ? status::State::kRunning : status::State::kStarting);
  return reporter.report();
}

Result<void> ShardWriter::run(std::stop_token stop) {
  producer_ = seams_.log.producer();
  VIGIE_TRY(control_.start_all());
  VIGIE_ASSIGN(const bool obeyed, control_.follow_to_end(stop));
  if (!obeyed) return {};
  const std::array topics{Topic::kArticles};
  VIGIE_ASSIGN(group_, seams_.log.join(options_.group, topics, {options_.session}));
  VIGIE_ASSIGN(const std::int32_t partitions, seams_.log.partitions(Topic::kArticles));
  seams_.index.expect_shards(static_cast<std::size_t>(partitions));

  status::Reporter reporter(seams_.log, seams_.clock, "indexer", options_.instance,
                            options_.dir.parent_path());
  figures_due_ = seams_.clock.since_boot();
  while (!stop.stop_requested()) VIGIE_TRY(turn(reporter, stop));
  while (!owned_.empty()) close(owned_.begin()->first);
  return {};
}

Result<void> ShardWriter::checkpoint(const std::filesystem::path& to) {
  std::error_code error;
  std::filesystem::create_directories(to, error);
  if (error) {
    return failure(Disposition::kStop, "io",
                   "the folder of the shards' copies cannot be made: " + error.message(),
                   to.string());
  }
  for (std::int32_t next = 0;;) {
    VIGIE_ASSIGN(const backup::TurnGate::Hold hold, gate_.hold(kRestTime));
    const auto place = owned_.lower_bound(next);
    if (place == owned_.end()) return {};
    VIGIE_TRY(place->second.shard->checkpoint(to / partition_folder(place->first)));
    next = place->first + 1;
  }
}

Result<void> ShardWriter::turn(status::Reporter& reporter, const std::stop_token& stop) {
  gate_.pass();
  VIGIE_ASSIGN(log::Group::Polled polled, group_->poll(kPollRecords, kPollTime));
  if (!polled.revoked.empty()) hold(polled.revoked);
  if (polled.settled) {
    VIGIE_TRY(settle(polled.assigned, stop));
    if (!settled_) return {};  // stopped
  }
  let_go_of_held();
  for (log::Reader::Batch& batch : polled.batches) VIGIE_TRY(apply(batch));
  if (!polled.batches.empty()) VIGIE_TRY(relay());
  VIGIE_TRY(stories_.follow());
  VIGIE_TRY(control_.follow());
  VIGIE_TRY(maintain(polled.batches.empty()));
  make_checkpoint_if_due();
  if (seams_.clock.since_boot() < figures_due_ && ready_) return {};
  figures_due_ = seams_.clock.since_boot() + kFiguresEvery;
  return update_figures(reporter);
}

bool ShardWriter::ready() const { return ready_; }

}  // namespace vigie::indexer::service
