#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace vigie::text {

/// One line of a file of word lists: `NAME LANGUAGE: phrase, phrase, …`. NAME is one word or
/// several, LANGUAGE an ISO 639-1 code (`zz` for marks that belong to none). Views of the text that
/// it was read from.
struct WordLine {
  std::string_view name;
  std::string_view language;
  std::vector<std::string_view> phrases;  // trimmed, none empty, at least one
};

struct WordLists {
  std::vector<WordLine> lines;        // in order
  std::vector<std::string> problems;  // lines of another form, which are left out

  /// Every phrase of the lines of a name, in order.
  std::vector<std::string_view> of(std::string_view name) const;
};

/// Reads word lists; empty lines and those that begin with '#' are none. A phrase holds no comma.
/// The text must outlive the result. Total, linear.
WordLists read_word_lists(std::string_view text);

}  // namespace vigie::text
