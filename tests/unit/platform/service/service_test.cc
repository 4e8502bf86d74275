#include "platform/service/service.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <ctime>
#include <memory>
#include <string_view>
#include <thread>
#include <vector>

#include "platform/net/http_client.h"
#include "platform/process/process.h"
#include "platform/service/health.h"
#include "tests/fakes/fake_clock.h"

namespace vigie::service {
namespace {

using std::chrono::milliseconds;

class ServiceTest : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/vigie-service-XXXXXX";
    ASSERT_NE(mkdtemp(name), nullptr);
    dir_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(dir_); }

  config::Settings settings(std::vector<std::string> sets = {}) const {
    sets.push_back("data_dir=" + (dir_ / "data").string());
    sets.emplace_back("http.listen=127.0.0.1:0");
    sets.emplace_back("log.partitions=1");
    auto loaded = config::load(config::Program::kUp, {"", sets, {}});
    EXPECT_TRUE(loaded) << loaded.error().to_string();
    return *loaded;
  }

  std::filesystem::path dir_;
};

/// Ends when it is asked to.
Role patient(std::string name, std::atomic<int>* ended = nullptr) {
  return {std::move(name), [ended](std::stop_token stop) -> Result<void> {
            SystemClock clock;
            static_cast<void>(clock.sleep_for(std::chrono::hours(1), stop));
            if (ended != nullptr) ++*ended;
            return {};
          }};
}

Role failing(ErrorCode code = "disk_full") {
  return {"failing", [code](std::stop_token) -> Result<void> {
            return failure(Disposition::kStop, code, "free some space and start again",
                           "pages/0/5");
          }};
}

std::shared_ptr<const http::Router> empty_router() { return std::make_shared<http::Router>(); }

bool wait_until_ended(const Instance& instance) {
  for (int i = 0; i < 5000 && !instance.ended(); ++i) std::this_thread::sleep_for(milliseconds(1));
  return instance.ended();
}

TEST_F(ServiceTest, InstanceStartsRolesAndStopsThemInTime) {
  std::atomic<int> ended{0};
  auto instance = Instance::start(settings(), [&](Context&) -> Result<Parts> {
    return Parts{{patient("a", &ended), patient("b", &ended)}, empty_router(), nullptr};
  });
  ASSERT_TRUE(instance) << instance.error().to_string();
  EXPECT_FALSE((*instance)->ended());
  EXPECT_NE((*instance)->router(), nullptr);
  SystemClock clock;
  const auto before = clock.since_boot();
  EXPECT_TRUE((*instance)->stop());
  EXPECT_LT(clock.since_boot() - before, milliseconds(9000));
  EXPECT_EQ(ended, 2);
}

TEST_F(ServiceTest, TheFirstFailureOfARoleEndsTheInstanceAndIsReturned) {
  std::atomic<int> ended{0};
  auto instance = Instance::start(settings(), [&](Context&) -> Result<Parts> {
    return Parts{{patient("patient", &ended), failing()}, empty_router(), nullptr};
  });
  ASSERT_TRUE(instance) << instance.error().to_string();
  EXPECT_TRUE(wait_until_ended(**instance));
  const auto stopped = (*instance)->stop();
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code, ErrorCode("disk_full"));
  EXPECT_EQ(stopped.error().where, "pages/0/5");
  EXPECT_EQ(ended, 1) << "the others are stopped too";
}

TEST_F(ServiceTest, ASecondInstanceOfTheSameDirectoryIsRefusedAndNamesTheHolder) {
  const auto make = [](Context&) -> Result<Parts> { return Parts{{}, empty_router(), nullptr}; };
  auto first = Instance::start(settings(), make);
  ASSERT_TRUE(first);
  ASSERT_TRUE(process::write_file_atomically(dir_ / "data" / "http.addr", "127.0.0.1:4711"));
  const auto second = Instance::start(settings(), make);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode("locked"));
  EXPECT_NE(second.error().detail.find("http://127.0.0.1:4711"), std::string::npos)
      << second.error().detail;
  EXPECT_NE(second.error().detail.find(std::to_string(getpid())), std::string::npos);
  first->reset();
  EXPECT_TRUE(Instance::start(settings(), make)) << "a stopped instance lets go";
}

TEST_F(ServiceTest, AFailureToMakeThePartsIsReturnedAndLetsGoOfTheDirectory) {
  const auto failed = Instance::start(settings(), [](Context&) -> Result<Parts> {
    return failure(Disposition::kStop, "bad_pack", "fix the pack");
  });
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, ErrorCode("bad_pack"));
  EXPECT_TRUE(Instance::start(settings(), [](Context&) -> Result<Parts> { return Parts{}; }));
}

TEST_F(ServiceTest, TheNameOfAnInstanceIsMadeOnceAndKept) {
  std::vector<std::string> names;
  for (int i = 0; i < 2; ++i) {
    auto instance = Instance::start(settings(), [&](Context& context) -> Result<Parts> {
      names.push_back(context.instance);
      return Parts{};
    });
    ASSERT_TRUE(instance);
  }
  EXPECT_EQ(names[0].size(), 16U);
  EXPECT_EQ(names[0], names[1]);
  EXPECT_EQ(process::read_file(dir_ / "data" / "instance").value(), names[0]);
}

TEST_F(ServiceTest, TheNameOfTheSettingsWins) {
  std::string name;
  auto instance =
      Instance::start(settings({"log.instance=crawler-1"}), [&](Context& context) -> Result<Parts> {
        name = context.instance;
        return Parts{};
      });
  ASSERT_TRUE(instance);
  EXPECT_EQ(name, "crawler-1");
}

TEST_F(ServiceTest, ReloadReachesEveryRoleThatCanAndTheOwnerGoesLast) {
  std::atomic<int> reloads{0};
  std::atomic<bool> running{true};
  std::atomic<bool> owner_went_last{false};
  auto instance = Instance::start(settings(), [&](Context&) -> Result<Parts> {
    Parts parts;
    parts.roles.push_back(patient("cannot"));
    Role can = patient("can");
    can.run = [&](std::stop_token stop) -> Result<void> {
      SystemClock clock;
      static_cast<void>(clock.sleep_for(std::chrono::hours(1), stop));
      running = false;
      return {};
    };
    can.reload = [&] { ++reloads; };
    parts.roles.push_back(std::move(can));
    parts.owner = std::shared_ptr<void>(nullptr, [&](void*) { owner_went_last = !running; });
    return parts;
  });
  ASSERT_TRUE(instance);
  (*instance)->reload();
  (*instance)->reload();
  EXPECT_EQ(reloads, 2);
  EXPECT_TRUE((*instance)->stop());
  EXPECT_TRUE(owner_went_last);
}

TEST_F(ServiceTest, WhatWasSentIsThereForTheNextInstance) {
  ASSERT_TRUE(Instance::start(settings(), [](Context& context) -> Result<Parts> {
    auto producer = context.log.producer();
    VIGIE_TRY(producer->send({proto::Topic::kPages, "key", "value"}));
    VIGIE_TRY(producer->flush());
    return Parts{};
  }));
  auto again = Instance::start(settings(), [](Context& context) -> Result<Parts> {
    VIGIE_ASSIGN(const log::OffsetRange range, context.log.offsets({proto::Topic::kPages, 0}));
    EXPECT_EQ(range.end, 1);
    return Parts{};
  });
  EXPECT_TRUE(again);
}

TEST(HealthRoutes, TellAliveReadyAndFigures) {
  const auto metrics = metrics::make_registry();
  metrics->counter("vigie_things_total", "Things.").add(4);
  bool ready = false;
  bool connected = true;
  const FakeClock clock;
  http::Router router;
  add_health_routes(router, *metrics, clock, [&](Asked asked) {
    const bool broker = asked == Asked::kAllButBroker || connected;
    return std::string(ready && broker ? "" : "not yet");
  });
  const auto get = [&](const char* path) {
    http::Request request;
    request.path = path;
    return router.handle(request);
  };
  EXPECT_EQ(get("/healthz").status, 200);
  EXPECT_EQ(get("/readyz").status, 503);
  ready = true;
  EXPECT_EQ(get("/readyz").status, 200);
  connected = false;
  EXPECT_EQ(get("/readyz").status, 503);
  EXPECT_NE(get("/readyz").body.find("not yet"), std::string::npos) << "and says why";
  EXPECT_EQ(get("/healthz").status, 200);
  http::Request without;
  without.path = "/readyz";
  without.query = {{"exclude", "broker"}};
  EXPECT_EQ(router.handle(without).status, 200) << "who searches needs no broker";
  EXPECT_NE(get("/metrics").body.find("vigie_things_total 4"), std::string::npos);
  EXPECT_EQ(get("/nothing").status, 404);
  EXPECT_EQ(metrics->counter("vigie_http_requests_total", "", {{"class", "4xx"}}).value(), 1);
  EXPECT_EQ(get("/metrics").body.find("route=\"/readyz\""), std::string::npos)
      << "probes are left out";
}

TEST(HealthRoutes, OnAListenerOfTheirOwnAreGuardedAsOnTheOther) {
  const auto metrics = metrics::make_registry();
  const FakeClock clock;
  auto router = std::make_shared<http::Router>();
  add_health_routes(*router, *metrics, clock, [](Asked) { return std::string(); });
  router->guard([](const http::Request& request) -> std::optional<http::Response> {
    if (request.header("host") == "localhost") return std::nullopt;
    return http::Response::problem(421, "bad_host", "no");
  });
  const auto health = health_router(router);
  http::Request request;
  request.path = "/metrics";
  EXPECT_EQ(health->handle(request).status, 421);
  EXPECT_TRUE(health->admit(request).refused == std::nullopt);
  EXPECT_EQ(health->handle(request).status, 421) << "also once a server has let it in";
  request.headers["host"] = "localhost";
  EXPECT_EQ(health->handle(request).status, 200);
}

TEST_F(ServiceTest, ProgramsTellWhatTheyAreAndWhatTheyUse) {
  const auto router = std::make_shared<http::Router>();
  auto instance = Instance::start(settings(), [&](Context& context) -> Result<Parts> {
    add_health_routes(*router, context.metrics, context.clock, [](Asked) { return std::string(); });
    return Parts{{patient("a")}, router, nullptr};
  });
  ASSERT_TRUE(instance) << instance.error().to_string();
  (*instance)->refresh_figures();
  http::Request request;
  request.path = "/metrics";
  const std::string figures = (*instance)->router()->handle(request).body;
  EXPECT_NE(figures.find("vigie_build_info{program=\"vigie up\",version=\"" VIGIE_VERSION "\"} 1"),
            std::string::npos)
      << figures;
  EXPECT_NE(figures.find("vigie_ready 1\n"), std::string::npos) << figures;
  EXPECT_NE(figures.find("vigie_log_gap 0\n"), std::string::npos) << figures;
  for (const char* name :
       {"vigie_process_resident_bytes", "vigie_process_open_files", "vigie_data_free_bytes",
        "vigie_data_size_bytes", "vigie_process_start_time_seconds"}) {
    const std::size_t at = figures.find("\n" + std::string(name) + " ");
    ASSERT_NE(at, std::string::npos) << name << "\n" << figures;
    EXPECT_GT(std::strtod(figures.c_str() + at + std::string(name).size() + 2, nullptr), 0) << name;
  }
}

/// Runs the program in a child and gives its exit code; `meanwhile` runs beside it with its process
/// id.
template <class Work, class Meanwhile>
int exit_code_of(Work work, Meanwhile meanwhile) {
  const pid_t child = fork();
  if (child == 0) {
    alarm(30);
    _exit(work());
  }
  meanwhile(child);
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

// ops/spec/command_line.md: SIGTERM and SIGINT finish what is in hand and exit 0 within 10 s; the
// address stands in http.addr meanwhile.
TEST_F(ServiceTest, RunServesUntilItIsAskedToStop) {
  const auto all = settings();
  std::string address;
  const int code = exit_code_of(
      [&] {
        return run(all, [](Context&) -> Result<Parts> {
          return Parts{{patient("a")}, empty_router(), nullptr};
        });
      },
      [&](pid_t child) {
        for (int i = 0; i < 10'000 && address.empty(); ++i) {
          std::this_thread::sleep_for(milliseconds(1));
          address = process::holder_address(dir_ / "data");
        }
        kill(child, SIGTERM);
      });
  EXPECT_TRUE(address.starts_with("127.0.0.1:")) << address;
  EXPECT_EQ(code, process::kExitOk);
  EXPECT_EQ(process::holder_address(dir_ / "data"), "");
}

TEST_F(ServiceTest, RunExitsWith3WhenARoleFailsOrItCannotStart) {
  const auto all = settings();
  const auto nothing = [](pid_t) {};
  EXPECT_EQ(exit_code_of(
                [&] {
                  return run(all, [](Context&) -> Result<Parts> {
                    return Parts{{patient("a"), failing()}, empty_router(), nullptr};
                  });
                },
                nothing),
            process::kExitCannotStart);
  auto held = process::DataDir::lock(dir_ / "data");
  ASSERT_TRUE(held);
  EXPECT_EQ(exit_code_of(
                [&] {
                  return run(all, [](Context&) -> Result<Parts> {
                    return Parts{{}, empty_router(), nullptr};
                  });
                },
                nothing),
            process::kExitCannotStart);
}

// SECURITY.md: what gives data to whoever asks is not opened to others by accident.
TEST_F(ServiceTest, RunDoesNotListenBeyondLoopbackWithoutKeys) {
  auto all = settings();
  all.values["http.listen"] = {Json("0.0.0.0:0"), "--set"};
  EXPECT_EQ(exit_code_of(
                [&] {
                  return run(all, [](Context&) -> Result<Parts> {
                    return Parts{{patient("a")}, empty_router(), nullptr, true};
                  });
                },
                [](pid_t) {}),
            process::kExitCannotStart);
  // A name is not loopback because it begins like an address of it.
  for (const char* listen : {"127.0.0.1.example.invalid:0", "[::]:0", "127.1.example.invalid:0"}) {
    all.values["http.listen"] = {Json(listen), "--set"};
    const std::string said = (dir_ / "said").string();
    EXPECT_EQ(exit_code_of(
                  [&] {
                    if (std::freopen(said.c_str(), "w", stderr) == nullptr) return 99;
                    return run(all, [](Context&) -> Result<Parts> {
                      return Parts{{patient("a")}, empty_router(), nullptr, true};
                    });
                  },
                  [](pid_t) {}),
              process::kExitCannotStart);
    EXPECT_NE(process::read_file(said).value_or("").find("keys_needed"), std::string::npos)
        << listen;
  }
  all.values["http.listen"] = {Json("0.0.0.0:0"), "--set"};
  std::string address;
  EXPECT_EQ(exit_code_of(
                [&] {
                  return run(all, [](Context&) -> Result<Parts> {
                    return Parts{{patient("a")}, empty_router(), nullptr, false};
                  });
                },
                [&](pid_t child) {
                  for (int i = 0; i < 10'000 && address.empty(); ++i) {
                    std::this_thread::sleep_for(milliseconds(1));
                    address = process::holder_address(dir_ / "data");
                  }
                  kill(child, SIGTERM);
                }),
            process::kExitOk)
      << "health and metrics alone may be asked from elsewhere";
}

/// The response of the process that holds the data directory, as its bytes came; "" where nobody
/// answers.
std::string ask(const std::string& address, const std::string& path) {
  net::CurlOptions options;
  options.allow_networks.push_back(net::parse_network("127.0.0.0/8").value());
  net::HttpRequest request;
  request.url = "http://" + address + path;
  const auto response = net::make_curl_client(std::move(options))->fetch(std::move(request));
  return response ? response->body : std::string();
}

// A service that restarts after a gap would be gone before any scrape: the reason has to be seen
// first.
TEST_F(ServiceTest, AGapInTheLogIsShownInTheMetricsBeforeTheProgramEnds) {
  const auto all = settings();
  std::string figures;
  const int code = exit_code_of(
      [&] {
        return run(all, [](Context& context) -> Result<Parts> {
          const auto router = std::make_shared<http::Router>();
          add_health_routes(*router, context.metrics, context.clock,
                            [](Asked) { return std::string(); });
          return Parts{{patient("a"), failing("log_gap")}, router, nullptr};
        });
      },
      [&](pid_t child) {
        for (int i = 0; i < 1000 && figures.find("vigie_log_gap 1") == std::string::npos; ++i) {
          std::this_thread::sleep_for(milliseconds(10));
          if (const std::string address = process::holder_address(dir_ / "data"); !address.empty())
            figures = ask(address, "/metrics");
        }
        kill(child, SIGTERM);
      });
  EXPECT_NE(figures.find("vigie_log_gap 1"), std::string::npos) << figures;
  EXPECT_NE(figures.find("vigie_ready 0"), std::string::npos);
  EXPECT_EQ(code, process::kExitCannotStart) << "the exit code is that of the failure";
}

TEST_F(ServiceTest, HealthAsksTheProcessThatHoldsTheDirectory) {
  const auto all = settings();
  EXPECT_EQ(ask_health(all), process::kExitSomeFailed) << "nobody runs";
  int when_running = -1;
  exit_code_of(
      [&] {
        return run(all, [](Context& context) -> Result<Parts> {
          const auto router = std::make_shared<http::Router>();
          add_health_routes(*router, context.metrics, context.clock,
                            [](Asked) { return std::string(); });
          return Parts{{patient("a")}, router, nullptr};
        });
      },
      [&](pid_t child) {
        for (int i = 0; i < 1000 && process::holder_address(dir_ / "data").empty(); ++i)
          std::this_thread::sleep_for(milliseconds(10));
        when_running = ask_health(all);
        kill(child, SIGTERM);
      });
  EXPECT_EQ(when_running, process::kExitOk);
}

int status_of(const std::string& address, const std::string& path) {
  net::CurlOptions options;
  options.allow_networks.push_back(net::parse_network("127.0.0.0/8").value());
  net::HttpRequest request;
  request.url = "http://" + address + path;
  const auto response = net::make_curl_client(std::move(options))->fetch(std::move(request));
  return response ? response->status : 0;
}

/// A connection that has sent something and waits.
class Waiting {
 public:
  Waiting(const std::string& address, std::string_view sent) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port =
        htons(static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1))));
    inet_pton(AF_INET, "127.0.0.1", &to.sin_addr);
    EXPECT_EQ(::connect(socket_, reinterpret_cast<const sockaddr*>(&to), sizeof to), 0);
    EXPECT_EQ(::send(socket_, sent.data(), sent.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(sent.size()));
  }
  ~Waiting() { ::close(socket_); }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;

 private:
  int socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
};

// ops/spec/settings.md, http.health_listen: on threads of its own, however busy the others are.
/// To take pages in is long by its nature: it says nothing of what else its caller asks for.
TEST_F(ServiceTest, WhoTakesPagesInIsNoSuspectElsewhere) {
  const auto all = settings();
  const int code = exit_code_of(
      [&] {
        return run(all, [](Context&) -> Result<Parts> {
          const auto router = std::make_shared<http::Router>();
          router->add("GET", "/v1/ingest", [](const http::Request& request) {
            const std::clock_t begin = std::clock();
            while ((std::clock() - begin) * 10 < CLOCKS_PER_SEC) {
            }
            return http::Response::text("", "text/plain", request.may_take_long ? 200 : 202);
          });
          router->add("GET", "/ask", [](const http::Request& request) {
            return http::Response::text("", "text/plain", request.may_take_long ? 202 : 200);
          });
          return Parts{{patient("a")}, router, nullptr};
        });
      },
      [&](pid_t child) {
        std::string main;
        for (int i = 0; i < 1000 && main.empty(); ++i) {
          std::this_thread::sleep_for(milliseconds(10));
          main = process::holder_address(dir_ / "data");
        }
        for (int i = 0; i < 3; ++i) {
          EXPECT_EQ(status_of(main, "/v1/ingest"), 200);
          EXPECT_EQ(status_of(main, "/ask"), 200);
        }
        kill(child, SIGTERM);
      });
  EXPECT_EQ(code, process::kExitOk);
}

TEST_F(ServiceTest, HealthHasAListenerOfItsOwnThatAnswersUnderLoad) {
  auto all = settings();
  all.values["http.health_listen"] = {Json("127.0.0.1:0"), "--set"};
  SystemClock clock;
  std::vector<std::chrono::milliseconds> took;
  const int code = exit_code_of(
      [&] {
        return run(all, [](Context& context) -> Result<Parts> {
          const auto router = std::make_shared<http::Router>();
          add_health_routes(*router, context.metrics, context.clock,
                            [](Asked) { return std::string(); });
          router->add("GET", "/slow", [](const http::Request& request) {
            SystemClock machine;
            static_cast<void>(machine.sleep_for(std::chrono::seconds(60), request.gone));
            return http::Response::text("done", "text/plain");
          });
          return Parts{{patient("a")}, router, nullptr};
        });
      },
      [&](pid_t child) {
        std::string main;
        for (int i = 0; i < 1000 && main.empty(); ++i) {
          std::this_thread::sleep_for(milliseconds(10));
          main = process::holder_address(dir_ / "data");
        }
        const std::string health =
            process::read_file(dir_ / "data" / kHealthAddressFile).value_or("");
        EXPECT_NE(main, health);
        for (const char* path : {"/healthz", "/readyz", "/metrics"}) {
          EXPECT_EQ(status_of(health, path), 200) << path;
          EXPECT_EQ(status_of(main, path), 404) << path;
        }
        EXPECT_EQ(status_of(health, "/slow"), 404) << "nothing else is there";
        EXPECT_EQ(ask_health(all), process::kExitOk) << "the health check finds it";
        std::vector<std::unique_ptr<Waiting>> callers;  // more than there are handlers
        for (int i = 0; i < 200; ++i)
          callers.push_back(
              std::make_unique<Waiting>(main, "GET /slow HTTP/1.1\r\nHost: a\r\n\r\n"));
        for (int i = 0; i < 20; ++i) {
          const auto begin = clock.since_boot();
          EXPECT_EQ(status_of(health, "/healthz"), 200);
          took.push_back(clock.since_boot() - begin);
        }
        callers.clear();
        kill(child, SIGTERM);
      });
  EXPECT_EQ(code, process::kExitOk);
  std::ranges::sort(took);
  ASSERT_EQ(took.size(), 20U);
  EXPECT_LT(took[10], milliseconds(500)) << "the aim is 100 ms on a machine that does nothing else";
}

TEST_F(ServiceTest, HealthBelongsToTheOneListenerWhereNoOtherIsSet) {
  ASSERT_TRUE(process::DataDir::lock(dir_ / "data"));
  ASSERT_TRUE(process::write_file_atomically(dir_ / "data" / kHealthAddressFile, "127.0.0.1:1"));
  const auto all = settings();
  int when_running = -1;
  exit_code_of(
      [&] {
        return run(all, [](Context& context) -> Result<Parts> {
          const auto router = std::make_shared<http::Router>();
          add_health_routes(*router, context.metrics, context.clock,
                            [](Asked) { return std::string(); });
          return Parts{{patient("a")}, router, nullptr};
        });
      },
      [&](pid_t child) {
        for (int i = 0; i < 1000 && process::holder_address(dir_ / "data").empty(); ++i)
          std::this_thread::sleep_for(milliseconds(10));
        when_running = ask_health(all);
        kill(child, SIGTERM);
      });
  EXPECT_EQ(when_running, process::kExitOk) << "what an earlier start left is not asked";
}

TEST_F(ServiceTest, ASingleServiceRefusesTheEmbeddedLog) {
  testing::internal::CaptureStderr();
  EXPECT_EQ(run_single(settings(), [](Context&) -> Result<Parts> { return Parts{}; }),
            process::kExitCannotStart);
  EXPECT_NE(testing::internal::GetCapturedStderr().find("vigie up"), std::string::npos);
}

}  // namespace
}  // namespace vigie::service
