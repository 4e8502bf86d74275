#include "crawler/fetch/fetch.h"

#include <utility>

#include "crawler/fetch/redirects.h"
#include "crawler/fetch/refresh.h"

namespace vigie::crawler::fetch {
namespace {

/// A body that broke off is tried again so often before it is taken for what there is.
constexpr std::uint32_t kTriesOfCutBody = 2;
/// One poll in so many begins at the listed URL, whatever it has moved to.
constexpr std::uint32_t kListedAddressPolls = 10;
/// A page that leads elsewhere so soon shows nothing to a reader.
constexpr int kAtOnceSeconds = 1;

bool broke_off(const net::HttpResponse& response) {
  return response.truncation == net::HttpTruncation::kTime ||
         response.truncation == net::HttpTruncation::kDisconnect;
}

bool is_malformed(const Result<net::HttpResponse>& response) {
  return !response && response.error().code == "protocol";
}

/// One redirect is never proof: it is a refusal, which is tried again.
Failed failed_hop(const Error& error, bool page) {
  Failed failed{error.code, error.detail};
  failed.refused = page;
  return failed;
}

}  // namespace

bool has_moved(const v1::UrlState& state) {
  return !state.moved_to().empty() && state.moved_polls() >= kMovedPolls &&
         state.last_fetch_unix_ms() - state.moved_since_unix_ms() >= kMovedAfter.count();
}

std::optional<Fetch> Fetch::begin(v1::UrlState state) {
  auto parsed = url::parse(fetch_url(state));
  if (!parsed || !parsed->host) return std::nullopt;
  parsed->fragment.reset();
  return Fetch(std::move(state), std::move(*parsed));
}

Fetch::Fetch(v1::UrlState state, url::Url url)
    : state_(std::move(state)),
      current_(std::move(url)),
      visited_{current_.href()},
      conditional_(is_conditional(state_)) {}

void Fetch::begin_where_it_moved(const std::function<bool(const url::Url&)>& may) {
  if (is_page() || !has_moved(state_) || state_.failures() > 0 ||
      state_.fetches() % kListedAddressPolls == kListedAddressPolls - 1)
    return;
  auto address = url::parse(state_.moved_to());
  if (!address || !address->host || !may(*address)) return;
  current_ = std::move(*address);
  visited_ = {current_.href()};
  moved_ = true;
}

std::string Fetch::moved_to() const {
  return redirected() && permanent_ ? current_.href() : std::string();
}

net::HttpRequest Fetch::next_request(const BodyLimits& limits, std::size_t robots_bytes) {
  if (robots_) return make_robots_request(robots_->url.href(), robots_bytes);
  const std::string url = current_.href();
  sent_validators_ = conditional_ && url == validators_url(state_);
  last_request_ = make_request(state_, url, sent_validators_, limits.of(state_.kind()),
                               cookies_.header_for(current_));
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
  robots_->again = false;
}

bool Fetch::robots_again(const Result<net::HttpResponse>& response) {
  return is_malformed(response) && !std::exchange(robots_->again, true);
}

void Fetch::take_cookies(const net::HttpResponse& response, std::int64_t now_unix_ms) {
  cookies_.take(current_, response, now_unix_ms);
}

void Fetch::follow(url::Url target, bool permanent) {
  current_ = std::move(target);
  visited_.push_back(hop_key(current_, cookies_));
  permanent_ = permanent_ && permanent;
  again_ = false;
}

Meaning Fetch::meaning_of(const Result<net::HttpResponse>& response) {
  if (is_malformed(response) && !std::exchange(again_, true)) return Again{};
  if (!response) {
    const Error& error = response.error();
    Failed failed{error.code, error.detail};
    // Where a name leads is told by a server, too, and may be wrong for a while.
    failed.refused = error.code == "address_refused" && is_page();
    failed.permanent = error.disposition == Disposition::kQuarantine && !failed.refused;
    return failed;
  }
  if (is_redirect(response->status)) {
    auto target = redirect_target(current_, *response, visited_, cookies_);
    if (!target) return failed_hop(target.error(), is_page());
    return Redirected{std::move(*target), is_permanent_redirect(response->status)};
  }
  // A 304 that was not asked for says nothing.
  if (response->status == 304 && sent_validators_) return NotModified{};
  if (response->status < 200 || response->status >= 300) return failed_with(response->status);
  if (broke_off(*response) && state_.failures() < kTriesOfCutBody)
    return Failed{"body_cut", "the response broke off before its end"};
  if (auto meaning = refreshed(*response)) return std::move(*meaning);
  return Body{};
}

/// Where a page leads by itself; nothing where it is to be read as it stands.
std::optional<Meaning> Fetch::refreshed(const net::HttpResponse& response) const {
  auto hop = refresh_of(response, current_);
  if (!hop || hop_key(hop->target, cookies_) == visited_.back()) return std::nullopt;
  auto target = next_hop(current_, std::move(hop->target), visited_, cookies_);
  if (target) return Redirected{std::move(*target)};
  // A page that shows itself for some time before it leads into a circle can be read.
  if (hop->seconds > kAtOnceSeconds) return std::nullopt;
  return failed_hop(target.error(), is_page());
}

Meaning Fetch::failed_with(int status) const {
  Failed failed{failure_reason(status), "it was answered with status " + std::to_string(status)};
  failed.backs_off = status == 429 || status == 503;
  if (failed.backs_off) return failed;
  failed.refused = status >= 400 && status < 500;
  failed.legal = status == 401 || status == 402 || status == 451;
  failed.permanent = status == 410 && is_page();
  return failed;
}

}  // namespace vigie::crawler::fetch
