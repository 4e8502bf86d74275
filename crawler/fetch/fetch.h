#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

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
};
/// 304: the same as last time.
struct NotModified {};
/// 2xx: there is a body to be read.
struct Body {};
/// What the response of one hop means for its fetch.
using Meaning = std::variant<Redirected, NotModified, Body, Failed>;

/// One URL over all its hops, from being taken out of its queue until what it gave is known. Before
/// a hop whose robots.txt is not known, the fetch asks for that; redirects of robots.txt are hops
/// of their own. The fetch only answers: it makes requests and reads responses, and sends nothing.
/// One thread.
class Fetch {
 public:
  /// Nothing for a URL that cannot be fetched.
  static std::optional<Fetch> begin(v1::UrlState state);

  /// The state as it was when the URL was taken.
  const v1::UrlState& state() const { return state_; }
  const std::string& url() const { return state_.url(); }
  bool is_page() const { return state_.kind() == v1::URL_KIND_ARTICLE; }
  /// Of the hop that is next, or whose response came last, robots.txt left out.
  const url::Url& current() const { return current_; }
  bool redirected() const { return visited_.size() > 1; }
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
  /// What robots.txt says is known now: the next request is for the URL itself.
  void robots_known() { robots_.reset(); }

  /// What the response to the URL itself means. The fetch is as it was.
  Meaning meaning_of(const Result<net::HttpResponse>& response) const;
  void follow(url::Url target);

 private:
  struct RobotsHop {
    std::string origin;
    url::Url url;
    std::vector<std::string> visited;
  };
  Fetch(v1::UrlState state, url::Url url);
  Meaning failed_with(int status) const;

  v1::UrlState state_;
  url::Url current_;
  std::vector<std::string> visited_;  // URLs of the chain, `current_` last
  bool conditional_ = false;
  std::optional<RobotsHop> robots_;
  net::HttpRequest last_request_;
};

}  // namespace vigie::crawler::fetch
