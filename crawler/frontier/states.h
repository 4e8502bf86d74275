#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "crawler/frontier/known_rows.h"
#include "crawler/frontier/new_url_rows.h"
#include "platform/result/result.h"
#include "platform/storage/storage.h"
#include "proto/frontier.pb.h"

namespace vigie::crawler::frontier {

/// The states of URLs as the store has them: in a row of its own, or in the record that says that
/// the URL is new. Errors: of the store. One thread.
class States {
 public:
  /// All must outlive it.
  States(storage::Database& database, KnownRows& known, NewUrlRows& new_urls)
      : database_(database), known_(known), new_urls_(new_urls) {}

  /// Nothing: the URL is not known.
  Result<std::optional<v1::UrlState>> find(std::int32_t partition, std::string_view url);
  /// The first state of a URL that is left in a record of new URLs.
  Result<std::optional<v1::UrlState>> first_state(std::int32_t partition, std::uint32_t number,
                                                  const proto::Digest128& digest);

 private:
  storage::Database& database_;
  KnownRows& known_;
  NewUrlRows& new_urls_;
};

}  // namespace vigie::crawler::frontier
