#include "indexer/collections/store.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "indexer/collections/texts.h"
#include "platform/log/bad_record.h"
#include "platform/logging/logging.h"
#include "platform/secrets/sealer.h"
#include "proto/identity.h"

namespace vigie::indexer::collections {
namespace {

constexpr std::chrono::milliseconds kBurialInterval{60'000};
// so long nobody writes an older revision any more (ops/spec/records.md, "collections")
constexpr std::int64_t kKeepDeletedMs = 30 * proto::kDayMs;
constexpr std::size_t kIdBytes = 16;
constexpr std::size_t kTokenBytes = 32;
constexpr int kTries = 20;  // of adding a story, each lost to somebody else's change

tl::unexpected<Error> not_found(const std::string& id) {
  return failure(Disposition::kQuarantine, "not_found",
                 "there is no collection " + id + "; GET /v1/collections lists them");
}
tl::unexpected<Error> bad(std::string detail) {
  return failure(Disposition::kQuarantine, "bad_argument", std::move(detail));
}
tl::unexpected<Error> conflict(std::uint64_t revision) {
  return failure(Disposition::kQuarantine, "conflict",
                 "somebody changed this collection meanwhile: it is at revision " +
                     std::to_string(revision) + "; read it and try again");
}

/// As proto/collection.proto says.
std::string key_of(const v1::CollectionRecord& record) {
  std::array<char, 16> digits{};
  std::snprintf(digits.data(), digits.size(), "%010llu",
                static_cast<unsigned long long>(record.revision()));
  return record.id() + "/" + digits.data() + "/" + record.change_id();
}

Result<void> check_length(std::string_view what, const std::string& text, std::size_t most) {
  const std::size_t length = text::count_code_points(text);
  if (length <= most) return {};
  return bad(std::string(what) + " has at most " + std::to_string(most) + " characters, not " +
             std::to_string(length));
}

}  // namespace

CollectionStore::CollectionStore(log::Log& log, Clock& clock, Random& random, const Limits& limits)
    : log_(log),
      clock_(clock),
      random_(random),
      limits_(limits),
      topic_(log, proto::Topic::kCollections, [this](const log::Record& record) { take(record); }) {
}
CollectionStore::~CollectionStore() = default;

Result<std::unique_ptr<CollectionStore>> CollectionStore::open(log::Log& log, Clock& clock,
                                                               Random& random,
                                                               const Limits& limits) {
  std::unique_ptr<CollectionStore> store(new CollectionStore(log, clock, random, limits));
  VIGIE_TRY(store->topic_.open());
  return store;
}

std::string CollectionStore::random_id() {
  return proto::base32(secrets::random_bytes(random_, kIdBytes));
}

Result<void> CollectionStore::set_texts(const Draft& draft, v1::CollectionRecord& record) const {
  record.set_name(text::visible_line(draft.name));
  record.set_title(text::visible_line(draft.title));
  record.set_summary(visible_lines(draft.summary));
  if (record.name().empty()) return bad("a collection needs a name");
  VIGIE_TRY(check_length("the name of a collection", record.name(), limits_.name));
  VIGIE_TRY(check_length("the title of a brief", record.title(), limits_.title));
  VIGIE_TRY(check_length("the summary of a brief", record.summary(), limits_.summary));
  const std::lock_guard lock(mutex_);
  const bool taken = std::any_of(by_id_.begin(), by_id_.end(), [&](const auto& entry) {
    const v1::CollectionRecord& other = *entry.second.record;
    return !other.deleted() && other.id() != record.id() && other.name() == record.name();
  });
  if (taken) return bad("there is a collection of this name already; choose another name");
  return {};
}

Result<void> CollectionStore::set_items(const Draft& draft, v1::CollectionRecord& record) const {
  std::map<std::string, v1::CollectionItem> before;
  for (v1::CollectionItem& item : *record.mutable_items())
    before.emplace(item.article_id(), std::move(item));
  record.clear_items();
  for (const Draft::Item& given : draft.items) {
    const auto known = before.find(given.article_id);
    if (known == before.end())
      return bad("the collection does not hold the article " + given.article_id +
                 ", or it is named twice; POST /v1/collections/{id}/items adds one");
    v1::CollectionItem& item = *record.add_items();
    item = std::move(known->second);
    before.erase(known);
    item.set_note(visible_lines(given.note));
    VIGIE_TRY(check_length("a note", item.note(), limits_.note));
    item.clear_quotation();
    if (given.quotation) *item.mutable_quotation() = *given.quotation;
  }
  return {};
}

Result<void> CollectionStore::check_room() const {
  const std::lock_guard lock(mutex_);
  const auto live =
      static_cast<std::size_t>(std::count_if(by_id_.begin(), by_id_.end(), [](const auto& entry) {
        return !entry.second.record->deleted();
      }));
  if (live < limits_.collections) return {};
  return failure(Disposition::kQuarantine, "over_quota",
                 "there are " + std::to_string(live) +
                     " collections, as many as an installation keeps; delete some");
}

Result<void> CollectionStore::check_size(const v1::CollectionRecord& record,
                                         std::size_t bytes) const {
  if (record.deleted()) return {};
  if (static_cast<std::size_t>(record.items_size()) > limits_.items)
    return bad("a collection holds at most " + std::to_string(limits_.items) +
               " stories; begin another one");
  if (bytes > limits_.record_bytes)
    return failure(Disposition::kQuarantine, "too_large",
                   "the texts of a collection hold at most " +
                       std::to_string(limits_.record_bytes >> 10) +
                       " KiB together; shorten notes, or begin another one");
  const std::lock_guard lock(mutex_);
  const auto known = by_id_.find(record.id());
  const std::size_t before = known == by_id_.end() ? 0 : known->second.bytes;
  if (bytes > before && all_bytes_ - before + bytes > limits_.all_bytes)
    return failure(Disposition::kQuarantine, "over_quota",
                   "all collections together hold at most " +
                       std::to_string(limits_.all_bytes >> 20) + " MiB; delete some");
  return {};
}

/// Numbers, appends durably, and reads the topic until it is plain whether this or somebody else's
/// record is the revision. changes_mutex_ is held.
Result<Record> CollectionStore::write(v1::CollectionRecord record, const std::string& by) {
  record.set_revision(record.revision() + 1);
  record.set_change_id(random_id());
  record.set_updated_at_unix_ms(clock_.now_unix_ms());
  record.set_updated_by(by);
  std::string value = record.SerializeAsString();
  VIGIE_TRY(check_size(record, value.size()));
  {
    const std::lock_guard lock(mutex_);
    awaited_ = record.change_id();
    awaited_in_force_ = false;
  }
  VIGIE_TRY(log::append(log_, {{proto::Topic::kCollections, key_of(record), std::move(value)}}));
  VIGIE_TRY(catch_up({}));
  bool in_force = false;
  std::uint64_t present = record.revision();
  {
    const std::lock_guard lock(mutex_);
    in_force = awaited_in_force_;
    const auto known = by_id_.find(record.id());
    if (known != by_id_.end()) present = known->second.record->revision();
  }
  if (!in_force) return conflict(present);
  return std::make_shared<const v1::CollectionRecord>(std::move(record));
}

Result<Record> CollectionStore::alter(const std::string& id, const std::string& by,
                                      const Change& change) {
  const std::lock_guard changing(changes_mutex_);
  VIGIE_TRY(catch_up({}));
  const Record before = find(id);
  if (!before) return not_found(id);
  v1::CollectionRecord record = *before;
  VIGIE_TRY(change(record));
  return write(std::move(record), by);
}

Result<Record> CollectionStore::create(const Draft& draft, const std::string& by) {
  const std::lock_guard changing(changes_mutex_);
  VIGIE_TRY(catch_up({}));
  VIGIE_TRY(check_room());
  v1::CollectionRecord record;
  record.set_id(random_id());
  record.set_created_at_unix_ms(clock_.now_unix_ms());
  record.set_created_by(by);
  VIGIE_TRY(set_texts(draft, record));
  VIGIE_TRY(set_items(draft, record));
  return write(std::move(record), by);
}

Result<Record> CollectionStore::replace(const std::string& id, std::uint64_t revision,
                                        const Draft& draft, const std::string& by) {
  return alter(id, by, [&](v1::CollectionRecord& record) -> Result<void> {
    if (revision != record.revision()) return conflict(record.revision());
    VIGIE_TRY(set_texts(draft, record));
    return set_items(draft, record);
  });
}

Result<CollectionStore::Added> CollectionStore::add(const std::string& id, v1::CollectionItem item,
                                                    const std::string& by) {
  item.set_note(visible_lines(item.note()));
  VIGIE_TRY(check_length("a note", item.note(), limits_.note));
  item.set_added_at_unix_ms(clock_.now_unix_ms());
  item.set_added_by(by);
  const std::lock_guard changing(changes_mutex_);
  VIGIE_TRY(catch_up({}));
  for (int tries = 1;; ++tries) {
    const Record before = find(id);
    if (!before) return not_found(id);
    const bool is_there = std::any_of(
        before->items().begin(), before->items().end(),
        [&](const v1::CollectionItem& other) { return other.article_id() == item.article_id(); });
    if (is_there) return Added{before, false};
    v1::CollectionRecord record = *before;
    *record.add_items() = item;
    auto written = write(std::move(record), by);
    if (written) return Added{std::move(*written), true};
    if (written.error().code != ErrorCode("conflict") || tries == kTries)
      return failure(std::move(written.error()));
  }
}

Result<void> CollectionStore::remove(const std::string& id, const std::string& by) {
  auto removed = alter(id, by, [](v1::CollectionRecord& record) -> Result<void> {
    record.clear_title();
    record.clear_summary();
    record.clear_items();
    record.clear_share();
    record.set_deleted(true);
    return {};
  });
  if (!removed) return failure(std::move(removed.error()));
  return {};
}

Result<CollectionStore::Shared> CollectionStore::share(const std::string& id,
                                                       const std::string& by) {
  const std::string token = secrets::random_bytes(random_, kTokenBytes);
  VIGIE_ASSIGN(Record record, alter(id, by, [&](v1::CollectionRecord& changed) -> Result<void> {
                 v1::CollectionShare& share = *changed.mutable_share();
                 share.set_token_sha256(proto::sha256(token));
                 share.set_created_at_unix_ms(clock_.now_unix_ms());
                 share.set_created_by(by);
                 return {};
               }));
  return Shared{std::move(record), secrets::to_hex(token)};
}

Result<Record> CollectionStore::unshare(const std::string& id, const std::string& by) {
  if (Record known = find(id); known && !known->has_share()) {
    VIGIE_TRY(catch_up({}));
    known = find(id);
    if (known && !known->has_share()) return known;
  }
  return alter(id, by, [](v1::CollectionRecord& record) -> Result<void> {
    record.clear_share();
    return {};
  });
}

Record CollectionStore::find(const std::string& id) const {
  const std::lock_guard lock(mutex_);
  const auto known = by_id_.find(id);
  if (known == by_id_.end() || known->second.record->deleted()) return nullptr;
  return known->second.record;
}

Record CollectionStore::shared_by(std::string_view token) const {
  const auto bytes = secrets::from_hex(token);
  if (!bytes || bytes->size() != kTokenBytes) return nullptr;
  const std::string digest = proto::sha256(*bytes);
  const std::lock_guard lock(mutex_);
  const auto id = by_token_.find(digest);
  return id == by_token_.end() ? nullptr : by_id_.at(id->second).record;
}

std::vector<Record> CollectionStore::list() const {
  std::vector<Record> out;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, known] : by_id_) {
      if (!known.record->deleted()) out.push_back(known.record);
    }
  }
  std::ranges::stable_sort(out, std::greater(),
                           [](const Record& one) { return one->updated_at_unix_ms(); });
  return out;
}

void CollectionStore::take_tombstone(const std::string& key) {
  const std::lock_guard lock(mutex_);
  dead_keys_.erase(key);
  const auto known = by_id_.find(key.substr(0, key.find('/')));
  if (known == by_id_.end() || known->second.key != key) return;
  all_bytes_ -= known->second.bytes;
  by_id_.erase(known);
}

void CollectionStore::take(const log::Record& record) {
  if (!record.value) return take_tombstone(record.key);
  auto read = std::make_shared<v1::CollectionRecord>();
  if (!read->ParseFromString(*record.value) || read->id().empty() || key_of(*read) != record.key)
    return log::warn_bad_record(proto::Topic::kCollections, record);
  const std::lock_guard lock(mutex_);
  Known& known = by_id_[read->id()];
  if (known.key == record.key) return;
  if (known.record && known.record->revision() >= read->revision()) {
    dead_keys_.insert(record.key);
    return;
  }
  if (!known.key.empty()) dead_keys_.insert(known.key);
  if (known.record && known.record->has_share())
    by_token_.erase(known.record->share().token_sha256());
  if (read->has_share() && !read->deleted()) by_token_[read->share().token_sha256()] = read->id();
  if (read->change_id() == awaited_) awaited_in_force_ = true;
  all_bytes_ = all_bytes_ - known.bytes + record.value->size();
  known.bytes = record.value->size();
  known.key = record.key;
  known.record = std::move(read);
}

Result<bool> CollectionStore::catch_up(const std::stop_token& stop) {
  return topic_.catch_up(stop);
}

/// A record that is not in force never is again, so that any process may bury it at any time; what
/// was deleted stays as long as somebody might yet write an older revision of it.
Result<void> CollectionStore::bury() {
  if (!log_.has_room()) return {};
  std::vector<log::NewRecord> tombstones;
  {
    const std::lock_guard lock(mutex_);
    for (const std::string& key : dead_keys_)
      tombstones.push_back({proto::Topic::kCollections, key, std::nullopt});
    for (const auto& [id, known] : by_id_) {
      const v1::CollectionRecord& record = *known.record;
      if (record.deleted() && record.updated_at_unix_ms() + kKeepDeletedMs < clock_.now_unix_ms())
        tombstones.push_back({proto::Topic::kCollections, known.key, std::nullopt});
    }
  }
  if (tombstones.empty()) return {};
  return log::append(log_, std::move(tombstones));
}

Result<void> CollectionStore::run(std::stop_token stop) {
  log::Every burial(clock_, kBurialInterval);
  return topic_.run(stop, [&]() -> Result<void> {
    if (!burial.is_due()) return {};
    return bury();
  });
}

}  // namespace vigie::indexer::collections
