#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "crawler/feeds/feed.h"
#include "crawler/robots/robots.h"
#include "platform/net/http_client.h"
#include "platform/result/result.h"
#include "platform/url/url.h"
#include "proto/source_edit.pb.h"

namespace vigie::crawler::discovery {

/// Finds what can be polled at a URL that somebody typed: the feeds that its page names, news
/// sitemaps of its robots.txt, else the page itself; with the latest items, what robots.txt says,
/// and language and country as far as they can be guessed. It only answers: next() says what is to
/// be asked, take() takes the response. robots.txt is obeyed at every hop. One thread.
class Discovery {
 public:
  static constexpr std::size_t kLookedAt = 3;  // listings that are read
  static constexpr std::size_t kLatest = 5;    // items of each
  static constexpr std::size_t kMostFound = 20;
  static constexpr std::size_t kMostRequests = 24;
  /// Bytes that are read of a response.
  static constexpr std::size_t kPageBytes = 8ULL << 20;

  explicit Discovery(v1::DiscoveryRequest request);

  struct Ask {
    url::Url url;
    bool robots = false;
  };
  /// What is to be asked next; nothing: it is over, and answer() is whole. `may`: whether this
  /// crawler may contact the host. A URL elsewhere is named in the response.
  std::optional<Ask> next(const std::function<bool(const url::Url&)>& may);
  /// The response to what next() said.
  void take(const Result<net::HttpResponse>& response, std::int64_t now_unix_ms);
  /// Whoever waits has waited long enough: what was not looked at is named without its items.
  void end() { tasks_.clear(); }
  const v1::DiscoveryResponse& response() const { return response_; }

 private:
  /// A page or a listing to be read.
  struct Task {
    url::Url url;
    std::vector<std::string> visited;
    int listing = kPage;  // place in the answer's `found`; kPage: the URL itself; kGuess
  };
  static constexpr int kPage = -1;
  static constexpr int kGuess = -2;  // a URL where feeds often are
  struct Rules {
    robots::Robots rules;
    bool unreachable = false;
    std::string reason;
    std::string detail;
  };

  Task& task() { return tasks_.front(); }
  bool allowed(const Rules& rules);
  void take_robots(const Result<net::HttpResponse>& response);
  void fail(const std::string& reason, const std::string& detail);
  bool ask_without_tls(const Error& error);
  void read_page(const net::HttpResponse& response, std::int64_t now_unix_ms);
  void read_html(const net::HttpResponse& response, std::int64_t now_unix_ms);
  void read_section(const net::HttpResponse& response, std::int64_t now_unix_ms);
  void read_listing(const net::HttpResponse& response);
  void take_feed(const feeds::Feed& feed, v1::FoundListing& listing);
  v1::FoundListing* add(const std::string& kind, const std::string& url);
  void guess_feeds(const url::Url& home);
  void finish();
  void queue(const url::Url& url, int listing);

  v1::DiscoveryRequest request_;
  v1::DiscoveryResponse response_;
  std::deque<Task> tasks_;
  std::map<std::string, Rules> robots_;      // by origin
  std::optional<url::Url> robots_url_;       // asked for, or to be asked for
  std::vector<std::string> robots_visited_;  // hops of its redirects
  std::string robots_origin_;                // whose it is
  std::optional<v1::FoundListing> section_;  // what the page itself lists, where no feed is found
  std::size_t requests_ = 0;
};

/// ISO 3166-1 alpha-2 of a domain of a country or of the region of a language; "" where neither
/// tells. Domains of countries that the whole world uses (.ai, .io, .tv …) tell nothing. `from`:
/// "domain", "language" or "".
std::string guess_country(const std::string& host, const std::string& language, std::string& from);
/// The name of a site as its title says it: what stands in it twice stands once.
std::string tidy_name(const std::string& title);

}  // namespace vigie::crawler::discovery
