#include "indexer/query/habits.h"

#include <algorithm>
#include <array>

#include "indexer/query/filter.h"
#include "indexer/query/signs.h"
#include "platform/text/ascii.h"
#include "platform/text/nearest.h"
#include "platform/text/utf8.h"

namespace vigie::indexer::query {
namespace {

using text::ascii::is_alphanumeric;
using text::ascii::is_digit;

struct Synonym {
  std::string_view typed;
  std::string_view ours;
};
// Fields of other search languages.
constexpr std::array<Synonym, 46> kSynonyms{
    {{"allintitle", "title"}, {"intitle", "title"}, {"headline", "title"},
     {"hl", "title"},         {"ti", "title"},      {"titel", "title"},
     {"titre", "title"},      {"titulo", "title"},  {"inurl", "site"},
     {"url", "site"},         {"host", "site"},     {"domain", "site"},
     {"website", "site"},     {"link", "site"},     {"publisher", "source"},
     {"outlet", "source"},    {"media", "source"},  {"newspaper", "source"},
     {"quelle", "source"},    {"fuente", "source"}, {"from", "after"},
     {"since", "after"},      {"date", "after"},    {"newer", "after"},
     {"day", "after"},        {"until", "before"},  {"to", "before"},
     {"older", "before"},     {"last", "within"},   {"when", "within"},
     {"by", "author"},        {"byline", "author"}, {"auteur", "author"},
     {"autor", "author"},     {"tag", "topic"},     {"subject", "topic"},
     {"category", "topic"},   {"entity", "actor"},  {"company", "actor"},
     {"org", "actor"},        {"person", "actor"},  {"people", "actor"},
     {"format", "type"},      {"langue", "lang"},   {"sprache", "lang"},
     {"region", "country"}}};

// Operators as people write them in small letters and in other languages.
constexpr std::array<Synonym, 34> kOperators{
    {{"or", "OR"},       {"Or", "OR"},   {"and", "AND"},  {"And", "AND"},   {"not", "NOT"},
     {"Not", "NOT"},     {"ODER", "OR"}, {"UND", "AND"},  {"NICHT", "NOT"}, {"OHNE", "NOT"},
     {"OU", "OR"},       {"ET", "AND"},  {"SAUF", "NOT"}, {"SANS", "NOT"},  {"O", "OR"},
     {"Y", "AND"},       {"E", "AND"},   {"SIN", "NOT"},  {"ИЛИ", "OR"},    {"И", "AND"},
     {"НЕ", "NOT"},      {"LUB", "OR"},  {"ORAZ", "AND"}, {"NIE", "NOT"},   {"VEYA", "OR"},
     {"VE", "AND"},      {"或", "OR"},   {"或者", "OR"},  {"和", "AND"},    {"または", "OR"},
     {"または、", "OR"}, {"또는", "OR"}, {"أو", "OR"},    {"xor", "OR"}}};

constexpr std::size_t kNearEnough = 2;  // letters that a misspelt field may differ in

/// The place of a '~' or '^' that a fuzzy search, a distance or a weight ends with; npos: none.
std::size_t weight_at(std::string_view typed, bool behind_phrase) {
  const std::size_t at = typed.find_last_of("~^");
  if (at == std::string_view::npos || (at == 0 && !behind_phrase)) return std::string_view::npos;
  const std::string_view behind = typed.substr(at + 1);
  const bool number =
      std::all_of(behind.begin(), behind.end(), [](char c) { return is_digit(c) || c == '.'; });
  return number ? at : std::string_view::npos;
}

std::string known_or_nearest(std::string_view name) {
  for (const Synonym& synonym : kSynonyms) {
    if (synonym.typed == name) return std::string(synonym.ours);
  }
  const std::string_view near = text::nearest(name, field_names());
  const bool alike = name.size() > 2 && text::edit_distance(near, name) <= kNearEnough;
  return alike ? std::string(near) : std::string();
}

std::string_view host_of(std::string_view rest) {
  while (rest.starts_with('/')) rest.remove_prefix(1);
  return rest.substr(0, rest.find_first_of("/?# \t\n:"));
}

/// The query with a part replaced.
std::string mended(std::string_view query, const Lexeme& part, std::string_view by) {
  return std::string(query.substr(0, part.begin)) + std::string(by) +
         std::string(query.substr(part.end));
}

bool is_operand(Lexeme::Kind kind) {
  return kind == Lexeme::Kind::kWord || kind == Lexeme::Kind::kPhrase ||
         kind == Lexeme::Kind::kPrefix || kind == Lexeme::Kind::kExact ||
         kind == Lexeme::Kind::kValue || kind == Lexeme::Kind::kClose ||
         kind == Lexeme::Kind::kOpen || kind == Lexeme::Kind::kField;
}

std::string said(std::string_view typed, std::string_view ours) {
  const std::string word = "\"" + std::string(typed) + "\"";
  if (ours == "OR")
    return word + " was taken for a word; write OR in capitals for articles with either side.";
  if (ours == "NOT")
    return word +
           " was taken for a word; write NOT in capitals, or - before what is to be left "
           "out.";
  return word + " was taken for a word; leave it out: all words must be in an article anyway.";
}

/// near/5, w/5, adj5 and their like.
bool is_distance(std::string_view typed) {
  const std::string lower = text::ascii_lower(typed);
  for (std::string_view name : {"near", "w", "adj", "pre", "within", "n", "onear"}) {
    if (!lower.starts_with(name)) continue;
    std::string_view number = std::string_view(lower).substr(name.size());
    if (number.starts_with('/')) number.remove_prefix(1);
    else if (name == "w" || name == "n" || name == "pre" || name == "within") continue;
    if (!number.empty() && number.size() < 4 && std::all_of(number.begin(), number.end(), is_digit))
      return true;
  }
  return false;
}

}  // namespace

std::optional<SyntaxError> foreign_sign(std::string_view typed, bool behind_phrase) {
  for (std::size_t at = 0; at < typed.size(); at += sign_at(typed, at).length) {
    if (sign_at(typed, at).sign == Sign::kBar)
      return SyntaxError{"OR between words of which one is enough; | means nothing here", at};
    const bool inside = at > 0 && at + 1 < typed.size();
    if (typed[at] == '?' && inside && is_alphanumeric(typed[at - 1]) &&
        is_alphanumeric(typed[at + 1]))
      return SyntaxError{"* at the end of a word; ? stands for no letter here", at};
    if (typed.substr(at).starts_with("..") && inside && is_digit(typed[at - 1]) &&
        at + 2 < typed.size() && is_digit(typed[at + 2]))
      return SyntaxError{"after: and before: for a span of time; .. means nothing here", at};
  }
  if (const std::size_t at = weight_at(typed, behind_phrase); at != std::string_view::npos) {
    return SyntaxError{"NEAR/5 between words that are to be near each other; " +
                           std::string(1, typed[at]) + " means nothing here",
                       at};
  }
  return std::nullopt;
}

std::string unknown_field(std::string_view name, std::string_view rest) {
  if (name == "http" || name == "https" || name == "www") {
    const std::string_view host = host_of(rest);
    return "no URL; write site:" + std::string(host) + " for the articles of a site";
  }
  const std::string meant = known_or_nearest(name);
  const std::string quoted =
      "put quotation marks around \"" + std::string(name) + ":…\" to search for the words";
  if (!meant.empty())
    return meant + ": instead of " + std::string(name) + ":, which is no field; or " + quoted;
  return "one of " + std::string(known_fields()) + " before ':'; " + quoted;
}

std::vector<Hint> hints_of_habit(std::string_view query, const std::vector<Lexeme>& lexemes) {
  std::vector<Hint> out;
  for (std::size_t i = 0; i + 1 < lexemes.size(); ++i) {
    const Lexeme& lexeme = lexemes[i];
    if (lexeme.kind != Lexeme::Kind::kWord || !is_operand(lexemes[i + 1].kind)) continue;
    const bool between = i > 0 && is_operand(lexemes[i - 1].kind);
    const auto known = std::find_if(kOperators.begin(), kOperators.end(),
                                    [&](const Synonym& one) { return one.typed == lexeme.text; });
    if (known != kOperators.end() && (between || known->ours == "NOT")) {
      out.push_back({said(lexeme.text, known->ours), lexeme.begin, lexeme.end,
                     mended(query, lexeme, known->ours)});
    } else if (between && is_distance(lexeme.text)) {
      const std::size_t digit = lexeme.text.find_first_of("0123456789");
      const std::string ours = "NEAR/" + std::string(lexeme.text.substr(digit));
      out.push_back({"\"" + std::string(lexeme.text) + "\" was taken for words; write " + ours +
                         " for words near each other.",
                     lexeme.begin, lexeme.end, mended(query, lexeme, ours)});
    }
  }
  return out;
}

}  // namespace vigie::indexer::query
