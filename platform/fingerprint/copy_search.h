#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "platform/fingerprint/fingerprint.h"
#include "platform/fingerprint/headline.h"

namespace vigie::fingerprint {

/// From this Jaccard similarity on two texts are one text: what differs is less than a piece of
/// news.
inline constexpr double kSameTextJaccard = 0.95;
/// Articles of a source with different headlines that share a sample: it is then a sample of what
/// the source repeats (about-us, disclaimers, biographies).
inline constexpr std::size_t kHouseArticles = 3;

/// A text as it is judged whether it is a copy.
struct Article {
  std::string_view fingerprint;
  std::uint64_t source = 0;  // of source_mark(); 0: not known
  Headline headline;
};

/// A number for a source id; 0 for none. The same on every machine.
std::uint64_t source_mark(std::string_view source_id);

/// Finds what an article is a copy of, among candidates. A candidate is one where the fingerprints
/// are copies (fingerprint.h) and
///  - the text is the same (kSameTextJaccard), and so may be the headline; or
///  - what one of the two sources repeats is left out, the rest is still a copy; and, where both
///    are of one source, the headlines may be of one piece of news or the text is the same.
/// What a source repeats is learned from the candidates alone: samples that kHouseArticles articles
/// of it with unrelated headlines have (the article itself is one of its source). So a decision
/// depends on nothing but the article and its candidates. One thread; candidates must outlive it.
class CopySearch {
 public:
  explicit CopySearch(const Article& article);
  /// Candidates are numbered from 0.
  void add(const Article& candidate);

  struct Copy {
    std::size_t candidate = 0;
    double strength = 0;  // of the similarity, 0..1
  };
  /// The most similar one that is a copy; among equals the one added first.
  std::optional<Copy> best() const;

 private:
  struct Candidate {
    Article article;
    Similarity similarity;
  };
  Comparison::Samples house_text(std::uint64_t source) const;
  Similarity judged(const Candidate& candidate, const Comparison::Samples& house) const;

  Article article_;
  Comparison comparison_;
  std::vector<Candidate> candidates_;
};

}  // namespace vigie::fingerprint
