#include "indexer/service/indexer_service.h"

#include "indexer/alerting/alerter.h"
#include "indexer/delivery/delivery.h"
#include "indexer/matching/matcher.h"
#include "indexer/pages/pages.h"
#include "indexer/peers/http_peers.h"
#include "indexer/search/index.h"
#include "indexer/service/catalogue.h"
#include "indexer/service/shard_writer.h"
#include "indexer/stories/clusterer.h"
#include "indexer/subscriptions/store.h"
#include "platform/logging/logging.h"

namespace vigie::indexer::service {

struct IndexerService::Impl {
  explicit Impl(::vigie::service::Context& context_) : context(context_) {}

  ::vigie::service::Context& context;
  bool deliver = true;
  search::Index index{context.clock};
  matching::Matcher matcher;
  std::unique_ptr<subscriptions::SubscriptionStore> store;
  std::unique_ptr<ShardWriter> writer;
  std::unique_ptr<stories::Clusterer> clusterer;
  std::unique_ptr<alerting::Alerter> alerter;
  std::unique_ptr<peers::HttpPeers> peers;
  std::unique_ptr<net::HttpClient> peer_client;  // goes before what it calls back to
  std::unique_ptr<delivery::Sender> sender;
  std::unique_ptr<net::HttpClient> webhooks;  // goes first, so that no answer comes to what is gone
  CatalogueWatcher catalogue;
  std::shared_ptr<http::Router> router;
};

Result<net::CurlOptions> webhook_options(const config::Settings& settings) {
  net::CurlOptions options;
  options.user_agent =
      "vigie/" VIGIE_VERSION " (+" + settings.text("fetch.user_agent_contact") + ")";
  for (const std::string& network : settings.list("webhook.allow_networks")) {
    VIGIE_ASSIGN(const net::Network parsed, net::parse_network(network));
    options.allow_networks.push_back(parsed);
  }
  return options;
}

namespace {

/// Peers are the operator's own: any address may be contacted.
Result<net::CurlOptions> peer_client_options() {
  net::CurlOptions options;
  options.user_agent = "vigie/" VIGIE_VERSION;
  options.max_per_host = 16;
  for (const char* network : {"0.0.0.0/0", "::/0"}) {
    VIGIE_ASSIGN(const net::Network parsed, net::parse_network(network));
    options.allow_networks.push_back(parsed);
  }
  return options;
}

}  // namespace

IndexerService::IndexerService(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
IndexerService::~IndexerService() = default;

Result<std::unique_ptr<IndexerService>> IndexerService::make(::vigie::service::Context& context,
                                                             Extras extras) {
  auto impl = std::make_unique<Impl>(context);
  const config::Settings& settings = context.settings;
  impl->deliver = settings.boolean("alerts.deliver");

  VIGIE_ASSIGN(impl->store,
               subscriptions::SubscriptionStore::open(context.log, context.clock, context.random));
  impl->store->subscribe([matcher = &impl->matcher](const v1::SubscriptionRecord& subscription) {
    if (auto applied = matcher->apply(subscription); !applied) {
      logging::warn("subscription does not match anything",
                    {{"subscription", subscription.id()}, {"reason", applied.error().to_string()}});
    }
  });

  ShardWriter::Options writer_options;
  writer_options.dir = context.data_dir / "shards";
  writer_options.group =
      settings.program_name() == "vigie-indexer" ? settings.text("log.group") : "indexer";
  writer_options.instance = context.instance;
  writer_options.session = settings.duration("indexer.shard_session");
  writer_options.checkpoint_dir = settings.text("indexer.checkpoint_dir");
  writer_options.checkpoint_every = settings.duration("indexer.checkpoint_every");
  writer_options.deliver = impl->deliver;
  writer_options.alert_max_age_ms = settings.duration("alerts.max_age").count();
  writer_options.seal_documents =
      static_cast<std::size_t>(settings.integer("indexer.seal_documents"));
  ShardWriter::Seams seams{
      context.log,   impl->index,     impl->matcher,
      context.clock, context.metrics, [store = impl->store.get()] { return store->catch_up(); }};
  impl->writer = std::make_unique<ShardWriter>(std::move(seams), writer_options);

  if (const std::vector<std::string> addresses = settings.list("indexer.peers");
      !addresses.empty()) {
    VIGIE_ASSIGN(net::CurlOptions options, peer_client_options());
    impl->peer_client = net::make_curl_client(std::move(options));
    peers::PeerOptions peer_options;
    peer_options.peers = addresses;
    peer_options.instance = context.instance;
    peer_options.timeout = settings.duration("indexer.peer_timeout");
    VIGIE_ASSIGN(peer_options.key, api::first_key(settings.text("api.keys_file")));
    VIGIE_ASSIGN(impl->peers, peers::HttpPeers::make(*impl->peer_client, context.clock,
                                                     context.metrics, std::move(peer_options)));
    impl->index.use_peers(*impl->peers);
  }

  if (impl->deliver) {
    stories::ClustererOptions clusterer_options;
    clusterer_options.dir = context.data_dir / "clusterer";
    clusterer_options.group = settings.text("log.prefix") + "-clusterer";
    clusterer_options.session = settings.duration("indexer.role_session");
    VIGIE_ASSIGN(impl->clusterer, stories::Clusterer::open(context.log, context.clock,
                                                           context.metrics, clusterer_options));

    VIGIE_ASSIGN(net::CurlOptions options, webhook_options(settings));
    impl->webhooks = net::make_curl_client(std::move(options));
    impl->sender = delivery::make_sender(*impl->webhooks, context.clock, context.metrics);
    alerting::AlerterOptions alerter_options;
    alerter_options.dir = context.data_dir / "alerter";
    alerter_options.group = settings.text("log.prefix") + "-alerter";
    alerter_options.session = settings.duration("indexer.role_session");
    VIGIE_ASSIGN(impl->alerter,
                 alerting::Alerter::open(context.log, *impl->sender, context.clock, context.random,
                                         context.metrics, alerter_options));
  }

  VIGIE_TRY(impl->catalogue.open(settings.list("topics.dirs")));

  api::ApiDependencies dependencies{
      .settings = settings,
      .log = context.log,
      .index = impl->index,
      .alerter = impl->alerter.get(),
      .subscriptions = *impl->store,
      .clock = context.clock,
      .random = context.random,
      .metrics = context.metrics,
      .data_dir = context.data_dir,
      .pipeline_extra = std::move(extras.pipeline),
      .catalogue = [watcher = &impl->catalogue] { return watcher->current(); },
      .pages = [](const http::Request& request) { return pages::page(request); },
      .ready = [writer = impl->writer.get()] { return writer->ready(); },
      .peers = impl->peers.get(),
      .instance = context.instance,
  };
  VIGIE_ASSIGN(impl->router, api::make_router(std::move(dependencies)));
  ::vigie::service::observe_requests(*impl->router, context.metrics);
  return std::unique_ptr<IndexerService>(new IndexerService(std::move(impl)));
}

std::vector<::vigie::service::Role> IndexerService::roles() {
  Impl& impl = *impl_;
  std::vector<::vigie::service::Role> roles;
  roles.push_back({"shards",
                   [&impl](std::stop_token stop) { return impl.writer->run(std::move(stop)); },
                   [&impl] { impl.catalogue.reload(); }});
  roles.push_back({"subscriptions",
                   [&impl](std::stop_token stop) { return impl.store->run(std::move(stop)); }});
  if (impl.peers)
    roles.push_back(
        {"peers", [&impl](std::stop_token stop) { return impl.peers->run(std::move(stop)); }});
  if (impl.deliver) {
    roles.push_back({"clusterer", [&impl](std::stop_token stop) {
                       return impl.clusterer->run(std::move(stop));
                     }});
    roles.push_back(
        {"alerter", [&impl](std::stop_token stop) { return impl.alerter->run(std::move(stop)); }});
  }
  return roles;
}

const std::shared_ptr<http::Router>& IndexerService::router() const { return impl_->router; }

}  // namespace vigie::indexer::service
