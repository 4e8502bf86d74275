#include "indexer/mcp/server.h"

#include <algorithm>

#include "indexer/mcp/descriptions.h"
#include "indexer/mcp/tools.h"
#include "platform/json/strict.h"
#include "platform/text/nearest.h"
#include "platform/text/utf8.h"

namespace vigie::indexer::mcp {

struct Server::Message {
  Json id;
  std::string method;
  Json params;
  bool stateless = false;
};

namespace {

constexpr std::string_view kVersionKey = "io.modelcontextprotocol/protocolVersion";
constexpr std::string_view kCapabilitiesKey = "io.modelcontextprotocol/clientCapabilities";
constexpr std::string_view kServerKey = "io.modelcontextprotocol/serverInfo";
constexpr std::size_t kShownBytes = 64;
constexpr std::int64_t kToolsTtlMs = 3'600'000;  // they change with the program alone

std::string shown(std::string_view name) { return "'" + text::ellipsize(name, kShownBytes) + "'"; }

bool is_earlier(std::string_view revision) {
  return std::find(std::begin(kEarlierRevisions), std::end(kEarlierRevisions), revision) !=
         std::end(kEarlierRevisions);
}

Json revisions() {
  Json out = Json::array();
  out.push(kRevision);
  for (const std::string_view one : kEarlierRevisions) out.push(one);
  return out;
}

struct Fault {
  RpcCode code;
  std::string sentence;
  Json data;
};

Reply refused(const Json& id, const Fault& fault, bool stateless) {
  Json error = Json::object({{"code", static_cast<int>(fault.code)}, {"message", fault.sentence}});
  if (!fault.data.is_null()) error.set("data", fault.data);
  Json message = Json::object({{"jsonrpc", "2.0"}});
  if (!id.is_null()) message.set("id", id);
  message.set("error", std::move(error));
  return {std::move(message), fault.code, stateless};
}

Fault unsupported(std::string_view asked) {
  return {RpcCode::kUnsupportedVersion, "Unsupported protocol version " + shown(asked),
          Json::object(
              {{"supported", revisions()}, {"requested", text::ellipsize(asked, kShownBytes)}})};
}

/// What is wrong with the form of a message (JSON-RPC 2.0 §4; ids are texts or whole numbers).
std::optional<Fault> check_form(const Json& message) {
  const auto invalid = [](std::string sentence) {
    return Fault{RpcCode::kInvalidRequest, std::move(sentence), {}};
  };
  if (message.is_array()) return invalid("Batches are not taken: send one message at a time");
  if (!message.is_object()) return invalid("A message must be an object");
  if (message["jsonrpc"].as_string() != "2.0") return invalid("jsonrpc must be \"2.0\"");
  if (!message["method"].is_string()) return invalid("method must be a text");
  const Json* id = message.find("id");
  if (id != nullptr && !id->is_string() && !id->is_integer())
    return invalid("id must be a text or a whole number");
  const Json* params = message.find("params");
  if (params != nullptr && !params->is_object())
    return Fault{RpcCode::kInvalidParams, "params must be an object", {}};
  return std::nullopt;
}

/// A request says what it is in its body; headers repeat it (2026-07-28, "Server Validation").
std::optional<Fault> check_headers(const Headers& headers, std::string_view revision,
                                   const std::string& method, const Json& params) {
  const auto differs = [](std::string_view header, const std::optional<std::string>& given,
                          std::string_view body) -> std::optional<Fault> {
    if (given && *given == body) return std::nullopt;
    return Fault{RpcCode::kHeaderMismatch,
                 "Header mismatch: " + std::string(header) +
                     (given ? " is " + shown(*given) : std::string(" is missing")) +
                     ", the body says " + shown(body),
                 {}};
  };
  if (auto fault = differs("MCP-Protocol-Version", headers.protocol_version, revision))
    return fault;
  if (auto fault = differs("Mcp-Method", headers.method, method)) return fault;
  if (method == "tools/call") return differs("Mcp-Name", headers.name, params["name"].as_string());
  return std::nullopt;
}

/// Of a request that carries its revision.
std::optional<Fault> check_stateless(const Headers* headers, const std::string& method,
                                     const Json& params) {
  const std::string& revision = params["_meta"][kVersionKey].as_string();
  if (headers != nullptr) {
    if (auto fault = check_headers(*headers, revision, method, params)) return fault;
  }
  if (revision != kRevision) return unsupported(revision);
  if (!params["_meta"][kCapabilitiesKey].is_object())
    return Fault{RpcCode::kInvalidParams,
                 "_meta needs " + std::string(kCapabilitiesKey) + ", an object",
                 {}};
  return std::nullopt;
}

/// Of a request of an earlier revision: by HTTP its header says which, but for the first one.
std::optional<Fault> check_earlier(const Headers* headers, const std::string& method) {
  if (headers == nullptr || method == "initialize") return std::nullopt;
  if (!headers->protocol_version)
    return Fault{RpcCode::kHeaderMismatch, "The header MCP-Protocol-Version is missing", {}};
  if (is_earlier(*headers->protocol_version)) return std::nullopt;
  if (*headers->protocol_version != kRevision) return unsupported(*headers->protocol_version);
  return Fault{RpcCode::kInvalidParams, "_meta needs " + std::string(kVersionKey), {}};
}

Fault no_method(const std::string& method) {
  static constexpr std::string_view kKnown[] = {"initialize", "ping", "server/discover",
                                                "tools/call", "tools/list"};
  return {RpcCode::kMethodNotFound,
          "There is no method " + shown(method) + "; did you mean '" +
              std::string(text::nearest(method, kKnown)) + "'?",
          {}};
}

Json capabilities() { return Json::object({{"tools", Json::object()}}); }

Json text_result(std::string text, bool is_error) {
  Json content = Json::array();
  content.push(Json::object({{"type", "text"}, {"text", std::move(text)}}));
  return Json::object({{"content", std::move(content)}, {"isError", is_error}});
}

}  // namespace

Json error_message(RpcCode code, std::string_view sentence) {
  return *refused({}, {code, std::string(sentence), {}}, false).message;
}

Json Server::info() const {
  return Json::object({{"name", "vigie"}, {"title", "vigie"}, {"version", version_}});
}

Json Server::initialized(const Json& params) const {
  const std::string& asked = params["protocolVersion"].as_string();
  return Json::object({{"protocolVersion", is_earlier(asked) ? asked : kEarlierRevisions[0]},
                       {"capabilities", capabilities()},
                       {"serverInfo", info()},
                       {"instructions", instructions()}});
}

Json Server::discovered() const {
  return Json::object({{"supportedVersions", revisions()},
                       {"capabilities", capabilities()},
                       {"instructions", instructions()},
                       {"ttlMs", kToolsTtlMs},
                       {"cacheScope", "public"}});
}

Reply Server::good(const Message& message, Json result) const {
  if (message.stateless) {
    result.set("resultType", "complete");
    result.set("_meta", Json::object({{std::string(kServerKey), info()}}));
  }
  return {Json::object({{"jsonrpc", "2.0"}, {"id", message.id}, {"result", std::move(result)}}),
          std::nullopt, message.stateless};
}

Reply Server::call_tool(const Message& message, const http::Request& like) const {
  const Json& params = message.params;
  const Tool* tool = find_tool(params["name"].as_string());
  if (tool == nullptr) {
    std::string all;
    for (const Tool& one : tools()) all += (all.empty() ? "" : ", ") + std::string(one.name);
    return refused(message.id,
                   {RpcCode::kInvalidParams,
                    "Unknown tool: " + shown(params["name"].as_string()) + "; there are " + all,
                    {}},
                   message.stateless);
  }
  const Json* given = params.find("arguments");
  if (given != nullptr && !given->is_object())
    return refused(message.id, {RpcCode::kInvalidParams, "arguments must be an object", {}},
                   message.stateless);
  const auto arguments = check_arguments(tool->name, given != nullptr ? *given : Json::object());
  // What a model can put right is a result that it reads, no fault of the protocol.
  if (!arguments) return good(message, text_result(arguments.error().detail, true));
  ApiReader api(ask_, like);
  auto response = tool->run(api, *arguments);
  if (api.put_off()) return {std::nullopt, std::nullopt, message.stateless, true};
  if (!response) {
    return good(message, text_result(response.error().detail + " (" +
                                         std::string(response.error().code) + ")",
                                     true));
  }
  Json result = text_result(response->dump(), false);
  result.set("structuredContent", std::move(*response));
  return good(message, std::move(result));
}

Reply Server::answer(const Message& message, const http::Request& like) const {
  const bool earlier = !message.stateless;
  if (message.method == "tools/call") return call_tool(message, like);
  if (message.method == "tools/list") {
    Json result = Json::object({{"tools", described_tools()}});
    if (message.stateless) {
      result.set("ttlMs", kToolsTtlMs);
      result.set("cacheScope", "public");
    }
    return good(message, std::move(result));
  }
  if (message.method == "server/discover" && message.stateless) return good(message, discovered());
  if (message.method == "initialize" && earlier) return good(message, initialized(message.params));
  if (message.method == "ping" && earlier) return good(message, Json::object());
  return refused(message.id, no_method(message.method), message.stateless);
}

Reply Server::handle(std::string_view text, const Headers* headers,
                     const http::Request& like) const {
  if (text.size() > kMaxMessageBytes)
    return refused({}, {RpcCode::kInvalidRequest, "A message may have 1 MiB", {}}, false);
  const auto parsed = parse_strict_json(text, {.max_bytes = kMaxMessageBytes});
  if (!parsed)
    return refused({}, {RpcCode::kParseError, "Not JSON: " + parsed.error().detail, {}}, false);
  // A response to what we never ask: nothing is said to it.
  const bool is_response = parsed->find("result") != nullptr || parsed->find("error") != nullptr;
  if (is_response && parsed->find("method") == nullptr) return {};
  if (const auto fault = check_form(*parsed)) {
    const Json& id = (*parsed)["id"];
    return refused(id.is_string() || id.is_integer() ? id : Json(), *fault, false);
  }
  Message message{(*parsed)["id"], (*parsed)["method"].as_string(), (*parsed)["params"], false};
  message.stateless = message.params["_meta"][kVersionKey].is_string();
  if (message.id.is_null()) return {std::nullopt, std::nullopt, message.stateless};
  const auto fault = message.stateless ? check_stateless(headers, message.method, message.params)
                                       : check_earlier(headers, message.method);
  if (!fault) return answer(message, like);
  Reply reply = refused(message.id, *fault, message.stateless);
  reply.malformed = true;
  return reply;
}

}  // namespace vigie::indexer::mcp
