#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include "indexer/api/call.h"
#include "platform/result/result.h"

namespace vigie {
class Clock;
}
namespace vigie::indexer::saved {
struct Search;
class SavedStore;
}  // namespace vigie::indexer::saved
namespace vigie::indexer::search {
class Index;
}

namespace vigie::indexer::api {

class QueryNames;

/// The query of the first page, as the setting pages.home_query has it; "everything": all. Errors:
/// kStop bad_setting.
Result<void> check_home_query(const std::string& query);

/// Searches that people saved, what they have seen, and how much of each search is unseen.
/// Thread-safe.
class SavedApi {
 public:
  /// Stories of a search that are looked at for its count, the newest first.
  static constexpr std::size_t kCounted = 100;
  /// How old a count may be that nothing was marked as seen since.
  static constexpr std::chrono::milliseconds kCountAge{15'000};
  static constexpr std::size_t kMostIds = 200;  // of one call

  /// All must outlive it. `home_query`: for whoever chose no search for the first page.
  SavedApi(saved::SavedStore& store, search::Index& index, Clock& clock, const QueryNames& names,
           std::string home_query);
  Routes routes();

 private:
  struct Count {
    std::uint64_t turn = 0;           // of the person, when it was counted
    std::chrono::milliseconds at{0};  // since boot
    std::size_t stories = 0;
    bool more = false;
  };
  http::Response list(const Call& call);
  http::Response create(const Call& call);
  http::Response replace(const Call& call);
  http::Response remove(const Call& call);
  http::Response see_all(const Call& call);
  http::Response unread(const Call& call);
  http::Response seen(const Call& call);
  http::Response mark(const Call& call);
  std::optional<http::Response> refused_query(const std::string& query) const;
  Result<Count> count(const Call& call, const saved::Search& search);
  Result<Count> counted(const Call& call, const saved::Search& search);

  saved::SavedStore& store_;
  search::Index& index_;
  Clock& clock_;
  const QueryNames& names_;
  const std::string home_query_;
  std::mutex mutex_;
  std::map<std::string, Count> counts_;  // by search id
};

}  // namespace vigie::indexer::api
