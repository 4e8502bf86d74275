#include "vigie/api_client.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "platform/net/http_client.h"
#include "platform/process/process.h"
#include "platform/service/service.h"
#include "platform/text/utf8.h"
#include "vigie/station.h"

namespace vigie::cli {
namespace {

/// A call may wait for a whole batch to become searchable.
constexpr std::chrono::milliseconds kCallTime{15 * 60 * 1000};
constexpr std::size_t kResponseBytes = 1ULL << 30;

class RemoteApi final : public Api {
 public:
  RemoteApi(std::string base, std::string key) : base_(std::move(base)), key_(std::move(key)) {
    while (base_.ends_with('/')) base_.pop_back();
    if (base_.find("://") == std::string::npos) base_ = "http://" + base_;
    net::CurlOptions options;
    options.user_agent = "vigie/" VIGIE_VERSION;
    // A person named this server: any address is right.
    for (const char* network : {"0.0.0.0/0", "::/0"}) {
      if (auto parsed = net::parse_network(network)) options.allow_networks.push_back(*parsed);
    }
    client_ = net::make_curl_client(std::move(options));
  }

  Result<http::Response> call(http::Request request) override {
    net::HttpRequest out;
    out.method = request.method;
    out.url = base_;
    std::size_t begin = 0;
    while (begin < request.path.size()) {  // each part is encoded by itself
      const std::size_t slash = request.path.find('/', begin + 1);
      out.url +=
          '/' + http::percent_encode(
                    std::string_view(request.path)
                        .substr(begin + 1, slash == std::string::npos ? slash : slash - begin - 1));
      begin = slash == std::string::npos ? request.path.size() : slash;
    }
    char separator = '?';
    for (const auto& [name, value] : request.query) {
      out.url += separator + http::percent_encode(name) + '=' + http::percent_encode(value);
      separator = '&';
    }
    for (const auto& [name, value] : request.headers) out.headers.emplace_back(name, value);
    if (!key_.empty()) out.headers.emplace_back("authorization", "Bearer " + key_);
    out.body = std::move(request.body);
    out.limits.total = kCallTime;
    out.limits.stall = kCallTime;
    out.limits.decoded_bytes = kResponseBytes;
    auto fetched = client_->fetch(std::move(out));
    if (!fetched) {
      return failure(
          Disposition::kStop, "unreachable",
          "cannot ask " + base_ + ": " + fetched.error().to_string() + "; is vigie running there?",
          base_);
    }
    http::Response response;
    response.status = fetched->status;
    response.headers = std::move(fetched->headers);
    response.body = std::move(fetched->body);
    return response;
  }
  std::string where() const override { return base_; }

 private:
  std::string base_;
  std::string key_;
  std::unique_ptr<net::HttpClient> client_;
};

class LocalApi final : public Api {
 public:
  /// `scratch`: a directory that goes with this; empty: none.
  explicit LocalApi(std::unique_ptr<service::Instance> instance, std::filesystem::path scratch = {})
      : instance_(std::move(instance)), scratch_(std::move(scratch)) {}
  ~LocalApi() override {
    instance_.reset();
    std::error_code ignored;
    if (!scratch_.empty()) std::filesystem::remove_all(scratch_, ignored);
  }

  /// Waits until every part has caught up with the log: before that the index would answer with
  /// less than it has.
  Result<void> wait_until_ready() {
    SystemClock clock;
    const std::stop_source never;
    for (;;) {
      http::Request request;
      request.path = "/readyz";
      VIGIE_ASSIGN(const http::Response response, call(std::move(request)));
      if (response.status == 200) return {};
      clock.sleep_for(std::chrono::milliseconds(10), never.get_token());
    }
  }

  Result<http::Response> call(http::Request request) override {
    if (instance_->ended()) {
      if (auto stopped = instance_->stop(); !stopped) return failure(stopped.error());
      return failure(Disposition::kStop, "ended", "a part of vigie ended while the command ran");
    }
    return instance_->router()->handle(std::move(request));
  }
  std::string where() const override { return "this process"; }

 private:
  std::unique_ptr<service::Instance> instance_;
  std::filesystem::path scratch_;
};

service::Make make_of(InProcess parts) {
  switch (parts) {
    case InProcess::kIndex: return make_station({});
    case InProcess::kIndexAndExtractor: return make_station({.extractor = true});
    case InProcess::kLogAndExtractor: return make_station({.extractor = true});
    case InProcess::kLog: break;
  }
  return make_log_station();
}

/// The topics on Kafka are reached without a data directory of one's own: what an instance wants on
/// disk is made for the while.
Result<std::unique_ptr<Api>> connect_to_kafka(const config::Settings& settings, InProcess parts) {
  if (parts == InProcess::kIndex || parts == InProcess::kIndexAndExtractor) {
    return failure(
        Disposition::kStop, "no_server",
        "with log.engine kafka the indexers hold the index; name one of them with --server URL",
        settings.text("log.brokers"));
  }
  std::error_code error;
  const std::filesystem::path temporary = std::filesystem::temp_directory_path(error);
  std::string scratch =
      ((error ? std::filesystem::path("/tmp") : temporary) / "vigie-XXXXXX").string();
  if (mkdtemp(scratch.data()) == nullptr)
    return failure(Disposition::kStop, "io",
                   "a temporary directory cannot be made; set TMPDIR to one that can be written",
                   scratch);
  config::Settings here = settings;
  here.values["data_dir"].value = Json(scratch);
  auto instance = service::Instance::start(here, make_log_station());
  if (!instance) {
    std::filesystem::remove_all(scratch, error);
    return failure(std::move(instance.error()));
  }
  return std::unique_ptr<Api>(std::make_unique<LocalApi>(std::move(*instance), scratch));
}

/// A plain key of the file that the process itself reads: who may read that may call. Empty where
/// there is none.
std::string first_key(const std::string& file) {
  if (file.empty()) return {};
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    const std::string_view key = text::trim(line);
    if (!key.empty() && key.front() != '#' && !key.starts_with("sha256:")) return std::string(key);
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<Api>> connect(const config::Settings& settings, const ApiTarget& target,
                                     InProcess parts, bool must_exist) {
  const char* given = std::getenv("VIGIE_API_KEY");
  const std::string key = given != nullptr ? given : std::string();
  if (!target.server.empty())
    return std::unique_ptr<Api>(std::make_unique<RemoteApi>(target.server, key));
  const std::filesystem::path dir = settings.text("data_dir");
  if (const std::string address = process::holder_address(dir); !address.empty()) {
    return std::unique_ptr<Api>(std::make_unique<RemoteApi>(
        address, key.empty() ? first_key(settings.text("api.keys_file")) : key));
  }
  if (settings.text("log.engine") == "kafka") return connect_to_kafka(settings, parts);
  std::error_code ignored;
  if (must_exist && !std::filesystem::exists(service::log_dir(dir), ignored)) {
    return failure(Disposition::kStop, "no_data",
                   "there is no vigie data here; start `vigie up`, or name the place with --data "
                   "DIR or --server URL",
                   dir.string());
  }
  VIGIE_ASSIGN(auto instance, service::Instance::start(settings, make_of(parts)));
  auto api = std::make_unique<LocalApi>(std::move(instance));
  VIGIE_TRY(api->wait_until_ready());
  return std::unique_ptr<Api>(std::move(api));
}

Result<Json> json_response(Result<http::Response> response, const std::string& where) {
  if (!response) return failure(std::move(response.error()));
  auto body = parse_json(response->body);
  if (response->status >= 400) {
    std::string detail = body ? (*body)["detail"].as_string() : std::string();
    if (detail.empty()) detail = "answered with status " + std::to_string(response->status);
    const std::string told = body ? (*body)["code"].as_string() : std::string();
    const ErrorCode code = told.empty() ? ErrorCode("bad_status") : ErrorCode::from_text(told);
    if (response->status == 401) {
      return failure(Disposition::kStop, code,
                     "the API wants a key: set VIGIE_API_KEY, or name the file of keys by --set "
                     "api.keys_file=FILE or --config",
                     where);
    }
    return failure(Disposition::kQuarantine, code, std::move(detail), where);
  }
  if (!body)
    return failure(Disposition::kStop, "bad_answer",
                   "the response is no JSON: " + body.error().to_string(), where);
  return std::move(*body);
}

}  // namespace vigie::cli
