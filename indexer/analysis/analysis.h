#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "proto/article.pb.h"

/// The one analyzer of index, matching, highlighting and queries.
namespace vigie::indexer::analysis {

/// Goes up with every change of what a text is cut into, folded or stemmed to: an index made by
/// another is made again from its documents.
inline constexpr std::uint64_t kAnalyzer = 4;

enum class Field : std::uint8_t { kTitle = 0, kText = 1 };
inline constexpr std::size_t kFields = 2;

/// Another form under which a word is found, at the same position.
struct Variant {
  enum class Kind : std::uint8_t {
    kSingular,  // gpu of GPUs, h100 of H100s, 35 of F-35s
    kInitials,  // us of U.S., and u.s of US
    kUmlaut,    // mueller of Müller
    kUnit,      // billion of bn behind a number, and bn of billion
    kLetter,    // c of C++
    kJoined,    // 12500 of the 12 in "12 500"
  };
  Kind kind{};
  std::string form;
  friend bool operator==(const Variant&, const Variant&) = default;
};

/// One word at one place. Positions count words of a field from 0; a character of an unspaced
/// script is a word, and so is a Hangul syllable (Korean glues its particles to the word).
/// Apostrophes part words: l'Europe and Nvidia's are two words each; and so does a number the unit
/// that is written onto it and the currency before it: 2nm, RMB3.5bn.
struct Token {
  std::string form;  // folded (platform/text/fold.h), Han simplified, numbers in one spelling
  std::uint32_t position = 0;
  std::uint32_t offset = 0;  // bytes of the stored field
  std::uint32_t length = 0;
  std::vector<Variant> variants;  // distinct, none equal to the form; mostly empty

  /// Whether a word of a phrase stands here.
  bool is(std::string_view wanted) const {
    if (form == wanted) return true;
    for (const Variant& variant : variants) {
      if (variant.form == wanted) return true;
    }
    return false;
  }
  /// The variant of a kind; empty: none.
  std::string_view variant(Variant::Kind kind) const {
    for (const Variant& one : variants) {
      if (one.kind == kind) return one.form;
    }
    return {};
  }
};

/// The words of one field, at most kMaxTokens.
inline constexpr std::size_t kMaxTokens = 200'000;
std::vector<Token> tokens(std::string_view field);

/// True for a form that is one character of an unspaced script or a Hangul syllable: two of them
/// next to each other make a bigram.
bool is_unspaced(std::string_view form);

/// Index terms of a token: its form, those of its variants, and `lang~stem` of each where the
/// language of the article has a stemmer. (Bigrams of unspaced scripts: form1+form2 at the position
/// of form1, so that a run of characters is found by its bigrams.)
struct Posting {
  std::string term;
  std::uint32_t position;
};
/// Every index term of a field in the order of position.
std::vector<Posting> postings(const std::vector<Token>& tokens, std::string_view language);

/// Language whose stemmer serves an article of `language`, or empty; and whether a form takes part
/// (words of letters do; numbers and unspaced scripts do not). A query word finds a word of the
/// article when the forms are equal or, in the article's language, their stems are.
std::string stem_language(std::string_view language);
bool takes_stem(std::string_view form);
/// Every language with a stemmer, in order.
const std::vector<std::string>& stem_languages();
/// A bit for each of these; 0 for any other language.
std::uint64_t stem_bit(std::string_view language);
/// The term of a stem: `lang~stem`.
std::string stem_term(std::string_view form, std::string_view language);

/// The index terms that a plain query word's form stands for: the form, and `lang~stem` for every
/// language with a stemmer.
std::vector<std::string> query_terms(std::string_view form, bool with_stems);

/// A language as it is stored and asked for: lower case, the primary subtag alone, iw → he, in →
/// id, nb and nn → no.
std::string normalise_language(std::string_view language);
/// A name (of a source, an author, a section) as filters compare it: its words, analysed, single
/// spaces between. Idempotent. Empty where it has no word.
std::string normalise_name(std::string_view name);
/// A host: lower case, ASCII, without scheme, "www.", port, path and full stops at its ends. Empty
/// where it is none.
std::string normalise_host(std::string_view address);

/// `time` of an article for filters, timelines and newest-first (ops/spec/records.md, "The time of
/// an article"): published if known and not later than discovered, else discovered.
std::int64_t article_time_unix_ms(const v1::ArticleRecord& article);

/// When an article was first there, for who was first in a story: published if known and not later
/// than discovered, else discovered. A day without an hour (`published` is YYYY-MM-DD) counts as
/// its latest moment that is not after the discovery. published_unix_ms 0: unknown.
std::int64_t first_time_unix_ms(std::int64_t published_unix_ms, std::string_view published,
                                std::int64_t discovered_at_unix_ms);

/// What filters look at, normalised the same way for search and for matching.
struct Attributes {
  std::string language;
  std::string country;
  std::string source_id;
  // What a name is found by: its words in a row, any number of them, normalised.
  std::vector<std::string> source_names;  // of name and id
  std::vector<std::string> authors;
  std::vector<std::string> sections;
  std::vector<std::string> sites;  // the host and the domains above it
  std::string kind;
  std::string affiliation;
  std::string genre;                                 // empty: of before it was kept
  std::vector<std::pair<std::string, bool>> topics;  // id, about
  std::vector<std::pair<std::string, bool>> actors;  // id, about
  std::int64_t time_unix_ms = 0;
};
Attributes attributes(const v1::ArticleRecord& article);

/// What matching and the index both need of an article, made once.
struct Prepared {
  std::vector<Token> tokens[kFields];
  Attributes attributes;
};
Prepared prepare(const v1::ArticleRecord& article);

/// The values by which a filter finds the tags of one level: each id; "*" for any (topics and
/// actors alike); "org:*" and its like for any actor of a kind. Distinct.
std::vector<std::string> tag_values(const std::vector<std::pair<std::string, bool>>& tags,
                                    bool about);
/// Whether a tag is one of those that a value asks for: an id, "*", "org:*".
bool is_tag_of(std::string_view id, std::string_view value);

}  // namespace vigie::indexer::analysis
