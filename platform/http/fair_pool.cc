#include "platform/http/fair_pool.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "platform/process/thread.h"

namespace vigie::http {
FairPool::FairPool(int prompt, int patient)
    : most_of_one_owner_(patient > 0 ? static_cast<std::size_t>(std::max(1, prompt / 2))
                                     : static_cast<std::size_t>(std::max(1, prompt))),
      two_kinds_(patient > 0) {
  for (int i = 0; i < std::max(1, prompt); ++i) threads_.emplace_back([this] { run(false); });
  for (int i = 0; i < patient; ++i) threads_.emplace_back([this] { run(true); });
}

void FairPool::Queue::add(const std::string& owner, Work work) {
  std::deque<Work>& own = waiting[owner];
  if (own.empty()) turns.push_back(owner);
  own.push_back(std::move(work));
}

bool FairPool::is_long(const std::string& owner) {
  const auto known = long_until_.find(owner);
  if (known == long_until_.end()) return false;
  if (machine_now() < known->second) return true;
  long_until_.erase(known);
  return false;
}

void FairPool::remember_long(const std::string& owner) {
  constexpr std::size_t kMaxOwners = 4'096;
  const MachineTime now = machine_now();
  if (long_until_.size() >= kMaxOwners)
    std::erase_if(long_until_, [now](const auto& entry) { return entry.second <= now; });
  if (long_until_.size() < kMaxOwners) long_until_[owner] = now + kMemory;
}

void FairPool::post(const std::string& owner, Work work) {
  {
    const std::lock_guard lock(mutex_);
    (two_kinds_ && is_long(owner) ? patient_ : prompt_).add(owner, std::move(work));
  }
  changed_.notify_all();  // the one that is woken may be of the other kind
}

/// Whose turn it is: an owner that has as many prompt threads as it may is passed over.
std::deque<std::string>::iterator FairPool::next_turn(bool patient) {
  std::deque<std::string>& turns = (patient ? patient_ : prompt_).turns;
  if (patient) return turns.begin();
  return std::find_if(turns.begin(), turns.end(), [this](const std::string& owner) {
    const auto busy = busy_.find(owner);
    return busy == busy_.end() || busy->second < most_of_one_owner_;
  });
}

bool FairPool::has_work(bool patient) {
  return next_turn(patient) != (patient ? patient_ : prompt_).turns.end();
}

bool FairPool::take(bool patient, std::string& owner, Work& work) {
  Queue& queue = patient ? patient_ : prompt_;
  const auto turn = next_turn(patient);
  if (turn == queue.turns.end()) return false;
  owner = std::move(*turn);
  queue.turns.erase(turn);
  const auto own = queue.waiting.find(owner);
  work = std::move(own->second.front());
  own->second.pop_front();
  if (own->second.empty()) {
    queue.waiting.erase(own);
  } else {
    queue.turns.push_back(owner);
  }
  return true;
}

void FairPool::run(bool patient) {
  if (patient) process::yield_to_others();
  const Turn kind{patient || !two_kinds_};
  std::unique_lock lock(mutex_);
  for (;;) {
    // What is being worked on may turn out to be long.
    changed_.wait(lock, [&] {
      return has_work(patient) ||
             (ending_ && running_ == 0 && prompt_.turns.empty() && patient_.turns.empty());
    });
    std::string owner;
    Work work;
    if (!take(patient, owner, work)) return;
    ++running_;
    if (!patient) ++busy_[owner];
    lock.unlock();
    const auto begin = process::thread_cpu_time();
    const Outcome outcome = work(kind);
    const bool was_long = outcome != Outcome::kDone || process::thread_cpu_time() - begin >= kLong;
    if (outcome != Outcome::kLater) work = nullptr;  // what it holds is let go outside the lock
    lock.lock();
    if (!patient && --busy_[owner] == 0) busy_.erase(owner);
    if (two_kinds_ && was_long) remember_long(owner);
    if (outcome == Outcome::kLater) patient_.add(owner, std::move(work));
    --running_;
    changed_.notify_all();
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
