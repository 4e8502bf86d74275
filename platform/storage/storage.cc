#include "platform/storage/storage.h"

#include <rocksdb/cache.h>
#include <rocksdb/convenience.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/options.h>
#include <rocksdb/sst_file_writer.h>
#include <rocksdb/table.h>
#include <rocksdb/utilities/checkpoint.h>
#include <rocksdb/utilities/table_properties_collectors.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdarg>
#include <cstdio>
#include <system_error>
#include <thread>

#include "platform/logging/logging.h"
#include "platform/storage/figures.h"
#include "platform/storage/waiting_file_system.h"

namespace vigie::storage {
namespace {

using rocksdb::ColumnFamilyHandle;
using rocksdb::Slice;
using rocksdb::Status;

// smaller values stay in the tree, where scans are sequential
constexpr std::uint64_t kBlobMinBytes = 1024;
// an ingested file ends after so much: whole files can be dropped
constexpr std::uint64_t kSegmentFileBytes = 64ULL << 20;
// all families; then the laggard is flushed, so that opening stays quick
constexpr std::uint64_t kMaxWalBytes = 256ULL << 20;
constexpr int kMaxOpenFiles = 512;                   // file descriptors of one database
constexpr std::size_t kCachePartBytes = 4ULL << 20;  // far greater than any block
constexpr int kMostCachePartBits = 6;
constexpr int kMostNotes = 100;             // of RocksDB, about one database while it is open
constexpr std::size_t kQueueWindow = 1024;  // this many keys …
// … of which so many deleted: the file is compacted soon
constexpr std::size_t kQueueDeletes = 256;
constexpr int kSecondsBetweenComplaints = 30;  // while the disk is full
constexpr std::string_view kIngestFolder = "ingest";

Slice slice(std::string_view bytes) { return {bytes.data(), bytes.size()}; }
std::string_view view(const Slice& bytes) { return {bytes.data(), bytes.size()}; }

tl::unexpected<Error> error_of(const Status& status, const std::string& where) {
  const std::string text = status.ToString();
  if (status.IsCorruption()) {
    return failure(Disposition::kStop, "corrupt",
                   "the database is damaged: " + text + "; restore the last backup of this folder",
                   where);
  }
  if (status.IsNoSpace())
    return failure(Disposition::kStop, "disk_full",
                   "no space is left on the disk; make room and start again", where);
  return failure(Disposition::kStop, "io", "the database cannot be read or written: " + text,
                 where);
}

bool is_lock_failure(const Status& status) {
  const std::string text = status.ToString();
  return status.IsIOError() &&
         (text.find("LOCK") != std::string::npos || text.find("lock ") != std::string::npos);
}

/// RocksDB cuts a cache into parts of 512 KB by itself: a block of a long value would push out all
/// else of its part.
std::shared_ptr<rocksdb::Cache> block_cache(std::size_t bytes) {
  int part_bits = 0;
  while (part_bits < kMostCachePartBits && bytes >> (part_bits + 1) >= kCachePartBytes) ++part_bits;
  return rocksdb::NewLRUCache(bytes, part_bits);
}

rocksdb::ColumnFamilyOptions family_options(Use use, const Options& options,
                                            const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  // A filter of a large file is greater than a part of the cache, which is cut by hash: it would
  // be read again, whole, at every look-up.
  table.cache_index_and_filter_blocks = false;
  table.format_version = 5;

  rocksdb::ColumnFamilyOptions family;
  family.write_buffer_size = options.write_buffer_bytes;
  family.compression = rocksdb::kLZ4Compression;
  family.level_compaction_dynamic_level_bytes = true;
  switch (use) {
    case Use::kSmall: table.block_size = 4 << 10; break;
    case Use::kDocuments:
      table.block_size = 16 << 10;
      family.compression = rocksdb::kZSTD;
      family.compression_opts.level = 1;
      family.enable_blob_files = true;
      family.min_blob_size = kBlobMinBytes;
      family.blob_compression_type = rocksdb::kZSTD;
      family.enable_blob_garbage_collection = true;
      family.blob_file_size = 128ULL << 20;
      break;
    case Use::kSegments:
      table.block_size = 16 << 10;
      family.compression = rocksdb::kNoCompression;  // postings and columns arrive packed
      family.write_buffer_size = std::min<std::size_t>(options.write_buffer_bytes, 1ULL << 20);
      family.disable_auto_compactions = true;
      family.level0_slowdown_writes_trigger = 1 << 20;
      family.level0_stop_writes_trigger = 1 << 20;
      break;
    case Use::kQueue:
      table.block_size = 4 << 10;
      family.table_properties_collector_factories.push_back(
          rocksdb::NewCompactOnDeletionCollectorFactory(kQueueWindow, kQueueDeletes));
      break;
  }
  family.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return family;
}

class RocksCursor final : public Cursor {
 public:
  RocksCursor(rocksdb::DB& database, ColumnFamilyHandle* family, KeyRange range, std::string where)
      : range_(std::move(range)),
        lower_(range_.begin),
        upper_(range_.end),
        where_(std::move(where)) {
    rocksdb::ReadOptions options;
    if (!range_.begin.empty()) options.iterate_lower_bound = &lower_;
    if (!range_.end.empty()) options.iterate_upper_bound = &upper_;
    iterator_.reset(database.NewIterator(options, family));
  }
  void seek(std::string_view key) override { iterator_->Seek(slice(key)); }
  void seek_for_prev(std::string_view key) override { iterator_->SeekForPrev(slice(key)); }
  void seek_to_first() override { iterator_->SeekToFirst(); }
  void seek_to_last() override { iterator_->SeekToLast(); }
  bool valid() const override { return iterator_->Valid(); }
  void next() override { iterator_->Next(); }
  void prev() override { iterator_->Prev(); }
  std::string_view key() const override { return view(iterator_->key()); }
  std::string_view value() const override { return view(iterator_->value()); }
  Result<void> status() const override {
    const Status status = iterator_->status();
    if (!status.ok()) return error_of(status, where_);
    return {};
  }

 private:
  KeyRange range_;  // the bounds below point into it
  Slice lower_;
  Slice upper_;
  std::string where_;
  std::unique_ptr<rocksdb::Iterator> iterator_;
};

}  // namespace

void Batch::add(Kind kind, std::size_t family, std::string_view key, std::string_view value) {
  changes_.push_back({kind, family, std::string(key), std::string(value)});
  bytes_ += key.size() + value.size();
}
void Batch::put(std::size_t family, std::string_view key, std::string_view value) {
  add(Kind::kPut, family, key, value);
}
void Batch::remove(std::size_t family, std::string_view key) {
  add(Kind::kRemove, family, key, {});
}
void Batch::remove_range(std::size_t family, std::string_view begin, std::string_view end) {
  add(Kind::kRemoveRange, family, begin, end);
}
void Batch::clear() {
  changes_.clear();
  bytes_ = 0;
}

namespace {

class RocksDatabase final : public Database {
 public:
  RocksDatabase(std::unique_ptr<rocksdb::DB> database, std::vector<ColumnFamilyHandle*> opened,
                std::vector<ColumnFamilyHandle*> named, const Options& options)
      : database_(std::move(database)),
        opened_(std::move(opened)),
        named_(std::move(named)),
        dir_(options.dir),
        where_(options.dir.string()),
        counted_(std::in_place, *database_, options.dir) {}

  ~RocksDatabase() override {
    counted_.reset();
    for (ColumnFamilyHandle* handle : opened_) (void)database_->DestroyColumnFamilyHandle(handle);
    (void)database_->Close();
  }

  Result<std::optional<std::string>> get(std::size_t family, std::string_view key) override {
    std::string value;
    const Status status =
        database_->Get(rocksdb::ReadOptions(), handle(family), slice(key), &value);
    if (status.IsNotFound()) return std::optional<std::string>();
    if (!status.ok()) return error_of(status, where_);
    return std::optional<std::string>(std::move(value));
  }

  Result<std::vector<std::optional<std::string>>> get_many(
      std::size_t family, const std::vector<std::string>& keys) override {
    std::vector<std::optional<std::string>> out(keys.size());
    std::vector<Slice> slices;
    slices.reserve(keys.size());
    for (const std::string& key : keys) slices.push_back(slice(key));
    std::vector<rocksdb::PinnableSlice> values(keys.size());
    std::vector<Status> statuses(keys.size());
    database_->MultiGet(rocksdb::ReadOptions(), handle(family), slices.size(), slices.data(),
                        values.data(), statuses.data());
    for (std::size_t i = 0; i < keys.size(); ++i) {
      if (statuses[i].ok()) {
        out[i] = values[i].ToString();
      } else if (!statuses[i].IsNotFound()) {
        return error_of(statuses[i], where_);
      }
    }
    return out;
  }

  Result<void> write(Batch& batch, Durability durability) override {
    rocksdb::WriteBatch changes(batch.bytes() + batch.changes().size() * 16);
    for (const Batch::Change& change : batch.changes()) {
      Status added;
      switch (change.kind) {
        case Batch::Kind::kPut:
          added = changes.Put(handle(change.family), slice(change.key), slice(change.value));
          break;
        case Batch::Kind::kRemove:
          added = changes.Delete(handle(change.family), slice(change.key));
          break;
        case Batch::Kind::kRemoveRange:
          added =
              changes.DeleteRange(handle(change.family), slice(change.key), slice(change.value));
          break;
      }
      if (!added.ok()) return error_of(added, where_);
    }
    rocksdb::WriteOptions options;
    options.sync = durability == Durability::kSynced;
    Status status = database_->Write(options, &changes);
    // Nothing of it is there yet, and who wrote it cannot go on without it: what waits here, for a
    // flush that met a full disk, goes on by itself once somebody has made room.
    for (int waited = 0; status.IsNoSpace(); ++waited) {
      if (waited % kSecondsBetweenComplaints == 0)
        logging::error("no space is left on the disk; waiting for room", {{"where", where_}});
      std::this_thread::sleep_for(std::chrono::seconds(1));
      database_->Resume().PermitUncheckedError();  // as long as it fails, so does the next write
      status = database_->Write(options, &changes);
    }
    if (!status.ok()) return error_of(status, where_);
    return {};
  }

  Result<void> sync() override {
    const Status status = database_->SyncWAL();
    if (!status.ok()) return error_of(status, where_);
    return {};
  }

  std::unique_ptr<Cursor> cursor(std::size_t family, KeyRange range) override {
    return std::make_unique<RocksCursor>(*database_, handle(family), std::move(range), where_);
  }

  Result<std::uint64_t> ingest(std::size_t family,
                               const std::function<Result<void>(const Emit&)>& rows) override {
    std::vector<std::string> files;
    Result<std::uint64_t> written = write_files(family, rows, files);
    if (written && !files.empty()) {
      rocksdb::IngestExternalFileOptions options;
      options.move_files = true;
      options.allow_global_seqno = true;
      options.write_global_seqno = false;
      const Status status = database_->IngestExternalFile(handle(family), files, options);
      if (!status.ok()) written = error_of(status, where_);
    }
    for (const std::string& file : files) {
      // moved away by a successful ingestion; what stays is removed at the next opening
      std::error_code ignored;
      std::filesystem::remove(file, ignored);
    }
    return written;
  }

  Result<void> drop_range(std::size_t family, std::string_view begin,
                          std::string_view end) override {
    const Slice from = slice(begin);
    const Slice to = slice(end);
    Status status = rocksdb::DeleteFilesInRange(database_.get(), handle(family), &from, &to, false);
    if (!status.ok()) return error_of(status, where_);
    rocksdb::WriteOptions options;
    options.sync = true;
    status = database_->DeleteRange(options, handle(family), from, to);
    if (!status.ok()) return error_of(status, where_);
    return {};
  }

  Result<void> compact(std::size_t family) override {
    rocksdb::CompactRangeOptions options;
    options.exclusive_manual_compaction = false;
    const Status status = database_->CompactRange(options, handle(family), nullptr, nullptr);
    if (!status.ok()) return error_of(status, where_);
    return {};
  }

  Result<void> checkpoint(const std::filesystem::path& to) override {
    rocksdb::Checkpoint* raw = nullptr;
    Status status = rocksdb::Checkpoint::Create(database_.get(), &raw);
    const std::unique_ptr<rocksdb::Checkpoint> maker(raw);
    if (status.ok()) status = maker->CreateCheckpoint(to.string());
    if (!status.ok()) return error_of(status, to.string());
    return {};
  }

  std::uint64_t disk_bytes() override {
    std::uint64_t bytes = 0;
    std::error_code error;
    std::filesystem::recursive_directory_iterator at(dir_, error);
    while (!error && at != std::filesystem::recursive_directory_iterator()) {
      std::error_code gone;  // a file may vanish between listing and looking
      const std::uint64_t size = at->is_regular_file(gone) ? at->file_size(gone) : 0;
      if (!gone) bytes += size;
      at.increment(error);
    }
    return bytes;
  }

 private:
  ColumnFamilyHandle* handle(std::size_t family) const {
    VIGIE_INVARIANT(family < named_.size());
    return named_[family];
  }

  Result<std::uint64_t> write_files(std::size_t family,
                                    const std::function<Result<void>(const Emit&)>& rows,
                                    std::vector<std::string>& files) {
    const rocksdb::Options options(rocksdb::DBOptions(), database_->GetOptions(handle(family)));
    std::unique_ptr<rocksdb::SstFileWriter> writer;
    std::uint64_t written = 0;
    const auto finish = [&]() -> Result<void> {
      if (!writer) return {};
      rocksdb::ExternalSstFileInfo info;
      const Status status = writer->Finish(&info);
      writer.reset();
      if (!status.ok()) return error_of(status, where_);
      written += info.file_size;
      return {};
    };
    const Emit emit = [&](std::string_view key, std::string_view value) -> Result<void> {
      if (writer && writer->FileSize() >= kSegmentFileBytes) VIGIE_TRY(finish());
      if (!writer) {
        writer = std::make_unique<rocksdb::SstFileWriter>(rocksdb::EnvOptions(), options,
                                                          handle(family));
        files.push_back((dir_ / kIngestFolder / (std::to_string(next_file_++) + ".sst")).string());
        const Status opened = writer->Open(files.back());
        if (!opened.ok()) return error_of(opened, files.back());
      }
      const Status status = writer->Put(slice(key), slice(value));
      if (status.IsInvalidArgument())
        return failure(Disposition::kStop, "unsorted",
                       "rows of a segment must come in ascending order of key", where_);
      if (!status.ok()) return error_of(status, where_);
      return {};
    };
    VIGIE_TRY(rows(emit));
    VIGIE_TRY(finish());
    return written;
  }

  std::unique_ptr<rocksdb::DB> database_;
  std::vector<ColumnFamilyHandle*> opened_;  // to be destroyed
  std::vector<ColumnFamilyHandle*> named_;   // by number
  std::filesystem::path dir_;
  std::string where_;
  std::atomic<std::uint64_t> next_file_{0};
  std::optional<Counted> counted_;
};

/// What RocksDB says of itself: errors go to our log. Into a file of its own (its default) it must
/// not write: where that meets a full disk, the next line ends the process by an assertion.
class Notes final : public rocksdb::Logger {
 public:
  explicit Notes(std::string where)
      : rocksdb::Logger(rocksdb::ERROR_LEVEL), where_(std::move(where)) {}
  void Logv(rocksdb::InfoLogLevel level, const char* format, std::va_list arguments) override {
    if (level < rocksdb::ERROR_LEVEL || level == rocksdb::HEADER_LEVEL) return;
    if (told_.fetch_add(1) >= kMostNotes) return;
    char line[1024];
    std::vsnprintf(line, sizeof line, format, arguments);
    logging::warn("the database says", {{"where", where_}, {"note", std::string(line)}});
  }
  void Logv(const char*, std::va_list) override {}

 private:
  const std::string where_;
  std::atomic<int> told_{0};
};

rocksdb::DBOptions database_options(const std::string& where) {
  rocksdb::DBOptions options;
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  options.max_background_jobs = 2;
  options.max_open_files = kMaxOpenFiles;
  options.max_total_wal_size = kMaxWalBytes;
  options.info_log = std::make_shared<Notes>(where);
  options.env = waiting_environment();
  options.listeners.push_back(counting_listener(where));
  options.bytes_per_sync = 1 << 20;
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  // What was acknowledged was synced, so a torn tail of the write-ahead log holds nothing that
  // anybody relies on.
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  return options;
}

}  // namespace

Result<std::unique_ptr<Database>> open(const Options& options) {
  std::error_code error;
  std::filesystem::create_directories(options.dir, error);
  const std::filesystem::path ingest = options.dir / kIngestFolder;
  const std::string where = options.dir.string();
  if (error)
    return failure(Disposition::kStop, "io", "the folder cannot be made: " + error.message(),
                   where);

  const std::shared_ptr<rocksdb::Cache> cache = block_cache(options.block_cache_bytes);
  const rocksdb::DBOptions database = database_options(options.dir.string());
  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
  for (const Family& family : options.families) {
    descriptors.emplace_back(family.name, family_options(family.use, options, cache));
  }
  // RocksDB wants every family that exists, its own default among them.
  std::vector<std::string> existing;
  if (std::filesystem::exists(options.dir / "CURRENT", error)) {
    const Status listed = rocksdb::DB::ListColumnFamilies(database, where, &existing);
    if (!listed.ok()) return error_of(listed, where);
  }
  existing.push_back(rocksdb::kDefaultColumnFamilyName);
  for (const std::string& name : existing) {
    const bool known = std::any_of(descriptors.begin(), descriptors.end(),
                                   [&](const auto& descriptor) { return descriptor.name == name; });
    if (!known) descriptors.emplace_back(name, family_options(Use::kSmall, options, cache));
  }

  rocksdb::DB* raw = nullptr;
  std::vector<ColumnFamilyHandle*> handles;
  const Status status = rocksdb::DB::Open(database, where, descriptors, &handles, &raw);
  if (!status.ok()) {
    if (is_lock_failure(status)) {
      return failure(Disposition::kStop, "locked",
                     "another process holds this folder; stop it, or ask it over HTTP", where);
    }
    return error_of(status, where);
  }
  std::unique_ptr<rocksdb::DB> opened(raw);
  std::filesystem::remove_all(ingest, error);  // left by a crash between writing and ingesting
  std::filesystem::create_directories(ingest, error);
  std::vector<ColumnFamilyHandle*> named(
      handles.begin(), handles.begin() + static_cast<std::ptrdiff_t>(options.families.size()));
  std::unique_ptr<Database> result = std::make_unique<RocksDatabase>(
      std::move(opened), std::move(handles), std::move(named), options);
  return result;
}

}  // namespace vigie::storage
