#include "proto/identity.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <set>

namespace vigie::proto {
namespace {

std::string hex(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) {
    char pair[3];
    std::snprintf(pair, sizeof pair, "%02x", static_cast<unsigned>(static_cast<unsigned char>(c)));
    out += pair;
  }
  return out;
}

// FIPS 180-4, the examples of NIST.
TEST(Sha256, GivesTheKnownAnswers) {
  EXPECT_EQ(hex(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hex(to_bytes(digest128("abc"))), "ba7816bf8f01cfea414140de5dae2223");
}

// RFC 4648 §10, in lower case and without padding.
TEST(Base32, GivesTheKnownAnswers) {
  EXPECT_EQ(base32(""), "");
  EXPECT_EQ(base32("f"), "my");
  EXPECT_EQ(base32("fo"), "mzxq");
  EXPECT_EQ(base32("foo"), "mzxw6");
  EXPECT_EQ(base32("foob"), "mzxw6yq");
  EXPECT_EQ(base32("fooba"), "mzxw6ytb");
  EXPECT_EQ(base32("foobar"), "mzxw6ytboi");
  EXPECT_EQ(base32(std::string(16, '\xff')).size(), 26U);
}

TEST(Identity, HasTheLengthsOfItsComments) {
  EXPECT_EQ(page_key("https://example.org/").size(), 16U);
  EXPECT_EQ(article_id("https://example.org/").size(), 26U);
  EXPECT_EQ(version_id("t", "x").size(), 16U);
  EXPECT_EQ(match_id("s", "a").size(), 26U);
  EXPECT_EQ(quarantine_id("vigie.pages.v1", 0, 0, "extract").size(), 26U);
  EXPECT_EQ(
      article_id("https://example.org/").find_first_not_of("abcdefghijklmnopqrstuvwxyz234567"),
      std::string::npos);
}

// Ids are in logs and indexes out there: these values, computed by Python's hashlib, must never
// change.
TEST(Identity, NeverChanges) {
  EXPECT_EQ(hex(page_key("https://example.org/")), "8198d1bac40a1033653a78e48800cefc");
  EXPECT_EQ(article_id("https://example.org/"), base32(page_key("https://example.org/")));
  EXPECT_EQ(hex(version_id("title", "text")), "435b680c1db57be977f6ea1e1de2d766");
  EXPECT_EQ(match_id("subscription", "article"), "kqpcoym4bxl5o7larfbcmuljzi");
  EXPECT_EQ(quarantine_id("vigie.pages.v1", 3, 42, "extract"), "34znc7pa5fn3ycev2ytjedb3wu");
}

TEST(Identity, OfPairsDoesNotCollideByConcatenation) {
  EXPECT_NE(version_id("ab", "c"), version_id("a", "bc"));
  EXPECT_NE(version_id("", "abc"), version_id("abc", ""));
  EXPECT_NE(match_id("ab", "c"), match_id("a", "bc"));
  const std::set<std::string> ids{quarantine_id("t", 1, 23, "s"), quarantine_id("t", 12, 3, "s"),
                                  quarantine_id("t1", 1, 23, "s"), quarantine_id("t", 1, 23, "s2")};
  EXPECT_EQ(ids.size(), 4U);
}

}  // namespace
}  // namespace vigie::proto
