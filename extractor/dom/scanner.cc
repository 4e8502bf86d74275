#include "extractor/dom/scanner.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "extractor/dom/tags.h"
#include "platform/text/utf8.h"

namespace vigie::extractor::dom {
namespace {

constexpr std::size_t kRunsPerPlane = 65534;
constexpr std::size_t kScopeSearch = 256;           // open elements looked at for an end tag; more are never open but in hostile pages
constexpr std::size_t kMaxOpen = 1U << 20;          // open elements counted, the left-out ones included
constexpr std::size_t kMaxFlatParagraphs = 50'000;  // of the text-only pass

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool is_blank(std::string_view text) { return std::all_of(text.begin(), text.end(), is_space); }

// One tag of the page.
struct FoundTag {
  const TagInfo* info = nullptr;
  SourceTag source;
  bool is_end = false;
};

// Cuts a page into text, tags and things to leave out. The sink gets text(view) and tag(FoundTag).
template <class Sink>
class PageScanner {
 public:
  PageScanner(std::string_view page, Document& document, Sink& sink) : page_(page), document_(document), sink_(sink) {}

  void run() {
    std::size_t text_begin = 0;
    std::size_t from = 0;
    while (!sink_.stopped()) {
      const std::size_t open = page_.find('<', from);
      if (open == std::string_view::npos || open + 1 >= page_.size()) break;
      const char next = page_[open + 1];
      const bool tag = is_letter(next) || (next == '/' && open + 2 < page_.size() && is_letter(page_[open + 2]));
      const bool comment = next == '!' || next == '?' || (next == '/' && open + 2 < page_.size());
      if (!tag && !comment) {
        from = open + 1;  // a '<' of the text
        continue;
      }
      if (open > text_begin) sink_.text(page_.substr(text_begin, open - text_begin));
      const std::size_t behind = tag ? read_tag(open) : skip_comment(open);
      text_begin = from = behind;
    }
    if (!sink_.stopped() && text_begin < page_.size()) sink_.text(page_.substr(text_begin));
  }

 private:
  std::size_t skip_comment(std::size_t open) const {
    std::string_view rest = page_.substr(open);
    if (rest.substr(0, 4) != "<!--") {
      const std::size_t close = rest.find('>');
      return close == std::string_view::npos ? page_.size() : open + close + 1;
    }
    if (rest.substr(4, 1) == ">") return open + 5;
    if (rest.substr(4, 2) == "->") return open + 6;
    for (std::size_t dashes = rest.find("--", 4); dashes != std::string_view::npos; dashes = rest.find("--", dashes + 1)) {
      if (rest.substr(dashes + 2, 1) == ">") return open + dashes + 3;
      if (rest.substr(dashes + 2, 2) == "!>") return open + dashes + 4;
    }
    return page_.size();
  }

  std::size_t read_tag(std::size_t open) {
    FoundTag found;
    found.is_end = page_[open + 1] == '/';
    const std::size_t name_begin = open + (found.is_end ? 2 : 1);
    std::size_t at = name_begin;
    while (at < page_.size() && !is_space(page_[at]) && page_[at] != '/' && page_[at] != '>') ++at;
    found.source.name = page_.substr(name_begin, at - name_begin);
    std::string_view rest = page_.substr(at);
    std::string_view name;
    std::string_view value;
    while (next_attribute(rest, name, value)) {
      if (name == ">") break;
    }
    if (name != ">") return page_.size();  // the page ends within a tag: no tag (WHATWG eof-in-tag)
    const std::size_t behind = page_.size() - rest.size();
    found.source.attributes = page_.substr(at, behind - 1 - at);
    found.info = &tag_info(found.source.name);
    return found.is_end ? end_tag(found, behind) : start_tag(found, behind);
  }

  std::size_t end_tag(const FoundTag& found, std::size_t behind) {
    switch (found.info->treatment) {
      case Treatment::kInline:
      case Treatment::kBlock:
      case Treatment::kTablePart:
      case Treatment::kLineBreak: sink_.tag(found); break;
      default: break;
    }
    return behind;
  }

  std::size_t start_tag(const FoundTag& found, std::size_t behind) {
    switch (found.info->treatment) {
      case Treatment::kInline:
      case Treatment::kBlock:
      case Treatment::kTablePart:
      case Treatment::kLineBreak: sink_.tag(found); return behind;
      case Treatment::kLeftOut: return behind;
      case Treatment::kAside: keep_aside(found); return behind;
      case Treatment::kPage: {
        SourceTag& kept = found.info->tag == Tag::kBody ? document_.body : document_.html;
        if (kept.name.empty()) kept = found.source;
        return behind;
      }
      case Treatment::kTitle: {
        const std::size_t close = find_close(found.info->name, behind);
        if (close == std::string_view::npos) return behind;
        if (document_.titles.size() < kMaxAside) document_.titles.push_back(page_.substr(behind, close - behind));
        return close;  // the end tag itself is left out by its treatment
      }
      case Treatment::kSkipped: {
        // Shadow roots declared in the page are shown like the rest of it.
        if (found.info->name == "template" && find_attribute(found.source.attributes, "shadowrootmode")) return behind;
        const std::size_t close = find_close(found.info->name, behind);
        return close == std::string_view::npos ? behind : close;
      }
      case Treatment::kRawText: {
        const bool script = found.info->name == "script";
        const std::size_t close = script ? find_script_close(behind) : find_close(found.info->name, behind);
        const std::size_t end = close == std::string_view::npos ? page_.size() : close;
        if (script) keep_script(found.source.attributes, page_.substr(behind, end - behind));
        return end;
      }
    }
    return behind;
  }

  void keep_aside(const FoundTag& found) {
    const std::string_view name = found.info->name;
    if (name == "base") {
      if (document_.base.name.empty()) document_.base = found.source;
      return;
    }
    std::vector<SourceTag>& list = name == "meta" ? document_.metas : name == "link" ? document_.links : document_.images;
    if (list.size() < kMaxAside) list.push_back(found.source);
  }

  void keep_script(std::string_view attributes, std::string_view content) {
    const std::string_view type = find_attribute(attributes, "type").value_or(std::string_view{});
    if (type.find("json") == std::string_view::npos && type.find("JSON") == std::string_view::npos) return;
    if (document_.scripts.size() < kMaxAside) document_.scripts.push_back({type, find_attribute(attributes, "id").value_or(std::string_view{}), content});
  }

  // Where "</name" followed by a space, '/' or '>' begins. A name that was not found once is not looked for again, so that the pass stays linear.
  std::size_t find_close(std::string_view name, std::size_t from) {
    for (const std::string_view unclosed : unclosed_) {
      if (unclosed == name) return std::string_view::npos;
    }
    for (std::size_t open = page_.find("</", from); open != std::string_view::npos; open = page_.find("</", open + 2)) {
      if (closes(name, open)) return open;
    }
    unclosed_.push_back(name);
    return std::string_view::npos;
  }

  bool closes(std::string_view name, std::size_t open) const {
    const std::size_t behind = open + 2 + name.size();
    if (behind >= page_.size()) return false;
    for (std::size_t i = 0; i < name.size(); ++i) {
      if (lower(page_[open + 2 + i]) != name[i]) return false;
    }
    const char next = page_[behind];
    return is_space(next) || next == '/' || next == '>';
  }

  // WHATWG script data escaped states: between "<!--" and "-->" a "<script" makes the next "</script" part of the script.
  std::size_t find_script_close(std::size_t from) const {
    bool escaped = false;
    bool doubly = false;
    std::size_t at = from;
    while (at < page_.size()) {
      const std::size_t open = page_.find('<', at);
      if (open == std::string_view::npos) return std::string_view::npos;
      if (escaped) {
        const std::size_t end_of_comment = page_.substr(at, open - at + 1).find("-->");
        if (end_of_comment != std::string_view::npos) {
          escaped = doubly = false;
        }
      }
      if (closes("script", open)) {
        if (!doubly) return open;
        doubly = false;
      } else if (page_.substr(open, 4) == "<!--") {
        escaped = true;
        at = open + 2;  // "<!-->" ends what it begins
        continue;
      } else if (escaped && is_script_open(open)) {
        doubly = true;
      }
      at = open + 1;
    }
    return std::string_view::npos;
  }

  bool is_script_open(std::size_t open) const {
    constexpr std::string_view kName = "script";
    if (open + 1 + kName.size() >= page_.size()) return false;
    for (std::size_t i = 0; i < kName.size(); ++i) {
      if (lower(page_[open + 1 + i]) != kName[i]) return false;
    }
    const char next = page_[open + 1 + kName.size()];
    return is_space(next) || next == '/' || next == '>';
  }

  std::string_view page_;
  Document& document_;
  Sink& sink_;
  std::vector<std::string_view> unclosed_;
};

// Writes the skeleton and keeps count of what the parser will have open.
class SkeletonSink {
 public:
  SkeletonSink(std::string_view page, const Limits& limits, Document& document, Skeleton& out) : limits_(limits), document_(document), out_(out) {
    out_.html = "<!DOCTYPE html><body>";
    out_.html.reserve(page.size() / 8 + 64);
  }

  bool stopped() const { return out_.over_budget; }

  void text(std::string_view run) {
    if (is_blank(run)) {
      if (!in_table_gap() && out_.html.back() != ' ') out_.html += ' ';
      return;
    }
    if (in_table_gap()) spend(elements_);
    if (out_.runs.size() == kMaxRuns) {
      out_.over_budget = true;
      return;
    }
    text::append_utf8(out_.html, character_of(out_.runs.size()));
    out_.runs.push_back(run);
  }

  void tag(const FoundTag& found) {
    spend(std::min(open_.size(), limits_.depth + 1) + 1);
    if (found.is_end) {
      end(found);
    } else {
      start(found);
    }
  }

 private:
  struct Open {
    Tag tag;
    bool is_inline;
    bool left_out;          // not given to the parser: too deep
    std::string_view name;  // of unknown elements
  };

  void spend(std::size_t steps) {
    steps_ += steps;
    if (steps_ > limits_.steps) out_.over_budget = true;
  }

  static bool is_table_part(Tag tag) { return tag == Tag::kTable || tag == Tag::kTbody || tag == Tag::kThead || tag == Tag::kTfoot || tag == Tag::kTr; }
  // Text and elements here are moved in front of the table ("foster parenting"), which costs the parser a walk over the siblings.
  bool in_table_gap() const { return !open_.empty() && is_table_part(open_.back().tag); }

  void start(const FoundTag& found) {
    const Tag tag = found.info->tag;
    const Treatment treatment = found.info->treatment;
    if (treatment == Treatment::kTablePart && tag != Tag::kTable) {
      if (!open_table()) return;  // no table to be part of
      close_for_table_part(tag);
    } else if (treatment != Treatment::kInline) {
      if (tag == Tag::kLi) close_item(Tag::kLi, Tag::kLi);
      if (tag == Tag::kDd || tag == Tag::kDt) close_item(Tag::kDd, Tag::kDt);
      if (tag != Tag::kBr) close_paragraph();
      if (is_heading(tag) && !open_.empty() && is_heading(open_.back().tag)) pop_to(open_.size() - 1);
    } else if (tag == Tag::kA) {
      close_link();
    }
    if (in_table_gap() && treatment != Treatment::kTablePart) spend(elements_);
    const bool too_deep = open_.size() >= limits_.depth;
    if (too_deep) ++document_.flattened;
    if (!too_deep && !emit_start(found)) return;
    if (treatment == Treatment::kLineBreak) return;
    if (open_.size() < kMaxOpen) {
      open_.push_back({tag, treatment == Treatment::kInline, too_deep, treatment == Treatment::kInline ? found.source.name : std::string_view{}});
    }
  }

  bool emit_start(const FoundTag& found) {
    if (elements_ >= limits_.tags) {
      out_.over_budget = true;
      return false;
    }
    ++elements_;
    out_.starts.push_back(static_cast<std::uint32_t>(out_.html.size()));
    out_.sources.push_back(static_cast<std::uint32_t>(document_.tags.size()));
    out_.tags.push_back(found.info->tag);
    document_.tags.push_back(found.source);
    out_.html += '<';
    out_.html += found.info->treatment == Treatment::kInline ? std::string_view("x") : found.info->name;
    out_.html += '>';
    return true;
  }

  void end(const FoundTag& found) {
    const Tag tag = found.info->tag;
    if (found.info->treatment == Treatment::kLineBreak) {
      if (tag == Tag::kBr && open_.size() < limits_.depth) out_.html += "<br>";  // "</br>" is a line break
      return;
    }
    const bool is_inline = found.info->treatment == Treatment::kInline;
    const std::size_t least = open_.size() - std::min(open_.size(), kScopeSearch);
    for (std::size_t i = open_.size(); i > least; --i) {
      const Open& open = open_[i - 1];
      const bool heading = is_heading(tag) && is_heading(open.tag);
      if ((open.tag == tag || heading) && open.is_inline == is_inline && (!is_inline || text::ascii_iequals(open.name, found.source.name))) {
        if (is_inline) {
          close_inline(i - 1);
        } else {
          emit_end(i - 1);
          pop_to(i - 1);
        }
        return;
      }
      if (is_inline && !open.is_inline) return;  // an inline element ends within its block
      if (found.info->treatment == Treatment::kTablePart) {
        if (open.tag == Tag::kTable) return;
      } else if (open.tag == Tag::kTd || open.tag == Tag::kTh || open.tag == Tag::kCaption || open.tag == Tag::kTable) {
        return;  // out of scope
      } else if (tag == Tag::kLi && (open.tag == Tag::kUl || open.tag == Tag::kOl)) {
        return;
      } else if (tag == Tag::kP && !open.is_inline && open.tag == Tag::kButton) {
        return;
      }
    }
  }

  // To the parser every inline element has one name, so an end tag must stand for the right one: those above it end with it.
  void close_inline(std::size_t index) {
    while (open_.size() > index) {
      if (!open_.back().left_out) out_.html += "</x>";
      open_.pop_back();
    }
  }

  void emit_end(std::size_t index) {
    if (open_[index].left_out) return;
    out_.html += "</";
    out_.html += name_of(open_[index].tag);
    out_.html += '>';
  }

  static std::string_view name_of(Tag tag);

  void pop_to(std::size_t size) { open_.resize(size, Open{Tag::kOther, true, false, {}}); }

  bool open_table() const {
    return std::any_of(open_.rbegin(), open_.rbegin() + static_cast<std::ptrdiff_t>(std::min(open_.size(), kScopeSearch)),
                       [](const Open& open) { return open.tag == Tag::kTable; });
  }

  void close_for_table_part(Tag tag) {
    const std::size_t least = open_.size() - std::min(open_.size(), kScopeSearch);
    for (std::size_t i = open_.size(); i > least; --i) {
      const Tag open = open_[i - 1].tag;
      const bool section = open == Tag::kTbody || open == Tag::kThead || open == Tag::kTfoot;
      const bool row = open == Tag::kTr;
      if (open == Tag::kTable || ((tag == Tag::kTr || tag == Tag::kTd || tag == Tag::kTh) && section) || ((tag == Tag::kTd || tag == Tag::kTh) && row)) {
        pop_to(i);
        return;
      }
    }
  }

  void close_paragraph() {
    const std::size_t least = open_.size() - std::min(open_.size(), kScopeSearch);
    for (std::size_t i = open_.size(); i > least; --i) {
      const Tag open = open_[i - 1].tag;
      if (open == Tag::kP) {
        pop_to(i - 1);
        return;
      }
      if (open == Tag::kTd || open == Tag::kTh || open == Tag::kCaption || open == Tag::kTable) return;
    }
  }

  void close_item(Tag one, Tag other) {
    const std::size_t least = open_.size() - std::min(open_.size(), kScopeSearch);
    for (std::size_t i = open_.size(); i > least; --i) {
      const Open& open = open_[i - 1];
      if (open.tag == one || open.tag == other) {
        pop_to(i - 1);
        return;
      }
      if (!open.is_inline && open.tag != Tag::kAddress && open.tag != Tag::kDiv && open.tag != Tag::kP) return;
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
  std::size_t steps_ = 0;
  std::size_t elements_ = 0;
};

std::string_view SkeletonSink::name_of(Tag tag) {
  static const std::array<std::string_view, 256> names = [] {
    std::array<std::string_view, 256> made{};
    for (const std::string_view name :
         {"address", "article", "aside", "blockquote", "caption", "center",  "dd",    "details", "dialog", "div",    "dl",     "dt",    "fieldset", "figcaption",
          "figure",  "footer",  "form",  "h1",         "h2",      "h3",      "h4",    "h5",      "h6",     "header", "hgroup", "li",    "main",     "menu",
          "nav",     "ol",      "p",     "pre",        "section", "summary", "table", "tbody",   "td",     "tfoot",  "th",     "thead", "tr",       "ul"}) {
      made[static_cast<std::size_t>(tag_info(name).tag)] = name;
    }
    return made;
  }();
  return names[static_cast<std::size_t>(tag)];
}

// Makes one flat paragraph of each block.
class FlatSink {
 public:
  explicit FlatSink(Document& document) : nodes_(document.nodes) { nodes_.push_back({Tag::kBody, kNoNode, 1, kNoNode, {}}); }

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

char32_t character_of(std::size_t run) { return run < kRunsPerPlane ? static_cast<char32_t>(0xF0000 + run) : static_cast<char32_t>(0x100000 + (run - kRunsPerPlane)); }

std::size_t run_of(char32_t character) {
  if (character >= 0xF0000 && character < 0xF0000 + kRunsPerPlane) return character - 0xF0000;
  if (character >= 0x100000 && character < 0x100000 + kRunsPerPlane) return character - 0x100000 + kRunsPerPlane;
  return kMaxRuns;
}

Skeleton scan(std::string_view page, const Limits& limits, Document& document) {
  Skeleton out;
  SkeletonSink sink(page, limits, document, out);
  PageScanner<SkeletonSink>(page, document, sink).run();
  return out;
}

void scan_flat(std::string_view page, Document& document) {
  FlatSink sink(document);
  PageScanner<FlatSink>(page, document, sink).run();
  sink.finish();
}

}  // namespace vigie::extractor::dom
