#include <algorithm>

#include "indexer/segments/coding.h"
#include "indexer/shard/local_shard.h"
#include "indexer/shard/match_outbox.h"
#include "platform/logging/logging.h"

namespace vigie::indexer {
namespace {

/// Times its limit that a head may hold while the one before is being sealed.
constexpr std::size_t kMostHeads = 2;
/// After a disk that was full.
constexpr std::chrono::seconds kFullPause{5};

}  // namespace

/// One apply() under way: what goes to disk, then what readers will see.
struct LocalShard::Pending {
  storage::Batch batch;
  std::map<std::string, ArticleRow> rows;
  std::vector<Arrival> arrivals;  // from next ordinal on
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
  const std::lock_guard gate(gate_);
  const std::lock_guard lock(mutex_);
  if (head_->documents() == 0) head_since_ = clock_.since_boot();
  // Of several versions in one batch only the last current one is left; the others are not worth
  // their postings.
  std::set<std::uint64_t> late(pending.superseded.begin(), pending.superseded.end());
  std::uint64_t ordinal = state_.next_ordinal;
  for (const Arrival& arrival : pending.arrivals) {
    if (arrival && !late.contains(ordinal)) {
      head_->add(*arrival);
      for (std::size_t field = 0; field < 2; ++field)
        totals_.length[field] += arrival->length[field];
    } else {
      head_->add_none();
    }
    ++ordinal;
  }
  for (std::uint64_t old : pending.superseded) supersede(old);
  state_ = pending.state;
  totals_.documents = state_.documents;
}

void LocalShard::supersede(std::uint64_t ordinal) {
  const auto forget_length = [&](const segments::Columns& columns, std::uint32_t document) {
    for (std::size_t field = 0; field < 2; ++field)
      totals_.length[field] -= columns.length[field][document];
  };
  if (ordinal >= head_begin_) {
    const auto document = static_cast<std::uint32_t>(ordinal - head_begin_);
    if (head_superseded_.addChecked(document)) forget_length(head_->columns(), document);
    return;
  }
  auto view = std::make_shared<View>(*view_);
  if (view->sealing && ordinal >= view->sealing->begin) {
    const auto document = static_cast<std::uint32_t>(ordinal - view->sealing->begin);
    auto bitmap = std::make_shared<Ordinals>(*view->sealing->superseded);
    if (bitmap->addChecked(document)) forget_length(view->sealing->head->columns(), document);
    view->sealing->superseded = std::move(bitmap);
  }
  for (Sealed& sealed : view->segments) {
    if (ordinal < sealed.row.begin || ordinal >= sealed.row.end) continue;
    const auto document = static_cast<std::uint32_t>(ordinal - sealed.row.begin);
    auto bitmap = std::make_shared<Ordinals>(*sealed.superseded);
    if (bitmap->addChecked(document)) forget_length(sealed.segment->columns(), document);
    sealed.superseded = std::move(bitmap);
  }
  view_ = std::move(view);
}

Result<void> LocalShard::skip_to(std::int64_t offset) {
  State state = state_;
  state.next_offset = offset;
  state.skipped_to = offset;
  storage::Batch batch;
  batch.put(kSystem, kStateRow, state.encode());
  VIGIE_TRY(database_->write(batch, storage::Durability::kSynced));
  const std::lock_guard gate(gate_);
  const std::lock_guard lock(mutex_);
  state_ = state;
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
  const std::lock_guard gate(gate_);
  const std::lock_guard lock(mutex_);
  state_ = state;
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
    if (version.ordinal < head_begin_) {  // in a segment, or in one that is being written
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
  const std::lock_guard gate(gate_);
  const std::lock_guard lock(mutex_);
  for (const ArticleRow::Version& version : row.versions) supersede(version.ordinal);
  state_ = state;
  totals_.documents = state_.documents;
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
  if (totals_.documents == 0) return std::make_shared<segments::Head>();
  const auto documents = static_cast<double>(totals_.documents);
  return std::make_shared<segments::Head>(
      std::array{static_cast<double>(totals_.length[0]) / documents,
                 static_cast<double>(totals_.length[1]) / documents});
}

bool LocalShard::head_is_full() const {
  return head_->documents() >= options_.seal_documents || head_->bytes() >= options_.seal_bytes;
}

Result<bool> LocalShard::seal_if_due() {
  if (seal_) {
    const bool overfull = head_->documents() / kMostHeads >= options_.seal_documents ||
                          head_->bytes() / kMostHeads >= options_.seal_bytes;
    return finish_seal(overfull);
  }
  const bool due = head_is_full() || clock_.since_boot() - head_since_ >= options_.seal_age;
  if (!view_->sealing && (head_->documents() == 0 || !due)) return false;
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
  const std::uint32_t count = head_->documents();
  // While documents are read again there may be superseded ones that are not in the head yet.
  Ordinals within;
  Ordinals beyond;
  for (std::uint32_t document : head_superseded_) {
    if (document < count) {
      within.add(document);
    } else {
      beyond.add(document - count);
    }
  }
  within.runOptimize();
  Sealing sealing{head_, head_begin_, std::make_shared<const Ordinals>(std::move(within))};
  auto fresh = new_head();
  const std::lock_guard gate(gate_);
  const std::lock_guard lock(mutex_);
  auto view = std::make_shared<View>(*view_);
  view->sealing = std::move(sealing);
  view_ = std::move(view);
  head_ = std::move(fresh);
  head_begin_ += count;
  head_superseded_ = std::move(beyond);
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

  const std::lock_guard gate(gate_);
  const std::lock_guard lock(mutex_);
  auto view = std::make_shared<View>(*view_);
  // those that were superseded meanwhile too
  sealed.superseded = view->sealing->superseded;
  view->sealing.reset();
  view->segments.push_back(std::move(sealed));
  view_ = std::move(view);
  state_ = state;
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
  view->segments.assign(before->segments.begin(), first);
  view->segments.push_back(std::move(merged));
  view->segments.insert(view->segments.end(), last, before->segments.end());
  for (auto from = first; from != last; ++from) retired_.push_back(from->segment);
  const std::lock_guard gate(gate_);
  const std::lock_guard lock(mutex_);
  view_ = std::move(view);
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
