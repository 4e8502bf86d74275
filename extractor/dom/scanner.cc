#include "extractor/dom/scanner.h"

#include <algorithm>
#include <array>

#include "extractor/dom/page_scanner.h"
#include "extractor/dom/tags.h"
#include "platform/text/utf8.h"

namespace vigie::extractor::dom {
namespace {

constexpr std::size_t kPiecesPerPlane = 65534;
// open elements looked at for an end tag; more are never open but in hostile pages
constexpr std::size_t kScopeSearch = 256;
// open elements counted, the left-out ones included
constexpr std::size_t kMaxOpen = 1U << 20;
constexpr std::size_t kMaxFlatParagraphs = 50'000;  // of the text-only pass
constexpr std::string_view kSpace = " ";

// Builds what needs no rule but "insert it here", and writes a skeleton of the rest for the parser.
//
// The open elements are those that the parser would have open. Each waits (`is_settled`: not told
// to the parser) until something inside it needs the parser: then it and all around it are told.
// One that ends while it waits is part of a piece, a range of settled nodes that is one character
// to the parser.
class SkeletonSink {
 public:
  SkeletonSink(std::string_view page, const Limits& limits, Document& document, Skeleton& out)
      : limits_(limits), document_(document), out_(out) {
    out_.html = "<!DOCTYPE html><body>";
    out_.settled.reserve(page.size() / 40 + 16);
    document_.tags.reserve(page.size() / 80 + 16);
  }

  bool stopped() const { return out_.over_budget; }

  void text(std::string_view run) {
    if (is_blank(run)) {
      if (in_table_gap() || after_space_) return;
      settle(Tag::kText, kNoNode, kSpace);
      after_space_ = true;
      return;
    }
    if (in_table_gap()) spend(elements_);
    if (++runs_ > kMaxRuns) {
      out_.over_budget = true;
      return;
    }
    settle(Tag::kText, kNoNode, run);
    after_space_ = false;
  }

  void tag(const FoundTag& found) {
    spend(std::min(open_.size(), limits_.depth + 1) + 1);
    if (found.is_end) {
      end(found);
    } else {
      start(found);
    }
  }

  /// At the end of the page: everything still open ends.
  void finish() {
    pop_to(0);
    tell_piece();
  }

 private:
  struct Open {
    Tag tag = Tag::kOther;
    bool is_inline = true;
    bool left_out = false;   // too deep: neither settled nor told
    std::uint32_t node = 0;  // in out_.settled, while it waits
    std::uint32_t source = 0;
    std::string_view name;  // of inline elements
  };

  void spend(std::size_t steps) {
    steps_ += steps;
    if (steps_ > limits_.steps) out_.over_budget = true;
  }

  static bool is_table_part(Tag tag) {
    return tag == Tag::kTable || tag == Tag::kTbody || tag == Tag::kThead || tag == Tag::kTfoot ||
           tag == Tag::kTr;
  }
  // Text and elements here are moved in front of the table ("foster parenting"), which costs the
  // parser a walk over the siblings.
  bool in_table_gap() const { return !open_.empty() && is_table_part(open_.back().tag); }

  // ---- the settled nodes and what the parser is told

  // Index of the waiting element that new nodes stand in, or kNoNode if it is one the parser knows.
  std::uint32_t waiting_parent() const {
    std::size_t i = std::min(open_.size(), limits_.depth);  // all behind are left out
    while (i > told_ && open_[i - 1].left_out) --i;
    return i > told_ ? open_[i - 1].node : kNoNode;
  }

  std::uint32_t settle(Tag tag, std::uint32_t source, std::string_view text) {
    const auto own = static_cast<std::uint32_t>(out_.settled.size());
    out_.settled.push_back({tag, waiting_parent(), own + 1, source, text});
    return own;
  }

  // The settled nodes up to `end` that the parser was not told of yet, as one character.
  void tell_nodes(std::uint32_t end) {
    if (piece_begin_ >= end) return;
    if (end - piece_begin_ == 1 && out_.settled[piece_begin_].text.data() == kSpace.data()) {
      out_.html += ' ';
    } else if (out_.pieces.size() == kMaxRuns) {
      out_.over_budget = true;
    } else {
      text::append_utf8(out_.html, character_of(out_.pieces.size()));
      out_.pieces.push_back({piece_begin_, end});
    }
    piece_begin_ = end;
  }

  // Only where no element waits.
  void tell_piece() { tell_nodes(static_cast<std::uint32_t>(out_.settled.size())); }

  void tell_start(Tag tag, bool is_inline, std::uint32_t source) {
    out_.starts.push_back(static_cast<std::uint32_t>(out_.html.size()));
    out_.sources.push_back(source);
    out_.tags.push_back(tag);
    out_.html += '<';
    out_.html += is_inline ? std::string_view("x") : name_of(tag);
    out_.html += '>';
  }

  void tell_end(const Open& open) {
    // gumbo takes a form off its stack without writing the text that waits, which would then stand
    // behind the form; a comment makes it write.
    if (open.tag == Tag::kForm) out_.html += "<!---->";
    out_.html += "</";
    out_.html += open.is_inline ? std::string_view("x") : name_of(open.tag);
    out_.html += '>';
  }

  // Tells the parser of every element that waits, and of what stands in it so far.
  void tell_all() {
    for (; told_ < open_.size() && !open_[told_].left_out; ++told_) {
      const Open& open = open_[told_];
      tell_nodes(open.node);
      tell_start(open.tag, open.is_inline, open.source);
      piece_begin_ = open.node + 1;
    }
    tell_piece();
  }

  // Ends the elements from `size` on. The parser is not told: either it need not know, or what it
  // is told next says so.
  void pop_to(std::size_t size) {
    for (std::size_t i = std::max(size, told_); i < open_.size(); ++i) {
      if (!open_[i].left_out)
        out_.settled[open_[i].node].end = static_cast<std::uint32_t>(out_.settled.size());
    }
    told_ = std::min(told_, size);
    open_.resize(size);
  }

  // Ends the element at `index` and those in it.
  void close(std::size_t index) {
    if (index < told_) {
      const Open open = open_[index];
      pop_to(index + 1);
      tell_piece();
      tell_end(open);
    }
    pop_to(index);
  }

  // ---- start tags

  void start(const FoundTag& found) {
    const Tag tag = found.info->tag;
    const Treatment treatment = found.info->treatment;
    if (tag == Tag::kForm && (form_ || open_table_outside_cells() < open_.size())) {
      form_ = true;  // between the parts of a table it ends at once (WHATWG §13.2.6.4.9)
      return;
    }
    if (tag == Tag::kTable) {
      // a table within a table, but not in a cell, ends the outer one
      if (const std::size_t table = open_table_outside_cells(); table < open_.size()) close(table);
    }
    if (treatment == Treatment::kTablePart && tag != Tag::kTable) {
      if (!open_table()) return;  // no table to be part of
      close_for_table_part(tag);
      open_implied_parts(tag);
    } else if (treatment != Treatment::kInline) {
      if (tag == Tag::kLi) close_item(Tag::kLi, Tag::kLi);
      if (tag == Tag::kDd || tag == Tag::kDt) close_item(Tag::kDd, Tag::kDt);
      if (tag != Tag::kBr) close_paragraph();
      if (is_heading(tag) && !open_.empty() && is_heading(open_.back().tag))
        close(open_.size() - 1);
    } else if (tag == Tag::kA) {
      close_link();
    }
    const bool gap = in_table_gap();
    if (gap && treatment != Treatment::kTablePart) spend(elements_);
    if (tag == Tag::kForm) form_ = true;
    open_element(found, gap || treatment == Treatment::kTablePart);
  }

  void open_element(const FoundTag& found, bool by_parser) {
    const Treatment treatment = found.info->treatment;
    Open open{found.info->tag,  treatment == Treatment::kInline, is_left_out(), 0, 0,
              found.source.name};
    if (open.left_out) {
      ++document_.flattened;
    } else {
      if (elements_ >= limits_.tags) {
        out_.over_budget = true;
        return;
      }
      ++elements_;
      open.source = static_cast<std::uint32_t>(document_.tags.size());
      document_.tags.push_back(found.source);
      after_space_ = false;
      if (by_parser) {
        tell_all();
        tell_start(open.tag, open.is_inline, open.source);
      } else {
        open.node = settle(open.tag, open.source, {});
      }
    }
    if (treatment == Treatment::kLineBreak || open_.size() >= kMaxOpen) return;
    open_.push_back(open);
    if (by_parser && !open.left_out) told_ = open_.size();
  }

  // What stands in something left out is left out too, so that the others come first among the open
  // elements.
  bool is_left_out() const {
    return open_.size() >= limits_.depth || (!open_.empty() && open_.back().left_out);
  }

  // ---- end tags

  void end(const FoundTag& found) {
    const Tag tag = found.info->tag;
    if (found.info->treatment == Treatment::kLineBreak) {
      if (tag == Tag::kBr && open_.size() < limits_.depth) end_of_break();
      return;
    }
    if (tag == Tag::kForm) {
      end_of_form();
      return;
    }
    const bool is_inline = found.info->treatment == Treatment::kInline;
    const std::size_t least = open_.size() - std::min(open_.size(), kScopeSearch);
    for (std::size_t i = open_.size(); i > least; --i) {
      const Open& open = open_[i - 1];
      const bool heading = is_heading(tag) && is_heading(open.tag);
      if ((open.tag == tag || heading) && open.is_inline == is_inline &&
          (!is_inline || text::ascii_iequals(open.name, found.source.name))) {
        if (!open.left_out) after_space_ = false;
        if (is_inline) {
          close_inline(i - 1);
        } else {
          close(i - 1);
        }
        return;
      }
      if (is_inline && !open.is_inline) return;  // an inline element ends within its block
      if (found.info->treatment == Treatment::kTablePart) {
        if (open.tag == Tag::kTable) return;
      } else if (ends_scope(open.tag)) {
        return;
      } else if (tag == Tag::kLi && (open.tag == Tag::kUl || open.tag == Tag::kOl)) {
        return;
      }
    }
  }

  static bool ends_scope(Tag tag) {
    return tag == Tag::kTd || tag == Tag::kTh || tag == Tag::kCaption || tag == Tag::kTable;
  }

  // "</br>" is a line break.
  void end_of_break() {
    if (in_table_gap()) {
      tell_all();
      out_.html += "<br>";
    } else {
      settle(Tag::kBr, kNoNode, {});
    }
    after_space_ = false;
  }

  // The form alone leaves the open elements; those that are open in it stay open and stand in it
  // (WHATWG §13.2.6.4.7, "form" end tag).
  void end_of_form() {
    if (!form_) return;
    form_ = false;
    std::size_t form = open_.size();
    while (form > 0 && open_[form - 1].tag != Tag::kForm && !ends_scope(open_[form - 1].tag))
      --form;
    if (form == 0 || open_[form - 1].tag != Tag::kForm) {
      out_.html += "</form>";  // changes nothing but the parser's own form element pointer
      return;
    }
    --form;
    std::size_t size = open_.size();
    while (size > form + 1 && has_implied_end(open_[size - 1].tag)) --size;
    if (!open_[form].left_out) after_space_ = false;
    if (size == form + 1) {
      close(form);
      return;
    }
    pop_to(size);
    tell_all();
    if (!open_[form].left_out) {
      tell_end(open_[form]);
      --told_;
    }
    open_.erase(open_.begin() + static_cast<std::ptrdiff_t>(form));
  }

  static bool has_implied_end(Tag tag) {
    return tag == Tag::kP || tag == Tag::kLi || tag == Tag::kDd || tag == Tag::kDt;
  }

  // To the parser every inline element has one name, so an end tag must stand for the right one:
  // those above it end with it.
  void close_inline(std::size_t index) {
    while (open_.size() > index) close(open_.size() - 1);
  }

  static std::string_view name_of(Tag tag);

  bool open_table() const {
    return std::any_of(
        open_.rbegin(),
        open_.rbegin() + static_cast<std::ptrdiff_t>(std::min(open_.size(), kScopeSearch)),
        [](const Open& open) { return open.tag == Tag::kTable; });
  }

  // Index of the table whose parts, but no cell or caption of it, are open; else the number of open
  // elements.
  std::size_t open_table_outside_cells() const {
    const std::size_t least = open_.size() - std::min(open_.size(), kScopeSearch);
    for (std::size_t i = open_.size(); i > least; --i) {
      if (open_[i - 1].tag == Tag::kTable) return i - 1;
      if (ends_scope(open_[i - 1].tag)) break;
    }
    return open_.size();
  }

  // The parser does the same when it is told of the part.
  void close_for_table_part(Tag tag) {
    const std::size_t least = open_.size() - std::min(open_.size(), kScopeSearch);
    for (std::size_t i = open_.size(); i > least; --i) {
      const Tag open = open_[i - 1].tag;
      const bool section = open == Tag::kTbody || open == Tag::kThead || open == Tag::kTfoot;
      const bool row = open == Tag::kTr;
      if (open == Tag::kTable ||
          ((tag == Tag::kTr || tag == Tag::kTd || tag == Tag::kTh) && section) ||
          ((tag == Tag::kTd || tag == Tag::kTh) && row)) {
        pop_to(i);
        return;
      }
    }
  }

  // The row group and the row that a row or cell stands in where the page names none.
  void open_implied_parts(Tag tag) {
    const bool cell = tag == Tag::kTd || tag == Tag::kTh;
    if (tag == Tag::kTr || cell) open_implied(Tag::kTable, Tag::kTbody);
    if (cell && is_table_part(open_.back().tag) && open_.back().tag != Tag::kTr)
      open_implied(open_.back().tag, Tag::kTr);
  }

  void open_implied(Tag within, Tag part) {
    if (open_.empty() || open_.back().tag != within || is_left_out()) return;
    tell_all();
    open_.push_back({part, false, false, 0, 0, {}});
    told_ = open_.size();
  }

  void close_paragraph() {
    const std::size_t least = open_.size() - std::min(open_.size(), kScopeSearch);
    for (std::size_t i = open_.size(); i > least; --i) {
      if (open_[i - 1].tag == Tag::kP) {
        close(i - 1);
        return;
      }
      if (ends_scope(open_[i - 1].tag)) return;
    }
  }

  void close_item(Tag one, Tag other) {
    const std::size_t least = open_.size() - std::min(open_.size(), kScopeSearch);
    for (std::size_t i = open_.size(); i > least; --i) {
      const Open& open = open_[i - 1];
      if (open.tag == one || open.tag == other) {
        close(i - 1);
        return;
      }
      if (!open.is_inline && open.tag != Tag::kAddress && open.tag != Tag::kDiv &&
          open.tag != Tag::kP)
        return;
    }
  }

  // A link within a link ends the outer one.
  void close_link() {
    for (std::size_t i = open_.size(); i > 0 && open_[i - 1].is_inline; --i) {
      if (open_[i - 1].tag == Tag::kA) {
        close_inline(i - 1);
        return;
      }
    }
  }

  const Limits& limits_;
  Document& document_;
  Skeleton& out_;
  std::vector<Open> open_;
  // the first so many open elements the parser knows; behind them, all but the left-out ones wait
  std::size_t told_ = 0;
  std::uint32_t piece_begin_ = 0;  // the first settled node that the parser was not told of
  bool after_space_ = false;
  bool form_ = false;  // WHATWG's form element pointer is set
  std::size_t steps_ = 0;
  std::size_t elements_ = 0;
  std::size_t runs_ = 0;
};

std::string_view SkeletonSink::name_of(Tag tag) {
  static const std::array<std::string_view, 256> names = [] {
    std::array<std::string_view, 256> made{};
    for (const std::string_view name :
         {"address",    "article", "aside",  "blockquote", "br",     "caption", "center",
          "dd",         "details", "dialog", "div",        "dl",     "dt",      "fieldset",
          "figcaption", "figure",  "footer", "form",       "h1",     "h2",      "h3",
          "h4",         "h5",      "h6",     "header",     "hgroup", "hr",      "li",
          "main",       "menu",    "nav",    "ol",         "p",      "pre",     "section",
          "summary",    "table",   "tbody",  "td",         "tfoot",  "th",      "thead",
          "tr",         "ul"}) {
      made[static_cast<std::size_t>(tag_info(name).tag)] = name;
    }
    return made;
  }();
  return names[static_cast<std::size_t>(tag)];
}

// Makes one flat paragraph of each block.
class FlatSink {
 public:
  explicit FlatSink(Document& document) : nodes_(document.nodes) {
    nodes_.push_back({Tag::kBody, kNoNode, 1, kNoNode, {}});
  }

  bool stopped() const { return paragraphs_ > kMaxFlatParagraphs || nodes_.size() > kMaxRuns; }

  void text(std::string_view run) {
    if (is_blank(run)) return;
    if (paragraph_ == kNoNode) {
      paragraph_ = static_cast<std::uint32_t>(nodes_.size());
      nodes_.push_back({Tag::kP, 0, 0, kNoNode, {}});
      ++paragraphs_;
    }
    const auto own = static_cast<std::uint32_t>(nodes_.size());
    nodes_.push_back({Tag::kText, paragraph_, own + 1, kNoNode, run});
  }

  void tag(const FoundTag& found) {
    if (found.info->treatment == Treatment::kInline) return;
    finish_paragraph();
  }

  void finish() {
    finish_paragraph();
    nodes_[0].end = static_cast<std::uint32_t>(nodes_.size());
  }

 private:
  void finish_paragraph() {
    if (paragraph_ != kNoNode) nodes_[paragraph_].end = static_cast<std::uint32_t>(nodes_.size());
    paragraph_ = kNoNode;
  }

  std::vector<Node>& nodes_;
  std::uint32_t paragraph_ = kNoNode;
  std::size_t paragraphs_ = 0;
};

}  // namespace

char32_t character_of(std::size_t piece) {
  return piece < kPiecesPerPlane ? static_cast<char32_t>(0xF0000 + piece)
                                 : static_cast<char32_t>(0x100000 + (piece - kPiecesPerPlane));
}

std::size_t piece_of(char32_t character) {
  if (character >= 0xF0000 && character < 0xF0000 + kPiecesPerPlane) return character - 0xF0000;
  if (character >= 0x100000 && character < 0x100000 + kPiecesPerPlane)
    return character - 0x100000 + kPiecesPerPlane;
  return kMaxRuns;
}

Skeleton scan(std::string_view page, const Limits& limits, Document& document) {
  Skeleton out;
  SkeletonSink sink(page, limits, document, out);
  PageScanner<SkeletonSink>(page, document, sink).run();
  sink.finish();
  return out;
}

void scan_flat(std::string_view page, Document& document) {
  FlatSink sink(document);
  PageScanner<FlatSink>(page, document, sink).run();
  sink.finish();
}

}  // namespace vigie::extractor::dom
