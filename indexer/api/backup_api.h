#pragma once

#include "indexer/api/call.h"

namespace vigie {
class Clock;
}
namespace vigie::backup {
class Freezer;
}

namespace vigie::indexer::api {

/// The frozen copy of the stores that a backup is made of. Thread-safe.
class BackupApi {
 public:
  /// `freezer` nullptr: this process has no stores of its own.
  BackupApi(backup::Freezer* freezer, Clock& clock) : freezer_(freezer), clock_(clock) {}
  Routes routes();

 private:
  http::Response freeze(const Call& call);
  http::Response thaw(const Call& call);

  backup::Freezer* freezer_;
  Clock& clock_;
};

}  // namespace vigie::indexer::api
