#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "platform/clock/clock.h"
#include "platform/http/http.h"

namespace vigie::crawler::websub {

/// What a hub told of one feed.
struct HubCall {
  enum class Kind {
    kVerified,  // it will push, for `lease`
    kDenied,    // it will not
    kPushed,    // the feed has something new
  };
  Kind kind = Kind::kPushed;
  std::string feed;  // its URL, as the source files list it
  std::chrono::seconds lease{0};
  std::string reason = {};   // of kDenied
  std::string body = {};     // of kPushed: content to be read; "": the feed is to be polled
  std::string charset = {};  // of its Content-Type
};

/// Names and secrets of callbacks, made from one key: neither is kept anywhere, and who knows one
/// knows nothing of another.
class CallbackNames {
 public:
  /// `key`: 32 random bytes or more. `url`: what hubs can reach, from websub.callback_url.
  CallbackNames(std::string key, std::string_view url);

  std::string id(const std::string& feed, const std::string& hub, const std::string& topic) const;
  std::string secret(const std::string& id) const;
  std::string url(const std::string& id) const { return url_ + "/" + id; }
  /// 16 bytes that tell one callback URL from another.
  std::string hash(const std::string& id) const;

 private:
  std::string key_;
  std::string url_;
};

/// The door that hubs knock at: answers verifications and takes pushes, of subscriptions that were
/// asked for alone. Who does not know the name of a callback learns nothing (404). Thread-safe.
class Callbacks {
 public:
  /// Of one push. A feed that is larger is polled.
  static constexpr std::size_t kMaxBodyBytes = 4 << 20;
  /// Pushes that are taken and not worked on yet.
  static constexpr std::size_t kMaxWaitingBytes = 32 << 20;
  /// Pushes of one feed in a minute.
  static constexpr std::uint32_t kMostAMinute = 60;
  static constexpr std::size_t kMaxChallengeBytes = 4'096;
  /// Bodies that are remembered of one feed: the same once more is answered, and does nothing.
  static constexpr std::size_t kRemembered = 16;

  enum class Outcome { kTaken, kRepeated, kUnknown, kBadSignature, kTooMany };
  /// `clock` must outlive this.
  explicit Callbacks(const Clock& clock) : clock_(clock) {}
  /// `sink` gets what hubs tell, on threads of the server; `count` how each push ended. Before any
  /// feed is expected.
  void connect(std::function<void(HubCall)> sink, std::function<void(Outcome)> count);

  struct Expected {
    std::string feed;
    std::string topic;
    std::string secret;
    bool subscribes = true;  // false: the hub is to stop, and pushes are passed over
    bool reads_body = true;  // false: what is pushed may have been changed on its way
  };
  void expect(const std::string& id, Expected expected);
  void forget(const std::string& id);
  void forget_all();
  /// A push was worked on.
  void done(std::size_t body_bytes);

  /// GET: the hub asks whether the subscription is meant (WebSub §5.3), or denies it (§5.2).
  http::Response verify(const http::Request& request);
  /// POST: the hub pushes (§7).
  http::Response push(const http::Request& request);

 private:
  struct Known {
    Expected expected;
    std::deque<std::string> bodies;  // digests of the last ones
    std::chrono::milliseconds minute{0};
    std::uint32_t in_minute = 0;
  };
  http::Response refuse(Outcome outcome);
  bool is_one_too_many(Known& known);

  std::function<void(HubCall)> sink_;
  std::function<void(Outcome)> count_;
  const Clock& clock_;
  std::mutex mutex_;
  std::map<std::string, Known, std::less<>> known_;  // by id
  std::size_t waiting_bytes_ = 0;
};

/// The routes of a server that hubs reach: the path of the callback URL, and behind it the name of
/// a callback.
std::shared_ptr<http::Router> callback_router(std::shared_ptr<Callbacks> callbacks,
                                              std::string_view callback_url);

}  // namespace vigie::crawler::websub
