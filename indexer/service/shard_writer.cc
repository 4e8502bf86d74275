#include "indexer/service/shard_writer.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>

#include "indexer/alerting/eligibility.h"
#include "platform/log/quarantine.h"
#include "platform/log/unreadable.h"
#include "platform/logging/logging.h"
#include "platform/status/reporter.h"
#include "proto/control.pb.h"
#include "proto/story.pb.h"
#include "proto/topics.h"

namespace vigie::indexer::service {
namespace {

using proto::Topic;

/// Records of one poll: enough that a synced batch costs little each, few enough that searches see them soon.
constexpr std::size_t kPollRecords = 512;
/// How long a poll waits; stories and control commands wait no longer than this for their turn.
constexpr std::chrono::milliseconds kPollTime{100};
/// Memory of the live heads of all shards of this process together, and the least that one of them gets.
constexpr std::size_t kHeadBytes = 256ULL << 20;
constexpr std::size_t kLeastHeadBytes = 4ULL << 20;
constexpr std::size_t kStoryRecords = 4'096;
constexpr std::size_t kRelayRows = 1'000;
/// What group position `vigie log skip` leaves for a gap it acknowledges.
constexpr const char* kSkipGroup = "skip";

}  // namespace

struct ShardWriter::Impl {
  Impl(Seams seams_, Options options_) : seams(seams_), options(std::move(options_)) {}

  struct Owned {
    std::shared_ptr<Shard> shard;
    std::int64_t stories_next = 0;
    std::int64_t catch_up_to = 0;  // end of `articles` when the shard was opened
  };

  Seams seams;
  Options options;
  std::map<std::int32_t, Owned> owned;
  std::unique_ptr<log::Producer> producer;
  std::unique_ptr<log::Group> group;
  std::unique_ptr<log::Reader> stories;
  std::unique_ptr<log::Reader> control;
  std::vector<std::string> taken_down;
  std::atomic<bool> ready{false};

  metrics::Counter& documents = seams.metrics.counter("vigie_indexer_documents_total", "Article versions taken from the log and made searchable.");
  metrics::Counter& quarantined = seams.metrics.counter("vigie_indexer_quarantined_total", "Records of articles that could not be indexed.", {{"reason", "bad_record"}});
  metrics::Counter& matches = seams.metrics.counter("vigie_indexer_matches_total", "Matches of articles with subscriptions relayed to the log.");
  metrics::Gauge& shards = seams.metrics.gauge("vigie_indexer_shards", "Shards this process writes.");
  metrics::Gauge& searchable = seams.metrics.gauge("vigie_indexer_searchable_documents", "Articles that can be found in the shards of this process.");
  metrics::Gauge& disk = seams.metrics.gauge("vigie_indexer_disk_bytes", "Bytes of the shards on disk.");
  metrics::Histogram& batch_seconds =
      seams.metrics.histogram("vigie_indexer_batch_seconds", "Time from a polled batch to its being durable and searchable.", metrics::latency_bounds_s());
  metrics::Histogram& discovered_to_searchable = seams.metrics.histogram("vigie_indexer_discovered_to_searchable_seconds",
                                                                         "Time from the discovery of a crawled article to its being searchable.", metrics::latency_bounds_s());
  metrics::Histogram& published_to_searchable =
      seams.metrics.histogram("vigie_indexer_published_to_searchable_seconds",
                              "Time from publication to being searchable, of crawled articles published after this process started.", metrics::latency_bounds_s());
  const std::int64_t started_unix_ms = seams.clock.now_unix_ms();

  std::filesystem::path shard_dir(std::int32_t partition) const {
    char name[16];
    std::snprintf(name, sizeof name, "%03d", static_cast<int>(partition));
    return options.dir / name;
  }

  Result<void> open(log::TopicPartition from) {
    ShardOptions shard_options;
    shard_options.dir = shard_dir(from.partition);
    shard_options.partition = from.partition;
    shard_options.seal_documents = options.seal_documents;
    shard_options.open_database = options.open_database;
    VIGIE_ASSIGN(const std::int32_t partitions, seams.log.partitions(Topic::kArticles));
    shard_options.seal_bytes = std::max(kLeastHeadBytes, kHeadBytes / static_cast<std::size_t>(partitions));
    VIGIE_ASSIGN(auto opened, Shard::open(shard_options, seams.clock, seams.metrics));
    Owned entry;
    entry.shard = std::move(opened);
    VIGIE_ASSIGN(const log::OffsetRange range, seams.log.offsets(from));
    std::int64_t offset = entry.shard->next_offset();
    if (offset < range.begin || offset > range.end) {
      VIGIE_ASSIGN(const auto acknowledged, seams.log.committed(kSkipGroup, from));
      if (acknowledged && *acknowledged >= range.begin && *acknowledged <= range.end) offset = *acknowledged;
    }
    if (offset < range.begin || offset > range.end) {
      return failure(Disposition::kStop, "log_gap",
                     "the index has read to " + std::to_string(offset) + " but the log holds " + std::to_string(range.begin) + " to " + std::to_string(range.end) +
                         "; restore the log, or acknowledge the gap with `vigie log skip articles " + std::to_string(from.partition) + " " + std::to_string(range.begin) + "`",
                     "articles/" + std::to_string(from.partition));
    }
    entry.catch_up_to = range.end;

    // Catch up before acting: stories and takedowns that are in the log already are in force before the first new article.
    const log::TopicPartition story_partition{Topic::kStories, from.partition};
    VIGIE_ASSIGN(const log::OffsetRange story_range, seams.log.offsets(story_partition));
    entry.stories_next = std::clamp(entry.shard->stories_offset(), story_range.begin, story_range.end);
    VIGIE_TRY(stories->assign(story_partition, entry.stories_next));
    auto [place, inserted] = owned.insert_or_assign(from.partition, std::move(entry));
    static_cast<void>(inserted);
    while (place->second.stories_next < story_range.end) {
      const std::int64_t before = place->second.stories_next;
      VIGIE_TRY(follow_stories());
      if (place->second.stories_next == before) break;
    }
    for (const std::string& article : taken_down) VIGIE_TRY(take_down(article));
    seams.index.add_shard(from.partition, place->second.shard);
    return group->start(from, offset);
  }

  void close(std::int32_t partition) {
    seams.index.remove_shard(partition);
    stories->unassign({Topic::kStories, partition});
    owned.erase(partition);
  }

  Result<void> follow_stories() {
    VIGIE_ASSIGN(auto batches, stories->poll(kStoryRecords, std::chrono::milliseconds(0)));
    for (const auto& batch : batches) {
      const auto place = owned.find(batch.from.partition);
      if (place == owned.end()) continue;
      std::vector<std::pair<std::string, std::string>> rows;
      rows.reserve(batch.records.size());
      for (const log::Record& record : batch.records) {
        v1::StoryRecord story;
        if (!record.value) continue;
        if (story.ParseFromString(*record.value) && !story.story_id().empty()) rows.emplace_back(record.key, story.story_id());
        else log::warn_unreadable(Topic::kStories, record);
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
      log::warn_unreadable(Topic::kControl, record);
      return {};
    }
    if (command.action() != v1::CONTROL_ACTION_TAKEDOWN) return {};
    taken_down.push_back(command.target());
    logging::info("article taken down", {{"article", command.target()}});
    return take_down(command.target());
  }

  Result<void> follow_control() {
    VIGIE_ASSIGN(auto batches, control->poll(kPollRecords, std::chrono::milliseconds(0)));
    for (const auto& batch : batches) {
      for (const log::Record& record : batch.records) VIGIE_TRY(obey(record));
    }
    return {};
  }

  Result<void> quarantine(const log::TopicPartition& from, const log::Record& record) {
    quarantined.add();
    return producer->send(log::quarantined(from.topic, record,
                                           {"index", "bad_record", "the record is no ArticleRecord that this version can read, or names another article than its key"},
                                           seams.clock.now_unix_ms()));
  }

  void observe(const v1::ArticleRecord& article, std::int64_t now) {
    if (article.origin() != v1::ORIGIN_CRAWL) return;
    discovered_to_searchable.observe(static_cast<double>(std::max<std::int64_t>(0, now - article.discovered_at_unix_ms())) / 1000.0);
    if (article.published().precision() == v1::DATE_PRECISION_SECOND && article.published().unix_ms() >= started_unix_ms && article.published().unix_ms() <= now) {
      published_to_searchable.observe(static_cast<double>(now - article.published().unix_ms()) / 1000.0);
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
      if (!entry.article.ParseFromString(*record.value) || entry.article.article_id() != record.key || record.key.empty()) {
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
        return alerting::may_alert(article, options.alert_max_age_ms) ? seams.matcher.match(article, log_time) : std::vector<v1::MatchRecord>();
      };
    }
    VIGIE_TRY(place->second.shard->apply(articles, batch.next_offset, match));
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
          VIGIE_TRY(producer->send({Topic::kMatches, row.match.subscription_id(), row.match.SerializeAsString()}));
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
    bool caught_up = !owned.empty();
    for (const auto& [partition, entry] : owned) {
      count += static_cast<double>(entry.shard->documents());
      bytes += static_cast<double>(entry.shard->disk_bytes());
      caught_up = caught_up && entry.shard->next_offset() >= entry.catch_up_to;
    }
    shards.set(static_cast<double>(owned.size()));
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
    std::vector<std::int64_t> control_next;
    VIGIE_ASSIGN(control_next, log::read_to_end(seams.log, Topic::kControl, [this](const log::Record& record) { return obey(record); }));
    for (std::size_t i = 0; i < control_next.size(); ++i) VIGIE_TRY(control->assign({Topic::kControl, static_cast<std::int32_t>(i)}, control_next[i]));
    const std::array topics{Topic::kArticles};
    VIGIE_ASSIGN(group, seams.log.join(options.group, topics));
    VIGIE_ASSIGN(const std::int32_t partitions, seams.log.partitions(Topic::kArticles));
    seams.index.expect_shards(static_cast<std::size_t>(partitions));

    status::Reporter reporter(seams.log, seams.clock, "indexer", options.instance, options.dir.parent_path());
    auto gauges_due = seams.clock.since_boot();
    while (!stop.stop_requested()) {
      VIGIE_ASSIGN(auto polled, group->poll(kPollRecords, kPollTime));
      for (const log::TopicPartition& from : polled.revoked) close(from.partition);
      for (const log::TopicPartition& from : polled.assigned) VIGIE_TRY(open(from));
      if (!polled.assigned.empty()) VIGIE_TRY(relay());  // rows that a crash left behind
      for (const log::Reader::Batch& batch : polled.batches) VIGIE_TRY(apply(batch));
      if (!polled.batches.empty()) VIGIE_TRY(relay());
      VIGIE_TRY(follow_stories());
      VIGIE_TRY(follow_control());
      VIGIE_TRY(maintain(polled.batches.empty()));
      if (seams.clock.since_boot() >= gauges_due || !ready) {
        VIGIE_TRY(update_figures(reporter));
        gauges_due = seams.clock.since_boot() + std::chrono::seconds(1);
      }
    }
    while (!owned.empty()) close(owned.begin()->first);
    return {};
  }
};

ShardWriter::ShardWriter(Seams seams, Options options) : impl_(std::make_unique<Impl>(seams, std::move(options))) {}
ShardWriter::~ShardWriter() = default;
Result<void> ShardWriter::run(std::stop_token stop) { return impl_->run(stop); }
bool ShardWriter::ready() const { return impl_->ready; }

}  // namespace vigie::indexer::service
