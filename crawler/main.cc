// vigie-crawler: the web in, PageRecords out.
#include <atomic>
#include <memory>

#include "crawler/service/crawler.h"
#include "platform/net/http_client.h"
#include "platform/service/main_arguments.h"
#include "platform/service/service.h"

namespace {

using namespace vigie;

struct Parts {
  std::atomic<bool> caught_up{false};
  std::unique_ptr<crawler::service::Crawler> crawler;
  std::unique_ptr<net::HttpClient> web;  // goes before the crawler, to which its responses come
};

Result<service::Parts> make(service::Context& context) {
  auto own = std::make_shared<Parts>();
  VIGIE_ASSIGN(net::CurlOptions options, crawler::service::curl_options(context.settings));
  own->web = net::make_curl_client(std::move(options));
  VIGIE_ASSIGN(own->crawler,
               crawler::service::Crawler::make(context.settings, {.log = context.log,
                                                                  .http = *own->web,
                                                                  .clock = context.clock,
                                                                  .random = context.random,
                                                                  .metrics = context.metrics,
                                                                  .instance = context.instance,
                                                                  .caught_up = &own->caught_up}));
  auto router = std::make_shared<http::Router>();
  service::add_health_routes(*router, context.metrics, context.clock,
                             [&context, own = own.get()](service::Asked asked) {
                               return service::not_ready(context, own->caught_up, asked);
                             });
  service::Parts parts;
  parts.roles.push_back({"crawler",
                         [crawler = own->crawler.get()](std::stop_token stop) {
                           return crawler->run(std::move(stop));
                         },
                         [crawler = own->crawler.get()] { crawler->reload(); }});
  parts.router = std::move(router);
  parts.owner = std::move(own);
  return parts;
}

}  // namespace

int main(int argc, char** argv) {
  int exit_code = 0;
  const auto settings = service::read_arguments(
      config::Program::kCrawler, "vigie-crawler",
      "Crawls the sources: feeds, sitemaps and pages become records of the log.", argc, argv,
      exit_code);
  return settings ? service::run_single(*settings, make) : exit_code;
}
