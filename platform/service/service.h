#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "platform/backup/freezer.h"
#include "platform/clock/clock.h"
#include "platform/config/settings.h"
#include "platform/http/http.h"
#include "platform/log/kafka_log.h"
#include "platform/log/log.h"
#include "platform/metrics/metrics.h"
#include "platform/result/result.h"

/// The life of a service program, the same for the three services and for the all-in-one: settings
/// → data directory → log → roles → HTTP → stop.
namespace vigie::service {

/// What every role stands on. Outlives the roles.
struct Context {
  const config::Settings& settings;
  std::filesystem::path data_dir;  // locked by this process
  std::string instance;            // log.instance, made once and kept in data_dir
  /// For roles: what no broker answers is asked again until one does (log::make_patient).
  log::Log& log;
  /// For requests of others: fails as kRetry when no broker answers, so that nobody waits for long.
  log::Log& log_for_requests;
  Clock& clock;
  Random& random;
  metrics::Registry& metrics;
  /// Where each part of this process names its stores, for backups.
  backup::Freezer& freezer;
};

/// Work that runs on its own thread until stopped. An error stops the whole program.
struct Role {
  std::string name;
  std::function<Result<void>(std::stop_token)> run;
  std::function<void()> reload = {};  // on SIGHUP; any thread
};

struct Parts {
  std::vector<Role> roles;
  std::shared_ptr<const http::Router> router;
  std::shared_ptr<void> owner;  // of what roles and router refer to; destroyed after both
  /// The router gives data to whoever asks: it must not be reached from elsewhere without keys.
  bool needs_keys = false;
};

using Make = std::function<Result<Parts>(Context&)>;

/// The three sub-folders that `vigie up` and commands give to the parts of one data directory.
std::filesystem::path log_dir(const std::filesystem::path& data_dir);

/// What the settings say about Kafka; log.instance is left out.
log::KafkaOptions kafka_options(const config::Settings& settings);

/// Opens the log that the settings name. The lag of consumer groups goes to `metrics`, if given,
/// which must outlive the log. Errors: kStop, those of log::open_embedded and log::open_kafka.
Result<std::unique_ptr<log::Log>> open_log(const config::Settings& settings,
                                           const std::filesystem::path& data_dir, Clock& clock,
                                           metrics::Registry* metrics = nullptr);

/// What makes a process ready.
enum class Asked {
  kAll,
  kAllButBroker,  // /readyz?exclude=broker: who answers searches does so without a broker too
};
/// Why a process is not ready, in one sentence; "" where it is. Any thread.
using NotReady = std::function<std::string(Asked)>;
/// What a request to /readyz asks.
Asked asked_by(const http::Request& request);

/// What every service asks of itself: a broker connected within the last seconds, the group joined
/// and its partitions followed to the end that they had when they were given (`caught_up`).
std::string not_ready(Context& context, bool caught_up, Asked asked);

/// Adds /metrics, /healthz and /readyz, and observes requests. /healthz says that the process
/// answers, whatever its brokers do; /readyz answers 503 with the reason of `not_ready`.
void add_health_routes(http::Router& router, metrics::Registry& metrics, const Clock& clock,
                       NotReady not_ready);

/// A router that answers /metrics, /healthz and /readyz as the other does, its guards included, and
/// nothing else: for a listener of their own (http.health_listen).
std::shared_ptr<const http::Router> health_router(std::shared_ptr<const http::Router> router);

/// The endpoint of that listener, in the data directory; there is no such file without it.
inline constexpr const char* kHealthAddressFile = "health.addr";

/// Counts and times the responses of a router: vigie_http_requests_total{class},
/// vigie_http_request_seconds{route}. Probes and scrapes are left out.
void observe_requests(http::Router& router, metrics::Registry& registry, const Clock& clock);

/// Log level and format as the settings say.
void configure_logging(const config::Settings& settings);

/// A started program without signals and without a server: the data directory is locked, the log
/// open, every role on its thread. Commands that need the data while no process holds it work
/// through one of these. One thread.
class Instance {
 public:
  /// Errors: kStop, from the data directory (locked, naming the holder), the log, or `make`.
  static Result<std::unique_ptr<Instance>> start(const config::Settings& settings,
                                                 const Make& make);
  ~Instance();  // stop()
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;

  const Parts& parts() const;
  const std::shared_ptr<const http::Router>& router() const;
  const std::filesystem::path& data_dir() const;
  void reload();
  /// True once a role has ended, which none does by itself unless it failed.
  bool ended() const;
  /// The first failure of a role, while the others may still run.
  std::optional<Error> failure_of_a_role() const;
  /// Brings up to date what the program tells of itself (Figures).
  void refresh_figures();
  /// Asks every role to stop and waits for them. The first failure of a role, if any. Where one
  /// does not stop within 9 s the process ends: what is durable stays.
  Result<void> stop();

 private:
  Instance() = default;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Runs a service until SIGTERM, SIGINT or the failure of a role; finishes what is in hand within
/// 10 s. Returns the exit code of ops/spec/command_line.md: 0 after a stop, 3 when it could not
/// start or had to stop. Messages go to stderr.
int run(const config::Settings& settings, const Make& make);

/// For single services: refuses the embedded log, which one process alone can own, with exit code 3
/// and the way out.
int run_single(const config::Settings& settings, const Make& make);

}  // namespace vigie::service
