#include "crawler/frontier/due_rows.h"

#include <limits>
#include <utility>

#include "crawler/frontier/rows.h"

namespace vigie::crawler::frontier {
namespace {

std::string parked_key(std::int32_t partition, std::string_view source_id, std::string_view url) {
  std::string key = row(partition, source_id);
  key += '\0';
  key += url;
  return key;
}

}  // namespace

Result<void> DueRows::open() {
  const auto cursor = database_.cursor(kParked);
  for (cursor->seek_to_first(); cursor->valid();) {
    const std::string key(cursor->key().substr(0, cursor->key().find('\0', 2)));
    parked_sources_.insert(key.substr(2));
    cursor->seek(key + '\1');
  }
  return cursor->status();
}

void DueRows::remove_row(storage::Batch& batch, const std::string& prefix, Waiting kind,
                         const WaitingUrl& row) {
  batch.remove(kDue, due_key(prefix, kind, row.order, row.url));
  heads_.remove(prefix, kind, row);
}

void DueRows::add_row(storage::Batch& batch, const std::string& prefix, Waiting kind,
                      WaitingUrl row) {
  std::string newest;
  storage::append_u64(newest, static_cast<std::uint64_t>(row.newest));
  batch.put(kDue, due_key(prefix, kind, row.order, row.url), newest);
  heads_.add(prefix, kind, std::move(row));
}

void DueRows::remove(storage::Batch& batch, std::int32_t partition, std::string_view domain,
                     const v1::UrlState& state) {
  // Whether the row of a page that was never fetched is among the fresh or the later depends on
  // when it was looked at last: both go.
  const std::string prefix = due_prefix(partition, domain);
  const auto later = due_slot_of(state, std::numeric_limits<std::int64_t>::min());
  if (!later) return;
  remove_row(batch, prefix, later->kind, {later->order, later->newest, state.url()});
  if (later->kind == Waiting::kLater)
    remove_row(batch, prefix, Waiting::kFresh, {later->newest, later->newest, state.url()});
  if (parked_sources_.count(state.source_id()) != 0)
    batch.remove(kParked, parked_key(partition, state.source_id(), state.url()));
}

void DueRows::add(storage::Batch& batch, std::int32_t partition, std::string_view domain,
                  const v1::UrlState& state, std::int64_t now_unix_ms) {
  const auto slot = due_slot_of(state, now_unix_ms);
  if (slot) add(batch, partition, domain, *slot, state.url());
}

void DueRows::add(storage::Batch& batch, std::int32_t partition, std::string_view domain,
                  const DueSlot& slot, std::string url) {
  add_row(batch, due_prefix(partition, domain), slot.kind,
          {slot.order, slot.newest, std::move(url)});
}

/// Pages that were due later and are due now go among the fresh.
Result<void> DueRows::promote(const std::string& prefix, std::int64_t now_unix_ms) {
  std::size_t rows = 0;
  while (true) {
    VIGIE_ASSIGN(DueHead * head, heads_.of(prefix));
    DueHead::Kind& later = head->of(Waiting::kLater);
    storage::Batch batch;
    while (!later.rows.empty() && later.rows.begin()->order <= now_unix_ms &&
           rows++ < kRowsAtOnce) {
      const WaitingUrl row = *later.rows.begin();
      remove_row(batch, prefix, Waiting::kLater, row);
      add_row(batch, prefix, Waiting::kFresh, {row.newest, row.newest, row.url});
    }
    if (batch.empty()) return {};
    VIGIE_TRY(database_.write(batch, storage::Durability::kBuffered));
    if (!later.rows.empty()) return {};
  }
}

/// Whether a row may be taken now: then its state. What may not goes into `aside`.
Result<std::optional<v1::UrlState>> DueRows::look(const Search& search, Waiting kind,
                                                  const WaitingUrl& row, storage::Batch& aside) {
  VIGIE_ASSIGN(std::optional<v1::UrlState> state, states_.find(search.partition, row.url));
  const Verdict verdict = state ? search.may_take(*state) : Verdict::kDrop;
  if (verdict == Verdict::kTake) return state;
  remove_row(aside, search.prefix, kind, row);
  if (verdict == Verdict::kPark) {
    parked_sources_.insert(state->source_id());
    aside.put(kParked, parked_key(search.partition, state->source_id(), row.url), "");
  }
  return std::optional<v1::UrlState>();
}

/// Calls `each` for the rows of a kind in their order until it says so: first those in memory, then
/// those behind them, which are read only where all of the first are passed over.
Result<void> DueRows::each_row(const std::string& prefix, DueHead& head, Waiting kind,
                               const std::function<Result<bool>(const WaitingUrl&)>& each) {
  DueHead::Kind& memory = head.of(kind);
  std::string last = prefix + static_cast<char>(kind);
  for (auto at = memory.rows.begin(); at != memory.rows.end();) {
    const WaitingUrl row = *at++;  // it may be removed
    VIGIE_ASSIGN(const bool over, each(row));
    if (over) return {};
    if (at == memory.rows.end()) last = due_key(prefix, kind, row.order, row.url) + '\0';
  }
  if (memory.whole) return {};
  const auto cursor = database_.cursor(kDue, range_of(prefix + static_cast<char>(kind)));
  for (cursor->seek(last); cursor->valid(); cursor->next()) {
    const DueRow row = read_due_key(cursor->key(), prefix.size());
    VIGIE_ASSIGN(const bool over, each({row.order, 0, std::string(row.url)}));
    if (over) return {};
  }
  return cursor->status();
}

/// The first row of a kind, due until then, that is not in hand and may be taken.
Result<std::optional<v1::UrlState>> DueRows::first(const Search& search, DueHead& head,
                                                   Waiting kind, std::int64_t until,
                                                   storage::Batch& aside, std::size_t& rows_left) {
  std::optional<v1::UrlState> found;
  VIGIE_TRY(each_row(search.prefix, head, kind, [&](const WaitingUrl& row) -> Result<bool> {
    if (rows_left == 0 || row.order > until) return true;
    --rows_left;
    if (search.skip(row.url)) return false;
    VIGIE_ASSIGN(found, look(search, kind, row, aside));
    return found.has_value();
  }));
  return found;
}

Result<DueRows::Taken> DueRows::take(std::int32_t partition, std::string_view domain,
                                     std::int64_t now_unix_ms, bool& last_was_poll,
                                     const Skip& skip, const MayTake& may_take) {
  const Search search{partition, due_prefix(partition, domain), skip, may_take};
  VIGIE_TRY(promote(search.prefix, now_unix_ms));
  VIGIE_ASSIGN(DueHead * head, heads_.of(search.prefix));
  storage::Batch aside;
  std::size_t rows_left = kRowsAtOnce;
  const auto first_of = [&](Waiting kind, std::int64_t until) {
    return first(search, *head, kind, until, aside, rows_left);
  };
  Taken out;
  VIGIE_ASSIGN(std::optional<v1::UrlState> poll, first_of(Waiting::kPoll, now_unix_ms));
  if (poll && !last_was_poll) {
    out.state = std::move(poll);
    last_was_poll = true;
  } else {
    VIGIE_ASSIGN(std::optional<v1::UrlState> fresh,
                 first_of(Waiting::kFresh, std::numeric_limits<std::int64_t>::max()));
    last_was_poll = !fresh && poll;
    out.state = fresh ? std::move(fresh) : std::move(poll);
    if (!out.state) {
      VIGIE_ASSIGN(out.state, first_of(Waiting::kRevisit, now_unix_ms));
    }
  }
  out.again = !out.state && rows_left == 0 && !aside.empty();
  if (!aside.empty()) VIGIE_TRY(database_.write(aside, storage::Durability::kBuffered));
  return out;
}

Result<std::optional<std::int64_t>> DueRows::next_due(std::int32_t partition,
                                                      std::string_view domain, const Skip& skip) {
  const std::string prefix = due_prefix(partition, domain);
  VIGIE_ASSIGN(DueHead * head, heads_.of(prefix));
  std::optional<std::int64_t> next;
  for (const Waiting kind : {Waiting::kPoll, Waiting::kFresh, Waiting::kLater, Waiting::kRevisit}) {
    std::size_t rows = 0;
    VIGIE_TRY(each_row(prefix, *head, kind, [&](const WaitingUrl& row) -> Result<bool> {
      if (++rows <= kRowsAtOnce && skip(row.url)) return false;
      const std::int64_t at = kind == Waiting::kFresh ? 0 : row.order;
      if (!next || at < *next) next = at;
      return true;
    }));
  }
  return next;
}

Result<void> DueRows::put_due(std::int32_t partition, const v1::UrlState& state,
                              std::int64_t now_unix_ms) {
  storage::Batch batch;
  const std::string domain = domain_of(state.url());
  remove(batch, partition, domain, state);
  add(batch, partition, domain, state, now_unix_ms);
  return batch.empty() ? Result<void>() : database_.write(batch, storage::Durability::kBuffered);
}

Result<std::set<std::string>> DueRows::unpark(std::int32_t partition,
                                              const std::function<bool(const std::string&)>& may,
                                              std::int64_t now_unix_ms) {
  std::set<std::string> domains;
  if (parked_sources_.empty()) return domains;
  storage::Batch batch;
  const auto cursor = database_.cursor(kParked, range_of(partition_prefix(partition)));
  for (cursor->seek_to_first(); cursor->valid();) {
    const std::size_t end = cursor->key().find('\0', 2);
    const std::string source(cursor->key().substr(2, end - 2));
    if (!may(source)) {
      cursor->seek(row(partition, source) + '\1');
      continue;
    }
    const std::string_view url = cursor->key().substr(end + 1);
    VIGIE_ASSIGN(const std::optional<v1::UrlState> state, states_.find(partition, url));
    batch.remove(kParked, cursor->key());
    if (state) {
      const std::string domain = domain_of(url);
      add(batch, partition, domain, *state, now_unix_ms);
      domains.insert(domain);
    }
    cursor->next();
  }
  VIGIE_TRY(cursor->status());
  if (!batch.empty()) VIGIE_TRY(database_.write(batch, storage::Durability::kBuffered));
  return domains;
}

Result<std::map<std::string, std::int64_t>> DueRows::domains(std::int32_t partition) {
  std::map<std::string, std::int64_t> out;
  const auto due = database_.cursor(kDue, range_of(partition_prefix(partition)));
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
  const auto parked = database_.cursor(kParked, range_of(partition_prefix(partition)));
  for (parked->seek_to_first(); parked->valid(); parked->next()) {
    const std::string_view url = parked->key().substr(parked->key().find('\0', 2) + 1);
    VIGIE_ASSIGN(const std::optional<v1::UrlState> state, states_.find(partition, url));
    if (state && waits_for_first_fetch(*state)) ++out[domain_of(url)];
  }
  VIGIE_TRY(parked->status());
  return out;
}

}  // namespace vigie::crawler::frontier
