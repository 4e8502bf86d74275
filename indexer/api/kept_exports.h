#pragma once

#include <chrono>
#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "indexer/search/index.h"
#include "platform/clock/clock.h"

namespace vigie::indexer::api {

/// What was listed for exports, kept for a while so that one that broke off can go on with the same
/// articles. At most kMostRows rows in all (about 40 bytes each) and kMost exports: the one that
/// was used longest ago makes room. Thread-safe.
class KeptExports {
 public:
  static constexpr std::size_t kMost = 16;
  static constexpr std::size_t kMostRows = 1'000'000;
  static constexpr std::chrono::minutes kKeep{30};  // since its last use

  struct Export {
    std::string id;
    std::string query;  // canonical: it goes on for this query alone
    std::int64_t now_unix_ms = 0;
    search::Listing listing;
  };

  explicit KeptExports(Clock& clock) : clock_(clock) {}
  std::shared_ptr<const Export> keep(Export made);
  /// nullptr: never made here, or not kept any more.
  std::shared_ptr<const Export> find(const std::string& id);

 private:
  struct Kept {
    std::shared_ptr<const Export> made;
    std::chrono::milliseconds used{0};
  };
  void forget_old(std::size_t coming_rows);

  Clock& clock_;
  std::mutex mutex_;
  std::list<Kept> kept_;  // the one used last is the last
};

}  // namespace vigie::indexer::api
