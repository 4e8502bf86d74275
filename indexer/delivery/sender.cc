// One attempt over one channel: composed and judged by the adapter of its kind.
#include <utility>

#include "indexer/delivery/adapter.h"
#include "indexer/delivery/metrics.h"
#include "platform/text/utf8.h"

namespace vigie::indexer::delivery {
namespace {

constexpr std::size_t kErrorBytes = 256;

Attempt failed(const Error& error) {
  Attempt attempt;
  // where: may be a URL that is a secret
  attempt.error = text::prefix(error.detail + " (" + std::string(error.code) + ")", kErrorBytes);
  return attempt;
}

class ChannelSender final : public Sender {
 public:
  ChannelSender(net::HttpClient& client, Clock& clock, metrics::Registry& registry,
                SendOptions options)
      : client_(client), clock_(clock), options_(std::move(options)), metrics_(registry) {}

  void send(const Message& message, Done done) override {
    Attempt none;
    none.outcome = Outcome::kGone;
    const Adapter* adapter = adapter_of(message.channel.type());
    if (adapter == nullptr) {
      none.error = "this version delivers to channels of type " + kind_names();
      return done(std::move(none));
    }
    if (message.channel.type() == "email" && options_.mail == nullptr) {
      none.outcome = Outcome::kFailed;
      none.error = "e-mail is not set up here: email.smtp_url names the mail server";
      return done(std::move(none));
    }
    const Notice notice = notice_of(message);
    Result<Outgoing> outgoing = adapter->compose({message, notice, options_, clock_.now_unix_ms()});
    if (!outgoing) {
      none.error = outgoing.error().detail;
      return done(std::move(none));
    }
    if (auto* request = std::get_if<net::HttpRequest>(&*outgoing))
      post(std::move(*request), *adapter, std::move(done));
    else mail(std::move(std::get<net::MailRequest>(*outgoing)), *adapter, std::move(done));
  }

 private:
  // A response may come when this sender has gone: it refers only to what outlives the client's
  // calls.
  void post(net::HttpRequest request, const Adapter& adapter, Done done) {
    const auto begin = clock_.since_boot();
    client_.start(std::move(request), [begin, done = std::move(done), &adapter, &clock = clock_,
                                       &seconds = metrics_.attempt_seconds](
                                          const Result<net::HttpResponse>& response) {
      seconds.observe(std::chrono::duration<double>(clock.since_boot() - begin).count());
      if (!response) return done(failed(response.error()));
      done(adapter.attempt_of({static_cast<std::uint32_t>(response->status), response->body,
                               response->header("retry-after"), "", clock.now_unix_ms()}));
    });
  }

  void mail(net::MailRequest request, const Adapter& adapter, Done done) {
    const auto begin = clock_.since_boot();
    options_.mail->start(std::move(request), [begin, done = std::move(done), &adapter,
                                              &clock = clock_, &seconds = metrics_.attempt_seconds](
                                                 const Result<net::MailResponse>& response) {
      seconds.observe(std::chrono::duration<double>(clock.since_boot() - begin).count());
      if (!response) return done(failed(response.error()));
      done(adapter.attempt_of({static_cast<std::uint32_t>(response->status), response->text, "",
                               response->stage, clock.now_unix_ms()}));
    });
  }

  net::HttpClient& client_;
  Clock& clock_;
  SendOptions options_;
  DeliveryMetrics metrics_;
};

}  // namespace

std::unique_ptr<Sender> make_sender(net::HttpClient& client, Clock& clock,
                                    metrics::Registry& registry, SendOptions options) {
  return std::make_unique<ChannelSender>(client, clock, registry, std::move(options));
}

}  // namespace vigie::indexer::delivery
