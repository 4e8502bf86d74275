#include "platform/status/reporter.h"

#include "platform/process/process.h"

namespace vigie::status {

std::string_view word_of(State state) {
  switch (state) {
    case State::kStarting: return "starting";
    case State::kRunning: return "running";
    case State::kPaused: return "paused";
    case State::kStopping: break;
  }
  return "stopping";
}

Reporter::Reporter(log::Log& log, Clock& clock, std::string service, std::string instance,
                   std::filesystem::path data_dir)
    : clock_(clock), producer_(log.producer()), data_dir_(std::move(data_dir)) {
  record_.set_service(std::move(service));
  record_.set_instance(std::move(instance));
  record_.set_version(VIGIE_VERSION);
  record_.set_started_at_unix_ms(clock.now_unix_ms());
  state(State::kStarting);
}

// the last word of a service that stops
Reporter::~Reporter() noexcept(false) { static_cast<void>(producer_->flush().has_value()); }

void Reporter::total(std::string_view name, std::uint64_t value) {
  totals_.try_emplace(std::string(name)).first->second.value = value;
}

void Reporter::lag(std::string_view topic, std::int64_t position, std::int64_t end) {
  lags_.insert_or_assign(std::string(topic), std::pair(position, end));
}

Result<void> Reporter::report() {
  const auto now = clock_.since_boot();
  next_ = now + kInterval;
  record_.set_reported_at_unix_ms(clock_.now_unix_ms());
  record_.clear_rates();
  for (auto& [name, total] : totals_) {
    total.samples.push_back({now, total.value});
    while (total.samples.size() > 2 && total.samples.front().at < now - kWindow)
      total.samples.pop_front();
    v1::Rate& rate = *record_.add_rates();
    rate.set_name(name);
    rate.set_total(total.value);
    const Sample& oldest = total.samples.front();
    const double seconds = std::chrono::duration<double>(now - oldest.at).count();
    if (seconds > 0) rate.set_per_second(static_cast<double>(total.value - oldest.value) / seconds);
  }
  record_.clear_lags();
  for (const auto& [topic, position] : lags_) {
    v1::TopicLag& lag = *record_.add_lags();
    lag.set_topic(topic);
    lag.set_position(position.first);
    lag.set_end(position.second);
  }
  record_.set_resident_bytes(process::resident_bytes());
  if (!data_dir_.empty()) record_.set_disk_free_bytes(process::disk_free_bytes(data_dir_));
  v1::StatusRecord out;
  *out.mutable_service() = record_;
  return producer_->send({proto::Topic::kStatus,
                          "service/" + record_.service() + "-" + record_.instance(),
                          out.SerializeAsString()});
}

}  // namespace vigie::status
