#include <algorithm>
#include <iterator>

#include "indexer/segments/coding.h"
#include "indexer/shard/local_shard.h"
#include "indexer/shard/match_outbox.h"
#include "platform/logging/logging.h"

namespace vigie::indexer {
namespace {

/// Times its limit that a head may hold while the one before is being sealed.
constexpr std::size_t kMostHeads = 2;
/// Documents that are added under the lock: some milliseconds.
constexpr std::size_t kMostInPlace = 16;
/// After a disk that was full.
constexpr std::chrono::seconds kFullPause{5};

}  // namespace

/// One apply() under way: what goes to disk, then what readers will see.
struct LocalShard::Pending {
  storage::Batch batch;
  std::map<std::string, ArticleRow> rows;
  std::vector<Arrival> arrivals;  // from the next ordinal on
  std::vector<std::uint64_t> superseded;
  State state;
};

Result<ArticleRow> LocalShard::article_row(const std::string& article_id) const {
  VIGIE_ASSIGN(const auto bytes, database_->get(kArticles, article_id));
  if (!bytes) return ArticleRow();
  return ArticleRow::decode(*bytes);
}

Result<void> LocalShard::take(const LoggedArticle& entry, const MatchFn& match, Pending& pending) {
  const v1::ArticleRecord& article = entry.article;
  VIGIE_INVARIANT(!entry.bytes.empty());
  ArticleRow& row = pending.rows[article.article_id()];
  if (row.hidden) return {};
  Rank rank = rank_of(article, entry.bytes);
  if (std::any_of(row.versions.begin(), row.versions.end(),
                  [&](const ArticleRow::Version& version) {
                    return is_version(version.rank, rank, article);
                  }))
    return {};  // a repeat
  const auto place =
      std::find_if(row.versions.begin(), row.versions.end(),
                   [&](const ArticleRow::Version& version) { return !(rank < version.rank); });
  if (row.versions.size() == kMaxVersions && place == row.versions.end()) return {};
  const bool current = place == row.versions.begin();
  const std::uint64_t ordinal = pending.state.next_ordinal++;
  if (current && !row.versions.empty()) {
    pending.superseded.push_back(row.versions.front().ordinal);
  } else if (current) {
    ++pending.state.documents;
  } else {
    pending.superseded.push_back(ordinal);
  }
  row.versions.insert(place, {std::move(rank), ordinal});
  if (row.versions.size() > kMaxVersions) {
    pending.batch.remove(kDocuments, document_key(row.versions.back().ordinal));
    row.versions.pop_back();
  }
  pending.batch.put(kDocuments, document_key(ordinal), entry.bytes);
  analysis::Prepared prepared;
  if (current || match) prepared = analysis::prepare(article);
  if (match)
    put_matches(match(article, prepared, entry.log_time_unix_ms), pending.state, pending.batch);
  if (current) {
    pending.arrivals.emplace_back(segments::analyse(article, std::move(prepared)));
  } else {
    pending.arrivals.emplace_back(std::nullopt);
  }
  return {};
}

Result<void> LocalShard::apply(const std::vector<LoggedArticle>& batch, std::int64_t next_offset,
                               const MatchFn& match) {
  Pending pending;
  pending.state = state_;
  std::vector<std::string> ids;
  for (const LoggedArticle& entry : batch) ids.push_back(entry.article.article_id());
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  VIGIE_ASSIGN(const auto known, database_->get_many(kArticles, ids));
  for (std::size_t i = 0; i < ids.size(); ++i) {
    ArticleRow row;
    if (known[i]) {
      VIGIE_ASSIGN(row, ArticleRow::decode(*known[i]));
    }
    pending.rows.emplace(ids[i], std::move(row));
  }
  for (const LoggedArticle& entry : batch) VIGIE_TRY(take(entry, match, pending));
  if (!pending.arrivals.empty()) {
    for (const auto& [id, row] : pending.rows) {
      if (!row.versions.empty()) pending.batch.put(kArticles, id, row.encode());
    }
  }
  for (std::uint64_t ordinal : pending.superseded)
    pending.batch.put(kSystem, indexer::row(kSupersededRow, ordinal), {});
  pending.state.next_offset = next_offset;
  pending.batch.put(kSystem, kStateRow, pending.state.encode());
  VIGIE_TRY(database_->write(pending.batch, storage::Durability::kSynced));
  publish(pending);
  return {};
}

void LocalShard::publish(Pending& pending) {
  if (documents_in(view_->live) == 0) head_since_ = clock_.since_boot();
  // Of several versions in one batch only the last current one is left; the others are not worth
  // their postings.
  const std::uint64_t first = state_.next_ordinal;
  for (std::uint64_t ordinal : pending.superseded) {
    if (ordinal >= first) pending.arrivals[ordinal - first].reset();
  }
  if (pending.arrivals.empty()) return set_view(view_, pending.state);
  if (publish_in_place(pending)) return;
  auto view = std::make_shared<View>(*view_);
  const std::size_t part = part_for(view->live, pending.arrivals.size());
  if (part == view->live.size()) view->live.push_back(after(view->live.back(), new_head()));
  fold(view->live, part, kept_);
  segments::Head& head = *view->live.back().head;  // which nobody else has
  for (const Arrival& arrival : pending.arrivals) add(arrival, head);
  settle(pending, *view);
  if (part == 0) {
    kept_.clear();
  } else {
    std::move(pending.arrivals.begin(), pending.arrivals.end(), std::back_inserter(kept_));
  }
  set_view(std::move(view), pending.state);
}

bool LocalShard::publish_in_place(Pending& pending) {
  const auto& live = view_->live;
  if (pending.arrivals.size() > kMostInPlace ||
      part_for(live, pending.arrivals.size()) + 1 < live.size())
    return false;
  auto view = std::make_shared<View>(*view_);
  {
    const std::lock_guard lock(mutex_);
    // what those read who have gone was read before
    if (readers_.load(std::memory_order_acquire) != 0) return false;
    for (const Arrival& arrival : pending.arrivals) add(arrival, *live.back().head);
    settle(pending, *view);
    view_ = std::move(view);
    state_ = pending.state;
  }
  if (view_->live.size() > 1)
    std::move(pending.arrivals.begin(), pending.arrivals.end(), std::back_inserter(kept_));
  return true;
}

void LocalShard::settle(const Pending& pending, View& view) {
  for (const Arrival& arrival : pending.arrivals) {
    if (!arrival) continue;
    for (std::size_t field = 0; field < 2; ++field)
      view.totals.length[field] += arrival->length[field];
  }
  for (std::uint64_t old : pending.superseded) supersede(old, view);
  view.totals.documents = pending.state.documents;
}

void LocalShard::supersede(std::uint64_t ordinal, View& view) {
  const auto hide = [&](std::uint64_t begin, const segments::Columns& columns,
                        std::shared_ptr<const Ordinals>& superseded) {
    if (ordinal < begin || ordinal - begin >= columns.documents()) return;
    const auto document = static_cast<std::uint32_t>(ordinal - begin);
    auto bitmap = std::make_shared<Ordinals>(*superseded);
    if (!bitmap->addChecked(document)) return;
    for (std::size_t field = 0; field < 2; ++field)
      view.totals.length[field] -= columns.length[field][document];
    superseded = std::move(bitmap);
  };
  for (LivePart& part : view.live) hide(part.begin, part.head->columns(), part.superseded);
  if (view.sealing)
    hide(view.sealing->begin, view.sealing->head->columns(), view.sealing->superseded);
  for (Sealed& sealed : view.segments)
    hide(sealed.row.begin, sealed.segment->columns(), sealed.superseded);
}

void LocalShard::set_view(std::shared_ptr<const View> view, const State& state) {
  const std::lock_guard lock(mutex_);
  view_.swap(view);  // what was seen before goes when the lock has gone
  state_ = state;
}

Result<void> LocalShard::skip_to(std::int64_t offset) {
  State state = state_;
  state.next_offset = offset;
  state.skipped_to = offset;
  storage::Batch batch;
  batch.put(kSystem, kStateRow, state.encode());
  VIGIE_TRY(database_->write(batch, storage::Durability::kSynced));
  set_view(view_, state);
  return {};
}

Result<std::vector<Shard::PendingMatch>> LocalShard::pending_matches(std::size_t limit) {
  return read_matches(*database_, limit);
}

Result<void> LocalShard::forget_matches(const std::vector<std::string>& rows) {
  if (rows.empty()) return {};
  storage::Batch batch;
  remove_matches(rows, batch);
  // a row that a crash brings back is relayed again, under the same match id
  return database_->write(batch, storage::Durability::kBuffered);
}

Result<void> LocalShard::set_stories(const std::vector<Membership>& memberships,
                                     std::int64_t stories_offset) {
  storage::Batch batch;
  // by the row of the article in its relation: the group, and the letter of the group's rows
  std::map<std::string, std::pair<std::string, char>> newest;
  for (const Membership& one : memberships) {
    newest["a" + one.article_id] = {one.story_id, 's'};
    if (!one.event_id.empty()) newest["v" + one.article_id] = {one.event_id, 'e'};
  }
  for (const auto& [row, group] : newest) {
    const auto& [id, letter] = group;
    const auto member = [&row = row, letter = letter](const std::string& of) {
      return letter + of + std::string(1, '\0') + row.substr(1);
    };
    VIGIE_ASSIGN(const auto known, database_->get(kStories, row));
    if (known && *known == id) continue;
    if (known) batch.remove(kStories, member(*known));
    batch.put(kStories, row, id);
    batch.put(kStories, member(id), {});
  }
  State state = state_;
  state.stories_offset = stories_offset;
  if (batch.empty() && stories_offset == state_.stories_offset) return {};
  batch.put(kSystem, kStateRow, state.encode());
  VIGIE_TRY(database_->write(batch, storage::Durability::kSynced));
  set_view(view_, state);
  return {};
}

Result<void> LocalShard::takedown(const std::string& article_id) {
  VIGIE_ASSIGN(ArticleRow row, article_row(article_id));
  if (row.hidden) return {};
  storage::Batch batch;
  State state = state_;
  std::vector<std::uint64_t> unpurged;
  for (const ArticleRow::Version& version : row.versions) {
    batch.remove(kDocuments, document_key(version.ordinal));
    batch.put(kSystem, indexer::row(kSupersededRow, version.ordinal), {});
    if (version.ordinal <
        view_->live.front().begin) {  // in a segment, or in one that is being written
      batch.put(kSystem, indexer::row(kUnpurgedRow, version.ordinal), {});
      unpurged.push_back(version.ordinal);
    }
  }
  if (!row.versions.empty()) --state.documents;
  ArticleRow hidden;
  hidden.hidden = true;
  batch.put(kArticles, article_id, hidden.encode());
  batch.put(kSystem, kStateRow, state.encode());
  VIGIE_TRY(database_->write(batch, storage::Durability::kSynced));
  unpurged_.insert(unpurged.begin(), unpurged.end());
  auto view = std::make_shared<View>(*view_);
  for (const ArticleRow::Version& version : row.versions) supersede(version.ordinal, *view);
  view->totals.documents = state.documents;
  set_view(std::move(view), state);
  return {};
}

Result<bool> LocalShard::maintain() {
  VIGIE_TRY(remove_retired());
  if (clock_.since_boot() < full_until_) return false;
  Result<bool> done = maintain_now();
  if (done) return done;
  VIGIE_TRY(wait_for_room(done.error()));
  return false;
}

/// Nothing is lost by a segment that is not written: the documents are in the database, the head
/// and the old segments answer.
Result<void> LocalShard::wait_for_room(const Error& error) {
  if (error.code != ErrorCode("disk_full")) return failure(error);
  full_until_ = clock_.since_boot() + kFullPause;
  logging::warn("a segment of the index could not be written, which is tried again",
                {{"error", error.to_string()}});
  return {};
}

Result<bool> LocalShard::maintain_now() {
  // Merges come first: a head that is full at every visit would leave segments without bound.
  VIGIE_ASSIGN(const bool merged, merge_ ? finish_merge() : merge_if_due());
  if (merged) return true;
  VIGIE_ASSIGN(const bool sealed, seal_if_due());
  if (sealed) return true;
  return merge_ ? Result<bool>(false) : purge();
}

std::shared_ptr<segments::Head> LocalShard::new_head() const {
  const Statistics& totals = view_->totals;
  if (totals.documents == 0) return std::make_shared<segments::Head>();
  const auto documents = static_cast<double>(totals.documents);
  return std::make_shared<segments::Head>(
      std::array{static_cast<double>(totals.length[0]) / documents,
                 static_cast<double>(totals.length[1]) / documents});
}

bool LocalShard::head_is_full() const {
  return documents_in(view_->live) >= options_.seal_documents ||
         bytes_of(view_->live) >= options_.seal_bytes;
}

Result<bool> LocalShard::seal_if_due() {
  if (seal_) {
    const bool overfull = documents_in(view_->live) / kMostHeads >= options_.seal_documents ||
                          bytes_of(view_->live) / kMostHeads >= options_.seal_bytes;
    return finish_seal(overfull);
  }
  const bool due = head_is_full() || clock_.since_boot() - head_since_ >= options_.seal_age;
  if (!view_->sealing && (documents_in(view_->live) == 0 || !due)) return false;
  begin_seal();
  return finish_seal(false);
}

void LocalShard::begin_seal() {
  if (!view_->sealing) set_head_aside();  // or a seal failed, and is tried again
  const Sealing& sealing = *view_->sealing;
  Seal seal;
  seal.row = {next_segment_++, 0, sealing.begin, sealing.begin + sealing.head->documents()};
  const auto launch = options_.maintain_in_background ? std::launch::async : std::launch::deferred;
  seal.written = std::async(launch, [folder = folder_, number = seal.row.number, sealing]() {
    return segments::seal(folder, number, *sealing.head, [&sealing](std::uint32_t document) {
      return sealing.superseded->contains(document);
    });
  });
  seal_ = std::move(seal);
}

void LocalShard::set_head_aside() {
  auto view = std::make_shared<View>(*view_);
  if (view->live.size() > 1) fold(view->live, 0, kept_);
  const LivePart whole = view->live.front();
  const std::uint32_t count = whole.head->documents();
  // While documents are read again there may be superseded ones that are not in the head yet.
  Ordinals within;
  Ordinals beyond;
  for (std::uint32_t document : *whole.superseded) {
    if (document < count) {
      within.add(document);
    } else {
      beyond.add(document - count);
    }
  }
  within.runOptimize();
  view->sealing =
      Sealing{whole.head, whole.begin, std::make_shared<const Ordinals>(std::move(within))};
  view->live = {
      {new_head(), whole.begin + count, std::make_shared<const Ordinals>(std::move(beyond))}};
  set_view(std::move(view), state_);
  kept_.clear();
  head_since_ = clock_.since_boot();
}

Result<bool> LocalShard::finish_seal(bool wait) {
  if (options_.maintain_in_background && !wait &&
      seal_->written.wait_for(std::chrono::seconds(0)) != std::future_status::ready)
    return false;
  Seal seal = std::move(*seal_);
  seal_.reset();
  VIGIE_TRY(publish(seal));
  return true;
}

/// The next try has a number of its own, and a full disk needs the room.
void LocalShard::remove_failed(std::uint32_t number) {
  if (const auto removed = segments::remove(folder_, number); !removed)
    logging::info("files of a segment that failed are left",
                  {{"error", removed.error().to_string()}});
}

Result<void> LocalShard::publish(Seal& seal) {
  const auto bytes = seal.written.get();
  if (!bytes) {
    remove_failed(seal.row.number);
    return failure(bytes.error());
  }
  metrics_.sealed_bytes.add(static_cast<double>(*bytes));
  Sealed sealed;
  sealed.row = seal.row;
  VIGIE_ASSIGN(sealed.segment, segments::Segment::open(folder_, seal.row.number));
  State state = state_;
  state.cutoff = sealed.row.end;
  std::string key(1, kManifestRow);
  storage::append_u32(key, seal.row.number);
  storage::Batch batch;
  batch.put(kSystem, key, sealed.row.encode());
  batch.put(kSystem, kStateRow, state.encode());
  VIGIE_TRY(database_->write(batch, storage::Durability::kSynced));

  auto view = std::make_shared<View>(*view_);
  // those that were superseded meanwhile too
  sealed.superseded = view->sealing->superseded;
  view->sealing.reset();
  view->segments.push_back(std::move(sealed));
  set_view(std::move(view), state);
  return {};
}

Result<bool> LocalShard::merge_if_due() {
  const auto& segments = view_->segments;
  metrics_.segments.set(static_cast<double>(segments.size()));
  // The oldest run of merge_factor neighbours of one level. Levels fall from old to new, so there
  // is at most one run a level.
  for (std::size_t first = 0; first + options_.merge_factor <= segments.size(); ++first) {
    const std::uint32_t level = segments[first].row.level;
    std::size_t count = 0;
    while (count < options_.merge_factor && segments[first + count].row.level == level) ++count;
    if (count < options_.merge_factor) continue;
    if (segments[first + count - 1].row.end - segments[first].row.begin >
        segments::kMaxSegmentDocuments)
      continue;
    begin_merge(first, count, level + 1);
    return finish_merge();
  }
  return false;
}

Result<bool> LocalShard::purge() {
  if (unpurged_.empty()) return false;
  const auto& segments = view_->segments;
  const std::uint64_t ordinal = *unpurged_.begin();
  if (ordinal >= state_.cutoff) return false;  // in a segment that is being written
  for (std::size_t i = 0; i < segments.size(); ++i) {
    if (ordinal < segments[i].row.begin || ordinal >= segments[i].row.end) continue;
    begin_merge(i, 1, segments[i].row.level);
    return finish_merge();
  }
  return segments::corrupt("a hidden document outside every segment");
}

void LocalShard::begin_merge(std::size_t first, std::size_t count, std::uint32_t level) {
  const auto& segments = view_->segments;
  Merge merge;
  merge.row = {next_segment_++, level, segments[first].row.begin,
               segments[first + count - 1].row.end};
  for (std::size_t i = first; i < first + count; ++i) {
    const std::shared_ptr<const Ordinals> bitmap = segments[i].superseded;
    merge.inputs.push_back({segments[i].segment, [bitmap](std::uint32_t document) {
                              return bitmap->contains(document);
                            }});
  }
  merge.purged.assign(unpurged_.lower_bound(merge.row.begin), unpurged_.lower_bound(merge.row.end));
  const auto launch = options_.maintain_in_background ? std::launch::async : std::launch::deferred;
  merge.written =
      std::async(launch, [folder = folder_, number = merge.row.number, inputs = merge.inputs]() {
        return segments::merge(folder, number, inputs);
      });
  merge_ = std::move(merge);
}

Result<bool> LocalShard::finish_merge() {
  if (options_.maintain_in_background &&
      merge_->written.wait_for(std::chrono::seconds(0)) != std::future_status::ready)
    return false;
  Merge merge = std::move(*merge_);
  merge_.reset();
  VIGIE_TRY(publish(merge));
  return true;
}

// Segments that were sealed and documents that were superseded meanwhile stand in the view of now.
Result<void> LocalShard::publish(Merge& merge) {
  const auto bytes = merge.written.get();
  if (!bytes) {
    remove_failed(merge.row.number);
    return failure(bytes.error());
  }
  metrics_.merged_bytes.add(static_cast<double>(*bytes));
  Sealed merged;
  merged.row = merge.row;
  VIGIE_ASSIGN(merged.segment, segments::Segment::open(folder_, merge.row.number));
  const std::shared_ptr<const View> before = view_;
  const auto first =
      std::find_if(before->segments.begin(), before->segments.end(),
                   [&](const Sealed& one) { return one.row.begin == merge.row.begin; });
  const auto last = first + static_cast<std::ptrdiff_t>(merge.inputs.size());
  Ordinals superseded;
  storage::Batch batch;
  for (auto from = first; from != last; ++from) {
    const std::uint64_t base = from->row.begin - merge.row.begin;
    for (std::uint32_t document : *from->superseded)
      superseded.add(static_cast<std::uint32_t>(base + document));
    std::string key(1, kManifestRow);
    storage::append_u32(key, from->row.number);
    batch.remove(kSystem, key);
  }
  superseded.runOptimize();
  merged.superseded = std::make_shared<const Ordinals>(std::move(superseded));
  std::string key(1, kManifestRow);
  storage::append_u32(key, merge.row.number);
  batch.put(kSystem, key, merge.row.encode());
  for (std::uint64_t ordinal : merge.purged)
    batch.remove(kSystem, indexer::row(kUnpurgedRow, ordinal));
  VIGIE_TRY(database_->write(batch, storage::Durability::kSynced));
  for (std::uint64_t ordinal : merge.purged) unpurged_.erase(ordinal);

  auto view = std::make_shared<View>();
  view->sealing = before->sealing;
  view->live = before->live;
  view->totals = before->totals;
  view->segments.assign(before->segments.begin(), first);
  view->segments.push_back(std::move(merged));
  view->segments.insert(view->segments.end(), last, before->segments.end());
  for (auto from = first; from != last; ++from) retired_.push_back(from->segment);
  set_view(std::move(view), state_);
  return {};
}

Result<void> LocalShard::remove_retired() {
  for (std::size_t i = 0; i < retired_.size();) {
    if (retired_[i].use_count() > 1) {  // a reader still has it; no new one can come
      ++i;
      continue;
    }
    VIGIE_TRY(segments::remove(folder_, retired_[i]->number()));
    retired_.erase(retired_.begin() + static_cast<std::ptrdiff_t>(i));
  }
  return {};
}

}  // namespace vigie::indexer
