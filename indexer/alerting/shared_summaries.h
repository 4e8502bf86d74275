#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/result/result.h"
#include "platform/storage/storage.h"
#include "proto/delivery.pb.h"

namespace vigie::indexer::alerting {

/// What alerts of many subscriptions say alike of one article, kept once, by its content: its
/// fingerprint and its summary without the snippet. A row of an alert names the summaries that it
/// uses; a summary goes when no row names it any more. Writing from one thread; reading from any.
class SharedSummaries {
 public:
  /// Which families of the database are its own. It must outlive this.
  struct Families {
    std::size_t summaries = 0;  // name (16 bytes) → AlertGroup of that alone
    std::size_t users = 0;      // name, row of an alert → nothing
  };
  SharedSummaries(storage::Database& database, Families families)
      : database_(database), families_(families) {}

  /// The bytes to keep in row `user` for an alert, and puts what they name.
  std::string pack(storage::Batch& batch, std::string_view user, v1::AlertGroup group) const;
  /// The alert of such bytes; of those that an older version wrote whole, too.
  /// Errors: kStop corrupt.
  Result<v1::AlertGroup> unpack(std::string_view bytes) const;

  /// Names of the summaries that the bytes of a row use; none in what was written whole.
  static std::vector<std::string> names_in(std::string_view bytes);
  /// The row uses that summary no more.
  void leave(storage::Batch& batch, std::string_view name, std::string_view user) const;
  /// Removes a summary that no row uses. `in_use` tells whether a row still names it, so that what
  /// says that it does and does not, is removed, too. What is in the batch alone is not seen.
  using InUse = std::function<Result<bool>(std::string_view user, std::string_view name)>;
  Result<void> forget_unused(storage::Batch& batch, std::string_view name,
                             const InUse& in_use) const;

 private:
  std::string share(storage::Batch& batch, std::string_view user, const v1::AlertGroup& part) const;

  storage::Database& database_;
  const Families families_;
};

}  // namespace vigie::indexer::alerting
