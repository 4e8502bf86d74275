#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "platform/log/log.h"

/// How the embedded log lays out its rows. Keys begin with the short name of the topic, so that no
/// number of an enum is on disk.
namespace vigie::log {

/// "pages", 0x00, partition (2 bytes, big endian): what every row of a partition begins with.
std::string partition_prefix(TopicPartition partition);
/// partition_prefix, offset (8 bytes, big endian).
std::string record_row_key(TopicPartition partition, std::int64_t offset);
/// Offset of a record_row_key of a partition whose prefix is `prefix_bytes` long. Errors: kStop
/// corrupt.
Result<std::int64_t> offset_of_row(std::string_view row_key, std::size_t prefix_bytes);

/// Timestamp (8), flags (1), key length (4), key, value.
std::string encode_record(const NewRecord& record, std::int64_t timestamp_unix_ms);
/// Total. Errors: kStop corrupt. Partition and offset are left at 0.
Result<Record> decode_record(std::string_view bytes);
/// Only the timestamp. Errors: kStop corrupt.
Result<std::int64_t> timestamp_of(std::string_view bytes);

}  // namespace vigie::log
