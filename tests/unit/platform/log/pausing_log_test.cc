#include "platform/log/pausing_log.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <filesystem>

#include "platform/clock/clock.h"
#include "platform/log/embedded_log.h"

namespace vigie::log {
namespace {

using std::chrono::milliseconds;

TEST(PausingLog, GivesGroupsNothingWhileThereIsNoRoom) {
  const auto dir =
      std::filesystem::temp_directory_path() / ("vigie_pausing_" + std::to_string(getpid()));
  std::filesystem::remove_all(dir);
  SystemClock clock;
  EmbeddedOptions options;
  options.dir = dir;
  options.partitions = 1;
  auto opened = open_embedded(options, clock);
  ASSERT_TRUE(opened) << opened.error().to_string();
  std::atomic<bool> room{true};
  const auto log = make_pausing(std::move(*opened), [&room] { return room.load(); });
  const std::array topics{proto::Topic::kPages};
  auto group = log->join("g", topics);
  ASSERT_TRUE(group);
  const auto first = (*group)->poll(10, milliseconds(0));
  ASSERT_TRUE(first);
  ASSERT_EQ(first->assigned.size(), 1U);
  ASSERT_TRUE((*group)->start(first->assigned[0]));
  room = false;
  EXPECT_FALSE(log->has_room());
  ASSERT_TRUE(append(*log, {{proto::Topic::kPages, "k", "v"}})) << "what is sent is passed on";
  for (int i = 0; i < 3; ++i) EXPECT_TRUE((*group)->poll(10, milliseconds(10))->batches.empty());
  auto reader = log->reader();
  ASSERT_TRUE(reader->assign({proto::Topic::kPages, 0}, 0));
  EXPECT_EQ(reader->poll(10, milliseconds(1'000))->size(), 1U) << "reading alone takes no room";
  room = true;
  const auto batches = (*group)->poll(10, milliseconds(1'000))->batches;
  ASSERT_EQ(batches.size(), 1U);
  EXPECT_EQ(batches[0].records.at(0).value, "v");
  group->reset();
  std::filesystem::remove_all(dir);
}

}  // namespace
}  // namespace vigie::log
