#include <algorithm>
#include <limits>

#include "indexer/matching/program.h"
#include "indexer/query/budget.h"

namespace vigie::indexer::matching {
namespace {

using query::Node;
using query::Query;
using Kind = query::Node::Kind;

/// A query of one leaf (and, for NEAR, what it joins), to be asked by itself.
Query alone(const Query& query, std::uint32_t index) {
  Query out;
  std::vector<std::uint32_t> wanted{index};
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const Node& node = query.nodes[wanted[i]];
    wanted.insert(wanted.end(), node.children.begin(), node.children.end());
  }
  std::reverse(wanted.begin(), wanted.end());  // children before parents
  std::unordered_map<std::uint32_t, std::uint32_t> place;
  for (std::uint32_t from : wanted) {
    place[from] = static_cast<std::uint32_t>(out.nodes.size());
    out.nodes.push_back(query.nodes[from]);
    for (std::uint32_t& child : out.nodes.back().children) child = place[child];
  }
  return out;
}

std::uint8_t fields_of(query::Scope scope) {
  return static_cast<std::uint8_t>(
      scope == query::Scope::kTitle ? Presence::kTitle : Presence::kTitle | Presence::kText);
}

/// Of a leaf, in the steps; QueryLimits::nodes are far fewer.
std::uint16_t number_of(std::uint32_t node) {
  VIGIE_INVARIANT(node < Step::kNone);
  return static_cast<std::uint16_t>(node);
}

bool is_plain_word(const Node& node) {
  return node.kind == Kind::kWord && node.words[0].forms.size() == 1 && !node.words[0].exact;
}

/// Filters that the article alone cannot decide.
bool is_of_the_moment(const Node& node) {
  if (node.kind != Kind::kFilter) return false;
  switch (node.filter) {
    case query::Filter::kStory:
    case query::Filter::kEvent:
    case query::Filter::kAfter:
    case query::Filter::kBefore:
    case query::Filter::kWithin: return true;
    default: return false;
  }
}

/// What is answered soonest comes first: atoms, then what joins others, then what the words
/// themselves are asked of.
int rank_of(const Node& node) {
  switch (node.kind) {
    case Kind::kAll:
    case Kind::kPrefix: return 0;
    case Kind::kWord: return is_plain_word(node) ? 0 : 2;
    case Kind::kFilter: return is_of_the_moment(node) ? 2 : 0;
    case Kind::kPhrase:
    case Kind::kNear: return 2;
    default: return 1;
  }
}

/// Chooses atoms of which every article that meets a program holds at least one.
class Chooser {
 public:
  Chooser(const Atoms& atoms, const std::vector<std::unique_ptr<ComplexLeaf>>& leaves,
          const Step* program, std::uint64_t articles)
      : atoms_(atoms),
        leaves_(leaves),
        program_(program),
        articles_(static_cast<double>(articles)) {}

  std::vector<std::uint32_t> run() {
    costs_.resize(size_of(0));
    reckon(0);
    if (costs_[0].meet != kImpossible) collect(0, &Cost::meet);
    std::sort(out_.begin(), out_.end());
    out_.erase(std::unique(out_.begin(), out_.end()), out_.end());
    return std::move(out_);
  }

 private:
  static constexpr double kImpossible = std::numeric_limits<double>::infinity();
  /// Share of articles that hold one of the atoms chosen for meeting a step, and for failing it (De
  /// Morgan).
  struct Cost {
    double meet = kImpossible;
    double fail = kImpossible;
  };
  using Side = double Cost::*;
  static bool joins(const Step& step) {
    return step.operation == Step::Operation::kAnd || step.operation == Step::Operation::kOr ||
           step.operation == Step::Operation::kNot;
  }
  std::uint32_t size_of(std::uint32_t at) const {
    return joins(program_[at]) ? program_[at].argument + 1 : 1;
  }

  double cost(std::uint32_t atom) const {
    constexpr double kPriorArticles = 50;  // weight of the guess
    const Atom& known = atoms_.at(atom);
    return (static_cast<double>(known.seen) + known.prior * kPriorArticles) /
           (articles_ + kPriorArticles);
  }
  /// The rarest of atoms that are all needed.
  std::uint32_t rarest(const std::vector<std::uint32_t>& needed) const {
    return *std::min_element(
        needed.begin(), needed.end(),
        [this](std::uint32_t a, std::uint32_t b) { return cost(a) < cost(b); });
  }
  double sum_of(const std::vector<std::vector<std::uint32_t>>& options) const {
    double sum = 0;
    for (const auto& needed : options) sum += needed.empty() ? kImpossible : cost(rarest(needed));
    return sum;
  }

  void reckon(std::uint32_t at) {
    const Step& step = program_[at];
    Cost& out = costs_[at];
    if (step.operation == Step::Operation::kAtom) out.meet = cost(step.argument);
    if (step.operation == Step::Operation::kComplex) {
      for (const auto& options : leaves_[step.argument]->either)
        out.meet = std::min(out.meet, sum_of(options));
    }
    if (!joins(step)) return;
    const bool all = step.operation == Step::Operation::kAnd;
    Cost sum{0, 0};
    for (std::uint32_t child = at + 1; child < at + size_of(at); child += size_of(child)) {
      reckon(child);
      const Cost& one = costs_[child];
      if (step.operation == Step::Operation::kNot) {
        out = {one.fail, one.meet};
        return;
      }
      out = {std::min(out.meet, one.meet), std::min(out.fail, one.fail)};
      sum = {sum.meet + one.meet, sum.fail + one.fail};
    }
    (all ? out.fail : out.meet) = all ? sum.fail : sum.meet;
  }

  void collect(std::uint32_t at, Side side) {
    const Step& step = program_[at];
    if (step.operation == Step::Operation::kAtom) out_.push_back(step.argument);
    if (step.operation == Step::Operation::kComplex) collect_complex(*leaves_[step.argument]);
    if (step.operation == Step::Operation::kNot)
      return collect(at + 1, side == &Cost::meet ? &Cost::fail : &Cost::meet);
    if (!joins(step)) return;
    const bool one_of = (step.operation == Step::Operation::kAnd) == (side == &Cost::meet);
    for (std::uint32_t child = at + 1; child < at + size_of(at); child += size_of(child)) {
      if (one_of && costs_[child].*side != costs_[at].*side) continue;
      collect(child, side);
      if (one_of) return;
    }
  }

  void collect_complex(const ComplexLeaf& leaf) {
    const auto best =
        std::min_element(leaf.either.begin(), leaf.either.end(),
                         [this](const auto& a, const auto& b) { return sum_of(a) < sum_of(b); });
    for (const auto& needed : *best) out_.push_back(rarest(needed));
  }

  const Atoms& atoms_;
  const std::vector<std::unique_ptr<ComplexLeaf>>& leaves_;
  const Step* program_;
  double articles_;
  std::vector<Cost> costs_;  // by step
  std::vector<std::uint32_t> out_;
};

}  // namespace

void Compiler::compile(const Query& query, std::vector<Step>& steps) {
  compile(query, static_cast<std::uint32_t>(query.nodes.size() - 1), steps);
}

void Compiler::compile(const Query& query, std::uint32_t index, std::vector<Step>& steps) {
  const Node& node = query.nodes[index];
  Step::Operation operation{};
  switch (node.kind) {
    case Kind::kAll: steps.push_back({Step::Operation::kTrue, 3, Step::kNone, 0}); return;
    case Kind::kAnd: operation = Step::Operation::kAnd; break;
    case Kind::kOr: operation = Step::Operation::kOr; break;
    case Kind::kNot: operation = Step::Operation::kNot; break;
    default: return leaf(query, index, steps);
  }
  const std::size_t place = steps.size();
  steps.push_back({operation, 3, Step::kNone, 0});
  std::vector<std::uint32_t> children = node.children;
  std::stable_sort(children.begin(), children.end(), [&](std::uint32_t a, std::uint32_t b) {
    return rank_of(query.nodes[a]) < rank_of(query.nodes[b]);
  });
  for (std::uint32_t child : children) compile(query, child, steps);
  steps[place].argument = static_cast<std::uint32_t>(steps.size() - place - 1);
}

void Compiler::leaf(const Query& query, std::uint32_t index, std::vector<Step>& steps) {
  const Node& node = query.nodes[index];
  const std::uint16_t number = number_of(index);
  if (node.kind == Kind::kFilter && !is_of_the_moment(node)) {
    steps.push_back({Step::Operation::kAtom, 3, number, atoms_.filter(node.filter, node.value)});
  } else if (node.kind == Kind::kPrefix) {
    steps.push_back(
        {Step::Operation::kAtom, fields_of(node.scope), number, atoms_.prefix(node.prefix)});
  } else if (is_plain_word(node)) {
    const std::uint32_t atom = atoms_.word(node.words[0].forms[0]);
    steps.push_back({Step::Operation::kAtom, fields_of(node.scope), number, atom});
  } else {
    complex_leaf(query, index, steps);
  }
}

void Compiler::complex_leaf(const Query& query, std::uint32_t index, std::vector<Step>& steps) {
  const Node& node = query.nodes[index];
  Query one = alone(query, index);
  const std::uint32_t number = complex_texts_.number_of(one.canonical());
  if (number == complex_.size()) {
    auto made = std::make_unique<ComplexLeaf>();
    for (std::uint32_t child : node.children) {
      const Node& part = query.nodes[child];
      if (part.kind != Kind::kOr) continue;
      auto& options = made->either.emplace_back();
      for (std::uint32_t option : part.children)
        options.push_back(required(query, query.nodes[option]));
    }
    made->query = std::move(one);
    complex_.push_back(std::move(made));
  }
  const auto needed = required(query, node);
  if (!needed.empty())
    steps.push_back(
        {Step::Operation::kAnd, 3, Step::kNone, static_cast<std::uint32_t>(needed.size() + 1)});
  for (std::uint32_t atom : needed) steps.push_back({Step::Operation::kAtom, 3, Step::kNone, atom});
  steps.push_back({Step::Operation::kComplex, 3, number_of(index), number});
}

std::vector<std::uint32_t> Compiler::required_forms(const std::vector<std::string>& forms) {
  std::vector<std::uint32_t> out;
  for (std::size_t i = 0; i < forms.size(); ++i) {
    const bool pair = i + 1 < forms.size() && analysis::is_unspaced(forms[i]) &&
                      analysis::is_unspaced(forms[i + 1]);
    out.push_back(pair ? atoms_.bigram(forms[i] + forms[i + 1]) : atoms_.form(forms[i]));
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

std::vector<std::uint32_t> Compiler::required(const Query& query, const Node& node) {
  if (node.kind == Kind::kWord) {
    if (is_plain_word(node)) return {atoms_.word(node.words[0].forms[0])};
    return required_forms(node.words[0].forms);
  }
  if (node.kind == Kind::kPrefix) return {atoms_.prefix(node.prefix)};
  if (node.kind == Kind::kPhrase) {
    std::vector<std::string> forms;
    for (const query::Word& word : node.words)
      forms.insert(forms.end(), word.forms.begin(), word.forms.end());
    return required_forms(forms);
  }
  std::vector<std::uint32_t> out;
  if (node.kind == Kind::kNear) {
    for (std::uint32_t child : node.children) {
      if (query.nodes[child].kind == Kind::kOr) continue;
      // one level deep: the parts of a NEAR are leaves
      const auto part = required(query, query.nodes[child]);
      out.insert(out.end(), part.begin(), part.end());
    }
  }
  return out;
}

std::vector<std::uint32_t> Compiler::anchors(const Step* program, std::uint64_t articles) const {
  return Chooser(atoms_, complex_, program, articles).run();
}

std::uint64_t price(const Query& query, const v1::ArticleRecord& article) {
  constexpr std::uint64_t kBytesOfAPosting = 8;
  return (1 + query::costly_clauses(query)) * (article.title().size() + article.text().size()) /
         kBytesOfAPosting;
}

}  // namespace vigie::indexer::matching
