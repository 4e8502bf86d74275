#include "indexer/service/catalogue.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/fakes/fake_clock.h"
#include "tests/unit/indexer/shard/shard_fixture.h"

namespace vigie::indexer::service {
namespace {

using std::chrono::milliseconds;

class CatalogueWatcherTest : public ::testing::Test {
 protected:
  void write(const std::string& topics) {
    std::filesystem::create_directories(folder_.path() / "pack");
    std::ofstream(folder_.path() / "pack" / "pack.yaml") << "pack: p\n" << topics;
  }
  static std::string topic(const std::string& id) {
    return "  - {id: " + id + ", name: " + id + ", definition: d, sure: {en: [" + id +
           "]}, tests: {must: {any: " + id + "}, must_not: {any: rain}}}\n";
  }
  std::size_t topics() { return watcher_.current()->topics.size(); }

  testing::Folder folder_;
  FakeClock clock_;
  std::unique_ptr<metrics::Registry> metrics_ = metrics::make_registry();
  CatalogueWatcher watcher_{clock_, *metrics_};
};

TEST_F(CatalogueWatcherTest, LooksAtThePacksAtMostOnceInTwoSeconds) {
  write("topics:\n" + topic("one"));
  const auto opened = watcher_.open({folder_.path().string()});
  ASSERT_TRUE(opened) << opened.error().to_string();
  EXPECT_EQ(topics(), 1U);
  write("topics:\n" + topic("one") + topic("two"));
  clock_.advance(milliseconds(1999));
  EXPECT_EQ(topics(), 1U);
  clock_.advance(milliseconds(1));
  EXPECT_EQ(topics(), 2U);
}

TEST_F(CatalogueWatcherTest, ABadPackLeavesTheOldCatalogueInForce) {
  write("topics:\n" + topic("one"));
  ASSERT_TRUE(watcher_.open({folder_.path().string()}));
  write("topics: [\n");
  clock_.advance(milliseconds(2000));
  EXPECT_EQ(topics(), 1U);
  watcher_.reload();
  EXPECT_EQ(topics(), 1U);
  const std::string figures = metrics_->expose();
  EXPECT_NE(figures.find("vigie_reload_success{what=\"catalogue\"} 0"), std::string::npos)
      << figures;
  write("topics:\n" + topic("one") + topic("two"));
  watcher_.reload();
  EXPECT_NE(metrics_->expose().find("vigie_reload_success{what=\"catalogue\"} 1"),
            std::string::npos);
  write("topics: [\n");
  EXPECT_FALSE(CatalogueWatcher(clock_, *metrics_).open({folder_.path().string()}));
}

}  // namespace
}  // namespace vigie::indexer::service
