#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "indexer/api/audit.h"
#include "indexer/api/operation.h"
#include "platform/http/http.h"
#include "platform/json/json.h"

/// A call that fits its description, and the rows of the table of routes. Private to indexer/api.
namespace vigie::indexer::api {

/// Bound to the request and the operation, which outlive it.
struct Call {
  const http::Request& request;
  const Operation& operation;
  Json body;  // of a call with a JSON body
  Trail& trail;

  /// The value of a parameter, else the one that the document says stands for none, else "".
  std::string text(std::string_view parameter) const;
  /// Of a parameter that the document says is an integer with a default.
  std::int64_t integer(std::string_view parameter) const;
  /// Whether a parameter is "1".
  bool flag(std::string_view parameter) const { return text(parameter) == "1"; }
  /// A member of the body that is a text, else the one that the document says stands for none.
  std::string member(std::string_view name) const;
  /// A {name} of the path, in their order.
  const std::string& capture(std::size_t index) const { return request.captures[index]; }
};

/// A row of the table of routes. The document says what its operation takes and answers.
struct Route {
  std::string_view method;
  std::string_view pattern;
  std::string_view operation;  // operationId
  std::function<http::Response(const Call&)> handler;
};
using Routes = std::vector<Route>;

/// A row whose handler is a method of `api`, which must outlive it.
template <class Api>
Route route(std::string_view method, std::string_view pattern, std::string_view operation, Api* api,
            http::Response (Api::*handler)(const Call&)) {
  return {method, pattern, operation,
          [api, handler](const Call& call) { return (api->*handler)(call); }};
}

/// Holds the request to the operation of its route, then calls the handler. What changed something
/// is told to `auditor`; nullptr: another indexer passed the request on, and tells it.
http::Response answer(const Route& route, const http::Request& request, const Auditor* auditor);

}  // namespace vigie::indexer::api
