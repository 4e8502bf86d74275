#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "indexer/api/catalogue.h"
#include "platform/http/http.h"
#include "platform/json/json.h"
#include "platform/result/result.h"

namespace vigie {
class Clock;
class Random;
}  // namespace vigie
namespace vigie::config {
class Settings;
}
namespace vigie::log {
class Log;
}
namespace vigie::metrics {
class Registry;
}
namespace vigie::backup {
class Freezer;
}
namespace vigie::indexer::search {
class Index;
class Peers;
}  // namespace vigie::indexer::search
namespace vigie::indexer::alerting {
class Alerts;
}
namespace vigie::indexer::collections {
class CollectionStore;
}
namespace vigie::indexer::saved {
class SavedStore;
}  // namespace vigie::indexer::saved
namespace vigie::indexer::translation {
class Translator;
}
namespace vigie::indexer::subscriptions {
class SubscriptionStore;
}
namespace vigie::indexer::sessions {
class SessionStore;
}
namespace vigie::indexer::keys {
class KeyStore;
}

/// The HTTP API of ops/spec/http_api.md: what each call takes and answers is data (schema/*.json),
/// from which requests are checked and /openapi.json is served.
namespace vigie::indexer::api {

class LiveFeed;

struct ApiDependencies {
  const config::Settings& settings;
  log::Log& log;
  search::Index& index;
  alerting::Alerts* alerter = nullptr;  // nullptr: this process delivers no alerts
  subscriptions::SubscriptionStore& subscriptions;
  sessions::SessionStore& sessions;
  keys::KeyStore& keys;
  collections::CollectionStore& collections;
  saved::SavedStore& saved;
  Clock& clock;
  Random& random;
  metrics::Registry& metrics;
  std::filesystem::path data_dir;
  /// Members added to the response of /v1/pipeline (figures of this process); may be empty.
  std::function<Json()> pipeline_extra = {};
  CurrentCatalogue catalogue = {};
  /// Tried for GET of anything that is not /v1 or another route; may be empty.
  std::function<std::optional<http::Response>(const http::Request&)> pages = {};
  /// For /readyz: why this process is not ready, in one sentence, or ""; empty: ready.
  std::function<std::string(const http::Request&)> not_ready = {};
  /// The other indexers; nullptr: there are none, and this process answers for everything.
  search::Peers* peers = nullptr;
  std::string instance = {};  // of this process
  /// Tells live pages; nullptr: this process has none.
  LiveFeed* live = nullptr;
  /// Copies the stores for backups; nullptr: this process has none.
  backup::Freezer* freezer = nullptr;
  /// Translates headlines and texts; nullptr: none is set up.
  translation::Translator* translator = nullptr;
};

/// Handlers assume no server: a command may call router->handle(request) in-process. All references
/// must outlive the router. Errors: kStop bad_keys_file, if api.keys_file cannot be read or holds
/// no key; kStop bad_setting, bad_network, of the settings on proxies and origins; bad_setting of
/// pages.home_query.
Result<std::shared_ptr<http::Router>> make_router(ApiDependencies dependencies);

/// The key that indexers show each other, by the settings; empty where there is none. Errors: kStop
/// bad_keys_file, also where only digests of keys are known.
Result<std::string> key_for_peers(const config::Settings& settings);

/// The document of /openapi.json.
Json openapi_document();

}  // namespace vigie::indexer::api
