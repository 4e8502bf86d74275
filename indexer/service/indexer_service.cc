#include "indexer/service/indexer_service.h"

#include "indexer/alerting/alerter.h"
#include "indexer/api/live_feed.h"
#include "indexer/api/vocabulary.h"
#include "indexer/collections/store.h"
#include "indexer/conditions/watcher.h"
#include "indexer/delivery/delivery.h"
#include "indexer/keys/store.h"
#include "indexer/matching/matcher.h"
#include "indexer/pages/pages.h"
#include "indexer/peers/http_peers.h"
#include "indexer/publishing/publisher.h"
#include "indexer/saved/store.h"
#include "indexer/search/index.h"
#include "indexer/service/catalogue.h"
#include "indexer/service/digest_events.h"
#include "indexer/service/mail_settings.h"
#include "indexer/service/shard_writer.h"
#include "indexer/service/spike_judge.h"
#include "indexer/service/subscription_queries.h"
#include "indexer/service/translator_settings.h"
#include "indexer/sessions/store.h"
#include "indexer/spikes/watch.h"
#include "indexer/stories/clusterer.h"
#include "indexer/subscriptions/sealed_secrets.h"
#include "indexer/subscriptions/store.h"
#include "indexer/translation/translator.h"
#include "platform/log/groups.h"
#include "platform/logging/logging.h"

namespace vigie::indexer::service {

struct IndexerService::Impl {
  explicit Impl(::vigie::service::Context& context_) : context(context_) {}
  Result<void> make_subscriptions();
  void make_writer();
  Result<void> make_peers();
  Result<void> make_alerting();
  void make_spikes();
  void make_watcher();
  Result<void> make_translator();
  void make_live();
  void name_stores();
  Result<void> make_router(Extras extras);

  ::vigie::service::Context& context;
  bool deliver = true;
  search::Index index{context.clock};
  matching::Matcher matcher;
  std::unique_ptr<subscriptions::SubscriptionStore> store;
  std::unique_ptr<sessions::SessionStore> sessions;
  std::unique_ptr<keys::KeyStore> keys;
  std::unique_ptr<collections::CollectionStore> collections;
  std::unique_ptr<saved::SavedStore> saved;
  std::unique_ptr<ShardWriter> writer;
  std::unique_ptr<stories::Clusterer> clusterer;
  std::unique_ptr<alerting::Alerter> alerter;
  std::unique_ptr<publishing::Publisher> publisher;
  std::unique_ptr<conditions::Watcher> watcher;
  std::unique_ptr<peers::HttpPeers> peers;
  std::unique_ptr<net::HttpClient> peer_client;  // goes before what it calls back to
  std::unique_ptr<delivery::Sender> sender;
  std::unique_ptr<net::MailClient> mail;
  std::unique_ptr<net::HttpClient> translator_client;
  std::unique_ptr<translation::Translator> translator;  // null: none is set up
  std::unique_ptr<net::HttpClient>
      webhooks;  // goes first, so that no response comes to what is gone
  CatalogueWatcher catalogue{context.clock, context.metrics};
  std::unique_ptr<api::LiveFeed> live;
  api::CurrentVocabulary vocabulary{[this] { return catalogue.current(); }};
  SubscriptionQueries queries{vocabulary, matcher, context.clock};
  std::unique_ptr<SpikeJudge> spike_judge;
  std::unique_ptr<spikes::SpikeWatch> spikes;
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

Result<void> IndexerService::Impl::make_subscriptions() {
  subscriptions::Options options;
  VIGIE_ASSIGN(options.sealer,
               subscriptions::open_sealer(context.settings, context.data_dir, context.random));
  options.limits.of_one_key =
      static_cast<std::size_t>(context.settings.integer("api.subscriptions_per_key"));
  options.key_lost = context.settings.boolean("webhook.key_lost");
  VIGIE_ASSIGN(const net::CurlOptions client, webhook_options(context.settings));
  options.allow_networks = client.allow_networks;
  if (context.settings.text("email.smtp_url").empty())
    options.no_email = "e-mail is not set up here: email.smtp_url names the mail server";
  VIGIE_ASSIGN(store, subscriptions::SubscriptionStore::open(context.log, context.clock,
                                                             context.random, std::move(options)));
  const bool own_disk = context.settings.text("log.engine") != "kafka";
  VIGIE_ASSIGN(sessions, sessions::SessionStore::open(context.log, context.clock, context.random,
                                                      {.own_disk = own_disk}));
  VIGIE_ASSIGN(keys, keys::KeyStore::open(context.log, context.clock, context.random));
  VIGIE_ASSIGN(collections,
               collections::CollectionStore::open(context.log, context.clock, context.random));
  VIGIE_ASSIGN(saved, saved::SavedStore::open(context.log, context.clock, context.random));
  store->subscribe(
      [this](const v1::SubscriptionRecord& subscription) { queries.apply(subscription); });
  return {};
}

void IndexerService::Impl::make_writer() {
  const config::Settings& settings = context.settings;
  ShardWriter::Options options;
  options.dir = context.data_dir / "shards";
  options.group = log::group_of(log::Role::kShards, settings);
  options.instance = context.instance;
  options.session = settings.duration("indexer.shard_session");
  options.checkpoint_dir = settings.text("indexer.checkpoint_dir");
  options.checkpoint_every = settings.duration("indexer.checkpoint_every");
  options.deliver = deliver;
  options.alert_max_age_ms = settings.duration("alerts.max_age").count();
  options.seal_documents = static_cast<std::size_t>(settings.integer("indexer.seal_documents"));
  const auto catch_up = [this](const std::stop_token& stop) { return store->catch_up(stop); };
  ShardWriter::Seams seams{context.log, index, matcher, context.clock, context.metrics, catch_up};
  writer = std::make_unique<ShardWriter>(std::move(seams), options);
}

Result<void> IndexerService::Impl::make_peers() {
  const config::Settings& settings = context.settings;
  index.set_deadline(settings.duration("indexer.query_deadline"));
  const std::vector<std::string> addresses = settings.list("indexer.peers");
  if (addresses.empty()) return {};
  VIGIE_ASSIGN(net::CurlOptions client, peer_client_options());
  peer_client = net::make_curl_client(std::move(client));
  peers::PeerOptions options;
  options.peers = addresses;
  options.instance = context.instance;
  options.timeout = settings.duration("indexer.peer_timeout");
  VIGIE_ASSIGN(options.key, api::key_for_peers(settings));
  VIGIE_ASSIGN(peers, peers::HttpPeers::make(*peer_client, context.clock, context.metrics,
                                             std::move(options)));
  index.use_peers(*peers);
  return {};
}

Result<void> IndexerService::Impl::make_alerting() {
  const config::Settings& settings = context.settings;
  stories::ClustererOptions clustering;
  clustering.dir = context.data_dir / "clusterer";
  clustering.group = log::group_of(log::Role::kClusterer, settings);
  clustering.session = settings.duration("indexer.role_session");
  VIGIE_ASSIGN(clusterer,
               stories::Clusterer::open(context.log, context.clock, context.metrics, clustering));

  VIGIE_ASSIGN(net::CurlOptions client, webhook_options(settings));
  webhooks = net::make_curl_client(std::move(client));
  VIGIE_ASSIGN(const std::optional<MailSettings> mail_settings, read_mail_settings(settings));
  delivery::SendOptions sending;
  sending.pages_url = settings.text("api.public_url");
  if (mail_settings) {
    mail = net::make_mail_client(mail_settings->client);
    sending.mail = mail.get();
    sending.mail_from = mail_settings->from;
  }
  sender = delivery::make_sender(*webhooks, context.clock, context.metrics, std::move(sending));
  alerting::AlerterOptions options;
  options.dir = context.data_dir / "alerter";
  options.group = log::group_of(log::Role::kAlerter, settings);
  options.session = settings.duration("indexer.role_session");
  options.alerts_per_hour = static_cast<std::size_t>(settings.integer("alerts.per_hour"));
  options.events = [this](const std::vector<std::string>& article_ids) {
    return events_of(index, context.log, article_ids);
  };
  options.reach = [this](const std::string& event_id) { return reach_of(index, event_id); };
  VIGIE_ASSIGN(alerter, alerting::Alerter::open(context.log, *store, *sender, context.clock,
                                                context.random, context.metrics, options));
  if (settings.boolean("alerts.cloudevents")) {
    publishing::PublisherOptions publishing_options;
    publishing_options.group = log::group_of(log::Role::kPublisher, settings);
    publishing_options.session = settings.duration("indexer.role_session");
    publisher = std::make_unique<publishing::Publisher>(context.log, *store, context.metrics,
                                                        std::move(publishing_options));
  }
  return {};
}

void IndexerService::Impl::make_spikes() {
  spike_judge = std::make_unique<SpikeJudge>(
      index, vocabulary, [this] { return catalogue.current(); }, context.log);
  spikes = std::make_unique<spikes::SpikeWatch>(
      spikes::SpikeWatch::Seams{context.log, *store, *alerter, context.clock, context.metrics},
      [this](const v1::SubscriptionRecord& subscription, std::int64_t end_unix_ms) {
        return spike_judge->judge_hour(subscription, end_unix_ms);
      });
}

void IndexerService::Impl::make_watcher() {
  const config::Settings& settings = context.settings;
  conditions::WatcherOptions options;
  options.group = log::group_of(log::Role::kWatcher, settings);
  options.session = settings.duration("indexer.role_session");
  options.pages_url = settings.text("api.public_url");
  options.limits.disk_free_bytes =
      static_cast<std::uint64_t>(settings.integer("system.disk_free_mb")) << 20;
  options.limits.lag_records = settings.integer("system.lag_records");
  options.holds.failing_ms = settings.duration("system.failing_after").count();
  options.holds.others_ms = settings.duration("system.others_after").count();
  watcher = std::make_unique<conditions::Watcher>(
      context.log,
      conditions::Subscriptions{
          [this] { return store->list(); },
          [this](const std::stop_token& stop) { return store->catch_up(stop); }},
      context.clock, context.metrics, std::move(options));
}

Result<void> IndexerService::Impl::make_translator() {
  VIGIE_ASSIGN(TranslatorParts parts, make_translator_parts(context.settings, context.clock));
  if (!parts.engine) return {};
  translator_client = std::move(parts.client);
  translator = std::make_unique<translation::Translator>(std::move(parts.engine), context.clock,
                                                         context.metrics);
  return {};
}

void IndexerService::Impl::make_live() {
  const config::Settings& settings = context.settings;
  api::LiveFeed::Limits limits;
  limits.streams_of_caller = static_cast<std::size_t>(settings.integer("api.streams_per_caller"));
  live = std::make_unique<api::LiveFeed>(
      api::LiveFeed::Seams{context.log, index, context.clock, context.metrics}, limits);
}

/// For backups. The alerter stands still until the log is copied: what it has sent is in the copy.
void IndexerService::Impl::name_stores() {
  using std::filesystem::path;
  context.freezer.add("shards", [this](const path& to) { return writer->checkpoint(to); });
  if (clusterer)
    context.freezer.add("clusterer", [this](const path& to) { return clusterer->checkpoint(to); });
  if (alerter)
    context.freezer.add_acting("alerter", alerter->gate(),
                               [this](const path& to) { return alerter->checkpoint(to); });
}

Result<void> IndexerService::Impl::make_router(Extras extras) {
  api::ApiDependencies dependencies{
      .settings = context.settings,
      .log = context.log_for_requests,
      .index = index,
      .alerter = alerter.get(),
      .subscriptions = *store,
      .sessions = *sessions,
      .keys = *keys,
      .collections = *collections,
      .saved = *saved,
      .clock = context.clock,
      .random = context.random,
      .metrics = context.metrics,
      .data_dir = context.data_dir,
      .pipeline_extra =
          [more = std::move(extras.pipeline), translates = translator != nullptr] {
            Json out = more ? more() : Json::object();
            out.set("translator", translates);
            return out;
          },
      .catalogue = [this] { return catalogue.current(); },
      .pages = [](const http::Request& request) { return pages::page(request); },
      .not_ready =
          [this](const http::Request& request) {
            return ::vigie::service::not_ready(context, writer->ready(),
                                               ::vigie::service::asked_by(request));
          },
      .peers = peers.get(),
      .instance = context.instance,
      .live = live.get(),
      .freezer = &context.freezer,
      .translator = translator.get(),
  };
  VIGIE_ASSIGN(router, api::make_router(std::move(dependencies)));
  ::vigie::service::observe_requests(*router, context.metrics, context.clock);
  return {};
}

Result<std::unique_ptr<IndexerService>> IndexerService::make(::vigie::service::Context& context,
                                                             Extras extras) {
  auto impl = std::make_unique<Impl>(context);
  impl->deliver = context.settings.boolean("alerts.deliver");
  VIGIE_TRY(impl->catalogue.open(context.settings.list("topics.dirs")));
  VIGIE_TRY(impl->make_subscriptions());
  impl->make_writer();
  VIGIE_TRY(impl->make_peers());
  if (impl->deliver) VIGIE_TRY(impl->make_alerting());
  if (impl->deliver) impl->make_spikes();
  if (impl->deliver) impl->make_watcher();
  VIGIE_TRY(impl->make_translator());
  impl->make_live();
  impl->name_stores();
  VIGIE_TRY(impl->make_router(std::move(extras)));
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
  roles.push_back(
      {"sessions", [&impl](std::stop_token stop) { return impl.sessions->run(std::move(stop)); }});
  roles.push_back(
      {"keys", [&impl](std::stop_token stop) { return impl.keys->run(std::move(stop)); }});
  roles.push_back({"collections", [&impl](std::stop_token stop) {
                     return impl.collections->run(std::move(stop));
                   }});
  roles.push_back(
      {"searches", [&impl](std::stop_token stop) { return impl.saved->run(std::move(stop)); }});
  roles.push_back(
      {"packs", [&impl](std::stop_token stop) { return impl.queries.run(*impl.store, stop); }});
  roles.push_back(
      {"streams", [&impl](std::stop_token stop) { return impl.live->run(std::move(stop)); }});
  if (impl.translator)
    roles.push_back({"translator", [&impl](std::stop_token stop) {
                       return impl.translator->run(std::move(stop));
                     }});
  if (impl.peers)
    roles.push_back(
        {"peers", [&impl](std::stop_token stop) { return impl.peers->run(std::move(stop)); }});
  if (impl.deliver) {
    roles.push_back({"clusterer", [&impl](std::stop_token stop) {
                       return impl.clusterer->run(std::move(stop));
                     }});
    roles.push_back(
        {"alerter", [&impl](std::stop_token stop) { return impl.alerter->run(std::move(stop)); }});
    roles.push_back({"spikes", [&impl](std::stop_token stop) { return impl.spikes->run(stop); }});
    roles.push_back(
        {"watcher", [&impl](std::stop_token stop) { return impl.watcher->run(std::move(stop)); }});
    if (impl.publisher)
      roles.push_back({"publisher", [&impl](std::stop_token stop) {
                         return impl.publisher->run(std::move(stop));
                       }});
  }
  return roles;
}

const std::shared_ptr<http::Router>& IndexerService::router() const { return impl_->router; }

}  // namespace vigie::indexer::service
