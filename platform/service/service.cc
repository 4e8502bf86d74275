#include "platform/service/service.h"

#include <arpa/inet.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <mutex>
#include <optional>
#include <thread>

#include "platform/log/embedded_log.h"
#include "platform/log/patient_log.h"
#include "platform/log/pausing_log.h"
#include "platform/logging/logging.h"
#include "platform/process/process.h"
#include "platform/service/figures.h"
#include "platform/service/kafka_metrics.h"
#include "platform/service/metrics.h"
#include "platform/storage/space.h"
#include "proto/library_messages.h"

namespace vigie::service {
namespace {

/// Roles end within this time of a stop, or the process ends without them: what is durable stays,
/// the rest is done again at the next start.
constexpr std::chrono::milliseconds kStopTime{9'000};
/// What a program tells of itself is brought up to date so often.
constexpr std::chrono::milliseconds kFiguresEvery{2'000};
/// A program that a gap in the log has ended answers at /metrics for so long before it exits, so
/// that a scrape sees why: it would be gone again within milliseconds of each restart.
constexpr std::chrono::milliseconds kGapShown{20'000};

constexpr std::uint64_t kBytesPerMib = 1ULL << 20;
/// An ingest reads for long and may wait for its pages: four at once (api::IngestApi), and two more
/// that are told so.
constexpr int kIngestThreads = 6;
constexpr std::array<const char*, 3> kHealthPaths{"/healthz", "/readyz", "/metrics"};

/// Why the program ends: a sentence for people, or an event in a log of JSON lines.
void say(const Error& error, const std::string& sentence) {
  if (logging::format() == logging::Format::kJson) {
    logging::error("the program ends",
                   {{"code", error.code.text()}, {"detail", error.detail}, {"where", error.where}});
    return;
  }
  std::cerr << "vigie: " << sentence << std::endl;
}

int cannot_start(const Error& error) {
  say(error, error.to_string());
  return process::kExitCannotStart;
}

std::string new_instance(Random& random) {
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(random.next()));
  return text;
}

Result<std::string> instance_name(const config::Settings& settings,
                                  const std::filesystem::path& data_dir, Random& random) {
  std::string name = settings.text("log.instance");
  if (!name.empty()) return name;
  return process::read_or_make(data_dir / "instance", [&] { return new_instance(random); });
}

/// Empty where there is nowhere to tell it.
std::function<void(const std::string&, proto::Topic, std::int64_t)> lag_gauges(
    metrics::Registry* metrics) {
  if (metrics == nullptr) return {};
  return [lag = LogMetrics(*metrics).lag](const std::string& group, proto::Topic topic,
                                          std::int64_t records) {
    lag.of(group, proto::spec(topic).short_name).set(static_cast<double>(records));
  };
}

/// Keeps the server of a program that a gap has ended for kGapShown, or until it is told to stop.
void show_gap(Instance& instance, const process::Signals& signals, Clock& clock) {
  const auto failed = instance.failure_of_a_role();
  if (!failed || failed->code != "log_gap") return;
  say(*failed, failed->to_string() + "\nvigie: /metrics is answered for " +
                   std::to_string(kGapShown.count() / 1000) + " s more, then this process ends");
  instance.refresh_figures();  // it may have been ready a moment ago
  clock.sleep_for(kGapShown, signals.token());
}

}  // namespace

std::filesystem::path log_dir(const std::filesystem::path& data_dir) { return data_dir / "log"; }

log::KafkaOptions kafka_options(const config::Settings& settings) {
  log::KafkaOptions options;
  options.brokers = settings.text("log.brokers");
  options.prefix = settings.text("log.prefix");
  options.partitions = static_cast<std::int32_t>(settings.integer("log.partitions"));
  options.replication = static_cast<std::int32_t>(settings.integer("log.replication"));
  options.passthrough = settings.map_below("log.kafka.");
  return options;
}

Result<std::unique_ptr<log::Log>> open_log(const config::Settings& settings,
                                           const std::filesystem::path& data_dir, Clock& clock,
                                           metrics::Registry* metrics) {
  if (settings.text("log.engine") == "kafka") {
    log::KafkaOptions options = kafka_options(settings);
    SystemRandom random;
    VIGIE_ASSIGN(options.instance, instance_name(settings, data_dir, random));
    if (metrics != nullptr) {
      const auto keeper = std::make_shared<KafkaMetrics>(*metrics);
      options.on_figures = [keeper](const log::KafkaFigures& figures) { keeper->take(figures); };
      options.on_replicas = [keeper](const log::KafkaReplicas& replicas) {
        keeper->take(replicas);
      };
      options.on_error = [keeper](std::string_view code) { keeper->error(code); };
      options.on_rebalance = [keeper](const std::string& group) { keeper->rebalance(group); };
    }
    return log::open_kafka(options, clock);
  }
  log::EmbeddedOptions options;
  options.dir = log_dir(data_dir);
  options.partitions = static_cast<std::int32_t>(settings.integer("log.partitions"));
  options.pages_max_bytes =
      static_cast<std::uint64_t>(settings.integer("log.pages_max_mib")) * kBytesPerMib;
  options.on_lag = lag_gauges(metrics);
  return log::open_embedded(options, clock);
}

void observe_requests(http::Router& router, metrics::Registry& registry, const Clock& clock) {
  router.observe(
      [metrics = RequestMetrics(registry)](const std::string& route, int status,
                                           std::chrono::duration<double> took) {
        if (std::ranges::find(kHealthPaths, route) != kHealthPaths.end()) return;
        metrics.requests.of(std::to_string(status / 100) + "xx").add();
        metrics.seconds.of(route).observe(took.count());
      },
      clock);
}

Asked asked_by(const http::Request& request) {
  for (const auto& [name, value] : request.query) {
    if (name == "exclude" && value == "broker") return Asked::kAllButBroker;
  }
  return Asked::kAll;
}

std::string not_ready(Context& context, bool caught_up, Asked asked) {
  if (asked == Asked::kAll && !context.log.connected())
    return "no broker has been connected to for some seconds; it is waited for";
  if (!caught_up) return "the service is still catching up with the log; ask again in a second";
  return "";
}

void add_health_routes(http::Router& router, metrics::Registry& metrics, const Clock& clock,
                       NotReady not_ready) {
  observe_requests(router, metrics, clock);
  router.add("GET", "/metrics", [&metrics](const http::Request&) {
    return http::Response::text(metrics.expose(), "text/plain; version=0.0.4; charset=utf-8");
  });
  router.add("GET", "/healthz", [](const http::Request&) {
    return http::Response::json(Json::object({{"status", "alive"}}));
  });
  router.add("GET", "/readyz", [not_ready = std::move(not_ready)](const http::Request& request) {
    const std::string why = not_ready(asked_by(request));
    if (why.empty()) return http::Response::json(Json::object({{"status", "ready"}}));
    return http::Response::problem(503, "not_ready", why);
  });
}

std::shared_ptr<const http::Router> health_router(std::shared_ptr<const http::Router> router) {
  auto out = std::make_shared<http::Router>();
  for (const std::string_view path : kHealthPaths) {
    out->add("GET", std::string(path), [router](const http::Request& request) {
      http::Request asked = request;
      asked.admitted = false;  // by the guards of the other router
      return router->handle(std::move(asked));
    });
  }
  return out;
}

void configure_logging(const config::Settings& settings) {
  const std::string level = settings.text("log.level");
  const logging::Level least = level == "debug"     ? logging::Level::kDebug
                               : level == "warning" ? logging::Level::kWarning
                               : level == "error"   ? logging::Level::kError
                                                    : logging::Level::kInfo;
  logging::configure(least, settings.text("log.format") == "json" ? logging::Format::kJson
                                                                  : logging::Format::kText);
  proto::tell_library_messages([](std::string_view message) {
    logging::debug("bytes are no record", {{"library", "protobuf"}, {"message", message}});
  });
}

struct Instance::Impl {
  const config::Settings settings;
  std::optional<process::DataDir> data_dir;
  std::filesystem::path dir;
  SystemClock clock;
  SystemRandom random;
  std::unique_ptr<metrics::Registry> metrics;
  std::optional<Figures> figures;
  storage::DiskSpace space{clock, [this] { return storage::file_system_bytes(dir); }};
  std::unique_ptr<log::Log> log;
  std::optional<backup::Freezer> freezer;
  std::atomic<bool> started{false};
  std::unique_ptr<log::Log> patient;  // the same log, for roles
  std::optional<Context> context;
  Parts parts;
  std::stop_source stop;
  std::atomic<std::size_t> running{0};
  std::atomic<bool> ended{false};
  mutable std::mutex failure_mutex;
  std::optional<Error> first_failure;
  std::vector<std::jthread> threads;

  explicit Impl(config::Settings settings_) : settings(std::move(settings_)) {}

  void run_role(const Role& role) {
    auto result = role.run(stop.get_token());
    // A role that waited for a broker when it was asked to stop has not failed: what it could not
    // write or read is done again at the next start.
    const bool gave_up_waiting =
        !result && stop.stop_requested() && result.error().disposition == Disposition::kRetry;
    if (!result && !gave_up_waiting) {
      logging::error("role failed", {{"role", role.name}, {"error", result.error().to_string()}});
      const std::lock_guard lock(failure_mutex);
      if (!first_failure) first_failure = result.error();
      ended = true;  // before it can be seen why
      figures->stopped_by(*first_failure);
      stop.request_stop();
    }
    ended = true;
    running.fetch_sub(1);
  }
};

Result<std::unique_ptr<Instance>> Instance::start(const config::Settings& settings,
                                                  const Make& make) {
  std::unique_ptr<Instance> instance(new Instance());
  instance->impl_ = std::make_unique<Impl>(settings);
  Impl& impl = *instance->impl_;
  impl.dir = settings.text("data_dir");
  VIGIE_ASSIGN(impl.data_dir, process::DataDir::lock(impl.dir));
  impl.metrics = metrics::make_registry();
  impl.figures.emplace(*impl.metrics, impl.settings.program_name(), impl.dir, impl.clock);
  VIGIE_ASSIGN(const std::string name, instance_name(impl.settings, impl.dir, impl.random));
  VIGIE_ASSIGN(auto log, open_log(impl.settings, impl.dir, impl.clock, impl.metrics.get()));
  impl.freezer.emplace(impl.dir);
  if (auto* copied = dynamic_cast<log::Checkpointed*>(log.get()))
    impl.freezer->set_log(
        [copied](const std::filesystem::path& to) { return copied->checkpoint(to); });
  impl.log = log::make_pausing(std::move(log), [&impl] { return impl.space.has_room(); });
  impl.patient = log::make_patient(*impl.log, impl.clock, impl.stop.get_token(),
                                   [&impl] { return impl.started.load(); });
  impl.context.emplace(Context{impl.settings, impl.dir, name, *impl.patient, *impl.log, impl.clock,
                               impl.random, *impl.metrics, *impl.freezer});
  VIGIE_ASSIGN(impl.parts, make(*impl.context));
  impl.started = true;
  impl.running = impl.parts.roles.size();
  for (const Role& role : impl.parts.roles) {
    impl.threads.emplace_back([&impl, &role] { impl.run_role(role); });
  }
  return instance;
}

Instance::~Instance() {
  if (impl_ != nullptr) static_cast<void>(stop().has_value());
}

const Parts& Instance::parts() const { return impl_->parts; }
const std::shared_ptr<const http::Router>& Instance::router() const { return impl_->parts.router; }
const std::filesystem::path& Instance::data_dir() const { return impl_->dir; }
bool Instance::ended() const { return impl_->ended; }

std::optional<Error> Instance::failure_of_a_role() const {
  const std::lock_guard lock(impl_->failure_mutex);
  return impl_->first_failure;
}

void Instance::refresh_figures() {
  http::Request probe;
  probe.path = "/readyz";
  impl_->figures->refresh(!ended() && router()->handle(std::move(probe)).status == 200);
}

void Instance::reload() {
  for (const Role& role : impl_->parts.roles) {
    if (role.reload) role.reload();
  }
}

Result<void> Instance::stop() {
  Impl& impl = *impl_;
  impl.stop.request_stop();
  const std::stop_source never;
  const auto deadline = impl.clock.since_boot() + kStopTime;
  while (impl.running > 0 && impl.clock.since_boot() < deadline)
    impl.clock.sleep_for(std::chrono::milliseconds(5), never.get_token());
  if (impl.running > 0) {
    logging::error("a role did not stop in time; ending without it",
                   {{"waited_ms", static_cast<long>(kStopTime.count())}});
    std::_Exit(impl.first_failure ? process::kExitCannotStart : process::kExitOk);
  }
  impl.threads.clear();
  impl.parts.router.reset();
  impl.parts.roles.clear();
  impl.parts.owner.reset();
  const std::lock_guard lock(impl.failure_mutex);
  if (impl.first_failure) return failure(*impl.first_failure);
  return {};
}

/// Of an address or of localhost; another name may be anybody's, whatever it begins with.
bool is_loopback(const std::string& listen) {
  std::string host = listen.substr(0, listen.rfind(':'));
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  in_addr v4{};
  if (::inet_pton(AF_INET, host.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24U) == 127;
  in6_addr v6{};
  if (::inet_pton(AF_INET6, host.c_str(), &v6) == 1) return IN6_IS_ADDR_LOOPBACK(&v6);
  return host == "localhost";
}

/// Errors: kStop keys_needed, where anybody who reaches this machine could read and change all.
Result<void> check_exposure(const config::Settings& settings, const Parts& parts) {
  const std::string listen = settings.text("http.listen");
  if (!parts.needs_keys || is_loopback(listen) || !settings.text("api.keys_file").empty())
    return {};
  return failure(Disposition::kStop, "keys_needed",
                 "beyond loopback this program answers only callers who show a key: make one with "
                 "`vigie keys FILE` and set api.keys_file to it, or set http.listen to "
                 "127.0.0.1:PORT",
                 listen);
}

/// Lets this process open as many files and sockets as the system allows it; returns how many.
std::uint64_t raise_open_files() {
  struct rlimit limit {};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  struct rlimit raised = limit;
  raised.rlim_cur = limit.rlim_max;
  return ::setrlimit(RLIMIT_NOFILE, &raised) == 0 ? raised.rlim_cur : limit.rlim_cur;
}

/// Streams that leave room for the connections and files of everything else.
std::size_t max_streams(std::size_t wanted) {
  constexpr std::uint64_t kOthers = 4'096;
  const std::uint64_t files = raise_open_files();
  const std::uint64_t most = files > 2 * kOthers ? files - kOthers : files / 4;
  if (most >= wanted) return wanted;
  logging::warn(
      "fewer live streams than http.max_streams: the system allows few open files",
      {{"streams", static_cast<long long>(most)}, {"files", static_cast<long long>(files)}});
  return most;
}

/// What is listened on; both go before what they answer from.
struct Servers {
  std::unique_ptr<http::Server> main;
  std::unique_ptr<http::Server> health;  // null: main answers probes and scrapes

  void close() {
    main.reset();
    health.reset();
  }
};

void say_where(const std::string& what, const http::Server& server) {
  const std::string url = "http://" + server.address();
  if (logging::format() == logging::Format::kJson) logging::info(what, {{"url", url}});
  else std::cerr << what << " on " << url << std::endl;
}

/// Opens them, and writes where: http.addr and health.addr. Errors: kStop bind; those of the files.
Result<Servers> listen(const config::Settings& settings, const Instance& instance,
                       const Clock& clock) {
  const auto note = [&](const char* file, const http::Server& server) {
    return process::write_file_atomically(instance.data_dir() / file, server.address());
  };
  Servers out;
  http::ServerOptions options;
  options.max_streams = max_streams(static_cast<std::size_t>(settings.integer("http.max_streams")));
  options.lanes = {{{"/v1/peer"}, 4, 2},
                   {{kHealthPaths.begin(), kHealthPaths.end()}, 1},
                   {{"/v1/ingest"}, 0, kIngestThreads}};
  std::error_code ignored;
  std::filesystem::remove(instance.data_dir() / kHealthAddressFile, ignored);
  if (const std::string endpoint = settings.text("http.health_listen"); !endpoint.empty()) {
    http::ServerOptions health;
    health.listen = endpoint;
    health.threads = 2;
    health.max_body_bytes = 0;
    VIGIE_ASSIGN(out.health, http::serve(health, health_router(instance.router()), clock));
    VIGIE_TRY(note(kHealthAddressFile, *out.health));
    options.without = {kHealthPaths.begin(), kHealthPaths.end()};
    say_where("health and metrics", *out.health);
  }
  options.listen = settings.text("http.listen");
  VIGIE_ASSIGN(out.main, http::serve(options, instance.router(), clock));
  VIGIE_TRY(note("http.addr", *out.main));
  say_where("listening", *out.main);
  return out;
}

int run(const config::Settings& settings, const Make& make) {
  configure_logging(settings);
  ::umask(077);  // what the data directory holds is for this account alone
  std::mutex instance_mutex;
  std::unique_ptr<Instance> instance;
  process::Signals signals([&] {
    const std::lock_guard lock(instance_mutex);
    if (instance) instance->reload();
  });

  auto started = Instance::start(settings, make);
  if (!started) return cannot_start(started.error());
  if (auto safe = check_exposure(settings, (*started)->parts()); !safe)
    return cannot_start(safe.error());
  {
    const std::lock_guard lock(instance_mutex);
    instance = std::move(*started);
  }

  SystemClock clock;
  auto servers = listen(settings, *instance, clock);
  if (!servers) return cannot_start(servers.error());

  auto figures_due = clock.since_boot();
  while (!signals.token().stop_requested() && !instance->ended()) {
    if (clock.since_boot() >= figures_due) {
      instance->refresh_figures();
      figures_due = clock.since_boot() + kFiguresEvery;
    }
    clock.sleep_for(std::chrono::milliseconds(200), signals.token());
  }
  show_gap(*instance, signals, clock);
  servers->close();
  std::unique_ptr<Instance> ending;
  {
    const std::lock_guard lock(instance_mutex);
    ending = std::move(instance);
  }
  auto stopped = ending->stop();
  return stopped ? process::kExitOk : cannot_start(stopped.error());
}

int run_single(const config::Settings& settings, const Make& make) {
  if (settings.text("log.engine") == "embedded") {
    configure_logging(settings);
    return cannot_start({"bad_setting", Disposition::kStop,
                         "the embedded log belongs to one process, which runs all services: start "
                         "`vigie up` instead, or set log.engine to kafka to run services apart",
                         settings.program_name() + ": log.engine"});
  }
  return run(settings, make);
}

}  // namespace vigie::service
