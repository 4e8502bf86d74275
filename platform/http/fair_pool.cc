#include "platform/http/fair_pool.h"

#include <algorithm>
#include <utility>

namespace vigie::http {

FairPool::FairPool(int threads) {
  for (int i = 0; i < std::max(1, threads); ++i) threads_.emplace_back([this] { run(); });
}

void FairPool::post(const std::string& owner, Work work) {
  {
    const std::lock_guard lock(mutex_);
    std::deque<Work>& own = waiting_[owner];
    if (own.empty()) turns_.push_back(owner);
    own.push_back(std::move(work));
  }
  changed_.notify_one();
}

void FairPool::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return ending_ || !turns_.empty(); });
    if (turns_.empty()) return;
    const auto owner = waiting_.find(turns_.front());
    turns_.pop_front();
    Work work = std::move(owner->second.front());
    owner->second.pop_front();
    if (owner->second.empty()) {
      waiting_.erase(owner);
    } else {
      turns_.push_back(owner->first);
    }
    lock.unlock();
    work();
    work = nullptr;  // what it holds is let go outside the lock
    lock.lock();
  }
}

void FairPool::join() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

}  // namespace vigie::http
