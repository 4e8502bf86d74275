#include "indexer/translation/engine.h"

#include <condition_variable>
#include <mutex>
#include <optional>
#include <utility>

#include "platform/json/json.h"
#include "platform/net/http_client.h"
#include "platform/process/command.h"
#include "platform/text/utf8.h"

namespace vigie::indexer::translation {
namespace {

constexpr std::size_t kMaxResponseBytes = 4ULL << 20;
constexpr std::size_t kMaxReasonBytes = 200;  // of what a translator says of itself

tl::unexpected<Error> failed(ErrorCode code, std::string detail) {
  return failure(Disposition::kRetry, code, std::move(detail));
}

/// What the translator says of its failure, after a colon; or nothing.
std::string reason_in(const std::string& body) {
  const auto json = parse_json(body);
  const std::string said = json ? text::collapse_spaces((*json)["error"].as_string()) : "";
  return said.empty() ? "" : ": " + text::ellipsize(said, kMaxReasonBytes);
}

Result<std::vector<std::string>> translations_of(const net::HttpResponse& response,
                                                 std::size_t texts) {
  const int status = response.status;
  const std::string what =
      "the translator answered " + std::to_string(status) + reason_in(response.body);
  if (status == 200 && response.truncation == net::HttpTruncation::kNone)
    return texts_of(response.body, texts);
  if (status == 400 || status == 413 || status == 422)
    return failure(Disposition::kQuarantine, "bad_argument", what);
  if (status == 401 || status == 403) return failed("not_authorized", what);
  if (status == 429) return failed("too_many_requests", what);
  return failed("bad_answer", what);
}

class HttpEngine final : public Engine {
 public:
  HttpEngine(net::HttpClient& client, std::string url, std::string api_key,
             std::chrono::milliseconds timeout)
      : client_(client), url_(std::move(url)), api_key_(std::move(api_key)), timeout_(timeout) {
    while (url_.ends_with('/')) url_.pop_back();
    if (!url_.ends_with("/translate")) url_ += "/translate";
  }

  Result<std::vector<std::string>> translate(const Batch& batch,
                                             const std::stop_token& stop) override {
    net::HttpRequest request;
    request.method = "POST";
    request.url = url_;
    request.headers = {{"Content-Type", "application/json"}, {"Accept", "application/json"}};
    request.body = request_of(batch, api_key_);
    request.limits.total = timeout_;
    request.limits.stall = timeout_;  // a model thinks before it writes
    request.limits.decoded_bytes = kMaxResponseBytes;
    const Result<net::HttpResponse> response = fetch(std::move(request), stop);
    if (!response)
      return failed(response.error().code,
                    "the translator does not answer: " + response.error().detail);
    return translations_of(*response, batch.texts.size());
  }

 private:
  /// What a stop may leave behind: the client keeps it until the exchange has ended.
  struct Pending {
    std::mutex mutex;
    std::condition_variable_any changed;
    std::optional<Result<net::HttpResponse>> response;
  };

  Result<net::HttpResponse> fetch(net::HttpRequest request, const std::stop_token& stop) {
    // shared with the callback, which may come after a stop
    const auto pending = std::make_shared<Pending>();
    client_.start(std::move(request), [pending](Result<net::HttpResponse> response) {
      const std::lock_guard lock(pending->mutex);
      pending->response = std::move(response);
      pending->changed.notify_all();
    });
    std::unique_lock lock(pending->mutex);
    if (!pending->changed.wait(lock, stop, [&] { return pending->response.has_value(); }))
      return failed("stopped", "stopped");
    return std::move(*pending->response);
  }

  net::HttpClient& client_;
  std::string url_;
  std::string api_key_;
  std::chrono::milliseconds timeout_;
};

class CommandEngine final : public Engine {
 public:
  CommandEngine(std::vector<std::string> argv, Clock& clock, std::chrono::milliseconds timeout)
      : argv_(std::move(argv)), clock_(clock), timeout_(timeout) {}

  Result<std::vector<std::string>> translate(const Batch& batch,
                                             const std::stop_token& stop) override {
    const process::CommandLimits limits{timeout_, kMaxResponseBytes};
    const auto output = process::run_command(argv_, request_of(batch, {}), limits, clock_, stop);
    if (!output)
      return failed(output.error().code, "the translator failed: " + output.error().detail);
    const auto json = parse_json(*output);
    // a program that says why takes the texts for what it cannot translate
    if (json && (*json)["error"].is_string())
      return failure(Disposition::kQuarantine, "bad_argument",
                     "the translator refused" + reason_in(*output));
    return texts_of(*output, batch.texts.size());
  }

 private:
  std::vector<std::string> argv_;
  Clock& clock_;
  std::chrono::milliseconds timeout_;
};

}  // namespace

std::string request_of(const Batch& batch, const std::string& api_key) {
  Json q;
  if (batch.texts.size() == 1) {
    q = batch.texts.front();
  } else {
    q = Json::array();
    for (const std::string& text : batch.texts) q.push(text);
  }
  Json out = Json::object({{"q", std::move(q)},
                           {"source", batch.source.empty() ? "auto" : batch.source},
                           {"target", batch.target},
                           {"format", "text"}});
  if (!api_key.empty()) out.set("api_key", api_key);
  return out.dump();
}

Result<std::vector<std::string>> texts_of(const std::string& body, std::size_t texts) {
  const auto json = parse_json(body);
  if (!json) return failed("bad_answer", "what the translator answered is no JSON");
  const Json& translated = (*json)["translatedText"];
  std::vector<std::string> out;
  if (translated.is_string()) out.push_back(translated.as_string());
  for (const Json& one : translated.as_array()) {
    if (one.is_string()) out.push_back(one.as_string());
  }
  if (out.size() == texts) return out;
  return failed("bad_answer", "the translator answered " + std::to_string(out.size()) +
                                  " texts where " + std::to_string(texts) + " were asked for");
}

std::unique_ptr<Engine> make_http_engine(net::HttpClient& client, std::string url,
                                         std::string api_key, std::chrono::milliseconds timeout) {
  return std::make_unique<HttpEngine>(client, std::move(url), std::move(api_key), timeout);
}

std::unique_ptr<Engine> make_command_engine(std::vector<std::string> argv, Clock& clock,
                                            std::chrono::milliseconds timeout) {
  return std::make_unique<CommandEngine>(std::move(argv), clock, timeout);
}

}  // namespace vigie::indexer::translation
