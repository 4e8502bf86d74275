#pragma once

#include <map>
#include <string>
#include <vector>

#include "indexer/mcp/server.h"

namespace vigie::indexer::mcp {

/// An API with the responses that a test puts into it, by path; anything else is not_found.
struct FakeApi {
  std::map<std::string, Json> responses;
  std::vector<http::Request> asked;
  bool puts_off = false;

  Ask ask() {
    return [this](http::Request request) -> Result<http::Response> {
      asked.push_back(request);
      if (puts_off && !request.may_take_long) return http::Response::later();
      const auto found = responses.find(request.path);
      if (found == responses.end())
        return http::Response::problem(404, "not_found", "There is no such article.");
      return http::Response::json(found->second);
    };
  }
};

inline Json json_of(std::string_view text) {
  auto parsed = parse_json(text);
  if (!parsed) ADD_FAILURE() << text << ": " << parsed.error().to_string();
  return parsed ? *parsed : Json();
}

/// A request of the revision that carries itself.
inline std::string stateless(std::string_view method, std::string_view more = "") {
  return R"({"jsonrpc":"2.0","id":7,"method":")" + std::string(method) + R"(","params":{)" +
         std::string(more) + (more.empty() ? "" : ",") +
         R"("_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",)" +
         R"("io.modelcontextprotocol/clientCapabilities":{}}}})";
}

/// A request of an earlier revision.
inline std::string earlier(std::string_view method, std::string_view params = "{}") {
  return R"({"jsonrpc":"2.0","id":"a","method":")" + std::string(method) + R"(","params":)" +
         std::string(params) + "}";
}

inline std::string call(std::string_view tool, std::string_view arguments) {
  return earlier("tools/call", R"({"name":")" + std::string(tool) + R"(","arguments":)" +
                                   std::string(arguments) + "}");
}

}  // namespace vigie::indexer::mcp
