#pragma once

#include <cstdint>
#include <string_view>

#include "indexer/keys/role.h"

/// Which role may do which call: the one table that says so. Private to indexer/api.
namespace vigie::indexer::api {

struct Access {
  enum class Needs : std::uint8_t {
    kNothing,  // anybody who reaches this process
    kRole,     // a caller whose role covers `role`
    kFeed,     // the same, or the token of that feed, or HTTP Basic with a key
  };
  /// What the audit topic is told of a call.
  enum class Audit : std::uint8_t {
    kNo,
    kYes,     // that it succeeded; its handler sees to it that a crash leaves a record
    kAround,  // what is intended, before the handler runs, and what came of it
  };

  std::string_view operation;  // operationId
  Needs needs = Needs::kRole;
  keys::Role role = keys::Role::kAdmin;
  Audit audit = Audit::kNo;
};

/// nullptr: the table has no such operation. No server starts then (make_router).
const Access* find_access(std::string_view operation);

}  // namespace vigie::indexer::api
