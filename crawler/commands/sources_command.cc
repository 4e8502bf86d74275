#include <algorithm>
#include <iostream>

#include "crawler/commands/commands.h"
#include "crawler/feeds/links.h"
#include "crawler/fetch/judge.h"
#include "crawler/robots/robots.h"
#include "crawler/service/crawler.h"
#include "crawler/sources/sources.h"
#include "platform/clock/clock.h"
#include "platform/json/json.h"
#include "platform/logging/logging.h"
#include "platform/process/process.h"
#include "platform/text/utf8.h"
#include "platform/url/url.h"

namespace vigie::crawler {
namespace {

/// Feeds and sitemaps that are proposed at most.
constexpr std::size_t kMaxProposed = 20;

/// GET with redirects, each judged; waits `gap` after each answer.
Result<net::HttpResponse> get(net::HttpClient& client, Clock& clock, std::chrono::milliseconds gap,
                              url::Url& at) {
  std::vector<std::string> visited{at.href()};
  while (true) {
    net::HttpRequest request;
    request.url = at.href();
    auto answer = client.fetch(std::move(request));
    clock.sleep_for(gap, {});
    if (!answer || !is_redirect(answer->status)) return answer;
    VIGIE_ASSIGN(at, judge_redirect(at, *answer, visited));
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

}  // namespace

int run_sources_check(const std::vector<std::string>& files, std::ostream& out, std::ostream& err) {
  const auto list = load_sources(files);
  if (!list) {
    err << list.error().to_string() << "\n";
    return process::kExitSomeFailed;
  }
  for (const SourceProblem& problem : list->problems)
    err << problem.where << ": " << logging::escape_for_terminal(problem.message, 1024) << "\n";
  std::size_t feeds = 0;
  for (const SourceEntry& source : list->sources) feeds += source.feeds.size();
  out << Json::object({{"sources", list->sources.size()},
                       {"feeds", feeds},
                       {"problems", list->problems.size()}})
             .dump()
      << "\n";
  return list->problems.empty() ? process::kExitOk : process::kExitSomeFailed;
}

int run_sources_discover(const std::string& domain, const config::Settings& settings,
                         std::ostream& out, std::ostream& err) {
  auto options = curl_options(settings);
  if (!options) {
    err << options.error().to_string() << "\n";
    return process::kExitCannotStart;
  }
  auto home =
      url::parse(domain.find("://") == std::string::npos ? "https://" + domain + "/" : domain);
  if (!home || !home->is_http() || !home->host) {
    err << logging::escape_for_terminal(domain) << ": this is no domain and no http address\n";
    return process::kExitUsage;
  }
  SystemClock clock;
  const auto gap = std::chrono::milliseconds(settings.integer("fetch.min_gap_ms"));
  const auto client = net::make_curl_client(*options);
  url::Url robots_url = *home;
  robots_url.path = "/robots.txt";
  robots_url.query.reset();
  const auto robots_answer = get(*client, clock, gap, robots_url);
  if (!robots_answer) {
    err << robots_answer.error().to_string() << "\n";
    return process::kExitSomeFailed;
  }
  const bool unreachable = robots_answer->status >= 500 || robots_answer->status == 429;
  const Robots robots = unreachable                   ? Robots::refuse_all()
                        : robots_answer->status < 300 ? Robots::parse(robots_answer->body)
                                                      : Robots::allow_all();
  if (const RobotsVerdict verdict = robots.verdict_for("vigie", home->path); !verdict.allowed) {
    err << "robots.txt refuses the homepage"
        << (unreachable ? ": it cannot be had" : ": " + logging::escape_for_terminal(verdict.rule))
        << "\n";
    return process::kExitSomeFailed;
  }
  const auto answer = get(*client, clock, gap, *home);
  if (!answer || answer->status >= 400) {
    err << (answer
                ? home->href() + ": it was answered with status " + std::to_string(answer->status)
                : answer.error().to_string())
        << "\n";
    return process::kExitSomeFailed;
  }
  const PageOutline page = outline_page(text::to_valid_utf8(answer->body), home->href());
  std::vector<std::string> feeds;
  for (const NamedFeed& feed : page.feeds) {
    if (feeds.size() < kMaxProposed &&
        std::find(feeds.begin(), feeds.end(), feed.url) == feeds.end())
      feeds.push_back(feed.url);
  }
  std::vector<std::string> sitemaps;
  for (const std::string& sitemap : robots.sitemaps()) {
    // News sitemaps alone: the others list a whole archive.
    if (sitemaps.size() < kMaxProposed &&
        text::ascii_lower(sitemap).find("news") != std::string::npos)
      sitemaps.push_back(text::to_valid_utf8(sitemap));
  }
  const std::string name = !page.site_name.empty() ? page.site_name
                           : !page.title.empty()   ? page.title
                                                   : *home->host;
  out << "sources:\n  - name: " << in_quotes(name) << "\n    homepage: " << in_quotes(home->href())
      << "\n    feeds: " << list(feeds) << "\n    sitemaps: " << list(sitemaps) << "\n";
  if (feeds.empty() && sitemaps.empty()) out << "    sections: " << list({home->href()}) << "\n";
  if (!page.language.empty()) out << "    language: " << in_quotes(page.language) << "\n";
  out << "    # add: country (ISO 3166-1), kind, affiliation\n";
  return process::kExitOk;
}

}  // namespace vigie::crawler
