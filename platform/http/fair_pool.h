#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace vigie::http {

/// Threads that take work of its owners in turns, so that one owner with much work does not make
/// the others wait for all of it. Thread-safe.
class FairPool {
 public:
  explicit FairPool(int threads);
  ~FairPool() { join(); }
  FairPool(const FairPool&) = delete;
  FairPool& operator=(const FairPool&) = delete;

  using Work = std::function<void()>;
  /// Of one owner work is begun in the order in which it was given.
  void post(const std::string& owner, Work work);
  /// Does what was given so far, then ends the threads. Nothing may be posted after that.
  void join();

 private:
  void run();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, std::deque<Work>> waiting_;  // never empty lists
  std::deque<std::string> turns_;                    // the owners in `waiting_`, whose turn is next
  bool ending_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace vigie::http
