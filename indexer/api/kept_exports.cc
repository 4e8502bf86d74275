#include "indexer/api/kept_exports.h"

#include <algorithm>
#include <utility>

namespace vigie::indexer::api {

std::shared_ptr<const KeptExports::Export> KeptExports::keep(Export made) {
  auto out = std::make_shared<const Export>(std::move(made));
  const std::lock_guard lock(mutex_);
  forget_old(out->listing.size());
  kept_.push_back({out, clock_.since_boot()});
  return out;
}

std::shared_ptr<const KeptExports::Export> KeptExports::find(const std::string& id) {
  const std::lock_guard lock(mutex_);
  forget_old(0);
  const auto known =
      std::find_if(kept_.begin(), kept_.end(), [&](const Kept& one) { return one.made->id == id; });
  if (known == kept_.end()) return nullptr;
  known->used = clock_.since_boot();
  kept_.splice(kept_.end(), kept_, known);
  return kept_.back().made;
}

void KeptExports::forget_old(std::size_t coming_rows) {
  const auto oldest = clock_.since_boot() - kKeep;
  std::size_t rows = coming_rows;
  for (const Kept& one : kept_) rows += one.made->listing.size();
  const std::size_t room = coming_rows > 0 ? kMost - 1 : kMost;
  while (!kept_.empty() &&
         (kept_.front().used < oldest || rows > kMostRows || kept_.size() > room)) {
    rows -= kept_.front().made->listing.size();
    kept_.pop_front();
  }
}

}  // namespace vigie::indexer::api
