#include "crawler/frontier/due_heads.h"

#include <algorithm>
#include <iterator>

#include "crawler/frontier/rows.h"

namespace vigie::crawler::frontier {

Result<DueHead*> DueHeads::of(const std::string& prefix) {
  auto found = heads_.find(prefix);
  if (found == heads_.end()) {
    make_room();
    used_.push_front(prefix);
    found = heads_.emplace(prefix, Known{{}, used_.begin()}).first;
  } else {
    used_.splice(used_.begin(), used_, found->second.used);
  }
  VIGIE_TRY(read(prefix, found->second.head));
  return &found->second.head;
}

/// Reads those kinds of which there may be rows and none is in memory.
Result<void> DueHeads::read(const std::string& prefix, DueHead& head) {
  std::unique_ptr<storage::Cursor> cursor;
  for (std::size_t number = 0; number < kKindsOfWaiting; ++number) {
    DueHead::Kind& kind = head.kinds[number];
    if (kind.whole || !kind.rows.empty()) continue;
    const std::string begin = prefix + static_cast<char>(number);
    if (!cursor) {
      cursor = database_.cursor(kDue, range_of(prefix));
      cursor->seek(begin);
    } else if (cursor->valid() && cursor->key() < begin) {
      cursor->seek(begin);
    }
    for (; cursor->valid() && kind.rows.size() < kRead; cursor->next()) {
      const DueRow row = read_due_key(cursor->key(), prefix.size());
      if (row.kind != static_cast<Waiting>(number)) break;
      const auto newest = cursor->value().size() < sizeof(std::uint64_t)
                              ? row.order
                              : static_cast<std::int64_t>(storage::read_u64(cursor->value()));
      kind.rows.insert({row.order, newest, std::string(row.url)});
      ++rows_;
    }
    VIGIE_TRY(cursor->status());
    kind.whole = kind.rows.size() < kRead;
  }
  return {};
}

void DueHeads::make_room() {
  while (!used_.empty() && (heads_.size() >= kMostDomains || rows_ >= kMostRows)) {
    const auto oldest = heads_.find(used_.back());
    for (const DueHead::Kind& kind : oldest->second.head.kinds) rows_ -= kind.rows.size();
    heads_.erase(oldest);
    used_.pop_back();
  }
}

void DueHeads::add(const std::string& prefix, Waiting kind, WaitingUrl row) {
  const auto found = heads_.find(prefix);
  if (found == heads_.end()) return;
  auto& [rows, whole] = found->second.head.of(kind);
  // What comes behind rows that are not in memory is read with them.
  if (!whole && (rows.empty() || *rows.rbegin() < row)) return;
  if (rows.insert(std::move(row)).second) ++rows_;
  if (rows.size() <= kHeld) return;
  rows.erase(std::prev(rows.end()));
  --rows_;
  whole = false;
}

void DueHeads::remove(const std::string& prefix, Waiting kind, const WaitingUrl& row) {
  const auto found = heads_.find(prefix);
  if (found != heads_.end()) rows_ -= found->second.head.of(kind).rows.erase(row);
}

void DueHeads::forget() {
  heads_.clear();
  used_.clear();
  rows_ = 0;
}

}  // namespace vigie::crawler::frontier
