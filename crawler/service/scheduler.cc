#include "crawler/service/scheduler.h"

#include <algorithm>
#include <array>
#include <utility>

#include "crawler/fetch/judge.h"
#include "platform/logging/logging.h"

namespace vigie::crawler {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kControlEvery{200};
constexpr milliseconds kFileCheckEvery{1'000};
constexpr milliseconds kReportEvery{5'000};
constexpr milliseconds kPruneEvery{3'600'000};
/// How soon the log is looked at again for what was sent; and the group, while it has given
/// nothing.
constexpr milliseconds kReadBackEvery{10};
constexpr milliseconds kGroupEvery{50};
/// The group learns so often how far the frontier was read: for its lag alone, since reading goes
/// on from the store.
constexpr milliseconds kCommitEvery{30'000};
/// How soon a lane is looked at again that waits for a connection or for an address that another
/// lane uses; the second within these, a quarter of the gap.
constexpr milliseconds kBusyPause{20};
constexpr milliseconds kMaxBusyPause{200};

PolitenessOptions politeness_options(const CrawlerOptions& options) {
  PolitenessOptions out;
  out.min_gap = options.min_gap;
  out.ip_gap = options.ip_gap;
  out.owner = options.instance;
  return out;
}

}  // namespace

Scheduler::Scheduler(CrawlerOptions options, Crawler::Seams seams, SourceList sources)
    : options_(std::move(options)),
      seams_(std::move(seams)),
      first_sources_(std::move(sources)),
      producer_(seams_.log.producer()),
      reporter_(seams_.log, seams_.clock, "crawler", "crawler-" + options_.instance,
                options_.data_dir),
      politeness_(politeness_options(options_), seams_.clock, seams_.random),
      gap_watch_(options_.min_gap, options_.ip_gap, seams_.metrics),
      robots_store_(options_.data_dir / "robots") {
  show_zeros();
  if (options_.archive)
    archive_ = std::make_unique<WarcWriter>(options_.data_dir / "archive", options_.user_agent,
                                            seams_.clock);
}

Scheduler::~Scheduler() = default;

Result<void> Scheduler::start() {
  VIGIE_ASSIGN(const std::int32_t partitions, seams_.log.partitions(proto::Topic::kFrontier));
  VIGIE_ASSIGN(frontier_,
               Frontier::open(options_.data_dir / "frontier", partitions, seams_.open_database));
  VIGIE_ASSIGN(const std::vector<std::int64_t> ends,
               log::read_to_end(seams_.log, proto::Topic::kControl,
                                [&](const log::Record& record) { return apply_control(record); }));
  control_ = seams_.log.reader();
  control_position_ = ends.at(0);
  VIGIE_TRY(control_->assign({proto::Topic::kControl, 0}, control_position_));
  VIGIE_TRY(apply_sources(std::move(first_sources_)));
  const std::array topics{proto::Topic::kFrontier};
  VIGIE_ASSIGN(group_, seams_.log.join(options_.group, topics));
  turn_began_ = seams_.clock.since_boot();
  logging::info(
      "crawler started",
      {{"sources", sources_.size()}, {"group", options_.group}, {"instance", options_.instance}});
  return {};
}

Result<milliseconds> Scheduler::tick() {
  const milliseconds now = seams_.clock.since_boot();
  const bool asleep = now - turn_began_ > CrawlerOptions::kAsleep;
  turn_began_ = now;
  if (asleep) VIGIE_TRY(confirm_membership());
  VIGIE_TRY(take_events());
  VIGIE_TRY(follow_group());
  if (now >= next_control_) {
    next_control_ = now + kControlEvery;
    VIGIE_TRY(read_control());
  }
  if (now >= next_file_check_ || reload_requested_.load()) {
    next_file_check_ = now + kFileCheckEvery;
    VIGIE_TRY(reload_if_changed());
  }
  VIGIE_TRY(schedule_touched());
  const bool may_start = !stopping_ && !hand_over_until_ && !paused("");
  if (may_start) VIGIE_TRY(start_due());
  if (now >= next_report_) {
    next_report_ = now + kReportEvery;
    VIGIE_TRY(report());
    VIGIE_TRY(move_misplaced());
    VIGIE_TRY(forget_some());
  }
  if (now >= next_commit_) {
    next_commit_ = now + kCommitEvery;
    VIGIE_TRY(commit_positions());
  }
  if (now >= next_prune_) {
    next_prune_ = now + kPruneEvery;
    robots_store_.prune(seams_.clock.now_unix_ms());
  }
  milliseconds next = std::min({next_control_, next_file_check_, next_report_});
  if (may_start && !timers_.empty()) next = std::min(next, timers_.begin()->first);
  // What was sent comes back by the log, without an event.
  const bool reading =
      frontier_->pending_count() > 0 || hand_over_until_ || partitions_owned() < owned_.size();
  if (reading || owned_.empty())
    next = std::min(next, now + (reading ? kReadBackEvery : kGroupEvery));
  return std::max(next, now + milliseconds(1));
}

Result<void> Scheduler::finish() { return producer_->flush(); }

Result<void> Scheduler::take_events() {
  for (Event& event : events_->take()) VIGIE_TRY(take_event(event));
  return {};
}

Result<void> Scheduler::take_event(Event& event) {
  if (!event.outcome) {
    // Only what the log cannot take at all stops the service; a record that is too large is one
    // record.
    if (event.outcome.error().disposition == Disposition::kStop)
      return failure(event.outcome.error());
    logging::warn("record refused by the log", {{"error", event.outcome.error().to_string()}});
  }
  if (event.kind == Event::Kind::kResolved)
    return on_resolved(event.host, std::move(event.addresses));
  if (event.kind == Event::Kind::kDurable) return on_durable(event);
  const auto found = tasks_.find(event.task);
  if (found == tasks_.end()) {
    on_abandoned(event);
    return {};
  }
  Task& task = found->second;
  if (event.kind == Event::Kind::kAnswer) return on_answer(task, std::move(event.answer));
  if (--task.records_out > 0) return {};
  --waiting_for_log_;
  return send_request(task);
}

/// A record lies in the log, or was refused.
Result<void> Scheduler::on_durable(Event& event) {
  if (!event.url.empty() && event.outcome &&
      frontier_->acknowledged(event.url, event.number, event.place))
    touched_.insert(domain_of(event.url));
  if (!event.remove.empty() && event.outcome && owned_.count(event.remove_in) != 0) {
    Owned& owned = owned_[event.remove_in];
    if (event.moves && owned.moving > 0) --owned.moving;
    VIGIE_TRY(send(frontier_->tombstone_in(event.remove_in, event.remove)));
  }
  const auto found = tasks_.find(event.task);
  if (found == tasks_.end()) return {};
  Task& task = found->second;
  if (!event.outcome) task.page_sent = false;
  if (--task.records_out > 0) return {};
  --waiting_for_log_;
  return advance(task);
}

Result<void> Scheduler::start_due() {
  const milliseconds now = seams_.clock.since_boot();
  while (!timers_.empty() && timers_.begin()->first <= now) {
    const std::string name = timers_.begin()->second;
    timers_.erase(timers_.begin());
    const auto found = lanes_.find(name);
    if (found == lanes_.end()) continue;
    Lane& lane = found->second;
    lane.wake.reset();
    if (lane.busy) continue;
    if (in_flight_ >= options_.max_in_flight) {
      lane.wake = now + kBusyPause;
      timers_.emplace(*lane.wake, name);
      continue;
    }
    VIGIE_TRY(start_lane(name, lane));
  }
  return {};
}

/// Whether a poll is still wanted by the source files.
bool Scheduler::may_be_taken(const v1::UrlState& state) const {
  if (state.kind() == v1::URL_KIND_ARTICLE) return true;
  if (!state.via().empty()) return listed_.count(state.via()) != 0;
  return state.depth() > 0 || listed_.count(state.url()) != 0;
}

FrontierStore::Verdict Scheduler::judge(const v1::UrlState& state) const {
  if (sources_.count(state.source_id()) == 0 || paused(state.source_id()))
    return FrontierStore::Verdict::kPark;
  return may_be_taken(state) ? FrontierStore::Verdict::kTake : FrontierStore::Verdict::kDrop;
}

/// Makes a task of the next URL of a lane. False: none is due.
Result<bool> Scheduler::take_next(const std::string& name, Lane& lane) {
  const auto skip = [&](std::string_view url) {
    return in_hand_.find(url) != in_hand_.end() || frontier_->pending(url);
  };
  const auto judged = [&](const v1::UrlState& state) { return judge(state); };
  for (;;) {
    VIGIE_ASSIGN(FrontierStore::Taken taken,
                 frontier_->store().take(lane.partition, name, seams_.clock.now_unix_ms(),
                                         lane.last_was_poll, skip, judged));
    if (!taken.state && taken.again) continue;
    if (!taken.state) return false;
    auto parsed = url::parse(taken.state->url());
    if (!parsed || !parsed->host) {
      // No record of ours has such an address; it would come up again and again.
      taken.state->set_next_due_unix_ms(0);
      drop("bad_url");
      VIGIE_TRY(send_state(std::move(*taken.state)));
      continue;
    }
    Task task;
    task.id = next_task_++;
    task.state = std::move(*taken.state);
    task.current = std::move(*parsed);
    task.visited = {task.current.href()};
    task.conditional = is_conditional(task.state);
    in_hand_.insert(task.state.url());
    lane.ready.push_back(task.id);
    tasks_.emplace(task.id, std::move(task));
    return true;
  }
}

Result<void> Scheduler::start_lane(const std::string& name, Lane& lane) {
  while (true) {
    if (lane.ready.empty()) {
      VIGIE_ASSIGN(const bool taken, take_next(name, lane));
      if (!taken) break;
    }
    const std::uint64_t id = lane.ready.front();
    const auto found = tasks_.find(id);
    if (found == tasks_.end()) {
      lane.ready.pop_front();
      continue;
    }
    Task& task = found->second;
    lane.ready.pop_front();
    VIGIE_ASSIGN(const bool wanted, prepare(task));
    if (!wanted) continue;
    task.whom = politeness_.burdened(*next_url(task).host);
    if (task.whom.domain != name) {
      // robots.txt was redirected to another domain.
      VIGIE_TRY(make_ready(task));
      continue;
    }
    if (!resolved(task.whom.host) || politeness_.ready_at(task.whom) > seams_.clock.since_boot()) {
      lane.ready.push_front(id);
      break;
    }
    return reserve(task, lane);
  }
  return schedule(name, lane);
}

/// Whether the addresses of a host are known, or are waited for no longer; else they are asked for.
bool Scheduler::resolved(const std::string& host) {
  if (seams_.resolver == nullptr || politeness_.knows_addresses(host)) return true;
  const milliseconds now = seams_.clock.since_boot();
  const auto [at, asked] = resolving_.try_emplace(host, now + CrawlerOptions::kResolveTime);
  if (asked) {
    seams_.resolver->resolve(host, [events = events_, host](std::vector<std::string> addresses) {
      Event event;
      event.kind = Event::Kind::kResolved;
      event.host = host;
      event.addresses = std::move(addresses);
      events->push(std::move(event));
    });
  } else if (at->second <= now) {
    resolving_.erase(at);
    politeness_.learn_addresses(host, {});
    return true;
  }
  return false;
}

Result<void> Scheduler::on_resolved(const std::string& host, std::vector<std::string> addresses) {
  if (resolving_.erase(host) == 0) return {};
  politeness_.learn_addresses(host, std::move(addresses));
  const auto lane = lanes_.find(url::registrable_domain(host));
  return lane == lanes_.end() ? Result<void>() : schedule(lane->first, lane->second);
}

/// What is known of robots.txt for an address: from memory, else from the disk.
Scheduler::RobotsEntry* Scheduler::robots_of(const url::Url& address) {
  const std::string origin = address.origin_key();
  if (const auto known = robots_.find(origin); known != robots_.end()) return &known->second;
  const std::int64_t now_unix_ms = seams_.clock.now_unix_ms();
  auto stored = robots_store_.load(origin, now_unix_ms);
  if (!stored) return nullptr;
  RobotsEntry& entry = robots_[origin];
  entry.rules = std::move(stored->rules);
  entry.fetched = seams_.clock.since_boot() - milliseconds(now_unix_ms - stored->fetched_unix_ms);
  entry.check_again = *entry.fetched + CrawlerOptions::kRobotsFresh;
  politeness_.set_crawl_delay(*address.host,
                              entry.rules.verdict_for("vigie", "/").crawl_delay_s.value_or(0));
  return &entry;
}

/// Looks at robots.txt for the next hop. False: the task has ended.
Result<bool> Scheduler::prepare(Task& task) {
  if (!task.robots_origin.empty()) return true;
  const RobotsEntry* known = robots_of(task.current);
  const milliseconds now = seams_.clock.since_boot();
  if (known == nullptr || known->check_again <= now) {
    task.robots_origin = task.current.origin_key();
    task.robots_url = task.current;
    task.robots_url.path = "/robots.txt";
    task.robots_url.query.reset();
    task.robots_url.fragment.reset();
    task.robots_visited = {task.robots_url.href()};
    return true;
  }
  std::string path = task.current.path;
  if (task.current.query) path += "?" + *task.current.query;
  const RobotsVerdict verdict = known->rules.verdict_for("vigie", path);
  if (SourceState* source = source_of(task.state))
    source->status.set_robots(known->unreachable ? "unreachable"
                              : verdict.allowed  ? "allowed"
                                                 : "disallowed");
  if (verdict.allowed) return true;
  if (known->unreachable) {
    const std::int64_t again = seams_.clock.now_unix_ms() + (known->check_again - now).count();
    VIGIE_TRY(fail(task, known->reason,
                   "robots.txt cannot be had, so nothing of " + *task.current.host +
                       " is fetched: " + known->detail,
                   false, again));
  } else {
    VIGIE_TRY(fail(
        task, "robots_disallowed",
        "robots.txt refuses it: " + verdict.rule + " (line " + std::to_string(verdict.line) + ")",
        true));
  }
  return false;
}

Result<void> Scheduler::reserve(Task& task, Lane& lane) {
  const std::vector<v1::Reservation> records = politeness_.reserve(task.whom);
  lane.busy = true;
  task.request = Task::Request::kReserving;
  ++in_flight_;
  ++waiting_for_log_;
  task.records_out = records.size();
  for (const v1::Reservation& record : records) {
    Event reserved;
    reserved.kind = Event::Kind::kReserved;
    reserved.task = task.id;
    VIGIE_TRY(send(Frontier::record_of(record), std::move(reserved)));
  }
  return {};
}

Result<void> Scheduler::send_request(Task& task) {
  // Who slept in the middle of a turn may own nothing any more: it is asked at the next turn.
  const bool asleep = seams_.clock.since_boot() - turn_began_ > CrawlerOptions::kAsleep;
  if (stopping_ || hand_over_until_ || asleep || !politeness_.valid(task.whom)) {
    for (const v1::Reservation& record : politeness_.cancel(task.whom)) {
      if (!asleep) VIGIE_TRY(send(Frontier::record_of(record)));
    }
    --in_flight_;
    task.request = Task::Request::kNone;
    Lane& lane = lane_of(task.whom.domain);
    lane.busy = false;
    lane.ready.push_front(task.id);
    return schedule(task.whom.domain, lane);
  }
  net::HttpRequest request;
  if (task.robots_origin.empty()) {
    const bool sitemap = task.state.kind() == v1::URL_KIND_SITEMAP;
    const bool article = task.state.kind() == v1::URL_KIND_ARTICLE;
    request =
        make_request(task.state, task.current.href(), task.conditional && task.visited.size() == 1,
                     article   ? options_.max_page_bytes
                     : sitemap ? CrawlerOptions::kMaxSitemapBytes
                               : CrawlerOptions::kMaxFeedBytes);
  } else {
    request.url = task.robots_url.href();
    request.limits.decoded_bytes = kRobotsBytes + 1;
    request.headers.emplace_back("Accept", "text/plain,*/*;q=0.5");
  }
  if (reachability_.reached == 0) request.limits.connect = CrawlerOptions::kFirstConnect;
  ++requests_;
  seams_.metrics
      .counter("vigie_crawler_requests_total", "Requests sent, by what they were for",
               {{"kind", task.robots_origin.empty() ? v1::UrlKind_Name(task.state.kind()).substr(9)
                                                    : "ROBOTS"}})
      .add();
  task.sent_at = seams_.clock.since_boot();
  task.request = Task::Request::kOut;
  if (archive_) task.sent = request;
  seams_.http.start(std::move(request),
                    [events = events_, id = task.id](Result<net::HttpResponse> answer) {
                      Event event;
                      event.kind = Event::Kind::kAnswer;
                      event.task = id;
                      event.answer = std::move(answer);
                      events->push(std::move(event));
                    });
  return {};
}

Result<void> Scheduler::on_answer(Task& task, Result<net::HttpResponse> answer) {
  --in_flight_;
  task.request = Task::Request::kNone;
  const int status = answer ? answer->status : 0;
  gap_watch_.ended(task.whom, answer ? answer->peer : std::string(), task.sent_at,
                   seams_.clock.since_boot());
  for (const v1::Reservation& record :
       politeness_.ended(task.whom, status, answer ? answer->header("retry-after") : std::string(),
                         answer ? answer->peer : std::string())) {
    VIGIE_TRY(send(Frontier::record_of(record)));
  }
  const std::string lane_name = task.whom.domain;
  lane_of(lane_name).busy = false;
  seams_.metrics
      .counter("vigie_crawler_answers_total", "Answers, by class of status; none: no answer",
               {{"class", answer ? std::to_string(status / 100) + "xx" : "none"}})
      .add();
  seams_.metrics
      .histogram("vigie_crawler_fetch_seconds", "From the request to the end of its answer",
                 metrics::latency_bounds_s())
      .observe(static_cast<double>((seams_.clock.since_boot() - task.sent_at).count()) / 1000);
  if (answer)
    seams_.metrics.counter("vigie_crawler_body_bytes_total", "Decoded bytes of answers")
        .add(static_cast<double>(answer->body_bytes));
  note_contact(source_of(task.state), task.whom.host, answer ? nullptr : &answer.error());
  if (!task.robots_origin.empty()) {
    VIGIE_TRY(on_robots(task, answer));
  } else if (!answer) {
    const Error& error = answer.error();
    VIGIE_TRY(fail(task, error.code, error.detail, error.disposition == Disposition::kQuarantine));
  } else {
    VIGIE_TRY(on_final(task, *answer));
  }
  return schedule(lane_name, lane_of(lane_name));
}

Result<void> Scheduler::schedule(const std::string& lane_name, Lane& lane) {
  if (lane.wake) timers_.erase({*lane.wake, lane_name});
  lane.wake.reset();
  if (lane.busy) return {};
  const milliseconds now = seams_.clock.since_boot();
  milliseconds wake = now;
  PolitenessKeys whom = politeness_.burdened(lane_name);
  if (!lane.ready.empty()) {
    const auto task = tasks_.find(lane.ready.front());
    if (task != tasks_.end()) whom = politeness_.burdened(*next_url(task->second).host);
  } else {
    const auto skip = [&](std::string_view url) {
      return in_hand_.find(url) != in_hand_.end() || frontier_->pending(url);
    };
    VIGIE_ASSIGN(const auto due, frontier_->store().next_due(lane.partition, lane_name, skip));
    if (!due) return {};
    wake = now + milliseconds(std::max<std::int64_t>(0, *due - seams_.clock.now_unix_ms()));
  }
  const milliseconds ready = politeness_.ready_at(whom);
  if (const auto waited_for = resolving_.find(whom.host); waited_for != resolving_.end())
    wake = std::max(wake, waited_for->second);
  wake = ready == Politeness::kBusy
             ? std::max(wake, now + std::clamp(options_.ip_gap / 4, kBusyPause, kMaxBusyPause))
             : std::max(wake, ready);
  lane.wake = wake;
  timers_.emplace(wake, lane_name);
  return {};
}

Result<void> Scheduler::schedule_touched() {
  for (const std::string& domain : std::exchange(touched_, {})) {
    if (owns(domain)) VIGIE_TRY(schedule(domain, lane_of(domain)));
  }
  return {};
}

Result<void> Scheduler::make_ready(Task& task) {
  const std::string name = url::registrable_domain(*next_url(task).host);
  Lane& lane = lane_of(name);
  lane.ready.push_back(task.id);
  return schedule(name, lane);
}

Result<void> Scheduler::send(log::NewRecord record, std::optional<Event> when_durable) {
  return producer_->send(std::move(record), [events = events_, event = std::move(when_durable)](
                                                const Result<log::LogPosition>& place) {
    Event out = event ? *event : Event{};
    if (place) out.place = *place;
    if (!place) out.outcome = failure(place.error());
    if (event || !place) events->push(std::move(out));
  });
}

/// Sends a state, which counts from now on. `when_durable`: who waits for it, and what it makes
/// needless.
Result<void> Scheduler::send_state(v1::UrlState state, Event when_durable) {
  when_durable.kind = Event::Kind::kDurable;
  when_durable.url = state.url();
  Frontier::Sent sent = frontier_->put(std::move(state));
  when_durable.number = sent.number;
  return send(std::move(sent.record), std::move(when_durable));
}

void Scheduler::end_task(std::uint64_t id) {
  const auto found = tasks_.find(id);
  if (found == tasks_.end()) return;
  touched_.insert(domain_of(found->second.state.url()));
  in_hand_.erase(found->second.state.url());
  tasks_.erase(found);
}

void Scheduler::drop(const std::string& reason) {
  ++dropped_[reason];
  seams_.metrics
      .counter("vigie_crawler_urls_dropped_total", "URLs that will not be fetched, by reason",
               {{"reason", reason}})
      .add();
}

Reachability Scheduler::reachability() const {
  const std::lock_guard lock(reachability_mutex_);
  return reachability_;
}

}  // namespace vigie::crawler
