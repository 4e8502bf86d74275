#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "platform/clock/clock.h"
#include "platform/log/follower.h"
#include "platform/log/log.h"
#include "platform/result/result.h"
#include "proto/source_edit.pb.h"

/// What people say of sources, as topic `source_edits` has it, and the only way to say it: nobody
/// else in the indexer names that topic.
namespace vigie::indexer::sources {

/// Most sources that people add or change.
inline constexpr std::size_t kMostEdits = 20'000;

/// What a person says of a source. Of a new one all counts; of a change the members that are given.
struct Draft {
  std::optional<std::string> name;
  std::optional<std::string> homepage;
  std::optional<std::vector<std::string>> feeds;
  std::optional<std::vector<std::string>> sitemaps;
  std::optional<std::vector<std::string>> sections;
  std::optional<std::string> country;
  std::optional<std::string> language;
  std::optional<std::string> kind;
  std::optional<std::string> affiliation;
  std::optional<std::uint32_t> poll_every_s;  // at most kMostPollEveryS
  std::vector<std::string> taken_back = {};   // fields that are to be as the file says, or empty
  std::string made_by = {};                   // the caller
};
inline constexpr std::uint32_t kMostPollEveryS = 7 * 24 * 3600;
/// The names of the fields of a draft, as SourceEdit.fields and the API have them.
const std::vector<std::string>& field_names();

/// What the crawler says that it crawls: what a change is held against.
struct Known {
  std::string id;
  std::string name;
  bool own = false;                    // no source file lists it
  std::vector<std::string> addresses;  // feeds, sitemaps, sections
};

/// Reads the topic to its end before each response and each change, and answers a change only once
/// it is durable: what is said here does not depend on the process that is asked. Of two processes
/// that change one source in one moment, the later in the log wins. Thread-safe. Errors, of all:
/// those of the log; kRetry log_silent.
class SourceStore {
 public:
  /// All must outlive it. Nothing is read before the first call.
  SourceStore(log::Log& log, Clock& clock, Random& random);

  /// By id. The last is what is in the log now.
  Result<std::map<std::string, v1::SourceEdit>> edits();

  /// A new source. `known`: what is crawled, to which it must be new. Errors: bad_source with a
  /// sentence; conflict where all of its URLs are listed already.
  Result<v1::SourceEdit> add(const Draft& draft, const std::vector<Known>& known);
  /// Several, in one append: one result for each draft.
  Result<std::vector<Result<v1::SourceEdit>>> add_all(const std::vector<Draft>& drafts,
                                                      const std::vector<Known>& known);
  /// Changes a source of people, or what people say of one of a file. nullopt: nothing is said of
  /// it any more, it is as the file has it. `revision`, where given, must be the present one (0:
  /// nothing was said). Errors: not_found, bad_source, conflict.
  Result<std::optional<v1::SourceEdit>> change(const std::string& id, const Draft& draft,
                                               std::optional<std::uint64_t> revision,
                                               const std::vector<Known>& known);
  /// Removes a source of people. Errors: not_found; conflict for one that a file lists.
  Result<void> remove(const std::string& id, const std::vector<Known>& known);
  /// Every URL of the source is to be polled now. Errors: not_found.
  Result<v1::PollRequest> poll(const std::string& id, const std::vector<Known>& known);

  /// Asks a crawler what is at a URL, and waits at most `time` for what it finds. `url`: with
  /// a scheme or without. Errors: bad_source for what is no URL; kRetry no_crawler where none
  /// answers; kRetry stopped once `gone`.
  Result<v1::DiscoveryResponse> discover(const std::string& url, std::chrono::milliseconds time,
                                         const std::stop_token& gone);

 private:
  Result<void> catch_up();
  void take(const log::Record& record);
  Result<void> append(const v1::SourceEdit& edit);
  Result<std::optional<v1::DiscoveryResponse>> response_of(const std::string& id);
  Result<v1::DiscoveryResponse> ask(const v1::DiscoveryRequest& request,
                                    std::chrono::milliseconds deadline,
                                    const std::stop_token& gone);
  std::string random_id();

  log::Log& log_;
  Clock& clock_;
  Random& random_;
  std::mutex changes_mutex_;  // one change at a time
  std::mutex mutex_;
  log::TopicFollower topic_;
  bool started_ = false;
  std::map<std::string, v1::SourceEdit> edits_;
  std::map<std::string, v1::DiscoveryResponse> responses_;
};

/// The URL that somebody typed, as it is asked for: https where no scheme stands there.
/// `guessed` tells that. Errors: bad_source.
Result<std::string> typed_address(std::string_view typed, bool& guessed);

}  // namespace vigie::indexer::sources
