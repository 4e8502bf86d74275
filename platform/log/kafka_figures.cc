#include <algorithm>
#include <string_view>

#include "platform/json/json.h"
#include "platform/log/kafka_client.h"

namespace vigie::log::kafka {
namespace {

constexpr double kMicrosecondsPerSecond = 1e6;

void add_broker(const Json& broker, KafkaFigures& figures) {
  figures.connected = figures.connected || broker["state"].as_string() == "UP";
  // What stands for a name of the bootstrap list, or for the coordinator of a group, is a
  // connection more to a broker that is counted by itself.
  if (broker["nodeid"].as_integer(-1) < 0 || broker["source"].as_string() == "logical") return;
  ++figures.brokers;
  if (broker["state"].as_string() == "UP") ++figures.brokers_up;
  figures.request_errors += broker["txerrs"].as_integer() + broker["rxerrs"].as_integer();
  figures.request_timeouts += broker["req_timeouts"].as_integer();
  figures.round_trip_p99_s =
      std::max(figures.round_trip_p99_s, broker["rtt"]["p99"].as_double() / kMicrosecondsPerSecond);
}

/// The end as the last response of a fetch had it; negative while none came.
std::int64_t end_of(const Json& partition) {
  const std::int64_t stable = partition["ls_offset"].as_integer(-1);
  return stable >= 0 ? stable : partition["hi_offset"].as_integer(-1);
}

std::int64_t lag_of(proto::Topic topic, const Json& partitions, const Positions& positions) {
  std::int64_t lag = 0;
  for (const auto& [from, position] : positions) {
    if (from.topic != topic) continue;
    const std::int64_t end = end_of(partitions[std::to_string(from.partition)]);
    lag += std::max<std::int64_t>(0, end - position);
  }
  return lag;
}

}  // namespace

std::optional<KafkaFigures> read_figures(const Shared& shared, std::string client,
                                         std::string_view statistics, const Positions& positions) {
  const auto read = parse_json(statistics);
  if (!read || !read->is_object()) return std::nullopt;
  const Json& all = *read;
  KafkaFigures figures;
  figures.client = std::move(client);
  figures.queued_records = all["msg_cnt"].as_integer();
  figures.queued_bytes = all["msg_size"].as_integer();
  figures.sent_records = all["txmsgs"].as_integer();
  figures.sent_bytes = all["txmsg_bytes"].as_integer();
  figures.received_records = all["rxmsgs"].as_integer();
  figures.received_bytes = all["rxmsg_bytes"].as_integer();
  for (const auto& entry : all["brokers"].as_object()) add_broker(entry.second, figures);
  for (const auto& [name, topic] : all["topics"].as_object()) {
    if (const auto known = shared.topic_of(name))
      figures.lag[*known] = lag_of(*known, topic["partitions"], positions);
  }
  return figures;
}

}  // namespace vigie::log::kafka
