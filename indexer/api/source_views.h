#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "indexer/sources/opml.h"
#include "indexer/sources/store.h"
#include "platform/json/json.h"
#include "proto/source_edit.pb.h"
#include "proto/status.pb.h"

/// Sources as the API shows them: the shapes of schema/sources.json. Private to indexer/api.
namespace vigie::indexer::api {

Json source_edit_json(const v1::SourceEdit& edit);
/// Adds what the page of one source has beyond its row: sentence, URLs, failures in words.
void add_source_details(const v1::SourceStatus& source, bool paused, std::int64_t now_unix_ms,
                        Json& out);
/// `known`: to tell what is polled already, and by whom.
Json discovery_json(const v1::DiscoveryResponse& response,
                    const std::vector<sources::Known>& known);

sources::OpmlSource opml_source(const v1::SourceStatus& source);
sources::Draft draft_of(const sources::OpmlSource& source, std::string made_by);

}  // namespace vigie::indexer::api
