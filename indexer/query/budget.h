#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <stop_token>

#include "platform/clock/clock.h"
#include "platform/result/result.h"

namespace vigie::indexer::query {

struct Query;

/// Clauses that no list of words answers: phrases, NEAR, =Word, words of several forms. Each may
/// cost as much as a look at every word of an article.
std::size_t costly_clauses(const Query& query);

/// Lets only so many expensive questions work at once, so that cheap ones find a free processor.
/// Thread-safe.
class Gate {
 public:
  /// `slots` work, `waiters` more may wait for a slot.
  Gate(int slots, int waiters) : free_(slots), may_wait_(waiters) {}
  enum class Entry { kEntered, kFull, kTooLate };
  /// Waits until a slot is free or `most` has gone (kTooLate); kFull at once where as many wait as
  /// may.
  Entry enter(std::chrono::milliseconds most, const std::stop_token& gone);
  void leave();

 private:
  std::mutex mutex_;
  std::condition_variable_any freed_;
  int free_;
  int may_wait_;
};

/// How long a question may work, whether anybody still waits for its response, and what it must do
/// before it takes much of the processor. Belongs to one question and one thread.
class Budget {
 public:
  struct Limits {
    std::chrono::milliseconds deadline{2'000};  // from its making
    /// Processor time without a slot of the gate, for what takes more than was expected of it.
    std::chrono::milliseconds free{50};
    /// Postings that may be announced without a slot, and at all.
    std::uint64_t free_postings = 150'000;
    std::uint64_t most_postings = 500'000'000;
    /// False: what would need a slot of the gate fails with takes_long instead.
    bool may_take_long = true;
  };
  /// The clock and the gate must outlive it. `gone` is stopped once nobody waits for the response.
  Budget(Clock& clock, Gate& gate, const Limits& limits, std::stop_token gone);
  ~Budget();
  Budget(const Budget&) = delete;
  Budget& operator=(const Budget&) = delete;

  /// Called once a block of work, a millisecond or so.
  /// Errors: too_expensive (kQuarantine) at the deadline; busy (kRetry) where the gate is full, or
  /// nobody waits for the response; takes_long (kRetry), see Limits.
  Result<void> check() const;
  /// Called before work of about so many postings. Errors: as check().
  Result<void> expect(std::uint64_t postings) const;
  /// What is left of the deadline.
  std::chrono::milliseconds left() const;

 private:
  Result<void> enter_gate() const;

  Clock& clock_;
  Gate& gate_;
  const Limits limits_;
  const std::stop_token gone_;
  const std::chrono::milliseconds begin_;
  const std::chrono::nanoseconds cpu_begin_;
  mutable std::uint64_t expected_ = 0;
  mutable bool entered_ = false;
};

}  // namespace vigie::indexer::query
