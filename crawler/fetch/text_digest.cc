#include "crawler/fetch/text_digest.h"

#include <algorithm>
#include <array>

#include "platform/text/ascii.h"
#include "proto/identity.h"

namespace vigie::crawler::fetch {
namespace {

using text::ascii::is_letter;
using text::ascii::is_space;

/// A shorter run of text is a label, a date, a link.
constexpr std::size_t kParagraphBytes = 60;
/// With less text than this, two pages may be alike by chance: a notice, a wall.
constexpr std::size_t kLeastBytes = 400;
constexpr std::size_t kLeastParagraphs = 2;
constexpr std::size_t kDigestBytes = 16;

template <std::size_t N>
bool is_one_of(const std::array<std::string_view, N>& names, std::string_view name) {
  return std::any_of(names.begin(), names.end(), [name](std::string_view one) {
    return one.size() == name.size() && one.front() == name.front() && one == name;
  });
}

/// What is not shown, or is not of the text.
constexpr std::array<std::string_view, 13> kLeftOut{
    "script", "style", "noscript", "template", "svg",    "math",  "nav",
    "footer", "aside", "form",     "textarea", "select", "iframe"};
/// What stands within a paragraph.
constexpr std::array<std::string_view, 24> kInline{
    "a",   "abbr", "b",    "bdi", "bdo", "br",    "cite", "code",   "data", "em",  "font", "i",
    "img", "kbd",  "mark", "q",   "s",   "small", "span", "strong", "sub",  "sup", "time", "u"};

/// Collects the text of a page in paragraphs.
class Paragraphs {
 public:
  explicit Paragraphs(std::string_view html) : html_(html) {}

  std::string digest(std::string_view listed_as) {
    walk();
    end_paragraph();
    if (title_.empty() || paragraphs_ < kLeastParagraphs || text_.size() < kLeastBytes) return {};
    text_.insert(0, title_ + "\n" + std::string(listed_as) + "\n\n");
    return proto::sha256(text_).substr(0, kDigestBytes);
  }

 private:
  void walk() {
    std::size_t at = 0;
    while (at < html_.size()) {
      const std::size_t open = std::min(html_.find('<', at), html_.size());
      add(html_.substr(at, open - at));
      if (open == html_.size()) return;
      at = html_.substr(open, 4) == "<!--" ? behind("-->", open + 4) : read_tag(open);
    }
  }

  std::size_t behind(std::string_view mark, std::size_t from) const {
    const std::size_t found = html_.find(mark, from);
    return found == std::string_view::npos ? html_.size() : found + mark.size();
  }

  /// Out: where the text goes on.
  std::size_t read_tag(std::size_t open) {
    std::size_t begin = open + 1;
    const bool closing = begin < html_.size() && html_[begin] == '/';
    if (closing) ++begin;
    if (begin >= html_.size() || !(is_letter(html_[begin]) || html_[begin] == '!')) {
      add("<");
      return open + 1;
    }
    std::size_t end = begin;
    while (end < html_.size() && !is_space(html_[end]) && html_[end] != '>' && html_[end] != '/')
      ++end;
    const std::string name = text::ascii::lower(html_.substr(begin, end - begin));
    const std::size_t after = behind(">", end);
    if (!is_one_of(kInline, name)) end_paragraph();
    if (name == "a") in_link_ = !closing;
    if (closing) return after;
    if (name == "title" && title_.empty()) {
      const std::size_t close = std::min(html_.find("</", after), html_.size());
      title_ = text::ascii::trim(html_.substr(after, close - after));
      return close;
    }
    return is_one_of(kLeftOut, name) ? behind_element(name, after) : after;
  }

  std::size_t behind_element(std::string_view name, std::size_t at) const {
    while ((at = html_.find("</", at)) != std::string_view::npos) {
      if (text::ascii::lower(html_.substr(at + 2, name.size())) == name) return behind(">", at);
      at += 2;
    }
    return html_.size();
  }

  /// Word by word, with one blank for all white space between two.
  void add(std::string_view more) {
    std::size_t at = 0;
    while (at < more.size()) {
      const std::size_t begin = at;
      while (at < more.size() && !is_space(more[at])) ++at;
      if (at > begin) {
        if (blank_ && !run_.empty()) run_ += ' ';
        blank_ = false;
        run_.append(more, begin, at - begin);
        if (in_link_) linked_ += at - begin;
      }
      for (; at < more.size() && is_space(more[at]); ++at) blank_ = true;
    }
  }

  /// What is mostly links leads to other texts.
  void end_paragraph() {
    if (run_.size() >= kParagraphBytes && linked_ * 2 < run_.size()) {
      text_ += run_;
      text_ += '\n';
      ++paragraphs_;
    }
    run_.clear();
    linked_ = 0;
    blank_ = false;
  }

  std::string_view html_;
  std::string title_;
  std::string text_;
  std::string run_;
  std::size_t linked_ = 0;
  std::size_t paragraphs_ = 0;
  bool blank_ = false;
  bool in_link_ = false;
};

}  // namespace

std::string text_digest(std::string_view html, std::string_view listed_as) {
  return Paragraphs(html).digest(listed_as);
}

}  // namespace vigie::crawler::fetch
