#include "extractor/metadata/story_place.h"

#include <algorithm>
#include <array>
#include <string>

#include "platform/text/first_letters.h"
#include "platform/text/utf8.h"

namespace vigie::extractor::metadata {
namespace {

using dom::Tag;

constexpr std::uint32_t kMostNodesOfTeaser = 60;
constexpr std::size_t kLeastHeadline = 8;  // letters that tell one headline from another

// Of comments and other stories, in the story's element, too; and of the page around it.
constexpr std::array kOthers = std::to_array<std::string_view>(
    {"comment",      "disqus",    "related",  "recommend", "most-read",  "mostread",    "trending",
     "reply",        "replies",   "response", "kommentar", "comentario", "commentaire", "popular",
     "more-stories", "read-more", "readmore", "also-read", "next-story", "similar",     "ranking"});
constexpr std::array kOutside =
    std::to_array<std::string_view>({"sidebar", "ticker", "newsletter", "topbar", "top-bar"});

std::string folded(std::string_view line) {
  std::string out;
  for (const char c : line) {
    if (static_cast<unsigned char>(c) >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z'))
      out += c;
    if (c >= 'A' && c <= 'Z') out += static_cast<char>(c + 32);
  }
  return out;
}

}  // namespace

StoryPlace::StoryPlace(const dom::Document& document, std::string_view headline)
    : document_(document) {
  find_headline(headline);
  find_story();
}

bool StoryPlace::has_headline() const { return headline_ < document_.nodes.size(); }

void StoryPlace::find_headline(std::string_view headline) {
  const auto count = static_cast<std::uint32_t>(document_.nodes.size());
  const std::string wanted = folded(headline);
  headline_ = count;
  for (std::uint32_t i = 0; i < count; ++i) {
    const Tag tag = document_.nodes[i].tag;
    if (!dom::is_heading(tag)) continue;
    if (tag == Tag::kH1 && headline_ == count) headline_ = i;
    if (wanted.size() >= kLeastHeadline &&
        folded(document_.text_of(i, headline.size() * 2 + 64)) == wanted) {
      headline_ = i;
      return;
    }
  }
}

// The article around the headline, else main; where the headline stands outside of its article, the
// first article behind it is the story's, too.
void StoryPlace::find_story() {
  const auto count = static_cast<std::uint32_t>(document_.nodes.size());
  if (headline_ >= count) return;
  for (std::uint32_t node = headline_; node != dom::kNoNode; node = document_.nodes[node].parent) {
    if (document_.nodes[node].tag == Tag::kArticle) {
      story_ = node;
      return;
    }
    if (document_.nodes[node].tag == Tag::kMain && story_ == dom::kNoNode) story_ = node;
  }
  for (std::uint32_t node = headline_; node < count && article_ == dom::kNoNode; ++node) {
    if (document_.nodes[node].tag == Tag::kArticle) article_ = node;
  }
}

bool StoryPlace::holds(std::uint32_t element, std::uint32_t node) const {
  return element != dom::kNoNode && node >= element && node < document_.nodes[element].end;
}

// Whether a class, id or type says what the story is not.
bool StoryPlace::is_named(std::uint32_t node, std::span<const std::string_view> names) const {
  const std::uint32_t source = document_.nodes[node].source;
  if (source == dom::kNoNode) return false;
  const dom::SourceTag& tag = document_.tags[source];
  for (const std::string_view attribute : {"class", "id", "itemtype"}) {
    const std::string_view written =
        dom::find_attribute(tag, attribute).value_or(std::string_view{}).substr(0, 200);
    if (written.empty()) continue;
    const std::string value = text::ascii_lower(written);
    if (value.find("date") != std::string::npos) continue;
    const std::uint32_t letters = text::first_letters(value);
    for (const std::string_view name : names) {
      if (!text::may_begin_with(letters, name.front())) continue;
      const std::size_t at = value.find(name);
      if (at == std::string::npos) continue;
      // at the beginning of a word
      const char before = at == 0 ? ' ' : value[at - 1];
      if (!(before >= 'a' && before <= 'z')) return true;
    }
  }
  return false;
}

// A heading, or a link that reads like one, within [begin, end).
bool StoryPlace::has_title(std::uint32_t begin, std::uint32_t end) const {
  constexpr std::size_t kLeastTitle = 20;  // bytes of a link that is the title of a story
  for (std::uint32_t i = begin; i < end; ++i) {
    const Tag tag = document_.nodes[i].tag;
    if (dom::is_heading(tag)) return true;
    if (tag == Tag::kA && text::trim(document_.text_of(i, 2 * kLeastTitle)).size() >= kLeastTitle)
      return true;
  }
  return false;
}

// A node of a box belongs to another story if a title stands in front of it, or in its own item.
bool StoryPlace::is_of_other(std::uint32_t box, std::uint32_t node) const {
  if (has_title(box + 1, node)) return true;
  for (; node != box && node != dom::kNoNode; node = document_.nodes[node].parent) {
    if (has_title(node, document_.nodes[node].end)) return true;
  }
  return false;
}

bool StoryPlace::is_beside_headline(std::uint32_t node) const {
  constexpr std::uint32_t kNear = 60;  // nodes
  return node < headline_ && headline_ - node < kNear &&
         !has_title(document_.nodes[node].end, headline_);
}

bool StoryPlace::is_in_story(std::uint32_t node) const {
  return (holds(story_, node) || holds(article_, node)) && !is_elsewhere(node);
}

bool StoryPlace::is_of_others(std::uint32_t node) const {
  for (; node != dom::kNoNode; node = document_.nodes[node].parent) {
    if (holds(node, headline_)) return false;
    if (document_.nodes[node].tag == Tag::kNav || is_named(node, kOthers)) return true;
  }
  return false;
}

bool StoryPlace::is_elsewhere(std::uint32_t from) const {
  const bool inside = holds(story_, from) || holds(article_, from);
  bool outside = false;
  for (std::uint32_t node = from; node != dom::kNoNode && node != story_ && node != article_;
       node = document_.nodes[node].parent) {
    // what holds the headline holds the story, whatever it is called
    if (holds(node, headline_)) return outside;
    const Tag tag = document_.nodes[node].tag;
    if (tag == Tag::kNav || is_named(node, kOthers)) return true;
    const bool in_front = !inside && node < headline_ && has_headline();
    if (tag == Tag::kAside && (in_front || is_of_other(node, from))) return true;
    // articles have heads, feet and sides of their own
    if (tag == Tag::kArticle) outside = false;
    if (!inside && (tag == Tag::kFooter || (tag == Tag::kHeader && has_headline()) ||
                    is_named(node, kOutside)))
      outside = true;
    const std::uint32_t end = document_.nodes[node].end;
    if (tag == Tag::kArticle && has_headline() &&
        (is_of_other(node, from) || (end - node < kMostNodesOfTeaser && has_title(node + 1, end))))
      return true;
  }
  return outside;
}

}  // namespace vigie::extractor::metadata
