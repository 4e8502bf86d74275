// vigie-extractor: PageRecords in, ArticleRecords out.
#include <memory>
#include <string>

#include "extractor/isolation/worker.h"
#include "extractor/service/extractor_service.h"
#include "platform/service/main_arguments.h"
#include "platform/service/service.h"

namespace {

using namespace vigie;

Result<service::Parts> make(service::Context& context) {
  VIGIE_ASSIGN(auto made,
               extractor::service::ExtractorService::make(
                   context.settings,
                   {context.log,
                    context.clock,
                    context.metrics,
                    context.instance,
                    context.data_dir,
                    {"/proc/self/exe", std::string(extractor::isolation::kWorkerArgument)}}));
  const std::shared_ptr<extractor::service::ExtractorService> own = std::move(made);
  auto router = std::make_shared<http::Router>();
  service::add_health_routes(*router, context.metrics, context.clock,
                             [&context, own](service::Asked asked) {
                               return service::not_ready(context, own->caught_up(), asked);
                             });
  service::Parts parts;
  parts.roles.push_back({"extractor",
                         [own](std::stop_token stop) { return own->run(std::move(stop)); },
                         [own] { own->reload(); }});
  parts.router = std::move(router);
  return parts;
}

}  // namespace

int main(int argc, char** argv) {
  if (extractor::isolation::is_worker(argc, argv))
    return extractor::isolation::run_worker(argc, argv);
  int exit_code = 0;
  const auto settings = service::read_arguments(
      config::Program::kExtractor, "vigie-extractor",
      "Turns pages into articles: text, dates, authors, language, topics, actors.", argc, argv,
      exit_code);
  return settings ? service::run_single(*settings, make) : exit_code;
}
