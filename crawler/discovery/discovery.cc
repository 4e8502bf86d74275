#include "crawler/discovery/discovery.h"

#include <algorithm>
#include <array>
#include <utility>

#include "crawler/feeds/links.h"
#include "crawler/feeds/listing.h"
#include "crawler/fetch/outcome.h"
#include "crawler/fetch/page_check.h"
#include "crawler/fetch/redirects.h"
#include "crawler/robots/robots_cache.h"
#include "platform/text/utf8.h"

namespace vigie::crawler::discovery {
namespace {

constexpr std::size_t kTitleBytes = 300;  // proto/source_edit.proto
constexpr std::size_t kDetailBytes = 500;
constexpr std::size_t kUrlBytes = 2'048;
constexpr std::size_t kMaxSitemapBytes = 16ULL << 20;
/// Where feeds are when no page names them.
constexpr std::array kOftenFeeds =
    std::to_array<std::string_view>({"/feed/", "/rss.xml", "/feed.xml", "/atom.xml"});

std::string line(std::string_view said, std::size_t bytes) {
  return text::ellipsize(text::collapse_spaces(text::to_valid_utf8(said)), bytes);
}

std::string path_of(const url::Url& url) {
  return url.query ? url.path + "?" + *url.query : url.path;
}

std::string root_of(const url::Url& url) {
  url::Url root = url;
  root.path = "/";
  root.query.reset();
  root.fragment.reset();
  return root.href();
}

bool is_sitemap(std::string_view body) {
  const std::string_view head = body.substr(0, 2'048);
  return head.find("<urlset") != std::string_view::npos ||
         head.find("<sitemapindex") != std::string_view::npos;
}

/// The primary part in small letters, what follows as written; "" for what is no tag.
std::string language_tag(std::string_view said) {
  std::string out = line(said, 64);
  std::replace(out.begin(), out.end(), '_', '-');
  const std::size_t primary = std::min(out.find('-'), out.size());
  const bool tag =
      primary >= 2 && primary <= 3 && out.size() <= 35 && std::ranges::all_of(out, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-';
      });
  if (!tag) return {};
  for (std::size_t i = 0; i < primary; ++i) {
    if (out[i] >= 'A' && out[i] <= 'Z') out[i] = static_cast<char>(out[i] - 'A' + 'a');
  }
  return out;
}

}  // namespace

Discovery::Discovery(v1::DiscoveryRequest request) : request_(std::move(request)) {
  response_.set_id(request_.id());
  response_.set_url(request_.url());
  response_.set_robots("unknown");
  if (auto url = url::parse(request_.url())) {
    queue(*url, kPage);
  } else {
    response_.set_reason(std::string(url.error().code));
    response_.set_detail(url.error().detail);
  }
}

void Discovery::queue(const url::Url& url, int listing) {
  tasks_.push_back({url, {url.href()}, listing});
}

std::optional<Discovery::Ask> Discovery::next(const std::function<bool(const url::Url&)>& may) {
  while (!tasks_.empty()) {
    if (++requests_ > kMostRequests) end();
    if (tasks_.empty()) break;
    if (robots_url_) {
      if (may(*robots_url_)) return Ask{*robots_url_, true};
      // RFC 9309 §2.3.1.2: rules that cannot be asked for may count as none.
      robots_[robots_origin_].rules = robots::Robots::allow_all();
      robots_url_.reset();
      continue;
    }
    Task& now = task();
    if (!may(now.url)) {
      if (now.listing == kPage) response_.set_elsewhere(now.url.href());
      tasks_.pop_front();
      continue;
    }
    const auto known = robots_.find(now.url.origin_key());
    if (known == robots_.end()) {
      robots_origin_ = now.url.origin_key();
      robots_url_ = robots::robots_url_of(now.url);
      robots_visited_ = {robots_url_->href()};
      continue;
    }
    if (!allowed(known->second)) continue;
    return Ask{now.url, false};
  }
  finish();
  return std::nullopt;
}

/// Whether robots.txt lets the first task be asked for; else the task has failed.
bool Discovery::allowed(const Rules& rules) {
  const robots::RobotsVerdict verdict =
      rules.rules.verdict_for(robots::kProductToken, path_of(task().url));
  const bool page = task().listing == kPage;
  if (page) {
    response_.set_robots(rules.unreachable ? "unreachable"
                         : verdict.allowed ? "allowed"
                                           : "disallowed");
    response_.set_robots_detail(rules.unreachable ? rules.detail : line(verdict.rule, kTitleBytes));
  }
  if (verdict.allowed) return true;
  if (rules.unreachable) fail(rules.reason, "robots.txt cannot be had: " + rules.detail);
  else
    fail("robots_disallowed", "robots.txt refuses it: " + line(verdict.rule, kTitleBytes) +
                                  " (line " + std::to_string(verdict.line) + ")");
  return false;
}

/// The first task gives nothing.
void Discovery::fail(const std::string& reason, const std::string& detail) {
  const int listing = task().listing;
  tasks_.pop_front();
  if (listing == kPage) {
    response_.set_reason(reason);
    response_.set_detail(line(detail, kDetailBytes));
    end();
  } else if (listing >= 0) {
    v1::FoundListing& found = *response_.mutable_found(listing);
    found.set_looked_at(true);
    found.set_reason(reason);
    found.set_detail(line(detail, kDetailBytes));
  }
}

/// Whoever typed a URL without a scheme may have meant http.
bool Discovery::ask_without_tls(const Error& error) {
  const bool tls = error.code == ErrorCode("tls") || error.code == ErrorCode("connect") ||
                   error.code == ErrorCode("timeout_connect") || error.code == ErrorCode("reset") ||
                   error.code == ErrorCode("protocol");
  if (!request_.guessed_scheme() || task().listing != kPage || task().url.scheme != "https" || !tls)
    return false;
  url::Url plain = task().url;
  plain.scheme = "http";
  if (plain.port && *plain.port == 80) plain.port.reset();
  tasks_.front() = {plain, {plain.href()}, kPage};
  return true;
}

void Discovery::take(const Result<net::HttpResponse>& response, std::int64_t now_unix_ms) {
  if (tasks_.empty()) return;
  if (robots_url_) return take_robots(response);
  if (!response) {
    if (!ask_without_tls(response.error()))
      fail(std::string(response.error().code), response.error().detail);
    return;
  }
  if (fetch::is_redirect(response->status)) {
    auto target = fetch::redirect_target(task().url, *response, task().visited);
    if (!target) return fail(std::string(target.error().code), target.error().detail);
    task().visited.push_back(target->href());
    task().url = std::move(*target);
    return;
  }
  if (response->status < 200 || response->status >= 300)
    return fail(fetch::failure_reason(response->status),
                "it was answered with status " + std::to_string(response->status));
  if (task().listing == kPage) read_page(*response, now_unix_ms);
  else read_listing(*response);
}

void Discovery::take_robots(const Result<net::HttpResponse>& response) {
  if (!response && ask_without_tls(response.error())) {
    robots_url_.reset();
    return;
  }
  if (response && fetch::is_redirect(response->status)) {
    auto target = fetch::redirect_target(*robots_url_, *response, robots_visited_);
    if (target) {
      robots_visited_.push_back(target->href());
      robots_url_ = std::move(*target);
      return;
    }
  }
  Rules& rules = robots_[robots_origin_];
  rules.rules = robots::rules_of(response);
  rules.unreachable = robots::availability_of(response) == robots::Availability::kUnreachable;
  if (rules.unreachable) {
    rules.reason = response ? "robots_" + fetch::failure_reason(response->status)
                            : std::string(response.error().code);
    rules.detail = line(response ? "it was answered with status " + std::to_string(response->status)
                                 : response.error().detail,
                        kDetailBytes);
  }
  robots_url_.reset();
}

v1::FoundListing* Discovery::add(const std::string& kind, const std::string& url) {
  if (response_.found_size() >= static_cast<int>(kMostFound) || url.size() > kUrlBytes)
    return nullptr;
  for (const v1::FoundListing& known : response_.found()) {
    if (known.url() == url) return nullptr;
  }
  v1::FoundListing* found = response_.add_found();
  found->set_kind(kind);
  found->set_url(url);
  return found;
}

/// The URL itself: a feed, a sitemap, or a page that may name some.
void Discovery::read_page(const net::HttpResponse& response, std::int64_t now_unix_ms) {
  const url::Url at = task().url;
  response_.set_url(at.href());
  response_.set_homepage(root_of(at));
  const auto feed = feeds::parse_feed(
      response.body, fetch::charset_of(response.header("content-type")), at.href());
  if (feed) {
    response_.set_name(line(tidy_name(feed->title), 200));
    if (!feed->url.empty()) response_.set_homepage(feed->url);
    if (v1::FoundListing* found = add("feed", at.href())) take_feed(*feed, *found);
    tasks_.pop_front();
  } else if (is_sitemap(response.body)) {
    if (v1::FoundListing* found = add("sitemap", at.href())) found->set_looked_at(false);
    tasks_.front().listing = 0;
    read_listing(response);
  } else if (std::string problem = fetch::page_problem(response, at.href(), at.href());
             !problem.empty()) {
    fail(problem, "this is neither a feed nor a page that can be read");
  } else {
    read_html(response, now_unix_ms);
  }
  if (response_.name().empty()) response_.set_name(at.host.value_or(""));
}

void Discovery::read_html(const net::HttpResponse& response, std::int64_t now_unix_ms) {
  const url::Url at = task().url;
  const feeds::PageOutline page =
      feeds::outline_page(text::to_valid_utf8(response.body), at.href());
  response_.set_name(line(tidy_name(page.site_name.empty() ? page.title : page.site_name), 200));
  response_.set_language(language_tag(page.language));
  for (const feeds::NamedFeed& feed : page.feeds) {
    if (v1::FoundListing* found = add("feed", feed.url))
      found->set_title(line(feed.title, kTitleBytes));
  }
  // The others list a whole archive.
  for (const std::string& sitemap : robots_[at.origin_key()].rules.sitemaps()) {
    const std::string address = text::to_valid_utf8(sitemap);
    if (text::ascii_lower(address).find("news") != std::string::npos) add("sitemap", address);
  }
  read_section(response, now_unix_ms);
  tasks_.pop_front();
  std::size_t looked_at = 0;
  for (int i = 0; i < response_.found_size() && looked_at < kLookedAt; ++i) {
    const auto url = url::parse(response_.found(i).url());
    if (!url || !url->is_http()) continue;
    queue(*url, i);
    ++looked_at;
  }
  if (response_.found_size() == 0) guess_feeds(at);
}

/// What the page lists itself, for the case that no feed is found.
void Discovery::read_section(const net::HttpResponse& response, std::int64_t now_unix_ms) {
  const std::string at = task().url.href();
  feeds::ListingContext context;
  context.kind = v1::URL_KIND_SECTION;
  context.url = at;
  context.base_url = at;
  context.now_unix_ms = now_unix_ms;
  const auto listing = feeds::read_listing(response.body, context, kMaxSitemapBytes);
  v1::FoundListing& found = section_.emplace();
  found.set_kind("section");
  found.set_url(at);
  found.set_title(response_.name());
  found.set_language(response_.language());
  found.set_looked_at(true);
  if (!listing) return;
  found.set_items(static_cast<std::uint32_t>(listing->items.size()));
  const feeds::PageOutline page = feeds::outline_page(text::to_valid_utf8(response.body), at);
  for (const feeds::ListedItem& item : listing->items) {
    if (found.latest_size() >= static_cast<int>(kLatest)) break;
    v1::FoundItem& latest = *found.add_latest();
    latest.set_url(item.url);
    const auto link = std::ranges::find(page.links, item.url, &feeds::PageLink::url);
    if (link != page.links.end()) latest.set_title(line(link->text, kTitleBytes));
  }
}

void Discovery::guess_feeds(const url::Url& home) {
  for (const std::string_view path : kOftenFeeds) {
    if (auto url = url::parse(path, &home)) queue(*url, kGuess);
  }
}

/// Without a feed, the page itself can be polled.
void Discovery::finish() {
  const auto home = url::parse(response_.homepage());
  std::string from;
  response_.set_country(
      guess_country(home && home->host ? *home->host : "", response_.language(), from));
  response_.set_country_from(from);
  if (!section_) return;
  if (response_.found_size() == 0 && response_.reason().empty()) {
    if (section_->items() > 0) {
      *response_.add_found() = std::move(*section_);
    } else {
      response_.set_reason("nothing_listed");
      response_.set_detail("the page names no feed, and no link on it looks like an article");
    }
  }
  section_.reset();
}

/// The response to a listing, or to a URL where feeds often are.
void Discovery::read_listing(const net::HttpResponse& response) {
  const Task now = task();
  const std::string charset = fetch::charset_of(response.header("content-type"));
  const bool sitemap = now.listing >= 0 && response_.found(now.listing).kind() == "sitemap";
  if (sitemap) {
    feeds::ListingContext context;
    context.kind = v1::URL_KIND_SITEMAP;
    context.url = context.base_url = now.url.href();
    context.charset = charset;
    const auto listing = feeds::read_listing(response.body, context, kMaxSitemapBytes);
    if (!listing) return fail(std::string(listing.error().code), listing.error().detail);
    tasks_.pop_front();
    v1::FoundListing& found = *response_.mutable_found(now.listing);
    found.set_looked_at(true);
    found.set_items(static_cast<std::uint32_t>(listing->items.size()));
    for (const feeds::ListedItem& item : listing->items) {
      if (found.latest_size() >= static_cast<int>(kLatest)) break;
      v1::FoundItem& latest = *found.add_latest();
      latest.set_url(item.url);
      if (item.item) latest.set_title(line(item.item->title(), kTitleBytes));
      if (item.item) latest.set_published(item.item->published());
    }
    return;
  }
  const auto feed = feeds::parse_feed(response.body, charset, now.url.href());
  if (!feed) return fail(std::string(feed.error().code), feed.error().detail);
  tasks_.pop_front();
  v1::FoundListing* found =
      now.listing >= 0 ? response_.mutable_found(now.listing) : add("feed", now.url.href());
  if (found != nullptr) take_feed(*feed, *found);
  // One is enough: the others are likely the same under another name.
  if (now.listing == kGuess) end();
}

void Discovery::take_feed(const feeds::Feed& feed, v1::FoundListing& listing) {
  listing.set_looked_at(true);
  if (!feed.title.empty()) listing.set_title(line(feed.title, kTitleBytes));
  listing.set_language(language_tag(feed.language));
  if (response_.language().empty()) response_.set_language(listing.language());
  listing.set_items(static_cast<std::uint32_t>(feed.entries.size()));
  std::vector<const feeds::FeedEntry*> entries;
  for (const feeds::FeedEntry& entry : feed.entries) {
    if (!entry.url.empty()) entries.push_back(&entry);
  }
  std::stable_sort(entries.begin(), entries.end(), [](const auto* a, const auto* b) {
    return (a->published ? a->published->unix_ms : 0) > (b->published ? b->published->unix_ms : 0);
  });
  for (std::size_t i = 0; i < std::min(kLatest, entries.size()); ++i) {
    v1::FoundItem& item = *listing.add_latest();
    item.set_url(text::ellipsize(entries[i]->url, kUrlBytes));
    item.set_title(line(entries[i]->title, kTitleBytes));
    if (entries[i]->published) item.set_published(entries[i]->published->text);
  }
}

}  // namespace vigie::crawler::discovery
