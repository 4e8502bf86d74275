#include "indexer/api/topic_names.h"

#include <string>

namespace vigie::indexer::api {

const proto::TopicSpec* topic_named(std::string_view name) {
  for (const proto::TopicSpec& spec : proto::kTopics) {
    const std::string tail = "." + std::string(spec.short_name) + ".v1";
    if (name == spec.short_name || name.ends_with(tail)) return &spec;
  }
  return nullptr;
}

}  // namespace vigie::indexer::api
