#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "crawler/frontier/due.h"
#include "crawler/frontier/due_heads.h"
#include "crawler/frontier/states.h"
#include "platform/result/result.h"
#include "platform/storage/storage.h"
#include "proto/frontier.pb.h"

namespace vigie::crawler::frontier {

/// What is due, in order, and what is set aside because its source is paused or gone: rows that are
/// derived from the states of the frontier's store. Errors, of all: of the store. One thread.
class DueRows {
 public:
  /// Both must outlive it.
  DueRows(storage::Database& database, States& states)
      : database_(database), states_(states), heads_(database) {}
  Result<void> open();

  enum class Verdict {
    kTake,
    kPark,  // its source is paused or gone: set aside until unpark()
    kDrop,  // not to be polled any more; put_due() brings it back
  };
  using Skip = std::function<bool(std::string_view url)>;
  using MayTake = std::function<Verdict(const v1::UrlState&)>;
  struct Taken {
    std::optional<v1::UrlState> state;
    bool again = false;  // rows were set aside and there may be more: call again
  };
  /// The next URL of a domain that is due: a poll (but not two in a row while pages wait), then
  /// pages never fetched, newest first, then revisits. It stays where it is: what is in hand is
  /// passed over by `skip`.
  Result<Taken> take(std::int32_t partition, std::string_view domain, std::int64_t now_unix_ms,
                     bool& last_was_poll, const Skip& skip, const MayTake& may_take);
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

  /// For the store, which changes them in one batch with the state.
  void add(storage::Batch& batch, std::int32_t partition, std::string_view domain,
           const v1::UrlState& state, std::int64_t now_unix_ms);
  void add(storage::Batch& batch, std::int32_t partition, std::string_view domain,
           const DueSlot& slot, std::string url);
  void remove(storage::Batch& batch, std::int32_t partition, std::string_view domain,
              const v1::UrlState& state);
  /// The store changes the rows of a whole partition.
  void forget_memory() { heads_.forget(); }

 private:
  Result<void> promote(const std::string& prefix, std::int64_t now_unix_ms);
  /// What take() looks for.
  struct Search {
    std::int32_t partition;
    std::string prefix;
    const Skip& skip;
    const MayTake& may_take;
  };
  Result<std::optional<v1::UrlState>> first(const Search& search, DueHead& head, Waiting kind,
                                            std::int64_t until, storage::Batch& aside,
                                            std::size_t& rows_left);
  Result<std::optional<v1::UrlState>> look(const Search& search, Waiting kind,
                                           const WaitingUrl& row, storage::Batch& aside);
  Result<void> each_row(const std::string& prefix, DueHead& head, Waiting kind,
                        const std::function<Result<bool>(const WaitingUrl&)>& each);
  void remove_row(storage::Batch& batch, const std::string& prefix, Waiting kind,
                  const WaitingUrl& row);
  void add_row(storage::Batch& batch, const std::string& prefix, Waiting kind, WaitingUrl row);

  storage::Database& database_;
  States& states_;
  DueHeads heads_;
  std::set<std::string> parked_sources_;  // of which something is set aside, or was
};

}  // namespace vigie::crawler::frontier
