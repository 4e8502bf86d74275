#include <algorithm>

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

bool is_plain_word(const Node& node) {
  return node.kind == Kind::kWord && node.words[0].forms.size() == 1 && !node.words[0].exact;
}

/// Filters that the article alone cannot decide.
bool is_of_the_moment(const Node& node) {
  if (node.kind != Kind::kFilter) return false;
  switch (node.filter) {
    case query::Filter::kStory:
    case query::Filter::kAfter:
    case query::Filter::kBefore:
    case query::Filter::kWithin: return true;
    default: return false;
  }
}

/// Nodes that stand under a NEAR are part of it and not of the logic.
std::vector<char> under_near(const Query& query) {
  std::vector<char> under(query.nodes.size(), 0);
  for (std::size_t i = query.nodes.size(); i-- > 0;) {
    if (under[i] == 0 && query.nodes[i].kind != Kind::kNear) continue;
    for (std::uint32_t child : query.nodes[i].children) under[child] = 1;
  }
  return under;
}

}  // namespace

std::vector<Step> Compiler::compile(const Query& query) {
  std::vector<Step> steps;
  const auto under = under_near(query);
  for (std::uint32_t i = 0; i < query.nodes.size(); ++i) {
    if (under[i] != 0) continue;
    const Node& node = query.nodes[i];
    const auto operands = static_cast<std::uint32_t>(node.children.size());
    switch (node.kind) {
      case Kind::kAll: steps.push_back({Step::Operation::kTrue, 3, 0}); break;
      case Kind::kAnd: steps.push_back({Step::Operation::kAnd, 3, operands}); break;
      case Kind::kOr: steps.push_back({Step::Operation::kOr, 3, operands}); break;
      case Kind::kNot: steps.push_back({Step::Operation::kNot, 3, 1}); break;
      default: steps.push_back(leaf(query, i));
    }
  }
  return steps;
}

Step Compiler::leaf(const Query& query, std::uint32_t index) {
  const Node& node = query.nodes[index];
  if (node.kind == Kind::kFilter && !is_of_the_moment(node))
    return {Step::Operation::kAtom, 3, atoms_.filter(node.filter, node.value)};
  if (node.kind == Kind::kPrefix)
    return {Step::Operation::kAtom, fields_of(node.scope), atoms_.prefix(node.prefix)};
  if (is_plain_word(node))
    return {Step::Operation::kAtom, fields_of(node.scope), atoms_.word(node.words[0].forms[0])};
  Query one = alone(query, index);
  const std::string text = one.canonical();
  const auto [known, fresh] =
      complex_by_text_.try_emplace(text, static_cast<std::uint32_t>(complex_.size()));
  if (fresh) {
    auto required_atoms = required(query, node);
    complex_.push_back(
        std::make_unique<ComplexLeaf>(ComplexLeaf{std::move(one), std::move(required_atoms)}));
  }
  return {Step::Operation::kComplex, 3, known->second};
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

double Compiler::cost(std::uint32_t atom, std::uint64_t articles) const {
  constexpr double kPriorArticles = 50;  // weight of the guess
  const Atom& known = atoms_.at(atom);
  return (static_cast<double>(known.seen) + known.prior * kPriorArticles) /
         (static_cast<double>(articles) + kPriorArticles);
}

Compiler::Cover Compiler::cover_of_atoms(const std::vector<std::uint32_t>& required_atoms,
                                         std::uint64_t articles) const {
  Cover out;
  for (std::uint32_t atom : required_atoms) {
    const double share = cost(atom, articles);
    if (!out.possible || share < out.cost) out = {true, share, {atom}};
  }
  return out;
}

Compiler::Cover Compiler::cover_of_leaf(const Query& query, std::uint32_t index,
                                        std::uint64_t articles) {
  const Node& node = query.nodes[index];
  if (is_of_the_moment(node)) return {};
  if (node.kind == Kind::kFilter)
    return cover_of_atoms({atoms_.filter(node.filter, node.value)}, articles);
  Cover best = cover_of_atoms(required(query, node), articles);
  if (node.kind != Kind::kNear) return best;
  for (std::uint32_t child : node.children) {
    const Node& part = query.nodes[child];
    if (part.kind != Kind::kOr) continue;
    Cover either{true, 0, {}};
    for (std::uint32_t option : part.children) {
      const Cover one = cover_of_atoms(required(query, query.nodes[option]), articles);
      either.cost += one.cost;
      either.atoms.insert(either.atoms.end(), one.atoms.begin(), one.atoms.end());
    }
    if (!best.possible || either.cost < best.cost) best = std::move(either);
  }
  return best;
}

std::vector<std::uint32_t> Compiler::anchors(const Query& query, std::uint64_t articles) {
  // For each node: what an article must hold to meet it, and what to fail it (De Morgan).
  std::vector<std::pair<Cover, Cover>> covers(query.nodes.size());
  const auto under = under_near(query);
  const auto cheapest = [&](const Node& node, Cover std::pair<Cover, Cover>::*side) {
    Cover best;
    for (std::uint32_t child : node.children) {
      const Cover& cover = covers[child].*side;
      if (cover.possible && (!best.possible || cover.cost < best.cost)) best = cover;
    }
    return best;
  };
  const auto all = [&](const Node& node, Cover std::pair<Cover, Cover>::*side) {
    Cover sum{true, 0, {}};
    for (std::uint32_t child : node.children) {
      const Cover& cover = covers[child].*side;
      if (!cover.possible) return Cover{};
      sum.cost += cover.cost;
      sum.atoms.insert(sum.atoms.end(), cover.atoms.begin(), cover.atoms.end());
    }
    return sum;
  };
  constexpr auto kMeet = &std::pair<Cover, Cover>::first;
  constexpr auto kFail = &std::pair<Cover, Cover>::second;
  for (std::uint32_t i = 0; i < query.nodes.size(); ++i) {
    if (under[i] != 0) continue;
    const Node& node = query.nodes[i];
    switch (node.kind) {
      case Kind::kAll: break;
      case Kind::kAnd: covers[i] = {cheapest(node, kMeet), all(node, kFail)}; break;
      case Kind::kOr: covers[i] = {all(node, kMeet), cheapest(node, kFail)}; break;
      case Kind::kNot:
        covers[i] = {covers[node.children[0]].second, covers[node.children[0]].first};
        break;
      default: covers[i] = {cover_of_leaf(query, i, articles), Cover{}};
    }
  }
  std::vector<std::uint32_t> out = std::move(covers.back().first.atoms);
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

std::uint64_t price(const Query& query, const v1::ArticleRecord& article) {
  constexpr std::uint64_t kBytesOfAPosting = 8;
  return (1 + query::costly_clauses(query)) * (article.title().size() + article.text().size()) /
         kBytesOfAPosting;
}

}  // namespace vigie::indexer::matching
