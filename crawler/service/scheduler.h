#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "crawler/frontier/due_clock.h"
#include "crawler/frontier/partition_owner.h"
#include "crawler/politeness/request_gate.h"
#include "crawler/queue/domain_queues.h"
#include "crawler/service/crawler.h"
#include "crawler/service/dispatch.h"
#include "crawler/service/events.h"
#include "crawler/service/fetches_in_hand.h"
#include "crawler/service/intake.h"
#include "crawler/service/metrics.h"
#include "crawler/service/options.h"
#include "crawler/service/outbox.h"
#include "crawler/service/people.h"
#include "crawler/service/report.h"
#include "crawler/service/responses.h"
#include "crawler/service/subscriptions.h"
#include "crawler/sources/source_files.h"
#include "crawler/sources/source_states.h"
#include "crawler/sources/sources.h"
#include "platform/result/result.h"

namespace vigie::crawler::service {

/// The loop of the crawler, and the only one that knows all its parts. Each tick() takes what came
/// in, starts what is due, and says when to call it again. It waits for the log alone. The state of
/// a URL advances only when what its response gave is durable in the log, so a crash fetches again
/// rather than loses. The crawler acts for the domains of the partitions of `frontier` that its
/// group gave it, once it has read them to the ends that they had then. When partitions are taken
/// away it starts nothing more, waits a moment for the responses that are out, makes all that was
/// sent durable, and only then lets them go. One thread.
class Scheduler {
 public:
  Scheduler(const CrawlerOptions& options, const Crawler::Seams& seams, sources::SourceList list);

  /// Opens the frontier's store, reads `control` and `source_edits` and joins the group. Out: false
  /// if a stop was asked for before these were read. Errors: of the log and the store.
  Result<bool> start(const std::stop_token& stop = {});
  /// Out: when to call again, on the boot clock, if no event comes before. Errors: kStop where the
  /// log cannot be read or written.
  Result<std::chrono::milliseconds> tick();
  /// Starts nothing more; what is in hand goes on.
  void stop_starting() { turn_.stopping = true; }
  /// Whether nobody waits for a response or for the log.
  bool idle() const { return gate_.idle() && !fetches_.waiting_for_log(); }
  /// Partitions whose domains are crawled now.
  std::size_t partitions_owned() const { return owner_.active_partitions().size(); }
  /// Waits for all records to be durable.
  Result<void> finish() { return outbox_.flush(); }

  const std::shared_ptr<EventQueue>& events() const { return outbox_.events(); }
  /// Any thread: the source files are read again.
  void request_reload() { files_.request(); }
  /// Any thread.
  sources::Reachability reachability() const { return sources_.reachability(); }

 private:
  Result<void> take_events();
  Result<void> on_event(ReservationWritten& written);
  Result<void> on_event(RecordWritten& written);
  Result<void> on_event(Responded& responded);
  Result<void> on_event(Resolved& resolved);
  Result<void> go_on(FetchInHand& fetch, Next next);

  Result<void> follow_group();
  Result<void> follow(const log::Reader::Batch& batch);
  Result<void> activate(std::int32_t partition);
  Result<void> finish_hand_over();
  void abandon_all();

  Result<void> obey(const v1::ControlRecord& command);
  Result<void> take_sources();
  Result<void> follow_sources();
  Result<void> report();

  /// When what recurs is due again, on the boot clock; and this turn.
  struct Turn {
    std::chrono::milliseconds began{0};
    std::chrono::milliseconds next_files{0};
    std::chrono::milliseconds next_control{0};
    std::chrono::milliseconds next_report{0};
    std::chrono::milliseconds next_prune{0};
    std::chrono::milliseconds next_commit{0};
    bool stopping = false;
    bool given = false;  // the group has said which partitions are this crawler's
    /// Whether so much time has passed since the turn began that others may have been given this
    /// crawler's partitions.
    bool asleep(std::chrono::milliseconds now) const {
      return now - began > CrawlerOptions::kAsleep;
    }
  };

  /// What is done with URLs, each knowing those before it.
  struct Stages {
    Intake intake;
    Responses responses;
    Dispatch dispatch;
    Subscriptions subscriptions;
  };

  Crawler::Seams seams_;
  frontier::DueClock due_clock_;
  CrawlerMetrics metrics_;
  Outbox outbox_;
  Report report_;
  frontier::PartitionOwner owner_;
  queue::DomainQueues queues_;
  FetchesInHand fetches_;
  politeness::RequestGate gate_;
  sources::SourceStates sources_;
  sources::SourceFiles files_;
  Stages stages_;
  People people_;
  Turn turn_;
};

}  // namespace vigie::crawler::service
