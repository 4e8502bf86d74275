#include "indexer/api/operation.h"

#include <algorithm>
#include <charconv>

#include "indexer/api/document.h"
#include "indexer/api/members.h"
#include "indexer/api/problems.h"
#include "platform/json/once.h"
#include "platform/text/nearest.h"
#include "platform/text/utf8.h"

namespace vigie::indexer::api {
namespace {

// a subscription of the greatest query and channels is smaller
constexpr std::size_t kMaxObjectBytes = 1 << 20;
constexpr std::size_t kMaxShownBytes = 64;  // of a name that a stranger made up

Parameter read_parameter(const Json& described) {
  const Json& schema = described["schema"];
  Parameter out;
  out.name = described["name"].as_string();
  out.is_number = schema["type"].as_string() == "integer";
  out.may_repeat = schema["type"].as_string() == "array";
  out.may_be_empty = described["allowEmptyValue"].as_bool();
  for (const Json& choice : schema["enum"].as_array()) out.choices.push_back(choice.as_string());
  out.least = schema["minimum"].as_integer(INT64_MIN);
  out.most = schema["maximum"].as_integer(INT64_MAX);
  if (const Json* fallback = schema.find("default"))
    out.fallback = fallback->is_string() ? fallback->as_string() : fallback->dump();
  return out;
}

Operation read_operation(const std::string& pattern, std::string method, const Json& described) {
  Operation out;
  for (char& c : method) c = static_cast<char>(c - 'a' + 'A');
  out.id = described["operationId"].as_string();
  out.method = std::move(method);
  out.pattern = pattern;
  out.access = find_access(out.id);
  for (const Json& given : described["parameters"].as_array()) {
    const Json& parameter = resolved(given);
    if (parameter["in"].as_string() == "query") out.query.push_back(read_parameter(parameter));
  }
  if (const Json* body = described.find("requestBody")) {
    const Json* json = (*body)["content"].find("application/json");
    out.body = json != nullptr ? Operation::Body::kJson : Operation::Body::kOther;
    if (json != nullptr) out.body_schema = &resolved((*json)["schema"]);
  }
  return out;
}

std::string shown(std::string_view name) {
  return "'" + text::ellipsize(text::to_valid_utf8(name), kMaxShownBytes) + "'";
}

tl::unexpected<Error> unknown_parameter(const Operation& operation, std::string_view name) {
  std::string detail = "there is no parameter " + shown(name);
  if (operation.query.empty())
    return refuse("unknown_parameter", detail + ": this call takes none");
  std::vector<std::string_view> known;
  std::string all;
  for (const Parameter& parameter : operation.query) {
    known.push_back(parameter.name);
    all += (all.empty() ? "" : ", ") + parameter.name;
  }
  return refuse("unknown_parameter", detail + "; did you mean '" +
                                         std::string(text::nearest(name, known)) +
                                         "'? This call takes " + all);
}

Result<void> check_value(const Parameter& parameter, const std::string& value) {
  if (value.empty() && parameter.may_be_empty) return {};
  if (!parameter.choices.empty() && std::find(parameter.choices.begin(), parameter.choices.end(),
                                              value) == parameter.choices.end())
    return bad_parameter(parameter.name + " must be " + one_of(parameter.choices));
  if (!parameter.is_number) return {};
  std::int64_t number = 0;
  const char* end = value.data() + value.size();
  const auto [stop, trouble] = std::from_chars(value.data(), end, number);
  if (trouble == std::errc() && stop == end && number >= parameter.least &&
      number <= parameter.most)
    return {};
  return bad_parameter(parameter.name + " must be a number from " +
                       std::to_string(parameter.least) + " to " + std::to_string(parameter.most));
}

Result<void> check_query(const Operation& operation, const http::Request& request) {
  std::vector<const Parameter*> seen;
  for (const auto& [name, value] : request.query) {
    const Parameter* parameter = operation.find(name);
    if (parameter == nullptr) return unknown_parameter(operation, name);
    if (!parameter->may_repeat && std::find(seen.begin(), seen.end(), parameter) != seen.end())
      return bad_parameter(name + " is given twice; give it once");
    seen.push_back(parameter);
    VIGIE_TRY(check_value(*parameter, value));
  }
  return {};
}

/// Clients that send an object with every call may go on doing so.
bool says_nothing(std::string_view body) {
  body = text::trim(body);
  return body.empty() || body == "{}";
}

}  // namespace

const Parameter* Operation::find(std::string_view parameter) const {
  const auto known = std::find_if(query.begin(), query.end(),
                                  [&](const Parameter& one) { return one.name == parameter; });
  return known == query.end() ? nullptr : &*known;
}

const std::vector<Operation>& operations() {
  static const std::vector<Operation> all = [] {
    std::vector<Operation> out;
    for (const auto& [pattern, methods] : document()["paths"].as_object()) {
      for (const auto& [method, described] : methods.as_object())
        out.push_back(read_operation(pattern, method, described));
    }
    return out;
  }();
  return all;
}

const Operation* find_operation(std::string_view id) {
  const auto known = std::find_if(operations().begin(), operations().end(),
                                  [&](const Operation& one) { return one.id == id; });
  return known == operations().end() ? nullptr : &*known;
}

const Operation* find_operation(std::string_view method, std::string_view pattern) {
  if (method == "HEAD") method = "GET";
  const auto known = std::find_if(operations().begin(), operations().end(), [&](const auto& one) {
    return one.method == method && one.pattern == pattern;
  });
  return known == operations().end() ? nullptr : &*known;
}

Result<Json> check_request(const Operation& operation, const http::Request& request) {
  VIGIE_TRY(check_query(operation, request));
  if (operation.body == Operation::Body::kOther) return Json();
  if (operation.body == Operation::Body::kNone) {
    if (says_nothing(request.body)) return Json();
    return refuse("unexpected_body",
                  operation.query.empty()
                      ? "this call takes no body; send none"
                      : "this call takes no body; what it asks for stands in the query");
  }
  if (request.body.size() > kMaxObjectBytes)
    return refuse("too_large", "the body may have at most 1 MiB");
  VIGIE_ASSIGN(Json body, parse_json_once(request.body));
  if (!body.is_object()) return bad_parameter("the body must be a JSON object");
  VIGIE_TRY(check_members(body, *operation.body_schema));
  return body;
}

}  // namespace vigie::indexer::api
