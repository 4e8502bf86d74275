#include "extractor/traits/words_of_numbers.h"

#include <cstdlib>
#include <string>
#include <unordered_map>

#include "platform/text/fold.h"
#include "platform/text/word_lists.h"

namespace vigie::extractor::traits {

extern const std::string_view kNumberWordsText;  // number_words.txt

namespace {

using Table = std::unordered_map<std::string, double>;

// What the words of a kind stand for, by their folded forms: "month 1" is 1, "magnitude 1e6" 10^6.
Table read_table(std::string_view kind) {
  Table out;
  const text::WordLists lists = text::read_word_lists(kNumberWordsText);
  for (const text::WordLine& line : lists.lines) {
    const std::size_t space = line.name.find(' ');
    if (line.name.substr(0, space) != kind || space == std::string_view::npos) continue;
    const double value = std::strtod(std::string(line.name.substr(space + 1)).c_str(), nullptr);
    for (const std::string_view word : line.phrases) out.emplace(text::fold_text(word), value);
  }
  return out;
}

double look_up(const Table& table, std::string_view folded) {
  const auto found = table.find(std::string(folded));
  return found == table.end() ? 0 : found->second;
}

}  // namespace

double magnitude(std::string_view folded) {
  static const Table kTable = read_table("magnitude");
  return look_up(kTable, folded);
}

int month(std::string_view folded) {
  static const Table kTable = read_table("month");
  return static_cast<int>(look_up(kTable, folded));
}

}  // namespace vigie::extractor::traits
