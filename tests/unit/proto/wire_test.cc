#include "proto/wire.h"

#include <gtest/gtest.h>

#include "proto/frontier.pb.h"

namespace vigie::proto {
namespace {

constexpr int kUrls = v1::NewUrls::kUrlsFieldNumber;

v1::NewUrls listing() {
  v1::NewUrls out;
  out.set_source_id("source");
  out.set_discovered_at_unix_ms(1'750'000'000'000);
  out.set_depth(2);
  out.set_feed_url("http://a.example/feed.xml");
  for (int i = 0; i < 30; ++i) {
    v1::NewUrl& url = *out.add_urls();
    url.set_url("http://a.example/story-" + std::to_string(i));
    url.mutable_feed_item()->set_title(std::string(static_cast<std::size_t>(i) * 10, 't'));
  }
  return out;
}

TEST(CutField, FindsEachValueAndTheRest) {
  v1::NewUrls all = listing();
  const std::string bytes = all.SerializeAsString();
  std::string rest;
  const auto places = cut_field(bytes, kUrls, rest);
  ASSERT_TRUE(places);
  ASSERT_EQ(places->size(), 30U);
  for (int i = 0; i < 30; ++i) {
    const auto [begin, length] = (*places)[static_cast<std::size_t>(i)];
    EXPECT_EQ(bytes.substr(begin, length), all.urls(i).SerializeAsString());
  }
  all.clear_urls();
  EXPECT_EQ(rest, all.SerializeAsString());
}

// Fields of later versions, of every kind, go into the rest.
TEST(CutField, KeepsWhatItDoesNotKnow) {
  const std::string unknown(
      "\xa0\x06\x96\x01"                          // 100: varint 150
      "\xa9\x06\x01\x02\x03\x04\x05\x06\x07\x08"  // 101: 8 bytes
      "\xb2\x06\x03xyz"                           // 102: a string
      "\xbd\x06\x01\x02\x03\x04",                 // 103: 4 bytes
      4 + 10 + 6 + 6);
  std::string rest;
  const auto places = cut_field(unknown + listing().SerializeAsString(), kUrls, rest);
  ASSERT_TRUE(places);
  EXPECT_EQ(places->size(), 30U);
  EXPECT_EQ(rest.substr(0, unknown.size()), unknown);
}

TEST(CutField, OfWhatIsNoMessageIsNothing) {
  const std::string bytes = listing().SerializeAsString();
  std::string rest;
  // Every beginning is a message where protobuf says so, and nothing elsewhere.
  std::size_t whole = 0;
  for (std::size_t end = 0; end <= bytes.size(); ++end) {
    v1::NewUrls parsed;
    const bool is_one = parsed.ParseFromString(bytes.substr(0, end));
    const auto places = cut_field(bytes.substr(0, end), kUrls, rest);
    ASSERT_EQ(places.has_value(), is_one) << end;
    if (!places) continue;
    ++whole;
    EXPECT_EQ(places->size(), static_cast<std::size_t>(parsed.urls_size()));
  }
  EXPECT_EQ(whole, 35U);
  EXPECT_FALSE(cut_field(std::string("\x00", 1), kUrls, rest));
  EXPECT_FALSE(cut_field("\x2a\xff\xff\xff\xff\x0f", kUrls, rest)) << "longer than it is";
  EXPECT_FALSE(cut_field("\x0b", kUrls, rest)) << "a group";
}

}  // namespace
}  // namespace vigie::proto
