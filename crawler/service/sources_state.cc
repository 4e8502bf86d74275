#include <algorithm>

#include "crawler/service/scheduler.h"
#include "platform/logging/logging.h"
#include "proto/control.pb.h"

namespace vigie::crawler {
namespace {

using std::chrono::milliseconds;

/// A source whose status did not change is told all the same so often.
constexpr milliseconds kRepeatStatus{60'000};
/// The failures of all sources are told in one line so often; for the first time while whoever
/// started it still looks.
constexpr milliseconds kSummaryEvery{60'000};
constexpr milliseconds kFirstSummary{10'000};
/// A source is quiet after so many of its usual pauses, and not before an hour.
constexpr double kQuietPauses = 5;
constexpr double kQuietLeastS = 3600;

/// What went wrong on the way to a host, as a person would say it.
std::string contact_failure(const std::string& host, const Error& error) {
  const std::string code = " (" + error.code + ")";
  if (error.code == "dns") return "cannot resolve host " + host + code;
  if (error.code == "connect") return "cannot connect to host " + host + code;
  if (error.code == "tls") return "cannot make a secure connection to host " + host + code;
  if (error.code.rfind("timeout", 0) == 0)
    return "host " + host + " does not answer in time" + code;
  return "cannot reach host " + host + ": " + error.detail + code;
}

}  // namespace

Scheduler::SourceState* Scheduler::source_of(const v1::UrlState& state) {
  const auto found = sources_.find(state.source_id());
  return found == sources_.end() ? nullptr : &found->second;
}

/// Whether this crawler tells the status of a source: it owns the domain of the first address that
/// is polled.
bool Scheduler::is_home(const SourceState& source) const {
  for (const auto* addresses :
       {&source.entry.feeds, &source.entry.sitemaps, &source.entry.sections}) {
    if (!addresses->empty()) return owns(domain_of(addresses->front()));
  }
  return owns(domain_of(source.entry.source.homepage()));
}

Result<void> Scheduler::apply_sources(SourceList list) {
  listed_.clear();
  std::map<std::string, SourceState> old = std::exchange(sources_, {});
  for (SourceEntry& entry : list.sources) {
    const std::string id = entry.source.id();
    SourceState& source = sources_[id];
    if (const auto known = old.find(id); known != old.end()) source = std::move(known->second);
    source.entry = std::move(entry);
    for (const std::string& address : source.entry.feeds)
      listed_[address] = {v1::URL_KIND_FEED, id};
    for (const std::string& address : source.entry.sitemaps)
      listed_[address] = {v1::URL_KIND_SITEMAP, id};
    for (const std::string& address : source.entry.sections)
      listed_[address] = {v1::URL_KIND_SECTION, id};
  }
  for (const auto& [address, poll] : listed_) VIGIE_TRY(poll_listed(address, poll));
  VIGIE_TRY(bring_back_parked());
  for (const std::string& file : options_.source_files) {
    std::error_code error;
    source_files_seen_[file] = std::filesystem::last_write_time(file, error);
  }
  seams_.metrics.gauge("vigie_crawler_sources", "Sources of the source files")
      .set(static_cast<double>(sources_.size()));
  return {};
}

/// Sees to it that an address of the source files is polled, where its domain is ours.
Result<void> Scheduler::poll_listed(const std::string& address, const Poll& poll) {
  const std::string domain = domain_of(address);
  if (!owns(domain) || in_hand_.count(address) != 0) return {};
  const std::int64_t now = seams_.clock.now_unix_ms();
  VIGIE_ASSIGN(std::optional<v1::UrlState> known, frontier_->find(address));
  v1::UrlState state = known ? *known : v1::UrlState();
  if (state.kind() != poll.kind) {
    state = v1::UrlState();
    state.set_url(address);
    state.set_kind(poll.kind);
    state.set_discovered_at_unix_ms(now);
    state.set_next_due_unix_ms(now);
  }
  state.set_source_id(poll.source_id);
  state.set_depth(0);
  state.clear_via();
  // A pause learned by an earlier run never holds back a new start for longer than an hour,
  // whatever the clock did.
  if (state.next_due_unix_ms() == 0 ||
      state.next_due_unix_ms() > now + CrawlerOptions::kMaxPollPause.count())
    state.set_next_due_unix_ms(now);
  if (!known || state.SerializeAsString() != known->SerializeAsString())
    return send_state(std::move(state));
  if (frontier_->pending(address)) return {};
  touched_.insert(domain);
  return frontier_->store().put_due(frontier_->partition_of(domain), state, now);
}

/// What was set aside because its source was paused or gone is due again.
Result<void> Scheduler::bring_back_parked() {
  const auto may = [&](const std::string& source_id) {
    return sources_.count(source_id) != 0 && !paused(source_id);
  };
  for (const auto& [number, owned] : owned_) {
    if (!owned.active) continue;
    VIGIE_ASSIGN(std::set<std::string> domains,
                 frontier_->store().unpark(number, may, seams_.clock.now_unix_ms()));
    touched_.merge(domains);
  }
  return {};
}

Result<void> Scheduler::reload_if_changed() {
  bool wanted = reload_requested_.exchange(false);
  for (const std::string& file : options_.source_files) {
    std::error_code error;
    const auto written = std::filesystem::last_write_time(file, error);
    if (!error && written != source_files_seen_[file]) {
      source_files_seen_[file] = written;
      wanted = true;
    }
  }
  if (!wanted) return {};
  auto list = load_sources(options_.source_files);
  // A broken file changes nothing: the sources that were read before stay in force until it is
  // mended.
  if (!list || !list->problems.empty()) {
    const std::string problem =
        list ? list->problems.front().to_string() : list.error().to_string();
    logging::error("source files not reloaded", {{"problem", problem}});
    reporter_.last_error("source files not reloaded: " + problem);
    return {};
  }
  VIGIE_TRY(apply_sources(std::move(*list)));
  reporter_.last_error("");
  logging::info("source files reloaded", {{"sources", sources_.size()}});
  return {};
}

Result<void> Scheduler::apply_control(const log::Record& record) {
  v1::ControlRecord command;
  if (!record.value || !command.ParseFromString(*record.value)) return {};
  if (command.action() == v1::CONTROL_ACTION_PAUSE) {
    paused_.insert(command.target());
  } else if (command.action() == v1::CONTROL_ACTION_RESUME) {
    paused_.erase(command.target());
    VIGIE_TRY(bring_back_parked());
  } else {
    return {};
  }
  logging::info("control obeyed", {{"action", v1::ControlAction_Name(command.action())},
                                   {"target", command.target()}});
  return {};
}

Result<void> Scheduler::read_control() {
  VIGIE_ASSIGN(const std::vector<log::Reader::Batch> batches, control_->poll(100, milliseconds(0)));
  for (const log::Reader::Batch& batch : batches) {
    for (const log::Record& record : batch.records) VIGIE_TRY(apply_control(record));
    control_position_ = std::max(control_position_, batch.next_offset);
  }
  return {};
}

/// `error`: why there was no answer; null: there was one.
void Scheduler::note_contact(SourceState* source, const std::string& host, const Error* error) {
  if (source == nullptr) return;
  const std::lock_guard lock(reachability_mutex_);
  if (!source->contacted) {
    source->contacted = true;
    ++reachability_.tried;
  }
  if (error == nullptr && !source->reached) {
    source->reached = true;
    ++reachability_.reached;
  }
  if (error != nullptr && reachability_.first_error_reason.empty()) {
    reachability_.first_error_reason = error->code;
    reachability_.example_detail = contact_failure(host, *error);
  }
}

v1::SourceStatus Scheduler::status_of(SourceState& source) {
  v1::SourceStatus& status = source.status;
  const v1::Source& entry = source.entry.source;
  status.set_source_id(entry.id());
  status.set_name(entry.name());
  status.set_homepage(entry.homepage());
  status.set_country(entry.country());
  status.set_language(entry.language());
  status.set_kind(entry.kind());
  status.set_affiliation(entry.affiliation());
  const std::size_t polls =
      source.entry.feeds.size() + source.entry.sitemaps.size() + source.entry.sections.size();
  status.set_feeds(static_cast<std::uint32_t>(polls));
  if (status.robots().empty()) status.set_robots("unknown");
  status.clear_errors();
  for (const auto& [reason, count] : source.errors) {
    v1::ReasonCount* error = status.add_errors();
    error->set_reason(reason);
    error->set_count(count);
  }
  const std::int64_t now = seams_.clock.now_unix_ms();
  const auto homepage = url::parse(entry.homepage());
  const double quiet_s = std::max(kQuietLeastS, kQuietPauses * status.expected_interval_s());
  std::string state = "ok";
  if (paused(entry.id()) || paused("")) {
    state = "paused";
  } else if (homepage && homepage->host && politeness_.blocked(*homepage->host)) {
    state = "blocked";
  } else if (!source.contacted) {
    state = "waiting";
  } else if (polls > 0 && source.failing.size() >= polls) {
    state = "failing";
  } else if (status.last_article_unix_ms() != 0 &&
             static_cast<double>(now - status.last_article_unix_ms()) > quiet_s * 1000) {
    state = "quiet";
  }
  status.set_state(state);
  return status;
}

/// One line for all failures of a minute; each alone is in the status of its source, and in the log
/// at level debug.
void Scheduler::summarise_failures() {
  const milliseconds now = seams_.clock.since_boot();
  if (next_summary_ == milliseconds(0)) next_summary_ = now + kFirstSummary;
  if (now < next_summary_) return;
  next_summary_ = now + kSummaryEvery;
  if (failures_by_reason_.empty()) return;
  std::vector<std::pair<std::uint64_t, std::string>> most;
  std::uint64_t failed = 0;
  for (const auto& [reason, count] : failures_by_reason_) {
    most.emplace_back(count, reason);
    failed += count;
  }
  std::sort(most.begin(), most.end(), std::greater<>());
  std::string reasons;
  for (const auto& [count, reason] : most)
    reasons += (reasons.empty() ? "" : " ") + reason + ":" + std::to_string(count);
  const auto failing = std::count_if(sources_.begin(), sources_.end(), [](const auto& source) {
    return !source.second.failing.empty();
  });
  const std::initializer_list<logging::Field> fields{
      {"failed", failed},
      {"reasons", reasons},
      {"sources_failing", static_cast<long>(failing)},
      {"sources", sources_.size()},
      {"example", example_failure_}};
  const Reachability reach = reachability();
  if (reach.tried > 0 && reach.reached == 0) {
    logging::warn("no source can be reached", fields);
  } else {
    logging::info("fetches failed", fields);
  }
  failures_by_reason_.clear();
  example_failure_.clear();
}

/// Counters of what is rare stand at zero from the start: a rate needs the value before the first
/// event, and silence must not look like absence.
void Scheduler::show_zeros() {
  metrics::Registry& registry = seams_.metrics;
  registry.counter("vigie_crawler_quarantined_total", "Answers set aside in quarantine");
  registry.counter("vigie_crawler_duplicates_total", "Pages that led to a page known already");
  registry.counter("vigie_crawler_lying_validators_total",
                   "Bodies that changed under an unchanged ETag or Last-Modified");
  registry.counter("vigie_crawler_pages_total", "Pages sent to the log");
  for (const char* outcome : {"changed", "unchanged"})
    registry.counter("vigie_crawler_revisits_total", "Pages fetched again, by outcome",
                     {{"outcome", outcome}});
  for (const char* outcome : {"new", "nothing_new", "unchanged", "handed_over"})
    registry.counter("vigie_crawler_polls_total",
                     "Polls of feeds, sitemaps and sections, by outcome", {{"outcome", outcome}});
  for (const char* answer : {"2xx", "3xx", "4xx", "5xx", "none"}) {
    registry.counter("vigie_crawler_answers_total", "Answers, by class of status; none: no answer",
                     {{"class", answer}});
  }
}

/// How many sources are in each state; which one is in which stands in `status`.
void Scheduler::show_states() {
  std::map<std::string, int> count{{"ok", 0},      {"quiet", 0},  {"failing", 0},
                                   {"blocked", 0}, {"paused", 0}, {"waiting", 0}};
  for (const auto& [id, source] : sources_) {
    if (is_home(source)) ++count[source.status.state()];
  }
  for (const auto& [state, sources] : count) {
    seams_.metrics
        .gauge("vigie_crawler_sources_by_state", "Sources, by how they do.", {{"state", state}})
        .set(sources);
  }
}

/// The status of a source is told by the crawler that owns its first address; what others did for
/// it stands beside, under keys of their own, and readers add it up.
Result<void> Scheduler::report() {
  const milliseconds now = seams_.clock.since_boot();
  summarise_failures();
  // While partitions change hands nobody can tell whose a source is.
  const bool settled = !owned_.empty() && partitions_owned() == owned_.size();
  for (auto& [id, source] : sources_) {
    if (!settled) break;
    const bool home = is_home(source);
    if (!home && source.status.articles() == 0 && source.errors.empty() && !source.contributes)
      continue;
    const std::string beside = "source/" + id + "/" + options_.instance;
    if (home == source.contributes) {
      source.reported.clear();
      if (home) VIGIE_TRY(send(log::NewRecord{proto::Topic::kStatus, beside, std::nullopt}));
      source.contributes = !home;
    }
    v1::StatusRecord record;
    *record.mutable_source() = status_of(source);
    // Polls alone do not make a status new; with hundreds of sources that would be most of the log.
    v1::SourceStatus compared = record.source();
    compared.clear_last_poll_unix_ms();
    compared.clear_next_poll_unix_ms();
    compared.clear_reported_at_unix_ms();
    const std::string bytes = compared.SerializeAsString();
    if (bytes == source.reported && now - source.reported_at < kRepeatStatus) continue;
    source.reported = bytes;
    source.reported_at = now;
    record.mutable_source()->set_reported_at_unix_ms(seams_.clock.now_unix_ms());
    VIGIE_TRY(send(log::NewRecord{proto::Topic::kStatus, home ? "source/" + id : beside,
                                  record.SerializeAsString()}));
  }
  if (settled) show_states();
  seams_.metrics.gauge("vigie_crawler_in_flight", "Requests that are out")
      .set(static_cast<double>(in_flight_));
  reporter_.total("pages", pages_);
  reporter_.total("requests", requests_);
  reporter_.total("discovered", discovered_);
  for (const auto& [reason, count] : dropped_) reporter_.total("dropped:" + reason, count);
  reporter_.state(stopping_                   ? "stopping"
                  : paused("")                ? "paused"
                  : settled || owned_.empty() ? "running"
                                              : "starting");
  return reporter_.report();
}

}  // namespace vigie::crawler
