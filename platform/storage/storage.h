#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/result/result.h"

/// A small interface over RocksDB; no other folder includes RocksDB.
namespace vigie::storage {

/// How a column family is used; decides its options.
enum class Use {
  kSmall,      // few, hot, often overwritten keys (positions, manifests, state)
  kDocuments,  // values of kilobytes written once (blobs, zstd)
  kSegments,   // ingested SST files only, read by key and by range; no automatic compaction
  kQueue,      // written, read once, deleted (outbox): tombstones must not slow scans
};

struct Family {
  std::string name;
  Use use = Use::kSmall;
};

struct Options {
  std::filesystem::path dir;
  std::vector<Family> families;  // index in this list is the family's number below
  std::size_t write_buffer_bytes = 8ULL << 20;
  // Blocks of data. Indexes and filters are not among them: each file's are in memory while it is
  // open, some 2 bytes a key.
  std::size_t block_cache_bytes = 32ULL << 20;
};

/// Where the changes of a write are on its return.
enum class Durability : std::uint8_t {
  kBuffered,  // with the kernel: they outlive the process, not the machine
  kSynced,    // on disk (fsync of the write-ahead log): they outlive both
};

/// Changes that become durable together, or not at all. One thread.
class Batch {
 public:
  void put(std::size_t family, std::string_view key, std::string_view value);
  void remove(std::size_t family, std::string_view key);
  /// All keys in [begin, end).
  void remove_range(std::size_t family, std::string_view begin, std::string_view end);
  bool empty() const { return changes_.empty(); }
  std::size_t bytes() const { return bytes_; }
  void clear();

  enum class Kind : std::uint8_t { kPut, kRemove, kRemoveRange };
  struct Change {
    Kind kind;
    std::size_t family;
    std::string key;
    std::string value;  // or the end of the range
  };
  const std::vector<Change>& changes() const { return changes_; }

 private:
  void add(Kind kind, std::size_t family, std::string_view key, std::string_view value);
  // A batch is made before it is known for which database, so it names families by number and is
  // written out in write().
  std::vector<Change> changes_;
  std::size_t bytes_ = 0;
};

/// A forward and backward cursor over one family, at the state of its creation. One thread. Must
/// not outlive its Database.
class Cursor {
 public:
  virtual ~Cursor() = default;
  virtual void seek(std::string_view key) = 0;           // to the first key ≥ key
  virtual void seek_for_prev(std::string_view key) = 0;  // to the last key ≤ key
  virtual void seek_to_first() = 0;
  virtual void seek_to_last() = 0;
  virtual bool valid() const = 0;
  virtual void next() = 0;
  virtual void prev() = 0;
  virtual std::string_view key() const = 0;    // until the next move
  virtual std::string_view value() const = 0;  // until the next move
  virtual Result<void> status() const = 0;     // check when valid() became false
};

struct KeyRange {
  std::string begin;  // inclusive; empty: from the first
  std::string end;    // exclusive; empty: to the last
};

/// One RocksDB directory. Thread-safe.
class Database {
 public:
  virtual ~Database() = default;
  virtual Result<std::optional<std::string>> get(std::size_t family, std::string_view key) = 0;
  /// One response a key, in order.
  virtual Result<std::vector<std::optional<std::string>>> get_many(
      std::size_t family, const std::vector<std::string>& keys) = 0;
  virtual Result<void> write(Batch& batch, Durability durability) = 0;
  virtual Result<void> sync() = 0;
  virtual std::unique_ptr<Cursor> cursor(std::size_t family, KeyRange range = {}) = 0;
  /// Makes SST files from sorted rows and ingests them (they are on disk on return). Keys of each
  /// family must come in ascending order and must not exist yet. `rows` calls its argument once a
  /// row.
  using Emit = std::function<Result<void>(std::string_view key, std::string_view value)>;
  virtual Result<std::uint64_t> ingest(std::size_t family,
                                       const std::function<Result<void>(const Emit&)>& rows) = 0;
  /// Drops whole files in the range, then what is left of it, durably.
  virtual Result<void> drop_range(std::size_t family, std::string_view begin,
                                  std::string_view end) = 0;
  virtual Result<void> compact(std::size_t family) = 0;
  /// A consistent copy (hard links where possible) in a folder that must not exist.
  virtual Result<void> checkpoint(const std::filesystem::path& to) = 0;
  virtual std::uint64_t disk_bytes() = 0;
};

/// Opens or makes a database. Errors: kStop locked if another process holds it; kStop corrupt;
/// kStop io.
Result<std::unique_ptr<Database>> open(const Options& options);

/// The seam for the disk: open() above, or what a test puts in its place.
using Opener = std::function<Result<std::unique_ptr<Database>>(const Options&)>;

/// Big-endian integers, so that byte order is number order.
void append_u16(std::string& key, std::uint16_t value);
void append_u32(std::string& key, std::uint32_t value);
void append_u64(std::string& key, std::uint64_t value);
std::uint16_t read_u16(std::string_view bytes);  // bytes.size() ≥ 2
std::uint32_t read_u32(std::string_view bytes);  // bytes.size() ≥ 4
std::uint64_t read_u64(std::string_view bytes);  // bytes.size() ≥ 8
/// The smallest key greater than every key that begins with `prefix`; empty if there is none.
std::string after_prefix(std::string_view prefix);

}  // namespace vigie::storage
