#include "platform/storage/figures.h"

#include <rocksdb/db.h>
#include <rocksdb/listener.h>

#include <algorithm>
#include <array>
#include <mutex>
#include <string_view>
#include <utility>

namespace vigie::storage {
namespace {

// The folders of data_dir that hold databases; what lies deeper is one of many of its kind.
constexpr std::array<std::string_view, 5> kStores{"log", "frontier", "shards", "clusterer",
                                                  "alerter"};
constexpr const char* kOther = "other";

std::string store_of(const std::filesystem::path& dir) {
  std::string found = kOther;
  for (const std::filesystem::path& part : dir) {
    if (std::find(kStores.begin(), kStores.end(), part.string()) != kStores.end())
      found = part.string();
  }
  return found;
}

struct All {
  std::mutex counts_mutex;
  std::map<std::string, StoreFigures> counts;
  std::mutex open_mutex;
  std::map<rocksdb::DB*, std::string> open;
};

All& all() {
  static All* const everything = new All;  // outlives databases that static objects hold
  return *everything;
}

class Listener final : public rocksdb::EventListener {
 public:
  explicit Listener(std::string store) : store_(std::move(store)) {}

  void OnStallConditionsChanged(const rocksdb::WriteStallInfo& info) override {
    const std::lock_guard lock(all().counts_mutex);
    StoreFigures& counts = all().counts[store_];
    if (info.condition.cur == rocksdb::WriteStallCondition::kDelayed) ++counts.slowed;
    if (info.condition.cur == rocksdb::WriteStallCondition::kStopped) ++counts.stopped;
  }
  void OnBackgroundError(rocksdb::BackgroundErrorReason, rocksdb::Status*) override {
    const std::lock_guard lock(all().counts_mutex);
    ++all().counts[store_].background_errors;
  }

 private:
  const std::string store_;
};

}  // namespace

std::map<std::string, StoreFigures> figures() {
  std::map<std::string, StoreFigures> out;
  {
    const std::lock_guard lock(all().counts_mutex);
    out = all().counts;
  }
  // Held while databases are asked: none is closed meanwhile. Listeners, which a database calls,
  // take the other one.
  const std::lock_guard lock(all().open_mutex);
  for (const auto& [database, store] : all().open) {
    std::uint64_t bytes = 0;
    if (database->GetAggregatedIntProperty(rocksdb::DB::Properties::kEstimatePendingCompactionBytes,
                                           &bytes))
      out[store].pending_compaction_bytes += bytes;
  }
  return out;
}

std::shared_ptr<rocksdb::EventListener> counting_listener(const std::filesystem::path& dir) {
  return std::make_shared<Listener>(store_of(dir));
}

Counted::Counted(rocksdb::DB& database, const std::filesystem::path& dir) : database_(&database) {
  std::string store = store_of(dir);
  {
    const std::lock_guard lock(all().counts_mutex);
    all().counts[store];
  }
  const std::lock_guard lock(all().open_mutex);
  all().open.emplace(database_, std::move(store));
}

Counted::~Counted() {
  const std::lock_guard lock(all().open_mutex);
  all().open.erase(database_);
}

}  // namespace vigie::storage
