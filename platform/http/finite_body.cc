#include "platform/http/finite_body.h"

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

#include "platform/logging/logging.h"

namespace vigie::http {
namespace {

constexpr std::size_t kPiecesAhead = 2;

class ProducedStream final : public BodyStream {
 public:
  explicit ProducedStream(std::shared_ptr<FiniteBody> body) : body_(std::move(body)) {}
  ~ProducedStream() override {
    // Stopped before it is waited for, and before what it works on goes.
    thread_.request_stop();
  }

  std::optional<std::string> take() override {
    const std::lock_guard lock(mutex_);
    if (pieces_.empty()) return ended_ ? std::nullopt : std::optional<std::string>(std::string());
    std::string piece = std::move(pieces_.front());
    pieces_.pop_front();
    taken_.notify_one();
    return piece;
  }

  void on_ready(std::function<void()> wake) override {
    wake_ = std::move(wake);
    thread_ = std::jthread([this](const std::stop_token& stop) { produce(stop); });
  }

  bool is_whole() const override {
    const std::lock_guard lock(mutex_);
    return ended_ && whole_ && pieces_.empty();
  }

 private:
  void produce(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      std::optional<std::string> piece;
      try {
        piece = body_->next(stop);
      } catch (const std::exception& exception) {
        logging::error("http body failed", {{"exception", exception.what()}});
      }
      std::unique_lock lock(mutex_);
      if (!piece) break;
      if (piece->empty()) continue;
      pieces_.push_back(std::move(*piece));
      lock.unlock();
      wake_();
      lock.lock();
      taken_.wait(lock, stop, [this] { return pieces_.size() < kPiecesAhead; });
    }
    {
      const std::lock_guard lock(mutex_);
      ended_ = true;
      whole_ = body_->is_whole();
    }
    wake_();
  }

  std::shared_ptr<FiniteBody> body_;
  std::function<void()> wake_;
  mutable std::mutex mutex_;
  std::condition_variable_any taken_;
  std::deque<std::string> pieces_;
  bool ended_ = false;
  bool whole_ = false;
  std::jthread thread_;  // goes first
};

}  // namespace

std::unique_ptr<BodyStream> produced(std::shared_ptr<FiniteBody> body) {
  return std::make_unique<ProducedStream>(std::move(body));
}

}  // namespace vigie::http
