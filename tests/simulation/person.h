#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "indexer/saved/store.h"
#include "tests/simulation/faulty_log.h"
#include "tests/simulation/world.h"

namespace vigie::simulation {

/// What a person was answered, by whatever process: it is in force for ever after.
struct Answered {
  std::set<std::string> saved;                // ids of searches
  std::map<std::string, std::int64_t> until;  // by search id: the latest mark
  std::set<std::string> seen;                 // ids of articles
  std::set<std::string> deleted;              // ids of searches
  std::set<std::string> maybe_deleted;        // whose deletion was asked for, answered or not
  std::size_t tried = 0;                      // names that were given, each once
};

/// Somebody who is signed in at two indexers at once.
class Person {
 public:
  Person(World& world, Answered& answered) : world_(world), answered_(answered) {}
  /// At the pages of one indexer, until `stops`: saves, renames and deletes searches, opens
  /// articles, marks all as seen. On a fiber.
  void use(indexer::saved::SavedStore& store, const std::function<bool()>& stops);

  static constexpr const char* kName = "ana";

 private:
  void act(indexer::saved::SavedStore& store);
  void mark(indexer::saved::SavedStore& store, const std::string& search);
  World& world_;
  Answered& answered_;
};

/// What of it a store does not have.
void judge_store(const indexer::saved::SavedStore& store, const Answered& answered,
                 std::vector<std::string>& missing);
/// Names that are in the log twice, or more searches than were made.
void judge_searches(const Brokers& brokers, const Answered& answered,
                    std::vector<std::string>& wrong);

}  // namespace vigie::simulation
