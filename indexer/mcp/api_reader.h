#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "platform/http/http.h"
#include "platform/json/json.h"
#include "platform/result/result.h"

namespace vigie::indexer::mcp {

/// One call of the HTTP API, wherever it is: in this process or behind a socket. An HTTP error
/// status is a response, no error.
using Ask = std::function<Result<http::Response>(http::Request)>;

/// The API as the tools read it: GET alone, whose response is JSON. One thread.
class ApiReader {
 public:
  using Query = std::vector<std::pair<std::string, std::string>>;

  /// `like`: the request on whose behalf it reads, of which it takes who asks, whether it may take
  /// long and whether anybody still waits. Both must outlive it.
  ApiReader(const Ask& ask, const http::Request& like) : ask_(ask), like_(like) {}

  /// Errors: kQuarantine with the code and the sentence of the API's problem details; kRetry
  /// takes_long, see put_off(); what `ask` says.
  Result<Json> get(std::string path, Query query = {});

  /// Whether the API said that the response takes longer than the request may: it is to be asked
  /// again by one that may.
  bool put_off() const { return put_off_; }

 private:
  const Ask& ask_;
  const http::Request& like_;
  bool put_off_ = false;
};

}  // namespace vigie::indexer::mcp
