#pragma once

#include "indexer/api/call.h"

namespace vigie::indexer::subscriptions {
class SubscriptionStore;
}

namespace vigie::indexer::api {

/// What a mail's List-Unsubscribe names (RFC 8058): a page that asks, and the POST that ends the
/// mails, by a press on the page or by a mail program. No key is asked for: the token of the
/// address proves that whoever has it was sent the mail. Thread-safe.
class UnsubscribeApi {
 public:
  explicit UnsubscribeApi(subscriptions::SubscriptionStore& store) : store_(store) {}
  Routes routes();

 private:
  http::Response ask(const Call& call);
  http::Response end(const Call& call);

  subscriptions::SubscriptionStore& store_;
};

}  // namespace vigie::indexer::api
