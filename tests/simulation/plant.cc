#include "tests/simulation/plant.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "crawler/service/crawler.h"
#include "extractor/service/extractor_service.h"
#include "indexer/alerting/alerter.h"
#include "indexer/conditions/kinds.h"
#include "indexer/conditions/watcher.h"
#include "indexer/delivery/delivery.h"
#include "indexer/matching/matcher.h"
#include "indexer/service/shard_writer.h"
#include "indexer/stories/clusterer.h"
#include "indexer/subscriptions/store.h"
#include "platform/metrics/metrics.h"
#include "proto/identity.h"

namespace vigie::simulation {
namespace {

// between two changes of people at one indexer
constexpr milliseconds kLeastPause{200};
constexpr milliseconds kMostPause{1'500};
// of retries: longer than faults strike, so that only a receiver that takes nothing is given up
constexpr milliseconds kGiveUp{100'000};

config::Settings settings_of(config::Program program, std::vector<std::string> sets) {
  auto settings = config::load(program, {"", std::move(sets), {}});
  VIGIE_INVARIANT(settings.has_value());
  return *settings;
}

}  // namespace

Plans::Plans(std::string scratch) : scratch_(std::move(scratch)) {
  for (std::size_t i = 0; i < kCrawlers; ++i) {
    const std::string name = "crawler-" + std::to_string(i);
    crawlers_.push_back(settings_of(
        config::Program::kCrawler,
        {"data_dir=" + scratch_ + "/" + name, "sources.files=[" + scratch_ + "/sources.yaml]",
         "fetch.min_gap_ms=500", "fetch.ip_gap_ms=100", "fetch.feed_floor_s=2",
         "crawl.revisits_s=[20, 60, 120, 240, 600, 3600, 21600, 86400]", "crawl.retry_base_s=2",
         "crawl.retry_ceiling_s=20", "fetch.user_agent_contact=https://example.org/bot",
         "log.instance=" + name}));
  }
  extractor_ = settings_of(config::Program::kExtractor, {"data_dir=" + scratch_, "extract.jobs=1"});
}

void Plans::write_sources(const std::string& yaml) const {
  std::error_code ignored;
  for (std::size_t i = 0; i < kCrawlers; ++i)
    std::filesystem::remove_all(scratch_ + "/crawler-" + std::to_string(i), ignored);
  std::ofstream(scratch_ + "/sources.yaml") << yaml;
}

struct Plant::CrawlerBox {
  std::unique_ptr<metrics::Registry> metrics = metrics::make_registry();
  std::unique_ptr<log::Log> log;
  std::unique_ptr<net::HttpClient> web;
  std::unique_ptr<crawler::politeness::Resolver> resolver;
  std::unique_ptr<crawler::service::Crawler> crawler;
};

struct Plant::ExtractorBox {
  std::unique_ptr<metrics::Registry> metrics = metrics::make_registry();
  std::unique_ptr<log::Log> log;
  std::unique_ptr<extractor::service::ExtractorService> service;
};

struct Plant::IndexerBox {
  struct Objects {
    explicit Objects(Clock& clock) : index(clock) {}
    std::unique_ptr<metrics::Registry> metrics = metrics::make_registry();
    std::unique_ptr<log::Log> log;
    std::unique_ptr<net::HttpClient> web;
    indexer::search::Index index;
    indexer::matching::Matcher matcher;
    std::unique_ptr<indexer::subscriptions::SubscriptionStore> store;
    Desk desk;
    std::unique_ptr<indexer::service::ShardWriter> writer;
    std::unique_ptr<indexer::stories::Clusterer> clusterer;
    std::unique_ptr<indexer::delivery::Sender> sender;
    std::unique_ptr<indexer::alerting::Alerter> alerter;
    std::unique_ptr<indexer::conditions::Watcher> watcher;
  };
  std::unique_ptr<Objects> objects;
};

Plant::Plant(World& world, const Plans& plans, Brokers& brokers, FakeWeb& web, MemoryDisk& disk)
    : world_(world),
      plans_(plans),
      brokers_(brokers),
      web_(web),
      disk_(disk),
      clock_(world),
      random_(world),
      session_clock_(world),
      people_(world, brokers, Plans::kIndexers) {
  std::filesystem::remove_all(plans.disks());
  for (std::size_t i = 0; i < Plans::kCrawlers; ++i) add_crawler(i);
  for (std::size_t i = 0; i < Plans::kExtractors; ++i) add_extractor(i);
  for (std::size_t i = 0; i < Plans::kIndexers; ++i) add_indexer(i);
}

Plant::~Plant() {
  for (Process& process : world_.processes()) world_.kill(process);
}

/// A role's end is its process's end, as in platform/service. What a fault explains is no
/// complaint.
void Plant::run_role(Process& process, const std::string& name,
                     const std::function<Result<void>()>& run) {
  const Result<void> outcome = run();
  if (world_.unwinding()) return;
  process.ended = name + ": " + (outcome ? "no error" : outcome.error().to_string());
  const bool explained = !outcome && outcome.error().detail.rfind("simulated", 0) == 0;
  if (!explained) unasked_.push_back(process.name + " ended by itself: " + process.ended);
}

void Plant::add_crawler(std::size_t number) {
  Process& process = world_.add("crawler-" + std::to_string(number));
  auto box = std::make_shared<std::unique_ptr<CrawlerBox>>();
  process.boot = [this, number, box](Process& self) {
    *box = std::make_unique<CrawlerBox>();
    CrawlerBox& mine = **box;
    mine.log = make_client(world_, brokers_, self, self.name);
    mine.web = web_.client(self);
    mine.resolver = web_.resolver(self);
    run_role(self, "crawler", [&]() -> Result<void> {
      VIGIE_ASSIGN(mine.crawler, crawler::service::Crawler::make(
                                     plans_.crawler(number),
                                     {*mine.log, *mine.web, clock_, random_, *mine.metrics,
                                      self.name, mine.resolver.get(), disk_.opener()}));
      return mine.crawler->run({});
    });
  };
  process.fell = [this](Process& self) {
    web_.hang_up(self);
    start_later(self);
  };
  process.bury = [box](Process&) { box->reset(); };
}

void Plant::add_extractor(std::size_t number) {
  Process& process = world_.add("extractor-" + std::to_string(number));
  auto box = std::make_shared<std::unique_ptr<ExtractorBox>>();
  process.boot = [this, box](Process& self) {
    *box = std::make_unique<ExtractorBox>();
    ExtractorBox& mine = **box;
    mine.log = make_client(world_, brokers_, self, self.name);
    run_role(self, "extractor", [&]() -> Result<void> {
      VIGIE_ASSIGN(mine.service,
                   extractor::service::ExtractorService::make(
                       plans_.extractor(), {*mine.log, clock_, *mine.metrics, self.name, {}},
                       extractor::service::Tagging{}));
      return mine.service->run({});
    });
  };
  process.fell = [this](Process& self) { start_later(self); };
  process.bury = [box](Process&) { box->reset(); };
}

void Plant::add_indexer(std::size_t number) {
  Process& process = world_.add("indexer-" + std::to_string(number));
  auto box = std::make_shared<IndexerBox>();
  indexers_.push_back(box);
  process.boot = [this, box, number](Process& self) {
    const Result<void> made = make_indexer(self, *box);
    if (made) spawn_roles(self, *box, number);
    else run_role(self, "start", [&] { return made; });
  };
  process.fell = [this](Process& self) { start_later(self); };
  process.bury = [this, box](Process& self) {
    box->objects.reset();
    if (!healed_) lose_what_a_machine_loses(self);
  };
}

Result<void> Plant::make_indexer(Process& process, IndexerBox& box) {
  box.objects = std::make_unique<IndexerBox::Objects>(clock_);
  IndexerBox::Objects& mine = *box.objects;
  mine.log = make_client(world_, brokers_, process, process.name);
  mine.web = web_.client(process);
  const std::string dir = disk_of(process);
  VIGIE_ASSIGN(mine.store,
               indexer::subscriptions::SubscriptionStore::open(*mine.log, clock_, random_));
  mine.store->subscribe([&mine](const v1::SubscriptionRecord& subscription) {
    if (indexer::conditions::asks_for_conditions(subscription.query())) return;
    static_cast<void>(mine.matcher.apply(subscription));
  });
  indexer::service::ShardWriter::Options writer;
  writer.dir = dir + "/shards";
  writer.instance = process.name;
  writer.alert_max_age_ms = 72LL * 3600 * 1000;
  writer.seal_documents = 6;              // so that heads are sealed and segments merged
  writer.maintain_in_background = false;  // by a thread that the world does not know
  writer.open_database = disk_.opener();
  mine.writer = std::make_unique<indexer::service::ShardWriter>(
      indexer::service::ShardWriter::Seams{*mine.log, mine.index, mine.matcher, clock_,
                                           *mine.metrics},
      writer);
  indexer::stories::ClustererOptions clusterer;
  clusterer.dir = dir + "/clusterer";
  clusterer.open_database = disk_.opener();
  VIGIE_ASSIGN(mine.clusterer,
               indexer::stories::Clusterer::open(*mine.log, clock_, *mine.metrics, clusterer));
  mine.sender = indexer::delivery::make_sender(*mine.web, clock_, *mine.metrics);
  indexer::alerting::AlerterOptions alerter;
  alerter.dir = dir + "/alerter";
  alerter.open_database = disk_.opener();
  alerter.give_up_ms = kGiveUp.count();
  VIGIE_ASSIGN(mine.alerter,
               indexer::alerting::Alerter::open(*mine.log, *mine.store, *mine.sender, clock_,
                                                random_, *mine.metrics, alerter));
  make_watcher(box);
  return open_desk(process, box);
}

Result<void> Plant::open_desk(Process& process, IndexerBox& box) {
  log::Log& log = *box.objects->log;
  Desk& desk = box.objects->desk;
  VIGIE_ASSIGN(desk.collections, indexer::collections::CollectionStore::open(log, clock_, random_));
  desk.sources = std::make_unique<indexer::sources::SourceStore>(log, clock_, random_);
  VIGIE_ASSIGN(desk.saved, indexer::saved::SavedStore::open(log, clock_, random_));
  Credentials& credentials = desk.credentials;
  VIGIE_ASSIGN(credentials.keys, indexer::keys::KeyStore::open(log, clock_, random_));
  VIGIE_ASSIGN(credentials.sessions, indexer::sessions::SessionStore::open(
                                         log, session_clock_, random_, {.own_disk = false}));
  credentials.auditor = std::make_unique<indexer::api::Auditor>(
      log, clock_, random_, *box.objects->metrics, process.name);
  return {};
}

/// People come between two looks at the sessions, whose store locks while it writes: of fibers of
/// one thread none may wait for another's lock.
Result<void> Plant::serve_people(Process& process, IndexerBox& box, std::size_t number) {
  Desk& desk = box.objects->desk;
  while (!healed_) {
    std::stop_source somebody_comes;
    world_.at(process, world_.now() + world_.between(kLeastPause, kMostPause),
              [somebody_comes]() mutable { somebody_comes.request_stop(); });
    VIGIE_TRY(desk.credentials.sessions->run(somebody_comes.get_token()));
    if (!healed_ && !world_.unwinding()) people_.act(desk, process, number);
  }
  return desk.credentials.sessions->run({});
}

/// What is wrong begins and ends within the minute in which faults strike.
void Plant::make_watcher(IndexerBox& box) {
  IndexerBox::Objects& mine = *box.objects;
  indexer::conditions::WatcherOptions options;
  options.idle_poll = milliseconds(1'000);
  options.look_every = milliseconds(1'000);
  options.limits.lag_records = 20;
  options.holds = {3'000, 1'500};
  mine.watcher = std::make_unique<indexer::conditions::Watcher>(
      *mine.log,
      indexer::conditions::Subscriptions{
          [&mine] { return mine.store->list(); },
          [&mine](const std::stop_token& stop) { return mine.store->catch_up(stop); }},
      clock_, *mine.metrics, options);
}

void Plant::spawn_roles(Process& process, IndexerBox& box, std::size_t number) {
  IndexerBox::Objects& mine = *box.objects;
  const auto spawn = [&](const std::string& role, std::function<Result<void>()> run) {
    world_.spawn(process, role,
                 [this, &process, role, run = std::move(run)] { run_role(process, role, run); });
  };
  spawn("shards", [&mine] { return mine.writer->run({}); });
  spawn("subscriptions", [&mine] { return mine.store->run({}); });
  spawn("searches", [&mine] { return mine.desk.saved->run({}); });
  spawn("collections", [&mine] { return mine.desk.collections->run({}); });
  spawn("keys", [&mine] { return mine.desk.credentials.keys->run({}); });
  spawn("people", [this, &process, &box, number] { return serve_people(process, box, number); });
  spawn("clusterer", [&mine] { return mine.clusterer->run({}); });
  spawn("alerter", [&mine] { return mine.alerter->run({}); });
  spawn("watcher", [&mine] { return mine.watcher->run({}); });
}

// A process that is killed leaves what it wrote with the kernel; a machine does not, and sometimes
// takes the disk with it.
void Plant::lose_what_a_machine_loses(const Process& process) {
  const std::string dir = disk_of(process);
  const std::uint64_t luck = world_.chance(6);
  if (luck == 0) {
    world_.note(process.name + " comes back with an empty disk");
    disk_.lose_all(dir);
    std::filesystem::remove_all(dir);
  } else if (luck < 4) {
    disk_.lose_unsynced(dir);
  }
}

void Plant::start() {
  for (Process& process : world_.processes()) world_.start(process);
}

void Plant::start_later(Process& process) {
  // Mostly within the session, so that nothing moves; sometimes long after it.
  const milliseconds away = healed_ || !world_.one_in(4)
                                ? world_.between(milliseconds(200), milliseconds(5'000))
                                : world_.between(milliseconds(15'000), milliseconds(40'000));
  world_.at(world_.now() + away, [this, &process] {
    if (!process.alive) world_.start(process);
  });
}

void Plant::strike(Process& process) {
  if (healed_ || !process.alive) return;
  if (world_.one_in(3)) {
    if (process.paused) return;
    ++pauses_;
    world_.pause(process);
    const milliseconds back =
        world_.now() + world_.between(milliseconds(500), milliseconds(45'000));
    world_.at(back, [this, &process, life = process.life] {
      if (process.life == life) world_.resume(process);
    });
    return;
  }
  ++kills_;
  if (process.paused) {
    world_.kill(process);
  } else {
    process.touches_left = 1 + world_.chance(60);
  }
}

void Plant::plan_faults(milliseconds until) {
  const std::uint64_t count = 3 + world_.chance(8);
  for (std::uint64_t i = 0; i < count; ++i) {
    Process& process = world_.processes()[world_.chance(world_.processes().size())];
    world_.at(world_.between(world_.now(), until), [this, &process] { strike(process); });
  }
  if (world_.one_in(2)) {
    world_.at(world_.between(world_.now(), until), [this] {
      world_.note("the brokers go away");
      brokers_.go_away(world_.now() + world_.between(milliseconds(500), milliseconds(15'000)));
    });
  }
  for (const proto::Topic topic :
       {proto::Topic::kFrontier, proto::Topic::kDeliveries, proto::Topic::kStories,
        proto::Topic::kSubscriptions, proto::Topic::kDigests, proto::Topic::kCollections,
        proto::Topic::kSourceEdits, proto::Topic::kSearches, proto::Topic::kKeys,
        proto::Topic::kSessions}) {
    world_.at(world_.between(world_.now(), until), [this, topic] { brokers_.compact(topic); });
  }
  brokers_.fail_one_in = world_.one_in(3) ? 400 : 0;
  disk_.fail_one_in = world_.one_in(3) ? 400 : 0;
}

void Plant::heal() {
  healed_ = true;
  world_.note("no more faults");
  brokers_.fail_one_in = disk_.fail_one_in = 0;
  web_.heal();
  for (Process& process : world_.processes()) {
    process.touches_left = 0;
    world_.resume(process);
    if (!process.alive) start_later(process);
  }
}

std::vector<const indexer::search::Index*> Plant::indexes() const {
  std::vector<const indexer::search::Index*> out;
  for (const auto& box : indexers_) {
    if (box->objects) out.push_back(&box->objects->index);
  }
  return out;
}

std::vector<const Desk*> Plant::desks() const {
  std::vector<const Desk*> out;
  for (const auto& box : indexers_) {
    if (box->objects && box->objects->desk.credentials.auditor) out.push_back(&box->objects->desk);
  }
  return out;
}

std::vector<const indexer::subscriptions::SubscriptionStore*> Plant::subscriptions() const {
  std::vector<const indexer::subscriptions::SubscriptionStore*> out;
  for (const auto& box : indexers_) {
    if (box->objects && box->objects->store) out.push_back(box->objects->store.get());
  }
  return out;
}

Subscribed subscribe(World& world, Brokers& brokers, const std::string& name,
                     const std::string& query, const Rhythm& rhythm) {
  WorldRandom random(world);
  v1::SubscriptionRecord record;
  record.set_id(proto::base32(proto::to_bytes(proto::digest128(name))));
  record.set_revision(1);
  record.set_name(name);
  record.set_query(query);
  record.set_rhythm(rhythm.every);
  record.set_quiet(rhythm.quiet);
  if (rhythm.snooze.count() > 0)
    record.set_snooze_until_unix_ms(world.wall() + rhythm.snooze.count());
  record.set_created_at_unix_ms(world.wall());
  record.set_updated_at_unix_ms(world.wall());
  v1::Channel& channel = *record.add_channels();
  channel.set_id("hook");
  channel.set_type("webhook");
  channel.set_url("http://receiver.example/" + name);
  channel.set_secret(indexer::delivery::make_secret(random));
  brokers.append({proto::Topic::kSubscriptions, record.id(), record.SerializeAsString()});
  return {record.id(), "/" + name};
}

}  // namespace vigie::simulation
