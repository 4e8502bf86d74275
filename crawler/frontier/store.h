#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crawler/frontier/due_rows.h"
#include "crawler/frontier/known_rows.h"
#include "crawler/frontier/new_url_rows.h"
#include "crawler/frontier/states.h"
#include "platform/log/log.h"
#include "platform/result/result.h"
#include "platform/storage/storage.h"
#include "proto/frontier.pb.h"

namespace vigie::crawler::frontier {

/// What this process knows of partitions of the topic `frontier`, on disk: exactly what the log
/// held up to an offset, since it is changed by nothing but records that were read from the log, in
/// one batch with the offset. So a crash at any moment leaves a past state of the log, from
/// which reading goes on. Beside the mirror it keeps rows derived from it: what is due, in order,
/// and what waits for a source that is paused or gone. One thread.
class FrontierStore {
 public:
  /// `suffixes`: version of the list that domains were told by; what another version has stored is
  /// read anew. Errors: kStop locked, corrupt, io.
  static Result<std::unique_ptr<FrontierStore>> open(
      const std::filesystem::path& dir, std::int32_t partitions, std::string suffixes,
      const storage::Opener& open_database = storage::open);

  /// How far a partition was read.
  struct Progress {
    std::int64_t next_offset = 0;
    std::int64_t synced_at_unix_ms = 0;  // when it was last known to have read all there was
    std::uint64_t urls = 0;
  };
  /// Nothing where the partition must be read from its start.
  Result<std::optional<Progress>> progress(std::int32_t partition);
  /// Forgets all of a partition, at once.
  Result<void> clear(std::int32_t partition);

  struct Applied {
    // with a URL that changed → by how many more wait for their first fetch
    std::map<std::string, std::int64_t> domains;
    std::vector<v1::Discovery> arrived;
    std::vector<v1::Reservation> reservations;
    std::vector<std::string> spent;  // keys of records of new URLs of which none is left
    bool misplaced = false;          // there are records for misplaced()
    std::uint64_t bad_records = 0;
  };
  /// Takes records of one partition, in order, up to `next_offset`. `caught_up`: they reach the end
  /// of the log.
  Result<Applied> apply(std::int32_t partition, const std::vector<log::Record>& records,
                        std::int64_t next_offset, bool caught_up, std::int64_t now_unix_ms);
  /// Notes that there was nothing more at `now`.
  Result<void> note_synced(std::int32_t partition, std::int64_t now_unix_ms);

  Result<std::optional<v1::UrlState>> find(std::int32_t partition, std::string_view url);
  /// The page of a source that has this text; nothing: none that was read back has.
  Result<std::optional<std::string>> page_with_text(std::int32_t partition,
                                                    std::string_view source_id,
                                                    std::string_view text_digest);
  /// URLs remembered, of all partitions that were read since the opening.
  std::uint64_t urls(std::int32_t partition) const;

  /// What is due, and what is set aside.
  DueRows& due() { return due_; }
  /// Which URLs are known, from memory.
  KnownRows& known() { return known_; }

  Result<std::vector<v1::Discovery>> arrivals(std::int32_t partition);
  Result<std::vector<v1::Reservation>> reservations(std::int32_t partition);
  /// Records that belong to another partition, by the suffix list of this process: keys, at most
  /// 1,000.
  Result<std::vector<std::string>> misplaced(std::int32_t partition);
  Result<std::optional<v1::Reservation>> reservation(std::int32_t partition, std::string_view name);
  Result<std::optional<v1::Discovery>> arrival(std::int32_t partition, std::string_view url);

  /// A record of new URLs, and those that are left in it.
  struct LongStanding {
    std::string key;
    std::vector<std::string> urls;
  };
  /// Those discovered before a moment, oldest first, at most so many.
  Result<std::vector<LongStanding>> long_standing(std::int32_t partition,
                                                  std::int64_t before_unix_ms, std::size_t most);
  /// Finished pages discovered before a moment, among the next `rows` rows after `from`, which
  /// moves; "" at the end.
  Result<std::vector<std::string>> finished_before(std::int32_t partition, std::string& from,
                                                   std::size_t rows, std::int64_t before_unix_ms);
  std::uint64_t disk_bytes() { return database_->disk_bytes(); }

 private:
  FrontierStore(std::unique_ptr<storage::Database> database, std::int32_t partitions,
                std::string suffixes);
  struct Change;
  struct Changes;
  struct Run;
  void collect(std::int32_t partition, const log::Record& record, storage::Batch& batch,
               Changes& urls, Applied& out);
  Result<void> find_before(std::int32_t partition, Changes& urls);
  void change_url(std::int32_t partition, const Change& change, std::int64_t now_unix_ms,
                  storage::Batch& batch, Applied& out);
  void put_url(std::int32_t partition, const Change& change, storage::Batch& batch);
  static void note_text(std::int32_t partition, const std::optional<v1::UrlState>& old,
                        const std::optional<v1::UrlState>& state, storage::Batch& batch);
  void put_progress(storage::Batch& batch, std::int32_t partition, const Progress& progress) const;

  std::unique_ptr<storage::Database> database_;
  std::int32_t partitions_;
  std::string suffixes_;
  std::map<std::int32_t, Progress> progress_;  // as it was read or written last
  NewUrlRows new_urls_;
  KnownRows known_;
  States states_;
  DueRows due_;
  Domains domains_;
};

}  // namespace vigie::crawler::frontier
