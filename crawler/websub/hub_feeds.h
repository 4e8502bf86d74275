#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "crawler/websub/callbacks.h"
#include "crawler/websub/hub_links.h"
#include "proto/frontier.pb.h"

namespace vigie::crawler::websub {

/// The newest word on the subscription of each feed that names a hub. The states of URLs keep a
/// copy (UrlState.push); what stands here goes before it. Without a callback URL nothing stands
/// here ever. One thread.
class HubFeeds {
 public:
  /// `names`: nothing where pushes are not taken.
  explicit HubFeeds(std::optional<CallbackNames> names) : names_(std::move(names)) {}

  bool is_on() const { return names_.has_value(); }
  const CallbackNames& names() const { return *names_; }

  /// The state of a listed feed of a partition that was taken over. A subscription whose callback
  /// had another URL is asked for anew.
  void load(const v1::UrlState& state, std::int64_t now_unix_ms);
  /// What a response says of the hub. A hub that is not named any more is left after kMissing
  /// responses in a row.
  void named(const std::string& feed, const HubLinks& links, std::int64_t now_unix_ms);
  /// Puts the newest word into a state that is to be kept, or takes the old one out of it.
  void give_to(v1::UrlState& state) const;
  /// What a poll or a push has taught of the hub.
  void take_from(const v1::UrlState& state);
  /// A hub said that there is something new, and not what: the next poll finds what it told.
  void note_thin(const std::string& feed) { thin_.insert(feed); }
  bool take_thin(const std::string& feed) { return thin_.erase(feed) > 0; }
  /// The feed is no longer listed.
  void drop(const std::string& feed);
  void clear();

  v1::HubSubscription* find(const std::string& feed);
  std::string id_of(const std::string& feed, const v1::HubSubscription& subscription) const;
  std::map<std::string, v1::HubSubscription>& all() { return feeds_; }

  /// Subscriptions that were left since this was asked last.
  struct Left {
    std::string feed;
    v1::HubSubscription subscription;
  };
  /// Feeds whose subscription began, or was loaded, since this was asked last.
  std::vector<std::string> take_begun() { return std::exchange(begun_, {}); }
  std::vector<Left> take_left() { return std::exchange(left_, {}); }

 private:
  static constexpr std::uint32_t kMissing = 3;

  std::optional<CallbackNames> names_;
  std::map<std::string, v1::HubSubscription> feeds_;  // by URL of the feed
  std::map<std::string, std::uint32_t> missing_;      // responses in a row that named no hub
  std::set<std::string> thin_;
  std::vector<std::string> begun_;
  std::vector<Left> left_;
};

}  // namespace vigie::crawler::websub
