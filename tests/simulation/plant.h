#pragma once

#include <memory>
#include <string>
#include <vector>

#include "indexer/search/index.h"
#include "indexer/subscriptions/store.h"
#include "platform/config/settings.h"
#include "tests/simulation/fake_web.h"
#include "tests/simulation/faulty_log.h"
#include "tests/simulation/memory_disk.h"
#include "tests/simulation/people.h"
#include "tests/simulation/world.h"

namespace vigie::simulation {

/// What is the same for every seed: settings of the programs, read once.
class Plans {
 public:
  /// `scratch`: a folder for what the roles keep in plain files (robots.txt, the source file).
  explicit Plans(std::string scratch);
  const config::Settings& crawler(std::size_t number) const { return crawlers_[number]; }
  const config::Settings& extractor() const { return extractor_; }
  const std::string& scratch() const { return scratch_; }
  void write_sources(const std::string& yaml) const;
  static constexpr std::size_t kCrawlers = 2;
  static constexpr std::size_t kExtractors = 2;
  static constexpr std::size_t kIndexers = 2;

  /// Where the machines of one run keep files: real ones, beside what MemoryDisk holds.
  std::string disks() const { return scratch_ + "/disks"; }

 private:
  std::string scratch_;
  std::vector<config::Settings> crawlers_;
  config::Settings extractor_;
};

/// The processes of the pipeline, with the roles as they are in the tree, and the faults that
/// strike them.
class Plant {
 public:
  Plant(World& world, const Plans& plans, Brokers& brokers, FakeWeb& web, MemoryDisk& disk);
  ~Plant();

  void start();
  /// Plans deaths, pauses, outages and failing disks between now and `until`.
  void plan_faults(milliseconds until);
  /// No more faults; whoever is paused goes on, whoever is dead is started.
  void heal();

  /// The indexes of the living indexers.
  std::vector<const indexer::search::Index*> indexes() const;
  std::int64_t wall() const { return world_.wall(); }
  /// The pages of the living indexers, and whom they tell.
  std::vector<const Desk*> desks() const;
  std::vector<const indexer::subscriptions::SubscriptionStore*> subscriptions() const;
  std::uint64_t kills() const { return kills_; }
  std::uint64_t pauses() const { return pauses_; }
  std::uint64_t unasked() const { return unasked_.size(); }
  /// Roles that ended by themselves for a reason that no fault explains.
  const std::vector<std::string>& complaints() const { return unasked_; }
  /// What people were answered.
  const Ledger& ledger() const { return people_.ledger(); }

 private:
  struct CrawlerBox;
  struct ExtractorBox;
  struct IndexerBox;
  void add_crawler(std::size_t number);
  void add_extractor(std::size_t number);
  void add_indexer(std::size_t number);
  Result<void> make_indexer(Process& process, IndexerBox& box);
  void make_watcher(IndexerBox& box);
  Result<void> open_desk(Process& process, IndexerBox& box);
  void spawn_roles(Process& process, IndexerBox& box, std::size_t number);
  Result<void> serve_people(Process& process, IndexerBox& box, std::size_t number);
  void lose_what_a_machine_loses(const Process& process);
  std::string disk_of(const Process& process) const { return plans_.disks() + "/" + process.name; }
  void run_role(Process& process, const std::string& name,
                const std::function<Result<void>()>& run);
  void start_later(Process& process);
  void strike(Process& process);

  World& world_;
  const Plans& plans_;
  Brokers& brokers_;
  FakeWeb& web_;
  MemoryDisk& disk_;
  WorldClock clock_;
  WorldRandom random_;
  bool healed_ = false;
  std::uint64_t kills_ = 0;
  std::uint64_t pauses_ = 0;
  std::vector<std::string> unasked_;
  FastClock session_clock_;
  People people_;
  std::vector<std::shared_ptr<IndexerBox>> indexers_;
};

/// Puts the subscriptions of a run into the log, as if they had always been there.
struct Subscribed {
  std::string id;
  std::string path;  // of its webhook
};
struct Rhythm {
  milliseconds snooze{0};  // for so long everything is held, and then told in one digest
  std::string every = "instant";
  std::string quiet = {};
};
Subscribed subscribe(World& world, Brokers& brokers, const std::string& name,
                     const std::string& query, const Rhythm& rhythm = {});

}  // namespace vigie::simulation
