#include "indexer/saved/store.h"

#include <algorithm>
#include <utility>

#include "platform/log/bad_record.h"
#include "platform/secrets/sealer.h"
#include "platform/text/utf8.h"
#include "platform/text/visible.h"
#include "proto/identity.h"

namespace vigie::indexer::saved {
namespace {

constexpr std::size_t kIdBytes = 16;
constexpr std::size_t kIdCharacters = 26;  // of base32
constexpr std::string_view kSearchPart = "/search/";
constexpr int kTries = 20;  // of a change, each overtaken by another process

tl::unexpected<Error> refuse(ErrorCode code, std::string detail) {
  return failure(Disposition::kQuarantine, code, std::move(detail));
}
tl::unexpected<Error> not_found(const std::string& id) {
  return refuse("not_found",
                "you have no saved search " + id + "; GET /v1/searches lists those you have");
}

bool is_id(std::string_view id) {
  return id.size() == kIdCharacters && std::ranges::all_of(id, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '2' && c <= '7');
         });
}

std::string search_key(const std::string& person, const std::string& id) {
  return person_id(person) + std::string(kSearchPart) + id;
}
std::string seen_key(const std::string& person, const std::string& id) {
  return person_id(person) + std::string(kSeenPart) + id;
}

}  // namespace

std::string person_id(std::string_view person) {
  return proto::base32(proto::sha256(person).substr(0, kIdBytes));
}

SavedStore::SavedStore(log::Log& log, Clock& clock, Random& random, const Limits& limits)
    : log_(log),
      clock_(clock),
      random_(random),
      limits_(limits),
      topic_(log, proto::Topic::kSearches, [this](const log::Record& record) { take(record); }) {}

Result<std::unique_ptr<SavedStore>> SavedStore::open(log::Log& log, Clock& clock, Random& random,
                                                     const Limits& limits) {
  std::unique_ptr<SavedStore> store(new SavedStore(log, clock, random, limits));
  VIGIE_TRY(store->topic_.open());
  return store;
}

Result<void> SavedStore::set(const Draft& draft, v1::SavedSearch& search) const {
  search.set_name(text::visible_line(draft.name));
  search.set_query(draft.query);
  search.set_home(draft.home);
  search.set_updated_at_unix_ms(clock_.now_unix_ms());
  if (search.name().empty()) return refuse("bad_argument", "a saved search needs a name");
  if (text::count_code_points(search.name()) > limits_.name)
    return refuse("bad_argument", "the name of a saved search has at most " +
                                      std::to_string(limits_.name) + " characters");
  if (search.query().size() > limits_.query_bytes)
    return refuse("bad_argument", "the query of a saved search has at most " +
                                      std::to_string(limits_.query_bytes) + " bytes");
  const std::lock_guard lock(mutex_);
  const auto person = people_.find(person_id(search.person()));
  if (person == people_.end()) return {};
  for (const auto& [id, known] : person->second.searches) {
    if (id != search.id() && known.name() == search.name())
      return refuse("conflict", "you have a saved search of this name; choose another name");
  }
  return {};
}

Result<void> SavedStore::check_room(const std::string& person) const {
  const std::lock_guard lock(mutex_);
  if (people_.contains(person_id(person)) || people_.size() < limits_.people) return {};
  return refuse("over_quota", "searches are saved for as many people as there may be");
}

Result<void> SavedStore::append(std::string key, std::optional<std::string> value) {
  return log::append(log_, {{proto::Topic::kSearches, std::move(key), std::move(value)}});
}

Result<v1::SavedSearch> SavedStore::create(const std::string& person, const Draft& draft) {
  const std::lock_guard changing(changes_mutex_);
  VIGIE_TRY(catch_up({}));
  VIGIE_TRY(check_room(person));
  if (list(person).size() >= limits_.searches)
    return refuse("over_quota", "you have " + std::to_string(limits_.searches) +
                                    " saved searches, as many as are kept; delete some");
  v1::SavedSearch search;
  search.set_person(person);
  search.set_id(proto::base32(secrets::random_bytes(random_, kIdBytes)));
  search.set_created_at_unix_ms(clock_.now_unix_ms());
  search.set_seen_until_unix_ms(clock_.now_unix_ms());
  VIGIE_TRY(set(draft, search));
  VIGIE_TRY(append(search_key(person, search.id()), search.SerializeAsString()));
  VIGIE_TRY(catch_up({}));
  return search;
}

/// Writes what `change` makes of the search; again upon what another process wrote meanwhile.
Result<v1::SavedSearch> SavedStore::alter(const std::string& person, const std::string& id,
                                          const Change& change) {
  const std::lock_guard changing(changes_mutex_);
  VIGIE_TRY(catch_up({}));
  std::optional<v1::SavedSearch> base = find(person, id);
  for (int tries = 0; tries < kTries; ++tries) {
    if (!base) return not_found(id);
    v1::SavedSearch search = std::move(*base);
    VIGIE_TRY(change(search));
    std::string value = search.SerializeAsString();
    {
      const std::lock_guard lock(mutex_);
      awaited_ = {.key = search_key(person, id), .value = value};
    }
    VIGIE_TRY(append(search_key(person, id), std::move(value)));
    VIGIE_TRY(catch_up({}));
    {
      const std::lock_guard lock(mutex_);
      if (!awaited_.overtook) return search;
      base = std::move(awaited_.between);
    }
    if (base) continue;
    // who deleted it meanwhile wins
    VIGIE_TRY(append(search_key(person, id), std::nullopt));
    return not_found(id);
  }
  return refuse("conflict", "others change this search all the time; try again");
}

Result<v1::SavedSearch> SavedStore::replace(const std::string& person, const std::string& id,
                                            const Draft& draft) {
  return alter(person, id, [&](v1::SavedSearch& search) { return set(draft, search); });
}

Result<v1::SavedSearch> SavedStore::see_all(const std::string& person, const std::string& id,
                                            std::int64_t until_unix_ms) {
  return alter(person, id, [&](v1::SavedSearch& search) -> Result<void> {
    search.set_seen_until_unix_ms(std::max(search.seen_until_unix_ms(), until_unix_ms));
    return {};
  });
}

Result<void> SavedStore::remove(const std::string& person, const std::string& id) {
  const std::lock_guard changing(changes_mutex_);
  VIGIE_TRY(catch_up({}));
  if (!find(person, id)) return not_found(id);
  VIGIE_TRY(append(search_key(person, id), std::nullopt));
  VIGIE_TRY(catch_up({}));
  return {};
}

Result<void> SavedStore::see(const std::string& person, const std::vector<std::string>& ids,
                             bool seen) {
  for (const std::string& id : ids) {
    if (!is_id(id)) return refuse("bad_argument", "\"" + text::ellipsize(id, 40) + "\" is no id");
  }
  const std::lock_guard changing(changes_mutex_);
  VIGIE_TRY(catch_up({}));
  VIGIE_TRY(check_room(person));
  std::vector<log::NewRecord> records;
  std::set<std::string> added;
  for (const std::string& id : ids) {
    if (this->seen(person, id) == seen || !added.insert(id).second) continue;
    v1::Seen record;
    record.set_person(person);
    record.set_id(id);
    record.set_seen(seen);
    record.set_at_unix_ms(clock_.now_unix_ms());
    records.push_back({proto::Topic::kSearches, seen_key(person, id), record.SerializeAsString()});
  }
  if (records.empty()) return {};
  for (const std::string& id : surplus(person, added))
    records.push_back({proto::Topic::kSearches, seen_key(person, id), std::nullopt});
  VIGIE_TRY(log::append(log_, std::move(records)));
  VIGIE_TRY(catch_up({}));
  return {};
}

/// The ids that go when others are added, the oldest of those that are not among them.
std::vector<std::string> SavedStore::surplus(const std::string& person,
                                             const std::set<std::string>& added) const {
  std::vector<std::string> out;
  const std::lock_guard lock(mutex_);
  const auto known = people_.find(person_id(person));
  if (known == people_.end()) return out;
  const Person& one = known->second;
  std::size_t after = one.seen.size();
  for (const std::string& id : added) after += one.seen.contains(id) ? 0 : 1;
  for (const auto& [at, id] : one.by_age) {
    if (after <= limits_.seen) break;
    if (added.contains(id)) continue;
    out.push_back(id);
    --after;
  }
  return out;
}

std::vector<v1::SavedSearch> SavedStore::list(const std::string& person) const {
  std::vector<v1::SavedSearch> out;
  {
    const std::lock_guard lock(mutex_);
    const auto known = people_.find(person_id(person));
    if (known == people_.end()) return out;
    for (const auto& [id, search] : known->second.searches) out.push_back(search);
  }
  std::ranges::stable_sort(out, {}, &v1::SavedSearch::created_at_unix_ms);
  return out;
}

std::optional<v1::SavedSearch> SavedStore::find(const std::string& person,
                                                const std::string& id) const {
  const std::lock_guard lock(mutex_);
  const auto known = people_.find(person_id(person));
  if (known == people_.end()) return std::nullopt;
  const auto search = known->second.searches.find(id);
  if (search == known->second.searches.end()) return std::nullopt;
  return search->second;
}

std::optional<bool> SavedStore::seen(const std::string& person, const std::string& id) const {
  const std::lock_guard lock(mutex_);
  const auto known = people_.find(person_id(person));
  if (known == people_.end()) return std::nullopt;
  const auto seen = known->second.seen.find(id);
  if (seen == known->second.seen.end()) return std::nullopt;
  return seen->second.seen();
}

std::uint64_t SavedStore::turn(const std::string& person) const {
  const std::lock_guard lock(mutex_);
  const auto known = people_.find(person_id(person));
  return known == people_.end() ? 0 : known->second.turn;
}

void SavedStore::take(const log::Record& record) {
  const std::string_view key = record.key;
  const std::string_view person = key.substr(0, std::min(key.find('/'), key.size()));
  const std::string_view rest = key.substr(person.size());
  const std::lock_guard lock(mutex_);
  if (rest.starts_with(kSearchPart)) take_search(record, person, rest.substr(kSearchPart.size()));
  else if (rest.starts_with(kSeenPart)) take_seen(record, person, rest.substr(kSeenPart.size()));
  else return log::warn_bad_record(proto::Topic::kSearches, record);
  const auto known = people_.find(person);
  if (known == people_.end()) return;
  known->second.turn = ++turns_;
  if (known->second.searches.empty() && known->second.seen.empty()) people_.erase(known);
}

void SavedStore::take_search(const log::Record& record, std::string_view person,
                             std::string_view id) {
  std::optional<v1::SavedSearch> search;
  if (record.value) {
    search.emplace();
    if (!search->ParseFromString(*record.value) || search->id() != id ||
        person_id(search->person()) != person)
      return log::warn_bad_record(proto::Topic::kSearches, record);
  }
  if (record.key == awaited_.key && !awaited_.is_there) {
    awaited_.is_there = record.value == awaited_.value;
    if (!awaited_.is_there) {
      awaited_.overtook = true;
      awaited_.between = search;
    }
  }
  std::map<std::string, v1::SavedSearch>& known = people_[std::string(person)].searches;
  if (search) known[std::string(id)] = std::move(*search);
  else known.erase(std::string(id));
}

void SavedStore::take_seen(const log::Record& record, std::string_view person,
                           std::string_view id) {
  std::optional<v1::Seen> seen;
  if (record.value) {
    seen.emplace();
    if (!seen->ParseFromString(*record.value) || seen->id() != id ||
        person_id(seen->person()) != person)
      return log::warn_bad_record(proto::Topic::kSearches, record);
  }
  Person& known = people_[std::string(person)];
  const auto before = known.seen.find(std::string(id));
  if (before != known.seen.end()) {
    known.by_age.erase({before->second.at_unix_ms(), before->first});
    known.seen.erase(before);
  }
  if (!seen) return;
  known.by_age.emplace(seen->at_unix_ms(), seen->id());
  known.seen[seen->id()] = std::move(*seen);
}

Result<void> SavedStore::run(std::stop_token stop) {
  return topic_.run(stop, []() -> Result<void> { return {}; });
}

}  // namespace vigie::indexer::saved
