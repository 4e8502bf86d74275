#include "extractor/genre/neighbourhood.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "platform/text/first_letters.h"
#include "platform/text/utf8.h"

namespace vigie::extractor::genre {
namespace {

using dom::Tag;

constexpr std::uint32_t kNodesInFront = 300;  // of the headline that may hold the path of sections
constexpr std::uint32_t kNodesOfKicker = 80;  // on either side of the headline
constexpr std::uint32_t kNodesOfLabel = 12;   // of an element that is a kicker
constexpr std::uint32_t kNodesOfStory = 600;  // behind the headline, and before the page's end
constexpr std::size_t kLeastAttributes = 6;   // bytes of attributes that name something
constexpr std::size_t kMostLabel = 80;        // bytes of a kicker or an item of a path
constexpr std::size_t kLeastLine = 8;         // bytes of a short line
constexpr std::size_t kMostLine = 160;
constexpr std::size_t kMostLines = 12;
constexpr std::size_t kMostCrumbs = 12;
constexpr std::size_t kMostFeet = 4;
constexpr std::size_t kLeastFoot = 12;  // bytes
constexpr std::size_t kMostFoot = 400;
constexpr std::size_t kMostRecord = 800;      // bytes of a block that says what a book is
constexpr std::uint32_t kNodesOfBoxes = 200;  // behind the last paragraph
constexpr std::size_t kLinesOfBoxes = 30;
constexpr std::size_t kLeastBox = 24;     // bytes of a line that is a sentence
constexpr std::size_t kLinesInFront = 3;  // that may be a kicker whatever they are called
constexpr int kLinksOfMenu = 3;
// above the headline that also hold what stands beside it
constexpr int kLevelsOfNamed = 5;
constexpr int kLevelsOfLine = 3;
constexpr int kLevelsOfNames = 3;  // of elements around a line whose names are asked

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

// Of advertisements, bars of breaking news, menus, tabs and buttons: their labels say nothing of
// the story.
constexpr std::array kOtherNames = std::to_array<std::string_view>(
    {"ad-",    "ad_",         "ads",      "advs",   "advert",      "adhead",
     "adslot", "adcontainer", "bannerad", "banner", "leaderboard", "breaking",
     "ticker", "sticky",      "btn",      "button", "search",      "watch-live",
     "promo",  "menu",        "tab-",     "tab_",   "tabs"});

bool holds_one_of(std::string_view value, std::span<const std::string_view> names) {
  if (value.empty()) return false;
  const std::string lower = text::ascii_lower(value.substr(0, 200));
  const std::uint32_t letters = text::first_letters(lower);
  return std::any_of(names.begin(), names.end(), [&](std::string_view name) {
    if (!text::may_begin_with(letters, name.front())) return false;
    const std::size_t at = lower.find(name);
    // at the beginning of a word: "label", "article-label", no "available"
    return at != std::string::npos && (at == 0 || lower[at - 1] < 'a' || lower[at - 1] > 'z');
  });
}

}  // namespace

Neighbourhood::Neighbourhood(const dom::Document& document, const std::string& headline)
    : document_(document), place_(document, headline) {
  if (!place_.has_headline()) return;
  head_ = place_.headline();
  end_ = document_.nodes[head_].end;
  heading_ = text::collapse_spaces(document_.text_of(head_, 4 * kMostLabel));
}

// One line of an element or a text; empty if it is longer.
std::string Neighbourhood::line_of(std::uint32_t node, std::size_t most) const {
  std::string line = text::collapse_spaces(document_.text_of(node, most + 16));
  return line.size() <= most ? line : std::string{};
}

bool Neighbourhood::is_called(std::uint32_t node, std::span<const std::string_view> names) const {
  if (document_.nodes[node].tag == Tag::kText || document_.nodes[node].source == dom::kNoNode)
    return false;
  const dom::SourceTag& tag = document_.tags[document_.nodes[node].source];
  if (tag.attributes.size() < kLeastAttributes) return false;
  for (const std::string_view attribute : {"class", "id", "itemtype"}) {
    if (holds_one_of(dom::find_attribute(tag, attribute).value_or(std::string_view{}), names))
      return true;
  }
  return false;
}

// Links to the comments of readers say "Comment" and "评论", too.
bool Neighbourhood::leads_to_comments(std::uint32_t node) const {
  static constexpr std::array kNames =
      std::to_array<std::string_view>({"comments", "comment-", "disqus"});
  static constexpr std::array kTargets = std::to_array<std::string_view>(
      {"comment", "kommentar", "coment", "pinglun", "disqus", "reply", "respond"});
  for (int up = 0; node != dom::kNoNode && up < kLevelsOfNames;
       node = document_.nodes[node].parent, ++up) {
    if (is_called(node, kNames)) return true;
    const std::string_view href = document_.attribute_or_empty(node, "href");
    if (href.find('#') != std::string_view::npos && holds_one_of(href, kTargets)) return true;
  }
  return false;
}

// Whether an element few levels above the headline holds the node, too.
bool Neighbourhood::is_beside_headline(std::uint32_t node, int most_levels) const {
  std::uint32_t up = head_;
  for (int level = 0; level <= most_levels && up != dom::kNoNode; ++level) {
    if (node >= up && node < document_.nodes[up].end) return true;
    up = document_.nodes[up].parent;
  }
  return false;
}

// A menu is a block with several links, or a list.
bool Neighbourhood::is_of_menu(std::uint32_t node) const {
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

// Within an element of that kind that does not hold the headline.
bool Neighbourhood::is_inside(std::uint32_t node, Tag tag) const {
  for (; node != dom::kNoNode; node = document_.nodes[node].parent) {
    if (node <= head_ && document_.nodes[node].end >= end_) return false;
    if (document_.nodes[node].tag == tag) return true;
  }
  return false;
}

bool Neighbourhood::is_label(const Line& line) const {
  const std::uint32_t node = line.node;
  if (node > head_ && node < end_) return true;
  const bool is_text = document_.nodes[node].tag == Tag::kText;
  if (!is_beside_headline(node, is_text ? kLevelsOfLine : kLevelsOfNamed)) return false;
  std::uint32_t up = node;
  for (int level = 0; up != dom::kNoNode && level < kLevelsOfNames;
       up = document_.nodes[up].parent, ++level) {
    if (is_called(up, kOtherNames) || is_called(up, kCrumbNames)) return false;
  }
  return !is_of_menu(node) && !leads_to_comments(node) && !is_inside(node, Tag::kAside) &&
         !is_inside(node, Tag::kFooter) && is_of_story(line);
}

bool Neighbourhood::is_of_story(const Line& line) const {
  return !place_.is_elsewhere(line.node) && !place_.is_of_others(line.node);
}

std::vector<Line> Neighbourhood::kickers() const {
  std::vector<Line> out;
  if (!place_.has_headline()) return out;
  add_named(out);
  add_parts_of_heading(out);
  add_lines_in_front(out);
  return out;
}

// In front of the headline, and behind it as far as the story's text.
void Neighbourhood::add_named(std::vector<Line>& out) const {
  const auto count = static_cast<std::uint32_t>(document_.nodes.size());
  const std::uint32_t from = head_ > kNodesOfKicker ? head_ - kNodesOfKicker : 0;
  for (std::uint32_t i = from; i < std::min(count, end_ + kNodesOfKicker); ++i) {
    const dom::Node& node = document_.nodes[i];
    if (i >= end_ && node.tag == Tag::kText && node.text.size() > kMostLine) break;
    const bool holds_headline = i <= head_ && node.end >= end_;
    if (holds_headline || node.end - i > kNodesOfLabel || !is_called(i, kKickerNames)) continue;
    std::string line = line_of(i, kMostLabel);
    if (!line.empty()) out.push_back({std::move(line), i});
  }
}

// "<h1><span>Kommentar</span> Die Abgabe …"
void Neighbourhood::add_parts_of_heading(std::vector<Line>& out) const {
  for (std::uint32_t i = head_ + 1; i < end_; ++i) {
    if (document_.nodes[i].tag == Tag::kText) continue;
    std::string part = line_of(i, kMostLabel);
    if (!part.empty() && part.size() < heading_.size()) out.push_back({std::move(part), i});
  }
}

void Neighbourhood::add_lines_in_front(std::vector<Line>& out) const {
  const std::uint32_t from = head_ > kNodesOfKicker ? head_ - kNodesOfKicker : 0;
  std::size_t looked = 0;
  for (std::uint32_t i = head_; i > from && looked < kLinesInFront; --i) {
    const std::uint32_t node = i - 1;
    if (document_.nodes[node].tag != Tag::kText) continue;
    if (document_.nodes[node].text.size() > kMostLine) return;
    std::string line = line_of(node, kMostLabel);
    if (line.empty()) continue;
    ++looked;
    out.push_back({std::move(line), node});
  }
}

std::vector<std::string> Neighbourhood::crumbs() const {
  std::vector<std::string> out;
  const std::uint32_t from = head_ > kNodesInFront ? head_ - kNodesInFront : 0;
  for (std::uint32_t i = from; i < head_; ++i) {
    const Tag tag = document_.nodes[i].tag;
    if (tag == Tag::kText || tag == Tag::kA || tag == Tag::kLi || tag == Tag::kSpan) continue;
    const std::uint32_t end = document_.nodes[i].end;
    if (end - i > kNodesOfKicker || !is_called(i, kCrumbNames)) continue;
    for (std::uint32_t part = i; part < end && out.size() < kMostCrumbs; ++part) {
      if (document_.nodes[part].tag != Tag::kText) continue;
      const std::string line = line_of(part, kMostLabel * 2);
      std::string_view rest = line;
      while (!rest.empty()) {
        const std::size_t cut = std::min(rest.find_first_of(">/|"), rest.size());
        out.emplace_back(text::trim(rest.substr(0, cut)));
        rest.remove_prefix(std::min(cut + 1, rest.size()));
      }
    }
    i = end - 1;
  }
  return out;
}

std::vector<Line> Neighbourhood::lines() const {
  std::vector<Line> out;
  if (!place_.has_headline()) return out;
  const auto count = static_cast<std::uint32_t>(document_.nodes.size());
  const std::uint32_t to = std::min(count, end_ + kNodesOfStory);
  for (std::uint32_t i = end_; i < to && out.size() < kMostLines; ++i) {
    const dom::Node& node = document_.nodes[i];
    if (node.tag != Tag::kText || node.text.size() < kLeastLine || node.text.size() > kMostLine)
      continue;
    std::string line = line_of(i, kMostLine);
    if (!line.empty()) out.push_back({std::move(line), i});
  }
  return out;
}

std::vector<std::string> Neighbourhood::feet() const {
  std::vector<std::string> out;
  if (!place_.has_headline()) return out;
  const auto count = static_cast<std::uint32_t>(document_.nodes.size());
  const std::uint32_t from =
      std::max(end_, count > kNodesOfStory ? count - kNodesOfStory : std::uint32_t{0});
  for (std::uint32_t i = count; i > from && out.size() < kMostFeet; --i) {
    const dom::Node& node = document_.nodes[i - 1];
    if (node.tag != Tag::kText || node.text.size() < kLeastFoot || !place_.is_in_story(i - 1))
      continue;
    out.push_back(text::collapse_spaces(document_.text_of(i - 1, kMostFoot)));
  }
  return out;
}

std::vector<Line> Neighbourhood::behind(std::string_view paragraph) const {
  std::vector<Line> out;
  // of the paragraph, its end, which mostly is in one text and without references and line breaks
  if (!place_.has_headline() || paragraph.size() < kLeastBox) return out;
  const std::string_view end = paragraph.substr(paragraph.size() - kLeastBox);
  const auto count = static_cast<std::uint32_t>(document_.nodes.size());
  std::uint32_t at = end_;
  while (at < count && !text::trim(document_.nodes[at].text).ends_with(end)) ++at;
  const std::uint32_t to = at + std::min(kNodesOfBoxes, count - at);
  for (std::uint32_t i = at + 1; i < to && out.size() < kLinesOfBoxes; ++i) {
    if (document_.nodes[i].tag != Tag::kText || document_.nodes[i].text.size() < kLeastBox)
      continue;
    std::string line = line_of(i, kMostFoot);
    if (!line.empty()) out.push_back({std::move(line), i});
  }
  return out;
}

std::string Neighbourhood::book_record() const {
  if (!place_.has_headline()) return {};
  const auto count = static_cast<std::uint32_t>(document_.nodes.size());
  for (std::uint32_t i = end_; i < count; ++i) {
    if (document_.nodes[i].tag != Tag::kText) continue;
    if (document_.nodes[i].text.find("ISBN") == std::string_view::npos) continue;
    if (place_.is_elsewhere(i) || place_.is_of_others(i)) continue;
    // the block around it, whose lines are texts of their own
    std::uint32_t block = i;
    while (document_.nodes[block].parent != dom::kNoNode &&
           !dom::is_block(document_.nodes[block].tag))
      block = document_.nodes[block].parent;
    std::string line = text::collapse_spaces(document_.text_of(block, kMostRecord));
    return line.size() < kMostRecord ? line : std::string{};
  }
  return {};
}

}  // namespace vigie::extractor::genre
