#include "platform/log/quarantine.h"

#include "proto/identity.h"
#include "proto/quarantine.pb.h"

namespace vigie::log {

NewRecord quarantined(proto::Topic from, const Record& record, const Failure& failed,
                      std::int64_t now_unix_ms) {
  const std::string_view topic = proto::spec(from).short_name;
  const std::string_view value =
      record.value ? std::string_view(*record.value) : std::string_view();
  v1::QuarantineRecord out;
  out.set_id(proto::quarantine_id(topic, record.partition, record.offset, failed.stage));
  out.set_stage(std::string(failed.stage));
  out.set_reason(std::string(failed.reason));
  out.set_detail(std::string(failed.detail));
  out.set_topic(std::string(topic));
  out.set_partition(record.partition);
  out.set_offset(record.offset);
  out.set_key(record.key);
  out.set_value(std::string(value.substr(0, kMostQuarantinedBytes)));
  out.set_value_cut(value.size() > kMostQuarantinedBytes);
  out.set_attempts(static_cast<std::uint32_t>(failed.attempts));
  out.set_failed_at_unix_ms(now_unix_ms);
  out.set_url(std::string(failed.url));
  return {proto::Topic::kQuarantine, record.key, out.SerializeAsString()};
}

NewRecord acknowledged_gap(TopicPartition partition, std::int64_t from, std::int64_t to,
                           std::int64_t now_unix_ms) {
  const std::string topic(proto::spec(partition.topic).short_name);
  v1::QuarantineRecord record;
  record.set_id(proto::quarantine_id(topic, partition.partition, from, "log"));
  record.set_stage("log");
  record.set_reason("log_gap");
  record.set_detail(
      "the reader of " + topic + "/" + std::to_string(partition.partition) + " stood at " +
      std::to_string(from) + " and went on at " + std::to_string(to) +
      ": the log did not hold its place any more, and the gap was acknowledged by a person");
  record.set_topic(topic);
  record.set_partition(partition.partition);
  record.set_offset(from);
  record.set_value_cut(true);
  record.set_failed_at_unix_ms(now_unix_ms);
  std::string key = record.id();
  return {proto::Topic::kQuarantine, std::move(key), record.SerializeAsString()};
}

}  // namespace vigie::log
