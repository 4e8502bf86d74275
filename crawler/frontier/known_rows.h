#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string_view>

#include "crawler/frontier/known_urls.h"
#include "platform/result/result.h"
#include "platform/storage/storage.h"

namespace vigie::crawler::frontier {

/// The known URLs of partitions in memory, and their rows, from which they are read and with which
/// they change. Errors, of all: of the store. One thread.
class KnownRows {
 public:
  /// `database` must outlive it.
  explicit KnownRows(storage::Database& database) : database_(database) {}

  /// Of a partition; read from its rows where it is not in memory.
  Result<const KnownUrls*> of(std::int32_t partition);
  /// The note of a URL; nothing: it is not known.
  Result<std::optional<Note>> note(std::int32_t partition, std::string_view url);

  /// For the store, which changes them in one batch with the state, and has asked for the partition
  /// before.
  void put(storage::Batch& batch, std::int32_t partition, const proto::Digest128& digest,
           Note note);
  void remove(storage::Batch& batch, std::int32_t partition, const proto::Digest128& digest);
  /// The rows of the partition go.
  void clear(storage::Batch& batch, std::int32_t partition);

  /// Gives back the memory of all other partitions.
  void keep_in_memory(const std::set<std::int32_t>& partitions);
  /// Of memory.
  std::size_t bytes() const;

 private:
  storage::Database& database_;
  std::map<std::int32_t, KnownUrls> partitions_;
};

}  // namespace vigie::crawler::frontier
