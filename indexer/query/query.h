#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "platform/result/result.h"

/// The one query language of search, alerts and previews (ops/spec/http_api.md, "Query language").
namespace vigie::indexer::query {

/// What a leaf looks at.
enum class Scope : std::uint8_t { kAnywhere, kTitle };

enum class Filter : std::uint8_t {
  kTopic,    // about or mention
  kAbout,    // topic or actor at level about
  kMention,  // topic or actor at level mention
  kActor,
  kLanguage,  // ISO 639-1 as stored (nb, nn → no)
  kCountry,   // of the source, upper case
  kSource,    // words in a row of its name or id
  kKind,
  kAffiliation,
  kStory,   // search only
  kEvent,   // search only
  kAfter,   // search only; `time` ≥ value_unix_ms
  kBefore,  // search only; `time` < value_unix_ms
  kWithin,  // search only; `time` ≥ now − value_ms
  kSite,    // host of the article, or a domain above it
  kAuthor,  // words in a row of a name
  kSection,
  kType,  // genre of the article
};

/// A word of a query, analysed: the folded forms it is made of (a CJK word gives one form per
/// character, to be found next to each other).
struct Word {
  std::string typed;  // NFC, as typed
  // folded; more than one only for unspaced scripts and for words that UAX #29 splits into several
  // (a compound of two becomes a kNear)
  std::vector<std::string> forms;
  bool exact = false;  // =Word: this form and case, no stems
};

/// One node of the tree. All nodes of a query live in Query::nodes; children come before their
/// parents; the last node is the root.
struct Node {
  enum class Kind : std::uint8_t {
    kAll,     // the empty query: every article
    kAnd,     // children
    kOr,      // children
    kNot,     // one child
    kWord,    // words[0]
    kPhrase,  // words in this order, next to each other; forms only, no stems
    // prefix: folded beginning of a word, ≥ 2 characters; words[0] is it as typed. A prefix of an
    // unspaced script is a kWord
    kPrefix,
    // two children (kWord, kPhrase, kPrefix or kOr of these), in one field, in any order, without
    // overlap:
    kNear,
    // first position of the later one − last position of the earlier one ≤ `distance`
    kFilter,
  };
  Kind kind = Kind::kAll;
  Scope scope = Scope::kAnywhere;
  std::vector<std::uint32_t> children;
  std::vector<Word> words;
  std::string prefix;
  std::uint32_t distance = 0;  // 1..100
  Filter filter{};
  std::string value;          // of a filter, normalised
  std::int64_t value_ms = 0;  // kAfter, kBefore: unix ms; kWithin: a length of time
  std::uint32_t begin = 0;    // bytes of the query text this came from
  std::uint32_t end = 0;
};

class Budget;

/// Something that a person may not have meant as it was read; the query is answered all the same.
struct Hint {
  std::string text;         // one sentence
  std::uint32_t begin = 0;  // bytes of the query text that it is about; empty: all of it
  std::uint32_t end = 0;
  std::string query;  // what was perhaps meant; empty: not known
};

struct Query {
  std::string text;  // as typed
  std::vector<Node> nodes;
  std::vector<Hint> hints = {};
  /// What answering it may take, of whoever asks; nullptr: as long as it takes. Outlives the
  /// response.
  const Budget* budget = nullptr;
  const Node& root() const { return nodes.back(); }
  /// The same meaning in one spelling: parse(canonical()) has the same tree.
  std::string canonical() const;
};

/// The query of one node and what is beneath it, without a budget and hints.
Query part_of(const Query& query, std::uint32_t root);

enum class Use { kSearch, kSubscription };

struct QueryLimits {
  std::size_t bytes = 16 << 10;
  std::size_t nodes = 1'000;
  std::size_t depth = 64;
};

/// Parses a query. For a subscription, after: before: within: story: are refused, and so is a query
/// with no positive part (it would match everything, or only by exclusion). Errors: kQuarantine
/// bad_query; detail says what was expected, `where` is "column N" (code points from 1);
/// error_offset, if given, gets the byte.
Result<Query> parse(std::string_view text, Use use = Use::kSearch, const QueryLimits& limits = {},
                    std::size_t* error_offset = nullptr);

}  // namespace vigie::indexer::query
