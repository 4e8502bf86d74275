#include "platform/http/fair_pool.h"

#include <algorithm>
#include <utility>

#include "platform/process/thread.h"

namespace vigie::http {
FairPool::FairPool(int prompt, int patient, Memory memory)
    : most_of_one_owner_(static_cast<std::size_t>(std::max(1, patient > 0 ? prompt / 2 : prompt))),
      all_is_long_(prompt == 0 && patient > 0),
      two_kinds_(patient > 0 && !all_is_long_),
      memory_(memory) {
  const auto begin = [this](int count, Standing standing) {
    for (int i = 0; i < count; ++i) threads_.emplace_back([this, standing] { run(standing); });
  };
  if (!all_is_long_) begin(std::max(1, prompt), Standing::kGood);
  if (two_kinds_) begin(std::max(1, prompt / 4), Standing::kSuspect);
  begin(patient, Standing::kLong);
}

void FairPool::Queue::add(const std::string& owner, Work work) {
  std::deque<Work>& own = waiting[owner];
  if (own.empty()) turns.push_back(owner);
  own.push_back(std::move(work));
}

FairPool::Standing FairPool::standing_of(const std::string& owner) {
  if (all_is_long_) return Standing::kLong;
  const auto known = known_.find(owner);
  if (!two_kinds_ || known == known_.end()) return Standing::kGood;
  const MachineTime now = machine_now();
  if (now < known->second.patient_until) return Standing::kLong;
  if (now < known->second.suspect_until) return Standing::kSuspect;
  known_.erase(known);
  return Standing::kGood;
}

void FairPool::remember_long(const std::string& owner) {
  constexpr std::size_t kMaxOwners = 4'096;
  const MachineTime now = machine_now();
  if (known_.size() >= kMaxOwners)
    std::erase_if(known_, [now](const auto& entry) { return entry.second.suspect_until <= now; });
  if (known_.size() >= kMaxOwners) return;
  known_[owner] = {now + memory_.patient, now + memory_.patient + memory_.suspect};
}

void FairPool::post(const std::string& owner, Work work, bool is_long) {
  {
    const std::lock_guard lock(mutex_);
    const Standing standing = is_long && two_kinds_ ? Standing::kLong : standing_of(owner);
    queue_of(standing).add(owner, std::move(work));
  }
  changed_.notify_all();  // the one that is woken may be of the other kind
}

/// Whose turn it is: an owner that has as many prompt threads as it may is passed over.
std::deque<std::string>::iterator FairPool::next_turn(Standing standing) {
  std::deque<std::string>& turns = queue_of(standing).turns;
  if (standing != Standing::kGood) return turns.begin();
  return std::find_if(turns.begin(), turns.end(), [this](const std::string& owner) {
    const auto busy = busy_.find(owner);
    return busy == busy_.end() || busy->second < most_of_one_owner_;
  });
}

bool FairPool::take(Standing standing, Taken& out) {
  const auto turn = next_turn(standing);
  Queue& queue = queue_of(standing);
  if (turn == queue.turns.end()) return false;
  out.owner = std::move(*turn);
  queue.turns.erase(turn);
  const auto own = queue.waiting.find(out.owner);
  out.work = std::move(own->second.front());
  own->second.pop_front();
  if (own->second.empty()) {
    queue.waiting.erase(own);
  } else {
    queue.turns.push_back(out.owner);
  }
  ++running_;
  if (standing == Standing::kGood) ++busy_[out.owner];
  return true;
}

void FairPool::give_back(Standing standing, const Taken& taken) {
  if (standing == Standing::kGood && --busy_[taken.owner] == 0) busy_.erase(taken.owner);
  --running_;
}

bool FairPool::is_empty() const {
  return std::ranges::all_of(queues_, [](const Queue& queue) { return queue.turns.empty(); });
}

void FairPool::run(Standing standing) {
  if (standing != Standing::kGood) process::yield_to_others();
  const Turn kind{standing == Standing::kLong || !two_kinds_};
  std::unique_lock lock(mutex_);
  for (;;) {
    // What is being worked on may turn out to be long.
    changed_.wait(lock,
                  [&] { return has_turn(standing) || (ending_ && running_ == 0 && is_empty()); });
    Taken taken;
    if (!take(standing, taken)) return;
    lock.unlock();
    const auto begin = process::thread_cpu_time();
    const Outcome outcome = taken.work(kind);
    const bool was_long = outcome != Outcome::kDone || process::thread_cpu_time() - begin >= kLong;
    if (outcome != Outcome::kLater) taken.work = nullptr;  // what it holds goes outside the lock
    lock.lock();
    give_back(standing, taken);
    if (two_kinds_ && was_long) remember_long(taken.owner);
    if (outcome == Outcome::kLater)
      queue_of(Standing::kLong).add(taken.owner, std::move(taken.work));
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
