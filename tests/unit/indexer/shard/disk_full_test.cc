#include <filesystem>

#include "tests/unit/indexer/shard/shard_fixture.h"

namespace vigie::indexer::testing {
namespace {

/// Segments whose files meet a full disk: a write to /dev/full fails with ENOSPC (full(4)).
class DiskFull : public ShardTest {
 protected:
  void fill(int number) {
    const std::string name = std::to_string(number);
    std::filesystem::create_symlink(
        "/dev/full",
        options.dir / "segments" / (std::string(10 - name.size(), '0') + name + ".positions"));
  }
  void add(int first, int count) {
    std::vector<v1::ArticleRecord> articles;
    for (int i = first; i < first + count; ++i)
      articles.push_back(article("a" + std::to_string(i), "Title", "word" + std::to_string(i)));
    apply(articles);
  }
  void expect_all(int count) {
    for (int i = 0; i < count; ++i) {
      EXPECT_EQ(search("word" + std::to_string(i)),
                std::vector<std::string>{"a" + std::to_string(i)});
    }
  }
};

TEST_F(DiskFull, ASealWaitsForRoomAndEverythingIsFoundMeanwhile) {
  open();
  fill(1);
  fill(2);
  add(0, 12);
  for (int i = 0; i < 3; ++i) {
    const auto more = shard->maintain();
    ASSERT_TRUE(more) << more.error().to_string();
    EXPECT_FALSE(*more) << "not again at once";
  }
  expect_all(12);
  add(12, 3);
  clock.advance(std::chrono::seconds(6));
  ASSERT_TRUE(shard->maintain()) << "full for the second time";
  expect_all(15);
  EXPECT_FALSE(std::filesystem::exists(options.dir / "segments/0000000001.positions"));
  clock.advance(std::chrono::seconds(6));
  const auto sealed = shard->maintain();
  ASSERT_TRUE(sealed);
  EXPECT_TRUE(*sealed);
  EXPECT_TRUE(std::filesystem::exists(options.dir / "segments/0000000003.positions"));
  expect_all(15);
  open();
  expect_all(15);
}

TEST_F(DiskFull, AMergeWaitsForRoomAndKeepsItsInputs) {
  open();
  for (int i = 0; i < 3; ++i) {
    add(i * 10, 10);
    ASSERT_TRUE(shard->maintain().value()) << "sealed";
  }
  fill(4);
  const auto failed = shard->maintain();
  ASSERT_TRUE(failed) << failed.error().to_string();
  EXPECT_FALSE(*failed);
  expect_all(30);
  clock.advance(std::chrono::seconds(6));
  ASSERT_TRUE(shard->maintain().value()) << "merged";
  EXPECT_TRUE(std::filesystem::exists(options.dir / "segments/0000000005.positions"));
  expect_all(30);
}

}  // namespace
}  // namespace vigie::indexer::testing
