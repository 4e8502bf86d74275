#include "extractor/genre/neighbourhood.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "extractor/metadata/story_place.h"
#include "platform/text/utf8.h"

namespace vigie::extractor::genre {
namespace {

using dom::Tag;

constexpr std::uint32_t kNodesInFront = 600;  // of the headline that may hold the path of sections
constexpr std::uint32_t kNodesOfKicker = 80;  // on either side of the headline
constexpr std::uint32_t kNodesOfStory = 600;  // behind it
constexpr std::size_t kMostLabel = 80;        // bytes of a kicker or an item of a path
constexpr std::size_t kMostLine = 160;        // bytes of a short line
constexpr std::size_t kMostLines = 24;
constexpr std::size_t kMostFeet = 8;
constexpr std::size_t kLinesInFront = 3;  // that may be a kicker whatever they are called
constexpr int kLinksOfMenu = 3;
// above the headline that also hold what stands beside it
constexpr int kLevelsOfNamed = 5;
constexpr int kLevelsOfLine = 3;

// What elements that hold a kicker are called, in the languages of those who name classes.
constexpr std::array kKickerNames = std::to_array<std::string_view>(
    {"kicker",   "eyebrow",      "overline", "dachzeile",  "topline",    "rubri",
     "surtitre", "sobretitulo",  "cintillo", "antetitulo", "volanta",    "occhiello",
     "label",    "categor",      "flag",     "supertitle", "pretitle",   "section-name",
     "tag",      "article-type", "genre",    "cat",        "channel",    "type",
     "badge",    "chapeau",      "section",  "slug",       "spitzmarke", "ressort"});
constexpr std::array kCrumbNames =
    std::to_array<std::string_view>({"breadcrumb", "crumb", "fil-ariane", "ariane", "migas",
                                     "briciole", "brotkrumen", "location-path", "weizhi"});

// Of advertisements, bars of breaking news, and buttons: their labels say nothing of the story.
constexpr std::array kOtherNames = std::to_array<std::string_view>(
    {"ad-", "ad_", "ads", "advs", "advert", "adhead", "adslot", "adcontainer", "bannerad", "banner",
     "leaderboard", "breaking", "ticker", "sticky", "btn", "button", "search", "watch-live",
     "promo"});

template <std::size_t N>
bool holds_one_of(std::string_view value, const std::array<std::string_view, N>& names) {
  const std::string lower = text::ascii_lower(value.substr(0, 200));
  return std::any_of(names.begin(), names.end(), [&](std::string_view name) {
    const std::size_t at = lower.find(name);
    // at the beginning of a word: "label", "article-label", no "available"
    return at != std::string::npos && (at == 0 || lower[at - 1] < 'a' || lower[at - 1] > 'z');
  });
}

class Finder {
 public:
  Finder(const dom::Document& document, const std::string& headline)
      : document_(document), place_(document, headline) {}

  Neighbourhood find() {
    Neighbourhood out;
    if (!place_.has_headline()) return out;
    head_ = place_.headline();
    end_ = document_.nodes[head_].end;
    out.heading = text::collapse_spaces(document_.text_of(head_, 4 * kMostLine));
    find_crumbs(out.crumbs);
    find_named_kickers(out.kickers);
    find_parts_of_heading(out);
    find_lines_in_front(out.kickers);
    find_lines(out);
    return out;
  }

 private:
  static void add(std::vector<std::string>& to, std::string line) {
    if (!line.empty() && std::find(to.begin(), to.end(), line) == to.end())
      to.push_back(std::move(line));
  }

  // One line of an element or a text; empty if it is longer.
  std::string line_of(std::uint32_t node, std::size_t most) const {
    std::string line = text::collapse_spaces(document_.text_of(node, most + 16));
    return line.size() <= most ? line : std::string{};
  }

  bool is_called(std::uint32_t node, const auto& names) const {
    if (document_.nodes[node].tag == Tag::kText || document_.nodes[node].source == dom::kNoNode)
      return false;
    for (const std::string_view attribute : {"class", "id", "itemtype", "aria-label"}) {
      if (holds_one_of(document_.attribute_or_empty(node, attribute), names)) return true;
    }
    return false;
  }

  // Links to the comments of readers say "Comment" and "评论", too.
  bool leads_to_comments(std::uint32_t node) const {
    static constexpr std::array kNames =
        std::to_array<std::string_view>({"comments", "comment-", "disqus"});
    static constexpr std::array kTargets = std::to_array<std::string_view>(
        {"comment", "kommentar", "coment", "pinglun", "disqus", "reply", "respond"});
    for (int up = 0; node != dom::kNoNode && up < 3; node = document_.nodes[node].parent, ++up) {
      if (is_called(node, kNames)) return true;
      const std::string_view href = document_.attribute_or_empty(node, "href");
      if (href.find('#') != std::string_view::npos && holds_one_of(href, kTargets)) return true;
    }
    return false;
  }

  bool is_of_path(std::uint32_t node) const {
    for (int up = 0; node != dom::kNoNode && up < 4; node = document_.nodes[node].parent, ++up)
      if (is_called(node, kCrumbNames)) return true;
    return false;
  }

  bool is_of_other_things(std::uint32_t node) const {
    for (int up = 0; node != dom::kNoNode && up < 3; node = document_.nodes[node].parent, ++up)
      if (is_called(node, kOtherNames)) return true;
    return false;
  }

  // Whether an element few levels above the headline holds the node, too.
  bool is_beside_headline(std::uint32_t node, int most_levels) const {
    std::uint32_t up = head_;
    for (int level = 0; level <= most_levels && up != dom::kNoNode; ++level) {
      if (node >= up && node < document_.nodes[up].end) return true;
      up = document_.nodes[up].parent;
    }
    return false;
  }

  // A menu is a block with several links, or a list.
  bool is_of_menu(std::uint32_t node) const {
    for (std::uint32_t up = document_.nodes[node].parent; up != dom::kNoNode;
         up = document_.nodes[up].parent) {
      const Tag tag = document_.nodes[up].tag;
      if (tag == Tag::kNav || tag == Tag::kLi || tag == Tag::kMenu) return true;
      if (!dom::is_block(tag)) continue;
      if (up < head_ && document_.nodes[up].end > head_) return false;
      int links = 0;
      for (std::uint32_t i = up; i < document_.nodes[up].end; ++i)
        if (document_.nodes[i].tag == Tag::kA && ++links >= kLinksOfMenu) return true;
      return false;
    }
    return false;
  }

  void find_crumbs(std::vector<std::string>& out) const {
    constexpr std::size_t kMostCrumbs = 12;
    const std::uint32_t from = head_ > kNodesInFront ? head_ - kNodesInFront : 0;
    for (std::uint32_t i = from; i < head_; ++i) {
      const std::uint32_t end = document_.nodes[i].end;
      if (end - i > kNodesOfKicker || !is_called(i, kCrumbNames)) continue;
      for (std::uint32_t part = i; part < end && out.size() < kMostCrumbs; ++part) {
        if (document_.nodes[part].tag != Tag::kText) continue;
        std::string line = line_of(part, kMostLabel * 2);
        std::string_view rest = line;
        while (!rest.empty()) {
          const std::size_t cut = std::min(rest.find_first_of(">/|"), rest.size());
          add(out, std::string(text::trim(rest.substr(0, cut))));
          rest.remove_prefix(std::min(cut + 1, rest.size()));
        }
      }
      i = end - 1;
    }
  }

  // Within an element of that kind that does not hold the headline.
  bool is_inside(std::uint32_t node, Tag tag) const {
    for (; node != dom::kNoNode; node = document_.nodes[node].parent) {
      if (node <= head_ && document_.nodes[node].end >= end_) return false;
      if (document_.nodes[node].tag == tag) return true;
    }
    return false;
  }

  // In front of the headline, and behind it as far as the story's text.
  void find_named_kickers(std::vector<std::string>& out) const {
    const auto count = static_cast<std::uint32_t>(document_.nodes.size());
    const std::uint32_t from = head_ > kNodesOfKicker ? head_ - kNodesOfKicker : 0;
    for (std::uint32_t i = from; i < std::min(count, end_ + kNodesOfKicker); ++i) {
      const dom::Node& node = document_.nodes[i];
      if (i >= end_ && node.tag == Tag::kText && node.text.size() > kMostLine) break;
      const bool holds_headline = i <= head_ && node.end >= end_;
      if (holds_headline || !is_called(i, kKickerNames)) continue;
      if (!is_beside_headline(i, kLevelsOfNamed) || is_of_other_things(i)) continue;
      if (place_.is_elsewhere(i) || place_.is_of_others(i) || is_of_menu(i)) continue;
      if (leads_to_comments(i) || is_inside(i, Tag::kAside) || is_inside(i, Tag::kFooter)) continue;
      add(out, line_of(i, kMostLabel));
    }
  }

  // "<h1><span>Kommentar</span> Die Abgabe …"
  void find_parts_of_heading(Neighbourhood& out) const {
    for (std::uint32_t i = head_ + 1; i < end_; ++i) {
      if (document_.nodes[i].tag == Tag::kText) continue;
      std::string part = line_of(i, kMostLabel);
      if (part.size() < out.heading.size()) add(out.kickers, std::move(part));
    }
  }

  void find_lines_in_front(std::vector<std::string>& out) const {
    const std::uint32_t from = head_ > kNodesOfKicker ? head_ - kNodesOfKicker : 0;
    std::size_t looked = 0;
    for (std::uint32_t i = head_; i > from && looked < kLinesInFront; --i) {
      const std::uint32_t node = i - 1;
      if (document_.nodes[node].tag != Tag::kText) continue;
      const std::string line = line_of(node, kMostLabel);
      if (line.empty()) {
        if (document_.nodes[node].text.size() > kMostLabel) return;
        continue;
      }
      ++looked;
      if (place_.is_elsewhere(node) || place_.is_of_others(node) || is_of_menu(node)) return;
      if (!is_beside_headline(node, kLevelsOfLine) || is_of_other_things(node)) return;
      if (!leads_to_comments(node) && !is_of_path(node)) add(out, line);
    }
  }

  void find_lines(Neighbourhood& out) const {
    const auto count = static_cast<std::uint32_t>(document_.nodes.size());
    for (std::uint32_t i = end_; i < std::min(count, end_ + kNodesOfStory); ++i) {
      const dom::Node& node = document_.nodes[i];
      if (node.tag != Tag::kText || node.text.size() < 2) continue;
      if (node.text.size() <= kMostLine && out.lines.size() < kMostLines && !place_.is_elsewhere(i))
        add(out.lines, line_of(i, kMostLine));
    }
    // the last lines of the story's element
    for (std::uint32_t i = count; i > end_ && out.feet.size() < kMostFeet; --i) {
      const dom::Node& node = document_.nodes[i - 1];
      if (node.tag != Tag::kText || node.text.size() < kLeastFoot) continue;
      if (place_.is_in_story(i - 1))
        out.feet.push_back(text::collapse_spaces(document_.text_of(i - 1, kMostFoot)));
      else if (count - i > kNodesOfStory) break;
    }
  }

  static constexpr std::size_t kLeastFoot = 12;
  static constexpr std::size_t kMostFoot = 600;

  const dom::Document& document_;
  metadata::StoryPlace place_;
  std::uint32_t head_ = 0;
  std::uint32_t end_ = 0;
};

}  // namespace

Neighbourhood neighbourhood_of(const dom::Document& document, const std::string& headline) {
  return Finder(document, headline).find();
}

}  // namespace vigie::extractor::genre
