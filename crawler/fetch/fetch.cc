#include "crawler/fetch/fetch.h"

#include <utility>

#include "crawler/fetch/redirects.h"

namespace vigie::crawler::fetch {
namespace {

/// A body that broke off is tried again so often before it is taken for what there is.
constexpr std::uint32_t kTriesOfCutBody = 2;

bool broke_off(const net::HttpResponse& response) {
  return response.truncation == net::HttpTruncation::kTime ||
         response.truncation == net::HttpTruncation::kDisconnect;
}

}  // namespace

std::optional<Fetch> Fetch::begin(v1::UrlState state) {
  auto parsed = url::parse(state.url());
  if (!parsed || !parsed->host) return std::nullopt;
  return Fetch(std::move(state), std::move(*parsed));
}

Fetch::Fetch(v1::UrlState state, url::Url url)
    : state_(std::move(state)),
      current_(std::move(url)),
      visited_{current_.href()},
      conditional_(is_conditional(state_)) {}

net::HttpRequest Fetch::next_request(const BodyLimits& limits, std::size_t robots_bytes) {
  if (robots_) return make_robots_request(robots_->url.href(), robots_bytes);
  last_request_ = make_request(state_, current_.href(), conditional_ && !redirected(),
                               limits.of(state_.kind()));
  return last_request_;
}

void Fetch::ask_robots(url::Url robots_url) {
  std::string first = robots_url.href();
  robots_ = RobotsHop{current_.origin_key(), std::move(robots_url), {std::move(first)}};
}

std::optional<url::Url> Fetch::robots_redirect(const Result<net::HttpResponse>& response) const {
  if (!response || !is_redirect(response->status)) return std::nullopt;
  auto target = redirect_target(robots_->url, *response, robots_->visited);
  return target ? std::optional<url::Url>(std::move(*target)) : std::nullopt;
}

void Fetch::follow_robots(url::Url target) {
  robots_->url = std::move(target);
  robots_->visited.push_back(robots_->url.href());
}

void Fetch::follow(url::Url target) {
  current_ = std::move(target);
  visited_.push_back(current_.href());
}

Meaning Fetch::meaning_of(const Result<net::HttpResponse>& response) const {
  if (!response) {
    const Error& error = response.error();
    Failed failed{error.code, error.detail};
    failed.permanent = error.disposition == Disposition::kQuarantine;
    return failed;
  }
  if (is_redirect(response->status)) {
    auto target = redirect_target(current_, *response, visited_);
    if (target) return Redirected{std::move(*target)};
    Failed failed{target.error().code, target.error().detail};
    failed.permanent = is_page();
    return failed;
  }
  if (response->status == 304) return NotModified{};
  if (response->status < 200 || response->status >= 300) return failed_with(response->status);
  if (broke_off(*response) && state_.failures() < kTriesOfCutBody)
    return Failed{"body_cut", "the answer broke off before its end"};
  return Body{};
}

Meaning Fetch::failed_with(int status) const {
  Failed failed{failure_reason(status), "it was answered with status " + std::to_string(status)};
  failed.backs_off = status == 429 || status == 503;
  if (failed.backs_off) return failed;
  failed.refused = status >= 400 && status < 500;
  const bool gone = status == 410 || (failed.refused && state_.refusals() + 1 >= kMaxRefusals);
  failed.permanent = gone && is_page();
  return failed;
}

}  // namespace vigie::crawler::fetch
