#include "indexer/shard/local_shard.h"

#include <algorithm>
#include <system_error>

#include "indexer/segments/coding.h"
#include "platform/logging/logging.h"

namespace vigie::indexer {
namespace {

/// Articles read from the log again at opening, a piece at a time.
constexpr std::size_t kOpenLogEvery = 10'000;
constexpr std::string_view kSegmentsFolder = "segments";

}  // namespace

storage::Options database_options(const ShardOptions& options) {
  storage::Options out;
  out.dir = options.dir;
  out.families = {{"system", storage::Use::kSmall},        {"articles", storage::Use::kSmall},
                  {"documents", storage::Use::kDocuments}, {"stories", storage::Use::kSmall},
                  {"postings", storage::Use::kSegments},   {"positions", storage::Use::kSegments},
                  {"matches", storage::Use::kQueue}};
  return out;
}

Result<std::unique_ptr<Shard>> Shard::open(const ShardOptions& options, Clock& clock,
                                           metrics::Registry& registry) {
  std::error_code error;
  std::filesystem::create_directories(options.dir, error);
  if (error)
    return failure(Disposition::kStop, "io",
                   "the folder of a shard cannot be made: " + error.message(),
                   options.dir.string());
  VIGIE_ASSIGN(auto database, options.open_database(database_options(options)));
  return LocalShard::open_on(std::move(database), options, clock, registry);
}

Result<std::unique_ptr<Shard>> LocalShard::open_on(std::unique_ptr<storage::Database> database,
                                                   const ShardOptions& options, Clock& clock,
                                                   metrics::Registry& registry) {
  std::unique_ptr<LocalShard> shard(new LocalShard(std::move(database), options, clock, registry));
  VIGIE_TRY(shard->load());
  return std::unique_ptr<Shard>(std::move(shard));
}

LocalShard::LocalShard(std::unique_ptr<storage::Database> database, const ShardOptions& options,
                       Clock& clock, metrics::Registry& registry)
    : database_(std::move(database)),
      options_(options),
      clock_(clock),
      folder_(options.dir / kSegmentsFolder),
      metrics_(registry) {}

Result<void> LocalShard::load() {
  VIGIE_ASSIGN(const auto schema, database_->get(kSystem, kSchemaRow));
  const auto state = database_->get(kSystem, kStateRow);
  if (!state) return failure(state.error());
  if (*state) {
    VIGIE_ASSIGN(state_, State::decode(**state));
  }
  Maker maker;
  if (schema) {
    VIGIE_ASSIGN(maker, Maker::decode(*schema));
  }
  if (maker.schema > kSchema) {
    return failure(Disposition::kStop, "schema",
                   "this index was made by a newer vigie; run that version, or rebuild the index "
                   "in an empty folder",
                   options_.dir.string());
  }
  if (!schema || maker != Maker()) VIGIE_TRY(forget_segments());
  for (const Family old : {kPositions, kPostings}) {
    const auto cursor = database_->cursor(old);
    cursor->seek_to_first();
    if (cursor->valid()) VIGIE_TRY(database_->drop_range(old, {}, "\xFF\xFF\xFF\xFF\xFF"));
  }
  VIGIE_TRY(load_segments());
  VIGIE_TRY(load_head());
  head_since_ = clock_.since_boot();
  return {};
}

Result<void> LocalShard::forget_segments() {
  storage::Batch batch;
  for (const char kind : {kManifestRow, kUnpurgedRow}) {
    const std::string prefix(1, kind);
    batch.remove_range(kSystem, prefix, storage::after_prefix(prefix));
  }
  if (state_.cutoff > 0)
    logging::info("the index was made by another version and is made again from its documents",
                  {{"documents", std::to_string(state_.cutoff)}});
  State state = state_;
  state.cutoff = 0;
  if (state.next_ordinal > 0) batch.put(kSystem, kStateRow, state.encode());
  batch.put(kSystem, kSchemaRow, Maker().encode());
  VIGIE_TRY(database_->write(batch, storage::Durability::kSynced));
  state_ = state;
  return {};
}

Result<void> LocalShard::load_segments() {
  VIGIE_ASSIGN(const auto rows, manifest());
  VIGIE_TRY(remove_unnamed(rows));
  std::uint64_t end = 0;
  for (const ManifestRow& row : rows) {
    if (row.begin != end) return segments::corrupt("segments that do not follow each other");
    end = row.end;
    next_segment_ = std::max(next_segment_, row.number + 1);
  }
  if (end != state_.cutoff) return segments::corrupt("segments that do not reach the head");
  VIGIE_ASSIGN(auto superseded, load_superseded(rows));
  VIGIE_TRY(load_unpurged());
  VIGIE_ASSIGN(view_, open_segments(rows, std::move(superseded)));
  const auto view = std::make_shared<View>(*view_);
  view->live.front().head = new_head();
  view_ = view;
  return {};
}

Result<std::vector<ManifestRow>> LocalShard::manifest() const {
  std::vector<ManifestRow> rows;
  const std::string prefix(1, kManifestRow);
  const auto cursor = database_->cursor(kSystem, {prefix, storage::after_prefix(prefix)});
  for (cursor->seek_to_first(); cursor->valid(); cursor->next()) {
    VIGIE_ASSIGN(auto row, ManifestRow::decode(cursor->key(), cursor->value()));
    rows.push_back(row);
  }
  VIGIE_TRY(cursor->status());
  std::sort(rows.begin(), rows.end(),
            [](const ManifestRow& a, const ManifestRow& b) { return a.begin < b.begin; });
  return rows;
}

// What no row names was left by a crash between writing a segment and naming it, or between naming
// its successor and removing it.
Result<void> LocalShard::remove_unnamed(const std::vector<ManifestRow>& rows) {
  VIGIE_ASSIGN(const auto present, segments::numbers(folder_));
  for (std::uint32_t number : present) {
    next_segment_ = std::max(next_segment_, number + 1);
    if (std::none_of(rows.begin(), rows.end(),
                     [&](const ManifestRow& row) { return row.number == number; })) {
      VIGIE_TRY(segments::remove(folder_, number));
      logging::info("segment without a manifest row removed",
                    {{"segment", std::to_string(number)}});
    }
  }
  return {};
}

Result<std::map<std::uint64_t, Ordinals>> LocalShard::load_superseded(
    const std::vector<ManifestRow>& rows) {
  std::map<std::uint64_t, Ordinals> superseded;
  for (const ManifestRow& row : rows) superseded.emplace(row.begin, Ordinals());
  superseded.emplace(state_.cutoff, Ordinals());
  const std::string prefix(1, kSupersededRow);
  const auto cursor = database_->cursor(kSystem, {prefix, storage::after_prefix(prefix)});
  for (cursor->seek_to_first(); cursor->valid(); cursor->next()) {
    if (cursor->key().size() != 9) return segments::corrupt("superseded ordinal");
    const std::uint64_t ordinal = storage::read_u64(cursor->key().substr(1));
    if (ordinal >= state_.next_ordinal) continue;
    const auto place = std::prev(superseded.upper_bound(ordinal));
    place->second.add(static_cast<std::uint32_t>(ordinal - place->first));
  }
  VIGIE_TRY(cursor->status());
  return superseded;
}

Result<void> LocalShard::load_unpurged() {
  const std::string prefix(1, kUnpurgedRow);
  const auto cursor = database_->cursor(kSystem, {prefix, storage::after_prefix(prefix)});
  for (cursor->seek_to_first(); cursor->valid(); cursor->next()) {
    if (cursor->key().size() != 9) continue;
    // one that was in a head being sealed is in no segment: the head is made again without it
    const std::uint64_t ordinal = storage::read_u64(cursor->key().substr(1));
    if (ordinal < state_.cutoff) unpurged_.insert(ordinal);
  }
  return cursor->status();
}

Result<std::shared_ptr<const LocalShard::View>> LocalShard::open_segments(
    const std::vector<ManifestRow>& rows, std::map<std::uint64_t, Ordinals> superseded) {
  auto view = std::make_shared<View>();
  view->totals.documents = state_.documents;
  for (const ManifestRow& row : rows) {
    Sealed sealed;
    sealed.row = row;
    VIGIE_ASSIGN(sealed.segment, segments::Segment::open(folder_, row.number));
    const segments::Columns columns = sealed.segment->columns();
    if (columns.documents() != row.end - row.begin)
      return segments::corrupt("a segment of the wrong size");
    Ordinals& bitmap = superseded[row.begin];
    for (std::uint32_t i = 0; i < columns.documents(); ++i) {
      if (bitmap.contains(i)) continue;
      for (std::size_t field = 0; field < 2; ++field)
        view->totals.length[field] += columns.length[field][i];
    }
    bitmap.runOptimize();
    sealed.superseded = std::make_shared<const Ordinals>(std::move(bitmap));
    view->segments.push_back(std::move(sealed));
  }
  LivePart part{nullptr, state_.cutoff, nullptr};
  part.superseded = std::make_shared<const Ordinals>(std::move(superseded[state_.cutoff]));
  view->live.push_back(std::move(part));
  return view;
}

Result<void> LocalShard::load_head() {
  // nobody reads yet, and there is one live head, which seals replace
  std::uint64_t next = state_.cutoff;
  const auto cursor =
      database_->cursor(kDocuments, {document_key(next), document_key(state_.next_ordinal)});
  const auto fill = [&](std::uint64_t to) {
    for (; next < to; ++next) view_->live.front().head->add_none();
  };
  std::size_t added = 0;
  v1::ArticleRecord article;
  for (cursor->seek_to_first(); cursor->valid(); cursor->next()) {
    if (cursor->key().size() != 8) return segments::corrupt("document key");
    const std::uint64_t ordinal = storage::read_u64(cursor->key());
    fill(ordinal);
    // filled with the next
    const LivePart& live = view_->live.front();
    if (live.superseded->contains(static_cast<std::uint32_t>(ordinal - live.begin))) continue;
    if (!article.ParseFromArray(cursor->value().data(), static_cast<int>(cursor->value().size())))
      return segments::corrupt("document");
    const segments::Analysed analysed = segments::analyse(article);
    live.head->add(analysed);
    const auto view = std::make_shared<View>(*view_);
    for (std::size_t field = 0; field < 2; ++field)
      view->totals.length[field] += analysed.length[field];
    view_ = view;
    ++next;
    if (++added % kOpenLogEvery == 0)
      logging::info("indexing stored documents",
                    {{"done", std::to_string(next)}, {"of", std::to_string(state_.next_ordinal)}});
    if (head_is_full() && clock_.since_boot() >= full_until_) {
      begin_seal();
      if (const auto sealed = finish_seal(true); !sealed) VIGIE_TRY(wait_for_room(sealed.error()));
    }
  }
  VIGIE_TRY(cursor->status());
  fill(state_.next_ordinal);
  return {};
}

std::int64_t LocalShard::next_offset() const {
  const std::shared_lock lock(mutex_);
  return state_.next_offset;
}

std::int64_t LocalShard::skipped_to() const {
  const std::shared_lock lock(mutex_);
  return state_.skipped_to;
}

std::int64_t LocalShard::stories_offset() const {
  const std::shared_lock lock(mutex_);
  return state_.stories_offset;
}

std::uint64_t LocalShard::documents() const {
  const std::shared_lock lock(mutex_);
  return view_->totals.documents;
}

std::uint64_t LocalShard::disk_bytes() const { return database_->disk_bytes(); }

Result<void> LocalShard::checkpoint(const std::filesystem::path& to) {
  VIGIE_TRY(database_->checkpoint(to));
  for (const Sealed& sealed : view_->segments)
    VIGIE_TRY(segments::copy(folder_, sealed.row.number, to / kSegmentsFolder));
  return {};
}

}  // namespace vigie::indexer
