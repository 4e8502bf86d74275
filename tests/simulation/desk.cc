#include "tests/simulation/desk.h"

#include <algorithm>
#include <memory>
#include <optional>

#include "indexer/sources/store.h"
#include "proto/source_edit.pb.h"
#include "tests/simulation/plant.h"

namespace vigie::simulation {
namespace {

using indexer::collections::CollectionStore;
using indexer::collections::Record;

constexpr milliseconds kLeastPause{300};
constexpr milliseconds kMostPause{4'000};
constexpr std::uint64_t kArticles = 12;  // that a person adds
constexpr milliseconds kAWhile{60'000};

/// A person at one process of the desk; what was answered goes into the ledger at once.
class Clerk {
 public:
  Clerk(World& world, CollectionStore& kept, indexer::sources::SourceStore& sources, Ledger& ledger,
        std::size_t number)
      : world_(world), kept_(kept), sources_(sources), ledger_(ledger), number_(number) {}

  void act() {
    if (me().collection.empty()) return make();
    const std::uint64_t luck = world_.chance(4);
    if (luck == 0) return share();
    if (luck == 1) return speak_of_a_source();
    add();
  }

 private:
  Ledger::Person& me() { return ledger_.people[number_]; }

  /// One of that name may be there already: its response was lost.
  void make() {
    const auto made = kept_.create({me().name, {}, {}, {}}, {});
    if (made) me().collection = (*made)->id();
    for (const Record& one : kept_.list()) {
      if (one->name() == me().name) me().collection = one->id();
    }
    ledger_.answered += made ? 1 : 0;
  }

  void add() {
    const std::string article = me().name + "-" + std::to_string(world_.chance(kArticles));
    me().tried.insert(article);
    v1::CollectionItem item;
    item.set_article_id(article);
    item.set_title(article);
    if (!kept_.add(me().collection, std::move(item), {})) return;
    me().added.insert(article);
    ++ledger_.answered;
  }

  /// A link whose response is lost may be in force, or not: the one before it is not told of then.
  void share() {
    const std::string before = me().token;
    me().token.clear();
    const auto shared = kept_.share(me().collection, {});
    if (!shared) return;
    if (!before.empty()) me().old_tokens.insert(before);
    me().token = shared->token;
    ++ledger_.answered;
  }

  /// Of a source that a file lists, as every crawler knows it.
  void speak_of_a_source() {
    const std::string id = "site-" + std::to_string(world_.chance(3));
    indexer::sources::Draft draft;
    draft.country = world_.one_in(2) ? "DE" : "FR";
    const std::vector<indexer::sources::Known> known{{id, id, false, {}}};
    const auto changed = sources_.change(id, draft, std::nullopt, known);
    if (!changed || !*changed) return;
    std::uint64_t& revision = ledger_.sources[id];
    revision = std::max<std::uint64_t>(revision, (*changed)->revision());
    ++ledger_.answered;
  }

  World& world_;
  CollectionStore& kept_;
  indexer::sources::SourceStore& sources_;
  Ledger& ledger_;
  std::size_t number_;
};

std::size_t times_in(const v1::CollectionRecord& record, const std::string& article) {
  return static_cast<std::size_t>(
      std::count_if(record.items().begin(), record.items().end(),
                    [&](const auto& item) { return item.article_id() == article; }));
}

/// The last word of the log on each source.
std::map<std::string, std::uint64_t> revisions_in(const Brokers& brokers) {
  std::map<std::string, std::uint64_t> out;
  for (const auto& [at, partition] : brokers.topics()) {
    if (at.topic != proto::Topic::kSourceEdits) continue;
    for (const Brokers::Stored& stored : partition.records) {
      v1::SourceEdit edit;
      if (!stored.record.key.starts_with("source/") || !stored.record.value) continue;
      if (edit.ParseFromString(*stored.record.value)) out[edit.id()] = edit.revision();
    }
  }
  return out;
}

}  // namespace

struct Plant::DeskBox {
  std::unique_ptr<log::Log> log;
  std::unique_ptr<CollectionStore> kept;
  std::unique_ptr<indexer::sources::SourceStore> sources;
};

void Plant::add_person(std::size_t number) {
  Process& process = world_.add("desk-" + std::to_string(number));
  ledger_.people.push_back({"desk-" + std::to_string(number), {}, {}, {}, {}, {}});
  auto box = std::make_shared<DeskBox>();
  process.boot = [this, number, box](Process& self) {
    run_role(self, "desk", [&]() -> Result<void> {
      box->log = make_client(world_, brokers_, self, self.name);
      VIGIE_ASSIGN(box->kept, CollectionStore::open(*box->log, clock_, random_));
      box->sources = std::make_unique<indexer::sources::SourceStore>(*box->log, clock_, random_);
      Clerk clerk(world_, *box->kept, *box->sources, ledger_, number);
      while (!world_.unwinding()) {
        clock_.sleep_for(healed_ ? kAWhile : world_.between(kLeastPause, kMostPause), {});
        if (!healed_) clerk.act();
      }
      return {};
    });
  };
  process.fell = [this](Process& self) { start_later(self); };
  process.bury = [box](Process&) { *box = {}; };
}

void Plant::add_keeper() {
  Process& process = world_.add("keeper");
  keeper_ = std::make_shared<DeskBox>();
  process.boot = [this](Process& self) {
    run_role(self, "collections", [&]() -> Result<void> {
      keeper_->log = make_client(world_, brokers_, self, self.name);
      VIGIE_ASSIGN(keeper_->kept, CollectionStore::open(*keeper_->log, clock_, random_));
      return keeper_->kept->run({});
    });
  };
  process.fell = [this](Process& self) { start_later(self); };
  process.bury = [this](Process&) { *keeper_ = {}; };
}

const CollectionStore* Plant::kept() const { return keeper_->kept.get(); }

std::vector<std::string> missing_of(const Ledger& ledger, const Brokers& brokers,
                                    const CollectionStore* kept) {
  if (kept == nullptr) return {"nobody reads the collections"};
  std::vector<std::string> out;
  for (const Ledger::Person& person : ledger.people) {
    if (person.collection.empty()) continue;
    const Record record = kept->find(person.collection);
    if (!record) {
      out.push_back("the collection " + person.name);
      continue;
    }
    for (const std::string& article : person.added) {
      if (times_in(*record, article) == 0) out.push_back("the story " + article + ", kept");
    }
    if (!person.token.empty() && kept->shared_by(person.token) == nullptr)
      out.push_back("the link of " + person.name);
  }
  const auto in_log = revisions_in(brokers);
  for (const auto& [id, revision] : ledger.sources) {
    const auto found = in_log.find(id);
    if (found == in_log.end() || found->second < revision)
      out.push_back("what was said of the source " + id + ", revision " + std::to_string(revision));
  }
  return out;
}

std::vector<std::string> wrong_of(const Ledger& ledger, const CollectionStore& kept) {
  std::vector<std::string> out;
  std::map<std::string, std::size_t> names;
  for (const Record& one : kept.list()) {
    if (++names[one->name()] == 2) out.push_back("two collections " + one->name());
  }
  for (const Ledger::Person& person : ledger.people) {
    const Record record = person.collection.empty() ? nullptr : kept.find(person.collection);
    if (!record) continue;
    for (const v1::CollectionItem& item : record->items()) {
      const std::string& article = item.article_id();
      if (times_in(*record, article) > 1) out.push_back(article + " is kept twice");
      if (!person.tried.contains(article)) out.push_back(article + " was kept by nobody");
    }
    for (const std::string& token : person.old_tokens) {
      if (kept.shared_by(token) != nullptr) out.push_back("an old link of " + person.name);
    }
  }
  return out;
}

}  // namespace vigie::simulation
