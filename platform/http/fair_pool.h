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
/// what turned out to be long, and all that its owner gives in the next few seconds. For a minute
/// after that the owner is a suspect: others go before it, and suspects together have at most a
/// quarter of the prompt threads, but always one. Thread-safe.
class FairPool {
 public:
  /// How long it is remembered that an owner's work was long.
  struct Memory {
    std::chrono::milliseconds patient{3'000};   // its work goes to patient threads
    std::chrono::milliseconds suspect{60'000};  // after that; see above
  };
  /// `patient`: 0 where no work is long.
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
  void post(const std::string& owner, Work work);
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
  enum class Standing { kGood, kSuspect, kLong };
  struct Taken {
    std::string owner;
    Work work;
    bool suspect = false;
  };
  void run(bool patient);
  Queue* next_queue(bool patient);
  std::deque<std::string>::iterator next_turn(Queue& queue) const;
  bool take(bool patient, Taken& out);
  void give_back(bool patient, const Taken& taken);
  bool is_empty() const;
  void remember_long(const std::string& owner);
  Standing standing_of(const std::string& owner);

  const std::size_t most_of_one_owner_;
  const std::size_t most_of_suspects_;
  const bool two_kinds_;
  const Memory memory_;
  std::mutex mutex_;
  std::condition_variable changed_;
  Queue prompt_;
  Queue suspect_;  // for prompt threads too
  Queue patient_;
  std::map<std::string, std::size_t> busy_;  // prompt threads by owner
  std::size_t busy_of_suspects_ = 0;
  std::map<std::string, Known> known_;  // by owner
  std::size_t running_ = 0;
  bool ending_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace vigie::http
