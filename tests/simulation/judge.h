#pragma once

#include <set>
#include <string>
#include <vector>

#include "platform/json/json.h"
#include "tests/simulation/plant.h"

namespace vigie::simulation {

/// Judges from outside: what the web published and received, and what the brokers hold, against
/// what the indexes answer.
class Judge {
 public:
  struct Subscriptions {
    std::vector<Subscribed> all;  // to which every story is told
    Subscribed system;
    Subscribed slots;  // told by the clock: what came before midnight then, and nothing else
    Subscribed gone;   // whose receiver goes for good (FakeWeb::kGonePath)
    Subscribed down;   // whose receiver takes nothing (FakeWeb::kDownPath)
  };
  Judge(const Brokers& brokers, const FakeWeb& web, const Plant& plant, Subscriptions subscribed)
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
    std::uint64_t repeats = 0;   // but to receivers that take nothing
    std::uint64_t untaken = 0;   // messages that those did not take
    std::uint64_t needless = 0;  // of them: the log knew already that it was delivered
    std::uint64_t pages = 0;
    std::uint64_t requests = 0;
    std::uint64_t conditions = 0;  // beginnings and ends that were told
    std::uint64_t kept = 0;        // changes of people that were answered
    std::uint64_t shown = 0;       // keys and sessions that were shown
    std::uint64_t slots = 0;       // records of slots that were closed
  };
  Figures figures() const;

 private:
  void judge_index(std::vector<std::string>& missing, std::vector<std::string>& wrong) const;
  void judge_alerts(std::vector<std::string>& missing, std::vector<std::string>& wrong) const;
  void judge_conditions(std::vector<std::string>& missing, std::vector<std::string>& wrong) const;
  void judge_slots(std::vector<std::string>& missing, std::vector<std::string>& wrong) const;
  std::uint64_t needless() const;
  void judge_gone(std::vector<std::string>& missing) const;
  void judge_down(std::vector<std::string>& missing, std::vector<std::string>& wrong) const;
  void judge_desks(std::vector<std::string>& missing) const;
  void judge_urls(std::vector<std::string>& missing) const;
  void judge_stories(std::vector<std::string>& wrong) const;

  const Brokers& brokers_;
  const FakeWeb& web_;
  const Plant& plant_;
  Subscriptions subscribed_;
};

std::string id_of(const Article& article);
/// Ids of the articles that a webhook tells: of an alert, or of all entries of a digest.
std::vector<std::string> articles_of(const Json& data);

}  // namespace vigie::simulation
