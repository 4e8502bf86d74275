#include "crawler/politeness/host_health.h"

#include <algorithm>

namespace vigie::crawler::politeness {
namespace {

using std::chrono::milliseconds;

/// Failures of the way to a host, whatever is asked there.
bool is_of_the_way(const Error& error) {
  return error.code == "dns" || error.code == "connect" || error.code == "timeout_connect" ||
         error.code == "tls";
}

/// What a network that has gone looks like.
bool may_be_ours(const Error& error) {
  return error.code == "dns" || error.code == "connect" || error.code == "timeout_connect";
}

}  // namespace

std::string_view host_in(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return {};
  url.remove_prefix(scheme + 3);
  url = url.substr(0, url.find_first_of("/?#"));
  const std::size_t bracket = url.find(']');
  const std::size_t colon = url.find(':', bracket == std::string_view::npos ? 0 : bracket);
  return url.substr(0, colon);
}

HostHealth::HostHealth(fetch::RetrySchedule retry, const Clock& clock, Random& random)
    : retry_(retry), clock_(clock), random_(random) {}

std::optional<milliseconds> HostHealth::waits_until(std::string_view host) const {
  const milliseconds now = clock_.since_boot();
  const auto found = hosts_.find(host);
  // One that was never asked may be: it may lie elsewhere.
  if (found == hosts_.end()) return std::nullopt;
  const milliseconds until =
      outage_ ? std::max(found->second.until, next_probe_) : found->second.until;
  return until > now ? std::optional<milliseconds>(until) : std::nullopt;
}

void HostHealth::wait(Host& host, milliseconds until) {
  host.until = until;
  last_until_ = std::max(last_until_, until);
}

void HostHealth::asked(std::string_view host) {
  if (!outage_ || hosts_.find(host) == hosts_.end()) return;
  next_probe_ = clock_.since_boot() + probe_every_;
  probe_every_ = std::min(kMostProbe, 2 * probe_every_);
}

void HostHealth::answered(const std::string& name, const Error* error) {
  if (error == nullptr) {
    forget_some();
    Host& host = hosts_[name];
    host.failures = 0;
    host.until = milliseconds(0);
    host.reached = clock_.since_boot();
    end_outage();
  } else if (is_of_the_way(*error)) {
    forget_some();
    failed(hosts_[name], *error);
  }
}

void HostHealth::failed(Host& host, const Error& error) {
  const milliseconds now = clock_.since_boot();
  if (host.failures == 0) {
    host.failing_since = now;
    const bool good = host.reached && now - *host.reached < kGoodFor;
    if (good && may_be_ours(error)) {
      if (good_failed_++ == 0) first_failed_ = now;
      if (!outage_ && good_failed_ >= kOutageHosts) {
        outage_ = true;
        probe_every_ = kFirstProbe;
        next_probe_ = now + probe_every_;
      }
    }
  }
  ++host.failures;
  fetch::RetrySchedule schedule = retry_;
  if (error.code == "dns") schedule.ceiling *= kNameFactor;
  const milliseconds pause = fetch::backoff(schedule, host.failures);
  // A fifth more or less, so that what failed together does not come back together.
  const double jitter = 0.4 * (random_.unit() - 0.5);
  wait(host,
       now + pause +
           milliseconds(static_cast<std::int64_t>(static_cast<double>(pause.count()) * jitter)));
}

/// A response came. What failed since the outage began is asked soon; before the first response of
/// all, everything did.
void HostHealth::end_outage() {
  const milliseconds now = clock_.since_boot();
  if (outage_ || !ever_reached_) {
    const milliseconds since = ever_reached_ ? first_failed_ : milliseconds(0);
    for (auto& [name, host] : hosts_) {
      if (host.failures == 0 || host.failing_since < since) continue;
      const auto soon = milliseconds(
          static_cast<std::int64_t>(static_cast<double>(kRelease.count()) * random_.unit()));
      host.until = std::min(host.until, now + soon);
    }
  }
  ever_reached_ = true;
  outage_ = false;
  good_failed_ = 0;
}

void HostHealth::hold(const std::string& name, milliseconds until) {
  forget_some();
  Host& host = hosts_[name];
  if (host.until < until) wait(host, until);
}

void HostHealth::forget_some() {
  if (hosts_.size() < kMaxHosts) return;
  const milliseconds now = clock_.since_boot();
  std::erase_if(hosts_, [&](const auto& host) { return host.second.until <= now; });
  if (hosts_.size() >= kMaxHosts) hosts_.clear();
}

}  // namespace vigie::crawler::politeness
