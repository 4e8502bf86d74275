#include "crawler/sources/edits.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "platform/log/bad_record.h"

namespace vigie::crawler::sources {
namespace {

constexpr std::size_t kRecordsAtOnce = 500;
constexpr std::string_view kSource = "source/";
constexpr std::string_view kPoll = "poll/";
constexpr std::string_view kDiscover = "discover/";
constexpr std::string_view kFound = "found/";

/// The record of a key, if it is one of its kind and is what its key says.
template <class Record>
std::optional<Record> read(const log::Record& record, const std::string& (Record::*id)() const,
                           const std::string& wanted) {
  Record out;
  if (out.ParseFromString(*record.value) && (out.*id)() == wanted) return out;
  log::warn_bad_record(proto::Topic::kSourceEdits, record);
  return std::nullopt;
}

}  // namespace

EditReader::EditReader(log::Log& log)
    : topic_(log, proto::Topic::kSourceEdits,
             [this](const log::Reader::Batch& batch) { return take(batch); },
             {.max_records = kRecordsAtOnce}) {}

Result<bool> EditReader::start(const std::stop_token& stop) {
  VIGIE_TRY(topic_.start_all());
  return topic_.follow_to_end(stop);
}

Result<void> EditReader::poll() {
  VIGIE_TRY(topic_.follow());
  return {};
}

Result<void> EditReader::take(const log::Reader::Batch& batch) {
  for (const log::Record& record : batch.records) take(record);
  return {};
}

void EditReader::take(const log::Record& record) {
  const std::string_view key = record.key;
  const std::string id(key.substr(std::min(key.find('/') + 1, key.size())));
  if (key.starts_with(kSource)) {
    if (!record.value) {
      changed_ = edits_.erase(id) > 0 || changed_;
    } else if (auto edit = read(record, &v1::SourceEdit::id, id)) {
      edits_[id] = std::move(*edit);
      changed_ = true;
    }
  } else if (key.starts_with(kPoll)) {
    if (!record.value) polls_.erase(id);
    else if (auto asked = read(record, &v1::PollRequest::source_id, id))
      polls_[id] = std::move(*asked);
  } else if (key.starts_with(kDiscover)) {
    if (record.value) {
      auto request = read(record, &v1::DiscoveryRequest::id, id);
      if (!request) return;
      requests_[id] = *request;
      discoveries_.push_back({std::move(*request)});
    } else if (const auto known = requests_.find(id); known != requests_.end()) {
      discoveries_.push_back({std::move(known->second), true});
      requests_.erase(known);
    }
  } else if (key.starts_with(kFound)) {
    if (!record.value) responses_.erase(id);
    else if (auto response = read(record, &v1::DiscoveryResponse::id, id))
      responses_[id] = std::move(*response);
  } else {
    log::warn_bad_record(proto::Topic::kSourceEdits, record);
  }
}

bool EditReader::take_changed() { return std::exchange(changed_, false); }

std::vector<v1::PollRequest> EditReader::take_polls() {
  std::vector<v1::PollRequest> out;
  for (auto& [id, asked] : std::exchange(polls_, {})) out.push_back(std::move(asked));
  return out;
}

std::vector<EditReader::Discovery> EditReader::take_discoveries() {
  return std::exchange(discoveries_, {});
}

log::NewRecord EditReader::record_of(const v1::DiscoveryResponse& response) {
  return {proto::Topic::kSourceEdits, std::string(kFound) + response.id(),
          response.SerializeAsString()};
}

log::NewRecord EditReader::removal_of(const std::string& response_id) {
  return {proto::Topic::kSourceEdits, std::string(kFound) + response_id, std::nullopt};
}

}  // namespace vigie::crawler::sources
