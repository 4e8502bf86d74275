#include "platform/log/stored_record.h"

#include "platform/storage/storage.h"

namespace vigie::log {
namespace {

constexpr std::size_t kHeaderBytes = 8 + 1 + 4;
constexpr unsigned char kTombstone = 1;

tl::unexpected<Error> corrupt(std::string_view what) {
  return failure(Disposition::kStop, "corrupt",
                 "a row of the embedded log is damaged (" + std::string(what) +
                     "); restore the last backup of the log folder");
}

}  // namespace

std::string partition_prefix(TopicPartition partition) {
  std::string key(proto::spec(partition.topic).short_name);
  key.push_back('\0');
  storage::append_u16(key, static_cast<std::uint16_t>(partition.partition));
  return key;
}

std::string record_row_key(TopicPartition partition, std::int64_t offset) {
  std::string key = partition_prefix(partition);
  storage::append_u64(key, static_cast<std::uint64_t>(offset));
  return key;
}

Result<std::int64_t> offset_of_row(std::string_view row_key, std::size_t prefix_bytes) {
  if (row_key.size() != prefix_bytes + 8) return corrupt("length of key");
  const std::uint64_t offset = storage::read_u64(row_key.substr(prefix_bytes));
  if (offset > static_cast<std::uint64_t>(INT64_MAX)) return corrupt("offset");
  return static_cast<std::int64_t>(offset);
}

std::string encode_record(const NewRecord& record, std::int64_t timestamp_unix_ms) {
  std::string bytes;
  bytes.reserve(kHeaderBytes + record.key.size() + (record.value ? record.value->size() : 0));
  storage::append_u64(bytes, static_cast<std::uint64_t>(timestamp_unix_ms));
  bytes.push_back(record.value ? '\0' : static_cast<char>(kTombstone));
  storage::append_u32(bytes, static_cast<std::uint32_t>(record.key.size()));
  bytes += record.key;
  if (record.value) bytes += *record.value;
  return bytes;
}

Result<Record> decode_record(std::string_view bytes) {
  if (bytes.size() < kHeaderBytes) return corrupt("too short");
  Record record;
  record.timestamp_unix_ms = static_cast<std::int64_t>(storage::read_u64(bytes));
  const auto flags = static_cast<unsigned char>(bytes[8]);
  const std::size_t key_bytes = storage::read_u32(bytes.substr(9));
  if (flags > kTombstone) return corrupt("flags");
  if (key_bytes > bytes.size() - kHeaderBytes) return corrupt("length of the record's key");
  record.key = bytes.substr(kHeaderBytes, key_bytes);
  if (flags != kTombstone) {
    record.value = std::string(bytes.substr(kHeaderBytes + key_bytes));
  } else if (bytes.size() != kHeaderBytes + key_bytes) {
    return corrupt("tombstone with a value");
  }
  return record;
}

Result<std::int64_t> timestamp_of(std::string_view bytes) {
  if (bytes.size() < kHeaderBytes) return corrupt("too short");
  return static_cast<std::int64_t>(storage::read_u64(bytes));
}

}  // namespace vigie::log
