#include "tests/simulation/people.h"

#include <algorithm>
#include <optional>

#include "proto/identity.h"
#include "proto/saved_search.pb.h"
#include "proto/source_edit.pb.h"

namespace vigie::simulation {
namespace {

using indexer::collections::CollectionStore;
using indexer::collections::Record;

constexpr const char* kName = "ana";
constexpr std::uint64_t kArticles = 12;  // that each adds
constexpr int kLooks = 3;                // at keys and sessions, before each change
constexpr std::size_t kSearches = 6;     // that there are at a time

std::string article_of(std::size_t number) {
  return proto::base32(proto::to_bytes(proto::digest128("seen " + std::to_string(number))));
}

std::size_t times_in(const v1::CollectionRecord& record, const std::string& article) {
  return static_cast<std::size_t>(
      std::count_if(record.items().begin(), record.items().end(),
                    [&](const auto& item) { return item.article_id() == article; }));
}

/// The last word of the log on each source.
std::map<std::string, std::uint64_t> revisions_in(const Brokers& brokers) {
  std::map<std::string, std::uint64_t> out;
  brokers.each_record(proto::Topic::kSourceEdits, [&](const log::Record& record) {
    v1::SourceEdit edit;
    if (!record.key.starts_with("source/") || !record.value) return;
    if (edit.ParseFromString(*record.value)) out[edit.id()] = edit.revision();
  });
  return out;
}

}  // namespace

People::People(World& world, const Brokers& brokers, std::size_t desks)
    : world_(world), credentials_(world, brokers, ledger_.credentials) {
  for (std::size_t i = 0; i < desks; ++i)
    ledger_.collectors.push_back({"collector-" + std::to_string(i), {}, {}, {}, {}, {}});
}

void People::act(Desk& desk, const Process& process, std::size_t number) {
  for (int i = 0; i < kLooks; ++i) credentials_.look(desk.credentials, process);
  switch (world_.chance(8)) {
    case 0:
    case 1: return collect(desk, ledger_.collectors[number]);
    case 2: return speak_of_a_source(desk);
    case 3:
    case 4: return search(desk);
    default: ledger_.answered += credentials_.act(desk.credentials, process) ? 1 : 0;
  }
}

void People::collect(Desk& desk, Ledger::Collector& me) {
  if (me.collection.empty()) return make(desk, me);
  if (world_.one_in(3)) return share(desk, me);
  add(desk, me);
}

/// One of that name may be there already: its response was lost.
void People::make(Desk& desk, Ledger::Collector& me) {
  CollectionStore& kept = *desk.collections;
  if (!kept.catch_up({}) || world_.unwinding()) return;
  for (const Record& one : kept.list()) {
    if (one->name() == me.name) me.collection = one->id();
  }
  if (!me.collection.empty()) return;
  const auto made = kept.create({me.name, {}, {}, {}}, {});
  if (answered(made)) me.collection = (*made)->id();
}

void People::add(Desk& desk, Ledger::Collector& me) {
  const std::string article = me.name + "-" + std::to_string(world_.chance(kArticles));
  me.tried.insert(article);
  v1::CollectionItem item;
  item.set_article_id(article);
  item.set_title(article);
  if (answered(desk.collections->add(me.collection, std::move(item), {}))) me.added.insert(article);
}

/// A link whose response is lost may be in force, or not: the one before it is not told of then.
void People::share(Desk& desk, Ledger::Collector& me) {
  const std::string before = std::exchange(me.token, {});
  const auto shared = desk.collections->share(me.collection, {});
  if (!answered(shared)) return;
  if (!before.empty()) me.old_tokens.insert(before);
  me.token = shared->token;
}

/// Of a source that a file lists, as every crawler knows it.
void People::speak_of_a_source(Desk& desk) {
  const std::string id = "site-" + std::to_string(world_.chance(3));
  indexer::sources::Draft draft;
  draft.country = world_.one_in(2) ? "DE" : "FR";
  const std::vector<indexer::sources::Known> known{{id, id, false, {}}};
  const auto changed = desk.sources->change(id, draft, std::nullopt, known);
  if (!changed || !*changed || !answered(changed)) return;
  std::uint64_t& revision = ledger_.sources[id];
  revision = std::max<std::uint64_t>(revision, (*changed)->revision());
}

void People::search(Desk& desk) {
  indexer::saved::SavedStore& store = *desk.saved;
  Ledger::Searches& mine = ledger_.searches;
  const auto searches = store.list(kName);
  const std::string some =
      searches.empty() ? "" : searches[world_.chance(searches.size())].record.id();
  const std::string name = "search " + std::to_string(mine.tried);
  switch (searches.size() < 2 ? 0 : world_.chance(8)) {
    case 0: {
      if (searches.size() >= kSearches) return;
      ++mine.tried;
      const auto made = store.create(kName, {name, "chips", false});
      if (answered(made)) mine.saved.insert(made->record.id());
      return;
    }
    case 1:
      ++mine.tried;
      static_cast<void>(answered(store.replace(kName, some, {name, "chips", true})));
      return;
    case 2:
      if (searches.size() < 4) return;
      mine.maybe_deleted.insert(some);
      if (answered(store.remove(kName, some))) mine.deleted.insert(some);
      return;
    case 3:
    case 4: return mark(desk, some);
    default: {
      const std::string article = article_of(world_.chance(400));
      if (answered(store.see(kName, {article}, true))) mine.seen.insert(article);
    }
  }
}

void People::mark(Desk& desk, const std::string& search) {
  const std::int64_t until = world_.wall();
  if (!answered(desk.saved->see_all(kName, search, until))) return;
  std::int64_t& latest = ledger_.searches.until[search];
  latest = std::max(latest, until);
}

namespace {

void judge_collections(const CollectionStore& kept, const Ledger& ledger,
                       std::vector<std::string>& missing) {
  for (const Ledger::Collector& person : ledger.collectors) {
    if (person.collection.empty()) continue;
    const Record record = kept.find(person.collection);
    if (!record) {
      missing.push_back("the collection " + person.name);
      continue;
    }
    for (const std::string& article : person.added) {
      if (times_in(*record, article) == 0) missing.push_back("the story " + article + ", kept");
    }
    if (!person.token.empty() && kept.shared_by(person.token) == nullptr)
      missing.push_back("the link of " + person.name);
  }
}

void judge_searches(const indexer::saved::SavedStore& store, const Ledger::Searches& searches,
                    std::vector<std::string>& missing) {
  for (const std::string& id : searches.saved) {
    const auto there = store.find(kName, id);
    if (searches.deleted.contains(id)) {
      if (there) missing.push_back("the saved search " + id + " was deleted and is there");
      continue;
    }
    // a deletion whose response was lost is one all the same
    if (!there) {
      if (!searches.maybe_deleted.contains(id)) missing.push_back("no saved search " + id);
      continue;
    }
    const auto latest = searches.until.find(id);
    if (latest != searches.until.end() && there->seen_until_unix_ms < latest->second)
      missing.push_back("the saved search " + id + " lost a mark");
  }
  for (const std::string& id : searches.seen) {
    if (store.seen(kName, id) != true) missing.push_back(id + " was seen and is not");
  }
}

}  // namespace

void judge_desk(const Desk& desk, const Ledger& ledger, std::vector<std::string>& missing) {
  judge_collections(*desk.collections, ledger, missing);
  judge_searches(*desk.saved, ledger.searches, missing);
  judge_credentials(desk.credentials, ledger.credentials, missing);
}

void judge_people(const Brokers& brokers, const Ledger& ledger, std::vector<std::string>& missing) {
  const auto in_log = revisions_in(brokers);
  for (const auto& [id, revision] : ledger.sources) {
    const auto found = in_log.find(id);
    if (found == in_log.end() || found->second < revision)
      missing.push_back("what was said of the source " + id + ", revision " +
                        std::to_string(revision));
  }
}

void judge_doubles(const Desk& desk, const Ledger& ledger, std::vector<std::string>& wrong) {
  const CollectionStore& kept = *desk.collections;
  std::map<std::string, std::size_t> names;
  for (const Record& one : kept.list()) {
    if (++names[one->name()] == 2) wrong.push_back("two collections " + one->name());
  }
  for (const Ledger::Collector& person : ledger.collectors) {
    const Record record = person.collection.empty() ? nullptr : kept.find(person.collection);
    if (!record) continue;
    for (const v1::CollectionItem& item : record->items()) {
      const std::string& article = item.article_id();
      if (times_in(*record, article) > 1) wrong.push_back(article + " is kept twice");
      if (!person.tried.contains(article)) wrong.push_back(article + " was kept by nobody");
    }
    for (const std::string& token : person.old_tokens) {
      if (kept.shared_by(token) != nullptr) wrong.push_back("an old link of " + person.name);
    }
  }
}

void judge_doubles(const Brokers& brokers, const Ledger& ledger, std::vector<std::string>& wrong) {
  std::map<std::string, std::string> names;  // of the searches that are there, by key
  brokers.each_record(proto::Topic::kSearches, [&](const log::Record& record) {
    v1::SavedSearch search;
    if (record.key.find("/search/") == std::string::npos) return;
    if (!record.value) {
      names.erase(record.key);
    } else if (search.ParseFromString(*record.value)) {
      names[record.key] = search.name();
    }
  });
  std::set<std::string> once;
  for (const auto& [key, name] : names) {
    if (!once.insert(name).second) wrong.push_back("two saved searches are called " + name);
  }
  if (names.size() > ledger.searches.tried) wrong.push_back("more saved searches than were made");
  judge_audit(brokers, ledger.credentials, wrong);
  wrong.insert(wrong.end(), ledger.credentials.wrong.begin(), ledger.credentials.wrong.end());
}

}  // namespace vigie::simulation
