#pragma once

#include <string_view>

#include "proto/log_topics.h"

namespace vigie::indexer::api {

/// The topic of a short name (articles) or of a full one (vigie.articles.v1, whatever its prefix);
/// nullptr: there is none.
const proto::TopicSpec* topic_named(std::string_view name);

}  // namespace vigie::indexer::api
