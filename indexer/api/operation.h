#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "indexer/api/operation_roles.h"
#include "platform/http/http.h"
#include "platform/json/json.h"
#include "platform/result/result.h"

/// What the document says of each call, and whether a request is as it says. Private to
/// indexer/api.
namespace vigie::indexer::api {

/// A parameter of the query.
struct Parameter {
  std::string name;
  bool is_number = false;
  bool may_repeat = false;
  bool may_be_empty = false;         // "" is as good as absent
  std::vector<std::string> choices;  // empty: any
  std::int64_t least = INT64_MIN;
  std::int64_t most = INT64_MAX;
  std::string fallback;  // where it is absent; empty: none
};

struct Operation {
  enum class Body { kNone, kJson, kOther };

  std::string id;      // operationId
  std::string method;  // GET
  std::string pattern;
  std::vector<Parameter> query;
  Body body = Body::kNone;
  const Json* body_schema = nullptr;  // of a JSON body; in the document
  const Access* access = nullptr;     // who may; nullptr: a mistake of ours, see operation_roles.h

  const Parameter* find(std::string_view parameter) const;
};

/// Every call of the document. Made once; any thread.
const std::vector<Operation>& operations();
/// nullptr: there is none.
const Operation* find_operation(std::string_view id);
/// The one of a route; HEAD is GET.
const Operation* find_operation(std::string_view method, std::string_view pattern);

/// Holds a request to its operation; the JSON body, or null where the operation has none. Path and
/// headers are not looked at.
/// Errors (kQuarantine): unknown_parameter, unknown_member (each names the nearest known one),
/// wrong_type, bad_parameter (a value that is not allowed, a member that is missing, a parameter
/// given twice), unexpected_body, bad_json, too_large.
Result<Json> check_request(const Operation& operation, const http::Request& request);

}  // namespace vigie::indexer::api
