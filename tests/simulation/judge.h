#pragma once

#include <set>
#include <string>
#include <vector>

#include "tests/simulation/plant.h"

namespace vigie::simulation {

/// Judges from outside: what the web published and received, and what the brokers hold, against
/// what the indexes answer.
class Judge {
 public:
  Judge(const Brokers& brokers, const FakeWeb& web, const Plant& plant,
        std::vector<Subscribed> subscribed)
      : brokers_(brokers), web_(web), plant_(plant), subscribed_(std::move(subscribed)) {}

  /// What is still missing; empty: everything has arrived.
  std::vector<std::string> missing() const;
  /// What must never be, whenever it is looked at.
  std::vector<std::string> wrong() const;

  /// Prints what the log holds, for the reader of a failing seed.
  void tell() const;

  struct Figures {
    std::uint64_t articles = 0;
    std::uint64_t alerts = 0;
    std::uint64_t repeats = 0;
    std::uint64_t pages = 0;
    std::uint64_t requests = 0;
  };
  Figures figures() const;

 private:
  void judge_index(std::vector<std::string>& missing, std::vector<std::string>& wrong) const;
  void judge_alerts(std::vector<std::string>& missing, std::vector<std::string>& wrong) const;
  void judge_urls(std::vector<std::string>& missing) const;
  void judge_stories(std::vector<std::string>& wrong) const;

  const Brokers& brokers_;
  const FakeWeb& web_;
  const Plant& plant_;
  std::vector<Subscribed> subscribed_;
};

}  // namespace vigie::simulation
