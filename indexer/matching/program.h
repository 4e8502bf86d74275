#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
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
  std::uint64_t seen = 0;  // articles that held it
};

/// Where an article holds the atoms: bit 0 title, bit 1 text (both for filters); 0 for those it
/// does not hold. And what they were found by, for those who explain it.
class Presence {
 public:
  static constexpr std::uint8_t kTitle = 1;
  static constexpr std::uint8_t kText = 2;
  struct FilterHit {
    std::uint32_t atom = 0;
    query::Filter filter{};
    std::string value;
  };

  void begin(std::size_t atoms);
  void mark(std::uint32_t atom, std::uint8_t fields) {
    if (fields_[atom] == 0) present_.push_back(atom);
    fields_[atom] |= fields;
  }
  /// By a form of the document.
  void mark(std::uint32_t atom, std::uint8_t fields, std::uint32_t form) {
    mark(atom, fields);
    hits_.push_back(static_cast<std::uint64_t>(atom) << 32 | form);
  }
  void mark(std::uint32_t atom, query::Filter filter, std::string_view value) {
    mark(atom, kTitle | kText);
    filters_.push_back({atom, filter, std::string(value)});
  }
  std::uint8_t fields_of(std::uint32_t atom) const { return fields_[atom]; }
  const std::vector<std::uint32_t>& present() const { return present_; }
  /// All is marked: forms_of() may be asked.
  void sort_hits() { std::sort(hits_.begin(), hits_.end()); }
  /// Forms that marked a word or a prefix, each once.
  std::vector<std::uint32_t> forms_of(std::uint32_t atom) const;
  const std::vector<FilterHit>& filters() const { return filters_; }

 private:
  std::vector<std::uint8_t> fields_;  // a byte an atom: they stay in the processor's cache
  std::vector<std::uint32_t> present_;
  std::vector<std::uint64_t> hits_;  // atom and form
  std::vector<FilterHit> filters_;
};

/// The atoms and how they are found.
class Atoms {
 public:
  std::uint32_t word(std::string_view form);  // the form or its stem in the article's language
  std::uint32_t form(std::string_view form);
  std::uint32_t bigram(std::string_view both);
  std::uint32_t prefix(std::string_view prefix);
  std::uint32_t filter(query::Filter filter, std::string_view value);

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
  static constexpr std::uint32_t kNone = TextTable::kNone;
  struct FormAtoms {
    std::uint32_t word = kNone;
    std::uint32_t form = kNone;
  };
  /// Atoms by text.
  struct ByText {
    TextTable texts;
    std::vector<std::uint32_t> atoms;
    std::uint32_t find(std::string_view text) const {
      const std::uint32_t number = texts.find(text);
      return number == kNone ? kNone : atoms[number];
    }
  };
  /// Words by their stem in one language: most stems are of one word, others go on in `more`.
  struct Stems {
    struct Link {
      std::uint32_t atom;
      std::uint32_t next;  // in more; kNone
    };
    TextTable texts;
    std::vector<Link> first;
    std::vector<Link> more;
    void add(std::string_view stem, std::uint32_t atom);
    void mark(std::uint64_t hash, const Document::Impl::Form& form, std::uint32_t number,
              Presence& presence) const;
  };
  std::uint32_t add(double prior);
  std::uint32_t add(ByText& to, std::string_view text, double prior);
  FormAtoms& atoms_of(std::string_view form);
  void find_prefixes(const Document::Impl::Form& form, std::uint32_t number,
                     Presence& presence) const;
  void find_bigrams(const Document::Impl& document, Presence& presence) const;
  void find_filters(const analysis::Attributes& article, Presence& presence) const;
  void mark_filter(query::Filter filter, std::string_view value, Presence& presence) const;

  std::vector<Atom> atoms_;
  TextTable forms_;
  std::vector<FormAtoms> form_atoms_;
  std::map<std::string, Stems> stems_;  // by language
  ByText bigrams_;
  // by their first two characters
  TextTable prefix_heads_;
  std::vector<std::vector<std::pair<std::string, std::uint32_t>>> prefixes_;
  ByText filters_;
};

/// Which subscriptions are tried when an article holds an atom.
class Anchors {
 public:
  void add(std::uint32_t atom, std::uint32_t subscription);
  /// Replaces all by pairs of an atom and a subscription, so that what belongs to an atom lies side
  /// by side.
  void replace(std::vector<std::pair<std::uint32_t, std::uint32_t>> pairs);
  /// Before each(), so that the look at memory is done by then.
  void prefetch(std::uint32_t atom) const {
    if (atom < first_.size()) __builtin_prefetch(&first_[atom]);
  }
  template <class Call>
  void each(std::uint32_t atom, const Call& call) const {
    if (atom >= first_.size()) return;
    for (std::uint32_t at = first_[atom]; at != kNone; at = links_[at].next)
      call(links_[at].subscription);
  }

 private:
  static constexpr std::uint32_t kNone = UINT32_MAX;
  struct Link {
    std::uint32_t subscription;
    std::uint32_t next;
  };
  std::vector<std::uint32_t> first_;  // by atom
  std::vector<Link> links_;
};

/// A leaf that one pass over the words cannot answer (phrase, NEAR, =Word, a word of several
/// forms): asked only of articles that hold what it is made of.
struct ComplexLeaf {
  query::Query query;  // the leaf alone
  /// It holds in no article without all atoms of one of the options of each of these.
  std::vector<std::vector<std::vector<std::uint32_t>>> either;
};

/// One step of a compiled query. What joins others stands before them, and says how many steps
/// belong to it, so that what is decided is passed over.
struct Step {
  enum class Operation : std::uint8_t { kAtom, kComplex, kAnd, kOr, kNot, kTrue };
  static constexpr std::uint16_t kNone = UINT16_MAX;
  Operation operation = Operation::kTrue;
  std::uint8_t fields = 3;     // kAtom: where it counts
  std::uint16_t node = kNone;  // of the query, where it is a leaf of it
  std::uint32_t argument = 0;  // atom, complex leaf, or number of steps that belong to it
};

/// Compiles queries; equal leaves of different subscriptions become one.
class Compiler {
 public:
  Atoms& atoms() { return atoms_; }
  const Atoms& atoms() const { return atoms_; }
  const std::vector<std::unique_ptr<ComplexLeaf>>& complex_leaves() const { return complex_; }

  /// Appends.
  void compile(const query::Query& query, std::vector<Step>& steps);
  /// Atoms of which every article that meets the program holds at least one, chosen to be as rare
  /// as can be; `articles` is how many were seen. Empty if there are none (a query that needs
  /// nothing).
  std::vector<std::uint32_t> anchors(const Step* program, std::uint64_t articles) const;

 private:
  // Recursion is as deep as the query, which the parser bounds (QueryLimits::depth).
  void compile(const query::Query& query, std::uint32_t index, std::vector<Step>& steps);
  /// A leaf that needs more than one look: behind the atoms that every article must hold for it.
  void complex_leaf(const query::Query& query, std::uint32_t index, std::vector<Step>& steps);
  void leaf(const query::Query& query, std::uint32_t index, std::vector<Step>& steps);
  std::vector<std::uint32_t> required(const query::Query& query, const query::Node& node);
  std::vector<std::uint32_t> required_forms(const std::vector<std::string>& forms);

  Atoms atoms_;
  std::vector<std::unique_ptr<ComplexLeaf>> complex_;
  TextTable complex_texts_;
};

}  // namespace vigie::indexer::matching
