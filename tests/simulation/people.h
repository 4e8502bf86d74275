#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "indexer/collections/store.h"
#include "indexer/saved/store.h"
#include "indexer/sources/store.h"
#include "tests/simulation/credentials.h"
#include "tests/simulation/faulty_log.h"

/// People at the pages of every indexer, who keep stories, save searches, speak of sources, make
/// keys and sign in while everything dies around them.
namespace vigie::simulation {

/// The stores behind the pages of one indexer.
struct Desk {
  std::unique_ptr<indexer::collections::CollectionStore> collections;
  std::unique_ptr<indexer::sources::SourceStore> sources;
  std::unique_ptr<indexer::saved::SavedStore> saved;
  Credentials credentials;
};

/// What people were answered, by whatever process, written down outside of all: it is in force for
/// ever after.
struct Ledger {
  struct Collector {
    std::string name;                  // of the collection
    std::string collection;            // its id, once it was told
    std::set<std::string> tried;       // articles that were to be added
    std::set<std::string> added;       // those of which that was answered
    std::string token;                 // of the last link that was told
    std::set<std::string> old_tokens;  // of links that a later one took the place of
  };
  std::vector<Collector> collectors;
  /// Source id → the greatest revision that was answered.
  std::map<std::string, std::uint64_t> sources;
  struct Searches {
    std::set<std::string> saved;                // ids
    std::map<std::string, std::int64_t> until;  // by id: the latest mark
    std::set<std::string> seen;                 // ids of articles
    std::set<std::string> deleted;              // ids
    std::set<std::string> maybe_deleted;        // whose deletion was asked for, answered or not
    std::size_t tried = 0;                      // names that were given, each once
  };
  Searches searches;
  CredentialsLedger credentials;
  std::uint64_t answered = 0;  // changes
};

class People {
 public:
  /// `desks`: how many indexers there are; each has somebody who collects there alone.
  People(World& world, const Brokers& brokers, std::size_t desks);
  /// One change or look by one of them at the pages of a process, the indexer of that number. On a
  /// fiber of it. An error is no response, and a process that dies meanwhile gives none.
  void act(Desk& desk, const Process& process, std::size_t number);

  const Ledger& ledger() const { return ledger_; }

 private:
  void collect(Desk& desk, Ledger::Collector& me);
  void make(Desk& desk, Ledger::Collector& me);
  void add(Desk& desk, Ledger::Collector& me);
  void share(Desk& desk, Ledger::Collector& me);
  void speak_of_a_source(Desk& desk);
  void search(Desk& desk);
  void mark(Desk& desk, const std::string& search);
  /// Whether a call succeeded, and its response came; counts the change.
  template <class Outcome>
  bool answered(const Outcome& outcome) {
    if (!outcome || world_.unwinding()) return false;
    ++ledger_.answered;
    return true;
  }

  World& world_;
  Ledger ledger_;
  CredentialClerk credentials_;
};

/// What was answered and cannot be found at one indexer.
void judge_desk(const Desk& desk, const Ledger& ledger, std::vector<std::string>& missing);
/// What was answered and is not in the log.
void judge_people(const Brokers& brokers, const Ledger& ledger, std::vector<std::string>& missing);
/// What is there twice, or though nobody asked for it, or though it was taken back.
void judge_doubles(const Desk& desk, const Ledger& ledger, std::vector<std::string>& wrong);
void judge_doubles(const Brokers& brokers, const Ledger& ledger, std::vector<std::string>& wrong);

}  // namespace vigie::simulation
