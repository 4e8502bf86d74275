#include "indexer/mcp/tools.h"

#include <algorithm>

#include "indexer/mcp/descriptions.h"
#include "platform/text/nearest.h"
#include "platform/text/utf8.h"

namespace vigie::indexer::mcp {
namespace {

constexpr std::size_t kShownBytes = 64;        // of a name that a stranger made up
constexpr std::size_t kArgumentBytes = 16384;  // the longest query

tl::unexpected<Error> bad_argument(std::string detail) {
  return failure(Disposition::kQuarantine, "bad_argument", std::move(detail));
}

std::string shown(std::string_view name) { return "'" + text::ellipsize(name, kShownBytes) + "'"; }

tl::unexpected<Error> unknown_argument(std::string_view tool, std::string_view name,
                                       const Json& properties) {
  std::vector<std::string_view> known;
  std::string all;
  for (const auto& [one, schema] : properties.as_object()) {
    known.push_back(one);
    all += (all.empty() ? "" : ", ") + one;
  }
  return bad_argument("there is no argument " + shown(name) + "; did you mean '" +
                      std::string(text::nearest(name, known)) + "'? " + std::string(tool) +
                      " takes " + all);
}

Result<void> check_text(const std::string& name, const Json& schema, const Json& value) {
  if (!value.is_string()) return bad_argument(name + " must be a text");
  if (value.as_string().size() > kArgumentBytes)
    return bad_argument(name + " may have " + std::to_string(kArgumentBytes) + " bytes");
  const auto& choices = schema["enum"].as_array();
  if (choices.empty() || std::find(choices.begin(), choices.end(), value) != choices.end())
    return {};
  std::string all;
  for (const Json& choice : choices) all += (all.empty() ? "" : ", ") + choice.as_string();
  return bad_argument(name + " must be one of " + all);
}

Result<void> check_number(const std::string& name, const Json& schema, const Json& value) {
  const std::int64_t least = schema["minimum"].as_integer();
  const std::int64_t most = schema["maximum"].as_integer();
  if (value.is_integer() && value.as_integer() >= least && value.as_integer() <= most) return {};
  return bad_argument(name + " must be a whole number from " + std::to_string(least) + " to " +
                      std::to_string(most));
}

const Json& description_of(std::string_view tool) {
  static const Json none;
  for (const Json& described : described_tools().as_array()) {
    if (described["name"].as_string() == tool) return described;
  }
  return none;
}

}  // namespace

const std::vector<Tool>& tools() {
  static const std::vector<Tool> all{{"search", &run_search},
                                     {"article", &run_article},
                                     {"story", &run_story},
                                     {"trend", &run_trend},
                                     {"sources", &run_sources}};
  return all;
}

const Tool* find_tool(std::string_view name) {
  const auto found = std::find_if(tools().begin(), tools().end(),
                                  [&](const Tool& tool) { return tool.name == name; });
  return found == tools().end() ? nullptr : &*found;
}

const Json& described_tools() {
  static const Json parsed = [] {
    auto all = parse_json(descriptions());
    VIGIE_INVARIANT(all.has_value());
    return with_shared_schemas(std::move(*all));
  }();
  return parsed;
}

Result<Json> check_arguments(std::string_view tool, const Json& given) {
  const Json& schema = description_of(tool)["inputSchema"];
  const Json& properties = schema["properties"];
  for (const auto& [name, value] : given.as_object()) {
    const Json* property = properties.find(name);
    if (property == nullptr) return unknown_argument(tool, name, properties);
    VIGIE_TRY((*property)["type"].as_string() == "integer" ? check_number(name, *property, value)
                                                           : check_text(name, *property, value));
  }
  Json out = given.is_object() ? given : Json::object();
  for (const auto& [name, property] : properties.as_object()) {
    const Json* fallback = property.find("default");
    if (fallback != nullptr && out.find(name) == nullptr) out.set(name, *fallback);
  }
  for (const Json& needed : schema["required"].as_array()) {
    if (out[needed.as_string()].as_string().empty())
      return bad_argument(std::string(tool) + " needs " + needed.as_string());
  }
  return out;
}

void shorten(Json& response, std::string_view list) {
  Json kept = response[list];
  std::size_t bytes = response.dump().size();
  std::int64_t dropped = 0;
  while (bytes > kMaxResponseBytes && !kept.as_array().empty()) {
    bytes -= std::min(bytes, kept.as_array().back().dump().size());
    kept.mutable_array().pop_back();
    ++dropped;
  }
  if (dropped == 0) return;
  response.set(list, std::move(kept));
  response.set("left_out", response["left_out"].as_integer() + dropped);
}

}  // namespace vigie::indexer::mcp
