#include "crawler/service/options.h"

#include <algorithm>

#include "crawler/service/crawler.h"
#include "platform/log/groups.h"
#include "platform/net/address.h"

namespace vigie::crawler::service {
namespace {

bool has(const config::Settings& settings, std::string_view key) {
  const auto found = settings.values.find(key);
  return found != settings.values.end() && !found->second.value.is_null();
}

std::string text_or(const config::Settings& settings, std::string_view key, std::string fallback) {
  return has(settings, key) ? settings.text(key) : fallback;
}
std::int64_t integer_or(const config::Settings& settings, std::string_view key,
                        std::int64_t fallback) {
  return has(settings, key) ? settings.integer(key) : fallback;
}

std::chrono::milliseconds seconds_or(const config::Settings& settings, std::string_view key,
                                     std::chrono::milliseconds fallback) {
  return has(settings, key)
             ? std::chrono::milliseconds(static_cast<std::int64_t>(settings.number(key) * 1000))
             : fallback;
}

frontier::RevisitPolicy read_revisit_policy(const config::Settings& settings) {
  constexpr std::chrono::milliseconds kLeastFloor{100};
  frontier::RevisitPolicy policy;
  policy.poll_floor =
      std::max(kLeastFloor, seconds_or(settings, "fetch.feed_floor_s", policy.poll_floor));
  policy.retry.base = seconds_or(settings, "crawl.retry_base_s", policy.retry.base);
  policy.retry.ceiling = seconds_or(settings, "crawl.retry_ceiling_s", policy.retry.ceiling);
  if (has(settings, "crawl.revisits_s")) {
    const auto revisits = settings.list_of_seconds("crawl.revisits_s");
    policy.revisits.assign(revisits.begin(), revisits.end());
  }
  return policy;
}

constexpr const char* kContactKey = "fetch.user_agent_contact";
constexpr const char* kProjectContact = "https://github.com/vigie-project/vigie";

}  // namespace

std::string contact_warning(const config::Settings& settings) {
  const auto found = settings.values.find(std::string_view(kContactKey));
  if (found != settings.values.end() && found->second.origin != "default" &&
      !found->second.value.is_null())
    return {};
  return "publishers cannot tell who crawls them: the User-Agent names " +
         text_or(settings, kContactKey, kProjectContact) +
         "; set fetch.user_agent_contact to a page or an e-mail address of yours (--set "
         "fetch.user_agent_contact=https://example.org/bot)";
}

CrawlerOptions read_options(const config::Settings& settings) {
  CrawlerOptions options;
  if (has(settings, "sources.files")) options.source_files = settings.list("sources.files");
  options.min_gap =
      std::chrono::milliseconds(integer_or(settings, "fetch.min_gap_ms", options.min_gap.count()));
  options.ip_gap =
      std::chrono::milliseconds(integer_or(settings, "fetch.ip_gap_ms", options.ip_gap.count()));
  options.revisit_policy = read_revisit_policy(settings);
  options.body_limits.page = static_cast<std::size_t>(integer_or(
      settings, "extract.max_page_bytes", static_cast<std::int64_t>(options.body_limits.page)));
  options.max_in_flight = static_cast<std::size_t>(
      std::max<std::int64_t>(1, integer_or(settings, "crawl.max_connections",
                                           static_cast<std::int64_t>(options.max_in_flight))));
  options.archive = has(settings, "crawl.archive") && settings.boolean("crawl.archive");
  options.data_dir = text_or(settings, "data_dir", "./vigie-data");
  const std::string instance = text_or(settings, "log.instance", "");
  if (!instance.empty()) options.instance = instance;
  options.callback_url = text_or(settings, "websub.callback_url", "");
  options.callback_listen = text_or(settings, "websub.listen", "");
  options.group = log::group_of(log::Role::kCrawler, settings);
  options.user_agent = std::string("vigie/") + VIGIE_VERSION + " (+" +
                       text_or(settings, kContactKey, kProjectContact) + ")";
  return options;
}

Result<net::CurlOptions> curl_options(const config::Settings& settings) {
  net::CurlOptions options;
  const CrawlerOptions own = read_options(settings);
  options.user_agent = own.user_agent;
  options.max_connections = own.max_in_flight;
  if (has(settings, "fetch.allow_networks")) {
    for (const std::string& network : settings.list("fetch.allow_networks")) {
      VIGIE_ASSIGN(net::Network parsed, net::parse_network(network));
      options.allow_networks.push_back(parsed);
    }
  }
  return options;
}

}  // namespace vigie::crawler::service
