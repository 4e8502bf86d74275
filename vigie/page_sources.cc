#include "vigie/page_sources.h"

#include <chrono>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "crawler/fetch/redirects.h"
#include "crawler/robots/robots_cache.h"
#include "crawler/service/crawler.h"
#include "platform/clock/clock.h"
#include "platform/net/http_client.h"
#include "platform/url/url.h"
#include "platform/warc/warc_reader.h"
#include "proto/identity.h"

namespace vigie::cli {
namespace {

class PageFetcher {
 public:
  PageFetcher(const net::CurlOptions& options, std::chrono::milliseconds gap,
              std::size_t max_page_bytes)
      : gap_(gap), max_page_bytes_(max_page_bytes), client_(net::make_curl_client(options)) {}

  Result<v1::PageRecord> fetch(const std::string& address) {
    const std::lock_guard lock(mutex_);
    Result<url::Url> at = url::parse(address);
    if (!at || !at->is_http() || !at->host)
      return failure(Disposition::kQuarantine, "bad_url", "This is no http URL.", address);
    VIGIE_ASSIGN(const net::HttpResponse response, get(*at, true));
    if (response.status != 200)
      return failure(
          Disposition::kQuarantine, "bad_status",
          "The server gave no page but the status " + std::to_string(response.status) + ".",
          at->href());
    v1::PageRecord page;
    page.set_url(address);
    page.set_final_url(at->href());
    if (const Result<std::string> normalised = url::normalise(*at)) page.set_final_url(*normalised);
    page.set_page_key(proto::page_key(page.final_url()));
    page.set_origin(v1::ORIGIN_INGEST);
    page.set_http_status(static_cast<std::uint32_t>(response.status));
    page.set_body(response.body);
    for (const auto& [name, value] : response.headers) {
      v1::Header& header = *page.add_headers();
      header.set_name(name);
      header.set_value(value);
    }
    if (response.truncation != net::HttpTruncation::kNone)
      page.set_truncation(v1::TRUNCATION_LENGTH);
    return page;
  }

 private:
  // GET with redirects, each judged. With `judged`, robots.txt of each origin has its say first.
  Result<net::HttpResponse> get(url::Url& at, bool judged) {
    std::vector<std::string> visited{at.href()};
    while (true) {
      if (judged) VIGIE_TRY(ask_robots(at));
      net::HttpRequest request;
      request.url = at.href();
      request.limits.decoded_bytes = max_page_bytes_;
      if (asked_) clock_.sleep_for(gap_, {});
      asked_ = true;
      VIGIE_ASSIGN(net::HttpResponse response, client_->fetch(std::move(request)));
      if (!crawler::fetch::is_redirect(response.status)) return response;
      VIGIE_ASSIGN(at, crawler::fetch::redirect_target(at, response, visited));
      visited.push_back(at.href());
    }
  }

  // RFC 9309 §2.3.1: no robots.txt (4xx) allows all, one that cannot be had refuses all.
  Result<void> ask_robots(const url::Url& at) {
    url::Url robots_url = crawler::robots::robots_url_of(at);
    const std::string origin = robots_url.href();
    if (origin != robots_of_) {
      const Result<net::HttpResponse> response = get(robots_url, false);
      if (!response && response.error().code == "address_refused")
        return tl::unexpected(response.error());
      robots_ = crawler::robots::rules_of(response);
      robots_of_ = origin;
    }
    const crawler::robots::RobotsVerdict verdict =
        robots_.verdict_for("vigie", at.path + (at.query ? "?" + *at.query : ""));
    if (!verdict.allowed)
      return failure(Disposition::kQuarantine, "refused_by_robots",
                     "robots.txt refuses this page" +
                         (verdict.rule.empty() ? " or cannot be had." : ": " + verdict.rule),
                     at.href());
    return {};
  }

  std::mutex mutex_;
  SystemClock clock_;
  std::chrono::milliseconds gap_;
  std::size_t max_page_bytes_;
  std::unique_ptr<net::HttpClient> client_;
  bool asked_ = false;
  std::string robots_of_;
  crawler::robots::Robots robots_ = crawler::robots::Robots::allow_all();
};

}  // namespace

Result<std::function<Result<v1::PageRecord>(const std::string& url)>> make_page_fetcher(
    const config::Settings& settings) {
  VIGIE_ASSIGN(const net::CurlOptions options, crawler::service::curl_options(settings));
  // Shared because a std::function must be copyable.
  auto fetcher = std::make_shared<PageFetcher>(
      options, std::chrono::milliseconds(settings.integer("fetch.min_gap_ms")),
      static_cast<std::size_t>(settings.integer("extract.max_page_bytes")));
  return [fetcher](const std::string& url) { return fetcher->fetch(url); };
}

Result<extractor::commands::ExtractArguments::NextPage> open_archive(const std::string& path,
                                                                     std::size_t max_page_bytes) {
  warc::WarcLimits limits;
  limits.body_bytes = max_page_bytes;
  VIGIE_ASSIGN(std::unique_ptr<warc::WarcReader> opened, warc::WarcReader::open(path, limits));
  // Shared because a std::function must be copyable.
  std::shared_ptr<warc::WarcReader> reader = std::move(opened);
  return [reader] { return reader->next(); };
}

}  // namespace vigie::cli
