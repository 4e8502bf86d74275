#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "indexer/matching/prepared.h"

/// Queries of all subscriptions compiled against one set of atoms, so that what many of them ask is
/// answered once for an article. Private to indexer/matching.
namespace vigie::indexer::matching {

/// Something an article holds or not, found in one pass over its words: a word (with stems), a
/// form, a bigram, a prefix, the value of a filter.
struct Atom {
  // guess of the share of articles that hold it, until enough were seen
  double prior = 0;
  std::uint64_t seen = 0;               // articles that held it
  std::vector<std::uint32_t> anchored;  // subscriptions tried when an article holds it
};

/// Where an article holds the atoms: bit 0 title, bit 1 text (both for filters); 0 for those it
/// does not hold.
class Presence {
 public:
  static constexpr std::uint32_t kTitle = 1;
  static constexpr std::uint32_t kText = 2;
  void begin(std::size_t atoms);
  void mark(std::uint32_t atom, std::uint32_t fields);
  std::uint32_t fields_of(std::uint32_t atom) const {
    return marks_[atom] >> 2 == epoch_ ? marks_[atom] & 3 : 0;
  }
  const std::vector<std::uint32_t>& present() const { return present_; }

 private:
  std::vector<std::uint32_t> marks_;  // epoch and fields
  std::vector<std::uint32_t> present_;
  std::uint32_t epoch_ = 0;
};

/// The atoms and how they are found.
class Atoms {
 public:
  std::uint32_t word(const std::string& form);  // the form or its stem in the article's language
  std::uint32_t form(const std::string& form);
  std::uint32_t bigram(const std::string& both);
  std::uint32_t prefix(const std::string& prefix);
  std::uint32_t filter(query::Filter filter, const std::string& value);

  bool knows_language(const std::string& stem_language) const {
    return stem_language.empty() || stems_.contains(stem_language);
  }
  /// Makes the stems of all words in a language; before the first article in it.
  void learn_language(const std::string& stem_language);
  /// Marks every atom that the article holds. The language must be known.
  void find(const Document::Impl& document, Presence& presence) const;

  Atom& at(std::uint32_t atom) { return atoms_[atom]; }
  const Atom& at(std::uint32_t atom) const { return atoms_[atom]; }
  std::size_t size() const { return atoms_.size(); }

 private:
  static constexpr std::uint32_t kNone = UINT32_MAX;
  struct FormAtoms {
    std::uint32_t word = kNone;
    std::uint32_t form = kNone;
  };
  using ByText = std::unordered_map<std::string, std::uint32_t>;
  std::uint32_t add(double prior);
  void find_bigrams(const Document::Impl& document, Presence& presence) const;
  void find_filters(const analysis::Attributes& article, Presence& presence) const;
  void mark_filter(query::Filter filter, const std::string& value, Presence& presence) const;

  std::vector<Atom> atoms_;
  std::unordered_map<std::string, FormAtoms> forms_;
  // language → stem → words
  std::unordered_map<std::string, std::unordered_map<std::string, std::vector<std::uint32_t>>>
      stems_;
  ByText bigrams_;
  // by their first two characters
  std::unordered_map<std::string, std::vector<std::pair<std::string, std::uint32_t>>> prefixes_;
  ByText filters_;
};

/// A leaf that one pass over the words cannot answer (phrase, NEAR, =Word, a word of several
/// forms): asked only of articles that hold what it is made of.
struct ComplexLeaf {
  query::Query query;                   // the leaf alone
  std::vector<std::uint32_t> required;  // atoms
};

/// One step of a compiled query, in postfix order.
struct Step {
  enum class Operation : std::uint8_t { kAtom, kComplex, kAnd, kOr, kNot, kTrue };
  Operation operation = Operation::kTrue;
  std::uint8_t fields = 3;     // kAtom: where it counts
  std::uint32_t argument = 0;  // atom, complex leaf, or number of operands
};

/// Compiles queries; equal leaves of different subscriptions become one.
class Compiler {
 public:
  Atoms& atoms() { return atoms_; }
  const Atoms& atoms() const { return atoms_; }
  const std::vector<std::unique_ptr<ComplexLeaf>>& complex_leaves() const { return complex_; }

  std::vector<Step> compile(const query::Query& query);
  /// Atoms of which every matching article holds at least one, chosen to be as rare as can be;
  /// `articles` is how many were seen. Empty if there are none (a query that needs nothing).
  std::vector<std::uint32_t> anchors(const query::Query& query, std::uint64_t articles);

 private:
  struct Cover {
    bool possible = false;
    double cost = 0;  // share of articles that will be tried
    std::vector<std::uint32_t> atoms;
  };
  Step leaf(const query::Query& query, std::uint32_t index);
  std::vector<std::uint32_t> required(const query::Query& query, const query::Node& node);
  std::vector<std::uint32_t> required_forms(const std::vector<std::string>& forms);
  Cover cover_of_leaf(const query::Query& query, std::uint32_t index, std::uint64_t articles);
  Cover cover_of_atoms(const std::vector<std::uint32_t>& required, std::uint64_t articles) const;
  double cost(std::uint32_t atom, std::uint64_t articles) const;

  Atoms atoms_;
  std::vector<std::unique_ptr<ComplexLeaf>> complex_;
  std::unordered_map<std::string, std::uint32_t> complex_by_text_;
};

}  // namespace vigie::indexer::matching
