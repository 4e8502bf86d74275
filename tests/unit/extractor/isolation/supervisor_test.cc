// A worker that really dies and really hangs: the program is worker_with_faults.cc, whose parser
// obeys the address of the page.
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "extractor/isolation/frames.h"
#include "extractor/isolation/worker.h"
#include "proto/page.pb.h"

namespace vigie::extractor::isolation {
namespace {

std::string page(const std::string& url,
                 const std::string& text =
                     "A story that is long enough to be found, with a comma, and it has an end.") {
  v1::PageRecord record;
  record.set_final_url(url);
  record.set_body("<title>A headline</title><p>" + text + "</p>");
  return record.SerializeAsString();
}

std::filesystem::path worker_program() {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path() / "worker_with_faults";
}

struct Outcome {
  std::string url;   // of the article
  std::string code;  // of the error
  int attempts = 0;
};

class Supervisor : public testing::Test {
 protected:
  Supervisor() {
    options_.command = {worker_program().string(), std::string(kWorkerArgument)};
    options_.on_death = [this](std::string_view reason) { deaths_.emplace_back(reason); };
    options_.limits.cpu = std::chrono::milliseconds(300);
  }

  std::vector<Outcome> run(Extractor& parser, const std::vector<std::string>& pages) {
    std::vector<Outcome> out;
    std::size_t next = 0;
    const Result<void> end = parser.run(
        [&]() -> const std::string* { return next < pages.size() ? &pages[next++] : nullptr; },
        [&](Result<v1::ArticleRecord> article, int attempts) {
          out.push_back({article ? article->url() : std::string(),
                         article ? std::string() : std::string(article.error().code), attempts});
        });
    EXPECT_TRUE(end) << end.error().to_string();
    return out;
  }

  WorkerOptions options_;
  std::vector<std::string> deaths_;
};

TEST_F(Supervisor, GivesWhatTheParserGivesInThisProcess) {
  const std::string good = page("https://www.example.com/a");
  const std::string empty = page("https://www.example.com/b", "");
  auto supervised = make_supervised(options_);
  auto direct = make_direct(options_.extract);
  for (const std::string* record : {&good, &empty}) {
    const auto here = extract_one(*direct, *record);
    const auto there = extract_one(*supervised, *record);
    ASSERT_EQ(here.has_value(), there.has_value());
    if (here) {
      EXPECT_EQ(here->SerializeAsString(), there->SerializeAsString());
    } else {
      EXPECT_EQ(here.error().to_string(), there.error().to_string());
      EXPECT_EQ(here.error().disposition, there.error().disposition);
    }
  }
  EXPECT_EQ(extract_one(*supervised, "\xFF no record").error().code, ErrorCode("bad_record"));
  EXPECT_TRUE(deaths_.empty());
}

// extractor/isolation/README.md: a crash costs one record; those that were sent ahead come through.
TEST_F(Supervisor, LosesThePageAloneThatKillsItsWorker) {
  auto parser = make_supervised(options_);
  std::vector<std::string> pages;
  for (int i = 0; i < 12; ++i)
    pages.push_back(page(i == 5 ? "https://crash.example.com/"
                                : "https://www.example.com/" + std::to_string(i)));
  const std::vector<Outcome> outcomes = run(*parser, pages);
  ASSERT_EQ(outcomes.size(), pages.size());
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    SCOPED_TRACE(i);
    EXPECT_EQ(outcomes[i].code, i == 5 ? "worker_died" : "");
    EXPECT_EQ(outcomes[i].attempts, i == 5 ? 2 : 1);
    if (i != 5) EXPECT_EQ(outcomes[i].url, "https://www.example.com/" + std::to_string(i));
  }
  EXPECT_EQ(deaths_, (std::vector<std::string>{"worker_died", "worker_died"}));
}

TEST_F(Supervisor, EndsAWorkerThatHangs) {
  auto parser = make_supervised(options_);
  const std::vector<Outcome> outcomes =
      run(*parser, {page("https://www.example.com/1"), page("https://hang.example.com/"),
                    page("https://www.example.com/2")});
  ASSERT_EQ(outcomes.size(), 3U);
  EXPECT_EQ(outcomes[1].code, "worker_timeout");
  EXPECT_EQ(outcomes[1].attempts, 2);
  EXPECT_EQ(outcomes[2].url, "https://www.example.com/2");
}

TEST_F(Supervisor, EndsAWorkerThatSleeps) {
  options_.limits.wall = std::chrono::milliseconds(400);
  auto parser = make_supervised(options_);
  const std::vector<Outcome> outcomes = run(*parser, {page("https://sleep.example.com/")});
  ASSERT_EQ(outcomes.size(), 1U);
  EXPECT_EQ(outcomes[0].code, "worker_timeout");
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST_F(Supervisor, TellsAWorkerThatNeededTooMuchMemory) {
  options_.limits.data_bytes = 128ULL << 20;
  auto parser = make_supervised(options_);
  const std::vector<Outcome> outcomes =
      run(*parser, {page("https://memory.example.com/"), page("https://www.example.com/2")});
  ASSERT_EQ(outcomes.size(), 2U);
  EXPECT_EQ(outcomes[0].code, "worker_out_of_memory");
  EXPECT_EQ(outcomes[1].url, "https://www.example.com/2");
}
#endif

// One death is an accident: the page is tried again, and nothing is set aside.
TEST_F(Supervisor, TriesAPageAgain) {
  const std::filesystem::path mark =
      std::filesystem::temp_directory_path() / ("vigie-worker-" + std::to_string(getpid()));
  std::filesystem::remove(mark);
  auto parser = make_supervised(options_);
  const std::vector<Outcome> outcomes =
      run(*parser, {page("https://once.example.com" + mark.string())});
  std::filesystem::remove(mark);
  ASSERT_EQ(outcomes.size(), 1U);
  EXPECT_EQ(outcomes[0].code, "");
  EXPECT_EQ(outcomes[0].attempts, 2);
}

// A worker that goes between two pages is nobody's fault.
TEST_F(Supervisor, BlamesNoPageForAWorkerThatDiedIdle) {
  auto parser = make_supervised(options_);
  // dies once it has answered
  const std::vector<Outcome> outcomes = run(*parser, {page("https://after.example.com/")});
  ASSERT_EQ(outcomes.size(), 1U);
  EXPECT_EQ(outcomes[0].code, "");
  std::this_thread::sleep_for(std::chrono::milliseconds(500));
  EXPECT_EQ(run(*parser, {page("https://www.example.com/1")})[0].attempts, 1);
  EXPECT_TRUE(deaths_.empty());
}

TEST_F(Supervisor, StopsWhereNoWorkerCanBeStarted) {
  for (const std::string program : {"/nonexistent", "/bin/true", "/bin/echo"}) {
    options_.command = {program, std::string(kWorkerArgument)};
    auto parser = make_supervised(options_);
    const auto article = extract_one(*parser, page("https://www.example.com/1"));
    ASSERT_FALSE(article);
    EXPECT_EQ(article.error().code, ErrorCode("worker_not_started")) << article.error().to_string();
    EXPECT_EQ(article.error().disposition, Disposition::kStop);
  }
}

TEST_F(Supervisor, TakesLargePages) {
  auto parser = make_supervised(options_);
  std::vector<std::string> pages;
  for (int i = 0; i < 6; ++i)
    pages.push_back(
        page("https://www.example.com/" + std::to_string(i), std::string(3'000'000, 'x')));
  options_.limits.cpu = std::chrono::seconds(10);
  const std::vector<Outcome> outcomes = run(*parser, pages);
  EXPECT_EQ(outcomes.size(), pages.size());
}

TEST(Frames, AreTakenWholeOrNotAtAll) {
  const std::string bytes = frame_header(3) + "abc" + frame_header(0) + frame_header(2) + "x";
  std::size_t offset = 0;
  bool broken = false;
  EXPECT_EQ(take_frame(bytes, offset, broken), "abc");
  EXPECT_EQ(take_frame(bytes, offset, broken), "");
  EXPECT_EQ(take_frame(bytes, offset, broken), std::nullopt);
  EXPECT_FALSE(broken);
  EXPECT_EQ(offset, 11U);
  offset = 0;
  EXPECT_EQ(take_frame("\xFF\xFF\xFF\xFF", offset, broken), std::nullopt);
  EXPECT_TRUE(broken);
  EXPECT_FALSE(article_of("").has_value());
  EXPECT_FALSE(article_of("f9").has_value());
}

// extractor/isolation/README.md: a page that has taken over the parser gets nowhere.
TEST_F(Supervisor, StopsAWorkerThatAsksForMoreThanItNeeds) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "a sanitizer asks the kernel for more";
#endif
  options_.command[0] = worker_program().parent_path() / "confined_worker_with_faults";
  auto parser = make_supervised(options_);
  for (const char* what : {"socket", "execve", "fork", "read", "write", "connect", "kill"}) {
    const auto lost = extract_one(*parser, page("https://" + std::string(what) + ".example.com/"));
    ASSERT_FALSE(lost) << what;
    EXPECT_EQ(lost.error().code, ErrorCode("worker_died")) << what;
    EXPECT_NE(lost.error().detail.find("asked the kernel"), std::string::npos)
        << what << ": " << lost.error().detail;
  }
  EXPECT_TRUE(extract_one(*parser, page("https://www.example.com/a"))) << "and others come through";
}

TEST_F(Supervisor, GivesAWorkerNothingOfItsOwn) {
  setenv("VIGIE_TEST_SECRET", "x", 1);
  auto parser = make_supervised(options_);
  EXPECT_TRUE(extract_one(*parser, page("https://environment.example.com/")));
  unsetenv("VIGIE_TEST_SECRET");
}

}  // namespace
}  // namespace vigie::extractor::isolation
