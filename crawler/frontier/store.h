#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "crawler/frontier/due.h"
#include "platform/log/log.h"
#include "platform/result/result.h"
#include "platform/storage/storage.h"
#include "proto/frontier.pb.h"

namespace vigie::crawler {

/// What this process knows of partitions of the topic `frontier`, on disk: exactly what the log
/// held up to a position, since it is changed by nothing but records that were read from the log,
/// in one batch with the position. So a crash at any moment leaves a past state of the log, from
/// which reading goes on. Beside the mirror it keeps rows derived from it: what is due, in order,
/// and what waits for a source that is paused or gone. One thread.
class FrontierStore {
 public:
  /// `suffixes`: version of the list that domains were told by; what another version has stored is
  /// read anew. Errors: kStop locked, corrupt, io.
  static Result<std::unique_ptr<FrontierStore>> open(
      const std::filesystem::path& dir, std::int32_t partitions, std::string suffixes,
      const storage::Opener& open_database = storage::open);

  struct Position {
    std::int64_t next_offset = 0;
    std::int64_t synced_at_unix_ms = 0;  // when it was last known to have read all there was
    std::uint64_t urls = 0;
  };
  /// Nothing where the partition must be read from its start.
  Result<std::optional<Position>> position(std::int32_t partition);
  /// Forgets all of a partition, at once.
  Result<void> clear(std::int32_t partition);

  struct Applied {
    // with a URL that changed → by how many more wait for their first fetch
    std::map<std::string, std::int64_t> domains;
    std::vector<v1::Discovery> arrived;
    std::vector<v1::Reservation> reservations;
    bool misplaced = false;  // there are records for misplaced()
    std::uint64_t bad_records = 0;
  };
  /// Takes records of one partition, in order, up to `next_offset`. `caught_up`: they reach the end
  /// of the log.
  Result<Applied> apply(std::int32_t partition, const std::vector<log::Record>& records,
                        std::int64_t next_offset, bool caught_up, std::int64_t now_unix_ms);
  /// Notes that there was nothing more at `now`.
  Result<void> note_synced(std::int32_t partition, std::int64_t now_unix_ms);

  Result<std::optional<v1::UrlState>> find(std::int32_t partition, std::string_view url);
  /// URLs remembered, of all partitions that were read since the opening.
  std::uint64_t urls(std::int32_t partition) const;

  enum class Verdict {
    kTake,
    kPark,  // its source is paused or gone: set aside until unpark()
    kDrop,  // not to be polled any more; put_due() brings it back
  };
  using Skip = std::function<bool(std::string_view url)>;
  using Judge = std::function<Verdict(const v1::UrlState&)>;
  /// The next URL of a domain that is due: a poll (but not two in a row while pages wait), then
  /// pages never fetched, newest first, then revisits. It stays where it is: what is in hand is
  /// passed over by `skip`. `again`: rows were set aside and there may be more, call again.
  struct Taken {
    std::optional<v1::UrlState> state;
    bool again = false;
  };
  Result<Taken> take(std::int32_t partition, std::string_view domain, std::int64_t now_unix_ms,
                     bool& last_was_poll, const Skip& skip, const Judge& judge);
  /// When the next will be due, 0 for now; nothing if none ever will.
  Result<std::optional<std::int64_t>> next_due(std::int32_t partition, std::string_view domain,
                                               const Skip& skip);
  /// Puts the URL among what is due, as its state says.
  Result<void> put_due(std::int32_t partition, const v1::UrlState& state, std::int64_t now_unix_ms);
  /// Brings back what was set aside of sources that `may` go on. Out: the domains.
  Result<std::set<std::string>> unpark(std::int32_t partition,
                                       const std::function<bool(const std::string& source_id)>& may,
                                       std::int64_t now_unix_ms);

  /// Every domain with something due or set aside → how many of its URLs wait for their first
  /// fetch.
  Result<std::map<std::string, std::int64_t>> domains(std::int32_t partition);
  Result<std::vector<v1::Discovery>> arrivals(std::int32_t partition);
  Result<std::vector<v1::Reservation>> reservations(std::int32_t partition);
  /// Records that belong to another partition, by the suffix list of this process: keys, at most
  /// 1,000.
  Result<std::vector<std::string>> misplaced(std::int32_t partition);
  Result<std::optional<v1::Reservation>> reservation(std::int32_t partition, std::string_view name);
  Result<std::optional<v1::Discovery>> arrival(std::int32_t partition, std::string_view url);

  /// Finished pages discovered before a moment, among the next `rows` rows after `from`, which
  /// moves; "" at the end.
  Result<std::vector<std::string>> finished_before(std::int32_t partition, std::string& from,
                                                   std::size_t rows, std::int64_t before_unix_ms);
  std::uint64_t disk_bytes() { return database_->disk_bytes(); }

 private:
  enum Family : std::size_t { kUrls, kDue, kParked, kArrivals, kReservations, kMisplaced, kMeta };
  FrontierStore(std::unique_ptr<storage::Database> database, std::int32_t partitions,
                std::string suffixes);
  struct Change;
  void collect(std::int32_t partition, const log::Record& record, storage::Batch& batch,
               std::map<std::string, Change>& urls, Applied& out);
  void change_url(std::int32_t partition, const std::string& url, const Change& change,
                  const std::optional<std::string>& before, std::int64_t now_unix_ms,
                  storage::Batch& batch, Applied& out);
  void remove_due(storage::Batch& batch, std::int32_t partition, std::string_view domain,
                  const v1::UrlState& state) const;
  void add_due(storage::Batch& batch, std::int32_t partition, std::string_view domain,
               const v1::UrlState& state, std::int64_t now_unix_ms) const;
  Result<void> promote(const std::string& prefix, std::int64_t now_unix_ms);
  Result<std::optional<v1::UrlState>> head(std::int32_t partition, const std::string& prefix,
                                           Waiting kind, std::int64_t until, const Skip& skip,
                                           const Judge& judge, storage::Batch& aside,
                                           std::size_t& rows_left);
  Result<void> load_parked_sources();
  void put_position(storage::Batch& batch, std::int32_t partition, const Position& position) const;

  std::unique_ptr<storage::Database> database_;
  std::int32_t partitions_;
  std::string suffixes_;
  std::map<std::int32_t, Position> positions_;  // as they were read or written last
  std::set<std::string> parked_sources_;        // of which something is set aside, or was
};

}  // namespace vigie::crawler
