#include "indexer/api/api.h"

#include <utility>

#include "indexer/api/alert_api.h"
#include "indexer/api/alert_owners.h"
#include "indexer/api/audit_api.h"
#include "indexer/api/backup_api.h"
#include "indexer/api/catalogue_api.h"
#include "indexer/api/collection_api.h"
#include "indexer/api/export_api.h"
#include "indexer/api/feed_api.h"
#include "indexer/api/guard.h"
#include "indexer/api/ingest_api.h"
#include "indexer/api/key_api.h"
#include "indexer/api/log_api.h"
#include "indexer/api/operation_api.h"
#include "indexer/api/peer_api.h"
#include "indexer/api/problems.h"
#include "indexer/api/process_api.h"
#include "indexer/api/quarantine_api.h"
#include "indexer/api/query_names.h"
#include "indexer/api/rates.h"
#include "indexer/api/reading_api.h"
#include "indexer/api/saved_api.h"
#include "indexer/api/search_api.h"
#include "indexer/api/session_api.h"
#include "indexer/api/source_api.h"
#include "indexer/api/stream_api.h"
#include "indexer/api/subscription_api.h"
#include "indexer/api/topic_views.h"
#include "indexer/api/trend_api.h"
#include "indexer/api/unsubscribe_api.h"
#include "indexer/mcp/server.h"
#include "indexer/mcp/transports.h"
#include "indexer/sources/opml.h"
#include "platform/config/settings.h"
#include "platform/log/log.h"

namespace vigie::indexer::api {
namespace {

/// Every part of the API with what it needs, and their rows as one table of routes.
class Parts {
 public:
  Parts(ApiDependencies given, Guard guard)
      : guard_(std::move(guard)),
        rates_(given.clock, given.metrics,
               static_cast<std::size_t>(given.settings.integer("api.requests_per_minute"))),
        status_(given.log),
        control_(given.log),
        quarantine_(given.log),
        matches_(given.log),
        owners_(given.alerter, given.peers, given.log),
        names_(given.catalogue, status_, given.index),
        search_(given.index, status_, given.catalogue, names_),
        reading_(given.index, given.translator),
        trend_(given.index, given.clock, status_, given.catalogue, names_),
        export_(given.index, given.clock, given.random, names_),
        catalogue_(given.catalogue, given.index),
        collection_(given.collections, given.index, given.clock),
        saved_(given.saved, given.index, given.clock, names_,
               given.settings.text("pages.home_query")),
        subscription_(given.subscriptions, owners_, given.index, names_, given.clock),
        alert_(given.alerter, given.subscriptions, owners_, matches_,
               given.settings.text("api.public_url")),
        stream_(given.live, given.subscriptions, names_),
        operation_(given.log, {status_, control_, quarantine_}, given.index, given.clock,
                   given.random, {given.metrics, given.data_dir, given.pipeline_extra}),
        sources_(given.log, status_, control_, given.index, given.clock, given.random),
        quarantines_(given.log, quarantine_),
        ingest_(given.log, given.index, given.clock, status_,
                static_cast<std::size_t>(given.settings.integer("extract.max_page_bytes"))),
        log_(given.log, given.settings),
        peer_(given.index, given.alerter, owners_, alert_.routes(),
              {given.instance, given.settings.text("log.group")}),
        auditor_(given.log, given.clock, given.random, given.metrics, given.instance),
        audit_(given.log, given.subscriptions),
        session_(guard_, given.sessions, given.clock, given.peers != nullptr),
        keys_(guard_.ring(), given.keys),
        feed_({given.index, names_, guard_, given.sessions, given.subscriptions},
              given.settings.text("api.public_url")),
        process_(given.metrics, given.not_ready),
        unsubscribe_(given.subscriptions),
        backup_(given.freezer, given.clock) {}

  const Guard& guard() const { return guard_; }
  const Auditor& auditor() const { return auditor_; }
  Rates& rates() { return rates_; }

  Routes routes() {
    Routes all;
    for (Routes rows : {search_.routes(),    trend_.routes(),       export_.routes(),
                        catalogue_.routes(), collection_.routes(),  subscription_.routes(),
                        alert_.routes(),     stream_.routes(),      operation_.routes(),
                        sources_.routes(),   quarantines_.routes(), ingest_.routes(),
                        log_.routes(),       peer_.routes(),        session_.routes(),
                        keys_.routes(),      feed_.routes(),        audit_.routes(),
                        process_.routes(),   unsubscribe_.routes(), backup_.routes(),
                        reading_.routes(),   saved_.routes()})
      all.insert(all.end(), std::make_move_iterator(rows.begin()),
                 std::make_move_iterator(rows.end()));
    return all;
  }

 private:
  Guard guard_;
  Rates rates_;
  StatusView status_;
  ControlView control_;
  QuarantineView quarantine_;
  MatchView matches_;
  AlertOwners owners_;
  QueryNames names_;
  SearchApi search_;
  ReadingApi reading_;
  TrendApi trend_;
  ExportApi export_;
  CatalogueApi catalogue_;
  CollectionApi collection_;
  SavedApi saved_;
  SubscriptionApi subscription_;
  AlertApi alert_;
  StreamApi stream_;
  OperationApi operation_;
  SourceApi sources_;
  QuarantineApi quarantines_;
  IngestApi ingest_;
  LogApi log_;
  PeerApi peer_;
  Auditor auditor_;
  AuditApi audit_;
  SessionApi session_;
  KeyApi keys_;
  FeedApi feed_;
  ProcessApi process_;
  UnsubscribeApi unsubscribe_;
  BackupApi backup_;
};

// a subscription of the greatest query and channels is smaller
constexpr std::size_t kMaxObjectBytes = 1 << 20;

/// What changes something is refused while the disk is nearly full; questions are not.
std::optional<http::Response> check_room(log::Log& log, const http::Request& request) {
  if (request.method == "GET" || request.method == "HEAD") return std::nullopt;
  for (const std::string_view asks : {"/v1/peer", "/v1/subscriptions/preview", "/mcp"}) {
    if (request.path == asks) return std::nullopt;
  }
  if (request.path.starts_with("/v1/session")) return std::nullopt;  // written once there is room
  if (log.has_room()) return std::nullopt;
  http::Response response = problem("disk_full",
                                    "The disk is nearly full, so nothing more is taken in until "
                                    "there is room; what is there can be searched.");
  response.headers.emplace_back("Retry-After", "30");
  return response;
}

/// The largest body that a call takes.
std::size_t body_bytes(const Operation& operation) {
  switch (operation.body) {
    case Operation::Body::kNone: return 0;
    case Operation::Body::kJson: return kMaxObjectBytes;
    case Operation::Body::kOther:
      // what the server takes at most, but for a list of sources
      return operation.id == "importSources" ? sources::OpmlLimits().bytes : SIZE_MAX;
  }
  return 0;
}

/// The Model Context Protocol, which is no call of the document: its tools are. They read this
/// process's own API, as whoever sent the message.
void add_mcp(http::Router& router) {
  const auto server = std::make_shared<mcp::Server>(
      [&router](http::Request request) -> Result<http::Response> {
        return router.handle(std::move(request));
      },
      VIGIE_VERSION);
  router.add(
      "POST", "/mcp",
      [server](const http::Request& request) { return mcp::answer_post(*server, request); },
      mcp::kMaxMessageBytes);
  router.add("GET", "/mcp", [](const http::Request&) {
    http::Response response =
        http::Response::problem(405, "method_not_allowed", "Messages are sent by POST.");
    response.headers.emplace_back("Allow", "POST");
    return response;
  });
}

/// The table and the document name the same calls: a mistake of ours that the first start shows.
void check_routes(const Routes& table) {
  VIGIE_INVARIANT(table.size() == operations().size());
  for (const Route& row : table) {
    const Operation* operation = find_operation(row.operation);
    VIGIE_INVARIANT(operation != nullptr && operation->method == row.method &&
                    operation->pattern == row.pattern);
    // Nobody may call what no role is named for: add its row to operation_roles.cc.
    VIGIE_INVARIANT(operation->access != nullptr);
  }
}

}  // namespace

Result<std::string> key_for_peers(const config::Settings& settings) {
  return KeyRing::key_for_peers(
      {settings.text("api.keys_file"), settings.text("indexer.peer_key_file")});
}

Result<std::shared_ptr<http::Router>> make_router(ApiDependencies dependencies) {
  VIGIE_TRY(check_home_query(dependencies.settings.text("pages.home_query")));
  VIGIE_ASSIGN(Guard guard,
               Guard::open(dependencies.settings, {dependencies.sessions, dependencies.keys,
                                                   dependencies.clock, dependencies.metrics}));
  auto pages = std::move(dependencies.pages);
  log::Log& log = dependencies.log;
  // Shared by the handlers of the router, which is copied nowhere: they live as long as it does.
  const auto parts = std::make_shared<Parts>(std::move(dependencies), std::move(guard));
  auto router = std::make_shared<http::Router>();
  router->first(
      [parts](http::Request& request) { return parts->guard().cors().preflight(request); });
  router->last([parts](const http::Request& request, http::Response& response) {
    parts->guard().cors().finish(request, response);
  });
  router->guard([parts](http::Request& request) { return parts->guard().check(request); });
  router->guard([parts](const http::Request& request) { return parts->rates().check(request); });
  router->guard([&log](const http::Request& request) { return check_room(log, request); });
  Routes table = parts->routes();
  check_routes(table);
  for (Route& row : table) {
    std::string method(row.method);
    std::string pattern(row.pattern);
    const std::size_t largest = body_bytes(*find_operation(row.operation));
    router->add(
        std::move(method), std::move(pattern),
        [parts, row = std::move(row)](const http::Request& request) {
          return answer(row, request, &parts->auditor());
        },
        largest);
  }
  add_mcp(*router);
  router->add("GET", "/{rest*}", [pages](const http::Request& request) {
    if (!request.path.starts_with("/v1/") && pages) {
      if (auto page = pages(request)) return std::move(*page);
    }
    return problem("not_found",
                   "There is nothing at this path; GET /openapi.json lists what there is.");
  });
  return router;
}

}  // namespace vigie::indexer::api
