#include "platform/fingerprint/fingerprint.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

namespace vigie::fingerprint {
namespace {

constexpr std::uint64_t kSeed = 20'260'101;  // every run the same; change it to try another

/// Two sets with |A| = a, |B| = b and |A ∩ B| = common.
struct Pair {
  std::vector<std::uint64_t> a;
  std::vector<std::uint64_t> b;
};
Pair make_pair(std::mt19937_64& random, std::size_t a, std::size_t b, std::size_t common) {
  Pair pair;
  for (std::size_t i = 0; i < a; ++i) pair.a.push_back(random());
  pair.b.assign(pair.a.begin(), pair.a.begin() + static_cast<std::ptrdiff_t>(common));
  while (pair.b.size() < b) pair.b.push_back(random());
  return pair;
}
bool share_a_key(const Fingerprint& a, const Fingerprint& b) {
  const auto left = lookup_keys(a);
  const auto right = lookup_keys(b);
  return std::any_of(left.begin(), left.end(), [&](std::uint64_t key) {
    return std::find(right.begin(), right.end(), key) != right.end();
  });
}

TEST(Fingerprint, HasSixtyFourToHundredTwentyEightBytesOrNone) {
  std::mt19937_64 random(kSeed);
  for (const std::size_t count : {std::size_t{0}, kMinShingles - 1, kMinShingles, std::size_t{66},
                                  std::size_t{500}, std::size_t{100'000}}) {
    std::vector<std::uint64_t> shingles(count);
    for (std::uint64_t& each : shingles) each = random();
    const Fingerprint fingerprint = make(shingles);
    if (count < kMinShingles) {
      EXPECT_TRUE(fingerprint.empty()) << count;
    } else {
      EXPECT_GE(fingerprint.size(), kMinBytes) << count;
      EXPECT_LE(fingerprint.size(), kMaxBytes) << count;
      EXPECT_EQ(compare(fingerprint, fingerprint).jaccard, 1.0) << count;
      EXPECT_TRUE(compare(fingerprint, fingerprint).is_copy) << count;
    }
  }
}

TEST(Fingerprint, DependsOnTheSetAlone) {
  std::vector<std::uint64_t> shingles;
  for (std::uint64_t i = 0; i < 200; ++i) shingles.push_back(i);
  const Fingerprint ordered = make(shingles);
  std::reverse(shingles.begin(), shingles.end());
  shingles.push_back(7);
  EXPECT_EQ(make(shingles), ordered) << "weak hashes, another order, a repeat";
  EXPECT_TRUE(make(std::vector<std::uint64_t>(1000, 5)).empty()) << "one shingle, however often";
}

TEST(Fingerprint, EstimatesJaccardWithinItsError) {
  std::mt19937_64 random(kSeed);
  double sum = 0;
  double squares = 0;
  constexpr int kPairs = 400;
  for (int i = 0; i < kPairs; ++i) {
    const Pair pair = make_pair(random, 600, 600, 400);  // Jaccard 0.5
    const double error = compare(make(pair.a), make(pair.b)).jaccard - 0.5;
    sum += error;
    squares += error * error;
  }
  EXPECT_LT(std::abs(sum / kPairs), 0.012) << "no bias";
  EXPECT_LT(std::sqrt(squares / kPairs), 0.07);
}

// ops/spec/records.md, "What a copy is": a copy has Jaccard ≥ 0.5. Lengths from short notes to long
// reads, all similarities equally often: harder than news, where most pairs are far from the
// border.
TEST(Fingerprint, DecidesJaccardWithPrecisionAndRecallOverNineTenths) {
  std::mt19937_64 random(kSeed);
  int copies = 0;
  int found = 0;
  int false_alarms = 0;
  for (int i = 0; i < 4000; ++i) {
    const std::size_t size = 60 + random() % 1500;
    const auto common = static_cast<std::size_t>(static_cast<double>(size) *
                                                 (static_cast<double>(random() % 1000) / 1000.0));
    const Pair pair = make_pair(random, size, size, common);
    const bool truth =
        static_cast<double>(common) / static_cast<double>(2 * size - common) >= kCopyJaccard ||
        common * 10 >= size * 8;
    const bool decided = compare(make(pair.a), make(pair.b)).is_copy;
    copies += truth;
    found += truth && decided;
    false_alarms += !truth && decided;
  }
  EXPECT_GE(static_cast<double>(found) / copies, 0.9) << "recall";
  EXPECT_GE(static_cast<double>(found) / (found + false_alarms), 0.9) << "precision";
}

TEST(Fingerprint, FindsAShortTextInsideALongerOne) {
  std::mt19937_64 random(kSeed);
  for (const std::size_t longer : {600U, 900U, 1500U}) {
    int found = 0;
    int false_alarms = 0;
    for (int i = 0; i < 200; ++i) {
      const Pair inside = make_pair(random, 300, longer, 285);
      found += compare(make(inside.a), make(inside.b)).is_copy;
      const Pair half = make_pair(random, 300, longer, 150);
      false_alarms += compare(make(half.a), make(half.b)).is_copy;
    }
    EXPECT_GE(found, 180) << longer;
    EXPECT_LE(false_alarms, 10) << longer;
  }
}

TEST(Fingerprint, ComparesSymmetrically) {
  std::mt19937_64 random(kSeed);
  const Pair pair = make_pair(random, 200, 900, 170);
  const Similarity one = compare(make(pair.a), make(pair.b));
  const Similarity other = compare(make(pair.b), make(pair.a));
  EXPECT_EQ(one.jaccard, other.jaccard);
  EXPECT_EQ(one.containment, other.containment);
}

TEST(Fingerprint, UnrelatedTextsAreNoCopies) {
  std::mt19937_64 random(kSeed);
  int copies = 0;
  int candidates = 0;
  for (int i = 0; i < 2000; ++i) {
    const Pair pair = make_pair(random, 20 + random() % 2000, 20 + random() % 2000, 0);
    const Fingerprint a = make(pair.a);
    const Fingerprint b = make(pair.b);
    copies += compare(a, b).is_copy;
    candidates += share_a_key(a, b);
  }
  EXPECT_EQ(copies, 0);
  EXPECT_LT(candidates, 60);
}

TEST(LookupKeys, AreFewAndCopiesShareOne) {
  std::mt19937_64 random(kSeed);
  int equal_lengths = 0;
  int thrice = 0;
  constexpr int kPairs = 1000;
  for (int i = 0; i < kPairs; ++i) {
    const std::size_t size = 30 + random() % 1200;
    const Pair alike = make_pair(random, size, size, size * 7 / 10);
    const Fingerprint a = make(alike.a);
    EXPECT_GE(lookup_keys(a).size(), 1U);
    EXPECT_LE(lookup_keys(a).size(), 32U);
    equal_lengths += share_a_key(a, make(alike.b));
    const Pair inside = make_pair(random, 300, 900, 270);
    thrice += share_a_key(make(inside.a), make(inside.b));
  }
  EXPECT_GE(equal_lengths, 990);
  EXPECT_GE(thrice, 900);
}

TEST(Fingerprint, MalformedBytesAreSimilarToNothing) {
  std::vector<std::uint64_t> shingles;
  for (std::uint64_t i = 0; i < 300; ++i) shingles.push_back(i);
  const Fingerprint good = make(shingles);
  std::mt19937_64 random(kSeed);
  EXPECT_FALSE(compare("", "").is_copy);
  EXPECT_FALSE(compare(good, "").is_copy);
  EXPECT_TRUE(lookup_keys("short").empty());
  for (int i = 0; i < 2000; ++i) {
    std::string garbage(random() % 140, '\0');
    for (char& byte : garbage) byte = static_cast<char>(random());
    EXPECT_FALSE(compare(good, garbage).is_copy);
    std::string changed = good;
    changed[random() % 7] = static_cast<char>(random());
    const Similarity similarity = compare(good, changed);
    EXPECT_GE(similarity.jaccard, 0.0);
    EXPECT_LE(similarity.containment, 1.0);
  }
}

}  // namespace
}  // namespace vigie::fingerprint
