#include "extractor/content/region.h"

#include <algorithm>
#include <array>

#include "extractor/content/class_names.h"
#include "extractor/content/consent.h"

namespace vigie::extractor::content {
namespace {

using dom::Tag;

constexpr std::uint32_t kLeastProse = 40;  // letters of a block that counts as prose
constexpr double kMostLinks = 0.4;         // share of letters in links of such a block
// of the page's prose that may stand in something named as boilerplate; beyond, the name is wrong
constexpr double kMostPrunedShare = 0.35;
// the same of something named as an advertisement: one that holds more was never closed
constexpr double kMostOfAdvertisement = 0.1;
// letters of prose outside the comments, to take the comments away
constexpr std::uint32_t kLeastOutsideComments = 250;
// of the page's prose that must stand outside what its names call boilerplate
constexpr double kLeastLeft = 0.3;
// times the prose of the best container, for an element above to be looked at
constexpr double kMuchMore = 1.8;
// share of its letters that stand in prose, to be taken instead
constexpr double kMostlyProse = 0.85;
// the same, and times the prose, to go out of what is named as an advertisement
constexpr double kMuchProse = 0.6;
constexpr double kMoreOutside = 1.25;
// times the prose of a named body, for several of them to be joined
constexpr double kMoreBodies = 1.3;
// share of an element's prose that stands in named bodies, to join them in it
constexpr double kMostlyBodies = 0.7;
constexpr std::uint32_t kLeastLead = 40;  // letters of a lead
constexpr std::uint32_t kMostLead = 600;
constexpr std::uint32_t kMostBeforeRegion = 40;  // blocks between the headline and the text
constexpr std::size_t kScoredAncestors = 6;

// Sums over blocks, so that any subtree is two look-ups.
class Prefix {
 public:
  explicit Prefix(std::size_t count) : sums_(count + 1, 0.0) {}
  void set(std::size_t block, double value) { sums_[block + 1] = sums_[block] + value; }
  double of(std::uint32_t first, std::uint32_t end) const {
    return end > first ? sums_[end] - sums_[first] : 0.0;
  }

 private:
  std::vector<double> sums_;
};

bool is_boilerplate_element(Tag tag) {
  return tag == Tag::kNav || tag == Tag::kAside || tag == Tag::kFooter || tag == Tag::kForm ||
         tag == Tag::kDialog || tag == Tag::kMenu || tag == Tag::kAddress ||
         tag == Tag::kFigcaption || tag == Tag::kFieldset || tag == Tag::kFigure;
}

class RegionFinder {
 public:
  RegionFinder(const dom::Document& document, const BlockList& list, bool believe_names)
      : believe_names_(believe_names),
        document_(document),
        list_(list),
        prose_(list.blocks.size()),
        weight_(list.blocks.size()),
        links_(list.blocks.size()) {}

  Region find() {
    const std::size_t count = list_.blocks.size();
    region_.within.assign(count, false);
    region_.pruned.assign(count, false);
    if (count == 0) return region_;
    region_.consent = blocks_of_consent(document_, list_);
    sum(false);
    const double all = total_;
    mark_bodies();
    prune(believe_names_);
    prune_consent();
    sum(true);
    // style sheets of this site call everything a widget: believe its elements only
    if (believe_names_ && total_ < kLeastLeft * all) {
      region_.pruned.assign(count, false);
      sum(false);
      prune(false);
      prune_consent();
      sum(true);
    }
    score();
    choose();
    return region_;
  }

 private:
  double prose(std::uint32_t node) const {
    return prose_.of(list_.first_block[node], list_.end_block[node]);
  }
  double weight(std::uint32_t node) const {
    return weight_.of(list_.first_block[node], list_.end_block[node]);
  }
  double link_density(std::uint32_t node) const {
    const double all = weight(node);
    return all <= 0 ? 0 : links_.of(list_.first_block[node], list_.end_block[node]) / all;
  }

  void sum(bool without_pruned) {
    for (std::size_t i = 0; i < list_.blocks.size(); ++i) {
      const Block& block = list_.blocks[i];
      const bool counts = !(without_pruned && region_.pruned[i]);
      prose_.set(i, counts && is_prose(block) ? block.weight : 0);
      weight_.set(i, counts ? block.weight : 0);
      links_.set(i, counts ? block.link_weight : 0);
    }
    total_ = prose_.of(0, static_cast<std::uint32_t>(list_.blocks.size()));
  }

  // For each node, the prose of the greatest body named so that stands in it, and of all of them
  // that stand in no other.
  void mark_bodies() {
    body_prose_.assign(document_.nodes.size(), 0.0);
    body_sum_.assign(document_.nodes.size(), 0.0);
    for (std::uint32_t i = 1; i < document_.nodes.size();) {
      if ((list_.hints[i] & kArticleBody) == 0 || prose(i) <= 0) {
        ++i;
        continue;
      }
      const double own = prose(i);
      for (std::uint32_t node = document_.nodes[i].parent; node != dom::kNoNode;
           node = document_.nodes[node].parent)
        body_sum_[node] += own;
      i = document_.nodes[i].end;
    }
    for (std::uint32_t i = 1; i < document_.nodes.size(); ++i) {
      if ((list_.hints[i] & kArticleBody) == 0) continue;
      const double own = prose(i);
      for (std::uint32_t node = document_.nodes[i].parent;
           node != dom::kNoNode && body_prose_[node] < own; node = document_.nodes[node].parent)
        body_prose_[node] = own;
    }
  }

  bool is_boilerplate(std::uint32_t node, bool by_name) const {
    const dom::Node& own = document_.nodes[node];
    std::uint32_t hints = list_.hints[node];
    if (own.tag == Tag::kBody || own.tag == Tag::kMain) return false;
    const double share = total_ <= 0 ? 0 : prose(node) / total_;
    if (believe_names_ && (hints & kComments) != 0 && (hints & kArticleBody) == 0)
      return total_ - prose(node) >= kLeastOutsideComments;
    if ((hints & kHidden) != 0) return share < 0.5;
    if ((hints & kArticleBody) != 0) return false;
    if (body_prose_[node] > 0 && body_prose_[node] >= 0.4 * prose(node)) return false;
    if (!by_name) hints &= ~static_cast<std::uint32_t>(kCaption | kNotContent);
    if ((hints & kCaption) != 0 && share < 0.1) return true;
    if ((hints & kNotContent) != 0 || (is_boilerplate_element(own.tag) && !is_figure_of_text(node)))
      return share < ((hints & kAdvertisement) != 0 ? kMostOfAdvertisement : kMostPrunedShare);
    return false;
  }

  // A figure of text: a quotation with who said it below, a table, a listing (HTML §4.4.12).
  bool is_figure_of_text(std::uint32_t node) const {
    if (document_.nodes[node].tag != Tag::kFigure) return false;
    const auto begin = document_.nodes.begin() + node;
    return std::any_of(begin, document_.nodes.begin() + document_.nodes[node].end,
                       [](const dom::Node& inner) {
                         return inner.tag == Tag::kBlockquote || inner.tag == Tag::kTable ||
                                inner.tag == Tag::kPre;
                       });
  }

  void prune(bool by_name) {
    const auto count = static_cast<std::uint32_t>(document_.nodes.size());
    for (std::uint32_t i = 0; i < count;) {
      const dom::Node& node = document_.nodes[i];
      const bool asked =
          node.tag != Tag::kText &&
          (dom::is_block(node.tag) || node.tag == Tag::kSpan || node.tag == Tag::kOther);
      if (asked && (list_.hints[i] != 0 || is_boilerplate_element(node.tag)) &&
          is_boilerplate(i, by_name)) {
        for (std::uint32_t block = list_.first_block[i]; block < list_.end_block[i]; ++block)
          region_.pruned[block] = true;
        i = node.end;
      } else {
        ++i;
      }
    }
  }

  void prune_consent() {
    for (std::size_t i = 0; i < region_.consent.size(); ++i) {
      if (region_.consent[i]) region_.pruned[i] = true;
    }
  }

  void score() {
    scores_.assign(document_.nodes.size(), 0.0);
    for (std::size_t i = 0; i < list_.blocks.size(); ++i) {
      const Block& block = list_.blocks[i];
      if (region_.pruned[i] || block.is_hidden() || block.weight < 25 ||
          (block.state & kInHeading) != 0)
        continue;
      const double points =
          (1.0 + block.commas + std::min(block.weight / 100.0, 3.0)) * (1.0 - block.link_density());
      std::uint32_t node = block.container;
      if (block.tag == Tag::kP || block.tag == Tag::kLi || block.tag == Tag::kPre ||
          block.tag == Tag::kBlockquote)
        node = document_.nodes[node].parent;
      for (std::size_t level = 0; level < kScoredAncestors && node != dom::kNoNode; ++level) {
        const double divider = level == 0 ? 1 : level == 1 ? 2 : static_cast<double>(level) * 3;
        scores_[node] += points / divider;
        node = document_.nodes[node].parent;
      }
    }
    for (std::uint32_t i = 0; i < scores_.size(); ++i) {
      if (scores_[i] <= 0) continue;
      scores_[i] *= 1.0 - link_density(i);
      if ((list_.hints[i] & (kArticleBody | kArticle)) != 0) scores_[i] += 25;
      if ((list_.hints[i] & kNotContent) != 0) scores_[i] -= 25;
    }
  }

  std::uint32_t best_scored() const {
    std::uint32_t best = 0;
    for (std::uint32_t i = 1; i < scores_.size(); ++i) {
      if (scores_[i] > scores_[best]) best = i;
    }
    return best;
  }

  // The element that calls itself the body of an article and holds most prose.
  std::uint32_t named_body() const {
    std::uint32_t best = dom::kNoNode;
    for (std::uint32_t i = 1; i < document_.nodes.size(); ++i) {
      if ((list_.hints[i] & kArticleBody) == 0) continue;
      if (best == dom::kNoNode || prose(i) > prose(best) * 1.02) best = i;
    }
    return best;
  }

  void take(std::uint32_t node) {
    for (std::uint32_t block = list_.first_block[node]; block < list_.end_block[node]; ++block)
      region_.within[block] = true;
  }

  // The nearest element above that holds much more prose and little else: a story cut into
  // sections, each in a container of its own.
  std::uint32_t climbed(std::uint32_t top) const {
    for (std::uint32_t above = document_.nodes[top].parent; above != dom::kNoNode && above != 0;
         above = document_.nodes[above].parent) {
      if (prose(above) < kMuchMore * prose(top)) continue;
      if (prose(above) >= kMostlyProse * weight(above)) return above;
    }
    return top;
  }

  // An advertisement that holds the story was never closed: the story goes on around it.
  std::uint32_t outside_of_advertisements(std::uint32_t top) const {
    std::uint32_t out = top;
    for (std::uint32_t node = top; node != dom::kNoNode && node != 0;
         node = document_.nodes[node].parent) {
      if ((list_.hints[node] & kAdvertisement) != 0) out = document_.nodes[node].parent;
    }
    return prose(out) >= kMoreOutside * prose(top) && prose(out) >= kMuchProse * weight(out) ? out
                                                                                             : top;
  }

  // Content systems that call each paragraph a body: the nearest element that holds much more of
  // them and little else.
  std::uint32_t joined_bodies(std::uint32_t named) const {
    std::uint32_t top = named;
    double held = prose(named);
    for (std::uint32_t above = document_.nodes[named].parent; above != dom::kNoNode && above != 0;
         above = document_.nodes[above].parent) {
      if (body_sum_[above] < kMoreBodies * held || body_sum_[above] < kMostlyBodies * prose(above))
        continue;
      top = above;
      held = body_sum_[above];
    }
    return top;
  }

  void choose() {
    std::uint32_t top = best_scored();
    std::uint32_t named = named_body();
    if (!believe_names_) named = dom::kNoNode;
    if (named != dom::kNoNode) named = joined_bodies(named);
    bool join = true;
    if (named != dom::kNoNode && prose(named) >= 0.6 * prose(top)) {
      top = named;
      join = false;
    }
    for (std::uint32_t above = climbed(top); above != top; above = climbed(top)) {
      top = above;
      join = false;
    }
    if (const std::uint32_t out = outside_of_advertisements(top); out != top) {
      top = out;
      join = false;
    }
    region_.container = top;
    take(top);
    if (join) join_siblings(top);
    take_lead();
  }

  // Whether an element around the block, up to the one that also holds the region, calls it
  // something else than text; a lead is what calls itself so.
  bool is_lead(std::uint32_t index) const {
    const Block& block = list_.blocks[index];
    if (block.is_hidden() || block.weight < kLeastLead || block.weight > kMostLead ||
        block.link_density() > 0.2 || (block.state & (kInCaption | kInList | kInTable)) != 0)
      return false;
    bool called_lead = (block.state & kInHeading) != 0 && block.tag == Tag::kH2;
    bool called_else = false;
    std::uint32_t node = block.container;
    for (std::size_t level = 0; level < kScoredAncestors && node != dom::kNoNode &&
                                document_.nodes[node].end <= region_.container;
         ++level) {
      if ((list_.hints[node] & kTeaser) != 0) called_lead = true;
      if ((list_.hints[node] & (kNotContent | kComments | kCaption)) != 0 &&
          (list_.hints[node] & kTeaser) == 0)
        called_else = true;
      if (is_boilerplate_element(document_.nodes[node].tag)) called_else = true;
      node = document_.nodes[node].parent;
    }
    const std::string_view last_words = document_.nodes[block.last].text;
    const std::size_t end = last_words.find_last_not_of(" \t\r\n");
    // the credit of a photograph
    const bool ends_like_caption = end != std::string_view::npos && last_words[end] == ')';
    if (called_else || ends_like_caption) return false;
    return called_lead ||
           ((block.state & kInHeading) == 0 && block.sentence_ends > 0 && block.tag == Tag::kP);
  }

  // What stands between the last first-level heading and the region and reads like the beginning of
  // the story.
  void take_lead() {
    std::uint32_t begin = 0;
    while (begin < region_.within.size() && !region_.within[begin]) ++begin;
    if (begin == region_.within.size()) return;  // a container that holds no block
    std::uint32_t heading = begin;
    while (heading > 0 && begin - heading < kMostBeforeRegion &&
           list_.blocks[heading].tag != Tag::kH1)
      --heading;
    if (heading == begin || list_.blocks[heading].tag != Tag::kH1) return;
    for (std::uint32_t index = heading + 1; index < begin; ++index) {
      if (!is_lead(index)) continue;
      region_.within[index] = true;
      region_.pruned[index] = false;
    }
  }

  void join_siblings(std::uint32_t top) {
    const std::uint32_t parent = document_.nodes[top].parent;
    if (parent == dom::kNoNode) return;
    const double least = std::max(10.0, scores_[top] * 0.2);
    for (std::uint32_t sibling = document_.first_child(parent); sibling != dom::kNoNode;
         sibling = document_.next_sibling(sibling)) {
      if (sibling == top || !dom::is_block(document_.nodes[sibling].tag)) continue;
      const bool paragraph = document_.nodes[sibling].tag == Tag::kP && weight(sibling) > 80 &&
                             link_density(sibling) < 0.25;
      if (scores_[sibling] >= least || paragraph) take(sibling);
    }
    // Text that stands in the parent itself.
    for (std::uint32_t block = list_.first_block[parent]; block < list_.end_block[parent];
         ++block) {
      if (list_.blocks[block].container == parent && is_prose(list_.blocks[block]))
        region_.within[block] = true;
    }
  }

  bool believe_names_;
  const dom::Document& document_;
  const BlockList& list_;
  Region region_;
  Prefix prose_;
  Prefix weight_;
  Prefix links_;
  double total_ = 0;
  std::vector<double> scores_;
  std::vector<double> body_prose_;
  std::vector<double> body_sum_;
};

}  // namespace

bool is_prose(const Block& block) {
  return block.weight >= kLeastProse && block.link_density() < kMostLinks &&
         (block.state & (kInHeading | kInCaption)) == 0 && !block.is_hidden();
}

Region find_region(const dom::Document& document, const BlockList& list, bool believe_names) {
  return RegionFinder(document, list, believe_names).find();
}

}  // namespace vigie::extractor::content
