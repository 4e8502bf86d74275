#pragma once

#include <string>
#include <vector>

#include "platform/json/json.h"
#include "platform/result/result.h"

/// Holds a JSON body to a schema of the document. Private to indexer/api.
namespace vigie::indexer::api {

/// The schemas of request bodies use a part of JSON Schema 2020-12: type, properties, required,
/// additionalProperties, items, enum, $ref and readOnly; a `title` says what a member is ("the id
/// of a source"), for the error. Members that are readOnly may be there with any value: they are
/// the server's, and a caller that sends back what it was given need not take them out.
/// Errors (kQuarantine), the first in the order of the body, with the path of the member, such as
/// channels[0].url: unknown_member, wrong_type, bad_parameter (none of its choices, or missing).
Result<void> check_members(const Json& body, const Json& schema);

/// "a, b or c"
std::string one_of(const std::vector<std::string>& choices);

}  // namespace vigie::indexer::api
