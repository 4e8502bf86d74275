#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "indexer/query/query.h"

/// Private to indexer/matching.
namespace vigie::indexer::matching {

/// A query in few bytes, appended to `out`: what is kept of each subscription for its evidence.
/// Hints and the budget are left out.
void pack(const query::Query& query, std::string& out);
/// `packed`: what pack appended.
query::Query unpack(std::string_view packed);

/// What a packed query was typed as, without unpacking the rest.
class Clauses {
 public:
  explicit Clauses(std::string_view packed);
  std::string_view text() const { return text_; }
  /// Bytes of text() that a node came from: begin and end.
  std::pair<std::uint32_t, std::uint32_t> of(std::uint32_t node) const;

 private:
  std::string_view text_;
  std::string_view places_;  // of all nodes
};

}  // namespace vigie::indexer::matching
