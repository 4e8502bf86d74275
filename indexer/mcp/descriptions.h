#pragma once

#include <string_view>

#include "platform/json/json.h"

/// The tools in words and schemas, as data. Private to indexer/mcp.
namespace vigie::indexer::mcp {

/// A JSON list of tools, whose schemas name shared ones by {"use": "citation"}.
std::string_view descriptions();

/// Puts the shared schemas in where they are named: clients need not follow references.
Json with_shared_schemas(Json value);

/// What a client tells its model about this server.
std::string_view instructions();

}  // namespace vigie::indexer::mcp
