#include "extractor/content/chooser.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <unordered_set>

#include "extractor/content/chooser_trees.h"

namespace vigie::extractor::content {
namespace {

constexpr double kLeastToKeep = 0.47;  // likelihood of a line that the rules keep
// of one that they leave out: they err less often to that side
constexpr double kLeastToTake = 0.75;
constexpr std::size_t kLeastLeadHeading = 100;  // bytes of a heading that may be one
// of one between the headline and the first that they keep
constexpr double kLeastOfLead = 0.5;
// of a sentence made of links, as those that point to the background are
constexpr double kLeastOfLinkedSentence = 0.55;
constexpr std::size_t kLeastLinkedSentence = 60;  // bytes of it
// bytes of a line that is left out the second time
constexpr std::size_t kLeastRepeated = 30;

/// What the trees from each on may still add to the log-odds.
struct Bounds {
  std::array<double, kTreeRoots.size() + 1> least{};
  std::array<double, kTreeRoots.size() + 1> most{};
};

Bounds bounds_of_trees() {
  Bounds out;
  for (std::size_t tree = kTreeRoots.size(); tree-- > 0;) {
    const std::size_t end = tree + 1 < kTreeRoots.size() ? kTreeRoots[tree + 1] : kTreeNodes.size();
    double least = 0;
    double most = 0;
    bool is_first = true;
    for (std::size_t at = kTreeRoots[tree]; at < end; ++at) {
      if (kTreeNodes[at].feature >= 0) continue;
      least = is_first ? kTreeNodes[at].value : std::min(least, kTreeNodes[at].value);
      most = is_first ? kTreeNodes[at].value : std::max(most, kTreeNodes[at].value);
      is_first = false;
    }
    out.least[tree] = out.least[tree + 1] + least;
    out.most[tree] = out.most[tree + 1] + most;
  }
  return out;
}

double leaf_of(std::size_t at, const Features& features) {
  while (kTreeNodes[at].feature >= 0) {
    const TreeNode& node = kTreeNodes[at];
    at = static_cast<double>(features[static_cast<std::size_t>(node.feature)]) <= node.value
             ? at + 1
             : node.right;
  }
  return kTreeNodes[at].value;
}

double odds_to_likelihood(double log_odds) { return 1.0 / (1.0 + std::exp(-log_odds)); }

bool is_linked_sentence(const Line& line) {
  return line.verdict == Verdict::kLinks && line.text.size() >= kLeastLinkedSentence &&
         (line.text.ends_with('.') || line.text.ends_with('?') || line.text.ends_with("。"));
}

}  // namespace

double likelihood(const Features& features) {
  double log_odds = 0;
  for (const std::uint16_t root : kTreeRoots) log_odds += leaf_of(root, features);
  return odds_to_likelihood(log_odds);
}

bool is_likelier(const Features& features, double least) {
  static const Bounds kBounds = bounds_of_trees();
  constexpr double kRounding = 1e-6;  // more than sums in another order may differ by
  const double asked = std::log(least / (1.0 - least));
  double log_odds = 0;
  for (std::size_t tree = 0; tree < kTreeRoots.size(); ++tree) {
    // the trees that are left cannot change it
    if (log_odds + kBounds.least[tree] > asked + kRounding) return true;
    if (log_odds + kBounds.most[tree] < asked - kRounding) return false;
    log_odds += leaf_of(kTreeRoots[tree], features);
  }
  return odds_to_likelihood(log_odds) > least;
}

void choose(const std::vector<Features>& features, std::vector<Line>& lines,
            std::vector<double>* likelihoods) {
  std::vector<Verdict> chosen(lines.size());
  std::unordered_set<std::string_view> seen;
  bool any = false;
  if (likelihoods != nullptr) likelihoods->assign(lines.size(), 0.0);
  const auto first_kept = std::find_if(lines.begin(), lines.end(), [](const Line& line) {
    return line.verdict == Verdict::kKept && !line.is_heading;
  });
  const auto headline = std::find_if(lines.begin(), first_kept, [](const Line& line) {
    return line.is_headline && line.is_heading;
  });
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const Line& line = lines[i];
    chosen[i] = line.verdict;
    if (!line.is_candidate || line.is_headline || line.is_timestamp || line.is_credit ||
        line.is_foot || line.is_appeal)
      continue;
    if (likelihoods != nullptr) (*likelihoods)[i] = likelihood(features[i]);
    const bool is_kept = line.verdict == Verdict::kKept;
    const auto at = lines.begin() + static_cast<std::ptrdiff_t>(i);
    const bool may_be_lead = at > headline && at < first_kept &&
                             (!line.is_heading || line.text.size() >= kLeastLeadHeading);
    const double least = is_kept                    ? kLeastToKeep
                         : may_be_lead              ? kLeastOfLead
                         : is_linked_sentence(line) ? kLeastOfLinkedSentence
                                                    : kLeastToTake;
    if (!is_likelier(features[i], least)) {
      if (is_kept) chosen[i] = Verdict::kUnlikely;
      continue;
    }
    if (line.text.size() >= kLeastRepeated && !seen.insert(line.same).second) {
      chosen[i] = Verdict::kRepeated;
      continue;
    }
    chosen[i] = Verdict::kKept;
    any = any || !line.is_heading;
  }
  if (!any) return;
  for (std::size_t i = 0; i < lines.size(); ++i) lines[i].verdict = chosen[i];
}

}  // namespace vigie::extractor::content
