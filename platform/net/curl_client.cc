// libcurl's multi interface on a thread of its own. Requests wait here, not inside libcurl, so that
// waiting does not use up their clocks.
#include <curl/curl.h>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <unordered_set>

#include "platform/net/http_client.h"
#include "platform/net/transfer.h"

namespace vigie::net {
namespace {

/// How often stalled transfers are looked for while some are under way; sockets and wake-ups are
/// noticed at once.
constexpr int kTickMs = 200;
constexpr int kIdleTickMs = 10'000;

void initialise_curl_once() {
  static const CURLcode kDone = curl_global_init(CURL_GLOBAL_DEFAULT);
  VIGIE_INVARIANT(kDone == CURLE_OK);
}

struct FreeMulti {
  void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};

/// Origins whose last response was none that libcurl reads: the next is read by hand. Where that
/// fails, too, libcurl has the next turn.
class MalformedOrigins {
 public:
  const std::unordered_set<std::string>& all() const { return origins_; }
  void note(const Transfer& transfer) {
    if (origins_.size() >= kMost) origins_.clear();
    if (transfer.by_hand()) {
      origins_.erase(transfer.origin());
    } else {
      origins_.insert(transfer.origin());
    }
  }

 private:
  static constexpr std::size_t kMost = 10'000;
  std::unordered_set<std::string> origins_;
};

class CurlClient final : public HttpClient {
 public:
  explicit CurlClient(CurlOptions options) : options_(std::move(options)) {
    initialise_curl_once();
    multi_.reset(curl_multi_init());
    VIGIE_INVARIANT(multi_ != nullptr);
    curl_multi_setopt(multi_.get(), CURLMOPT_MAXCONNECTS,
                      static_cast<long>(options_.max_connections));
    thread_ = std::thread([this] { run(); });
  }

  ~CurlClient() override {
    stopping_ = true;
    curl_multi_wakeup(multi_.get());
    thread_.join();
  }

  void start(HttpRequest request, Done done) override {
    auto transfer = std::make_unique<Transfer>(std::move(request), std::move(done), options_);
    {
      const std::lock_guard lock(mutex_);
      incoming_.push_back(std::move(transfer));
    }
    curl_multi_wakeup(multi_.get());
  }

 private:
  using Owned = std::unique_ptr<Transfer>;
  struct Host {
    std::size_t active = 0;
    std::deque<Owned> waiting;
  };

  void run() {
    while (!stopping_) {
      take_incoming();
      start_waiting();
      int running = 0;
      curl_multi_perform(multi_.get(), &running);
      collect_finished();
      read_by_hand();
      end_stalled();
      start_waiting();
      std::vector<curl_waitfd> more;
      for (CURL* easy : by_hand_) more.push_back(active_.at(easy)->wait_for());
      curl_multi_poll(multi_.get(), more.data(), static_cast<unsigned>(more.size()),
                      active_.empty() ? kIdleTickMs : kTickMs, nullptr);
    }
    stop_all();
  }

  void take_incoming() {
    std::deque<Owned> arrived;
    {
      const std::lock_guard lock(mutex_);
      arrived.swap(incoming_);
    }
    for (Owned& transfer : arrived) {
      if (auto ready = transfer->prepare(malformed_.all()); !ready) {
        transfer->fail(std::move(ready.error()));
        continue;
      }
      const std::string origin = transfer->origin();
      hosts_[origin].waiting.push_back(std::move(transfer));
      ready_.push_back(origin);
    }
  }

  /// Each waiting request has put its host into `ready_` once; a host at its limit comes back when
  /// one of its requests ends.
  void start_waiting() {
    while (!ready_.empty() && active_.size() < options_.max_connections) {
      const std::string origin = std::move(ready_.front());
      ready_.pop_front();
      const auto found = hosts_.find(origin);
      if (found == hosts_.end() || found->second.waiting.empty() ||
          found->second.active >= options_.max_per_host)
        continue;
      Owned transfer = std::move(found->second.waiting.front());
      found->second.waiting.pop_front();
      ++found->second.active;
      transfer->started(machine_now());
      CURL* easy = transfer->easy();
      VIGIE_INVARIANT(curl_multi_add_handle(multi_.get(), easy) == CURLM_OK);
      active_.emplace(easy, std::move(transfer));
    }
  }

  /// Takes a transfer out of libcurl and frees its place.
  Owned take_out(CURL* easy) {
    by_hand_.erase(easy);
    curl_multi_remove_handle(multi_.get(), easy);
    const auto found = active_.find(easy);
    VIGIE_INVARIANT(found != active_.end());
    Owned transfer = std::move(found->second);
    active_.erase(found);
    const auto host = hosts_.find(transfer->origin());
    --host->second.active;
    if (!host->second.waiting.empty()) {
      ready_.push_back(transfer->origin());
    } else if (host->second.active == 0) {
      hosts_.erase(host);
    }
    return transfer;
  }

  void collect_finished() {
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      // read before the handle, and with it the message, goes
      const CURLcode code = message->data.result;
      CURL* easy = message->easy_handle;
      Transfer& transfer = *active_.at(easy);
      if (transfer.by_hand() && code == CURLE_OK) {
        transfer.connected_by_hand();
        by_hand_.insert(easy);
      } else {
        end(easy, code);
      }
    }
  }

  void end(CURL* easy, CURLcode code) {
    const Owned transfer = take_out(easy);
    const bool malformed = transfer->finish(code);
    if (malformed && transfer->can_be_read_by_hand()) malformed_.note(*transfer);
  }

  void read_by_hand() {
    const auto now = machine_now();
    const std::vector<CURL*> reading(by_hand_.begin(), by_hand_.end());
    for (CURL* easy : reading) {
      if (const auto code = active_.at(easy)->pump(now)) end(easy, *code);
    }
  }

  void end_stalled() {
    const auto now = machine_now();
    std::vector<CURL*> stalled;
    for (const auto& [easy, transfer] : active_) {
      if (transfer->is_stalled(now)) stalled.push_back(easy);
    }
    for (CURL* easy : stalled) take_out(easy)->finish_stalled();
  }

  void stop_all() {
    const auto stopped = [] {
      return Error{"stopped", Disposition::kRetry,
                   "the HTTP client is ending; the request is made again after the restart", ""};
    };
    while (!active_.empty()) take_out(active_.begin()->first)->fail(stopped());
    std::deque<Owned> rest;
    for (auto& [origin, host] : hosts_) {
      for (Owned& transfer : host.waiting) rest.push_back(std::move(transfer));
    }
    hosts_.clear();
    for (Owned& transfer : rest) transfer->fail(stopped());
    for (;;) {
      std::deque<Owned> late;  // started by callbacks
      {
        const std::lock_guard lock(mutex_);
        late.swap(incoming_);
      }
      if (late.empty()) return;
      for (Owned& transfer : late) transfer->fail(stopped());
    }
  }

  const CurlOptions options_;
  std::unique_ptr<CURLM, FreeMulti> multi_;
  std::atomic<bool> stopping_{false};
  std::mutex mutex_;
  std::deque<Owned> incoming_;  // guarded by mutex_

  // Of the client's thread alone.
  std::unordered_map<CURL*, Owned> active_;
  std::unordered_map<std::string, Host> hosts_;  // by origin
  std::deque<std::string> ready_;
  std::unordered_set<CURL*> by_hand_;  // of the active, those that are connected and read by us
  MalformedOrigins malformed_;

  std::thread thread_;
};

}  // namespace

std::unique_ptr<HttpClient> make_curl_client(CurlOptions options) {
  return std::make_unique<CurlClient>(std::move(options));
}

}  // namespace vigie::net
