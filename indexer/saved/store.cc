#include "indexer/saved/store.h"

#include <algorithm>
#include <array>
#include <cstdio>
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
constexpr std::string_view kUntilPart = "/until/";
constexpr std::chrono::milliseconds kBurialInterval{60'000};

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
/// As proto/saved_search.proto says.
std::string until_key(const std::string& person, const std::string& id, std::int64_t until) {
  std::array<char, 24> digits{};
  std::snprintf(digits.data(), digits.size(), "%014lld", static_cast<long long>(until));
  return person + std::string(kUntilPart) + id + "/" + digits.data();
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
  store->find_orphans();
  return store;
}

/// The topic is read to its end: a mark whose search is not there now never has one again.
void SavedStore::find_orphans() {
  const std::lock_guard lock(mutex_);
  for (auto& [person, one] : people_) {
    for (auto known = one.searches.begin(); known != one.searches.end();) {
      if (known->second.record) {
        ++known;
        continue;
      }
      dead_keys_.insert(until_key(person, known->first, known->second.until_unix_ms));
      known = one.searches.erase(known);
    }
  }
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
    if (id != search.id() && known.record && known.record->name() == search.name())
      return refuse("conflict", "you have a saved search of this name; choose another name");
  }
  return {};
}

Result<void> SavedStore::check_room(const std::string& person) const {
  const std::lock_guard lock(mutex_);
  if (people_.contains(person_id(person)) || people_.size() < limits_.people) return {};
  return refuse("over_quota", "searches are saved for as many people as there may be");
}

Result<void> SavedStore::write(std::vector<log::NewRecord> records) {
  VIGIE_TRY(log::append(log_, std::move(records)));
  VIGIE_TRY(catch_up({}));
  return {};
}

Result<Search> SavedStore::create(const std::string& person, const Draft& draft) {
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
  VIGIE_TRY(set(draft, search));
  VIGIE_TRY(write(
      {{proto::Topic::kSearches, search_key(person, search.id()), search.SerializeAsString()}}));
  return Search{search, search.created_at_unix_ms()};
}

Result<Search> SavedStore::replace(const std::string& person, const std::string& id,
                                   const Draft& draft) {
  const std::lock_guard changing(changes_mutex_);
  VIGIE_TRY(catch_up({}));
  auto search = find(person, id);
  if (!search) return not_found(id);
  VIGIE_TRY(set(draft, search->record));
  VIGIE_TRY(write(
      {{proto::Topic::kSearches, search_key(person, id), search->record.SerializeAsString()}}));
  if (!find(person, id)) return not_found(id);  // somebody deleted it meanwhile
  return std::move(*search);
}

Result<Search> SavedStore::see_all(const std::string& person, const std::string& id,
                                   std::int64_t until_unix_ms) {
  const std::lock_guard changing(changes_mutex_);
  VIGIE_TRY(catch_up({}));
  auto search = find(person, id);
  if (!search) return not_found(id);
  if (search->seen_until_unix_ms >= until_unix_ms) return std::move(*search);
  v1::SeenUntil mark;
  mark.set_person(person);
  mark.set_id(id);
  mark.set_until_unix_ms(until_unix_ms);
  VIGIE_TRY(write({{proto::Topic::kSearches, until_key(person_id(person), id, until_unix_ms),
                    mark.SerializeAsString()}}));
  search = find(person, id);
  if (!search) return not_found(id);
  return std::move(*search);
}

Result<void> SavedStore::remove(const std::string& person, const std::string& id) {
  const std::lock_guard changing(changes_mutex_);
  VIGIE_TRY(catch_up({}));
  if (!find(person, id)) return not_found(id);
  return write({{proto::Topic::kSearches, search_key(person, id), std::nullopt}});
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
  return write(std::move(records));
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

std::optional<Search> SavedStore::shown(const Known& known) {
  if (!known.record) return std::nullopt;
  return Search{*known.record, std::max(known.record->created_at_unix_ms(), known.until_unix_ms)};
}

std::vector<Search> SavedStore::list(const std::string& person) const {
  std::vector<Search> out;
  {
    const std::lock_guard lock(mutex_);
    const auto known = people_.find(person_id(person));
    if (known == people_.end()) return out;
    for (const auto& [id, one] : known->second.searches) {
      if (auto search = shown(one)) out.push_back(std::move(*search));
    }
  }
  std::ranges::stable_sort(out, {},
                           [](const Search& one) { return one.record.created_at_unix_ms(); });
  return out;
}

std::optional<Search> SavedStore::find(const std::string& person, const std::string& id) const {
  const std::lock_guard lock(mutex_);
  const auto known = people_.find(person_id(person));
  if (known == people_.end()) return std::nullopt;
  const auto search = known->second.searches.find(id);
  return search == known->second.searches.end() ? std::nullopt : shown(search->second);
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
  const std::string& key = record.key;
  const std::string person = key.substr(0, key.find('/'));
  const std::string_view rest = std::string_view(key).substr(person.size());
  const auto after = [&](std::string_view part) { return std::string(rest.substr(part.size())); };
  const std::lock_guard lock(mutex_);
  dead_keys_.erase(key);
  bool is_good = false;
  if (rest.starts_with(kSearchPart)) is_good = take_search(record, person, after(kSearchPart));
  else if (rest.starts_with(kUntilPart)) is_good = take_until(record, person, after(kUntilPart));
  else if (rest.starts_with(kSeenPart)) is_good = take_seen(record, person, after(kSeenPart));
  if (!is_good) log::warn_bad_record(proto::Topic::kSearches, record);
  const auto known = people_.find(person);
  if (known == people_.end()) return;
  known->second.turn = ++turns_;
  if (known->second.searches.empty() && known->second.seen.empty()) people_.erase(known);
}

bool SavedStore::take_search(const log::Record& record, const std::string& person,
                             const std::string& id) {
  std::map<std::string, Known>& searches = people_[person].searches;
  if (!record.value) {
    const auto known = searches.find(id);
    if (known != searches.end() && known->second.until_unix_ms > 0)
      dead_keys_.insert(until_key(person, id, known->second.until_unix_ms));
    if (known != searches.end()) searches.erase(known);
    gone_.insert(id);
    return true;
  }
  v1::SavedSearch search;
  if (!search.ParseFromString(*record.value) || search.id() != id ||
      person_id(search.person()) != person)
    return false;
  if (gone_.contains(id)) dead_keys_.insert(record.key);  // written by who had not read its end
  else searches[id].record = std::move(search);
  return true;
}

bool SavedStore::take_until(const log::Record& record, const std::string& person,
                            std::string_view rest) {
  if (!record.value) return true;
  v1::SeenUntil mark;
  if (!mark.ParseFromString(*record.value) || person_id(mark.person()) != person ||
      until_key(person, mark.id(), mark.until_unix_ms()) != record.key || rest.empty())
    return false;
  if (gone_.contains(mark.id())) {
    dead_keys_.insert(record.key);
    return true;
  }
  std::int64_t& until = people_[person].searches[mark.id()].until_unix_ms;
  const std::int64_t lesser = std::min(until, mark.until_unix_ms());
  if (lesser > 0 && until != mark.until_unix_ms())
    dead_keys_.insert(until_key(person, mark.id(), lesser));
  until = std::max(until, mark.until_unix_ms());
  return true;
}

bool SavedStore::take_seen(const log::Record& record, const std::string& person,
                           const std::string& id) {
  std::optional<v1::Seen> seen;
  if (record.value) {
    seen.emplace();
    if (!seen->ParseFromString(*record.value) || seen->id() != id ||
        person_id(seen->person()) != person)
      return false;
  }
  Person& known = people_[person];
  const auto before = known.seen.find(id);
  if (before != known.seen.end()) {
    known.by_age.erase({before->second.at_unix_ms(), id});
    known.seen.erase(before);
  }
  if (!seen) return true;
  known.by_age.emplace(seen->at_unix_ms(), id);
  known.seen[id] = std::move(*seen);
  return true;
}

/// What is of no meaning never has one again, so that any process may bury it at any time.
Result<void> SavedStore::bury() {
  if (!log_.has_room()) return {};
  std::vector<log::NewRecord> tombstones;
  {
    const std::lock_guard lock(mutex_);
    for (const std::string& key : dead_keys_)
      tombstones.push_back({proto::Topic::kSearches, key, std::nullopt});
  }
  if (tombstones.empty()) return {};
  return log::append(log_, std::move(tombstones));
}

Result<void> SavedStore::run(std::stop_token stop) {
  log::Every burial(clock_, kBurialInterval);
  return topic_.run(stop, [&]() -> Result<void> {
    if (!burial.is_due()) return {};
    return bury();
  });
}

}  // namespace vigie::indexer::saved
