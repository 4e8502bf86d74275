#pragma once

#include <algorithm>
#include <string_view>
#include <vector>

#include "extractor/dom/document.h"
#include "extractor/dom/tags.h"
#include "platform/text/ascii.h"
#include "platform/text/utf8.h"

namespace vigie::extractor::dom {

inline bool is_space(char c) {
  return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f';
}
using text::ascii::is_letter;
using text::ascii::to_lower;

inline bool is_blank(std::string_view text) {
  return std::all_of(text.begin(), text.end(), is_space);
}

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
  PageScanner(std::string_view page, Document& document, Sink& sink)
      : page_(page), document_(document), sink_(sink) {}

  void run() {
    std::size_t text_begin = 0;
    std::size_t from = 0;
    while (!sink_.stopped()) {
      const std::size_t open = page_.find('<', from);
      if (open == std::string_view::npos || open + 1 >= page_.size()) break;
      const char next = page_[open + 1];
      const bool tag =
          is_letter(next) || (next == '/' && open + 2 < page_.size() && is_letter(page_[open + 2]));
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
    for (std::size_t dashes = rest.find("--", 4); dashes != std::string_view::npos;
         dashes = rest.find("--", dashes + 1)) {
      if (rest.substr(dashes + 2, 1) == ">") return open + dashes + 3;
      if (rest.substr(dashes + 2, 2) == "!>") return open + dashes + 4;
    }
    return page_.size();
  }

  std::size_t read_tag(std::size_t open) {
    FoundTag found;
    found.is_end = page_[open + 1] == '/';
    const std::size_t behind = read_source(open + (found.is_end ? 2 : 1), found);
    // the page ends within a tag: no tag (WHATWG eof-in-tag)
    if (behind == std::string_view::npos) return page_.size();
    found.info = &tag_info(found.source.name);
    return found.is_end ? end_tag(found, behind) : start_tag(found, behind);
  }

  // Name and attributes of the tag whose name begins there; gives where the tag has ended, or npos
  // where the page ends within it.
  std::size_t read_source(std::size_t name_begin, FoundTag& found) const {
    std::size_t at = name_begin;
    while (at < page_.size() && !is_space(page_[at]) && page_[at] != '/' && page_[at] != '>') ++at;
    found.source.name = page_.substr(name_begin, at - name_begin);
    std::string_view rest = page_.substr(at);
    std::string_view name;
    std::string_view value;
    found.source.names = 0;
    bool ended = false;
    while (!ended && next_attribute(rest, name, value)) {
      ended = name.front() == '>';
      if (!ended) found.source.names |= bit_of_attribute(name);
    }
    if (!ended) return std::string_view::npos;
    const std::size_t behind = page_.size() - rest.size();
    found.source.attributes = page_.substr(at, behind - 1 - at);
    return behind;
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
        if (document_.titles.size() < kMaxAside)
          document_.titles.push_back(page_.substr(behind, close - behind));
        return close;  // the end tag itself is left out by its treatment
      }
      case Treatment::kSkipped: {
        // Shadow roots declared in the page are shown like the rest of it.
        if (found.info->name == "template" && find_attribute(found.source, "shadowrootmode"))
          return behind;
        const std::size_t close = found.info->name == "svg" || found.info->name == "math"
                                      ? find_foreign_end(found, behind)
                                      : find_close(found.info->name, behind);
        if (close == std::string_view::npos) return behind;
        if (found.info->name == "noscript") keep_noscript(behind, close);
        return close;
      }
      case Treatment::kRawText: {
        const bool script = found.info->name == "script";
        const std::size_t close =
            script ? find_script_close(behind) : find_close(found.info->name, behind);
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
    if (name == "source" && !names_pictures(found.source.attributes)) return;
    std::vector<SourceTag>& list = name == "meta"   ? document_.metas
                                   : name == "link" ? document_.links
                                                    : document_.images;
    if (list.size() < kMaxAside) list.push_back(found.source);
  }

  // Of a picture, not of a film or a sound.
  static bool names_pictures(std::string_view attributes) {
    return attributes.find("srcset") != std::string_view::npos;
  }

  // What stands in [begin, end): its text for later, its pictures now, in the order of the page.
  void keep_noscript(std::size_t begin, std::size_t end) {
    if (document_.noscripts.size() >= kMaxAside) return;
    document_.noscripts.push_back(page_.substr(begin, end - begin));
    std::size_t open = page_.find('<', begin);
    while (open != std::string_view::npos && open + 1 < end) {
      std::size_t behind = open + 1;
      if (is_letter(page_[behind])) {
        FoundTag found;
        behind = read_source(open + 1, found);
        if (behind == std::string_view::npos || behind > end) return;
        found.info = &tag_info(found.source.name);
        if (is_picture(found.info->name)) keep_aside(found);
      }
      open = page_.find('<', behind);
    }
  }

  static bool is_picture(std::string_view name) {
    return name == "img" || name == "source" || name == "amp-img";
  }

  void keep_script(std::string_view attributes, std::string_view content) {
    const std::string_view type = find_attribute(attributes, "type").value_or(std::string_view{});
    if (type.find("json") == std::string_view::npos && type.find("JSON") == std::string_view::npos)
      return;
    if (document_.scripts.size() < kMaxAside)
      document_.scripts.push_back(
          {type, find_attribute(attributes, "id").value_or(std::string_view{}), content});
  }

  // Where the content of a drawing or formula ends: at its own end tag, or at a start tag that no
  // foreign content holds (WHATWG §13.2.6.5).
  std::size_t find_foreign_end(const FoundTag& root, std::size_t from) {
    if (is_self_closing(root.source)) return from;
    if (std::find(unclosed_.begin(), unclosed_.end(), root.info->name) != unclosed_.end())
      return std::string_view::npos;
    std::size_t depth = 1;
    std::size_t html_depth = 0;  // elements in which HTML stands again
    for (std::size_t open = page_.find('<', from);
         open != std::string_view::npos && open + 1 < page_.size();) {
      const bool is_end = page_[open + 1] == '/';
      const std::size_t name_begin = open + (is_end ? 2 : 1);
      if (name_begin >= page_.size()) break;
      if (!is_letter(page_[name_begin])) {
        const bool comment = !is_end && (page_[name_begin] == '!' || page_[name_begin] == '?');
        open = page_.find('<', comment ? skip_comment(open) : open + 1);
        continue;
      }
      FoundTag tag;
      const std::size_t behind = read_source(name_begin, tag);
      if (behind == std::string_view::npos) break;
      const std::string_view name = tag.source.name;
      if (text::ascii_iequals(name, root.info->name)) {
        if (is_end && --depth == 0) return open;
        if (!is_end && !is_self_closing(tag.source)) ++depth;
      } else if (text::ascii_iequals(name, "foreignobject") || text::ascii_iequals(name, "desc") ||
                 text::ascii_iequals(name, "title") ||
                 text::ascii_iequals(name, "annotation-xml")) {
        if (is_end) html_depth -= std::min<std::size_t>(html_depth, 1);
        if (!is_end && !is_self_closing(tag.source)) ++html_depth;
      } else if (!is_end && html_depth == 0 && ends_foreign_content(tag_info(name).tag)) {
        return open;
      }
      open = page_.find('<', behind);
    }
    unclosed_.push_back(root.info->name);
    return std::string_view::npos;
  }

  static bool is_self_closing(const SourceTag& source) {
    return !source.attributes.empty() && source.attributes.back() == '/';
  }

  // Of the elements that WHATWG lists those that the extractor knows.
  static bool ends_foreign_content(Tag tag) {
    switch (tag) {
      case Tag::kB:
      case Tag::kBlockquote:
      case Tag::kBody:
      case Tag::kBr:
      case Tag::kCenter:
      case Tag::kCode:
      case Tag::kDd:
      case Tag::kDiv:
      case Tag::kDl:
      case Tag::kDt:
      case Tag::kEm:
      case Tag::kH1:
      case Tag::kH2:
      case Tag::kH3:
      case Tag::kH4:
      case Tag::kH5:
      case Tag::kH6:
      case Tag::kHr:
      case Tag::kI:
      case Tag::kLi:
      case Tag::kMenu:
      case Tag::kOl:
      case Tag::kP:
      case Tag::kPre:
      case Tag::kSmall:
      case Tag::kSpan:
      case Tag::kStrong:
      case Tag::kTable:
      case Tag::kU:
      case Tag::kUl: return true;
      default: return false;
    }
  }

  // Where "</name" followed by a space, '/' or '>' begins. A name that was not found once is not
  // looked for again, so that the pass stays linear.
  std::size_t find_close(std::string_view name, std::size_t from) {
    for (const std::string_view unclosed : unclosed_) {
      if (unclosed == name) return std::string_view::npos;
    }
    for (std::size_t open = page_.find("</", from); open != std::string_view::npos;
         open = page_.find("</", open + 2)) {
      if (closes(name, open)) return open;
    }
    unclosed_.push_back(name);
    return std::string_view::npos;
  }

  bool closes(std::string_view name, std::size_t open) const {
    const std::size_t behind = open + 2 + name.size();
    if (behind >= page_.size()) return false;
    for (std::size_t i = 0; i < name.size(); ++i) {
      if (to_lower(page_[open + 2 + i]) != name[i]) return false;
    }
    const char next = page_[behind];
    return is_space(next) || next == '/' || next == '>';
  }

  // WHATWG script data escaped states: between "<!--" and "-->" a "<script" makes the next
  // "</script" part of the script.
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
      if (to_lower(page_[open + 1 + i]) != kName[i]) return false;
    }
    const char next = page_[open + 1 + kName.size()];
    return is_space(next) || next == '/' || next == '>';
  }

  std::string_view page_;
  Document& document_;
  Sink& sink_;
  std::vector<std::string_view> unclosed_;
};

}  // namespace vigie::extractor::dom
