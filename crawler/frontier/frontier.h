#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "crawler/frontier/due.h"
#include "crawler/frontier/store.h"
#include "platform/log/log.h"
#include "platform/result/result.h"
#include "proto/frontier.pb.h"

namespace vigie::crawler::frontier {

/// URLs that one crawler remembers, of the partitions that it owns: some 260 bytes of disk each.
/// Beyond, finished pages are forgotten, oldest first.
inline constexpr std::uint64_t kMaxFrontierUrls = 100'000'000;
/// URLs of one registrable domain that wait for their first fetch; more is a trap, or a backlog
/// that politeness would never work off.
inline constexpr std::int64_t kMaxWaitingPerDomain = 20'000;

/// The states of the URLs of the partitions that this crawler owns: what was read back from the log
/// is in the store, what was sent and not read back yet in memory. A state counts as soon as it is
/// sent; the store follows the log. One thread.
class Frontier {
 public:
  /// The store lies in `dir`. Errors: of the store.
  static Result<std::unique_ptr<Frontier>> open(
      const std::filesystem::path& dir, std::int32_t partitions,
      const storage::Opener& open_database = storage::open);

  FrontierStore& store() { return *store_; }
  std::int32_t partition_of(std::string_view domain) const;

  /// The newest state of a URL whose domain's partition is owned.
  Result<std::optional<v1::UrlState>> find(const std::string& url);
  /// What is known of a URL that a listing names, mostly without a look at the disk.
  enum class Seen {
    kNew,
    kSettled,    // that it is named changes nothing
    kMayChange,  // find() tells
  };
  /// `domain` is that of the URL, `item` what a feed says of it, or null.
  Result<Seen> seen(std::string_view domain, const std::string& url, const v1::FeedItem* item);
  /// Whether it was sent and not read back yet: what the store says of it is outdated.
  bool pending(std::string_view url) const { return pending_.find(url) != pending_.end(); }
  std::size_t pending_count() const { return pending_.size(); }

  /// What the URLs of one listing have in common.
  struct NewFrom {
    std::string source_id;
    std::int64_t discovered_at_unix_ms = 0;
    std::uint32_t depth = 0;
  };
  struct Sent {
    log::NewRecord record;
    std::uint64_t number = 0;  // for acknowledged()
  };
  /// Takes a state, which counts from now on. The record must be sent.
  Sent put(v1::UrlState state);
  /// Takes a URL that a listing names and that is not known (seen()). It counts from now on. Its
  /// record comes with take_new().
  void put_new(std::string_view domain, const NewFrom& from, v1::NewUrl url);
  /// The records of all that was put so, which must be sent; one for each partition, source and
  /// listing, as long as it is not full.
  std::vector<Sent> take_new();
  /// Forgets a URL in the same way.
  Sent forget(const std::string& url);
  /// The record lies in the log. True: it was read back already, so that the store speaks for the
  /// URL again.
  bool acknowledged(const std::string& url, std::uint64_t number, log::LogPosition at);

  /// The same of a record of new URLs. Out: those that the store speaks for again.
  std::vector<std::string> acknowledged_new(std::uint64_t number, log::LogPosition at);

  /// Takes what was read of a partition into the store.
  Result<FrontierStore::Applied> follow(const log::Reader::Batch& batch, bool caught_up,
                                        std::int64_t now_unix_ms);
  /// Where reading goes on.
  std::int64_t next_offset(std::int32_t partition) const;
  void set_next_offset(std::int32_t partition, std::int64_t next_offset) {
    next_offsets_[partition] = next_offset;
  }
  /// Drops what is pending: whoever owns the partitions now, reads it from the log.
  void let_go();

  static log::NewRecord record_of(const v1::UrlState& state);
  static log::NewRecord record_of(const v1::Discovery& discovery);
  static log::NewRecord record_of(const v1::Reservation& reservation);
  /// The record that removes a key from a partition, whatever its own would be.
  log::NewRecord tombstone_in(std::int32_t partition, std::string key) const;

 private:
  Frontier(std::unique_ptr<FrontierStore> store, std::int32_t partitions)
      : store_(std::move(store)), partitions_(partitions) {}
  Sent send(const std::string& url, std::optional<v1::UrlState> state, log::NewRecord record);

  /// A record of new URLs that is filled, or on its way.
  using Listing = std::shared_ptr<v1::NewUrls>;
  struct Pending {
    std::unique_ptr<v1::UrlState> state = {};  // nothing: forgotten, where it is in no listing
    Listing listing = {};                      // its state is the first one, of url `index` there
    int index = 0;
    std::uint64_t number = 0;  // of the record sent last
    std::optional<v1::UrlState> newest() const;
  };
  /// A record of new URLs that is filled.
  struct Filling {
    Listing listing;
    std::string domain;  // one of the partition
    std::uint64_t number = 0;
    std::size_t bytes = 0;
  };
  Filling& filling(std::string_view domain, const NewFrom& from, const v1::NewUrl& url);
  void read_back(const std::string& url, std::uint64_t number);
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  std::unique_ptr<FrontierStore> store_;
  std::int32_t partitions_;
  // bounded by what the producer has in hand
  std::unordered_map<std::string, Pending, Hash, std::equal_to<>> pending_;
  std::vector<Filling> filling_;                         // records of new URLs
  std::unordered_map<std::uint64_t, Listing> listings_;  // by number: on their way
  // partition → offset → URL and number: in the log, not read back; "": a record of new URLs
  std::map<std::int32_t, std::map<std::int64_t, std::pair<std::string, std::uint64_t>>> to_read_;
  std::map<std::int32_t, std::int64_t> next_offsets_;
  std::uint64_t next_number_ = 1;
};

}  // namespace vigie::crawler::frontier
