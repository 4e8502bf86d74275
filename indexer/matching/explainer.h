#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "indexer/matching/found.h"
#include "indexer/matching/program.h"

/// Why one article meets subscriptions, as bytes of MatchRecord. What several of them ask is looked
/// for once, and what is shown of a span is written once. Private to indexer/matching.
namespace vigie::indexer::matching {

/// A leaf that makes a query true.
struct AnsweringLeaf {
  Step step;
  std::uint32_t node = 0;  // of the query
};

/// One article; one thread. `document`, `presence` and `compiler` must outlive it.
class Explainer {
 public:
  Explainer(const Document& document, const Presence& presence, const Compiler& compiler)
      : document_(document), presence_(presence), compiler_(compiler) {}

  /// Appends the fields `article`, with the snippet alone, and `evidence`. `leaves`: in order of
  /// their nodes; `packed`: the query.
  void write(const std::vector<AnsweringLeaf>& leaves, std::string_view packed, std::string& out);

 private:
  /// Spans of a leaf, and from where on what is shown of them stands in shown_.
  struct Spans {
    std::vector<Found> found;
    std::uint32_t first_shown = 0;
  };
  /// Where in bytes_ the Evidence of a span stands, without its clause.
  struct Shown {
    std::uint32_t begin = 0;
    std::uint32_t size = 0;  // 0: not written yet
  };

  const Spans& spans_of(const Step& step);
  std::vector<Found> look(const Step& step);
  std::string_view shown(const Spans& spans, const Found& found);
  const std::string& snippet_from(std::size_t begin);

  const Document& document_;
  const Presence& presence_;
  const Compiler& compiler_;
  std::unordered_map<std::uint64_t, Spans> spans_;  // by leaf
  std::vector<Shown> shown_;
  std::string bytes_;
  std::unordered_map<std::size_t, std::string> snippets_;  // by their beginning in the text
  // of write()
  std::vector<Part> parts_;
  std::vector<const Spans*> of_part_;
  std::string entry_;
};

}  // namespace vigie::indexer::matching
