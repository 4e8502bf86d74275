#include "indexer/api/topic_views.h"

#include <algorithm>

#include "indexer/conditions/course.h"
#include "platform/log/bad_record.h"
#include "platform/log/follower.h"
#include "platform/log/resume.h"
#include "platform/logging/logging.h"
#include "proto/match.pb.h"

namespace vigie::indexer::api {
namespace {

constexpr std::size_t kPollRecords = 500;
constexpr std::chrono::milliseconds kPollWait{2'000};  // for records that are there already
// of some 500 bytes; older ones stay in the log
constexpr std::size_t kMaxQuarantineEntries = 100'000;
constexpr std::size_t kMaxMatches = 300'000;  // of some 200 bytes
// a service that is silent for an hour is gone
constexpr std::int64_t kForgetServiceMs = 3'600'000;

}  // namespace

Result<void> TopicCursor::catch_up(const std::function<Result<void>(const log::Record&)>& each) {
  log::TopicFollower follower(
      log_, topic_,
      [&](const log::Reader::Batch& batch) -> Result<void> {
        for (const log::Record& record : batch.records) {
          VIGIE_TRY(each(record));
          next_[static_cast<std::size_t>(batch.from.partition)] = record.offset + 1;
        }
        next_[static_cast<std::size_t>(batch.from.partition)] = batch.next_offset;
        return {};
      },
      {.max_records = kPollRecords, .silence = kPollWait});
  VIGIE_ASSIGN(const std::int32_t partitions, log_.partitions(topic_));
  const bool first = next_.empty();
  next_.resize(static_cast<std::size_t>(partitions), 0);
  for (std::int32_t p = 0; p < partitions; ++p) {
    VIGIE_ASSIGN(const log::OffsetRange range, log_.offsets({topic_, p}));
    std::int64_t& next = next_[static_cast<std::size_t>(p)];
    next = first ? range.begin : position(p, range);
    VIGIE_TRY(follower.start(p, next));
  }
  VIGIE_TRY(follower.follow_to_end({}));
  return {};
}

std::int64_t TopicCursor::position(std::int32_t partition, const log::OffsetRange& range) const {
  const std::int64_t next = next_[static_cast<std::size_t>(partition)];
  const auto resumed = log::resume({topic_, partition}, range, next, std::nullopt, "a view");
  if (resumed) return resumed->offset;
  logging::warn("a view passes over what the log no longer holds",
                {{"topic", std::string(proto::spec(topic_).short_name)},
                 {"partition", partition},
                 {"from_offset", next},
                 {"begin", range.begin},
                 {"end", range.end}});
  return std::clamp(next, range.begin, range.end);
}

Result<std::optional<log::Record>> read_one(log::Log& log, proto::Topic topic,
                                            log::LogPosition place) {
  VIGIE_ASSIGN(const log::OffsetRange range, log.offsets({topic, place.partition}));
  if (place.offset < range.begin || place.offset >= range.end) return std::optional<log::Record>();
  auto reader = log.reader();
  VIGIE_TRY(reader->assign({topic, place.partition}, place.offset));
  VIGIE_ASSIGN(auto batches, reader->poll(1, kPollWait));
  for (auto& batch : batches) {
    for (log::Record& record : batch.records) {
      if (record.offset == place.offset) return std::optional<log::Record>(std::move(record));
    }
  }
  return std::optional<log::Record>();
}

namespace {

/// What another crawler did for a source, whose domains are spread over several.
void add_up(v1::SourceStatus& all, const v1::SourceStatus& more) {
  all.set_articles(all.articles() + more.articles());
  all.set_last_article_unix_ms(std::max(all.last_article_unix_ms(), more.last_article_unix_ms()));
  for (const v1::ReasonCount& error : more.errors()) {
    const auto same =
        std::find_if(all.mutable_errors()->begin(), all.mutable_errors()->end(),
                     [&](const v1::ReasonCount& one) { return one.reason() == error.reason(); });
    if (same == all.mutable_errors()->end()) {
      *all.add_errors() = error;
    } else {
      same->set_count(same->count() + error.count());
    }
  }
  all.mutable_moved()->MergeFrom(more.moved());
  all.mutable_pushed()->MergeFrom(more.pushed());
  if (all.last_error().empty()) all.set_last_error(more.last_error());
}

/// Of an owner that slept a record may come later that is not in force.
void take_condition(const log::Record& record, std::map<std::string, v1::ConditionRecord>& known) {
  v1::ConditionRecord condition;
  if (!record.value) known.erase(record.key);
  else if (!condition.ParseFromString(*record.value))
    log::warn_bad_record(proto::Topic::kStatus, record);
  else if (v1::ConditionRecord& one = known[record.key]; !conditions::supersedes(one, condition))
    one = std::move(condition);
}

}  // namespace

Result<StatusView::Now> StatusView::now() {
  const std::lock_guard lock(mutex_);
  VIGIE_TRY(cursor_.catch_up([&](const log::Record& record) -> Result<void> {
    if (record.key.starts_with(conditions::kKeyPrefix)) {
      take_condition(record, conditions_);
      return {};
    }
    v1::StatusRecord status;
    if (!record.value) records_.erase(record.key);
    else if (status.ParseFromString(*record.value)) records_[record.key] = std::move(status);
    else log::warn_bad_record(proto::Topic::kStatus, record);
    return {};
  }));
  Now out;
  for (const auto& [key, condition] : conditions_) out.conditions.push_back(condition);
  std::int64_t newest = 0;
  for (const auto& [key, record] : records_)
    newest = std::max(newest, record.service().reported_at_unix_ms());
  std::map<std::string, std::size_t> place_of;
  for (const auto& [key, record] : records_) {
    if (record.has_source()) {
      // "source/ID" comes before "source/ID/INSTANCE".
      const auto [at, first] =
          place_of.try_emplace(record.source().source_id(), out.sources.size());
      if (first) out.sources.push_back(record.source());
      else add_up(out.sources[at->second], record.source());
    }
    if (record.has_service() && record.service().reported_at_unix_ms() + kForgetServiceMs >= newest)
      out.services.push_back(record.service());
  }
  std::sort(out.services.begin(), out.services.end(), [](const auto& a, const auto& b) {
    return a.service() != b.service() ? a.service() < b.service() : a.instance() < b.instance();
  });
  std::sort(out.sources.begin(), out.sources.end(), [](const auto& a, const auto& b) {
    return a.name() != b.name() ? a.name() < b.name() : a.source_id() < b.source_id();
  });
  return out;
}

Result<std::map<std::string, v1::ControlRecord>> ControlView::now() {
  const std::lock_guard lock(mutex_);
  VIGIE_TRY(cursor_.catch_up([&](const log::Record& record) -> Result<void> {
    v1::ControlRecord command;
    if (!record.value) records_.erase(record.key);
    else if (command.ParseFromString(*record.value)) records_[record.key] = std::move(command);
    else log::warn_bad_record(proto::Topic::kControl, record);
    return {};
  }));
  return records_;
}

Result<void> QuarantineView::refresh() {
  return cursor_.catch_up([&](const log::Record& from) -> Result<void> {
    Entry entry;
    if (!from.value || !entry.record.ParseFromString(*from.value)) return {};
    entry.record.clear_value();
    entry.number = ++last_number_;
    entry.place = {from.partition, from.offset};
    const auto [known, fresh] = by_id_.try_emplace(entry.record.id(), entry.number);
    if (!fresh) {
      const auto before = entries_.find(known->second);
      if (before != entries_.end() && entry.record.resolved()) {
        before->second.record.set_resolved(true);  // its value stays where it was
        return {};
      }
      if (before != entries_.end()) entries_.erase(before);
      known->second = entry.number;
    }
    entries_.emplace(entry.number, std::move(entry));
    if (entries_.size() > kMaxQuarantineEntries) {
      by_id_.erase(entries_.begin()->second.record.id());
      entries_.erase(entries_.begin());
    }
    return {};
  });
}

Result<std::vector<QuarantineView::Entry>> QuarantineView::list(const Filter& filter,
                                                                std::uint64_t before,
                                                                std::size_t limit) {
  const std::lock_guard lock(mutex_);
  VIGIE_TRY(refresh());
  std::vector<Entry> out;
  auto at = before == 0 ? entries_.end() : entries_.lower_bound(before);
  while (at != entries_.begin() && out.size() < limit) {
    --at;
    const v1::QuarantineRecord& record = at->second.record;
    if (record.resolved() && !filter.resolved) continue;
    if (!filter.stage.empty() && filter.stage != record.stage()) continue;
    if (!filter.reason.empty() && filter.reason != record.reason()) continue;
    out.push_back(at->second);
  }
  return out;
}

Result<std::map<std::pair<std::string, std::string>, std::uint64_t>> QuarantineView::counts() {
  const std::lock_guard lock(mutex_);
  VIGIE_TRY(refresh());
  std::map<std::pair<std::string, std::string>, std::uint64_t> out;
  for (const auto& [number, entry] : entries_) {
    if (!entry.record.resolved()) ++out[{entry.record.stage(), entry.record.reason()}];
  }
  return out;
}

Result<std::optional<v1::QuarantineRecord>> QuarantineView::find(const std::string& id) {
  log::LogPosition place;
  bool resolved = false;
  {
    const std::lock_guard lock(mutex_);
    VIGIE_TRY(refresh());
    const auto known = by_id_.find(id);
    if (known == by_id_.end()) return std::optional<v1::QuarantineRecord>();
    const Entry& entry = entries_.at(known->second);
    place = entry.place;
    resolved = entry.record.resolved();
  }
  VIGIE_ASSIGN(const auto record, read_one(log_, proto::Topic::kQuarantine, place));
  v1::QuarantineRecord out;
  if (!record || !record->value || !out.ParseFromString(*record->value))
    return std::optional<v1::QuarantineRecord>();
  out.set_resolved(resolved);
  return std::optional<v1::QuarantineRecord>(std::move(out));
}

Result<std::vector<std::string>> MatchView::articles_of(const std::vector<std::string>& match_ids) {
  const std::lock_guard lock(mutex_);
  VIGIE_TRY(cursor_.catch_up([&](const log::Record& record) -> Result<void> {
    v1::MatchRecord match;
    if (!record.value || !match.ParseFromString(*record.value)) return {};
    if (!article_of_.try_emplace(match.match_id(), match.article().article_id()).second) return {};
    order_.push_back(match.match_id());
    if (order_.size() > kMaxMatches) {
      article_of_.erase(order_.front());
      order_.pop_front();
    }
    return {};
  }));
  std::vector<std::string> out;
  for (const std::string& id : match_ids) {
    if (const auto known = article_of_.find(id); known != article_of_.end())
      out.push_back(known->second);
  }
  return out;
}

}  // namespace vigie::indexer::api
