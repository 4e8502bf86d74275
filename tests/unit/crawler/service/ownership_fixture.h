#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/unit/crawler/service/crawler_fixture.h"

/// Several crawlers on one log: partitions are given, taken and lost as a group of Kafka would,
/// when the test says so.
namespace vigie::crawler::service {

inline constexpr std::int32_t kPartitions = 3;

/// What a test tells a member of the group at its next polls.
struct Member {
  std::set<std::int32_t> owned;
  std::optional<std::set<std::int32_t>> give;
  bool take = false;
  bool lost = false;
  bool let_go = true;     // the revocation was answered
  bool is_member = true;  // what confirm() says
  bool silent = false;    // no records are given, whatever the log holds
};

class SteeredGroup final : public log::Group {
 public:
  SteeredGroup(log::Log& log, Member& member) : reader_(log.reader()), member_(member) {}

  Result<Polled> poll(std::size_t max_records, std::chrono::milliseconds timeout) override {
    Polled polled;
    if (revoked_) {
      for (const std::int32_t partition : member_.owned)
        reader_->unassign({proto::Topic::kFrontier, partition});
      member_.owned.clear();
      member_.let_go = true;
      revoked_ = false;
    }
    if (member_.take) {
      member_.take = false;
      revoked_ = true;
      for (const std::int32_t partition : member_.owned)
        polled.revoked.push_back({proto::Topic::kFrontier, partition});
      return polled;
    }
    if (member_.give) {
      member_.owned = *std::exchange(member_.give, std::nullopt);
      for (const std::int32_t partition : member_.owned)
        polled.assigned.push_back({proto::Topic::kFrontier, partition});
      return polled;
    }
    if (member_.silent) return polled;
    VIGIE_ASSIGN(polled.batches, reader_->poll(max_records, timeout));
    return polled;
  }
  Result<void> start(log::TopicPartition partition, std::optional<std::int64_t> offset) override {
    return reader_->assign(partition, offset.value_or(0));
  }
  Result<void> commit(log::TopicPartition, std::int64_t) override { return {}; }
  Result<bool> confirm(log::TopicPartition, std::int64_t) override { return member_.is_member; }
  bool lost() const override { return member_.lost; }
  void pause(log::TopicPartition) override {}
  void resume(log::TopicPartition) override {}

 private:
  std::unique_ptr<log::Reader> reader_;
  Member& member_;
  bool revoked_ = false;
};

/// The log as one member sees it.
class MemberLog final : public log::Log {
 public:
  MemberLog(log::Log& log, Member& member) : log_(log), member_(member) {}
  std::unique_ptr<log::Producer> producer() override { return log_.producer(); }
  std::unique_ptr<log::Reader> reader() override { return log_.reader(); }
  Result<std::unique_ptr<log::Group>> join(const std::string&, std::span<const proto::Topic>,
                                           const log::MemberOptions&) override {
    std::unique_ptr<log::Group> group = std::make_unique<SteeredGroup>(log_, member_);
    return group;
  }
  Result<std::int32_t> partitions(proto::Topic topic) override { return log_.partitions(topic); }
  Result<log::OffsetRange> offsets(log::TopicPartition partition) override {
    return log_.offsets(partition);
  }
  Result<std::optional<std::int64_t>> committed(const std::string& group,
                                                log::TopicPartition partition) override {
    return log_.committed(group, partition);
  }
  Result<void> set_committed(const std::string& group, log::TopicPartition partition,
                             std::int64_t offset) override {
    return log_.set_committed(group, partition, offset);
  }
  std::size_t largest_record(proto::Topic topic) const override {
    return largest != 0 && topic == proto::Topic::kPages ? largest : log_.largest_record(topic);
  }
  std::uint64_t disk_bytes() override { return 0; }
  std::size_t largest = 0;

 private:
  log::Log& log_;
  Member& member_;
};

/// Two crawlers, a and b, with a directory each. Hosts of a sort fall into partitions by their
/// names.
class OwnershipTest : public CrawlerTest {
 protected:
  struct Machine {
    Member member;
    std::unique_ptr<MemberLog> log;
    std::unique_ptr<Scheduler> crawler;
  };

  void SetUp() override {
    CrawlerTest::SetUp();
    for (int i = 0; i < 200; ++i) {
      const std::string domain = "site" + std::to_string(i) + ".example";
      domains_[proto::partition_of(domain, kPartitions)].push_back(domain);
    }
  }
  void TearDown() override {
    machines_.clear();
    CrawlerTest::TearDown();
  }

  /// The i-th domain of a partition.
  std::string domain(std::int32_t partition, std::size_t i = 0) {
    return domains_[partition].at(i);
  }
  std::string url(std::int32_t partition, const std::string& path, std::size_t i = 0) {
    return "http://" + domain(partition, i) + "/" + path;
  }
  void source_at(const std::vector<std::int32_t>& partitions) {
    std::string yaml = "sources:\n";
    for (const std::int32_t partition : partitions) {
      yaml += "  - name: S" + std::to_string(partition) + "\n    homepage: " + url(partition, "") +
              "\n    feeds: [" + url(partition, "feed.xml") + "]\n";
    }
    sources(yaml);
  }

  Machine& start(const std::string& name, std::set<std::int32_t> partitions) {
    Machine& machine = machines_[name];
    machine.member = Member{};
    machine.log = std::make_unique<MemberLog>(*log_, machine.member);
    CrawlerOptions mine = options();
    mine.instance = name;
    mine.data_dir = dir_ / name;
    machine.crawler = make_crawler(mine, *machine.log);
    machine.member.give = std::move(partitions);
    return machine;
  }
  void kill(const std::string& name) { machines_.at(name).crawler.reset(); }

  void turn(Scheduler& crawler) {
    for (int settle = 0; settle < 2; ++settle) {
      const auto ticked = crawler.tick();
      ASSERT_TRUE(ticked) << ticked.error().to_string();
      ASSERT_TRUE(crawler.finish());
    }
  }
  void pass_all(milliseconds time, const std::set<std::string>& asleep = {},
                milliseconds step = milliseconds(10)) {
    for (milliseconds at{0}; at < time; at += step) {
      web_.answer(milliseconds(20));
      for (auto& [name, machine] : machines_) {
        if (machine.crawler && asleep.count(name) == 0) turn(*machine.crawler);
      }
      clock_.advance(step);
    }
  }
  /// Never two requests to a domain closer than the gap.
  void expect_politeness() {
    std::map<std::string, milliseconds> ends;
    for (const FakeWeb::Seen& one : web_.seen) {
      const std::string host = *url::parse(one.url)->host;
      if (const auto last = ends.find(host); last != ends.end())
        EXPECT_GE(one.begin - last->second, milliseconds(200)) << one.url;
      ends[host] = one.end;
    }
  }
  std::multiset<std::string> pages() {
    std::multiset<std::string> out;
    for (const auto& page : read<v1::PageRecord>(proto::Topic::kPages))
      out.insert(page.final_url());
    return out;
  }
  std::map<std::string, std::string> frontier_keys() {
    std::map<std::string, std::string> out;
    EXPECT_TRUE(log::read_to_end(*log_, proto::Topic::kFrontier,
                                 [&](const log::Record& record) -> Result<void> {
                                   if (record.value) out[record.key] = *record.value;
                                   if (!record.value) out.erase(record.key);
                                   return {};
                                 }));
    return out;
  }

  std::map<std::int32_t, std::vector<std::string>> domains_;
  std::map<std::string, Machine> machines_;
};

}  // namespace vigie::crawler::service
