#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "extractor/tagging/tagger.h"
#include "platform/result/result.h"

namespace vigie::extractor::tagging {

/// Holds the tagger in force and exchanges it when the packs change. Has no thread of its own: the
/// service calls poll() every second or so, and reload() on SIGHUP. All functions may be called
/// from any thread.
class PackWatcher {
 public:
  explicit PackWatcher(std::vector<std::string> topics_dirs);

  /// The first load. Errors: those of Tagger::load.
  Result<void> open();
  /// The tagger in force; never null after open(). Shared, since an article in hand keeps the pack
  /// that it began with.
  std::shared_ptr<const Tagger> current() const;
  /// Reloads if a file changed since the last try. True if a new pack is in force now; a bad pack
  /// leaves the old one in force, and is told once. Errors: those of Tagger::load.
  Result<bool> poll();
  /// Reloads in any case. A bad pack leaves the old one in force. Errors: those of Tagger::load.
  Result<void> reload();

 private:
  const std::vector<std::string> dirs_;
  mutable std::mutex mutex_;
  std::mutex loading_;  // one load at a time
  std::shared_ptr<const Tagger> current_;
  std::uint64_t stamp_ = 0;
};

}  // namespace vigie::extractor::tagging
