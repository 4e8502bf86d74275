#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <map>
#include <set>
#include <thread>

#include "indexer/collections/store.h"
#include "platform/log/embedded_log.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/seeded_random.h"

namespace vigie::indexer::collections {
namespace {

using namespace std::chrono_literals;

constexpr int kKills = 12;
constexpr int kStories = 30;

std::unique_ptr<log::Log> open_log(const std::filesystem::path& dir, Clock& clock) {
  log::EmbeddedOptions options;
  options.dir = dir;
  options.partitions = 2;
  auto opened = log::open_embedded(options, clock);
  return opened ? std::move(*opened) : nullptr;
}

/// Puts stories in and changes the title until it is killed; tells each response that it was given.
/// A line is written whole or not at all (PIPE_BUF).
[[noreturn]] void write_for_ever(const std::filesystem::path& dir, int life, int ledger) {
  FakeClock clock{1'767'139'200'000};
  SeededRandom random{static_cast<std::uint64_t>(life) + 100};
  const auto log = open_log(dir, clock);
  if (!log) _exit(2);
  auto store = CollectionStore::open(*log, clock, random);
  if (!store) _exit(3);
  const auto tell = [&](const std::string& line) {
    if (::write(ledger, line.data(), line.size()) != static_cast<ssize_t>(line.size())) _exit(4);
  };
  if ((*store)->list().empty()) {
    Draft draft;
    draft.name = "Killed";
    if (!(*store)->create(draft, "")) _exit(5);
  }
  const std::string id = (*store)->list().front()->id();
  for (int i = 0;; ++i) {
    v1::CollectionItem item;
    item.set_article_id(std::to_string(life) + "-" + std::to_string(i % kStories));
    const auto added = (*store)->add(id, item, "");
    if (added && added->is_new) tell("story " + item.article_id() + "\n");
    Draft draft;
    const Record now = (*store)->find(id);
    draft.name = now->name();
    draft.title = std::to_string(life) + "/" + std::to_string(i);
    for (const v1::CollectionItem& one : now->items())
      draft.items.push_back({one.article_id(), "", {}});
    // Half of them keep few stories, so that the bound of a collection is not reached.
    if (draft.items.size() > 100) {
      for (std::size_t gone = 0; gone < 50; ++gone)
        tell("away " + draft.items[gone].article_id + "\n");
      draft.items.erase(draft.items.begin(), draft.items.begin() + 50);
    }
    if ((*store)->replace(id, now->revision(), draft, "")) tell("title " + draft.title + "\n");
  }
}

std::string read_all(int fd) {
  std::string out;
  char buffer[4096];
  for (ssize_t count; (count = ::read(fd, buffer, sizeof buffer)) > 0;)
    out.append(buffer, static_cast<std::size_t>(count));
  return out;
}

/// What was told before the death.
struct Ledger {
  std::set<std::string> stories;
  std::set<std::string> away;  // perhaps taken out: the change may have come to nothing
  std::string title;

  void add(const std::string& lines) {
    for (std::size_t begin = 0; begin < lines.size();) {
      const std::size_t end = lines.find('\n', begin);
      const std::string line = lines.substr(begin, end - begin);
      const std::string value = line.substr(6 - (line.starts_with("away") ? 1 : 0));
      if (line.starts_with("story")) stories.insert(value);
      else if (line.starts_with("away")) away.insert(value);
      else title = value;
      begin = end + 1;
    }
  }
};

/// The number of a title of a life.
int number_of(const std::string& title) { return std::stoi(title.substr(title.find('/') + 1)); }

TEST(CollectionsKilled, LoseNothingThatWasAnsweredAndDoubleNothing) {
  std::string name = (std::filesystem::temp_directory_path() / "vigie_killed_XXXXXX").string();
  ASSERT_NE(mkdtemp(name.data()), nullptr);
  const std::filesystem::path dir = name;
  SeededRandom chance{11};
  Ledger ledger;
  for (int life = 0; life < kKills; ++life) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      ::close(ends[0]);
      write_for_ever(dir / "log", life, ends[1]);
    }
    ::close(ends[1]);
    // So many answers, however slow the machine is, and a moment of the next change.
    std::string told;
    const std::size_t bytes = 60 + chance.next() % 400;
    char buffer[4096];
    for (ssize_t count = 1; told.size() < bytes && count > 0;) {
      count = ::read(ends[0], buffer, sizeof buffer);
      if (count > 0) told.append(buffer, static_cast<std::size_t>(count));
    }
    std::this_thread::sleep_for(std::chrono::microseconds(chance.next() % 20'000));
    ASSERT_EQ(::kill(child, SIGKILL), 0);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "it ended by itself with " << WEXITSTATUS(status);
    ledger.add(told + read_all(ends[0]));
    ::close(ends[0]);

    FakeClock clock{1'767'139'200'000};
    SeededRandom random{static_cast<std::uint64_t>(life) + 500};
    const auto log = open_log(dir / "log", clock);
    ASSERT_NE(log, nullptr);
    auto store = CollectionStore::open(*log, clock, random);
    ASSERT_TRUE(store) << store.error().to_string();
    const auto all = (*store)->list();
    ASSERT_LE(all.size(), 1U) << "doubled";
    if (all.empty()) continue;
    std::multiset<std::string> there;
    for (const v1::CollectionItem& item : all[0]->items()) there.insert(item.article_id());
    for (const std::string& story : there) EXPECT_EQ(there.count(story), 1U) << "doubled " << story;
    for (const std::string& story : ledger.stories)
      EXPECT_TRUE(there.contains(story) || ledger.away.contains(story)) << "lost " << story;
    // The last title that was answered, or the one that was under way.
    const std::string& title = all[0]->title();
    if (ledger.title.empty() || title == ledger.title) continue;
    const bool same_life = title.substr(0, title.find('/')) == std::to_string(life);
    EXPECT_TRUE(same_life) << title << " after " << ledger.title;
    if (same_life && ledger.title.starts_with(std::to_string(life) + "/"))
      EXPECT_EQ(number_of(title), number_of(ledger.title) + 1);
    ledger.title = title;  // in force, told or not
  }
  EXPECT_GT(ledger.stories.size(), 20U) << "the lives were too short to say anything";
  std::filesystem::remove_all(dir);
}

}  // namespace
}  // namespace vigie::indexer::collections
