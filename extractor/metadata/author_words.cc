#include "extractor/metadata/author_words.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "platform/text/ascii.h"
#include "platform/text/utf8.h"
#include "platform/text/word_lists.h"

namespace vigie::extractor::metadata {

extern const std::string_view kAuthorWordsText;  // author_words.txt

namespace {

using Phrases = std::vector<std::string_view>;

// Joints as they stand in a line: words with their spaces, then marks that stand in no name.
struct Joints {
  explicit Joints(const text::WordLists& words) {
    for (const std::string_view mark : {";", "|", "•", "·", "\n", " – ", " — ", " & ", "、"})
      list.push_back({std::string(mark), true, false});
    for (const std::string_view word : words.of("joint"))
      list.push_back({" " + std::string(word) + " ", false, false});
    for (const std::string_view word : words.of("joint surname"))
      list.push_back({" " + std::string(word) + " ", false, true});
    list.push_back({"/", true, false});
  }
  std::vector<Joint> list;
};

Phrases longest_first(Phrases phrases) {
  std::stable_sort(phrases.begin(), phrases.end(),
                   [](std::string_view a, std::string_view b) { return a.size() > b.size(); });
  return phrases;
}

// The lists of author_words.txt, which says what each is.
struct Lists {
  explicit Lists(const text::WordLists& words)
      : labels(words.of("label")),
        roles(words.of("role")),
        nobodys(words.of("nobody")),
        nobodys_whole(words.of("whole")),
        agencies(words.of("agency")),
        credits_of_others(words.of("others")),
        of_others(words.of("of others")),
        in_front(words.of("front")),
        accounts(words.of("account")),
        by(words.of("by")),
        places(words.of("place")),
        places_behind_comma(words.of("place behind comma")),
        particles(words.of("particle")),
        suffixes(words.of("suffix")),
        degrees(words.of("degree")),
        ours(words.of("our")),
        ranks(words.of("rank")),
        joints(words),
        east_asian{longest_first(words.of("writer")), longest_first(words.of("editor")),
                   longest_first(words.of("report")), longest_first(words.of("title")),
                   words.of("reporter")} {}

  Phrases labels;
  Phrases roles;
  Phrases nobodys;
  Phrases nobodys_whole;
  Phrases agencies;
  Phrases credits_of_others;
  Phrases of_others;
  Phrases in_front;
  Phrases accounts;
  Phrases by;
  Phrases places;
  Phrases places_behind_comma;
  Phrases particles;
  Phrases suffixes;
  Phrases degrees;
  Phrases ours;
  Phrases ranks;
  Joints joints;
  EastAsianWords east_asian;
};

const Lists& lists() {
  static const Lists kLists(text::read_word_lists(kAuthorWordsText));
  return kLists;
}

constexpr std::array kNobodysMarks =
    std::to_array<std::string_view>({"http", "www.", ".com", ".net/", "@", "{{", "://"});

template <class List>
bool has(const List& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

bool is_of_word(char c) {
  return (c >= 'a' && c <= 'z') || static_cast<unsigned char>(c) >= 0x80 || c == '\'';
}

// A word ends at a place; "Posts-Baker" is a surname, while "Online-Redaktion" is a desk.
bool ends_at(std::string_view text, std::size_t end) {
  if (end == text.size()) return true;
  if (text[end] == '-') return end + 1 == text.size() || !is_of_word(text[end + 1]);
  return !is_of_word(text[end]);
}

// Whether a phrase stands in a text in lower case as whole words.
bool holds(std::string_view text, std::string_view phrase) {
  for (std::size_t at = text.find(phrase); at != std::string_view::npos;
       at = text.find(phrase, at + 1)) {
    if ((at == 0 || !is_of_word(text[at - 1])) && ends_at(text, at + phrase.size())) return true;
  }
  return false;
}

std::string lower_word(std::string_view word) {
  std::string out = lower_in_place(word);
  while (!out.empty() && (out.back() == '.' || out.back() == ',' || out.back() == ')'))
    out.pop_back();
  while (!out.empty() && out.front() == '(') out.erase(0, 1);
  return out;
}

}  // namespace

std::string lower_in_place(std::string_view text) {
  std::string out;
  const std::string valid = text::to_valid_utf8(text);
  out.reserve(valid.size());
  for (std::size_t offset = 0; offset < valid.size();) {
    if (static_cast<unsigned char>(valid[offset]) < 0x80) {
      out += text::ascii::to_lower(valid[offset++]);
      continue;
    }
    char32_t c = text::next_code_point(valid, offset);
    const bool plus_32 = (c >= 0xC0 && c <= 0xDE && c != 0xD7) || (c >= 0x391 && c <= 0x3A9) ||
                         (c >= 0x410 && c <= 0x42F);
    const bool odd_follows = (c >= 0x100 && c <= 0x137 && c != 0x130) || (c >= 0x14A && c <= 0x177);
    const bool even_follows = (c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17E);
    if (plus_32) {
      c += 32;
    } else if (c >= 0x400 && c <= 0x40F) {
      c += 80;
    } else if ((odd_follows && c % 2 == 0) || (even_follows && c % 2 == 1)) {
      ++c;
    }
    text::append_utf8(out, c);
  }
  return out;
}

std::span<const Joint> joints() { return lists().joints.list; }

const EastAsianWords& east_asian_words() { return lists().east_asian; }

std::size_t byline_label(std::string_view lower) {
  std::size_t best = 0;
  for (const std::string_view label : lists().labels) {
    if (!lower.starts_with(label) || label.size() <= best) continue;
    std::size_t end = label.size();
    if (end >= lower.size()) continue;
    if (lower[end] != ' ' && lower[end] != ':' && lower[end] != '\t') continue;
    while (end < lower.size() && (lower[end] == ':' || lower[end] == ' ')) ++end;
    // "Autor" alone is a word of a name only where a name follows
    if (end < lower.size()) best = std::max(best, end);
  }
  return best;
}

std::size_t byline_particle(std::string_view lower) {
  for (const std::string_view by : lists().by) {
    if (lower.starts_with(by) && lower.substr(by.size()).starts_with(' ')) return by.size() + 1;
  }
  return 0;
}

std::size_t credit_of_others(std::string_view lower) {
  std::size_t first = std::string_view::npos;
  for (const std::string_view credit : lists().credits_of_others) {
    for (std::size_t at = lower.find(credit); at != std::string_view::npos && at < first;
         at = lower.find(credit, at + 1)) {
      if (at > 0 && !is_of_word(lower[at - 1])) {
        first = at;
        break;
      }
    }
  }
  return first;
}

std::size_t place_behind(std::string_view lower) {
  std::size_t first = std::string_view::npos;
  for (const std::string_view word : lists().places) {
    for (std::size_t at = lower.find(word); at != std::string_view::npos && at < first;
         at = lower.find(word, at + 1)) {
      const bool apart =
          at > 0 && lower[at - 1] == ' ' && lower.substr(at + word.size()).starts_with(' ');
      if (!apart) continue;
      // a name of two words stands in front of it
      if (lower.substr(0, at - 1).find(' ') != std::string_view::npos) first = at - 1;
      break;
    }
  }
  return first;
}

bool begins_with_place(std::string_view part) {
  const std::string_view word = part.substr(0, part.find(' '));
  return word.size() < part.size() &&
         (has(lists().places, word) || has(lists().places_behind_comma, word));
}

bool is_particle(std::string_view word) { return has(lists().particles, lower_word(word)); }

bool is_degree(std::string_view word) {
  while (!word.empty() && word.back() == ',') word.remove_suffix(1);
  return has(lists().degrees, word);
}

bool is_suffix(std::string_view text) {
  std::string lower;
  for (const char c : text::ascii_lower(text)) {
    if (c != '.') lower += c;
  }
  if (has(lists().suffixes, lower)) return true;
  while (!text.empty()) {
    const std::size_t space = text.find(' ');
    if (!is_degree(text.substr(0, space))) return false;
    if (space == std::string_view::npos) return true;
    text = text::trim(text.substr(space));
  }
  return true;
}

bool has_role(std::string_view text) {
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::size_t end = rest.find_first_of(" /,");
    if (has(lists().roles, lower_word(rest.substr(0, end)))) return true;
    if (end == std::string_view::npos) return false;
    rest.remove_prefix(end + 1);
  }
  return false;
}

bool is_our(std::string_view word) { return has(lists().ours, lower_word(word)); }

bool is_credit_of_others(std::string_view text) {
  const std::string lower = lower_in_place(text);
  return has(lists().of_others, std::string_view(lower).substr(0, lower.find_first_of(")], ")));
}

bool is_role_rank(std::string_view word) { return has(lists().ranks, lower_word(word)); }

bool is_agency(std::string_view text) { return has(lists().agencies, lower_in_place(text)); }

bool is_account(std::string_view text) { return has(lists().accounts, lower_in_place(text)); }

bool is_no_person(std::string_view text) {
  const std::string lower = lower_in_place(text);
  if (std::any_of(kNobodysMarks.begin(), kNobodysMarks.end(),
                  [&](std::string_view mark) { return lower.find(mark) != std::string::npos; }))
    return true;
  if (std::any_of(lists().nobodys.begin(), lists().nobodys.end(),
                  [&](std::string_view phrase) { return holds(lower, phrase); }))
    return true;
  // surnames of many, labels where they stand in front
  if (has(lists().in_front, std::string_view(lower).substr(0, lower.find_first_of(" :"))))
    return true;
  return has(lists().nobodys_whole, lower) || has(lists().agencies, lower);
}

}  // namespace vigie::extractor::metadata
