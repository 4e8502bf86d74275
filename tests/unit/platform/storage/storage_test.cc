#include "platform/storage/storage.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <set>

#include "platform/storage/figures.h"

namespace vigie::storage {
namespace {

class StorageTest : public testing::Test {
 protected:
  void SetUp() override {
    dir_ = std::filesystem::temp_directory_path() /
           ("vigie_storage_" + std::to_string(getpid()) + "_" +
            testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::remove_all(dir_);
  }
  void TearDown() override { std::filesystem::remove_all(dir_); }

  Options options() const {
    Options out;
    out.dir = dir_ / "db";
    out.families = {{"state", Use::kSmall},
                    {"documents", Use::kDocuments},
                    {"segments", Use::kSegments},
                    {"outbox", Use::kQueue}};
    return out;
  }
  std::unique_ptr<Database> open_ok() const {
    auto database = open(options());
    EXPECT_TRUE(database.has_value()) << database.error().to_string();
    return std::move(*database);
  }
  static std::vector<std::string> keys(Database& database, std::size_t family,
                                       KeyRange range = {}) {
    std::vector<std::string> out;
    const auto cursor = database.cursor(family, std::move(range));
    for (cursor->seek_to_first(); cursor->valid(); cursor->next()) out.emplace_back(cursor->key());
    EXPECT_TRUE(cursor->status().has_value());
    return out;
  }

  std::filesystem::path dir_;
};

TEST_F(StorageTest, KeepsABatchOfSeveralFamiliesAfterReopening) {
  {
    const auto database = open_ok();
    Batch batch;
    batch.put(0, "position", "7");
    batch.put(1, "document", std::string(100'000, 'x'));
    batch.put(3, "row", "r");
    EXPECT_FALSE(batch.empty());
    ASSERT_TRUE(database->write(batch, Durability::kSynced).has_value());
  }
  const auto database = open_ok();
  EXPECT_EQ(database->get(0, "position").value(), "7");
  EXPECT_EQ(database->get(1, "document").value()->size(), 100'000U);
  EXPECT_EQ(database->get(3, "row").value(), "r");
  EXPECT_EQ(database->get(0, "row").value(), std::nullopt);
  EXPECT_GT(database->disk_bytes(), 0U);
}

TEST_F(StorageTest, RemovesKeysAndHalfOpenRangesInTheOrderOfTheBatch) {
  const auto database = open_ok();
  Batch batch;
  for (const char* key : {"a", "b", "c", "d"}) batch.put(0, key, key);
  batch.remove(0, "a");
  batch.remove_range(0, "b", "d");
  batch.put(0, "c", "again");
  ASSERT_TRUE(database->write(batch, Durability::kBuffered).has_value());
  EXPECT_EQ(keys(*database, 0), (std::vector<std::string>{"c", "d"}));
  batch.clear();
  EXPECT_TRUE(batch.empty());
  EXPECT_EQ(batch.bytes(), 0U);
}

TEST_F(StorageTest, CursorStaysInItsRangeBothWaysAndSeesOneMoment) {
  const auto database = open_ok();
  Batch batch;
  for (const char* key : {"a1", "b1", "b2", "b3", "c1"}) batch.put(0, key, key);
  ASSERT_TRUE(database->write(batch, Durability::kBuffered).has_value());
  const auto cursor = database->cursor(0, {"b", "c"});
  Batch later;
  later.put(0, "b4", "");
  ASSERT_TRUE(database->write(later, Durability::kBuffered).has_value());
  cursor->seek_to_last();
  ASSERT_TRUE(cursor->valid());
  EXPECT_EQ(cursor->key(), "b3");
  cursor->seek_for_prev("b2x");
  ASSERT_TRUE(cursor->valid());
  EXPECT_EQ(cursor->value(), "b2");
  cursor->prev();
  cursor->prev();
  EXPECT_FALSE(cursor->valid());
  cursor->seek("b3");
  cursor->next();
  EXPECT_FALSE(cursor->valid());
}

TEST_F(StorageTest, GetManyAnswersInOrder) {
  const auto database = open_ok();
  Batch batch;
  batch.put(1, "a", "1");
  batch.put(1, "c", "3");
  ASSERT_TRUE(database->write(batch, Durability::kBuffered).has_value());
  const auto found = database->get_many(1, {"c", "b", "a"});
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(*found, (std::vector<std::optional<std::string>>{"3", std::nullopt, "1"}));
}

TEST_F(StorageTest, IngestedRowsAreThereAfterReopeningWithoutAWrite) {
  {
    const auto database = open_ok();
    const auto bytes = database->ingest(2, [](const Database::Emit& emit) -> Result<void> {
      for (std::uint32_t i = 0; i < 1000; ++i) {
        std::string key;
        append_u32(key, i);
        VIGIE_TRY(emit(key, "posting"));
      }
      return {};
    });
    ASSERT_TRUE(bytes.has_value()) << bytes.error().to_string();
    EXPECT_GT(*bytes, 0U);
  }
  EXPECT_EQ(keys(*open_ok(), 2).size(), 1000U);
}

TEST_F(StorageTest, IngestRefusesUnsortedRowsAndKeepsNothing) {
  const auto database = open_ok();
  const auto bytes = database->ingest(2, [](const Database::Emit& emit) -> Result<void> {
    VIGIE_TRY(emit("b", ""));
    return emit("a", "");
  });
  ASSERT_FALSE(bytes.has_value());
  EXPECT_EQ(bytes.error().code, ErrorCode("unsorted"));
  EXPECT_TRUE(keys(*database, 2).empty());
}

TEST_F(StorageTest, DropRangeRemovesIngestedFilesAndWhatIsLeft) {
  const auto database = open_ok();
  for (const char* prefix : {"1", "2"}) {
    ASSERT_TRUE(database
                    ->ingest(2,
                             [&](const Database::Emit& emit) {
                               return emit(std::string(prefix) + "key", "");
                             })
                    .has_value());
  }
  ASSERT_TRUE(database->drop_range(2, "1", after_prefix("1")).has_value());
  EXPECT_EQ(keys(*database, 2), std::vector<std::string>{"2key"});
}

TEST_F(StorageTest, ASecondOpeningIsLocked) {
  const auto database = open_ok();
  const auto second = open(options());
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code, ErrorCode("locked"));
  EXPECT_EQ(second.error().disposition, Disposition::kStop);
}

TEST_F(StorageTest, GarbageInsteadOfADatabaseIsAnErrorAndNoCrash) {
  { const auto database = open_ok(); }
  for (const auto& entry : std::filesystem::directory_iterator(dir_ / "db")) {
    if (entry.path().filename().string().rfind("MANIFEST", 0) == 0)
      std::ofstream(entry.path(), std::ios::trunc)
          << "garbage instead of records, long enough to be read";
  }
  const auto opened = open(options());
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().disposition, Disposition::kStop);
}

TEST_F(StorageTest, CheckpointIsACopyThatOpensByItself) {
  const auto database = open_ok();
  Batch batch;
  batch.put(0, "a", "before");
  ASSERT_TRUE(database->write(batch, Durability::kBuffered).has_value());
  ASSERT_TRUE(database->checkpoint(dir_ / "copy").has_value());
  Batch after;
  after.put(0, "a", "after");
  ASSERT_TRUE(database->write(after, Durability::kSynced).has_value());
  Options copy = options();
  copy.dir = dir_ / "copy";
  const auto opened = open(copy);
  ASSERT_TRUE(opened.has_value()) << opened.error().to_string();
  EXPECT_EQ((*opened)->get(0, "a").value(), "before");
  EXPECT_FALSE(database->checkpoint(dir_ / "copy").has_value()) << "the folder exists";
}

TEST_F(StorageTest, OpensADatabaseThatHasFamiliesNobodyNamesAnyMore) {
  { const auto database = open_ok(); }
  Options fewer = options();
  fewer.families.resize(1);
  EXPECT_TRUE(open(fewer).has_value());
}

TEST(StorageFigures, AreByStoreAndGoOnWhenADatabaseIsClosed) {
  const std::filesystem::path dir =
      std::filesystem::temp_directory_path() / ("vigie_figures_" + std::to_string(getpid()));
  std::filesystem::remove_all(dir);
  const auto stores = [] {
    std::set<std::string> out;
    for (const auto& [store, each] : figures()) out.insert(store);
    return out;
  };
  EXPECT_FALSE(stores().contains("shards"));
  {
    Options options;
    options.dir = dir / "shards" / "3";
    options.families = {{"rows", Use::kSmall}};
    const auto opened = open(options);
    ASSERT_TRUE(opened) << opened.error().to_string();
    EXPECT_TRUE(stores().contains("shards"));
    EXPECT_FALSE(stores().contains("3"));
  }
  EXPECT_TRUE(stores().contains("shards")) << "a counter that vanishes looks like a restart";
  EXPECT_EQ(figures()["shards"].pending_compaction_bytes, 0U);
  std::filesystem::remove_all(dir);
}

TEST(StorageKeys, IntegersOrderAsBytesAndReadBack) {
  std::string small;
  std::string great;
  append_u64(small, 0x00ff);
  append_u64(great, 0x0100);
  EXPECT_LT(small, great);
  EXPECT_EQ(read_u64(great), 0x0100U);
  std::string mixed;
  append_u16(mixed, 0xfffe);
  append_u32(mixed, 0x80000001);
  EXPECT_EQ(read_u16(mixed), 0xfffe);
  EXPECT_EQ(read_u32(std::string_view(mixed).substr(2)), 0x80000001U);
}

TEST(StorageKeys, AfterPrefixSkipsBytesThatCannotGrow) {
  EXPECT_EQ(after_prefix("ab"), "ac");
  EXPECT_EQ(after_prefix("a\xff"), "b");
  EXPECT_EQ(after_prefix("\xff\xff"), "");
}

/// Bytes this process asked of files.
std::uint64_t bytes_read() {
  std::ifstream file("/proc/self/io");
  std::string name;
  std::uint64_t value = 0;
  while (file >> name >> value) {
    if (name == "rchar:") return value;
  }
  ADD_FAILURE() << "/proc/self/io says nothing of reads";
  return 0;
}

std::string numbered_key(std::uint32_t number) {
  std::string key;
  append_u32(key, number);
  return key;
}

// A filter of so many keys has more bytes than a part of the block cache.
TEST_F(StorageTest, AWarmLookUpInAFileOfManyKeysReadsNoFilterAgain) {
  constexpr std::uint32_t kKeys = 600'000;
  constexpr std::uint64_t kLookUps = 50;
  const auto database = open_ok();
  for (std::size_t family = 0; family < 4; ++family) {
    const auto written = database->ingest(family, [&](const Database::Emit& emit) -> Result<void> {
      for (std::uint32_t i = 0; i < kKeys; ++i) VIGIE_TRY(emit(numbered_key(2 * i), "v"));
      return {};
    });
    ASSERT_TRUE(written.has_value()) << written.error().to_string();
    const auto look_up = [&] {
      EXPECT_EQ(database->get(family, numbered_key(kKeys)).value(), "v");
      EXPECT_EQ(database->get(family, numbered_key(kKeys + 1)).value(), std::nullopt);
    };
    look_up();
    const std::uint64_t before = bytes_read();
    for (std::uint64_t i = 0; i < kLookUps; ++i) look_up();
    EXPECT_LT((bytes_read() - before) / kLookUps, 1024U) << "family " << family;
  }
}

}  // namespace
}  // namespace vigie::storage
