#include "extractor/tagging/pack_watcher.h"

namespace vigie::extractor::tagging {

PackWatcher::PackWatcher(std::vector<std::string> topics_dirs) : dirs_(std::move(topics_dirs)) {}

Result<void> PackWatcher::open() { return reload(); }

std::shared_ptr<const Tagger> PackWatcher::current() const {
  const std::lock_guard lock(mutex_);
  return current_;
}

Result<bool> PackWatcher::poll() {
  const std::uint64_t stamp = topic_packs::stamp_of(dirs_);
  {
    const std::lock_guard lock(mutex_);
    if (stamp == stamp_) return false;
  }
  VIGIE_TRY(reload());
  return true;
}

Result<void> PackWatcher::reload() {
  const std::lock_guard loading(loading_);
  // Taken before the files are read: a change while they are read is seen at the next poll.
  const std::uint64_t stamp = topic_packs::stamp_of(dirs_);
  auto tagger = Tagger::load(dirs_);
  const std::lock_guard lock(mutex_);
  stamp_ = stamp;
  if (!tagger) return failure(std::move(tagger.error()));
  current_ = std::move(*tagger);
  return {};
}

}  // namespace vigie::extractor::tagging
