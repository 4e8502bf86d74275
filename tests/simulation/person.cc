#include "tests/simulation/person.h"

#include <algorithm>

#include "proto/identity.h"
#include "proto/saved_search.pb.h"

namespace vigie::simulation {
namespace {

constexpr std::size_t kSearches = 6;  // that the person has at a time

std::string article_of(std::size_t number) {
  return proto::base32(proto::to_bytes(proto::digest128("seen " + std::to_string(number))));
}

}  // namespace

void Person::use(indexer::saved::SavedStore& store, const std::function<bool()>& stops) {
  while (!stops()) {
    world_.wait(world_.now() + world_.between(milliseconds(500), milliseconds(8'000)), stops);
    if (!stops()) act(store);
  }
}

/// A process that dies meanwhile answers nothing, and an error is no answer either.
void Person::act(indexer::saved::SavedStore& store) {
  const auto searches = store.list(kName);
  const std::string some =
      searches.empty() ? "" : searches[world_.chance(searches.size())].record.id();
  const std::size_t number = answered_.tried;
  switch (searches.size() < 2 ? 0 : world_.chance(8)) {
    case 0: {
      if (searches.size() >= kSearches) return;
      ++answered_.tried;
      const auto made = store.create(kName, {"search " + std::to_string(number), "chips", false});
      if (made && !world_.unwinding()) answered_.saved.insert(made->record.id());
      return;
    }
    case 1:
      ++answered_.tried;
      static_cast<void>(
          store.replace(kName, some, {"search " + std::to_string(number), "chips", true}));
      return;
    case 2:
      if (searches.size() < 4) return;
      answered_.maybe_deleted.insert(some);
      if (store.remove(kName, some) && !world_.unwinding()) answered_.deleted.insert(some);
      return;
    case 3:
    case 4: return mark(store, some);
    default: {
      const std::string article = article_of(world_.chance(400));
      if (store.see(kName, {article}, true) && !world_.unwinding()) answered_.seen.insert(article);
    }
  }
}

void Person::mark(indexer::saved::SavedStore& store, const std::string& search) {
  const std::int64_t until = world_.wall();
  if (!store.see_all(kName, search, until) || world_.unwinding()) return;
  std::int64_t& latest = answered_.until[search];
  latest = std::max(latest, until);
}

void judge_store(const indexer::saved::SavedStore& store, const Answered& answered,
                 std::vector<std::string>& missing) {
  for (const std::string& id : answered.saved) {
    const auto there = store.find(Person::kName, id);
    if (answered.deleted.contains(id)) {
      if (there) missing.push_back("the saved search " + id + " was deleted and is there");
      continue;
    }
    const auto latest = answered.until.find(id);
    if (there && (latest == answered.until.end() || there->seen_until_unix_ms >= latest->second))
      continue;
    // a deletion whose answer was lost is one all the same
    if (!there) {
      if (!answered.maybe_deleted.contains(id)) missing.push_back("no saved search " + id);
      continue;
    }
    missing.push_back("the saved search " + id + " lost a mark");
  }
  for (const std::string& id : answered.seen) {
    if (store.seen(Person::kName, id) != true) missing.push_back(id + " was seen and is not");
  }
}

void judge_searches(const Brokers& brokers, const Answered& answered,
                    std::vector<std::string>& wrong) {
  std::map<std::string, std::string> names;  // of the searches that are there, by id
  const auto partition = brokers.topics().find({proto::Topic::kSearches, 0});
  if (partition == brokers.topics().end()) return;
  for (const Brokers::Stored& stored : partition->second.records) {
    const log::Record& record = stored.record;
    v1::SavedSearch search;
    if (record.key.find("/search/") == std::string::npos) continue;
    if (!record.value) {
      names.erase(record.key);
    } else if (search.ParseFromString(*record.value)) {
      names[record.key] = search.name();
    }
  }
  std::set<std::string> once;
  for (const auto& [key, name] : names) {
    if (!once.insert(name).second) wrong.push_back("two saved searches are called " + name);
  }
  if (names.size() > answered.tried) wrong.push_back("more saved searches than were made");
}

}  // namespace vigie::simulation
