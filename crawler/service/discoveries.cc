#include "crawler/service/discoveries.h"

#include <iterator>
#include <utility>

#include "crawler/fetch/requests.h"
#include "crawler/robots/robots.h"
#include "platform/logging/logging.h"
#include "platform/url/url.h"

namespace vigie::crawler::service {
namespace {

/// The request for a page that may be a feed as well.
net::HttpRequest page_request(const url::Url& url) {
  v1::UrlState state;
  state.set_url(url.href());
  state.set_kind(v1::URL_KIND_SECTION);
  return fetch::make_request(state, url.href(), false, discovery::Discovery::kPageBytes);
}

}  // namespace

void Discoveries::take(std::vector<sources::EditReader::Discovery> discoveries) {
  for (sources::EditReader::Discovery& one : discoveries) {
    const std::string id = one.request.id();
    if (one.gone) {
      // A request that is out ends by itself; nobody takes its response.
      requests_.erase(id);
      const auto job = jobs_.find(id);
      if (job != jobs_.end() && job->second.number == 0) jobs_.erase(job);
      else if (job != jobs_.end()) job->second.deadline = std::chrono::milliseconds(0);
    } else {
      requests_[id] = std::move(one.request);
    }
  }
}

/// Requests of domains that this crawler owns become jobs.
void Discoveries::begin() {
  const std::int64_t now = seams_.clock.now_unix_ms();
  std::erase_if(requests_, [&](const auto& request) {
    return request.second.asked_at_unix_ms() + sources::EditReader::kDiscoveryHoldsMs < now;
  });
  for (const auto& [id, request] : requests_) {
    if (jobs_.size() >= kAtOnce) return;
    const auto url = url::parse(request.url());
    if (!url || !url->host || !seams_.owner.owns(url::registrable_domain(*url->host))) continue;
    if (jobs_.contains(id)) continue;
    jobs_.emplace(id, Job{discovery::Discovery(request), seams_.clock.since_boot() + kTime});
  }
}

Result<void> Discoveries::work(bool may_start) {
  if (may_start) begin();
  for (auto job = jobs_.begin(); job != jobs_.end();) {
    bool over = false;
    VIGIE_TRY(go_on(job->first, job->second, may_start, over));
    job = over ? jobs_.erase(job) : std::next(job);
  }
  return {};
}

Result<void> Discoveries::go_on(const std::string& id, Job& job, bool may_start, bool& over) {
  if (job.number != 0) return {};
  if (seams_.clock.since_boot() >= job.deadline) {
    job.discovery.end();
    job.asks.reset();
  }
  if (!job.asks) {
    const auto ask = job.discovery.next([&](const url::Url& url) {
      return url.host && seams_.owner.owns(url::registrable_domain(*url.host));
    });
    if (!ask) {
      over = true;
      if (requests_.erase(id) == 0) return {};  // nobody waits for it any more
      v1::DiscoveryResponse response = job.discovery.response();
      response.set_answered_at_unix_ms(seams_.clock.now_unix_ms());
      logging::info("address looked at", {{"url", response.url()},
                                          {"found", response.found_size()},
                                          {"reason", response.reason()}});
      return seams_.outbox.send(sources::EditReader::record_of(response));
    }
    job.asks = ask->url;
    job.robots = ask->robots;
  }
  politeness::PolitenessKeys keys = seams_.gate.keys_of(*job.asks->host);
  if (!may_start || !seams_.dispatch.addresses_known(keys.host) ||
      seams_.gate.ready_at(keys) > seams_.clock.since_boot())
    return {};
  job.number = kFirstId | ++last_number_;
  const std::vector<v1::Reservation> records = seams_.gate.reserve(job.number, std::move(keys));
  job.records_out = records.size();
  for (const v1::Reservation& record : records)
    VIGIE_TRY(seams_.outbox.send_reservation(record, job.number));
  return {};
}

Discoveries::Job* Discoveries::job_of(std::uint64_t number) {
  for (auto& [id, job] : jobs_) {
    if (job.number == number) return &job;
  }
  return nullptr;
}

Result<void> Discoveries::on_reserved(std::uint64_t id, bool may_send, bool may_tell) {
  Job* job = job_of(id);
  if (job != nullptr && --job->records_out > 0) return {};
  if (job == nullptr || !may_send || !seams_.gate.may_send(id)) {
    for (const v1::Reservation& record : seams_.gate.cancel(id)) {
      if (may_tell) VIGIE_TRY(seams_.outbox.send(frontier::Frontier::record_of(record)));
    }
    if (job != nullptr) job->number = 0;
    return {};
  }
  net::HttpRequest request =
      job->robots ? fetch::make_robots_request(job->asks->href(), robots::kRobotsBytes + 1)
                  : page_request(*job->asks);
  seams_.report.requested(job->robots ? "ROBOTS" : "SECTION");
  seams_.gate.sent(id);
  seams_.http.start(std::move(request),
                    [events = seams_.outbox.events(), id](Result<net::HttpResponse> response) {
                      events->push(Responded{id, std::move(response)});
                    });
  return {};
}

void Discoveries::on_response(std::uint64_t id, const Result<net::HttpResponse>& response) {
  Job* job = job_of(id);
  if (job == nullptr) return;
  job->number = 0;
  job->asks.reset();
  job->discovery.take(response, seams_.clock.now_unix_ms());
}

Result<void> Discoveries::forget_responses(
    const std::map<std::string, v1::DiscoveryResponse>& responses) {
  const std::int64_t now = seams_.clock.now_unix_ms();
  for (const auto& [id, response] : responses) {
    if (response.answered_at_unix_ms() + kResponseKeptMs > now) continue;
    if (seams_.owner.owns_url(response.url()))
      VIGIE_TRY(seams_.outbox.send(sources::EditReader::removal_of(id)));
  }
  return {};
}

}  // namespace vigie::crawler::service
