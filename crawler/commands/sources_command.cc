#include <algorithm>
#include <iostream>

#include "crawler/commands/commands.h"
#include "crawler/feeds/links.h"
#include "crawler/fetch/redirects.h"
#include "crawler/robots/robots_cache.h"
#include "crawler/service/crawler.h"
#include "crawler/sources/sources.h"
#include "platform/clock/clock.h"
#include "platform/json/json.h"
#include "platform/logging/logging.h"
#include "platform/process/process.h"
#include "platform/text/utf8.h"
#include "platform/url/url.h"

namespace vigie::crawler::commands {
namespace {

/// Feeds and sitemaps that are proposed at most.
constexpr std::size_t kMaxProposed = 20;

/// GET with redirects, each checked; waits `gap` after each response.
Result<net::HttpResponse> get(net::HttpClient& client, Clock& clock, std::chrono::milliseconds gap,
                              url::Url& at) {
  std::vector<std::string> visited{at.href()};
  while (true) {
    net::HttpRequest request;
    request.url = at.href();
    auto response = client.fetch(std::move(request));
    clock.sleep_for(gap, {});
    if (!response || !fetch::is_redirect(response->status)) return response;
    VIGIE_ASSIGN(at, fetch::redirect_target(at, *response, visited));
    visited.push_back(at.href());
  }
}

/// A YAML scalar in double quotes, in which JSON's escapes are valid.
std::string in_quotes(std::string_view text) { return Json(text).dump(); }

std::string list(const std::vector<std::string>& values) {
  std::string out = "[";
  for (const std::string& value : values) out += (out.size() > 1 ? ", " : "") + in_quotes(value);
  return out + "]";
}

std::vector<std::string> proposed_feeds(const feeds::PageOutline& page) {
  std::vector<std::string> out;
  for (const feeds::NamedFeed& feed : page.feeds) {
    if (out.size() < kMaxProposed && std::find(out.begin(), out.end(), feed.url) == out.end())
      out.push_back(feed.url);
  }
  return out;
}

/// News sitemaps alone: the others list a whole archive.
std::vector<std::string> proposed_sitemaps(const robots::Robots& robots) {
  std::vector<std::string> out;
  for (const std::string& sitemap : robots.sitemaps()) {
    if (out.size() < kMaxProposed && text::ascii_lower(sitemap).find("news") != std::string::npos)
      out.push_back(text::to_valid_utf8(sitemap));
  }
  return out;
}

/// Writes the entry of a source file that homepage and robots.txt suggest.
void propose_source(const url::Url& home, const feeds::PageOutline& page,
                    const robots::Robots& robots, std::ostream& out) {
  const std::vector<std::string> feeds = proposed_feeds(page);
  const std::vector<std::string> sitemaps = proposed_sitemaps(robots);
  const std::string name = !page.site_name.empty() ? page.site_name
                           : !page.title.empty()   ? page.title
                                                   : *home.host;
  out << "sources:\n  - name: " << in_quotes(name) << "\n    homepage: " << in_quotes(home.href())
      << "\n    feeds: " << list(feeds) << "\n    sitemaps: " << list(sitemaps) << "\n";
  if (feeds.empty() && sitemaps.empty()) out << "    sections: " << list({home.href()}) << "\n";
  if (!page.language.empty()) out << "    language: " << in_quotes(page.language) << "\n";
  out << "    # add: country (ISO 3166-1), kind, affiliation\n";
}

}  // namespace

int run_sources_check(const std::vector<std::string>& files, std::ostream& out, std::ostream& err) {
  const auto list = sources::load_sources(files);
  if (!list) {
    err << list.error().to_string() << "\n";
    return process::kExitSomeFailed;
  }
  for (const sources::SourceProblem& problem : list->problems)
    err << problem.where << ": " << logging::escape_for_terminal(problem.message, 1024) << "\n";
  std::size_t feeds = 0;
  for (const sources::SourceEntry& source : list->sources) feeds += source.feeds.size();
  out << Json::object({{"sources", list->sources.size()},
                       {"feeds", feeds},
                       {"problems", list->problems.size()}})
             .dump()
      << "\n";
  return list->problems.empty() ? process::kExitOk : process::kExitSomeFailed;
}

int run_sources_discover(const std::string& domain, const config::Settings& settings,
                         std::ostream& out, std::ostream& err) {
  auto options = service::curl_options(settings);
  if (!options) {
    err << options.error().to_string() << "\n";
    return process::kExitCannotStart;
  }
  auto home =
      url::parse(domain.find("://") == std::string::npos ? "https://" + domain + "/" : domain);
  if (!home || !home->is_http() || !home->host) {
    err << logging::escape_for_terminal(domain) << ": this is no domain and no http URL\n";
    return process::kExitUsage;
  }
  SystemClock clock;
  const auto gap = std::chrono::milliseconds(settings.integer("fetch.min_gap_ms"));
  const auto client = net::make_curl_client(*options);
  url::Url robots_url = robots::robots_url_of(*home);
  const auto robots_response = get(*client, clock, gap, robots_url);
  if (!robots_response) {
    err << robots_response.error().to_string() << "\n";
    return process::kExitSomeFailed;
  }
  const robots::Robots robots = robots::rules_of(robots_response);
  if (const robots::RobotsVerdict verdict = robots.verdict_for(robots::kProductToken, home->path);
      !verdict.allowed) {
    const bool unreachable =
        robots::availability_of(robots_response) == robots::Availability::kUnreachable;
    err << "robots.txt refuses the homepage"
        << (unreachable ? ": it cannot be had" : ": " + logging::escape_for_terminal(verdict.rule))
        << "\n";
    return process::kExitSomeFailed;
  }
  const auto response = get(*client, clock, gap, *home);
  if (!response || response->status >= 400) {
    err << (response
                ? home->href() + ": it was answered with status " + std::to_string(response->status)
                : response.error().to_string())
        << "\n";
    return process::kExitSomeFailed;
  }
  propose_source(*home, feeds::outline_page(text::to_valid_utf8(response->body), home->href()),
                 robots, out);
  return process::kExitOk;
}

}  // namespace vigie::crawler::commands
