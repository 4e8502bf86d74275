#include "crawler/frontier/known_rows.h"

#include <algorithm>

#include "crawler/frontier/rows.h"

namespace vigie::crawler::frontier {

Result<const KnownUrls*> KnownRows::of(std::int32_t partition) {
  if (const auto found = partitions_.find(partition); found != partitions_.end())
    return &found->second;
  KnownUrls urls;
  const auto cursor = database_.cursor(kUrls, range_of(known_prefix(partition)));
  for (cursor->seek_to_first(); cursor->valid(); cursor->next()) {
    const std::string_view key = cursor->key().substr(sizeof(std::uint16_t));
    proto::Digest128 digest{};
    if (key.size() != digest.size() || cursor->value().size() != sizeof(Note)) continue;
    std::copy(key.begin(), key.end(), digest.begin());
    urls.put(digest, storage::read_u32(cursor->value()));
  }
  VIGIE_TRY(cursor->status());
  VIGIE_TRY(
      new_urls_.each_left(partition, [&](const proto::Digest128& digest, std::uint32_t number) {
        urls.put(digest, kStanding + number);
      }));
  return &partitions_.emplace(partition, std::move(urls)).first->second;
}

Result<std::optional<Note>> KnownRows::note(std::int32_t partition, std::string_view url) {
  VIGIE_ASSIGN(const KnownUrls* urls, of(partition));
  return urls->find(proto::digest128(url));
}

void KnownRows::put(storage::Batch& batch, std::int32_t partition, const proto::Digest128& digest,
                    Note note) {
  std::string bytes;
  storage::append_u32(bytes, note);
  batch.put(kUrls, known_row(partition, digest), bytes);
  partitions_.at(partition).put(digest, note);
}

void KnownRows::remove(storage::Batch& batch, std::int32_t partition,
                       const proto::Digest128& digest) {
  batch.remove(kUrls, known_row(partition, digest));
  partitions_.at(partition).erase(digest);
}

void KnownRows::clear(storage::Batch& batch, std::int32_t partition) {
  const std::string begin = known_prefix(partition);
  batch.remove_range(kUrls, begin, storage::after_prefix(begin));
  partitions_[partition] = KnownUrls();
}

void KnownRows::keep_in_memory(const std::set<std::int32_t>& partitions) {
  std::erase_if(partitions_, [&](const auto& one) { return partitions.count(one.first) == 0; });
}

std::size_t KnownRows::bytes() const {
  std::size_t out = 0;
  for (const auto& [partition, urls] : partitions_) out += urls.bytes();
  return out;
}

}  // namespace vigie::crawler::frontier
