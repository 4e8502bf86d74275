#include "indexer/analysis/analysis.h"
#include "indexer/query/filter.h"
#include "indexer/query/query.h"

namespace vigie::indexer::query {
namespace {

using Kind = Node::Kind;

bool is_compound(Kind kind) {
  return kind == Kind::kAnd || kind == Kind::kOr || kind == Kind::kNear;
}

std::string phrase(const Node& node) {
  std::string out = "\"";
  for (std::size_t i = 0; i < node.words.size(); ++i) {
    const bool glued = i > 0 && analysis::is_unspaced(node.words[i].forms[0]) &&
                       analysis::is_unspaced(node.words[i - 1].forms[0]);
    if (i > 0 && !glued) out += ' ';
    out += node.words[i].typed;
  }
  return out + '"';
}

std::string filter(const Node& node) {
  const std::string value = canonical_value(node);
  const std::string name(filter_name(node.filter));
  const bool is_name = node.filter == Filter::kSource || node.filter == Filter::kAuthor ||
                       node.filter == Filter::kSection;
  return is_name ? name + ":\"" + value + '"' : name + ':' + value;
}

std::string leaf(const Node& node) {
  std::string out = node.scope == Scope::kTitle ? "title:" : "";
  switch (node.kind) {
    case Kind::kWord: return out + (node.words[0].exact ? "=" : "") + node.words[0].typed;
    case Kind::kPrefix: return out + node.words[0].typed + '*';
    case Kind::kPhrase: return out + phrase(node);
    case Kind::kFilter: return filter(node);
    default: return {};
  }
}

}  // namespace

std::string Query::canonical() const {
  std::vector<std::string> written(nodes.size());
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const Node& node = nodes[i];
    const auto part = [&](std::uint32_t child, bool parenthesise) {
      std::string inner = std::move(written[child]);
      return parenthesise ? "(" + inner + ")" : inner;
    };
    if (node.kind == Kind::kNot) {
      written[i] = "-" + part(node.children[0], is_compound(nodes[node.children[0]].kind));
    } else if (is_compound(node.kind)) {
      const std::string between = node.kind == Kind::kAnd ? " "
                                  : node.kind == Kind::kOr
                                      ? " OR "
                                      : " NEAR/" + std::to_string(node.distance) + " ";
      for (std::uint32_t child : node.children) {
        if (!written[i].empty()) written[i] += between;
        const Kind kind = nodes[child].kind;
        written[i] += part(child, kind == Kind::kAnd || kind == Kind::kOr);
      }
    } else {
      written[i] = leaf(node);
    }
  }
  return written.empty() ? std::string() : written.back();
}

Query part_of(const Query& query, std::uint32_t root) {
  std::vector<char> wanted(query.nodes.size());
  wanted[root] = 1;
  for (std::uint32_t i = root + 1; i-- > 0;) {
    if (wanted[i] == 0) continue;
    for (std::uint32_t child : query.nodes[i].children) wanted[child] = 1;
  }
  Query out;
  out.text = query.text;
  std::vector<std::uint32_t> renumbered(query.nodes.size());
  for (std::uint32_t i = 0; i <= root; ++i) {
    if (wanted[i] == 0) continue;
    renumbered[i] = static_cast<std::uint32_t>(out.nodes.size());
    out.nodes.push_back(query.nodes[i]);
    for (std::uint32_t& child : out.nodes.back().children) child = renumbered[child];
  }
  return out;
}

}  // namespace vigie::indexer::query
