#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "indexer/api/api.h"
#include "platform/clock/clock.h"
#include "platform/metrics/reload.h"
#include "platform/result/result.h"

namespace vigie::indexer::service {

/// What the topic packs declare, for pages and completion; reads them again when their files
/// change. Thread-safe.
class CatalogueWatcher {
 public:
  CatalogueWatcher(const Clock& clock, metrics::Registry& metrics)
      : clock_(clock), reloads_(metrics) {}
  /// Errors: kStop, from the packs.
  Result<void> open(std::vector<std::string> dirs);
  /// Never null after open(). Looks at the files at most once in two seconds.
  std::shared_ptr<const api::Catalogue> current();
  /// A bad pack leaves the old catalogue in force.
  void reload();

 private:
  Result<void> load();
  void load_again();
  const Clock& clock_;
  metrics::Reloads reloads_;
  std::mutex mutex_;
  std::vector<std::string> dirs_;
  std::uint64_t stamp_ = 0;
  std::optional<std::chrono::milliseconds> looked_;  // since boot; nothing: not yet
  std::shared_ptr<const api::Catalogue> catalogue_;
};

}  // namespace vigie::indexer::service
