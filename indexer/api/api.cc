#include "indexer/api/api.h"

#include "indexer/api/guard.h"
#include "indexer/api/handlers.h"
#include "indexer/api/routes.h"

namespace vigie::indexer::api {

Handlers::Handlers(ApiDependencies dependencies)
    : dependencies_(std::move(dependencies)),
      status_(dependencies_.log),
      control_(dependencies_.log),
      quarantine_(dependencies_.log),
      matches_(dependencies_.log) {}

Result<std::string> first_key(const std::string& path) { return Guard::first_key(path); }

Result<std::shared_ptr<http::Router>> make_router(ApiDependencies dependencies) {
  VIGIE_ASSIGN(Guard opened, Guard::open(dependencies.settings.text("api.keys_file")));
  // Shared by the handlers of the router, which is copied nowhere: they live as long as it does.
  const auto guard = std::make_shared<const Guard>(std::move(opened));
  const auto handlers = std::make_shared<Handlers>(std::move(dependencies));
  auto router = std::make_shared<http::Router>();
  router->guard([guard](const http::Request& request) { return guard->check(request); });
  for (const Route& route : routes()) {
    http::Handler handler;
    if (route.handler != nullptr) {
      handler = [handlers, method = route.handler](const http::Request& request) {
        return (handlers.get()->*method)(request);
      };
    } else if (route.method == "POST") {
      handler = [guard](const http::Request& request) { return guard->start_session(request); };
    } else {
      handler = [guard](const http::Request&) { return guard->end_session(); };
    }
    router->add(std::string(route.method), std::string(route.pattern), std::move(handler));
  }
  router->add("GET", "/{rest*}", [handlers](const http::Request& request) {
    if (!request.path.starts_with("/v1/") && handlers->dependencies().pages) {
      if (auto page = handlers->dependencies().pages(request)) return std::move(*page);
    }
    return http::Response::problem(
        404, "not_found", "There is nothing at this path; GET /openapi.json lists what there is.");
  });
  return router;
}

}  // namespace vigie::indexer::api
