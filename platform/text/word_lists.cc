#include "platform/text/word_lists.h"

#include <algorithm>

#include "platform/text/utf8.h"

namespace vigie::text {
namespace {

constexpr std::size_t kCodeBytes = 2;  // ISO 639-1

// The next part up to a mark, which is dropped.
std::string_view cut(std::string_view& rest, char mark) {
  const std::size_t at = std::min(rest.find(mark), rest.size());
  const std::string_view part = rest.substr(0, at);
  rest.remove_prefix(std::min(at + 1, rest.size()));
  return trim(part);
}

}  // namespace

std::vector<std::string_view> WordLists::of(std::string_view name) const {
  std::vector<std::string_view> out;
  for (const WordLine& line : lines) {
    if (line.name == name) out.insert(out.end(), line.phrases.begin(), line.phrases.end());
  }
  return out;
}

WordLists read_word_lists(std::string_view text) {
  WordLists out;
  while (!text.empty()) {
    std::string_view line = cut(text, '\n');
    if (line.empty() || line.starts_with('#')) continue;
    const std::string_view whole = line;
    const std::string_view head = cut(line, ':');
    const std::size_t space = head.rfind(' ');
    WordLine read;
    if (space != std::string_view::npos) {
      read.name = trim(head.substr(0, space));
      read.language = head.substr(space + 1);
    }
    while (!line.empty()) {
      const std::string_view phrase = cut(line, ',');
      if (!phrase.empty()) read.phrases.push_back(phrase);
    }
    if (read.name.empty() || read.language.size() != kCodeBytes || read.phrases.empty())
      out.problems.push_back("no line of words: " + std::string(prefix(whole, 60)));
    else out.lines.push_back(std::move(read));
  }
  return out;
}

}  // namespace vigie::text
