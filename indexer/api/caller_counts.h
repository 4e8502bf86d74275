#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <string>
#include <utility>

namespace vigie::indexer::api {

/// How much is under way for each caller, so that whoever asks for much leaves room for the others.
/// Thread-safe. Private to indexer/api.
class CallerCounts {
 public:
  CallerCounts(std::size_t of_all, std::size_t of_one) : of_all_(of_all), of_one_(of_one) {}

  /// One thing of a caller, for as long as it is under way.
  class Place {
   public:
    Place(CallerCounts& counts, std::string caller)
        : counts_(counts), caller_(std::move(caller)), given_(counts_.take(caller_)) {}
    ~Place() {
      if (given_) counts_.give_back(caller_);
    }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    /// False: there are as many as there may be, and it must not begin.
    explicit operator bool() const { return given_; }

   private:
    CallerCounts& counts_;
    const std::string caller_;
    const bool given_;
  };

 private:
  bool take(const std::string& caller) {
    const std::lock_guard lock(mutex_);
    const auto own = by_caller_.find(caller);
    if (all_ >= of_all_ || (own != by_caller_.end() && own->second >= of_one_)) return false;
    ++all_;
    ++by_caller_[caller];
    return true;
  }
  void give_back(const std::string& caller) {
    const std::lock_guard lock(mutex_);
    --all_;
    const auto own = by_caller_.find(caller);
    if (--own->second == 0) by_caller_.erase(own);
  }

  const std::size_t of_all_;
  const std::size_t of_one_;
  std::mutex mutex_;
  std::size_t all_ = 0;
  std::map<std::string, std::size_t> by_caller_;  // no zeros
};

}  // namespace vigie::indexer::api
