#pragma once

#include "platform/service/service.h"

/// The all-in-one: which parts of vigie run in this process, on one log.
namespace vigie::cli {

struct StationParts {
  bool crawler = false;
  bool extractor = false;
};

/// Index, alerts and API always; crawler and extractor where asked for. `vigie up` has all; a
/// command that works in-process has what it needs.
service::Make make_station(StationParts parts);

/// The API over the log alone: no role runs, no group is joined, and the index behind it is empty.
/// For commands that look at topics and quarantine.
service::Make make_log_station();

}  // namespace vigie::cli
