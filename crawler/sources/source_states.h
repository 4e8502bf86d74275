#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "crawler/sources/sources.h"
#include "platform/log/log.h"
#include "platform/result/result.h"
#include "platform/url/takedown.h"
#include "proto/control.pb.h"
#include "proto/frontier.pb.h"
#include "proto/status.pb.h"

namespace vigie::crawler::sources {

/// What is known of the way to the sources, for "no source can be reached".
struct Reachability {
  // sources that were contacted and whose first response or failure is known
  std::uint64_t tried = 0;
  std::uint64_t reached = 0;  // of these, sources that answered anything at HTTP level
  // slug of the first failure below HTTP: dns, connect, tls, …; empty if none
  std::string first_error_reason;
  std::string example_detail;  // its sentence, for people
};

/// How a source does, and what its robots.txt says of it. Records, metrics and the API have the
/// word.
enum class State { kWaiting, kOk, kQuiet, kFailing, kBlocked, kPaused, kRefused, kFlooding };
enum class RobotsState { kUnknown, kAllowed, kDisallowed, kUnreachable };
std::string_view word_of(State state);
std::string_view word_of(RobotsState robots);

/// A URL that a source file lists, to be polled.
struct ListedUrl {
  v1::UrlKind kind = v1::URL_KIND_FEED;
  std::string source_id;
};

/// The sources that are crawled: what they list, how they do, and which are paused. One thread,
/// but for reachability().
class SourceStates {
 public:
  /// `instance`: name of this crawler in the statuses of sources that others tell.
  explicit SourceStates(std::string instance) : instance_(std::move(instance)) {}

  /// Takes a new list. What is known of a source that is still listed stays.
  void apply(SourceList list);
  /// Whether a URL of a source was taken down, by itself, by its host or by its source.
  bool taken_down(const std::string& source_id, std::string_view url) const {
    return !taken_down_.empty() && (taken_down_.has_source(source_id) || taken_down_.has_url(url));
  }
  /// Obeys a command. True: a source, or all, may go on.
  bool apply(const v1::ControlRecord& command);

  /// Null where the source files do not list it.
  const SourceEntry* find(const std::string& source_id) const;
  bool paused(const std::string& source_id) const { return paused_.count(source_id) != 0; }
  /// Whether URLs of the source are fetched: it is listed and not paused.
  bool active(const std::string& source_id) const {
    const SourceEntry* entry = find(source_id);
    return entry != nullptr && !entry->refused && !paused(source_id) &&
           !taken_down_.has_source(source_id);
  }
  /// The URLs that the source files list.
  const std::unordered_map<std::string, ListedUrl>& listed() const { return listed_; }
  /// Whether the source files still want a URL: a poll that they list, a poll that a listed one led
  /// to, or a page.
  bool wants(const v1::UrlState& state) const;

  /// What happened to a URL of a source; nothing where the source is not listed. `error`: why there
  /// was no response, null: there was one.
  void note_contact(const std::string& source_id, const std::string& host, const Error* error);
  void note_robots(const std::string& source_id, RobotsState robots);
  /// By the wall clock: what went by while it was wrong is not known.
  void note_article(const std::string& source_id, std::int64_t wall_unix_ms);
  /// What a crawler told of a source before this one began: when its last article came, and its
  /// rhythm, as far as this one knows nothing later. It counts for sources that are listed later,
  /// too.
  void recall(const v1::SourceStatus& told);
  /// It listed a URL that was left out, since as many as may wait, or be new, already were.
  void note_flood(const std::string& source_id, std::int64_t now_unix_ms);
  /// `moved`: it has moved for good.
  void note_poll(const v1::UrlState& polled, std::int64_t now_unix_ms, bool moved = false);
  /// `detail`: a sentence for people.
  void note_failure(const v1::UrlState& failed, const std::string& reason,
                    const std::string& detail, std::int64_t now_unix_ms);
  /// The usual time between two items of a source, in seconds; 0: unknown.
  void note_item_interval(const std::string& source_id, double seconds);
  double item_interval_s(const std::string& source_id) const;

  struct Surroundings {
    std::int64_t now_unix_ms = 0;
    std::chrono::milliseconds now{0};                      // on the boot clock
    std::function<bool(const std::string& url)> owns;      // its domain is this crawler's
    std::function<bool(std::string_view host)> backs_off;  // it asked for that
    // of the times above, and of all that were noted, in front of the wall clock
    std::int64_t ahead_ms = 0;
    // how the subscription of a feed at its hub stands; null: it has none
    std::function<const v1::HubSubscription*(const std::string& url)> pushed = {};
  };
  /// The records that tell of sources whose status has changed or was not told for a minute. The
  /// status of a source is told by the crawler that owns the domain of its first listed URL. What
  /// another crawler did for it stands beside, under a key of its own, and readers add it up.
  std::vector<log::NewRecord> report(const Surroundings& surroundings);
  /// How many sources that this crawler tells of are in each state, as last reported. All states.
  std::map<State, int> count_states(const std::function<bool(const std::string& url)>& owns) const;
  /// Sources of which a poll failed when it was last tried, and all sources.
  struct Failing {
    std::size_t sources = 0;
    std::size_t of = 0;
  };
  Failing failing() const;

  /// Any thread.
  Reachability reachability() const;

 private:
  struct SourceState {
    SourceEntry entry;
    v1::SourceStatus status;     // counts and times, as they are reported
    std::optional<State> state;  // as last reported
    std::optional<std::int64_t> flooded_at_unix_ms;
    std::map<std::string, std::uint64_t> errors;
    std::string reported;  // the last report, without its time
    std::chrono::milliseconds reported_at{-3'600'000};
    bool contributes = false;  // reported beside the status that another crawler gives
    bool contacted = false;
    bool reached = false;
    std::map<std::string, v1::MovedUrl> moved;  // by URL
    std::unordered_set<std::string> failing;    // its polls whose last attempt failed
  };
  /// A source that was told of and is crawled no longer.
  struct Gone {
    std::string home_url;
    bool contributed = false;
  };
  SourceState* state_of(const std::string& source_id);
  const v1::SourceStatus& refresh(SourceState& source, const Surroundings& surroundings) const;
  State current_state(const SourceState& source, const Surroundings& surroundings) const;

  std::string instance_;
  std::map<std::string, SourceState> sources_;
  std::unordered_map<std::string, ListedUrl> listed_;
  url::TakenDown taken_down_;
  std::set<std::string> paused_;  // source ids; "" pauses all
  /// What was told of a source before.
  struct Past {
    std::int64_t last_article_unix_ms = 0;
    double expected_interval_s = 0;
    void into(v1::SourceStatus& status) const;
  };
  std::map<std::string, Past> past_;  // by source id
  std::map<std::string, Gone> gone_;  // whose statuses are to be removed
  mutable std::mutex reachability_mutex_;
  Reachability reachability_;
};

/// Whether nothing at all is to be crawled.
inline bool all_paused(const SourceStates& states) { return states.paused(""); }

/// The URL whose owner tells of a source: the first that is polled, else its homepage.
const std::string& home_url(const SourceEntry& entry);

/// What went wrong on the way to a host, as a person would say it.
std::string contact_failure(const std::string& host, const Error& error);

}  // namespace vigie::crawler::sources
