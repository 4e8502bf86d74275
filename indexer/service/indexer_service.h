#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "indexer/api/api.h"
#include "platform/config/settings.h"
#include "platform/net/http_client.h"
#include "platform/result/result.h"
#include "platform/service/service.h"
#include "proto/page.pb.h"

namespace vigie::indexer::service {

/// The options of the client that carries webhooks: own User-Agent, webhook.allow_networks. Errors:
/// kStop bad_network.
Result<net::CurlOptions> webhook_options(const config::Settings& settings);

/// The whole indexer: shards, story clusterer, alerter, subscriptions, API and pages, wired over
/// the seams of a service.
class IndexerService {
 public:
  /// What comes from outside this folder; each may be empty.
  struct Extras {
    std::function<Json()> pipeline;  // joined into /v1/pipeline
  };
  /// `context` must outlive the service. Shards, clusterer and alerter keep their state below
  /// context.data_dir. Errors: kStop, from the log, the disk, the topic packs or the API's keys
  /// file.
  static Result<std::unique_ptr<IndexerService>> make(::vigie::service::Context& context,
                                                      Extras extras);
  ~IndexerService();

  std::vector<::vigie::service::Role> roles();
  const std::shared_ptr<http::Router>& router() const;

 private:
  struct Impl;
  explicit IndexerService(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace vigie::indexer::service
