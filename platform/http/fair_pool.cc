#include "platform/http/fair_pool.h"

#include <algorithm>
#include <utility>

#include "platform/process/thread.h"

namespace vigie::http {
FairPool::FairPool(int prompt, int patient, Memory memory)
    : most_of_one_owner_(static_cast<std::size_t>(std::max(1, patient > 0 ? prompt / 2 : prompt))),
      most_of_suspects_(static_cast<std::size_t>(std::max(1, prompt / 4))),
      two_kinds_(patient > 0),
      memory_(memory) {
  for (int i = 0; i < std::max(1, prompt); ++i) threads_.emplace_back([this] { run(false); });
  for (int i = 0; i < patient; ++i) threads_.emplace_back([this] { run(true); });
}

void FairPool::Queue::add(const std::string& owner, Work work) {
  std::deque<Work>& own = waiting[owner];
  if (own.empty()) turns.push_back(owner);
  own.push_back(std::move(work));
}

FairPool::Standing FairPool::standing_of(const std::string& owner) {
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

void FairPool::post(const std::string& owner, Work work) {
  {
    const std::lock_guard lock(mutex_);
    switch (standing_of(owner)) {
      case Standing::kGood: prompt_.add(owner, std::move(work)); break;
      case Standing::kSuspect: suspect_.add(owner, std::move(work)); break;
      case Standing::kLong: patient_.add(owner, std::move(work)); break;
    }
  }
  changed_.notify_all();  // the one that is woken may be of the other kind
}

/// Whose turn it is: an owner that has as many prompt threads as it may is passed over.
std::deque<std::string>::iterator FairPool::next_turn(Queue& queue) const {
  if (&queue == &patient_) return queue.turns.begin();
  return std::find_if(queue.turns.begin(), queue.turns.end(), [this](const std::string& owner) {
    const auto busy = busy_.find(owner);
    return busy == busy_.end() || busy->second < most_of_one_owner_;
  });
}

/// Whence a thread of this kind takes its next work; nullptr: there is none for it.
FairPool::Queue* FairPool::next_queue(bool patient) {
  const auto has_turn = [this](Queue& queue) { return next_turn(queue) != queue.turns.end(); };
  if (patient) return has_turn(patient_) ? &patient_ : nullptr;
  const bool suspect = busy_of_suspects_ < most_of_suspects_ && has_turn(suspect_);
  if (suspect && busy_of_suspects_ == 0) return &suspect_;  // none waits for ever
  if (has_turn(prompt_)) return &prompt_;
  return suspect ? &suspect_ : nullptr;
}

bool FairPool::take(bool patient, Taken& out) {
  Queue* const queue = next_queue(patient);
  if (queue == nullptr) return false;
  const auto turn = next_turn(*queue);
  out.owner = std::move(*turn);
  out.suspect = queue == &suspect_;
  queue->turns.erase(turn);
  const auto own = queue->waiting.find(out.owner);
  out.work = std::move(own->second.front());
  own->second.pop_front();
  if (own->second.empty()) {
    queue->waiting.erase(own);
  } else {
    queue->turns.push_back(out.owner);
  }
  ++running_;
  if (out.suspect) ++busy_of_suspects_;
  if (!patient) ++busy_[out.owner];
  return true;
}

void FairPool::give_back(bool patient, const Taken& taken) {
  if (!patient && --busy_[taken.owner] == 0) busy_.erase(taken.owner);
  if (taken.suspect) --busy_of_suspects_;
  --running_;
}

bool FairPool::is_empty() const {
  return prompt_.turns.empty() && suspect_.turns.empty() && patient_.turns.empty();
}

void FairPool::run(bool patient) {
  if (patient) process::yield_to_others();
  const Turn kind{patient || !two_kinds_};
  std::unique_lock lock(mutex_);
  for (;;) {
    // What is being worked on may turn out to be long.
    changed_.wait(lock, [&] {
      return next_queue(patient) != nullptr || (ending_ && running_ == 0 && is_empty());
    });
    Taken taken;
    if (!take(patient, taken)) return;
    lock.unlock();
    const auto begin = process::thread_cpu_time();
    const Outcome outcome = taken.work(kind);
    const bool was_long = outcome != Outcome::kDone || process::thread_cpu_time() - begin >= kLong;
    if (outcome != Outcome::kLater) taken.work = nullptr;  // what it holds goes outside the lock
    lock.lock();
    give_back(patient, taken);
    if (two_kinds_ && was_long) remember_long(taken.owner);
    if (outcome == Outcome::kLater) patient_.add(taken.owner, std::move(taken.work));
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
