#include "indexer/service/shard_writer.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <system_error>

#include "indexer/alerting/eligibility.h"
#include "indexer/service/checkpoints.h"
#include "platform/log/bad_record.h"
#include "platform/log/quarantine.h"
#include "platform/logging/logging.h"
#include "platform/status/reporter.h"
#include "proto/control.pb.h"
#include "proto/log_topics.h"
#include "proto/story.pb.h"

namespace vigie::indexer::service {
namespace {

using proto::Topic;

/// Records of one poll: enough that a synced batch costs little each, few enough that searches see
/// them soon.
constexpr std::size_t kPollRecords = 512;
/// How long a poll waits; stories and control commands wait no longer than this for their turn.
constexpr std::chrono::milliseconds kPollTime{100};
/// Memory of the live heads of all shards of this process together, and the least that one of them
/// gets.
constexpr std::size_t kHeadBytes = 256ULL << 20;
constexpr std::size_t kLeastHeadBytes = 4ULL << 20;
constexpr std::size_t kStoryRecords = 4'096;
constexpr std::size_t kRelayRows = 1'000;
/// The log owes what it holds within this time.
constexpr std::chrono::milliseconds kCatchUpTime{60'000};
/// A change of the group takes seconds; who hears nothing of its end for longer has lost touch.
constexpr std::chrono::milliseconds kHoldTime{60'000};

}  // namespace

struct ShardWriter::Impl {
  Impl(Seams seams_, Options options_) : seams(seams_), options(std::move(options_)) {}

  struct Owned {
    std::shared_ptr<Shard> shard;
    std::int64_t stories_next = 0;
    std::int64_t catch_up_to = 0;  // end of `articles` when the shard was assigned
    v1::PeerShard::State state = v1::PeerShard::STATE_RESTORING;
    std::chrono::milliseconds checkpoint_at{0};
    std::int64_t checkpointed = 0;  // position of the last checkpoint
  };

  Seams seams;
  Options options;
  std::map<std::int32_t, Owned> owned;
  std::unique_ptr<log::Producer> producer;
  std::unique_ptr<log::Group> group;
  std::unique_ptr<log::Reader> stories;
  std::unique_ptr<log::Reader> control;
  std::vector<std::int64_t> control_next;
  std::vector<std::string> taken_down;
  Checkpoints checkpoints{options.checkpoint_dir, options.instance};
  bool settled = false;  // the group has said which shards are ours
  std::chrono::milliseconds held_since{0};
  std::atomic<bool> ready{false};

  metrics::Counter& documents = seams.metrics.counter(
      "vigie_indexer_documents_total", "Article versions taken from the log and made searchable.");
  metrics::Counter& quarantined = seams.metrics.counter(
      "vigie_indexer_quarantined_total", "Records of articles that could not be indexed.",
      {{"reason", "bad_record"}});
  metrics::Counter& matches = seams.metrics.counter(
      "vigie_indexer_matches_total", "Matches of articles with subscriptions relayed to the log.");
  metrics::Gauge& shards =
      seams.metrics.gauge("vigie_indexer_shards", "Shards this process writes.");
  metrics::Gauge& restoring = seams.metrics.gauge(
      "vigie_indexer_restoring_shards",
      "Shards of this process that have not caught up with the log since they were opened.");
  metrics::Counter& checkpoints_made = seams.metrics.counter(
      "vigie_indexer_checkpoints_total", "Checkpoints of shards.", {{"outcome", "made"}});
  metrics::Counter& checkpoints_failed = seams.metrics.counter(
      "vigie_indexer_checkpoints_total", "Checkpoints of shards.", {{"outcome", "failed"}});
  metrics::Gauge& searchable =
      seams.metrics.gauge("vigie_indexer_searchable_documents",
                          "Articles that can be found in the shards of this process.");
  metrics::Gauge& disk =
      seams.metrics.gauge("vigie_indexer_disk_bytes", "Bytes of the shards on disk.");
  metrics::Histogram& batch_seconds = seams.metrics.histogram(
      "vigie_indexer_batch_seconds",
      "Time from a polled batch to its being durable and searchable.", metrics::latency_bounds_s());
  metrics::Histogram& discovered_to_searchable = seams.metrics.histogram(
      "vigie_indexer_discovered_to_searchable_seconds",
      "Time from the discovery of a crawled article to its being searchable.",
      metrics::latency_bounds_s());
  metrics::Histogram& published_to_searchable =
      seams.metrics.histogram("vigie_indexer_published_to_searchable_seconds",
                              "Time from publication to being searchable, of crawled articles "
                              "published after this process started.",
                              metrics::latency_bounds_s());
  const std::int64_t started_unix_ms = seams.clock.now_unix_ms();

  std::filesystem::path shard_dir(std::int32_t partition) const {
    return options.dir / partition_folder(partition);
  }

  Result<std::shared_ptr<Shard>> open_folder(std::int32_t partition) {
    ShardOptions shard_options;
    shard_options.dir = shard_dir(partition);
    shard_options.partition = partition;
    shard_options.seal_documents = options.seal_documents;
    shard_options.open_database = options.open_database;
    VIGIE_ASSIGN(const std::int32_t partitions, seams.log.partitions(Topic::kArticles));
    shard_options.seal_bytes =
        std::max(kLeastHeadBytes, kHeadBytes / static_cast<std::size_t>(partitions));
    VIGIE_ASSIGN(auto opened, Shard::open(shard_options, seams.clock, seams.metrics));
    return std::shared_ptr<Shard>(std::move(opened));
  }

  /// The shard as this process or a checkpoint has it, at a position that the log still holds.
  Result<std::shared_ptr<Shard>> open_shard(log::TopicPartition from,
                                            const log::OffsetRange& range) {
    const std::int32_t partition = from.partition;
    std::error_code error;
    if (!std::filesystem::exists(shard_dir(partition), error)) {
      if (const auto entry = checkpoints.newest_within(partition, range.begin, range.end))
        VIGIE_TRY(Checkpoints::restore(*entry, shard_dir(partition)));
    }
    VIGIE_ASSIGN(std::shared_ptr<Shard> shard, open_folder(partition));
    if (shard->next_offset() < range.begin) {
      if (const auto entry = checkpoints.newest_within(partition, range.begin, range.end)) {
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

  /// A position outside the log stops the service, unless a person acknowledged the gap since.
  Result<void> close_gap(log::TopicPartition from, const log::OffsetRange& range, Shard& shard) {
    const std::int64_t offset = shard.next_offset();
    if (offset >= range.begin && offset <= range.end) return {};
    if (offset == 0) {
      logging::warn(
          "the log no longer begins at its beginning; the index knows nothing of what was before",
          {{"partition", from.partition}, {"from_offset", range.begin}});
      return shard.skip_to(range.begin);
    }
    VIGIE_ASSIGN(const auto acknowledged, seams.log.committed(log::kSkipGroup, from));
    // Of an acknowledgement that lies behind the position it cannot be seen whether it is new: each
    // is good once.
    const bool good = acknowledged && *acknowledged >= range.begin && *acknowledged <= range.end &&
                      *acknowledged != shard.skipped_to();
    if (good) {
      logging::warn(
          "an acknowledged gap is skipped",
          {{"partition", from.partition}, {"from_offset", offset}, {"to_offset", *acknowledged}});
      VIGIE_TRY(log::append(seams.log, {log::acknowledged_gap(from, offset, *acknowledged,
                                                              seams.clock.now_unix_ms())}));
      return shard.skip_to(*acknowledged);
    }
    const std::int64_t next = offset < range.begin ? range.begin : range.end;
    return failure(Disposition::kStop, "log_gap",
                   "the index has read to " + std::to_string(offset) + " but the log holds " +
                       std::to_string(range.begin) + " to " + std::to_string(range.end) +
                       "; restore the log, or a checkpoint of the index, or acknowledge the gap "
                       "with `vigie log skip articles " +
                       std::to_string(from.partition) + " " + std::to_string(next) + "`",
                   "articles/" + std::to_string(from.partition));
  }

  /// Everything that was in the topics a shard depends on is in force before its first new article.
  Result<void> open(log::TopicPartition from) {
    VIGIE_ASSIGN(const log::OffsetRange range, seams.log.offsets(from));
    auto place = owned.find(from.partition);
    if (place == owned.end()) {
      Owned entry;
      VIGIE_ASSIGN(entry.shard, open_shard(from, range));
      entry.checkpoint_at = seams.clock.since_boot() + until_checkpoint(from.partition);
      place = owned.emplace(from.partition, std::move(entry)).first;
    } else {
      VIGIE_TRY(close_gap(from, range, *place->second.shard));  // it was held
    }
    Owned& entry = place->second;
    entry.catch_up_to = range.end;
    entry.state = entry.shard->next_offset() < range.end ? v1::PeerShard::STATE_RESTORING
                                                         : v1::PeerShard::STATE_SERVING;

    const log::TopicPartition story_partition{Topic::kStories, from.partition};
    VIGIE_ASSIGN(const log::OffsetRange story_range, seams.log.offsets(story_partition));
    entry.stories_next =
        std::clamp(entry.shard->stories_offset(), story_range.begin, story_range.end);
    VIGIE_TRY(stories->assign(story_partition, entry.stories_next));
    const auto give_up = seams.clock.since_boot() + kCatchUpTime;
    while (entry.stories_next < story_range.end) {
      VIGIE_TRY(follow_stories(kPollTime));
      if (seams.clock.since_boot() > give_up) {
        return failure(
            Disposition::kStop, "log_silent",
            "the log gave no story for a minute while there were more; look at the broker",
            "stories/" + std::to_string(from.partition));
      }
    }
    for (const std::string& article : taken_down) VIGIE_TRY(take_down(article));
    seams.index.add_shard(from.partition, entry.shard, entry.state);
    return group->start(from, entry.shard->next_offset());
  }

  void close(std::int32_t partition) {
    seams.index.remove_shard(partition);
    stories->unassign({Topic::kStories, partition});
    owned.erase(partition);
  }

  /// What the group took back is searched on until it is known who has it: after most changes of
  /// the group that is this process again.
  void hold(const std::vector<log::TopicPartition>& revoked) {
    for (const log::TopicPartition& from : revoked) {
      const auto place = owned.find(from.partition);
      if (place == owned.end()) continue;
      place->second.state = v1::PeerShard::STATE_HELD;
      seams.index.add_shard(from.partition, place->second.shard, place->second.state);
    }
    settled = false;
    held_since = seams.clock.since_boot();
  }

  /// `assigned` is all that is ours from here on.
  Result<void> settle(const std::vector<log::TopicPartition>& assigned) {
    std::vector<std::int32_t> gone;
    for (const auto& [partition, entry] : owned) {
      const bool stays = std::any_of(assigned.begin(), assigned.end(),
                                     [&, number = partition](const log::TopicPartition& from) {
                                       return from.partition == number;
                                     });
      if (!stays) gone.push_back(partition);
    }
    for (const std::int32_t partition : gone) close(partition);
    if (seams.catch_up_subscriptions && !assigned.empty())
      VIGIE_TRY(seams.catch_up_subscriptions());
    VIGIE_TRY(follow_control_to_end());
    for (const log::TopicPartition& from : assigned) VIGIE_TRY(open(from));
    settled = true;
    logging::info("shards of this process", {{"count", static_cast<long long>(owned.size())},
                                             {"given_up", static_cast<long long>(gone.size())}});
    return relay();  // rows that a crash left behind
  }

  /// Who is not told for long what is its own has lost touch with the group: others have these
  /// shards by now.
  void let_go_of_held() {
    if (settled || owned.empty() || seams.clock.since_boot() - held_since < kHoldTime) return;
    while (!owned.empty()) close(owned.begin()->first);
  }

  std::chrono::milliseconds until_checkpoint(std::int32_t partition) const {
    if (!checkpoints.enabled()) return {};
    for (const Checkpoints::Entry& entry : checkpoints.list(partition)) {
      if (entry.instance != options.instance) continue;
      const std::chrono::milliseconds age(
          std::max<std::int64_t>(0, seams.clock.now_unix_ms() - entry.made_at_unix_ms));
      return std::max(options.checkpoint_every - age, std::chrono::milliseconds(0));
    }
    return {};
  }

  /// At most one a call, and none of a shard that stands where its last one does. What goes wrong
  /// with the shared folder is no reason to stop the index.
  void make_checkpoint_if_due() {
    if (!checkpoints.enabled()) return;
    for (auto& [partition, entry] : owned) {
      const std::int64_t offset = entry.shard->next_offset();
      if (entry.state != v1::PeerShard::STATE_SERVING || offset == entry.checkpointed ||
          seams.clock.since_boot() < entry.checkpoint_at)
        continue;
      entry.checkpoint_at = seams.clock.since_boot() + options.checkpoint_every;
      entry.checkpointed = offset;
      const auto made = checkpoints.make(partition, offset, seams.clock.now_unix_ms(),
                                         [&shard = entry.shard](const std::filesystem::path& to) {
                                           return shard->checkpoint(to);
                                         });
      (made ? checkpoints_made : checkpoints_failed).add();
      if (!made)
        logging::error("no checkpoint was made",
                       {{"partition", partition}, {"error", made.error().to_string()}});
      return;
    }
  }

  Result<void> follow_stories(std::chrono::milliseconds wait = std::chrono::milliseconds(0)) {
    VIGIE_ASSIGN(auto batches, stories->poll(kStoryRecords, wait));
    for (const auto& batch : batches) {
      const auto place = owned.find(batch.from.partition);
      if (place == owned.end()) continue;
      std::vector<std::pair<std::string, std::string>> rows;
      rows.reserve(batch.records.size());
      for (const log::Record& record : batch.records) {
        v1::StoryRecord story;
        if (!record.value) continue;
        if (story.ParseFromString(*record.value) && !story.story_id().empty())
          rows.emplace_back(record.key, story.story_id());
        else log::warn_bad_record(Topic::kStories, record);
      }
      VIGIE_TRY(place->second.shard->set_stories(rows, batch.next_offset));
      place->second.stories_next = batch.next_offset;
    }
    return {};
  }

  Result<void> take_down(const std::string& article) {
    VIGIE_ASSIGN(const std::int32_t partitions, seams.log.partitions(Topic::kArticles));
    const auto place = owned.find(proto::partition_of(article, partitions));
    if (place == owned.end()) return {};
    return place->second.shard->takedown(article);
  }

  Result<void> obey(const log::Record& record) {
    v1::ControlRecord command;
    if (!record.value) return {};
    if (!command.ParseFromString(*record.value)) {
      log::warn_bad_record(Topic::kControl, record);
      return {};
    }
    if (command.action() != v1::CONTROL_ACTION_TAKEDOWN) return {};
    taken_down.push_back(command.target());
    logging::info("article taken down", {{"article", command.target()}});
    return take_down(command.target());
  }

  Result<void> follow_control(std::chrono::milliseconds wait = std::chrono::milliseconds(0)) {
    VIGIE_ASSIGN(auto batches, control->poll(kPollRecords, wait));
    for (const auto& batch : batches) {
      for (const log::Record& record : batch.records) VIGIE_TRY(obey(record));
      control_next[static_cast<std::size_t>(batch.from.partition)] = batch.next_offset;
    }
    return {};
  }

  Result<void> follow_control_to_end() {
    const auto give_up = seams.clock.since_boot() + kCatchUpTime;
    for (std::size_t i = 0; i < control_next.size(); ++i) {
      VIGIE_ASSIGN(const log::OffsetRange range,
                   seams.log.offsets({Topic::kControl, static_cast<std::int32_t>(i)}));
      while (control_next[i] < range.end) {
        VIGIE_TRY(follow_control(kPollTime));
        if (seams.clock.since_boot() > give_up)
          return failure(
              Disposition::kStop, "log_silent",
              "the log gave no command for a minute while there were more; look at the broker",
              "control");
      }
    }
    return {};
  }

  Result<void> quarantine(const log::TopicPartition& from, const log::Record& record) {
    quarantined.add();
    return producer->send(log::quarantined(from.topic, record,
                                           {"index", "bad_record",
                                            "the record is no ArticleRecord that this version can "
                                            "read, or names another article than its key"},
                                           seams.clock.now_unix_ms()));
  }

  void observe(const v1::ArticleRecord& article, std::int64_t now) {
    if (article.origin() != v1::ORIGIN_CRAWL) return;
    discovered_to_searchable.observe(
        static_cast<double>(std::max<std::int64_t>(0, now - article.discovered_at_unix_ms())) /
        1000.0);
    if (article.published().precision() == v1::DATE_PRECISION_SECOND &&
        article.published().unix_ms() >= started_unix_ms && article.published().unix_ms() <= now) {
      published_to_searchable.observe(static_cast<double>(now - article.published().unix_ms()) /
                                      1000.0);
    }
  }

  Result<void> apply(const log::Reader::Batch& batch) {
    const auto place = owned.find(batch.from.partition);
    VIGIE_INVARIANT(place != owned.end());
    const auto begin = seams.clock.since_boot();
    std::vector<LoggedArticle> articles;
    articles.reserve(batch.records.size());
    bool any_quarantined = false;
    for (const log::Record& record : batch.records) {
      LoggedArticle entry;
      entry.offset = record.offset;
      entry.log_time_unix_ms = record.timestamp_unix_ms;
      if (!record.value) continue;
      if (!entry.article.ParseFromString(*record.value) ||
          entry.article.article_id() != record.key || record.key.empty()) {
        VIGIE_TRY(quarantine(batch.from, record));
        any_quarantined = true;
        continue;
      }
      articles.push_back(std::move(entry));
    }
    if (any_quarantined) VIGIE_TRY(producer->flush());
    Shard::MatchFn match;
    if (options.deliver) {
      match = [this](const v1::ArticleRecord& article, std::int64_t log_time) {
        return alerting::may_alert(article, options.alert_max_age_ms)
                   ? seams.matcher.match(article, log_time)
                   : std::vector<v1::MatchRecord>();
      };
    }
    VIGIE_TRY(place->second.shard->apply(articles, batch.next_offset, match));
    if (place->second.state == v1::PeerShard::STATE_RESTORING &&
        batch.next_offset >= place->second.catch_up_to) {
      place->second.state = v1::PeerShard::STATE_SERVING;
      seams.index.add_shard(batch.from.partition, place->second.shard, place->second.state);
    }
    VIGIE_TRY(group->commit(batch.from, batch.next_offset));
    const std::int64_t now = seams.clock.now_unix_ms();
    for (const LoggedArticle& entry : articles) observe(entry.article, now);
    documents.add(static_cast<double>(articles.size()));
    batch_seconds.observe(std::chrono::duration<double>(seams.clock.since_boot() - begin).count());
    return {};
  }

  /// Rows go when the log has them; a crash in between sends them again under the same match id.
  Result<void> relay() {
    if (!options.deliver) return {};
    for (auto& [partition, entry] : owned) {
      for (;;) {
        VIGIE_ASSIGN(auto pending, entry.shard->pending_matches(kRelayRows));
        if (pending.empty()) break;
        std::vector<std::string> rows;
        for (auto& row : pending) {
          VIGIE_TRY(producer->send(
              {Topic::kMatches, row.match.subscription_id(), row.match.SerializeAsString()}));
          rows.push_back(std::move(row.row));
        }
        VIGIE_TRY(producer->flush());
        VIGIE_TRY(entry.shard->forget_matches(rows));
        matches.add(static_cast<double>(rows.size()));
      }
    }
    return {};
  }

  /// One shard a turn, so that no article waits for all of them.
  Result<void> maintain(bool idle) {
    if (owned.empty()) return {};
    next_maintained = (next_maintained + 1) % owned.size();
    auto place = owned.begin();
    std::advance(place, static_cast<std::ptrdiff_t>(next_maintained));
    bool more = true;
    while (more) {
      VIGIE_ASSIGN(more, place->second.shard->maintain());
      if (!idle) break;
    }
    return {};
  }
  std::size_t next_maintained = 0;

  Result<void> update_figures(status::Reporter& reporter) {
    double count = 0;
    double bytes = 0;
    bool caught_up = settled;
    double behind = 0;
    for (const auto& [partition, entry] : owned) {
      count += static_cast<double>(entry.shard->documents());
      bytes += static_cast<double>(entry.shard->disk_bytes());
      caught_up = caught_up && entry.state == v1::PeerShard::STATE_SERVING;
      behind += entry.state == v1::PeerShard::STATE_RESTORING ? 1 : 0;
    }
    shards.set(static_cast<double>(owned.size()));
    restoring.set(behind);
    searchable.set(count);
    disk.set(bytes);
    if (caught_up) ready = true;
    if (!reporter.due()) return {};
    std::int64_t position = 0;
    std::int64_t end = 0;
    for (const auto& [partition, entry] : owned) {
      VIGIE_ASSIGN(const log::OffsetRange range, seams.log.offsets({Topic::kArticles, partition}));
      position += entry.shard->next_offset();
      end += range.end;
    }
    reporter.lag("articles", position, end);
    reporter.total("documents", static_cast<std::uint64_t>(documents.value()));
    reporter.total("matches", static_cast<std::uint64_t>(matches.value()));
    reporter.total("quarantined", static_cast<std::uint64_t>(quarantined.value()));
    reporter.disk_bytes(static_cast<std::uint64_t>(bytes));
    reporter.state(ready ? "running" : "starting");
    return reporter.report();
  }

  Result<void> run(const std::stop_token& stop) {
    producer = seams.log.producer();
    stories = seams.log.reader();
    control = seams.log.reader();
    VIGIE_ASSIGN(control_next,
                 log::read_to_end(seams.log, Topic::kControl,
                                  [this](const log::Record& record) { return obey(record); }));
    for (std::size_t i = 0; i < control_next.size(); ++i)
      VIGIE_TRY(control->assign({Topic::kControl, static_cast<std::int32_t>(i)}, control_next[i]));
    const std::array topics{Topic::kArticles};
    VIGIE_ASSIGN(group, seams.log.join(options.group, topics, {options.session}));
    VIGIE_ASSIGN(const std::int32_t partitions, seams.log.partitions(Topic::kArticles));
    seams.index.expect_shards(static_cast<std::size_t>(partitions));

    status::Reporter reporter(seams.log, seams.clock, "indexer", options.instance,
                              options.dir.parent_path());
    auto gauges_due = seams.clock.since_boot();
    while (!stop.stop_requested()) {
      VIGIE_ASSIGN(auto polled, group->poll(kPollRecords, kPollTime));
      if (!polled.revoked.empty()) hold(polled.revoked);
      if (polled.settled) VIGIE_TRY(settle(polled.assigned));
      let_go_of_held();
      for (const log::Reader::Batch& batch : polled.batches) VIGIE_TRY(apply(batch));
      if (!polled.batches.empty()) VIGIE_TRY(relay());
      VIGIE_TRY(follow_stories());
      VIGIE_TRY(follow_control());
      VIGIE_TRY(maintain(polled.batches.empty()));
      make_checkpoint_if_due();
      if (seams.clock.since_boot() >= gauges_due || !ready) {
        VIGIE_TRY(update_figures(reporter));
        gauges_due = seams.clock.since_boot() + std::chrono::seconds(1);
      }
    }
    while (!owned.empty()) close(owned.begin()->first);
    return {};
  }
};

ShardWriter::ShardWriter(Seams seams, Options options)
    : impl_(std::make_unique<Impl>(seams, std::move(options))) {}
ShardWriter::~ShardWriter() = default;
Result<void> ShardWriter::run(std::stop_token stop) { return impl_->run(stop); }
bool ShardWriter::ready() const { return impl_->ready; }

}  // namespace vigie::indexer::service
