#include "crawler/websub/hub_feeds.h"

#include <utility>

#include "crawler/websub/subscription.h"

namespace vigie::crawler::websub {

std::string HubFeeds::id_of(const std::string& feed,
                            const v1::HubSubscription& subscription) const {
  return names_->id(feed, subscription.hub(), subscription.topic());
}

v1::HubSubscription* HubFeeds::find(const std::string& feed) {
  const auto found = feeds_.find(feed);
  return found == feeds_.end() ? nullptr : &found->second;
}

void HubFeeds::load(const v1::UrlState& state, std::int64_t now_unix_ms) {
  if (!is_on() || !state.has_push() || feeds_.contains(state.url())) return;
  const std::string hash = names_->hash(id_of(state.url(), state.push()));
  v1::HubSubscription& kept = feeds_[state.url()];
  kept = state.push();
  begun_.push_back(state.url());
  if (kept.callback() != hash) kept = begin(kept.hub(), kept.topic(), hash, now_unix_ms);
}

void HubFeeds::named(const std::string& feed, const HubLinks& links, std::int64_t now_unix_ms) {
  if (!is_on()) return;
  v1::HubSubscription* known = find(feed);
  if (links.hub.empty()) {
    if (known != nullptr && ++missing_[feed] >= kMissing) drop(feed);
    return;
  }
  missing_.erase(feed);
  if (known != nullptr && known->hub() == links.hub && known->topic() == links.topic) return;
  if (known != nullptr) drop(feed);
  const std::string id = names_->id(feed, links.hub, links.topic);
  begun_.push_back(feed);
  feeds_[feed] = begin(links.hub, links.topic, names_->hash(id), now_unix_ms);
}

void HubFeeds::give_to(v1::UrlState& state) const {
  const auto found = feeds_.find(state.url());
  if (found == feeds_.end()) {
    state.clear_push();
  } else {
    *state.mutable_push() = found->second;
  }
}

void HubFeeds::take_from(const v1::UrlState& state) {
  if (v1::HubSubscription* known = find(state.url()); known != nullptr && state.has_push())
    *known = state.push();
}

void HubFeeds::drop(const std::string& feed) {
  const auto found = feeds_.find(feed);
  if (found == feeds_.end()) return;
  left_.push_back({feed, std::move(found->second)});
  feeds_.erase(found);
  missing_.erase(feed);
  thin_.erase(feed);
}

void HubFeeds::clear() {
  feeds_.clear();
  missing_.clear();
  thin_.clear();
  begun_.clear();
  left_.clear();
}

}  // namespace vigie::crawler::websub
