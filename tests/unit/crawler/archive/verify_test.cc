#include "platform/warc/verify.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "crawler/archive/warc_writer.h"
#include "platform/warc/gzip.h"
#include "proto/identity.h"
#include "tests/fakes/fake_clock.h"

namespace vigie::crawler::archive {
namespace {

namespace fs = std::filesystem;

/// An archive with three captures and a revisit, as the crawler writes it.
class VerifyTest : public testing::Test {
 protected:
  void SetUp() override {
    fs::remove_all(dir_);
    WarcWriter writer(dir_, "vigie/test", clock_);
    for (const char* name : {"one", "two", "three"}) {
      ASSERT_TRUE(writer.write(exchange(name)));
      clock_.advance(std::chrono::milliseconds(1'000));
    }
    ASSERT_TRUE(writer.write_revisit(exchange("one"), proto::sha256("<p>one</p>")));
    for (const auto& entry : fs::directory_iterator(dir_)) {
      if (entry.path().extension() == ".gz") file_ = entry.path();
    }
    std::ifstream in(file_, std::ios::binary);
    bytes_.assign(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  }
  void TearDown() override { fs::remove_all(dir_); }

  WarcExchange exchange(const std::string& name) {
    request_.url = "http://x.example/" + name;
    response_.status = 200;
    response_.headers = {{"content-type", "text/html"}};
    response_.body = "<p>" + name + "</p>";
    return {request_.url, request_, response_, clock_.now_unix_ms(), 0, "", "", "x"};
  }
  warc::VerifiedWarc verify(const std::string& bytes) {
    const fs::path file = dir_ / "other.warc.gz";
    std::ofstream(file, std::ios::binary) << bytes;
    auto verified = warc::verify_warc(file);
    EXPECT_TRUE(verified);
    return verified ? *verified : warc::VerifiedWarc();
  }

  fs::path dir_ = fs::temp_directory_path() / ("vigie-verify-test-" + std::to_string(getpid()));
  FakeClock clock_;
  net::HttpRequest request_;
  net::HttpResponse response_;
  fs::path file_;
  std::string bytes_;
};

TEST_F(VerifyTest, WhatTheCrawlerWritesIsWhole) {
  const auto verified = warc::verify_warc(file_);
  ASSERT_TRUE(verified);
  EXPECT_TRUE(verified->problems.empty());
  EXPECT_FALSE(verified->cut);
  EXPECT_EQ(verified->records, 12U);  // warcinfo, 3 × 3, revisit and its request
  EXPECT_EQ(verified->by_type.at("response"), 3U);
  EXPECT_EQ(verified->by_type.at("revisit"), 1U);
  EXPECT_EQ(verified->digests, 12U + 3U);
  EXPECT_EQ(verified->unverified, 0U);
}

TEST_F(VerifyTest, TheSameWithoutGzipIsWholeToo) {
  const auto plain = warc::gunzip(bytes_, 1 << 20);
  ASSERT_TRUE(plain);
  const warc::VerifiedWarc verified = verify(*plain);
  EXPECT_TRUE(verified.problems.empty());
  EXPECT_EQ(verified.records, 12U);
}

// kill -9 costs at most the record that was being written.
TEST_F(VerifyTest, AFileThatEndsAnywhereLosesOneRecordAtMost) {
  std::uint64_t before = 0;
  std::uint64_t whole_ends = 0;
  for (std::size_t end = 2; end <= bytes_.size(); ++end) {
    const warc::VerifiedWarc verified = verify(bytes_.substr(0, end));
    ASSERT_GE(verified.records, before) << end;
    ASSERT_LE(verified.records, before + 1) << end;
    ASSERT_LE(verified.problems.size(), 1U) << end;
    ASSERT_EQ(verified.cut, !verified.problems.empty()) << end;
    if (!verified.cut) ++whole_ends;
    before = verified.records;
  }
  EXPECT_EQ(before, 12U);
  EXPECT_EQ(whole_ends, 12U);
}

// A new file after so many bytes, between two captures: each has its warcinfo, whole records and
// its index; references and revisits lead where they say.
TEST_F(VerifyTest, FilesThatFollowEachOtherAreWholeEach) {
  constexpr std::uint64_t kMost = 4'000;
  const fs::path dir = dir_ / "rotated";
  std::vector<std::string> references;
  {
    WarcWriter writer(dir, "vigie/test", clock_, kMost);
    for (int i = 0; i < 40; ++i) {
      const std::string name = "story-" + std::to_string(i);
      const auto reference = writer.write(exchange(name));
      ASSERT_TRUE(reference);
      references.push_back(*reference);
      clock_.advance(std::chrono::milliseconds(700));
      if (i % 4 == 3)
        ASSERT_TRUE(writer.write_revisit(exchange(name), proto::sha256("<p>" + name + "</p>")));
    }
  }
  std::map<std::string, std::uint64_t> by_type;
  std::size_t files = 0;
  std::size_t index_lines = 0;
  for (const auto& entry : fs::directory_iterator(dir)) {
    if (entry.path().extension() == ".cdxj") {
      std::ifstream in(entry.path());
      for (std::string line; std::getline(in, line);) ++index_lines;
      continue;
    }
    ASSERT_EQ(entry.path().extension(), ".gz") << entry.path();
    const auto verified = warc::verify_warc(entry.path());
    ASSERT_TRUE(verified);
    EXPECT_TRUE(verified->problems.empty()) << entry.path();
    EXPECT_EQ(verified->by_type.at("warcinfo"), 1U);
    for (const auto& [type, count] : verified->by_type) by_type[type] += count;
    // It ends with the capture that made it too large.
    EXPECT_LT(fs::file_size(entry.path()), kMost + 3'000);
    ++files;
  }
  EXPECT_GT(files, 5U);
  EXPECT_EQ(by_type["warcinfo"], files);
  EXPECT_EQ(by_type["response"], 40U);
  EXPECT_EQ(by_type["metadata"], 40U);
  EXPECT_EQ(by_type["revisit"], 10U);
  EXPECT_EQ(by_type["request"], 50U);
  EXPECT_EQ(index_lines, 50U);
  for (std::size_t i = 0; i < references.size(); ++i) {
    const std::size_t colon = references[i].find(':');
    std::ifstream in(dir / references[i].substr(0, colon), std::ios::binary);
    in.seekg(std::stoll(references[i].substr(colon + 1)));
    std::string bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    const auto plain = warc::gunzip(bytes, 1 << 20);
    ASSERT_TRUE(plain);
    EXPECT_NE(plain->substr(0, plain->find("\r\n\r\n"))
                  .find("WARC-Target-URI: http://x.example/story-" + std::to_string(i) + "\r\n"),
              std::string::npos)
        << references[i];
  }
}

TEST_F(VerifyTest, AByteThatIsChangedIsFoundWhereverItSaysAnything) {
  const auto plain = warc::gunzip(bytes_, 1 << 20);
  ASSERT_TRUE(plain);
  int seen = 0;
  int tried = 0;
  for (std::size_t at = 0; at < bytes_.size(); at += 3, ++tried) {
    std::string changed = bytes_;
    changed[at] = static_cast<char>(changed[at] ^ 0x20);
    if (!verify(changed).problems.empty()) {
      ++seen;
      continue;
    }
    // Time, speed and system in a gzip header, and bits behind the last block, change nothing.
    const auto same = warc::gunzip(changed, 1 << 20);
    ASSERT_TRUE(same) << at;
    ASSERT_EQ(*same, *plain) << at;
  }
  EXPECT_GT(seen, tried * 9 / 10);
}

TEST_F(VerifyTest, WhatIsNotAsItSaysIsToldWithItsPlace) {
  auto plain = warc::gunzip(bytes_, 1 << 20);
  ASSERT_TRUE(plain);
  const std::size_t at = plain->find("<p>two</p>");
  ASSERT_NE(at, std::string::npos);
  (*plain)[at + 3] = 'T';
  const warc::VerifiedWarc verified = verify(*plain);
  ASSERT_EQ(verified.problems.size(), 2U);  // block and payload
  EXPECT_EQ(plain->substr(verified.problems.front().offset, 9), "WARC/1.1\r");
  EXPECT_EQ(verify("WARC/1.1\r\nWARC-Type: response\r\n\r\n").problems.size(), 1U);
  EXPECT_EQ(verify("nothing of the kind, and long enough").problems.size(), 1U);
  EXPECT_EQ(verify(*plain + *plain).problems.size(), 2U * 2 + 12);  // ids that are there twice
  EXPECT_EQ(verify(warc::gzip(*warc::gunzip(bytes_, 1 << 20))).problems.size(), 11U);
  EXPECT_FALSE(warc::verify_warc(dir_ / "none"));
}

}  // namespace
}  // namespace vigie::crawler::archive
