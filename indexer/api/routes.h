#pragma once

#include <string_view>
#include <vector>

#include "indexer/api/handlers.h"
#include "platform/json/json.h"

/// The one table of routes: the router and /openapi.json are both made from it. Private to
/// indexer/api.
namespace vigie::indexer::api {

struct Parameter {
  std::string_view name;
  std::string_view in;    // query path header
  std::string_view type;  // string integer
  std::string_view description;
};

struct Route {
  std::string_view method;
  std::string_view pattern;
  std::string_view operation;  // operationId
  std::string_view summary;
  std::vector<Parameter> parameters;
  std::string_view request;  // schema or media type of the body; empty: none
  int status = 200;
  // schema of application/json, or a media type; empty: no body
  std::string_view response;
  // nullptr: of the guard (/v1/session)
  http::Response (Handlers::*handler)(const http::Request&) = nullptr;
};

const std::vector<Route>& routes();

/// components.schemas of the document.
const Json& schemas();

}  // namespace vigie::indexer::api
