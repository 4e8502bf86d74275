// vigie-indexer: ArticleRecords in; search, stories, alerts, API and pages out.
#include <memory>

#include "indexer/service/indexer_service.h"
#include "platform/service/main_arguments.h"
#include "platform/service/service.h"

namespace {

using namespace vigie;

Result<service::Parts> make(service::Context& context) {
  VIGIE_ASSIGN(auto made, indexer::service::IndexerService::make(context, {}));
  const std::shared_ptr<indexer::service::IndexerService> own = std::move(made);
  service::Parts parts;
  parts.roles = own->roles();
  parts.router = own->router();
  parts.needs_keys = true;
  parts.owner = own;
  return parts;
}

}  // namespace

int main(int argc, char** argv) {
  int exit_code = 0;
  const auto settings = service::read_arguments(config::Program::kIndexer, "vigie-indexer",
                                                "Indexes articles, groups copies into stories, "
                                                "alerts subscribers, serves the API and the pages.",
                                                argc, argv, exit_code);
  return settings ? service::run_single(*settings, make) : exit_code;
}
