#include "proto/log_topics.h"

#include <cstring>

namespace vigie::proto {

std::string_view content_type(Topic topic) {
  // CloudEvents, Kafka Protocol Binding 1.0.2 §3.3: structured mode.
  return topic == Topic::kAlertEvents ? "application/cloudevents+json; charset=UTF-8" : "";
}

const TopicSpec& spec(Topic topic) { return kTopics[static_cast<std::size_t>(topic)]; }

std::string topic_name(std::string_view prefix, Topic topic) {
  std::string name(prefix);
  name += '.';
  name += spec(topic).short_name;
  name += ".v1";
  return name;
}

std::uint32_t murmur2(std::string_view bytes) {
  constexpr std::uint32_t kMultiplier = 0x5bd1e995;
  constexpr int kShift = 24;
  const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
  std::size_t left = bytes.size();
  std::uint32_t hash = 0x9747b28c ^ static_cast<std::uint32_t>(bytes.size());
  while (left >= 4) {
    std::uint32_t word =
        static_cast<std::uint32_t>(data[0]) | static_cast<std::uint32_t>(data[1]) << 8 |
        static_cast<std::uint32_t>(data[2]) << 16 | static_cast<std::uint32_t>(data[3]) << 24;
    word *= kMultiplier;
    word ^= word >> kShift;
    word *= kMultiplier;
    hash *= kMultiplier;
    hash ^= word;
    data += 4;
    left -= 4;
  }
  if (left == 3) hash ^= static_cast<std::uint32_t>(data[2]) << 16;
  if (left >= 2) hash ^= static_cast<std::uint32_t>(data[1]) << 8;
  if (left >= 1) {
    hash ^= data[0];
    hash *= kMultiplier;
  }
  hash ^= hash >> 13;
  hash *= kMultiplier;
  hash ^= hash >> 15;
  return hash;
}

std::int32_t partition_of(std::string_view key, std::int32_t partitions) {
  return static_cast<std::int32_t>((murmur2(key) & 0x7fffffffU) %
                                   static_cast<std::uint32_t>(partitions));
}

}  // namespace vigie::proto
