#include "vigie/station.h"

#include <algorithm>
#include <memory>

#include "crawler/service/crawler.h"
#include "extractor/isolation/worker.h"
#include "extractor/service/extractor_service.h"
#include "indexer/api/api.h"
#include "indexer/collections/store.h"
#include "indexer/keys/store.h"
#include "indexer/saved/store.h"
#include "indexer/search/index.h"
#include "indexer/service/indexer_service.h"
#include "indexer/sessions/store.h"
#include "indexer/subscriptions/sealed_secrets.h"
#include "indexer/subscriptions/store.h"
#include "platform/net/http_client.h"

namespace vigie::cli {
namespace {

/// The parts in the order in which they must go: the API first, then who calls, then who is called.
struct Station {
  std::unique_ptr<crawler::service::Crawler> crawler;
  std::unique_ptr<net::HttpClient> web;  // goes before the crawler, to which its responses come
  std::unique_ptr<extractor::service::ExtractorService> extractor;
  std::unique_ptr<indexer::service::IndexerService> indexer;
};

Json reachability_json(const crawler::service::Reachability& reach) {
  return Json::object({{"tried", static_cast<std::int64_t>(reach.tried)},
                       {"reached", static_cast<std::int64_t>(reach.reached)},
                       {"reason", reach.first_error_reason},
                       {"detail", reach.example_detail}});
}

}  // namespace

service::Make make_station(StationParts wanted) {
  return [wanted](service::Context& context) -> Result<service::Parts> {
    auto station = std::make_shared<Station>();
    service::Parts parts;
    if (wanted.crawler) {
      VIGIE_ASSIGN(net::CurlOptions options, crawler::service::curl_options(context.settings));
      station->web = net::make_curl_client(std::move(options));
      VIGIE_ASSIGN(station->crawler,
                   crawler::service::Crawler::make(
                       context.settings, {context.log, *station->web, context.clock, context.random,
                                          context.metrics, context.instance}));
      parts.roles.push_back({"crawler",
                             [crawler = station->crawler.get()](std::stop_token stop) {
                               return crawler->run(std::move(stop));
                             },
                             [crawler = station->crawler.get()] { crawler->reload(); }});
    }
    if (wanted.extractor) {
      VIGIE_ASSIGN(station->extractor,
                   extractor::service::ExtractorService::make(
                       context.settings,
                       {context.log,
                        context.clock,
                        context.metrics,
                        context.instance,
                        context.data_dir,
                        {"/proc/self/exe", std::string(extractor::isolation::kWorkerArgument)}}));
      parts.roles.push_back({"extractor",
                             [extractor = station->extractor.get()](std::stop_token stop) {
                               return extractor->run(std::move(stop));
                             },
                             [extractor = station->extractor.get()] { extractor->reload(); }});
    }
    indexer::service::IndexerService::Extras extras;
    extras.pipeline = [crawler = station->crawler.get(),
                       notice = context.settings.text("pages.notice")] {
      Json out = Json::object();
      if (crawler != nullptr) out.set("reachability", reachability_json(crawler->reachability()));
      out.set("notice", notice.empty() ? Json() : Json(notice));
      return out;
    };
    VIGIE_ASSIGN(station->indexer,
                 indexer::service::IndexerService::make(context, std::move(extras)));
    for (service::Role& role : station->indexer->roles()) parts.roles.push_back(std::move(role));
    parts.router = station->indexer->router();
    parts.needs_keys = true;
    parts.owner = station;
    return parts;
  };
}

service::Make make_log_station() {
  return [](service::Context& context) -> Result<service::Parts> {
    struct LogStation {
      explicit LogStation(Clock& clock) : index(clock) {}
      indexer::search::Index index;
      std::unique_ptr<indexer::subscriptions::SubscriptionStore> subscriptions;
      std::unique_ptr<indexer::sessions::SessionStore> sessions;
      std::unique_ptr<indexer::keys::KeyStore> keys;
      std::unique_ptr<indexer::collections::CollectionStore> collections;
      std::unique_ptr<indexer::saved::SavedStore> saved;
    };
    auto station = std::make_shared<LogStation>(context.clock);
    indexer::subscriptions::Options options;
    VIGIE_ASSIGN(options.sealer, indexer::subscriptions::open_sealer(
                                     context.settings, context.data_dir, context.random));
    options.key_lost = context.settings.boolean("webhook.key_lost");
    VIGIE_ASSIGN(station->subscriptions,
                 indexer::subscriptions::SubscriptionStore::open(
                     context.log, context.clock, context.random, std::move(options)));
    VIGIE_ASSIGN(station->sessions, indexer::sessions::SessionStore::open(
                                        context.log, context.clock, context.random, {}));
    VIGIE_ASSIGN(station->keys,
                 indexer::keys::KeyStore::open(context.log, context.clock, context.random));
    VIGIE_ASSIGN(station->collections, indexer::collections::CollectionStore::open(
                                           context.log, context.clock, context.random));
    VIGIE_ASSIGN(station->saved,
                 indexer::saved::SavedStore::open(context.log, context.clock, context.random));
    service::Parts parts;
    VIGIE_ASSIGN(parts.router, indexer::api::make_router({.settings = context.settings,
                                                          .log = context.log,
                                                          .index = station->index,
                                                          .subscriptions = *station->subscriptions,
                                                          .sessions = *station->sessions,
                                                          .keys = *station->keys,
                                                          .collections = *station->collections,
                                                          .saved = *station->saved,
                                                          .clock = context.clock,
                                                          .random = context.random,
                                                          .metrics = context.metrics,
                                                          .data_dir = context.data_dir}));
    parts.owner = station;
    return parts;
  };
}

}  // namespace vigie::cli
