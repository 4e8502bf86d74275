#include "extractor/content/companions.h"

#include <array>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "extractor/content/class_names.h"
#include "extractor/content/region.h"

namespace vigie::extractor::content {
namespace {

using dom::Tag;

constexpr std::uint32_t kMostOfTerm = 120;        // letters of a term or of the head of a row
constexpr std::uint32_t kMostCellsOfRow = 4;      // of a row whose first cell is its head
constexpr std::uint32_t kLeastOfPost = 6;         // letters
constexpr std::size_t kMostLinkedSentences = 4;   // one after the other
constexpr std::size_t kLeastLinkedSentence = 60;  // bytes
constexpr std::size_t kMostPosts = 4;
constexpr std::size_t kLeastLinkedHeadings = 3;
constexpr std::size_t kMostBehindHeading = 4;      // blocks to the prose under it
constexpr std::uint32_t kLeastUnderHeading = 300;  // letters of that: more than a teaser says
constexpr std::size_t kMostAncestors = 200;        // looked at

// The outermost element around a block that calls itself a post.
std::uint32_t post_around(const dom::Document& document, const BlockList& list,
                          const Block& block) {
  std::uint32_t out = dom::kNoNode;
  std::uint32_t node = block.container;
  for (std::size_t i = 0; i < kMostAncestors && node != dom::kNoNode; ++i) {
    if ((list.hints[node] & kPost) != 0) out = node;
    node = document.nodes[node].parent;
  }
  return out;
}

class Companions {
 public:
  Companions(const dom::Document& document, const BlockList& list, std::vector<Line>& lines)
      : document_(document), list_(list), lines_(lines) {}

  void keep() {
    keep_terms();
    keep_row_heads();
    keep_posts();
    keep_linked_sentences();
    keep_linked_headings();
  }

 private:
  bool kept(std::size_t i) const { return lines_[i].verdict == Verdict::kKept; }
  const Block& block(std::size_t i) const { return list_.blocks[i]; }

  // Something that may be kept: with text, shown, and not what rules know as no part of a story.
  bool may_be_kept(std::size_t i) const {
    const Line& line = lines_[i];
    return line.is_candidate && !line.text.empty() && !line.is_headline && !line.is_label &&
           !line.is_request && !line.is_appeal && !line.is_timestamp && !line.is_credit &&
           !line.is_foot;
  }

  void take(std::size_t i) { lines_[i].verdict = Verdict::kKept; }

  std::uint32_t nearest(std::uint32_t node, Tag one, Tag other) const {
    for (std::size_t i = 0; i < kMostAncestors && node != dom::kNoNode; ++i) {
      if (document_.nodes[node].tag == one || document_.nodes[node].tag == other) return node;
      node = document_.nodes[node].parent;
    }
    return dom::kNoNode;
  }

  // dt: kept where the next dd is.
  void keep_terms() {
    bool definition_kept = false;
    std::uint32_t list_of_definition = dom::kNoNode;
    for (std::size_t i = lines_.size(); i-- > 0;) {
      if ((block(i).state & kInList) == 0) continue;
      const std::uint32_t item = nearest(block(i).container, Tag::kDd, Tag::kDt);
      if (item == dom::kNoNode) continue;
      const std::uint32_t parent = document_.nodes[item].parent;
      if (document_.nodes[item].tag == Tag::kDd) {
        definition_kept = kept(i);
        list_of_definition = parent;
      } else if (definition_kept && parent == list_of_definition && may_be_kept(i) &&
                 block(i).weight <= kMostOfTerm) {
        take(i);
      }
    }
  }

  struct Row {
    std::uint32_t table = dom::kNoNode;
    std::uint32_t blocks = 0;
    bool has_cell = false;   // a td
    bool cell_kept = false;  // a td of it is kept
  };

  // th, and the first td of a row of few cells: kept where another cell of the row is; a row of
  // heads alone where a cell of the table is.
  void keep_row_heads() {
    std::unordered_map<std::uint32_t, Row> rows;
    std::unordered_map<std::uint32_t, bool> kept_tables;
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      if ((block(i).state & kInTable) == 0) continue;
      const std::uint32_t cell = nearest(block(i).container, Tag::kTd, Tag::kTh);
      const std::uint32_t of = nearest(block(i).container, Tag::kTr, Tag::kTr);
      if (cell == dom::kNoNode || of == dom::kNoNode) continue;
      Row& row = rows[of];
      row.table = nearest(of, Tag::kTable, Tag::kTable);
      ++row.blocks;
      const bool is_cell = document_.nodes[cell].tag == Tag::kTd;
      row.has_cell = row.has_cell || is_cell;
      if (!is_cell || !kept(i)) continue;
      row.cell_kept = true;
      kept_tables[row.table] = true;
    }
    if (kept_tables.empty()) return;
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      if ((block(i).state & kInTable) == 0 || kept(i) || !may_be_kept(i)) continue;
      const Block& own = block(i);
      if (own.weight > kMostOfTerm || own.link_density() > 0.3) continue;
      const std::uint32_t cell = nearest(own.container, Tag::kTd, Tag::kTh);
      const auto row = rows.find(nearest(own.container, Tag::kTr, Tag::kTr));
      if (cell == dom::kNoNode || row == rows.end()) continue;
      if (is_head(cell, row->second, kept_tables)) take(i);
    }
  }

  bool is_head(std::uint32_t cell, const Row& row,
               const std::unordered_map<std::uint32_t, bool>& kept_tables) const {
    if (document_.nodes[cell].tag == Tag::kTh)
      return row.cell_kept || (!row.has_cell && kept_tables.count(row.table) > 0);
    // alone in the first cell
    const bool is_first =
        document_.nodes[cell].parent + 1 == cell ||
        list_.first_block[document_.nodes[cell].parent] == list_.first_block[cell];
    return is_first && row.cell_kept && row.blocks <= kMostCellsOfRow &&
           list_.end_block[cell] - list_.first_block[cell] == 1;
  }

  // Posts between what is kept and beside it: quotations with who wrote them. The first ones: a
  // page that shows many gathers what people say of its story.
  void keep_posts() {
    std::size_t first = lines_.size();
    std::size_t last = 0;
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      if (!kept(i) || lines_[i].is_heading) continue;
      if (first == lines_.size()) first = i;
      last = i;
    }
    if (first == lines_.size()) return;
    std::uint32_t post = dom::kNoNode;
    std::size_t posts = 0;
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      const Block& own = block(i);
      if (own.weight < kLeastOfPost || own.is_hidden() || !may_be_kept(i)) continue;
      const std::uint32_t of = post_around(document_, list_, own);
      if (of == dom::kNoNode) continue;
      if (kept(i)) {
        if (post != of) ++posts;
        post = of;
        continue;
      }
      if ((i < first || i > last) && !stands_beside(of, block(first)) &&
          !stands_beside(of, block(last)))
        continue;
      if (post != of && posts >= kMostPosts) continue;
      // a post within a link, but no link of a post
      const bool is_linked = (list_.state[own.container] & kInLink) != 0;
      if (!is_linked && own.link_density() >= 0.9 && !ends_sentence(lines_[i].text)) continue;
      if (post != of) ++posts;
      post = of;
      take(i);
    }
  }

  // Whether the element around a post holds the block, too.
  bool stands_beside(std::uint32_t post, const Block& kept_block) const {
    const std::uint32_t parent = document_.nodes[post].parent;
    return parent != dom::kNoNode && parent != 0 && kept_block.first > parent &&
           kept_block.first < document_.nodes[parent].end;
  }

  static bool ends_sentence(std::string_view text) {
    for (const std::string_view closing : {"”", "\"", "’", "»", "」", ")", "“"}) {
      if (text.ends_with(closing)) {
        text.remove_suffix(closing.size());
        break;
      }
    }
    for (const std::string_view end : {".", "!", "?", "…", "。", "！", "？", "।", "؟", "۔"}) {
      if (text.ends_with(end)) return true;
    }
    return false;
  }

  bool is_linked_sentence(std::size_t i) const {
    return block(i).tag == Tag::kP && block(i).links > 0 && block(i).link_density() > 0.9 &&
           lines_[i].text.size() >= kLeastLinkedSentence && ends_sentence(lines_[i].text);
  }

  // Whether a paragraph of the kind of `i` that is kept stands before or behind it; other sentences
  // that are links may stand between.
  bool has_neighbour(std::size_t i, bool before) const {
    const std::uint32_t parent = document_.nodes[block(i).container].parent;
    std::size_t at = i;
    for (std::size_t step = 0; step < kMostLinkedSentences; ++step) {
      if (before ? at == 0 : at + 1 == lines_.size()) return false;
      at = before ? at - 1 : at + 1;
      const Block& other = block(at);
      if (other.tag != Tag::kP || document_.nodes[other.container].parent != parent ||
          list_.looks[other.container] != list_.looks[block(i).container])
        return false;
      if (kept(at) && is_prose(other)) return true;
      if (!is_linked_sentence(at)) return false;
    }
    return false;
  }

  // A paragraph that is one link and a sentence, between two paragraphs of its kind that are kept.
  void keep_linked_sentences() {
    for (std::size_t i = 1; i + 1 < lines_.size(); ++i) {
      if (kept(i) || !is_linked_sentence(i) || !may_be_kept(i) ||
          lines_[i].verdict == Verdict::kOutside || lines_[i].verdict == Verdict::kRepeated)
        continue;
      if (has_neighbour(i, true) && has_neighbour(i, false)) take(i);
    }
  }

  // Headings that are links, as lists of things have them, over prose that is kept: several of one
  // look, for a single one stands over another story.
  void keep_linked_headings() {
    std::unordered_map<std::uint32_t, std::vector<std::size_t>> by_look;
    for (std::size_t i = 0; i + 1 < lines_.size(); ++i) {
      const Line& line = lines_[i];
      if (!line.is_heading || kept(i) || !may_be_kept(i) || block(i).tag == Tag::kH1) continue;
      if (line.verdict != Verdict::kLinks && line.verdict != Verdict::kUnlikely) continue;
      std::size_t next = i + 1;
      while (next < lines_.size() && next < i + kMostBehindHeading && !kept(next) &&
             !lines_[next].is_heading)
        ++next;
      std::uint32_t under = 0;
      for (std::size_t at = next; at < lines_.size() && !lines_[at].is_heading; ++at) {
        if (kept(at) && is_prose(block(at))) under += block(at).weight;
        if (under >= kLeastUnderHeading) break;
      }
      if (under >= kLeastUnderHeading) by_look[list_.looks[block(i).container]].push_back(i);
    }
    for (const auto& [look, headings] : by_look) {
      if (headings.size() < kLeastLinkedHeadings) continue;
      for (const std::size_t i : headings) take(i);
    }
  }

  const dom::Document& document_;
  const BlockList& list_;
  std::vector<Line>& lines_;
};

}  // namespace

void keep_companions(const dom::Document& document, const BlockList& list,
                     std::vector<Line>& lines) {
  Companions(document, list, lines).keep();
}

bool is_in_post(const dom::Document& document, const BlockList& list, const Block& block) {
  return post_around(document, list, block) != dom::kNoNode;
}

}  // namespace vigie::extractor::content
