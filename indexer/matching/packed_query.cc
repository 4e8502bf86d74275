#include "indexer/matching/packed_query.h"

#include <cstdint>

#include "platform/result/result.h"

namespace vigie::indexer::matching {
namespace {

using query::Node;
using query::Query;

constexpr unsigned kExact = 1;  // bits of a word
constexpr unsigned kTypedAsForm = 2;

void put(std::uint64_t value, std::string& out) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<char>(value | 0x80));
  out.push_back(static_cast<char>(value));
}

void put(std::string_view text, std::string& out) {
  put(text.size(), out);
  out.append(text);
}

void put(const query::Word& word, std::string& out) {
  const bool same = !word.forms.empty() && word.forms[0] == word.typed;
  put((word.exact ? kExact : 0U) | (same ? kTypedAsForm : 0U), out);
  if (!same) put(word.typed, out);
  put(word.forms.size(), out);
  for (const std::string& form : word.forms) put(form, out);
}

class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}
  std::uint64_t number() {
    std::uint64_t out = 0;
    for (unsigned shift = 0;; shift += 7) {
      VIGIE_INVARIANT(!bytes_.empty());
      const auto byte = static_cast<unsigned char>(bytes_.front());
      bytes_.remove_prefix(1);
      out |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
      if (byte < 0x80) return out;
    }
  }
  std::uint32_t small() { return static_cast<std::uint32_t>(number()); }
  std::string_view view() {
    const std::uint64_t size = number();
    VIGIE_INVARIANT(size <= bytes_.size());
    const std::string_view out = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return out;
  }
  std::string text() { return std::string(view()); }
  std::string_view rest() const { return bytes_; }
  query::Word word() {
    query::Word out;
    const std::uint32_t bits = small();
    out.exact = (bits & kExact) != 0;
    if ((bits & kTypedAsForm) == 0) out.typed = text();
    out.forms.resize(number());
    for (std::string& form : out.forms) form = text();
    if ((bits & kTypedAsForm) != 0) out.typed = out.forms[0];
    return out;
  }

 private:
  std::string_view bytes_;
};

}  // namespace

void pack(const Query& query, std::string& out) {
  put(query.text, out);
  put(query.nodes.size(), out);
  for (const Node& node : query.nodes) {
    put(node.begin, out);
    put(node.end, out);
  }
  for (const Node& node : query.nodes) {
    put(static_cast<std::uint64_t>(node.kind) << 1 | static_cast<std::uint64_t>(node.scope), out);
    put(node.children.size(), out);
    for (std::uint32_t child : node.children) put(child, out);
    put(node.words.size(), out);
    for (const query::Word& word : node.words) put(word, out);
    switch (node.kind) {
      case Node::Kind::kPrefix: put(node.prefix, out); break;
      case Node::Kind::kNear: put(node.distance, out); break;
      case Node::Kind::kFilter:
        put(static_cast<std::uint64_t>(node.filter), out);
        put(node.value, out);
        put(static_cast<std::uint64_t>(node.value_ms), out);
        break;
      default: break;
    }
  }
}

Query unpack(std::string_view packed) {
  Reader in(packed);
  Query out;
  out.text = in.text();
  out.nodes.resize(in.number());
  for (Node& node : out.nodes) {
    node.begin = in.small();
    node.end = in.small();
  }
  for (Node& node : out.nodes) {
    const std::uint32_t kind = in.small();
    node.kind = static_cast<Node::Kind>(kind >> 1);
    node.scope = static_cast<query::Scope>(kind & 1);
    node.children.resize(in.number());
    for (std::uint32_t& child : node.children) child = in.small();
    node.words.resize(in.number());
    for (query::Word& word : node.words) word = in.word();
    switch (node.kind) {
      case Node::Kind::kPrefix: node.prefix = in.text(); break;
      case Node::Kind::kNear: node.distance = in.small(); break;
      case Node::Kind::kFilter:
        node.filter = static_cast<query::Filter>(in.number());
        node.value = in.text();
        node.value_ms = static_cast<std::int64_t>(in.number());
        break;
      default: break;
    }
  }
  return out;
}

Clauses::Clauses(std::string_view packed) {
  Reader in(packed);
  text_ = in.view();
  in.number();  // of nodes
  places_ = in.rest();
}

std::pair<std::uint32_t, std::uint32_t> Clauses::of(std::uint32_t node) const {
  Reader in(places_);
  for (std::uint32_t before = 0; before < 2 * node; ++before) in.number();
  const std::uint32_t begin = in.small();
  return {begin, in.small()};
}

}  // namespace vigie::indexer::matching
