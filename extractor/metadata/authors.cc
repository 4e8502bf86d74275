#include <algorithm>
#include <array>

#include "extractor/metadata/metadata.h"
#include "platform/text/utf8.h"

namespace vigie::extractor::metadata {
namespace {

constexpr std::size_t kMostNameBytes = 80;  // of one name
constexpr std::size_t kMostWords = 6;       // of one name
constexpr std::size_t kMostAuthors = 20;
constexpr std::size_t kMostLine = 400;  // bytes of what may name several

bool starts_with_word(std::string_view lower, std::string_view word) {
  return lower.size() > word.size() && lower.substr(0, word.size()) == word &&
         (lower[word.size()] == ' ' || lower[word.size()] == ':');
}

// "By", "Von", "Par" … in front of a name.
std::string_view without_prefix(std::string_view name) {
  static constexpr std::array kPrefixes = std::to_array<std::string_view>(
      {"written by",   "posted by", "reported by", "story by", "text by", "article by",
       "published by", "by",        "von",         "par",      "por",     "di",
       "от",           "de",        "door",        "av",       "af",      "autor",
       "author",       "authors",   "autorin",     "автор",    "text",    "texte",
       "texto",        "foto",      "photo",       "reporter", "yazan",   "autore",
       "auteur"});
  bool changed = true;
  while (changed) {
    changed = false;
    name = text::trim(name);
    const std::string lower = text::ascii_lower(name);
    for (const std::string_view prefix : kPrefixes) {
      if (!starts_with_word(lower, prefix)) continue;
      name.remove_prefix(prefix.size());
      while (!name.empty() && (name.front() == ':' || name.front() == ' ')) name.remove_prefix(1);
      changed = true;
      break;
    }
  }
  return name;
}

bool has_digit(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::size_t count_words(std::string_view text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), ' ')) + 1;
}

// Words that no person is called: editorial desks, agencies, buttons.
bool is_no_person(const std::string& lower) {
  static constexpr std::array kWords =
      std::to_array<std::string_view>({"staff",         "editor",        "editorial",
                                       "redaktion",     "newsroom",      "newsdesk",
                                       "news desk",     "team",          "admin",
                                       "administrator", "correspondent", "http",
                                       "www.",          ".com",          "@",
                                       "subscribe",     "comment",       "minutes ago",
                                       "hours ago",     "share",         "follow",
                                       "email the",     "updated",       "published",
                                       "contributor",   "view more",     "read more",
                                       "posts",         "see all",       "all articles",
                                       "nachrichten",   "reuters",       "associated press",
                                       "agence france", "redaktør",      "redacción",
                                       "rédaction",     "redazione",     "редакция",
                                       "webmaster",     "guest author",  "unknown",
                                       "null",          "undefined",     "press association",
                                       "facebook",      "twitter",       "newsletter",
                                       "view all",      "more from"});
  if (std::any_of(kWords.begin(), kWords.end(),
                  [&](std::string_view word) { return lower.find(word) != std::string::npos; }))
    return true;
  static constexpr std::array kWhole = std::to_array<std::string_view>(
      {"ap", "afp", "dpa", "epd", "kna", "sid", "apa", "ansa", "efe", "bbc", "cnn", "pa", "the",
       "and", "user", "author", "none"});
  return std::find(kWhole.begin(), kWhole.end(), lower) != kWhole.end();
}

// Cuts at what joins names.
std::vector<std::string> split(std::string_view claim) {
  static constexpr std::array kJoints = std::to_array<std::string_view>(
      {" and ", " und ", " et ", " y ", " e ", " og ", " och ", " en ", " i ", " with ",
       " mit ", " & ",   ";",    "|",   "/",   " – ",  " — ",   "•",    "·",   "\n"});
  std::vector<std::string> parts{std::string(claim)};
  for (const std::string_view joint : kJoints) {
    std::vector<std::string> next;
    for (const std::string& part : parts) {
      std::size_t from = 0;
      for (std::size_t at = text::ascii_lower(part).find(joint); at != std::string::npos;
           at = text::ascii_lower(part).find(joint, from)) {
        next.push_back(part.substr(from, at - from));
        from = at + joint.size();
      }
      next.push_back(part.substr(from));
    }
    parts = std::move(next);
  }
  // A comma joins names, or sets off a title or a place: only parts of two words or more are names
  // of their own.
  std::vector<std::string> out;
  for (const std::string& part : parts) {
    std::string_view rest = part;
    while (true) {
      const std::size_t comma = rest.find(',');
      out.emplace_back(text::trim(rest.substr(0, comma)));
      if (comma == std::string_view::npos) break;
      rest.remove_prefix(comma + 1);
    }
  }
  return out;
}

}  // namespace

std::vector<std::string> clean_authors(const std::vector<std::string>& claims,
                                       std::string_view site_name) {
  std::vector<std::string> out;
  const std::string site = text::ascii_lower(site_name);
  for (const std::string& claim : claims) {
    const std::string whole = text::collapse_spaces(claim);
    const std::string_view line = text::prefix(whole, kMostLine);
    bool first = true;
    for (const std::string& part : split(without_prefix(line))) {
      std::string name(without_prefix(part));
      const std::size_t paren = name.find_first_of("([<");
      if (paren != std::string::npos) name = std::string(text::trim(name.substr(0, paren)));
      while (!name.empty() && (name.back() == '.' || name.back() == ':' || name.back() == '-' ||
                               name.back() == '*')) {
        // an initial
        if (name.back() == '.' && name.size() > 2 &&
            (name[name.size() - 2] < 'a' || name[name.size() - 2] > 'z'))
          break;
        name.pop_back();
      }
      name = text::trim(name);
      const std::string lower = text::ascii_lower(name);
      const bool alone = !first && count_words(name) < 2 &&
                         static_cast<unsigned char>(name.empty() ? 'a' : name[0]) < 0x80;
      first = false;
      if (name.size() < 3 || name.size() > kMostNameBytes || count_words(name) > kMostWords ||
          has_digit(name) || is_no_person(lower) || alone)
        continue;
      if (!site.empty() &&
          (lower == site || (site.size() > 5 && lower.find(site) != std::string::npos)))
        continue;
      const bool known = std::any_of(out.begin(), out.end(), [&](const std::string& other) {
        return text::ascii_lower(other) == lower;
      });
      if (!known && out.size() < kMostAuthors) out.push_back(name);
    }
  }
  return out;
}

std::vector<std::string> clean_organisations(const std::vector<std::string>& claims) {
  static constexpr std::array kNobody = std::to_array<std::string_view>(
      {"admin", "administrator", "null", "undefined", "unknown", "none", "author", "user",
       "webmaster", "http", "www.", "@", "guest"});
  std::vector<std::string> out;
  for (const std::string& claim : claims) {
    const std::string name(
        text::trim(without_prefix(text::to_valid_utf8(text::collapse_spaces(claim)))));
    const std::string lower = text::ascii_lower(name);
    if (name.size() < 2 || name.size() > kMostNameBytes || count_words(name) > kMostWords) continue;
    if (std::any_of(kNobody.begin(), kNobody.end(), [&](std::string_view word) {
          return lower == word || (word.size() < 5 && word != "user" && word != "null" &&
                                   word != "none" && lower.find(word) != std::string::npos);
        }))
      continue;
    if (std::find(out.begin(), out.end(), name) == out.end() && out.size() < kMostAuthors)
      out.push_back(name);
  }
  return out;
}

}  // namespace vigie::extractor::metadata
