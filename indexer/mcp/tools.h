#pragma once

#include <string_view>
#include <vector>

#include "indexer/mcp/api_reader.h"
#include "platform/json/json.h"
#include "platform/result/result.h"

/// What a model may do with vigie: read. Private to indexer/mcp.
namespace vigie::indexer::mcp {

inline constexpr std::size_t kMaxResponseBytes = 64 << 10;  // of a tool, as JSON

struct Tool {
  std::string_view name;
  /// The response, an object of the tool's outputSchema. The arguments fit its inputSchema, and
  /// those that have a default are there. Errors: as ApiReader::get.
  Result<Json> (*run)(ApiReader& api, const Json& arguments);
};

/// In the order in which they are listed.
const std::vector<Tool>& tools();
/// nullptr: there is none.
const Tool* find_tool(std::string_view name);

/// The `tools` of tools/list: name, title, description, inputSchema, outputSchema, annotations.
const Json& described_tools();

/// The arguments of a call with the defaults of those that are not there.
/// Errors: kQuarantine bad_argument, with a sentence that names the argument and what was meant:
/// one the tool does not know, of a wrong type, outside its bounds, or one that is missing.
Result<Json> check_arguments(std::string_view tool, const Json& given);

/// Takes articles or sources off the end of the answer's list until it is no longer than
/// kMaxResponseBytes; `left_out` counts them.
void shorten(Json& response, std::string_view list);

Result<Json> run_search(ApiReader& api, const Json& arguments);
Result<Json> run_article(ApiReader& api, const Json& arguments);
Result<Json> run_story(ApiReader& api, const Json& arguments);
Result<Json> run_trend(ApiReader& api, const Json& arguments);
Result<Json> run_sources(ApiReader& api, const Json& arguments);

}  // namespace vigie::indexer::mcp
