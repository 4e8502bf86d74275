#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "crawler/frontier/new_urls.h"
#include "platform/result/result.h"
#include "platform/storage/storage.h"
#include "proto/frontier.pb.h"
#include "proto/identity.h"

namespace vigie::crawler::frontier {

/// A record of new URLs that stands: some of its URLs have no state but the one that it says.
class StandingUrls {
 public:
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  /// As the log has it: `value`, which says `urls`. Null: nobody writes it in this form.
  static std::shared_ptr<const StandingUrls> of(std::string key, std::string_view value,
                                                const v1::NewUrls& urls);
  /// As its row has it; null: these bytes are no such row.
  static std::shared_ptr<const StandingUrls> of_row(std::string_view row);
  std::string row() const;

  const std::string& key() const { return key_; }
  /// What is said of all of them; none is in it.
  const v1::NewUrls& said() const { return said_; }
  std::size_t size() const { return places_.size(); }
  /// Read at each call: most are asked for one URL. Errors: kStop corrupt.
  Result<v1::NewUrl> url(std::size_t i) const;
  proto::Digest128 digest(std::size_t i) const;
  /// kNone: it is not among them.
  std::size_t find(const proto::Digest128& digest) const;

 private:
  StandingUrls() = default;
  std::string key_;
  std::string bytes_;    // of the record
  std::string digests_;  // of the URLs, one after the other
  v1::NewUrls said_;
  NewUrlPlaces places_;  // in bytes_
};

/// Which URLs of a record have no other state; one bit each.
class Left {
 public:
  explicit Left(std::size_t urls) : bits_((urls + 7) / 8, '\xff'), urls_(urls) {}
  Left(std::string bits, std::size_t urls) : bits_(std::move(bits)), urls_(urls) {
    bits_.resize((urls + 7) / 8, '\0');
  }
  bool has(std::size_t i) const { return (byte(i) >> (i % 8) & 1U) != 0; }
  void remove(std::size_t i) { bits_[i / 8] = static_cast<char>(byte(i) & ~(1U << (i % 8))); }
  bool none() const {
    for (std::size_t i = 0; i < urls_; ++i)
      if (has(i)) return false;
    return true;
  }
  const std::string& bytes() const { return bits_; }

 private:
  unsigned byte(std::size_t i) const { return static_cast<unsigned char>(bits_[i / 8]); }
  std::string bits_;
  std::size_t urls_;
};

/// Records of new URLs in the store, by partition and a number of this store's own. Errors, of all:
/// of the store. One thread.
class NewUrlRows {
 public:
  /// `database` must outlive it.
  explicit NewUrlRows(storage::Database& database) : database_(database) {}

  Result<std::shared_ptr<const StandingUrls>> of(std::int32_t partition, std::uint32_t number);
  Result<Left> left(std::int32_t partition, std::uint32_t number, std::size_t urls);
  Result<std::optional<std::uint32_t>> number_of(std::int32_t partition, std::string_view key);
  /// Calls `each` for every URL that is left in a record of the partition.
  Result<void> each_left(
      std::int32_t partition,
      const std::function<void(const proto::Digest128&, std::uint32_t number)>& each);
  /// Those discovered before a moment, at most so many: number and record.
  using Numbered = std::pair<std::uint32_t, std::shared_ptr<const StandingUrls>>;
  Result<std::vector<Numbered>> older_than(std::int32_t partition, std::int64_t unix_ms,
                                           std::size_t most);

  /// For the store, which changes them in one batch with the states.
  Result<std::uint32_t> next_number(std::int32_t partition);
  void put(storage::Batch& batch, std::int32_t partition, std::uint32_t number,
           const std::shared_ptr<const StandingUrls>& urls);
  void put_left(storage::Batch& batch, std::int32_t partition, std::uint32_t number,
                const Left& left);
  void remove(storage::Batch& batch, std::int32_t partition, std::uint32_t number,
              const StandingUrls& urls);
  void clear(storage::Batch& batch, std::int32_t partition);

 private:
  /// Records in memory: pages of one listing are fetched soon after each other.
  static constexpr std::size_t kHeld = 256;
  using Place = std::pair<std::int32_t, std::uint32_t>;
  struct Held {
    std::shared_ptr<const StandingUrls> urls;
    std::list<Place>::iterator used;
  };
  void hold(Place place, std::shared_ptr<const StandingUrls> urls);

  storage::Database& database_;
  std::map<Place, Held> held_;
  std::list<Place> used_;  // the latest first
  std::map<std::int32_t, std::uint32_t> next_numbers_;
};

}  // namespace vigie::crawler::frontier
