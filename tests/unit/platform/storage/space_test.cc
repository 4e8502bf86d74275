#include "platform/storage/space.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/fakes/fake_clock.h"

namespace vigie::storage {
namespace {

using namespace std::chrono_literals;
constexpr std::uint64_t kMiB = 1ULL << 20;

TEST(DiskSpace, KeepsATwentiethWithinBounds) {
  EXPECT_EQ(DiskSpace::reserve(800 * kMiB), 64 * kMiB);
  EXPECT_EQ(DiskSpace::reserve(56 * kMiB), 7 * kMiB);
  EXPECT_EQ(DiskSpace::reserve(10'000 * kMiB), 500 * kMiB);
  EXPECT_EQ(DiskSpace::reserve(4'000'000 * kMiB), 2'048 * kMiB);
}

TEST(DiskSpace, HasRoomAgainOnlyWithSomeToSpare) {
  FakeClock clock;
  std::optional<FileSystemBytes> now = FileSystemBytes{100 * kMiB, 1'000 * kMiB};
  DiskSpace space(clock, [&now] { return now; });
  EXPECT_TRUE(space.has_room());
  const auto later = [&](std::uint64_t free_mib) {
    now->free = free_mib * kMiB;
    clock.advance(1s);
    return space.has_room();
  };
  EXPECT_TRUE(later(64));
  EXPECT_FALSE(later(63));
  EXPECT_FALSE(later(70)) << "it would be full again at once";
  EXPECT_TRUE(later(80));
  EXPECT_TRUE(later(70));
  now->free = 0;
  EXPECT_TRUE(space.has_room()) << "it looks twice a second";
  now = std::nullopt;
  clock.advance(1s);
  EXPECT_TRUE(space.has_room()) << "what cannot be told changes nothing";
}

TEST(DiskSpace, MeasuresAFileSystem) {
  const auto found = file_system_bytes(std::filesystem::temp_directory_path());
  ASSERT_TRUE(found);
  EXPECT_GT(found->total, 0U);
  EXPECT_LE(found->free, found->total);
  EXPECT_FALSE(file_system_bytes("/nowhere/at/all"));
}

}  // namespace
}  // namespace vigie::storage
