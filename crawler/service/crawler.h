#pragma once

#include <atomic>
#include <memory>
#include <stop_token>
#include <string>

#include "crawler/politeness/resolver.h"
#include "crawler/sources/source_states.h"
#include "crawler/websub/hubs.h"
#include "platform/clock/clock.h"
#include "platform/config/settings.h"
#include "platform/log/log.h"
#include "platform/metrics/metrics.h"
#include "platform/net/http_client.h"
#include "platform/result/result.h"
#include "platform/storage/storage.h"

/// The crawler service: the web in, PageRecords out.
namespace vigie::crawler::service {

/// Options of the client that the crawler wants: its User-Agent, the networks it may contact, its
/// number of connections. Errors: kStop bad_network for an entry of fetch.allow_networks that is no
/// network.
Result<net::CurlOptions> curl_options(const config::Settings& settings);

/// The sentence that is written at the start while fetch.user_agent_contact is not set; "" if it
/// is.
std::string contact_warning(const config::Settings& settings);

using sources::Reachability;

/// Polls the feeds, sitemaps and sections of the source files and fetches what they name, politely.
/// One scheduler thread (the caller of run()); responses and acknowledgements come in from the
/// threads of client and log.
class Crawler {
 public:
  /// All must outlive the crawler. `http` must be destroyed, or have ended every request, before
  /// the crawler is.
  struct Seams {
    log::Log& log;
    net::HttpClient& http;
    Clock& clock;
    Random& random;
    metrics::Registry& metrics;
    // name of this process in `status` and in reservations; empty: log.instance
    std::string instance = {};
    politeness::Resolver* resolver = nullptr;  // null: the machine's own
    storage::Opener open_database = storage::open;
    // told after each turn: the group has said which partitions are this crawler's, and all of them
    // were followed to the ends that they had then; null: nobody asks
    std::atomic<bool>* caught_up = nullptr;
    std::shared_ptr<websub::Hubs> hubs = nullptr;  // null: no feed is subscribed to
  };

  /// Reads settings and source files. Errors: kStop bad_sources with FILE:LINE:COL of the first
  /// problem, not_found, bad_network.
  static Result<std::unique_ptr<Crawler>> make(const config::Settings& settings, Seams seams);
  ~Crawler();

  /// Catches up with `frontier` and `control`, then crawls until stopped. Responses that are out
  /// get half a second more, and what is cut off is due again. Errors: kStop where the log cannot
  /// be read or written.
  Result<void> run(std::stop_token stop);

  /// Reads the source files again (it does so by itself when one changes). Any thread; takes effect
  /// within a second of run().
  void reload();

  /// Any thread.
  Reachability reachability() const;

 private:
  class Impl;
  explicit Crawler(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace vigie::crawler::service
