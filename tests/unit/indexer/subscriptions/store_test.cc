#include "indexer/subscriptions/store.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <thread>

#include "indexer/delivery/delivery.h"
#include "indexer/subscriptions/sealed_secrets.h"
#include "platform/config/settings.h"
#include "platform/log/embedded_log.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/seeded_random.h"
#include "tests/unit/platform/log/silent_log.h"

namespace vigie::indexer::subscriptions {
namespace {

class Store : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name =
        (std::filesystem::temp_directory_path() / "vigie_subscriptions_XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    dir_ = name;
    log::EmbeddedOptions options;
    options.dir = dir_ / "log";
    options.partitions = 2;
    auto opened = log::open_embedded(options, clock_);
    ASSERT_TRUE(opened) << opened.error().to_string();
    log_ = std::move(*opened);
    store_ = open();
  }
  void TearDown() override {
    store_.reset();
    log_.reset();
    std::filesystem::remove_all(dir_);
  }

  std::unique_ptr<SubscriptionStore> open(Options options = {}) {
    auto store = SubscriptionStore::open(*log_, clock_, random_, std::move(options));
    EXPECT_TRUE(store) << store.error().to_string();
    return std::move(*store);
  }

  static Draft draft(std::string query = "topic:chips",
                     std::string url = "https://example.org/hook") {
    Draft out;
    out.name = "Chips";
    out.query = std::move(query);
    v1::Channel channel;
    channel.set_type("webhook");
    channel.set_url(std::move(url));
    out.channels.push_back(channel);
    return out;
  }

  FakeClock clock_;
  SeededRandom random_{7};
  std::filesystem::path dir_;
  std::unique_ptr<log::Log> log_;
  std::unique_ptr<SubscriptionStore> store_;
};

TEST_F(Store, MakesIdRevisionAndSecret) {
  const auto created = store_->create(draft());
  ASSERT_TRUE(created) << created.error().to_string();
  EXPECT_EQ(created->id().size(), 26U);
  EXPECT_EQ(created->revision(), 1U);
  EXPECT_EQ(created->updated_at_unix_ms(), clock_.now_unix_ms());
  EXPECT_TRUE(created->channels(0).secret().starts_with("whsec_"));
  EXPECT_EQ(created->channels(0).secret().size(), 6U + 44U);
  EXPECT_EQ(masked(*created).channels(0).secret(), kMaskedSecret);
}

TEST_F(Store, AKeyMakesAsManyAsItMayAndLeavesTheOthersTheirs) {
  Limits limits;
  limits.of_one_key = 3;
  limits.costly_clauses = 4;
  limits.costly_clauses_of_one_key = 6;
  store_ = open({.limits = limits});
  const auto make = [this](const std::string& made_by, const std::string& query) {
    Draft wanted = draft(query);
    wanted.made_by = made_by;
    const auto made = store_->create(wanted);
    return made ? std::string("made") : std::string(made.error().code.text());
  };
  EXPECT_EQ(make("key 1", "\"a b\" =C \"d e\" f NEAR/3 g \"h i\""), "too_expensive");
  EXPECT_EQ(make("", "\"a b\" =C \"d e\" f NEAR/3 g \"h i\""), "too_expensive");
  EXPECT_EQ(make("key 1", "\"a b\" =C \"d e\" f NEAR/3 g"), "made");
  EXPECT_EQ(make("key 1", "\"a b\" =C =D"), "over_quota");
  EXPECT_EQ(make("key 1", "\"a b\" =C"), "made");
  EXPECT_EQ(make("key 1", "=D"), "over_quota");
  EXPECT_EQ(make("key 1", "plain"), "made");
  EXPECT_EQ(make("key 1", "plain"), "over_quota");
  EXPECT_EQ(make("key 2", "plain"), "made");
  for (int i = 0; i < 5; ++i) EXPECT_EQ(make("", "plain"), "made") << "nobody's are not counted";
  store_ = open({.limits = limits});
  EXPECT_EQ(make("key 1", "plain"), "over_quota") << "also after a restart";
  for (const v1::SubscriptionRecord& record : store_->list()) {
    if (record.made_by() != "key 1" || record.query() != "plain") continue;
    EXPECT_TRUE(store_->replace(record.id(), draft("other words"))) << "a change is no new one";
    EXPECT_EQ(store_->find(record.id())->made_by(), "key 1");
    ASSERT_TRUE(store_->remove(record.id()));
  }
  EXPECT_EQ(make("key 1", "plain"), "made") << "what is deleted makes room";
}

TEST_F(Store, IsDurableBeforeItAnswers) {
  const auto created = store_->create(draft());
  ASSERT_TRUE(created);
  const auto again = open();
  ASSERT_TRUE(again->find(created->id()));
  EXPECT_EQ(again->find(created->id())->SerializeAsString(), created->SerializeAsString());
}

TEST_F(Store, KeepsSecretsAndIdsOfChannelsThatStay) {
  const auto created = store_->create(draft());
  ASSERT_TRUE(created);
  Draft changed = draft("topic:models");
  changed.channels[0].set_secret(std::string(kMaskedSecret));
  const auto replaced = store_->replace(created->id(), changed, 1);
  ASSERT_TRUE(replaced) << replaced.error().to_string();
  EXPECT_EQ(replaced->revision(), 2U);
  EXPECT_EQ(replaced->channels(0).id(), created->channels(0).id());
  EXPECT_EQ(replaced->channels(0).secret(), created->channels(0).secret());
  const auto stale = store_->replace(created->id(), changed, 1);
  ASSERT_FALSE(stale);
  EXPECT_EQ(stale.error().code, ErrorCode("conflict"));
}

// ops/spec/records.md, "subscriptions".
TEST_F(Store, DeletesByARecordThatReadersSee) {
  const auto created = store_->create(draft());
  ASSERT_TRUE(created);
  std::vector<v1::SubscriptionRecord> told;
  store_->subscribe([&](const v1::SubscriptionRecord& record) { told.push_back(record); });
  ASSERT_TRUE(store_->remove(created->id()));
  ASSERT_EQ(told.size(), 2U);
  EXPECT_FALSE(told[0].deleted());
  EXPECT_TRUE(told[1].deleted());
  EXPECT_EQ(told[1].revision(), 2U);
  EXPECT_FALSE(store_->find(created->id()));
  EXPECT_FALSE(open()->find(created->id()));
  EXPECT_EQ(store_->remove(created->id()).error().code, ErrorCode("not_found"));
}

TEST_F(Store, RefusesWithASentenceThatSaysWhatToChange) {
  const auto refusal = [&](const Draft& bad) {
    const auto created = store_->create(bad);
    EXPECT_FALSE(created);
    return created ? Error{} : created.error();
  };
  EXPECT_EQ(refusal(draft("chips AND")).code, ErrorCode("bad_query"));
  EXPECT_EQ(refusal(draft("chips within:1h")).code, ErrorCode("bad_query"));
  EXPECT_EQ(refusal(draft("-chips")).code, ErrorCode("bad_query"));
  Draft nameless = draft();
  nameless.name = " \n";
  EXPECT_EQ(refusal(nameless).code, ErrorCode("bad_subscription"));
  for (const char* url :
       {"ftp://example.org/", "example.org", "https://user:pass@example.org/", ""}) {
    const Error error = refusal(draft("chips", url));
    EXPECT_FALSE(error.detail.empty()) << url;
    EXPECT_EQ(error.disposition, Disposition::kQuarantine) << url;
  }
  Draft mail = draft();
  mail.channels[0].set_type("pager");
  EXPECT_NE(refusal(mail).detail.find("email"), std::string::npos);
  Draft secret = draft();
  secret.channels[0].set_secret("whsec_short");
  EXPECT_FALSE(refusal(secret).detail.empty());
  EXPECT_TRUE(store_->list().empty());
}

TEST_F(Store, AReceiverSwitchesAChannelOffBesideWhatAPersonSaid) {
  const auto created = store_->create(draft());
  ASSERT_TRUE(created);
  std::vector<v1::SubscriptionRecord> told;
  store_->subscribe([&](const v1::SubscriptionRecord& record) { told.push_back(record); });
  const std::string channel = created->channels(0).id();
  ASSERT_TRUE(store_->switch_off(created->id(), channel, 1, std::string(300, 'x')));
  const auto check = [&](SubscriptionStore& store) {
    const auto found = store.find(created->id());
    ASSERT_TRUE(found);
    EXPECT_TRUE(found->channels(0).disabled());
    EXPECT_LE(found->channels(0).disabled_reason().size(), 200U);
    EXPECT_FALSE(found->channels(0).disabled_reason().empty());
    EXPECT_EQ(found->revision(), 1U) << "the query is the same";
    EXPECT_EQ(store.list()[0].SerializeAsString(), found->SerializeAsString());
  };
  check(*store_);
  check(*open());
  ASSERT_EQ(told.size(), 2U);
  EXPECT_TRUE(told[1].channels(0).disabled());
  const std::int64_t end = log_->offsets({proto::Topic::kSubscriptions, 0}).value().end;
  ASSERT_TRUE(store_->switch_off(created->id(), channel, 1, "again"));
  ASSERT_TRUE(store_->switch_off(created->id(), "another", 1, "unknown"));
  ASSERT_TRUE(store_->switch_off("nobody", channel, 1, "unknown"));
  EXPECT_EQ(log_->offsets({proto::Topic::kSubscriptions, 0}).value().end, end)
      << "what changes nothing is not written";
}

/// What a person does to a channel that its receiver switched off, and whether it is on then.
TEST_F(Store, OnlyAPersonWhoTouchesTheChannelSwitchesItOnAgain) {
  using Change = std::function<void(Draft&)>;
  const struct {
    const char* what;
    Change change;
    bool on;
  } cases[] = {
      {"puts back what was read", [](Draft& d) { d.channels[0].set_disabled(true); }, false},
      {"another query, off",
       [](Draft& d) {
         d.query = "topic:models";
         d.channels[0].set_disabled(true);
       },
       false},
      {"switches it on", [](Draft&) {}, true},
      {"points it elsewhere", [](Draft& d) { d.channels[0].set_url("https://example.org/new"); },
       true},
      {"points it elsewhere, off",
       [](Draft& d) {
         d.channels[0].set_url("https://example.org/new");
         d.channels[0].set_disabled(true);
       },
       false},
  };
  for (const auto& each : cases) {
    const auto created = store_->create(draft());
    ASSERT_TRUE(created);
    ASSERT_TRUE(store_->switch_off(created->id(), created->channels(0).id(), 1, "410 Gone"));
    Draft changed = draft();
    changed.channels[0].set_id(created->channels(0).id());
    each.change(changed);
    const auto replaced = store_->replace(created->id(), changed);
    ASSERT_TRUE(replaced) << replaced.error().to_string();
    EXPECT_EQ(!replaced->channels(0).disabled(), each.on) << each.what;
    const auto again = open()->find(created->id());
    ASSERT_TRUE(again);
    EXPECT_EQ(again->SerializeAsString(), replaced->SerializeAsString()) << each.what;
    // What a receiver says of an attempt that was made before is of the channel as it was.
    ASSERT_TRUE(store_->switch_off(created->id(), created->channels(0).id(), 1, "late"));
    EXPECT_EQ(!store_->find(created->id())->channels(0).disabled(), each.on) << each.what;
    if (each.on) {
      ASSERT_TRUE(store_->switch_off(created->id(), created->channels(0).id(), 2, "410 Gone"));
      EXPECT_TRUE(store_->find(created->id())->channels(0).disabled()) << each.what;
    }
  }
}

TEST_F(Store, AChangeThatDidNotKnowOfTheFactLeavesTheChannelOff) {
  const auto created = store_->create(draft());
  ASSERT_TRUE(created);
  v1::ChannelOff fact;
  fact.set_subscription_id(created->id());
  fact.set_channel_id(created->channels(0).id());
  fact.set_revision(1);
  fact.set_reason("410 Gone");
  const auto replaced = store_->replace(created->id(), draft("topic:models"));
  ASSERT_TRUE(replaced);
  // The receiver was asked under revision 1, and its response is written after the change.
  ASSERT_TRUE(log::append(
      *log_, {{proto::Topic::kSubscriptions, channel_off_key(created->id(), fact.channel_id()),
               fact.SerializeAsString()}}));
  const auto found = open()->find(created->id());
  ASSERT_TRUE(found);
  EXPECT_EQ(found->query(), "topic:models");
  EXPECT_EQ(found->revision(), 2U);
  EXPECT_TRUE(found->channels(0).disabled());
}

TEST_F(Store, APersonWhoSwitchesAChannelOnKnowsWhatAnotherProcessRecorded) {
  const auto created = store_->create(draft());
  ASSERT_TRUE(created);
  const auto other = open();
  ASSERT_TRUE(other->switch_off(created->id(), created->channels(0).id(), 1, "410 Gone"));
  // This store has not been told yet: nobody runs it.
  const auto replaced = store_->replace(created->id(), draft());
  ASSERT_TRUE(replaced);
  EXPECT_FALSE(replaced->channels(0).disabled());
  EXPECT_FALSE(open()->find(created->id())->channels(0).disabled())
      << "what was answered is never undone";
}

TEST_F(Store, ReadsWhatAnOlderVersionWrote) {
  v1::SubscriptionRecord old;
  old.set_id("old");
  old.set_revision(3);
  old.set_name("old");
  old.set_query("topic:chips");
  for (const char* id : {"off", "on"}) {
    v1::Channel& channel = *old.add_channels();
    channel.set_id(id);
    channel.set_type("webhook");
    channel.set_url(std::string("https://example.org/") + id);
    channel.set_secret(delivery::make_secret(random_));
  }
  old.mutable_channels(0)->set_disabled(true);
  old.mutable_channels(0)->set_disabled_reason("410 Gone");
  ASSERT_TRUE(
      log::append(*log_, {{proto::Topic::kSubscriptions, "old", old.SerializeAsString()},
                          {proto::Topic::kSubscriptions, "channel-off/old/on", "\xff garbage"},
                          {proto::Topic::kSubscriptions, "channel-off/old/gone", std::nullopt}}));
  const auto store = open();
  ASSERT_TRUE(store->find("old"));
  EXPECT_EQ(store->find("old")->SerializeAsString(), old.SerializeAsString());
  ASSERT_TRUE(store->switch_off("old", "on", 3, "gone, too"));
  EXPECT_TRUE(store->find("old")->channels(1).disabled());
  Draft on;
  on.name = "old";
  on.query = "topic:chips";
  on.channels = {old.channels(0), old.channels(1)};
  for (v1::Channel& channel : on.channels) {
    channel.clear_disabled();
    channel.clear_disabled_reason();
  }
  const auto replaced = store->replace("old", on, 3);
  ASSERT_TRUE(replaced) << replaced.error().to_string();
  const auto later = open()->find("old");
  ASSERT_TRUE(later);
  for (const v1::Channel& channel : later->channels())
    EXPECT_FALSE(channel.disabled()) << channel.id();
}

// A PUT of what GET gave changes nothing of a channel that is off, why it is off included: whether
// the receiver's 410 says so beside the record, or the record itself.
TEST_F(Store, AChannelThatStaysOffKeepsItsReason) {
  const auto created = store_->create(draft());
  ASSERT_TRUE(created);
  ASSERT_TRUE(store_->switch_off(created->id(), created->channels(0).id(), 1, "410 Gone"));
  v1::SubscriptionRecord old = *created;
  old.set_id("old");
  old.mutable_channels(0)->set_disabled(true);
  old.mutable_channels(0)->set_disabled_reason("410 Gone");
  ASSERT_TRUE(log::append(*log_, {{proto::Topic::kSubscriptions, "old", old.SerializeAsString()}}));
  const auto store = open();
  const auto put = [&](const std::string& id, const std::function<void(v1::Channel&)>& change) {
    const auto given = store->find(id);
    EXPECT_TRUE(given);
    Draft same{given->name(), given->query(), {given->channels(0)}};
    same.channels[0].set_secret(std::string(kMaskedSecret));
    same.channels[0].clear_disabled_reason();  // a read-only member: the server's to say
    change(same.channels[0]);
    const auto replaced = store->replace(id, same);
    EXPECT_TRUE(replaced);
    EXPECT_EQ(replaced->SerializeAsString(), open()->find(id)->SerializeAsString());
    return replaced->channels(0);
  };
  for (const std::string& id : {created->id(), old.id()}) {
    for (int time = 0; time < 2; ++time) {
      const v1::Channel same = put(id, [](v1::Channel&) {});
      EXPECT_TRUE(same.disabled()) << id;
      EXPECT_EQ(same.disabled_reason(), "410 Gone") << id;
    }
    const v1::Channel on = put(id, [](v1::Channel& channel) { channel.set_disabled(false); });
    EXPECT_FALSE(on.disabled()) << id;
    EXPECT_EQ(on.disabled_reason(), "") << id;
    const v1::Channel off = put(id, [](v1::Channel& channel) { channel.set_disabled(true); });
    EXPECT_EQ(off.disabled_reason(), "") << id << ": a person's doing, without a reason";
  }
}

TEST_F(Store, AChannelThatPointsElsewhereHasNoReasonOfBefore) {
  v1::SubscriptionRecord old = store_->create(draft()).value();
  old.set_id("old");
  old.mutable_channels(0)->set_disabled(true);
  old.mutable_channels(0)->set_disabled_reason("410 Gone");
  ASSERT_TRUE(log::append(*log_, {{proto::Topic::kSubscriptions, "old", old.SerializeAsString()}}));
  const auto store = open();
  Draft moved{old.name(), old.query(), {old.channels(0)}};
  moved.channels[0].set_url("https://example.org/elsewhere");
  const auto replaced = store->replace("old", moved);
  ASSERT_TRUE(replaced) << replaced.error().to_string();
  EXPECT_EQ(replaced->channels(0).disabled_reason(), "");
}

TEST_F(Store, ForgetsFactsThatNeverHoldAgainAndNoOthers) {
  std::vector<std::string> ids;
  for (const char* what : {"holds", "switched on", "removed", "not ours"}) {
    const auto created = store_->create(draft());
    ASSERT_TRUE(created) << what;
    ids.push_back(created->id());
    ASSERT_TRUE(store_->switch_off(created->id(), created->channels(0).id(), 1, "410 Gone"));
  }
  ASSERT_TRUE(store_->replace(ids[1], draft()));
  ASSERT_TRUE(store_->remove(ids[2]));
  ASSERT_TRUE(store_->remove(ids[3]));
  ASSERT_TRUE(store_->forget_switched_off([&](const std::string& id) { return id != ids[3]; }));
  ASSERT_TRUE(store_->forget_switched_off([&](const std::string& id) { return id != ids[3]; }));
  std::map<std::string, int> tombstones;
  ASSERT_TRUE(log::read_to_end(*log_, proto::Topic::kSubscriptions,
                               [&](const log::Record& record) -> Result<void> {
                                 if (record.value) return {};
                                 EXPECT_TRUE(record.key.starts_with(kChannelOffPrefix));
                                 ++tombstones[record.key.substr(kChannelOffPrefix.size(), 26)];
                                 return {};
                               }));
  EXPECT_EQ(tombstones, (std::map<std::string, int>{{ids[1], 1}, {ids[2], 1}}));
  EXPECT_TRUE(open()->find(ids[0])->channels(0).disabled());
  EXPECT_FALSE(open()->find(ids[1])->channels(0).disabled());
}

TEST_F(Store, HearsAStopWhileTheLogIsSilent) {
  log::testing::SilentLog silent(*log_, proto::Topic::kSubscriptions);
  silent.be_silent(false);
  auto store = SubscriptionStore::open(silent, clock_, random_);
  ASSERT_TRUE(store);
  silent.be_silent(true);
  ASSERT_TRUE(store_->create(draft()));
  std::stop_source source;
  std::jthread stopper([&] {
    while (silent.silent_polls() < 3) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    source.request_stop();
  });
  const auto caught_up = (*store)->catch_up(source.get_token());
  ASSERT_TRUE(caught_up) << caught_up.error().to_string();
  EXPECT_FALSE(*caught_up);
  EXPECT_EQ((*store)->catch_up({}).error().code, ErrorCode("log_silent"));
  silent.be_silent(false);
  EXPECT_EQ((*store)->catch_up({}).value(), true);
  EXPECT_EQ((*store)->list().size(), 1U);
}

TEST_F(Store, FollowsChangesOfOtherProcesses) {
  const auto other = open();
  std::vector<std::string> told;
  std::mutex mutex;
  store_->subscribe([&](const v1::SubscriptionRecord& record) {
    const std::lock_guard lock(mutex);
    told.push_back(record.id() + (record.deleted() ? "-" : "+"));
  });
  std::jthread tail([&](std::stop_token stop) { EXPECT_TRUE(store_->run(stop)); });
  SystemClock real;
  const auto wait_for = [&](const std::vector<std::string>& wanted) {
    const auto deadline = real.since_boot() + std::chrono::seconds(5);
    while (real.since_boot() < deadline) {
      {
        const std::lock_guard lock(mutex);
        if (told == wanted) return true;
      }
      real.sleep_for(std::chrono::milliseconds(10), {});
    }
    return false;
  };
  const auto created = other->create(draft());
  ASSERT_TRUE(created);
  EXPECT_TRUE(wait_for({created->id() + "+"}));
  // only now: a compacted topic may drop what a later record replaces
  ASSERT_TRUE(other->remove(created->id()));
  EXPECT_TRUE(wait_for({created->id() + "+", created->id() + "-"}));
}

TEST_F(Store, BuriesWhatWasDeletedThirtyDaysAgo) {
  const auto created = store_->create(draft());
  ASSERT_TRUE(created);
  ASSERT_TRUE(store_->remove(created->id()));
  clock_.advance(std::chrono::hours(24 * 31));
  std::jthread tail([&](std::stop_token stop) { EXPECT_TRUE(store_->run(stop)); });
  SystemClock real;
  const auto deadline = real.since_boot() + std::chrono::seconds(5);
  for (bool buried = false; !buried;) {
    ASSERT_LT(real.since_boot(), deadline);
    ASSERT_TRUE(log::read_to_end(*log_, proto::Topic::kSubscriptions,
                                 [&](const log::Record& record) -> Result<void> {
                                   buried = buried || !record.value;
                                   return {};
                                 }));
    real.sleep_for(std::chrono::milliseconds(10), {});
  }
}

TEST_F(Store, WhoeverWasSentAMailMayEndIt) {
  Draft mail = draft();
  mail.channels[0].set_type("email");
  mail.channels[0].clear_url();
  mail.channels[0].set_address("ana@example.org");
  const auto created = store_->create(mail);
  ASSERT_TRUE(created) << created.error().to_string();
  const v1::Channel& channel = created->channels(0);
  const std::string token = delivery::unsubscribe_token(created->id(), channel);
  for (const std::string& wrong : {std::string(), token + "a", channel.secret()}) {
    const auto refused = store_->unsubscribe(created->id(), channel.id(), wrong);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode("not_found"));
  }
  EXPECT_FALSE(store_->unsubscribe("nobody", channel.id(), token));
  EXPECT_FALSE(store_->find(created->id())->channels(0).disabled());
  ASSERT_TRUE(store_->unsubscribe(created->id(), channel.id(), token));
  const v1::Channel off = store_->find(created->id())->channels(0);
  EXPECT_TRUE(off.disabled());
  EXPECT_EQ(off.disabled_reason(), "the reader unsubscribed");
  const std::uint64_t revision = store_->find(created->id())->revision();
  EXPECT_TRUE(store_->unsubscribe(created->id(), channel.id(), token)) << "twice is once";
  EXPECT_EQ(store_->find(created->id())->revision(), revision);
}

TEST_F(Store, NamesTheChannelsWhoseSecretAChangeMade) {
  const auto created = store_->create(draft());
  ASSERT_TRUE(created);
  Draft same = draft();  // without id: the same channel
  std::set<std::string> made;
  ASSERT_TRUE(store_->replace(created->id(), same, std::nullopt, {}, &made));
  EXPECT_TRUE(made.empty());
  same.channels[0].set_secret(delivery::make_secret(random_));
  ASSERT_TRUE(store_->replace(created->id(), same, std::nullopt, {}, &made));
  EXPECT_TRUE(made.empty()) << "who sent it knows it";
  same.channels[0].clear_secret();
  same.new_secrets = {0};
  const auto rotated = store_->replace(created->id(), same, std::nullopt, {}, &made);
  ASSERT_TRUE(rotated);
  EXPECT_EQ(made, std::set<std::string>{created->channels(0).id()});
  EXPECT_FALSE(rotated->channels(0).previous_secret().empty());
}

TEST_F(Store, TakesNoEMailWhereNoneIsSetUp) {
  Options options;
  options.no_email = "set email.smtp_url";
  store_ = open(options);
  Draft mail = draft();
  mail.channels[0].set_type("email");
  mail.channels[0].clear_url();
  mail.channels[0].set_address("ana@example.org");
  const auto refused = store_->create(mail);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode("unsupported_channel"));
  EXPECT_EQ(refused.error().detail, "set email.smtp_url");
}

/// Secrets in the log, and keys in files.
class Sealed : public Store {
 protected:
  Options with_keys(const std::string& digits) {
    const auto file = dir_ / ("keys" + std::to_string(++files_));
    std::ofstream out(file);
    for (const char digit : digits) out << std::string(64, digit) << '\n';
    out.close();
    std::filesystem::permissions(file, std::filesystem::perms(0600));
    auto sealer = secrets::Sealer::read(file, "webhook.key_file", random_);
    EXPECT_TRUE(sealer) << sealer.error().to_string();
    Options options;
    options.sealer = std::make_shared<const secrets::Sealer>(std::move(*sealer));
    return options;
  }
  /// The newest record of a subscription as its bytes are.
  v1::SubscriptionRecord logged(const std::string& id) {
    v1::SubscriptionRecord out;
    EXPECT_TRUE(log::read_to_end(*log_, proto::Topic::kSubscriptions,
                                 [&](const log::Record& record) -> Result<void> {
                                   if (record.key == id && record.value)
                                     EXPECT_TRUE(out.ParseFromString(*record.value));
                                   return {};
                                 }));
    return out;
  }
  /// run() until `done`, at most ten seconds.
  static bool run_until(SubscriptionStore& store, const std::function<bool()>& done) {
    std::jthread running([&](std::stop_token stop) { EXPECT_TRUE(store.run(std::move(stop))); });
    for (int i = 0; i < 10'000 && !done(); ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return done();
  }
  int files_ = 0;
};

TEST_F(Sealed, SecretsAreNotInTheLogAndSignAsBefore) {
  store_ = open(with_keys("a"));
  const auto created = store_->create(draft());
  ASSERT_TRUE(created) << created.error().to_string();
  const std::string secret = created->channels(0).secret();
  EXPECT_TRUE(secret.starts_with("whsec_"));
  const v1::SubscriptionRecord kept = logged(created->id());
  EXPECT_EQ(kept.SerializeAsString().find(secret), std::string::npos);
  EXPECT_FALSE(kept.channels(0).sealed_secret().empty());
  EXPECT_EQ(store_->find(created->id())->channels(0).secret(), secret);
  EXPECT_EQ(open(with_keys("a"))->find(created->id())->channels(0).secret(), secret);
  EXPECT_EQ(masked(kept).channels(0).secret(), kMaskedSecret);
  EXPECT_TRUE(masked(kept).channels(0).sealed_secret().empty());
}

TEST_F(Sealed, UrlsTokensAndTheSecretBeforeAreNotInTheLogEither) {
  store_ = open(with_keys("a"));
  Draft all = draft();
  v1::Channel& slack = all.channels.emplace_back();
  slack.set_type("slack");
  slack.set_url("https://hooks.slack.com/services/T/B/hush");
  v1::Channel& matrix = all.channels.emplace_back();
  matrix.set_type("matrix");
  matrix.set_url("https://matrix.example");
  matrix.set_recipient("!a:example.org");
  matrix.set_secret("hush-token");
  const auto created = store_->create(all);
  ASSERT_TRUE(created) << created.error().to_string();
  all.new_secrets = {0};
  const auto rotated = store_->replace(created->id(), all);
  ASSERT_TRUE(rotated) << rotated.error().to_string();
  const std::string bytes = logged(created->id()).SerializeAsString();
  for (const std::string& secret :
       {std::string("hush"), created->channels(0).secret(), rotated->channels(0).secret()})
    EXPECT_EQ(bytes.find(secret), std::string::npos) << secret;
  const auto read = open(with_keys("a"))->find(created->id());
  EXPECT_EQ(read->channels(0).previous_secret(), created->channels(0).secret());
  EXPECT_EQ(read->channels(1).secret(), "https://hooks.slack.com/services/T/B/hush");
  EXPECT_EQ(read->channels(2).secret(), "hush-token");
}

TEST_F(Sealed, ASecretIsOfItsChannelAlone) {
  store_ = open(with_keys("a"));
  const auto mine = store_->create(draft());
  const auto other = store_->create(draft());
  ASSERT_TRUE(mine && other);
  v1::SubscriptionRecord swapped = logged(mine->id());
  swapped.set_revision(2);
  swapped.mutable_channels(0)->set_sealed_secret(logged(other->id()).channels(0).sealed_secret());
  ASSERT_TRUE(log::append(
      *log_, {{proto::Topic::kSubscriptions, swapped.id(), swapped.SerializeAsString()}}));
  auto refused = SubscriptionStore::open(*log_, clock_, random_, with_keys("a"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode("keys_needed"));
}

TEST_F(Sealed, WhatWasWrittenInClearIsSealedSoonAndStaysTheSame) {
  const auto created = store_->create(draft());
  ASSERT_TRUE(created);
  const std::string secret = created->channels(0).secret();
  EXPECT_EQ(logged(created->id()).channels(0).secret(), secret) << "no key, as before";
  store_ = open(with_keys("a"));
  EXPECT_TRUE(
      run_until(*store_, [&] { return logged(created->id()).channels(0).secret().empty(); }));
  const auto now = store_->find(created->id());
  ASSERT_TRUE(now);
  EXPECT_EQ(now->channels(0).secret(), secret);
  EXPECT_EQ(now->revision(), created->revision()) << "nobody changed it";
  store_ = open(with_keys("a"));
  EXPECT_EQ(store_->find(created->id())->channels(0).secret(), secret);
}

TEST_F(Sealed, KeysAreChangedByALineBeforeTheOldOne) {
  store_ = open(with_keys("a"));
  const auto created = store_->create(draft());
  ASSERT_TRUE(created);
  const std::string before = logged(created->id()).channels(0).sealed_secret();
  store_ = open(with_keys("ba"));
  EXPECT_TRUE(run_until(
      *store_, [&] { return logged(created->id()).channels(0).sealed_secret() != before; }));
  store_ = open(with_keys("b"));
  EXPECT_EQ(store_->find(created->id())->channels(0).secret(), created->channels(0).secret());
}

TEST_F(Sealed, AMissingKeyStopsTheStartUnlessItIsSaidToBeLost) {
  store_ = open(with_keys("a"));
  const auto created = store_->create(draft());
  ASSERT_TRUE(created);
  for (const Options& options : {Options{}, with_keys("b")}) {
    const auto refused = SubscriptionStore::open(*log_, clock_, random_, options);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode("keys_needed"));
    EXPECT_EQ(refused.error().disposition, Disposition::kStop);
  }
  Options lost = with_keys("b");
  lost.key_lost = true;
  store_ = open(lost);
  EXPECT_TRUE(store_->find(created->id())->channels(0).secret().empty());
  Draft same = draft();
  same.channels[0].set_id(created->channels(0).id());
  same.channels[0].set_secret(std::string(kMaskedSecret));
  const auto changed = store_->replace(created->id(), same);
  ASSERT_TRUE(changed) << changed.error().to_string();
  EXPECT_TRUE(changed->channels(0).secret().starts_with("whsec_"));
  EXPECT_TRUE(SubscriptionStore::open(*log_, clock_, random_, with_keys("b")))
      << "nothing is sealed by the lost key any more";
}

TEST_F(Sealed, AChangeMadeWhileSealingIsNotUndone) {
  const auto created = store_->create(draft());
  ASSERT_TRUE(created);
  auto sealing = open(with_keys("a"));
  // Another process, which the sealing one has not heard yet.
  Draft other = draft("topic:export-controls");
  other.channels[0].set_id(created->channels(0).id());
  ASSERT_TRUE(store_->replace(created->id(), other));
  EXPECT_TRUE(run_until(*sealing, [&] {
    const v1::SubscriptionRecord kept = logged(created->id());
    return kept.revision() == 2 && kept.channels(0).secret().empty();
  }));
  EXPECT_EQ(open(with_keys("a"))->find(created->id())->query(), "topic:export-controls");
}

TEST_F(Sealed, TheKeyIsAFileOfTheDataDirectoryOrOfTheSetting) {
  auto settings = config::load(config::Program::kUp, {"", {}, {}});
  ASSERT_TRUE(settings);
  const auto made = open_sealer(*settings, dir_, random_);
  ASSERT_TRUE(made) << made.error().to_string();
  ASSERT_NE(*made, nullptr);
  using std::filesystem::perms;
  EXPECT_EQ(std::filesystem::status(dir_ / "webhook.key").permissions(),
            perms::owner_read | perms::owner_write);
  const std::string sealed_text = (*made)->seal("x", "c");
  settings->values["log.engine"] = {Json("kafka"), "--set"};
  EXPECT_EQ(open_sealer(*settings, dir_, random_).value(), nullptr) << "each would have its own";
  settings->values["webhook.key_file"] = {Json((dir_ / "webhook.key").string()), "--set"};
  EXPECT_TRUE(open_sealer(*settings, dir_, random_).value()->open(sealed_text, "c"));
  settings->values["webhook.key_file"] = {Json((dir_ / "none").string()), "--set"};
  EXPECT_EQ(open_sealer(*settings, dir_, random_).error().code, ErrorCode("bad_keys_file"));
}

// A name is shown in lists, log lines and subjects of other programs.
TEST_F(Store, NamesHoldNoSignsThatAreNotSeen) {
  const auto name_of = [&](const std::string& name) {
    Draft given = draft();
    given.name = name;
    const auto created = store_->create(given);
    return created ? created->name() : std::string(created.error().code.text());
  };
  EXPECT_EQ(name_of(std::string("a\0b\x1b[31m\r\nc", 11)), "a b [31m c");
  EXPECT_EQ(name_of("chips\u202Egpj.exe\u202C \u2066x\u2069"), "chipsgpj.exe x")
      << "nothing turns the direction of what follows";
  EXPECT_EQ(name_of("a\u2028b\u2029c\u0085d"), "a b c d");
  EXPECT_EQ(name_of("zero\u200Bwidth\uFEFF\u00AD"), "zerowidth");
  EXPECT_EQ(name_of("\u202E\u200B "), "bad_subscription") << "a name of nothing";
  EXPECT_EQ(name_of("\U0001F468\u200D\U0001F469 می\u200Cخواهم"),
            "\U0001F468\u200D\U0001F469 می\u200Cخواهم")
      << "joiners have a meaning in words and signs";
}

}  // namespace
}  // namespace vigie::indexer::subscriptions
