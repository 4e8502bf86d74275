#include "indexer/conditions/observer.h"

#include <algorithm>

#include "platform/dates/dates.h"
#include "platform/status/quiet.h"
#include "proto/delivery_keys.h"
#include "proto/quarantine.pb.h"

namespace vigie::indexer::conditions {
namespace {

constexpr std::int64_t kHourMs = 3'600'000;
constexpr std::size_t kMaxTimes = 1'000;
constexpr std::string_view kSource = "source/";
constexpr std::string_view kService = "service/";
constexpr std::string_view kFloodingDetail =
    "It lists more than may be fetched: what is beyond is left out. Other sites are not slowed.";

std::string gib(std::uint64_t bytes) {
  const std::uint64_t tenths = bytes / ((1ULL << 30) / 10);
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " GiB";
}

std::string usual_gap(double seconds) {
  if (seconds <= 0) return {};
  const auto minutes = static_cast<std::int64_t>(seconds / 60);
  return minutes < 120 ? " One in " + std::to_string(std::max<std::int64_t>(1, minutes)) +
                             " minutes is usual."
                       : " One in " + std::to_string(minutes / 60) + " hours is usual.";
}

std::string quiet_detail(const v1::SourceStatus& source) {
  return "No new article since " + dates::rfc3339_seconds(source.last_article_unix_ms()) + "." +
         usual_gap(source.expected_interval_s());
}

std::string failing_detail(const v1::SourceStatus& source) {
  if (source.state() == "blocked") return "The site asks for a back-off: " + source.last_error();
  return source.last_error().empty() ? "No address of it answers." : source.last_error();
}

/// The id in "source/ID" and "source/ID/INSTANCE".
std::string source_id(const std::string& key) {
  const std::string rest = key.substr(kSource.size());
  return rest.substr(0, rest.find('/'));
}

}  // namespace

void Observer::take_status(const log::Record& record) {
  if (!record.value) {
    sources_.erase(record.key);
    services_.erase(record.key);
    return;
  }
  v1::StatusRecord status;
  if (!status.ParseFromString(*record.value)) return;
  if (status.has_source() && record.key.starts_with(kSource))
    sources_[record.key] = std::move(*status.mutable_source());
  else if (status.has_service() && record.key.starts_with(kService))
    services_[record.key] = std::move(*status.mutable_service());
}

void Observer::take_delivery(const log::Record& record) {
  v1::DeliveryRecord delivery;
  if (!record.value || !proto::is_delivery_key(record.key) ||
      !delivery.ParseFromString(*record.value))
    return;
  const std::string channel = delivery.subscription_id() + "/" + delivery.channel_id();
  if (delivery.state() == v1::DELIVERY_STATE_DELIVERED) {
    failing_.erase(channel);
  } else if (delivery.attempts() > 0) {
    failing_[channel] = {delivery.last_error(), delivery.put_off()};
  }
}

void Observer::take_quarantine(const log::Record& record) {
  v1::QuarantineRecord failed;
  if (!record.value || !failed.ParseFromString(*record.value) || failed.resolved()) return;
  Aside& aside = aside_[failed.stage()];
  aside.times.push_back(record.timestamp_unix_ms);
  if (aside.times.size() > kMaxTimes) aside.times.pop_front();
  aside.reason = failed.reason();
}

bool Observer::knows_all_of(Kind kind, std::int64_t now_unix_ms) const {
  return kind != Kind::kQuarantine || now_unix_ms - begun_unix_ms_ >= kHourMs;
}

std::vector<Finding> Observer::look(std::int64_t now_unix_ms,
                                    const ChannelName& channel_name) const {
  std::vector<Finding> out;
  look_at_sources(now_unix_ms, out);
  look_at_services(now_unix_ms, out);
  look_at_disks(now_unix_ms, out);
  look_at_channels(channel_name, out);
  look_at_stages(now_unix_ms, out);
  std::sort(out.begin(), out.end(), [](const Finding& a, const Finding& b) {
    return a.kind != b.kind ? a.kind < b.kind : a.subject < b.subject;
  });
  return out;
}

/// A source that fails says nothing of whether it has gone quiet, or floods.
void Observer::look_at_sources(std::int64_t now_unix_ms, std::vector<Finding>& out) const {
  std::map<std::string, std::int64_t> newest;  // articles that whatever crawler found
  for (const auto& [key, source] : sources_) {
    std::int64_t& last = newest[source_id(key)];
    last = std::max(last, source.last_article_unix_ms());
  }
  for (const auto& [key, known] : sources_) {
    const std::string id = source_id(key);
    if (key.size() != kSource.size() + id.size()) continue;  // another crawler's part of it
    v1::SourceStatus source = known;
    source.set_last_article_unix_ms(newest[id]);
    const std::string& state = source.state();
    const bool silent = now_unix_ms - source.reported_at_unix_ms() > kSourceSilentMs;
    const bool unknown = silent || state == "waiting";
    const bool fails = state == "failing" || state == "blocked";
    if (unknown || fails)
      out.push_back({Kind::kFailing, id, source.name(), failing_detail(source), !unknown});
    const bool floods = state == "flooding";
    if (unknown || fails || floods)
      out.push_back(
          {Kind::kFlooding, id, source.name(), std::string(kFloodingDetail), floods && !unknown});
    const bool quiet = state == "quiet" && status::gone_quiet(source, now_unix_ms);
    if (unknown || fails || quiet)
      out.push_back({Kind::kQuiet, id, source.name(), quiet_detail(source), quiet && !unknown});
  }
}

void Observer::look_at_services(std::int64_t now_unix_ms, std::vector<Finding>& out) const {
  if (limits_.lag_records == 0) return;
  for (const auto& [key, service] : services_) {
    const std::int64_t silent_ms = now_unix_ms - service.reported_at_unix_ms();
    if (silent_ms > kServiceGoneMs) continue;
    for (const v1::TopicLag& lag : service.lags()) {
      const std::int64_t records = lag.end() - lag.position();
      if (records < limits_.lag_records / 2) continue;
      const bool wrong = records >= limits_.lag_records && silent_ms <= kServiceSilentMs;
      out.push_back({Kind::kLag, key.substr(kService.size()) + "/" + lag.topic(),
                     service.service() + " " + service.instance() + " on " + lag.topic(),
                     std::to_string(records) + " records of " + lag.topic() + " wait to be read.",
                     wrong});
    }
  }
}

/// The services of one program tell of one disk.
void Observer::look_at_disks(std::int64_t now_unix_ms, std::vector<Finding>& out) const {
  if (limits_.disk_free_bytes == 0) return;
  std::map<std::string, Finding> by_instance;
  for (const auto& [key, service] : services_) {
    const std::int64_t silent_ms = now_unix_ms - service.reported_at_unix_ms();
    const std::uint64_t free = service.disk_free_bytes();
    if (silent_ms > kServiceGoneMs || free == 0 ||
        free >= limits_.disk_free_bytes + limits_.disk_free_bytes / 4)
      continue;
    const bool wrong = free < limits_.disk_free_bytes && silent_ms <= kServiceSilentMs;
    const auto [at, fresh] = by_instance.try_emplace(service.instance());
    if (!fresh && at->second.wrong) continue;
    at->second = {Kind::kDisk, service.instance(), "the disk of " + service.instance(),
                  gib(free) + " are free; what changes something is refused once it is full.",
                  wrong};
  }
  for (auto& [instance, finding] : by_instance) out.push_back(std::move(finding));
}

void Observer::look_at_channels(const ChannelName& channel_name, std::vector<Finding>& out) const {
  for (const auto& [channel, failing] : failing_) {
    const std::size_t slash = channel.find('/');
    const auto name = channel_name(channel.substr(0, slash), channel.substr(slash + 1));
    if (!name) continue;
    out.push_back(
        {Kind::kDeliveries, channel, *name,
         failing.error.empty() ? "The last attempt failed." : "The last attempt: " + failing.error,
         !failing.put_off, failing.put_off});
  }
}

void Observer::look_at_stages(std::int64_t now_unix_ms, std::vector<Finding>& out) const {
  for (const auto& [stage, aside] : aside_) {
    const auto first = std::ranges::lower_bound(aside.times, now_unix_ms - kHourMs);
    const auto count = static_cast<std::size_t>(aside.times.end() - first);
    if (count < kFewAside) continue;
    out.push_back({Kind::kQuarantine, stage, "the stage " + stage,
                   std::to_string(count) + " records were set aside within an hour, the last for " +
                       aside.reason + ".",
                   count >= kManyAside});
  }
}

}  // namespace vigie::indexer::conditions
