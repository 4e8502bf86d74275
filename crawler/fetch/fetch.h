#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "crawler/fetch/cookies.h"
#include "crawler/fetch/outcome.h"
#include "crawler/fetch/requests.h"
#include "platform/net/http_client.h"
#include "platform/result/result.h"
#include "platform/url/url.h"
#include "proto/frontier.pb.h"

namespace vigie::crawler::fetch {

/// A redirect that may be followed: Fetch::follow() does.
struct Redirected {
  url::Url target;
  bool permanent = false;
};
/// 304: the same as last time.
struct NotModified {};
/// 2xx: there is a body to be read.
struct Body {};
/// The response was no HTTP as most programs read it. The same request once more: the client reads
/// that response by hand.
struct Again {};
/// What the response of one hop means for its fetch.
using Meaning = std::variant<Redirected, NotModified, Body, Again, Failed>;

/// Whether permanent redirects have led a poll to the same new URL for so long that it is asked
/// there.
bool has_moved(const v1::UrlState& state);
/// How long, and how often in a row. A mistake heals by itself: every tenth poll begins at the
/// listed URL, as does the one after a failure.
inline constexpr std::chrono::milliseconds kMovedAfter{3'600'000};
inline constexpr std::uint32_t kMovedPolls = 3;

/// One URL over all its hops, from being taken out of its queue until what it gave is known. Before
/// a hop whose robots.txt is not known, the fetch asks for that; redirects of robots.txt are hops
/// of their own. The fetch only answers: it makes requests and reads responses, and sends nothing.
/// One thread.
class Fetch {
 public:
  /// Begins at the URL as it was published. Nothing for a URL that cannot be fetched.
  static std::optional<Fetch> begin(v1::UrlState state);
  /// A poll that has moved for good begins at its new URL, where it may. Before the first
  /// request.
  void begin_where_it_moved(const std::function<bool(const url::Url&)>& may);

  /// The state as it was when the URL was taken.
  const v1::UrlState& state() const { return state_; }
  const std::string& url() const { return state_.url(); }
  bool is_page() const { return state_.kind() == v1::URL_KIND_ARTICLE; }
  /// Of the hop that is next, or whose response came last, robots.txt left out.
  const url::Url& current() const { return current_; }
  bool redirected() const { return visited_.size() > 1; }
  /// Where permanent redirects alone have led, "" where there was none.
  std::string moved_to() const;
  bool began_at_new_address() const { return moved_; }
  /// Whom the next request goes to.
  const url::Url& next_url() const { return robots_ ? robots_->url : current_; }
  /// The last request for the URL itself.
  const net::HttpRequest& last_request() const { return last_request_; }

  /// The next request. `robots_bytes`: how much of a robots.txt is read.
  net::HttpRequest next_request(const BodyLimits& limits, std::size_t robots_bytes);

  /// Asks for robots.txt of the current hop first.
  void ask_robots(url::Url robots_url);
  bool asks_robots() const { return robots_.has_value(); }
  /// Whose robots.txt is asked for: scheme://host:port of the current hop.
  const std::string& robots_origin() const { return robots_->origin; }
  /// Where a response to robots.txt redirects to; nothing where it is none that can be followed.
  std::optional<url::Url> robots_redirect(const Result<net::HttpResponse>& response) const;
  void follow_robots(url::Url target);
  /// Whether robots.txt is asked for once more because of how its response came. Once a hop.
  bool robots_again(const Result<net::HttpResponse>& response);
  /// What robots.txt says is known now: the next request is for the URL itself.
  void robots_known() { robots_.reset(); }

  /// Takes the cookies that a response to the URL itself sets, for the hops that follow.
  void take_cookies(const net::HttpResponse& response, std::int64_t now_unix_ms);
  /// What the response to the URL itself means.
  Meaning meaning_of(const Result<net::HttpResponse>& response);
  /// `permanent`: the redirect tells that the old URL is not to be used any more.
  void follow(url::Url target, bool permanent = false);

 private:
  struct RobotsHop {
    std::string origin;
    url::Url url;
    std::vector<std::string> visited;
    bool again = false;
  };
  Fetch(v1::UrlState state, url::Url url);
  Meaning failed_with(int status) const;
  std::optional<Meaning> refreshed(const net::HttpResponse& response) const;

  v1::UrlState state_;
  url::Url current_;
  std::vector<std::string> visited_;  // hop_key() of the chain, that of `current_` last
  CookieJar cookies_;
  bool conditional_ = false;      // validators are sent to the URL that gave them
  bool sent_validators_ = false;  // with the last request
  bool permanent_ = true;         // all redirects so far
  bool moved_ = false;            // it began at the new URL
  bool again_ = false;            // the current hop was asked twice already
  std::optional<RobotsHop> robots_;
  net::HttpRequest last_request_;
};

}  // namespace vigie::crawler::fetch
