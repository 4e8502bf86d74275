#include "tests/simulation/memory_disk.h"

#include <algorithm>
#include <optional>

namespace vigie::simulation {
namespace {

using storage::Batch;
using storage::KeyRange;

/// Rows as they were when the cursor was made.
class MemoryCursor final : public storage::Cursor {
 public:
  MemoryCursor(std::shared_ptr<MemoryDisk::Rows> rows, KeyRange range)
      : rows_(std::move(rows)), range_(std::move(range)), at_(rows_->end()) {}
  void seek(std::string_view key) override {
    at_ = rows_->lower_bound(std::max(key, std::string_view(range_.begin)));
    judge();
  }
  void seek_for_prev(std::string_view key) override {
    at_ = rows_->upper_bound(key);
    if (!range_.end.empty() && key >= range_.end) at_ = rows_->lower_bound(range_.end);
    step_back();
  }
  void seek_to_first() override { seek(range_.begin); }
  void seek_to_last() override {
    at_ = range_.end.empty() ? rows_->end() : rows_->lower_bound(range_.end);
    step_back();
  }
  bool valid() const override { return valid_; }
  void next() override {
    ++at_;
    judge();
  }
  void prev() override { step_back(); }
  std::string_view key() const override { return at_->first; }
  std::string_view value() const override { return at_->second; }
  Result<void> status() const override { return {}; }

 private:
  void step_back() {
    valid_ = at_ != rows_->begin();
    if (!valid_) return;
    --at_;
    judge();
  }
  void judge() {
    valid_ = at_ != rows_->end() && at_->first >= range_.begin &&
             (range_.end.empty() || at_->first < range_.end);
  }

  std::shared_ptr<MemoryDisk::Rows> rows_;
  KeyRange range_;
  MemoryDisk::Rows::const_iterator at_;
  bool valid_ = false;
};

class MemoryDatabase final : public storage::Database {
 public:
  MemoryDatabase(World& world, const std::uint64_t& fail_one_in,
                 std::shared_ptr<MemoryDisk::Store> store)
      : world_(world), fail_one_in_(fail_one_in), store_(std::move(store)) {
    store_->open = true;
  }
  ~MemoryDatabase() override { store_->open = false; }

  Result<std::optional<std::string>> get(std::size_t family, std::string_view key) override {
    const auto found = rows(family).find(key);
    if (found == rows(family).end()) return std::optional<std::string>();
    return std::optional<std::string>(found->second);
  }
  Result<std::vector<std::optional<std::string>>> get_many(
      std::size_t family, const std::vector<std::string>& keys) override {
    std::vector<std::optional<std::string>> out;
    for (const std::string& key : keys) {
      VIGIE_ASSIGN(auto value, get(family, key));
      out.push_back(std::move(value));
    }
    return out;
  }
  Result<void> write(Batch& batch, storage::Durability durability) override {
    if (auto failed = refuse()) return failure(std::move(*failed));
    world_.touch();
    std::vector<MemoryDisk::Undo> undo;
    for (const Batch::Change& change : batch.changes()) apply(change, undo);
    store_->unsynced.push_back(std::move(undo));
    if (durability == storage::Durability::kSynced) store_->unsynced.clear();
    world_.touch();
    return {};
  }
  Result<void> sync() override {
    if (auto failed = refuse()) return failure(std::move(*failed));
    world_.touch();
    store_->unsynced.clear();
    return {};
  }
  std::unique_ptr<storage::Cursor> cursor(std::size_t family, KeyRange range) override {
    return std::make_unique<MemoryCursor>(store_->families.at(family), std::move(range));
  }
  Result<std::uint64_t> ingest(std::size_t family,
                               const std::function<Result<void>(const Emit&)>& emit_rows) override {
    if (auto failed = refuse()) return failure(std::move(*failed));
    world_.touch();
    std::uint64_t bytes = 0;
    std::vector<std::pair<std::string, std::string>> fresh;
    VIGIE_TRY(emit_rows([&](std::string_view key, std::string_view value) -> Result<void> {
      if (!fresh.empty() && fresh.back().first >= key)
        return failure(Disposition::kStop, "unsorted",
                       "rows of a segment must come in ascending order of key");
      fresh.emplace_back(key, value);
      bytes += key.size() + value.size();
      return {};
    }));
    for (auto& [key, value] : fresh) {
      VIGIE_INVARIANT(rows(family).count(key) == 0);
      own(family)[key] = std::move(value);
    }
    world_.touch();
    return bytes;
  }
  Result<void> drop_range(std::size_t family, std::string_view begin,
                          std::string_view end) override {
    world_.touch();
    MemoryDisk::Rows& mine = own(family);
    mine.erase(mine.lower_bound(begin), end.empty() ? mine.end() : mine.lower_bound(end));
    world_.touch();
    return {};
  }
  Result<void> compact(std::size_t) override { return {}; }
  Result<void> checkpoint(const std::filesystem::path&) override {
    return failure(Disposition::kStop, "io", "a disk in memory has no checkpoints");
  }
  std::uint64_t disk_bytes() override { return 0; }

 private:
  const MemoryDisk::Rows& rows(std::size_t family) const { return *store_->families.at(family); }
  /// The rows, apart from those that a cursor still looks at.
  MemoryDisk::Rows& own(std::size_t family) {
    std::shared_ptr<MemoryDisk::Rows>& mine = store_->families.at(family);
    if (mine.use_count() > 1) mine = std::make_shared<MemoryDisk::Rows>(*mine);
    return *mine;
  }
  std::optional<Error> refuse() const {
    if (world_.unwinding()) return Error{"stopped", Disposition::kStop, "the process is dying", {}};
    if (fail_one_in_ == 0 || !world_.one_in(fail_one_in_)) return std::nullopt;
    world_.note("a write to the disk fails");
    return Error{"io", Disposition::kStop, "simulated: no space left on device", {}};
  }
  void apply(const Batch::Change& change, std::vector<MemoryDisk::Undo>& undo) {
    MemoryDisk::Rows& mine = own(change.family);
    const auto remember = [&](MemoryDisk::Rows::iterator at) {
      undo.push_back({change.family, at->first, at->second});
    };
    if (change.kind == Batch::Kind::kRemoveRange) {
      for (auto at = mine.lower_bound(change.key);
           at != mine.end() && (change.value.empty() || at->first < change.value);
           at = mine.erase(at))
        remember(at);
      return;
    }
    const auto found = mine.find(change.key);
    if (found != mine.end()) {
      remember(found);
    } else {
      undo.push_back({change.family, change.key, std::nullopt});
    }
    if (change.kind == Batch::Kind::kPut) {
      mine[change.key] = change.value;
    } else if (found != mine.end()) {
      mine.erase(found);
    }
  }

  World& world_;
  const std::uint64_t& fail_one_in_;
  std::shared_ptr<MemoryDisk::Store> store_;
};

}  // namespace

storage::Opener MemoryDisk::opener() {
  return [this](const storage::Options& options) -> Result<std::unique_ptr<storage::Database>> {
    world_.touch();
    std::shared_ptr<Store>& store = stores_[options.dir.string()];
    if (!store) {
      store = std::make_shared<Store>();
      for (std::size_t i = 0; i < options.families.size(); ++i)
        store->families.push_back(std::make_shared<Rows>());
    }
    if (store->open)
      return failure(Disposition::kStop, "locked", "another process holds this folder",
                     options.dir.string());
    VIGIE_INVARIANT(store->families.size() == options.families.size());
    return std::unique_ptr<storage::Database>(
        std::make_unique<MemoryDatabase>(world_, fail_one_in, store));
  };
}

void MemoryDisk::lose_unsynced(const std::string& prefix) {
  for (auto& [dir, store] : stores_) {
    if (dir.rfind(prefix, 0) != 0) continue;
    VIGIE_INVARIANT(!store->open);
    const std::size_t kept = world_.chance(store->unsynced.size() + 1);
    while (store->unsynced.size() > kept) {
      std::vector<Undo> batch = std::move(store->unsynced.back());
      store->unsynced.pop_back();
      for (auto undo = batch.rbegin(); undo != batch.rend(); ++undo) {
        Rows& rows = *store->families.at(undo->family);
        if (undo->before) {
          rows[undo->key] = std::move(*undo->before);
        } else {
          rows.erase(undo->key);
        }
      }
    }
    store->unsynced.clear();
  }
}

void MemoryDisk::lose_all(const std::string& prefix) {
  for (auto at = stores_.begin(); at != stores_.end();) {
    if (at->first.rfind(prefix, 0) == 0) {
      VIGIE_INVARIANT(!at->second->open);
      at = stores_.erase(at);
    } else {
      ++at;
    }
  }
}

}  // namespace vigie::simulation
