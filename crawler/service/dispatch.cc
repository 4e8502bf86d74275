#include "crawler/service/dispatch.h"

#include <algorithm>
#include <utility>

#include "platform/url/url.h"

namespace vigie::crawler::service {
namespace {

using std::chrono::milliseconds;

/// Time to connect while no source was reached: whether any can be must be known soon.
constexpr milliseconds kFirstConnect{6'000};

/// One in so many connections is for the domains that sources list: whatever else is named, and
/// however slow it is, they are polled.
constexpr std::size_t kReservedShare = 4;

/// A host that waits is not looked at in every turn.
constexpr milliseconds kLeastHold{50};

std::string path_of(const url::Url& url) {
  return url.query ? url.path + "?" + *url.query : url.path;
}

sources::RobotsState robots_state(const robots::RobotsEntry& entry, bool allowed) {
  if (entry.unreachable) return sources::RobotsState::kUnreachable;
  return allowed ? sources::RobotsState::kAllowed : sources::RobotsState::kDisallowed;
}

const char* robots_word(robots::Availability availability) {
  switch (availability) {
    case robots::Availability::kRules: return "rules";
    case robots::Availability::kNone: return "none";
    case robots::Availability::kUnreachable: break;
  }
  return "unreachable";
}

/// How the source of a URL wants to be crawled.
sources::SourceRules rules_of(const sources::SourceStates& sources, const v1::UrlState& state) {
  const sources::SourceEntry* source = sources.find(state.source_id());
  return source == nullptr ? sources::SourceRules() : source->rules;
}

}  // namespace

Dispatch::Dispatch(const CrawlerOptions& options, Seams seams)
    : seams_(seams),
      body_limits_(options.body_limits),
      max_in_flight_(options.max_in_flight),
      ip_gap_(options.ip_gap),
      robots_(options.data_dir / "robots", options.revisit_policy.retry, seams.clock),
      health_(options.revisit_policy.retry, seams.clock, seams.random) {}

Result<void> Dispatch::start_due() {
  const milliseconds now = seams_.clock.since_boot();
  while (seams_.gate.in_flight() < max_in_flight_) {
    const std::optional<std::string> domain = seams_.queues.next(now, others_are_full());
    if (!domain) break;
    VIGIE_TRY(start_domain(*domain));
  }
  return {};
}

bool Dispatch::others_are_full() const {
  return seams_.queues.others_in_hand() >= max_in_flight_ - max_in_flight_ / kReservedShare;
}

std::optional<milliseconds> Dispatch::next_start() const {
  const auto wake = seams_.queues.next_wake();
  const bool full = seams_.gate.in_flight() >= max_in_flight_ || others_are_full();
  // A response wakes the loop by itself.
  if (!wake || !full) return wake;
  return std::max(*wake, seams_.clock.since_boot() + queue::kBusyWait);
}

/// Whether a URL is in hand, or its newest state is not in the store yet.
bool Dispatch::is_busy(std::string_view url) const {
  return seams_.fetches.has_url(url) || seams_.owner.frontier().pending(url);
}

bool Dispatch::is_held(std::string_view url, std::optional<milliseconds>& until) const {
  if (is_busy(url)) return true;
  if (!health_.any_waits()) return false;
  const auto waits = health_.waits_until(politeness::host_in(url));
  if (waits) until = until ? std::min(*until, *waits) : *waits;
  return waits.has_value();
}

/// A fetch that was led to a host at which nothing answers.
Result<void> Dispatch::fail_held(FetchInHand& fetch, milliseconds until) {
  fetch::Failed failed{"connect", "nothing answers at " + *fetch.fetch.next_url().host +
                                      ", where it was led to; it is asked again later"};
  failed.not_before_ms = seams_.clock.now_unix_ms() + (until - seams_.clock.since_boot()).count();
  VIGIE_ASSIGN(const Next next, seams_.responses.fail(fetch, failed));
  if (next == Next::kLog) return {};
  seams_.queues.touch(frontier::domain_of(fetch.fetch.url()));
  seams_.fetches.end(fetch.id);
  return {};
}

Result<void> Dispatch::start_domain(const std::string& domain) {
  while (true) {
    if (!seams_.queues.front(domain)) {
      VIGIE_ASSIGN(const bool taken, take_next(domain));
      if (!taken) break;
    }
    FetchInHand* fetch = seams_.fetches.find(*seams_.queues.front(domain));
    seams_.queues.pop(domain);
    if (fetch == nullptr) continue;
    VIGIE_ASSIGN(const bool wanted, pass_robots(*fetch));
    if (!wanted) continue;
    politeness::PolitenessKeys keys = seams_.gate.keys_of(*fetch->fetch.next_url().host);
    if (keys.domain != domain) {
      // robots.txt was redirected to another domain.
      VIGIE_TRY(make_ready(*fetch));
      continue;
    }
    if (const auto until = health_.waits_until(keys.host)) {
      if (*until - seams_.clock.since_boot() <= politeness::HostHealth::kMostProbe) {
        seams_.queues.push_front(domain, fetch->id);
        break;
      }
      VIGIE_TRY(fail_held(*fetch, *until));
      continue;
    }
    if (!addresses_known(keys.host) || seams_.gate.ready_at(keys) > seams_.clock.since_boot()) {
      seams_.queues.push_front(domain, fetch->id);
      break;
    }
    return reserve(*fetch, std::move(keys));
  }
  return schedule(domain);
}

/// Makes a fetch of the next URL of a domain. False: none is due.
Result<bool> Dispatch::take_next(const std::string& domain) {
  using Verdict = frontier::DueRows::Verdict;
  frontier::Frontier& frontier = seams_.owner.frontier();
  std::optional<milliseconds> held_until;
  const auto skip = [&](std::string_view url) { return is_held(url, held_until); };
  const auto may_take = [&](const v1::UrlState& state) {
    if (seams_.sources.taken_down(state.source_id(), state.url())) {
      seams_.report.dropped("taken_down");
      return Verdict::kDrop;
    }
    if (!seams_.sources.active(state.source_id())) return Verdict::kPark;
    if (seams_.sources.wants(state)) return Verdict::kTake;
    seams_.report.dropped("not_listed");
    return Verdict::kDrop;
  };
  while (true) {
    VIGIE_ASSIGN(frontier::DueRows::Taken taken,
                 frontier.store().due().take(frontier.partition_of(domain), domain,
                                             seams_.clock.now_unix_ms(),
                                             seams_.queues.last_was_poll(domain), skip, may_take));
    if (!taken.state && taken.again) continue;
    if (!taken.state) return false;
    if (auto fetch = fetch::Fetch::begin(*taken.state)) {
      fetch->begin_where_it_moved([&](const url::Url& address) {
        return seams_.owner.owns(url::registrable_domain(*address.host));
      });
      seams_.queues.push(domain, seams_.fetches.add(std::move(*fetch)).id);
      return true;
    }
    // No record of ours has such a URL; it would come up again and again.
    taken.state->set_next_due_unix_ms(0);
    seams_.report.dropped("bad_url");
    VIGIE_TRY(seams_.outbox.send_state(frontier, std::move(*taken.state)));
  }
}

/// Looks at robots.txt for the next hop, or has it asked for. False: the fetch has ended.
Result<bool> Dispatch::pass_robots(FetchInHand& fetch) {
  if (fetch.fetch.asks_robots()) return true;
  const url::Url& url = fetch.fetch.current();
  const robots::RobotsCache::Known known = robots_.find(url.origin_key());
  const sources::SourceRules rules = rules_of(seams_.sources, fetch.fetch.state());
  if (known.from_disk || (known.entry != nullptr && rules.gap_s > 0))
    seams_.gate.set_crawl_delay(*url.host,
                                std::max(robots::crawl_delay_s(*known.entry), rules.gap_s));
  if (known.entry == nullptr || known.entry->check_again <= seams_.clock.since_boot()) {
    fetch.fetch.ask_robots(robots::robots_url_of(url));
    return true;
  }
  const robots::RobotsVerdict verdict =
      known.entry->rules.verdict_for(robots::kProductToken, path_of(url));
  seams_.sources.note_robots(fetch.fetch.state().source_id(),
                             robots_state(*known.entry, verdict.allowed));
  const bool is_reserved = rules.obey_reservations && verdict.search_refused;
  if (verdict.allowed && !is_reserved) return true;
  VIGIE_TRY(refuse(fetch, *known.entry, verdict));
  return false;
}

/// Ends a fetch that robots.txt does not allow.
Result<void> Dispatch::refuse(FetchInHand& fetch, const robots::RobotsEntry& entry,
                              const robots::RobotsVerdict& verdict) {
  fetch::Failed failed;
  if (entry.unreachable) {
    failed.reason = entry.reason;
    failed.detail = "robots.txt cannot be had, so nothing of " + *fetch.fetch.current().host +
                    " is fetched: " + entry.detail;
    failed.not_before_ms =
        seams_.clock.now_unix_ms() + (entry.check_again - seams_.clock.since_boot()).count();
    // So it is for all of the host: the others wait, and none of them fails for itself.
    health_.hold(*fetch.fetch.current().host, entry.check_again);
  } else if (verdict.allowed) {
    failed.reason = "content_signal";
    failed.detail = "robots.txt says Content-Signal: search=no, which its source's rules obey";
    failed.permanent = true;
  } else {
    failed.reason = "robots_disallowed";
    failed.detail =
        "robots.txt refuses it: " + verdict.rule + " (line " + std::to_string(verdict.line) + ")";
    failed.permanent = true;
  }
  VIGIE_ASSIGN(const Next next, seams_.responses.fail(fetch, failed));
  if (next == Next::kLog) return {};
  seams_.queues.touch(frontier::domain_of(fetch.fetch.url()));
  seams_.fetches.end(fetch.id);
  return {};
}

bool Dispatch::addresses_known(const std::string& host) {
  using Addresses = politeness::RequestGate::Addresses;
  if (seams_.resolver == nullptr) return true;
  const Addresses addresses = seams_.gate.addresses_of(host);
  if (addresses != Addresses::kAsk) return addresses == Addresses::kKnown;
  seams_.resolver->resolve(
      host, [events = seams_.outbox.events(), host](std::vector<std::string> response) {
        events->push(Resolved{host, std::move(response)});
      });
  return false;
}

Result<void> Dispatch::on_resolved(const std::string& host, std::vector<std::string> addresses) {
  if (!seams_.gate.resolved(host, std::move(addresses))) return {};
  const std::string domain = url::registrable_domain(host);
  return seams_.queues.knows(domain) ? schedule(domain) : Result<void>();
}

Result<void> Dispatch::reserve(FetchInHand& fetch, politeness::PolitenessKeys keys) {
  seams_.queues.hold(keys.domain);
  const std::vector<v1::Reservation> records = seams_.gate.reserve(fetch.id, std::move(keys));
  fetch.records_out = records.size();
  for (const v1::Reservation& record : records)
    VIGIE_TRY(seams_.outbox.send_reservation(record, fetch.id));
  return {};
}

Result<void> Dispatch::on_reserved(FetchInHand& fetch, bool may_send, bool may_tell) {
  if (may_send && seams_.gate.may_send(fetch.id)) {
    send_request(fetch);
    return {};
  }
  for (const v1::Reservation& record : seams_.gate.cancel(fetch.id)) {
    if (may_tell) VIGIE_TRY(seams_.outbox.send(frontier::Frontier::record_of(record)));
  }
  const std::string domain = url::registrable_domain(*fetch.fetch.next_url().host);
  seams_.queues.release(domain);
  seams_.queues.push_front(domain, fetch.id);
  return schedule(domain);
}

void Dispatch::send_request(FetchInHand& fetch) {
  net::HttpRequest request = fetch.fetch.next_request(body_limits_, robots::kRobotsBytes + 1);
  const sources::SourceRules rules = rules_of(seams_.sources, fetch.fetch.state());
  if (!rules.user_agent.empty()) request.headers.emplace_back("User-Agent", rules.user_agent);
  if (seams_.sources.reachability().reached == 0) request.limits.connect = kFirstConnect;
  seams_.report.requested(fetch.fetch.asks_robots() ? "ROBOTS"
                                                    : kind_word(fetch.fetch.state().kind()));
  seams_.gate.sent(fetch.id);
  health_.asked(*fetch.fetch.next_url().host);
  seams_.http.start(std::move(request), [events = seams_.outbox.events(),
                                         id = fetch.id](Result<net::HttpResponse> response) {
    events->push(Responded{id, std::move(response)});
  });
}

Result<Next> Dispatch::on_robots_response(FetchInHand& fetch,
                                          const Result<net::HttpResponse>& response) {
  // A domain of another partition is not ours to ask. Then the rules are unavailable, which a
  // crawler may take for none (RFC 9309 §2.3.1.2).
  auto target = fetch.fetch.robots_redirect(response);
  if (target && seams_.owner.owns(url::registrable_domain(*target->host))) {
    fetch.fetch.follow_robots(std::move(*target));
    return Next::kRequest;
  }
  if (fetch.fetch.robots_again(response)) return Next::kRequest;
  const robots::RobotsEntry& entry = robots_.on_response(fetch.fetch.robots_origin(), response);
  fetch.fetch.robots_known();
  const robots::Availability availability = robots::availability_of(response);
  if (!response && response.error().disposition == Disposition::kQuarantine) {
    // A host that may not be contacted, as one in a private network to which a redirect led.
    fetch::Failed refused{response.error().code, response.error().detail};
    refused.refused = fetch.fetch.is_page();
    return seams_.responses.fail(fetch, refused);
  }
  if (availability != robots::Availability::kUnreachable)
    seams_.gate.set_crawl_delay(*fetch.fetch.current().host,
                                std::max(robots::crawl_delay_s(entry),
                                         rules_of(seams_.sources, fetch.fetch.state()).gap_s));
  seams_.metrics.robots.of(robots_word(availability)).add();
  return Next::kRequest;
}

Result<void> Dispatch::make_ready(const FetchInHand& fetch) {
  const std::string domain = url::registrable_domain(*fetch.fetch.next_url().host);
  seams_.queues.push(domain, fetch.id);
  return schedule(domain);
}

Result<void> Dispatch::schedule(const std::string& domain) {
  const milliseconds now = seams_.clock.since_boot();
  seams_.queues.schedule(domain, std::nullopt);
  if (seams_.queues.busy(domain)) return {};
  queue::Readiness readiness;
  std::string host = domain;
  if (const auto front = seams_.queues.front(domain)) {
    readiness.due = now;
    if (const FetchInHand* fetch = seams_.fetches.find(*front))
      host = *fetch->fetch.next_url().host;
    if (const auto until = health_.waits_until(host))
      readiness.due = std::max(*until, now + kLeastHold);
  } else {
    frontier::Frontier& frontier = seams_.owner.frontier();
    std::optional<milliseconds> held_until;
    const auto skip = [&](std::string_view url) { return is_held(url, held_until); };
    VIGIE_ASSIGN(const std::optional<std::int64_t> due_unix_ms,
                 frontier.store().due().next_due(frontier.partition_of(domain), domain, skip));
    if (!due_unix_ms && !held_until) return {};
    if (due_unix_ms)
      readiness.due =
          now + milliseconds(std::max<std::int64_t>(0, *due_unix_ms - seams_.clock.now_unix_ms()));
    if (held_until && (!readiness.due || *held_until < *readiness.due))
      readiness.due = std::max(*held_until, now + kLeastHold);
  }
  const politeness::PolitenessKeys keys = seams_.gate.keys_of(host);
  readiness.polite = seams_.gate.ready_at(keys);
  readiness.addresses = seams_.gate.awaited_until(keys.host);
  seams_.queues.schedule(domain, queue::wake_time(readiness, ip_gap_, now));
  return {};
}

std::int64_t Dispatch::free_at_unix_ms(const FetchInHand& fetch) const {
  const milliseconds ready = seams_.gate.ready_at(seams_.gate.keys_of(*fetch.fetch.current().host));
  if (ready == politeness::Politeness::kBusy) return 0;
  const milliseconds left = std::max(milliseconds(0), ready - seams_.clock.since_boot());
  return seams_.clock.now_unix_ms() + left.count();
}

Result<void> Dispatch::schedule_touched() {
  for (const std::string& domain : seams_.queues.take_touched()) {
    if (seams_.owner.owns(domain)) VIGIE_TRY(schedule(domain));
  }
  return {};
}

}  // namespace vigie::crawler::service
