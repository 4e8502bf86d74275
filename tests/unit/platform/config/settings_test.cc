#include "platform/config/settings.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "platform/process/process.h"

namespace vigie::config {
namespace {

class SettingsTest : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/vigie-config-XXXXXX";
    ASSERT_NE(mkdtemp(name), nullptr);
    dir_ = name;
    file_ = (dir_ / "vigie.yaml").string();
  }
  void TearDown() override { std::filesystem::remove_all(dir_); }

  Result<Settings> from_file(std::string_view text, std::vector<std::string> sets = {},
                             std::map<std::string, std::string> environment = {}) {
    EXPECT_TRUE(process::write_file_atomically(file_, text));
    return load(Program::kUp, {file_, std::move(sets), std::move(environment)});
  }
  static Result<Settings> with(std::vector<std::string> sets) {
    return load(Program::kUp, {"", std::move(sets), {}});
  }
  static std::string complaint_about(const std::string& set) {
    const auto loaded = with({set});
    return loaded ? "accepted"
                  : std::string(loaded.error().code) + " " + loaded.error().where + " " +
                        loaded.error().detail;
  }

  std::filesystem::path dir_;
  std::string file_;
};

TEST_F(SettingsTest, KeysAreInOrderAndEveryDefaultIsValid) {
  EXPECT_TRUE(std::is_sorted(keys().begin(), keys().end(),
                             [](const Key& a, const Key& b) { return a.name < b.name; }));
  for (const Program program :
       {Program::kUp, Program::kCrawler, Program::kExtractor, Program::kIndexer}) {
    const auto settings = load(program, {});
    ASSERT_TRUE(settings) << settings.error().to_string();
    EXPECT_EQ(settings->values.size(), keys().size());
    for (const auto& [name, value] : settings->effective())
      EXPECT_EQ(value.origin, "default") << name;
  }
}

// ops/spec/settings.md: defaults that depend on the program.
TEST_F(SettingsTest, DefaultsDependOnTheProgram) {
  EXPECT_EQ(load(Program::kUp, {})->text("data_dir"), "./vigie-data");
  EXPECT_EQ(load(Program::kCrawler, {})->text("data_dir"), "./vigie-data/crawler");
  EXPECT_EQ(load(Program::kUp, {})->text("http.listen"), "127.0.0.1:8080");
  EXPECT_EQ(load(Program::kCrawler, {})->text("http.listen"), "127.0.0.1:8081");
  EXPECT_EQ(load(Program::kExtractor, {})->text("http.listen"), "127.0.0.1:8082");
  EXPECT_EQ(load(Program::kIndexer, {})->text("log.group"), "indexer");
  EXPECT_EQ(load(Program::kUp, {})->program_name(), "vigie up");
  EXPECT_EQ(load(Program::kExtractor, {})->program_name(), "vigie-extractor");
}

TEST_F(SettingsTest, FileValuesCarryFileAndLine) {
  const auto settings =
      from_file("# mine\nfetch:\n  min_gap_ms: 3000\n  feed_floor_s: 1.5\nlog.group: other\n");
  ASSERT_TRUE(settings) << settings.error().to_string();
  EXPECT_EQ(settings->integer("fetch.min_gap_ms"), 3000);
  EXPECT_EQ(settings->values.find("fetch.min_gap_ms")->second.origin, file_ + ":3");
  EXPECT_EQ(settings->number("fetch.feed_floor_s"), 1.5);
  EXPECT_EQ(settings->text("log.group"), "other");
  EXPECT_EQ(settings->values.find("log.group")->second.origin, file_ + ":5");
}

TEST_F(SettingsTest, EmptyFileAndEmptyGroupsChangeNothing) {
  EXPECT_TRUE(from_file(""));
  EXPECT_TRUE(from_file("# nothing\n"));
  const auto settings = from_file("fetch:\n#  min_gap_ms: 3000\n");
  ASSERT_TRUE(settings) << settings.error().to_string();
  EXPECT_EQ(settings->integer("fetch.min_gap_ms"), 2000);
}

// ops/spec/settings.md: the environment stands between file and --set.
TEST_F(SettingsTest, StrongerSourcesWin) {
  const std::string text = "log: {brokers: 'file:1'}\n";
  EXPECT_EQ(from_file(text)->text("log.brokers"), "file:1");
  const auto environment = from_file(text, {}, {{"VIGIE_LOG_BROKERS", "env:1"}});
  EXPECT_EQ(environment->text("log.brokers"), "env:1");
  EXPECT_EQ(environment->values.find("log.brokers")->second.origin,
            "environment VIGIE_LOG_BROKERS");
  const auto set =
      from_file(text, {"log.brokers=set:1", "log.brokers=set:2"}, {{"VIGIE_LOG_BROKERS", "env:1"}});
  EXPECT_EQ(set->text("log.brokers"), "set:2");
  EXPECT_EQ(set->values.find("log.brokers")->second.origin, "--set");
}

TEST_F(SettingsTest, SetReadsItsValueAsYaml) {
  const auto settings = with({"sources.files=[a, 'b c', 3]", "alerts.deliver=false",
                              "log.group=a=b", "topics.dirs=one", "webhook.allow_networks="});
  ASSERT_TRUE(settings) << settings.error().to_string();
  EXPECT_EQ(settings->list("sources.files"), (std::vector<std::string>{"a", "b c", "3"}));
  EXPECT_FALSE(settings->boolean("alerts.deliver"));
  EXPECT_EQ(settings->text("log.group"), "a=b");
  EXPECT_EQ(settings->list("topics.dirs"), std::vector<std::string>{"one"});
  EXPECT_TRUE(settings->list("webhook.allow_networks").empty());
}

TEST_F(SettingsTest, UnknownKeyNamesTheNearestAndItsPlace) {
  const auto file = from_file("log:\n  level: info\nfetch:\n  min_gap: 5\n");
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().code, ErrorCode("unknown_key"));
  EXPECT_EQ(file.error().disposition, Disposition::kStop);
  EXPECT_EQ(file.error().where, file_ + ":4:3");
  EXPECT_NE(file.error().detail.find("'fetch.min_gap_ms'"), std::string::npos)
      << file.error().detail;
  EXPECT_NE(complaint_about("sources.file=x").find("'sources.files'"), std::string::npos);
  EXPECT_NE(complaint_about("log.kafka.=x").find("unknown_key"), std::string::npos);
}

TEST_F(SettingsTest, BadValuesSayWhatIsExpected) {
  EXPECT_EQ(complaint_about("fetch.min_gap_ms=soon"),
            "bad_value --set fetch.min_gap_ms=soon fetch.min_gap_ms must be a whole number from 0 "
            "to 3600000");
  EXPECT_NE(complaint_about("fetch.min_gap_ms=-1").find("from 0"), std::string::npos);
  EXPECT_NE(complaint_about("fetch.min_gap_ms=1.5").find("whole number"), std::string::npos);
  EXPECT_NE(complaint_about("fetch.min_gap_ms='5'").find("whole number"), std::string::npos);
  EXPECT_NE(complaint_about("alerts.deliver=yes").find("true or false"), std::string::npos);
  EXPECT_NE(complaint_about("log.level=loud").find("debug, info"), std::string::npos);
  EXPECT_NE(complaint_about("log.engine=pulsar").find("embedded or kafka"), std::string::npos);
  EXPECT_NE(complaint_about("log.format=xml").find("text or json"), std::string::npos);
  EXPECT_NE(complaint_about("sources.files={a: b}").find("a list"), std::string::npos);
  EXPECT_NE(complaint_about("log.group=[a]").find("one value"), std::string::npos);
  EXPECT_NE(complaint_about("data_dir=").find("must not be empty"), std::string::npos);
  EXPECT_NE(complaint_about("data_dir=''").find("must not be empty"), std::string::npos);
  EXPECT_EQ(complaint_about("api.keys_file="), "accepted");
  EXPECT_NE(complaint_about("fetch.min_gap_ms").find("key=value"), std::string::npos);
  EXPECT_NE(complaint_about("=5").find("key=value"), std::string::npos);
  EXPECT_NE(complaint_about("log.group=[a").find("bad_yaml"), std::string::npos);
}

TEST_F(SettingsTest, ListsOfSecondsAscend) {
  using std::chrono::seconds;
  EXPECT_EQ(with({"crawl.revisits_s=[20, 60]"})->list_of_seconds("crawl.revisits_s"),
            (std::vector<seconds>{seconds(20), seconds(60)}));
  EXPECT_TRUE(with({"crawl.revisits_s=[]"})->list_of_seconds("crawl.revisits_s").empty());
  for (const char* value : {"20", "soon", "[0]", "[60, 20]", "[20, 20]", "[1.5]", "['20']",
                            "[31536001]", "{a: 1}", "null"}) {
    EXPECT_NE(complaint_about("crawl.revisits_s=" + std::string(value))
                  .find("whole numbers of seconds, ascending, from 1 to 31536000"),
              std::string::npos)
        << value;
  }
  std::string many = "[1";
  for (int i = 2; i <= 101; ++i) many += ", " + std::to_string(i);
  EXPECT_NE(complaint_about("crawl.revisits_s=" + many + "]").find("at most 100"),
            std::string::npos);
}

TEST_F(SettingsTest, ListenTakesHostAndPortAlone) {
  for (const char* good : {"127.0.0.1:0", "localhost:8080", "0.0.0.0:65535", "'[::1]:80'"})
    EXPECT_EQ(complaint_about(std::string("http.listen=") + good), "accepted") << good;
  for (const char* bad :
       {"8080", "':8080'", "'host:'", "host:65536", "host:x", "'::1'", "host:123456", "'::1:80'"}) {
    EXPECT_NE(complaint_about(std::string("http.listen=") + bad).find("HOST:PORT"),
              std::string::npos)
        << bad;
  }
}

TEST_F(SettingsTest, DurationsHaveUnits) {
  using std::chrono::milliseconds;
  const auto read = [](const std::string& text) {
    return with({"alerts.max_age=" + text})->duration("alerts.max_age");
  };
  EXPECT_EQ(load(Program::kUp, {})->duration("alerts.max_age"), std::chrono::hours(72));
  EXPECT_EQ(read("250ms"), milliseconds(250));
  EXPECT_EQ(read("5s"), milliseconds(5000));
  EXPECT_EQ(read("1.5m"), milliseconds(90'000));
  EXPECT_EQ(read("2d"), std::chrono::hours(48));
  EXPECT_EQ(read("7"), milliseconds(7000));
  for (const char* bad : {"-1s", "soon", "5 s", "5y", "1e300d", "'9999999999999d'", "s", "''",
                          "nan", "inf", "true"}) {
    EXPECT_NE(complaint_about(std::string("alerts.max_age=") + bad).find("length of time"),
              std::string::npos)
        << bad;
  }
}

TEST_F(SettingsTest, FilesThatAreNoMapsOrNoYamlAreRefusedWithTheirPlace) {
  EXPECT_EQ(from_file("- a\n").error().code, ErrorCode("bad_value"));
  const auto broken = from_file("log:\n  level: [\n");
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().code, ErrorCode("bad_yaml"));
  EXPECT_EQ(broken.error().disposition, Disposition::kStop);
  EXPECT_TRUE(broken.error().where.starts_with(file_ + ":")) << broken.error().where;
  EXPECT_EQ(load(Program::kUp, {(dir_ / "none").string(), {}, {}}).error().code,
            ErrorCode("not_found"));
}

TEST_F(SettingsTest, OneSettingWrittenTwiceIsRefused) {
  const auto twice = from_file("fetch:\n  min_gap_ms: 5\nfetch.min_gap_ms: 6\n");
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().code, ErrorCode("bad_value"));
  EXPECT_NE(twice.error().detail.find("fetch.min_gap_ms"), std::string::npos);
}

TEST_F(SettingsTest, KafkaSettingsPassThroughAndSecretsAreMasked) {
  const auto settings = from_file(
      "log:\n  kafka:\n    security.protocol: sasl_ssl\n    sasl: {password: hunter2}\n    "
      "linger.ms: 5\n    ssl.key.pem: abc\n");
  ASSERT_TRUE(settings) << settings.error().to_string();
  const std::map<std::string, std::string> expected{{"security.protocol", "sasl_ssl"},
                                                    {"sasl.password", "hunter2"},
                                                    {"linger.ms", "5"},
                                                    {"ssl.key.pem", "abc"}};
  EXPECT_EQ(settings->map_below("log.kafka."), expected);
  for (const auto& [name, value] : settings->effective()) {
    EXPECT_EQ(value.value.dump().find("hunter2"), std::string::npos) << name;
    EXPECT_EQ(value.value.dump().find("abc"), std::string::npos) << name;
  }
  EXPECT_NE(complaint_about("log.kafka.x=[a]").find("one value"), std::string::npos);
}

TEST(Resource, IsFoundFromTheWorkingDirectoryElseFromTheProgram) {
  EXPECT_EQ(resource("/absolute/path"), "/absolute/path");
  EXPECT_EQ(resource("ops/test"), "ops/test");  // tests run in the root of the repository
  EXPECT_EQ(resource("ops/no-such-thing"), "ops/no-such-thing");
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path("/");
  const auto found = resource("ops/test");
  std::filesystem::current_path(before);
  EXPECT_TRUE(found.is_absolute());
  EXPECT_TRUE(std::filesystem::exists(found));
}

}  // namespace
}  // namespace vigie::config
