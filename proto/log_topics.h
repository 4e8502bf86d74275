#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace vigie::proto {

/// The topics of the log, by their short names; the full name is `<prefix>.<short>.v1`.
enum class Topic : std::uint8_t {
  kFrontier,
  kPages,
  kArticles,
  kFingerprints,
  kStories,
  kSubscriptions,
  kMatches,
  kDeliveries,
  kStatus,
  kControl,
  kQuarantine,
  kSessions,
  kKeys,
  kAudit,
  kDigests,
  kCollections,
  kSourceEdits,
  kAlertEvents,
  kSearches,
};

struct TopicSpec {
  Topic topic;
  std::string_view short_name;  // "pages"
  bool single_partition;        // else log.partitions
  bool compacted;               // the newest record of each key is kept
  std::int64_t retention_ms;    // -1: kept for ever
  std::int32_t max_record_bytes;
};

inline constexpr std::int64_t kDayMs = 24LL * 3600 * 1000;

/// Everything `log setup` creates and `log check` compares.
inline constexpr std::array<TopicSpec, 19> kTopics{{
    {Topic::kFrontier, "frontier", false, true, -1, 1 << 20},
    {Topic::kPages, "pages", false, false, 7 * kDayMs, 12 << 20},
    {Topic::kArticles, "articles", false, false, -1, 12 << 20},
    {Topic::kFingerprints, "fingerprints", true, false, 21 * kDayMs, 1 << 16},
    {Topic::kStories, "stories", false, true, -1, 1 << 16},
    {Topic::kSubscriptions, "subscriptions", true, true, -1, 1 << 20},
    {Topic::kMatches, "matches", false, false, 14 * kDayMs, 1 << 20},
    {Topic::kDeliveries, "deliveries", false, true, -1, 1 << 20},
    {Topic::kStatus, "status", true, true, -1, 1 << 20},
    {Topic::kControl, "control", true, true, -1, 1 << 16},
    {Topic::kQuarantine, "quarantine", true, false, 28 * kDayMs, 12 << 20},
    {Topic::kSessions, "sessions", true, true, -1, 1 << 16},
    {Topic::kKeys, "keys", true, true, -1, 1 << 16},
    {Topic::kAudit, "audit", true, false, 400 * kDayMs, 1 << 16},
    {Topic::kDigests, "digests", false, true, -1, 1 << 16},
    {Topic::kCollections, "collections", true, true, -1, 1 << 20},
    {Topic::kSourceEdits, "source_edits", true, true, -1, 1 << 20},
    {Topic::kAlertEvents, "alerts.cloudevents", false, false, 14 * kDayMs, 4 << 20},
    {Topic::kSearches, "searches", true, true, -1, 1 << 16},
}};

/// Spec of a topic. Total.
const TopicSpec& spec(Topic topic);

/// What the values of a topic are, for a header `content-type` of its records on Kafka; "" for
/// those of Protocol Buffers, which have none. Total.
std::string_view content_type(Topic topic);

/// Full name: topic_name("vigie", Topic::kPages) == "vigie.pages.v1".
std::string topic_name(std::string_view prefix, Topic topic);

/// Partition of a key as Kafka's own clients choose it: murmur2 (seed 0x9747b28c), sign bit
/// cleared, modulo. In: any bytes; partitions ≥ 1.  Source:
/// org.apache.kafka.common.utils.Utils.murmur2 and BuiltInPartitioner.
std::int32_t partition_of(std::string_view key, std::int32_t partitions);

/// The hash beneath partition_of, for tests against known values.
std::uint32_t murmur2(std::string_view bytes);

}  // namespace vigie::proto
