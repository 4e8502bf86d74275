#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "indexer/alerting/alerter.h"
#include "platform/fingerprint/fingerprint.h"
#include "platform/log/embedded_log.h"
#include "proto/identity.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/seeded_random.h"

/// An alerter on an embedded log, a clock that a test moves and a receiver whose responses it
/// decides.
namespace vigie::indexer::alerting {

using proto::Topic;
using std::chrono::milliseconds;

/// A receiver whose responses the test decides.
class FakeSender final : public delivery::Sender {
 public:
  void send(const delivery::Message& message, Done done) override {
    std::unique_lock lock(mutex_);
    sent_.push_back(message);
    if (hold_) {
      held_.push_back(std::move(done));
      return;
    }
    const delivery::Attempt attempt = attempt_of(status_);
    lock.unlock();
    done(attempt);
  }
  /// Answers what is held.
  void release() {
    std::unique_lock lock(mutex_);
    hold_ = false;
    const std::vector<Done> held = std::exchange(held_, {});
    const delivery::Attempt attempt = attempt_of(status_);
    lock.unlock();
    for (const Done& done : held) done(attempt);
  }
  bool holds() const {
    const std::lock_guard lock(mutex_);
    return !held_.empty();
  }
  void answer(std::uint32_t status) {
    const std::lock_guard lock(mutex_);
    status_ = status;
  }
  void hold(bool hold) {
    const std::lock_guard lock(mutex_);
    hold_ = hold;
  }
  std::vector<delivery::Message> sent() const {
    const std::lock_guard lock(mutex_);
    return sent_;
  }
  std::size_t count() const { return sent().size(); }

 private:
  static delivery::Attempt attempt_of(std::uint32_t status) {
    delivery::Attempt attempt;
    attempt.status = status;
    attempt.outcome = status == 200   ? delivery::Outcome::kDelivered
                      : status == 410 ? delivery::Outcome::kGone
                      : status == 400 ? delivery::Outcome::kRefused
                                      : delivery::Outcome::kFailed;
    if (status == 429) attempt.retry_after = std::chrono::seconds(60);
    if (status != 200) attempt.error = "the receiver answered " + std::to_string(status);
    return attempt;
  }

  mutable std::mutex mutex_;
  std::vector<delivery::Message> sent_;
  std::vector<Done> held_;
  std::uint32_t status_ = 200;
  bool hold_ = false;
};

inline constexpr milliseconds kStopWait{50};

inline std::string fingerprint_of(std::uint64_t first, std::uint64_t count) {
  std::vector<std::uint64_t> shingles;
  for (std::uint64_t i = 0; i < count; ++i) shingles.push_back((first + i) * 0x9e3779b97f4a7c15ULL);
  return fingerprint::make(shingles);
}

class AlerterTest : public testing::Test {
 protected:
  void SetUp() override {
    dir_ = std::filesystem::temp_directory_path() /
           ("vigie_alerter_" + std::to_string(getpid()) + "_" +
            testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::remove_all(dir_);
    log::EmbeddedOptions options;
    options.dir = dir_ / "log";
    options.partitions = 3;
    auto opened = log::open_embedded(options, clock_);
    ASSERT_TRUE(opened.has_value()) << opened.error().to_string();
    log_ = std::move(*opened);
    registry_ = metrics::make_registry();
  }
  void TearDown() override {
    stop();
    log_.reset();
    std::filesystem::remove_all(dir_);
  }

  void start(const std::string& state = "alerter") {
    AlerterOptions options;
    options.dir = dir_ / state;
    options.idle_poll = milliseconds(5);
    options.stop_wait = kStopWait;
    if (disk_) options.open_database = disk_;
    if (change_) change_(options);
    log::Log& log = through_ != nullptr ? *through_ : *log_;
    auto store = subscriptions::SubscriptionStore::open(log, clock_, random_);
    ASSERT_TRUE(store.has_value()) << store.error().to_string();
    store_ = std::move(*store);
    followed_ = std::jthread(
        [this](std::stop_token token) { EXPECT_TRUE(store_->run(std::move(token)).has_value()); });
    auto opened = Alerter::open(log, *store_, seen_sender(), clock_, random_, *registry_, options);
    ASSERT_TRUE(opened.has_value()) << opened.error().to_string();
    alerter_ = std::move(*opened);
    alerter_->on_alert([this](const v1::AlertGroup&, const v1::SubscriptionRecord&) { ++hooks_; });
    over_ = false;
    thread_ = std::jthread([this](std::stop_token token) {
      const auto ended = alerter_->run(std::move(token));
      if (!ended) failure_ = ended.error().code;
      over_ = true;
    });
  }
  void stop() {
    if (thread_.joinable()) {
      thread_.request_stop();
      // It waits for attempts that the sender holds, by the clock.
      while (!over_) {
        if (sender_.holds()) clock_.advance(kStopWait);
        std::this_thread::sleep_for(milliseconds(1));
      }
      thread_.join();
    }
    alerter_.reset();
    if (followed_.joinable()) {
      followed_.request_stop();
      followed_.join();
    }
    store_.reset();
  }

  delivery::Sender& seen_sender() {
    return through_sender_ != nullptr ? *through_sender_ : sender_;
  }
  v1::SubscriptionRecord subscribe(const std::string& id, std::uint64_t revision = 1,
                                   bool deleted = false, std::vector<std::string> channels = {"c1"},
                                   v1::SubscriptionRecord subscription = {}) {
    subscription.set_id(id);
    subscription.set_revision(revision);
    subscription.set_name("name of " + id);
    subscription.set_deleted(deleted);
    subscription.set_updated_at_unix_ms(clock_.now_unix_ms());
    for (const std::string& channel : channels) {
      v1::Channel& added = *subscription.add_channels();
      added.set_id(channel);
      added.set_type("webhook");
      added.set_url("https://example.org/" + channel);
      added.set_secret(delivery::make_secret(random_));
    }
    EXPECT_TRUE(log::append(*log_, {{Topic::kSubscriptions, id, subscription.SerializeAsString()}})
                    .has_value());
    return subscription;
  }
  std::string match(const std::string& subscription, const std::string& article,
                    const std::string& fingerprint, std::uint64_t revision = 1,
                    milliseconds discovered_ago = milliseconds(0)) {
    v1::MatchRecord match;
    match.set_match_id(proto::match_id(subscription, article));
    match.set_subscription_id(subscription);
    match.set_subscription_revision(revision);
    match.set_fingerprint(fingerprint);
    match.set_matched_at_unix_ms(clock_.now_unix_ms());
    match.mutable_article()->set_article_id(article);
    match.mutable_article()->set_title("title of " + article);
    match.mutable_article()->set_discovered_at_unix_ms(clock_.now_unix_ms() -
                                                       discovered_ago.count());
    match.add_evidence()->set_sentence("because of " + article);
    EXPECT_TRUE(log::append(*log_, {{Topic::kMatches, subscription, match.SerializeAsString()}})
                    .has_value());
    return match.match_id();
  }
  double metric(const std::string& name, const metrics::Labels& labels = {}) {
    return registry_->counter(name, "", labels).value();
  }
  double dropped(const std::string& reason) {
    return metric("vigie_alerts_dropped_total", {{"reason", reason}});
  }
  template <class Condition>
  static bool eventually(Condition condition) {
    for (int i = 0; i < 1000; ++i) {
      if (condition()) return true;
      std::this_thread::sleep_for(milliseconds(5));
    }
    return false;
  }
  bool all_read(double matches) {
    return eventually([&] { return metric("vigie_alerts_matches_total") >= matches; }) &&
           (std::this_thread::sleep_for(milliseconds(40)), true);
  }
  v1::DeliveryState state_of_newest(const std::string& subscription) {
    const auto deliveries = alerter_->deliveries(subscription, 1);
    return deliveries && !deliveries->empty() ? deliveries->front().state()
                                              : v1::DELIVERY_STATE_UNSPECIFIED;
  }
  std::size_t attempts_of_newest(const std::string& subscription) {
    const auto deliveries = alerter_->deliveries(subscription, 1);
    return deliveries && !deliveries->empty() ? deliveries->front().attempts() : 0;
  }

  std::filesystem::path dir_;
  FakeClock clock_;
  SeededRandom random_{7};
  std::unique_ptr<log::Log> log_;
  std::unique_ptr<metrics::Registry> registry_;
  FakeSender sender_;
  delivery::Sender* through_sender_ = nullptr;   // what stands between the alerter and it
  std::function<void(AlerterOptions&)> change_;  // of the options
  storage::Opener disk_;                         // where it is not the real one
  log::Log* through_ = nullptr;  // what the alerter and its store see of log_, if not all of it
  std::unique_ptr<subscriptions::SubscriptionStore> store_;
  std::unique_ptr<Alerter> alerter_;
  std::jthread followed_;
  std::jthread thread_;
  std::string failure_;
  std::atomic<bool> over_{false};
  std::atomic<int> hooks_{0};
};

}  // namespace vigie::indexer::alerting
