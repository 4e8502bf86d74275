// Generic webhooks: Standard Webhooks with a CloudEvent as body (ops/spec/http_api.md, "Webhooks").
#include "indexer/delivery/adapter.h"

namespace vigie::indexer::delivery {
namespace {

class WebhookAdapter final : public Adapter {
 public:
  Result<Outgoing> compose(const Envelope& envelope) const override {
    const Message& message = envelope.message;
    net::HttpRequest request = json_post(message.channel.url(), cloud_event(message));
    VIGIE_ASSIGN(const std::string signed_by, signatures(message.channel, message.delivery_id,
                                                         envelope.now_unix_ms, request.body));
    request.headers = {{"content-type", "application/cloudevents+json; charset=utf-8"},
                       {"webhook-id", message.delivery_id},
                       {"webhook-timestamp", std::to_string(envelope.now_unix_ms / 1000)},
                       {"webhook-signature", signed_by}};
    return Outgoing(std::move(request));
  }

  Attempt attempt_of(const ServiceResponse& response) const override {
    return attempt_of_http(response);
  }
};

}  // namespace

const Adapter& webhook_adapter() {
  static const WebhookAdapter kAdapter;
  return kAdapter;
}

}  // namespace vigie::indexer::delivery
