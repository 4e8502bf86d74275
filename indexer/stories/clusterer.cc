#include "indexer/stories/clusterer.h"

#include <array>
#include <unordered_map>
#include <vector>

#include "indexer/stories/window.h"
#include "platform/log/bad_record.h"
#include "platform/log/quarantine.h"
#include "platform/logging/logging.h"
#include "platform/storage/storage.h"
#include "proto/story.pb.h"

namespace vigie::indexer::stories {
namespace {

using log::TopicPartition;
using proto::Topic;

constexpr std::size_t kPollRecords = 1000;  // of one batch; one flush each
constexpr std::chrono::milliseconds kCatchUpPoll{1000};
constexpr TopicPartition kFingerprints{Topic::kFingerprints, 0};
// article id → story id; "position/", partition of `stories` → next offset
enum Family : std::size_t { kStories, kState };

class ClustererImpl final : public Clusterer {
 public:
  ClustererImpl(log::Log& log, Clock& clock, metrics::Registry& registry, ClustererOptions options,
                std::unique_ptr<storage::Database> database)
      : log_(log),
        clock_(clock),
        options_(std::move(options)),
        database_(std::move(database)),
        first_(registry.counter("vigie_stories_articles_total", "Articles given a story.",
                                {{"story", "own"}})),
        joined_(registry.counter("vigie_stories_articles_total", "Articles given a story.",
                                 {{"story", "joined"}})),
        known_(registry.counter("vigie_stories_articles_total", "Articles given a story.",
                                {{"story", "known"}})),
        bad_(registry.counter("vigie_stories_quarantined_total",
                              "Records of fingerprints that could not be read.")),
        window_size_(
            registry.gauge("vigie_stories_window_fingerprints", "Fingerprints in the window.")) {}

  Result<void> run(std::stop_token stop) override {
    const std::array<Topic, 1> topics{Topic::kFingerprints};
    producer_ = log_.producer();
    VIGIE_ASSIGN(const std::unique_ptr<log::Group> group,
                 log_.join(options_.group, topics, {options_.session}));
    bool owner = false;
    while (!stop.stop_requested()) {
      VIGIE_ASSIGN(const log::Group::Polled polled, group->poll(kPollRecords, options_.idle_poll));
      if (!polled.revoked.empty()) owner = false;
      if (!polled.assigned.empty()) {
        VIGIE_TRY(take_over(*group));
        owner = true;
      }
      for (const log::Reader::Batch& batch : polled.batches) {
        if (!owner) continue;
        VIGIE_TRY(cluster(batch));
        if (batch.next_offset <= committed_) continue;
        VIGIE_TRY(group->commit(kFingerprints, batch.next_offset));
        committed_ = batch.next_offset;
      }
      window_size_.set(static_cast<double>(window_.size()));
    }
    return {};
  }

 private:
  Result<void> take_over(log::Group& group) {
    VIGIE_TRY(catch_up());
    window_ = Window();
    VIGIE_ASSIGN(const log::OffsetRange range, log_.offsets(kFingerprints));
    VIGIE_ASSIGN(std::optional<std::int64_t> committed,
                 log_.committed(options_.group, kFingerprints));
    if (committed && (*committed < range.begin || *committed > range.end)) {
      VIGIE_ASSIGN(const std::optional<std::int64_t> acknowledged,
                   log_.committed(log::kSkipGroup, kFingerprints));
      if (acknowledged && *acknowledged >= range.begin && *acknowledged <= range.end) {
        logging::warn(
            "an acknowledged gap is skipped",
            {{"topic", "fingerprints"}, {"from_offset", *committed}, {"to_offset", *acknowledged}});
        VIGIE_TRY(group.commit(kFingerprints, *acknowledged));
        committed = acknowledged;
      }
    }
    if (committed && (*committed < range.begin || *committed > range.end)) {
      return failure(Disposition::kStop, "log_gap",
                     "the clusterer stood at offset " + std::to_string(*committed) +
                         ", and the log holds " + std::to_string(range.begin) + " to " +
                         std::to_string(range.end) +
                         ". To go on without the records between, stop vigie and run: vigie log "
                         "skip fingerprints 0 " +
                         std::to_string(*committed < range.begin ? range.begin : range.end),
                     "fingerprints/0");
    }
    // From the beginning, to fill the window; what is decided already is only looked up.
    VIGIE_TRY(group.start(kFingerprints, range.begin));
    committed_ = committed.value_or(0);
    logging::info("clusterer took over", {{"from_offset", range.begin},
                                          {"committed_offset", committed.value_or(-1)},
                                          {"end_offset", range.end}});
    return {};
  }

  // Reads `stories` from where it was read last to its present end.
  Result<void> catch_up() {
    VIGIE_ASSIGN(const std::int32_t partitions, log_.partitions(Topic::kStories));
    for (std::int32_t p = 0; p < partitions; ++p) VIGIE_TRY(catch_up({Topic::kStories, p}));
    return {};
  }

  Result<void> catch_up(TopicPartition partition) {
    const std::string position_key = "position/" + std::to_string(partition.partition);
    VIGIE_ASSIGN(const log::OffsetRange range, log_.offsets(partition));
    VIGIE_ASSIGN(const std::optional<std::string> stored, database_->get(kState, position_key));
    std::int64_t position = range.begin;
    if (stored && stored->size() == 8)
      position = static_cast<std::int64_t>(storage::read_u64(*stored));
    // a restored log: what it still holds counts
    if (position < range.begin || position > range.end) position = range.begin;
    if (position >= range.end) return {};
    const std::unique_ptr<log::Reader> reader = log_.reader();
    VIGIE_TRY(reader->assign(partition, position));
    while (position < range.end) {
      VIGIE_ASSIGN(const std::vector<log::Reader::Batch> batches,
                   reader->poll(kPollRecords, kCatchUpPoll));
      storage::Batch rows;
      for (const log::Reader::Batch& batch : batches) {
        for (const log::Record& record : batch.records) {
          v1::StoryRecord story;
          if (!record.value) continue;
          if (!story.ParseFromString(*record.value) || story.story_id().empty()) {
            log::warn_bad_record(proto::Topic::kStories, record);
            continue;
          }
          rows.put(kStories, record.key, story.story_id());
        }
        position = batch.next_offset;
      }
      std::string bytes;
      storage::append_u64(bytes, static_cast<std::uint64_t>(position));
      rows.put(kState, position_key, bytes);
      VIGIE_TRY(database_->write(rows, false));
    }
    return {};
  }

  Result<void> cluster(const log::Reader::Batch& batch) {
    // article id → story id, sent but perhaps not durable yet
    std::unordered_map<std::string, std::string> decided;
    for (const log::Record& record : batch.records) {
      if (!record.value) continue;
      v1::FingerprintRecord fingerprint;
      if (fingerprint.ParseFromString(*record.value) && fingerprint.article_id() == record.key &&
          !record.key.empty()) {
        VIGIE_TRY(decide(record, fingerprint, decided));
      } else if (record.offset >= committed_) {
        VIGIE_TRY(quarantine(record));
      }
    }
    VIGIE_TRY(producer_->flush());
    if (decided.empty()) return {};
    // Only now: a row that is here counts as published. Not synced: catching up finds it in the log
    // again.
    storage::Batch rows;
    for (const auto& [article, story] : decided) rows.put(kStories, article, story);
    return database_->write(rows, false);
  }

  Result<std::optional<std::string>> story_of(
      const std::string& article, const std::unordered_map<std::string, std::string>& decided) {
    const auto found = decided.find(article);
    if (found != decided.end()) return std::optional<std::string>(found->second);
    return database_->get(kStories, article);
  }

  Result<void> decide(const log::Record& record, const v1::FingerprintRecord& fingerprint,
                      std::unordered_map<std::string, std::string>& decided) {
    window_.forget_before(record.timestamp_unix_ms - options_.window_ms);
    VIGIE_ASSIGN(const std::optional<std::string> known, story_of(record.key, decided));
    if (known) {
      known_.add();
      window_.add(record.timestamp_unix_ms, fingerprint.fingerprint(), *known);
      return {};
    }
    const std::optional<Window::Copy> copy = window_.find(fingerprint.fingerprint());
    v1::StoryRecord story;
    story.set_article_id(record.key);
    story.set_story_id(copy ? copy->story_id : record.key);
    story.set_similarity(copy ? copy->strength : 1.0);
    story.set_decided_at_offset(record.offset);
    (copy ? joined_ : first_).add();
    VIGIE_TRY(producer_->send({Topic::kStories, record.key, story.SerializeAsString()}));
    decided.emplace(record.key, story.story_id());
    window_.add(record.timestamp_unix_ms, fingerprint.fingerprint(), story.story_id());
    return {};
  }

  Result<void> quarantine(const log::Record& record) {
    bad_.add();
    return producer_->send(log::quarantined(Topic::kFingerprints, record,
                                            {"cluster", "bad_record",
                                             "the record is no FingerprintRecord that this version "
                                             "can read, or names another article than its key"},
                                            clock_.now_unix_ms()));
  }

  log::Log& log_;
  Clock& clock_;
  ClustererOptions options_;
  std::unique_ptr<storage::Database> database_;
  std::unique_ptr<log::Producer> producer_;
  Window window_;
  std::int64_t committed_ = 0;
  metrics::Counter& first_;
  metrics::Counter& joined_;
  metrics::Counter& known_;
  metrics::Counter& bad_;
  metrics::Gauge& window_size_;
};

}  // namespace

Result<std::unique_ptr<Clusterer>> Clusterer::open(log::Log& log, Clock& clock,
                                                   metrics::Registry& registry,
                                                   ClustererOptions options) {
  storage::Options stored;
  stored.dir = options.dir;
  stored.families = {{"stories", storage::Use::kSmall}, {"state", storage::Use::kSmall}};
  VIGIE_ASSIGN(std::unique_ptr<storage::Database> database, options.open_database(stored));
  std::unique_ptr<Clusterer> clusterer = std::make_unique<ClustererImpl>(
      log, clock, registry, std::move(options), std::move(database));
  return clusterer;
}

}  // namespace vigie::indexer::stories
