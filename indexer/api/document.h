#pragma once

#include <string_view>

#include "platform/json/json.h"

/// The description of the API (OpenAPI 3.1), joined at build time from schema/*.json. Private to
/// indexer/api.
namespace vigie::indexer::api {

/// As it was joined; made by schema/join.mjs.
std::string_view document_text();

/// With the version of this program. Parsed once; any thread.
const Json& document();

/// What a "$ref" of the document names: the schema itself where it is none.
const Json& resolved(const Json& schema);

}  // namespace vigie::indexer::api
