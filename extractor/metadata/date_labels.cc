#include "extractor/metadata/date_labels.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "platform/text/fold.h"
#include "platform/text/utf8.h"
#include "platform/text/word_lists.h"

namespace vigie::extractor::metadata {

extern const std::string_view kDateLabelsText;  // date_labels.txt

namespace {

// How far in front of a day its label stands, in folded bytes.
constexpr std::size_t kReach = 60;
constexpr std::size_t kReachBehind = 40;

bool is_letter(std::string_view text, std::size_t at) {
  if (at >= text.size()) return false;
  const auto byte = static_cast<unsigned char>(text[at]);
  return byte >= 0x80 || (byte >= 'a' && byte <= 'z');
}

// The labels by the byte they begin with.
class LabelIndex {
 public:
  LabelIndex() {
    const text::WordLists words = text::read_word_lists(kDateLabelsText);
    for (const std::string_view label : words.of("published")) add(label, DateRole::kPublished);
    for (const std::string_view label : words.of("modified")) add(label, DateRole::kModified);
    for (const std::string_view label : words.of("other")) add(label, DateRole::kOther);
  }

  // The label that ends last in the text, as whole words; of two the one that says more.
  DateRole last_in(std::string_view text) const {
    DateRole role = DateRole::kNone;
    std::size_t last = 0;
    std::size_t longest = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
      const std::vector<Label>& labels = by_byte_[static_cast<unsigned char>(text[at])];
      if (labels.empty()) continue;
      const bool begins = at == 0 || !is_letter(text, at - 1);
      for (const Label& label : labels) {
        const std::size_t end = at + label.text.size();
        if (end < last || !text.substr(at).starts_with(label.text)) continue;
        if (!label.unspaced && (!begins || is_letter(text, end))) continue;
        const bool decides = end > last || label.text.size() > longest ||
                             (label.text.size() == longest && label.role == DateRole::kModified);
        if (!decides) continue;
        role = label.role;
        last = end;
        longest = label.text.size();
      }
    }
    return role;
  }

 private:
  struct Label {
    std::string_view text;
    DateRole role = DateRole::kNone;
    bool unspaced = false;  // of a script without spaces, where words begin anywhere
  };
  void add(std::string_view label, DateRole role) {
    std::size_t offset = 0;
    const bool unspaced = text::is_unspaced_script(text::next_code_point(label, offset));
    by_byte_[static_cast<unsigned char>(label.front())].push_back({label, role, unspaced});
  }

  std::array<std::vector<Label>, 256> by_byte_;
};

DateRole nearest(std::string_view text) {
  static const LabelIndex kIndex;
  return kIndex.last_in(text);
}

struct Words {
  std::size_t all = 0;
  std::size_t small = 0;     // that begin with a small letter and have four letters
  std::size_t unspaced = 0;  // characters of scripts without spaces
};

bool is_small(char32_t c) {
  return (c >= 'a' && c <= 'z') || (c >= 0xDF && c <= 0xFF && c != 0xF7) ||
         (c >= 0x3AC && c <= 0x3CE) || (c >= 0x430 && c <= 0x45F) ||
         (c >= 0x100 && c <= 0x17F && (c & 1U) == 1);
}

bool is_letter_point(char32_t c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c >= 0xC0 && c != 0xD7 && c != 0xF7 && !(c >= 0x2000 && c <= 0x303F) &&
          !(c >= 0xFF00 && c <= 0xFF20));
}

void count(std::string_view text, Words& words) {
  std::size_t letters = 0;
  bool small = false;
  for (std::size_t offset = 0; offset <= text.size();) {
    const char32_t c = offset < text.size() ? text::next_code_point(text, offset) : U' ';
    if (offset == text.size() && c == U' ') ++offset;
    if (text::is_unspaced_script(c)) ++words.unspaced;
    if (is_letter_point(c)) {
      if (letters == 0) small = is_small(c);
      ++letters;
      continue;
    }
    if (letters > 1) ++words.all;
    if (letters > 3 && small) ++words.small;
    letters = 0;
  }
}

bool ends_sentence(std::string_view text) {
  text = text::trim(text);
  return !text.empty() && (text.back() == '.' || text.back() == '!' || text.back() == '?' ||
                           text.ends_with("。") || text.ends_with("؟") || text.ends_with("।"));
}

}  // namespace

DateRole role_of(std::string_view before, std::string_view behind) {
  if (before.size() > 4 * kReach) before.remove_prefix(before.size() - 4 * kReach);
  while (!before.empty() && (static_cast<unsigned char>(before.front()) & 0xC0U) == 0x80U)
    before.remove_prefix(1);
  std::string folded = text::fold_text(before);
  if (folded.size() > kReach) {
    folded.erase(0, folded.size() - kReach);
    while (!folded.empty() && (static_cast<unsigned char>(folded.front()) & 0xC0U) == 0x80U)
      folded.erase(0, 1);
  }
  const DateRole role = nearest(folded);
  if (role != DateRole::kNone || behind.empty()) return role;
  const std::string folded_behind = text::fold_text(text::prefix(behind, 2 * kReachBehind));
  return nearest(text::prefix(folded_behind, kReachBehind));
}

bool is_prose(std::string_view before, std::string_view behind) {
  constexpr std::size_t kMostSmall = 3;      // words of a byline with its role
  constexpr std::size_t kMostWords = 12;     // of scripts without capitals
  constexpr std::size_t kMostUnspaced = 30;  // characters
  Words words;
  count(before, words);
  count(behind, words);
  if (words.small > kMostSmall || words.all > kMostWords || words.unspaced > kMostUnspaced)
    return true;
  // a sentence with a verb: "Die Verordnung tritt am … in Kraft."
  return words.all >= 4 && words.small >= 1 && ends_sentence(behind);
}

bool is_wordy(std::string_view before, std::string_view behind) {
  Words words;
  count(before, words);
  count(behind, words);
  return words.small >= 2;
}

}  // namespace vigie::extractor::metadata
