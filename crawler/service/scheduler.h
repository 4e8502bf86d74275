#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "crawler/archive/warc_writer.h"
#include "crawler/feeds/feed.h"
#include "crawler/frontier/frontier.h"
#include "crawler/politeness/gap_watch.h"
#include "crawler/politeness/politeness.h"
#include "crawler/robots/robots.h"
#include "crawler/robots/store.h"
#include "crawler/service/crawler.h"
#include "crawler/service/events.h"
#include "crawler/service/options.h"
#include "crawler/sources/sources.h"
#include "platform/status/reporter.h"
#include "platform/url/url.h"
#include "proto/status.pb.h"

namespace vigie::crawler {

/// The work of the crawler, in turns: each tick() takes what came in, starts what is due, and says
/// when to call it again. One thread; it waits for the log alone. A URL's state is advanced only
/// when what its answer gave is durable in the log, so a crash fetches again rather than loses. It
/// crawls the domains of the partitions of `frontier` that its group gives it, once it has read
/// them to the end that they had then; lanes, tasks and due rows are of these. When they are taken
/// away nothing is started any more, what is out gets a moment, all that was sent is made durable,
/// and only then are they let go.
class Scheduler {
 public:
  Scheduler(CrawlerOptions options, Crawler::Seams seams, SourceList sources);
  ~Scheduler();

  /// Opens the frontier's store, joins the group and reads `control`. Errors: of the log and the
  /// store.
  Result<void> start();
  /// Out: when to call again, on the boot clock, if no event comes before. Errors: kStop where the
  /// log cannot be read or written.
  Result<std::chrono::milliseconds> tick();
  /// Starts nothing more; what is in hand goes on.
  void stop_starting() { stopping_ = true; }
  bool idle() const { return in_flight_ == abandoned_.size() && waiting_for_log_ == 0; }
  /// Partitions whose domains are crawled now.
  std::size_t partitions_owned() const;
  /// Waits for all records to be durable.
  Result<void> finish();

  std::shared_ptr<EventQueue> events() const { return events_; }
  void request_reload() { reload_requested_.store(true); }
  Reachability reachability() const;

 private:
  using Milliseconds = std::chrono::milliseconds;

  /// A source and what is known of it.
  struct SourceState {
    SourceEntry entry;
    v1::SourceStatus status;  // counts and times, as they are reported
    std::map<std::string, std::uint64_t> errors;
    std::string reported;  // the last report, without its time
    Milliseconds reported_at{-3'600'000};
    bool contributes = false;  // reported beside the status that another crawler gives
    bool contacted = false;
    bool reached = false;
    std::unordered_set<std::string> failing;  // its polls whose last attempt failed
  };

  /// One URL in hand, over all hops, from being taken out of the queue until its state is durable.
  struct Task {
    std::uint64_t id = 0;
    v1::UrlState state;  // as it was taken
    url::Url current;
    std::vector<std::string> visited;  // addresses of the chain, `current` last
    bool conditional = false;
    std::string robots_origin;  // not empty: the next request is for this origin's robots.txt
    url::Url robots_url;
    std::vector<std::string> robots_visited;
    PolitenessKeys whom;  // of the request that is out, or reserved for
    enum class Request { kNone, kReserving, kOut } request = Request::kNone;
    Milliseconds sent_at{0};
    net::HttpRequest sent;        // for the archive, where there is one
    std::size_t records_out = 0;  // that must be durable before the state advances
    bool handed_over = false;     // a redirect led to a domain of another partition
    std::string alias;            // final URL that becomes known with this page
    bool page_sent = false;
    bool refused = false;  // the answer says that there is no such page
  };

  /// All of one registrable domain: one request at a time.
  struct Lane {
    std::int32_t partition = 0;
    std::deque<std::uint64_t> ready;  // tasks that wait for their next request
    std::optional<Milliseconds> wake;
    std::int64_t waiting = 0;  // URLs that wait for their first fetch
    bool busy = false;
    bool last_was_poll = false;
  };

  /// An address of the source files.
  struct Poll {
    v1::UrlKind kind = v1::URL_KIND_FEED;
    std::string source_id;
  };

  /// A partition that the group gave to this crawler.
  struct Owned {
    std::int64_t frontier_end = 0;  // when it was given; to be read before anything is done
    std::int64_t control_end = 0;
    Milliseconds given_at{0};
    bool active = false;
    bool misplaced = false;  // may hold records of other partitions
    std::size_t moving = 0;  // of these, on their way
    std::int64_t committed = -1;
    std::string sweep_from;  // where forgetting goes on
  };

  struct RobotsEntry {
    Robots rules;
    // when these rules came; before the start of the machine it is negative
    std::optional<Milliseconds> fetched;
    Milliseconds check_again{0};
    std::uint32_t failures = 0;
    bool unreachable = false;  // disallow, because nothing is known
    std::string reason;        // why
    std::string detail;
  };

  // scheduler.cc: lanes, tasks, requests
  Result<void> take_events();
  Result<void> take_event(Event& event);
  Result<void> on_durable(Event& event);
  Result<void> start_due();
  Result<void> start_lane(const std::string& name, Lane& lane);
  Result<bool> take_next(const std::string& name, Lane& lane);
  Result<bool> prepare(Task& task);
  RobotsEntry* robots_of(const url::Url& address);
  bool resolved(const std::string& host);
  Result<void> on_resolved(const std::string& host, std::vector<std::string> addresses);
  Result<void> reserve(Task& task, Lane& lane);
  Result<void> send_request(Task& task);
  Result<void> on_answer(Task& task, Result<net::HttpResponse> answer);
  Result<void> schedule(const std::string& lane_name, Lane& lane);
  Result<void> schedule_touched();
  Result<void> make_ready(Task& task);
  const url::Url& next_url(const Task& task) const {
    return task.robots_origin.empty() ? task.current : task.robots_url;
  }
  Result<void> send(log::NewRecord record, std::optional<Event> when_durable = std::nullopt);
  Result<void> send_state(v1::UrlState state, Event when_durable = {});
  void end_task(std::uint64_t id);
  bool may_be_taken(const v1::UrlState& state) const;
  FrontierStore::Verdict judge(const v1::UrlState& state) const;
  void drop(const std::string& reason);

  // ownership.cc: which partitions are ours, catching up, handing over
  Result<void> follow_group();
  Result<void> take_partition(log::TopicPartition partition);
  Result<void> read_back(const log::Reader::Batch& batch);
  Result<void> activate_ready();
  Result<void> activate(std::int32_t partition, Owned& owned);
  Result<void> confirm_membership();
  Result<void> finish_hand_over();
  void abandon_all();
  void on_abandoned(Event& event);
  Result<void> commit_positions();
  Result<void> take_up(std::int32_t partition, v1::Discovery found);
  Result<void> move_misplaced();
  Result<void> forget_some();
  bool owns(std::string_view domain) const;
  Lane& lane_of(const std::string& domain);
  Result<void> hand_over(Task& task, const v1::Discovery& found);

  // answers.cc: what an answer means
  Result<void> on_robots(Task& task, const Result<net::HttpResponse>& answer);
  Result<void> on_final(Task& task, const net::HttpResponse& answer);
  Result<void> on_redirect(Task& task, const net::HttpResponse& answer);
  Result<void> on_redirect_away(Task& task, const url::Url& target);
  Result<void> on_feed(Task& task, const net::HttpResponse& answer);
  Result<void> on_page(Task& task, const net::HttpResponse& answer);
  Result<void> fail(Task& task, const std::string& reason, const std::string& detail,
                    bool permanent, std::int64_t not_before_unix_ms = 0);
  Result<void> unchanged(Task& task, const net::HttpResponse* answer);
  Result<void> advance(Task& task);
  Result<void> remember_alias(const Task& task);
  std::string archive(const Task& task, const net::HttpResponse& answer, bool revisit);
  void note_validators(Task& task, const net::HttpResponse& answer, const std::string& digest);
  Result<void> quarantine(const Task& task, const std::string& reason, const std::string& detail,
                          std::string_view body);

  // discovery.cc: what a feed, sitemap or section names
  struct Found {
    std::string url;
    v1::UrlKind kind = v1::URL_KIND_ARTICLE;
    std::optional<v1::FeedItem> item;
  };
  Result<std::vector<Found>> read_listing(Task& task, const net::HttpResponse& answer);
  Result<std::size_t> discover(Task& task, std::vector<Found> found);
  Result<bool> discover_own(Task& task, const std::string& url, const std::string& domain,
                            Found found);
  Result<void> announce(v1::UrlState known, const v1::FeedItem& item);
  static std::uint64_t print_of(const v1::Discovery& found);

  // sources_state.cc: source files, control, status
  Result<void> apply_sources(SourceList list);
  Result<void> poll_listed(const std::string& address, const Poll& poll);
  Result<void> bring_back_parked();
  Result<void> reload_if_changed();
  Result<void> read_control();
  Result<void> apply_control(const log::Record& record);
  Result<void> report();
  void summarise_failures();
  void show_states();
  void show_zeros();
  v1::SourceStatus status_of(SourceState& source);
  SourceState* source_of(const v1::UrlState& state);
  bool is_home(const SourceState& source) const;
  void note_contact(SourceState* source, const std::string& host, const Error* error);
  bool paused(const std::string& source_id) const { return paused_.count(source_id) != 0; }

  CrawlerOptions options_;
  Crawler::Seams seams_;
  SourceList first_sources_;
  std::shared_ptr<EventQueue> events_ = std::make_shared<EventQueue>();
  std::unique_ptr<log::Producer> producer_;
  std::unique_ptr<log::Reader> control_;
  status::Reporter reporter_;
  Politeness politeness_;
  GapWatch gap_watch_;
  std::unique_ptr<WarcWriter> archive_;
  std::unique_ptr<Frontier> frontier_;
  std::unique_ptr<log::Group> group_;
  std::map<std::int32_t, Owned> owned_;
  struct Abandoned {
    PolitenessKeys whom;
    Milliseconds sent_at{0};
  };
  // requests that are out for partitions that went, by task
  std::unordered_map<std::uint64_t, Abandoned> abandoned_;
  // domains whose lanes are to be looked at
  std::set<std::string> touched_;
  // partitions are to be let go, by then at the latest
  std::optional<Milliseconds> hand_over_until_;
  Milliseconds turn_began_{0};
  std::int64_t control_position_ = 0;

  std::map<std::string, SourceState> sources_;
  std::unordered_map<std::string, Poll> listed_;           // addresses of the source files
  std::set<std::string> paused_;                           // source ids; "" stops all
  std::unordered_map<std::string, Lane> lanes_;            // by registrable domain
  std::set<std::pair<Milliseconds, std::string>> timers_;  // when to look at a lane
  std::unordered_map<std::uint64_t, Task> tasks_;
  struct StringHash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  std::unordered_set<std::string, StringHash, std::equal_to<>> in_hand_;  // URLs of tasks
  std::unordered_map<std::string, RobotsEntry> robots_;                   // by origin
  RobotsStore robots_store_;
  // host → when to go on without its addresses
  std::unordered_map<std::string, Milliseconds> resolving_;
  std::uint64_t next_task_ = 1;
  std::size_t in_flight_ = 0;
  std::size_t waiting_for_log_ = 0;
  bool stopping_ = false;

  std::atomic<bool> reload_requested_{false};
  std::map<std::string, std::filesystem::file_time_type> source_files_seen_;
  Milliseconds next_file_check_{0};
  Milliseconds next_control_{0};
  Milliseconds next_report_{0};
  Milliseconds next_prune_{0};
  Milliseconds next_summary_{0};
  Milliseconds next_commit_{0};
  // finished pages older than this go, while there are too many; 0: there are not
  std::int64_t forget_older_ms_ = 0;
  std::map<std::string, std::uint64_t> failures_by_reason_;  // since the last summary
  std::string example_failure_;

  mutable std::mutex reachability_mutex_;
  Reachability reachability_;

  std::uint64_t pages_ = 0;
  std::uint64_t requests_ = 0;
  std::uint64_t discovered_ = 0;
  std::map<std::string, std::uint64_t> dropped_;
};

}  // namespace vigie::crawler
