#include "extractor/content/blocks.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <unordered_map>

#include "extractor/content/class_names.h"
#include "extractor/content/phrases.h"
#include "platform/text/invisible.h"
#include "platform/text/utf8.h"

namespace vigie::extractor::content {
namespace {

using dom::Tag;

constexpr std::uint32_t kLeastShown = 40;  // letters outside links of a block that says something

constexpr std::uint32_t kMostSubhead = 90;        // letters of a bold line that is a subhead
constexpr std::uint32_t kMostInSubhead = 8;       // nodes of it
constexpr std::size_t kMostSubheadBytes = 160;    // bytes of it
constexpr std::uint32_t kMostInControl = 12;      // nodes of a button
constexpr std::size_t kMostControl = 120;         // bytes of it
constexpr std::size_t kLineEdge = 64;             // bytes of a text beside a line break
constexpr std::uint32_t kLeastBeforeIndent = 25;  // letters of a paragraph in front of an indent
constexpr std::size_t kMostLinkNote = 80;         // bytes of what a link says of how it opens

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

// "display: block" and its like of an element within a line.
bool is_breaking_style(std::string_view style) {
  std::string close;
  for (const char c : style.substr(0, 256)) {
    if (c != ' ') close += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  }
  static constexpr std::array kBreaking =
      std::to_array<std::string_view>({"display:block", "display:flex", "display:grid",
                                       "display:table", "display:list-item", "display:flow-root"});
  return std::any_of(kBreaking.begin(), kBreaking.end(), [&](std::string_view breaking) {
    const std::size_t at = close.find(breaking);
    return at != std::string::npos && (at == 0 || close[at - 1] == ';');
  });
}

bool is_control_role(std::string_view role) {
  return role == "button" || role == "tab" || role == "menuitem" || role == "switch" ||
         role == "checkbox" || role == "radio" || role == "option";
}

// Attributes that HintReader looks at.
constexpr std::uint64_t kHintBits = [] {
  std::uint64_t bits = 0;
  for (const std::string_view name :
       {"class", "id", "data-component", "data-testid", "data-qa", "data-type", "itemprop",
        "property", "role", "hidden", "aria-hidden", "style"})
    bits |= dom::bit_of_attribute(name);
  return bits;
}();

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
    if (!document_.tags[source].may_have(kHintBits)) return 0;
    std::string_view rest = document_.tags[source].attributes;
    std::uint32_t hints = 0;
    std::string_view name;
    std::string_view value;
    for (std::size_t count = 0; count < dom::kMaxAttributes && next(rest, name, value); ++count) {
      if ((dom::bit_of_attribute(name) & kHintBits) == 0) continue;
      if (value.empty()) {
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
        if (is_control_role(value)) hints |= kControl;
      } else if (name == "hidden") {
        hints |= kHidden;
      } else if (name == "aria-hidden") {
        if (value == "true") hints |= kHidden;
      } else if (name == "style") {
        if (value.size() > 8 && is_hidden_style(value)) hints |= kHidden;
        if (value.size() > 8 && is_breaking_style(value)) hints |= kBreaks;
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

// The first node from `node` on that is no white space.
std::uint32_t behind_blanks(const dom::Document& document, std::uint32_t node) {
  while (node < document.nodes.size() && document.nodes[node].tag == Tag::kText &&
         text::trim(document.nodes[node].text).empty())
    ++node;
  return node;
}

// An element whose text is bold, by itself or by its own style.
bool is_bold(const dom::Document& document, std::uint32_t node) {
  const Tag tag = document.nodes[node].tag;
  if (tag == Tag::kB || tag == Tag::kStrong) return true;
  if (tag != Tag::kSpan && tag != Tag::kFont) return false;
  const std::string_view style = document.attribute_or_empty(node, "style");
  const std::size_t weight = style.find("font-weight");
  if (weight == std::string_view::npos) return false;
  const std::string_view value = style.substr(weight, 24);
  return holds(value, "bold") || holds(value, "600") || holds(value, "700") ||
         holds(value, "800") || holds(value, "900");
}

// A short element behind which a line ends, and that ends no sentence: a subhead in bold.
bool is_line_of_its_own(const dom::Document& document, std::uint32_t node) {
  const std::uint32_t end = document.nodes[node].end;
  const std::uint32_t next = behind_blanks(document, end);
  if (end - node > kMostInSubhead || next >= document.nodes.size() ||
      document.nodes[next].tag != Tag::kBr)
    return false;
  const std::string said = text::collapse_spaces(document.text_of(node, kMostSubheadBytes + 1));
  return said.size() > 2 && said.size() <= kMostSubheadBytes && !said.ends_with('.') &&
         !said.ends_with("。") && !said.ends_with(',');
}

// A button, a label and their like: short, for some style sheets make whole stories of them.
bool is_control(const dom::Document& document, std::uint32_t node, std::uint32_t hints) {
  const dom::Node& own = document.nodes[node];
  const bool by_role = (hints & kControl) != 0 && (own.tag == Tag::kA || own.tag == Tag::kSpan ||
                                                   own.tag == Tag::kDiv || own.tag == Tag::kLi);
  if (own.tag != Tag::kButton && own.tag != Tag::kLabel && !by_role) return false;
  return own.end - node <= kMostInControl &&
         document.text_of(node, kMostControl + 1).size() <= kMostControl;
}

bool is_wide(char32_t c) { return text::joins_without_space(c, c); }

// Whether a sentence of Chinese or Japanese ends there: 。！？ and the marks that close behind
// them.
bool ends_wide_sentence(std::string_view said) {
  static constexpr std::array kClosing =
      std::to_array<std::string_view>({"」", "』", "”", "’", "）", "】", "》", ")"});
  for (int round = 0; round < 2; ++round) {
    for (const std::string_view closing : kClosing) {
      if (said.ends_with(closing)) said.remove_suffix(closing.size());
    }
  }
  return said.ends_with("。") || said.ends_with("！") || said.ends_with("？") ||
         said.ends_with("…") || said.ends_with("．");
}

// Whether the text behind one line break begins a paragraph: by the indent with which it is
// written, or since a sentence of Chinese or Japanese ended in front.
bool begins_paragraph(const dom::Document& document, const Block& block, std::uint32_t node) {
  const std::string head = dom::decoded(text::prefix(document.nodes[node].text, kLineEdge));
  std::size_t wide_spaces = 0;
  std::size_t spaces = 0;
  std::size_t at = 0;
  char32_t first = 0;
  while (at < head.size()) {
    first = text::next_code_point(head, at);
    if (first == 0x3000) ++wide_spaces;
    else if (first == 0xA0 || first == 0x2002 || first == 0x2003) ++spaces;
    else if (first > ' ') break;
  }
  if (wide_spaces > 0 || (spaces > 1 && block.weight >= kLeastBeforeIndent)) return true;
  if (!is_wide(first) && first != U'“' && first != U'‘') return false;
  std::string_view last = document.nodes[block.last].text;
  if (last.size() > kLineEdge) last.remove_prefix(last.size() - kLineEdge);
  const std::string tail = dom::decoded(last);
  return ends_wide_sentence(text::trim(tail));
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

// Walks the nodes in order and gathers their text into blocks.
class Gatherer {
 public:
  explicit Gatherer(const dom::Document& document)
      : document_(document), reader_(document), block_of_(document.nodes.size(), 0) {
    const std::size_t count = document.nodes.size();
    out_.hints.resize(count);
    out_.looks.resize(count);
    out_.state.resize(count);
    out_.first_block.resize(count);
    out_.end_block.resize(count);
  }

  BlockList gather() {
    for (std::uint32_t i = 0; i < document_.nodes.size(); ++i) {
      const dom::Node& node = document_.nodes[i];
      const std::uint32_t parent = node.parent == dom::kNoNode ? 0 : node.parent;
      out_.state[i] = i == 0 ? std::uint8_t{0} : out_.state[parent];
      if (node.tag == Tag::kText) add_text(i, parent);
      else add_element(i, parent);
    }
    mark_bold_subheads();
    return std::move(out_);
  }

 private:
  // A short bold line between two paragraphs that are parted by line breaks is a heading.
  void mark_bold_subheads() {
    for (std::size_t i = 1; i + 1 < out_.blocks.size(); ++i) {
      Block& block = out_.blocks[i];
      const Block& before = out_.blocks[i - 1];
      const Block& behind = out_.blocks[i + 1];
      if (block.container != before.container || block.container != behind.container) continue;
      if (block.weight > kMostSubhead || block.links > 0 || behind.weight < kLeastShown ||
          before.weight < kLeastShown || (behind.state & kInHeading) != 0)
        continue;
      std::uint32_t node = document_.nodes[block.first].parent;
      while (node != block.container && node != dom::kNoNode && !is_bold(document_, node))
        node = document_.nodes[node].parent;
      if (node != block.container && node != dom::kNoNode && document_.nodes[node].end > block.last)
        block.state |= kInHeading;
    }
  }

  void add_text(std::uint32_t i, std::uint32_t parent) {
    out_.first_block[i] = static_cast<std::uint32_t>(out_.blocks.size());
    Block probe;
    weigh(document_.nodes[i].text, (out_.state[i] & kInLink) != 0, probe);
    if (probe.weight == 0) return;
    const std::uint32_t container = block_of_[parent];
    if (open_ && breaks_ == 1 && out_.blocks.back().container == container &&
        begins_paragraph(document_, out_.blocks.back(), i))
      breaks_ = 2;
    if (!open_ || out_.blocks.back().container != container || breaks_ >= 2) {
      out_.blocks.push_back(
          {container, i, i, document_.nodes[container].tag,
           static_cast<std::uint8_t>(out_.state[container] | (out_.state[i] & kInHeading)), 0, 0, 0,
           0, 0, 0});
      open_ = true;
    }
    breaks_ = 0;
    Block& block = out_.blocks.back();
    block.last = i;
    block.weight += probe.weight;
    block.link_weight += probe.link_weight;
    if ((out_.state[i] & kIsHidden) != 0) block.hidden_weight += probe.weight;
    block.commas += probe.commas;
    block.sentence_ends += probe.sentence_ends;
    block.links += probe.links;
    out_.first_block[i] = static_cast<std::uint32_t>(out_.blocks.size() - 1);
  }

  void add_element(std::uint32_t i, std::uint32_t parent) {
    const dom::Node& node = document_.nodes[i];
    out_.hints[i] = reader_.of(i);
    out_.looks[i] = reader_.look() * 31U + static_cast<std::uint32_t>(node.tag);
    block_of_[i] = block_of_[parent];
    if (node.tag == Tag::kBr) {
      breaks_ += i == behind_bold_line_ ? 2 : 1;
    } else if (breaks_ > 0 && is_bold(document_, i) && is_line_of_its_own(document_, i)) {
      breaks_ = 2;
      behind_bold_line_ = behind_blanks(document_, node.end);
    } else if (dom::is_block(node.tag)) {
      open_ = false;
      breaks_ = 0;
      block_of_[i] = i;
    }
    const bool is_closed = node.end - i <= kMostInLine;
    // how many comments a paragraph has
    if ((out_.hints[i] & kComments) != 0 && is_count(only_text_of(document_, i)))
      out_.hints[i] |= kHidden;
    if ((out_.state[i] & kInHeading) == 0 && is_control(document_, i, out_.hints[i]))
      out_.hints[i] |= kHidden;
    if ((out_.state[i] & kInLink) != 0 && is_link_note(only_text_of(document_, i)))
      out_.hints[i] |= kHidden;
    const bool has_href =
        node.tag == Tag::kA && is_closed && document_.attribute(i, "href").has_value();
    out_.state[i] = static_cast<std::uint8_t>(
        out_.state[i] | own_state(node.tag, out_.hints[i], has_href, is_closed));
    out_.first_block[i] = static_cast<std::uint32_t>(out_.blocks.size());
  }

  const dom::Document& document_;
  HintReader reader_;
  BlockList out_;
  std::vector<std::uint32_t> block_of_;  // of each node, the block element that it stands in
  bool open_ = false;                    // the last block may go on
  int breaks_ = 0;                       // <br> since the last text
  std::uint32_t behind_bold_line_ = dom::kNoNode;  // the <br> behind a line that is bold
};

// Pages that hide most of what they say show it by script: then hiding means nothing.
void unhide_where_most_is_hidden(BlockList& list) {
  std::uint64_t hidden = 0;
  std::uint64_t shown = 0;
  for (const Block& block : list.blocks) {
    if (block.weight - block.link_weight < kLeastShown) continue;
    hidden += block.hidden_weight;
    shown += block.weight - block.hidden_weight;
  }
  if (hidden <= shown) return;
  for (Block& block : list.blocks) block.hidden_weight = 0;
  for (std::uint8_t& state : list.state) state = static_cast<std::uint8_t>(state & ~kIsHidden);
  for (std::uint32_t& hints : list.hints) hints &= ~static_cast<std::uint32_t>(kHidden);
}

// A node that opened within an open block shares that block with what stands before it; only block
// elements are asked for their blocks.
void find_ends(const dom::Document& document, BlockList& list) {
  const std::size_t count = document.nodes.size();
  for (std::size_t i = count; i-- > 0;) {
    const std::uint32_t end = document.nodes[i].end;
    list.end_block[i] =
        end < count ? list.first_block[end] : static_cast<std::uint32_t>(list.blocks.size());
    if (list.end_block[i] < list.first_block[i]) list.end_block[i] = list.first_block[i];
  }
}

}  // namespace

BlockList make_blocks(const dom::Document& document) {
  BlockList list = Gatherer(document).gather();
  unhide_where_most_is_hidden(list);
  find_ends(document, list);
  return list;
}

}  // namespace vigie::extractor::content
