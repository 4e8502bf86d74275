#pragma once

#include "platform/service/service.h"

/// The all-in-one: which parts of vigie run in this process, on one log.
namespace vigie::cli {

struct StationParts {
  bool crawler = false;
  bool extractor = false;
};

/// Index, alerts and API always; crawler and extractor where asked for. `vigie up` has all; a command that works in-process has what it needs.
service::Make make_station(StationParts parts);

}  // namespace vigie::cli
