#include "indexer/api/document.h"

#include <algorithm>
#include <string>

#include "indexer/api/api.h"

namespace vigie::indexer::api {

const Json& document() {
  static const Json parsed = [] {
    auto json = parse_json(document_text());
    VIGIE_INVARIANT(json.has_value());
    Json info = (*json)["info"];
    info.set("version", VIGIE_VERSION);
    json->set("info", std::move(info));
    return std::move(*json);
  }();
  return parsed;
}

const Json& resolved(const Json& schema) {
  const std::string_view reference = schema["$ref"].as_string();
  if (reference.empty()) return schema;
  const Json* place = &document();
  for (std::size_t begin = 2; begin <= reference.size();) {  // behind "#/"
    const std::size_t end = std::min(reference.find('/', begin), reference.size());
    place = &(*place)[reference.substr(begin, end - begin)];
    begin = end + 1;
  }
  return *place;
}

Json openapi_document() { return document(); }

}  // namespace vigie::indexer::api
