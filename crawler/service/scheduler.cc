#include "crawler/service/scheduler.h"

#include <algorithm>
#include <utility>

#include "platform/logging/logging.h"

namespace vigie::crawler::service {
namespace {

using frontier::PartitionOwner;
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
/// Turns in which what was sent may lead to more being sent, when partitions are let go: the page
/// is durable, so its state advances.
constexpr int kLastRounds = 3;

politeness::PolitenessOptions politeness_options(const CrawlerOptions& options) {
  politeness::PolitenessOptions out;
  out.min_gap = options.min_gap;
  out.ip_gap = options.ip_gap;
  out.owner = options.instance;
  return out;
}

std::unordered_set<std::string> listed_domains(const sources::SourceStates& sources) {
  std::unordered_set<std::string> out;
  for (const auto& [url, listed] : sources.listed()) out.insert(frontier::domain_of(url));
  return out;
}

Crawler::Seams with_hubs(Crawler::Seams seams) {
  if (!seams.hubs) seams.hubs = std::make_shared<websub::Hubs>();
  return seams;
}

/// Only what the log cannot take at all stops the service; a record that is too large is one
/// record.
Result<void> accept_refusal(const Result<log::LogPosition>& at) {
  if (at) return {};
  if (at.error().disposition == Disposition::kStop) return failure(at.error());
  logging::warn("record refused by the log", {{"error", at.error().to_string()}});
  return {};
}

/// What was told of the sources before: a source that has been silent for long is told from one
/// that has never had an article. False: a stop was asked for first.
Result<bool> recall_sources(log::Log& log, sources::SourceStates& sources,
                            const std::stop_token& stop) {
  const auto read = log::read_to_end(
      log, proto::Topic::kStatus,
      [&](const log::Record& record) -> Result<void> {
        v1::StatusRecord told;
        if (record.key.starts_with("source/") && record.value &&
            told.ParseFromString(*record.value))
          sources.recall(told.source());
        return {};
      },
      stop);
  if (!read && stop.stop_requested()) return false;
  if (!read) return failure(read.error());
  return true;
}

}  // namespace

Scheduler::Scheduler(const CrawlerOptions& options, const Crawler::Seams& seams,
                     sources::SourceList list)
    : seams_(with_hubs(seams)),
      due_clock_(options.data_dir / "frontier.clock", seams.clock, frontier::boot_of_machine()),
      metrics_(seams.metrics),
      outbox_(seams.log),
      report_(seams.log, seams.clock, metrics_, options.instance, options.data_dir),
      owner_({options.data_dir / "frontier", options.group, seams.open_database}, seams.log,
             due_clock_),
      gate_(politeness_options(options), seams.clock, seams.random, seams.metrics),
      sources_(options.instance),
      files_(options.source_files, std::move(list)),
      stages_{
          Intake({owner_, queues_, fetches_, sources_, outbox_, seams_.hubs->feeds, metrics_,
                  report_, due_clock_},
                 options.max_urls),
          Responses(options, {seams.log, owner_, sources_, stages_.intake, outbox_,
                              seams_.hubs->feeds, metrics_, report_, due_clock_}),
          Dispatch(options,
                   {seams.http, seams.resolver, owner_, queues_, fetches_, gate_, sources_,
                    stages_.responses, outbox_, metrics_, report_, due_clock_, seams.random}),
          Subscriptions({seams.http, owner_, gate_, sources_, queues_, fetches_, stages_.dispatch,
                         stages_.intake, *seams_.hubs, outbox_, report_, metrics_, due_clock_})},
      people_(seams.log, [this](const auto& command) { return obey(command); },
              {seams.http, owner_, gate_, stages_.dispatch, outbox_, report_, seams.clock}) {
  sources_.apply(files_.list());
  queues_.set_listed(listed_domains(sources_));
  files_.note_read();
  metrics_.reloads.note("sources", true, seams_.clock.now_unix_ms());
}

Result<bool> Scheduler::start(const std::stop_token& stop) {
  VIGIE_TRY(owner_.open());
  due_clock_.keep();
  VIGIE_ASSIGN(const bool heard, people_.start(stop));
  if (!heard) return false;
  VIGIE_ASSIGN(const bool recalled, recall_sources(seams_.log, sources_, stop));
  if (!recalled) return false;
  VIGIE_TRY(follow_sources());
  VIGIE_TRY(owner_.join());
  turn_.began = seams_.clock.since_boot();
  return true;
}

Result<milliseconds> Scheduler::tick() {
  const milliseconds now = seams_.clock.since_boot();
  const bool slept = turn_.asleep(now);
  turn_.began = now;
  if (slept) {
    VIGIE_ASSIGN(const bool member, owner_.confirm_membership());
    if (!member) abandon_all();
  }
  VIGIE_TRY(take_events());
  VIGIE_TRY(follow_group());
  if (seams_.caught_up != nullptr)
    *seams_.caught_up = turn_.given && (owner_.settled() || owner_.given() == 0);
  if (now >= turn_.next_control) {
    turn_.next_control = now + kControlEvery;
    VIGIE_TRY(people_.poll());
  }
  VIGIE_TRY(follow_sources());
  if (!owner_.handing_over() && !turn_.stopping) VIGIE_TRY(stages_.subscriptions.take_pushes());
  VIGIE_TRY(stages_.dispatch.schedule_touched());
  const bool may_start =
      !turn_.stopping && !owner_.handing_over() && !all_paused(sources_) && seams_.log.has_room();
  // Somebody waits for a discovery, and it is a few requests: it goes before what is due.
  VIGIE_TRY(people_.discoveries().work(may_start));
  VIGIE_TRY(stages_.subscriptions.work(may_start));
  if (may_start) VIGIE_TRY(stages_.dispatch.start_due());
  if (now >= turn_.next_report) {
    turn_.next_report = now + kReportEvery;
    VIGIE_TRY(report());
    VIGIE_TRY(stages_.intake.move_misplaced());
    if (!owner_.handing_over()) VIGIE_TRY(stages_.intake.dissolve_old());
    VIGIE_TRY(stages_.intake.forget_some(!turn_.stopping && !owner_.handing_over()));
    VIGIE_TRY(people_.forget_responses());
  }
  if (now >= turn_.next_commit) {
    turn_.next_commit = now + kCommitEvery;
    VIGIE_TRY(owner_.commit_offsets());
    due_clock_.keep();
  }
  if (now >= turn_.next_prune) {
    turn_.next_prune = now + kPruneEvery;
    stages_.dispatch.prune_robots();
  }
  milliseconds next = std::min({turn_.next_control, turn_.next_files, turn_.next_report});
  if (may_start) next = std::min(next, stages_.dispatch.next_start().value_or(next));
  // What was sent comes back by the log, without an event.
  const bool none = owner_.given() == 0;
  const bool reading = owner_.frontier().pending_count() > 0 ||
                       stages_.subscriptions.pushes() > 0 || owner_.handing_over() ||
                       (!none && !owner_.settled());
  if (reading || none) next = std::min(next, now + (reading ? kReadBackEvery : kGroupEvery));
  return std::max(next, now + milliseconds(1));
}

Result<void> Scheduler::take_events() {
  for (Event& event : outbox_.events()->take())
    VIGIE_TRY(std::visit(
        [&](auto& one) {
          using One = std::decay_t<decltype(one)>;
          if constexpr (std::is_same_v<One, websub::HubCall>)
            return stages_.subscriptions.on_call(std::move(one));
          else return on_event(one);
        },
        event));
  return {};
}

Result<void> Scheduler::on_event(ReservationWritten& written) {
  VIGIE_TRY(accept_refusal(written.at));
  // Who slept in the middle of a turn may own nothing any more: it is asked at the next turn.
  const bool slept = turn_.asleep(seams_.clock.since_boot());
  const bool may_send = !turn_.stopping && !owner_.handing_over() && !slept;
  if (Discoveries::is_number(written.fetch))
    return people_.discoveries().on_reserved(written.fetch, may_send, !slept);
  if (Subscriptions::is_number(written.fetch))
    return stages_.subscriptions.on_reserved(written.fetch, may_send, !slept);
  FetchInHand* fetch = fetches_.find(written.fetch);
  if (fetch == nullptr || --fetch->records_out > 0) return {};
  return stages_.dispatch.on_reserved(*fetch, may_send, !slept);
}

Result<void> Scheduler::on_event(RecordWritten& written) {
  VIGIE_TRY(accept_refusal(written.at));
  if (!written.url.empty() && written.at &&
      owner_.frontier().acknowledged(written.url, written.number, *written.at))
    queues_.touch(frontier::domain_of(written.url));
  if (written.url.empty() && written.number != 0 && written.at) {
    for (const std::string& url : owner_.frontier().acknowledged_new(written.number, *written.at))
      queues_.touch(frontier::domain_of(url));
  }
  if (written.needless && written.at) {
    const auto& [key, partition, moved] = *written.needless;
    if (owner_.replaced(partition, moved))
      VIGIE_TRY(outbox_.send(owner_.frontier().tombstone_in(partition, key)));
  }
  FetchInHand* fetch = fetches_.find(written.fetch);
  if (fetch == nullptr) return {};
  if (!written.at) fetch->page_sent = false;
  if (--fetch->records_out > 0) return {};
  VIGIE_TRY(fetch->pushed ? stages_.subscriptions.finish(*fetch)
                          : stages_.responses.finish(*fetch));
  return go_on(*fetch, Next::kEnded);
}

Result<void> Scheduler::on_event(Resolved& resolved) {
  return stages_.dispatch.on_resolved(resolved.host, std::move(resolved.addresses));
}

Result<void> Scheduler::on_event(Responded& responded) {
  Result<net::HttpResponse>& response = responded.response;
  const auto ended = gate_.ended(responded.fetch, response);
  if (!ended) return {};
  const std::string& domain = ended->keys.domain;
  if (ended->abandoned) {
    // Only that the request has ended counts, within this process. What the log should know of the
    // host is its new owner's to say.
    queues_.touch(domain);
    return {};
  }
  for (const v1::Reservation& record : ended->records)
    VIGIE_TRY(outbox_.send(frontier::Frontier::record_of(record)));
  queues_.release(domain);
  metrics_.responses.of(response ? std::to_string(response->status / 100) + "xx" : "none").add();
  metrics_.fetch_seconds.observe(static_cast<double>(ended->took.count()) / 1000);
  if (response) metrics_.body_bytes.add(static_cast<double>(response->body_bytes));
  stages_.dispatch.host_answered(ended->keys.host, response ? nullptr : &response.error());
  if (Discoveries::is_number(responded.fetch)) {
    people_.discoveries().on_response(responded.fetch, response);
    return stages_.dispatch.schedule(domain);
  }
  if (Subscriptions::is_number(responded.fetch)) {
    VIGIE_TRY(stages_.subscriptions.on_response(responded.fetch, response));
    return stages_.dispatch.schedule(domain);
  }
  FetchInHand* fetch = fetches_.find(responded.fetch);
  VIGIE_INVARIANT(fetch != nullptr);
  sources_.note_contact(fetch->fetch.state().source_id(), ended->keys.host,
                        response ? nullptr : &response.error());
  Next next = Next::kEnded;
  if (fetch->fetch.asks_robots()) {
    VIGIE_ASSIGN(next, stages_.dispatch.on_robots_response(*fetch, response));
  } else {
    const std::int64_t free_at = stages_.dispatch.free_at_unix_ms(*fetch);
    VIGIE_ASSIGN(next, stages_.responses.on_response(*fetch, std::move(response), free_at));
  }
  VIGIE_TRY(go_on(*fetch, next));
  return stages_.dispatch.schedule(domain);
}

Result<void> Scheduler::go_on(FetchInHand& fetch, Next next) {
  if (next == Next::kRequest) return stages_.dispatch.make_ready(fetch);
  if (next == Next::kEnded) {
    queues_.touch(frontier::domain_of(fetch.fetch.url()));
    fetches_.end(fetch.id);
  }
  return {};
}

/// One look at the group: what it gives and takes, and what the log holds.
Result<void> Scheduler::follow_group() {
  if (owner_.handing_over()) {
    // Until the next poll the partitions are this crawler's.
    if (!idle() && !owner_.hand_over_due()) return {};
    VIGIE_TRY(finish_hand_over());
  }
  VIGIE_ASSIGN(const PartitionOwner::Polled polled, owner_.poll());
  if (polled.given) turn_.given = true;
  if (polled.revoked != PartitionOwner::Revoked::kNothing) turn_.given = false;
  if (polled.revoked == PartitionOwner::Revoked::kLost) abandon_all();
  if (polled.revoked != PartitionOwner::Revoked::kNothing) return {};
  for (const log::Reader::Batch& batch : polled.batches) VIGIE_TRY(follow(batch));
  // Catch up before you act.
  for (const std::int32_t partition : owner_.caught_up(people_.next_control_offset()))
    VIGIE_TRY(activate(partition));
  return {};
}

Result<void> Scheduler::follow(const log::Reader::Batch& batch) {
  const std::int32_t partition = batch.from.partition;
  VIGIE_ASSIGN(auto applied, owner_.follow(batch));
  if (!applied) return {};
  if (applied->bad_records > 0)
    metrics_.frontier_bad_records.add(static_cast<double>(applied->bad_records));
  if (!owner_.active(partition)) return {};
  for (const auto& [domain, more] : applied->domains) {
    queues_.add_waiting(domain, more);
    queues_.touch(domain);
  }
  for (const v1::Reservation& reservation : applied->reservations)
    gate_.restore_of_another(reservation);
  for (std::string& key : applied->spent)
    VIGIE_TRY(outbox_.send(owner_.frontier().tombstone_in(partition, std::move(key))));
  for (v1::Discovery& discovery : applied->arrived)
    VIGIE_TRY(stages_.intake.take_up(partition, std::move(discovery)));
  return {};
}

Result<void> Scheduler::activate(std::int32_t partition) {
  VIGIE_ASSIGN(PartitionOwner::Activated activated, owner_.activate(partition));
  for (const v1::Reservation& reservation : activated.reservations) gate_.restore(reservation);
  for (const auto& [domain, waiting] : activated.domains) {
    queues_.set_waiting(domain, waiting);
    queues_.touch(domain);
  }
  for (v1::Discovery& discovery : activated.arrivals)
    VIGIE_TRY(stages_.intake.take_up(partition, std::move(discovery)));
  VIGIE_TRY(stages_.intake.poll_listed_in(partition));
  VIGIE_TRY(stages_.intake.unpark());
  const milliseconds took = seams_.clock.since_boot() - activated.given_at;
  metrics_.take_over_seconds.observe(static_cast<double>(took.count()) / 1000);
  metrics_.partitions.set(static_cast<double>(partitions_owned()));
  if (!owner_.settled()) return {};
  std::uint64_t urls = 0;
  for (const std::int32_t each : owner_.active_partitions())
    urls += owner_.frontier().store().urls(each);
  logging::info("frontier taken over",
                {{"partitions", owner_.given()}, {"urls", urls}, {"ms", took.count()}});
  return {};
}

/// The partitions are this crawler's still: everything that was sent becomes durable, and what that
/// brings forward, too. Then they are let go.
Result<void> Scheduler::finish_hand_over() {
  for (int round = 0; round < kLastRounds; ++round) {
    VIGIE_TRY(outbox_.flush());
    VIGIE_TRY(take_events());
  }
  VIGIE_TRY(outbox_.flush());
  VIGIE_TRY(owner_.commit_offsets());
  abandon_all();
  return {};
}

/// Forgets all that depends on owning partitions. A fetch that is out has not happened, as after a
/// crash: its URL is due again, and that is no failure.
void Scheduler::abandon_all() {
  gate_.abandon_all();
  people_.discoveries().abandon_all();
  stages_.subscriptions.abandon_all();
  fetches_.clear();
  queues_.clear();
  owner_.let_go();
  stages_.intake.let_go();
  metrics_.partitions.set(0);
}

Result<void> Scheduler::obey(const v1::ControlRecord& command) {
  const bool is_takedown = command.action() == v1::CONTROL_ACTION_TAKEDOWN;
  if (!is_takedown && command.action() != v1::CONTROL_ACTION_PAUSE &&
      command.action() != v1::CONTROL_ACTION_RESUME)
    return {};
  if (sources_.apply(command)) VIGIE_TRY(stages_.intake.unpark());
  logging::info("control obeyed", {{"action", v1::ControlAction_Name(command.action())},
                                   {"target", command.target()}});
  return {};
}

/// Sees to it that the URLs of the sources are polled: as the files and people have them now.
Result<void> Scheduler::take_sources() {
  sources::SourceList list = sources::merge(files_.list(), people_.edits());
  metrics_.sources.set(static_cast<double>(list.sources.size()));
  sources_.apply(std::move(list));
  queues_.set_listed(listed_domains(sources_));
  VIGIE_TRY(stages_.subscriptions.drop_unlisted());
  VIGIE_TRY(stages_.intake.poll_all_listed());
  VIGIE_TRY(stages_.intake.unpark());
  turn_.next_report = seams_.clock.since_boot();
  return {};
}

/// What people said of sources and ask for, and files that were written.
Result<void> Scheduler::follow_sources() {
  bool changed = people_.take_changed();
  const milliseconds now = seams_.clock.since_boot();
  if (now >= turn_.next_files || files_.requested()) {
    turn_.next_files = now + kFileCheckEvery;
    if (files_.changed()) {
      const auto read = files_.read();
      metrics_.reloads.note("sources", read.has_value(), seams_.clock.now_unix_ms());
      report_.last_error(read ? "" : "source files not reloaded: " + read.error());
      if (read) {
        files_.note_read();
        changed = true;
        logging::info("source files reloaded", {{"sources", files_.list().sources.size()}});
      } else {
        logging::error("source files not reloaded", {{"problem", read.error()}});
      }
    }
  }
  if (changed) VIGIE_TRY(take_sources());
  for (const v1::PollRequest& poll : people_.take_polls(seams_.clock.now_unix_ms()))
    VIGIE_TRY(stages_.intake.poll_source(poll.source_id(), poll.asked_at_unix_ms()));
  return {};
}

Result<void> Scheduler::report() {
  report_.summarise_failures(sources_);
  const auto owns = [&](const std::string& url) { return owner_.owns_url(url); };
  const auto backs_off = [&](std::string_view host) { return gate_.backs_off(host); };
  // While partitions change hands nobody can tell whose a source is.
  if (owner_.settled()) {
    for (log::NewRecord& record :
         sources_.report({due_clock_.now_unix_ms(), seams_.clock.since_boot(), owns, backs_off,
                          due_clock_.ahead_ms(),
                          [this](const std::string& url) { return seams_.hubs->feeds.find(url); }}))
      VIGIE_TRY(outbox_.send(std::move(record)));
    for (const auto& [state, count] : sources_.count_states(owns))
      metrics_.sources_by_state.of(sources::word_of(state)).set(count);
  }
  metrics_.in_flight.set(static_cast<double>(gate_.in_flight()));
  using status::State;
  return report_.send(turn_.stopping                            ? State::kStopping
                      : all_paused(sources_)                    ? State::kPaused
                      : owner_.settled() || owner_.given() == 0 ? State::kRunning
                                                                : State::kStarting);
}

}  // namespace vigie::crawler::service
