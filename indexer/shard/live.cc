#include "indexer/shard/live.h"

namespace vigie::indexer {
namespace {

/// Times the documents to come that a head may hold which is copied for them.
constexpr std::size_t kMostCopied = 64;

}  // namespace

std::size_t documents_in(const std::vector<LivePart>& parts) {
  std::size_t out = 0;
  for (const LivePart& part : parts) out += part.head->documents();
  return out;
}

std::size_t bytes_of(const std::vector<LivePart>& parts) {
  std::size_t out = 0;
  for (const LivePart& part : parts) out += part.head->bytes();
  return out;
}

void add(const Arrival& arrival, segments::Head& head) {
  if (arrival) {
    head.add(*arrival);
  } else {
    head.add_none();
  }
}

LivePart after(const LivePart& last, std::shared_ptr<segments::Head> head) {
  return {std::move(head), last.begin + last.head->documents(), std::make_shared<const Ordinals>()};
}

std::size_t part_for(const std::vector<LivePart>& parts, std::size_t more) {
  std::size_t out = parts.size();
  for (std::size_t i = parts.size(); i-- > 0;) {
    const std::size_t documents = parts[i].head->documents();
    if (documents / kMostCopied <= more) out = i;
    more += documents;
  }
  return out;
}

void fold(std::vector<LivePart>& parts, std::size_t part, const std::deque<Arrival>& kept) {
  LivePart& into = parts[part];
  into.head = std::make_shared<segments::Head>(*into.head);
  if (part + 1 == parts.size()) return;
  const std::uint64_t first_kept = parts.front().begin + parts.front().head->documents();
  Ordinals superseded = *into.superseded;
  for (std::size_t i = part + 1; i < parts.size(); ++i) {
    const LivePart& from = parts[i];
    const std::size_t begin = from.begin - first_kept;
    for (std::size_t document = 0; document < from.head->documents(); ++document)
      add(kept[begin + document], *into.head);
    for (std::uint32_t document : *from.superseded)
      superseded.add(static_cast<std::uint32_t>(from.begin - into.begin) + document);
  }
  into.superseded = std::make_shared<const Ordinals>(std::move(superseded));
  parts.resize(part + 1);
}

}  // namespace vigie::indexer
