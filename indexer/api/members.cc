#include "indexer/api/members.h"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "indexer/api/document.h"
#include "indexer/api/problems.h"
#include "platform/text/nearest.h"
#include "platform/text/utf8.h"

namespace vigie::indexer::api {
namespace {

constexpr std::size_t kMaxShownBytes = 64;  // of a name that a stranger made up

bool is_type(const Json& value, std::string_view type) {
  if (type == "null") return value.is_null();
  if (type == "string") return value.is_string();
  if (type == "boolean") return value.is_bool();
  if (type == "array") return value.is_array();
  if (type == "object") return value.is_object();
  if (type == "number") return value.is_number();
  // JSON Schema 2020-12: 3.0 is an integer
  const bool whole = value.is_number() && std::trunc(value.as_double()) == value.as_double();
  return type == "integer" && whole;
}

bool fits(const Json& value, const Json& type) {
  if (type.is_string()) return is_type(value, type.as_string());
  return std::any_of(type.as_array().begin(), type.as_array().end(),
                     [&](const Json& one) { return is_type(value, one.as_string()); });
}

/// What a member must be, in words.
std::string words_for(const Json& schema) {
  if (const std::string& title = schema["title"].as_string(); !title.empty()) return title;
  if (const auto& choices = schema["enum"].as_array(); !choices.empty()) {
    std::vector<std::string> names;
    for (const Json& choice : choices) names.push_back(choice.as_string());
    return one_of(names);
  }
  const Json& type = schema["type"];
  const std::string& name = type.is_array() ? type.as_array()[0].as_string() : type.as_string();
  if (name == "string") return "a text";
  if (name == "integer") return "a whole number";
  if (name == "number") return "a number";
  if (name == "boolean") return "true or false";
  return name == "array" ? "a list" : "an object";
}

Error must_be(ProblemCode code, const std::string& path, const Json& schema) {
  return refuse(code, "\"" + path + "\" must be " + words_for(schema)).value();
}

Error unknown_member(const std::string& parent, std::string_view name, const Json& properties) {
  std::vector<std::string_view> known;
  for (const auto& [one, described] : properties.as_object()) {
    if (!described["readOnly"].as_bool()) known.push_back(one);
  }
  const std::string shown = text::ellipsize(text::to_valid_utf8(name), kMaxShownBytes);
  return refuse("unknown_member", "there is no member '" + parent + shown + "'; did you mean '" +
                                      parent + std::string(text::nearest(name, known)) + "'?")
      .value();
}

/// A member that waits to be looked at: a body is as deep as its sender likes, so that none recurs.
struct Member {
  const Json* value;
  const Json* schema;
  std::string path;
};

/// Looks at the members of an object and leaves those that are known in `open`.
Result<void> open_members(const Member& object, std::vector<Member>& open) {
  const Json& properties = (*object.schema)["properties"];
  const std::string parent = object.path.empty() ? "" : object.path + ".";
  const Json* others = object.schema->find("additionalProperties");
  const bool closed = others != nullptr && others->is_bool() && !others->as_bool();
  for (const auto& [name, value] : object.value->as_object()) {
    const Json* described = properties.find(name);
    if (described == nullptr && closed) return failure(unknown_member(parent, name, properties));
    if (described == nullptr || (*described)["readOnly"].as_bool()) continue;
    open.push_back({&value, &resolved(*described), parent + name});
  }
  for (const Json& name : (*object.schema)["required"].as_array()) {
    if (object.value->find(name.as_string()) == nullptr) {
      return failure(must_be("bad_parameter", parent + name.as_string(),
                             resolved(properties[name.as_string()])));
    }
  }
  return {};
}

Result<void> check_one(const Member& member, std::vector<Member>& open) {
  const Json& value = *member.value;
  const Json& schema = *member.schema;
  if (!fits(value, schema["type"])) return failure(must_be("wrong_type", member.path, schema));
  const auto& choices = schema["enum"].as_array();
  if (!choices.empty() && std::find(choices.begin(), choices.end(), value) == choices.end())
    return failure(must_be("bad_parameter", member.path, schema));
  for (std::size_t i = 0; i < value.as_array().size(); ++i) {
    open.push_back({&value.as_array()[i], &resolved(schema["items"]),
                    member.path + "[" + std::to_string(i) + "]"});
  }
  return value.is_object() ? open_members(member, open) : Result<void>();
}

}  // namespace

Result<void> check_members(const Json& body, const Json& schema) {
  std::vector<Member> open;
  VIGIE_TRY(open_members({&body, &schema, ""}, open));
  for (std::size_t next = 0; next < open.size(); ++next) {
    const Member member = open[next];  // `open` grows
    VIGIE_TRY(check_one(member, open));
  }
  return {};
}

std::string one_of(const std::vector<std::string>& choices) {
  std::string out;
  for (std::size_t i = 0; i < choices.size(); ++i) {
    if (i > 0) out += i + 1 == choices.size() ? " or " : ", ";
    out += choices[i];
  }
  return out;
}

}  // namespace vigie::indexer::api
