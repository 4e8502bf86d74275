#include "extractor/metadata/author_words.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "platform/text/utf8.h"
#include "platform/text/word_lists.h"

namespace vigie::extractor::metadata {

extern const std::string_view kAuthorWordsText;  // author_words.txt

namespace {

// The lists of author_words.txt.
struct Lists {
  std::vector<std::string_view> labels;
  std::vector<std::string_view> roles;
  std::vector<std::string_view> nobodys;
  std::vector<std::string_view> nobodys_whole;
  std::vector<std::string_view> credits_of_others;
};

const Lists& lists() {
  static const Lists kLists = [] {
    const text::WordLists words = text::read_word_lists(kAuthorWordsText);
    return Lists{words.of("label"), words.of("role"), words.of("nobody"), words.of("whole"),
                 words.of("others")};
  }();
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

// Whether a phrase stands in a text in lower case as whole words.
bool holds(std::string_view text, std::string_view phrase) {
  for (std::size_t at = text.find(phrase); at != std::string_view::npos;
       at = text.find(phrase, at + 1)) {
    const std::size_t end = at + phrase.size();
    if ((at == 0 || !is_of_word(text[at - 1])) && (end == text.size() || !is_of_word(text[end])))
      return true;
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
  for (std::size_t offset = 0; offset < valid.size();) {
    char32_t c = text::next_code_point(valid, offset);
    const bool plus_32 = (c >= 'A' && c <= 'Z') || (c >= 0xC0 && c <= 0xDE && c != 0xD7) ||
                         (c >= 0x391 && c <= 0x3A9) || (c >= 0x410 && c <= 0x42F);
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

std::span<const Joint> joints() {
  static constexpr std::array kJoints = std::to_array<Joint>({
      {";", true},          {"|", true},           {"•", true},          {"·", true},
      {"\n", true},         {" – ", true},         {" — ", true},        {" & ", true},
      {"、", true},         {" and ", false},      {" und ", false},     {" sowie ", false},
      {" et ", false},      {" with ", false},     {" mit ", false},     {" avec ", false},
      {" con ", false},     {" oraz ", false},     {" и ", false, true}, {" і ", false, true},
      {" та ", false},      {" και ", false},      {" ve ", false},      {" dan ", false},
      {" och ", false},     {" og ", false},       {" y ", false, true}, {" e ", false, true},
      {" i ", false, true}, {" en ", false, true}, {" a ", false, true}, {" și ", false},
      {" és ", false},      {" ja ", false},       {" و ", false},       {"/", true},
  });
  return kJoints;
}

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
  static constexpr std::array kParticles = std::to_array<std::string_view>(
      {"von ", "par ", "por ", "di ", "da ", "от ", "de ", "door ", "av ", "af ", "od ", "per "});
  for (const std::string_view particle : kParticles) {
    if (lower.starts_with(particle)) return particle.size();
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
  static constexpr std::array kPlaces = std::to_array<std::string_view>(
      {" in ",     " from ",     " at ",      " for ",       " aus ",     " für ",
       " à ",      " pour ",     " para ",    " em ",        " w ",       " из ",
       " в ",      " za ",       " fra ",     " reporting ", " reports ", " berichtet ",
       " writes ", " schreibt ", " informa ", " via ",       " on ",      " près "});
  std::size_t first = std::string_view::npos;
  for (const std::string_view place : kPlaces) {
    const std::size_t at = lower.find(place);
    // a name of two words stands in front of it
    if (at != std::string_view::npos && lower.substr(0, at).find(' ') != std::string_view::npos)
      first = std::min(first, at);
  }
  return first;
}

bool is_particle(std::string_view word) {
  static constexpr std::array kParticles = std::to_array<std::string_view>(
      {"von", "zu",    "zum", "zur", "vom", "van",  "der",   "den", "de",  "del", "della",
       "dei", "di",    "da",  "das", "dos", "do",   "du",    "des", "la",  "le",  "las",
       "los", "al",    "el",  "bin", "ben", "ibn",  "abu",   "ter", "ten", "te",  "af",
       "av",  "y",     "e",   "i",   "st",  "san",  "santa", "mac", "mc",  "o'",  "d'",
       "dal", "dalla", "lo",  "und", "ul",  "bint", "ap"});
  return has(kParticles, lower_word(word));
}

bool is_degree(std::string_view word) {
  static constexpr std::array kDegrees = std::to_array<std::string_view>(
      {"PhD",    "Ph.D.", "Ph.D",  "MD",    "M.D.", "MS",  "MSc", "MA",  "M.A.", "MBA", "MPH",
       "RN",     "RD",    "JD",    "J.D.",  "DDS",  "DVM", "BSc", "BA",  "LLM",  "CFA", "CPA",
       "PharmD", "DO",    "MPhil", "DPhil", "Esq.", "Esq", "FRS", "OBE", "MBE",  "CBE"});
  while (!word.empty() && word.back() == ',') word.remove_suffix(1);
  return has(kDegrees, word);
}

bool is_suffix(std::string_view text) {
  static constexpr std::array kSuffixes = std::to_array<std::string_view>(
      {"jr", "sr", "ii", "iii", "iv", "dr", "prof", "prof dr", "dipl ing", "esq"});
  std::string lower;
  for (const char c : text::ascii_lower(text)) {
    if (c != '.') lower += c;
  }
  if (has(kSuffixes, lower)) return true;
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

bool is_our(std::string_view word) {
  static constexpr std::array kOurs = std::to_array<std::string_view>(
      {"our", "unser", "unsere", "unserem", "unserer", "unseren", "notre", "nuestro", "nuestra",
       "nostro", "nostra", "dal", "dalla", "nosso", "nossa", "onze", "the"});
  return has(kOurs, lower_word(word));
}

bool is_credit_of_others(std::string_view text) {
  static constexpr std::array kWords = std::to_array<std::string_view>(
      {"foto",     "fotos",       "photo",      "photos",       "photography",   "pictures",
       "bild",     "bilder",      "video",      "illustration", "illustrations", "grafik",
       "graphics", "kamera",      "camera",     "editing",      "fotografie",    "фото",
       "zdjęcia",  "übersetzung", "translation"});
  const std::string lower = lower_in_place(text);
  return has(kWords, std::string_view(lower).substr(0, lower.find_first_of(")], ")));
}

bool is_role_rank(std::string_view word) {
  static constexpr std::array kRanks = std::to_array<std::string_view>({"senior",
                                                                        "staff",
                                                                        "chief",
                                                                        "deputy",
                                                                        "managing",
                                                                        "associate",
                                                                        "assistant",
                                                                        "executive",
                                                                        "contributing",
                                                                        "freelance",
                                                                        "foreign",
                                                                        "political",
                                                                        "technology",
                                                                        "tech",
                                                                        "business",
                                                                        "medical",
                                                                        "arts",
                                                                        "marketing",
                                                                        "science",
                                                                        "national",
                                                                        "international",
                                                                        "special",
                                                                        "guest",
                                                                        "lead",
                                                                        "junior",
                                                                        "former",
                                                                        "news",
                                                                        "features",
                                                                        "leitender",
                                                                        "leitende",
                                                                        "freie",
                                                                        "freier",
                                                                        "stellvertretender",
                                                                        "stellvertretende",
                                                                        "economics",
                                                                        "diplomatic",
                                                                        "defence",
                                                                        "security",
                                                                        "health",
                                                                        "sports"});
  return has(kRanks, lower_word(word));
}

bool is_no_person(std::string_view text) {
  const std::string lower = lower_in_place(text);
  if (std::any_of(kNobodysMarks.begin(), kNobodysMarks.end(),
                  [&](std::string_view mark) { return lower.find(mark) != std::string::npos; }))
    return true;
  if (std::any_of(lists().nobodys.begin(), lists().nobodys.end(),
                  [&](std::string_view phrase) { return holds(lower, phrase); }))
    return true;
  // surnames of many, labels where they stand in front
  static constexpr std::array kInFront =
      std::to_array<std::string_view>({"bild", "foto", "photo", "image", "print", "wire", "share",
                                       "follow", "comment", "comments"});
  if (has(kInFront, std::string_view(lower).substr(0, lower.find_first_of(" :")))) return true;
  return has(lists().nobodys_whole, lower);
}

}  // namespace vigie::extractor::metadata
