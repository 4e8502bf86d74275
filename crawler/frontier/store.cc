#include "crawler/frontier/store.h"

#include <algorithm>
#include <set>
#include <span>
#include <string>
#include <unordered_map>

#include "crawler/frontier/new_urls.h"
#include "crawler/frontier/rows.h"
#include "platform/log/bad_record.h"
#include "platform/url/url.h"
#include "proto/log_topics.h"

namespace vigie::crawler::frontier {
namespace {

/// Memory of the store: write buffers of each family, and one cache for blocks, filters and
/// indexes.
constexpr std::size_t kWriteBufferBytes = 4ULL << 20;
constexpr std::size_t kBlockCacheBytes = 32ULL << 20;

/// Of what is stored beside what the log says. A store of another one is read anew from the log.
constexpr const char* kFormat = "/3";

void pass_over(const log::Record& record, FrontierStore::Applied& out) {
  ++out.bad_records;
  log::warn_bad_record(proto::Topic::kFrontier, record);
}

bool tells_new_urls(const log::Record& record) {
  return record.value && record.key.starts_with(kNewUrlsPrefix);
}

DueSlot slot_of(const v1::NewUrls& urls, const v1::NewUrl& url, std::int64_t now_unix_ms) {
  const std::int64_t at = urls.discovered_at_unix_ms();
  if (url.kind() != v1::URL_KIND_ARTICLE) return {Waiting::kPoll, at, 0};
  return first_slot(at, at, url.feed_item().published(), now_unix_ms);
}

}  // namespace

/// What the records of one batch make of a URL, in the end.
struct FrontierStore::Change {
  std::string url;
  std::string domain;
  std::optional<v1::UrlState> state = {};  // nothing: forgotten
  const std::string* bytes = nullptr;
  proto::Digest128 digest = {};
  std::optional<Note> note = {};  // as it was; nothing: the URL was not known
  std::optional<v1::UrlState> before = {};
};

/// In the order in which the URLs came.
struct FrontierStore::Changes {
  std::vector<Change> all;
  std::unordered_map<std::string, std::size_t> by_url;
  std::map<std::uint32_t, std::shared_ptr<const StandingUrls>> removed;  // records of new URLs

  Change& of(const std::string& url, const std::string& domain) {
    const auto [found, is_new] = by_url.try_emplace(url, all.size());
    if (is_new) all.push_back({url, domain});
    return all[found->second];
  }
};

FrontierStore::FrontierStore(std::unique_ptr<storage::Database> database, std::int32_t partitions,
                             std::string suffixes)
    : database_(std::move(database)),
      partitions_(partitions),
      suffixes_(std::move(suffixes) + kFormat),
      new_urls_(*database_),
      known_(*database_, new_urls_),
      states_(*database_, known_, new_urls_),
      due_(*database_, states_) {}

Result<std::unique_ptr<FrontierStore>> FrontierStore::open(const std::filesystem::path& dir,
                                                           std::int32_t partitions,
                                                           std::string suffixes,
                                                           const storage::Opener& open_database) {
  storage::Options options;
  options.dir = dir;
  options.families = {{"urls", storage::Use::kSmall},         {"due", storage::Use::kQueue},
                      {"parked", storage::Use::kQueue},       {"arrivals", storage::Use::kQueue},
                      {"reservations", storage::Use::kSmall}, {"misplaced", storage::Use::kQueue},
                      {"meta", storage::Use::kSmall},         {"texts", storage::Use::kSmall},
                      {"new", storage::Use::kQueue}};
  options.write_buffer_bytes = kWriteBufferBytes;
  options.block_cache_bytes = kBlockCacheBytes;
  VIGIE_ASSIGN(std::unique_ptr<storage::Database> database, open_database(options));
  std::unique_ptr<FrontierStore> store(
      new FrontierStore(std::move(database), partitions, std::move(suffixes)));
  VIGIE_TRY(store->due_.open());
  return store;
}

void FrontierStore::put_progress(storage::Batch& batch, std::int32_t partition,
                                 const Progress& progress) const {
  std::string bytes;
  storage::append_u64(bytes, static_cast<std::uint64_t>(progress.next_offset));
  storage::append_u64(bytes, static_cast<std::uint64_t>(progress.synced_at_unix_ms));
  storage::append_u64(bytes, progress.urls);
  batch.put(kMeta, partition_prefix(partition), bytes + suffixes_);
}

Result<std::optional<FrontierStore::Progress>> FrontierStore::progress(std::int32_t partition) {
  VIGIE_ASSIGN(const auto bytes, database_->get(kMeta, partition_prefix(partition)));
  constexpr std::size_t kNumbers = 3 * sizeof(std::uint64_t);
  if (!bytes || bytes->size() < kNumbers || bytes->substr(kNumbers) != suffixes_)
    return std::optional<Progress>();
  const std::string_view view = *bytes;
  const Progress progress{static_cast<std::int64_t>(storage::read_u64(view)),
                          static_cast<std::int64_t>(storage::read_u64(view.substr(8))),
                          storage::read_u64(view.substr(16))};
  progress_[partition] = progress;
  return std::optional<Progress>(progress);
}

Result<void> FrontierStore::clear(std::int32_t partition) {
  const std::string begin = partition_prefix(partition);
  const std::string end = storage::after_prefix(begin);
  storage::Batch batch;
  for (const Family family : {kUrls, kDue, kParked, kArrivals, kReservations, kMisplaced, kTexts})
    batch.remove_range(family, begin, end);
  batch.remove(kMeta, begin);
  progress_.erase(partition);
  known_.clear(batch, partition);
  new_urls_.clear(batch, partition);
  due_.forget_memory();
  return database_->write(batch, storage::Durability::kBuffered);
}

std::uint64_t FrontierStore::urls(std::int32_t partition) const {
  const auto found = progress_.find(partition);
  return found == progress_.end() ? 0 : found->second.urls;
}

/// What a record says, into the batch; of URLs only the last word counts.
void FrontierStore::collect(std::int32_t partition, const log::Record& record,
                            storage::Batch& batch, Changes& urls, Applied& out) {
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
    domain = domains_.of(name);
    Change& change = urls.of(name, domain);
    change.state = std::move(state);
    change.bytes = record.value ? &*record.value : nullptr;
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

/// Keeps which page has a text. That of an alias is another's.
void FrontierStore::note_text(std::int32_t partition, const std::optional<v1::UrlState>& old,
                              const std::optional<v1::UrlState>& state, storage::Batch& batch) {
  const auto row_of = [&](const std::optional<v1::UrlState>& one) {
    return !one || one->text_digest().empty() || !one->alias_of().empty()
               ? std::string()
               : text_row(partition, one->source_id(), one->text_digest());
  };
  const std::string before = row_of(old);
  const std::string after = row_of(state);
  if (before == after) return;
  if (!before.empty()) batch.remove(kTexts, before);
  if (!after.empty()) batch.put(kTexts, after, state->url());
}

/// What was known of the URLs. Of what is new nothing is, and nothing is read.
Result<void> FrontierStore::find_before(std::int32_t partition, Changes& urls) {
  VIGIE_ASSIGN(const KnownUrls* known, known_.of(partition));
  std::vector<std::string> keys;
  std::vector<Change*> changes;
  for (Change& change : urls.all) {
    change.digest = proto::digest128(change.url);
    change.note = known->find(change.digest);
    if (!change.note) continue;
    if (is_standing(*change.note)) {
      VIGIE_ASSIGN(change.before,
                   states_.first_state(partition, number_of(*change.note), change.digest));
      continue;
    }
    keys.push_back(row(partition, change.url));
    changes.push_back(&change);
  }
  if (keys.empty()) return {};
  VIGIE_ASSIGN(const auto before, database_->get_many(kUrls, keys));
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (before[i]) changes[i]->before = parsed<v1::UrlState>(*before[i]);
  }
  return {};
}

/// The mirror of a URL, on disk and in memory.
void FrontierStore::put_url(std::int32_t partition, const Change& change, storage::Batch& batch) {
  Progress& progress = progress_[partition];
  if (!change.state) {
    batch.remove(kUrls, row(partition, change.url));
    known_.remove(batch, partition, change.digest);
    --progress.urls;
    return;
  }
  batch.put(kUrls, row(partition, change.url), *change.bytes);
  if (!change.note) ++progress.urls;
  const Note note = note_of(*change.state);
  if (change.note != note) known_.put(batch, partition, change.digest, note);
}

void FrontierStore::change_url(std::int32_t partition, const Change& change,
                               std::int64_t now_unix_ms, storage::Batch& batch, Applied& out) {
  const std::optional<v1::UrlState>& old = change.before;
  if (change.state || change.note) put_url(partition, change, batch);
  note_text(partition, old, change.state, batch);
  // What stands in the wrong partition is moved, not fetched from here.
  if (proto::partition_of(change.domain, partitions_) != partition) return;
  if (old && old->next_due_unix_ms() != 0) due_.remove(batch, partition, change.domain, *old);
  if (change.state && change.state->next_due_unix_ms() != 0)
    due_.add(batch, partition, change.domain, *change.state, now_unix_ms);
  std::int64_t& waiting = out.domains[change.domain];
  if (old && waits_for_first_fetch(*old)) --waiting;
  if (change.state && waits_for_first_fetch(*change.state)) ++waiting;
}

/// Records of one kind that follow each other, and where their changes go.
struct FrontierStore::Run {
  FrontierStore& store;
  std::int32_t partition;
  std::span<const log::Record> records;
  std::int64_t now_unix_ms;
  storage::Batch& batch;
  Applied& out;

  Result<void> take_new() const;
  void take_first(std::uint32_t number, const v1::NewUrls& said, const v1::NewUrl& url,
                  const proto::Digest128& digest) const;
  Result<void> take_others() const;
  Result<void> forget_left(const log::Record& record, Changes& urls) const;
  Result<void> note_left(Changes& urls) const;
};

/// The first state of a URL that is not known.
void FrontierStore::Run::take_first(std::uint32_t number, const v1::NewUrls& said,
                                    const v1::NewUrl& url, const proto::Digest128& digest) const {
  store.known_.put_standing(partition, digest, number);
  ++store.progress_[partition].urls;
  const std::string& domain = store.domains_.of(url.url());
  if (proto::partition_of(domain, store.partitions_) != partition) {
    // It is moved as if it had a record of its own.
    out.misplaced = true;
    batch.put(kMisplaced, row(partition, "u:" + url.url()), "");
    return;
  }
  store.due_.add(batch, partition, domain, slot_of(said, url, now_unix_ms), url.url());
  out.domains[domain] += url.kind() == v1::URL_KIND_ARTICLE ? 1 : 0;
}

/// Records of new URLs. Of a URL that has a state they say nothing.
Result<void> FrontierStore::Run::take_new() const {
  VIGIE_ASSIGN(const KnownUrls* known, store.known_.of(partition));
  std::set<std::string_view> keys;
  for (const log::Record& record : records) {
    v1::NewUrls said;
    if (!said.ParseFromString(*record.value) || said.urls().empty() || record.key != key_of(said)) {
      pass_over(record, out);
      continue;
    }
    VIGIE_ASSIGN(const auto stands, store.new_urls_.number_of(partition, record.key));
    if (stands || !keys.insert(record.key).second) continue;  // it says the same
    const auto urls = StandingUrls::of(record.key, *record.value, said);
    if (!urls) {
      pass_over(record, out);
      continue;
    }
    VIGIE_ASSIGN(const std::uint32_t number, store.new_urls_.next_number(partition));
    Left left(urls->size());
    bool all = true;
    for (std::size_t i = 0; i < urls->size(); ++i) {
      if (!known->find(urls->digest(i))) {
        take_first(number, said, said.urls(static_cast<int>(i)), urls->digest(i));
      } else {
        left.remove(i);
        all = false;
      }
    }
    if (left.none()) {
      out.spent.push_back(record.key);
      continue;
    }
    store.new_urls_.put(batch, partition, number, urls);
    if (!all) store.new_urls_.put_left(batch, partition, number, left);
  }
  return {};
}

/// A record of new URLs is removed from the log: what is left in it goes, too.
Result<void> FrontierStore::Run::forget_left(const log::Record& record, Changes& urls) const {
  VIGIE_ASSIGN(const auto number, store.new_urls_.number_of(partition, record.key));
  if (!number) return {};
  VIGIE_ASSIGN(const auto standing, store.new_urls_.of(partition, *number));
  VIGIE_ASSIGN(const Left left, store.new_urls_.left(partition, *number, standing->size()));
  for (std::size_t i = 0; i < standing->size(); ++i) {
    if (!left.has(i)) continue;
    VIGIE_ASSIGN(const v1::NewUrl url, standing->url(i));
    // What has changed since then has a word of its own.
    if (!urls.by_url.contains(url.url())) urls.of(url.url(), store.domains_.of(url.url()));
  }
  urls.removed.emplace(*number, standing);
  return {};
}

/// URLs that have a word of their own now are left in no record of new URLs.
Result<void> FrontierStore::Run::note_left(Changes& urls) const {
  std::map<std::uint32_t, Left> changed;
  for (const Change& change : urls.all) {
    if (!change.note || !is_standing(*change.note)) continue;
    const std::uint32_t number = number_of(*change.note);
    if (urls.removed.contains(number)) continue;
    VIGIE_ASSIGN(const auto standing, store.new_urls_.of(partition, number));
    auto left = changed.find(number);
    if (left == changed.end()) {
      VIGIE_ASSIGN(Left bits, store.new_urls_.left(partition, number, standing->size()));
      left = changed.emplace(number, std::move(bits)).first;
    }
    const std::size_t at = standing->find(change.digest);
    if (at != StandingUrls::kNone) left->second.remove(at);
  }
  for (const auto& [number, left] : changed) {
    store.new_urls_.put_left(batch, partition, number, left);
    if (!left.none()) continue;
    VIGIE_ASSIGN(const auto standing, store.new_urls_.of(partition, number));
    out.spent.push_back(standing->key());
  }
  for (const auto& [number, standing] : urls.removed)
    store.new_urls_.remove(batch, partition, number, *standing);
  return {};
}

Result<void> FrontierStore::Run::take_others() const {
  Changes changes;
  for (const log::Record& record : records) {
    if (record.key.starts_with(kNewUrlsPrefix)) VIGIE_TRY(forget_left(record, changes));
    else store.collect(partition, record, batch, changes, out);
  }
  VIGIE_TRY(store.find_before(partition, changes));
  for (const Change& change : changes.all)
    store.change_url(partition, change, now_unix_ms, batch, out);
  return note_left(changes);
}

Result<FrontierStore::Applied> FrontierStore::apply(std::int32_t partition,
                                                    const std::vector<log::Record>& records,
                                                    std::int64_t next_offset, bool caught_up,
                                                    std::int64_t now_unix_ms) {
  if (progress_.count(partition) == 0) VIGIE_TRY(progress(partition));
  VIGIE_TRY(known_.of(partition));
  Applied out;
  std::size_t begin = 0;
  do {
    // What a record of new URLs says depends on all that was before it.
    std::size_t end = begin;
    while (end < records.size() && tells_new_urls(records[end]) == tells_new_urls(records[begin]))
      ++end;
    storage::Batch batch;
    const Run run{*this,       partition, std::span(records).subspan(begin, end - begin),
                  now_unix_ms, batch,     out};
    VIGIE_TRY(end > begin && tells_new_urls(records[begin]) ? run.take_new() : run.take_others());
    const bool last = end == records.size();
    Progress& progress = progress_[partition];
    progress.next_offset = last ? next_offset : records[end].offset;
    if (last && caught_up) progress.synced_at_unix_ms = now_unix_ms;
    put_progress(batch, partition, progress);
    // Not synced: what a power cut takes from the end is read again.
    VIGIE_TRY(database_->write(batch, storage::Durability::kBuffered));
    begin = end;
  } while (begin < records.size());
  return out;
}

Result<void> FrontierStore::note_synced(std::int32_t partition, std::int64_t now_unix_ms) {
  Progress& progress = progress_[partition];
  progress.synced_at_unix_ms = now_unix_ms;
  storage::Batch batch;
  put_progress(batch, partition, progress);
  return database_->write(batch, storage::Durability::kBuffered);
}

Result<std::optional<v1::UrlState>> FrontierStore::find(std::int32_t partition,
                                                        std::string_view url) {
  return states_.find(partition, url);
}

Result<std::optional<std::string>> FrontierStore::page_with_text(std::int32_t partition,
                                                                 std::string_view source_id,
                                                                 std::string_view text_digest) {
  return database_->get(kTexts, text_row(partition, source_id, text_digest));
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

Result<std::vector<FrontierStore::LongStanding>> FrontierStore::long_standing(
    std::int32_t partition, std::int64_t before_unix_ms, std::size_t most) {
  std::vector<LongStanding> out;
  VIGIE_ASSIGN(const auto old, new_urls_.older_than(partition, before_unix_ms, most));
  for (const auto& [number, standing] : old) {
    VIGIE_ASSIGN(const Left left, new_urls_.left(partition, number, standing->size()));
    LongStanding& one = out.emplace_back();
    one.key = standing->key();
    for (std::size_t i = 0; i < standing->size(); ++i) {
      if (!left.has(i)) continue;
      VIGIE_ASSIGN(v1::NewUrl url, standing->url(i));
      one.urls.push_back(std::move(*url.mutable_url()));
    }
  }
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

}  // namespace vigie::crawler::frontier
