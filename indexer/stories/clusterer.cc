#include "indexer/stories/clusterer.h"

#include <array>

#include "platform/log/bad_record.h"
#include "platform/log/follower.h"
#include "platform/log/quarantine.h"
#include "platform/log/resume.h"
#include "platform/logging/logging.h"

namespace vigie::indexer::stories {
namespace {

using log::TopicPartition;
using proto::Topic;

constexpr std::size_t kPollRecords = 1000;  // of one batch; one flush each
constexpr TopicPartition kFingerprints{Topic::kFingerprints, 0};
// article id → story id; "position/", partition of `stories` → next offset; article id → event id
enum Family : std::size_t { kStories, kState, kEvents };

std::string position_key(std::int32_t partition) { return "position/" + std::to_string(partition); }

}  // namespace

Clusterer::Clusterer(log::Log& log, Clock& clock, metrics::Registry& registry,
                     ClustererOptions options, std::unique_ptr<storage::Database> database)
    : log_(log),
      clock_(clock),
      options_(std::move(options)),
      database_(std::move(database)),
      metrics_(registry) {}

Result<std::unique_ptr<Clusterer>> Clusterer::open(log::Log& log, Clock& clock,
                                                   metrics::Registry& registry,
                                                   ClustererOptions options) {
  storage::Options stored;
  stored.dir = options.dir;
  stored.families = {{"stories", storage::Use::kSmall},
                     {"state", storage::Use::kSmall},
                     {"events", storage::Use::kSmall}};
  VIGIE_ASSIGN(std::unique_ptr<storage::Database> database, options.open_database(stored));
  return std::unique_ptr<Clusterer>(
      new Clusterer(log, clock, registry, std::move(options), std::move(database)));
}

Result<void> Clusterer::run(std::stop_token stop) {
  const std::array<Topic, 1> topics{Topic::kFingerprints};
  producer_ = log_.producer();
  VIGIE_ASSIGN(const std::unique_ptr<log::Group> group,
               log_.join(options_.group, topics, {options_.session}));
  bool owner = false;
  while (!stop.stop_requested()) {
    VIGIE_ASSIGN(const log::Group::Polled polled, group->poll(kPollRecords, options_.idle_poll));
    if (!polled.revoked.empty()) owner = false;
    if (!polled.assigned.empty()) {
      VIGIE_ASSIGN(owner, take_over(*group, stop));
    }
    for (const log::Reader::Batch& batch : polled.batches) {
      if (owner) VIGIE_TRY(take(*group, batch));
    }
    metrics_.window.set(static_cast<double>(window_.size()));
    metrics_.event_window.set(static_cast<double>(events_.size()));
  }
  return {};
}

Result<void> Clusterer::take(log::Group& group, const log::Reader::Batch& batch) {
  VIGIE_TRY(cluster(batch));
  if (batch.next_offset <= committed_) return {};
  VIGIE_TRY(group.commit(kFingerprints, batch.next_offset));
  committed_ = batch.next_offset;
  return {};
}

/// False if a stop was asked for before `stories` was read.
Result<bool> Clusterer::take_over(log::Group& group, const std::stop_token& stop) {
  VIGIE_ASSIGN(const bool caught_up, catch_up(stop));
  if (!caught_up) return false;
  window_ = Window();
  events_ = EventWindow();
  VIGIE_ASSIGN(const log::OffsetRange range, log_.offsets(kFingerprints));
  VIGIE_ASSIGN(std::optional<std::int64_t> committed,
               log_.committed(options_.group, kFingerprints));
  VIGIE_ASSIGN(const log::Resume resumed,
               log::resume(log_, kFingerprints, committed, "the clusterer"));
  if (resumed.gap_from) {
    VIGIE_TRY(group.commit(kFingerprints, resumed.offset));
    committed = resumed.offset;
  }
  // From the beginning, to fill the window; what is decided already is only looked up.
  VIGIE_TRY(group.start(kFingerprints, range.begin));
  committed_ = committed.value_or(0);
  logging::info("clusterer took over", {{"from_offset", range.begin},
                                        {"committed_offset", committed.value_or(-1)},
                                        {"end_offset", range.end}});
  return true;
}

/// Reads `stories` from where it was read last to its present end.
Result<bool> Clusterer::catch_up(const std::stop_token& stop) {
  log::TopicFollower stories(
      log_, Topic::kStories,
      [this](const log::Reader::Batch& batch) { return take_stories(batch); },
      {.max_records = kPollRecords});
  VIGIE_ASSIGN(const std::int32_t partitions, log_.partitions(Topic::kStories));
  for (std::int32_t p = 0; p < partitions; ++p) {
    VIGIE_ASSIGN(const log::OffsetRange range, log_.offsets({Topic::kStories, p}));
    VIGIE_ASSIGN(const std::optional<std::string> bytes, database_->get(kState, position_key(p)));
    std::optional<std::int64_t> stored;
    if (bytes && bytes->size() == 8) stored = static_cast<std::int64_t>(storage::read_u64(*bytes));
    VIGIE_TRY(stories.start(p, log::resume_compacted(range, stored)));
  }
  return stories.follow_to_end(stop);
}

Result<void> Clusterer::take_stories(const log::Reader::Batch& batch) {
  storage::Batch rows;
  for (const log::Record& record : batch.records) {
    v1::StoryRecord story;
    if (!record.value) continue;
    if (!story.ParseFromString(*record.value) || story.story_id().empty()) {
      log::warn_bad_record(Topic::kStories, record);
      continue;
    }
    rows.put(kStories, record.key, story.story_id());
    if (!story.event_id().empty()) rows.put(kEvents, record.key, story.event_id());
  }
  std::string bytes;
  storage::append_u64(bytes, static_cast<std::uint64_t>(batch.next_offset));
  rows.put(kState, position_key(batch.from.partition), bytes);
  return database_->write(rows, storage::Durability::kBuffered);
}

Result<void> Clusterer::cluster(const log::Reader::Batch& batch) {
  Decided decided;  // sent, but perhaps not durable yet
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
  for (const auto& [article, place] : decided) {
    rows.put(kStories, article, place.story_id);
    if (!place.event_id.empty()) rows.put(kEvents, article, place.event_id);
  }
  return database_->write(rows, storage::Durability::kBuffered);
}

Result<std::optional<Clusterer::Place>> Clusterer::place_of(const std::string& article,
                                                            const Decided& decided) {
  const auto found = decided.find(article);
  if (found != decided.end()) return std::optional<Place>(found->second);
  VIGIE_ASSIGN(const std::optional<std::string> story, database_->get(kStories, article));
  if (!story) return std::optional<Place>();
  VIGIE_ASSIGN(const std::optional<std::string> event, database_->get(kEvents, article));
  return std::optional<Place>(Place{*story, event.value_or(std::string())});
}

Result<EventWindow::Member> Clusterer::event_of(const v1::FingerprintRecord& fingerprint,
                                                const v1::StoryRecord& story,
                                                const Decided& decided) {
  if (story.story_id() != story.article_id()) {
    VIGIE_ASSIGN(const std::optional<Place> first, place_of(story.story_id(), decided));
    if (first && !first->event_id.empty()) return EventWindow::Member{first->event_id, 1.0};
  }
  auto like = events_.find(fingerprint.traits(), fingerprint.time_unix_ms());
  if (like) return std::move(*like);
  return EventWindow::Member{story.article_id(), 1.0};
}

void Clusterer::remember(const log::Record& record, const v1::FingerprintRecord& fingerprint,
                         const fingerprint::Article& article, const Place& place) {
  window_.add(record.timestamp_unix_ms, article, place.story_id);
  if (place.event_id.empty()) return;
  events_.add(record.timestamp_unix_ms, fingerprint.time_unix_ms(), fingerprint.traits(),
              place.event_id);
}

Result<void> Clusterer::decide(const log::Record& record, const v1::FingerprintRecord& fingerprint,
                               Decided& decided) {
  window_.forget_before(record.timestamp_unix_ms - options_.window_ms);
  events_.forget_before(record.timestamp_unix_ms - options_.event_window_ms);
  const fingerprint::Article article{fingerprint.fingerprint(),
                                     fingerprint::source_mark(fingerprint.source_id()),
                                     fingerprint::Headline(fingerprint.title())};
  VIGIE_ASSIGN(const std::optional<Place> known, place_of(record.key, decided));
  if (known) {
    metrics_.articles.of("known").add();
    remember(record, fingerprint, article, *known);
    return {};
  }
  const std::optional<Window::Copy> copy = window_.find(article);
  v1::StoryRecord story;
  story.set_article_id(record.key);
  story.set_story_id(copy ? copy->story_id : record.key);
  story.set_similarity(copy ? copy->strength : 1.0);
  story.set_decided_at_offset(record.offset);
  metrics_.articles.of(copy ? "joined" : "own").add();
  VIGIE_ASSIGN(const EventWindow::Member event, event_of(fingerprint, story, decided));
  story.set_event_id(event.event_id);
  story.set_event_similarity(event.similarity);
  metrics_.events.of(event.event_id == record.key ? "own" : "joined").add();
  VIGIE_TRY(producer_->send({Topic::kStories, record.key, story.SerializeAsString()}));
  const Place place{story.story_id(), story.event_id()};
  decided.emplace(record.key, place);
  remember(record, fingerprint, article, place);
  return {};
}

Result<void> Clusterer::quarantine(const log::Record& record) {
  metrics_.quarantined.add();
  return producer_->send(log::quarantined(Topic::kFingerprints, record,
                                          {"cluster", "bad_record",
                                           "the record is no FingerprintRecord that this version "
                                           "can read, or names another article than its key"},
                                          clock_.now_unix_ms()));
}

}  // namespace vigie::indexer::stories
