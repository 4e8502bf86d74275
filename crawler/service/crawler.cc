#include "crawler/service/crawler.h"

#include "crawler/service/scheduler.h"
#include "platform/http/http.h"
#include "platform/logging/logging.h"
#include "platform/process/process.h"
#include "platform/secrets/sealer.h"
#include "platform/url/url.h"

namespace vigie::crawler::service {

class Crawler::Impl {
 public:
  Impl(const CrawlerOptions& options, const Seams& seams, sources::SourceList list)
      : clock_(seams.clock),
        sources_(list.sources.size()),
        group_(options.group),
        instance_(options.instance),
        callback_listen_(options.callback_listen),
        callback_url_(options.callback_url),
        data_dir_(options.data_dir),
        resolver_(seams.resolver == nullptr ? politeness::make_system_resolver(clock_) : nullptr),
        hubs_(seams.hubs),
        scheduler_(options, with_resolver(seams), std::move(list)) {}

  Result<void> run(const std::stop_token& stop) {
    const std::shared_ptr<EventQueue> events = scheduler_.events();
    const std::stop_callback wake(stop, [events] { events->wake(); });
    VIGIE_ASSIGN(const bool started, scheduler_.start(stop));
    if (!started) return {};
    VIGIE_TRY(open_door());
    logging::info("crawler started",
                  {{"sources", sources_}, {"group", group_}, {"instance", instance_}});
    while (!stop.stop_requested()) {
      VIGIE_ASSIGN(const std::chrono::milliseconds next, scheduler_.tick());
      if (!stop.stop_requested()) events->wait(clock_, next);
    }
    scheduler_.stop_starting();
    const auto deadline = clock_.since_boot() + CrawlerOptions::kFinishTime;
    while (!scheduler_.idle() && clock_.since_boot() < deadline) {
      VIGIE_ASSIGN(const std::chrono::milliseconds next, scheduler_.tick());
      if (!scheduler_.idle()) events->wait(clock_, std::min(next, deadline));
    }
    return scheduler_.finish();
  }

  Scheduler& scheduler() { return scheduler_; }

  /// Where hubs reach this crawler. Nothing where pushes are not taken.
  Result<void> open_door() {
    if (!hubs_ || !hubs_->callbacks) return {};
    http::ServerOptions options;
    options.listen = callback_listen_;
    options.max_body_bytes = websub::Callbacks::kMaxBodyBytes;
    options.max_bodies_bytes = websub::Callbacks::kMaxWaitingBytes;
    options.max_connections = kDoorConnections;
    options.threads = 2;
    VIGIE_ASSIGN(
        door_,
        http::serve(options, websub::callback_router(hubs_->callbacks, callback_url_), clock_));
    VIGIE_TRY(process::write_file_atomically(data_dir_ / kDoorFile, door_->address()));
    logging::info("hubs may push", {{"listen", door_->address()}, {"callback", callback_url_}});
    return {};
  }

 private:
  static constexpr std::size_t kDoorConnections = 64;
  static constexpr const char* kDoorFile = "websub.addr";

  Seams with_resolver(Seams seams) const {
    if (resolver_) seams.resolver = resolver_.get();
    return seams;
  }

  Clock& clock_;
  std::size_t sources_;
  std::string group_;
  std::string instance_;
  std::string callback_listen_;
  std::string callback_url_;
  std::filesystem::path data_dir_;
  std::unique_ptr<politeness::Resolver> resolver_;
  std::shared_ptr<websub::Hubs> hubs_;
  Scheduler scheduler_;
  std::unique_ptr<http::Server> door_;
};

namespace {

/// The key of which names and secrets of callbacks are made. Who loses it subscribes anew.
Result<std::string> callback_key(const CrawlerOptions& options, Random& random) {
  return process::read_or_make(options.data_dir / "websub.key", [&] {
    return secrets::to_hex(secrets::random_bytes(random, secrets::Sealer::kKeyBytes));
  });
}

/// Whether hubs could reach a callback URL: http or https, with a host.
Result<void> check_callback(const CrawlerOptions& options) {
  const auto url = url::parse(options.callback_url);
  const bool plain = url && url->path.find_first_of("%{}") == std::string::npos;
  if (plain && url->is_http() && url->host && !url->query && !url->fragment) return {};
  return failure(Disposition::kStop, "bad_setting",
                 "an address that hubs reach is wanted: https://HOST/PATH", "websub.callback_url");
}

}  // namespace

Crawler::Crawler(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Crawler::~Crawler() = default;

Result<std::unique_ptr<Crawler>> Crawler::make(const config::Settings& settings, Seams seams) {
  CrawlerOptions options = read_options(settings);
  if (!seams.instance.empty()) options.instance = seams.instance;
  VIGIE_TRY(curl_options(settings));
  if (!options.callback_url.empty()) {
    VIGIE_TRY(check_callback(options));
    VIGIE_ASSIGN(std::string key, callback_key(options, seams.random));
    seams.hubs = websub::make_hubs(options.callback_url, std::move(key), seams.clock);
  }
  if (const std::string warning = contact_warning(settings); !warning.empty())
    logging::warn(warning);
  VIGIE_ASSIGN(sources::SourceList list, sources::load_sources(options.source_files));
  if (!list.problems.empty()) {
    for (const sources::SourceProblem& problem : list.problems)
      logging::error("source file has a problem", {{"problem", problem.to_string()}});
    const sources::SourceProblem& first = list.problems.front();
    std::string detail = first.message;
    if (list.problems.size() > 1)
      detail += "; and " + std::to_string(list.problems.size() - 1) +
                " more: `vigie sources check` lists them";
    return failure(Disposition::kStop, "bad_sources", std::move(detail), first.where);
  }
  return std::unique_ptr<Crawler>(
      new Crawler(std::make_unique<Impl>(options, seams, std::move(list))));
}

Result<void> Crawler::run(std::stop_token stop) { return impl_->run(stop); }

void Crawler::reload() {
  impl_->scheduler().request_reload();
  impl_->scheduler().events()->wake();
}

Reachability Crawler::reachability() const { return impl_->scheduler().reachability(); }

}  // namespace vigie::crawler::service
