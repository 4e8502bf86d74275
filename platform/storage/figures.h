#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>

namespace rocksdb {
class DB;
class EventListener;
}  // namespace rocksdb

namespace vigie::storage {

/// What the databases of this process tell of themselves. Counts go on when a database is closed;
/// bytes are of those that are open.
struct StoreFigures {
  std::uint64_t slowed = 0;             // times that writes were slowed down
  std::uint64_t stopped = 0;            // times that they had to wait
  std::uint64_t background_errors = 0;  // flushes and compactions that failed
  std::uint64_t pending_compaction_bytes = 0;
};

/// By store: the folder below data_dir, "log" or "shards". Any thread.
std::map<std::string, StoreFigures> figures();

/// Counts for a database that is about to be opened in `dir`; put among its listeners.
std::shared_ptr<rocksdb::EventListener> counting_listener(const std::filesystem::path& dir);

/// An open database among those of figures(), until this goes. Before the database does.
class Counted {
 public:
  Counted(rocksdb::DB& database, const std::filesystem::path& dir);
  ~Counted();
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;

 private:
  rocksdb::DB* database_;
};

}  // namespace vigie::storage
