#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "crawler/service/scheduler.h"
#include "platform/clock/clock.h"
#include "platform/log/embedded_log.h"
#include "platform/metrics/metrics.h"
#include "proto/page.pb.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/seeded_random.h"

/// A crawler's surroundings in tests: a fake web, names, clock, and a real embedded log.
namespace vigie::crawler::service {

using std::chrono::milliseconds;

/// A web of fixed answers that notes every request. Answers take some time of the fake clock.
class FakeWeb final : public net::HttpClient {
 public:
  struct Seen {
    std::string url;
    milliseconds begin;
    milliseconds end;
    net::Headers headers;
    std::string body = {};
  };

  explicit FakeWeb(FakeClock& clock) : clock_(clock) {}

  void put(const std::string& url, int status, std::string body, std::string type = "text/html",
           net::Headers more = {}) {
    net::HttpResponse response;
    response.status = status;
    response.headers = std::move(more);
    response.headers.emplace_back("content-type", std::move(type));
    response.body = std::move(body);
    response.body_bytes = response.body.size();
    responses_[url] = std::move(response);
  }
  void remove(const std::string& url) { responses_.erase(url); }

  void start(net::HttpRequest request, Done done) override {
    begun.push_back(request.url);
    pending_.push_back({request.url, clock_.since_boot(), std::move(request.headers),
                        std::move(request.body), std::move(done)});
  }

  /// Answers what was asked at least `time` ago.
  void answer(milliseconds time) {
    if (hold) return;
    std::vector<Pending> ready;
    for (auto one = pending_.begin(); one != pending_.end();) {
      if (clock_.since_boot() - one->begin >= time) {
        ready.push_back(std::move(*one));
        one = pending_.erase(one);
      } else {
        ++one;
      }
    }
    for (Pending& one : ready) {
      seen.push_back({one.url, one.begin, clock_.since_boot(), one.headers, one.body});
      const auto found = responses_.find(one.url);
      if (offline) {
        one.done(failure(Disposition::kRetry, "dns", "the name cannot be found", one.url));
      } else if (refused_hosts.count(*url::parse(one.url)->host) != 0) {
        one.done(failure(Disposition::kQuarantine, "address_refused",
                         "the peer may not be contacted", one.url));
      } else if (found != responses_.end()) {
        one.done(found->second);
      } else {
        net::HttpResponse none;
        none.status = 404;
        one.done(none);
      }
    }
  }

  std::size_t count(const std::string& url) const {
    return static_cast<std::size_t>(
        std::count_if(seen.begin(), seen.end(), [&](const Seen& one) { return one.url == url; }));
  }

  std::set<std::string> refused_hosts;
  std::vector<Seen> seen;          // answered
  std::vector<std::string> begun;  // asked for
  bool offline = false;
  bool hold = false;  // answers nothing for now

 private:
  struct Pending {
    std::string url;
    milliseconds begin;
    net::Headers headers;
    std::string body;
    Done done;
  };
  FakeClock& clock_;
  std::map<std::string, net::HttpResponse> responses_;
  std::vector<Pending> pending_;
};

inline std::string rss(const std::vector<std::pair<std::string, std::string>>& items) {
  std::string out =
      "<rss version=\"2.0\"><channel><title>Feed</title><link>http://127.0.10.1/</link>";
  for (const auto& [title, link] : items) {
    out += "<item><title>" + title + "</title><link>" + link + "</link><guid>" + link +
           "</guid><pubDate>Thu, 01 Jan 2026 00:00:00 +0100</pubDate></item>";
  }
  return out + "</channel></rss>";
}

/// Names with fixed addresses; answers at once, or never.
class FakeResolver final : public politeness::Resolver {
 public:
  void resolve(const std::string& host, Done done) override {
    ++asked;
    if (!silent) done(addresses[host]);
  }
  std::map<std::string, std::vector<std::string>> addresses;
  std::size_t asked = 0;
  bool silent = false;
};

/// A crawler on a fake clock and web and a real embedded log in a temporary directory.
class CrawlerTest : public testing::Test {
 protected:
  void SetUp() override {
    static std::atomic<int> number{0};
    dir_ = std::filesystem::temp_directory_path() /
           ("vigie-crawler-test-" + std::to_string(getpid()) + "-" + std::to_string(number++));
    std::filesystem::create_directories(dir_);
    sources(
        "sources:\n  - name: Example\n    homepage: http://127.0.10.1/\n    feeds: "
        "[http://127.0.10.1/feed.xml]\n    country: FR\n    language: fr\n    kind: newspaper\n");
    open_log();
  }
  void TearDown() override {
    scheduler_.reset();
    log_.reset();
    std::filesystem::remove_all(dir_);
  }

  void open_log() {
    log::EmbeddedOptions options;
    options.dir = dir_ / "log";
    options.partitions = 3;
    auto log = log::open_embedded(options, clock_);
    ASSERT_TRUE(log) << log.error().to_string();
    log_ = std::move(*log);
  }
  void sources(const std::string& yaml) { std::ofstream(dir_ / "sources.yaml") << yaml; }

  CrawlerOptions options() {
    CrawlerOptions options;
    options.source_files = {(dir_ / "sources.yaml").string()};
    options.min_gap = milliseconds(200);
    options.ip_gap = milliseconds(50);
    options.revisit_policy.poll_floor = milliseconds(1000);
    options.revisit_policy.retry = {milliseconds(1'000), milliseconds(10'000)};
    options.revisit_policy.revisits = {milliseconds(20'000), milliseconds(60'000),
                                       milliseconds(120'000), milliseconds(240'000)};
    options.data_dir = dir_;
    options.instance = "test";
    options.archive = archive_;
    return options;
  }
  std::unique_ptr<Scheduler> make_crawler(const CrawlerOptions& options, log::Log& log) {
    auto list = sources::load_sources(options.source_files);
    EXPECT_TRUE(list && list->problems.empty());
    auto scheduler =
        std::make_unique<Scheduler>(options,
                                    Crawler::Seams{log, web_, clock_, random_, *metrics_, "",
                                                   &resolver_, storage::open, nullptr, hubs_},
                                    std::move(*list));
    const auto started = scheduler->start();
    EXPECT_TRUE(started) << started.error().to_string();
    return scheduler;
  }
  void begin() { scheduler_ = make_crawler(options(), *log_); }

  /// Lets time pass in steps of 10 ms; the log's own threads get a moment at each.
  void pass(milliseconds time) {
    for (milliseconds at{0}; at < time; at += milliseconds(10)) {
      for (int settle = 0; settle < 2; ++settle) {
        web_.answer(milliseconds(20));
        const auto ticked = scheduler_->tick();
        ASSERT_TRUE(ticked) << ticked.error().to_string();
        ASSERT_TRUE(scheduler_->finish());
      }
      clock_.advance(milliseconds(10));
    }
  }

  template <class Record>
  std::vector<Record> read(proto::Topic topic) {
    std::vector<Record> out;
    const auto ends =
        log::read_to_end(*log_, topic, [&](const log::Record& record) -> Result<void> {
          Record parsed;
          if (record.value && parsed.ParseFromString(*record.value))
            out.push_back(std::move(parsed));
          return {};
        });
    EXPECT_TRUE(ends);
    return out;
  }

  std::filesystem::path dir_;
  bool archive_ = false;
  std::shared_ptr<websub::Hubs> hubs_;  // null: no feed is subscribed to
  FakeClock clock_;
  SeededRandom random_{7};
  std::unique_ptr<metrics::Registry> metrics_ = metrics::make_registry();
  FakeWeb web_{clock_};
  FakeResolver resolver_;
  std::unique_ptr<log::Log> log_;
  std::unique_ptr<Scheduler> scheduler_;
};

}  // namespace vigie::crawler::service
