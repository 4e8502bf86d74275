#pragma once

#include <iosfwd>

#include "vigie/api_client.h"

namespace vigie::cli {

/// Serves the Model Context Protocol: a message a line from `in`, answers on `out`, until `in`
/// ends; words for people go to `err`. The exit code.
int run_mcp(Api& api, std::istream& in, std::ostream& out, std::ostream& err);

}  // namespace vigie::cli
