#include "indexer/api/live_reading.h"

#include <algorithm>
#include <utility>

#include "indexer/api/views.h"
#include "indexer/search/index.h"
#include "platform/clock/clock.h"
#include "platform/json/json.h"

namespace vigie::indexer::api {
namespace {

constexpr std::size_t kSnippetBytes = 280;

}  // namespace

Result<void> LiveReading::begin(StreamPosition position) {
  VIGIE_ASSIGN(const StreamPosition first, begin_of_log(seams_.log));
  position_ = StreamPosition::later(std::move(position), first);
  reader_ = seams_.log.reader();
  for (const proto::Topic topic : {proto::Topic::kArticles, proto::Topic::kMatches}) {
    const auto& offsets = position_.of(topic);
    for (std::size_t i = 0; i < offsets.size(); ++i)
      VIGIE_TRY(reader_->assign({topic, static_cast<std::int32_t>(i)}, offsets[i]));
  }
  return {};
}

void LiveReading::add(std::shared_ptr<Mailbox> stream) {
  const auto [place, fresh] = groups_.try_emplace(stream->key());
  Group& group = place->second;
  group.streams.push_back(std::move(stream));
  if (!fresh) return;
  group.number = std::to_string(++last_number_);
  by_number_[group.number] = &group;
  matcher_.apply(group.number, query_of(group));
}

std::vector<std::shared_ptr<Mailbox>> LiveReading::take_streams() {
  std::vector<std::shared_ptr<Mailbox>> out;
  for (auto& [key, group] : groups_) {
    matcher_.remove(group.number);
    std::move(group.streams.begin(), group.streams.end(), std::back_inserter(out));
  }
  groups_.clear();
  by_number_.clear();
  return out;
}

std::size_t LiveReading::streams() const {
  std::size_t out = 0;
  for (const auto& [key, group] : groups_) out += group.streams.size();
  return out;
}

void LiveReading::look_after(std::chrono::milliseconds silent_since) {
  static const EventText kStillHere = std::make_shared<const std::string>(": still here\n\n");
  const auto now = seams_.clock.since_boot();
  for (auto place = groups_.begin(); place != groups_.end();) {
    auto& streams = place->second.streams;
    std::erase_if(streams, [](const auto& stream) { return stream->is_left(); });
    if (streams.empty()) {
      matcher_.remove(place->second.number);
      by_number_.erase(place->second.number);
      place = groups_.erase(place);
      continue;
    }
    for (const auto& stream : streams) {
      if (!stream->is_silent_since(silent_since)) continue;
      stream->set_put_at(now);
      stream->put(kStillHere, {});
      stream->wake();
    }
    ++place;
  }
}

Result<LiveReading::Read> LiveReading::read(std::size_t most, std::chrono::milliseconds wait) {
  VIGIE_ASSIGN(const auto batches, reader_->poll(most, wait));
  Read out;
  ++round_;
  for (const log::Reader::Batch& batch : batches) {
    const auto partition = static_cast<std::size_t>(batch.from.partition);
    const bool articles = batch.from.topic == proto::Topic::kArticles;
    std::int64_t& at = position_.of(batch.from.topic)[partition];
    for (const log::Record& record : batch.records) {
      ++out.records;
      at = record.offset + 1;
      if (!record.value) continue;
      const Telling telling{articles ? "article" : "alert", batch.from.topic, partition,
                            record.offset};
      articles ? tell_article(record, telling) : tell_match(record, telling);
    }
    at = batch.next_offset;
  }
  met_.clear();
  metrics_.records.add(static_cast<double>(out.records));
  out.streams = told_.size();
  for (const auto& stream : told_) stream->wake();
  told_.clear();
  return out;
}

void LiveReading::tell_article(const log::Record& record, const Telling& telling) {
  v1::ArticleRecord article;
  if (!article.ParseFromString(*record.value)) return;  // its shard puts it into quarantine
  const matching::Document document(article);
  for (const std::string& number : matcher_.meeting(document, seams_.clock.now_unix_ms())) {
    Group& group = *by_number_.at(number);
    const std::string snippet = matching::snippet(query_of(group), document, kSnippetBytes).text;
    tell(group, telling, hit_json(matching::summarize(article, snippet, {})).dump(), {});
  }
}

void LiveReading::tell_match(const log::Record& record, const Telling& telling) {
  v1::MatchRecord match;
  if (!match.ParseFromString(*record.value)) return;
  const std::string data = match_json(match).dump();
  const auto everything = groups_.find(std::string());
  const bool all = everything != groups_.end();
  if (all) tell(everything->second, telling, data, match.subscription_id());
  if (groups_.size() == (all ? 1U : 0U)) return;
  for (const std::string& number : groups_of(match.article().article_id())) {
    Group& group = *by_number_.at(number);
    if (!all || &group != &everything->second) tell(group, telling, data, match.subscription_id());
  }
}

const std::vector<std::string>& LiveReading::groups_of(const std::string& article_id) {
  const auto [place, fresh] = met_.try_emplace(article_id);
  if (!fresh) return place->second;
  const auto view = seams_.index.article(article_id);
  if (view && *view) {
    const matching::Document document((*view)->article);
    place->second = matcher_.meeting(document, seams_.clock.now_unix_ms(), (*view)->story_id,
                                     (*view)->event_id);
  }
  return place->second;
}

/// `subscription`: of an alert; streams may want one's alone.
void LiveReading::tell(Group& group, const Telling& telling, const std::string& data,
                       const std::string& subscription) {
  EventText shared;
  const std::string id = position_.to_text();
  const auto now = seams_.clock.since_boot();
  for (const auto& stream : group.streams) {
    if (telling.offset < stream->from().of(telling.topic)[telling.partition]) continue;
    if (!subscription.empty() && !stream->subscription().empty() &&
        stream->subscription() != subscription)
      continue;
    const auto own = stream->own_id(position_);
    if (!own && shared == nullptr)
      shared = std::make_shared<const std::string>(event_text(telling.name, id, data));
    const EventText text =
        own ? std::make_shared<const std::string>(event_text(telling.name, *own, data)) : shared;
    stream->set_put_at(now);
    metrics_.events.add();
    if (!stream->put(text, own ? *own : id)) end_slow(*stream);
    if (stream->is_first_of(round_)) told_.push_back(stream);
  }
}

void LiveReading::end_slow(Mailbox& stream) {
  metrics_.ended.of("slow").add();
  stream.end(Json::object({{"reason",
                            "This stream's reader is slower than its events; it ends here, and one "
                            "that begins with this id goes on"}})
                 .dump());
}

}  // namespace vigie::indexer::api
