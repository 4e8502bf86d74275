#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "indexer/collections/store.h"
#include "tests/simulation/faulty_log.h"

/// People who keep stories and speak of sources while everything dies around them.
namespace vigie::simulation {

/// What a person was answered, written down outside of every process.
struct Ledger {
  struct Person {
    std::string name;                  // of the collection
    std::string collection;            // its id, once it was told
    std::set<std::string> tried;       // articles that were to be added
    std::set<std::string> added;       // those of which that was answered
    std::string token;                 // of the last link that was told
    std::set<std::string> old_tokens;  // of links that a later one took the place of
  };
  std::vector<Person> people;
  /// Source id → the greatest revision that was answered.
  std::map<std::string, std::uint64_t> sources;
  std::uint64_t answered = 0;  // changes
};

/// What was answered and cannot be found. `kept`: the collections as a process reads them; null
/// while none does.
std::vector<std::string> missing_of(const Ledger& ledger, const Brokers& brokers,
                                    const indexer::collections::CollectionStore* kept);
/// What is there twice, or though nobody asked for it, or though it was taken back.
std::vector<std::string> wrong_of(const Ledger& ledger,
                                  const indexer::collections::CollectionStore& kept);

}  // namespace vigie::simulation
