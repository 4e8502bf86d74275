#pragma once

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
/// what turned out to be long, and all that its owner gives in the next few seconds. Thread-safe.
class FairPool {
 public:
  /// `patient`: 0 where no work is long.
  explicit FairPool(int prompt, int patient = 0);
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
  void post(const std::string& owner, Work work);
  /// Does what was given so far, then ends the threads. Nothing may be posted after that.
  void join();

  /// Processor time from which on work is long.
  static constexpr std::chrono::milliseconds kLong{50};
  /// How long an owner's work goes to patient threads after it was long.
  static constexpr std::chrono::milliseconds kMemory{3'000};

 private:
  struct Queue {
    std::map<std::string, std::deque<Work>> waiting;  // never empty lists
    std::deque<std::string> turns;                    // the owners in it, whose turn is next
    void add(const std::string& owner, Work work);
  };
  void run(bool patient);
  bool take(bool patient, std::string& owner, Work& work);
  bool has_work(bool patient);
  std::deque<std::string>::iterator next_turn(bool patient);
  void remember_long(const std::string& owner);
  bool is_long(const std::string& owner);

  const std::size_t most_of_one_owner_;
  const bool two_kinds_;
  std::mutex mutex_;
  std::condition_variable changed_;
  Queue prompt_;
  Queue patient_;
  std::map<std::string, std::size_t> busy_;        // prompt threads by owner
  std::map<std::string, MachineTime> long_until_;  // by owner
  std::size_t running_ = 0;
  bool ending_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace vigie::http
