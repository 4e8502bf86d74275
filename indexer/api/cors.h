#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/http/http.h"
#include "platform/result/result.h"

/// Private to indexer/api.
namespace vigie::indexer::api {

/// Pages of other origins that may call the API with a key (the Fetch standard, "CORS protocol").
/// Each origin is named, none is let in by a wildcard, and no cookies are taken from them
/// (Access-Control-Allow-Credentials is never sent). Immutable.
class Cors {
 public:
  /// Errors: kStop bad_setting: an entry that is no http or https origin, such as "*" or "null".
  static Result<Cors> open(const std::vector<std::string>& origins);

  bool allows(std::string_view origin) const;
  /// The response to the question that a browser asks before; nullopt: this is none.
  std::optional<http::Response> preflight(const http::Request& request) const;
  /// Adds what lets the page read the response.
  void finish(const http::Request& request, http::Response& response) const;

 private:
  std::vector<std::string> origins_;  // lower case
};

}  // namespace vigie::indexer::api
