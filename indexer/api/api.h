#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "indexer/subscriptions/store.h"
#include "platform/clock/clock.h"
#include "platform/config/settings.h"
#include "platform/http/http.h"
#include "platform/log/log.h"
#include "platform/metrics/metrics.h"
#include "platform/result/result.h"
#include "proto/page.pb.h"

namespace vigie::indexer::search {
class Index;
class Peers;
}
namespace vigie::indexer::alerting {
class Alerts;
}

/// The HTTP API of ops/spec/http_api.md: one table of routes, from which both the router and
/// /openapi.json are made.
namespace vigie::indexer::api {

/// A topic or an actor as pages and completion show it.
struct CatalogueEntry {
  std::string id;                                          // export-controls, org:nvidia
  std::string name;                                        // in English
  std::string definition;                                  // one sentence; empty for actors without
  std::vector<std::pair<std::string, std::string>> names;  // language → name
  std::string qid;                                         // Wikidata, or empty
  std::string pack;
};
/// What the loaded packs declare.
struct Catalogue {
  std::vector<CatalogueEntry> topics;
  std::vector<CatalogueEntry> actors;
};

struct ApiDependencies {
  const config::Settings& settings;
  log::Log& log;
  search::Index& index;
  alerting::Alerts* alerter = nullptr;  // nullptr: this process delivers no alerts
  subscriptions::SubscriptionStore& subscriptions;
  Clock& clock;
  Random& random;
  metrics::Registry& metrics;
  std::filesystem::path data_dir;
  /// Members added to the answer of /v1/pipeline (figures of this process); may be empty.
  std::function<Json()> pipeline_extra = {};
  /// What the packs declare; may be empty. Any thread.
  std::function<std::shared_ptr<const Catalogue>()> catalogue = {};
  /// Tried for GET of anything that is not /v1 or another route; may be empty.
  std::function<std::optional<http::Response>(const http::Request&)> pages = {};
  /// For /readyz; empty: ready.
  std::function<bool()> ready = {};
  /// The other indexers; nullptr: there are none, and this process answers for everything.
  search::Peers* peers = nullptr;
  std::string instance = {};  // of this process
};

/// Handlers assume no server: a command may call router->handle(request) in-process. All references
/// must outlive the router. Errors: kStop bad_keys_file, if api.keys_file cannot be read or holds
/// no key.
Result<std::shared_ptr<http::Router>> make_router(ApiDependencies dependencies);

/// The first key of a keys file, which indexers show each other; empty where there is no file.
/// Errors: as make_router.
Result<std::string> first_key(const std::string& path);

/// The document of /openapi.json.
Json openapi_document();

}  // namespace vigie::indexer::api
