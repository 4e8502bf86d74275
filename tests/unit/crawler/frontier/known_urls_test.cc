#include "crawler/frontier/known_urls.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <random>

#include "crawler/frontier/due.h"
#include "platform/url/url.h"

namespace vigie::crawler::frontier {
namespace {

proto::Digest128 digest_of(std::uint64_t number) {
  return proto::digest128(std::to_string(number));
}

/// Keys that lie close to each other, so that they push each other on.
proto::Digest128 crowded(std::uint64_t number) {
  proto::Digest128 out{};
  out[2] = static_cast<unsigned char>(number % 3 == 0 ? 255 : 7);
  for (std::size_t i = 0; i < 8; ++i) out[8 + i] = static_cast<unsigned char>(number >> (8 * i));
  return out;
}

/// The set beside a map through the same random puts and removals.
void compare(std::mt19937_64& chance, proto::Digest128 (*key)(std::uint64_t), std::uint64_t keys) {
  KnownUrls urls;
  std::map<std::uint64_t, Note> model;
  for (int step = 0; step < 60'000; ++step) {
    const std::uint64_t number = chance() % keys;
    if (chance() % 4 == 0) {
      urls.erase(key(number));
      model.erase(number);
    } else {
      const auto note = static_cast<Note>(1 + chance() % 1'000'000);
      urls.put(key(number), note);
      model[number] = note;
    }
  }
  EXPECT_EQ(urls.size(), model.size());
  for (std::uint64_t number = 0; number < keys; ++number) {
    const auto found = model.find(number);
    const auto expected =
        found == model.end() ? std::optional<Note>() : std::optional<Note>(found->second);
    ASSERT_EQ(urls.find(key(number)), expected) << number;
  }
}

TEST(KnownUrls, HoldsWhatAMapHolds) {
  const char* given = std::getenv("VIGIE_SEED");
  const std::uint64_t seed =
      given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
  SCOPED_TRACE("VIGIE_SEED=" + std::to_string(seed));
  std::mt19937_64 chance(seed);
  compare(chance, digest_of, 40'000);
  compare(chance, crowded, 700);
}

TEST(KnownUrls, TakesTwentyFiveBytesAUrlAtMost) {
  KnownUrls urls;
  double most = 0;
  for (std::uint64_t i = 0; i < 400'000; ++i) {
    urls.put(digest_of(i), kQuiet);
    if (i >= 100'000 && i % 1'000 == 0)
      most = std::max(most, static_cast<double>(urls.bytes()) / static_cast<double>(i));
  }
  EXPECT_LE(most, 27.0);
  EXPECT_GE(most, 19.0) << "digest and note are in it";
}

v1::UrlState page(std::uint32_t fetches, std::uint32_t failures, const std::string& updated) {
  v1::UrlState out;
  out.set_kind(v1::URL_KIND_ARTICLE);
  out.set_fetches(fetches);
  out.set_failures(failures);
  out.mutable_feed_item()->set_feed_url("https://a.example/feed");
  out.mutable_feed_item()->set_updated(updated);
  return out;
}

TEST(Note, TellsWhetherAListingCouldChangeAnything) {
  const auto item = [](const std::string& feed, const std::string& updated) {
    v1::FeedItem out;
    out.set_feed_url(feed);
    out.set_updated(updated);
    return out;
  };
  const v1::FeedItem same = item("https://a.example/feed", "1");
  const v1::FeedItem newer = item("https://a.example/feed", "2");
  const v1::FeedItem without = item("https://a.example/feed", "");
  EXPECT_FALSE(could_change(note_of(page(0, 0, "1")), &newer)) << "it is fetched anyway";
  EXPECT_TRUE(could_change(note_of(page(0, 1, "1")), nullptr)) << "refused: any spelling may do";
  EXPECT_FALSE(could_change(note_of(page(2, 0, "1")), &same));
  EXPECT_TRUE(could_change(note_of(page(2, 0, "1")), &newer));
  EXPECT_TRUE(could_change(note_of(page(2, 0, "")), &newer));
  EXPECT_FALSE(could_change(note_of(page(2, 0, "1")), &without));
  EXPECT_FALSE(could_change(note_of(page(2, 0, "1")), nullptr));
  v1::UrlState gave_up = page(0, 3, "1");
  gave_up.set_gave_up(true);
  EXPECT_TRUE(could_change(note_of(gave_up), &same));
  v1::UrlState feed = page(9, 0, "1");
  feed.set_kind(v1::URL_KIND_FEED);
  EXPECT_FALSE(could_change(note_of(feed), &newer));
}

/// The scan for the host beside the parser of the URL standard.
TEST(DomainOf, IsThatOfTheParsedHost) {
  const auto parsed_domain = [](const std::string& url) {
    const auto parsed = url::parse(url);
    return parsed && parsed->host ? url::registrable_domain(*parsed->host) : url;
  };
  for (const std::string host : {"a.example",
                                 "www.a.co.uk",
                                 "A.Example",
                                 "1.2.3.4",
                                 "0x7f.1",
                                 "1.example.0x1",
                                 "a.1",
                                 "a.example.",
                                 "a..example",
                                 "xn--bcher-kva.example",
                                 "xn--a",
                                 "bücher.example",
                                 "-a-.b--c",
                                 "a_b.example",
                                 "a.example:80",
                                 "a.example:8080",
                                 "user@a.example",
                                 "[::1]",
                                 "a.example\\x",
                                 "a%2Eexample",
                                 "a b.example",
                                 "",
                                 "com",
                                 "localhost",
                                 "a.example?b/c",
                                 "a.example#d"}) {
    for (const std::string scheme : {"https://", "http://", "HTTPS://", "ftp://", "https:", "x:"}) {
      for (const std::string path : {"", "/", "/b?c=d@e:1"}) {
        const std::string url = scheme + host + path;
        EXPECT_EQ(domain_of(url), parsed_domain(url)) << url;
      }
    }
  }
  const std::string long_host = "https://" + std::string(20'000, 'a') + ".example/";
  EXPECT_EQ(domain_of(long_host), parsed_domain(long_host));
  EXPECT_EQ(domain_of("mailto:a@b"), "mailto:a@b");
}

}  // namespace
}  // namespace vigie::crawler::frontier
