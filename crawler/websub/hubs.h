#pragma once

#include <memory>
#include <optional>
#include <string>

#include "crawler/websub/callbacks.h"
#include "crawler/websub/hub_feeds.h"
#include "platform/clock/clock.h"

namespace vigie::crawler::websub {

/// All that is known of hubs, and the door for them. Where pushes are not taken the one stays empty
/// and the other is null.
struct Hubs {
  HubFeeds feeds{std::nullopt};
  std::shared_ptr<Callbacks> callbacks = nullptr;
};

/// `callback_url`: what hubs can reach; "": pushes are not taken. `key`: what names and secrets are
/// made of. `clock` must outlive the callbacks.
inline std::shared_ptr<Hubs> make_hubs(const std::string& callback_url, std::string key,
                                       const Clock& clock) {
  auto hubs = std::make_shared<Hubs>();
  if (callback_url.empty()) return hubs;
  hubs->feeds = HubFeeds(CallbackNames(std::move(key), callback_url));
  hubs->callbacks = std::make_shared<Callbacks>(clock);
  return hubs;
}

}  // namespace vigie::crawler::websub
