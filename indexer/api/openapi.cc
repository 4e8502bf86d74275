#include "indexer/api/api.h"
#include "indexer/api/routes.h"

namespace vigie::indexer::api {
namespace {

bool is_media_type(std::string_view name) { return name.find('/') != std::string_view::npos; }

Json content(std::string_view name) {
  if (is_media_type(name)) return Json::object({{std::string(name), Json::object()}});
  return Json::object(
      {{"application/json",
        Json::object(
            {{"schema", Json::object({{"$ref", "#/components/schemas/" + std::string(name)}})}})}});
}

Json parameter_json(const Parameter& parameter) {
  return Json::object({{"name", parameter.name},
                       {"in", parameter.in},
                       {"required", parameter.in == "path"},
                       {"description", parameter.description},
                       {"schema", Json::object({{"type", parameter.type}})}});
}

Json operation_json(const Route& route) {
  Json out = Json::object({{"operationId", route.operation}, {"summary", route.summary}});
  if (!route.parameters.empty()) {
    Json parameters = Json::array();
    for (const Parameter& parameter : route.parameters) parameters.push(parameter_json(parameter));
    out.set("parameters", std::move(parameters));
  }
  if (!route.request.empty())
    out.set("requestBody", Json::object({{"required", true}, {"content", content(route.request)}}));
  Json answer = Json::object({{"description", route.summary}});
  if (!route.response.empty()) answer.set("content", content(route.response));
  const Json problem = Json::object(
      {{"description", "what is wrong (RFC 9457)"},
       {"content",
        Json::object(
            {{"application/problem+json",
              Json::object(
                  {{"schema", Json::object({{"$ref", "#/components/schemas/Problem"}})}})}})}});
  out.set("responses",
          Json::object({{std::to_string(route.status), std::move(answer)}, {"default", problem}}));
  return out;
}

}  // namespace

Json openapi_document() {
  Json paths = Json::object();
  for (const Route& route : routes()) {
    std::string method(route.method);
    for (char& c : method) c = static_cast<char>(c + ('a' - 'A'));
    Json path = paths[route.pattern];
    path.set(method, operation_json(route));
    paths.set(route.pattern, std::move(path));
  }
  return Json::object(
      {{"openapi", "3.1.0"},
       {"info", Json::object({{"title", "vigie"},
                              {"version", VIGIE_VERSION},
                              {"description",
                               "Watches the world's news on the geopolitics of AI: search, "
                               "timelines, stories, alerts."}})},
       {"paths", std::move(paths)},
       {"components",
        Json::object(
            {{"schemas", schemas()},
             {"securitySchemes",
              Json::object({{"key", Json::object({{"type", "http"}, {"scheme", "bearer"}})}})}})}});
}

}  // namespace vigie::indexer::api
