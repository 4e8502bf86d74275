#include "crawler/politeness/resolver.h"

#include <netdb.h>
#include <sys/socket.h>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

namespace vigie::crawler::politeness {
namespace {

/// Names looked up at once: enough for the hosts of a source list to be known within the first gap,
/// and few enough for any name server.
constexpr std::size_t kThreads = 8;
/// Names that wait; beyond, the crawler goes on without knowing.
constexpr std::size_t kMaxWaiting = 1'000;
/// A name that waited so long is not looked up any more: nobody waits for it.
constexpr std::chrono::seconds kWorthless{5};

std::vector<std::string> look_up(const std::string& host) {
  addrinfo wanted{};
  wanted.ai_family = AF_UNSPEC;
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  std::vector<std::string> out;
  if (getaddrinfo(host.c_str(), nullptr, &wanted, &found) != 0) return out;
  for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
    char text[NI_MAXHOST];
    if (getnameinfo(one->ai_addr, one->ai_addrlen, text, sizeof text, nullptr, 0, NI_NUMERICHOST) ==
        0)
      out.emplace_back(text);
  }
  freeaddrinfo(found);
  return out;
}

struct Waiting {
  std::string host;
  Resolver::Done done;
  std::chrono::milliseconds since;  // boot
};

/// Outlives the resolver while a thread is inside the name service.
struct Queue {
  explicit Queue(const Clock& machine) : clock(machine) {}
  const Clock&
      clock;  // asked under the lock and while not closed: it may be gone with the resolver
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<Waiting> waiting;
  std::size_t threads = 0;
  std::size_t idle = 0;
  bool closed = false;
};

void work(const std::shared_ptr<Queue>& queue) {
  std::unique_lock lock(queue->mutex);
  for (;;) {
    ++queue->idle;
    queue->changed.wait(lock, [&] { return queue->closed || !queue->waiting.empty(); });
    --queue->idle;
    if (queue->closed) return;
    Waiting next = std::move(queue->waiting.front());
    queue->waiting.pop_front();
    const bool wanted = queue->clock.since_boot() - next.since < kWorthless;
    lock.unlock();
    std::vector<std::string> addresses;
    if (wanted) addresses = look_up(next.host);
    lock.lock();
    if (queue->closed) return;
    // Under the lock, so that nothing is called back once the resolver is gone.
    next.done(std::move(addresses));
  }
}

class SystemResolver final : public Resolver {
 public:
  explicit SystemResolver(const Clock& clock) : queue_(std::make_shared<Queue>(clock)) {}
  ~SystemResolver() override {
    const std::lock_guard lock(queue_->mutex);
    queue_->closed = true;
    queue_->waiting.clear();
    queue_->changed.notify_all();
  }

  void resolve(const std::string& host, Done done) override {
    {
      const std::lock_guard lock(queue_->mutex);
      if (queue_->waiting.size() < kMaxWaiting) {
        queue_->waiting.push_back({host, std::move(done), queue_->clock.since_boot()});
        if (queue_->idle == 0 && queue_->threads < kThreads) {
          ++queue_->threads;
          std::thread([queue = queue_] { work(queue); }).detach();
        }
        queue_->changed.notify_one();
        return;
      }
    }
    done({});
  }

 private:
  std::shared_ptr<Queue> queue_;
};

}  // namespace

std::unique_ptr<Resolver> make_system_resolver(const Clock& clock) {
  return std::make_unique<SystemResolver>(clock);
}

}  // namespace vigie::crawler::politeness
