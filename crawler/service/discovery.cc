#include <algorithm>

#include "crawler/feeds/feed.h"
#include "crawler/feeds/links.h"
#include "crawler/feeds/sitemap.h"
#include "crawler/fetch/judge.h"
#include "crawler/service/scheduler.h"
#include "platform/text/utf8.h"
#include "platform/url/url.h"
#include "platform/warc/gzip.h"
#include "proto/identity.h"

namespace vigie::crawler {
namespace {

/// A sitemap's page or a sub-sitemap that changed longer ago is no news.
constexpr std::int64_t kNewsAgeMs = 3LL * 24 * 3600 * 1000;
/// Items whose times tell a feed's rhythm.
constexpr std::size_t kRhythmItems = 20;

/// Median pause between the newest items of a feed, in seconds; 0 if they do not tell.
double rhythm_of(const Feed& feed) {
  std::vector<std::int64_t> times;
  for (const FeedEntry& entry : feed.entries) {
    if (entry.published && !entry.published->day_only) times.push_back(entry.published->unix_ms);
  }
  std::sort(times.begin(), times.end(), std::greater<>());
  if (times.size() > kRhythmItems) times.resize(kRhythmItems);
  std::vector<std::int64_t> pauses;
  for (std::size_t i = 1; i < times.size(); ++i) pauses.push_back(times[i - 1] - times[i]);
  if (pauses.size() < 3) return 0;
  std::nth_element(pauses.begin(), pauses.begin() + static_cast<std::ptrdiff_t>(pauses.size() / 2),
                   pauses.end());
  return static_cast<double>(pauses[pauses.size() / 2]) / 1000;
}

bool is_recent(const SitemapEntry& entry, std::int64_t now_unix_ms) {
  const auto& date = entry.published ? entry.published : entry.last_modified;
  return date && date->unix_ms > now_unix_ms - kNewsAgeMs;
}

v1::FeedItem item_of(const SitemapEntry& entry, const std::string& sitemap_url) {
  v1::FeedItem item;
  item.set_feed_url(sitemap_url);
  item.set_title(entry.title);
  if (entry.published) item.set_published(entry.published->text);
  if (entry.last_modified) item.set_updated(entry.last_modified->text);
  item.set_language(entry.language);
  for (const std::string& keyword : entry.keywords) item.add_categories(keyword);
  return item;
}

}  // namespace

Result<std::vector<Scheduler::Found>> Scheduler::read_listing(Task& task,
                                                              const net::HttpResponse& answer) {
  std::vector<Found> found;
  const std::string charset = charset_of(answer.header("content-type"));
  const std::string base = task.current.href();
  const std::int64_t now = seams_.clock.now_unix_ms();
  if (task.state.kind() == v1::URL_KIND_FEED) {
    VIGIE_ASSIGN(const Feed feed, parse_feed(answer.body, charset, base));
    for (const FeedEntry& entry : feed.entries) {
      if (entry.url.empty()) {
        drop("no_link");
      } else {
        found.push_back({entry.url, v1::URL_KIND_ARTICLE, to_feed_item(entry, task.state.url())});
      }
    }
    if (SourceState* source = source_of(task.state))
      source->status.set_expected_interval_s(rhythm_of(feed));
    return found;
  }
  if (task.state.kind() == v1::URL_KIND_SECTION) {
    const PageOutline outline = outline_page(text::to_valid_utf8(answer.body), base);
    for (const PageLink& link : outline.links) {
      if (looks_like_article(link, base) && listed_.count(link.url) == 0)
        found.push_back({link.url, v1::URL_KIND_ARTICLE, std::nullopt});
    }
    return found;
  }
  std::string plain;
  if (warc::is_gzip(answer.body)) {
    VIGIE_ASSIGN(plain, warc::gunzip(answer.body, CrawlerOptions::kMaxSitemapBytes));
  }
  VIGIE_ASSIGN(Sitemap sitemap, parse_sitemap(plain.empty() ? std::string_view(answer.body)
                                                            : std::string_view(plain),
                                              charset));
  std::stable_sort(sitemap.entries.begin(), sitemap.entries.end(),
                   [](const SitemapEntry& a, const SitemapEntry& b) {
                     const auto time = [](const SitemapEntry& entry) {
                       return entry.published       ? entry.published->unix_ms
                              : entry.last_modified ? entry.last_modified->unix_ms
                                                    : 0;
                     };
                     return time(a) > time(b);
                   });
  for (const SitemapEntry& entry : sitemap.entries) {
    if (sitemap.index) {
      const bool news = text::ascii_lower(entry.url).find("news") != std::string::npos;
      if (task.state.depth() + 1 > CrawlerOptions::kMaxSitemapDepth ||
          found.size() >= CrawlerOptions::kMaxSubSitemaps || !(news || is_recent(entry, now))) {
        drop("sitemap_not_followed");
      } else {
        found.push_back({entry.url, v1::URL_KIND_SITEMAP, std::nullopt});
      }
    } else if (found.size() >= CrawlerOptions::kMaxSitemapItems ||
               !(entry.news || is_recent(entry, now))) {
      drop("not_news");
    } else {
      found.push_back({entry.url, v1::URL_KIND_ARTICLE, item_of(entry, task.state.url())});
    }
  }
  return found;
}

/// What a discovery is told apart by, in UrlState.handed_over: its address and what its feed says
/// of changes.
std::uint64_t Scheduler::print_of(const v1::Discovery& found) {
  const proto::Digest128 digest =
      proto::digest128(found.url() + "\n" + found.feed_item().updated());
  std::uint64_t out = 0;
  for (std::size_t i = 0; i < sizeof out; ++i) out = out << 8 | digest[i];
  return out;
}

/// A feed that announces a change brings the next look forward.
Result<void> Scheduler::announce(v1::UrlState known, const v1::FeedItem& item) {
  const bool announced = known.kind() == v1::URL_KIND_ARTICLE && known.has_feed_item() &&
                         known.fetches() > 0 && !item.updated().empty() &&
                         known.feed_item().feed_url() == item.feed_url() &&
                         known.feed_item().updated() != item.updated();
  if (!announced || in_hand_.count(known.url()) != 0) return {};
  *known.mutable_feed_item() = item;
  known.set_next_due_unix_ms(seams_.clock.now_unix_ms());
  return send_state(std::move(known));
}

/// True where the URL is new.
Result<bool> Scheduler::discover_own(Task& task, const std::string& url, const std::string& domain,
                                     Found found) {
  VIGIE_ASSIGN(std::optional<v1::UrlState> known, frontier_->find(url));
  if (known) {
    if (found.item) VIGIE_TRY(announce(std::move(*known), *found.item));
    return false;
  }
  if (lane_of(domain).waiting >= kMaxWaitingPerDomain) {
    drop("domain_full");
    return false;
  }
  const std::int64_t now = seams_.clock.now_unix_ms();
  v1::UrlState state;
  state.set_url(url);
  state.set_source_id(task.state.source_id());
  state.set_kind(found.kind);
  state.set_discovered_at_unix_ms(now);
  state.set_next_due_unix_ms(now);
  state.set_depth(task.state.depth() + 1);
  if (found.item) *state.mutable_feed_item() = std::move(*found.item);
  Event durable;
  durable.task = task.id;
  ++task.records_out;
  VIGIE_TRY(send_state(std::move(state), std::move(durable)));
  return true;
}

/// What a listing names: new URLs of our domains are remembered, those of others handed to their
/// owners unless they were at the last answer. Out: how many were new.
Result<std::size_t> Scheduler::discover(Task& task, std::vector<Found> found) {
  std::size_t fresh = 0;
  const std::unordered_set<std::uint64_t> told(task.state.handed_over().begin(),
                                               task.state.handed_over().end());
  task.state.clear_handed_over();
  for (Found& one : found) {
    auto normalised = url::normalise(one.url);
    if (!normalised) {
      drop("bad_url");
      continue;
    }
    const std::string domain = domain_of(*normalised);
    bool is_new = false;
    if (owns(domain)) {
      VIGIE_ASSIGN(is_new, discover_own(task, *normalised, domain, std::move(one)));
    } else {
      v1::Discovery discovery;
      discovery.set_url(*normalised);
      discovery.set_source_id(task.state.source_id());
      discovery.set_kind(one.kind);
      discovery.set_discovered_at_unix_ms(seams_.clock.now_unix_ms());
      discovery.set_depth(task.state.depth() + 1);
      if (one.item) *discovery.mutable_feed_item() = std::move(*one.item);
      const std::uint64_t print = print_of(discovery);
      is_new = told.count(print) == 0;
      if (static_cast<std::size_t>(task.state.handed_over_size()) < CrawlerOptions::kMaxHandedOver)
        task.state.add_handed_over(print);
      if (is_new) VIGIE_TRY(hand_over(task, discovery));
    }
    if (!is_new) continue;
    ++fresh;
    ++discovered_;
    seams_.metrics
        .counter("vigie_crawler_urls_discovered_total",
                 "Addresses seen for the first time, by where",
                 {{"via", v1::UrlKind_Name(task.state.kind()).substr(9)}})
        .add();
  }
  return fresh;
}

}  // namespace vigie::crawler
