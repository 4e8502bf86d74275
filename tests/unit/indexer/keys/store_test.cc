#include "indexer/keys/store.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <thread>

#include "platform/log/embedded_log.h"
#include "platform/log/follower.h"
#include "proto/identity.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/seeded_random.h"

namespace vigie::indexer::keys {
namespace {

using namespace std::chrono_literals;

std::vector<log::NewRecord> nothing(const v1::KeyRecord&) { return {}; }

class Keys : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/vigie-keys-XXXXXX";
    ASSERT_NE(mkdtemp(name), nullptr);
    dir_ = name;
    log::EmbeddedOptions options;
    options.dir = dir_ / "log";
    options.partitions = 1;
    auto opened = log::open_embedded(options, clock_);
    ASSERT_TRUE(opened) << opened.error().to_string();
    log_ = std::move(*opened);
  }
  void TearDown() override {
    log_.reset();
    std::filesystem::remove_all(dir_);
  }
  std::unique_ptr<KeyStore> open() {
    auto opened = KeyStore::open(*log_, clock_, random_);
    EXPECT_TRUE(opened) << opened.error().to_string();
    return std::move(*opened);
  }
  static KeyStore::Made make(KeyStore& store, std::string_view name, Role role = Role::kReader,
                             std::int64_t expires = 0) {
    auto made = store.make(name, role, expires, "root", nothing);
    EXPECT_TRUE(made) << made.error().to_string();
    return std::move(*made);
  }
  static bool run_until(KeyStore& store, const std::function<bool()>& done) {
    std::jthread running([&](std::stop_token stop) { EXPECT_TRUE(store.run(std::move(stop))); });
    for (int i = 0; i < 10'000 && !done(); ++i) std::this_thread::sleep_for(1ms);
    return done();
  }
  std::vector<log::Record> records(proto::Topic topic = proto::Topic::kKeys) {
    std::vector<log::Record> out;
    EXPECT_TRUE(log::read_to_end(*log_, topic, [&](const log::Record& record) {
      out.push_back(record);
      return Result<void>();
    }));
    return out;
  }

  FakeClock clock_;
  SeededRandom random_{11};
  std::filesystem::path dir_;
  std::unique_ptr<log::Log> log_;
};

TEST_F(Keys, OpenWithTheirSecretAloneAndOutliveTheProcess) {
  auto store = open();
  const auto ana = make(*store, "Ana", Role::kAnalyst);
  const auto bo = make(*store, "Bo");
  EXPECT_NE(ana.key, bo.key);
  store = open();
  const auto found = store->find(ana.key);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->record.name(), "Ana");
  EXPECT_EQ(found->role, Role::kAnalyst);
  const std::string id = ana.record.id();
  for (const std::string& wrong :
       {std::string(), "vigie_" + id, "vigie_" + id + "_", ana.key + "x",
        ana.key.substr(0, ana.key.size() - 1), "vigie_" + id + bo.key.substr(6 + id.size()),
        ana.key.substr(6), id})
    EXPECT_FALSE(store->find(wrong)) << wrong;
}

TEST_F(Keys, LeaveADigestAloneInTheLog) {
  auto store = open();
  const auto made = make(*store, "Ana");
  const std::string secret = made.key.substr(made.key.rfind('_') + 1);
  EXPECT_GE(secret.size(), 52U) << "256 bits in base32";
  for (const log::Record& record : records()) {
    EXPECT_EQ(record.value.value_or("").find(secret), std::string::npos);
    v1::KeyRecord stored;
    ASSERT_TRUE(stored.ParseFromString(*record.value));
    EXPECT_EQ(stored.sha256(), proto::sha256(made.key));
  }
}

TEST_F(Keys, AreRevokedForAllAndDoNotComeBack) {
  auto store = open();
  auto other = open();
  const auto made = make(*store, "Ana");
  ASSERT_TRUE(run_until(*other, [&] { return other->find(made.key).has_value(); }));
  ASSERT_TRUE(store->revoke(made.record.id(), nothing));
  EXPECT_FALSE(store->find(made.key));
  bool came_back = false;
  const auto last = make(*other, "Last");
  // The follower meets the record of the key before its end, and then the last one.
  EXPECT_TRUE(run_until(*store, [&] {
    came_back = came_back || store->find(made.key).has_value();
    return store->find(last.key).has_value();
  }));
  EXPECT_FALSE(came_back);
  EXPECT_TRUE(run_until(*other, [&] { return !other->find(made.key).has_value(); }));
  EXPECT_FALSE(open()->find(made.key));
  const auto again = store->revoke(made.record.id(), nothing);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, ErrorCode("not_found"));
}

TEST_F(Keys, ExpireToTheMillisecond) {
  auto store = open();
  const std::int64_t end = clock_.now_unix_ms() + 5'000;
  const auto made = make(*store, "Guest", Role::kReader, end);
  clock_.advance(4'999ms);
  EXPECT_TRUE(store->find(made.key));
  EXPECT_TRUE(store->of_id(made.record.id()));
  clock_.advance(1ms);
  EXPECT_FALSE(store->find(made.key));
  EXPECT_FALSE(store->of_id(made.record.id()));
  ASSERT_EQ(store->list().size(), 1U) << "people see that it has expired";
  EXPECT_TRUE(store->has_ended(store->list()[0].record));
}

TEST_F(Keys, HaveNamesThatTellThemApart) {
  auto store = open();
  make(*store, "Ana");
  const auto twice = store->make("Ana", Role::kReader, 0, "", nothing);
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().code, ErrorCode("conflict"));
  for (const char* name : {"", "key 1", "user:ana", "local", "a\nb", " a", "\xff"}) {
    const auto made = store->make(name, Role::kReader, 0, "", nothing);
    ASSERT_FALSE(made) << name;
    EXPECT_EQ(made.error().code, ErrorCode("bad_parameter")) << name;
  }
  EXPECT_FALSE(store->make(std::string(65, 'a'), Role::kReader, 0, "", nothing));
  EXPECT_FALSE(store->make("Past", Role::kReader, clock_.now_unix_ms(), "", nothing));
  EXPECT_EQ(records().size(), 1U);
}

TEST_F(Keys, TellTheLogOfTheirUseOnceADay) {
  auto store = open();
  const auto made = make(*store, "Ana");
  EXPECT_EQ(store->list()[0].used_at_unix_ms, 0);
  EXPECT_TRUE(store->find(made.key));
  EXPECT_TRUE(run_until(*store, [&] { return records().size() == 2; }));
  EXPECT_EQ(open()->list()[0].used_at_unix_ms, clock_.now_unix_ms());
  clock_.advance(1h);
  EXPECT_TRUE(store->find(made.key));
  std::jthread running([&](std::stop_token stop) { EXPECT_TRUE(store->run(std::move(stop))); });
  std::this_thread::sleep_for(300ms);
  EXPECT_EQ(records().size(), 2U) << "within the day";
}

TEST_F(Keys, AppendWhatGoesWithAChange) {
  auto store = open();
  const auto with = [](const v1::KeyRecord& record) {
    return std::vector<log::NewRecord>{{proto::Topic::kAudit, record.id(), std::string("told")}};
  };
  const auto made = store->make("Ana", Role::kAdmin, 0, "root", with);
  ASSERT_TRUE(made);
  ASSERT_TRUE(store->revoke(made->record.id(), with));
  const auto told = records(proto::Topic::kAudit);
  ASSERT_EQ(told.size(), 2U);
  EXPECT_EQ(told[0].key, made->record.id());
}

TEST_F(Keys, PassOverWhatIsNoRecord) {
  ASSERT_TRUE(log::append(*log_, {{proto::Topic::kKeys, "x", std::string("\xff\xff")},
                                  {proto::Topic::kKeys, "used/x", std::string("\xff")},
                                  {proto::Topic::kKeys, "y", std::nullopt}}));
  v1::KeyRecord unknown;
  unknown.set_id("z");
  unknown.set_role("emperor");
  ASSERT_TRUE(log::append(*log_, {{proto::Topic::kKeys, "z", unknown.SerializeAsString()}}));
  EXPECT_TRUE(open()->list().empty());
}

}  // namespace
}  // namespace vigie::indexer::keys
