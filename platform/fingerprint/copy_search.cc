#include "platform/fingerprint/copy_search.h"

#include <array>
#include <map>

namespace vigie::fingerprint {
namespace {

constexpr std::size_t kPlaces = 256;  // of samples

/// Counts the articles of one source that have a sample, those with unrelated headlines alone.
class SampleCounts {
 public:
  /// Counts an article for each of its samples.
  void add(const Comparison::Samples& samples, const Headline& headline) {
    for (std::size_t place = 0; place < kPlaces; ++place) {
      if (samples.test(place)) add_one(place, headline);
    }
  }
  const Comparison::Samples& repeated() const { return repeated_; }

 private:
  void add_one(std::size_t place, const Headline& headline) {
    if (repeated_.test(place)) return;
    std::vector<const Headline*>& seen = seen_[place];
    for (const Headline* one : seen) {
      if (one->may_be_of(headline)) return;
    }
    seen.push_back(&headline);
    if (seen.size() >= kHouseArticles) repeated_.set(place);
  }

  std::array<std::vector<const Headline*>, kPlaces> seen_;
  Comparison::Samples repeated_;
};

}  // namespace

std::uint64_t source_mark(std::string_view source_id) {
  if (source_id.empty()) return 0;
  std::uint64_t hash = 14695981039346656037ULL;  // FNV-1a, 64 bits
  for (const char c : source_id) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  return hash == 0 ? 1 : hash;
}

CopySearch::CopySearch(const Article& article)
    : article_(article), comparison_(article.fingerprint) {}

void CopySearch::add(const Article& candidate) {
  candidates_.push_back({candidate, comparison_.compare(candidate.fingerprint)});
}

/// Samples of the article that a source repeats.
Comparison::Samples CopySearch::house_text(std::uint64_t source) const {
  SampleCounts counts;
  if (source == 0) return {};
  if (source == article_.source && !article_.headline.empty())
    counts.add(Comparison::Samples().set(), article_.headline);
  for (const Candidate& one : candidates_) {
    const bool says_something = one.article.source == source && !one.article.headline.empty() &&
                                one.similarity.jaccard < kSameTextJaccard;
    if (says_something)
      counts.add(comparison_.common(one.article.fingerprint), one.article.headline);
  }
  return counts.repeated();
}

Similarity CopySearch::judged(const Candidate& candidate, const Comparison::Samples& house) const {
  const bool same_text = candidate.similarity.jaccard >= kSameTextJaccard;
  const bool same_news = article_.headline.may_be_of(candidate.article.headline);
  if (same_text && same_news) return candidate.similarity;
  const bool same_source = article_.source != 0 && article_.source == candidate.article.source;
  if (same_source && !same_news && !same_text) return {};
  return comparison_.compare_without(candidate.article.fingerprint, house);
}

std::optional<CopySearch::Copy> CopySearch::best() const {
  std::map<std::uint64_t, Comparison::Samples> houses;
  const auto house_of = [&](std::uint64_t source) -> const Comparison::Samples& {
    const auto [place, fresh] = houses.try_emplace(source);
    if (fresh) place->second = house_text(source);
    return place->second;
  };
  std::optional<Copy> best;
  for (std::size_t i = 0; i < candidates_.size(); ++i) {
    const Candidate& one = candidates_[i];
    // What is left out makes texts less alike, never more.
    if (!one.similarity.is_copy || (best && one.similarity.strength() <= best->strength)) continue;
    const Comparison::Samples house = house_of(article_.source) | house_of(one.article.source);
    const Similarity similarity = judged(one, house);
    if (!similarity.is_copy || (best && similarity.strength() <= best->strength)) continue;
    best = Copy{i, similarity.strength()};
  }
  return best;
}

}  // namespace vigie::fingerprint
