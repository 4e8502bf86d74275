#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string_view>

#include "crawler/frontier/known_urls.h"
#include "crawler/frontier/new_url_rows.h"
#include "platform/result/result.h"
#include "platform/storage/storage.h"

namespace vigie::crawler::frontier {

/// The known URLs of partitions in memory, and their rows, from which they are read and with which
/// they change; those that are left in a record of new URLs have no row of their own. Errors, of
/// all: of the store. One thread.
class KnownRows {
 public:
  /// Both must outlive it.
  KnownRows(storage::Database& database, NewUrlRows& new_urls)
      : database_(database), new_urls_(new_urls) {}

  /// Of a partition; read from its rows where it is not in memory.
  Result<const KnownUrls*> of(std::int32_t partition);
  /// The note of a URL; nothing: it is not known.
  Result<std::optional<Note>> note(std::int32_t partition, std::string_view url);

  /// For the store, which changes them in one batch with the state, and has asked for the partition
  /// before.
  void put(storage::Batch& batch, std::int32_t partition, const proto::Digest128& digest,
           Note note);
  /// Of a URL in a record of new URLs, which has the row.
  void put_standing(std::int32_t partition, const proto::Digest128& digest, std::uint32_t number) {
    partitions_.at(partition).put(digest, kStanding + number);
  }
  void remove(storage::Batch& batch, std::int32_t partition, const proto::Digest128& digest);
  /// The rows of the partition go.
  void clear(storage::Batch& batch, std::int32_t partition);

  /// Gives back the memory of all other partitions.
  void keep_in_memory(const std::set<std::int32_t>& partitions);
  /// Of memory.
  std::size_t bytes() const;

 private:
  storage::Database& database_;
  NewUrlRows& new_urls_;
  std::map<std::int32_t, KnownUrls> partitions_;
};

}  // namespace vigie::crawler::frontier
