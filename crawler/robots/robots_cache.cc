#include "crawler/robots/robots_cache.h"

#include "crawler/fetch/outcome.h"
#include "platform/logging/logging.h"

namespace vigie::crawler::robots {
namespace {

using std::chrono::milliseconds;

RobotsEntry after_failure(RobotsEntry entry, const Result<net::HttpResponse>& response,
                          const fetch::RetrySchedule& retry, milliseconds now) {
  ++entry.failures;
  entry.reason = response ? "robots_" + fetch::failure_reason(response->status)
                          : std::string(response.error().code);
  entry.detail = response ? "it was answered with status " + std::to_string(response->status)
                          : response.error().detail;
  // Rules that were had stay in force for a day (§2.4). Without any, nothing may be fetched
  // (§2.3.1.4).
  const bool in_force = entry.fetched && now - *entry.fetched < kStale;
  if (!in_force) {
    entry.rules = Robots::refuse_all();
    entry.unreachable = true;
  }
  entry.check_again = now + fetch::backoff(retry, entry.failures);
  return entry;
}

}  // namespace

Availability availability_of(const Result<net::HttpResponse>& response) {
  if (!response || response->status == 429 || response->status >= 500)
    return Availability::kUnreachable;
  return response->status >= 200 && response->status < 300 ? Availability::kRules
                                                           : Availability::kNone;
}

Robots rules_of(const Result<net::HttpResponse>& response) {
  switch (availability_of(response)) {
    case Availability::kRules: return Robots::parse(response->body);
    case Availability::kNone: return Robots::allow_all();
    case Availability::kUnreachable: break;
  }
  return Robots::refuse_all();
}

RobotsEntry after_response(RobotsEntry before, const Result<net::HttpResponse>& response,
                           const fetch::RetrySchedule& retry, milliseconds now) {
  if (availability_of(response) == Availability::kUnreachable)
    return after_failure(std::move(before), response, retry, now);
  RobotsEntry entry;
  entry.rules = rules_of(response);
  entry.fetched = now;
  entry.check_again = now + kFresh;
  return entry;
}

url::Url robots_url_of(const url::Url& url) {
  url::Url out = url;
  out.path = "/robots.txt";
  out.query.reset();
  out.fragment.reset();
  return out;
}

double crawl_delay_s(const RobotsEntry& entry) {
  return entry.rules.verdict_for(kProductToken, "/").crawl_delay_s.value_or(0);
}

RobotsCache::RobotsCache(std::filesystem::path dir, fetch::RetrySchedule retry, const Clock& clock)
    : retry_(retry), clock_(clock), store_(std::move(dir)) {}

RobotsCache::Known RobotsCache::find(const std::string& origin) {
  if (const auto known = entries_.find(origin); known != entries_.end())
    return {&known->second, false};
  const std::int64_t now_unix_ms = clock_.now_unix_ms();
  auto stored = store_.load(origin, now_unix_ms);
  if (!stored) return {};
  RobotsEntry& entry = entries_[origin];
  entry.rules = std::move(stored->rules);
  entry.fetched = clock_.since_boot() - milliseconds(now_unix_ms - stored->fetched_unix_ms);
  entry.check_again = *entry.fetched + kFresh;
  return {&entry, true};
}

const RobotsEntry& RobotsCache::on_response(const std::string& origin,
                                            const Result<net::HttpResponse>& response) {
  const milliseconds now = clock_.since_boot();
  forget_outdated(now);
  RobotsEntry& entry = entries_[origin];
  entry = after_response(std::move(entry), response, retry_, now);
  const Availability availability = availability_of(response);
  if (availability == Availability::kUnreachable) return entry;
  const bool none = availability == Availability::kNone;
  if (auto saved = store_.save(origin, clock_.now_unix_ms(), none, response->body); !saved)
    logging::warn("robots.txt not kept", {{"error", saved.error().to_string()}});
  return entry;
}

void RobotsCache::forget_outdated(milliseconds now) {
  if (entries_.size() <= kMaxOrigins) return;
  std::erase_if(entries_, [&](const auto& entry) { return entry.second.check_again <= now; });
}

void RobotsCache::prune() { store_.prune(clock_.now_unix_ms()); }

}  // namespace vigie::crawler::robots
