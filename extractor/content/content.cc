#include "extractor/content/content.h"

#include <algorithm>
#include <unordered_set>

#include "extractor/content/blocks.h"
#include "extractor/content/region.h"
#include "platform/text/utf8.h"

namespace vigie::extractor::content {
namespace {

using dom::Tag;

constexpr std::uint32_t kShort = 25;                // letters; a shorter block that is no sentence is hardly a paragraph
constexpr std::size_t kMaxTextBytes = 4ULL << 20;   // of main text; the longest real article is a few hundred kB
constexpr std::size_t kLeastRepeated = 30;          // bytes of a paragraph that is left out the second time

// Letters and digits only, lower-case ASCII: enough to see that two lines say the same.
std::string squeezed(std::string_view line) {
  std::string out;
  for (const char c : line) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z')) {
      out += c;
    } else if (c >= 'A' && c <= 'Z') {
      out += static_cast<char>(c + 32);
    }
  }
  return out;
}

std::string text_of_block(const dom::Document& document, const BlockList& list, const Block& block) {
  std::string raw;
  for (std::uint32_t i = block.first; i <= block.last; ++i) {
    if (document.nodes[i].tag == Tag::kText) {
      const bool hidden = (list.state[i] & kIsHidden) != 0 && !block.is_hidden();
      if (!hidden) dom::append_decoded(raw, document.nodes[i].text);
    } else if (document.nodes[i].tag == Tag::kBr) {
      raw += ' ';
    }
  }
  return text::collapse_spaces(raw);
}

class Writer {
 public:
  Writer(const dom::Document& document, const BlockList& list, const Region& region, const Hints& hints)
      : document_(document), list_(list), region_(region), title_(squeezed(hints.title)) {}

  MainText write() {
    out_.container = region_.container;
    for (std::uint32_t i = 0; i < list_.blocks.size() && bytes_ < kMaxTextBytes; ++i) {
      if (region_.within[i] && !region_.pruned[i]) offer(list_.blocks[i]);
    }
    return std::move(out_);
  }

 private:
  bool is_kept(const Block& block) const {
    if (block.is_hidden() || (block.state & kInCaption) != 0) return false;
    const double links = block.link_density();
    if ((block.state & kInHeading) != 0) return block.tag != Tag::kH1 && links < 0.6;
    if (links > 0.6 && (block.weight < 200 || block.sentence_ends == 0)) return false;
    if (links > 0.4 && (block.state & (kInList | kInTable)) != 0) return false;
    if (block.tag == Tag::kP || block.tag == Tag::kBlockquote || block.tag == Tag::kPre || block.tag == Tag::kLi || block.tag == Tag::kDd) return block.weight > 1;
    return block.weight >= kShort || block.sentence_ends > 0;
  }

  void offer(const Block& block) {
    if (!is_kept(block)) return;
    std::string line = text_of_block(document_, list_, block);
    if (line.empty()) return;
    const std::string same = squeezed(line);
    if (!title_.empty() && same == title_) return;
    if (line.size() >= kLeastRepeated && !seen_.insert(same).second) return;
    if ((block.state & kInHeading) != 0) {
      pending_heading_ = std::move(line);  // until a paragraph follows
      pending_node_ = block.first;
      return;
    }
    if (!pending_heading_.empty()) {
      take(std::move(pending_heading_), pending_node_, pending_node_);
      pending_heading_.clear();
    }
    take(std::move(line), block.first, block.last);
  }

  void take(std::string line, std::uint32_t first, std::uint32_t last) {
    if (out_.paragraphs.empty()) out_.first_node = first;
    out_.last_node = last;
    bytes_ += line.size();
    out_.paragraphs.push_back(std::move(line));
  }

  const dom::Document& document_;
  const BlockList& list_;
  const Region& region_;
  std::string title_;
  std::unordered_set<std::string> seen_;
  std::string pending_heading_;
  std::uint32_t pending_node_ = 0;
  std::size_t bytes_ = 0;
  MainText out_;
};

}  // namespace

std::string MainText::text() const {
  std::string out;
  for (const std::string& paragraph : paragraphs) {
    if (!out.empty()) out += "\n\n";
    out += paragraph;
  }
  return out;
}

MainText find_main_text(const dom::Document& document, const Hints& hints) {
  const BlockList list = make_blocks(document);
  const Region region = find_region(document, list);
  return Writer(document, list, region, hints).write();
}

}  // namespace vigie::extractor::content
