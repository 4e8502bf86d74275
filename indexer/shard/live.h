#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <roaring/roaring.hh>
#include <vector>

#include "indexer/segments/head.h"

// CRoaring 0.2 (Debian 12) has its class in the global namespace, later ones have it here
namespace roaring {}

/// The newest documents of a shard: heads one behind the other. What a reader may have is not
/// written to; a head that takes more documents is copied first, and it takes them only where it is
/// small beside them, so that few copies are made.
namespace vigie::indexer {

namespace bitmap {
using namespace ::roaring;
using Type = Roaring;
}  // namespace bitmap
/// Numbers of documents within one segment.
using Ordinals = bitmap::Type;

/// A version on its way into a head; nothing for one that nobody will find.
using Arrival = std::optional<segments::Analysed>;

struct LivePart {
  std::shared_ptr<segments::Head> head;
  std::uint64_t begin = 0;  // ordinal
  std::shared_ptr<const Ordinals> superseded;
};

std::size_t documents_in(const std::vector<LivePart>& parts);
/// Of memory.
std::size_t bytes_of(const std::vector<LivePart>& parts);
void add(const Arrival& arrival, segments::Head& head);
/// An empty one behind `last`.
LivePart after(const LivePart& last, std::shared_ptr<segments::Head> head);
/// The part that is to take what stands behind it and `more` documents; the number of the parts
/// where all are too large for so few.
std::size_t part_for(const std::vector<LivePart>& parts, std::size_t more);
/// Makes `part` and those behind it one, in a copy. `kept`: the documents behind the first part.
void fold(std::vector<LivePart>& parts, std::size_t part, const std::deque<Arrival>& kept);

}  // namespace vigie::indexer
