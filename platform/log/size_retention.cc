#include "platform/log/size_retention.h"

#include <algorithm>
#include <utility>

#include "platform/log/stored_record.h"

namespace vigie::log {
namespace {

constexpr std::uint64_t kBytesBetweenMarks = 1ULL << 20;
constexpr std::size_t kNumberBytes = 8;

std::string total_key(TopicPartition partition) { return "bytes/" + partition_prefix(partition); }
std::string mark_prefix(TopicPartition partition) { return "mark/" + partition_prefix(partition); }
std::string mark_key(TopicPartition partition, std::int64_t offset) {
  std::string key = mark_prefix(partition);
  storage::append_u64(key, static_cast<std::uint64_t>(offset));
  return key;
}

tl::unexpected<Error> damaged() {
  return failure(
      Disposition::kStop, "corrupt",
      "a count of the embedded log is damaged; restore the last backup of the log folder");
}

}  // namespace

Result<void> SizeRetention::load(TopicPartition partition) {
  Known known;
  VIGIE_ASSIGN(const std::optional<std::string> total,
               database_.get(family_, total_key(partition)));
  if (total) {
    if (total->size() != kNumberBytes) return damaged();
    known.bytes = storage::read_u64(*total);
  }
  const std::string prefix = mark_prefix(partition);
  const auto cursor = database_.cursor(family_, {prefix, storage::after_prefix(prefix)});
  for (cursor->seek_to_first(); cursor->valid(); cursor->next()) {
    if (cursor->key().size() != prefix.size() + kNumberBytes ||
        cursor->value().size() != 2 * kNumberBytes)
      return damaged();
    known.marks.push_back(
        {static_cast<std::int64_t>(storage::read_u64(cursor->key().substr(prefix.size()))),
         static_cast<std::int64_t>(storage::read_u64(cursor->value().substr(0, kNumberBytes))),
         storage::read_u64(cursor->value().substr(kNumberBytes))});
  }
  VIGIE_TRY(cursor->status());
  known_[partition] = std::move(known);
  return {};
}

void SizeRetention::count(storage::Batch& batch, TopicPartition partition, std::int64_t offset,
                          std::size_t bytes, std::int64_t timestamp_unix_ms) {
  Known& known = known_[partition];
  if (known.marks.empty() || known.bytes - known.marks.back().bytes_before >= kBytesBetweenMarks) {
    known.marks.push_back({offset, timestamp_unix_ms, known.bytes});
    std::string value;
    storage::append_u64(value, static_cast<std::uint64_t>(timestamp_unix_ms));
    storage::append_u64(value, known.bytes);
    batch.put(family_, mark_key(partition, offset), value);
  }
  known.bytes += bytes;
  known.changed = true;
}

void SizeRetention::keep_totals(storage::Batch& batch) {
  for (auto& [partition, known] : known_) {
    if (!std::exchange(known.changed, false)) continue;
    std::string value;
    storage::append_u64(value, known.bytes);
    batch.put(family_, total_key(partition), value);
  }
}

void SizeRetention::begin_at(storage::Batch& batch, TopicPartition partition, std::int64_t begin) {
  const auto found = known_.find(partition);
  if (found == known_.end()) return;
  std::deque<Mark>& marks = found->second.marks;
  while (marks.size() > 1 && marks[1].offset <= begin) {
    batch.remove(family_, mark_key(partition, marks.front().offset));
    marks.pop_front();
  }
}

std::uint64_t SizeRetention::held(const Known& known) {
  return known.marks.empty() ? 0 : known.bytes - known.marks.front().bytes_before;
}

std::uint64_t SizeRetention::bytes() const {
  std::uint64_t out = 0;
  for (const auto& [partition, known] : known_) out += held(known);
  return out;
}

std::vector<SizeRetention::Cut> SizeRetention::cuts(
    std::uint64_t most_bytes, const std::map<TopicPartition, std::int64_t>& read) const {
  std::map<TopicPartition, std::size_t> first;  // number of the mark where a partition would begin
  std::uint64_t left = bytes();
  while (left > most_bytes) {
    const Known* oldest = nullptr;
    std::size_t* place = nullptr;
    for (const auto& [partition, known] : known_) {
      const auto done = read.find(partition);
      if (done == read.end()) continue;
      std::size_t& at = first.try_emplace(partition, 0).first->second;
      if (at + 1 >= known.marks.size() || known.marks[at + 1].offset > done->second) continue;
      if (oldest != nullptr &&
          known.marks[at].timestamp_unix_ms >= oldest->marks[*place].timestamp_unix_ms)
        continue;
      oldest = &known;
      place = &at;
    }
    if (oldest == nullptr) break;
    left -= oldest->marks[*place + 1].bytes_before - oldest->marks[*place].bytes_before;
    ++*place;
  }
  std::vector<Cut> out;
  for (const auto& [partition, at] : first) {
    if (at > 0) out.push_back({partition, known_.at(partition).marks[at].offset});
  }
  return out;
}

}  // namespace vigie::log
