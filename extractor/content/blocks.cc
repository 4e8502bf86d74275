#include "extractor/content/blocks.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <unordered_map>

#include "extractor/content/class_names.h"
#include "extractor/content/phrases.h"

namespace vigie::extractor::content {
namespace {

using dom::Tag;

constexpr std::uint32_t kLeastShown = 40;  // letters outside links of a block that says something

constexpr std::size_t kMostLinkNote = 80;  // bytes of what a link says of how it opens

// nodes of a link or heading; one that holds more was never closed
constexpr std::uint32_t kMostInLine = 60;

bool holds(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

bool is_hidden_style(std::string_view style) {
  std::string close;
  for (const char c : style.substr(0, 256)) {
    if (c != ' ') close += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  }
  // The clipped ones are for screen readers only: a link's "opens new tab".
  static constexpr std::array kHiding = std::to_array<std::string_view>(
      {"display:none", "visibility:hidden", "clip:rect(0000)", "clip:rect(0,0,0,0)",
       "clip:rect(0px0px0px0px)", "clip:rect(0px,0px,0px,0px)", "clip:rect(1px1px1px1px)",
       "clip:rect(1px,1px,1px,1px)", "clip-path:inset(50%", "clip-path:inset(100%"});
  return std::any_of(kHiding.begin(), kHiding.end(),
                     [&](std::string_view hiding) { return holds(close, hiding); });
}

// Hints of every element, by its names; names repeat a lot, so each is judged once.
class HintReader {
 public:
  explicit HintReader(const dom::Document& document) : document_(document) {}

  // Of the element that was asked for last: its class as one number.
  std::uint32_t look() const { return look_; }

  std::uint32_t of(std::uint32_t node) {
    look_ = 0;
    const std::uint32_t source = document_.nodes[node].source;
    if (source == dom::kNoNode) return 0;
    std::string_view rest = document_.tags[source].attributes;
    if (rest.size() < 4) return 0;
    std::uint32_t hints = 0;
    std::string_view name;
    std::string_view value;
    for (std::size_t count = 0; count < dom::kMaxAttributes && next(rest, name, value); ++count) {
      if (name.size() < 2 || name == "href" || name == "src" || name == "target" || value.empty()) {
        if (name == "hidden") hints |= kHidden;
      } else if (name == "class" || name == "id" || name == "data-component" ||
                 name == "data-testid" || name == "data-qa" || name == "data-type") {
        hints |= of_name(value);
        if (name == "class") look_ = hash_of(value);
      } else if (name == "itemprop") {
        if (holds(value, "articleBody") || holds(value, "text") || holds(value, "reviewBody"))
          hints |= kArticleBody;
        if (holds(value, "description") || holds(value, "alternativeHeadline")) hints |= kTeaser;
        if (holds(value, "author") || holds(value, "datePublished") || holds(value, "publisher"))
          hints |= kNotContent;
      } else if (name == "property") {
        if (holds(value, "articleBody") || holds(value, "content:encoded")) hints |= kArticleBody;
      } else if (name == "role") {
        if (value == "navigation" || value == "contentinfo" || value == "complementary" ||
            value == "banner" || value == "search" || value == "dialog")
          hints |= kNotContent;
        if (value == "main" || value == "article") hints |= kArticle;
      } else if (name == "hidden") {
        hints |= kHidden;
      } else if (name == "aria-hidden") {
        if (value == "true") hints |= kHidden;
      } else if (name == "style") {
        if (value.size() > 8 && is_hidden_style(value)) hints |= kHidden;
      }
    }
    return hints;
  }

 private:
  static bool next(std::string_view& rest, std::string_view& name, std::string_view& value);

  std::uint32_t of_name(std::string_view value) {
    const auto [found, fresh] = known_.try_emplace(value, 0U);
    if (fresh) found->second = class_name_hints(value);
    return found->second;
  }

  // FNV-1a of the first classes.
  static std::uint32_t hash_of(std::string_view value) {
    std::uint32_t hash = 2166136261U;
    for (const char c : value.substr(0, 64))
      hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
    return hash;
  }

  const dom::Document& document_;
  std::uint32_t look_ = 0;
  std::unordered_map<std::string_view, std::uint32_t> known_;
};

bool HintReader::next(std::string_view& rest, std::string_view& name, std::string_view& value) {
  return dom::next_attribute(rest, name, value);
}

void weigh(std::string_view text, bool in_link, Block& block) {
  std::uint32_t weight = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c < 0x80) {
      if (c >= '@') {  // most are letters
        ++weight;
        continue;
      }
      if (c > ' ') ++weight;
      if (c == ',') ++block.commas;
      if ((c == '.' || c == '!' || c == '?') &&
          (i + 1 == text.size() || text[i + 1] == ' ' || text[i + 1] == '\n' ||
           text[i + 1] == '"' || text[i + 1] == '<' || text[i + 1] == '&' ||
           static_cast<unsigned char>(text[i + 1]) >= 0x80)) {
        ++block.commas;
        ++block.sentence_ends;
      }
    } else if (c >= 0xE0) {
      if (c == 0xE2) {
        ++weight;  // dashes and quotation marks
      } else {
        weight += 2;
        const std::string_view sequence = text.substr(i, 3);
        if (sequence == "\xEF\xBC\x8C" || sequence == "\xE3\x80\x81") ++block.commas;  // ， 、
        if (sequence == "\xE3\x80\x82" || sequence == "\xE0\xA5\xA4") {                // 。 ।
          ++block.commas;
          ++block.sentence_ends;
        }
      }
    } else if (c >= 0xC0) {
      ++weight;
      if (text.substr(i, 2) == "\xD8\x8C") ++block.commas;  // ،
    }
  }
  block.weight += weight;
  if (in_link) {
    block.link_weight += weight;
    ++block.links;
  }
}

// The text of an element within a line that holds nothing else; empty for others.
std::string_view only_text_of(const dom::Document& document, std::uint32_t node) {
  if (dom::is_block(document.nodes[node].tag) || document.nodes[node].end != node + 2) return {};
  const dom::Node& text = document.nodes[node + 1];
  return text.tag == Tag::kText ? text.text : std::string_view{};
}

// An element that says a number and nothing else.
bool is_count(std::string_view only_text) {
  return !only_text.empty() && only_text.size() <= 6 &&
         only_text.find_first_not_of("0123456789 ()") == std::string_view::npos;
}

// One within a link that says how it opens and nothing else.
bool is_link_note(std::string_view only_text) {
  return !only_text.empty() && only_text.size() <= kMostLinkNote &&
         says_how_a_link_opens(dom::decoded(only_text));
}

std::uint8_t own_state(Tag tag, std::uint32_t hints, bool has_href, bool is_closed) {
  std::uint8_t state = 0;
  if (tag == Tag::kA && has_href) state |= kInLink;
  if ((hints & kHidden) != 0) state |= kIsHidden;
  if (dom::is_heading(tag) && is_closed) state |= kInHeading;
  if (tag == Tag::kLi || tag == Tag::kDd || tag == Tag::kDt) state |= kInList;
  if (tag == Tag::kTd || tag == Tag::kTh || tag == Tag::kCaption) state |= kInTable;
  if (tag == Tag::kBlockquote) state |= kInQuote;
  if (tag == Tag::kFigcaption) state |= kInCaption;
  return state;
}

}  // namespace

BlockList make_blocks(const dom::Document& document) {
  const std::size_t count = document.nodes.size();
  BlockList out;
  out.hints.resize(count);
  out.looks.resize(count);
  out.state.resize(count);
  out.first_block.resize(count);
  out.end_block.resize(count);
  HintReader reader(document);
  std::vector<std::uint32_t> block_of(count, 0);
  bool open = false;
  int breaks = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    const dom::Node& node = document.nodes[i];
    const std::uint32_t parent = node.parent == dom::kNoNode ? 0 : node.parent;
    out.state[i] = i == 0 ? std::uint8_t{0} : out.state[parent];
    if (node.tag == Tag::kText) {
      out.first_block[i] = static_cast<std::uint32_t>(out.blocks.size());
      Block probe;
      weigh(node.text, (out.state[i] & kInLink) != 0, probe);
      if (probe.weight == 0) continue;
      const std::uint32_t container = block_of[parent];
      if (!open || out.blocks.back().container != container || breaks >= 2) {
        out.blocks.push_back(
            {container, i, i, document.nodes[container].tag,
             static_cast<std::uint8_t>(out.state[container] | (out.state[i] & kInHeading)), 0, 0, 0,
             0, 0, 0});
        open = true;
      }
      breaks = 0;
      Block& block = out.blocks.back();
      block.last = i;
      block.weight += probe.weight;
      block.link_weight += probe.link_weight;
      if ((out.state[i] & kIsHidden) != 0) block.hidden_weight += probe.weight;
      block.commas += probe.commas;
      block.sentence_ends += probe.sentence_ends;
      block.links += probe.links;
      out.first_block[i] = static_cast<std::uint32_t>(out.blocks.size() - 1);
      continue;
    }
    out.hints[i] = reader.of(i);
    out.looks[i] = reader.look() * 31U + static_cast<std::uint32_t>(node.tag);
    if (node.tag == Tag::kBr) {
      ++breaks;
      block_of[i] = block_of[parent];
    } else if (dom::is_block(node.tag)) {
      open = false;
      breaks = 0;
      block_of[i] = i;
    } else {
      block_of[i] = block_of[parent];
    }
    const bool is_closed = node.end - i <= kMostInLine;
    // how many comments a paragraph has
    if ((out.hints[i] & kComments) != 0 && is_count(only_text_of(document, i)))
      out.hints[i] |= kHidden;
    if ((out.state[i] & kInLink) != 0 && is_link_note(only_text_of(document, i)))
      out.hints[i] |= kHidden;
    const bool has_href =
        node.tag == Tag::kA && is_closed && document.attribute(i, "href").has_value();
    out.state[i] = static_cast<std::uint8_t>(
        out.state[i] | own_state(node.tag, out.hints[i], has_href, is_closed));
    out.first_block[i] = static_cast<std::uint32_t>(out.blocks.size());
  }
  // Pages that hide most of what they say show it by script: then hiding means nothing.
  std::uint64_t hidden = 0;
  std::uint64_t shown = 0;
  for (const Block& block : out.blocks) {
    if (block.weight - block.link_weight < kLeastShown) continue;
    hidden += block.hidden_weight;
    shown += block.weight - block.hidden_weight;
  }
  if (hidden > shown) {
    for (Block& block : out.blocks) block.hidden_weight = 0;
    for (std::uint8_t& state : out.state) state = static_cast<std::uint8_t>(state & ~kIsHidden);
    for (std::uint32_t& hints : out.hints) hints &= ~static_cast<std::uint32_t>(kHidden);
  }
  // A node that opened within an open block shares that block with what stands before it; only
  // block elements are asked for their blocks.
  for (std::size_t i = count; i-- > 0;) {
    const std::uint32_t end = document.nodes[i].end;
    out.end_block[i] =
        end < count ? out.first_block[end] : static_cast<std::uint32_t>(out.blocks.size());
    if (out.end_block[i] < out.first_block[i]) out.end_block[i] = out.first_block[i];
  }
  return out;
}

}  // namespace vigie::extractor::content
