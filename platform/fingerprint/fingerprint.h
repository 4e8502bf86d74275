#pragma once

#include <bitset>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Near-duplicate fingerprints of texts: made by the extractor, compared by the story clusterer and
/// the alerter.
///
/// A fingerprint is a bottom-k sketch (Broder 1997): the smallest values of a 20-bit hash of the
/// text's distinct shingles, sorted, gaps Rice-coded, as many as fit (about 65 for 100 shingles, 80
/// for 500, 100 for 3,000). Unlike MinHash it is a true sample of the set, so that containment can
/// be estimated between texts of different lengths. Standard error of Jaccard at 0.5: about 0.055.
namespace vigie::fingerprint {

// distinct; a shorter text says too little to be judged
inline constexpr std::size_t kMinShingles = 20;
inline constexpr std::size_t kMinBytes = 64;  // shorter sketches are padded with zeros
inline constexpr std::size_t kMaxBytes = 128;
inline constexpr double kCopyJaccard = 0.5;      // ops/spec/records.md, "What a copy is"
inline constexpr double kCopyContainment = 0.8;  // of the shorter text in the longer
// of the shorter text within reach of both, before containment alone may decide
inline constexpr std::size_t kMinSamples = 8;
inline constexpr std::size_t kFewSamples = 3;  // of 20 bits: unrelated texts do not share three

using Fingerprint = std::string;

/// In:  64-bit hashes of the text's shingles (5 lower-cased tokens, CJK by character), any order,
/// repeats allowed. Out: 64 to 128 bytes, the same on every machine; empty for fewer than
/// kMinShingles distinct hashes.   Threads: pure.
Fingerprint make(std::span<const std::uint64_t> shingle_hashes);

struct Similarity {
  double jaccard = 0;      // estimated |A ∩ B| / |A ∪ B|, 0..1
  double containment = 0;  // estimated |A ∩ B| / |shorter|, 0..1
  bool is_copy = false;    // jaccard ≥ kCopyJaccard or containment ≥ kCopyContainment
  /// The greater of the two.
  double strength() const { return jaccard > containment ? jaccard : containment; }
};

/// Symmetric. Total: an empty or malformed fingerprint is similar to nothing, itself included.
/// Threads: pure.
Similarity compare(std::string_view a, std::string_view b);

/// One fingerprint, unpacked once to be compared with many. compare(x) is compare(a, x).   Threads:
/// const is pure; make one a thread.
class Comparison {
 public:
  /// Some of its samples, by their place.
  using Samples = std::bitset<256>;

  explicit Comparison(std::string_view fingerprint);
  Similarity compare(std::string_view other) const;
  /// The samples that the other has, too. None where one of them is malformed.
  Samples common(std::string_view other) const;
  /// As compare(), but those of `left_out` that both have count for neither. Where less than
  /// kMinSamples of the shorter text is left, a copy is what shares at least kFewSamples of them
  /// and kCopyContainment of both.
  Similarity compare_without(std::string_view other, const Samples& left_out) const;

 private:
  struct Counts {
    std::size_t shorter = 0;  // samples within reach of both
    std::size_t longer = 0;
    std::size_t common = 0;
  };
  template <class OnCommon>
  Counts count(std::string_view other, const OnCommon& on_common) const;

  bool valid_ = false;
  bool complete_ = false;
  std::uint32_t count_ = 0;
  std::vector<std::uint32_t> values_;
};

/// Keys under which an index keeps a fingerprint to find its candidates: two copies share at least
/// one key with probability > 0.99 when their lengths are alike, > 0.9 when one is three times the
/// other. Unrelated texts share one by chance (in 1 of about 200 pairs), so every candidate has to
/// be compared. About 8 to 16 keys of 20 bits; none for an empty or malformed fingerprint.
std::vector<std::uint64_t> lookup_keys(std::string_view fingerprint);

}  // namespace vigie::fingerprint
