#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "indexer/query/lexer.h"

/// What people type by the habit of other search languages, and what to write here. Private to
/// indexer/query.
namespace vigie::indexer::query {

/// A sign inside a word that has a meaning elsewhere and none here, with its place in `typed`.
/// `behind_phrase`: the word is glued to a closing quotation mark.
std::optional<SyntaxError> foreign_sign(std::string_view typed, bool behind_phrase);

/// What was expected instead of an unknown field; `rest`: of the query behind its colon.
std::string unknown_field(std::string_view name, std::string_view rest);

/// Operators in small letters, or in the words of another language.
std::vector<Hint> hints_of_habit(std::string_view query, const std::vector<Lexeme>& lexemes);

}  // namespace vigie::indexer::query
