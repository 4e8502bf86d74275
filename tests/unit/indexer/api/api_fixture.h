#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <mutex>

#include "indexer/alerting/alerts.h"
#include "indexer/api/api.h"
#include "indexer/api/live_feed.h"
#include "indexer/collections/store.h"
#include "indexer/keys/store.h"
#include "indexer/matching/matcher.h"
#include "indexer/query/budget.h"
#include "indexer/saved/store.h"
#include "indexer/search/index.h"
#include "indexer/sessions/store.h"
#include "indexer/subscriptions/store.h"
#include "platform/backup/freezer.h"
#include "platform/clock/clock.h"
#include "platform/config/settings.h"
#include "platform/log/embedded_log.h"
#include "platform/metrics/metrics.h"
#include "proto/identity.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/seeded_random.h"

namespace vigie::indexer::api {

/// A shard in memory that answers queries by matching::matches.
class FakeShard final : public Shard {
 public:
  struct Stored {
    std::vector<v1::ArticleRecord> versions;  // newest first
    std::string story;
    std::string event;
  };

  void put(const v1::ArticleRecord& article, std::string story = {}, std::string event = {}) {
    const std::lock_guard lock(mutex_);
    Stored& stored = articles_[article.article_id()];
    stored.versions.insert(stored.versions.begin(), article);
    if (!story.empty()) stored.story = std::move(story);
    if (!event.empty()) stored.event = std::move(event);
  }

  std::int64_t next_offset() const override { return 0; }
  Result<void> apply(const std::vector<LoggedArticle>& batch, std::int64_t,
                     const MatchFn&) override {
    for (const LoggedArticle& logged : batch) put(logged.article);
    return {};
  }
  Result<void> skip_to(std::int64_t) override { return {}; }
  std::int64_t skipped_to() const override { return -1; }
  Result<std::vector<PendingMatch>> pending_matches(std::size_t) override {
    return std::vector<PendingMatch>();
  }
  Result<void> forget_matches(const std::vector<std::string>&) override { return {}; }
  Result<void> set_stories(const std::vector<Membership>&, std::int64_t) override { return {}; }
  std::int64_t stories_offset() const override { return 0; }
  Result<void> takedown(const std::string&) override { return {}; }

  Result<Statistics> statistics(const query::Query& query) const override {
    Statistics out;
    out.documents = articles_.size();
    out.document_frequency.assign(query.nodes.size(), 1);
    return out;
  }
  Result<FindResult> find(const Find& find) const override {
    VIGIE_TRY(charge(*find.query));
    FindResult out;
    for (const auto& [id, stored] : found(*find.query, find.now_unix_ms)) {
      const std::int64_t time = analysis::article_time_unix_ms(stored->versions[0]);
      ++out.total;
      const bool behind =
          !find.after || (find.sort == Sort::kNewest ? time < find.after->time_unix_ms ||
                                                           (time == find.after->time_unix_ms &&
                                                            id > find.after->article_id)
                                                     : id > find.after->article_id);
      if (behind) out.hits.push_back({id, 0, 1.0, time});
    }
    if (find.sort == Sort::kNewest) {
      std::stable_sort(out.hits.begin(), out.hits.end(), [](const Found& a, const Found& b) {
        return a.time_unix_ms > b.time_unix_ms;
      });
    }
    if (out.hits.size() > find.limit) out.hits.resize(find.limit);
    return out;
  }
  Result<std::vector<TimelineBin>> timeline(const query::Query& query, std::int64_t interval_ms,
                                            std::int64_t now,
                                            std::optional<Facet> split) const override {
    VIGIE_TRY(charge(query));
    std::map<std::int64_t, TimelineBin> bins;
    for (const auto& [id, stored] : found(query, now)) {
      const std::int64_t begin =
          analysis::article_time_unix_ms(stored->versions[0]) / interval_ms * interval_ms;
      TimelineBin& bin = bins[begin];
      bin.begin_unix_ms = begin;
      ++bin.count;
      if (split) bin.split = {{stored->versions[0].language(), bin.count}};
    }
    std::vector<TimelineBin> out;
    for (const auto& [begin, bin] : bins) out.push_back(bin);
    return out;
  }
  Result<std::vector<std::pair<Facet, std::vector<Count>>>> facets(
      const query::Query& query, const std::vector<Facet>& fields,
      std::int64_t now) const override {
    VIGIE_TRY(charge(query));
    std::vector<std::pair<Facet, std::vector<Count>>> out;
    for (const Facet facet : fields) {
      std::map<std::string, std::uint64_t> counts;
      for (const auto& [id, stored] : found(query, now)) {
        const v1::ArticleRecord& article = stored->versions[0];
        if (facet == Facet::kLanguage) ++counts[article.language()];
        if (facet == Facet::kType && !article.genre().empty()) ++counts[article.genre()];
        if (facet == Facet::kSource) ++counts[article.source().id()];
        if (facet == Facet::kCountry) ++counts[article.source().country()];
        if (facet == Facet::kTopic) {
          for (const auto& topic : article.topics()) ++counts[topic.id()];
        }
      }
      std::vector<Count> list;
      for (const auto& [value, count] : counts) list.push_back({value, count});
      out.emplace_back(facet, std::move(list));
    }
    return out;
  }
  Result<std::optional<v1::ArticleRecord>> article(const std::string& id) const override {
    const std::lock_guard lock(mutex_);
    const auto known = articles_.find(id);
    if (known == articles_.end()) return std::optional<v1::ArticleRecord>();
    return std::optional<v1::ArticleRecord>(known->second.versions[0]);
  }
  Result<std::vector<StoredVersion>> versions(const std::string& id) const override {
    const std::lock_guard lock(mutex_);
    std::vector<StoredVersion> out;
    const auto known = articles_.find(id);
    if (known == articles_.end()) return out;
    for (const auto& version : known->second.versions)
      out.push_back({version.version_id(), version.fetched_at_unix_ms(), version});
    return out;
  }
  std::string story_of(const std::string& id) const override {
    const std::lock_guard lock(mutex_);
    const auto known = articles_.find(id);
    return known == articles_.end() ? std::string() : known->second.story;
  }
  Result<std::vector<std::string>> story_articles(const std::string& story) const override {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> out;
    for (const auto& [id, stored] : articles_) {
      if (stored.story == story) out.push_back(id);
    }
    return out;
  }
  std::string event_of(const std::string& id) const override {
    const std::lock_guard lock(mutex_);
    const auto known = articles_.find(id);
    return known == articles_.end() ? std::string() : known->second.event;
  }
  Result<std::vector<std::string>> event_articles(const std::string& event) const override {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> out;
    for (const auto& [id, stored] : articles_) {
      if (stored.event == event) out.push_back(id);
    }
    return out;
  }
  Result<bool> maintain() override { return false; }
  Result<void> checkpoint(const std::filesystem::path&) override { return {}; }
  std::uint64_t documents() const override { return articles_.size(); }
  std::uint64_t disk_bytes() const override { return 0; }

  /// What each question costs, in the unit of query::Budget::expect.
  std::uint64_t cost = 0;

 private:
  Result<void> charge(const query::Query& query) const {
    EXPECT_NE(query.budget, nullptr) << "a question without a budget: " << query.text;
    return query.budget != nullptr ? query.budget->expect(cost) : Result<void>();
  }
  std::vector<std::pair<std::string, const Stored*>> found(const query::Query& query,
                                                           std::int64_t now) const {
    const std::lock_guard lock(mutex_);
    std::vector<std::pair<std::string, const Stored*>> out;
    for (const auto& [id, stored] : articles_) {
      if (matching::matches(query, matching::Document(stored.versions[0]), now, stored.story,
                            stored.event))
        out.emplace_back(id, &stored);
    }
    return out;
  }
  mutable std::mutex mutex_;
  std::map<std::string, Stored> articles_;
};

class FakeAlerter final : public alerting::Alerts {
 public:
  std::vector<std::int32_t> owned() const override { return partitions; }
  Result<std::vector<v1::AlertGroup>> alerts(const std::string& subscription_id, std::size_t limit,
                                             const std::string& before) const override {
    std::vector<v1::AlertGroup> out;
    bool open = before.empty();
    for (const auto& group : groups) {
      if (open && group.subscription_id() == subscription_id && out.size() < limit)
        out.push_back(group);
      open = open || alerting::cursor_of(group) == before;
    }
    if (!open) return failure(Disposition::kQuarantine, "not_found", "no such alert");
    return out;
  }
  Result<std::vector<v1::DeliveryRecord>> deliveries(const std::string&,
                                                     std::size_t) const override {
    return rows;
  }
  Result<std::vector<alerting::DayCount>> counts_per_day(
      const std::string&, std::size_t days, const dates::TimeZone& zone) const override {
    return std::vector<alerting::DayCount>(days, {zone.day_begin(1'767'139'200'000), 2});
  }
  Result<LeftOut> left_out(const std::string&) const override { return left_out_; }
  std::vector<alerting::TestResult> send_test(const v1::SubscriptionRecord& subscription) override {
    std::vector<alerting::TestResult> out;
    for (const auto& channel : subscription.channels())
      out.push_back({channel.id(), {delivery::Outcome::kFailed, 500, "status 500", std::nullopt}});
    return out;
  }
  Result<std::vector<alerting::TestResult>> send_again(const v1::SubscriptionRecord& subscription,
                                                       const std::string& delivery_id) override {
    for (const auto& group : groups) {
      if (group.delivery_id() == delivery_id) return send_test(subscription);
    }
    return failure(Disposition::kQuarantine, "not_found", "no such alert");
  }

  LeftOut left_out_;
  std::vector<std::int32_t> partitions;
  std::vector<v1::AlertGroup> groups;  // newest first
  std::vector<v1::DeliveryRecord> rows;
};

/// The API over the embedded log, a shard in memory and a fake alerter.
class Api : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "vigie_api_XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    dir_ = name;
    log::EmbeddedOptions options;
    options.dir = dir_ / "log";
    options.partitions = 3;
    auto opened = log::open_embedded(options, clock_);
    ASSERT_TRUE(opened) << opened.error().to_string();
    log_ = std::move(*opened);
    auto loaded = config::load(config::Program::kUp, {});
    ASSERT_TRUE(loaded) << loaded.error().to_string();
    settings_ = std::move(*loaded);
    auto store = subscriptions::SubscriptionStore::open(*log_, clock_, random_);
    ASSERT_TRUE(store) << store.error().to_string();
    store_ = std::move(*store);
    auto sessions = sessions::SessionStore::open(*log_, clock_, random_, {});
    ASSERT_TRUE(sessions) << sessions.error().to_string();
    sessions_ = std::move(*sessions);
    auto keys = keys::KeyStore::open(*log_, clock_, random_);
    ASSERT_TRUE(keys) << keys.error().to_string();
    keys_ = std::move(*keys);
    auto kept = collections::CollectionStore::open(*log_, clock_, random_);
    ASSERT_TRUE(kept) << kept.error().to_string();
    collections_ = std::move(*kept);
    auto saved = saved::SavedStore::open(*log_, clock_, random_);
    ASSERT_TRUE(saved) << saved.error().to_string();
    saved_ = std::move(*saved);
    index_ = std::make_unique<search::Index>(clock_);
    index_->add_shard(0, shard_);
    live_ = std::make_unique<LiveFeed>(LiveFeed::Seams{*log_, *index_, clock_, *metrics_},
                                       live_limits_);
    make();
  }
  void TearDown() override {
    router_.reset();
    live_.reset();
    store_.reset();
    sessions_.reset();
    keys_.reset();
    collections_.reset();
    saved_.reset();
    index_.reset();
    log_.reset();
    std::filesystem::remove_all(dir_);
  }

  void make() {
    auto catalogue = std::make_shared<Catalogue>();
    catalogue->topics.push_back({"export-controls",
                                 "Export controls",
                                 "Rules on what may be sold abroad.",
                                 {{"fr", "Contrôle des exportations"}},
                                 "",
                                 "ai-geopolitics",
                                 {"export-licences"}});
    catalogue->actors.push_back({"org:nvidia", "Nvidia", "", {}, "Q182477", "ai-geopolitics"});
    freezer_.emplace(dir_);
    freezer_->set_log([](const std::filesystem::path& to) -> Result<void> {
      std::filesystem::create_directories(to);
      return {};
    });
    ApiDependencies dependencies{
        .settings = settings_,
        .log = *log_,
        .index = *index_,
        .alerter = &alerter_,
        .subscriptions = *store_,
        .sessions = *sessions_,
        .keys = *keys_,
        .collections = *collections_,
        .saved = *saved_,
        .clock = clock_,
        .random = random_,
        .metrics = *metrics_,
        .data_dir = dir_,
        .pipeline_extra = [] { return Json::object({{"extra", 1}}); },
        .catalogue = [catalogue] { return catalogue; },
        .pages = [](const http::Request& request) -> std::optional<http::Response> {
          if (request.path != "/" && request.path != "/a/x") return std::nullopt;
          return http::Response::text("<html>", "text/html");
        },
        .live = live_.get(),
        .freezer = &*freezer_,
        .translator = translator_};
    auto router = make_router(std::move(dependencies));
    ASSERT_TRUE(router) << router.error().to_string();
    router_ = std::move(*router);
  }

  http::Response call(std::string method, std::string path,
                      std::vector<std::pair<std::string, std::string>> query = {},
                      const Json& body = {}) {
    http::Request request;
    request.method = std::move(method);
    request.path = std::move(path);
    request.query = std::move(query);
    if (!body.is_null()) request.body = body.dump();
    return router_->handle(std::move(request));
  }
  Json get(std::string path, std::vector<std::pair<std::string, std::string>> query = {}) {
    const auto response = call("GET", path, std::move(query));
    EXPECT_EQ(response.status, 200) << path << ": " << response.body;
    return json_of(response);
  }
  static Json json_of(const http::Response& response) {
    auto parsed = parse_json(response.body);
    EXPECT_TRUE(parsed) << response.body;
    return parsed ? *parsed : Json();
  }

  /// What a stream has to tell after one more turn of the feed; "(end)" at its end.
  std::string told(http::BodyStream& stream) {
    live_->turn(std::chrono::milliseconds(20));
    return stream.take().value_or("(end)");
  }

  static v1::ArticleRecord article(const std::string& url, std::string title, std::string text,
                                   std::int64_t discovered_ms) {
    v1::ArticleRecord out;
    out.set_article_id(proto::article_id(url));
    out.set_version_id(proto::version_id(title, text));
    out.set_page_key(proto::page_key(url));
    out.set_canonical_url(url);
    out.set_url(url);
    out.set_title(std::move(title));
    out.set_text(std::move(text));
    out.set_language("en");
    out.set_discovered_at_unix_ms(discovered_ms);
    out.set_fetched_at_unix_ms(discovered_ms);
    out.mutable_source()->set_id("daily");
    out.mutable_source()->set_name("Daily");
    auto* topic = out.add_topics();
    topic->set_id("export-controls");
    topic->set_level(v1::TAG_LEVEL_ABOUT);
    topic->set_score(2.5);
    auto* span = topic->add_evidence();
    span->set_field("title");
    span->set_length(3);
    auto* joined = topic->add_evidence();
    joined->set_field("text");
    joined->set_length(3);
    joined->set_together(true);
    joined->set_child("a-part");
    return out;
  }

  FakeClock clock_;
  SeededRandom random_{3};
  std::unique_ptr<metrics::Registry> metrics_ = metrics::make_registry();
  std::filesystem::path dir_;
  config::Settings settings_;
  std::optional<backup::Freezer> freezer_;
  std::unique_ptr<log::Log> log_;
  std::unique_ptr<subscriptions::SubscriptionStore> store_;
  std::unique_ptr<sessions::SessionStore> sessions_;
  std::unique_ptr<keys::KeyStore> keys_;
  std::unique_ptr<collections::CollectionStore> collections_;
  std::unique_ptr<saved::SavedStore> saved_;
  std::unique_ptr<search::Index> index_;
  std::shared_ptr<FakeShard> shard_ = std::make_shared<FakeShard>();
  LiveFeed::Limits live_limits_;
  std::unique_ptr<LiveFeed> live_;
  FakeAlerter alerter_;
  translation::Translator* translator_ = nullptr;
  std::shared_ptr<http::Router> router_;
};

}  // namespace vigie::indexer::api
