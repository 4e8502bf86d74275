#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "proto/article.pb.h"

/// The one analyzer of index, matching, highlighting and queries.
namespace vigie::indexer::analysis {

enum class Field : std::uint8_t { kTitle = 0, kText = 1 };
inline constexpr std::size_t kFields = 2;

/// One word at one place. Positions count words of a field from 0; a character of an unspaced script is a word.
struct Token {
  std::string form;            // folded (platform/text/fold.h)
  std::uint32_t position = 0;
  std::uint32_t offset = 0;    // bytes of the stored field
  std::uint32_t length = 0;
};

/// The words of one field, at most kMaxTokens.
inline constexpr std::size_t kMaxTokens = 200'000;
std::vector<Token> tokens(std::string_view field);

/// Index terms of a token: its form, and `lang~stem` where the language of the article has a stemmer.
/// (Bigrams of unspaced scripts: form1+form2 at the position of form1, so that a run of characters is found by its bigrams.)
struct Posting {
  std::string term;
  std::uint32_t position;
};
/// Every index term of a field in the order of position.
std::vector<Posting> postings(const std::vector<Token>& tokens, std::string_view language);

/// The index terms that a plain query word's form stands for: the form, and `lang~stem` for every language with a stemmer.
std::vector<std::string> query_terms(std::string_view form, bool with_stems);

/// `time` of an article for filters, timelines and newest-first (design.md §2): published if known and not later than discovered, else discovered.
std::int64_t article_time_unix_ms(const v1::ArticleRecord& article);

/// What filters look at, normalised the same way for search and for matching.
struct Attributes {
  std::string language;
  std::string country;
  std::string source_id;
  std::string source_name_folded;
  std::string kind;
  std::string affiliation;
  std::vector<std::pair<std::string, bool>> topics;  // id, about
  std::vector<std::pair<std::string, bool>> actors;  // id, about
  std::int64_t time_unix_ms = 0;
};
Attributes attributes(const v1::ArticleRecord& article);

}  // namespace vigie::indexer::analysis
