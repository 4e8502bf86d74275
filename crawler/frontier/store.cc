#include "crawler/frontier/store.h"

#include <algorithm>
#include <limits>

#include "platform/log/bad_record.h"
#include "platform/url/url.h"
#include "proto/log_topics.h"

namespace vigie::crawler {
namespace {

/// Memory of the store: write buffers of each family, and one cache for blocks, filters and
/// indexes.
constexpr std::size_t kWriteBufferBytes = 4ULL << 20;
constexpr std::size_t kBlockCacheBytes = 32ULL << 20;
/// Rows that one call looks at: what is in hand, set aside, or becomes due in between.
constexpr std::size_t kRowsAtOnce = 1'000;

std::string partition_prefix(std::int32_t partition) {
  std::string key;
  storage::append_u16(key, static_cast<std::uint16_t>(partition));
  return key;
}

std::string row(std::int32_t partition, std::string_view name) {
  return partition_prefix(partition).append(name);
}

std::string parked_key(std::int32_t partition, std::string_view source_id, std::string_view url) {
  std::string key = row(partition, source_id);
  key += '\0';
  key += url;
  return key;
}

storage::KeyRange range_of(const std::string& prefix) {
  return {prefix, storage::after_prefix(prefix)};
}

template <class Message>
std::optional<Message> parsed(std::string_view bytes) {
  Message out;
  if (!out.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return std::nullopt;
  return out;
}

void pass_over(const log::Record& record, FrontierStore::Applied& out) {
  ++out.bad_records;
  log::warn_bad_record(proto::Topic::kFrontier, record);
}

std::string newest_bytes(const DueSlot& slot) {
  std::string bytes;
  storage::append_u64(bytes, static_cast<std::uint64_t>(slot.newest));
  return bytes;
}

}  // namespace

/// What the records of one batch make of a URL, in the end.
struct FrontierStore::Change {
  std::optional<v1::UrlState> state;  // nothing: forgotten
  const std::string* bytes = nullptr;
};

FrontierStore::FrontierStore(std::unique_ptr<storage::Database> database, std::int32_t partitions,
                             std::string suffixes)
    : database_(std::move(database)), partitions_(partitions), suffixes_(std::move(suffixes)) {}

Result<std::unique_ptr<FrontierStore>> FrontierStore::open(const std::filesystem::path& dir,
                                                           std::int32_t partitions,
                                                           std::string suffixes,
                                                           const storage::Opener& open_database) {
  storage::Options options;
  options.dir = dir;
  options.families = {{"urls", storage::Use::kSmall},         {"due", storage::Use::kQueue},
                      {"parked", storage::Use::kQueue},       {"arrivals", storage::Use::kQueue},
                      {"reservations", storage::Use::kSmall}, {"misplaced", storage::Use::kQueue},
                      {"meta", storage::Use::kSmall}};
  options.write_buffer_bytes = kWriteBufferBytes;
  options.block_cache_bytes = kBlockCacheBytes;
  VIGIE_ASSIGN(std::unique_ptr<storage::Database> database, open_database(options));
  std::unique_ptr<FrontierStore> store(
      new FrontierStore(std::move(database), partitions, std::move(suffixes)));
  VIGIE_TRY(store->load_parked_sources());
  return store;
}

Result<void> FrontierStore::load_parked_sources() {
  const auto cursor = database_->cursor(kParked);
  for (cursor->seek_to_first(); cursor->valid();) {
    const std::string key(cursor->key().substr(0, cursor->key().find('\0', 2)));
    parked_sources_.insert(key.substr(2));
    cursor->seek(key + '\1');
  }
  return cursor->status();
}

void FrontierStore::put_position(storage::Batch& batch, std::int32_t partition,
                                 const Position& position) const {
  std::string bytes;
  storage::append_u64(bytes, static_cast<std::uint64_t>(position.next_offset));
  storage::append_u64(bytes, static_cast<std::uint64_t>(position.synced_at_unix_ms));
  storage::append_u64(bytes, position.urls);
  batch.put(kMeta, partition_prefix(partition), bytes + suffixes_);
}

Result<std::optional<FrontierStore::Position>> FrontierStore::position(std::int32_t partition) {
  VIGIE_ASSIGN(const auto bytes, database_->get(kMeta, partition_prefix(partition)));
  constexpr std::size_t kNumbers = 3 * sizeof(std::uint64_t);
  if (!bytes || bytes->size() < kNumbers || bytes->substr(kNumbers) != suffixes_)
    return std::optional<Position>();
  const std::string_view view = *bytes;
  const Position position{static_cast<std::int64_t>(storage::read_u64(view)),
                          static_cast<std::int64_t>(storage::read_u64(view.substr(8))),
                          storage::read_u64(view.substr(16))};
  positions_[partition] = position;
  return std::optional<Position>(position);
}

Result<void> FrontierStore::clear(std::int32_t partition) {
  const std::string begin = partition_prefix(partition);
  const std::string end = storage::after_prefix(begin);
  storage::Batch batch;
  for (const Family family : {kUrls, kDue, kParked, kArrivals, kReservations, kMisplaced})
    batch.remove_range(family, begin, end);
  batch.remove(kMeta, begin);
  positions_.erase(partition);
  return database_->write(batch, false);
}

std::uint64_t FrontierStore::urls(std::int32_t partition) const {
  const auto found = positions_.find(partition);
  return found == positions_.end() ? 0 : found->second.urls;
}

/// What a record says, into the batch; of URLs only the last word counts.
void FrontierStore::collect(std::int32_t partition, const log::Record& record,
                            storage::Batch& batch, std::map<std::string, Change>& urls,
                            Applied& out) {
  const std::string_view kind = std::string_view(record.key).substr(0, 2);
  const std::string name = record.key.size() < 2 ? std::string() : record.key.substr(2);
  const std::string place = row(partition, name);
  std::string domain;
  if (kind == "u:") {
    std::optional<v1::UrlState> state =
        record.value ? parsed<v1::UrlState>(*record.value) : std::nullopt;
    if (record.value && (!state || state->url() != name)) {
      return pass_over(record, out);
    }
    urls[name] = Change{std::move(state), record.value ? &*record.value : nullptr};
    domain = domain_of(name);
  } else if (kind == "d:") {
    std::optional<v1::Discovery> found =
        record.value ? parsed<v1::Discovery>(*record.value) : std::nullopt;
    if (record.value && (!found || found->url() != name)) {
      return pass_over(record, out);
    }
    if (!found) {
      batch.remove(kArrivals, place);
    } else {
      batch.put(kArrivals, place, *record.value);
      out.arrived.push_back(std::move(*found));
    }
    domain = domain_of(name);
  } else if (kind == "h:") {
    std::optional<v1::Reservation> reservation =
        record.value ? parsed<v1::Reservation>(*record.value) : std::nullopt;
    if (record.value && (!reservation || reservation->name() != name)) {
      return pass_over(record, out);
    }
    if (!reservation) {
      batch.remove(kReservations, place);
    } else {
      batch.put(kReservations, place, *record.value);
      out.reservations.push_back(std::move(*reservation));
    }
    domain = url::registrable_domain(name);
  } else {
    return pass_over(record, out);
  }
  if (proto::partition_of(domain, partitions_) == partition) return;
  out.misplaced = true;
  if (record.value) {
    batch.put(kMisplaced, row(partition, record.key), "");
  } else {
    batch.remove(kMisplaced, row(partition, record.key));
  }
}

void FrontierStore::remove_due(storage::Batch& batch, std::int32_t partition,
                               std::string_view domain, const v1::UrlState& state) const {
  // Whether the row of a page that was never fetched is among the fresh or the later depends on
  // when it was looked at last: both go.
  const std::string prefix = due_prefix(partition, domain);
  const auto later = due_slot_of(state, std::numeric_limits<std::int64_t>::min());
  if (!later) return;
  batch.remove(kDue, due_key(prefix, later->kind, later->order, state.url()));
  if (later->kind == Waiting::kLater)
    batch.remove(kDue, due_key(prefix, Waiting::kFresh, later->newest, state.url()));
  if (parked_sources_.count(state.source_id()) != 0)
    batch.remove(kParked, parked_key(partition, state.source_id(), state.url()));
}

void FrontierStore::add_due(storage::Batch& batch, std::int32_t partition, std::string_view domain,
                            const v1::UrlState& state, std::int64_t now_unix_ms) const {
  const auto slot = due_slot_of(state, now_unix_ms);
  if (slot)
    batch.put(kDue, due_key(due_prefix(partition, domain), slot->kind, slot->order, state.url()),
              newest_bytes(*slot));
}

void FrontierStore::change_url(std::int32_t partition, const std::string& url, const Change& change,
                               const std::optional<std::string>& before, std::int64_t now_unix_ms,
                               storage::Batch& batch, Applied& out) {
  const std::optional<v1::UrlState> old = before ? parsed<v1::UrlState>(*before) : std::nullopt;
  const bool was_due = old && old->next_due_unix_ms() != 0;
  const bool is_due = change.state && change.state->next_due_unix_ms() != 0;
  Position& position = positions_[partition];
  if (change.state && !before) ++position.urls;
  if (!change.state && before) --position.urls;
  if (change.state) {
    batch.put(kUrls, row(partition, url), *change.bytes);
  } else {
    batch.remove(kUrls, row(partition, url));
  }
  const std::string domain = domain_of(url);
  // What stands in the wrong partition is moved, not fetched from here.
  if (proto::partition_of(domain, partitions_) != partition) return;
  if (was_due) remove_due(batch, partition, domain, *old);
  if (is_due) add_due(batch, partition, domain, *change.state, now_unix_ms);
  std::int64_t& waiting = out.domains[domain];
  if (old && waits_for_first_fetch(*old)) --waiting;
  if (change.state && waits_for_first_fetch(*change.state)) ++waiting;
}

Result<FrontierStore::Applied> FrontierStore::apply(std::int32_t partition,
                                                    const std::vector<log::Record>& records,
                                                    std::int64_t next_offset, bool caught_up,
                                                    std::int64_t now_unix_ms) {
  if (positions_.count(partition) == 0) VIGIE_TRY(position(partition));
  Applied out;
  storage::Batch batch;
  std::map<std::string, Change> changes;
  for (const log::Record& record : records) collect(partition, record, batch, changes, out);
  std::vector<std::string> keys;
  for (const auto& [url, change] : changes) keys.push_back(row(partition, url));
  VIGIE_ASSIGN(const auto before, database_->get_many(kUrls, keys));
  std::size_t at = 0;
  for (const auto& [url, change] : changes)
    change_url(partition, url, change, before[at++], now_unix_ms, batch, out);
  Position& position = positions_[partition];
  position.next_offset = next_offset;
  if (caught_up) position.synced_at_unix_ms = now_unix_ms;
  put_position(batch, partition, position);
  // Not synced: what a power cut takes from the end is read again.
  VIGIE_TRY(database_->write(batch, false));
  return out;
}

Result<void> FrontierStore::note_synced(std::int32_t partition, std::int64_t now_unix_ms) {
  Position& position = positions_[partition];
  position.synced_at_unix_ms = now_unix_ms;
  storage::Batch batch;
  put_position(batch, partition, position);
  return database_->write(batch, false);
}

Result<std::optional<v1::UrlState>> FrontierStore::find(std::int32_t partition,
                                                        std::string_view url) {
  VIGIE_ASSIGN(const auto bytes, database_->get(kUrls, row(partition, url)));
  return bytes ? parsed<v1::UrlState>(*bytes) : std::optional<v1::UrlState>();
}

Result<std::optional<v1::Reservation>> FrontierStore::reservation(std::int32_t partition,
                                                                  std::string_view name) {
  VIGIE_ASSIGN(const auto bytes, database_->get(kReservations, row(partition, name)));
  return bytes ? parsed<v1::Reservation>(*bytes) : std::optional<v1::Reservation>();
}

Result<std::optional<v1::Discovery>> FrontierStore::arrival(std::int32_t partition,
                                                            std::string_view url) {
  VIGIE_ASSIGN(const auto bytes, database_->get(kArrivals, row(partition, url)));
  return bytes ? parsed<v1::Discovery>(*bytes) : std::optional<v1::Discovery>();
}

/// Pages that were due later and are due now go among the fresh.
Result<void> FrontierStore::promote(const std::string& prefix, std::int64_t now_unix_ms) {
  storage::Batch batch;
  const std::string later = prefix + static_cast<char>(Waiting::kLater);
  const auto cursor = database_->cursor(kDue, range_of(later));
  std::size_t rows = 0;
  for (cursor->seek_to_first(); cursor->valid() && rows < kRowsAtOnce; cursor->next(), ++rows) {
    const DueRow due = read_due_key(cursor->key(), prefix.size());
    if (due.order > now_unix_ms) break;
    batch.remove(kDue, cursor->key());
    batch.put(kDue,
              due_key(prefix, Waiting::kFresh,
                      static_cast<std::int64_t>(storage::read_u64(cursor->value())), due.url),
              cursor->value());
  }
  VIGIE_TRY(cursor->status());
  return batch.empty() ? Result<void>() : database_->write(batch, false);
}

/// The first row of a kind, due until then, that is not in hand and may be taken; what may not goes
/// into `aside`.
Result<std::optional<v1::UrlState>> FrontierStore::head(std::int32_t partition,
                                                        const std::string& prefix, Waiting kind,
                                                        std::int64_t until, const Skip& skip,
                                                        const Judge& judge, storage::Batch& aside,
                                                        std::size_t& rows_left) {
  const auto cursor = database_->cursor(kDue, range_of(prefix + static_cast<char>(kind)));
  for (cursor->seek_to_first(); cursor->valid() && rows_left > 0; cursor->next(), --rows_left) {
    const DueRow due = read_due_key(cursor->key(), prefix.size());
    if (due.order > until) break;
    if (skip(due.url)) continue;
    VIGIE_ASSIGN(std::optional<v1::UrlState> state, find(partition, due.url));
    const Verdict verdict = state ? judge(*state) : Verdict::kDrop;
    if (verdict == Verdict::kTake) return state;
    aside.remove(kDue, cursor->key());
    if (verdict != Verdict::kPark) continue;
    parked_sources_.insert(state->source_id());
    aside.put(kParked, parked_key(partition, state->source_id(), due.url), "");
  }
  VIGIE_TRY(cursor->status());
  return std::optional<v1::UrlState>();
}

Result<FrontierStore::Taken> FrontierStore::take(std::int32_t partition, std::string_view domain,
                                                 std::int64_t now_unix_ms, bool& last_was_poll,
                                                 const Skip& skip, const Judge& judge) {
  const std::string prefix = due_prefix(partition, domain);
  VIGIE_TRY(promote(prefix, now_unix_ms));
  storage::Batch aside;
  std::size_t rows_left = kRowsAtOnce;
  const auto first = [&](Waiting kind, std::int64_t until) {
    return head(partition, prefix, kind, until, skip, judge, aside, rows_left);
  };
  Taken out;
  VIGIE_ASSIGN(std::optional<v1::UrlState> poll, first(Waiting::kPoll, now_unix_ms));
  if (poll && !last_was_poll) {
    out.state = std::move(poll);
    last_was_poll = true;
  } else {
    VIGIE_ASSIGN(std::optional<v1::UrlState> fresh,
                 first(Waiting::kFresh, std::numeric_limits<std::int64_t>::max()));
    last_was_poll = !fresh && poll;
    out.state = fresh ? std::move(fresh) : std::move(poll);
    if (!out.state) {
      VIGIE_ASSIGN(out.state, first(Waiting::kRevisit, now_unix_ms));
    }
  }
  out.again = !out.state && rows_left == 0 && !aside.empty();
  if (!aside.empty()) VIGIE_TRY(database_->write(aside, false));
  return out;
}

Result<std::optional<std::int64_t>> FrontierStore::next_due(std::int32_t partition,
                                                            std::string_view domain,
                                                            const Skip& skip) {
  const std::string prefix = due_prefix(partition, domain);
  const auto cursor = database_->cursor(kDue, range_of(prefix));
  std::optional<std::int64_t> next;
  for (const Waiting kind : {Waiting::kPoll, Waiting::kFresh, Waiting::kLater, Waiting::kRevisit}) {
    std::size_t rows = 0;
    for (cursor->seek(prefix + static_cast<char>(kind)); cursor->valid(); cursor->next()) {
      const DueRow due = read_due_key(cursor->key(), prefix.size());
      if (due.kind != kind) break;
      if (++rows <= kRowsAtOnce && skip(due.url)) continue;
      const std::int64_t at = kind == Waiting::kFresh ? 0 : due.order;
      if (!next || at < *next) next = at;
      break;
    }
  }
  VIGIE_TRY(cursor->status());
  return next;
}

Result<void> FrontierStore::put_due(std::int32_t partition, const v1::UrlState& state,
                                    std::int64_t now_unix_ms) {
  storage::Batch batch;
  const std::string domain = domain_of(state.url());
  remove_due(batch, partition, domain, state);
  add_due(batch, partition, domain, state, now_unix_ms);
  return batch.empty() ? Result<void>() : database_->write(batch, false);
}

Result<std::set<std::string>> FrontierStore::unpark(
    std::int32_t partition, const std::function<bool(const std::string&)>& may,
    std::int64_t now_unix_ms) {
  std::set<std::string> domains;
  if (parked_sources_.empty()) return domains;
  storage::Batch batch;
  const auto cursor = database_->cursor(kParked, range_of(partition_prefix(partition)));
  for (cursor->seek_to_first(); cursor->valid();) {
    const std::size_t end = cursor->key().find('\0', 2);
    const std::string source(cursor->key().substr(2, end - 2));
    if (!may(source)) {
      cursor->seek(row(partition, source) + '\1');
      continue;
    }
    const std::string_view url = cursor->key().substr(end + 1);
    VIGIE_ASSIGN(const std::optional<v1::UrlState> state, find(partition, url));
    batch.remove(kParked, cursor->key());
    if (state) {
      const std::string domain = domain_of(url);
      add_due(batch, partition, domain, *state, now_unix_ms);
      domains.insert(domain);
    }
    cursor->next();
  }
  VIGIE_TRY(cursor->status());
  if (!batch.empty()) VIGIE_TRY(database_->write(batch, false));
  return domains;
}

Result<std::map<std::string, std::int64_t>> FrontierStore::domains(std::int32_t partition) {
  std::map<std::string, std::int64_t> out;
  const auto due = database_->cursor(kDue, range_of(partition_prefix(partition)));
  std::string domain;
  std::int64_t* waiting = nullptr;
  for (due->seek_to_first(); due->valid(); due->next()) {
    const std::string_view key = due->key();
    const std::size_t end = key.find('\0', 2);
    if (waiting == nullptr || key.substr(2, end - 2) != domain) {
      domain = key.substr(2, end - 2);
      waiting = &out[domain];
    }
    const Waiting kind = read_due_key(key, end + 1).kind;
    if (kind == Waiting::kFresh || kind == Waiting::kLater) ++*waiting;
  }
  VIGIE_TRY(due->status());
  const auto parked = database_->cursor(kParked, range_of(partition_prefix(partition)));
  for (parked->seek_to_first(); parked->valid(); parked->next()) {
    const std::string_view url = parked->key().substr(parked->key().find('\0', 2) + 1);
    VIGIE_ASSIGN(const std::optional<v1::UrlState> state, find(partition, url));
    if (state && waits_for_first_fetch(*state)) ++out[domain_of(url)];
  }
  VIGIE_TRY(parked->status());
  return out;
}

Result<std::vector<v1::Discovery>> FrontierStore::arrivals(std::int32_t partition) {
  std::vector<v1::Discovery> out;
  const auto cursor = database_->cursor(kArrivals, range_of(partition_prefix(partition)));
  for (cursor->seek_to_first(); cursor->valid(); cursor->next()) {
    if (auto one = parsed<v1::Discovery>(cursor->value())) out.push_back(std::move(*one));
  }
  VIGIE_TRY(cursor->status());
  return out;
}

Result<std::vector<v1::Reservation>> FrontierStore::reservations(std::int32_t partition) {
  std::vector<v1::Reservation> out;
  const auto cursor = database_->cursor(kReservations, range_of(partition_prefix(partition)));
  for (cursor->seek_to_first(); cursor->valid(); cursor->next()) {
    if (auto one = parsed<v1::Reservation>(cursor->value())) out.push_back(std::move(*one));
  }
  VIGIE_TRY(cursor->status());
  return out;
}

Result<std::vector<std::string>> FrontierStore::misplaced(std::int32_t partition) {
  std::vector<std::string> out;
  const auto cursor = database_->cursor(kMisplaced, range_of(partition_prefix(partition)));
  for (cursor->seek_to_first(); cursor->valid() && out.size() < kRowsAtOnce; cursor->next())
    out.emplace_back(cursor->key().substr(2));
  VIGIE_TRY(cursor->status());
  return out;
}

Result<std::vector<std::string>> FrontierStore::finished_before(std::int32_t partition,
                                                                std::string& from, std::size_t rows,
                                                                std::int64_t before_unix_ms) {
  std::vector<std::string> out;
  const auto cursor = database_->cursor(kUrls, range_of(partition_prefix(partition)));
  for (cursor->seek(row(partition, from)); cursor->valid() && rows > 0; cursor->next(), --rows) {
    const auto state = parsed<v1::UrlState>(cursor->value());
    if (state && state->kind() == v1::URL_KIND_ARTICLE && state->next_due_unix_ms() == 0 &&
        state->discovered_at_unix_ms() < before_unix_ms)
      out.push_back(state->url());
  }
  VIGIE_TRY(cursor->status());
  from = cursor->valid() ? std::string(cursor->key().substr(2)) : std::string();
  return out;
}

}  // namespace vigie::crawler
