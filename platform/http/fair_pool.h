#pragma once

#include <array>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "platform/clock/machine_time.h"

namespace vigie::http {

/// Threads that take work of its owners in turns, so that one owner with much work does not make
/// the others wait for all of it. Prompt threads are for work that is short; one owner has at most
/// half of them. Patient threads yield the processor to everything else of this machine; they take
/// what turned out to be long, and all that its owner gives in the next few seconds. For a minute
/// after that the owner is a suspect: all suspects share a few threads of their own, which take
/// short work only, and yield as well. Thread-safe.
class FairPool {
 public:
  /// How long it is remembered that an owner's work was long.
  struct Memory {
    std::chrono::milliseconds patient{3'000};   // its work goes to patient threads
    std::chrono::milliseconds suspect{60'000};  // after that; see above
  };
  /// `patient`: 0 where no work is long. Else there are a quarter as many threads for suspects as
  /// prompt ones, and one at least. `prompt`: 0 where all work is long, whoever gives it.
  explicit FairPool(int prompt, int patient, Memory memory);
  explicit FairPool(int prompt, int patient = 0) : FairPool(prompt, patient, Memory()) {}
  ~FairPool() { join(); }
  FairPool(const FairPool&) = delete;
  FairPool& operator=(const FairPool&) = delete;

  /// On which kind of thread work is called. True also where there is but one kind.
  struct Turn {
    bool is_patient = true;
  };
  enum class Outcome {
    kDone,
    kLong,   // done; it was long, however little of the processor it used
    kLater,  // not for a prompt thread: to be called again by a patient one
  };
  using Work = std::function<Outcome(Turn)>;
  /// `is_long`: it is known beforehand that this work is for a patient thread.
  void post(const std::string& owner, Work work, bool is_long = false);
  /// Does what was given so far, then ends the threads. Nothing may be posted after that.
  void join();

  /// Processor time from which on work is long.
  static constexpr std::chrono::milliseconds kLong{50};

 private:
  struct Queue {
    std::map<std::string, std::deque<Work>> waiting;  // never empty lists
    std::deque<std::string> turns;                    // the owners in it, whose turn is next
    void add(const std::string& owner, Work work);
  };
  struct Known {
    MachineTime patient_until;
    MachineTime suspect_until;
  };
  /// Of an owner, and of the threads for owners of that standing.
  enum class Standing : std::size_t { kGood, kSuspect, kLong };
  static constexpr std::size_t kStandings = 3;
  struct Taken {
    std::string owner;
    Work work;
  };
  void run(Standing standing);
  Queue& queue_of(Standing standing) { return queues_[static_cast<std::size_t>(standing)]; }
  std::deque<std::string>::iterator next_turn(Standing standing);
  bool has_turn(Standing standing) { return next_turn(standing) != queue_of(standing).turns.end(); }
  bool take(Standing standing, Taken& out);
  void give_back(Standing standing, const Taken& taken);
  bool is_empty() const;
  void remember_long(const std::string& owner);
  Standing standing_of(const std::string& owner);

  const std::size_t most_of_one_owner_;
  const bool all_is_long_;
  const bool two_kinds_;
  const Memory memory_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::array<Queue, kStandings> queues_;
  std::map<std::string, std::size_t> busy_;  // prompt threads by owner
  std::map<std::string, Known> known_;       // by owner
  std::size_t running_ = 0;
  bool ending_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace vigie::http
