#include "crawler/frontier/due_rows.h"

#include <limits>

#include "crawler/frontier/rows.h"

namespace vigie::crawler::frontier {
namespace {

std::string parked_key(std::int32_t partition, std::string_view source_id, std::string_view url) {
  std::string key = row(partition, source_id);
  key += '\0';
  key += url;
  return key;
}

std::string newest_bytes(const DueSlot& slot) {
  std::string bytes;
  storage::append_u64(bytes, static_cast<std::uint64_t>(slot.newest));
  return bytes;
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

void DueRows::remove(storage::Batch& batch, std::int32_t partition, std::string_view domain,
                     const v1::UrlState& state) const {
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

void DueRows::add(storage::Batch& batch, std::int32_t partition, std::string_view domain,
                  const v1::UrlState& state, std::int64_t now_unix_ms) const {
  const auto slot = due_slot_of(state, now_unix_ms);
  if (slot)
    batch.put(kDue, due_key(due_prefix(partition, domain), slot->kind, slot->order, state.url()),
              newest_bytes(*slot));
}

/// Pages that were due later and are due now go among the fresh.
Result<void> DueRows::promote(const std::string& prefix, std::int64_t now_unix_ms) {
  storage::Batch batch;
  const std::string later = prefix + static_cast<char>(Waiting::kLater);
  const auto cursor = database_.cursor(kDue, range_of(later));
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
  return batch.empty() ? Result<void>() : database_.write(batch, storage::Durability::kBuffered);
}

/// The first row of a kind, due until then, that is not in hand and may be taken; what may not goes
/// into `aside`.
Result<std::optional<v1::UrlState>> DueRows::head(std::int32_t partition, const std::string& prefix,
                                                  Waiting kind, std::int64_t until,
                                                  const Skip& skip, const MayTake& may_take,
                                                  storage::Batch& aside, std::size_t& rows_left) {
  const auto cursor = database_.cursor(kDue, range_of(prefix + static_cast<char>(kind)));
  for (cursor->seek_to_first(); cursor->valid() && rows_left > 0; cursor->next(), --rows_left) {
    const DueRow due = read_due_key(cursor->key(), prefix.size());
    if (due.order > until) break;
    if (skip(due.url)) continue;
    VIGIE_ASSIGN(std::optional<v1::UrlState> state, find_state(database_, partition, due.url));
    const Verdict verdict = state ? may_take(*state) : Verdict::kDrop;
    if (verdict == Verdict::kTake) return state;
    aside.remove(kDue, cursor->key());
    if (verdict != Verdict::kPark) continue;
    parked_sources_.insert(state->source_id());
    aside.put(kParked, parked_key(partition, state->source_id(), due.url), "");
  }
  VIGIE_TRY(cursor->status());
  return std::optional<v1::UrlState>();
}

Result<DueRows::Taken> DueRows::take(std::int32_t partition, std::string_view domain,
                                     std::int64_t now_unix_ms, bool& last_was_poll,
                                     const Skip& skip, const MayTake& may_take) {
  const std::string prefix = due_prefix(partition, domain);
  VIGIE_TRY(promote(prefix, now_unix_ms));
  storage::Batch aside;
  std::size_t rows_left = kRowsAtOnce;
  const auto first = [&](Waiting kind, std::int64_t until) {
    return head(partition, prefix, kind, until, skip, may_take, aside, rows_left);
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
  if (!aside.empty()) VIGIE_TRY(database_.write(aside, storage::Durability::kBuffered));
  return out;
}

Result<std::optional<std::int64_t>> DueRows::next_due(std::int32_t partition,
                                                      std::string_view domain, const Skip& skip) {
  const std::string prefix = due_prefix(partition, domain);
  const auto cursor = database_.cursor(kDue, range_of(prefix));
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
    VIGIE_ASSIGN(const std::optional<v1::UrlState> state, find_state(database_, partition, url));
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
    VIGIE_ASSIGN(const std::optional<v1::UrlState> state, find_state(database_, partition, url));
    if (state && waits_for_first_fetch(*state)) ++out[domain_of(url)];
  }
  VIGIE_TRY(parked->status());
  return out;
}

}  // namespace vigie::crawler::frontier
